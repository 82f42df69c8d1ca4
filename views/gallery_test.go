package views

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/a-h/templ"
)

// gallery is every page in every state, by a name that says which.
func gallery() map[string]templ.Component {
	g := map[string]templ.Component{}
	user := func(change func(*UsersPage)) templ.Component {
		p := sampleUsers(50)
		change(&p)
		return Users(p)
	}

	g["customers"] = Customers(sampleCustomers(12))
	g["customers-search"] = Customers(searched(sampleCustomers(2)))
	g["customers-none"] = Customers(noCustomer(sampleCustomers(0)))
	g["customers-growing"] = Customers(growingCustomers(12))
	g["customers-narrowed"] = Customers(func() CustomersPage {
		p := searched(sampleCustomers(2))
		p.Query, p.Only, p.Chips[0].On = "", "starred", true
		return p
	}())
	g["customers-stale"] = Customers(func() CustomersPage { p := sampleCustomers(12); p.Banner = staleBanner(); return p }())
	g["customers-down"] = Customers(func() CustomersPage {
		p := sampleCustomers(0)
		p.Trouble = new(sampleProblem(ProblemDown))
		return p
	}())

	g["users"] = user(func(*UsersPage) {})
	g["users-page-2"] = user(func(p *UsersPage) {
		p.Pager.From, p.Pager.To, p.Pager.Previous, p.Pager.Next = 51, 100, p.Path, p.Path+"?page=3"
		p.Pager.Pages[0].Current, p.Pager.Pages[1].Current = false, true
	})
	g["users-columns"] = user(func(p *UsersPage) { p.Columns = everyColumn() })
	g["users-selected"] = user(selected)
	g["users-only-selected"] = user(onlySelected)
	g["users-licenses"] = user(readingLicenses)
	g["users-withheld"] = user(withheldColumns)
	for name, panel := range samplePanels() {
		g["users-panel-"+name] = user(func(p *UsersPage) { p.Panel = panel })
	}
	g["users-filter"] = user(openFilter)
	g["users-filtered"] = user(filtered)
	g["users-one"] = user(func(p *UsersPage) { *p = oneUser() })
	g["users-no-match"] = user(noMatch)
	g["users-empty"] = user(noUsers)
	g["users-loading"] = user(loading)
	g["users-growing"] = user(growing)
	g["users-waiting"] = user(waiting)
	g["users-grown"] = user(grown)
	g["users-cut"] = user(cut)
	g["users-stale"] = user(func(p *UsersPage) { p.Banner = staleBanner() })
	for _, kind := range []string{ProblemDown, ProblemThrottled, ProblemNoRelationship, ProblemRoleMissing, ProblemMFA} {
		g["users-"+kind] = user(func(p *UsersPage) { p.Rows, p.Trouble = nil, new(sampleProblem(kind)) })
	}
	g["users-sharing"] = user(func(p *UsersPage) { p.Sharing = true })
	g["users-demo"] = user(func(p *UsersPage) { p.Demo = demoFaults() })
	g["users-hostile"] = user(hostileUsers)

	g["user"] = User(sampleUser())
	g["user-withheld"] = User(withheldUser())
	g["user-bare"] = User(bareUser())
	g["user-trouble"] = User(func() UserPage {
		p := sampleUser()
		p.Licenses = LicensesCard{Trouble: new(sampleProblem(ProblemThrottled))}
		p.Banner = staleBanner()
		return p
	}())

	g["user-deleted"] = User(deletedUser())
	g["user-compare"] = User(func() UserPage { p := sampleUser(); p.Find = sampleFind(); return p }())
	g["compare"] = Compare(sampleCompare())
	g["compare-none"] = Compare(sameUsers())
	g["compare-withheld"] = Compare(withheldCompare())
	g["compare-hostile"] = Compare(hostileCompare())
	g["deleted"] = Deleted(sampleDeleted(12))
	g["deleted-none"] = Deleted(noDeleted())
	g["deleted-loading"] = Deleted(deletedLoading())
	g["deleted-growing"] = Deleted(deletedGrowing())
	g["deleted-hostile"] = Deleted(hostileDeleted())

	g["licenses"] = Licenses(sampleLicenses())
	g["licenses-one"] = Licenses(licensesPage(oneProduct))
	g["licenses-none"] = Licenses(licensesPage(noProducts))
	g["licenses-loading"] = Licenses(licensesPage(licensesLoading))
	g["licenses-reading"] = Licenses(licensesPage(licensesReading))
	g["licenses-waiting"] = Licenses(licensesPage(licensesWaiting))
	g["licenses-read"] = Licenses(licensesPage(licensesDone))
	g["licenses-stale"] = Licenses(licensesPage(func(p *LicensesPage) { p.Banner = staleBanner() }))
	g["licenses-sharing"] = Licenses(licensesPage(func(p *LicensesPage) { p.Sharing = true }))
	g["licenses-hostile"] = Licenses(licensesPage(hostileLicenses))

	g["roles"] = Roles(sampleRoles())
	g["roles-none"] = Roles(rolesPage(func(p *RolesPage) {
		p.Roles, p.Empty = nil, &Nothing{Title: "No roles", Text: "Partner Center lists no directory role here."}
	}))
	g["roles-loading"] = Roles(rolesPage(rolesLoading))
	g["roles-hostile"] = Roles(rolesPage(hostileRoles))

	g["settings"] = Settings(sampleSettings())
	g["settings-mistake"] = Settings(func() SettingsPage {
		p := sampleSettings()
		p.Mistake, p.Saved = "Time zone: choose one of the list.", false
		return p
	}())
	g["settings-admin"] = Settings(func() SettingsPage { p := sampleSettings(); p.People = "/settings/people"; return p }())
	g["people"] = People(func() PeoplePage {
		p := samplePeople(2)
		p.Page, p.Pages, p.Previous, p.Next = 2, 3, "/settings/people", "/settings/people?page=3"
		p.Banner = &Banner{Kind: BannerInfo, Title: "The session has ended", Text: "Whoever had it is asked to sign in."}
		return p
	}())
	g["people-none"] = People(searchedPeople(samplePeople(0)))
	g["settings-saved"] = Settings(func() SettingsPage { p := sampleSettings(); p.Saved, p.Sharing = true, true; return p }())

	g["export"] = Export(sampleExport())
	g["export-reading"] = Export(readingExport())
	g["export-growing"] = Export(growingExport())
	g["export-cut"] = Export(cutExport())
	g["export-ready"] = Export(readyExport())

	g["find"] = Find(sampleFinding())
	g["find-sweeping"] = Find(sweepingFind())
	g["find-empty"] = Find(emptyFind())
	g["find-none"] = Find(noFind())
	g["find-sharing"] = Find(sharingFind())

	help := HelpPage{Chrome: sampleChrome("Help", "/help"), AdminCenter: "https://entra.microsoft.com/"}
	help.Nav = NavHelp
	g["help"] = Help(help)
	g["jump"] = Jump(sampleJump())
	g["jump-nothing"] = Jump(JumpResults{Chrome: sampleChrome("Search or jump to", "/jump?q=zzz"), Query: "zzz"})

	for _, kind := range []string{ProblemNotFound, ProblemFault, ProblemLevel} {
		g["trouble-"+kind] = Trouble(TroublePage{Chrome: sampleChrome("Trouble", "/nowhere"), Problem: sampleProblem(kind)})
	}
	g["trouble-customer"] = Trouble(TroublePage{Chrome: sampleChrome("Trouble", "/nowhere"), Problem: sampleProblem(ProblemNotFound), Customer: new(sampleCustomer())})
	g["trouble-outside"] = Trouble(TroublePage{Chrome: Chrome{Title: "Trouble", Version: "1.0.0"}, Problem: sampleProblem(ProblemNotFound)})
	g["sign-in"] = SignIn(sampleSignIn())
	g["sign-in-refused"] = SignIn(func() SignInPage {
		p := sampleSignIn()
		p.Notice, p.ReturnTo = nil, ""
		p.Refused = &Problem{Kind: ProblemLevel, What: "Lena Vogel can’t use Rollcall here.", Means: "The account belongs to another company, wingtip.example.", Next: "Sign in with an account of Fabrikam Cloud Services.", CorrelationID: corrID}
		return p
	}())
	g["signed-out"] = SignedOut(SignedOutPage{Chrome: Chrome{Title: "Signed out", Version: "1.0.0"}, Provider: "Microsoft", EndSession: "https://login.microsoftonline.com/logout", SignIn: "/sign-in"})
	return g
}

