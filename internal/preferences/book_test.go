package preferences

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/internal/store"
)

const (
	person  = "7d1f2a3b/0a6c1e52"
	contoso = "9d3f6b1e-0c42-4e7a-b8a5-51f0c7e2d916"
)

// open gives two books over one database, as two replicas have them, on a
// clock that the test moves.
func open(t *testing.T) (one, two *Book, forward func(time.Duration)) {
	t.Helper()
	now := time.Date(2026, 6, 16, 14, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	st, err := store.Open(t.Context(), store.Options{DSN: "sqlite:" + filepath.Join(t.TempDir(), "rollcall.db"), MinFree: -1, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	one, two = New(st), New(st)
	one.now, two.now = clock, clock
	return one, two, func(d time.Duration) { now = now.Add(d) }
}

func TestSettingsAreKeptAndSeenElsewhereWithinSeconds(t *testing.T) {
	one, two, forward := open(t)
	ctx := t.Context()
	if got := must(two.Settings(ctx, person))(t); got != (Settings{}) {
		t.Fatalf("before anything was chosen: %+v", got)
	}
	want := Settings{Theme: "dark", Density: "compact", Keys: "off", TimeZone: "Asia/Tokyo"}
	if err := one.SetSettings(ctx, person, want); err != nil {
		t.Fatal(err)
	}
	if got := must(one.Settings(ctx, person))(t); got != want {
		t.Errorf("here %+v, want %+v", got, want)
	}
	forward(fresh + time.Second)
	if got := must(two.Settings(ctx, person))(t); got != want {
		t.Errorf("elsewhere after %v: %+v, want %+v", fresh, got, want)
	}
	if got := must(one.Settings(ctx, "somebody/else"))(t); got != (Settings{}) {
		t.Errorf("somebody else has them too: %+v", got)
	}
}

func TestSettingsOutOfRangeAreRefused(t *testing.T) {
	one, _, _ := open(t)
	for name, s := range map[string]Settings{
		"theme": {Theme: "neon"}, "density": {Density: "tiny"}, "keys": {Keys: "sometimes"}, "time_zone": {TimeZone: "Mars/Olympus"}, "time_zone local": {TimeZone: "Local"},
	} {
		if err := one.SetSettings(t.Context(), person, s); err != ErrSettings {
			t.Errorf("%s: SetSettings(%+v) = %v, want ErrSettings", name, s, err)
		}
		if len(s.Check()) != 1 {
			t.Errorf("%s: %v, want one problem", name, s.Check())
		}
	}
}

func TestStarsOfTwoReplicasAreBothKept(t *testing.T) {
	one, two, forward := open(t)
	ctx := t.Context()
	must(one.Customers(ctx, person))(t) // both have read an empty page
	must(two.Customers(ctx, person))(t)
	if err := one.Star(ctx, person, contoso, true); err != nil {
		t.Fatal(err)
	}
	if err := two.Star(ctx, person, "another", true); err != nil {
		t.Fatal(err)
	}
	forward(fresh + time.Second)
	got := must(one.Customers(ctx, person))(t)
	if len(got.Starred) != 2 {
		t.Fatalf("starred %v, want both", got.Starred)
	}
	if err := one.Star(ctx, person, contoso, false); err != nil {
		t.Fatal(err)
	}
	if got := must(one.Customers(ctx, person))(t); len(got.Starred) != 1 {
		t.Errorf("after taking one off: %v", got.Starred)
	}
}

func TestOpenedIsWrittenAtMostOnceInTenMinutes(t *testing.T) {
	one, _, forward := open(t)
	counting := &countingRows{rows: one.rows}
	one.rows = counting
	ctx := t.Context()
	for range 5 {
		if err := one.Opened(ctx, person, contoso, false); err != nil {
			t.Fatal(err)
		}
		forward(time.Minute)
	}
	if counting.writes != 1 {
		t.Errorf("%d writes for five views in five minutes, want 1", counting.writes)
	}
	forward(openedEvery)
	if err := one.Opened(ctx, person, contoso, false); err != nil {
		t.Fatal(err)
	}
	if counting.writes != 2 {
		t.Errorf("%d writes after ten more minutes, want 2", counting.writes)
	}
}

func TestRefusedIsForgottenWhenLetIn(t *testing.T) {
	one, _, _ := open(t)
	ctx := t.Context()
	for _, refused := range []bool{true, false} {
		if err := one.Opened(ctx, person, contoso, refused); err != nil {
			t.Fatal(err)
		}
		_, is := must(one.Customers(ctx, person))(t).Refused[contoso]
		if is != refused {
			t.Errorf("refused = %v, want %v", is, refused)
		}
	}
}

func TestTicketIsKeptPerCustomerAndTakenOff(t *testing.T) {
	one, _, _ := open(t)
	ctx := t.Context()
	if err := one.SetTicket(ctx, person, contoso, "INC-20417"); err != nil {
		t.Fatal(err)
	}
	if got := must(one.Ticket(ctx, person, contoso))(t); got != "INC-20417" {
		t.Errorf("ticket %q", got)
	}
	if got := must(one.Ticket(ctx, person, "another"))(t); got != "" {
		t.Errorf("the other customer's ticket is %q", got)
	}
	if err := one.SetTicket(ctx, person, contoso, ""); err != nil {
		t.Fatal(err)
	}
	if got := must(one.Ticket(ctx, person, contoso))(t); got != "" {
		t.Errorf("taken off, yet %q", got)
	}
	if err := one.SetTicket(ctx, person, contoso, string(make([]byte, MostTicketBytes+1))); err != ErrSettings {
		t.Errorf("a ticket of %d bytes: %v, want ErrSettings", MostTicketBytes+1, err)
	}
}

func TestOldTicketsAreForgotten(t *testing.T) {
	one, _, _ := open(t)
	ctx := t.Context()
	for n := range mostRecents + 5 {
		if err := one.SetTicket(ctx, person, fmt.Sprint("customer-", n), "INC-1"); err != nil {
			t.Fatal(err)
		}
	}
	got := must(one.Customers(ctx, person))(t).Tickets
	if len(got) != mostRecents {
		t.Errorf("%d tickets kept, want %d", len(got), mostRecents)
	}
	if got[fmt.Sprint("customer-", mostRecents+4)] == "" {
		t.Error("the ticket just set is gone")
	}
}

func TestCallersMayChangeWhatTheyGot(t *testing.T) {
	one, _, _ := open(t)
	ctx := t.Context()
	if err := one.Star(ctx, person, contoso, true); err != nil {
		t.Fatal(err)
	}
	clear(must(one.Customers(ctx, person))(t).Starred)
	if diff := cmp.Diff(1, len(must(one.Customers(ctx, person))(t).Starred)); diff != "" {
		t.Errorf("starred customers (-want +got):\n%s", diff)
	}
}

// countingRows counts writes on their way to the real store.
type countingRows struct {
	rows
	writes int
}

func (c *countingRows) ChangePreference(ctx context.Context, person, key string, change func([]byte) ([]byte, error)) error {
	c.writes++
	return c.rows.ChangePreference(ctx, person, key, change)
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
