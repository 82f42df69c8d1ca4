package web

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// hostileText is a name that is something else to careless software: markup,
// an attribute's end, a template, a command for a terminal, and characters that
// turn the order of reading or end a line.
const hostileText = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}\x1b[31m\u009b2J\u202egnp\u2066\u2028\u2029\r\nX-Evil: yes\x07&amp;javascript:alert(3)"

// hostileSaying is the same from the service, whose words the log keeps.
var hostileSaying = strings.ReplaceAll(hostileText, "7*7", "9*9")

// hostileView is what of that can be the name of a view.
const hostileView = `"'><img src=x>{{8*8}}</bdi><b>`

// longName has 10,000 characters.
var longName = strings.Repeat("Ŵolfe", 2000)

// steers reports whether a character moves a terminal's cursor, ends a line,
// or turns the order of reading.
func steers(r rune) bool {
	return unicode.IsControl(r) || r == '\u061c' || r == '\u200e' || r == '\u200f' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u2028' || r == '\u2029'
}

// hostileUpstream puts hostile texts into whatever the upstream says of the
// hostile customer.
func hostileUpstream(next http.Handler) http.Handler {
	quoted := func(s string) string {
		b, _ := json.Marshal(s) // a text always has a form
		return string(b[1 : len(b)-1])
	}
	texts := strings.NewReplacer(
		"Nod Publishers", quoted(hostileText),
		"Hubert Blaine", quoted(longName),
		"null@nodpublishers.example", quoted(hostileText+"@"+hostileText+".example"),
		"Microsoft 365", quoted(hostileText),
		"Access denied", quoted(hostileSaying),
		"The user could not be found.", quoted(hostileSaying),
	)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		body := texts.Replace(rec.Body.String())
		maps.Copy(w.Header(), rec.Header())
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(rec.Code)
		_, _ = w.Write([]byte(body)) // who hung up needs no answer
	})
}

