package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// TestHost: only the base URL's own name is answered, and other names of the
// same machine lead there.
func TestHost(t *testing.T) {
	const local = "http://127.0.0.1:8080"
	public, loopback := newRig(t, rigOptions{}), newRig(t, rigOptions{base: local})
	for _, tt := range []struct {
		rig    *rig
		host   string
		status int
		to     string
	}{
		{public, "rollcall.example", 200, ""},
		{public, "ROLLCALL.example", 200, ""},
		{public, "", 421, ""},
		{public, "evil.example", 421, ""},
		{public, "rollcall.example.evil.example", 421, ""},
		{public, "evil.example.rollcall.example", 421, ""},
		{public, "rollcall.example.", 421, ""},
		{public, "rollcall.example:8443", 421, ""},
		{public, "rollcall.example@evil.example", 421, ""},
		{public, "evil.example#rollcall.example", 421, ""},
		{public, "evil.example/rollcall.example", 421, ""},
		{public, "rollcall.example,evil.example", 421, ""},
		{public, "localhost", 421, ""},
		{public, "127.0.0.1", 421, ""},
		{public, "[::1]:8080", 421, ""},
		{loopback, "127.0.0.1:8080", 200, ""},
		{loopback, "localhost:8080", 307, local + "/sign-in?return_to=%2Fhelp"},
		{loopback, "LOCALHOST", 307, local + "/sign-in?return_to=%2Fhelp"},
		{loopback, "[::1]:8080", 307, local + "/sign-in?return_to=%2Fhelp"},
		{loopback, "127.0.0.1", 307, local + "/sign-in?return_to=%2Fhelp"},
		{loopback, "127.255.255.254:9", 307, local + "/sign-in?return_to=%2Fhelp"},
		{loopback, "127.0.0.1.evil.example", 421, ""},
		{loopback, "localhost.evil.example", 421, ""},
		{loopback, "0.0.0.0:8080", 421, ""},
		{loopback, "2130706433", 421, ""},
		{loopback, "0x7f000001:8080", 421, ""},
		{loopback, "rebind.evil.example:8080", 421, ""},
	} {
		b := tt.rig.browser(t)
		if a := b.get("/sign-in?return_to=%2Fhelp", with{"Host", tt.host}); a.status != tt.status || a.to() != tt.to || len(a.cookies) > 0 {
			t.Errorf("host %q: %d to %q with cookies %v, want %d to %q", tt.host, a.status, a.to(), a.cookies, tt.status, tt.to)
		}
		if a := b.get("/readyz", with{"Host", tt.host}); a.status != 200 || a.body != "ready\n" {
			t.Errorf("host %q: a probe got %d", tt.host, a.status)
		}
		if tt.status == 200 {
			continue
		}
		if a := b.post("/sign-out", url.Values{}, with{"Host", tt.host}, with{"Origin", "http://" + tt.host}); a.status != 421 || len(a.cookies) > 0 {
			t.Errorf("host %q: a form got %d", tt.host, a.status)
		}
		if a := b.get("/sign-in/start", with{"Host", tt.host}); tt.status == 421 && (a.status != 421 || len(a.cookies) > 0 || strings.Contains(a.body, "evil")) {
			t.Errorf("host %q: a sign-in got %d with cookies %v: %s", tt.host, a.status, a.cookies, a.body)
		}
	}
}

// TestHostTold: what else names a host is not believed.
func TestHostTold(t *testing.T) {
	b := newRig(t, rigOptions{}).browser(t)
	for _, name := range []string{"X-Forwarded-Host", "X-Host", "X-Original-Host", "X-Rewrite-Url", "X-Original-Url", "Forwarded"} {
		a := b.get("/help", with{name, "evil.example"}, with{"X-Forwarded-Proto", "http"})
		if a.status != http.StatusSeeOther || a.to() != "/sign-in?return_to=%2Fhelp" {
			t.Errorf("%s: %d to %q", name, a.status, a.to())
		}
	}
}

// TestRequestLine: what stands in the request's first line can't lead
// anywhere but to the base URL.
func TestRequestLine(t *testing.T) {
	const local = "http://127.0.0.1:8080"
	b := newRig(t, rigOptions{base: local}).browser(t)
	for _, line := range []string{
		"x:@evil.example", "x:.evil.example", "http:evil.example", "x:evil", "http://localhost:8080@evil.example/", "http://localhost:8080/../evil",
		"//evil.example/", "/\\evil.example", "///evil.example", "http://localhost:8080//evil.example", "x:8@evil.example:80/%2f..",
	} {
		a := b.raw("GET " + line + " HTTP/1.1\r\nHost: localhost:8080\r\n\r\n")
		if a.to() == "" {
			if a.status < 400 {
				t.Errorf("%q: %d", line, a.status)
			}
			continue
		}
		to, err := url.Parse(a.to())
		if err != nil || to.Host != "127.0.0.1:8080" || to.User != nil || !strings.HasPrefix(a.to(), local+"/") {
			t.Errorf("%q leads to %q (%d)", line, a.to(), a.status)
		}
	}
}

// TestPlainHTTP: what claims to be over TLS must have come so, at least as far
// as a proxy that is trusted.
func TestPlainHTTP(t *testing.T) {
	r := newRig(t, rigOptions{proxies: "10.1.0.0/16,2001:db8:1::/48"})
	for _, tt := range []struct {
		from, says string
		tls        bool
		status     int
	}{
		{"192.0.2.7:1", "", true, 200},
		{"192.0.2.7:1", "http", true, 200}, // not a proxy of ours: what it says is nothing
		{"192.0.2.7:1", "", false, 421},
		{"192.0.2.7:1", "https", false, 421},
		{"10.1.2.3:1", "https", false, 200},
		{"[2001:db8:1::7]:1", "HTTPS", false, 200},
		{"[::ffff:10.1.2.3]:1", "https", false, 200},
		{"10.1.2.3:1", "http", false, 421},
		{"10.1.2.3:1", "", false, 421},
		{"10.1.2.3:1", "https, http", false, 421},
		{"10.2.2.3:1", "https", false, 421},
		{"127.0.0.1:1", "", false, 200},
		{"[::1]:1", "https", false, 200},
		{"127.0.0.1:1", "http", false, 421},
		{"somewhere", "https", false, 421},
	} {
		b := r.browser(t)
		b.from = tt.from
		req := httptest.NewRequestWithContext(t.Context(), "GET", base+"/sign-in", nil)
		if !tt.tls {
			req.TLS = nil
		}
		if tt.says != "" {
			req.Header.Set("X-Forwarded-Proto", tt.says)
		}
		a := b.send(req)
		if a.status != tt.status {
			t.Errorf("from %s, which says %q, TLS %v: %d, want %d", tt.from, tt.says, tt.tls, a.status, tt.status)
		}
		if tt.status == 421 && !strings.Contains(a.text(), "Open https://rollcall.example. If that is where you are") {
			t.Errorf("reads %q", a.text())
		}
		checkHeaders(t, "from "+tt.from, a, true, false)
	}
}
