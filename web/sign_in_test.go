package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/auth/demoidp"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// A session that another replica ended, or `rollcall sessions end`, leads to
// the sign-in page, however young the copies of its rows are.
func TestEndedByAnotherReplica(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, priya)
	b.get(oneUser)
	r.wait(6 * time.Second) // the tokens' copy is old
	if a := b.get("/help"); a.status != http.StatusOK {
		t.Fatal(a.status) // the session's is new
	}
	sessions, err := r.store.Sessions(t.Context(), "")
	must(t, err)
	must(t, r.store.DeleteGrant(t.Context(), sessions[0].GrantID))
	a := b.get(oneUser)
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.to(), "/sign-in?ended=elsewhere&return_to=") {
		t.Fatalf("%d to %q", a.status, a.to())
	}
	if page := b.get(a.to()); page.status != http.StatusOK || !strings.Contains(page.text(), "This session was ended elsewhere") {
		t.Errorf("%d to %q: %s", page.status, page.to(), page.text())
	}
}

// The sign-in page asks the row: a session that is over elsewhere is over here.
func TestSignInPageAsksTheRow(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, priya)
	b.get("/help")
	sessions, err := r.store.Sessions(t.Context(), "")
	must(t, err)
	must(t, r.store.DeleteGrant(t.Context(), sessions[0].GrantID))
	if a := b.get("/sign-in?return_to=%2Fhelp"); a.status != http.StatusOK {
		t.Errorf("%d to %q", a.status, a.to())
	}
}

// Who asks for the second factor again within five minutes is told so, and
// stays signed in.
func TestSignInWithMFATwice(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, priya)
	const start = "/sign-in/start?return_to=%2Fhelp&mfa=1"
	if a := b.signIn(start, priya); a.status != http.StatusSeeOther || a.to() != "/help" {
		t.Fatalf("%d to %q", a.status, a.to())
	}
	a := b.get(start)
	if a.status != http.StatusForbidden || !strings.Contains(a.text(), "You signed in with MFA a moment ago.") ||
		!strings.Contains(a.text(), "You are still signed in") || strings.Contains(a.text(), "not signed in") {
		t.Errorf("%d: %s", a.status, a.text())
	}
	for _, link := range []string{`href="/help"`, `href="/sign-in/start?return_to=%2Fhelp&amp;choose=1"`} {
		if !strings.Contains(a.body, link) {
			t.Errorf("no %s in\n%s", link, a.body)
		}
	}
	if strings.Contains(a.body, "mfa=1") {
		t.Error("the button that can't work is there again")
	}
	if a := b.get("/help"); a.status != http.StatusOK {
		t.Errorf("signed in no more: %d", a.status)
	}
	r.wait(5 * time.Minute)
	if a := b.get(start); a.status != http.StatusSeeOther || !strings.Contains(a.to(), "prompt=login") {
		t.Errorf("after five minutes: %d to %q", a.status, a.to())
	}
}

// What the provider wants to be asked outlives Partner Center's 401: the
// session stays, and the next sign-in asks for it verbatim.
func TestChallengeAfterRefusedToken(t *testing.T) {
	const challenge = `{"access_token":{"acrs":{"essential":true,"value":"c1"},"odd":"ä & <x>"}}`
	var wants atomic.Bool
	r := newRig(t, rigOptions{signIn: func(provider http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if !wants.Load() || q.URL.Path != "/oauth/token" {
				provider.ServeHTTP(w, q)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(w).Encode(map[string]string{"error": "interaction_required", "claims": challenge})
		})
	}})
	b := r.signedIn(t, priya)
	b.get(oneUser)
	r.wait(time.Minute)
	wants.Store(true)
	r.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*", Status: http.StatusUnauthorized})
	for range 2 { // and it does not change its mind
		a := b.get(oneUser)
		if a.status != http.StatusForbidden || !strings.Contains(a.text(), "because your sign-in was without a second factor") ||
			!strings.Contains(a.body, `href="/sign-in/start?return_to=`+url.QueryEscape(oneUser)+`&amp;mfa=1"`) {
			t.Fatalf("%d to %q: %s", a.status, a.to(), a.text())
		}
	}
	if a := b.get("/help"); a.status != http.StatusOK {
		t.Errorf("the session ended: %d to %q", a.status, a.to())
	}
	asked, err := url.Parse(b.get("/sign-in/start?mfa=1").to())
	must(t, err)
	if got := asked.Query().Get("claims"); got != challenge {
		t.Errorf("asked for %q", got)
	}
}

// Where the people of several tenants may sign in, the page has a way for each.
func TestSignInOfSeveralTenants(t *testing.T) {
	const otherID = "2f6a1c70-93d4-4b58-8e1f-7a5c0d9b3e42"
	listener := httptest.NewUnstartedServer(nil)
	issuer := "http://" + listener.Listener.Addr().String()
	other, err := demoidp.New(demoidp.Options{
		Issuer: issuer, ClientID: "rollcall", ClientSecret: "client-secret", RedirectURIs: []string{base + "/sign-in/callback"},
		PostLogoutRedirectURIs: []string{base + "/sign-in"}, Audience: partnercenter.Global.Resource,
		People: []demoidp.Person{{ObjectID: priya, TenantID: otherID, Name: "Ann Other", UPN: "ann@other.example", Roles: []string{"Rollcall.Reader"}}},
	})
	must(t, err)
	listener.Config.Handler = other
	listener.Start()
	t.Cleanup(listener.Close)
	r := newRig(t, rigOptions{tenants: []auth.Tenant{{Issuer: issuer, ID: otherID}}})

	b := r.browser(t)
	page := b.get("/sign-in?return_to=%2Fhelp")
	if !strings.Contains(page.text(), "Continue with an account of "+otherID) || !strings.Contains(page.body, `href="/sign-in/start?return_to=%2Fhelp&amp;tenant=`+otherID+`"`) {
		t.Errorf("%d: %s", page.status, page.body)
	}
	start := "/sign-in/start?return_to=%2Fhelp&tenant=" + otherID
	if a := b.signIn(start, priya); a.status != http.StatusSeeOther || a.to() != "/help" {
		t.Fatalf("%d to %q: %s", a.status, a.to(), a.text())
	}
	if a := b.get("/help"); a.status != http.StatusOK || !strings.Contains(a.body, "Ann Other") {
		t.Errorf("%d: who is signed in is not shown", a.status)
	}
	refused := r.browser(t).get("/sign-in?refused=role")
	if !strings.Contains(refused.body, `href="/sign-in/start?choose=1&amp;tenant=`+otherID+`"`) {
		t.Errorf("once refused: %s", refused.body)
	}
	if a := r.browser(t).get("/sign-in/start?tenant=" + unknownID); a.status != http.StatusForbidden || !strings.Contains(a.text(), "not of this partner") {
		t.Errorf("a tenant that is not allowed: %d %s", a.status, a.text())
	}
	if page := newRig(t, rigOptions{}).browser(t).get("/sign-in"); strings.Contains(page.body, "tenant=") {
		t.Error("one tenant, yet a choice")
	}
}
