package web

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/internal/seats"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/views"
)

func TestSinceComparesWithTheStartOfAMonth(t *testing.T) {
	day := func(text string, owned, assigned int) seats.Day {
		at, err := time.Parse(time.DateOnly, text)
		must(t, err)
		return seats.Day{Day: at, Owned: owned, Assigned: assigned}
	}
	now := time.Date(2026, 6, 16, 14, 2, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		days []seats.Day
		now  time.Time
		want *views.Since
	}{
		"nothing counted":                          {nil, now, nil},
		"today's count alone":                      {[]seats.Day{day("2026-06-16", 60, 50)}, now, nil},
		"the first of this month":                  {[]seats.Day{day("2026-05-03", 10, 10), day("2026-06-01", 60, 50), day("2026-06-10", 1, 1)}, now, &views.Since{Day: "1 Jun", Owned: 4, Assigned: 11}},
		"nobody looked on the first":               {[]seats.Day{day("2026-05-03", 10, 10), day("2026-05-30", 60, 62), day("2026-06-02", 1, 1)}, now, &views.Since{Day: "30 May", Owned: 4, Assigned: -1}},
		"counted since a few days":                 {[]seats.Day{day("2026-06-12", 64, 60), day("2026-06-15", 1, 1)}, now, &views.Since{Day: "12 Jun", Assigned: 1}},
		"a month that has just begun is too young": {[]seats.Day{day("2026-05-01", 60, 61), day("2026-06-01", 1, 1)}, now.AddDate(0, 0, -12), &views.Since{Day: "1 May", Owned: 4}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, since(tt.days, 64, 61, tt.now)); diff != "" {
				t.Errorf("since (-want +got):\n%s", diff)
			}
		})
	}
}

// someSKUs are products of every kind, in no order.
func someSKUs() []partnercenter.SubscribedSKU {
	return []partnercenter.SubscribedSKU{
		{SKUID: "1", Name: "Plain", Available: 5, Active: 20, Total: 20, Consumed: 15, CapabilityStatus: "Enabled"},
		{SKUID: "2", Name: "Full", Available: 0, Active: 10, Total: 10, Consumed: 10},
		{SKUID: "3", Name: "Tenant", TargetType: "Tenant", Available: 4, Active: 4, Total: 4},
		{SKUID: "4", Name: "Over", Available: -2, Active: 5, Total: 5, Consumed: 7},
		{SKUID: "5", Name: "Grace", Available: 1, Active: 0, Warning: 3, Total: 3, Consumed: 2, CapabilityStatus: "Warning"},
		{SKUID: "6", Name: "Gone", Suspended: 9, CapabilityStatus: "Suspended"},
		{SKUID: "7", PartNumber: "NO_NAME", Available: 1, Active: 1, Total: 1, CapabilityStatus: "LockedOut"},
	}
}

func TestProductsWhatNeedsALookFirst(t *testing.T) {
	for order, want := range map[productOrder][]string{
		byAttention: {"4", "5", "6", "7", "2", "1", "3"},
		"-free":     {"1", "5", "7", "2", "6", "4", "3"},
		"owned":     {"6", "7", "5", "4", "2", "1", "3"},
		"name":      {"2", "6", "5", "7", "4", "1", "3"},
		"-name":     {"3", "1", "4", "7", "5", "6", "2"},
	} {
		var got []string
		for _, p := range order.sorted(someSKUs()) {
			got = append(got, p.SKUID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("sorted by %s: %v, want %v", order, got, want)
		}
	}
	if got := productOrder("price").known(); got != byAttention {
		t.Errorf("an order that is none: %q", got)
	}
}

func TestSeatTotalsLeaveTheTenantsOut(t *testing.T) {
	want := views.SeatTotals{Owned: 39, Assigned: 34, Free: 7, FreeIn: 3, Over: 2, Grace: 3, Suspended: 9}
	if diff := cmp.Diff(want, seatTotals(someSKUs())); diff != "" {
		t.Errorf("seatTotals (-want +got):\n%s", diff)
	}
}

func TestProductStatesAreSaidOnce(t *testing.T) {
	want := map[string][]string{
		"1": {"Enabled"}, "2": {"No free seats"}, "3": {"Enabled"}, "4": {"2 over"},
		"5": {"3 in grace"}, "6": {"9 suspended"}, "7": {"LockedOut"},
	}
	for _, p := range someSKUs() {
		var got []string
		for _, s := range productStates(p) {
			got = append(got, s.Text)
		}
		if !slices.Equal(got, want[p.SKUID]) {
			t.Errorf("%s reads %q, want %q", p.SKUID, got, want[p.SKUID])
		}
		if row := productRow(p, "c"); (row.Users == "") != (p.SKUID == "3") {
			t.Errorf("%s leads to %q", p.SKUID, row.Users)
		}
	}
	if row := productRow(someSKUs()[6], "c"); row.Name != "NO_NAME" || row.PartNumber != "" {
		t.Errorf("without a name it is called %q, and %q under that", row.Name, row.PartNumber)
	}
}
