package views

import (
	"fmt"
	"strings"

	"github.com/a-h/templ"
)

// The samples are what goldens, gallery and benchmarks show: the same names
// as the demo, with the awkward ones among them.

const (
	contosoID   = "9d3f6b1e-0c42-4e7a-b8a5-51f0c7e2d916"
	northwindID = "e4c31f77-5a0d-4b8e-9d16-7c02ab93e52a"
	corrID      = "5b7e0c94-1f2d-4d0a-8a67-c1b2f0e39d54"
	contosoName = "Contoso Deutschland GmbH & Co. KG"
	hostileText = "<img src=x onerror=alert(1)>\u202e\"'&"
)

func ago(machine, text, exact string) Time { return Time{Machine: machine, Text: text, Exact: exact} }

var (
	synced14 = ago("2026-06-16T11:50:00Z", "14 min ago", "16 Jun 2026 13:50:00 CEST")
	read1402 = ago("2026-06-16T12:02:00Z", "14:02", "16 Jun 2026 14:02:00 CEST")
)

func sampleChrome(title, here string) Chrome {
	return Chrome{
		Title: title, Here: templ.SafeURL(here), Nav: NavCustomers, Version: "1.0.0",
		Person:  Person{Name: "Priya Nair", UPN: "priya.nair@fabrikam-cloud.example"},
		Partner: "Fabrikam Cloud Services", TimeZone: "Europe/Berlin",
		IdleSeconds: 3600, AbsoluteSeconds: 43200, IdleAfter: "60 minutes", AbsoluteAfter: "12 hours",
	}
}

func sampleCustomer() CustomerHead {
	return CustomerHead{
		ID: contosoID, Name: contosoName, Domain: "contoso.example", Path: "/customers/" + contosoID + "/users",
		Ticket: "INC-20417", TicketPath: "/customers/" + contosoID + "/ticket",
		Starred: true, Star: "/customers/" + contosoID + "/star",
	}
}

// sampleRows are n users, the awkward ones first.
func sampleRows(n int) []UserRow {
	people := []struct{ name, upn, location, domainType string }{
		{"Ahmed Al-Farsi", "a.alfarsi@contoso.example", "United Arab Emirates", "Federated"},
		{"عائشة الهاشمي", "a.alhashimi@contoso.example", "United Arab Emirates", "Federated"},
		{"Agnieszka Wójcik", "a.wojcik@contoso.example", "Poland", "Managed"},
		{"Anneliese Freifrau von Schwarzenberg-Hohenstein zu Wittelsbach", "anneliese.von-schwarzenberg-hohenstein-zu-wittelsbach@contoso.example", "Germany", "Federated"},
		{"Beatriz Fernández Ortega", "b.fernandez@contoso.example", "Spain", "Federated"},
		{"Bùi Thị Thanh Hương", "b.thithanhhuong@contoso.example", "Viet Nam", "Managed"},
		{"", "backup-svc@contoso.example", "", "Managed"},
		{"Carsten Brandt", "c.brandt@contoso.example", "Germany", "Federated"},
		{"Chloé Lefèvre", "c.lefevre@contoso.example", "France", "Managed"},
		{"佐藤 健", "k.sato@contoso.example", "Japan", "Managed"},
		{"Dana (Partner)", "dana_fabrikam.example#EXT#@contoso.onmicrosoft.com", "Netherlands", "Managed"},
		{"Ödön Szabó", "o.szabo@contoso.example", "Hungary", ""},
	}
	rows := make([]UserRow, n)
	for i := range rows {
		p := people[i%len(people)]
		if i >= len(people) && p.name != "" {
			p.name = fmt.Sprintf("%s %s", p.name, []string{"Berg", "Çelik", "Novák", "O’Brien", "Łuczak"}[i%5])
			p.upn = fmt.Sprintf("u%03d.%s", i, p.upn)
		}
		rows[i] = UserRow{
			ID:          fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", uint32(i)*2654435761, uint16(i*40503), i%4096, (i*7)%4096, uint64(i)*11400714819323198485>>16),
			DisplayName: p.name, UPN: p.upn, Location: p.location, DomainType: p.domainType,
			Guest: strings.Contains(p.upn, "#EXT#"), Phone: fmt.Sprintf("+49 30 901820 %03d", i),
		}
		rows[i].FirstName, rows[i].LastName, _ = strings.Cut(p.name, " ")
		if rows[i].LicensesRead = i%9 != 7; rows[i].LicensesRead {
			rows[i].Licenses = sampleProducts[i%4 : i%4+i%5]
		}
		if i%12 == 7 {
			rows[i].Roles = []string{"Global Administrator", "User Administrator", "Helpdesk Administrator"}[:1+i%3]
		}
		if p.domainType == "Federated" {
			rows[i].Synced = synced14
		}
	}
	return rows
}

