package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// TestFind: one user across the customers that the person has seen; the others
// are read when asked for, those that refuse are skipped, and it is told where
// was searched and where not.
func TestFind(t *testing.T) {
	r := newRig(t, rigOptions{users: 300})
	other := r.signedIn(t, priya)
	other.readAll(contoso) // held, but not for Carsten
	b := r.signedIn(t, carsten)
	calls := len(r.emulator.Calls())
	a := b.get("/find?q=j.mueller%40contoso.example")
	if text := a.text(); a.status != http.StatusOK || !strings.Contains(text, "0 of 63 customers searched") || strings.Contains(a.body, `class="card find"`) || !strings.Contains(text, "Search the other 63 too") {
		t.Errorf("before anything is his: %d %q", a.status, text)
	}
	for _, call := range r.emulator.Calls()[calls:] {
		if strings.Contains(call.Path, "/users") {
			t.Errorf("finding alone asks for %s", call.Path)
		}
	}
	b.readAll(contoso)
	a = b.get("/find?q=j.mueller%40contoso.example")
	if text := a.text(); !strings.Contains(text, "1 of 63 customers searched") || !strings.Contains(text, "1 user found at 1 customer") || !strings.Contains(text, "Exactly this") || !strings.Contains(a.body, "<mark>") {
		t.Errorf("with Contoso read: %q", text)
	}
	rows, err := r.trail.List(t.Context(), audit.Filter{Kinds: []string{audit.KindFind}, Limit: 1})
	must(t, err)
	if diff := cmp.Diff(map[string]string{"text": "j.mueller@contoso.example", "found": "1", "searched": "1", "of": "63"}, rows[0].Detail); diff != "" {
		t.Errorf("the trail (-want +got):\n%s", diff)
	}

	if a := b.post("/find/sweep", url.Values{"do": {"start"}, "return_to": {"/find?q=an"}}); a.status != http.StatusSeeOther || a.to() != "/find?q=an" {
		t.Fatalf("starting: %d to %q", a.status, a.to())
	}
	b.get("/find?q=an")
	rows, err = r.trail.List(t.Context(), audit.Filter{Kinds: []string{audit.KindSweep}})
	must(t, err)
	if len(rows) != 1 {
		t.Errorf("%d sweeps on the trail", len(rows))
	}
	poll := func(shown ...string) *answer {
		return b.get("/find?"+url.Values{"q": {"an"}, "shown": shown}.Encode(), append([]with{{"HX-Target", "div#" + sweepTarget}}, fragment...)...)
	}
	var last *answer
	waitFor(t, "the end of the sweep", func() bool {
		last = poll(emulator.ContosoID)
		return !strings.Contains(last.body, "data-poll")
	})
	if strings.Contains(last.body, `id="f-`+emulator.ContosoID+`"`) {
		t.Error("what is painted comes again")
	}
	if !strings.Contains(last.body, `class="card find"`) || strings.Contains(last.body, "find-search") {
		t.Errorf("the poll's answer: %.600s", last.body)
	}
	whole := b.get("/find?q=an")
	for _, want := range []string{"Refused you (", "Humongous Insurance", "Searched (6", "All that let you see their users."} {
		if !strings.Contains(whole.text(), want) {
			t.Errorf("at the end it reads %.900q, want %q in it", whole.text(), want)
		}
	}
	if m := regexp.MustCompile(`(\d+) of 63 customers searched`).FindStringSubmatch(whole.text()); m == nil || len(m[1]) < 2 {
		t.Errorf("at the end: %.300q", whole.text())
	}
	finds, err := r.trail.List(t.Context(), audit.Filter{Kinds: []string{audit.KindFind}})
	must(t, err)
	if len(finds) != 4 {
		t.Errorf("%d finds on the trail, want the four that were asked for, and no poll", len(finds))
	}
	for range 3 { // no page asked for this
		b.get("/find?q=olena", append([]with{{"HX-Target", "div#" + sweepTarget}}, fragment...)...)
	}
	finds, err = r.trail.List(t.Context(), audit.Filter{Kinds: []string{audit.KindFind}})
	must(t, err)
	if len(finds) != 5 || finds[0].Detail["text"] != "olena" {
		t.Errorf("%d finds on the trail after polls of their own, the last of %v", len(finds), finds[0].Detail)
	}
}

// TestFindAddress: one address for each question.
func TestFindAddress(t *testing.T) {
	b := newRig(t, rigOptions{}).signedIn(t, priya)
	for from, to := range map[string]string{
		"/find?q=": "/find", "/find?q=++jan++de": "/find?q=jan+de", "/find?page=2&q=a": "/find?q=a", "/find?foo=1": "/find",
	} {
		if a := b.get(from); a.status != http.StatusSeeOther || a.to() != to {
			t.Errorf("%s: %d to %q, want %q", from, a.status, a.to(), to)
		}
	}
	if a := b.post("/find/sweep", url.Values{"do": {"dance"}}); a.status != http.StatusBadRequest {
		t.Errorf("a form that names nothing to do: %d", a.status)
	}
}

// TestFindSharing: no other customer's name while the screen is shared.
func TestFindSharing(t *testing.T) {
	b := newRig(t, rigOptions{}).signedIn(t, priya)
	b.readAll(contoso)
	b.post("/sharing", url.Values{"on": {"1"}})
	for _, a := range []*answer{b.get("/find?q=a"), b.get("/find?q=a", append([]with{{"HX-Target", "div#" + sweepTarget}}, fragment...)...)} {
		if !strings.Contains(a.text(), "Finding across customers is off while you share your screen.") || strings.Contains(a.body, "Contoso") {
			t.Errorf("%d %q", a.status, a.text())
		}
	}
	if a := b.get("/jump?q=a"); strings.Contains(a.body, "/find?") {
		t.Error("the palette offers it all the same")
	}
}

// TestFindNeedsTheTrail: nothing is found that can't be recorded.
func TestFindNeedsTheTrail(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, priya)
	b.readAll(contoso)
	r.breakTrail(t)
	if a := b.get("/find?q=a"); a.status != http.StatusServiceUnavailable || strings.Contains(a.body, "card find") {
		t.Errorf("%d %.200q", a.status, a.text())
	}
	if a := b.post("/find/sweep", url.Values{"do": {"start"}}); a.status != http.StatusServiceUnavailable {
		t.Errorf("a sweep: %d", a.status)
	}
}
