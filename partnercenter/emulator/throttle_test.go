package emulator_test

import (
	"slices"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

func TestTheThrottleCountsByCustomerAndKind(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := start(t, emulator.Options{Now: func() time.Time { return now }, ReadsPerMinute: 3, WritesPerMinute: 1})
	statuses := func(calls ...func() answer) (got []int) {
		for _, call := range calls {
			got = append(got, call().status)
		}
		return got
	}
	read := func() answer { return s.get(t, daniel) }
	write := func() answer { return s.send(t, "admin-agent", "PATCH", daniel, dan) }
	elsewhere := func() answer { return s.get(t, contoso+"/users") }
	partners := func() answer { return s.get(t, "/v1/customers") }
	stranger := func() answer { return s.ask(t, "nobody-knows", "GET", daniel) }

	got := statuses(read, stranger, read, stranger, read, read, write, write, elsewhere, partners)
	if want := []int{200, 401, 200, 401, 200, 429, 200, 429, 200, 200}; !slices.Equal(got, want) {
		t.Errorf("statuses %v, want %v", got, want)
	}
}

// 57 seconds to wait, byte for byte as documented; who waits so long is let in.
func TestTheThrottleSaysHowLongToWait(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := start(t, emulator.Options{Now: func() time.Time { return now }, ReadsPerMinute: 2})
	s.get(t, daniel).must(t, 200)
	now = now.Add(2 * time.Second)
	s.get(t, daniel).must(t, 200)
	now = now.Add(3 * time.Second)
	got := s.get(t, daniel)
	const want = `{ "statusCode": 429, "message": "Rate limit is exceeded. Try again in 57 seconds." }`
	if got.status != 429 || got.body != want || got.header.Get("Retry-After") != "57" {
		t.Errorf("%d %s, Retry-After %s", got.status, got.body, got.header.Get("Retry-After"))
	}
	now = now.Add(57 * time.Second)
	s.get(t, daniel).must(t, 200)
}

// Refused calls count: who does not wait is never let in again.
func TestHammeringKeepsOneOut(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := start(t, emulator.Options{Now: func() time.Time { return now }, WritesPerMinute: 2})
	write := func() int { return s.send(t, "admin-agent", "PATCH", daniel, dan).status }
	for i := range 60 {
		want := 429
		if i < 2 {
			want = 200
		}
		if got := write(); got != want {
			t.Fatalf("call %d, %d seconds on: %d, want %d", i, 5*i, got, want)
		}
		now = now.Add(5 * time.Second)
	}
	now = now.Add(55 * time.Second)
	if got := write(); got != 200 {
		t.Errorf("after waiting: %d", got)
	}
}

// The throttle stands before the rest of the service: it does not know who may what.
func TestTheThrottleComesFirst(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := start(t, emulator.Options{Now: func() time.Time { return now }, ReadsPerMinute: 1})
	s.ask(t, "no-gdap", "GET", documented+"/users").must(t, 403)
	s.ask(t, "admin-agent", "GET", documented+"/users").must(t, 429)
}