func sampleUsers(rows int) UsersPage {
	path := templ.SafeURL("/customers/" + contosoID + "/users")
	link := func(query string) templ.SafeURL { return path + templ.SafeURL(query) }
	c := sampleCustomer()
	p := UsersPage{
		Chrome: sampleChrome(contosoName+" · Users", string(path)), Customer: c, Path: path,
		Chips: []Chip{
			{Label: "Unlicensed", Count: 37, Of: "of 398 read", Href: link("?license=none")},
			{Label: "No usage location", Count: 6, Href: link("?location=none")},
			{Label: "Synced", Count: 288, Href: link("?synced=yes")},
			{Label: "Cloud only", Count: 124, Href: link("?synced=no")},
			{Label: "Guest", Count: 9, Href: link("?guest=yes")},
		},
		Filters: []Filter{
			{Name: "location", Label: "Usage location", Clear: path, Options: []FilterOption{
				{Value: "none", Label: "Not set", Count: 6}, {Value: "DE", Label: "Germany", Count: 251},
				{Value: "NL", Label: "Netherlands", Count: 84}, {Value: "JP", Label: "Japan", Count: 36}}},
			{Name: "domain", Label: "Domain", Clear: path, Options: []FilterOption{
				{Value: "contoso.example", Label: "contoso.example", Count: 355},
				{Value: "contoso.onmicrosoft.com", Label: "contoso.onmicrosoft.com", Count: 57}}},
		},
		Name: Column{Href: link("?sort=-name"), Sort: SortedUp}, UPN: Column{Href: link("?sort=upn")},
		Columns: sampleColumns(link),
		Bulk:    UsersBulk{Path: "/customers/" + contosoID + "/selection"},
		Tools: []Tool{
			{Name: "list", Label: "Select from a list", Icon: "list-checks", Href: link("?panel=list"), Bare: true},
			{Name: "views", Label: "Views", Icon: "bookmark", Href: link("?panel=views"), Bare: true},
			{Name: "columns", Label: "Columns", Icon: "columns-3", Href: link("?panel=columns"), Bare: true},
			{Name: "command", Label: "Copy as command", Icon: "terminal", Href: link("?panel=command"), Bare: true},
		},
		Licenses: LicensesLine{Text: "398 of 412 read", Read: ago("2026-06-16T11:51:00Z", "13:51", "16 Jun 2026 13:51:00 CEST"), Path: "/customers/" + contosoID + "/licenses/reading"},
		Sorts: []SortOption{
			{Value: "name", Label: "name, A to Z", On: true}, {Value: "-name", Label: "name, Z to A"},
			{Value: "upn", Label: "user principal name, A to Z"}, {Value: "location", Label: "usage location"}, {Value: "-synced", Label: "synced, newest first"}},
		Rows: sampleRows(rows), Shown: 412, Total: 412, Read: read1402,
		Pager:   samplePager(path, rows),
		Refresh: "/customers/" + contosoID + "/reading",
		Export:  sampleExportMenu("/customers/" + contosoID + "/users"),
		Tell:    "412 users",
	}
	p.At = JumpPlace{CustomerID: c.ID, Name: c.Name}
	return p
}

