package web

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
	"github.com/rollcall-app/rollcall/static"
)

// What the routes below declare. It is written out a second time so that
// nobody opens a route by the way.
var (
	forAnybody         = access{level: 0, owner: ownerNone}
	forOneself         = access{level: auth.LevelReader, owner: ownerPerson}
	forStaff           = access{level: auth.LevelAdmin, owner: ownerStaff, fresh: true}
	forCustomers       = access{level: auth.LevelReader, owner: ownerPartner, kinds: []directory.Kind{"customers"}}
	forCustomer        = access{level: auth.LevelReader, owner: ownerCustomer, kinds: []directory.Kind{"customers"}}
	forUsers           = access{level: auth.LevelReader, owner: ownerCustomer, kinds: []directory.Kind{"users"}}
	forSKUs            = access{level: auth.LevelReader, owner: ownerCustomer, kinds: []directory.Kind{"skus"}}
	forRoles           = access{level: auth.LevelReader, owner: ownerCustomer, kinds: []directory.Kind{"roles"}}
	forLicensesOfUsers = access{level: auth.LevelReader, owner: ownerCustomer, kinds: []directory.Kind{"users", "licenses"}}
	forUser            = access{level: auth.LevelReader, owner: ownerCustomer, kinds: []directory.Kind{"users", "licenses", "skus", "roles"}}
	forUsersFile       = access{level: auth.LevelReader, owner: ownerCustomer, kinds: []directory.Kind{"users"}, fresh: true}
	forSKUsFile        = access{level: auth.LevelReader, owner: ownerCustomer, kinds: []directory.Kind{"skus"}, fresh: true}
	forFinding         = access{level: auth.LevelReader, owner: ownerPartner, kinds: []directory.Kind{"customers", "users"}}
)

const (
	contoso = "/customers/" + emulator.ContosoID
	oneUser = contoso + "/users/c0a70500-0000-4000-8000-000000000001"
)

// routeRow is one route: what it declares, an address of it, and what whoever
// is let in gets there.
type routeRow struct {
	access access
	path   string
	form   url.Values
	status int
	to     string // Location
}

