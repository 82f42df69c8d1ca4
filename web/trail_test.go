package web

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// onTrail is what each page leaves on the trail of whoever opens it. A page
// that shows nobody's data but the person's own leaves nothing. A new page
// fails until it has its line.
var onTrail = map[string][]string{
	"GET /":                         nil, // leads to a page
	"GET /customers":                {audit.KindCustomersList},
	"GET /customers/:customer":      nil, // leads to a page
	"GET /customers/:customer/icon": nil, // the tile of a page
	"GET /jump":                     {audit.KindCustomersList},
	"GET /find":                     {audit.KindCustomersList, audit.KindFind},

	"GET /customers/:customer/users":         {audit.KindUsersList},
	"GET /customers/:customer/users/:user":   {audit.KindUserRead},
	"GET /customers/:customer/users/deleted": {audit.KindDeletedList},
	"GET /customers/:customer/licenses":      {audit.KindLicensesList},
	"GET /customers/:customer/roles":         {audit.KindRolesList},

	"GET /customers/:customer/users.csv":          {audit.KindExport},
	"GET /customers/:customer/users.xlsx":         {audit.KindExport},
	"GET /customers/:customer/users.json":         {audit.KindExport},
	"GET /customers/:customer/users/deleted.csv":  {audit.KindExport},
	"GET /customers/:customer/users/deleted.xlsx": {audit.KindExport},
	"GET /customers/:customer/users/deleted.json": {audit.KindExport},
	"GET /customers/:customer/licenses.csv":       {audit.KindExport},
	"GET /customers/:customer/licenses.xlsx":      {audit.KindExport},
	"GET /customers/:customer/licenses.json":      {audit.KindExport},

	"GET /settings":        nil,
	"GET /settings/people": nil,
	"GET /help":            nil,
}

// trailWay is one request and the kinds of rows that it leaves.
type trailWay struct {
	wayIn
	kinds []string
}

// pollOf makes a request one by which a page fills the element of that ID.
func pollOf(id string) []with { return append([]with{{"HX-Target", "div#" + id}}, fragment...) }

// trailWays are all pages as routeRows has them; and every other way to what
// they show, also those that no page of ours goes.
func trailWays(t *testing.T) []trailWay {
	t.Helper()
	var ways []trailWay
	left := maps.Clone(onTrail)
	for _, name := range slices.Sorted(maps.Keys(routeRows)) {
		row := routeRows[name]
		method, _, _ := strings.Cut(name, " ")
		if method != http.MethodGet || row.access.level == public {
			continue
		}
		kinds, ok := left[name]
		if !ok {
			t.Errorf("%s has no line in this test: say what it leaves on the trail", name)
		}
		delete(left, name)
		ways = append(ways, trailWay{wayIn{method, row.path, nil, nil}, kinds})
	}
	for name := range left {
		t.Errorf("%s has a line and is no page", name)
	}
	get := func(kinds []string, target string, headers ...with) {
		ways = append(ways, trailWay{wayIn{http.MethodGet, target, nil, headers}, kinds})
	}
	post := func(kinds []string, target string, form url.Values, headers ...with) {
		ways = append(ways, trailWay{wayIn{http.MethodPost, target, form, headers}, kinds})
	}
	users, customers, find := []string{audit.KindUsersList}, []string{audit.KindCustomersList}, []string{audit.KindCustomersList, audit.KindFind}

	// A header says that a page fills itself. It says so of anything.
	for _, read := range []string{"", "&read=0", "&read=1", "&read=nonsense", "&read=-5"} {
		get(users, contoso+"/users?q=mueller&sort=-upn"+read, pollOf(statusTarget)...)
		get(customers, "/customers?q=contoso"+read, pollOf(customersStatusTarget)...)
		get([]string{audit.KindDeletedList}, contoso+"/users/deleted?q=a"+read, pollOf(statusTarget)...)
		get([]string{audit.KindLicensesList}, contoso+"/licenses?sort=name"+read, pollOf(licensesTarget)...)
		get([]string{audit.KindRolesList}, contoso+"/roles?x=y"+read, pollOf(rolesTarget)...)
	}
	get(users, contoso+"/users?read=1&licenses=1&pending=c0a70500-0000-4000-8000-000000000001", pollOf(statusTarget)...)
	get(users, contoso+"/users", with{"HX-Target", "div#users-status"}) // whole, it says
	get(customers, "/customers", with{"HX-Target", "div#customers-status"})
	get(find, "/find?q=mueller", pollOf(sweepTarget)...)
	get(customers, "/find", pollOf(sweepTarget)...)
	for _, other := range []string{"x-status", sweepTarget, exportTarget, panelTarget, "users-results", findTarget} { // another page's
		get(users, contoso+"/users?q=mueller", pollOf(other)...)
		get(customers, "/customers", pollOf(other)...)
	}
	for _, panel := range []string{"license", "location", "domain", "role", "columns", "views", toolCommand, "list"} {
		get(users, contoso+"/users?panel="+panel)
	}
	get([]string{audit.KindUsersList, audit.KindExport}, contoso+"/users?panel=upns")
	get([]string{audit.KindCustomersList, audit.KindUsersList}, "/jump?q=mueller&at="+emulator.ContosoID, fragment...)
	get(users, oneUser+"?compare=mueller", pollOf(findTarget)...)
	get([]string{audit.KindUserRead, audit.KindUsersList}, oneUser+"?compare=de")
	get([]string{audit.KindUserRead, audit.KindUserRead}, oneUser+"?compare="+twoUsers)
	get([]string{audit.KindUserRead}, oneUser, pollOf(statusTarget)...)

	results := append([]with{{"HX-Target", "section#users-results"}}, fragment...)
	post(users, contoso+"/selection", url.Values{"do": {"none"}, "return_to": {contoso + "/users?q=mueller"}}, results...)
	post(users, contoso+"/selection", url.Values{"do": {"none"}, "return_to": {contoso + "/users"}}, pollOf(bulkTarget)...)
	post([]string{audit.KindSelectAll, audit.KindUsersList}, contoso+"/selection", url.Values{"do": {"all"}, "return_to": {contoso + "/users?q=mueller"}}, results...)
	post([]string{audit.KindFind}, contoso+"/selection", url.Values{"do": {"list"}, "entries": {"j.mueller@contoso.example"}})
	post([]string{audit.KindFind}, contoso+"/selection", url.Values{"do": {"list"}, "user": {"c0a70500-0000-4000-8000-000000000001"}})
	post([]string{audit.KindFind}, contoso+"/selection", url.Values{"do": {"list"}, "entries": {strings.Repeat("a\n b\n", mostEntries)}, "user": {"c0a70500-0000-4000-8000-000000000001"}})
	post(users, contoso+"/views", url.Values{"do": {"save"}, "name": {""}, "query": {"q=mueller"}})
	post([]string{audit.KindSweep}, "/find/sweep", url.Values{"do": {"start"}})
	return ways
}

