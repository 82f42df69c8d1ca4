package store

import (
	"context"
	"slices"
	"strings"
	"time"
)

// SeatCount is how many seats of a product a customer owned, and how many of
// them were assigned, on a day.
type SeatCount struct {
	Tenant     string // the partner's
	CustomerID string
	SKUID      string
	Day        time.Time // midnight UTC
	Owned      int
	Assigned   int
}

const day = 24 * time.Hour

// KeepSeatCounts writes counts, all or none, each in place of the one of the
// same product and day.
func (s *Store) KeepSeatCounts(ctx context.Context, counts []SeatCount) error {
	if err := s.room(); err != nil {
		return err
	}
	counts = slices.Clone(counts)
	slices.SortFunc(counts, func(a, b SeatCount) int { // so that two at once don't wait for each other in a circle
		if c := strings.Compare(a.CustomerID, b.CustomerID); c != 0 {
			return c
		}
		if c := strings.Compare(a.SKUID, b.SKUID); c != 0 {
			return c
		}
		return a.Day.Compare(b.Day)
	})
	return s.InTx(ctx, func(tx *Tx) error {
		for _, c := range counts {
			if _, err := tx.change(ctx, `INSERT INTO seat_counts (tenant, customer_id, sku_id, day, owned, assigned) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (tenant, customer_id, sku_id, day) DO UPDATE SET owned = excluded.owned, assigned = excluded.assigned`,
				c.Tenant, c.CustomerID, c.SKUID, dayNumber(c.Day), c.Owned, c.Assigned); err != nil {
				return err
			}
		}
		return nil
	})
}

// SeatCounts are a customer's counts from a day on: by product, the oldest first.
func (t Tables) SeatCounts(ctx context.Context, tenant, customerID string, from time.Time) ([]SeatCount, error) {
	var all []SeatCount
	err := t.rows(ctx, `SELECT sku_id, day, owned, assigned FROM seat_counts WHERE tenant = $1 AND customer_id = $2 AND day >= $3 ORDER BY sku_id, day`,
		[]any{tenant, customerID, dayNumber(from)}, func(scan func(...any) error) error {
			c := SeatCount{Tenant: tenant, CustomerID: customerID}
			var number int64
			err := scan(&c.SKUID, &number, &c.Owned, &c.Assigned)
			c.Day = time.Unix(0, 0).UTC().Add(time.Duration(number) * day)
			all = append(all, c)
			return err
		})
	return all, err
}

// DeleteSeatCounts forgets all counts of the days before one, and tells how many.
func (t Tables) DeleteSeatCounts(ctx context.Context, before time.Time) (int64, error) {
	return t.change(ctx, `DELETE FROM seat_counts WHERE day < $1`, dayNumber(before))
}

func dayNumber(at time.Time) int64 { return int64(at.Sub(time.Unix(0, 0)) / day) }
