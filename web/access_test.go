package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// unknownID is a customer that nobody has.
const unknownID = "11111111-2222-4333-8444-555555555555"

// unknownView is a view that nobody saved.
const unknownView = "aaaaaaaaaaaaaaaaaaaaaaaaaa"

// wayIn is one request that could show, or do, something about a customer.
type wayIn struct {
	method, target string
	form           url.Values
	headers        []with
}

func (w wayIn) String() string {
	name := w.method + " " + w.target
	for _, h := range w.headers {
		name += " " + h.name + "=" + h.value
	}
	if len(w.form) > 0 {
		name += " " + w.form.Encode()
	}
	return name
}

// shows reports whether the way, if it were open, would show or read users of
// the customer; the others lead there, or keep something of the person's own.
func (w wayIn) shows(customerID string) bool {
	at := "/customers/" + customerID
	if w.method == http.MethodPost {
		return (strings.HasSuffix(w.target, "/reading") || strings.HasSuffix(w.target, "/seats") || strings.HasSuffix(w.target, "/selection") || strings.HasSuffix(w.target, "/views")) && w.form.Get("do") != ""
	}
	for _, page := range []string{"/users", "/licenses", "/roles"} {
		if strings.HasPrefix(w.target, at+page) {
			return !strings.Contains(w.target, "size=7") && !strings.Contains(w.target, "sort=nothing")
		}
	}
	return false
}

