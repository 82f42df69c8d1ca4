package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// A slash too many leads to the page; it opens no way elsewhere.
func TestSlashAtTheEnd(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, priya)
	for _, tt := range []struct {
		method, path string
		status       int
		to           string
	}{
		{"GET", "/customers/", 308, "/customers"},
		{"GET", "/customers/?q=a&page=2", 308, "/customers?q=a&page=2"},
		{"GET", contoso + "/users/", 308, contoso + "/users"},
		{"GET", contoso + "/users//", 308, contoso + "/users"},
		{"HEAD", contoso + "/users/", 308, contoso + "/users"},
		{"GET", contoso + "/", 308, contoso},
		{"GET", "/customers/contoso%2Eexample/users/", 308, "/customers/contoso%2Eexample/users"},
		{"GET", "/settings/", 308, "/settings"},
		{"GET", "/help/", 308, "/help"},
		{"GET", "/sign-in/", 308, "/sign-in"},
		{"GET", "/nothing/", 404, ""},
		{"GET", "/static/", 404, ""},
		{"POST", "/settings/", 404, ""},
		{"GET", "//evil.example/", 404, ""},
		{"GET", "//evil.example/customers/", 404, ""},
		{"GET", "///", 404, ""},
		{"GET", "/%2Fevil.example/", 404, ""},
		{"GET", "/\\evil.example/", 404, ""},
	} {
		a := b.raw(tt.method + " " + tt.path + " HTTP/1.1\r\nHost: rollcall.example\r\nOrigin: " + base + "\r\nSec-Fetch-Site: same-origin\r\n\r\n")
		if a.status != tt.status || a.to() != tt.to {
			t.Errorf("%s %s: %d to %q, want %d to %q", tt.method, tt.path, a.status, a.to(), tt.status, tt.to)
		}
		checkHeaders(t, tt.path, a, true, false)
	}
	// Who is not signed in is led there as well, and then to the sign-in.
	stranger := r.browser(t)
	if a := stranger.get(contoso + "/users/"); a.status != 308 || stranger.get(a.to()).to() != "/sign-in?return_to="+url.QueryEscape(contoso+"/users") {
		t.Errorf("a stranger: %d to %q", a.status, a.to())
	}
}

// A ticket that is too long is not kept, and the page says so.
func TestLongTicketInALink(t *testing.T) {
	b := newRig(t, rigOptions{}).signedIn(t, priya)
	b.get(contoso + "/users?ticket=T-1")
	long := strings.Repeat("T", 65)
	for _, address := range []string{contoso + "/users?q=a&ticket=" + long, contoso + "/users?ticket=" + strings.Repeat("%C3%A4", 33)} {
		a := b.get(address)
		clean := strings.TrimSuffix(strings.Split(address, "ticket=")[0], "&")
		clean = strings.TrimSuffix(clean, "?")
		if a.status != http.StatusBadRequest || !strings.Contains(a.text(), "The ticket's name is too long.") ||
			!strings.Contains(a.text(), "was not kept") || !strings.Contains(a.body, `href="`+clean+`"`) {
			t.Errorf("%s: %d %s", address, a.status, a.text())
		}
	}
	if a := b.get(contoso + "/users"); a.status != 200 || !strings.Contains(a.body, "T-1") {
		t.Errorf("the ticket of before: %d", a.status)
	}
	if a := b.get(contoso + "/users?ticket=" + strings.Repeat("T", 64)); a.status != 303 || a.to() != contoso+"/users" {
		t.Errorf("one that just fits: %d to %q", a.status, a.to())
	}
}

// Signing out has a page of its own, before and after.
func TestSignOutPage(t *testing.T) {
	b := newRig(t, rigOptions{}).signedIn(t, priya)
	a := b.get("/sign-out")
	if a.status != 200 || !strings.Contains(a.text(), "You are signed in as Priya Nair") || !strings.Contains(a.body, `<form method="post" action="/sign-out">`) {
		t.Errorf("the page: %d %s", a.status, a.text())
	}
	if b.get("/customers").status != 200 {
		t.Error("the page by itself signed out")
	}
	for range 2 { // twice is as good as once
		if a := b.post("/sign-out", url.Values{}); a.status != http.StatusSeeOther || a.to() != "/sign-out" {
			t.Errorf("signing out: %d to %q", a.status, a.to())
		}
		for _, address := range []string{"/sign-out", "/sign-out?provider=0", "/sign-out?provider=7", "/sign-out?provider=-1", "/sign-out?provider=x"} {
			a := b.get(address)
			if a.status != 200 || !strings.Contains(a.text(), "Your session in Rollcall is over") || !strings.Contains(a.body, "/end_session?client_id=rollcall") {
				t.Errorf("%s: %d %s", address, a.status, a.text())
			}
		}
	}
}

// A token that Partner Center refuses twice ends the session in every tab, and
// each is told why: nobody ended it.
func TestRefusedTokenIsTold(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, priya)
	r.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*", Status: http.StatusUnauthorized})
	for _, address := range []string{contoso + "/users", "/settings", contoso + "/users"} { // the second and third: other tabs
		a := b.get(address)
		if a.status != 303 || !strings.HasPrefix(a.to(), "/sign-in?ended=refused&") {
			t.Fatalf("%s: %d to %q", address, a.status, a.to())
		}
		if page := b.get(a.to()); !strings.Contains(page.text(), "Microsoft no longer accepts your sign-in") || !strings.Contains(page.text(), "Nobody ended your session here.") {
			t.Errorf("reads %q", page.text())
		}
	}
}

// So is a sign-in that the provider would not renew.
func TestRefusedRenewalIsTold(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, priya)
	r.provider.SetFaults(refusesRefresh)
	r.wait(50 * time.Minute) // three quarters of an hour, and not an hour
	for _, address := range []string{contoso + "/users", "/settings"} {
		a := b.get(address)
		if a.status != 303 || !strings.HasPrefix(a.to(), "/sign-in?ended=provider&") {
			t.Fatalf("%s: %d to %q", address, a.status, a.to())
		}
		if page := b.get(a.to()); !strings.Contains(page.text(), "Your sign-in is no longer accepted by") {
			t.Errorf("reads %q", page.text())
		}
	}
}