// sampleColumns are the usual columns of the users table.
func sampleColumns(link func(string) templ.SafeURL) []UserColumn {
	return []UserColumn{
		{Kind: ColumnLicenses, Head: Column{Href: link("?sort=licenses")}}, {Kind: ColumnLocation, Head: Column{Href: link("?sort=location")}},
		{Kind: ColumnDomainType, Head: Column{Href: link("?sort=domain")}}, {Kind: ColumnSynced, Head: Column{Href: link("?sort=synced")}},
		{Kind: ColumnRoles, Head: Column{Href: link("?sort=roles")}},
	}
}

// everyColumn are all there are.
func everyColumn() []UserColumn {
	var all []UserColumn
	for kind := range columnKinds {
		all = append(all, UserColumn{Kind: kind})
	}
	return all
}

var sampleProducts = []LicenseTag{
	{"Microsoft 365 E5", "SPE_E5"}, {"Microsoft 365 Copilot", "Microsoft_365_Copilot"}, {"Microsoft Teams Phone Standard", "MCOEV"},
	{"Microsoft 365 E3", "SPE_E3"}, {"Power BI Pro", "POWER_BI_PRO"}, {"Microsoft 365 Business Premium", "SPB"}, {"Visio Plan 2", "VISIOCLIENT"},
}

func sampleExportMenu(path string) ExportMenu {
	return ExportMenu{Files: []ExportFile{
		{Label: "Excel", Href: templ.SafeURL(path + ".xlsx")}, {Label: "Excel for the customer, without IDs", Href: templ.SafeURL(path + ".xlsx?for=customer")},
		{Label: "CSV", Href: templ.SafeURL(path + ".csv")}, {Label: "CSV for the customer, without IDs", Href: templ.SafeURL(path + ".csv?for=customer")},
		{Label: "JSON", Href: templ.SafeURL(path + ".json")},
	}}
}

func sampleExport() ExportPage {
	path := "/customers/" + contosoID + "/users"
	return ExportPage{
		Chrome: sampleChrome(contosoName+" · Export users", path+".xlsx"), Customer: sampleCustomer(), Heading: "Export users", File: "contoso.example-users-2026-06-16-1403.xlsx", List: templ.SafeURL(path),
		Status: ExportStatusLine{
			Title: "Licenses of 398 of 412 users are read", Text: "They take one call to Partner Center for each user.", Read: 398, Of: 412,
			Choices: []Action{
				{Label: "Read the other 14 first", Href: "/customers/" + contosoID + "/licenses/reading", Post: []Hidden{{"do", "go-on"}, {"return_to", path + ".xlsx"}}, Primary: true},
				{Label: "Export with what is read", Href: templ.SafeURL(path + ".xlsx?licenses=read")}, {Label: "Export without licenses", Href: templ.SafeURL(path + ".xlsx?licenses=none")},
			},
		},
	}
}

// readingExport waits for licenses that are being read, readyExport no longer;
// growingExport waits for users, of whom nobody knows how many there are.
func readingExport() ExportPage {
	p := sampleExport()
	p.Status.Reading, p.Status.Poll = true, p.List+".xlsx"
	p.Status.Text += " When all are read, the whole file comes by itself."
	p.Status.Choices[0] = Action{Label: "Stop", Href: p.Status.Choices[0].Href, Post: []Hidden{{"do", "stop"}, {"return_to", string(p.List) + ".xlsx"}}}
	return p
}

func readyExport() ExportPage {
	p := sampleExport()
	p.Status = ExportStatusLine{Title: "The file is ready", Text: "Your browser fetches it now. If it doesn't, download it here.", File: p.List + ".xlsx"}
	return p
}