// waysIn are all requests that lead to a customer, and to one user there.
func waysIn(customerID, userID, domain string) []wayIn {
	at := "/customers/" + customerID
	ways := []wayIn{}
	get := func(target string, headers ...with) { ways = append(ways, wayIn{"GET", target, nil, headers}) }
	post := func(target string, form ...string) {
		f := url.Values{}
		for i := 0; i < len(form); i += 2 {
			f.Set(form[i], form[i+1])
		}
		ways = append(ways, wayIn{"POST", target, f, nil})
	}
	part := func(target, id string) { get(target, append([]with{{"HX-Target", "div#" + id}}, fragment...)...) }
	get(at + "/users")
	get(at + "/users?q=a")
	get(at + "/users?q=" + userID)
	get(at + "/users?synced=yes&sort=-location&page=2")
	get(at + "/users?page=1&size=7") // to be put right first
	get(at + "/users?ticket=T-1")
	part(at+"/users", "users-results")
	part(at+"/users?q=a", "users-results")
	part(at+"/users?page=1", "users-results")
	part(at+"/users?read=1", statusTarget)
	get(at+"/users", with{"HX-Request", "true"}, with{"HX-Request-Type", "full"})
	get(at+"/users", with{"HX-Request-Type", "partial"}, with{"HX-History-Restore-Request", "true"})
	get(at)
	get("/customers/" + strings.ToUpper(customerID))
	get("/customers/" + domain)
	get("/customers/" + domain + "/users")
	get(at + "/icon")
	get(at + "/users/" + userID)
	get(at + "/users/" + strings.ToUpper(userID))
	get(at + "/users/" + unknownID)
	get(at + "/users/nobody")
	get(at + "/users/j.mueller@contoso.example")
	get(at + "/users/" + userID + "?ticket=T-1")
	part(at+"/users/"+userID, "main")
	get(at + "/users/" + userID + "?compare=a")
	get(at + "/users/" + userID + "?compare=" + userID)
	get(at + "/users/" + userID + "?compare=33333333-2222-4333-8444-555555555555")
	get(at + "/users/" + userID + "?compare=c0a70500-0000-4000-8000-000000000002")
	part(at+"/users/"+userID+"?compare=a", findTarget)
	part(at+"/users/"+userID+"?compare=", findTarget)
	part(at+"/users/nobody?compare=", findTarget)
	for _, page := range []string{"/licenses", "/roles"} {
		get(at + page)
		get(at + page + "?ticket=T-1")
		get("/customers/" + domain + page)
		part(at+page, strings.Trim(page, "/")+"-results")
		part(at+page+"?read=0", strings.Trim(page, "/")+"-status")
	}
	for _, file := range []string{"/users.csv", "/users.xlsx", "/users.json", "/users/deleted.csv", "/users/deleted.xlsx", "/users/deleted.json", "/licenses.csv", "/licenses.xlsx", "/licenses.json"} {
		get(at + file)
		get(at + file + "?for=customer")
		part(at+file, exportTarget)
	}
	get(at + "/users.csv?q=a&synced=yes&for=customer&part=yes")
	get("/customers/" + domain + "/users.csv?q=a")
	get(at + "/users/deleted")
	get(at + "/users/deleted?q=a&sort=-name&page=2")
	get(at + "/users/deleted?ticket=T-1")
	get("/customers/" + domain + "/users/deleted")
	part(at+"/users/deleted", "users-results")
	part(at+"/users/deleted?read=1", statusTarget)
	for _, do := range []string{"refresh", "go-on", "stop", "start-again", ""} {
		post(at+"/users/deleted/reading", "do", do)
	}
	get(at + "/licenses?sort=-free")
	get(at + "/licenses?sort=nothing") // to be put right first
	post(at+"/licenses/seats", "do", "refresh")
	post(at+"/licenses/seats", "do", "")
	post(at+"/roles/reading", "do", "refresh")
	for _, do := range []string{"refresh", "go-on", "stop", "start-again"} {
		post(at+"/reading", "do", do)
	}
	post(at+"/reading", "do", "")
	for _, do := range []string{"refresh", "go-on", "stop"} {
		post(at+"/licenses/reading", "do", do)
	}
	for _, do := range []string{"all", "page", "add", "remove", "none", "list"} {
		post(at+"/selection", "do", do, "user", userID, "entries", "a@b.example", "return_to", at+"/users")
	}
	for _, panel := range []string{"columns", "license", "plan", "role", "list", "upns", "views", "command"} {
		get(at + "/users?panel=" + panel)
		part(at+"/users?panel="+panel, panelTarget)
	}
	get(at + "/users?license=none")
	get(at + "/users?role=" + userID)
	get(at + "/users?only=selected")
	post(at+"/star", "on", "1", "return_to", at+"/users")
	post(at+"/star", "on", "0")
	post(at+"/ticket", "ticket", "T-1", "return_to", at+"/users")
	post(at+"/ticket", "off", "1")
	get("/jump?q=a&at=" + customerID)
	part("/jump?q=a&at="+customerID, "palette-results")
	get("/jump?q=" + userID + "&at=" + customerID)
	get("/jump?q=" + domain)
	get("/customers?q=" + domain)
	get("/find?q=a")
	get("/find?q=" + userID)
	part("/find?q=a", sweepTarget)
	post("/find/sweep", "do", "stop")
	post("/find/sweep", "do", "")
	get(at + "/users?view=" + unknownView)
	get(at + "/users?view=none")
	part(at+"/users?view="+unknownView, "users-results")
	post(at+"/views", "do", "save", "name", "Mine", "query", "q=a", "return_to", at+"/users?q=a")
	post(at+"/views", "do", "save", "name", "", "query", "q=a")
	post(at+"/views", "do", "default", "view", unknownView)
	post(at+"/views", "do", "no-default")
	post(at+"/views", "do", "")
	return ways
}

// fixedCorrelation makes answers comparable to the byte.
const fixedCorrelation = "c0ffee00-0000-4000-8000-000000000001"

// changing is what differs between two answers for reasons of the clock alone.
var changing = regexp.MustCompile(`data-(?:idle|absolute)="\d+"|<time[^>]*>[^<]*</time>`)

// go takes the way and gives the answer as one text.
func (b *browser) goIn(w wayIn) string {
	b.t.Helper()
	headers := append([]with{{"X-Correlation-Id", fixedCorrelation}}, w.headers...)
	var a *answer
	if w.method == http.MethodPost {
		a = b.post(w.target, w.form, headers...)
	} else {
		a = b.get(w.target, headers...)
	}
	var out strings.Builder
	fmt.Fprintln(&out, a.status)
	a.header.Del("Content-Length") // of the body, which is compared
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for n := range a.header {
			if !yield(n) {
				return
			}
		}
	}) {
		fmt.Fprintln(&out, name, a.header[name])
	}
	out.WriteString(strings.ReplaceAll(changing.ReplaceAllString(a.body, "(time)"), "><", ">\n<"))
	return out.String()
}

