package directory

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// every page of a view, one after the other, without marks.
func (o *office) paged(v Viewer, customerID string, q Query, kinds ...Kind) (rows []UserRow) {
	o.t.Helper()
	q.Size = 250
	for q.Page = 1; ; q.Page++ {
		view, err := o.Users(o.t.Context(), v, customerID, q, kinds...)
		if err != nil {
			o.t.Fatal(err)
		}
		for _, r := range view.Rows {
			r.NameMarks, r.UPNMarks = nil, nil
			rows = append(rows, r)
		}
		if q.Page == view.Pages {
			return rows
		}
	}
}

// All is what one pages through, in the same order, whatever is asked.
func TestAllIsEveryPage(t *testing.T) {
	o := newOffice(t, 1200, Options{})
	v := o.viewer("admin-agent")
	o.untilComplete(v)
	for _, q := range []Query{
		{},
		{Sort: Sort{Descending: true}},
		{Text: "an"},
		{Text: "an", Sort: Sort{By: ByUPN, Descending: true}},
		{Sort: Sort{By: BySynced}, Synced: Yes},
		{Text: "no one is called so"},
		{Text: "an", Locations: []string{NoLocation, "US"}, Sort: Sort{By: ByLocation}, Page: 3, Size: 25},
		{Sort: Sort{By: ByRoles, Descending: true}},
	} {
		view, rows, err := o.All(t.Context(), v, bigCustomer, q, KindRoles)
		if err != nil {
			t.Fatal(err)
		}
		got := slices.Collect(rows)
		if diff := cmp.Diff(o.paged(v, bigCustomer, q, KindRoles), got); diff != "" {
			t.Errorf("%q (-paged +all):\n%s", q.Encode(), diff)
		}
		if view.Matching != len(got) || view.Rows != nil || view.State != StateComplete || view.Page != 1 || view.Pages != 1 || view.CustomerID != bigCustomer || !view.Roles.Asked || view.Roles.Withheld != nil {
			t.Errorf("%q: %+v", q.Encode(), view)
		}
		if again := slices.Collect(rows); !cmp.Equal(got, again) {
			t.Errorf("%q: another loop gives others", q.Encode())
		}
	}
	// Whose UPN is exactly what was searched comes first, as on the page.
	row := o.view(v, Query{Sort: Sort{By: ByUPN}}).Rows[40]
	view, rows, err := o.All(t.Context(), v, bigCustomer, Query{Text: row.UPN, Sort: Sort{By: ByUPN, Descending: true}})
	if err != nil {
		t.Fatal(err)
	}
	for first := range rows {
		if first.ID != row.ID || view.Exact != row.ID {
			t.Errorf("%+v is first, %s is exact", first, view.Exact)
		}
		break
	}
}

