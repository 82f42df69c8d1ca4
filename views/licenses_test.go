package views

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSeatBarShowsEveryPart(t *testing.T) {
	for name, tt := range map[string]struct {
		active, grace, assigned int
		want                    []BarPart
	}{
		"nothing owned":           {0, 0, 0, nil},
		"nothing assigned":        {10, 0, 0, nil},
		"some":                    {20, 0, 15, []BarPart{{PartUsed, 0, 750}}},
		"all":                     {20, 0, 20, []BarPart{{PartFull, 0, 1000}}},
		"into grace":              {15, 5, 18, []BarPart{{PartUsed, 0, 750}, {PartGrace, 758, 142}}},
		"grace that nobody needs": {95, 5, 57, []BarPart{{PartUsed, 0, 570}}},
		"over":                    {10, 0, 11, []BarPart{{PartUsed, 0, 909}, {PartOver, 917, 83}}},
		"over, all suspended":     {0, 0, 2, []BarPart{{PartOver, 0, 1000}}},
		"one among many is seen":  {100_000, 0, 1, []BarPart{{PartUsed, 0, 6}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, SeatBar(tt.active, tt.grace, tt.assigned)); diff != "" {
				t.Errorf("SeatBar (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPercentIsNeverRoundedToAllOrNone(t *testing.T) {
	for _, tt := range []struct {
		n, of int
		want  string
	}{{0, 0, ""}, {0, 10, "0%"}, {1, 1000, "under 1%"}, {999, 1000, "99%"}, {10, 10, "100%"}, {11, 10, "110%"}} {
		if got := percent(tt.n, tt.of); got != tt.want {
			t.Errorf("percent(%d, %d) is %q, want %q", tt.n, tt.of, got, tt.want)
		}
	}
}
