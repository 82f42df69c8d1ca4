package main

import (
	"math"
	"strings"
	"testing"

	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/internal/store/storetest"
)

// TestWarnings: what /readyz tells of a database on a disk that is nearly full.
func TestWarnings(t *testing.T) {
	if got := warnings(storetest.Open(t, store.Options{DSN: storetest.File(t)})); len(got) > 0 {
		t.Errorf("of a healthy one: %q", got)
	}
	full := storetest.Open(t, store.Options{DSN: storetest.File(t), MinFree: math.MaxInt64})
	if got := warnings(full); len(got) != 1 || !strings.Contains(got[0], "only the trail is written") {
		t.Errorf("of a full one: %q", got)
	}
}