const twoUsers = "c0a70500-0000-4000-8000-000000000002"

// goOn sends the request of a way from an address of its own, so that no view
// before it has it counted.
func (b *browser) goOn(way trailWay, from int) *answer {
	b.from = fmt.Sprintf("198.51.100.%d:1234", from)
	if way.method == http.MethodPost {
		return b.post(way.target, way.form, way.headers...)
	}
	return b.get(way.target, way.headers...)
}

// since are the kinds of the rows after one, and the newest row's number.
func (r *rig) since(t *testing.T, before int64) (kinds []string, newest int64) {
	t.Helper()
	rows, err := r.trail.List(t.Context(), audit.Filter{Limit: 100})
	must(t, err)
	for _, row := range rows {
		if row.Seq > before {
			kinds = append(kinds, row.Kind)
		}
	}
	slices.Sort(kinds)
	return kinds, rows[0].Seq
}

// TestTrailOfPages: who looks at anything of a customer is on the trail, under
// their name and address, whatever way they came and whatever headers they
// send; and a page that asks again by itself is counted no second time.
func TestTrailOfPages(t *testing.T) {
	r := newRig(t, rigOptions{demo: aDemo{}})
	b := r.signedIn(t, priya)
	b.getRead(contoso + "/users")
	_, newest := r.since(t, 0)
	for i, way := range trailWays(t) {
		a := b.goOn(way, i)
		var kinds []string
		kinds, newest = r.since(t, newest)
		if diff := cmp.Diff(slices.Sorted(slices.Values(way.kinds)), kinds); diff != "" {
			t.Errorf("%s: %d %.80q, the trail (-want +got):\n%s", way, a.status, a.text(), diff)
		}
		rows, err := r.trail.List(t.Context(), audit.Filter{Limit: max(1, len(kinds))})
		must(t, err)
		for _, row := range rows[:len(kinds)] {
			if customer := strings.HasPrefix(way.target, contoso); row.PersonName != "Priya Nair" || row.Address+":1234" != b.from || row.CorrelationID == "" || customer != (row.CustomerID == emulator.ContosoID) && !strings.HasPrefix(way.target, "/jump") {
				t.Errorf("%s: on the trail is %+v", way, row)
			}
		}
		if !strings.HasSuffix(target(headersOf(way)), polled) {
			continue
		}
		b.goOn(way, i)
		if kinds, newest = r.since(t, newest); len(kinds) > 0 && way.kinds[0] != audit.KindUserRead { // each user page has a row
			t.Errorf("%s once more: %v", way, kinds)
		}
	}
}

func headersOf(way trailWay) *http.Request {
	r := &http.Request{Header: http.Header{}}
	for _, h := range way.headers {
		r.Header.Set(h.name, h.value)
	}
	return r
}

