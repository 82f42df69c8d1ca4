package partnercenter

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// RetryOptions say how often and how patiently a failed call is repeated. A
// read is repeated on transport failures, 408 and 5xx after a random part of a
// doubling delay, and on 429 once the wait the service asked for is over;
// never past the caller's deadline, and only while [Shared] has budget.
//
// A change is repeated only where it certainly was not made: when no
// connection came about, so that nothing was sent, and on 429, by which it was
// refused unread. Whoever decides by what was read right before a change sets
// Tries to 1, and MaxRetryAfter to what may lie between the two: then an
// earlier 429 of the same customer is no long wait either, but [ErrThrottled].
type RetryOptions struct {
	Tries         int           // tries in all; 0 means 4, 1 never repeats
	BaseDelay     time.Duration // upper bound of the wait before the second try, doubled for each further one; 0 means 500 ms
	MaxDelay      time.Duration // upper bound of any wait of our own choice; 0 means 20 s
	MaxRetryAfter time.Duration // longest wait asked by the service that is waited out; 0 means 5 min
	TryTimeout    time.Duration // longest time one try may take, its body included; 0 means 60 s
}

func (o RetryOptions) withDefaults() RetryOptions {
	if o.Tries <= 0 {
		o.Tries = 4
	}
	if o.BaseDelay <= 0 {
		o.BaseDelay = 500 * time.Millisecond
	}
	if o.MaxDelay <= 0 {
		o.MaxDelay = 20 * time.Second
	}
	if o.MaxRetryAfter <= 0 {
		o.MaxRetryAfter = 5 * time.Minute
	}
	if o.TryTimeout <= 0 {
		o.TryTimeout = time.Minute
	}
	return o
}

// pause tells how long to wait before the call is tried again after the
// failure of its try-th try, and whether to.
func (c *Client) pause(ctx context.Context, failed *Error, try int) (wait time.Duration, again bool) {
	if !failed.again || try >= c.retry.Tries || ctx.Err() != nil {
		return 0, false
	}
	switch own := rand.N(c.retry.delay(try) + 1); {
	case failed.RetryAfter > c.retry.MaxRetryAfter:
		return 0, false
	case failed.Status == http.StatusTooManyRequests && failed.RetryAfter == 0:
		// Rejected requests count as well, so there is a least wait of half the delay.
		wait = c.retry.delay(try+1)/2 + own
	case failed.RetryAfter > 0 && try > 1:
		wait = failed.RetryAfter + own // asked again: back-off on top
	case failed.RetryAfter > 0:
		wait = failed.RetryAfter + spread(failed.RetryAfter)
	default:
		wait = own
	}
	return wait, fits(ctx, wait) && c.shared.spend()
}

// delay is the upper bound of the wait after the try-th try.
func (o RetryOptions) delay(try int) time.Duration {
	return min(o.MaxDelay, o.BaseDelay<<min(try-1, 20))
}

// retryAfter reads the header's whole seconds, or its HTTP date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0
	}
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
