package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/rollcall-app/rollcall/static"
)

func prefix(t testing.TB, text string) netip.Prefix {
	t.Helper()
	p, err := netip.ParsePrefix(text)
	must(t, err)
	return p
}

// tight lets five requests through and then next to none.
var tight = Limits{AddressPerSecond: 0.001, AddressBurst: 5, PersonPerSecond: 0.001, PersonBurst: 5}

// wantSlow wants the answer that asks to wait.
func wantSlow(t *testing.T, what string, a *answer, slow bool) {
	t.Helper()
	if !slow {
		if a.status == 429 {
			t.Errorf("%s: slowed down", what)
		}
		return
	}
	seconds, err := strconv.Atoi(a.header.Get("Retry-After"))
	if a.status != 429 || err != nil || seconds < 1 || !strings.Contains(a.text(), "That was a lot of requests in a short time.") {
		t.Errorf("%s: %d, Retry-After %q, reads %q", what, a.status, a.header.Get("Retry-After"), a.text())
	}
	checkHeaders(t, what, a, true, false)
}

// TestLimitByAddress: before sign-in an address may ask so often; an IPv6
// network counts as one, and nobody's forwarded header makes another of it.
func TestLimitByAddress(t *testing.T) {
	guessed := with{"Cookie", "__Host-rollcall=" + strings.Repeat("A", 43)}
	foreign := []with{{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}}
	r := newRig(t, rigOptions{limits: tight})
	for name, start := range map[string]func(b *browser) *answer{
		"the sign-in page":      func(b *browser) *answer { return b.get("/sign-in") },
		"a callback":            func(b *browser) *answer { return b.get("/sign-in/callback?code=a&state=b") },
		"beginning to sign in":  func(b *browser) *answer { return b.get("/sign-in/start") },
		"signing out":           func(b *browser) *answer { return b.post("/sign-out", url.Values{}) },
		"a page, not signed in": func(b *browser) *answer { return b.get("/customers") },
		"a form, not signed in": func(b *browser) *answer { return b.post("/sharing", url.Values{}) },
		"a page, a guessed cookie": func(b *browser) *answer {
			return b.get("/customers", guessed)
		},
		"an address that leads nowhere":             func(b *browser) *answer { return b.get("/nothing") },
		"the same with a guessed cookie":            func(b *browser) *answer { return b.get("/nothing", guessed) },
		"a form for a file, with a guessed cookie":  func(b *browser) *answer { return b.post(static.Path("app.css"), url.Values{}, guessed) },
		"a wrong method":                            func(b *browser) *answer { return b.do("DELETE", "/customers", nil) },
		"a wrong method with a guessed cookie":      func(b *browser) *answer { return b.do("DELETE", "/customers", nil, guessed) },
		"another host":                              func(b *browser) *answer { return b.get("/customers", with{"Host", "evil.example"}) },
		"another host with a guessed cookie":        func(b *browser) *answer { return b.get("/customers", guessed, with{"Host", "evil.example"}) },
		"another site's form":                       func(b *browser) *answer { return b.post("/sharing", url.Values{}, foreign...) },
		"another site's form with a guessed cookie": func(b *browser) *answer { return b.post("/sharing", url.Values{}, append(foreign, guessed)...) },
		"a form that is too large":                  func(b *browser) *answer { return b.post("/sign-out", url.Values{"x": {strings.Repeat("x", 2<<20)}}) },
		"a form that can't be read": func(b *browser) *answer {
			return b.post("/sign-out", url.Values{}, with{"Content-Type", "multipart/form-data"})
		},
		"a form that is too large, with a guessed cookie": func(b *browser) *answer {
			return b.post("/sharing", url.Values{"x": {strings.Repeat("x", 2<<20)}}, guessed)
		},
		"a slash too many": func(b *browser) *answer { return b.get("/customers/") },
		"a logout token":   func(b *browser) *answer { return b.post("/sign-in/logout-token", url.Values{"logout_token": {"x"}}) },
	} {
		t.Run(name, func(t *testing.T) {
			r.portal.server.addresses = newLimiters(tight.AddressPerSecond, tight.AddressBurst)
			from := func(address string, headers ...with) *browser {
				b := r.browser(t)
				b.from = address
				return b
			}
			for i := range 7 {
				wantSlow(t, "request "+strconv.Itoa(i+1), start(from("192.0.2.7:"+strconv.Itoa(1000+i))), i >= 5)
			}
			wantSlow(t, "the same address in IPv6's words", start(from("[::ffff:192.0.2.7]:1")), true)
			wantSlow(t, "its neighbour", start(from("192.0.2.8:1")), false)
			b := from("192.0.2.7:1")
			wantSlow(t, "with a header of its own making", b.get("/sign-in", with{"X-Forwarded-For", "198.51.100.1"}, with{"X-Real-Ip", "198.51.100.1"}, with{"Forwarded", "for=198.51.100.1"}), true)
			for i := range 5 {
				wantSlow(t, "IPv6", start(from("[2001:db8:1:1::"+strconv.Itoa(i)+"]:1")), false)
			}
			wantSlow(t, "the same /64", start(from("[2001:db8:1:1:ffff::1]:1")), true)
			wantSlow(t, "another /64", start(from("[2001:db8:1:2::1]:1")), false)

			// Files and probes are for everybody, always.
			for _, path := range []string{static.Path("app.css"), "/livez", "/readyz"} {
				if a := b.get(path); a.status != 200 {
					t.Errorf("%s: %d", path, a.status)
				}
			}
		})
	}
}

