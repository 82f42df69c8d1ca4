package directory

import (
	"slices"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// quick is for tests of what is read, not of how fast.
var quick = Options{LicensesPerMinute: 1e9}

// licensed asks for the users of the big customer with their licenses.
func (o *office) licensed(v Viewer, q Query) UsersView {
	o.t.Helper()
	view, err := o.Users(o.t.Context(), v, bigCustomer, q, KindLicenses)
	if err != nil {
		o.t.Fatal(err)
	}
	return view
}

// untilLicensed asks until all licenses of those who are there are read.
func (o *office) untilLicensed(v Viewer) UsersView {
	o.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		view := o.licensed(v, Query{})
		if view.Complete() && view.Licenses.Complete() && !view.Licenses.Reading {
			return view
		}
		if time.Now().After(deadline) {
			o.t.Fatalf("not all licenses are ever read: %+v", view.Licenses)
		}
		time.Sleep(time.Millisecond)
	}
}

// licensesAt is what Partner Center says of a user.
func (o *office) licensesAt(v Viewer, id string) []partnercenter.License {
	o.t.Helper()
	read, err := v.Client.Customer(bigCustomer).User(id).Licenses(o.t.Context(), partnercenter.Group1, partnercenter.Group2)
	if err != nil {
		o.t.Fatal(err)
	}
	return read
}

// What a view says of licenses is what Partner Center says of each user, asked
// one by one.
func TestLicensesOfUsers(t *testing.T) {
	o := newOffice(t, 700, quick)
	v := o.viewer("admin-agent")
	view := o.untilLicensed(v)
	if view.Licenses.Read != 700 || view.Licenses.Of != 700 || view.Licenses.Asks != 0 || view.Licenses.Oldest.IsZero() {
		t.Errorf("%+v", view.Licenses)
	}
	with, without, plans := map[string]int{}, 0, map[string]int{}
	for page := 1; page <= view.Pages; page++ {
		for _, row := range o.licensed(v, Query{Page: page}).Rows {
			said := o.licensesAt(v, row.ID)
			var skus []string
			on := map[string]bool{}
			for _, l := range said {
				skus = append(skus, l.SKUID)
				with[l.SKUID]++
				if name := view.Names[l.SKUID]; name != (Name{l.Name, l.PartNumber}) {
					t.Errorf("%s is called %+v, want %s, %s", l.SKUID, name, l.Name, l.PartNumber)
				}
				for _, p := range l.ServicePlans {
					on[p.ID] = on[p.ID] || p.CapabilityStatus == "Assigned"
				}
			}
			for id, on := range on {
				if on {
					plans[id]++
				}
			}
			if len(said) == 0 {
				without++
			}
			got := slices.Sorted(slices.Values(row.Licenses))
			if slices.Sort(skus); !row.LicensesRead || !slices.Equal(got, skus) {
				t.Errorf("%s has %v, want %v", row.ID, got, skus)
			}
			if !slices.IsSortedFunc(row.Licenses, func(a, b string) int { return compareFold(view.Names[a].Name, view.Names[b].Name) }) {
				t.Errorf("not in the order of their names: %v", row.Licenses)
			}
		}
	}
	if view.Counts.Unlicensed != (Count{without, without}) {
		t.Errorf("unlicensed %+v, want %d", view.Counts.Unlicensed, without)
	}
	facets := func(list []Facet) map[string]int {
		counts := map[string]int{}
		for _, f := range list {
			counts[f.Value] = f.All
		}
		return counts
	}
	if got := facets(view.Counts.Licenses); !equalCounts(got, with) {
		t.Errorf("licenses %v, want %v", got, with)
	}
	if got := facets(view.Counts.Plans); !equalCounts(got, plans) {
		t.Errorf("plans %v, want %v", got, plans)
	}
	for sku, n := range with {
		if found := o.licensed(v, Query{Licenses: []string{sku}}); found.Matching != n {
			t.Errorf("with %s: %d, want %d", sku, found.Matching, n)
		}
	}
	for plan, n := range plans {
		if found := o.licensed(v, Query{Plans: []string{plan}}); found.Matching != n {
			t.Errorf("with plan %s: %d, want %d", plan, found.Matching, n)
		}
	}
	if found := o.licensed(v, Query{Licenses: []string{NoLicense}}); found.Matching != without {
		t.Errorf("without: %d, want %d", found.Matching, without)
	}
}

func compareFold(a, b string) int { return slices.Compare([]byte(plainFold(a)), []byte(plainFold(b))) }

func equalCounts(a, b map[string]int) bool {
	for key, n := range a {
		if b[key] != n {
			return false
		}
	}
	return len(a) == len(b)
}
