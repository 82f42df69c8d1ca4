package partnercenter

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// SharedOptions are the limits of a [Shared]. The zero value is sane.
type SharedOptions struct {
	InFlight          int     // most calls in flight at once; 0 means 32
	RequestsPerSecond float64 // pace of calls to one customer; 0 means none but what a 429 imposes
	RetryBudget       int     // repeats that may be made before successes earn new ones; 0 means 20, below 0 none
	BreakAfter        int     // calls in a row without an answer, until calls are kept back; 0 means 20, below 0 never
}

// Shared holds what all clients of one partner share, because Partner Center
// counts per partner and per partner and customer:
//
//   - a cap on the calls in flight;
//   - the wait a 429 imposes: until it is over no client sends to that customer;
//   - a pace per customer, where one is set;
//   - a retry budget: a repeat costs one, a success earns a tenth, five seconds
//     earn one. With nothing left calls are tried once, so that an outage is
//     not met with a multiple of the usual load;
//   - a breaker per host: after 20 calls in a row without an answer, within 30 s
//     and of more than one customer, one call a second is let through to see.
//     The others wait 1.5 s at most, then fail with [ErrUnavailable],
//     nothing sent. The first answer ends it; refusals and 429 are answers.
//
// It is safe for concurrent use.
//
// Source: "API throttling guidance for partners calling Partner Center APIs".
type Shared struct {
	slots      chan struct{}
	pace       rate.Limit
	breakAfter int

	mu        sync.Mutex
	breakers  map[string]*breaker // by host
	customers map[string]*customerLimit
	swept     time.Time
	budget    float64
	full      float64
	earned    time.Time // up to when the budget's share for time is paid out
}

// customerLimit is what is known of one customer; "" stands for the partner's own lists.
type customerLimit struct {
	blocked time.Time // nothing is sent before
	pace    *rate.Limiter
	used    time.Time
}

const (
	earnedBySuccess = 0.1
	earnTime        = 5 * time.Second // in which a repeat is earned
	limitsKept      = 1024            // customers; beyond, the idle ones are swept out
	sweepEvery      = time.Minute
	longestBlock    = time.Hour // however long a Retry-After is
)

// NewShared makes the limits for Options.Shared.
func NewShared(opts SharedOptions) *Shared {
	if opts.InFlight <= 0 {
		opts.InFlight = 32
	}
	if opts.RetryBudget == 0 {
		opts.RetryBudget = 20
	}
	if opts.BreakAfter == 0 {
		opts.BreakAfter = breakAfter
	}
	s := &Shared{
		slots:      make(chan struct{}, opts.InFlight),
		pace:       rate.Limit(opts.RequestsPerSecond),
		breakAfter: opts.BreakAfter,
		breakers:   make(map[string]*breaker),
		customers:  make(map[string]*customerLimit),
		full:       float64(max(opts.RetryBudget, 0)),
		earned:     time.Now(),
	}
	s.budget = s.full
	return s
}

// breaker is the one that all clients of the host share.
func (s *Shared) breaker(host string) *breaker {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.breakers[host] == nil {
		s.breakers[host] = newBreaker(s.breakAfter)
	}
	return s.breakers[host]
}

// admit waits until a call to the customer may be sent: until a 429's wait is
// over and the pace allows it. A wait that ctx or longest cuts off is not
// begun: it comes back as left, with errBlocked.
func (s *Shared) admit(ctx context.Context, customer string, longest time.Duration) (left time.Duration, err error) {
	blocked, pace := s.limits(customer)
	if left = time.Until(blocked); left > 0 {
		wait := left + spread(left)
		if wait > longest || !fits(ctx, wait) {
			return left, errBlocked
		}
		if err := sleep(ctx, wait); err != nil {
			return 0, err
		}
	}
	if pace == nil {
		return 0, ctx.Err()
	}
	turn := pace.ReserveN(time.Now(), 1)
	wait := turn.Delay()
	if wait > longest || !fits(ctx, wait) {
		turn.Cancel()
		return wait, errBlocked
	}
	if err := sleep(ctx, wait); err != nil {
		turn.Cancel()
		return 0, err
	}
	return 0, nil
}

// enter takes one of the slots for calls in flight; the caller gives it back with leave.
func (s *Shared) enter(ctx context.Context) error {
	select {
	case s.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Shared) leave() { <-s.slots }

// block keeps calls to the customer back for a while.
func (s *Shared) block(customer string, wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	limit := s.entry(customer, now)
	if until := now.Add(min(wait, longestBlock)); until.After(limit.blocked) {
		limit.blocked = until
	}
}

// Wait is how long Partner Center still wants no calls to the customer, after
// a 429; 0 when it does not mind. An empty ID stands for the partner's own lists.
func (s *Shared) Wait(customerID string) time.Duration {
	blocked, _ := s.limits(customerID)
	return max(0, time.Until(blocked))
}

// spend takes one repeat out of the budget, if there is one.
func (s *Shared) spend() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.budget = min(s.full, s.budget+float64(now.Sub(s.earned))/float64(earnTime))
	s.earned = now
	if s.budget < 1 {
		return false
	}
	s.budget--
	return true
}

// earn pays a success into the budget.
func (s *Shared) earn() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.budget = min(s.full, s.budget+earnedBySuccess)
}

// limits tells until when the customer is blocked (zero: it is not), and its
// pace (nil: none).
func (s *Shared) limits(customer string) (blocked time.Time, pace *rate.Limiter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pace > 0 {
		limit := s.entry(customer, time.Now())
		return limit.blocked, limit.pace
	}
	if limit := s.customers[customer]; limit != nil {
		return limit.blocked, nil
	}
	return time.Time{}, nil
}

// entry finds or makes the customer's limits; s.mu is held.
func (s *Shared) entry(customer string, now time.Time) *customerLimit {
	limit := s.customers[customer]
	if limit == nil {
		if len(s.customers) >= limitsKept && now.Sub(s.swept) > sweepEvery {
			s.sweep(now)
		}
		limit = &customerLimit{}
		if s.pace > 0 {
			limit.pace = rate.NewLimiter(s.pace, max(1, int(s.pace)))
		}
		s.customers[customer] = limit
	}
	limit.used = now
	return limit
}

// sweep drops the entries that no longer matter; s.mu is held.
func (s *Shared) sweep(now time.Time) {
	s.swept = now
	for customer, limit := range s.customers {
		if now.After(limit.blocked) && now.Sub(limit.used) > sweepEvery {
			delete(s.customers, customer)
		}
	}
}

// spread is a little extra wait, so that those who wait for the same moment
// do not all come at once: up to a tenth, at most a second.
func spread(wait time.Duration) time.Duration {
	return rand.N(min(wait/10, time.Second) + 1)
}

// fits reports whether a wait ends before ctx does.
func fits(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return !ok || wait < time.Until(deadline)
}

// sleep waits, or stops with ctx and gives its error.
func sleep(ctx context.Context, wait time.Duration) error {
	if wait <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
