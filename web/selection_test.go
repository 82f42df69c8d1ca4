package web

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/preferences"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
	"github.com/rollcall-app/rollcall/views"
)

var rowID = regexp.MustCompile(`<tr role="row" id="u-([0-9a-f-]{36})"`)

// idsOf are the users of a page, in their order.
func idsOf(body string) []string {
	var ids []string
	for _, m := range rowID.FindAllStringSubmatch(body, -1) {
		ids = append(ids, m[1])
	}
	return ids
}

func selectionOf(t *testing.T, r *rig, person string) []string {
	t.Helper()
	s, err := r.portal.server.prefs.Selection(t.Context(), emulator.PartnerTenantID+"/"+person, emulator.ContosoID, preferences.ListUsers)
	must(t, err)
	return s.IDs()
}

// TestSelectionSurvivesPagesAndSearches: what is ticked stays ticked, and a
// page's ticks say nothing about another page.
func TestSelectionSurvivesPagesAndSearches(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, tomas)
	first := idsOf(b.getRead(contoso + "/users?size=25").body)
	second := idsOf(b.get(contoso + "/users?page=2&size=25").body)
	tick := func(form url.Values) *answer {
		form.Set("do", "page")
		form.Set("return_to", contoso+"/users?size=25")
		return b.post(contoso+"/selection", form, append([]with{{"HX-Target", "div#users-bulk"}}, fragment...)...)
	}
	if a := tick(url.Values{"user": first[:3], "shown": first}); a.status != 200 || !strings.Contains(a.text(), "3 selected") || !strings.Contains(a.body, `data-announce="3 users selected"`) {
		t.Errorf("three ticked: %d %s", a.status, a.text())
	}
	if a := tick(url.Values{"user": second[:1], "shown": second}); !strings.Contains(a.text(), "4 selected") {
		t.Errorf("one more on the next page: %s", a.text())
	}
	if a := tick(url.Values{"user": first[1:3], "shown": first}); !strings.Contains(a.text(), "3 selected") {
		t.Errorf("one unticked on the first page: %s", a.text())
	}
	want := []string{first[1], first[2], second[0]}
	slices.Sort(want)
	if diff := cmp.Diff(want, selectionOf(t, r, tomas)); diff != "" {
		t.Errorf("selected (-want +got):\n%s", diff)
	}
	page := b.get(contoso + "/users?size=25")
	if n := strings.Count(page.body, ` checked aria-label="Select `); n != 2 || !strings.Contains(page.text(), "3 selected") {
		t.Errorf("the first page, opened again, has %d ticks; %s", n, page.text())
	}
	if got := idsOf(b.get(contoso + "/users?only=selected").body); len(got) != 3 {
		t.Errorf("only the selected: %v", got)
	}
	if got := selectionOf(t, r, ama); len(got) > 0 {
		t.Errorf("another person's selection: %v", got)
	}
	if a := b.post(contoso+"/selection", url.Values{"do": {"none"}, "return_to": {contoso + "/users?q=a"}}); a.status != 303 || a.to() != contoso+"/users?q=a" || len(selectionOf(t, r, tomas)) > 0 {
		t.Errorf("cleared: %d to %s, %v left", a.status, a.to(), selectionOf(t, r, tomas))
	}
}

// TestSelectionWithoutScript: a form tells what was ticked when the page was
// made, so that what was unticked since goes.
func TestSelectionWithoutScript(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, tomas)
	ids := idsOf(b.getRead(contoso + "/users?q=a").body)
	send := func(id ...string) string {
		t.Helper()
		page := b.get(contoso + "/users?q=a")
		form := url.Values{"do": {"page"}, "return_to": {contoso + "/users?q=a"}, "user": id}
		for _, m := range regexp.MustCompile(`name="was" value="([^"]+)"`).FindAllStringSubmatch(page.body, -1) {
			form.Add("was", m[1])
		}
		a := b.post(contoso+"/selection", form)
		if a.status != http.StatusSeeOther || a.to() != contoso+"/users?q=a" {
			t.Fatalf("%d to %s", a.status, a.to())
		}
		return b.get(a.to()).text()
	}
	if text := send(ids[0], ids[1]); !strings.Contains(text, "2 selected") {
		t.Errorf("two ticked: %s", text)
	}
	if text := send(ids[1]); !strings.Contains(text, "1 selected") {
		t.Errorf("one unticked: %s", text)
	}
}