// routeRows has a row for every route. A new route fails until it has one.
var routeRows = map[string]routeRow{
	"GET /sign-in":               {forAnybody, "/sign-in", nil, 200, ""},
	"GET /sign-in/start":         {forAnybody, "/sign-in/start", nil, 303, "(provider)"},
	"GET /sign-in/callback":      {forAnybody, "/sign-in/callback?code=a&state=b", nil, 303, "(refused)"},
	"GET /sign-out":              {forAnybody, "/sign-out", nil, 200, ""},
	"POST /sign-out":             {forAnybody, "/sign-out", url.Values{}, 303, "/sign-out"},
	"POST /sign-in/logout-token": {forAnybody, "/sign-in/logout-token", url.Values{"logout_token": {"x"}}, 400, ""},

	"GET /":                            {forCustomers, "/", nil, 303, "/customers"},
	"GET /customers":                   {forCustomers, "/customers", nil, 200, ""},
	"POST /customers/reading":          {forCustomers, "/customers/reading", url.Values{"do": {"refresh"}}, 303, "/customers"},
	"GET /customers/:customer":         {forCustomer, contoso, nil, 303, contoso + "/users"},
	"GET /customers/:customer/icon":    {forCustomer, contoso + "/icon", nil, 200, ""},
	"POST /customers/:customer/star":   {forCustomer, contoso + "/star", url.Values{"on": {"1"}}, 303, "/customers"},
	"POST /customers/:customer/ticket": {forCustomer, contoso + "/ticket", url.Values{"ticket": {"T-1"}}, 303, contoso + "/users"},
	"GET /jump":                        {forCustomers, "/jump?q=contoso", nil, 200, ""},

	"GET /customers/:customer/users":                  {forUsers, contoso + "/users", nil, 200, ""},
	"POST /customers/:customer/reading":               {forUsers, contoso + "/reading", url.Values{"do": {"refresh"}}, 303, contoso + "/users"},
	"GET /customers/:customer/users/:user":            {forUser, oneUser, nil, 200, ""},
	"GET /customers/:customer/users/deleted":          {forUsers, contoso + "/users/deleted", nil, 200, ""},
	"POST /customers/:customer/users/deleted/reading": {forUsers, contoso + "/users/deleted/reading", url.Values{"do": {"refresh"}}, 303, contoso + "/users/deleted"},
	"POST /customers/:customer/views":                 {forUsers, contoso + "/views", url.Values{"do": {"save"}, "name": {"Guests"}, "query": {"guest=yes"}, "return_to": {contoso + "/users?guest=yes"}}, 303, contoso + "/users?guest=yes"},
	"POST /customers/:customer/selection":             {forUsers, contoso + "/selection", url.Values{"do": {"page"}, "return_to": {contoso + "/users?q=a"}}, 303, contoso + "/users?q=a"},
	"POST /customers/:customer/licenses/reading":      {forLicensesOfUsers, contoso + "/licenses/reading", url.Values{"do": {"go-on"}}, 303, contoso + "/users"},

	"GET /customers/:customer/licenses":        {forSKUs, contoso + "/licenses", nil, 200, ""},
	"POST /customers/:customer/licenses/seats": {forSKUs, contoso + "/licenses/seats", url.Values{"do": {"refresh"}}, 303, contoso + "/licenses"},
	"GET /customers/:customer/roles":           {forRoles, contoso + "/roles", nil, 200, ""},
	"POST /customers/:customer/roles/reading":  {forRoles, contoso + "/roles/reading", url.Values{"do": {"refresh"}}, 303, contoso + "/roles"},

	"GET /find":        {forFinding, "/find?q=a", nil, 200, ""},
	"POST /find/sweep": {forFinding, "/find/sweep", url.Values{"do": {"stop"}}, 303, "/find"},

	"GET /customers/:customer/users.csv":          {forUsersFile, contoso + "/users.csv", nil, 200, ""},
	"GET /customers/:customer/users.xlsx":         {forUsersFile, contoso + "/users.xlsx", nil, 200, ""},
	"GET /customers/:customer/users.json":         {forUsersFile, contoso + "/users.json", nil, 200, ""},
	"GET /customers/:customer/users/deleted.csv":  {forUsersFile, contoso + "/users/deleted.csv", nil, 200, ""},
	"GET /customers/:customer/users/deleted.xlsx": {forUsersFile, contoso + "/users/deleted.xlsx", nil, 200, ""},
	"GET /customers/:customer/users/deleted.json": {forUsersFile, contoso + "/users/deleted.json", nil, 200, ""},
	"GET /customers/:customer/licenses.csv":       {forSKUsFile, contoso + "/licenses.csv", nil, 200, ""},
	"GET /customers/:customer/licenses.xlsx":      {forSKUsFile, contoso + "/licenses.xlsx", nil, 200, ""},
	"GET /customers/:customer/licenses.json":      {forSKUsFile, contoso + "/licenses.json", nil, 200, ""},

	"GET /settings":           {forOneself, "/settings", nil, 200, ""},
	"POST /settings":          {forOneself, "/settings", url.Values{"theme": {"dark"}}, 303, "/settings?saved=1"},
	"POST /settings/views":    {forOneself, "/settings/views", url.Values{"do": {"delete"}, "view": {"unknown"}}, 303, "/settings#views"},
	"POST /settings/sessions": {forOneself, "/settings/sessions", url.Values{"session": {"unknown"}}, 303, "/settings#sessions"},
	"GET /settings/people":    {forStaff, "/settings/people", nil, 200, ""},
	"POST /settings/people":   {forStaff, "/settings/people", url.Values{"session": {"unknown"}}, 303, "/settings/people?ended=session"},
	"POST /sharing":           {forOneself, "/sharing", url.Values{"on": {"0"}}, 303, "/"},
	"GET /help":               {forOneself, "/help", nil, 200, ""},
	"POST /demo/faults":       {forOneself, "/demo/faults", url.Values{"fault": {"slow"}}, 303, "/customers"},

	"GET /static/*":    {forAnybody, static.Path("app.css"), nil, 200, ""},
	"HEAD /static/*":   {forAnybody, static.Path("app.css"), nil, 200, ""},
	"GET /favicon.ico": {forAnybody, "/favicon.ico", nil, 301, static.Path("favicon.svg")},
	"GET /robots.txt":  {forAnybody, "/robots.txt", nil, 200, ""},
	"GET /livez":       {forAnybody, "/livez", nil, 200, ""},
	"HEAD /livez":      {forAnybody, "/livez", nil, 200, ""},
	"GET /readyz":      {forAnybody, "/readyz", nil, 200, ""},
	"HEAD /readyz":     {forAnybody, "/readyz", nil, 200, ""},
}

