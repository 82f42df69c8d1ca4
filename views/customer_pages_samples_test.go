package views

import (
	"strings"

	"github.com/a-h/templ"
)

// sampleTabs are a customer's pages, the one at hand marked.
func sampleTabs(current string) []Tab {
	at := templ.SafeURL("/customers/" + contosoID)
	tabs := []Tab{
		{Label: "Users", Href: at + "/users", Count: "412", Go: "u"},
		{Label: "Licenses", Href: at + "/licenses", Go: "l"},
		{Label: "Deleted", Href: at + "/users/deleted"},
		{Label: "Roles", Href: at + "/roles"},
	}
	for i := range tabs {
		tabs[i].Current = tabs[i].Label == current
	}
	return tabs
}

func customerWith(tab string) CustomerHead {
	c := sampleCustomer()
	c.Tabs = sampleTabs(tab)
	return c
}

func sampleAge(what, path string) ListAge {
	return ListAge{What: what, Read: read1402, Show: templ.SafeURL(path), Refresh: templ.SafeURL(path + "/reading")}
}

func sampleLicenses() LicensesPage {
	path := "/customers/" + contosoID + "/licenses"
	with := func(id string) templ.SafeURL {
		return templ.SafeURL("/customers/" + contosoID + "/users?license=" + id)
	}
	row := func(id, name, part string, active, grace, assigned int, states ...State) ProductRow {
		owned := active + grace
		if len(states) == 0 {
			states = []State{{Text: "Enabled"}}
		}
		return ProductRow{ID: id, Name: name, PartNumber: part, Users: with(id), Owned: owned, Assigned: assigned, Free: owned - assigned,
			Bar: SeatBar(active, grace, assigned), States: states, On: []string{"Exchange Online (Plan 1)"}}
	}
	p := LicensesPage{
		Chrome:   sampleChrome(contosoName+" · Licenses", path),
		Customer: customerWith("Licenses"), Path: templ.SafeURL(path), Order: "what needs a look first",
		Seats: SeatTotals{Owned: 624, Assigned: 390, Free: 235, Over: 1, Grace: 10, Suspended: 3, FreeIn: 4},
		Columns: ProductColumns{
			Product: Column{Href: templ.SafeURL(path + "?sort=name")}, Assigned: Column{Href: templ.SafeURL(path + "?sort=-assigned")},
			Owned: Column{Href: templ.SafeURL(path + "?sort=-owned")}, Free: Column{Href: templ.SafeURL(path + "?sort=-free")}},
		Sorts:   []SortOption{{Value: "attention", Label: "what needs a look first", On: true}, {Value: "-free", Label: "most free seats first"}, {Value: "name", Label: "name, A to Z"}},
		Checked: &LicenseCheck{Users: 398, Of: 412, Read: read1402},
		Age:     sampleAge("Seats", path), Counted: true,
		Tell: "8 products, what needs a look first",
	}
	over := row("4b9405b0-7788-4568-add1-99614e613b69", "Exchange Online (Plan 1)", "EXCHANGESTANDARD", 15, 5, 21, State{"1 over", ToneBad}, State{"5 in grace", ToneWarn})
	full := row("e43b5b99-8dfb-405f-9987-dc307f34bcbd", "Microsoft Teams Phone Standard", "MCOEV", 40, 0, 40, State{"No free seats", ToneWarn})
	grace := row("f8a1db68-be16-40ed-86d5-cb42ce701560", "Power BI Pro", "POWER_BI_PRO", 95, 5, 57, State{"5 in grace", ToneWarn})
	windows := row("e2aebe6c-897d-480f-9d62-fff1381581f7", "Windows 365 Enterprise 2 vCPU, 8 GB, 128 GB", "CPC_E_2C_8GB_128GB", 12, 0, 3, State{"3 suspended", ToneOff})
	e5 := row("06ebc4ee-1bb5-47dd-8120-11324bc54e06", "Microsoft 365 E5", "SPE_E5", 64, 0, 61)
	e5.On = []string{"Exchange Online (Plan 2)", "Microsoft 365 Apps for enterprise", "Microsoft Defender for Office 365 (Plan 2)", "Microsoft Teams"}
	e5.Off = []string{"Sway (Disabled)"}
	e5.Since, e5.Found = &Since{Day: "1 Jun", Owned: 4, Assigned: -2}, "Found on 58 of the users read"
	e3 := row("05e9a617-0261-4cee-bb44-138d3ef5d965", "Microsoft 365 E3", "SPE_E3", 200, 0, 174)
	e3.Found, e3.FoundWarn = "Found on 173 users", true
	mee := row("984df360-9a74-4647-8cf8-696749f6247a", "Minecraft Education Faculty", "MEE_FACULTY", 20, 0, 6)
	mee.Pill, mee.On = "Minecraft", nil
	tenant := row("e612d426-6bc3-4181-9658-91aa906b0ac0", "Common Data Service Database Capacity", "CDS_DB_CAPACITY", 4, 0, 0)
	tenant.Users, tenant.Bar = "", nil
	p.Products = []ProductRow{over, full, grace, windows, e5, e3, mee, tenant}
	p.At = JumpPlace{CustomerID: contosoID, Name: contosoName}
	return p
}

func licensesPage(change func(*LicensesPage)) LicensesPage {
	p := sampleLicenses()
	change(&p)
	return p
}

func oneProduct(p *LicensesPage) {
	p.Products, p.Checked = p.Products[4:5], nil
	p.Seats = SeatTotals{Owned: 61, Assigned: 61}
	p.Products[0].Since, p.Products[0].Found = nil, ""
}

