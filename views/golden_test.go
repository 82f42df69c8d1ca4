package views

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what the goldens should be")

// assetHash is the part of a file's name that changes with its bytes.
var assetHash = regexp.MustCompile(`-[A-Z0-9]{8}\.(css|js|svg|woff2)`)

func golden(t *testing.T, name string, c templ.Component) {
	t.Helper()
	got := assetHash.ReplaceAllString(lines(render(t, c)), ".$1")
	path := filepath.Join("testdata", name+".golden.html")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got; -update rewrites it):\n%s", name, diff)
	}
}

// hostileChrome has hostile text wherever the layout shows data.
func hostileChrome() Chrome {
	c := sampleChrome(hostileText, hostileText)
	c.Person = Person{Name: hostileText, UPN: hostileText}
	c.Partner, c.TimeZone, c.Announce, c.Alarm, c.Theme = hostileText, hostileText, hostileText, hostileText, hostileText
	c.At = JumpPlace{CustomerID: hostileText, Name: hostileText}
	c.Demo = &DemoMenu{Faults: []DemoFault{{Name: hostileText, Label: hostileText, On: true}}}
	c.Sharing = true
	return c
}

func hostileProblem() Problem {
	return Problem{Kind: hostileText, What: hostileText, Means: hostileText, Next: hostileText, CorrelationID: hostileText, CopyText: hostileText, CopyLabel: hostileText,
		Actions: []Action{{Label: hostileText, Href: hostileText, Post: []Hidden{{hostileText, hostileText}}}}}
}

func hostileUser() UserPage {
	p := sampleUser()
	p.Chrome = hostileChrome()
	p.Customer.Name, p.Customer.Domain, p.Customer.Ticket = hostileText, hostileText, hostileText
	p.ID, p.DisplayName, p.UPN, p.SyncedNote = hostileText, hostileText, hostileText, hostileText
	p.Synced = Time{hostileText, hostileText, hostileText}
	p.Facts = []Fact{{Label: hostileText, Text: hostileText, Copy: true}, {Label: "Object ID", Text: hostileText, Code: true}}
	p.Licenses = LicensesCard{Licenses: []LicenseRow{{Name: hostileText, PartNumber: hostileText, On: []string{hostileText}, Off: []string{hostileText}}}}
	p.Roles = RolesCard{Withheld: &Withheld{Title: hostileText, Text: hostileText, CopyText: hostileText}}
	p.Elsewhere = []Elsewhere{{What: hostileText, Where: hostileText, Href: hostileText}}
	p.Find = hostileFind()
	return p
}

func hostileCustomers() CustomersPage {
	p := sampleCustomers(1)
	p.Chrome = hostileChrome()
	p.Query, p.Tell, p.Order = hostileText, hostileText, hostileText
	p.Rows[0] = CustomerRow{Href: hostileText, ID: hostileText, Name: hostileText, NameMarks: []Segment{{hostileText, true}}, Domain: hostileText, Relationship: hostileText, Star: hostileText,
		Opened: Time{hostileText, hostileText, hostileText}, NoAccess: Time{hostileText, hostileText, hostileText}}
	p.Chips[0].Label, p.Only = hostileText, hostileText
	p.Starred[0] = CustomerCard{Href: hostileText, ID: hostileText, Name: hostileText, Domain: hostileText}
	return p
}

func hostileJump() JumpResults {
	return JumpResults{Chrome: hostileChrome(), Query: hostileText, Tell: hostileText, Note: hostileText,
		Groups: []JumpGroup{{Label: hostileText, Items: []JumpItem{{Kind: hostileText, Href: hostileText, Name: hostileText, Where: hostileText, Marks: []Segment{{hostileText, true}}}}}}}
}

func hostileSettings() SettingsPage {
	p := sampleSettings()
	p.Chrome, p.Mistake = hostileChrome(), hostileText
	p.Zones = []ZoneOption{{Name: hostileText, Label: hostileText, On: true}}
	p.Sessions = []SessionRow{{ID: hostileText, Browser: hostileText, Address: hostileText, SignedIn: Time{hostileText, hostileText, hostileText}}}
	return p
}

