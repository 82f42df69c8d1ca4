package partnercenter

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// outage is a Partner Center whose answer the test sets, and all clients of
// one partner: one a call, as the portal makes them.
type outage struct {
	t      *testing.T
	shared *Shared
	asked  atomic.Int32
	log    bytes.Buffer

	mu     sync.Mutex
	answer any // *http.Response, error, or a function
	logger *slog.Logger
}

func (o *outage) RoundTrip(r *http.Request) (*http.Response, error) {
	o.asked.Add(1)
	o.mu.Lock()
	given := o.answer
	o.mu.Unlock()
	switch answer := given.(type) {
	case error:
		return nil, answer
	case func(*http.Request) (*http.Response, error):
		return answer(r)
	}
	return o.copied(given), nil
}

// copied is a response that can be read although others read it too.
func (o *outage) copied(answer any) *http.Response {
	o.mu.Lock()
	defer o.mu.Unlock()
	return clone([]any{answer})[0].(*http.Response)
}

// answers sets what every call gets from now on.
func (o *outage) answers(answer any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answer = answer
}

// call asks for a page of the customer's users, once, and gives how it ended
// and whether anything was sent.
func (o *outage) call(ctx context.Context, customer string) (sent bool, err error) {
	o.t.Helper()
	before := o.asked.Load()
	client := clientOf(o.t, Options{Transport: o, Shared: o.shared, Retry: RetryOptions{Tries: 1}, Logger: o.logger})
	_, err = client.Customer(customer).Users().List(ctx, UsersOptions{}, "")
	return o.asked.Load() > before, err
}

// ask makes n calls at once, of two customers in turn, and counts those that
// were sent.
func (o *outage) ask(n int) int {
	o.t.Helper()
	before := o.asked.Load()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { _, _ = o.call(o.t.Context(), []string{testCustomer, otherID}[i%2]) })
	}
	all.Wait()
	return int(o.asked.Load() - before)
}

// row makes 20 calls, in a second.
func (o *outage) row() {
	o.t.Helper()
	sent := o.ask(19)
	time.Sleep(time.Second)
	if sent += o.ask(1); sent != 20 {
		o.t.Fatalf("%d of 20 calls were sent", sent)
	}
}

// outages runs do in a bubble, at an outage that answers as told.
func outages(t *testing.T, answer any, do func(*outage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o := &outage{t: t, shared: NewShared(SharedOptions{}), answer: answer}
		o.logger = slog.New(slog.NewTextHandler(&o.log, nil))
		do(o)
	})
}

func TestWhatOpensTheBreaker(t *testing.T) {
	hung := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	tests := map[string]struct {
		answer any
		opens  bool
	}{
		"connections that break":     {errReset, true},
		"502":                        {response(502, ""), true},
		"503":                        {response(503, ""), true},
		"503 with Retry-After":       {response(503, "", "Retry-After: 20"), true},
		"504":                        {response(504, ""), true},
		"500":                        {response(500, ""), false},
		"429":                        {response(429, ""), false},
		"401":                        {response(401, ""), false},
		"403":                        {response(403, ""), false},
		"404":                        {response(404, ""), false},
		"408":                        {response(408, ""), false},
		"a redirect":                 {response(302, ""), false},
		"a success that is not JSON": {response(200, "<html>"), false},
		"a success":                  {response(200, noUsers), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			outages(t, tt.answer, func(o *outage) {
				o.row()
				want := 20
				if tt.opens {
					want = 1
				}
				if sent := o.ask(20); sent != want {
					o.t.Errorf("%d of 20 calls were sent then, want %d", sent, want)
				}
			})
		})
	}
	t.Run("time-outs", func(t *testing.T) {
		outages(t, hung, func(o *outage) {
			go func() { time.Sleep(2 * time.Second); o.ask(1) }()
			o.ask(19)
			time.Sleep(2 * time.Second)
			synctest.Wait()
			o.answers(errReset)
			if sent := o.ask(20); sent != 1 {
				o.t.Errorf("%d of 20 calls were sent after 20 had timed out", sent)
			}
		})
	})
	t.Run("callers in a hurry", func(t *testing.T) {
		outages(t, hung, func(o *outage) {
			for i := range 40 {
				ctx, cancel := context.WithTimeout(o.t.Context(), time.Second)
				_, _ = o.call(ctx, []string{testCustomer, otherID}[i%2])
				cancel()
			}
			o.answers(errReset)
			if sent := o.ask(10); sent != 10 {
				o.t.Error("callers who left before an answer could come made it an outage for others")
			}
		})
	})
}