// What the loop gives is of the moment it was asked for, though the list is
// read anew meanwhile; the loop may be left.
func TestAllIsOfOneMoment(t *testing.T) {
	o := newOffice(t, 700, Options{})
	v := o.viewer("admin-agent")
	o.untilComplete(v)
	_, rows, err := o.All(t.Context(), v, bigCustomer, Query{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for r := range rows {
		if n++; n == 300 {
			if err := v.Client.Customer(bigCustomer).User(r.ID).Delete(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := o.Refresh(t.Context(), v, bigCustomer); err != nil {
				t.Fatal(err)
			}
			o.loadEnds(v)
		}
	}
	if n != 700 || o.view(v, Query{}).Read != 699 {
		t.Errorf("%d rows, then %d", n, o.view(v, Query{}).Read)
	}
	for range rows {
		n--
		break
	}
	if n != 699 {
		t.Error("a loop that was left went on")
	}
}

func TestAllNeedsAProof(t *testing.T) {
	o := newOffice(t, 10, Options{})
	v, nobody := o.viewer("admin-agent"), o.viewer("no-gdap")
	ask := map[string]func(Viewer, string) error{
		"all":     func(v Viewer, c string) error { _, _, err := o.All(t.Context(), v, c, Query{}); return err },
		"deleted": func(v Viewer, c string) error { _, _, err := o.AllDeleted(t.Context(), v, c, Query{}); return err },
		"by ID":   func(v Viewer, c string) error { _, err := o.ByID(t.Context(), v, c, []string{c}); return err },
		"match":   func(v Viewer, c string) error { _, err := o.Match(t.Context(), v, c, []string{"a"}); return err },
	}
	for name, ask := range ask {
		cold := ask(nobody, emulator.ContosoID)
		wantError(t, cold, partnercenter.ErrForbidden)
		if err := ask(v, emulator.ContosoID); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		warm := ask(nobody, emulator.ContosoID)
		a, _ := errors.AsType[*partnercenter.Error](cold)
		b, _ := errors.AsType[*partnercenter.Error](warm)
		if a == nil || b == nil || a.Status != b.Status || a.Code != b.Code {
			t.Errorf("%s: cold %v, warm %v", name, cold, warm)
		}
		wantError(t, ask(v, emulator.DepartedCustomerID), partnercenter.ErrNoRelationship)
		wantError(t, ask(v, "contoso"), partnercenter.ErrBadID)
	}
	// To filter by a kind that is withheld is an error; to show it is not.
	reader := o.viewer("reader")
	_, _, err := o.All(t.Context(), reader, emulator.GlobalReaderCustomerID, Query{Licenses: []string{NoLicense}})
	if k, ok := errors.AsType[*KindError](err); !ok || k.Kind != KindLicenses || !errors.Is(err, partnercenter.ErrForbidden) {
		t.Errorf("%v", err)
	}
	view, _, err := o.All(t.Context(), reader, emulator.GlobalReaderCustomerID, Query{}, KindLicenses)
	if err != nil || !errors.Is(view.Licenses.Withheld, partnercenter.ErrForbidden) {
		t.Errorf("%+v, %v", view.Licenses, err)
	}
}

// While the first page is on its way there is nobody yet, and while Partner
// Center does not answer the view says that it is stale.
func TestAllWhileLoadingAndStale(t *testing.T) {
	bubble(t, 700, Options{}, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.service.SetFault(emulator.Fault{Name: "slow", PathPrefix: "/customers/*/users", Latency: 15 * time.Second})
		view, rows, err := o.All(t.Context(), v, bigCustomer, Query{})
		if err != nil || view.State != StateLoading || len(slices.Collect(rows)) != 0 {
			t.Errorf("%+v, %v", view.Reading, err)
		}
		if users, err := o.ByID(t.Context(), v, emulator.ContosoID, []string{emulator.ContosoID}); err != nil || users != nil {
			t.Errorf("%v, %v", users, err)
		}
		if deleted, rows, err := o.AllDeleted(t.Context(), v, school, Query{}); err != nil || deleted.State != StateLoading || len(slices.Collect(rows)) != 0 {
			t.Errorf("%v, %v", deleted.Reading, err)
		}
		o.service.ClearFaults()
		time.Sleep(time.Minute)
		o.settled(v)
		o.service.SetFault(emulator.Fault{Status: http.StatusServiceUnavailable})
		time.Sleep(proofLife)
		if view, _, err := o.All(t.Context(), v, bigCustomer, Query{}); err != nil || !view.Stale {
			t.Errorf("%+v, %v", view.Reading, err)
		}
	})
}

func TestAllDeleted(t *testing.T) {
	o := newOffice(t, 1200, Options{})
	v := o.viewer("admin-agent")
	o.deletedUsers(v, bigCustomer, Query{})
	q := Query{Text: "a", Sort: Sort{By: ByDeleted, Descending: true}, Size: 250}
	view, rows, err := o.AllDeleted(t.Context(), v, bigCustomer, q)
	if err != nil {
		t.Fatal(err)
	}
	page := o.deletedUsers(v, bigCustomer, q)
	got := slices.Collect(rows)
	if len(got) != page.Matching || view.Matching != page.Matching || len(got) < 100 {
		t.Errorf("%d rows, want %d", len(got), page.Matching)
	}
	for i, r := range page.Rows {
		if got[i].ID != r.ID || got[i].Deleted.IsZero() {
			t.Errorf("row %d is %+v, want %+v", i, got[i], r)
		}
	}
}

func TestByID(t *testing.T) {
	o := newOffice(t, 1200, Options{})
	v := o.viewer("admin-agent")
	o.untilComplete(v)
	rows := o.view(v, Query{Size: 250}).Rows
	var ids, want []string
	for i := 0; i < len(rows); i += 7 {
		want = append(want, rows[i].ID)
		ids = append(ids, strings.ToUpper(rows[i].ID))
	}
	slices.Reverse(ids)
	ids = append(ids, ids[0], "11111111-2222-4333-8444-555555555555", "nobody", "")
	got, err := o.ByID(t.Context(), v, bigCustomer, ids, KindRoles)
	if err != nil {
		t.Fatal(err)
	}
	var gotIDs []string
	for _, r := range got {
		gotIDs = append(gotIDs, r.ID)
	}
	if diff := cmp.Diff(want, gotIDs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got[0].UPN != rows[0].UPN || got[0].DisplayName != rows[0].DisplayName {
		t.Errorf("%+v, want %+v", got[0], rows[0])
	}
	if none, err := o.ByID(t.Context(), v, bigCustomer, nil); err != nil || len(none) != 0 {
		t.Errorf("%v, %v", none, err)
	}
}

// Who has no name comes last, also while the list grows.
func TestSortByName(t *testing.T) {
	all := people(900, 3)
	grown := grown(all, 300, collation{})
	for name, u := range map[string]*snapshot{"growing": grown, "finished": grown.finished()} {
		rows := u.allRows()
		slices.Reverse(rows)
		u.sortByName(rows)
		var want []uint32
		for k := range u.rows {
			if o := u.order(ByName); o != nil {
				want = append(want, o.at(k, false))
			} else {
				want = append(want, u.nth(k))
			}
		}
		if !slices.Equal(rows, want) {
			t.Errorf("%s: not in the order of ByName", name)
		}
	}
}

func TestMatch(t *testing.T) {
	o := newOffice(t, 10, Options{})
	v := o.viewer("helpdesk-agent")
	list, err := o.Users(t.Context(), v, emulator.ContosoID, Query{Text: "s.mueller@contoso.example"})
	if err != nil || list.Exact == "" {
		t.Fatalf("%+v, %v", list.Rows, err)
	}
	sabine := list.Exact
	tests := []struct {
		entry string
		want  string // display names, or the ID of the one
	}{
		{"s.mueller@contoso.example", sabine},
		{"  S.MUELLER@Contoso.Example\t", sabine},
		{strings.ToUpper(sabine), sabine},
		{"Sabine Müller <s.mueller@contoso.example>", sabine},
		{`"Somebody Else" <S.Mueller@contoso.example>`, sabine},
		{"mailto:s.mueller@contoso.example", sabine},
		{"SMTP:s.mueller@contoso.example", sabine},
		{"'s.mueller@contoso.example'", sabine},
		{"søren åkesson", "Søren Åkesson"},
		{"SOREN  AKESSON", "Søren Åkesson"},
		{`"O'Brien, Siân"`, "O'Brien, Siân"},
		{"נועה כהן", "נועה כהן"},
		{"Marta Nowak", "Marta Nowak|Marta Nowak"},
		{"Marta", ""},
		{"s.mueller@fabrikam.example", ""},
		{"11111111-2222-4333-8444-555555555555", ""},
		{"Rashid Karimov", ""}, // deleted
		{"", ""},
		{"<>", ""},
		{"@", ""},
	}
	entries := make([]string, len(tests))
	for i, tt := range tests {
		entries[i] = tt.entry
	}
	got, err := o.Match(t.Context(), v, emulator.ContosoID, entries)
	if err != nil || len(got) != len(tests) {
		t.Fatalf("%d matches, %v", len(got), err)
	}
	for i, tt := range tests {
		m := got[i]
		var names []string
		for _, r := range m.Rows {
			names = append(names, r.DisplayName)
		}
		if m.Entry != tt.entry || strings.Join(names, "|") != tt.want && !(len(m.Rows) == 1 && m.Rows[0].ID == tt.want) {
			t.Errorf("%q is %q, want %q", tt.entry, names, tt.want)
		}
	}
}

// shout writes in capitals what of a text is ASCII.
func shout(text string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 0x20
		}
		return r
	}, text)
}