func sampleSignIn() SignInPage {
	return SignInPage{
		Chrome: Chrome{Title: "Sign in", Version: "1.0.0", Partner: "Fabrikam Cloud Services"},
		Start:  "/sign-in/start?return_to=%2Fcustomers", Provider: "Microsoft", Host: "login.microsoftonline.com", Microsoft: true,
		Notice:   &Banner{Kind: BannerInfo, Title: "You were signed out after 60 minutes without activity.", Text: "Sign in and go on where you were."},
		ReturnTo: contosoName + ", Users",
	}
}

func staleBanner() *Banner {
	return &Banner{Kind: BannerWarn, Title: "As read at 14:02.", Text: "Partner Center limits requests. Rollcall reads on by itself.", RetrySeconds: 20,
		CorrelationID: corrID, Actions: []Action{{Label: "Read now", Href: "/customers/" + contosoID + "/reading", Post: []Hidden{{"do", "refresh"}, {"return_to", "/customers/" + contosoID + "/users"}}}}}
}

func searched(p CustomersPage) CustomersPage {
	p.Query, p.Clear, p.Starred, p.Recent, p.Shown, p.Total = "gmbh", "/customers", nil, nil, 2, 286
	p.Rows[0].NameMarks = []Segment{{"Contoso Deutschland ", false}, {"GmbH", true}, {" & Co. KG", false}}
	p.Pager = Pager{From: 1, To: 2, Of: 2}
	return p
}