// TestHostileNames: whatever a name is made of, on every page it is text, it
// turns no other text around, and in no log line it is more than an escape.
func TestHostileNames(t *testing.T) {
	r := newRig(t, rigOptions{demo: aDemo{}, upstream: hostileUpstream})
	at := "/customers/" + emulator.HostileCustomerID
	q := url.QueryEscape(hostileText)

	type visit struct {
		what string
		a    *answer
		says []string // hostile texts that are on the page, to the letter
	}
	var visits []visit
	seen, routeOf := map[string]bool{}, r.routeOf()
	visited := func(what string, a *answer, says ...string) {
		visits = append(visits, visit{what, a, says})
	}
	for who, person := range map[string]string{"Mallory": mallory, "Nora": nora} {
		b := r.signedIn(t, person)
		look := func(target string, says ...string) {
			a := b.get(target)
			seen[routeOf("GET", target)] = true
			for range 3 { // the address is put right
				if a.to() == "" || !strings.HasPrefix(a.to(), "/") {
					break
				}
				seen[routeOf("GET", a.to())] = true
				a = b.get(a.to())
			}
			visited(who+" at "+target, a, says...)
			visited(who+" at a part of "+target, b.get(target, fragment...), says...)
		}
		star := b.post(at+"/star", url.Values{"on": {"1"}})
		ticket := b.post(at+"/ticket", url.Values{"ticket": {"T-<b>1</b>\u202e\x1b[0m"}})
		if star.status != 303 || ticket.status != 303 {
			t.Fatalf("star %d, ticket %d: %s", star.status, ticket.status, ticket.text())
		}
		look("/customers")
		look("/customers?q=" + q)
		look("/customers?q=nodpublishers")
		look(at + "/users")
		look(at + "/users?size=250")
		look(at + "/users?q=" + q)
		look(at + "/users?q=quote")
		look(at + "/users?q=wolfe")
		look(at + "/users?domain=" + q + "&location=<b")
		look(at + "/users?sort=-upn&q=nodpublishers")
		look(at + "/users?ticket=" + q)
		for n := range 9 {
			look(at + "/users/badba5e0-0000-4000-8000-00000000000" + strconv.Itoa(n+1))
		}
		look(at + "/users/" + unknownID)
		for _, page := range []string{"/licenses?sort=" + q, "/roles", "/users/deleted?q=" + q + "&domain=" + q, "/licenses?ticket=" + q} {
			look(at + page)
		}
		one := at + "/users/badba5e0-0000-4000-8000-000000000001?compare="
		for _, with := range []string{"badba5e0-0000-4000-8000-000000000007", "wolfe", q, unknownID} {
			look(one + with)
		}
		look(at + "/users/" + q)
		look(at + "/icon")
		look("/customers/" + q)
		look("/jump?q=" + q + "&at=" + emulator.HostileCustomerID)
		look("/jump?q=o&at=" + emulator.HostileCustomerID)
		look("/jump?q=&at=" + q)
		saved := b.post(at+"/views", url.Values{"do": {"save"}, "name": {hostileView}, "query": {"q=" + q}, "shared": {"1"}, "for": {"all"}})
		if want := map[string]int{mallory: 303, nora: 403}[person]; saved.status != want {
			t.Fatalf("a view saved: %d, want %d: %s", saved.status, want, saved.text())
		}
		visited(who+"'s view without a name", b.post(at+"/views", url.Values{"do": {"save"}, "name": {longName + hostileText}, "query": {"q=" + q}}))
		for _, panel := range []string{"views", "columns", "license", "plan", "location", "domain", "role", "list", "upns", toolCommand, q} {
			look(at + "/users?q=" + q + "&panel=" + panel)
			look(at + "/users?panel=" + panel)
		}
		look(at + "/users/deleted?panel=" + toolCommand)
		visited(who+"'s ticks", b.post(at+"/selection", url.Values{"do": {"all"}, "return_to": {at + "/users?size=250"}}))
		look(at + "/users?only=selected")
		look(at + "/users?panel=upns&q=o")
		visited(who+" pastes", b.post(at+"/selection", url.Values{"do": {"list"}, "entries": {"o\n" + hostileText + "\n" + longName}}))
		visited(who+" pastes a name", b.post(at+"/selection", url.Values{"do": {"list"}, "entries": {`"><img`}}))
		for _, list := range []string{"/users", "/users/deleted", "/licenses"} {
			for _, format := range []string{".csv", ".json", ".xlsx"} {
				look(at + list + format)
				look(at + list + format + "?for=customer&q=" + q + "&sort=" + q)
			}
		}
		look("/find?q=o")
		look("/find?q=" + q)
		look("/settings")
		look("/settings/people")
		look("/help")
		look("/")
		look("/sign-out")
		look("/" + q)
		look("/sign-in?return_to=" + q + "&ended=" + q)
		look("/sign-in/start?return_to=" + q)
		look("/sign-in/callback?error=" + q + "&error_description=" + q + "&state=" + q)
		visited(who+"'s settings", b.post("/settings", url.Values{"theme": {hostileText}, "time_zone": {hostileText}, "density": {longName}}))
		visited(who+"'s reading", b.post(at+"/reading", url.Values{"do": {hostileText}}))
		visited(who+"'s faults", b.post("/demo/faults", url.Values{"fault": {hostileText}}))
		visited(who+" with odd headers", b.get("/help", with{"User-Agent", "<script>\u202e"}, with{"X-Correlation-Id", "<b>\u202e"}, with{"HX-Target", "div#<b>\u202e"}, with{"Referer", base + "/<b>\u202e"}))
		visited(who+" signs out", b.post("/sign-out", url.Values{}))
	}
	for name := range routeRows {
		if page, ok := strings.CutPrefix(name, "GET "); ok && !seen[name] && !slices.Contains([]string{"/static/*", "/favicon.ico", "/robots.txt", "/livez", "/readyz"}, page) {
			t.Errorf("%s was not looked at: a name can stand on every page", name)
		}
	}
	missing := r.browser(t)
	visited("Rosa", missing.signIn("/sign-in/start", rosa))

	for _, v := range visits {
		if v.a.status >= 500 {
			t.Errorf("%s: %d", v.what, v.a.status)
		}
		for name, values := range v.a.header {
			if text := strings.Join(values, ""); strings.ContainsFunc(text, steers) || name == "X-Evil" {
				t.Errorf("%s: header %s is %q", v.what, name, values)
			}
		}
		if strings.HasPrefix(v.a.header.Get("Content-Type"), "text/html") || strings.HasPrefix(v.a.header.Get("Content-Type"), "image/svg") {
			checkText(t, v.what, v.a.body)
		}
	}

	text := func(what string) string {
		for _, v := range visits {
			if v.what == what {
				return v.a.body
			}
		}
		t.Fatalf("%s was not visited", what)
		return ""
	}
	for what, want := range map[string]string{
		"Mallory at " + at + "/users?size=250":                             "<img src=x onerror=alert(1)>",
		"Mallory at " + at + "/users/badba5e0-0000-4000-8000-000000000007": longName,
		"Mallory at " + at + "/users/badba5e0-0000-4000-8000-000000000009": "{{7*7}}",
		"Mallory at /help":                                                 "{{7*7}}", // her own name
		"Mallory at /settings/people":                                      "{{7*7}}", // of who is signed in
		"Mallory at /settings":                                             hostileView,
		"Mallory at " + at + "/users?panel=views":                          hostileView,
		"Mallory at " + at + "/users?panel=upns&q=o":                       "{{7*7}}",
		"Mallory at " + at + "/licenses?sort=" + q:                         "{{7*7}}",
		"Mallory at " + at + "/users?panel=license":                        "{{7*7}}",
		"Mallory at " + at + "/users.csv":                                  "{{7*7}}",
		"Mallory at /find?q=o":                                             "{{7*7}}",
		"Mallory pastes":                                                   "{{7*7}}",
		"Mallory pastes a name":                                            "<img src=x onerror=alert(1)>",
		"Nora at " + at + "/users":                                         "{{7*7}}", // the customer's
		"Mallory at " + at + "/users/badba5e0-0000-4000-8000-000000000006": "T-<b>1</b>",
		"Mallory at " + at + "/users?q=" + q:                               "alert(2)",
	} {
		if !strings.Contains(allText(t, text(what)), want) {
			t.Errorf("%s does not show %.40q", what, want)
		}
	}

	for line := range strings.Lines(r.log.String()) {
		if strings.ContainsFunc(strings.TrimSuffix(line, "\n"), steers) {
			t.Errorf("a log line steers: %q", line)
		}
		for _, secret := range []string{"Ŵolfe", "7*7", "nodpublishers", "Hubert", "@fabrikam"} {
			if strings.Contains(line, secret) {
				t.Errorf("a log line tells of a person: %.300q", line)
			}
		}
	}
	if !strings.Contains(r.log.String(), "9*9") {
		t.Error("the service's own words are not in the log")
	}
	for row, err := range r.trail.All(t.Context(), audit.Filter{}) {
		must(t, err)
		b, err := json.Marshal(row)
		must(t, err)
		if strings.Contains(string(b), "nodpublishers") {
			t.Errorf("the trail tells names of a customer's people: %s", b)
		}
	}
}

