package directory

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

func (o *office) find(v Viewer, text string) FindView {
	o.t.Helper()
	view, err := o.Find(o.t.Context(), v, text)
	if err != nil {
		o.t.Fatal(err)
	}
	return view
}

// whole reads all users of a customer for a viewer.
func (o *office) whole(v Viewer, customerID string) {
	o.t.Helper()
	if _, err := o.Users(o.t.Context(), v, customerID, Query{}); err != nil {
		o.t.Fatal(err)
	}
	l, err := o.usersOf(v, customerID)
	if err != nil {
		o.t.Fatal(err)
	}
	ended(l)
}

// of is what a find says of one customer.
func (view FindView) of(customerID string) FindCustomer {
	for _, c := range view.Customers {
		if c.Customer.ID == customerID {
			return c
		}
	}
	return FindCustomer{}
}

// One finds where one has a proof, and nowhere else, whatever is held.
func TestFindNeedsAProofForEachCustomer(t *testing.T) {
	o := newOffice(t, 700, Options{})
	v, other := o.viewer("admin-agent"), o.viewer("reader")
	o.whole(v, emulator.ContosoID)
	o.whole(v, bigCustomer)
	o.whole(v, school)
	o.whole(other, emulator.ContosoID)
	_, err := o.Users(t.Context(), other, emulator.AdminOnlyCustomerID, Query{})
	wantError(t, err, partnercenter.ErrForbidden)

	o.service.ResetCalls()
	mine, theirs := o.find(v, "müller"), o.find(other, "MULLER")
	if n := o.asked("/users"); n != 0 {
		t.Errorf("%d calls for users", n)
	}
	if mine.Searched != 3 || theirs.Searched != 1 || mine.Of != theirs.Of || mine.Of < 50 || len(mine.Customers) != mine.Of || mine.Matching <= theirs.Matching || theirs.Matching == 0 {
		t.Errorf("mine: %d of %d, %d match; theirs: %d of %d, %d match", mine.Searched, mine.Of, mine.Matching, theirs.Searched, theirs.Of, theirs.Matching)
	}
	for _, hit := range theirs.Hits {
		if hit.Customer.ID != emulator.ContosoID || hit.Customer.Name == "" || len(hit.Row.NameMarks)+len(hit.Row.UPNMarks) == 0 {
			t.Errorf("%+v", hit)
		}
	}
	one, err := o.Users(t.Context(), other, emulator.ContosoID, Query{Text: "muller"})
	if c := theirs.of(emulator.ContosoID); err != nil || c.State != FindSearched || c.Users != 412 || c.Matching != one.Matching || c.ReadAt.IsZero() {
		t.Errorf("%+v, %v", c, err)
	}
	if c := theirs.of(school); c.State != FindUnread || c.Users != 0 || !c.ReadAt.IsZero() || c.Err != nil {
		t.Errorf("what is held for others shows: %+v", c)
	}
	if c := theirs.of(emulator.AdminOnlyCustomerID); c.State != FindRefused || !errors.Is(c.Err, partnercenter.ErrForbidden) {
		t.Errorf("%+v", c)
	}
	if c := mine.of(emulator.AdminOnlyCustomerID); c.State != FindUnread {
		t.Errorf("another's refusal shows: %+v", c)
	}
	if none := o.find(v, " ,\x00 "); none.Searched != 3 || none.Matching == 0 { // a comma is a word like any other
		t.Errorf("%+v", none)
	}
	if none := o.find(v, " \t "); none.Searched != 3 || none.Matching != 0 || len(none.Hits) != 0 || none.Text != "" {
		t.Errorf("without words %d match", none.Matching)
	}
	_, err = o.Find(t.Context(), o.viewer("expired"), "a")
	wantError(t, err, partnercenter.ErrUnauthorized)
	wantError(t, o.StartSweep(t.Context(), o.viewer("expired")), partnercenter.ErrUnauthorized)
}