// What is kept back is told soon, as an outage, and is certainly not done.
func TestOpenBreakerSendsNothing(t *testing.T) {
	outages(t, errReset, func(o *outage) {
		o.row()
		hung := make(chan bool) // the call that is let through
		o.answers(func(*http.Request) (*http.Response, error) { <-hung; return nil, errReset })
		time.Sleep(time.Second)
		go o.ask(1)
		synctest.Wait()

		began := time.Now()
		ctx := WithCorrelationID(o.t.Context(), testUser)
		sent, err := o.call(ctx, testCustomer)
		failed, ok := errors.AsType[*Error](err)
		if sent || !ok || !errors.Is(err, ErrUnavailable) || failed.Status != 0 || failed.CorrelationID != testUser || failed.RequestID == "" {
			o.t.Errorf("sent: %v, %v; want ErrUnavailable with both IDs and nothing sent", sent, err)
		}
		change := clientOf(o.t, Options{Transport: o, Shared: o.shared})
		before := o.asked.Load()
		if err := reset(ctx, change); !errors.Is(err, ErrUnavailable) || errors.Is(err, ErrUnknownOutcome) || o.asked.Load() != before {
			o.t.Errorf("a change: %v after %d calls; want ErrUnavailable, certainly not made", err, o.asked.Load()-before)
		}
		if waited := time.Since(began); waited != 3*time.Second {
			o.t.Errorf("the two waited %v, want 1.5 s each", waited)
		}
		// Who has less time, or leaves, waits no longer than that.
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		began = time.Now()
		if sent, err := o.call(short, testCustomer); sent || !errors.Is(err, ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			o.t.Errorf("with a second to wait: %v after %v", err, time.Since(began))
		}
		// A client of another host is not concerned.
		elsewhere := clientOf(o.t, Options{BaseURL: "https://elsewhere.example", Transport: &answers{list: []any{response(200, noUsers)}}, Shared: o.shared})
		if err := listUsers(ctx, elsewhere); err != nil {
			o.t.Errorf("another host: %v", err)
		}
		close(hung)
	})
}

// One call a second goes through; the first answer, whatever it is, ends it,
// also for those who wait, and with one line in the log each.
func TestBreakerCloses(t *testing.T) {
	for name, answer := range map[string]any{"a success": response(200, noUsers), "a refusal": response(403, ""), "429": response(429, "")} {
		t.Run(name, func(t *testing.T) {
			outages(t, errReset, func(o *outage) {
				o.row()
				began, sent := time.Now(), 0
				for range 30 {
					sent += o.ask(50) // who is kept back waits 1.5 s
				}
				if most := int(time.Since(began) / time.Second); sent < 30 || sent > most {
					o.t.Fatalf("%d calls were sent in %d s", sent, most)
				}
				o.answers(func(*http.Request) (*http.Response, error) {
					time.Sleep(400 * time.Millisecond)
					return o.copied(answer), nil
				})
				if sent := o.ask(50); sent != 50 {
					o.t.Errorf("%d of 50 calls were sent once an answer had come", sent)
				}
				for _, line := range []string{`level=WARN msg="Partner Center doesn't answer; calls are kept back until it does" host=api.partnercenter.microsoft.com`, `level=INFO msg="Partner Center answers again" host=api.partnercenter.microsoft.com`} {
					if n := strings.Count(o.log.String(), line); n != 1 {
						o.t.Errorf("%d lines with %q, want 1", n, line)
					}
				}
				o.answers(errReset)
				o.row() // it takes a whole one to open it again
			})
		})
	}
}

