package seats

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/rollcall-app/rollcall/internal/store"
)

// rows is what the book needs of the store.
type rows interface {
	KeepSeatCounts(ctx context.Context, counts []store.SeatCount) error
	SeatCounts(ctx context.Context, tenant, customerID string, from time.Time) ([]store.SeatCount, error)
	DeleteSeatCounts(ctx context.Context, before time.Time) (int64, error)
	Now() time.Time
}

// Kept is how many days the counts are kept.
const Kept = 400

const day = 24 * time.Hour

// Count is how many seats of a product a customer owns, and how many of them
// are assigned.
type Count struct {
	SKUID    string
	Owned    int
	Assigned int
}

// Day is what was counted last on one day.
type Day struct {
	Day      time.Time // midnight UTC
	Owned    int
	Assigned int
}

// Book keeps and reads counts. Safe for concurrent use.
type Book struct {
	rows rows

	mu    sync.Mutex
	today time.Time        // whose counts are in kept
	kept  map[page][]Count // what was kept today, so that it is not written again
	cut   time.Time        // the day on which the old ones were last forgotten
}

// page is a customer, as one partner sees it.
type page struct{ tenant, customer string }

// New makes a book over the store.
func New(rows rows) *Book { return &Book{rows: rows, kept: map[page][]Count{}} }

// Keep writes down what a customer has today, in place of what was written
// today before; what is still the same costs no write. Once a day it forgets
// what is older than [Kept] days, whoever's it is.
func (b *Book) Keep(ctx context.Context, tenant, customerID string, counts []Count) error {
	today := b.rows.Now().UTC().Truncate(day)
	of := page{tenant, customerID}
	b.mu.Lock()
	if !today.Equal(b.today) {
		b.today = today
		clear(b.kept)
	}
	known, cut := b.kept[of], b.cut.Equal(today)
	b.mu.Unlock()
	if !cut {
		if _, err := b.rows.DeleteSeatCounts(ctx, today.Add(-Kept*day)); err != nil {
			return fmt.Errorf("forget old seat counts: %w", err)
		}
	}
	if len(counts) == 0 || slices.Equal(known, counts) {
		b.took(today, of, known)
		return nil
	}
	days := make(map[string][]Day, len(counts))
	for _, c := range counts {
		days[c.SKUID] = []Day{{today, c.Owned, c.Assigned}}
	}
	if err := b.Add(ctx, tenant, customerID, days); err != nil {
		return err
	}
	b.took(today, of, slices.Clone(counts))
	return nil
}

// took remembers that today's counts are in the store and the old ones are not.
func (b *Book) took(today time.Time, of page, counts []Count) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cut = today
	if counts != nil && today.Equal(b.today) {
		b.kept[of] = counts
	}
}

// Add writes down what a customer had on some days, by SKU ID as [Book.Since]
// gives it, in place of what was written for those days before.
func (b *Book) Add(ctx context.Context, tenant, customerID string, days map[string][]Day) error {
	var rows []store.SeatCount
	for sku, of := range days {
		for _, d := range of {
			rows = append(rows, store.SeatCount{
				Tenant: tenant, CustomerID: customerID, SKUID: sku, Day: d.Day.UTC().Truncate(day), Owned: d.Owned, Assigned: d.Assigned,
			})
		}
	}
	if err := b.rows.KeepSeatCounts(ctx, rows); err != nil {
		return fmt.Errorf("keep seat counts: %w", err)
	}
	return nil
}

// Since is what was counted of a customer's products on the last [Kept] days:
// by SKU ID, the oldest first. There are only days on which somebody looked.
func (b *Book) Since(ctx context.Context, tenant, customerID string) (map[string][]Day, error) {
	rows, err := b.rows.SeatCounts(ctx, tenant, customerID, b.rows.Now().UTC().Truncate(day).Add(-Kept*day))
	if err != nil {
		return nil, fmt.Errorf("read seat counts: %w", err)
	}
	since := map[string][]Day{}
	for _, r := range rows {
		since[r.SKUID] = append(since[r.SKUID], Day{r.Day, r.Owned, r.Assigned})
	}
	return since, nil
}
