package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// TestSavedViews: a view is saved under a name, opened by its address, shared
// or not, made the one the list opens with, renamed and deleted.
func TestSavedViews(t *testing.T) {
	r := newRig(t, rigOptions{})
	ann, bob := r.signedIn(t, tomas), r.signedIn(t, ama)
	list := contoso + "/users"
	save := func(form ...string) *answer {
		f := url.Values{"do": {"save"}, "query": {"guest=yes&sort=-upn&page=3"}, "return_to": {list + "?guest=yes"}}
		for i := 0; i < len(form); i += 2 {
			f.Set(form[i], form[i+1])
		}
		return ann.post(contoso+"/views", f)
	}
	if a := save("name", "Guests", "for", "customer"); a.status != http.StatusSeeOther || a.to() != list+"?guest=yes" {
		t.Fatalf("saved: %d to %s", a.status, a.to())
	}
	for name, want := range map[string]string{"": "Name: write one", "gUESTS": "Name: you have a view of this name"} {
		a := save("name", name, "for", "customer")
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.text(), want) || !strings.Contains(a.body, "<title>Error: ") {
			t.Errorf("saved as %q: %d %s", name, a.status, a.text())
		}
	}
	panel := ann.get(list + "?panel=views")
	id := regexp.MustCompile(`view=([a-z0-9]{20,})"`).FindStringSubmatch(panel.body)
	if id == nil || !strings.Contains(panel.text(), "Guests") || !strings.Contains(panel.text(), "Only this customer") {
		t.Fatalf("the panel: %s", panel.text())
	}
	view := list + "?view=" + id[1]
	if a := ann.get(view); a.status != http.StatusSeeOther || a.to() != list+"?guest=yes&sort=-upn" {
		t.Errorf("opened: %d to %s", a.status, a.to())
	}
	if a := bob.get(view); a.status != http.StatusNotFound || !strings.Contains(a.text(), "There is no such view.") || strings.Contains(a.text(), "Guests") {
		t.Errorf("opened by a colleague, not shared: %d %s", a.status, a.text())
	}
	other := "/customers/" + emulator.NorthwindID + "/users?view=" + id[1]
	if a := ann.get(other); a.status != http.StatusNotFound {
		t.Errorf("opened at another customer: %d", a.status)
	}

	// Shared and renamed, in the settings; only by whose it is.
	if text := ann.get("/settings").text(); !strings.Contains(text, "Your views 1") || !strings.Contains(text, "For Contoso Deutschland GmbH & Co. KG") {
		t.Errorf("the settings: %s", text)
	}
	rename := url.Values{"do": {"rename"}, "view": {id[1]}, "name": {"Visitors"}, "shared": {"1"}}
	bob.post("/settings/views", rename)
	if a := bob.get(view); a.status != http.StatusNotFound {
		t.Errorf("somebody else shared it: %d", a.status)
	}
	ann.post("/settings/views", rename)
	r.portal.server.prefs = freshBook(r) // as another replica, which has read nothing yet
	if a := bob.get(view); a.status != http.StatusSeeOther || a.to() != list+"?guest=yes&sort=-upn" {
		t.Errorf("opened by a colleague, shared: %d to %s", a.status, a.to())
	}
	if text := bob.get(list + "?panel=views").text(); !strings.Contains(text, "Visitors") || !strings.Contains(text, "shared by Tom") {
		t.Errorf("a colleague's panel: %s", text)
	}

	// The list opens with it, and all users are a click away.
	if a := ann.post(contoso+"/views", url.Values{"do": {"default"}, "view": {id[1]}}); a.status != http.StatusSeeOther {
		t.Fatalf("made default: %d %s", a.status, a.text())
	}
	if a := ann.get(list); a.to() != list+"?guest=yes&sort=-upn" {
		t.Errorf("the list opens with %s", a.to())
	}
	page := ann.get(list + "?guest=yes&sort=-upn")
	if !strings.Contains(page.body, `href="`+list+`?sort=-upn"`) {
		t.Error("no way to all users in this order")
	}
	if a := ann.get(list + "?view=none"); a.status != http.StatusOK {
		t.Errorf("all users, although there is a default: %d to %s", a.status, a.to())
	}
	ann.post(contoso+"/views", url.Values{"do": {"no-default"}})
	if a := ann.get(list); a.status != http.StatusOK {
		t.Errorf("no default any more, yet %d to %s", a.status, a.to())
	}
	ann.post("/settings/views", url.Values{"do": {"delete"}, "view": {id[1]}})
	if a := ann.get(view); a.status != http.StatusNotFound {
		t.Errorf("deleted, yet %d", a.status)
	}
}

// TestViewGivesNothingAway: a shared view that names a kind of data shows a
// colleague nothing of it that they may not see.
func TestViewGivesNothingAway(t *testing.T) {
	r := newRig(t, rigOptions{})
	warm(t, r)
	at := "/customers/" + emulator.GlobalReaderCustomerID
	ann, bob := r.signedIn(t, priya), r.signedIn(t, carsten)
	if a := ann.post(at+"/views", url.Values{"do": {"save"}, "name": {"Unlicensed"}, "query": {"license=none"}, "shared": {"1"}}); a.status != http.StatusSeeOther {
		t.Fatalf("saved: %d %s", a.status, a.text())
	}
	panel := bob.get(at + "/users?panel=views")
	id := regexp.MustCompile(`view=([a-z0-9]{20,})"`).FindStringSubmatch(panel.body)
	if id == nil {
		t.Fatalf("the panel: %s", panel.text())
	}
	a := bob.get(at + "/users?view=" + id[1])
	refused := bob.get(a.to())
	if refused.status != http.StatusForbidden || !strings.Contains(refused.text(), "You can't see licenses at") || len(idsOf(refused.body)) > 0 {
		t.Errorf("%s answers %d: %s", a.to(), refused.status, refused.text())
	}
	list := bob.get(at + "/users")
	if !strings.Contains(list.text(), "Licenses aren't shown. This needs the role Directory Readers there.") || strings.Contains(list.body, "Unlicensed") || strings.Contains(list.body, `id="filter-license"`) {
		t.Errorf("the list: %s", list.text())
	}
}