func TestWhatIsNoRow(t *testing.T) {
	t.Run("one customer's failures", func(t *testing.T) {
		outages(t, errReset, func(o *outage) {
			for i := range 100 {
				if sent, _ := o.call(o.t.Context(), testCustomer); !sent {
					o.t.Fatalf("call %d was kept back", i+1)
				}
				time.Sleep(100 * time.Millisecond)
			}
			o.answers(response(200, noUsers))
			if _, err := o.call(o.t.Context(), otherID); err != nil {
				o.t.Errorf("another customer: %v", err)
			}
		})
	})
	t.Run("answers in between", func(t *testing.T) {
		outages(t, errReset, func(o *outage) {
			for range 5 {
				o.answers(errReset)
				if sent := o.ask(19); sent != 19 {
					o.t.Fatalf("%d of 19 calls were sent", sent)
				}
				time.Sleep(2 * time.Second)
				o.answers(response(404, ""))
				o.ask(1)
			}
		})
	})
	t.Run("all in one moment", func(t *testing.T) {
		outages(t, errReset, func(o *outage) {
			if sent := o.ask(40); sent != 40 {
				o.t.Fatalf("%d of 40 calls were sent", sent)
			}
			if sent := o.ask(10); sent != 10 {
				o.t.Errorf("%d of 10 calls were sent", sent)
			}
		})
	})
	t.Run("few in a long time", func(t *testing.T) {
		outages(t, errReset, func(o *outage) {
			for range 40 {
				if sent := o.ask(2); sent != 2 {
					o.t.Fatal("a call was kept back")
				}
				time.Sleep(4 * time.Second)
			}
		})
	})
	t.Run("calls from before the last answer", func(t *testing.T) {
		outages(t, nil, func(o *outage) {
			o.answers(func(*http.Request) (*http.Response, error) {
				time.Sleep(5 * time.Second)
				return nil, errReset
			})
			var slow sync.WaitGroup
			for range 2 {
				slow.Go(func() { o.ask(15) })
				time.Sleep(2 * time.Second)
			}
			o.answers(response(200, noUsers))
			o.ask(1)
			slow.Wait()
			if sent := o.ask(10); sent != 10 {
				o.t.Error("a call was kept back for what had failed before the last answer")
			}
		})
	})
	t.Run("where none is wanted", func(t *testing.T) {
		outages(t, errReset, func(o *outage) {
			o.shared = NewShared(SharedOptions{BreakAfter: -1})
			for range 5 {
				o.row()
			}
		})
	})
}

// A call let through that is not answered does not keep the next one back for
// long, and not at all when its caller leaves.
func TestBreakerDoesNotHangOnOneCall(t *testing.T) {
	outages(t, errReset, func(o *outage) {
		o.row()
		time.Sleep(time.Second)
		o.answers(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		ctx, leave := context.WithCancel(o.t.Context())
		gone := make(chan bool)
		go func() { _, _ = o.call(ctx, testCustomer); gone <- true }()
		synctest.Wait()

		o.answers(errReset)
		time.Sleep(2800 * time.Millisecond)
		if sent := o.ask(10); sent != 0 { // they wait till 4.3 s
			o.t.Errorf("%d calls were let through before 5 s", sent)
		}
		if sent := o.ask(10); sent != 1 { // at 5 s one, and the next would be at 6 s
			o.t.Errorf("%d calls were let through after 5 s, want 1", sent)
		}
		leave()
		<-gone
		began := time.Now()
		if sent, _ := o.call(o.t.Context(), otherID); !sent || time.Since(began) != 0 {
			o.t.Errorf("sent: %v after %v, once the caller had left", sent, time.Since(began))
		}
	})
}
