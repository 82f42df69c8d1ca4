package partnercenter

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var errReset = errors.New("connection reset by peer")

func TestWhatIsRetried(t *testing.T) {
	ok := func() any { return response(200, noUsers) }
	tests := map[string]struct {
		answers []any
		asked   int
		is      error
	}{
		"nothing wrong":          {[]any{ok()}, 1, nil},
		"transport failure":      {[]any{errReset, ok()}, 2, nil},
		"untrusted certificate":  {[]any{&tls.CertificateVerificationError{Err: errReset}, ok()}, 1, ErrUnavailable},
		"408":                    {[]any{response(408, ""), ok()}, 2, nil},
		"500":                    {[]any{response(500, ""), ok()}, 2, nil},
		"502, 503, 504":          {[]any{response(502, ""), response(503, ""), response(504, ""), ok()}, 4, nil},
		"four tries, not five":   {[]any{response(500, ""), response(502, ""), response(503, ""), response(504, ""), ok()}, 4, ErrUnavailable},
		"429 with Retry-After":   {[]any{response(429, "", "Retry-After: 57"), ok()}, 2, nil},
		"429 without":            {[]any{response(429, ""), ok()}, 2, nil},
		"429 for too long":       {[]any{response(429, "", "Retry-After: 301"), ok()}, 1, ErrThrottled},
		"503 for too long":       {[]any{response(503, "", "Retry-After: 301"), ok()}, 1, ErrUnavailable},
		"400":                    {[]any{response(400, ""), ok()}, 1, ErrBadRequest},
		"401":                    {[]any{response(401, ""), ok()}, 1, ErrUnauthorized},
		"403":                    {[]any{response(403, ""), ok()}, 1, ErrForbidden},
		"404":                    {[]any{response(404, ""), ok()}, 1, ErrNotFound},
		"409":                    {[]any{response(409, ""), ok()}, 1, ErrConflict},
		"302":                    {[]any{response(302, ""), ok()}, 1, ErrBadResponse},
		"200 without JSON":       {[]any{response(200, "<html>"), ok()}, 1, ErrBadResponse},
		"first 503, then 404":    {[]any{response(503, ""), response(404, ""), ok()}, 2, ErrNotFound},
		"Retry-After is a date":  {[]any{response(429, "", "Retry-After: Sat, 01 Jan 2000 00:00:30 GMT"), ok()}, 2, nil},
		"Retry-After is no time": {[]any{response(429, "", "Retry-After: soon"), ok()}, 2, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rt := &answers{list: tt.answers}
				err := listUsers(t.Context(), clientOf(t, Options{Transport: rt}))
				if !errors.Is(err, tt.is) {
					t.Errorf("%v, want %v", err, tt.is)
				}
				if len(rt.asked) != tt.asked {
					t.Errorf("asked %d times, want %d", len(rt.asked), tt.asked)
				}
			})
		})
	}
}

// waits gives the times between the tries.
func (a *answers) waits() []time.Duration {
	var out []time.Duration
	for i := 1; i < len(a.askedAt); i++ {
		out = append(out, a.askedAt[i].Sub(a.askedAt[i-1]))
	}
	return out
}

// Full jitter: anything between nothing and the doubled delay, and not always
// the same.
func TestWaitsAreSpreadAndDoubled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sum [5]time.Duration
		seen := map[time.Duration]bool{}
		const rounds = 300
		for range rounds {
			rt := &answers{list: []any{errReset, errReset, errReset, errReset, errReset, response(200, noUsers)}}
			client := clientOf(t, Options{Transport: rt, Retry: RetryOptions{Tries: 6, MaxDelay: 4 * time.Second}})
			if err := listUsers(t.Context(), client); err != nil {
				t.Fatal(err)
			}
			for i, wait := range rt.waits() {
				bound := min(500*time.Millisecond<<i, 4*time.Second)
				if wait < 0 || wait > bound {
					t.Fatalf("wait %d is %v, bound %v", i+1, wait, bound)
				}
				sum[i] += wait
				seen[wait] = true
			}
		}
		if len(seen) < rounds {
			t.Errorf("only %d different waits", len(seen))
		}
		for i := range sum {
			bound := min(500*time.Millisecond<<i, 4*time.Second)
			if mean := sum[i] / rounds; mean < bound*4/10 || mean > bound*6/10 {
				t.Errorf("wait %d is %v on average, want about half of %v", i+1, mean, bound)
			}
		}
	})
}

