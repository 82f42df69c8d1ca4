package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/views"
)

// TestPeople: an administrator sees who is signed in where, and ends it.
func TestPeople(t *testing.T) {
	r := newRig(t, rigOptions{})
	admin, phone, laptop := r.signedIn(t, priya), r.signedIn(t, tomas), r.signedIn(t, tomas)
	laptop.from = "198.51.100.9:4711"

	if a := admin.get("/settings"); !strings.Contains(a.body, `href="/settings/people"`) {
		t.Error("the settings of an administrator don't lead to everybody's sessions")
	}
	if a := phone.get("/settings"); strings.Contains(a.body, `/settings/people`) {
		t.Error("the settings of somebody else do")
	}
	page := admin.get("/settings/people")
	for _, want := range []string{"Who is signed in", "2 people, 3 sessions", "Priya Nair", "You", "admin", "This session", "Tomáš Dvořák", "helpdesk", "End all 2 sessions of Tomáš Dvořák", "192.0.2.7"} {
		if !strings.Contains(page.text(), want) {
			t.Errorf("%q is not on the page: %s", want, page.text())
		}
	}
	one := admin.get("/settings/people?q=DVO")
	if text := one.text(); !strings.Contains(text, "1 person found") || strings.Contains(text, "Priya Nair") {
		t.Errorf("searched: %s", text)
	}
	if text := admin.get("/settings/people?q=nobody").text(); !strings.Contains(text, "Nobody who is signed in has “ nobody ” in their name") {
		t.Errorf("nobody found: %s", text)
	}

	// One session, then all of the person. Their other devices are signed out.
	sessions, err := r.store.Sessions(t.Context(), "")
	must(t, err)
	var ofTomas []string
	for _, s := range sessions {
		if strings.HasSuffix(s.Person, tomas) {
			ofTomas = append(ofTomas, s.ID)
		}
	}
	a := admin.post("/settings/people", url.Values{"session": {ofTomas[0]}, "return_to": {"/settings/people?q=dvo"}})
	if a.status != http.StatusSeeOther || a.to() != "/settings/people?ended=session&q=dvo" {
		t.Errorf("ended one: %d to %q", a.status, a.to())
	}
	if text := admin.get(a.to()).text(); !strings.Contains(text, "The session has ended") || !strings.Contains(text, "Sign out Tomáš Dvořák") {
		t.Errorf("afterwards: %s", text)
	}
	person := sessionsPerson(t, r, tomas)
	a = admin.post("/settings/people", url.Values{"person": {person}, "return_to": {"https://evil.example/"}})
	if a.status != http.StatusSeeOther || a.to() != "/settings/people?ended=person" {
		t.Errorf("ended all: %d to %q", a.status, a.to())
	}
	for _, b := range []*browser{phone, laptop} {
		if a := b.get("/help"); !strings.HasPrefix(a.to(), "/sign-in?ended=elsewhere") {
			t.Errorf("a device of the person: %d to %q", a.status, a.to())
		}
	}
	if left, err := r.store.GrantsOfPerson(t.Context(), person); err != nil || len(left) > 0 {
		t.Errorf("%d grants are left, %v", len(left), err)
	}
	if a := admin.post("/settings/people", url.Values{}); a.status != http.StatusBadRequest {
		t.Errorf("an empty form: %d", a.status)
	}

	// It is on the trail: who, from where, whose.
	rows, err := r.trail.List(t.Context(), audit.Filter{Kinds: []string{audit.KindSessionEnded}})
	must(t, err)
	if len(rows) != 2 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, want := range []map[string]string{
		{"reason": "ended by a person", "of": person, "sessions": "all"},
		{"reason": "ended by a person", "of": person},
	} {
		if rows[i].PersonName != "Priya Nair" || rows[i].Address != "192.0.2.7" || rows[i].CorrelationID == "" {
			t.Errorf("row %+v", rows[i])
		}
		if diff := cmp.Diff(want, rows[i].Detail); diff != "" {
			t.Errorf("row %d (-want +got):\n%s", i, diff)
		}
	}
}

// sessionsPerson is the key of a person, as their sessions have it.
func sessionsPerson(t *testing.T, r *rig, objectID string) string {
	t.Helper()
	sessions, err := r.store.Sessions(t.Context(), "")
	must(t, err)
	for _, s := range sessions {
		if strings.HasSuffix(s.Person, objectID) {
			return s.Person
		}
	}
	t.Fatalf("%s has no session", objectID)
	return ""
}

// TestPeopleOthers: nobody but an administrator learns who is signed in, or
// ends it, by any of these ways.
func TestPeopleOthers(t *testing.T) {
	r := newRig(t, rigOptions{})
	admin := r.signedIn(t, priya)
	for _, who := range []string{tomas, ama, carsten} {
		b := r.signedIn(t, who)
		if a := b.get("/settings/people"); a.status != http.StatusForbidden || strings.Contains(a.body, "192.0.2.7") {
			t.Errorf("%s sees it: %d", who, a.status)
		}
		if a := b.post("/settings/people", url.Values{"person": {sessionsPerson(t, r, priya)}}); a.status != http.StatusForbidden {
			t.Errorf("%s ends it: %d", who, a.status)
		}
	}
	if a := admin.get("/help"); a.status != http.StatusOK {
		t.Errorf("the administrator was signed out: %d", a.status)
	}
}

func TestPeoplePages(t *testing.T) {
	var sessions []auth.SessionInfo
	for i := range 60 {
		name := fmt.Sprintf("person %02d", 59-i)
		sessions = append(sessions, auth.SessionInfo{Ref: name, Person: name, Name: strings.ToUpper(name[:1]) + name[1:], UPN: name + "@fabrikam.example", Level: auth.LevelReader})
	}
	clock := clock{now: time.Date(2026, 6, 1, 14, 2, 3, 0, time.UTC), zone: time.UTC}
	for name, tt := range map[string]struct {
		query          string
		first, last    string
		matching       int
		previous, next string
	}{
		"first":           {"", "Person 00", "Person 24", 60, "", "/settings/people?page=2"},
		"second":          {"page=2", "Person 25", "Person 49", 60, "/settings/people", "/settings/people?page=3"},
		"last":            {"page=3", "Person 50", "Person 59", 60, "/settings/people?page=2", ""},
		"beyond the last": {"page=99", "Person 50", "Person 59", 60, "/settings/people?page=2", ""},
		"no number":       {"page=-1", "Person 00", "Person 24", 60, "", "/settings/people?page=2"},
		"searched":        {"q=+PERSON+1+&page=1", "Person 10", "Person 19", 10, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			values, err := url.ParseQuery(tt.query)
			must(t, err)
			page := peoplePage(views.Chrome{}, parsePeople(values), sessions, "nobody", clock)
			if got := page.People; page.Matching != tt.matching || got[0].Name != tt.first || got[len(got)-1].Name != tt.last {
				t.Errorf("%d people, %s to %s; want %d, %s to %s", page.Matching, got[0].Name, got[len(got)-1].Name, tt.matching, tt.first, tt.last)
			}
			if string(page.Previous) != tt.previous || string(page.Next) != tt.next {
				t.Errorf("previous %q, next %q", page.Previous, page.Next)
			}
		})
	}
}