func noProducts(p *LicensesPage) {
	p.Products, p.Checked, p.Seats = nil, nil, SeatTotals{}
	p.Empty = &Nothing{Title: contosoName + " has no products", Text: "Partner Center lists no subscription with seats here."}
}

func licensesLoading(p *LicensesPage) {
	p.Products, p.Checked, p.Seats = nil, nil, SeatTotals{}
	p.Age.Reading, p.Age.Loading, p.Age.Read = true, true, Time{}
}

func licensesReading(p *LicensesPage) { p.Age.Painted, p.Age.Reading = true, true }

func licensesWaiting(p *LicensesPage) {
	licensesReading(p)
	p.Age.Wait = 40
}

func licensesDone(p *LicensesPage) { p.Age.Painted, p.Age.Done = true, true }

func licensesFailed(p *LicensesPage) { p.Age.Painted, p.Banner = true, staleBanner() }

func hostileLicenses(p *LicensesPage) {
	p.Chrome = hostileChrome()
	p.Customer = CustomerHead{ID: hostileText, Name: hostileText, Domain: hostileText, Ticket: hostileText, TicketPath: "/x", Tabs: []Tab{{Label: hostileText, Href: hostileText, Current: true}}}
	p.Order, p.Tell = hostileText, hostileText
	p.Sorts = []SortOption{{Value: hostileText, Label: hostileText}}
	p.Products = append(p.Products[:1:1], ProductRow{ID: hostileText, Name: hostileText, PartNumber: hostileText, Pill: hostileText, Users: hostileText, Found: hostileText, Since: &Since{Day: hostileText, Owned: 1},
		States: []State{{hostileText, hostileText}}, Bar: []BarPart{{hostileText, 0, 1}}, On: []string{hostileText}, Off: []string{hostileText}},
		ProductRow{ID: "long", Name: strings.Repeat("Donaudampfschifffahrtsgesellschaft", 5), PartNumber: strings.Repeat("X", 120), States: []State{{"Enabled", ""}}})
	p.Banner = &Banner{Kind: BannerBad, Title: hostileText, Text: hostileText, CorrelationID: hostileText}
}

func sampleRoles() RolesPage {
	path := "/customers/" + contosoID + "/roles"
	member := func(id, name, upn string, also ...string) RoleMember {
		return RoleMember{Href: templ.SafeURL("/customers/" + contosoID + "/users/" + id), ID: id, Name: name, UPN: upn, Also: also}
	}
	list := func(id string) templ.SafeURL { return templ.SafeURL("/customers/" + contosoID + "/users?role=" + id) }
	p := RolesPage{
		Chrome:   sampleChrome(contosoName+" · Roles", path),
		Customer: customerWith("Roles"), Path: templ.SafeURL(path), Members: 4, Age: sampleAge("Roles", path), Tell: "4 roles",
		Roles: []RoleCard{
			{ID: "62e90394-69f5-4237-9190-012177145e10", Name: "Global Administrator", OldName: "Company Administrator", Privileged: true, Means: "Can do everything at this customer.", Users: list("62e90394-69f5-4237-9190-012177145e10"), Members: []RoleMember{
				member("1", "Carsten Brandt", "c.brandt@contoso.example", "User Administrator"),
				member("2", "", "break-glass@contoso.onmicrosoft.com"),
				member("3", "عائشة الهاشمي", "a.alhashimi@contoso.example")}},
			{ID: "fe930be7-5e62-47db-91af-98c3a49a38b1", Name: "User Administrator", OldName: "User Account Administrator", Privileged: true, Means: "Manages users, licenses and the passwords of most.", Users: list("fe930be7-5e62-47db-91af-98c3a49a38b1"), Members: []RoleMember{
				member("1", "Carsten Brandt", "c.brandt@contoso.example", "Global Administrator"),
				member("4", "Anneliese Freifrau von Schwarzenberg-Hohenstein zu Wittelsbach", "anneliese.von-schwarzenberg-hohenstein-zu-wittelsbach@contoso.example")}},
			{ID: "729827e3-9c14-49f7-bb1b-9608f156bbb8", Name: "Helpdesk Administrator", Privileged: true, Means: "Resets passwords of users without a role.",
				Trouble: &Banner{Kind: BannerWarn, Title: "The members could not be read", Text: "Partner Center didn't answer.", CorrelationID: corrID}},
			{ID: "f023fd81-a637-4b56-95fd-791ac0226033", Name: "Service Support Administrator", Means: "Reads service health and opens support requests."},
		},
	}
	p.Part = true
	return p
}

func rolesPage(change func(*RolesPage)) RolesPage {
	p := sampleRoles()
	change(&p)
	return p
}

func rolesLoading(p *RolesPage) {
	p.Roles = nil
	p.Age.Reading, p.Age.Loading, p.Age.Read = true, true, Time{}
}

func hostileRoles(p *RolesPage) {
	p.Chrome = hostileChrome()
	p.Customer = CustomerHead{ID: hostileText, Name: hostileText, Domain: hostileText}
	p.Roles = []RoleCard{{ID: "x", Name: hostileText, OldName: hostileText, Means: hostileText, Users: hostileText, Members: []RoleMember{
		{Href: hostileText, ID: hostileText, Name: hostileText, UPN: hostileText, Also: []string{hostileText}}}},
		{ID: "y", Name: hostileText + " too", Trouble: &Banner{Kind: BannerBad, Title: hostileText, Text: hostileText, CorrelationID: hostileText}}}
}