func TestRetryAfterIsWaitedOut(t *testing.T) {
	tests := map[string]struct {
		answers  []any
		min, max []time.Duration
	}{
		"once": {[]any{response(429, "", "Retry-After: 57"), response(200, noUsers)},
			[]time.Duration{57 * time.Second}, []time.Duration{58 * time.Second}},
		"503 as well": {[]any{response(503, "", "Retry-After: 20"), response(200, noUsers)},
			[]time.Duration{20 * time.Second}, []time.Duration{22 * time.Second}},
		"again, with back-off on top": {[]any{response(429, "", "Retry-After: 10"), response(429, "", "Retry-After: 10"), response(200, noUsers)},
			[]time.Duration{10 * time.Second, 10 * time.Second}, []time.Duration{11 * time.Second, 11 * time.Second}},
		"not told: at least half a delay": {[]any{response(429, ""), response(429, ""), response(200, noUsers)},
			[]time.Duration{500 * time.Millisecond, time.Second}, []time.Duration{time.Second, 2 * time.Second}},
		"a date": {[]any{response(429, "", "Retry-After: Sat, 01 Jan 2000 00:00:30 GMT"), response(200, noUsers)},
			[]time.Duration{30 * time.Second}, []time.Duration{31 * time.Second}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // the bubble's clock starts at 2000-01-01
				rt := &answers{list: tt.answers}
				if err := listUsers(t.Context(), clientOf(t, Options{Transport: rt})); err != nil {
					t.Fatal(err)
				}
				for i, wait := range rt.waits() {
					if wait < tt.min[i] || wait > tt.max[i] {
						t.Errorf("wait %d is %v, want %v to %v", i+1, wait, tt.min[i], tt.max[i])
					}
				}
			})
		})
	}
}

// Told to wait again, a call waits longer than told: up to a doubled delay.
func TestBackOffComesOnTopOfARepeatedRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sum time.Duration
		const rounds = 300
		for range rounds {
			throttled := func() any { return response(429, "", "Retry-After: 10") }
			rt := &answers{list: []any{throttled(), throttled(), response(200, noUsers)}}
			client := clientOf(t, Options{Transport: rt, Retry: RetryOptions{BaseDelay: 20 * time.Second, MaxDelay: time.Minute}})
			if err := listUsers(t.Context(), client); err != nil {
				t.Fatal(err)
			}
			sum += rt.waits()[1]
		}
		if mean := sum / rounds; mean < 27*time.Second || mean > 33*time.Second {
			t.Errorf("the second wait is %v on average, want 10 s and half of 40 s", mean)
		}
	})
}

// A wait that the deadline would cut is not begun: the caller gets the
// service's refusal at once.
func TestDeadlineIsRespected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt := &answers{list: []any{response(429, "", "Retry-After: 57"), response(200, noUsers)}}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		start := time.Now()
		err := listUsers(ctx, clientOf(t, Options{Transport: rt}))
		failed, ok := errors.AsType[*Error](err)
		if !ok || !errors.Is(err, ErrThrottled) || failed.RetryAfter != 57*time.Second || failed.Status != 429 {
			t.Errorf("%v, want ErrThrottled with 57 s", err)
		}
		if waited := time.Since(start); waited != 0 || len(rt.asked) != 1 {
			t.Errorf("waited %v, asked %d times", waited, len(rt.asked))
		}
	})
	synctest.Test(t, func(t *testing.T) { // long enough, it is waited for
		rt := &answers{list: []any{response(429, "", "Retry-After: 57"), response(200, noUsers)}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := listUsers(ctx, clientOf(t, Options{Transport: rt})); err != nil {
			t.Error(err)
		}
	})
}

// hangs answers when the request's context ends.
func hangs(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestATryThatHangsIsGivenUpAndRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt := &answers{list: []any{hangs, response(200, noUsers)}}
		start := time.Now()
		if err := listUsers(t.Context(), clientOf(t, Options{Transport: rt})); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(start); waited < time.Minute || waited > 61*time.Second {
			t.Errorf("gave up after %v", waited)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		rt := &answers{list: []any{hangs, hangs, hangs, hangs, hangs}}
		err := listUsers(t.Context(), clientOf(t, Options{Transport: rt, Retry: RetryOptions{Tries: 2, TryTimeout: time.Second}}))
		if !errors.Is(err, ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) || len(rt.asked) != 2 {
			t.Errorf("%v after %d tries", err, len(rt.asked))
		}
	})
	synctest.Test(t, func(t *testing.T) { // the caller's own deadline
		rt := &answers{list: []any{hangs, response(200, noUsers)}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := listUsers(ctx, clientOf(t, Options{Transport: rt}))
		if !errors.Is(err, ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) || len(rt.asked) != 1 {
			t.Errorf("%v after %d tries", err, len(rt.asked))
		}
	})
}

func TestLeavingEndsAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt := &answers{list: []any{response(429, "", "Retry-After: 57"), response(200, noUsers)}}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Second, cancel)
		start := time.Now()
		err := listUsers(ctx, clientOf(t, Options{Transport: rt}))
		if !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnavailable) || len(rt.asked) != 1 {
			t.Errorf("%v after %d tries", err, len(rt.asked))
		}
		if waited := time.Since(start); waited != 10*time.Second {
			t.Errorf("left after %v", waited)
		}
	})
}

// In an outage the repeats of all clients together are bounded.
func TestRetryBudgetIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := NewShared(SharedOptions{RetryBudget: 5})
		rt := &answers{}
		for range 100 {
			rt.list = append(rt.list, errReset)
		}
		retry := RetryOptions{BaseDelay: 1} // no time to earn by waiting
		for range 10 {
			if err := listUsers(t.Context(), clientOf(t, Options{Transport: rt, Shared: shared, Retry: retry})); !errors.Is(err, ErrUnavailable) {
				t.Fatal(err)
			}
		}
		if len(rt.asked) != 15 { // ten first tries, five repeats
			t.Errorf("asked %d times, want 15", len(rt.asked))
		}

		// Ten successes earn one repeat.
		rt.list, rt.asked = nil, nil
		for range 10 {
			rt.list = append(rt.list, response(200, noUsers))
		}
		rt.list = append(rt.list, errReset, errReset, response(200, noUsers))
		client := clientOf(t, Options{Transport: rt, Shared: shared, Retry: retry})
		for range 10 {
			if err := listUsers(t.Context(), client); err != nil {
				t.Fatal(err)
			}
		}
		if err := listUsers(t.Context(), client); !errors.Is(err, ErrUnavailable) || len(rt.asked) != 12 {
			t.Errorf("%v after %d calls, want one repeat", err, len(rt.asked))
		}

		// So do five seconds.
		time.Sleep(5 * time.Second)
		rt.list = []any{errReset, response(200, noUsers)}
		if err := listUsers(t.Context(), client); err != nil {
			t.Error(err)
		}
	})
	synctest.Test(t, func(t *testing.T) { // none at all
		rt := &answers{list: []any{errReset, response(200, noUsers)}}
		client := clientOf(t, Options{Transport: rt, Shared: NewShared(SharedOptions{RetryBudget: -1})})
		if err := listUsers(t.Context(), client); !errors.Is(err, ErrUnavailable) || len(rt.asked) != 1 {
			t.Errorf("%v after %d tries", err, len(rt.asked))
		}
	})
}

// A 429 counts for all clients of the partner, for that customer alone.
func TestThrottlingIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := NewShared(SharedOptions{})
		rt := &answers{list: []any{
			response(429, "", "Retry-After: 57"),
			response(200, noUsers), response(200, noUsers), response(200, noUsers),
		}}
		client := func() *Client {
			return clientOf(t, Options{Transport: rt, Shared: shared, Retry: RetryOptions{Tries: 1}})
		}
		start := time.Now()
		if err := listUsers(t.Context(), client()); !errors.Is(err, ErrThrottled) {
			t.Fatal(err)
		}
		// Another customer is not held up.
		if _, err := client().Customer(otherID).Users().List(t.Context(), UsersOptions{}, ""); err != nil || time.Since(start) != 0 {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if all, other := shared.Wait(testCustomer), shared.Wait(otherID); all != 57*time.Second || other != 0 {
			t.Errorf("%v to wait, and %v for another customer; want 57 s and none", all, other)
		}
		// The same one is refused at once, nothing sent, where there is no time to wait.
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := listUsers(short, client())
		failed, ok := errors.AsType[*Error](err)
		if !ok || !errors.Is(err, ErrThrottled) || failed.Status != 0 || failed.RetryAfter != 57*time.Second || len(rt.asked) != 2 {
			t.Errorf("%v after %d calls, want ErrThrottled with 57 s and nothing sent", err, len(rt.asked))
		}
		// Else it waits.
		if err := listUsers(t.Context(), client()); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(start); waited < 57*time.Second || waited > 58*time.Second {
			t.Errorf("waited %v", waited)
		}
		if left := shared.Wait(testCustomer); left != 0 {
			t.Errorf("%v to wait after the wait", left)
		}
	})
}