func allText(t *testing.T, page string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	must(t, err)
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		if n.Type == html.ElementNode && n.Data == "input" {
			b.WriteString(attribute(n, "value"))
		}
	}
	return b.String()
}

// checkText parses a page and wants nothing in it that a name could have made:
// no foreign element, handler or address, and no character that turns the
// order of reading outside what is set apart for it.
func checkText(t *testing.T, what, page string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	must(t, err)
	for n := range doc.Descendants() {
		switch {
		case n.Type == html.CommentNode:
			t.Errorf("%s: a comment: %.80q", what, n.Data)
		case n.Type == html.TextNode && strings.ContainsFunc(n.Data, turns) && !setApart(n):
			t.Errorf("%s: text that turns its surroundings around in <%s>: %.80q", what, n.Parent.Data, n.Data)
		case n.Type != html.ElementNode:
			continue
		}
		if slices.Contains([]string{"iframe", "object", "embed", "base", "style", "math"}, n.Data) {
			t.Errorf("%s: an element <%s>", what, n.Data)
		}
		if n.Data == "script" && (!strings.HasPrefix(attribute(n, "src"), "/static/") || n.FirstChild != nil) {
			t.Errorf("%s: a script that is not ours: %v", what, n.Attr)
		}
		if n.Data == "img" && !strings.HasPrefix(attribute(n, "src"), "/static/") {
			t.Errorf("%s: a picture that is not ours: %v", what, n.Attr)
		}
		for _, a := range n.Attr {
			name := strings.ToLower(a.Key)
			switch {
			case strings.HasPrefix(name, "on"), name == "style", strings.HasPrefix(name, "hx-on"), name == "srcdoc", strings.ContainsAny(name, `"'<{`):
				t.Errorf("%s: <%s %s=%.60q>", what, n.Data, a.Key, a.Val)
			case slices.Contains([]string{"href", "src", "action", "formaction", "hx-get", "hx-post", "xlink:href"}, name):
				u, err := url.Parse(a.Val)
				if err != nil || u.Scheme != "" && !strings.HasPrefix(a.Val, "https://entra.microsoft.com/") && !strings.HasPrefix(a.Val, "https://admin.microsoft.com/Partner/") && !strings.HasPrefix(a.Val, "http://127.0.0.1:") || strings.HasPrefix(a.Val, "//") {
					t.Errorf("%s: <%s %s=%.80q> (%v)", what, n.Data, a.Key, a.Val, err)
				}
			case slices.Contains([]string{"title", "aria-label", "alt", "placeholder", "content"}, name) && strings.ContainsFunc(a.Val, turns):
				t.Errorf("%s: <%s %s> turns the order of reading: %.80q", what, n.Data, a.Key, a.Val)
			}
		}
	}
}

// turns reports whether a character turns the order of reading.
func turns(r rune) bool {
	return r != '\n' && r != '\r' && r != '\t' && r != '\x1b' && steers(r) && !unicode.IsControl(r)
}

// setApart reports whether the text can't reach what is around it.
func setApart(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Type == html.ElementNode && (p.Data == "bdi" || p.Data == "textarea" || attribute(p, "dir") == "auto") {
			return true
		}
	}
	return false
}
