package directory

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

func namesOf(rows []CustomerRow) (names []string) {
	for _, r := range rows {
		names = append(names, r.Name)
	}
	return names
}

// allCustomers are those the emulator has, as one person sees them.
func (o *office) allCustomers(v Viewer) CustomersView {
	o.t.Helper()
	view, err := o.Customers(o.t.Context(), v, CustomersQuery{Size: 250, Sort: CustomersSort{By: CustomersByName}})
	if err != nil {
		o.t.Fatal(err)
	}
	if view.Pages != 1 {
		o.t.Fatalf("%d customers are too many for this test", view.Matching)
	}
	return view
}

func TestCustomers(t *testing.T) {
	o := newOffice(t, 10, Options{})
	v := o.viewer("sales-agent") // needs no delegated privileges
	all := o.allCustomers(v)
	if all.State != StateComplete || all.Read != all.Matching || all.Read < 20 {
		t.Errorf("%+v", all.Reading)
	}
	c := collate.New(language.Und)
	if !slices.IsSortedFunc(all.Rows, func(a, b CustomerRow) int { return c.CompareString(a.Name, b.Name) }) {
		t.Errorf("not by name: %q", namesOf(all.Rows))
	}
	_, err := o.Customers(t.Context(), o.viewer("expired"), CustomersQuery{})
	wantError(t, err, partnercenter.ErrUnauthorized)
	_, err = o.Customers(t.Context(), o.viewer("app-only"), CustomersQuery{})
	if err == nil {
		_, err = o.Users(t.Context(), o.viewer("app-only"), emulator.ContosoID, Query{})
	}
	wantError(t, err, partnercenter.ErrForbidden)

	for text, want := range map[string]string{
		"mulheim":                           "Mülheimer Stadtwerke AöR",
		"stadtwerke MÜL":                    "Mülheimer Stadtwerke AöR",
		emulator.ContosoDomain:              emulator.ContosoID,
		strings.ToUpper(emulator.ContosoID): emulator.ContosoID,
	} {
		view, err := o.Customers(t.Context(), v, CustomersQuery{Text: text})
		if err != nil || len(view.Rows) == 0 || view.Rows[0].Name != want && view.Rows[0].ID != want {
			t.Errorf("%q found %q, %v", text, namesOf(view.Rows), err)
			continue
		}
		if want == emulator.ContosoID && view.Exact != want {
			t.Errorf("%q is exactly %q", text, view.Exact)
		}
	}
	view, err := o.Customers(t.Context(), v, CustomersQuery{Text: "mül", Page: 99})
	if err != nil || view.Page != view.Pages || len(view.Rows) == 0 || len(view.Rows[0].NameMarks) != 1 || view.Rows[0].NameMarks[0] != (Span{0, 4}) {
		t.Errorf("%+v, %v", view, err)
	}
}

// Last opened first, and then by name; starred and recent ones apart.
func TestCustomersOfAPerson(t *testing.T) {
	o := newOffice(t, 10, Options{})
	v := o.viewer("reader")
	all := o.allCustomers(v).Rows
	at := time.Date(2026, 6, 16, 12, 0, 0, 0, time.UTC)
	q := CustomersQuery{Opened: map[string]time.Time{}, Starred: map[string]bool{all[3].ID: true, all[9].ID: true}}
	for i := range 8 { // all[7] was opened last
		q.Opened[all[i].ID] = at.Add(time.Duration(i) * time.Minute)
	}
	view, err := o.Customers(t.Context(), v, q)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, i := range []int{7, 6, 5, 4, 3, 2, 1, 0, 8, 9, 10} {
		want = append(want, all[i].Name)
	}
	if got := namesOf(view.Rows[:len(want)]); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := namesOf(view.Starred); !slices.Equal(got, []string{all[3].Name, all[9].Name}) {
		t.Errorf("starred: %q", got)
	}
	if got := namesOf(view.Recent); !slices.Equal(got, []string{all[7].Name, all[6].Name, all[5].Name, all[4].Name}) {
		t.Errorf("recent: %q", got)
	}
	if r := view.Rows[4]; !r.Starred || !r.Opened.Equal(q.Opened[r.ID]) {
		t.Errorf("%+v", r)
	}
	q.Sort = CustomersSort{By: CustomersByOpened} // the one who was opened first, first; who never was, last
	if view, err = o.Customers(t.Context(), v, q); err != nil || view.Rows[0].ID != all[0].ID || view.Rows[8].ID != all[8].ID {
		t.Errorf("%q, %v", namesOf(view.Rows), err)
	}
	for _, by := range []CustomersColumn{CustomersByName, CustomersByDomain, CustomersByRelationship} {
		q.Sort = CustomersSort{By: by, Descending: true}
		text := map[CustomersColumn]func(CustomerRow) string{
			CustomersByName:         func(r CustomerRow) string { return r.Name },
			CustomersByDomain:       func(r CustomerRow) string { return r.Domain },
			CustomersByRelationship: func(r CustomerRow) string { return r.Relationship },
		}[by]
		view, err := o.Customers(t.Context(), v, q)
		c := collate.New(language.Und)
		if err != nil || !slices.IsSortedFunc(view.Rows, func(a, b CustomerRow) int { return -c.CompareString(text(a), text(b)) }) {
			t.Errorf("by %s: %q, %v", by, namesOf(view.Rows), err)
		}
	}
}

