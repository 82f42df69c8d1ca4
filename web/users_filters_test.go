package web

import (
	"net/url"
	"testing"

	"github.com/rollcall-app/rollcall/internal/preferences"
)

// TestAFilterIsPressedOnce: what a chip shows as set is not shown as set by the
// filter beside it, which keeps it among its choices all the same.
func TestAFilterIsPressedOnce(t *testing.T) {
	for query, applied := range map[string]int{
		"license=none": 0, "location=none": 0, "location=DE": 1, "location=DE&location=none": 2, "domain=b.example": 1,
		"license=none&license=6fd2c87f-b296-42f0-b197-1e91e994b900": 2,
	} {
		v, err := url.ParseQuery(query)
		must(t, err)
		list := usersList{ask: parseUsersAsk(v, lookOf(preferences.Settings{}))}
		for name, values := range v {
			f := list.lazy(name, false)
			if f.Applied != applied {
				t.Errorf("%s: the filter says that %d are set, want %d", query, f.Applied, applied)
			}
			if len(f.Options) != len(values) {
				t.Errorf("%s: the filter keeps %d choices, want %d", query, len(f.Options), len(values))
			}
		}
	}
}
