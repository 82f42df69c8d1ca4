package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestOrigin: no form of another site does anything, at any route.
func TestOrigin(t *testing.T) {
	r := newRig(t, rigOptions{demo: aDemo{}})
	b := r.signedIn(t, priya)
	foreign := map[string][]with{
		"another site":                       {{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}},
		"another site, an old browser":       {{"Origin", "https://evil.example"}},
		"another site, no origin":            {{"Sec-Fetch-Site", "cross-site"}},
		"a sandboxed frame":                  {{"Origin", "null"}},
		"a sandboxed frame of ours":          {{"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}},
		"a sister host":                      {{"Origin", "https://other.rollcall.example"}, {"Sec-Fetch-Site", "same-site"}},
		"a sister host, an old browser":      {{"Origin", "https://other.rollcall.example"}},
		"a name that begins like ours":       {{"Origin", "https://rollcall.example.evil.example"}},
		"a name that ends like ours":         {{"Origin", "https://evilrollcall.example"}},
		"another port":                       {{"Origin", "https://rollcall.example:8443"}},
		"no address":                         {{"Origin", "rollcall.example"}},
		"two origins":                        {{"Origin", "https://rollcall.example https://evil.example"}},
		"htmx of another site":               {{"Origin", "https://evil.example"}, {"HX-Request", "true"}, {"HX-Request-Type", "partial"}},
		"a word nobody knows":                {{"Sec-Fetch-Site", "same-planet"}},
		"our origin, but sent by another":    {{"Origin", base}, {"Sec-Fetch-Site", "cross-site"}},
		"our referrer, but another's origin": {{"Origin", "https://evil.example"}, {"Referer", base + "/settings"}},
	}
	for route, row := range routeRows {
		method, _, _ := strings.Cut(route, " ")
		if method != http.MethodPost {
			continue
		}
		for name, headers := range foreign {
			a := b.do(method, row.path, row.form, headers...)
			if a.status != http.StatusForbidden || a.to() != "" || len(a.cookies) > 0 || !strings.Contains(a.body, "Another site sent this request.") {
				t.Errorf("%s from %s: %d to %q, cookies %v", route, name, a.status, a.to(), a.cookies)
			}
		}
	}
	if a := b.get("/settings"); a.status != 200 || strings.Contains(a.body, `data-theme="dark"`) {
		t.Errorf("after all of that the settings answer %d", a.status)
	}
	kept, err := r.portal.server.prefs.Customers(t.Context(), "7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b/"+priya)
	must(t, err)
	if len(kept.Starred)+len(kept.Tickets) > 0 {
		t.Errorf("kept %+v", kept)
	}

	// Ours pass, and so does a program that is no browser.
	for name, headers := range map[string][]with{
		"a page of ours":                 {{"Origin", base}, {"Sec-Fetch-Site", "same-origin"}},
		"a page of ours, an old browser": {{"Origin", base}},
		"a program":                      nil,
	} {
		if a := b.do("POST", "/settings", routeRows["POST /settings"].form, headers...); a.status != http.StatusSeeOther {
			t.Errorf("%s: %d", name, a.status)
		}
	}
}

// TestMethods: an address answers to its own methods and to nothing dressed up
// as one of them.
func TestMethods(t *testing.T) {
	r := newRig(t, rigOptions{demo: aDemo{}})
	b := r.signedIn(t, priya)
	paths := map[string][]string{}
	for route, row := range routeRows {
		method, _, _ := strings.Cut(route, " ")
		paths[row.path] = append(paths[row.path], method)
	}
	calls := len(r.emulator.Calls())
	for path, has := range paths {
		for _, method := range []string{"HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "BREW", "get", "POST2"} {
			if method == "HEAD" && strings.Contains(strings.Join(has, " "), "HEAD") {
				continue
			}
			a := b.do(method, path, nil, with{"Origin", base}, with{"Sec-Fetch-Site", "same-origin"}, with{"X-HTTP-Method-Override", has[0]})
			want := http.StatusMethodNotAllowed
			switch {
			case method == "OPTIONS":
				want = http.StatusNoContent
			}
			if a.status != want || a.to() != "" || len(a.cookies) > 0 || method == "TRACE" && strings.Contains(a.body, "Cookie") {
				t.Errorf("%s %s: %d to %q, want %d", method, path, a.status, a.to(), want)
			}
		}
	}
	for _, path := range []string{"/settings", "/sharing", "/sign-out", contoso + "/star", contoso + "/ticket", contoso + "/reading", "/settings/sessions", "/customers/reading"} {
		for _, headers := range [][]with{{{"X-HTTP-Method-Override", "POST"}}, {{"X-Method-Override", "POST"}}, {{"X-HTTP-Method", "POST"}}} {
			a := b.get(path+"?_method=POST&on=1&ticket=T&theme=dark&all=1&do=refresh", headers...)
			if len(a.cookies) > 0 || a.status == http.StatusSeeOther {
				t.Errorf("GET %s as if it were a POST: %d to %q, cookies %v", path, a.status, a.to(), a.cookies)
			}
		}
	}
	kept, err := r.portal.server.prefs.Customers(t.Context(), "7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b/"+priya)
	must(t, err)
	if len(kept.Starred)+len(kept.Tickets) > 0 {
		t.Errorf("kept %+v", kept)
	}
	if a := b.get("/settings"); a.status != 200 || strings.Contains(a.body, `data-theme="dark"`) {
		t.Errorf("after all of that the settings answer %d", a.status)
	}
	// /customers/reading by GET is the domain "reading", asked for and not found.
	for _, c := range r.emulator.Calls()[calls:] {
		if c.Path != "/v1/customers" {
			t.Errorf("a call for %s", c.Path)
		}
	}
}

// TestBodies: a form of a mebibyte is read, one byte more is not, however it
// comes; and a form that can't be read changes nothing.
func TestBodies(t *testing.T) {
	r := newRig(t, rigOptions{demo: aDemo{}})
	b := r.signedIn(t, priya)
	send := func(path, body, contentType string, length int64) *answer {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, base+path, strings.NewReader(body))
		req.ContentLength = length
		req.Header.Set("Content-Type", contentType)
		req.Header.Set("Origin", base)
		return b.send(req)
	}
	const form = "application/x-www-form-urlencoded"
	fill := func(n int) string { return "theme=dark&x=" + strings.Repeat("x", n-len("theme=dark&x=")) }
	const mebibyte = 1 << 20
	for name, tt := range map[string]struct {
		body, contentType string
		told              bool // Content-Length is sent
		status            int
	}{
		"a mebibyte":                   {fill(mebibyte), form, true, 303},
		"a mebibyte in chunks":         {fill(mebibyte), form, false, 303},
		"a byte more":                  {fill(mebibyte + 1), form, true, 413},
		"a byte more in chunks":        {fill(mebibyte + 1), form, false, 413},
		"ten times that in chunks":     {fill(10 * mebibyte), form, false, 413},
		"multipart":                    {"--x\r\nContent-Disposition: form-data; name=\"theme\"\r\n\r\n" + "dark" + "\r\n--x--\r\n", "multipart/form-data; boundary=x", false, 400},
		"bad escapes":                  {"theme=%zz", form, true, 400},
		"a semicolon":                  {"theme=dark;density=compact", form, true, 400},
		"multipart that never ends":    {"--x\r\nContent-Disposition: form-data; name=\"theme\"\r\n\r\ndark", "multipart/form-data; boundary=x", true, 400},
		"multipart without a boundary": {"theme=dark", "multipart/form-data", true, 400},
	} {
		for _, path := range []string{"/settings", contoso + "/star", "/settings/sessions", "/sharing", "/demo/faults", contoso + "/ticket"} {
			length := int64(-1)
			if tt.told {
				length = int64(len(tt.body))
			}
			a := send(path, tt.body, tt.contentType, length)
			if path != "/settings" && tt.status == 303 && a.status == 400 {
				continue // a form of another page
			}
			if a.status != tt.status || tt.status >= 400 && (a.to() != "" || len(a.cookies) > 0) {
				t.Errorf("%s to %s: %d to %q, want %d", name, path, a.status, a.to(), tt.status)
			}
		}
	}
	if a := b.get("/settings"); a.status != 200 {
		t.Errorf("after all of that the settings answer %d", a.status)
	}
}
