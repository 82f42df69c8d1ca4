package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/internal/seats"
	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// What is read is in the book once the keeper is closed; a failure is logged
// by IDs, and nobody else is bothered.
func TestSeatsAreKept(t *testing.T) {
	st, err := store.Open(t.Context(), store.Options{DSN: "sqlite::memory:"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	var log bytes.Buffer
	k := &seatKeeper{book: seats.New(st), log: slog.New(slog.NewTextHandler(&log, nil))}
	ctx, cancel := context.WithCancel(t.Context())
	k.keep(ctx, "fabrikam", "contoso", []partnercenter.SubscribedSKU{
		{SKUID: "e3", Name: "Microsoft 365 E3", Total: 200, Active: 190, Consumed: 174, Available: 26},
		{SKUID: "old", Total: 20, Consumed: 21, Available: -1},
	})
	cancel() // the reading is over
	if err := k.close(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := k.book.Since(t.Context(), "fabrikam", "contoso")
	if err != nil {
		t.Fatal(err)
	}
	today := time.Now().UTC().Truncate(24 * time.Hour)
	if diff := cmp.Diff(map[string][]seats.Day{"e3": {{Day: today, Owned: 200, Assigned: 174}}, "old": {{Day: today, Owned: 20, Assigned: 21}}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if log.Len() > 0 {
		t.Errorf("logged %s", &log)
	}

	k.before = func(context.Context, string, string, []seats.Count) error { return errors.New("no past") }
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	k.keep(partnercenter.WithCorrelationID(t.Context(), "5a3d0000-0000-4000-8000-000000000001"), "fabrikam", "contoso", []partnercenter.SubscribedSKU{{SKUID: "e3", Name: "Microsoft 365 E3", Total: 1}})
	if err := k.close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text := log.String(); strings.Count(text, "level=WARN") != 2 || !strings.Contains(text, "no past") || !strings.Contains(text, "customer=contoso") ||
		!strings.Contains(text, "correlation_id=5a3d") || strings.Contains(text, "Microsoft") {
		t.Errorf("logged %s", text)
	}
}

// The past is the same on every start, leads to today, and is believable: no
// more is assigned than was owned, unless it is so today.
func TestPastSeats(t *testing.T) {
	now := time.Date(2026, 6, 16, 14, 3, 0, 0, time.UTC)
	moved := 0
	for _, c := range []seats.Count{{SKUID: "e3", Owned: 200, Assigned: 174}, {SKUID: "over", Owned: 20, Assigned: 21}, {SKUID: "few", Owned: 5, Assigned: 5}, {SKUID: "lapsed", Owned: 0, Assigned: 3}, {SKUID: "capacity", Owned: 4}} {
		for _, customer := range []string{emulator.ContosoID, emulator.NorthwindID, emulator.DocumentedCustomerID} {
			days := pastSeats(customer, c, now)
			if diff := cmp.Diff(days, pastSeats(customer, c, now.Add(5*time.Hour))); diff != "" {
				t.Errorf("%s: not the same the same day:\n%s", c.SKUID, diff)
			}
			first, last := days[0], days[len(days)-1]
			if !last.Day.Equal(time.Date(2026, 6, 15, 0, 0, 0, 0, time.UTC)) || now.Sub(first.Day) < (demoPast-demoStep)*24*time.Hour {
				t.Errorf("%s: from %v to %v", c.SKUID, first.Day, last.Day)
			}
			if !slices.ContainsFunc(days, func(d seats.Day) bool { return d.Day.Equal(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)) }) {
				t.Errorf("%s: nothing of the first of the month", c.SKUID)
			}
			if !slices.IsSortedFunc(days, func(a, b seats.Day) int { return a.Day.Compare(b.Day) }) {
				t.Errorf("%s: not in order", c.SKUID)
			}
			for _, d := range days {
				if d.Owned < 0 || d.Assigned < 0 || c.Assigned <= c.Owned && d.Assigned > d.Owned {
					t.Errorf("%s: %+v", c.SKUID, d)
				}
			}
			if abs := last.Assigned - c.Assigned; abs < -3 || abs > 3 {
				t.Errorf("%s: yesterday %+v, today %+v", c.SKUID, last, c)
			}
			if first.Owned != c.Owned || first.Assigned != c.Assigned {
				moved++
			}
		}
	}
	if moved < 8 {
		t.Errorf("only %d of 15 have moved in half a year", moved)
	}
}

// In the demo a customer's seats have a past as soon as they are seen.
func TestDemoHasAPast(t *testing.T) {
	d, err := startDemo(t.Context(), demoOptions{listen: "127.0.0.1:0", bigUsers: 100, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.stop(); err != nil {
			t.Error(err)
		}
	})
	client, err := partnercenter.New(partnercenter.StaticToken("admin-agent"), partnercenter.Options{BaseURL: d.api})
	if err != nil {
		t.Fatal(err)
	}
	v := directory.Viewer{Key: "tester", PartnerTenantID: emulator.PartnerTenantID, Client: client}
	view, err := d.portal.directory.SKUs(t.Context(), v, emulator.ContosoID)
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), store.Options{DSN: "sqlite:" + filepath.Join(d.folder, "rollcall.db"), MinFree: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	since, err := seats.New(st).Since(t.Context(), emulator.PartnerTenantID, emulator.ContosoID)
	if err != nil || len(view.Products) == 0 {
		t.Fatal(err)
	}
	for _, p := range view.Products {
		if len(since[p.SKUID]) < demoPast/demoStep {
			t.Errorf("%s has %d days", p.Name, len(since[p.SKUID]))
		}
	}
}
