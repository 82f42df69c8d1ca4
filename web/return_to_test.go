package web

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// returnCorpus are the paths that auth's own test takes for ours, and those
// that lead elsewhere: one corpus, held here end to end.
func returnCorpus(t *testing.T) (own, hostile []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../auth/return_to_test.go", nil, 0)
	must(t, err)
	lists := map[string]*[]string{"own": &own, "hostile": &hostile}
	ast.Inspect(file, func(n ast.Node) bool {
		assign, ok := n.(*ast.AssignStmt)
		if !ok || len(assign.Lhs) != 1 {
			return true
		}
		name, _ := assign.Lhs[0].(*ast.Ident)
		values, isList := assign.Rhs[0].(*ast.CompositeLit)
		if name == nil || !isList || lists[name.Name] == nil {
			return true
		}
		for _, e := range values.Elts {
			if literal, ok := e.(*ast.BasicLit); ok { // a computed one is auth's own business
				text, err := strconv.Unquote(literal.Value)
				must(t, err)
				*lists[name.Name] = append(*lists[name.Name], text)
			}
		}
		return true
	})
	if len(own) < 15 || len(hostile) < 90 {
		t.Fatalf("the corpus of auth has %d own paths and %d hostile ones", len(own), len(hostile))
	}
	return own, hostile
}

// TestReturnAfterSignIn: the person comes back to a path of ours or to the
// start, whatever the address asked for.
func TestReturnAfterSignIn(t *testing.T) {
	r := newRig(t, rigOptions{})
	own, hostile := returnCorpus(t)
	for _, raw := range own {
		if a := r.browser(t).signIn("/sign-in/start?return_to="+url.QueryEscape(raw), carsten); a.status != 303 || a.to() != raw {
			t.Errorf("%q: %d to %q", raw, a.status, a.to())
		}
	}
	for _, raw := range hostile {
		if a := r.browser(t).signIn("/sign-in/start?return_to="+url.QueryEscape(raw), carsten); a.status != 303 || a.to() != "/" {
			t.Errorf("%q: %d to %q, want /", raw, a.status, a.to())
		}
	}
	for _, query := range []string{"return_to=/help&return_to=//evil.example", "return_to=//evil.example&return_to=/help", "return_to[]=/help", "Return_To=/help", "return_to=/help%00", "return_to="} {
		if a := r.browser(t).signIn("/sign-in/start?"+query, carsten); a.to() != "/" && a.to() != "/help" {
			t.Errorf("%q: %d to %q", query, a.status, a.to())
		}
	}
}

// TestReturnFromSignInPage: the page links to nothing but its own start, and
// sends who is signed in already no further than to a path of ours.
func TestReturnFromSignInPage(t *testing.T) {
	r := newRig(t, rigOptions{})
	_, hostile := returnCorpus(t)
	signedIn := r.signedIn(t, carsten)
	for _, raw := range hostile {
		target := "/sign-in?return_to=" + url.QueryEscape(raw)
		if a := signedIn.get(target); a.status != 303 || a.to() != "/" {
			t.Errorf("%q, signed in: %d to %q", raw, a.status, a.to())
		}
		a := r.browser(t).get(target)
		if a.status != 200 || !strings.Contains(a.body, `href="/sign-in/start"`) || strings.Contains(a.body, "evil") {
			t.Errorf("%q: %d\n%s", raw, a.status, a.body)
		}
	}
	for _, raw := range hostile { // remembered from the page that a form stood on
		if strings.HasPrefix(raw, base+"/") {
			continue // as a referrer that is one of ours
		}
		a := r.browser(t).post("/sharing", url.Values{}, with{"Referer", raw})
		if a.status != 303 || a.to() != "/sign-in" {
			t.Errorf("referrer %q: %d to %q", raw, a.status, a.to())
		}
	}
	for _, referrer := range []string{"https://evil.example/help", base + "//evil.example", base + ".evil.example/help", base + ":8443/help", "https://rollcall.example@evil.example/help"} {
		if a := r.browser(t).post("/sharing", url.Values{}, with{"Referer", referrer}); a.to() != "/sign-in" {
			t.Errorf("referrer %q: %d to %q", referrer, a.status, a.to())
		}
	}
	if a := r.browser(t).post("/sharing", url.Values{}, with{"Referer", base + "/help"}); a.to() != "/sign-in?return_to=%2Fhelp" {
		t.Errorf("our own referrer: %d to %q", a.status, a.to())
	}
}

// TestReturnFromForms: every form goes back to where it stood, or to the page
// it belongs to.
func TestReturnFromForms(t *testing.T) {
	r := newRig(t, rigOptions{demo: aDemo{}})
	b := r.signedIn(t, priya)
	_, hostile := returnCorpus(t)
	for path, tt := range map[string]struct {
		form  url.Values
		home  string // without a place to go back to
		there string // a place of its own
	}{
		"/sharing":           {url.Values{"on": {"0"}}, "/", "/help?a=b"},
		"/settings":          {url.Values{"theme": {"dark"}}, "/settings?saved=1", "/customers?q=a"},
		"/customers/reading": {url.Values{}, "/customers", "/customers?q=a"},
		"/demo/faults":       {url.Values{"fault": {"slow"}}, "/customers", contoso + "/users?q=a"},
		contoso + "/star":    {url.Values{"on": {"0"}}, "/customers", contoso + "/users?q=a"},
		contoso + "/ticket":  {url.Values{"off": {"1"}}, contoso + "/users", contoso + "/users?q=a"},
		contoso + "/reading": {url.Values{"do": {"stop"}}, contoso + "/users", oneUser},
	} {
		send := func(back string) string {
			form := url.Values{"return_to": {back}}
			for k, v := range tt.form {
				form[k] = v
			}
			a := b.post(path, form)
			if a.status != 303 {
				t.Errorf("%s: %d", path, a.status)
			}
			return a.to()
		}
		for _, raw := range hostile {
			if to := send(raw); to != tt.home {
				t.Errorf("%s with return_to %q leads to %q, want %q", path, raw, to, tt.home)
			}
		}
		if to := send(tt.there); to != tt.there {
			t.Errorf("%s with return_to %q leads to %q", path, tt.there, to)
		}
	}
	for path, elsewhere := range map[string]string{contoso + "/ticket": "/customers/" + unknownID + "/users", contoso + "/reading": "/settings", "/demo/faults": "/settings"} {
		if a := b.post(path, url.Values{"fault": {"slow"}, "do": {"stop"}, "off": {"1"}, "return_to": {elsewhere}}); a.to() == elsewhere {
			t.Errorf("%s leads to another's page, %s", path, elsewhere)
		}
	}
}
