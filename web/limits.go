package web

import (
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"

	"github.com/rollcall-app/rollcall/views"
)

// Limits are how fast one address (before sign-in) or one person (after it)
// may ask. A person who types fast with eight tabs open stays below them.
type Limits struct {
	AddressPerSecond float64
	AddressBurst     int
	PersonPerSecond  float64
	PersonBurst      int
}

// DefaultLimits suit a helpdesk behind one office address.
var DefaultLimits = Limits{AddressPerSecond: 20, AddressBurst: 200, PersonPerSecond: 30, PersonBurst: 200}

// limiters hands out one token bucket a key and forgets the idle ones.
type limiters struct {
	perSecond rate.Limit
	burst     int

	mu    sync.Mutex
	byKey map[string]*limiter
	swept time.Time
}

type limiter struct {
	bucket *rate.Limiter
	used   time.Time
}

const limiterIdle = 10 * time.Minute

func newLimiters(perSecond float64, burst int) *limiters {
	return &limiters{perSecond: rate.Limit(perSecond), burst: burst, byKey: map[string]*limiter{}}
}

// wait is how long the key has to wait; zero means go on.
func (l *limiters) wait(key string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.swept) > limiterIdle {
		for k, v := range l.byKey {
			if now.Sub(v.used) > limiterIdle {
				delete(l.byKey, k)
			}
		}
		l.swept = now
	}
	entry := l.byKey[key]
	if entry == nil {
		entry = &limiter{bucket: rate.NewLimiter(l.perSecond, l.burst)}
		l.byKey[key] = entry
	}
	entry.used = now
	reservation := entry.bucket.ReserveN(now, 1)
	delay := reservation.DelayFrom(now)
	if delay > 0 {
		reservation.CancelAt(now)
	}
	return delay
}

// limitStrangers slows down, by address, who brings no session, before anything
// is done for them: whether a route answers, refuses or does not exist.
func (s *server) limitStrangers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if r := c.Request(); !isFileOrProbe(r.URL.Path) && !s.auth.BringsSession(r) {
			if err := s.limitAddress(c); err != nil {
				return err
			}
		}
		return next(c)
	}
}

// addressCounted is set on requests that were counted for their address.
const addressCounted = "address counted"

// limitAddress slows down who is not signed in, by address. A request is
// counted once, however often it comes by here.
func (s *server) limitAddress(c echo.Context) error {
	if c.Get(addressCounted) != nil {
		return nil
	}
	c.Set(addressCounted, true)
	return tooMany(c, s.addresses.wait(addressKey(c.RealIP()), time.Now()))
}

// limitPerson slows down who is signed in, wherever they come from.
func (s *server) limitPerson(c echo.Context, personKey string) error {
	return tooMany(c, s.people.wait(personKey, time.Now()))
}

func tooMany(c echo.Context, wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	seconds := int(wait/time.Second) + 1
	c.Response().Header().Set("Retry-After", strconv.Itoa(seconds))
	return &Trouble{Status: http.StatusTooManyRequests, Problem: views.Problem{
		Kind:         views.ProblemThrottled,
		What:         "That was a lot of requests in a short time.",
		Means:        "Nothing was changed. Rollcall waits so that everybody gets an answer.",
		Next:         "Try again in " + strconv.Itoa(seconds) + " s.",
		RetrySeconds: seconds,
	}}
}

// addressKey groups an IPv6 client's whole /64, which one machine can use freely.
func addressKey(address string) string {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	addr = addr.Unmap()
	if addr.Is6() {
		if prefix, err := addr.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return addr.String()
}