func growingExport() ExportPage {
	p := readingExport()
	p.Status.Title, p.Status.Of, p.Status.Read = "4,500 users are read so far", 0, 4500
	p.Status.Text = contosoName + " has more. A file made now lacks them, and says so: its name ends in -part. When all are read, the whole file comes by itself."
	p.Status.Choices = []Action{{Label: "Export what is read", Href: p.List + ".xlsx?part=yes"}}
	return p
}

func cutExport() ExportPage {
	p := sampleExport()
	p.Status.Banner = &Banner{Kind: BannerWarn, Title: "Reading licenses stopped", Text: "Partner Center stopped answering.", CorrelationID: corrID, RetrySeconds: 12}
	return p
}

func hostileExport() ExportPage {
	p := cutExport()
	p.Chrome, p.Heading, p.File = hostileChrome(), hostileText, hostileText
	p.Customer.Name, p.Customer.Domain = hostileText, hostileText
	p.Status.Title, p.Status.Text, p.Status.Choices[1].Label = hostileText, hostileText, hostileText
	return p
}

func samplePager(path templ.SafeURL, rows int) Pager {
	return Pager{
		From: 1, To: rows, Of: 412, Next: path + "?page=2",
		Pages: []PageLink{{Number: 1, Href: path, Current: true}, {Number: 2, Href: path + "?page=2"}, {Number: 3, Href: path + "?page=3"}, {}, {Number: 9, Href: path + "?page=9"}},
		Sizes: []SizeOption{{Size: 25}, {Size: 50, On: true}, {Size: 100}, {Size: 250}},
	}
}

func sampleCustomers(rows int) CustomersPage {
	names := []struct{ name, domain string }{
		{contosoName, "contoso.example"}, {"株式会社さくら精機製作所", "sakura-seiki.example"},
		{"Alpenländische Elektrizitätsgenossenschaft e. G.", "aeg-strom.example"}, {"Mülheimer Stadtwerke AöR", "stadtwerke-mh.example"},
		{"Wide World Importers", "wideworldimporters.example"}, {"A. Datum Corporation", "adatum.example"},
		{"الشركة المتحدة للتجارة والتوزيع", "united-trading.example"},
		{"Northwind Traders International Logistics and Distribution Holdings", "northwindtraders-international.onmicrosoft.com"},
		{"Margie’s Travel", "margiestravel.example"}, {"Bellows College", "bellowscollege.example"},
		{"Contoso Deutschland GmbH", "contoso-dach.example"}, {"Litware, Inc.", "litware.example"},
	}
	p := CustomersPage{
		Chrome: sampleChrome("Customers", "/customers"), Path: "/customers", Shown: 286, Total: 286, Read: read1402,
		Order: "last opened by you first",
		Columns: CustomerColumns{
			Customer: Column{Href: "/customers?sort=name"}, Domain: Column{Href: "/customers?sort=domain"},
			Relationship: Column{Href: "/customers?sort=relationship"}, Users: Column{Href: "/customers?sort=-users"}, Seats: Column{Href: "/customers?sort=-seats"},
			Read: Column{Href: "/customers?sort=-read"}, Opened: Column{Href: "/customers?sort=opened", Sort: SortedDown}},
		Chips: []Chip{{Label: "Starred", Count: 3, Href: "/customers?only=starred"}, {Label: "No access", Count: 1, Href: "/customers?only=no-access"}, {Label: "Users read", Count: 2, Href: "/customers?only=read"}},
		Sorts: []SortOption{{Value: "", Label: "Last opened by you first", On: true}, {Value: "name", Label: "Name, A to Z"}},
		Pager: Pager{From: 1, To: rows, Of: 286, Next: "/customers?page=2", Pages: []PageLink{
			{Number: 1, Href: "/customers", Current: true}, {Number: 2, Href: "/customers?page=2"}, {}, {Number: 6, Href: "/customers?page=6"}}},
		Refresh: "/customers/reading", Tell: "286 customers",
	}
	opened := []Time{ago("2026-06-16T12:00:00Z", "4 min ago", "16 Jun 2026 14:00:00 CEST"), ago("2026-06-16T11:04:00Z", "1 h ago", "16 Jun 2026 13:04:00 CEST"), ago("2026-06-15T07:44:00Z", "yesterday", "15 Jun 2026 09:44:00 CEST")}
	for i := range rows {
		n := names[i%len(names)]
		id := fmt.Sprintf("%08x-0c42-4e7a-b8a5-%012x", uint32(i+1)*2654435761, i+1)
		r := CustomerRow{
			Href: templ.SafeURL("/customers/" + id + "/users"), ID: id, Name: n.name, Domain: n.domain, Relationship: "Reseller",
			Starred: i < 3, Star: templ.SafeURL("/customers/" + id + "/star"),
		}
		if n.name == "Bellows College" {
			r.NoAccess = opened[2]
		}
		if i < 7 {
			r.Opened = opened[min(i, 2)]
		}
		switch i {
		case 0:
			r.Users, r.Seats, r.Read = "1,284", "1,361 of 1,400", opened[0]
		case 1:
			r.Users, r.Read = "4,500+", opened[1]
		}
		p.Rows = append(p.Rows, r)
		switch card := (CustomerCard{Href: r.Href, ID: id, Name: n.name, Opened: r.Opened}); {
		case i < 3:
			p.Starred = append(p.Starred, card)
		case i < 7:
			p.Recent = append(p.Recent, card)
		}
	}
	return p
}

