//go:build !race

// The race detector has memory of its own.

package directory

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestAtSize opens, searches, filters, sorts and pages customers that are far
// bigger than usual: every answer is right, within the bytes that a user may
// take, and for no more work in pieces than at any other size. A million only
// with ROLLCALL_TEST_FULL, since it takes half a minute.
func TestAtSize(t *testing.T) {
	for _, size := range []struct {
		name  string
		users int
		full  bool
	}{{"200,000", 200_000, false}, {"1,000,000", 1_000_000, true}} {
		if size.full && os.Getenv("ROLLCALL_TEST_FULL") == "" {
			continue
		}
		t.Run(size.name, func(t *testing.T) { atSize(t, size.users) })
	}
}

func atSize(t *testing.T, users int) {
	o := newQuietOffice(t, users, Options{})
	v := o.viewer("admin-agent")
	o.Directory = New(Options{}) // the office would keep its own
	if view := o.view(v, Query{}); view.State != StateGrowing || len(view.Rows) != DefaultSize || view.Read < pageSize || view.Read == users {
		t.Errorf("first rows: %d of %d read, %+v", len(view.Rows), view.Read, view.Reading)
	}
	for ready := false; !ready; {
		o.loadEnds(v)
		view := o.view(v, Query{})
		ready = view.State == StateComplete && !view.Refreshing
		if view.State == StateCut {
			t.Fatalf("%+v", view.Reading)
		}
	}
	if view := o.view(v, Query{}); view.Read != users || view.Matching != users {
		t.Fatalf("%d read, %d match, %+v", view.Read, view.Matching, view.Reading)
	}

	// What the plainest look at everybody finds.
	_, everyone, err := o.All(t.Context(), v, bigCustomer, Query{})
	if err != nil {
		t.Fatal(err)
	}
	var plain struct{ all, search, words, synced, german, both int }
	for row := range everyone {
		has := func(word string) bool {
			return slices.ContainsFunc([]string{row.DisplayName, row.FirstName, row.LastName, row.UPN}, func(s string) bool { return strings.Contains(plainFold(s), word) })
		}
		plain.all++
		add := func(n *int, so bool) {
			if so {
				*n++
			}
		}
		mull := has("mull")
		add(&plain.search, mull)
		add(&plain.words, mull && has("an"))
		add(&plain.synced, !row.Synced.IsZero())
		add(&plain.german, row.Location == "DE")
		add(&plain.both, mull && row.Location == "DE" && !row.Synced.IsZero())
	}
	if plain.all != users || plain.both == 0 {
		t.Fatalf("everybody: %+v", plain)
	}
	for _, tt := range []struct {
		q    Query
		want int
	}{
		{Query{Text: "müll"}, plain.search},
		{Query{Text: "MULL an"}, plain.words},
		{Query{Text: "qqxyz"}, 0},
		{Query{Synced: Yes}, plain.synced},
		{Query{Locations: []string{"DE"}}, plain.german},
		{Query{Text: "mull", Locations: []string{"DE"}, Synced: Yes}, plain.both},
	} {
		for _, by := range []Column{ByName, ByUPN, ByLocation, ByDomainType, BySynced} {
			tt.q.Sort = Sort{by, true}
			last := max(1, (tt.want+DefaultSize-1)/DefaultSize)
			tt.q.Page = last
			view := o.view(v, tt.q)
			if view.Matching != tt.want || view.Page != last || view.Pages != last || len(view.Rows) != tt.want-(last-1)*DefaultSize {
				t.Errorf("%q: %d match, want %d; page %d with %d rows", tt.q.Encode(), view.Matching, tt.want, view.Page, len(view.Rows))
			}
		}
	}

	// In order from the first to the last, those without a location there.
	_, sorted, err := o.All(t.Context(), v, bigCustomer, Query{Sort: Sort{By: ByLocation}})
	if err != nil {
		t.Fatal(err)
	}
	before, n := "", 0
	for row := range sorted {
		if n > 0 && (before == "" && row.Location != "" || row.Location != "" && row.Location < before) {
			t.Fatalf("%q after %q at %d", row.Location, before, n)
		}
		before = row.Location
		n++
	}
	if n != users {
		t.Errorf("%d in order of location", n)
	}

	for _, q := range []Query{{}, {Text: "mull"}, {Text: "mull", Sort: Sort{ByUPN, true}, Page: 7}, {Synced: Yes, Locations: []string{"DE"}, Page: 300}} {
		if allocs := testing.AllocsPerRun(10, func() { o.view(v, q) }); allocs > 14 {
			t.Errorf("%q: %v allocations", q.Encode(), allocs)
		}
	}

	l, err := o.usersOf(v, bigCustomer)
	if err != nil {
		t.Fatal(err)
	}
	said := float64(l.shown.Load().rows.size())
	with := heap()
	l = nil
	o.Close()
	o.Directory = New(Options{})
	took := float64(with - heap())
	t.Logf("%d users: %.1f MB, %.1f bytes each; the list says %.1f MB", users, took/1e6, took/float64(users), said/1e6)
	if perUser := took / float64(users); perUser > 130 || perUser < 40 {
		t.Errorf("a user takes %.1f bytes, want at most 130", perUser)
	}
	if said < took*0.9 || said > took*1.15 {
		t.Errorf("the list says %.1f MB and takes %.1f", said/1e6, took/1e6)
	}
}
