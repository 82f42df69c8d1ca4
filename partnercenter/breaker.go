package partnercenter

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// breaker keeps calls back from a host that has stopped answering, so that
// nobody waits long for what will not come, and the host is not met with more
// than it takes to find out that it is back.
//
//	          enough no-answers in a row, of several customers
//	closed ────────────────────────────────────────────────────▶ open
//	  ▲                                                            │ a call a second
//	  └───────────────────── any answer ───────────────────────────┘ is let through
//
// Those kept back wait a moment for that answer before they fail.
//
// A no-answer is a connection that did not come about or broke, a time-out, or
// a gateway that says it has nobody behind it (502, 503, 504). All else is an
// answer, refusals and 429 included. As those of one customer never open it,
// what is wrong with one customer alone is never an outage for the others.
type breaker struct {
	mu       sync.Mutex
	silences []silence     // the latest, a ring
	row      int           // of them since the last answer
	answered time.Time     // when that came
	began    time.Time     // when the first of the row came
	open     chan struct{} // closed with the first answer; nil while calls go through
	probe    time.Time     // while open, nothing is sent before
}

// silence is a no-answer.
type silence struct {
	customer string
	at       time.Time
}

const (
	breakAfter    = 20                      // no-answers in a row
	breakWithin   = 30 * time.Second        // they all came within
	breakSpan     = time.Second             // they lasted: a broken connection ends all calls on it in one moment
	breakWait     = 1500 * time.Millisecond // a call kept back waits for an answer to another
	breakPatience = 10 * time.Second        // a caller with less than this to wait does not show that nobody answers
	probeEvery    = time.Second             // after a no-answer
	probePatience = 5 * time.Second         // with a call let through, until another is
)

var errOpen = errors.New("nothing was sent, as many calls in a row were not answered")

// newBreaker makes one that opens after so many no-answers; below 1 it never does.
func newBreaker(after int) *breaker { return &breaker{silences: make([]silence, max(after, 0))} }

// pass waits until a call may be sent. If that takes too long it gives
// errOpen, or ctx's error.
func (b *breaker) pass(ctx context.Context) error {
	var enough <-chan time.Time
	for {
		wait, answered := b.turn()
		if wait <= 0 {
			return nil
		}
		if enough == nil {
			patience := time.NewTimer(breakWait)
			defer patience.Stop()
			enough = patience.C
		}
		turn := time.NewTimer(wait)
		select {
		case <-answered:
		case <-turn.C:
		case <-enough:
			turn.Stop()
			return errOpen
		case <-ctx.Done():
			turn.Stop()
			return ctx.Err()
		}
		turn.Stop()
	}
}

// turn tells after how long a call may be sent to see whether there is an
// answer, 0 if it may now, and what is closed once there is one.
func (b *breaker) turn() (wait time.Duration, answered <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open == nil {
		return 0, nil
	}
	now := time.Now()
	if wait = b.probe.Sub(now); wait <= 0 {
		b.probe = now.Add(probePatience)
	}
	return wait, b.open
}

// answer takes note of an answer. It reports whether that closed the breaker.
func (b *breaker) answer() (closed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.row, b.answered = 0, time.Now()
	if b.open == nil {
		return false
	}
	close(b.open)
	b.open = nil
	return true
}

// silence takes note of a no-answer to a call of the customer. It reports
// whether that opened the breaker. A call from before the last answer says
// nothing about what is after it.
func (b *breaker) silence(customer string, started time.Time) (opened bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	switch {
	case len(b.silences) == 0, started.Before(b.answered):
		return false
	case b.open != nil:
		b.probe = now.Add(probeEvery)
		return false
	}
	if b.row == 0 {
		b.began = now
	}
	b.silences[b.row%len(b.silences)] = silence{customer, now}
	b.row++
	if !b.broken(now) {
		return false
	}
	b.open, b.probe = make(chan struct{}), now.Add(probeEvery)
	return true
}

// broken reports whether the row is long, close, no mere moment, and of
// several customers. It needs the mutex.
func (b *breaker) broken(now time.Time) bool {
	if b.row < len(b.silences) || now.Sub(b.began) < breakSpan {
		return false
	}
	several := len(b.silences) == 1 // whoever wants that wants no more
	for _, s := range b.silences {
		if now.Sub(s.at) > breakWithin {
			return false
		}
		several = several || s.customer != b.silences[0].customer
	}
	return several
}

// left takes note of a call whose caller left before it was known: the next
// one may find out instead.
func (b *breaker) left() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open != nil {
		b.probe = time.Now()
	}
}

// arrived tells the breaker that an answer with this status came.
func (c *Client) arrived(ctx context.Context, k call, status int, started time.Time) {
	switch status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		c.silent(ctx, k, started)
		return
	}
	if c.breaker.answer() {
		c.log.LogAttrs(ctx, slog.LevelInfo, "Partner Center answers again", slog.String("host", c.base.Host))
	}
}

// lost tells the breaker that a call ended without an answer; ctx is the caller's.
func (c *Client) lost(ctx context.Context, k call, started time.Time) {
	if errors.Is(ctx.Err(), context.Canceled) || ctx.Err() != nil && time.Since(started) < breakPatience {
		c.breaker.left()
		return
	}
	c.silent(ctx, k, started)
}

func (c *Client) silent(ctx context.Context, k call, started time.Time) {
	if c.breaker.silence(k.customer, started) {
		c.log.LogAttrs(ctx, slog.LevelWarn, "Partner Center doesn't answer; calls are kept back until it does",
			slog.String("host", c.base.Host), slog.String("correlation_id", CorrelationID(ctx)))
	}
}