func sampleUser() UserPage {
	c := sampleCustomer()
	id := "3c0e7a52-1b9d-4f36-a1c4-8d25e6b0f7a9"
	return UserPage{
		Chrome:   sampleChrome("Jürgen Müller-Lüdenscheidt · "+contosoName, string(c.Path)+"/"+id),
		Customer: c, List: c.Path + "?q=mul", ID: id, DisplayName: "Jürgen Müller-Lüdenscheidt", UPN: "j.mueller@contoso.example",
		Synced:     synced14,
		SyncedNote: "Managed in " + contosoName + "’s own directory, last synced 14 min ago. Name and sign-in name are changed there.",
		Facts: []Fact{
			{Label: "First name", Text: "Jürgen"}, {Label: "Last name", Text: "Müller-Lüdenscheidt"}, {Label: "Phone"},
			{Label: "Usage location", Text: "Germany"}, {Label: "Domain type", Text: "Federated"}, {Label: "Synced", Time: synced14},
			{Label: "Object ID", Text: id, Code: true, Copy: true, Key: "i"}, {Label: "Immutable ID", Text: "q83vEjRWeJCrze8SNFZ4kA==", Code: true},
		},
		Licenses: LicensesCard{Read: ago("2026-06-16T11:51:00Z", "13:51", "16 Jun 2026 13:51:00 CEST"), Licenses: []LicenseRow{
			{Name: "Microsoft 365 E5", PartNumber: "SPE_E5", On: []string{"Exchange Online (Plan 2)", "Microsoft 365 Apps for enterprise", "Microsoft Defender for Office 365 (Plan 2)", "Microsoft Intune Plan 1", "Microsoft Teams", "Power BI Pro", "SharePoint (Plan 2)", "Windows 10/11 Enterprise"}, Off: []string{"Sway", "Viva Engage Core"}},
			{Name: "Microsoft 365 Copilot", PartNumber: "Microsoft_365_Copilot", On: []string{"Microsoft 365 Copilot in Productivity Apps", "Microsoft Copilot with Graph-grounded chat"}},
			{Name: "Visio Plan 2", PartNumber: "VISIOCLIENT", On: []string{"Visio Desktop App", "Visio web app"}},
		}},
		Roles: RolesCard{Read: read1402, Roles: []string{"User Administrator", "Helpdesk Administrator"}},
		Seats: "/customers/" + contosoID + "/licenses",
		Elsewhere: []Elsewhere{
			{What: "Whether sign-in is blocked", Where: "Entra: user", Href: "https://entra.microsoft.com/" + contosoID},
			{What: "Where a license came from: a group, or assigned to the user", Where: "Microsoft 365 admin center", Href: "https://admin.microsoft.com/"}},
		Find: CompareFind{Path: c.Path + templ.SafeURL("/"+id)},
	}
}

