package main

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/rollcall-app/rollcall/internal/seats"
)

// demoSeats makes up what the demo's customers had in the past half year, so
// that their licenses have a history to look at. The same customer and product
// have the same one on every start, up to what they have today.
type demoSeats struct {
	book *seats.Book
	now  func() time.Time

	mu   sync.Mutex
	done map[string]bool // customers whose history is there
}

// Of the history: how long it is, and how many days lie between two counts.
const (
	demoPast = 200
	demoStep = 3
)

// before writes a customer's history when their seats are read for the first time.
func (d *demoSeats) before(ctx context.Context, tenant, customerID string, counts []seats.Count) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.done[customerID] || len(counts) == 0 {
		return nil
	}
	days := make(map[string][]seats.Day, len(counts))
	for _, c := range counts {
		days[c.SKUID] = pastSeats(customerID, c, d.now())
	}
	if err := d.book.Add(ctx, tenant, customerID, days); err != nil {
		return err
	}
	if d.done == nil {
		d.done = map[string]bool{}
	}
	d.done[customerID] = true
	return nil
}

// pastSeats walks backward from what there is today: now and then somebody was
// given a license or gave one back, and each month or so seats were ordered.
// The counts come oldest first and end yesterday.
func pastSeats(customerID string, c seats.Count, now time.Time) []seats.Day {
	seed := fnv.New64a()
	_, _ = seed.Write([]byte(customerID + c.SKUID))
	r := rand.New(rand.NewPCG(seed.Sum64(), 1))
	today := now.UTC().Truncate(24 * time.Hour)
	order := max(1, c.Owned/25)
	owned, assigned := c.Owned, c.Assigned
	var back []seats.Day
	for ago := 1; ago <= demoPast; ago++ {
		switch {
		case c.Assigned == 0 && c.Owned <= 4: // nothing that people have
		case r.IntN(35) == 0:
			owned = max(1, owned-order)
		case r.IntN(120) == 0:
			owned += order
		}
		if assigned > 0 {
			switch n := r.IntN(10 + 200/assigned); n {
			case 0, 1:
				assigned--
			case 2:
				assigned++
			}
		}
		if over := c.Assigned - c.Owned; over <= 0 && assigned > owned {
			assigned = owned // only who is over today was over before
		}
		if day := today.AddDate(0, 0, -ago); ago == 1 || ago%demoStep == 0 || day.Day() == 1 {
			back = append(back, seats.Day{Day: day, Owned: owned, Assigned: assigned})
		}
	}
	days := make([]seats.Day, len(back))
	for i, d := range back {
		days[len(days)-1-i] = d
	}
	return days
}
