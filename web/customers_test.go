package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// TestCustomersGrow: a list that is still being read says so, asks how far it
// has come without moving a row, and offers what came.
func TestCustomersGrow(t *testing.T) {
	release := make(chan struct{})
	r := newRig(t, rigOptions{upstream: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			q := r.URL.Query()
			switch {
			case r.URL.Path == "/v1/customers" && r.Header.Get("MS-ContinuationToken") != "":
				<-release
			case r.URL.Path == "/v1/customers" && q.Get("size") == "500":
				q.Set("size", "20")
				r.URL.RawQuery = q.Encode()
			}
			next.ServeHTTP(w, r)
		})
	}})
	b := r.signedIn(t, priya)
	poll := func() *answer {
		return b.get("/customers?read=20", append([]with{{"HX-Target", "div#" + customersStatusTarget}}, fragment...)...)
	}
	first := b.get("/customers")
	for _, want := range []string{"20+ customers", "20 customers read so far; there are more.", "Search and counts cover what is read."} {
		if !strings.Contains(first.text(), want) {
			t.Errorf("the page reads %q, want %q in it", first.text(), want)
		}
	}
	if !strings.Contains(first.body, `hx-get="/customers?read=20"`) {
		t.Error("the page asks for no news")
	}
	if a := poll(); strings.Contains(a.body, `<tr role="row" id="c-`) || !strings.Contains(a.body, "20 customers read so far") {
		t.Errorf("the poll while nothing came: %s", a.text())
	}
	close(release)
	deadline := time.Now().Add(10 * time.Second)
	for {
		a := poll()
		if strings.Contains(a.text(), "All 63 customers are read") {
			if strings.Contains(a.body, `<tr role="row" id="c-`) || !strings.Contains(a.text(), "43 more read: show") || strings.Contains(a.body, "data-poll") {
				t.Errorf("the poll at the end: %s", a.body)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("never all read: %s", a.text())
		}
		time.Sleep(time.Millisecond)
	}
}

// TestCustomersAddress: what no list has is put right, and the page that is
// not there is the last one.
func TestCustomersAddress(t *testing.T) {
	b := newRig(t, rigOptions{}).signedIn(t, priya)
	b.get("/customers")
	for from, to := range map[string]string{
		"/customers?page=99":                      "/customers?page=2",
		"/customers?foo=1&q=con":                  "/customers?q=con",
		"/customers?sort=-opened&page=1":          "/customers",
		"/customers?sort=name&q=con":              "/customers?q=con",
		"/customers?page=1&sort=name":             "/customers?sort=name",
		"/customers?sort=-opened&q=con&size=50":   "/customers?q=con&sort=-opened",
		"/customers?sort=&q=":                     "/customers",
		"/customers?only=read&sort=-users&size=7": "/customers?only=read&sort=-users",
		"/customers?only=everything":              "/customers",
	} {
		a := b.get(from)
		for a.status == http.StatusSeeOther && a.to() != to {
			a = b.get(a.to())
		}
		if a.to() != to {
			t.Errorf("%s leads to %q, want %q", from, a.to(), to)
		}
		if a := b.get(to); a.status != http.StatusOK {
			t.Errorf("%s: %d to %s", to, a.status, a.to())
		}
	}
	if a := b.get("/customers?page=99", fragment...); a.header.Get("HX-Replace-Url") != "/customers?page=2" {
		t.Errorf("a fragment's address is replaced by %q", a.header.Get("HX-Replace-Url"))
	}
}

// TestCustomersKnown: numbers are shown to those who have seen them themselves,
// refusals to those who were refused.
func TestCustomersKnown(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, carsten)
	if a := b.get("/customers/" + adminOnly + "/users"); a.status != http.StatusForbidden {
		t.Fatalf("Carsten at Humongous: %d", a.status)
	}
	if a := b.get("/customers/" + emulator.ContosoID + "/users"); a.status != http.StatusOK {
		t.Fatalf("Carsten at Contoso: %d", a.status)
	}
	refused := b.get("/customers?only=no-access")
	if text := refused.text(); !strings.Contains(text, "1 of 63 customers") || !strings.Contains(text, "Humongous Insurance") || !strings.Contains(text, "No access when last opened") {
		t.Errorf("reads %q", text)
	}
	read := b.get("/customers?only=read")
	if text := read.text(); !strings.Contains(text, "1 of 63 customers") || !strings.Contains(text, emulator.ContosoDomain) || !strings.Contains(text, "Users 412") {
		t.Errorf("reads %q", text)
	}
	other := r.signedIn(t, tomas)
	for _, only := range []string{"no-access", "read", "starred"} {
		if a := other.get("/customers?only=" + only); strings.Contains(a.body, `<tr role="row" id="c-`) || !strings.Contains(a.text(), "All customers") {
			t.Errorf("Tomáš sees of %s: %q", only, a.text())
		}
	}
	if a := other.get("/customers?q=" + emulator.ContosoDomain); strings.Contains(a.text(), "Users 412") {
		t.Errorf("Tomáš is told numbers that he hasn't seen: %q", a.text())
	}
}