// TestNothingWithoutTheTrail: what can't be recorded is not shown.
func TestNothingWithoutTheTrail(t *testing.T) {
	r := newRig(t, rigOptions{demo: aDemo{}})
	b := r.signedIn(t, priya)
	b.getRead(contoso + "/users")
	for _, list := range []string{"/licenses", "/roles", "/users/deleted"} {
		b.get(contoso + list)
	}
	r.breakTrail(t)
	rows := regexp.MustCompile(`(?i)[a-z0-9._-]+@contoso|humongous insurance|microsoft 365|helpdesk administrator`)
	for i, way := range trailWays(t) {
		if way.kinds == nil {
			continue
		}
		a := b.goOn(way, i)
		if a.status != http.StatusServiceUnavailable || !strings.Contains(a.text(), "Rollcall can't write its record") || a.header.Get("Content-Disposition") != "" {
			t.Errorf("%s: %d %.100q", way, a.status, a.text())
		}
		if shown := rows.FindString(strings.ReplaceAll(a.body, "j.mueller@contoso", "")); shown != "" {
			t.Errorf("%s shows %s", way, shown)
		}
	}
}

// TestTrailOfAStolenCookie: views from elsewhere are not counted into those of
// the cookie's owner, nor views for another ticket into those for the one before.
func TestTrailOfAStolenCookie(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, priya)
	b.getRead(contoso + "/users")
	_, newest := r.since(t, 0)
	look := func(from string) {
		b.from = from
		b.get(contoso + "/users")
		b.get(contoso+"/users", pollOf(statusTarget)...)
	}
	look("192.0.2.7:1")
	look("203.0.113.66:1")
	look("192.0.2.7:2")
	b.post(contoso+"/ticket", url.Values{"ticket": {"T-1"}})
	look("192.0.2.7:3")
	look("203.0.113.66:3")
	rows, err := r.trail.List(t.Context(), audit.Filter{Limit: 10})
	must(t, err)
	var got []string
	for _, row := range slices.Backward(rows) {
		if row.Seq > newest {
			got = append(got, row.Kind+" "+row.Address+" "+row.Ticket)
		}
	}
	want := []string{"users.list 203.0.113.66 ", "users.list 192.0.2.7 T-1", "users.list 203.0.113.66 T-1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTrailOfJumps: who tries customers by way of the palette is refused on
// the trail, though the answer tells of nothing else.
func TestTrailOfJumps(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, nora)
	for _, at := range []string{emulator.ContosoID, unknownID, emulator.ContosoID} {
		if a := b.get("/jump?q=a&at=" + at); a.status != http.StatusOK {
			t.Fatalf("%d", a.status)
		}
	}
	rows, err := r.trail.List(t.Context(), audit.Filter{Kinds: []string{audit.KindRefused}})
	must(t, err)
	var got []string
	for _, row := range slices.Backward(rows) {
		got = append(got, row.CustomerID+" "+row.TargetID+" "+row.Detail["reason"])
	}
	if diff := cmp.Diff([]string{emulator.ContosoID + " GET /jump role missing", unknownID + " GET /jump no relationship"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTrailOfAComparison: that Partner Center refused the other user is on the
// trail, though the one is shown.
func TestTrailOfAComparison(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, priya)
	r.emulator.SetFault(emulator.Fault{PathPrefix: contoso + "/users/" + twoUsers, Status: 403})
	if a := b.get(oneUser + "?compare=" + twoUsers); a.status != http.StatusOK {
		t.Fatalf("%d %.100q", a.status, a.text())
	}
	kinds, _ := r.since(t, 0)
	rows, err := r.trail.List(t.Context(), audit.Filter{Kinds: []string{audit.KindRefused}})
	must(t, err)
	if len(rows) != 1 || rows[0].CustomerID != emulator.ContosoID || rows[0].Detail["reason"] != "role missing" {
		t.Errorf("on the trail are %v, refused %+v", kinds, rows)
	}
}

// TestTrailOfAList: whom a pasted list was about, and how many users it showed.
func TestTrailOfAList(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, priya)
	b.getRead(contoso + "/users")
	b.post(contoso+"/selection", url.Values{"do": {"list"}, "entries": {"j.mueller@contoso.example\nNobody Here"}})
	rows, err := r.trail.List(t.Context(), audit.Filter{Kinds: []string{audit.KindFind}, CustomerID: emulator.ContosoID})
	must(t, err)
	want := map[string]string{"text": "j.mueller@contoso.example; Nobody Here", "entries": "2", "found": "1"}
	if len(rows) != 1 {
		t.Fatalf("%d rows", len(rows))
	}
	if diff := cmp.Diff(want, rows[0].Detail); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	long := strings.Repeat("é", 1000)
	for range 7 {
		long += "\n" + long[:len(long)/2]
	}
	if a := b.post(contoso+"/selection", url.Values{"do": {"list"}, "entries": {long}}); a.status != http.StatusOK {
		t.Errorf("a list too long for the trail: %d %.100q", a.status, a.text())
	}
}
