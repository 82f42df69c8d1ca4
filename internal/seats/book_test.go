package seats

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const (
	tenant  = "7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b"
	contoso = "9d3f6b1e-0c42-4e7a-b8a5-51f0c7e2d916"
)

// watched counts the writes to a store.
type watched struct {
	*store.Store
	writes, cuts int
	fails        error
}

func (w *watched) KeepSeatCounts(ctx context.Context, counts []store.SeatCount) error {
	w.writes++
	if w.fails != nil {
		return w.fails
	}
	return w.Store.KeepSeatCounts(ctx, counts)
}

func (w *watched) DeleteSeatCounts(ctx context.Context, before time.Time) (int64, error) {
	w.cuts++
	return w.Store.DeleteSeatCounts(ctx, before)
}

// each runs a test on every database, with a clock that the test moves.
func each(t *testing.T, test func(t *testing.T, b *Book, w *watched, now *time.Time)) {
	storetest.Each(t, func(t *testing.T, dsn string) {
		now := time.Date(2026, 6, 16, 14, 0, 0, 0, time.UTC)
		w := &watched{Store: storetest.Open(t, store.Options{DSN: dsn, Now: func() time.Time { return now }})}
		test(t, New(w), w, &now)
	})
}

func keep(t *testing.T, b *Book, customer string, counts ...Count) {
	t.Helper()
	if err := b.Keep(t.Context(), tenant, customer, counts); err != nil {
		t.Fatal(err)
	}
}

func wants(t *testing.T, b *Book, customer string, want map[string][]Day) {
	t.Helper()
	got, err := b.Since(t.Context(), tenant, customer)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("since (-want +got):\n%s", diff)
	}
}

func on(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 0, 0, 0, 0, time.UTC)
}

// One row a day, customer and product: the newest.
func TestKeepOnceADay(t *testing.T) {
	each(t, func(t *testing.T, b *Book, w *watched, now *time.Time) {
		wants(t, b, contoso, map[string][]Day{})
		keep(t, b, contoso, Count{"e3", 200, 174}, Count{"e5", 64, 61})
		keep(t, b, contoso, Count{"e3", 200, 174}, Count{"e5", 64, 61})
		if w.writes != 1 || w.cuts != 1 {
			t.Errorf("%d writes and %d cuts for what is still the same", w.writes, w.cuts)
		}
		*now = now.Add(9*time.Hour + 59*time.Minute)
		keep(t, b, contoso, Count{"e3", 200, 176}, Count{"e5", 64, 61})
		*now = now.Add(2 * time.Minute)
		keep(t, b, contoso, Count{"e3", 200, 176})
		keep(t, b, "another", Count{"e3", 5, 5})
		keep(t, b, "none")
		wants(t, b, contoso, map[string][]Day{
			"e3": {{on(6, 16), 200, 176}, {on(6, 17), 200, 176}},
			"e5": {{on(6, 16), 64, 61}},
		})
		wants(t, b, "another", map[string][]Day{"e3": {{on(6, 17), 5, 5}}})
		wants(t, b, "none", map[string][]Day{})
		if w.writes != 4 || w.cuts != 2 {
			t.Errorf("%d writes, %d cuts", w.writes, w.cuts)
		}
		got, err := b.Since(t.Context(), "another partner", contoso)
		if err != nil || len(got) != 0 {
			t.Errorf("another partner sees %v, %v", got, err)
		}
		// Another replica doesn't know what was kept, and does no harm.
		if err := New(w).Keep(t.Context(), tenant, contoso, []Count{{"e3", 210, 176}}); err != nil {
			t.Fatal(err)
		}
		wants(t, b, contoso, map[string][]Day{
			"e3": {{on(6, 16), 200, 176}, {on(6, 17), 210, 176}},
			"e5": {{on(6, 16), 64, 61}},
		})
	})
}

// What is older than 400 days is not shown, and gone with the next day's counts.
func TestOldCountsAreCut(t *testing.T) {
	each(t, func(t *testing.T, b *Book, w *watched, now *time.Time) {
		oldest := on(6, 16).Add(-Kept * day)
		if err := b.Add(t.Context(), tenant, contoso, map[string][]Day{"e3": {{oldest.Add(-day), 1, 1}, {oldest, 2, 2}, {on(6, 1), 3, 3}}}); err != nil {
			t.Fatal(err)
		}
		wants(t, b, contoso, map[string][]Day{"e3": {{oldest, 2, 2}, {on(6, 1), 3, 3}}})
		keep(t, b, "another", Count{"e3", 1, 1})
		rows, err := w.SeatCounts(t.Context(), tenant, contoso, oldest.Add(-9*day))
		if err != nil || len(rows) != 2 {
			t.Errorf("%d rows are left, %v", len(rows), err)
		}
	})
}

// A write that failed is done again with the next reading of the same.
func TestKeepFails(t *testing.T) {
	each(t, func(t *testing.T, b *Book, w *watched, now *time.Time) {
		w.fails = errors.New("the disk is full")
		if err := b.Keep(t.Context(), tenant, contoso, []Count{{"e3", 1, 1}}); !errors.Is(err, w.fails) {
			t.Errorf("%v", err)
		}
		w.fails = nil
		keep(t, b, contoso, Count{"e3", 1, 1})
		wants(t, b, contoso, map[string][]Day{"e3": {{on(6, 16), 1, 1}}})
	})
}