// An address that asks for anything shows everybody the same rows in the same
// order, whatever each of them has opened: page 2 of one's own order says so.
func TestCustomersAreTheSameToEverybody(t *testing.T) {
	o := newOffice(t, 10, Options{})
	v := o.viewer("reader")
	all := o.allCustomers(v).Rows
	opened := map[string]time.Time{all[7].ID: time.Now(), all[9].ID: time.Now().Add(time.Hour)}
	rows := func(address string, opened map[string]time.Time) []string {
		values, err := url.ParseQuery(address)
		if err != nil {
			t.Fatal(err)
		}
		q := ParseCustomersQuery(values)
		q.Opened = opened
		view, err := o.Customers(t.Context(), v, q)
		if err != nil || len(view.Rows) < 2 {
			t.Fatalf("%q has %q, %v", address, namesOf(view.Rows), err)
		}
		return namesOf(view.Rows)
	}
	for _, address := range []string{"q=e", "size=25", "page=2", "sort=name", "sort=-domain&size=100"} {
		if mine, other := rows(address, opened), rows(address, nil); !slices.Equal(mine, other) {
			t.Errorf("%q shows one %q, another %q", address, mine, other)
		}
	}
	if mine, other := rows("", opened), rows("", nil); slices.Equal(mine, other) {
		t.Error("the bare address is not each person's own")
	}
	for address, want := range map[string]CustomersSort{"": lastOpened, "page=2": byName, "page=2&sort=-opened": lastOpened, "q=e": byName, "q=e&sort=opened": {By: CustomersByOpened}} {
		values, _ := url.ParseQuery(address)
		if got := ParseCustomersQuery(values).Order(); got != want {
			t.Errorf("%q is in the order %v, want %v", address, got, want)
		}
	}
}

// What a person has done and may see narrows and sorts their list alone.
func TestCustomersNarrowed(t *testing.T) {
	o := newOffice(t, 10, Options{})
	v := o.viewer("reader")
	all := o.allCustomers(v).Rows
	at := time.Date(2026, 6, 16, 12, 0, 0, 0, time.UTC)
	q := CustomersQuery{
		Starred: map[string]bool{all[3].ID: true},
		Refused: map[string]time.Time{all[4].ID: at, all[5].ID: at},
		Known: map[string]Known{
			all[6].ID: {Users: 7, UsersRead: at, Owned: 9, Assigned: 2, SeatsKnown: true},
			all[7].ID: {Users: 400, UsersRead: at.Add(-time.Minute)},
			all[8].ID: {Owned: 20, Assigned: 12, SeatsKnown: true},
		},
	}
	for _, tt := range []struct {
		query string
		want  []int // those first in the list
		whole bool
	}{
		{"only=starred", []int{3}, true},
		{"only=no-access", []int{4, 5}, true},
		{"only=read", []int{6, 7}, true},
		{"only=read&sort=-users", []int{7, 6}, true},
		{"sort=users", []int{6, 7, 0, 1, 2}, false},
		{"sort=-seats", []int{8, 6, 0, 1, 2}, false},
		{"sort=seats", []int{6, 8, 0, 1, 2}, false},
		{"sort=-read", []int{6, 7, 0}, false},
		{"sort=read", []int{7, 6, 0}, false},
		{"only=starred&q=" + all[4].ID, nil, true},
		{"only=everything&sort=name", []int{0, 1, 2}, false},
	} {
		values, err := url.ParseQuery(tt.query)
		if err != nil {
			t.Fatal(err)
		}
		ask := ParseCustomersQuery(values)
		ask.Starred, ask.Refused, ask.Known = q.Starred, q.Refused, q.Known
		view, err := o.Customers(t.Context(), v, ask)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, i := range tt.want {
			want = append(want, all[i].Name)
		}
		got := namesOf(view.Rows)
		if tt.whole && view.Matching != len(want) {
			t.Errorf("%s: %d match, want %d", tt.query, view.Matching, len(want))
		}
		if !slices.Equal(got[:min(len(want), len(got))], want) {
			t.Errorf("%s: got %q, want %q first", tt.query, got[:min(5, len(got))], want)
		}
		if view.Counts != (CustomersCounts{Starred: 1, NoAccess: 2, Read: 2}) {
			t.Errorf("%s: counts %+v", tt.query, view.Counts)
		}
		if encoded, ok := CanonicalCustomers(values); ok == strings.Contains(tt.query, "everything") {
			t.Errorf("%s: canonical is %q, %v", tt.query, encoded, ok)
		}
	}
	view, err := o.Customers(t.Context(), v, q)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range view.Rows {
		if !r.Refused.Equal(q.Refused[r.ID]) || r.Known != q.Known[r.ID] {
			t.Errorf("%s: %+v", r.Name, r)
		}
	}
}

