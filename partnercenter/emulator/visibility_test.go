package emulator_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

func name(t *testing.T, s service) string {
	t.Helper()
	return decode[user](t, s.get(t, daniel)).DisplayName
}

func TestAChangeShowsAfterSoManyReads(t *testing.T) {
	s := start(t, emulator.Options{ShowAfterReads: 2})
	s.send(t, "admin-agent", "PATCH", daniel, dan).must(t, 200)
	got := []string{name(t, s), name(t, s), name(t, s)}
	if want := []string{"Daniel Tsai", "Daniel Tsai", "Dan"}; !slices.Equal(got, want) {
		t.Errorf("read after read: %v, want %v", got, want)
	}
}

// The write's own answer, and every later write, go by the truth.
func TestWritesGoByTheTruth(t *testing.T) {
	s := start(t, emulator.Options{ShowAfter: time.Hour})
	if got := s.send(t, "admin-agent", "PATCH", daniel, dan); !strings.Contains(got.body, `"displayName":"Dan"`) {
		t.Errorf("answered %s", got.body)
	}
	made := decode[user](t, s.send(t, "admin-agent", "POST", documented+"/users", newUserIn).must(t, 201))
	s.send(t, "admin-agent", "POST", documented+"/users", newUserIn).must(t, 409)
	s.get(t, documented+"/users/"+made.ID).must(t, 404)
	s.send(t, "admin-agent", "PATCH", documented+"/users/"+made.ID, dan).must(t, 200)
	s.send(t, "admin-agent", "POST", documented+"/users/"+made.ID+"/licenseupdates", assign(emsE3)).must(t, 201)
	s.send(t, "admin-agent", "DELETE", daniel, "").must(t, 204)
	s.send(t, "admin-agent", "DELETE", daniel, "").must(t, 404)
	if got := name(t, s); got != "Daniel Tsai" {
		t.Errorf("reads show %q", got)
	}
	if got := seatsOf(t, s, documented)["EMS"]; got != [2]int{4, 1} {
		t.Errorf("reads count %v, want 4 and 1", got)
	}
}

func TestAChangeShowsAfterAWhile(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := start(t, emulator.Options{Now: func() time.Time { return now }, ShowAfter: 30 * time.Second})
	s.send(t, "admin-agent", "DELETE", daniel, "").must(t, 204)
	for range 5 {
		s.get(t, daniel).must(t, 200)
	}
	now = now.Add(29 * time.Second)
	s.get(t, daniel).must(t, 200)
	if n := decode[users](t, s.get(t, documented+deletedOf)).TotalCount; n != 1 {
		t.Errorf("%d deleted users shown, want 1", n)
	}
	now = now.Add(time.Second)
	s.get(t, daniel).must(t, 404)
	if n := decode[users](t, s.get(t, documented+deletedOf)).TotalCount; n != 2 {
		t.Errorf("%d deleted users shown, want 2", n)
	}
}

func TestReadsOrAWhileWhicheverComesFirst(t *testing.T) {
	for name, reads := range map[string]int{"the reads": 1, "the while": 100} {
		t.Run(name, func(t *testing.T) {
			now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
			s := start(t, emulator.Options{Now: func() time.Time { return now }, ShowAfterReads: reads, ShowAfter: time.Minute})
			s.send(t, "admin-agent", "DELETE", daniel, "").must(t, 204)
			s.get(t, daniel).must(t, 200)
			if reads == 100 {
				now = now.Add(time.Minute)
			}
			s.get(t, daniel).must(t, 404)
		})
	}
}

// A fault makes one change late; others show at once, but a user's changes
// keep their order.
func TestAFaultMakesAChangeLate(t *testing.T) {
	s := start(t, emulator.Options{})
	s.SetFault(emulator.Fault{Method: "PATCH", ShowAfterReads: 2, Times: 1})
	s.send(t, "admin-agent", "PATCH", daniel, dan).must(t, 200)
	s.send(t, "admin-agent", "PATCH", theAdmin, `{"displayName":"Root"}`).must(t, 200)
	s.send(t, "admin-agent", "PATCH", daniel, `{"displayName":"Danny"}`).must(t, 200)

	if got := decode[user](t, s.get(t, theAdmin)).DisplayName; got != "Root" {
		t.Errorf("the other user is %q, want Root at once", got)
	}
	got := []string{name(t, s), name(t, s)}
	if want := []string{"Daniel Tsai", "Danny"}; !slices.Equal(got, want) {
		t.Errorf("read after read: %v, want %v", got, want)
	}
}

// Reads of another customer do not count.
func TestReadsCountByCustomer(t *testing.T) {
	s := start(t, emulator.Options{ShowAfterReads: 1})
	s.send(t, "admin-agent", "PATCH", daniel, dan).must(t, 200)
	s.get(t, contoso+"/users").must(t, 200)
	s.get(t, "/v1/customers").must(t, 200)
	if got := name(t, s); got != "Daniel Tsai" {
		t.Errorf("first read: %q", got)
	}
	if got := name(t, s); got != "Dan" {
		t.Errorf("second read: %q", got)
	}
}
