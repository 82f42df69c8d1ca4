package store

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// machine is a clock whose wall time can be set while its monotonic time runs on.
type machine struct {
	mono time.Time // carries a monotonic reading
}

func (m *machine) read() time.Time { return m.mono }

func newTestClock() (*clock, *machine, *bytes.Buffer) {
	var log bytes.Buffer
	m := &machine{mono: time.Now()}
	c := newClock(nil, slog.New(slog.NewTextHandler(&log, nil)))
	c.read = m.read
	c.at, c.right = m.mono, m.mono.Round(0)
	return c, m, &log
}

func TestClockFollowsPostgreSQL(t *testing.T) {
	for name, tt := range map[string]struct {
		off     time.Duration
		jumped  bool
		follows bool
	}{
		"noise":            {50 * time.Millisecond, false, false},
		"a correction":     {-40 * time.Second, false, true},
		"a jump forward":   {61 * time.Second, true, true},
		"a jump back":      {-2 * time.Hour, true, true},
		"just not a jump":  {60 * time.Second, false, true},
		"nothing happened": {0, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			c, m, log := newTestClock()
			told := 0
			c.watchers = append(c.watchers, func() { told++ })
			start := m.mono.Round(0)
			c.first(start, m.mono)

			m.mono = m.mono.Add(30 * time.Second)
			c.set(start.Add(30*time.Second+tt.off), m.mono)
			want := start.Add(30 * time.Second)
			if tt.follows {
				want = want.Add(tt.off)
			}
			if got := c.now(); !got.Equal(want) {
				t.Errorf("now %v, want %v", got, want)
			}
			if jumped := !c.jumped.IsZero(); jumped != tt.jumped || (told == 1) != tt.jumped ||
				strings.Contains(log.String(), "clock jumped") != tt.jumped {
				t.Errorf("jumped %v, told %d times, want %v; log: %s", jumped, told, tt.jumped, log)
			}
			m.mono = m.mono.Add(time.Hour)
			if got := c.now(); !got.Equal(want.Add(time.Hour)) {
				t.Errorf("an hour later %v, want %v", got, want.Add(time.Hour))
			}
		})
	}
}

// TestClockFollowsWall: this machine's wall clock is set while the store runs.
func TestClockFollowsWall(t *testing.T) {
	c, m, _ := newTestClock()
	told := 0
	c.watchers = append(c.watchers, func() { told++ })

	m.mono = m.mono.Add(time.Minute)
	if got, want := c.now(), m.mono.Round(0); !got.Equal(want) || told != 0 {
		t.Errorf("now %v, want %v; told %d times", got, want, told)
	}
	// Setting the wall clock moves what a reading shows, but not the monotonic
	// difference of two readings; here the last right time is moved instead.
	c.right = c.right.Add(-time.Hour)
	if got, want := c.now(), m.mono.Round(0); !got.Equal(want) || told != 1 || !c.jumped.Equal(want) {
		t.Errorf("after the wall clock was set: now %v, want %v; told %d times; jumped at %v", got, want, told, c.jumped)
	}
	if c.now(); told != 1 {
		t.Errorf("one jump was told %d times", told)
	}
}

func TestLowSpaceLeavesRoomForTheTrail(t *testing.T) {
	st, err := Open(t.Context(), Options{DSN: "sqlite:" + t.TempDir() + "/rollcall.db", MinFree: 200 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	free := int64(300 << 20)
	st.space.free = func(string) (int64, error) { return free, nil }
	look := func() { st.space.looked = time.Time{} }
	ctx, now := t.Context(), time.Now()

	look()
	g := Grant{ID: "g", Person: "ann", Identity: []byte{1}, Tokens: []byte{1}, Created: now, Expires: now.Add(time.Hour)}
	if err := st.CreateGrant(ctx, g); err != nil {
		t.Fatal(err)
	}
	free = 199 << 20
	if err := st.Space(); err != nil {
		t.Errorf("looked again within ten seconds: %v", err)
	}
	look()
	for name, grow := range map[string]func() error{
		"attempt":    func() error { return st.CreateAttempt(ctx, Attempt{ID: "a", Payload: []byte{1}}) },
		"grant":      func() error { return st.CreateGrant(ctx, Grant{ID: "g2"}) },
		"session":    func() error { return st.CreateSession(ctx, Session{ID: "s", GrantID: "g"}) },
		"preference": func() error { return st.SetPreference(ctx, "ann", "theme", []byte(`1`)) },
		"anything":   st.Space,
	} {
		if err := grow(); !errors.Is(err, ErrLowSpace) {
			t.Errorf("%s: error %v, want %v", name, err, ErrLowSpace)
		}
	}
	err = st.InTx(ctx, func(tx *Tx) error {
		return tx.InsertTrail(ctx, TrailRow{Seq: 1, Prev: []byte{0}, MAC: []byte{1}})
	})
	if err != nil {
		t.Errorf("the trail could not be written: %v", err)
	}
	// What frees or keeps its size is let through: a refreshed token must not be lost.
	change := GrantChange{ID: "g", Version: 1, Identity: []byte{2}, Tokens: []byte{2}, Expires: now}
	if err := st.ReplaceGrant(ctx, change); err != nil {
		t.Error(err)
	}
	if err := st.DeleteGrant(ctx, "g"); err != nil {
		t.Error(err)
	}
	st.space.free = func(string) (int64, error) { return 0, errors.New("no answer") }
	look()
	if err := st.Space(); err != nil {
		t.Errorf("not knowing the space stopped everything: %v", err)
	}
}