const (
	contosoUser = "c0a70500-0000-4000-8000-000000000001"
	departed    = emulator.DepartedCustomerID
	adminOnly   = emulator.AdminOnlyCustomerID
)

// warm has Priya, who may see nearly everything, read all that is asked for below.
func warm(t *testing.T, r *rig) {
	t.Helper()
	b := r.signedIn(t, priya)
	for _, id := range []string{emulator.ContosoID, adminOnly, emulator.GlobalReaderCustomerID} {
		list := b.get("/customers/" + id + "/users?q=a")
		if list.status != http.StatusOK || !strings.Contains(list.body, `class="name"`) {
			t.Fatalf("Priya's list of %s: %d", id, list.status)
		}
		user := regexp.MustCompile(`/users/([0-9a-f-]{36})"`).FindStringSubmatch(list.body)
		for _, page := range []string{"/users/" + user[1], "/licenses", "/roles"} {
			if a := b.get("/customers/" + id + page); a.status != http.StatusOK {
				t.Fatalf("Priya's %s at %s: %d", page, id, a.status)
			}
		}
	}
	if a := b.get("/customers?q=contoso"); a.status != http.StatusOK {
		t.Fatalf("Priya's customers: %d", a.status)
	}
}

// TestUnseen: who has no access gets, by every way in, the same answer whether
// another person has the customer's users in memory or not; and nothing of them.
func TestUnseen(t *testing.T) {
	cold, hot := newRig(t, rigOptions{}), newRig(t, rigOptions{})
	warm(t, hot)
	for _, tt := range []struct {
		name, person     string
		customer, domain string
		status           int      // of the list of users
		words            []string // on it
	}{
		{"no delegated privileges", nora, emulator.ContosoID, emulator.ContosoDomain, 403,
			[]string{"You can't see users at Contoso Deutschland GmbH & Co. KG.", "This needs the role Directory Readers there.", "Whoever manages admin relationships at Fabrikam Cloud Services can give it."}},
		{"no role at this customer", carsten, adminOnly, "humongousinsurance.example", 403,
			[]string{"You can't see users at Humongous Insurance.", "This needs the role Directory Readers there."}},
		{"no role with the partner", piet, emulator.ContosoID, emulator.ContosoDomain, 403,
			[]string{"You can't see users at Customer " + emulator.ContosoID + "."}},
		{"the customer has left", tomas, departed, "wingtiptoys.example", 404,
			[]string{"No customer of yours has this ID.", "Both look the same from here."}},
		{"there is no such customer", tomas, unknownID, "nobody.example", 404,
			[]string{"No customer of yours has this ID."}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, b := cold.signedIn(t, tt.person), hot.signedIn(t, tt.person)
			for _, way := range waysIn(tt.customer, contosoUser, tt.domain) {
				want, got := a.goIn(way), b.goIn(way)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-nothing loaded +loaded):\n%s", way, diff)
				}
				if status := strings.SplitN(got, "\n", 2)[0]; way.shows(tt.customer) && status != strconv.Itoa(tt.status) {
					t.Errorf("%s answers %s, want %d as the list does", way, status, tt.status)
				}
				if at := regexp.MustCompile(`(?i)[a-z0-9._-]+@(contoso|humongousinsurance)[a-z.-]*\.example`).FindString(strings.ReplaceAll(got, "j.mueller@contoso.example", "")); at != "" {
					t.Errorf("%s tells of %s", way, at)
				}
			}
			list := b.get("/customers/" + tt.customer + "/users")
			if list.status != tt.status {
				t.Errorf("the list: %d, want %d", list.status, tt.status)
			}
			for _, w := range tt.words {
				if !strings.Contains(list.text(), w) {
					t.Errorf("reads %q, want %q in it", list.text(), w)
				}
			}
		})
	}
}

