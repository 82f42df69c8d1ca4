package auth

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gorilla/sessions"

	"github.com/rollcall-app/rollcall/internal/store/storetest"
)

// BenchmarkPrincipal is what a request pays to know who makes it. floor finds
// an entry in a map by the cookie's text and checks nothing; peer is gorilla's
// own session in an encrypted cookie.
func BenchmarkPrincipal(b *testing.B) {
	r := newRig(b, storetest.File(b), nil)
	person := r.browser()
	p := person.mustSignIn()
	request := person.request("GET", baseURL+"/customers")
	name := r.cfg.cookieName()

	b.Run("cached", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := r.Principal(request); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("row", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := r.Principal(request, Fresh); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("floor", func(b *testing.B) {
		entries := map[string]*Principal{person.session(): p}
		b.ReportAllocs()
		for b.Loop() {
			cookie, err := request.Cookie(name)
			if err != nil || entries[cookie.Value] == nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("peer", func(b *testing.B) {
		cookies := sessions.NewCookieStore(make([]byte, 64), make([]byte, 32))
		first := httptest.NewRequest(http.MethodGet, baseURL, nil)
		session, err := cookies.New(first, "rollcall")
		if err != nil {
			b.Fatal(err)
		}
		session.Values["key"], session.Values["name"], session.Values["grant"] = p.Key, p.Name, p.GrantID
		w := httptest.NewRecorder()
		if err := session.Save(first, w); err != nil {
			b.Fatal(err)
		}
		again := httptest.NewRequest(http.MethodGet, baseURL, nil)
		again.AddCookie(w.Result().Cookies()[0])
		b.ReportAllocs()
		for b.Loop() {
			if read, err := cookies.New(again, "rollcall"); err != nil || read.IsNew {
				b.Fatal(err)
			}
		}
	})
}

// TestPrincipalAllocations is a gate: a request whose session is cached pays
// for little more than reading its cookie, and (TestCacheSavesReading) reads no row.
func TestPrincipalAllocations(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	b := r.browser()
	b.mustSignIn()
	request := b.request("GET", baseURL+"/customers")
	if _, err := r.Principal(request); err != nil {
		t.Fatal(err)
	}
	got := testing.AllocsPerRun(100, func() {
		if _, err := r.Principal(request); err != nil {
			t.Error(err)
		}
	})
	if got > 8 {
		t.Errorf("%v allocations, want at most 8", got)
	}
}