// A page's head is from the list where the viewer may see that, else asked
// for once in five minutes, by each person for themselves.
func TestCustomerHead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newQuietOffice(t, 10, Options{})
		v, other := o.viewer("admin-agent"), o.viewer("reader")
		ask := func(v Viewer, calls int) {
			t.Helper()
			o.service.ResetCalls()
			c, err := o.Customer(t.Context(), v, strings.ToUpper(emulator.ContosoID))
			if err != nil || c.ID != emulator.ContosoID || c.Domain != emulator.ContosoDomain || c.Name == "" || c.Relationship == "" {
				t.Errorf("%+v, %v", c, err)
			}
			if n := len(o.service.Calls()); n != calls {
				t.Errorf("%d calls, want %d", n, calls)
			}
		}
		ask(v, 1)
		ask(v, 0)
		ask(other, 1)
		time.Sleep(proofLife)
		ask(v, 1)
		o.allCustomers(v)
		time.Sleep(proofLife - time.Second)
		ask(v, 0)
		time.Sleep(time.Second)

		o.service.SetFault(emulator.Fault{Status: http.StatusServiceUnavailable})
		ask(v, 1) // no answer, but an older proof
		_, err := o.Customer(t.Context(), o.viewer("helpdesk-agent"), emulator.ContosoID)
		wantError(t, err, partnercenter.ErrUnavailable)
		time.Sleep(proofStale)
		_, err = o.Customer(t.Context(), v, emulator.ContosoID)
		wantError(t, err, partnercenter.ErrUnavailable)
	})
}

func TestCustomerByDomain(t *testing.T) {
	o := newOffice(t, 10, Options{})
	v := o.viewer("admin-agent")
	for range 2 { // by asking, and then from the list
		c, err := o.CustomerByDomain(t.Context(), v, strings.ToUpper(emulator.NorthwindDomain))
		if err != nil || c.ID != emulator.NorthwindID {
			t.Errorf("%+v, %v", c, err)
		}
		for _, domain := range []string{"", "northwind", "northwind.exampl", "unknown.example", "a b", emulator.NorthwindDomain + "x"} {
			_, err := o.CustomerByDomain(t.Context(), v, domain)
			wantError(t, err, partnercenter.ErrNoRelationship)
		}
		o.allCustomers(v)
	}
	_, err := o.CustomerByDomain(t.Context(), o.viewer("expired"), emulator.NorthwindDomain)
	wantError(t, err, partnercenter.ErrUnauthorized)
	_, err = o.Customer(t.Context(), v, "northwind.example")
	wantError(t, err, partnercenter.ErrBadID)
}

// Customers found are those whose name, domain or ID has all words.
func TestCustomersEqualTheReference(t *testing.T) {
	o := newOffice(t, 10, Options{})
	v := o.viewer("admin-agent")
	all := o.allCustomers(v).Rows
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		c := all[r.IntN(len(all))]
		text := []rune([]string{c.Name, c.Domain, c.ID, c.Name + " " + c.Domain}[r.IntN(4)])
		from := r.IntN(len(text))
		q := CustomersQuery{Text: string(text[from:min(from+1+r.IntN(8), len(text))]), Size: 250}.normal()
		got, err := o.Customers(t.Context(), v, q)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, c := range all {
			has := func(word string) bool {
				return strings.Contains(plainFold(c.Name), word) || strings.Contains(plainFold(c.Domain), word) || strings.Contains(c.ID, word)
			}
			if !slices.ContainsFunc(strings.Fields(plainFold(q.Text)), func(word string) bool { return !has(word) }) {
				want = append(want, c.Name)
			}
		}
		names := namesOf(got.Rows)
		slices.Sort(names)
		slices.Sort(want)
		if !slices.Equal(names, want) || got.Matching != len(want) {
			t.Fatalf("%q found %q, want %q", q.Text, names, want)
		}
	}
}
