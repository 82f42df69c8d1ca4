package emulator

import (
	"slices"
	"sync"
	"time"
)

// tenant is a customer's directory with what writes have done to it: the truth
// that writes go by, and what reads are shown of it, which may come later.
type tenant struct {
	mu      sync.Mutex // held while a call reads or writes
	truth   *overlay
	shown   *overlay
	late    []lateChange // true, not shown yet; oldest first
	created int          // users so far, those of them who are gone included
}

func newTenant(c *customer) *tenant {
	base := c.opened()
	return &tenant{truth: newOverlay(c, base), shown: newOverlay(c, base)}
}

// create makes room for one more user: its number and its ID.
func (t *tenant) create() (n int, r *record) {
	for {
		t.created++
		n = t.truth.base.total() + t.created - 1
		id := t.truth.base.id(n)
		if _, taken := t.truth.find(id); !taken {
			return n, &record{created: t.created, person: person{id: id}}
		}
	}
}

// put makes a change true, and shows it: at once, or when it is due. A user's
// changes are shown in the order they were made.
func (t *tenant) put(n int, r *record, when visibility, now time.Time) {
	t.truth.put(n, r)
	if when.immediate() && !t.waiting(n) {
		t.shown.put(n, r)
		return
	}
	t.late = append(t.late, when.late(n, r, now))
}

func (t *tenant) waiting(n int) bool {
	return slices.ContainsFunc(t.late, func(l lateChange) bool { return l.n == n })
}

// read counts a read and shows the changes that are due by now.
func (t *tenant) read(now time.Time) *overlay {
	blocked := map[int]bool{}
	left := t.late[:0]
	for _, change := range t.late {
		if !blocked[change.n] && change.ripe(now) {
			t.shown.put(change.n, change.record)
			continue
		}
		blocked[change.n] = true
		change.missed()
		left = append(left, change)
	}
	clear(t.late[len(left):])
	t.late = left
	return t.shown
}