// TestSelectAllIsOnTheTrail: all that match are selected, on whichever page,
// and the trail has it.
func TestSelectAllIsOnTheTrail(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, tomas)
	list := contoso + "/users?synced=yes"
	if a := b.getRead(list); a.status != 200 {
		t.Fatalf("%d", a.status)
	}
	a := b.post(contoso+"/selection", url.Values{"do": {"all"}, "return_to": {list}}, append([]with{{"HX-Target", "section#users-results"}}, fragment...)...)
	n := len(selectionOf(t, r, tomas))
	if a.status != 200 || n < 100 || !strings.Contains(a.text(), views.Number(n)+" selected") {
		t.Errorf("%d with %d selected: %s", a.status, n, a.text())
	}
	rows, err := r.trail.List(t.Context(), audit.Filter{Kinds: []string{audit.KindSelectAll}})
	must(t, err)
	if len(rows) != 1 || rows[0].Detail["users"] != strconv.Itoa(n) || rows[0].CustomerID != emulator.ContosoID {
		t.Errorf("on the trail: %+v, %d selected", rows, n)
	}
}

// TestSelectFromAList: a pasted list is matched before anything is selected,
// and what is ambiguous or not found can be resolved.
func TestSelectFromAList(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, tomas)
	b.getRead(contoso + "/users")
	page := b.get(contoso + "/users?size=25")
	upn := regexp.MustCompile(`<bdi class="upn">([^<]+@[^<]+)</bdi>`).FindAllStringSubmatch(page.body, 2)
	entries := upn[0][1] + "; Nobody Here\t<" + upn[1][1] + ">"
	a := b.post(contoso+"/selection", url.Values{"do": {"list"}, "entries": {entries}, "return_to": {contoso + "/users?q=a"}})
	for _, want := range []string{"2 users found", "1 entry not found", "at Contoso Deutschland GmbH & Co. KG"} {
		if !strings.Contains(a.text(), want) {
			t.Errorf("reads %q, want %q in it", a.text(), want)
		}
	}
	if !strings.Contains(a.body, ">Nobody Here</textarea>") || len(selectionOf(t, r, tomas)) != 0 {
		t.Errorf("what is not found can't be corrected, or something is selected already: %v", selectionOf(t, r, tomas))
	}
	var ids []string
	for _, m := range regexp.MustCompile(`name="user" value="([^"]+)" checked`).FindAllStringSubmatch(a.body, -1) {
		ids = append(ids, m[1])
	}
	again := b.post(contoso+"/selection", url.Values{"do": {"list"}, "entries": {"still nobody"}, "user": ids, "return_to": {contoso + "/users?q=a"}})
	if !strings.Contains(again.text(), "2 users found") {
		t.Errorf("looked again, and those found before are gone: %s", again.text())
	}
	if done := b.post(contoso+"/selection", url.Values{"do": {"add"}, "user": ids, "return_to": {contoso + "/users?q=a"}}); done.to() != contoso+"/users?q=a" || len(selectionOf(t, r, tomas)) != 2 {
		t.Errorf("selected: to %s, %v", done.to(), selectionOf(t, r, tomas))
	}
}

func TestListEntriesAreTakenApart(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                 nil,
		" \n;\t,":                          {","},
		"a@x.example b@x.example":          {"a@x.example", "b@x.example"},
		"Anna Müller\r\nBen":               {"Anna Müller", "Ben"},
		"Müller, Anna":                     {"Müller, Anna"},
		"A <a@x.example>; B <b@x.example>": {"A <a@x.example>", "B <b@x.example>"},
		"x\tx":                             {"x"},
		"bad\x00\u202ename":                {"bad name"},
	} {
		if diff := cmp.Diff(want, listEntries(text)); diff != "" {
			t.Errorf("listEntries(%q) (-want +got):\n%s", text, diff)
		}
	}
}