// The one who is named exactly comes first, wherever they are; and there is an
// end to what is shown, but not to what is counted.
func TestFindOrder(t *testing.T) {
	o := newOffice(t, 1200, Options{})
	v := o.viewer("admin-agent")
	for _, c := range []string{emulator.ContosoID, bigCustomer, school, emulator.GlobalReaderCustomerID, "fddc944c-7075-4218-8ab3-e15038d51595", "058550b6-f5d2-4de3-b379-e72bef6a9dd2"} {
		o.whole(v, c)
	}
	all := o.find(v, "a")
	if len(all.Hits) != mostHits || all.Matching < 3000 {
		t.Errorf("%d hits of %d", len(all.Hits), all.Matching)
	}
	perCustomer := map[string]int{}
	for _, hit := range all.Hits {
		perCustomer[hit.Customer.ID]++
	}
	for id, n := range perCustomer {
		if n > mostHitsOfOne {
			t.Errorf("%d hits of %s", n, id)
		}
	}
	if !slices.IsSortedFunc(all.Hits, func(a, b FindHit) int {
		return (collation{}).collator().CompareString(a.Customer.Name, b.Customer.Name)
	}) {
		t.Error("not by customer")
	}
	row := o.view(v, Query{Sort: Sort{By: ByUPN, Descending: true}}).Rows[0]
	for _, text := range []string{strings.ToUpper(row.UPN), row.ID} {
		found := o.find(v, text)
		if hit := found.Hits[0]; !hit.Exact || hit.Row.ID != row.ID || hit.Customer.ID != bigCustomer || found.Matching != 1 {
			t.Errorf("%q finds %+v first", text, hit)
		}
	}
}

// swept waits until a viewer's sweep has ended.
func (o *office) swept(v Viewer) SweepState {
	o.t.Helper()
	<-o.sweepOf(v).done
	return o.find(v, "").Sweep
}