// tenantsSignIn is that of a portal for the people of several tenants.
func tenantsSignIn() SignInPage {
	p := sampleSignIn()
	p.Others = []SignInTenant{
		{"Fabrikam Cloud Services, Österreich", "/sign-in/start?return_to=%2Fcustomers&tenant=2f6a1c70-93d4-4b58-8e1f-7a5c0d9b3e42"},
		{"8c3e5d17-6b2a-4f90-a4d8-1e7f9c0b5a63", "/sign-in/start?return_to=%2Fcustomers&tenant=8c3e5d17-6b2a-4f90-a4d8-1e7f9c0b5a63"},
	}
	return p
}

func hostileSignIn() SignInPage {
	p := sampleSignIn()
	p.Chrome = Chrome{Title: hostileText, Partner: hostileText, Version: "1.0.0"}
	p.Provider, p.Host, p.ReturnTo, p.Refused = hostileText, hostileText, hostileText, new(hostileProblem())
	return p
}

// parts are what goldens freeze: each page and fragment with none, one, many
// and hostile things in it.
func parts() map[string]templ.Component {
	users := func(rows int, change func(*UsersPage)) UsersPage {
		p := sampleUsers(rows)
		if change != nil {
			change(&p)
		}
		return p
	}
	return map[string]templ.Component{
		"users-page-many":         Users(users(3, nil)),
		"users-page-refused":      Users(users(0, func(p *UsersPage) { p.Trouble = new(sampleProblem(ProblemRoleMissing)) })),
		"users-none":              UsersFragment(users(0, noMatch)),
		"users-one":               UsersFragment(oneUser()),
		"users-many":              UsersFragment(users(8, filtered)),
		"users-hostile":           UsersFragment(users(0, hostileUsers)),
		"users-loading":           UsersFragment(users(0, loading)),
		"users-cut":               UsersFragment(users(1, cut)),
		"users-down":              UsersFragment(users(0, func(p *UsersPage) { p.Trouble = new(sampleProblem(ProblemDown)) })),
		"users-status-loading":    UsersStatus(users(0, loading)),
		"users-status-growing":    UsersStatus(users(3, growing)),
		"users-status-waiting":    UsersStatus(users(3, waiting)),
		"users-status-grown":      UsersStatus(users(3, grown)),
		"customers-page-many":     Customers(sampleCustomers(3)),
		"customers-none":          CustomersFragment(noCustomer(sampleCustomers(0))),
		"customers-one":           CustomersFragment(sampleCustomers(1)),
		"customers-many":          CustomersFragment(searched(sampleCustomers(12))),
		"customers-hostile":       CustomersFragment(hostileCustomers()),
		"customers-waiting":       CustomersFragment(customersWaiting()),
		"customers-growing":       CustomersFragment(growingCustomers(3)),
		"customers-status":        CustomersStatus(growingCustomers(3)),
		"customers-status-grown":  CustomersStatus(grownCustomers()),
		"user-none":               User(bareUser()),
		"user-many":               User(sampleUser()),
		"user-withheld":           User(withheldUser()),
		"user-hostile":            User(hostileUser()),
		"user-deleted":            User(deletedUser()),
		"user-compare-hits":       CompareHits(sampleFind()),
		"user-compare-hostile":    CompareHits(hostileFind()),
		"compare-page-many":       Compare(sampleCompare()),
		"compare-none":            Compare(sameUsers()),
		"compare-withheld":        Compare(withheldCompare()),
		"compare-hostile":         Compare(hostileCompare()),
		"deleted-page-many":       Deleted(sampleDeleted(5)),
		"deleted-none":            DeletedFragment(noDeleted()),
		"deleted-one":             DeletedFragment(sampleDeleted(1)),
		"deleted-hostile":         DeletedFragment(hostileDeleted()),
		"deleted-loading":         DeletedFragment(deletedLoading()),
		"deleted-status-growing":  DeletedStatus(deletedGrowing()),
		"licenses-page-many":      Licenses(sampleLicenses()),
		"licenses-none":           LicensesFragment(licensesPage(noProducts)),
		"licenses-one":            LicensesFragment(licensesPage(oneProduct)),
		"licenses-hostile":        LicensesFragment(licensesPage(hostileLicenses)),
		"licenses-loading":        LicensesFragment(licensesPage(licensesLoading)),
		"licenses-status":         LicensesStatus(licensesPage(licensesReading)),
		"licenses-status-waiting": LicensesStatus(licensesPage(licensesWaiting)),
		"licenses-status-done":    LicensesStatus(licensesPage(licensesDone)),
		"licenses-status-failed":  LicensesStatus(licensesPage(licensesFailed)),
		"roles-page-many":         Roles(sampleRoles()),
		"roles-none":              RolesFragment(rolesPage(func(p *RolesPage) { p.Roles, p.Empty = nil, &Nothing{Title: "No roles"} })),
		"roles-hostile":           RolesFragment(rolesPage(hostileRoles)),
		"roles-loading":           RolesFragment(rolesPage(rolesLoading)),
		"roles-status-loading":    RolesStatus(rolesPage(rolesLoading)),
		"settings-one":            Settings(func() SettingsPage { p := sampleSettings(); p.Sessions = p.Sessions[:1]; return p }()),
		"settings-many":           Settings(sampleSettings()),
		"settings-hostile":        Settings(hostileSettings()),
		"people-none":             People(searchedPeople(samplePeople(0))),
		"people-one":              People(samplePeople(1)),
		"people-many":             People(samplePeople(2)),
		"people-hostile":          People(hostilePeople()),
		"export-page":             Export(sampleExport()),
		"export-hostile":          Export(hostileExport()),
		"export-cut":              ExportStatus(cutExport()),
		"export-reading":          ExportStatus(readingExport()),
		"export-growing":          ExportStatus(growingExport()),
		"export-ready":            ExportStatus(readyExport()),
		"find-page":               Find(sampleFinding()),
		"find-none":               Find(noFind()),
		"find-empty":              Find(emptyFind()),
		"find-sharing":            Find(sharingFind()),
		"find-hostile":            Find(hostileFinding()),
		"find-status":             FindStatus(sweepingFind()),
		"help":                    Help(HelpPage{Chrome: sampleChrome("Help", "/help"), AdminCenter: "https://entra.microsoft.com/"}),
		"jump-none":               JumpFragment(JumpResults{Query: "zzz", Tell: "No results"}),
		"jump-many":               JumpFragment(sampleJump()),
		"jump-hostile":            JumpFragment(hostileJump()),
		"jump-page-many":          Jump(sampleJump()),
		"trouble-fragment":        TroubleFragment(TroublePage{Problem: sampleProblem(ProblemThrottled)}),
		"trouble-hostile":         Trouble(TroublePage{Chrome: hostileChrome(), Problem: hostileProblem(), Customer: new(sampleCustomer())}),
		"trouble-outside":         Trouble(TroublePage{Chrome: Chrome{Title: "Trouble"}, Problem: sampleProblem(ProblemNotFound)}),
		"sign-in":                 SignIn(sampleSignIn()),
		"sign-in-hostile":         SignIn(hostileSignIn()),
		"sign-in-tenants":         SignIn(tenantsSignIn()),
		"signed-out":              SignedOut(SignedOutPage{Chrome: Chrome{Title: "Signed out", Version: "1.0.0"}, Provider: "Microsoft", EndSession: "https://login.microsoftonline.com/logout", SignIn: "/sign-in"}),
		"sign-out":                SignOut(SignOutPage{Chrome: Chrome{Title: "Sign out", Version: "1.0.0"}, Person: Person{Name: "Priya Nair", UPN: "priya.nair@fabrikam-cloud.example"}}),
		"sign-out-hostile":        SignOut(SignOutPage{Chrome: Chrome{Title: hostileText, Version: "1.0.0"}, Person: Person{Name: hostileText, UPN: hostileText}}),
		"signed-out-no-provider":  SignedOut(SignedOutPage{Chrome: Chrome{Title: "Signed out", Version: "1.0.0"}, SignIn: "/sign-in"}),
	}
}

func TestGoldens(t *testing.T) {
	for name, c := range parts() {
		t.Run(name, func(t *testing.T) { golden(t, name, c) })
	}
}
