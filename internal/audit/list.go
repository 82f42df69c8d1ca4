package audit

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/rollcall-app/rollcall/internal/store"
)

// Filter says which rows to list. Empty fields don't narrow.
type Filter struct {
	Kinds         []string
	Person        string
	CustomerID    string
	TargetID      string
	Ticket        string
	CorrelationID string
	Since, Until  time.Time // Until itself is outside
	Before        int64     // rows with a smaller seq: the last one of the page before
	Limit         int       // 0 means 50, at most 1,000
}

// List gives rows, newest first. Who may see rows of a customer is the
// caller's to know.
func (t *Trail) List(ctx context.Context, f Filter) ([]Row, error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	found, err := t.st.Trail(ctx, store.TrailFilter{
		Kinds: f.Kinds, Person: f.Person, CustomerID: f.CustomerID, TargetID: f.TargetID, Ticket: f.Ticket,
		CorrelationID: f.CorrelationID, Since: f.Since, Until: f.Until, Before: f.Before, Limit: min(f.Limit, 1000),
	})
	if err != nil {
		return nil, fmt.Errorf("audit: list: %w", err)
	}
	rows := make([]Row, len(found))
	for i, r := range found {
		if rows[i], err = rowOf(r); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// All yields every row of the filter, newest first, reading f.Limit at a time.
// After an error it yields nothing more.
func (t *Trail) All(ctx context.Context, f Filter) iter.Seq2[Row, error] {
	if f.Limit <= 0 {
		f.Limit = 500
	}
	return func(yield func(Row, error) bool) {
		for {
			rows, err := t.List(ctx, f)
			if err != nil {
				yield(Row{}, err)
				return
			}
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
			if len(rows) < min(f.Limit, 1000) {
				return
			}
			f.Before = rows[len(rows)-1].Seq
		}
	}
}
