package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
	"github.com/rollcall-app/rollcall/static"
)

// policyOfPages is the policy as the rules write it.
const policyOfPages = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// otherHeaders are those that an answer may have beside the ones every answer has.
var otherHeaders = []string{"Content-Disposition",
	"Allow", "Content-Encoding", "Content-Length", "Content-Type", "Etag", "Hx-Redirect", "Hx-Replace-Url", "Location", "Retry-After", "Set-Cookie", "Vary",
}

// checkHeaders holds one answer against the rules for every answer.
func checkHeaders(t *testing.T, what string, a *answer, overTLS, kept bool) {
	t.Helper()
	want := map[string]string{
		"Content-Security-Policy":      policyOfPages,
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "same-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Cache-Control":                "no-store",
	}
	if kept {
		want["Cache-Control"] = "public, max-age=31536000, immutable"
	}
	if overTLS {
		want["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
	}
	for name, value := range want {
		if got := a.header.Values(name); len(got) != 1 || got[0] != value {
			t.Errorf("%s (%d): %s is %q, want %q", what, a.status, name, got, value)
		}
	}
	if !isGUID(a.header.Get("X-Correlation-Id")) {
		t.Errorf("%s: correlation ID %q", what, a.header.Get("X-Correlation-Id"))
	}
	policy := a.header.Get("Permissions-Policy")
	for _, feature := range []string{"camera", "microphone", "geolocation", "usb", "serial", "hid", "payment", "display-capture", "publickey-credentials-get", "browsing-topics", "otp-credentials", "identity-credentials-get", "window-management", "unload"} {
		if !strings.Contains(", "+policy+",", ", "+feature+"=(),") {
			t.Errorf("%s: %s is not off: %q", what, feature, policy)
		}
	}
	for part := range strings.SplitSeq(policy, ", ") {
		if !strings.HasSuffix(part, "=()") {
			t.Errorf("%s: Permissions-Policy turns %s on", what, part)
		}
	}
	known := append(slices.Collect(maps.Keys(want)), otherHeaders...)
	known = append(known, "Permissions-Policy", "X-Correlation-Id")
	for name := range a.header {
		if !slices.Contains(known, name) {
			t.Errorf("%s: header %s: %q", what, name, a.header[name])
		}
	}
	if a.header.Get("Etag") != "" && !kept {
		t.Errorf("%s: an ETag tells what changed: %s", what, a.header.Get("Etag"))
	}
	if a.to() == "" && strings.HasPrefix(a.header.Get("Content-Type"), "text/html") && !strings.Contains(a.header.Get("Vary"), "HX-Request-Type") {
		t.Errorf("%s: Vary is %q", what, a.header.Get("Vary"))
	}
}

// TestHeaders walks everything that can be answered, over TLS and on loopback.
func TestHeaders(t *testing.T) {
	for name, address := range map[string]string{"over TLS": base, "on loopback": "http://127.0.0.1:8080"} {
		t.Run(name, func(t *testing.T) {
			overTLS := address == base
			r := newRig(t, rigOptions{base: address, demo: aDemo{}})
			b := r.signedIn(t, priya)
			file := static.Path("app.css")

			for _, route := range signOutLast() {
				row := routeRows[route]
				method, _, _ := strings.Cut(route, " ")
				for who, b := range map[string]*browser{"nobody": r.browser(t), "Priya": b} {
					var a *answer
					if method == http.MethodPost {
						a = b.post(row.path, row.form)
					} else {
						a = b.do(method, row.path, nil)
					}
					checkHeaders(t, who+" at "+route, a, overTLS, row.path == file)
					if !strings.HasPrefix(row.path, "/sign-") && len(a.cookies) > 0 && row.path != "/sharing" {
						t.Errorf("%s at %s gets cookies: %v", who, route, a.cookies)
					}
				}
			}

			b = r.signedIn(t, priya)
			etag := b.get(file).header.Get("Etag")
			for what, odd := range map[string]struct {
				send   func() *answer
				status int
			}{
				"an unknown address":       {func() *answer { return b.get("/nothing/here") }, 404},
				"an unknown address, part": {func() *answer { return b.get("/nothing/here", fragment...) }, 404},
				"a wrong method":           {func() *answer { return b.do("DELETE", "/customers", nil) }, 405},
				"HEAD":                     {func() *answer { return b.do("HEAD", "/customers", nil) }, 405},
				"OPTIONS":                  {func() *answer { return b.do("OPTIONS", "/customers", nil) }, 204},
				"a method nobody knows":    {func() *answer { return b.do("BREW", "/customers", nil) }, 405},
				"another host":             {func() *answer { return b.get("/customers", with{"Host", "evil.example"}) }, 421},
				"another site's form": {func() *answer {
					return b.post("/sharing", url.Values{}, with{"Origin", "https://evil.example"}, with{"Sec-Fetch-Site", "cross-site"})
				}, 403},
				"a form that is too large":     {func() *answer { return b.post("/sharing", url.Values{"x": {strings.Repeat("x", 2<<20)}}) }, 413},
				"a form that names nothing":    {func() *answer { return b.post("/customers/"+emulator.ContosoID+"/reading", url.Values{}) }, 400},
				"a mistake in a form":          {func() *answer { return b.post("/settings", url.Values{"theme": {"pink"}}) }, 422},
				"an address to be put right":   {func() *answer { return b.get("/customers?page=1") }, 303},
				"the same for a part":          {func() *answer { return b.get("/customers?page=1", fragment...) }, 200},
				"a part of the page":           {func() *answer { return b.get("/customers", fragment...) }, 200},
				"a customer that isn't there":  {func() *answer { return b.get("/customers/11111111-2222-4333-8444-555555555555/users") }, 404},
				"a customer without a role":    {func() *answer { return b.get("/customers/" + emulator.NobodyCustomerID + "/users") }, 403},
				"a file that isn't there":      {func() *answer { return b.get("/static/nothing.css") }, 404},
				"a file that is known already": {func() *answer { return b.get(file, with{"If-None-Match", etag}) }, 304},
				"a post to a file":             {func() *answer { return b.post(file, nil) }, 405},
				"a mistake of ours": {func() *answer {
					r.inReadyz(func() { panic("a mistake of ours, for the log only") })
					defer r.inReadyz(nil)
					return b.get("/readyz")
				}, 500},
			} {
				a := odd.send()
				if a.status != odd.status {
					t.Errorf("%s: %d, want %d", what, a.status, odd.status)
				}
				checkHeaders(t, what, a, overTLS, a.status == 304)
				if len(a.cookies) > 0 {
					t.Errorf("%s: cookies %v", what, a.cookies)
				}
				if strings.Contains(a.body, "a mistake of ours, for") {
					t.Errorf("%s: the page tells of the panic", what)
				}
			}
			if !strings.Contains(r.log.String(), "a mistake of ours, for the log only") {
				t.Error("the panic is not in the log")
			}

			// Without its database the portal still answers safely.
			must(t, r.store.Close())
			for _, what := range []*answer{b.get("/settings"), b.post("/settings", url.Values{"theme": {"dark"}}), b.post("/settings/sessions", url.Values{"all": {"1"}})} {
				if !strings.Contains(what.text(), "Try again in a minute.") || what.status != 503 {
					t.Errorf("without a database: %d %s", what.status, what.text())
				}
			}
			if a := r.browser(t).get("/sign-in/start"); a.status != 503 || !strings.Contains(a.text(), "You are not signed in.") {
				t.Errorf("signing in without a database: %d %s", a.status, a.text())
			}
			r.wait(10 * time.Second) // a session is remembered for five
			for _, address := range []string{"/customers", "/settings", "/sign-in", "/readyz", "/nothing"} {
				a := b.get(address)
				checkHeaders(t, "without a database, "+address, a, overTLS, false)
				if want := map[string]int{"/sign-in": 200, "/nothing": 404}[address]; a.status != want && !(want == 0 && a.status == 503) {
					t.Errorf("without a database %s answers %d", address, a.status)
				}
			}
			a := b.post("/sign-out", url.Values{})
			checkHeaders(t, "without a database, signing out", a, overTLS, false)
			if a.status != 503 || !strings.Contains(a.text(), "This browser has forgotten your session") || len(b.cookies) > 0 {
				t.Errorf("signing out without a database: %d %s, cookies %v", a.status, a.text(), b.cookies)
			}
		})
	}
}
