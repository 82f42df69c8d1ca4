package store

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	jump      = 60 * time.Second // a difference beyond it is a jump, not a correction
	syncEvery = 30 * time.Second
)

// clock is the one that expiry is judged by. It runs on the monotonic clock
// from a time that was once right: of this machine's wall clock, or of
// PostgreSQL. Small corrections are followed; a jump is followed too, but told.
type clock struct {
	fixed  func() time.Time // of a test; then nothing below is used
	wall   bool             // follow this machine's wall clock
	read   func() time.Time
	logger *slog.Logger

	mu       sync.Mutex
	right    time.Time // the time at...
	at       time.Time // ...this reading of the machine's clock
	jumped   time.Time // when the last jump was noticed, by the time after it
	watchers []func()
}

func newClock(fixed func() time.Time, logger *slog.Logger) *clock {
	c := &clock{fixed: fixed, wall: true, read: time.Now, logger: logger}
	c.at = c.read()
	c.right = c.at.Round(0)
	return c
}

func (c *clock) now() time.Time {
	if c.fixed != nil {
		return c.fixed().UTC()
	}
	reading := c.read()
	c.mu.Lock()
	now := c.right.Add(reading.Sub(c.at))
	var tell []func()
	if c.wall {
		now, tell = c.follow(now, reading.Round(0), reading)
	}
	c.mu.Unlock()
	for _, f := range tell {
		f()
	}
	return now.UTC()
}

// set makes right the time at the reading.
func (c *clock) set(right, reading time.Time) {
	c.mu.Lock()
	c.wall = false
	_, tell := c.follow(c.right.Add(reading.Sub(c.at)), right, reading)
	c.mu.Unlock()
	for _, f := range tell {
		f()
	}
}

// first makes right the time at the reading, whatever it was before.
func (c *clock) first(right, reading time.Time) {
	c.mu.Lock()
	c.wall, c.right, c.at = false, right, reading
	c.mu.Unlock()
}

// follow goes over to another time, and gives back whom to tell of a jump.
func (c *clock) follow(have, right, reading time.Time) (now time.Time, tell []func()) {
	off := right.Sub(have)
	if off.Abs() < 100*time.Millisecond {
		return have, nil // noise of the reading
	}
	c.right, c.at = right, reading
	if off.Abs() <= jump {
		return right, nil
	}
	c.jumped = right
	c.logger.Error("clock jumped", slog.Duration("by", off))
	return right, c.watchers
}

// Now is the time that expiry is judged by.
func (s *Store) Now() time.Time { return s.clock.now() }

// Jumped is when the clock last jumped by more than a minute; zero if it
// never did.
func (s *Store) Jumped() time.Time {
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	return s.clock.jumped
}

// OnJump has f called whenever the clock has jumped. What was allowed for a
// while under the old time should be dropped then. f must not wait.
func (s *Store) OnJump(f func()) {
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	s.clock.watchers = append(s.clock.watchers, f)
}

// databaseTime asks PostgreSQL for its time, as of the middle of the asking.
func (s *Store) databaseTime(ctx context.Context) (right, reading time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	before := time.Now()
	var micros int64
	err = s.reader.QueryRowContext(ctx, "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint").Scan(&micros)
	if err != nil {
		return time.Time{}, time.Time{}, err
	}
	return fromMicros(micros), before.Add(time.Since(before) / 2), nil
}

// syncClock sets the clock by the first answer of PostgreSQL.
func (s *Store) syncClock(ctx context.Context) error {
	right, reading, err := s.databaseTime(ctx)
	if err == nil {
		s.clock.first(right, reading)
	}
	return err
}

// keepClock keeps it right. While PostgreSQL does not answer it runs on.
func (s *Store) keepClock(ctx context.Context) {
	tick := time.NewTicker(syncEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		right, reading, err := s.databaseTime(ctx)
		if err != nil {
			if ctx.Err() == nil {
				s.logger.Warn("clock of PostgreSQL not read", slog.Any("error", err))
			}
			continue
		}
		s.clock.set(right, reading)
	}
}

// micros is how a time lies in the database.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}