// A sweep reads whom the viewer may see, one after the other, on their own
// grant; those who refuse are skipped, and are not asked again for a while.
func TestSweep(t *testing.T) {
	o := newOffice(t, 700, Options{})
	v, other := o.viewer("reader"), o.viewer("admin-agent")
	o.whole(other, emulator.ContosoID) // held, but not for v
	if s := o.find(v, "").Sweep; s != (SweepState{}) {
		t.Errorf("before there is one: %+v", s)
	}
	ctx, cancel := context.WithCancel(t.Context())
	o.service.ResetCalls()
	if err := o.StartSweep(ctx, v); err != nil {
		t.Fatal(err)
	}
	cancel() // the request is over
	s := o.swept(v)
	refuse := []string{emulator.AdminOnlyCustomerID, emulator.NobodyCustomerID, emulator.DepartedCustomerID}
	view := o.find(v, "müller")
	if s.Running || s.Err != nil || s.Done != view.Of || s.Of != view.Of || s.Skipped != len(refuse) || s.Now != (Customer{}) || s.Started.IsZero() {
		t.Errorf("%+v of %d customers", s, view.Of)
	}
	if view.Searched != view.Of-len(refuse) || view.Matching < 20 {
		t.Errorf("searched %d of %d, %d match", view.Searched, view.Of, view.Matching)
	}
	for _, id := range refuse {
		if c := view.of(id); c.State != FindRefused || !errors.Is(c.Err, partnercenter.ErrForbidden) {
			t.Errorf("%+v", c)
		}
	}
	var order []string
	calls := map[string]int{}
	for _, c := range o.service.Calls() {
		if id, ok := strings.CutSuffix(strings.TrimPrefix(c.Path, "/v1/customers/"), "/users"); ok {
			if c.Person != "reader" {
				t.Errorf("on the grant of %s", c.Person)
			}
			if calls[id]++; len(order) == 0 || order[len(order)-1] != id {
				order = append(order, id)
			}
		}
	}
	if len(order) != view.Of || calls[emulator.ContosoID] != 1 {
		t.Errorf("%d customers were read in %d goes; %d calls to the one that was held", view.Of, len(order), calls[emulator.ContosoID])
	}
	if mine := o.find(other, "müller"); mine.Searched != 1 || mine.Sweep != (SweepState{}) {
		t.Errorf("another person has of it %d and %+v", mine.Searched, mine.Sweep)
	}

	o.service.ResetCalls()
	if err := o.StartSweep(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	if s := o.swept(v); s.Of != len(refuse) || s.Skipped != len(refuse) || s.Done != s.Of || o.asked("/users") != 0 {
		t.Errorf("again: %+v, %d calls", s, o.asked("/users"))
	}
}

// A sweep is one a person, and stops when they say so; what was read stays.
func TestStopSweep(t *testing.T) {
	o := newOffice(t, 700, Options{})
	v := o.viewer("admin-agent")
	if err := o.StopSweep(t.Context(), v); err != nil {
		t.Errorf("without one: %v", err)
	}
	o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", After: 5, Hang: true})
	if err := o.StartSweep(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	first := o.sweepOf(v)
	if err := o.StartSweep(t.Context(), v); err != nil || o.sweepOf(v) != first {
		t.Errorf("a second one beside the first: %v", err)
	}
	for o.asked("/users") < 6 {
		time.Sleep(time.Millisecond)
	}
	s := o.find(v, "").Sweep
	if !s.Running || s.Done != 5 || s.Now.ID == "" || s.Of < 50 {
		t.Errorf("%+v", s)
	}
	if err := o.StopSweep(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	view := o.find(v, "a")
	if s := view.Sweep; s.Running || s.Err != nil || s.Done != 5 || s.Now != (Customer{}) || view.Searched != 5 {
		t.Errorf("%d searched: %+v", view.Searched, s)
	}
	if o.lobby.all != (seats{}) {
		t.Errorf("a load goes on: %+v", o.lobby.all)
	}
	o.service.ClearFaults()
	if err := o.StartSweep(t.Context(), v); err != nil || o.sweepOf(v) == first {
		t.Errorf("it can't be started again: %v", err)
	}
	if s := o.swept(v); s.Err != nil || s.Done != s.Of || s.Of != view.Of-5 {
		t.Errorf("%+v", s)
	}
}

// A sweep that nobody looks at ends after two minutes, and so does what it reads.
func TestSweepUnwatched(t *testing.T) {
	bubble(t, 10, Options{PageTimeout: time.Hour}, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.find(v, "")
		o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Latency: 40 * time.Second})
		if err := o.StartSweep(t.Context(), v); err != nil {
			t.Fatal(err)
		}
		for range 4 { // while it is watched
			time.Sleep(unwatched - time.Second)
			asked := time.Now() // the third time the list of customers waits to be read anew, behind the sweep
			if s := o.find(v, "").Sweep; !s.Running || time.Since(asked) != 0 {
				t.Fatalf("after %v: %+v", time.Since(asked), s)
			}
		}
		time.Sleep(unwatched - time.Second)
		synctest.Wait()
		if s := o.sweepOf(v); s.ctx.Err() != nil {
			t.Error("it ended before its time")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		s := o.find(v, "").Sweep
		if s.Running || s.Err != nil || s.Done == 0 || s.Done >= s.Of || o.lobby.all != (seats{}) {
			t.Errorf("%+v, %+v", s, o.lobby.all)
		}
		// A customer that takes longer than that is read to its end.
		o.service.SetFault(emulator.Fault{Name: "", PathPrefix: "/customers/*/users", Latency: 4 * time.Minute})
		if err := o.StartSweep(t.Context(), v); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			time.Sleep(unwatched - 30*time.Second)
			o.find(v, "")
		}
		if after := o.find(v, "").Sweep; after.Done == 0 {
			t.Errorf("%+v", after)
		}
	})
}