func sampleProblem(kind string) Problem {
	p := Problem{Kind: kind, CorrelationID: corrID}
	other := Action{Label: "Other customers", Href: "/customers"}
	again := Action{Label: "Try again", Href: "/customers/" + contosoID + "/users", Primary: true}
	switch kind {
	case ProblemDown:
		p.What, p.Means, p.Next = "Partner Center didn’t answer within 30 seconds.", "The users could not be read. Nothing was changed.", "It usually works again within a minute."
		p.Actions = []Action{again}
	case ProblemThrottled:
		p.What, p.Means, p.Next, p.RetrySeconds = "Partner Center asks us to wait 40 s.", "The users could not be read yet.", "Nothing to do: Rollcall reads on by itself.", 40
		p.Actions = []Action{again}
	case ProblemNoRelationship:
		p.What, p.Means, p.Next = "No relationship with this customer", "Partner Center knows no relationship between Fabrikam Cloud Services and this customer ID. It may have ended.", "Ask whoever manages admin relationships, or choose another customer."
		p.CopyText, p.CopyLabel = "Partner Center shows no relationship between Fabrikam Cloud Services and customer "+contosoID+". Has it ended? Correlation ID "+corrID, "Copy text to send"
		p.Actions = []Action{other}
	case ProblemRoleMissing:
		p.What, p.Means, p.Next = "You can’t see users at "+contosoName+".", "This needs the role Directory Readers, Global Reader or User Administrator there.", "Whoever manages admin relationships at Fabrikam Cloud Services can give it."
		p.CopyText, p.CopyLabel = "Please give me Directory Readers at "+contosoName+" ("+contosoID+"). Correlation ID "+corrID, "Copy a request"
		p.Actions = []Action{other}
	case ProblemMFA:
		p.What, p.Means, p.Next = "Microsoft refused this because your sign-in was without a second factor.", "Nothing was changed.", "Sign in with it and you return here."
		p.Actions = []Action{{Label: "Sign in with MFA", Href: "/sign-in/start?mfa=1", Primary: true}}
	case ProblemLevel:
		p.What, p.Means, p.Next = "Your access level in Rollcall doesn’t cover this.", "Nothing was changed.", "Whoever runs Rollcall at Fabrikam Cloud Services can raise it."
	case ProblemNotFound:
		p.What, p.Means, p.Next = "There is no such page.", "The address may be mistyped, or the page may have moved.", "Go to your customers and look from there."
		p.Actions = []Action{{Label: "Customers", Href: "/customers", Primary: true}}
	default:
		p.What, p.Means, p.Next = "Rollcall made a mistake.", "The page could not be made. Nothing was changed.", "Try again. If it happens again, send the correlation ID to whoever runs Rollcall."
	}
	return p
}

