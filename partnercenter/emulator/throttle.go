package emulator

import (
	"strings"
	"sync"
	"time"
)

// throttleWindow is what Options.ReadsPerMinute and WritesPerMinute count in.
const throttleWindow = time.Minute

// throttle counts calls by customer, reads and writes apart; the partner's own
// calls are one more. Refused calls count too: who hammers stays out.
type throttle struct {
	mu      sync.Mutex
	windows map[throttled]*window
}

// throttled is what is counted on its own: there is one partner.
type throttled struct {
	customer string
	writes   bool
}

// window has when the newest calls were, as many as a minute lets in.
type window struct {
	calls  []time.Time // a ring
	oldest int
}

// admitted counts a call and tells whether it is let in, and if not how long
// to wait before the next one can be.
func (w *window) admitted(now time.Time) (wait time.Duration, ok bool) {
	ok = now.Sub(w.calls[w.oldest]) >= throttleWindow
	w.calls[w.oldest] = now
	w.oldest = (w.oldest + 1) % len(w.calls)
	return w.calls[w.oldest].Add(throttleWindow).Sub(now), ok
}

// count is the throttle's word on a call.
func (c *call) count(rt *route) error {
	limit, what := c.e.opts.ReadsPerMinute, throttled{writes: rt.writes()}
	if what.writes {
		limit = c.e.opts.WritesPerMinute
	}
	if limit <= 0 {
		return nil
	}
	if c.e.world.customer(c.vars.customer) != nil {
		what.customer = strings.ToLower(c.vars.customer)
	}
	t := &c.e.throttle
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.windows == nil {
		t.windows = map[throttled]*window{}
	}
	if t.windows[what] == nil {
		t.windows[what] = &window{calls: make([]time.Time, limit)}
	}
	if wait, ok := t.windows[what].admitted(c.received); !ok {
		return throttledFor(wait)
	}
	return nil
}