// TestLeftIsUnknown: a customer that has left, though warm before, answers as
// one that never was, name and all.
func TestLeftIsUnknown(t *testing.T) {
	r := newRig(t, rigOptions{})
	warm(t, r)
	b := r.signedIn(t, ama)
	// Contoso leaves while its users are in memory; nobody has seen the list of customers.
	r.emulator.SetFault(emulator.Fault{CustomerID: emulator.ContosoID, Status: 403, Code: 20002})
	same := func(answer, id string) string {
		return strings.ReplaceAll(strings.ReplaceAll(answer, id, "(id)"), strings.ToUpper(id), "(ID)")
	}
	left, unknown := waysIn(emulator.ContosoID, contosoUser, "(domain)"), waysIn(unknownID, contosoUser, "(domain)")
	for i := range left {
		if strings.Contains(left[i].target, "(domain)") || strings.HasPrefix(left[i].target, "/find") {
			continue // these go by Partner Center's own list, which has it still
		}
		want, got := same(b.goIn(unknown[i]), unknownID), same(b.goIn(left[i]), emulator.ContosoID)
		if left[i].target == "/customers/"+emulator.ContosoID+"/users/"+unknownID {
			want = strings.ReplaceAll(want, "(id)/users/(id)", "(id)/users/"+unknownID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-unknown +left):\n%s", left[i], diff)
		}
		if strings.Contains(strings.ToLower(got), "contoso deutschland") {
			t.Errorf("%s tells the name of a customer that left", left[i])
		}
	}
}

// TestKindsApart: who may list users but not read licenses is not helped by
// licenses that somebody else has read.
func TestKindsApart(t *testing.T) {
	cold, hot := newRig(t, rigOptions{}), newRig(t, rigOptions{})
	warm(t, hot)
	at := "/customers/" + emulator.GlobalReaderCustomerID
	a, b := cold.signedIn(t, carsten), hot.signedIn(t, carsten)
	list := b.get(at + "/users")
	user := regexp.MustCompile(`/users/([0-9a-f-]{36})"`).FindStringSubmatch(list.body)
	if list.status != 200 || user == nil {
		t.Fatalf("the list: %d", list.status)
	}
	for _, way := range waysIn(emulator.GlobalReaderCustomerID, user[1], "bellowscollege.example") {
		if way.method != http.MethodGet || strings.Contains(way.target, "ticket") || way.target == at+"/users?read=1" {
			continue // what is read is kept; how far it is read depends on the moment
		}
		_, _ = a.goIn(way), b.goIn(way) // now both lists are complete
	}
	page := b.get(at + "/users/" + user[1])
	for _, w := range []string{"Licenses aren't shown", "This needs the role Directory Readers there."} {
		if !strings.Contains(page.text(), w) {
			t.Errorf("reads %q, want %q in it", page.text(), w)
		}
	}
	way := wayIn{method: "GET", target: at + "/users/" + user[1]}
	if diff := cmp.Diff(a.goIn(way), b.goIn(way)); diff != "" {
		t.Errorf("the user (-nothing loaded +loaded):\n%s", diff)
	}
	if strings.Contains(page.body, "Office 365") || strings.Contains(page.body, "Microsoft 365") {
		t.Error("a license is on the page")
	}
}

// kindRefusals are, by kind of data, the calls that tell of it, and what a page
// with it says at Contoso.
var kindRefusals = map[directory.Kind]struct {
	calls []string
	tells string
}{
	directory.KindCustomers: {[]string{"/customers"}, "Contoso Deutschland"},
	directory.KindUsers:     {[]string{"/customers/*/users"}, "@contoso."},
	directory.KindLicenses:  {[]string{"/customers/*/users/*/licenses"}, "Power BI Pro"},
	directory.KindSKUs:      {[]string{"/customers/*/subscribedskus"}, "seats assigned at this customer"},
	directory.KindRoles:     {[]string{"/customers/*/directoryroles", "/customers/*/users/*/directoryroles"}, "Global Administrator"},
}