func growingCustomers(rows int) CustomersPage {
	p := sampleCustomers(rows)
	p.Part, p.Total, p.Shown, p.Pager.Of, p.Pager.Part = true, 500, 500, 500, true
	p.Status = CustomersStatusLine{Reading: true, Read: 1000, More: 500, Show: "/customers", Poll: "/customers?read=500"}
	return p
}

func customersWaiting() CustomersPage {
	p := sampleCustomers(0)
	p.Read, p.Part, p.Total, p.Shown, p.Pager, p.Starred, p.Recent = Time{}, true, 0, 0, Pager{}, nil, nil
	p.Status = CustomersStatusLine{Reading: true, Loading: true, Wait: 40, Show: "/customers", Poll: "/customers?read=0"}
	return p
}

func grownCustomers() CustomersPage {
	p := sampleCustomers(3)
	p.Status = CustomersStatusLine{Done: true, Read: 1200, More: 700, Show: "/customers"}
	return p
}

func noCustomer(p CustomersPage) CustomersPage {
	p.Query, p.Clear, p.Total, p.Shown = "zzz", "/customers", 286, 0
	p.Empty = &Nothing{Title: "No customer matches “zzz”.", Text: "All 286 customers were searched: names, domains, IDs.", Actions: []Action{{Label: "Clear search", Href: "/customers"}}}
	return p
}

func filtered(p *UsersPage) {
	p.Query, p.Clear, p.Shown = "ber", p.Path, 58
	p.Chips[1].On = true
	p.Filters[1].Applied, p.Filters[1].Options[0].On = 1, true
	p.Hidden = []Hidden{{"synced", "yes"}}
	for i := range p.Rows {
		if name := p.Rows[i].DisplayName; strings.Contains(name, "Ber") {
			head, tail, _ := strings.Cut(name, "Ber")
			p.Rows[i].NameMarks = []Segment{{head, false}, {"Ber", true}, {tail, false}}
		}
	}
}

func oneUser() UsersPage {
	p := sampleUsers(1)
	p.Query, p.Clear, p.Exact, p.Shown = "a.alfarsi@contoso.example", p.Path, true, 1
	p.Pager = Pager{From: 1, To: 1, Of: 1, Sizes: p.Pager.Sizes}
	p.Tell = "1 of 412 users"
	return p
}

func noMatch(p *UsersPage) {
	p.Query, p.Clear, p.Shown, p.Rows = "mülller", p.Path, 0, nil
	p.Chips[1].On = true
	p.Empty = &Nothing{Title: "No user of " + contosoName + " matches “mülller” with Synced.", Text: "All 412 users were searched: names, UPN, phone.",
		Actions: []Action{{Label: "Search without the filter", Href: p.Path + "?q=m%C3%BClller"}, {Label: "Clear filters", Href: p.Path}}}
}

func noUsers(p *UsersPage) {
	p.Total, p.Shown, p.Rows, p.Chips, p.Filters = 0, 0, nil, nil, nil
	p.Empty = &Nothing{Title: "No users yet", Text: "Partner Center lists no user at " + contosoName + "."}
}

func loading(p *UsersPage) {
	p.Status = UsersStatusLine{Reading: true, Loading: true, Poll: p.Path + "?read=0", Show: p.Path}
	p.Rows, p.Chips, p.Read, p.Total, p.Shown = nil, nil, Time{}, 0, 0
	p.Pager = Pager{}
}

// waiting is a list that is read again, once Partner Center takes calls.
func waiting(p *UsersPage) {
	p.Status = UsersStatusLine{Reading: true, Read: p.Total, Wait: 40, Show: p.Path, Poll: p.Path}
}