// untouched is a body that wants to be left alone.
type untouched struct{ t *testing.T }

func (u untouched) Read([]byte) (int, error) {
	u.t.Error("the form is read")
	return 0, io.EOF
}

// TestFormsOfStrangers: what somebody sends who is not signed in, or is slowed
// down, is not even read.
func TestFormsOfStrangers(t *testing.T) {
	r := newRig(t, rigOptions{limits: tight})
	send := func(path, cookie string) int {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, base+path, untouched{t})
		req.Header.Set("Origin", base)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if cookie != "" {
			req.AddCookie(&http.Cookie{Name: "__Host-rollcall", Value: cookie})
		}
		return r.browser(t).send(req).status
	}
	for i := range 7 {
		want := 303
		if i >= 5 {
			want = 429
		}
		if status := send("/sharing", []string{"", strings.Repeat("A", 43)}[i%2]); status != want {
			t.Errorf("form %d: %d, want %d", i+1, status, want)
		}
	}
	for _, path := range []string{"/sign-out", "/sign-in/logout-token", "/nothing"} {
		if status := send(path, ""); status != 429 {
			t.Errorf("%s: %d, want 429", path, status)
		}
	}
}

// TestLimitByProxy: a trusted proxy is believed about the address, as far as
// the nearest one that is not trusted.
func TestLimitByProxy(t *testing.T) {
	r := newRig(t, rigOptions{limits: tight, proxies: "10.0.0.0/8"})
	b := r.browser(t)
	b.from = "10.0.0.1:1"
	ask := func(forwarded ...string) *answer {
		return b.get("/sign-in", with{"X-Forwarded-For", strings.Join(forwarded, ", ")})
	}
	for range 5 {
		wantSlow(t, "first", ask("198.51.100.1"), false)
	}
	wantSlow(t, "the same", ask("198.51.100.1"), true)
	wantSlow(t, "the same by way of two proxies", ask("198.51.100.1", "10.9.9.9"), true)
	wantSlow(t, "the same, with a lie in front", ask("203.0.113.9", "198.51.100.1"), true)
	wantSlow(t, "another", ask("198.51.100.2"), false)
}

// TestLimitByPerson: after sign-in it is the person who is slowed down, in all
// their browsers and from all addresses, and nobody else.
func TestLimitByPerson(t *testing.T) {
	r := newRig(t, rigOptions{limits: Limits{AddressPerSecond: 1e6, AddressBurst: 1e6, PersonPerSecond: 0.001, PersonBurst: 5}})
	one, two, other := r.signedIn(t, carsten), r.signedIn(t, carsten), r.signedIn(t, tomas)
	two.from = "198.51.100.9:1"
	for range 5 {
		wantSlow(t, "first", one.get("/help"), false)
	}
	wantSlow(t, "a page", one.get("/help"), true)
	wantSlow(t, "a form", one.post("/sharing", url.Values{}), true)
	wantSlow(t, "another browser and address", two.get("/help"), true)
	wantSlow(t, "somebody else at that address", other.get("/help"), false)
	part := one.get("/customers", fragment...)
	if part.status != 429 || strings.Contains(part.body, "<html") || !strings.Contains(part.body, "That was a lot of requests") {
		t.Errorf("a part of the page: %d %s", part.status, part.body)
	}
	if a := one.post("/sign-out", url.Values{}); a.status != 303 { // never too late
		t.Errorf("signing out: %d", a.status)
	}
}

// TestAddressKey is what counts as one address.
func TestAddressKey(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64", "::1": "::/64", "unknown": "unknown", "": "",
	} {
		if got := addressKey(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}