// Each user is found by ID, by UPN, and by name with all who share it; one
// whose name is another's UPN stands back.
func TestMatchFindsEverybody(t *testing.T) {
	all := people(2000, 9)
	all[7].display = all[8].upn
	u := grown(all, 500, collation{}).finished()
	var matches []Match
	for i := range all {
		matches = append(matches, Match{Entry: all[i].id}, Match{Entry: shout(all[i].upn)}, Match{Entry: all[i].display})
	}
	u.match(matches)
	sure := func(m Match, id string) bool {
		return slices.ContainsFunc(m.Rows, func(r UserRow) bool { return r.ID == id })
	}
	for i, p := range all {
		if m := matches[3*i]; len(m.Rows) != 1 || !sure(m, p.id) {
			t.Fatalf("%+v by ID: %+v", p, m.Rows)
		}
		if m := matches[3*i+1]; p.upn != "" && utf8.ValidString(p.upn) && !sure(m, p.id) {
			t.Errorf("%+v by UPN: %+v", p, m.Rows)
		}
		m := matches[3*i+2]
		switch {
		case i == 7:
			if len(m.Rows) != 1 || m.Rows[0].ID != all[8].id {
				t.Errorf("whose UPN it is comes before whose name: %+v", m.Rows)
			}
		case p.display == cleanEntry(p.display) && p.display != "" && len(m.Rows) < mostCandidates && !sure(m, p.id):
			t.Errorf("%q by name: %+v", p.display, m.Rows)
		}
		if len(m.Rows) > mostCandidates || p.display == "" && len(m.Rows) > 0 {
			t.Errorf("%q: %d candidates", p.display, len(m.Rows))
		}
	}
}

func BenchmarkAll(b *testing.B) {
	u := grown(plainPeople(100_000, 7), 500, collation{}).finished()
	q := Query{}.normal()
	lately := new(recent)
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		_, rows := u.all(&q, lately, besides{})
		for r := range rows {
			n += len(r.ID)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	all := plainPeople(100_000, 7)
	u := grown(all, 500, collation{}).finished()
	var matches []Match
	for i := range 1000 {
		matches = append(matches, Match{Entry: all[i*97].upn}, Match{Entry: fmt.Sprint("nobody ", i)})
	}
	b.ReportAllocs()
	for b.Loop() {
		for i := range matches {
			matches[i].Rows = nil
		}
		u.match(matches)
	}
}