func growing(p *UsersPage) {
	p.Status = UsersStatusLine{Reading: true, Read: 4500, More: 1500, Poll: p.Path + "?read=3000", Show: p.Path}
	p.Part, p.Total, p.Shown = true, 4500, 4500
	for i := range p.Chips {
		p.Chips[i].Part = true
	}
	p.Pager.Of, p.Pager.Part = 4500, true
}

func grown(p *UsersPage) {
	p.Status = UsersStatusLine{Done: true, Read: 12034, More: 7534, Show: p.Path, Finish: read1402}
	p.Total, p.Shown, p.Pager.Of = 12034, 12034, 12034
}

func cut(p *UsersPage) {
	p.Part, p.Total, p.Shown = true, 4500, 4500
	p.Pager.Of, p.Pager.Part = 4500, true
	do := func(what string) []Hidden {
		return []Hidden{{"do", what}, {"return_to", string(p.Here)}}
	}
	p.Banner = &Banner{Kind: BannerWarn, Title: "Reading stopped after 4,500 users.", Text: "Someone you don’t find may still exist.", CorrelationID: corrID,
		Actions: []Action{{Label: "Go on from here", Href: p.Refresh, Primary: true, Post: do("go-on")}, {Label: "Start again", Href: p.Refresh, Post: do("start-again")}}}
}

func demoFaults() *DemoMenu {
	return &DemoMenu{Faults: []DemoFault{
		{Name: "slow", Label: "Answers take 3 seconds"}, {Name: "throttled", Label: "Asks to wait 20 seconds", On: true},
		{Name: "down", Label: "Doesn’t answer"}, {Name: "cut", Label: "Stops after page 3"}}}
}

func hostileUsers(p *UsersPage) {
	p.Customer.Name, p.Customer.Domain, p.Customer.Ticket = strings.Repeat("Überlandwerksversorgungsgesellschaft ", 4)+hostileText, hostileText, hostileText
	p.Title, p.Query, p.Tell = hostileText, hostileText, hostileText
	p.Rows = []UserRow{
		{ID: hostileText, DisplayName: hostileText, UPN: hostileText, Location: hostileText, DomainType: hostileText, Phone: hostileText,
			Synced: Time{Machine: hostileText, Text: hostileText, Exact: hostileText}, NameMarks: []Segment{{hostileText, true}, {hostileText, false}}},
		{ID: "x", DisplayName: strings.Repeat("Donaudampfschifffahrtsgesellschaftskapitän", 3), UPN: strings.Repeat("a", 113) + "@contoso.example"},
	}
	p.Columns = everyColumn()
	p.Filters[0].Options[1].Label = hostileText
	p.Chips[0].Label = hostileText
	p.Person = Person{Name: hostileText, UPN: hostileText}
	p.Banner = &Banner{Kind: BannerBad, Title: hostileText, Text: hostileText, CorrelationID: hostileText}
}

func withheldUser() UserPage {
	p := sampleUser()
	p.Licenses = LicensesCard{Withheld: &Withheld{Title: "Licenses aren’t shown", Text: "Your privileges at " + contosoName + " don’t cover licenses. This needs License Administrator, Global Reader or User Administrator there. Whoever manages admin relationships at Fabrikam Cloud Services can give it.", CopyText: "Please give me License Administrator at " + contosoName + "."}}
	p.Roles = RolesCard{Withheld: &Withheld{Title: "Roles aren’t shown", Text: "This needs Directory Readers or Global Reader at " + contosoName + "."}}
	return p
}

func bareUser() UserPage {
	p := sampleUser()
	p.DisplayName, p.UPN, p.Synced, p.SyncedNote, p.Guest = "", "backup-svc_fabrikam.example#EXT#@contoso.onmicrosoft.com", Time{}, "", true
	p.Licenses, p.Roles = LicensesCard{Read: read1402}, RolesCard{Read: read1402}
	p.Customer.Ticket = ""
	p.Facts = []Fact{{Label: "First name"}, {Label: "Usage location", Text: "Not set: needed before a license", Warn: true}, {Label: "Object ID", Text: p.ID, Code: true, Copy: true}}
	return p
}

func TestGalleryRendersEveryState(t *testing.T) {
	dir := t.ArtifactDir()
	for name, c := range gallery() {
		got := render(t, c)
		if !strings.HasPrefix(got, "<!doctype html>") || !strings.HasSuffix(got, "</html>") {
			t.Errorf("%s is not a whole page", name)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".html"), []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func render(t testing.TB, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// spriteSource is the file that the icons come from.
func spriteSource(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../static/icons.svg")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