// TestEveryKindIsDemanded: each route of a customer demands the kinds of data
// that it declares, and no other. Everything is in memory, and one kind is
// refused: a route that is of this kind is refused; one that has it besides,
// declared or as columns, is without it.
func TestEveryKindIsDemanded(t *testing.T) {
	for kind, refusal := range kindRefusals {
		t.Run(string(kind), func(t *testing.T) {
			r := newRig(t, rigOptions{})
			warm(t, r)
			all, b := r.signedIn(t, priya), r.signedIn(t, tomas)
			for _, call := range refusal.calls {
				r.emulator.SetFault(emulator.Fault{Person: tomas, PathPrefix: call, Status: 403, Code: 2032})
			}
			told := 0
			for name, row := range routeRows {
				if row.access.owner != ownerCustomer && name != "GET /find" {
					continue
				}
				method, _, _ := strings.Cut(name, " ")
				to := func(b *browser) *answer {
					if method == http.MethodPost {
						return b.post(row.path, row.form)
					}
					return b.get(row.path)
				}
				main, declared := row.access.kinds[0], slices.Contains(row.access.kinds, kind)
				full, a := to(all), to(b)
				refused := a.status == http.StatusForbidden
				besides := method == http.MethodGet && kind != main // a page shows the rest
				switch {
				case full.status == http.StatusForbidden:
					t.Errorf("%s answers %d to who may see everything", name, full.status)
				case declared && !besides && !refused && !leads(name):
					t.Errorf("%s declares %s and answers %d without", name, kind, a.status)
				case !declared && refused && kind != directory.KindCustomers: // with that all of them go
					t.Errorf("%s does not declare %s and is refused without", name, kind)
				}
				if !declared && main != directory.KindUsers {
					continue // it is of another kind, that tells of the same things
				}
				if strings.Contains(full.body, refusal.tells) {
					told++
				}
				if strings.Contains(a.body, refusal.tells) {
					t.Errorf("%s tells %q without %s", name, refusal.tells, kind)
				}
			}
			if told == 0 {
				t.Errorf("no page tells %q to who may see everything", refusal.tells)
			}
		})
	}
}

// leads reports whether a route only leads to another, by what it was given.
func leads(route string) bool { return route == "GET /customers/:customer" }

// TestEveryRouteIsAWayIn: the ways above take every route on which something of
// a customer could be seen or done.
func TestEveryRouteIsAWayIn(t *testing.T) {
	taken := map[string]bool{}
	routeOf := newRig(t, rigOptions{}).routeOf()
	for _, way := range waysIn(emulator.ContosoID, contosoUser, emulator.ContosoDomain) {
		taken[routeOf(way.method, way.target)] = true
	}
	for name, row := range routeRows {
		ofCustomers := slices.ContainsFunc([]owner{ownerCustomer, ownerPartner}, func(o owner) bool { return o == row.access.owner })
		if ofCustomers && !taken[name] && name != "GET /" && name != "POST /customers/reading" { // which know of no customer
			t.Errorf("%s is not among the ways in", name)
		}
	}
}

// routeOf tells which route answers an address: "GET /customers".
func (r *rig) routeOf() func(method, target string) string {
	e := echo.New()
	for _, route := range r.portal.server.routes() {
		e.Add(route.method, route.path, route.handler)
	}
	return func(method, target string) string {
		path, _, _ := strings.Cut(target, "?")
		c := e.NewContext(httptest.NewRequest(method, "/", nil), nil)
		e.Router().Find(method, path, c)
		return method + " " + c.Path()
	}
}

// TestKeptNeedsAccess: nothing is kept about a customer that the person may
// not know of; what is kept can always be taken off.
func TestKeptNeedsAccess(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, tomas)
	for _, tt := range []struct {
		what, customer string
		form           url.Values
		status         int
	}{
		{"star", unknownID, url.Values{"on": {"1"}}, 404},
		{"ticket", unknownID, url.Values{"ticket": {"T-1"}}, 404},
		{"star", departed, url.Values{"on": {"1"}}, 404},
		{"ticket", departed, url.Values{"ticket": {"T-1"}}, 404},
		{"star", emulator.ContosoID, url.Values{"on": {"1"}}, 303},
		{"ticket", emulator.ContosoID, url.Values{"ticket": {"T-1"}}, 303},
		{"star", unknownID, url.Values{"on": {"0"}}, 303},
		{"ticket", unknownID, url.Values{"off": {"1"}}, 303},
	} {
		if a := b.post("/customers/"+tt.customer+"/"+tt.what, tt.form); a.status != tt.status {
			t.Errorf("%s %s at %s: %d, want %d", tt.what, tt.form.Encode(), tt.customer, a.status, tt.status)
		}
	}
	kept, err := r.portal.server.prefs.Customers(t.Context(), emulator.PartnerTenantID+"/"+tomas)
	must(t, err)
	if len(kept.Starred) != 1 || len(kept.Tickets) != 1 || kept.Tickets[emulator.ContosoID] != "T-1" {
		t.Errorf("kept: %+v", kept)
	}
}
