package emulator

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// world is everything the emulator knows: the partner's customers.
type world struct {
	customers []*customer // in the list's order, which means nothing to a reader
	byID      map[string]*customer
}

// customer is one company and its tenant.
type customer struct {
	customerRow
	seed   uint64
	now    time.Time
	opened func() *people // made when first asked for
	tenant func() *tenant // its users with what writes did to them

	visited atomic.Pointer[tenant] // the tenant, once somebody asked for it

	seats       func() []int            // how many users had each offer before any write
	baseMembers func() map[string][]int // of each role before any write
}

func newWorld(seed uint64, rows []customerRow, now time.Time) *world {
	w := &world{byID: make(map[string]*customer, len(rows))}
	for _, row := range rows {
		c := &customer{customerRow: row, seed: seed, now: now}
		c.opened = sync.OnceValue(func() *people { return newPeople(seed, row, now) })
		c.tenant = sync.OnceValue(func() *tenant {
			t := newTenant(c)
			c.visited.Store(t)
			return t
		})
		c.seats = sync.OnceValue(c.countSeats)
		c.baseMembers = sync.OnceValue(c.drawMembers)
		w.customers = append(w.customers, c)
		w.byID[row.id] = c
	}
	slices.SortFunc(w.customers, func(a, b *customer) int { return cmp.Compare(a.id, b.id) })
	return w
}

// customer is the one with that ID, in either case; nil if there is none.
func (w *world) customer(id string) *customer { return w.byID[strings.ToLower(id)] }

// taken tells whether somebody has that domain.
func (w *world) taken(name string) bool {
	name = strings.ToLower(name)
	if name == partnerDomain {
		return true
	}
	for _, c := range w.customers {
		if slices.ContainsFunc(c.domainList(), func(d domain) bool { return strings.ToLower(d.name) == name }) {
			return true
		}
	}
	return false
}