// Partner Center is down: after three customers without an answer the sweep
// ends and says why. A customer that fails alone is passed over.
func TestSweepWhileDown(t *testing.T) {
	bubble(t, 10, Options{}, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.service.SetFault(emulator.Fault{Name: "one", CustomerID: school, PathPrefix: "/customers/*/users", Status: http.StatusBadGateway})
		if err := o.StartSweep(t.Context(), v); err != nil {
			t.Fatal(err)
		}
		s := o.swept(v)
		view := o.find(v, "")
		if c := view.of(school); s.Err != nil || s.Done != s.Of || c.State != FindFailed || !errors.Is(c.Err, partnercenter.ErrUnavailable) {
			t.Errorf("%+v, %+v", s, c)
		}
		o.service.ClearFaults()
		if err := o.StartSweep(t.Context(), v); err != nil {
			t.Fatal(err)
		}
		if s := o.swept(v); s.Err != nil || s.Of != 1+s.Skipped || o.find(v, "").of(school).State != FindSearched {
			t.Errorf("%+v", s)
		}

		time.Sleep(hardAge + time.Second)
		if err := o.StartSweep(t.Context(), v); err != nil { // the list of customers is fresh now
			t.Fatal(err)
		}
		if err := o.StopSweep(t.Context(), v); err != nil {
			t.Fatal(err)
		}
		o.service.SetFault(emulator.Fault{Status: http.StatusServiceUnavailable})
		o.service.ResetCalls()
		if err := o.StartSweep(t.Context(), v); err != nil {
			t.Fatal(err)
		}
		s = o.swept(v)
		if s.Running || !errors.Is(s.Err, partnercenter.ErrUnavailable) || s.Done >= s.Of || o.asked("/users") > silences {
			t.Errorf("%+v after %d calls", s, o.asked("/users"))
		}
	})
}

// The token runs out: the sweep ends, and nobody else is asked for.
func TestSweepWithoutAToken(t *testing.T) {
	o := newOffice(t, 10, Options{})
	v := o.viewer("admin-agent")
	o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", After: 3, Status: http.StatusUnauthorized})
	if err := o.StartSweep(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	if s := o.swept(v); !errors.Is(s.Err, partnercenter.ErrUnauthorized) || s.Done != 3 || o.asked("/users") != 4 {
		t.Errorf("%+v after %d calls", s, o.asked("/users"))
	}
}

// A sweep leaves a quarter of the memory alone, and what it read makes room
// for what a person looks at.
func TestSweepLeavesRoom(t *testing.T) {
	o := newOffice(t, 5000, Options{MaxBytes: 1500 << 10})
	v := o.viewer("admin-agent")
	if err := o.StartSweep(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	s := o.swept(v)
	if !errors.Is(s.Err, ErrNoRoom) || s.Done == 0 || s.Done >= s.Of {
		t.Errorf("%+v", s)
	}
	view, err := o.Users(t.Context(), v, emulator.GlobalReaderCustomerID, Query{})
	if err != nil {
		t.Fatal(err)
	}
	l, _ := o.usersOf(v, emulator.GlobalReaderCustomerID)
	ended(l)
	if view, err = o.Users(t.Context(), v, emulator.GlobalReaderCustomerID, Query{}); err != nil || view.State != StateComplete || view.Read != 2400 {
		t.Errorf("%+v, %v", view.Reading, err)
	}
}

// What a person waits for goes before what their sweep reads.
func TestSweepStandsBack(t *testing.T) {
	bubble(t, 10, Options{PageTimeout: time.Hour, Patience: time.Minute}, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.find(v, "")
		o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Latency: 10 * time.Second})
		if err := o.StartSweep(t.Context(), v); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if o.lobby.all != (seats{all: 1, behind: 1}) {
			t.Errorf("%+v", o.lobby.all)
		}
		started := time.Now()
		if view, err := o.Users(t.Context(), v, school, Query{}); err != nil || view.Read == 0 || time.Since(started) != 10*time.Second {
			t.Errorf("after %v: %+v, %v", time.Since(started), view.Reading, err)
		}
	})
}