// signOutLast is the routes' names, with the one that ends the session last.
func signOutLast() []string {
	const out = "POST /sign-out"
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(routeRows)), func(name string) bool { return name == out })
	return append(names, out)
}

// aDemo is a menu of faults that does nothing.
type aDemo struct{}

func (aDemo) Faults() []DemoFault       { return []DemoFault{{Name: "slow", Label: "Slow"}} }
func (aDemo) SetFaults(n []string) bool { return slices.Equal(n, []string{"slow"}) }

// TestRoutesDeclareAccess: every route has its row, which says the same.
func TestRoutesDeclareAccess(t *testing.T) {
	left := maps.Clone(routeRows)
	for _, r := range newRig(t, rigOptions{demo: aDemo{}}).portal.server.routes() {
		name := r.method + " " + r.path
		row, ok := left[name]
		if !ok {
			t.Errorf("%s has no row in this test: say who may use it", name)
			continue
		}
		delete(left, name)
		if !reflect.DeepEqual(r.access, row.access) {
			t.Errorf("%s declares %+v, its row %+v", name, r.access, row.access)
		}
		if strings.Contains(r.path, ":customer") && (r.access.owner != ownerCustomer || len(r.access.kinds) == 0) {
			t.Errorf("%s is a customer's and declares %+v", name, r.access)
		}
		if fileRoute.MatchString(r.path) && !r.access.fresh {
			t.Errorf("%s is an export and does not read the session's row", name)
		}
		if r.access.level == public && r.access.owner != ownerNone {
			t.Errorf("%s shows somebody's things to anybody", name)
		}
	}
	for name := range left {
		t.Errorf("%s has a row and is no route", name)
	}
	for _, r := range newRig(t, rigOptions{}).portal.server.routes() {
		if strings.HasPrefix(r.path, "/demo") {
			t.Errorf("%s %s outside the demo", r.method, r.path)
		}
	}
}

// fileRoute ends the path of a route that gives a file.
var fileRoute = regexp.MustCompile(`\.(csv|xlsx|json)$`)

// TestEndedOnAnotherReplica: a session that another replica has ended opens at
// most what may be answered from a copy, for five seconds; never what changes
// anything, and nothing that is declared fresh.
func TestEndedOnAnotherReplica(t *testing.T) {
	for name, tt := range map[string]struct {
		method string
		access access
		opens  bool
	}{
		"a page":              {http.MethodGet, access{level: auth.LevelReader, owner: ownerPerson}, true},
		"an export":           {http.MethodGet, access{level: auth.LevelReader, owner: ownerPerson, fresh: true}, false},
		"a change":            {http.MethodPost, access{level: auth.LevelReader, owner: ownerPerson}, false},
		"a change by a poll":  {http.MethodPost, access{level: auth.LevelReader, owner: ownerPerson}, false},
		"an export by a poll": {http.MethodGet, access{level: auth.LevelReader, owner: ownerPerson, fresh: true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, rigOptions{})
			b := r.signedIn(t, priya)
			if a := b.get("/help"); a.status != http.StatusOK { // there is a copy now
				t.Fatalf("%d", a.status)
			}
			token, err := base64.RawURLEncoding.DecodeString(b.cookies["__Host-rollcall"].Value)
			must(t, err)
			id := sha256.Sum256(token)
			must(t, r.store.DeleteSession(t.Context(), base64.RawURLEncoding.EncodeToString(id[:])))

			ran := false
			handler := r.portal.server.guard(route{method: tt.method, path: "/x", access: tt.access, handler: func(c echo.Context) error {
				ran = true
				return c.NoContent(http.StatusNoContent)
			}})
			req := httptest.NewRequest(tt.method, base+"/x", nil)
			req.AddCookie(b.cookies["__Host-rollcall"])
			if strings.Contains(name, "poll") {
				req.Header.Set("Hx-Target", "div#x-status")
			}
			answer := httptest.NewRecorder()
			must(t, handler(echo.New().NewContext(req, answer)))
			if ran != tt.opens || !ran && !strings.Contains(answer.Header().Get("Location"), "ended=elsewhere") {
				t.Errorf("ran %v, want %v; sent to %q", ran, tt.opens, answer.Header().Get("Location"))
			}
		})
	}
}