func sampleSettings() SettingsPage {
	return SettingsPage{
		Chrome: func() Chrome { c := sampleChrome("Settings", "/settings"); c.Nav = NavSettings; return c }(),
		Zones:  []ZoneOption{{Name: "Europe/Berlin", Label: "Europe/Berlin, UTC+2", On: true}, {Name: "UTC", Label: "UTC"}, {Name: "Asia/Tokyo", Label: "Asia/Tokyo, UTC+9"}},
		Sessions: []SessionRow{
			{ID: "a", Browser: "Chrome on Windows", Address: "203.0.113.7", SignedIn: ago("2026-06-16T06:01:00Z", "6 h ago", "16 Jun 2026 08:01:00 CEST"), LastSeen: read1402, Current: true},
			{ID: "b", Browser: "Safari on iPhone", Address: "2001:db8::7", SignedIn: ago("2026-06-15T06:01:00Z", "yesterday", "15 Jun 2026 08:01:00 CEST"), LastSeen: ago("2026-06-15T16:01:00Z", "yesterday", "15 Jun 2026 18:01:00 CEST")},
		},
		EndPath: "/settings/sessions", Sizes: []SizeOption{{25, false}, {50, true}, {100, false}, {250, false}}, Columns: "User, Phone, ID",
		Views: []ViewRow{
			{ID: "a", Name: "Guests", Where: "For all customers", Shared: true},
			{ID: "b", Name: "Unlicensed in Berlin", Where: "For " + contosoName, Href: "/customers/" + contosoID + "/users?view=b"},
		},
	}
}

func samplePeople(n int) PeoplePage {
	p := PeoplePage{
		Chrome: func() Chrome {
			c := sampleChrome("Who is signed in", "/settings/people")
			c.Nav = NavSettings
			return c
		}(),
		Page: 1, Pages: 1, Clear: "/settings/people", Back: "/settings/people", EndPath: "/settings/people",
	}
	own := sampleSettings().Sessions
	for i, one := range []SignedInPerson{
		{Key: "tenant/1", Name: "Carsten Brandt", UPN: "carsten.brandt@fabrikam-cloud.example", Level: "reader", Sessions: []SessionRow{{ID: "c", Browser: "Edge on Windows", Address: "198.51.100.7", SignedIn: own[0].SignedIn, LastSeen: own[0].LastSeen}}},
		{Key: "tenant/2", Name: "Priya Nair", UPN: "priya.nair@fabrikam-cloud.example", Level: "admin", Self: true, Sessions: own},
	} {
		if i < n {
			p.People = append(p.People, one)
			p.Matching, p.Sessions = p.Matching+1, p.Sessions+len(one.Sessions)
		}
	}
	return p
}

func hostilePeople() PeoplePage {
	p := samplePeople(1)
	p.Chrome, p.Query = hostileChrome(), hostileText
	p.Banner = &Banner{Kind: BannerInfo, Title: hostileText, Text: hostileText}
	p.People[0] = SignedInPerson{Key: hostileText, Name: hostileText, UPN: hostileText, Level: "admin", Sessions: hostileSettings().Sessions}
	return p
}

func searchedPeople(p PeoplePage) PeoplePage {
	p.Query, p.Back = "zzz", "/settings/people?q=zzz"
	return p
}

func sampleJump() JumpResults {
	return JumpResults{
		Chrome: sampleChrome("Search or jump to", "/jump?q=m%C3%BCl"), Query: "mül", Tell: "3 results",
		Groups: []JumpGroup{
			{Label: "Users at " + contosoName, Items: []JumpItem{
				{Kind: JumpUser, Href: "/customers/" + contosoID + "/users/1", Name: "Jürgen Müller-Lüdenscheidt", Marks: []Segment{{"Jürgen ", false}, {"Mül", true}, {"ler-Lüdenscheidt", false}}, Where: "j.mueller@contoso.example"},
				{Kind: JumpUser, Href: "/customers/" + contosoID + "/users/2", Name: "Sabine Müller", Marks: []Segment{{"Sabine ", false}, {"Mül", true}, {"ler", false}}, Where: "s.mueller@contoso.example"}}},
			{Label: "Customers", Items: []JumpItem{{Kind: JumpCustomer, Href: "/customers/x/users", Name: "Mülheimer Stadtwerke AöR", Marks: []Segment{{"Mül", true}, {"heimer Stadtwerke AöR", false}}, Where: "stadtwerke-mh.example"}}},
		},
		Note: "Users of other customers are not searched here.",
	}
}