func TestCallsInFlightAreCapped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := NewShared(SharedOptions{InFlight: 3})
		var mu sync.Mutex
		flying, most := 0, 0
		rt := roundTripper(func(*http.Request) (*http.Response, error) {
			mu.Lock()
			flying++
			most = max(most, flying)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			flying--
			mu.Unlock()
			return response(200, noUsers), nil
		})
		start := time.Now()
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if err := listUsers(t.Context(), clientOf(t, Options{Transport: rt, Shared: shared})); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if most != 3 || time.Since(start) != 4*time.Second {
			t.Errorf("%d in flight at once, done after %v", most, time.Since(start))
		}

		// Whoever waits for a slot can leave.
		for range 3 {
			wg.Go(func() { _ = listUsers(t.Context(), clientOf(t, Options{Transport: rt, Shared: shared})) })
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := listUsers(ctx, clientOf(t, Options{Transport: rt, Shared: shared})); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want the deadline", err)
		}
		wg.Wait()
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestPaceIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := NewShared(SharedOptions{RequestsPerSecond: 2})
		rt := roundTripper(func(*http.Request) (*http.Response, error) { return response(200, noUsers), nil })
		client := clientOf(t, Options{Transport: rt, Shared: shared})
		start := time.Now()
		for range 10 {
			if err := listUsers(t.Context(), client); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took != 4*time.Second { // two at once, eight at two a second
			t.Errorf("ten calls took %v", took)
		}
		// Another customer has a pace of its own.
		if _, err := client.Customer(otherID).Users().List(t.Context(), UsersOptions{}, ""); err != nil || time.Since(start) != 4*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		// No time for the next turn: refused at once.
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := listUsers(ctx, client); !errors.Is(err, ErrThrottled) {
			t.Errorf("%v, want ErrThrottled", err)
		}
	})
}

func TestSharedForgetsIdleCustomers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := NewShared(SharedOptions{})
		for range 3 * limitsKept {
			shared.block(NewID(), time.Second)
			time.Sleep(time.Second)
		}
		if n := len(shared.customers); n > limitsKept+120 {
			t.Errorf("%d customers are kept", n)
		}
		// A block that is on is never forgotten.
		shared.block("long", time.Hour)
		for range 2 * limitsKept {
			shared.block(NewID(), 0)
			time.Sleep(100 * time.Millisecond)
		}
		if until, _ := shared.limits("long"); time.Until(until) <= 0 {
			t.Error("a customer's block was forgotten")
		}
	})
}

// A client with another way to repeat shares all else: one that tries once
// sends nothing while a 429 of the first is not over, and says how long.
func TestWithRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		throttled := response(429, `{ "statusCode": 429, "message": "Rate limit is exceeded. Try again in 57 seconds." }`)
		throttled.Header.Set("Retry-After", "57")
		rt := &answers{list: []any{errReset, throttled, response(200, noUsers)}}
		client := clientOf(t, Options{Transport: rt})
		once := client.WithRetry(RetryOptions{Tries: 1, MaxRetryAfter: 1})
		if err := listUsers(t.Context(), once); !errors.Is(err, ErrUnavailable) || len(rt.asked) != 1 {
			t.Errorf("%v after %d tries", err, len(rt.asked))
		}
		for sent := range 2 { // the second is kept back here
			err := listUsers(t.Context(), once)
			failed, ok := errors.AsType[*Error](err)
			if !ok || !errors.Is(err, ErrThrottled) || failed.RetryAfter != 57*time.Second || (failed.Status == 0) != (sent == 1) || len(rt.asked) != 2 {
				t.Errorf("%v after %d tries", err, len(rt.asked))
			}
		}
		start := time.Now()
		if err := listUsers(t.Context(), client); err != nil || len(rt.asked) != 3 || time.Since(start) < 57*time.Second {
			t.Errorf("%v after %d tries and %v", err, len(rt.asked), time.Since(start))
		}
	})
}