// TestPollsKeepNobodySignedIn: only what a person does counts as activity.
func TestPollsKeepNobodySignedIn(t *testing.T) {
	r := newRig(t, rigOptions{})
	poll := append([]with{{"HX-Target", "div#users-status"}}, fragment...)
	typing := append([]with{{"HX-Target", "section#users-results"}}, fragment...)

	b := r.signedIn(t, priya)
	for range 4 { // 80 minutes of typing
		r.wait(20 * time.Minute)
		if a := b.get(contoso+"/users?q=a", typing...); a.status != http.StatusOK || a.header.Get("HX-Redirect") != "" {
			t.Fatalf("typing: %d to %q", a.status, a.header.Get("HX-Redirect"))
		}
	}
	for range 2 { // 40 minutes of polls
		r.wait(20 * time.Minute)
		if a := b.get(contoso+"/users", poll...); a.status != http.StatusOK || a.header.Get("HX-Redirect") != "" {
			t.Fatalf("a poll before the hour: %d to %q", a.status, a.header.Get("HX-Redirect"))
		}
	}
	r.wait(20 * time.Minute)
	if a := b.get(contoso+"/users", poll...); !strings.Contains(a.header.Get("HX-Redirect"), "ended=idle") {
		t.Errorf("an hour after the last key: %d to %q, want the sign-in page", a.status, a.header.Get("HX-Redirect"))
	}
}

// TestRouteWithoutAccess: the program does not start with it.
func TestRouteWithoutAccess(t *testing.T) {
	s := newRig(t, rigOptions{}).portal.server
	defer func() {
		if recover() == nil {
			t.Error("a route that declares no access is served")
		}
	}()
	s.guard(route{method: "GET", path: "/x", handler: s.helpPage})
}

// aSession is how somebody comes who is not signed in, or no longer.
type aSession struct {
	browser *browser
	later   time.Duration // how much later
	ended   string        // what the sign-in page is told
}

// deadSessions are all that open nothing.
func deadSessions(t *testing.T, r *rig) map[string]aSession {
	t.Helper()
	made := func(value string) *browser {
		b := r.browser(t)
		b.cookies["__Host-rollcall"] = &http.Cookie{Name: "__Host-rollcall", Value: value}
		return b
	}
	live := r.signedIn(t, tomas)
	wrongName := r.browser(t)
	wrongName.cookies["rollcall"] = &http.Cookie{Name: "rollcall", Value: live.cookies["__Host-rollcall"].Value}
	elsewhere := r.signedIn(t, tomas)
	if a := r.signedIn(t, tomas).post("/settings/sessions", url.Values{"all": {"1"}}); a.to() != "/sign-in?ended=everywhere" {
		t.Fatalf("ending all sessions: %d to %s", a.status, a.to())
	}
	out := r.signedIn(t, carsten)
	replayed := made(out.cookies["__Host-rollcall"].Value)
	if a := out.post("/sign-out", url.Values{}); a.status != 303 || out.cookies["__Host-rollcall"] != nil {
		t.Fatalf("signing out: %d, cookie %v", a.status, out.cookies["__Host-rollcall"])
	}
	before := r.signedIn(t, carsten)
	fixed := made(before.cookies["__Host-rollcall"].Value)
	if a := before.signIn("/sign-in/start", carsten); a.status != 303 {
		t.Fatalf("signing in again: %d", a.status)
	}
	return map[string]aSession{
		"no cookie":                       {browser: r.browser(t)},
		"an empty cookie":                 {browser: made("")},
		"a cookie that is no number":      {browser: made("admin")},
		"a cookie that is too short":      {browser: made("AAAAAAAAAAAAAAAAAAAAAA")},
		"a cookie nobody made":            {browser: made(strings.Repeat("A", 43)), ended: "elsewhere"},
		"a cookie under another name":     {browser: wrongName},
		"idle for an hour":                {browser: r.signedIn(t, carsten), later: 61 * time.Minute, ended: "idle"},
		"twelve hours old":                {browser: r.signedIn(t, carsten), later: 12*time.Hour + time.Minute, ended: "expired"},
		"ended in another browser":        {browser: elsewhere, ended: "elsewhere"},
		"signed out, the cookie kept":     {browser: replayed, ended: "elsewhere"},
		"the cookie before a new sign-in": {browser: fixed, ended: "elsewhere"},
	}
}

// TestRoutesWithoutSession: who is not signed in, or no longer, gets nothing
// but the way to the sign-in page from what is not public.
func TestRoutesWithoutSession(t *testing.T) {
	r := newRig(t, rigOptions{demo: aDemo{}})
	r.signedIn(t, priya).getRead(contoso + "/users") // warm lists must not help anybody
	calls := len(r.emulator.Calls())
	for name, s := range deadSessions(t, r) {
		t.Run(name, func(t *testing.T) {
			r.wait(s.later)
			defer r.wait(-s.later)
			s.browser.t = t
			cookies := maps.Clone(s.browser.cookies)
			for _, route := range signOutLast() {
				row := routeRows[route]
				method, _, _ := strings.Cut(route, " ")
				s.browser.cookies = maps.Clone(cookies)
				send := func(headers ...with) *answer {
					if method == http.MethodPost {
						return s.browser.post(row.path, row.form, headers...)
					}
					return s.browser.do(method, row.path, nil, headers...)
				}
				if row.access.level == public {
					a := send()
					if a.status != row.status || row.to != "" && !leadsTo(a, row.to) {
						t.Errorf("%s: %d to %q, want %d to %q", route, a.status, a.to(), row.status, row.to)
					}
					continue
				}
				want := url.Values{}
				if s.ended != "" {
					want.Set("ended", s.ended)
				}
				if method == http.MethodGet && row.path != "/" {
					want.Set("return_to", row.path)
				}
				address := "/sign-in"
				if len(want) > 0 {
					address += "?" + want.Encode()
				}
				if a := send(); a.status != http.StatusSeeOther || a.to() != address || a.body != "" || len(a.cookies) > 0 {
					t.Errorf("%s: %d to %q with %d bytes and cookies %v, want 303 to %q", route, a.status, a.to(), len(a.body), a.cookies, address)
				}
				if a := send(fragment...); a.status != http.StatusOK || a.header.Get("HX-Redirect") != address || a.body != "" || len(a.cookies) > 0 {
					t.Errorf("%s, a fragment: %d to %q with %d bytes, want %q", route, a.status, a.header.Get("HX-Redirect"), len(a.body), address)
				}
			}
		})
	}
	if after := len(r.emulator.Calls()); after != calls {
		t.Errorf("%d calls to Partner Center for people who are not signed in", after-calls)
	}
}

// TestRoutesByLevel: what each level gets at each route.
func TestRoutesByLevel(t *testing.T) {
	r := newRig(t, rigOptions{demo: aDemo{}})
	for level, person := range map[string]string{"reader": carsten, "helpdesk": tomas, "licensing": ama, "admin": priya} {
		t.Run(level, func(t *testing.T) {
			b := r.signedIn(t, person)
			b.getRead(contoso + "/users") // a file waits for all of it
			for route, row := range routeRows {
				method, _, _ := strings.Cut(route, " ")
				var a *answer
				switch {
				case route == "POST /sign-out":
					a = r.signedIn(t, person).post(row.path, row.form)
				case method == http.MethodPost:
					a = b.post(row.path, row.form)
				default:
					a = b.do(method, row.path, nil)
				}
				want := row
				if route == "GET /sign-in" { // who is signed in goes on
					want.status, want.to = 303, "/"
				}
				if have, err := auth.ParseLevel(level); err != nil {
					t.Fatal(err)
				} else if row.access.level != public && !have.Allows(row.access.level) {
					want.status, want.to = 403, ""
				}
				if a.status != want.status || !leadsTo(a, want.to) {
					t.Errorf("%s: %d to %q, want %d to %q", route, a.status, a.to(), want.status, want.to)
				}
			}
		})
	}
}

// TestLevels holds guard against every pair of levels, whatever routes there are.
func TestLevels(t *testing.T) {
	r := newRig(t, rigOptions{})
	allowed := map[string][]string{
		carsten: {"reader"},
		tomas:   {"reader", "helpdesk"},
		ama:     {"reader", "licensing"},
		priya:   {"reader", "helpdesk", "licensing", "admin"},
	}
	for person, levels := range allowed {
		b := r.signedIn(t, person)
		for _, need := range []string{"reader", "helpdesk", "licensing", "admin"} {
			level, err := auth.ParseLevel(need)
			must(t, err)
			ran := false
			handler := r.portal.server.guard(route{method: "GET", path: "/x", access: access{level: level, owner: ownerPerson}, handler: func(c echo.Context) error {
				ran = true
				return c.NoContent(http.StatusNoContent)
			}})
			req := httptest.NewRequest(http.MethodGet, base+"/x", nil)
			req.AddCookie(b.cookies["__Host-rollcall"])
			err = handler(echo.New().NewContext(req, httptest.NewRecorder()))
			if want := slices.Contains(levels, need); ran != want || want != (err == nil) {
				t.Errorf("%s at a route for %s: ran %v, %v", person, need, ran, err)
			}
			if err != nil {
				if got := asTrouble(err); got.Status != http.StatusForbidden || !strings.Contains(got.Means, "It needs "+need+";") {
					t.Errorf("%s at a route for %s: %d %s", person, need, got.Status, got.Means)
				}
			}
		}
	}
}

// leadsTo reports whether an answer goes where a row says.
func leadsTo(a *answer, want string) bool {
	switch want {
	case "(provider)":
		return true
	case "(refused)": // the code stays behind
		return strings.HasPrefix(a.to(), "/sign-in?refused=")
	}
	return a.to() == want
}

// TestNoLevel: who has no level gets no session, and is told which role it needs.
func TestNoLevel(t *testing.T) {
	r := newRig(t, rigOptions{})
	for person, words := range map[string][]string{
		rosa: {"Your account has no role in Rollcall.", "Rollcall.Admin, Rollcall.Helpdesk, Rollcall.Licensing, Rollcall.Reader", "Whoever manages applications"},
		lena: {"Your account is not of this partner.", "You are not signed in."},
	} {
		b := r.browser(t)
		a := b.signIn("/sign-in/start?return_to=%2Fhelp", person)
		if !leadsTo(a, "(refused)") {
			t.Errorf("%s: the callback answers %d to %q", person, a.status, a.to())
		}
		a = b.get(a.to())
		if a.status != http.StatusForbidden || a.to() != "" || len(b.cookies) != 0 {
			t.Errorf("%s: %d to %q with cookies %v", person, a.status, a.to(), b.cookies)
		}
		for _, w := range words {
			if !strings.Contains(a.text(), w) {
				t.Errorf("%s reads %q, want %q in it", person, a.text(), w)
			}
		}
	}
}
