package directory

import (
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

// quick is for tests of what is read, not of how fast.
var quick = Options{LicensesPerMinute: 1e9}

// licensed asks for the users of the big customer with their licenses.
func (o *office) licensed(v Viewer, q Query) UsersView {
	o.t.Helper()
	view, err := o.Users(o.t.Context(), v, bigCustomer, q, KindLicenses)
	if err != nil {
		o.t.Fatal(err)
	}
	return view
}

// untilLicensed asks until all licenses of those who are there are read.
func (o *office) untilLicensed(v Viewer) UsersView {
	o.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		view := o.licensed(v, Query{})
		if view.Complete() && view.Licenses.Complete() && !view.Licenses.Reading {
			return view
		}
		if time.Now().After(deadline) {
			o.t.Fatalf("not all licenses are ever read: %+v", view.Licenses)
		}
		time.Sleep(time.Millisecond)
	}
}

// licensesAt is what Partner Center says of a user.
func (o *office) licensesAt(v Viewer, id string) []partnercenter.License {
	o.t.Helper()
	read, err := v.Client.Customer(bigCustomer).User(id).Licenses(o.t.Context(), partnercenter.Group1, partnercenter.Group2)
	if err != nil {
		o.t.Fatal(err)
	}
	return read
}

// What a view says of licenses is what Partner Center says of each user, asked
// one by one.
func TestLicensesOfUsers(t *testing.T) {
	o := newOffice(t, 700, quick)
	v := o.viewer("admin-agent")
	view := o.untilLicensed(v)
	if view.Licenses.Read != 700 || view.Licenses.Of != 700 || view.Licenses.Asks != 0 || view.Licenses.Oldest.IsZero() {
		t.Errorf("%+v", view.Licenses)
	}
	with, without, plans := map[string]int{}, 0, map[string]int{}
	for page := 1; page <= view.Pages; page++ {
		for _, row := range o.licensed(v, Query{Page: page}).Rows {
			said := o.licensesAt(v, row.ID)
			var skus []string
			on := map[string]bool{}
			for _, l := range said {
				skus = append(skus, l.SKUID)
				with[l.SKUID]++
				if name := view.Names[l.SKUID]; name != (Name{l.Name, l.PartNumber}) {
					t.Errorf("%s is called %+v, want %s, %s", l.SKUID, name, l.Name, l.PartNumber)
				}
				for _, p := range l.ServicePlans {
					on[p.ID] = on[p.ID] || p.CapabilityStatus == "Assigned"
				}
			}
			for id, on := range on {
				if on {
					plans[id]++
				}
			}
			if len(said) == 0 {
				without++
			}
			got := slices.Sorted(slices.Values(row.Licenses))
			if slices.Sort(skus); !row.LicensesRead || !slices.Equal(got, skus) {
				t.Errorf("%s has %v, want %v", row.ID, got, skus)
			}
			if !slices.IsSortedFunc(row.Licenses, func(a, b string) int { return compareFold(view.Names[a].Name, view.Names[b].Name) }) {
				t.Errorf("not in the order of their names: %v", row.Licenses)
			}
		}
	}
	if view.Counts.Unlicensed != (Count{without, without}) {
		t.Errorf("unlicensed %+v, want %d", view.Counts.Unlicensed, without)
	}
	facets := func(list []Facet) map[string]int {
		counts := map[string]int{}
		for _, f := range list {
			counts[f.Value] = f.All
		}
		return counts
	}
	if got := facets(view.Counts.Licenses); !equalCounts(got, with) {
		t.Errorf("licenses %v, want %v", got, with)
	}
	if got := facets(view.Counts.Plans); !equalCounts(got, plans) {
		t.Errorf("plans %v, want %v", got, plans)
	}
	for sku, n := range with {
		if found := o.licensed(v, Query{Licenses: []string{sku}}); found.Matching != n {
			t.Errorf("with %s: %d, want %d", sku, found.Matching, n)
		}
	}
	for plan, n := range plans {
		if found := o.licensed(v, Query{Plans: []string{plan}}); found.Matching != n {
			t.Errorf("with plan %s: %d, want %d", plan, found.Matching, n)
		}
	}
	if found := o.licensed(v, Query{Licenses: []string{NoLicense}}); found.Matching != without {
		t.Errorf("without: %d, want %d", found.Matching, without)
	}
}

func compareFold(a, b string) int { return slices.Compare([]byte(plainFold(a)), []byte(plainFold(b))) }

func equalCounts(a, b map[string]int) bool {
	for key, n := range a {
		if b[key] != n {
			return false
		}
	}
	return len(a) == len(b)
}

// licenseCalls are the users whose licenses were asked for, in order, with who
// asked and what came of it.
func (o *office) licenseCalls() (calls []emulator.Call) {
	for _, c := range o.service.Calls() {
		if strings.HasSuffix(c.Path, "/licenses") {
			calls = append(calls, c)
		}
	}
	return calls
}

func userOf(c emulator.Call) string { return strings.Split(c.Path, "/")[5] }

// licensedAfter asks for a view, and again once all that can go on without the
// clock has.
func (o *office) licensedAfter(v Viewer, q Query) UsersView {
	o.t.Helper()
	o.licensed(v, q)
	synctest.Wait()
	return o.licensed(v, q)
}

// Without a word about licenses no call is made for them, and the view has none.
func TestLicensesUnasked(t *testing.T) {
	bubble(t, 700, quick, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.view(v, Query{})
		view := o.settled(v)
		if calls := o.licenseCalls(); len(calls) > 0 {
			t.Errorf("%d calls", len(calls))
		}
		if view.Licenses != (LicensesReading{}) || view.Roles != (RolesReading{}) || view.Counts.Licenses != nil || view.Counts.Roles != nil || view.Names != nil || view.Rows[0].LicensesRead {
			t.Errorf("%+v, %+v", view.Licenses, view.Counts)
		}
	})
}

// The rows on screen are read first, those of the latest page before all; then
// the rest in the list's order, until the budget is used up. Then it asks.
func TestRowsOnScreenFirst(t *testing.T) {
	bubble(t, 700, Options{LicenseBudget: 200, LicensesPerMinute: 1e9}, func(t *testing.T, o *office) {
		o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users/*/licenses", Latency: time.Second})
		v := o.viewer("admin-agent")
		o.view(v, Query{})
		o.settled(v)
		if _, err := o.Prove(t.Context(), v, bigCustomer, KindLicenses); err != nil {
			t.Fatal(err)
		}
		o.service.ResetCalls()
		fifth := o.licensed(v, Query{Page: 5})
		if !fifth.Licenses.Reading || fifth.Rows[0].LicensesRead {
			t.Errorf("%+v", fifth.Licenses)
		}
		time.Sleep(3 * time.Second) // two at four a second are read, and a third of four is on its way
		third := o.licensed(v, Query{Page: 3})
		if n := third.Licenses.Read; n < 8 || n > 12 {
			t.Errorf("%d read after three seconds", n)
		}
		time.Sleep(20 * time.Second)
		o.licensed(v, Query{Page: 3})
		time.Sleep(time.Minute)
		view := o.licensed(v, Query{})
		if view.Licenses.Read != 200 || view.Licenses.Of != 700 || view.Licenses.Asks != 200 || view.Licenses.Reading && view.Rows[0].LicensesRead {
			t.Errorf("once the budget is used up: %+v", view.Licenses)
		}
		calls := o.licenseCalls()
		on := func(view UsersView, id string) bool {
			return slices.ContainsFunc(view.Rows, func(r UserRow) bool { return r.ID == id })
		}
		for i, c := range calls[:56] {
			if id := userOf(c); i < 12 && !on(fifth, id) || i >= 16 && !on(third, id) {
				t.Errorf("call %d is for %s, who is not on screen", i, id)
			}
		}
		first := o.view(v, Query{})
		for i, c := range calls[len(calls)-130 : len(calls)-100] {
			if id := userOf(c); !on(first, id) && i < 30 {
				t.Errorf("the rest begins with %s, not with the first of the list", id)
			}
		}

		// A page beyond the budget is read nevertheless, when somebody looks at it.
		o.licensed(v, Query{Page: 14})
		time.Sleep(20 * time.Second)
		if last := o.licensed(v, Query{Page: 14}); !last.Rows[0].LicensesRead || !last.Rows[49].LicensesRead || last.Licenses.Asks == 0 {
			t.Errorf("on screen, beyond the budget: %+v", last.Licenses)
		}
		if err := o.ReadLicenses(t.Context(), v, bigCustomer); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		o.licensed(v, Query{})
		time.Sleep(time.Minute)
		if view := o.licensed(v, Query{}); view.Licenses.Read != 450 || view.Licenses.Asks != 200 {
			t.Errorf("after another budget: %+v", view.Licenses)
		}
		for range 2 {
			if err := o.ReadLicenses(t.Context(), v, bigCustomer); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		if view := o.licensed(v, Query{}); !view.Licenses.Complete() || view.Licenses.Asks != 0 || view.Licenses.Reading {
			t.Errorf("all: %+v", view.Licenses)
		}
	})
}

// A person stops the reading: what was read stays, nothing more is read until
// one goes on.
func TestStopLicenses(t *testing.T) {
	bubble(t, 700, Options{LicensesPerMinute: 1e9}, func(t *testing.T, o *office) {
		o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users/*/licenses", Latency: time.Second})
		v, other := o.viewer("admin-agent"), o.viewer("reader")
		o.licensed(v, Query{})
		time.Sleep(10 * time.Second)
		if err := o.StopLicenses(t.Context(), v, bigCustomer); err != nil {
			t.Fatal(err)
		}
		read := o.licensed(v, Query{}).Licenses
		if !read.Stopped || read.Reading || read.Read < 30 || read.Err != nil {
			t.Errorf("%+v", read)
		}
		synctest.Wait() // those on their way are in the log
		calls := len(o.licenseCalls())
		o.licensed(other, Query{})
		time.Sleep(time.Minute)
		if view := o.licensedAfter(other, Query{Page: 9}); !view.Licenses.Stopped || len(o.licenseCalls()) != calls+1 || view.Licenses.Read > read.Read+1 { // the other's proof
			t.Errorf("%d calls after it was stopped: %+v", len(o.licenseCalls())-calls, view.Licenses)
		}
		if err := o.ReadLicenses(t.Context(), other, bigCustomer); err != nil {
			t.Fatal(err)
		}
		for range 4 {
			time.Sleep(time.Minute)
			o.licensed(v, Query{})
		}
		if view := o.licensed(v, Query{}); view.Licenses.Stopped || !view.Licenses.Complete() {
			t.Errorf("after going on: %+v", view.Licenses)
		}
	})
}

// Nobody looks for two minutes: the reading stops; a look goes on.
func TestLicensesUnwatched(t *testing.T) {
	bubble(t, 700, Options{LicensesPerMinute: 1e9}, func(t *testing.T, o *office) {
		o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users/*/licenses", Latency: 1500 * time.Millisecond})
		v := o.viewer("admin-agent")
		o.licensed(v, Query{})
		time.Sleep(unwatched + 5*time.Second)
		calls := len(o.licenseCalls())
		time.Sleep(time.Minute)
		if now := len(o.licenseCalls()); now != calls || calls < 300 || calls > 345 {
			t.Errorf("%d calls, and %d a minute later", calls, now)
		}
		o.view(v, Query{}) // a look at the list alone is none at licenses
		time.Sleep(10 * time.Second)
		if now := len(o.licenseCalls()); now != calls {
			t.Errorf("%d calls after a look at the list alone", now-calls)
		}
		view := o.licensed(v, Query{})
		if !view.Licenses.Reading || view.Licenses.Read < 200 {
			t.Errorf("a look goes on: %+v", view.Licenses)
		}
		time.Sleep(100 * time.Second)
		o.licensed(v, Query{})
		time.Sleep(100 * time.Second)
		o.licensed(v, Query{})
		time.Sleep(100 * time.Second)
		if view := o.licensed(v, Query{}); !view.Licenses.Complete() {
			t.Errorf("%+v", view.Licenses)
		}
	})
}

// The failure of the grant that is read on is that person's alone: the next
// who may see licenses goes on, and a missing role takes away the proof of
// licenses only.
func TestLicensesPassedOn(t *testing.T) {
	for name, tt := range map[string]struct {
		fault emulator.Fault
		want  error
	}{
		"signed out":      {emulator.Fault{Status: http.StatusUnauthorized}, partnercenter.ErrUnauthorized},
		"a role is taken": {emulator.Fault{Status: http.StatusForbidden, Code: 2032}, partnercenter.ErrForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 700, Options{LicensesPerMinute: 1e9}, func(t *testing.T, o *office) {
				o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users/*/licenses", Latency: time.Second})
				first, second := o.viewer("reader"), o.viewer("admin-agent")
				o.licensed(second, Query{})
				time.Sleep(time.Second)
				o.licensed(first, Query{}) // looked last: their grant is used
				time.Sleep(5 * time.Second)
				fault := tt.fault
				fault.PathPrefix, fault.Person = "/customers/*/users/*/licenses", "reader"
				o.service.SetFault(fault)
				time.Sleep(5 * time.Second)
				o.service.ResetCalls()
				time.Sleep(5 * time.Second)
				if calls := o.licenseCalls(); len(calls) < 12 || slices.ContainsFunc(calls, func(c emulator.Call) bool { return c.Person != "admin-agent" || c.Status != http.StatusOK }) {
					t.Errorf("%d calls: %+v", len(calls), calls)
				}
				if view := o.licensed(second, Query{}); view.Licenses.Err != nil || !view.Licenses.Reading {
					t.Errorf("the second: %+v", view.Licenses)
				}
				view := o.licensed(first, Query{})
				if withheld := view.Licenses.Withheld; !errors.Is(withheld, tt.want) || len(view.Rows) == 0 || view.Counts.Licenses != nil {
					t.Errorf("the first: %+v, %v", view.Licenses, view.Counts.Licenses)
				}
			})
		})
	}
}

// Who may not see licenses sees the list without them and why; a filter or a
// sort on them is refused; and to look again is not to ask again.
func TestLicensesWithheld(t *testing.T) {
	bubble(t, 700, quick, func(t *testing.T, o *office) {
		v, other := o.viewer("reader"), o.viewer("admin-agent")
		o.licensed(other, Query{})
		time.Sleep(time.Minute) // all read
		o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users/*/licenses", Person: "reader", Status: http.StatusForbidden, Code: 2032})
		for range 5 {
			view := o.licensed(v, Query{Text: "a"})
			if !errors.Is(view.Licenses.Withheld, partnercenter.ErrForbidden) || view.Licenses.Read != 0 || len(view.Rows) == 0 || view.Rows[0].LicensesRead || view.Names != nil || view.Counts.Licenses != nil || view.Counts.Unlicensed != (Count{}) {
				t.Errorf("%+v %+v", view.Licenses, view.Rows[0])
			}
		}
		var mine int
		for _, c := range o.licenseCalls() {
			if c.Person == "reader" {
				mine++
			}
		}
		if mine != 1 {
			t.Errorf("asked %d times", mine)
		}
		for name, q := range map[string]Query{
			"license": {Licenses: []string{NoLicense}}, "plan": {Plans: []string{fakeID(1)}}, "sort": {Sort: Sort{By: ByLicenses}},
		} {
			_, err := o.Users(t.Context(), v, bigCustomer, q)
			refused, ok := errors.AsType[*KindError](err)
			if !ok || refused.Kind != KindLicenses || !errors.Is(err, partnercenter.ErrForbidden) {
				t.Errorf("by %s: %v", name, err)
			}
		}
		if err := o.ReadLicenses(t.Context(), v, bigCustomer); !errors.Is(err, partnercenter.ErrForbidden) {
			t.Errorf("%v", err)
		}
		if _, _, ok := o.LicensesFound(v, bigCustomer); ok {
			t.Error("what was found is told to who may not see it")
		}
		if _, r, ok := o.LicensesFound(other, bigCustomer); !ok || !r.Complete() {
			t.Errorf("found: %+v, %v", r, ok)
		}
		o.service.ClearFaults()
		if _, err := o.Prove(t.Context(), v, bigCustomer, KindLicenses); err != nil { // the page of a user, for one
			t.Fatal(err)
		}
		if view := o.licensed(v, Query{}); view.Licenses.Withheld != nil || !view.Rows[0].LicensesRead {
			t.Errorf("%+v", view.Licenses)
		}
	})
}

// While the proof takes its time, the list does not wait for it for long.
func TestLicensesPending(t *testing.T) {
	bubble(t, 700, quick, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.view(v, Query{})
		o.settled(v)
		o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users/*/licenses", Latency: 5 * time.Second})
		started := time.Now()
		view := o.licensed(v, Query{})
		if time.Since(started) != kindPatience || !view.Licenses.Reading || view.Licenses.Withheld != nil || view.Licenses.Of != 700 || len(view.Rows) != 50 {
			t.Errorf("after %v: %+v", time.Since(started), view.Licenses)
		}
		started = time.Now()
		if o.licensed(v, Query{}); time.Since(started) != 0 {
			t.Errorf("the next view waits for another %v", time.Since(started))
		}
		if found := o.licensed(v, Query{Licenses: []string{NoLicense}}); time.Since(started) != 3*time.Second || found.Licenses.Read != 1 {
			t.Errorf("a filter waits: after %v: %+v", time.Since(started), found.Licenses)
		}
	})
}

// Partner Center wants no calls for a while: none is made, the view says how
// long, and then it goes on, slower.
func TestLicensesThrottled(t *testing.T) {
	bubble(t, 700, Options{}, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.licensed(v, Query{})
		o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users/*/licenses", Status: http.StatusTooManyRequests, RetryAfter: 57 * time.Second, Times: 1})
		time.Sleep(10 * time.Second)
		o.service.ResetCalls()
		view := o.licensed(v, Query{})
		if view.Licenses.Wait < 40*time.Second || view.Licenses.Wait > 60*time.Second || !view.Licenses.Reading || view.Licenses.Err != nil {
			t.Errorf("%+v", view.Licenses)
		}
		time.Sleep(45 * time.Second)
		if n := len(o.licenseCalls()); n > 0 {
			t.Errorf("%d calls while none is wanted", n)
		}
		for range 40 {
			time.Sleep(time.Minute)
			o.licensed(v, Query{})
		}
		if view := o.licensed(v, Query{}); !view.Licenses.Complete() || view.Licenses.Wait != 0 {
			t.Errorf("%+v", view.Licenses)
		}
		for _, c := range o.licenseCalls() {
			if c.Status == http.StatusTooManyRequests {
				t.Error("refused again")
			}
		}
	})
}

// A user who can't be read holds nobody up; one whom Partner Center does not
// know any more is not counted.
func TestLicensesOfAUserFail(t *testing.T) {
	bubble(t, 120, quick, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.view(v, Query{})
		rows := o.settled(v).Rows
		bad, gone := rows[7], rows[3]
		o.service.SetFault(emulator.Fault{Name: "bad", PathPrefix: "/customers/*/users/" + bad.ID + "/licenses", Status: http.StatusInternalServerError})
		o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users/" + gone.ID + "/licenses", Status: http.StatusNotFound, Code: 60002})
		o.licensed(v, Query{})
		time.Sleep(30 * time.Second)
		view := o.licensed(v, Query{})
		if r := view.Licenses; r.Read != 118 || r.Of != 119 || r.Reading || !errors.Is(r.Err, partnercenter.ErrUnavailable) || r.CorrelationID == "" {
			t.Errorf("%+v", r)
		}
		if view.Rows[7].LicensesRead || view.Rows[3].LicensesRead || !view.Rows[8].LicensesRead {
			t.Error("the wrong rows are read")
		}
		asked := 0
		for _, c := range o.licenseCalls() {
			if userOf(c) == bad.ID {
				asked++
			}
		}
		if asked != licenseTries {
			t.Errorf("the bad one was asked for %d times", asked)
		}
		o.service.ClearFault("bad")
		time.Sleep(retryWait)
		o.licensed(v, Query{})
		time.Sleep(time.Second)
		if r := o.licensed(v, Query{}).Licenses; !r.Complete() || r.Err != nil {
			t.Errorf("once they can be read: %+v", r)
		}
		o.service.ClearFaults()
		if err := o.Refresh(t.Context(), v, bigCustomer); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			time.Sleep(time.Second)
			o.licensed(v, Query{})
		}
		if r := o.licensed(v, Query{}).Licenses; !r.Complete() || r.Of != 120 {
			t.Errorf("who is in the list again is read: %+v", r)
		}
	})
}

// Partner Center is down: the reading ends after a few, says why, and is not
// begun again with every look.
func TestLicensesDown(t *testing.T) {
	bubble(t, 700, quick, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.view(v, Query{})
		o.settled(v)
		if _, err := o.Prove(t.Context(), v, bigCustomer, KindLicenses); err != nil {
			t.Fatal(err)
		}
		o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users/*/licenses", Status: http.StatusServiceUnavailable})
		o.service.ResetCalls()
		for range 55 {
			o.licensed(v, Query{})
			time.Sleep(time.Second)
		}
		view := o.licensed(v, Query{})
		if !errors.Is(view.Licenses.Err, partnercenter.ErrUnavailable) || view.Licenses.Reading {
			t.Errorf("%+v", view.Licenses)
		}
		if n := len(o.licenseCalls()); n > 30 {
			t.Errorf("%d calls into an outage", n)
		}
		if view.Licenses.Wait != 0 {
			t.Errorf("Partner Center is said to want no calls for %v", view.Licenses.Wait)
		}
	})
}

// A new copy of the list has the licenses of who was there before, at no call;
// who has gone is dropped, who has come is read.
func TestLicensesSurviveANewList(t *testing.T) {
	bubble(t, 700, quick, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.licensed(v, Query{})
		time.Sleep(time.Second)
		before := o.licensed(v, Query{Size: 250})
		if !before.Licenses.Complete() {
			t.Fatalf("%+v", before.Licenses)
		}
		customer := v.Client.Customer(bigCustomer)
		leaves := before.Rows[10].ID
		if err := customer.User(leaves).Delete(t.Context()); err != nil {
			t.Fatal(err)
		}
		comes, err := customer.Users().Create(t.Context(), partnercenter.NewUser{
			DisplayName: "Aaa", UserPrincipalName: "aaa@northwind.example", UsageLocation: "DE", Password: partnercenter.NewSecret("Quite-a-secret1"),
		})
		if err != nil {
			t.Fatal(err)
		}
		o.service.ResetCalls()
		if err := o.Refresh(t.Context(), v, bigCustomer); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		o.licensed(v, Query{Size: 250})
		time.Sleep(time.Second)
		after := o.licensed(v, Query{Size: 250})
		if calls := o.licenseCalls(); len(calls) != 1 || userOf(calls[0]) != comes.ID {
			t.Errorf("%d calls for licenses: %v", len(calls), calls)
		}
		if !after.Licenses.Complete() || after.Licenses.Of != 700 || !after.Licenses.Oldest.Equal(before.Licenses.Oldest) {
			t.Errorf("%+v, was %+v", after.Licenses, before.Licenses)
		}
		has := map[string][]string{}
		for _, r := range before.Rows {
			has[r.ID] = r.Licenses
		}
		for _, r := range after.Rows {
			if old, ok := has[r.ID]; ok && !slices.Equal(old, r.Licenses) {
				t.Errorf("%s has %v, had %v", r.ID, r.Licenses, old)
			}
		}
	})
}

// Licenses age by themselves: served, and read anew behind the viewer.
func TestLicensesAge(t *testing.T) {
	bubble(t, 120, quick, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.licensed(v, Query{})
		time.Sleep(time.Second)
		view := o.licensed(v, Query{})
		read := view.Licenses.Oldest
		time.Sleep(softAge - 10*time.Second)
		o.service.ResetCalls()
		o.licensedAfter(v, Query{})
		if n := len(o.licenseCalls()); n > 0 {
			t.Errorf("%d calls before their time", n)
		}
		time.Sleep(20 * time.Second)
		if old := o.licensed(v, Query{}); !old.Licenses.Complete() || !old.Licenses.Reading || !old.Licenses.Oldest.Equal(read) {
			t.Errorf("what is there is served: %+v", old.Licenses)
		}
		time.Sleep(time.Second)
		if fresh := o.licensed(v, Query{}); !fresh.Licenses.Complete() || fresh.Licenses.Reading || time.Since(fresh.Licenses.Oldest) > 3*time.Second || fresh.Version == view.Version {
			t.Errorf("and read anew: %+v", fresh.Licenses)
		}

		time.Sleep(20 * time.Second)
		o.service.ResetCalls()
		if err := o.RefreshLicenses(t.Context(), v, bigCustomer); err != nil {
			t.Fatal(err)
		}
		if view := o.licensed(v, Query{}); !view.Licenses.Reading || view.Licenses.Read != 120 {
			t.Errorf("asked to: %+v", view.Licenses)
		}
		time.Sleep(time.Second)
		if view := o.licensed(v, Query{}); len(o.licenseCalls()) != 120 || time.Since(view.Licenses.Oldest) > 3*time.Second || view.Licenses.Asks != 0 {
			t.Errorf("%d calls: %+v", len(o.licenseCalls()), view.Licenses)
		}
	})
}

// The page of a user reads their licenses: the list has them too.
func TestLicensesOfAUserJustRead(t *testing.T) {
	bubble(t, 120, quick, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.licensed(v, Query{})
		time.Sleep(time.Second)
		view := o.licensed(v, Query{})
		i := slices.IndexFunc(view.Rows, func(r UserRow) bool { return len(r.Licenses) > 0 })
		who := view.Rows[i]
		time.Sleep(5 * time.Second)
		if _, err := v.Client.Customer(bigCustomer).User(who.ID).RemoveLicense(t.Context(), who.Licenses...); err != nil {
			t.Fatal(err)
		}
		if row := o.licensed(v, Query{}).Rows[i]; len(row.Licenses) == 0 {
			t.Error("the list knows without having been told")
		}
		if _, err := o.User(t.Context(), v, bigCustomer, who.ID); err != nil {
			t.Fatal(err)
		}
		after := o.licensed(v, Query{})
		if row := after.Rows[i]; len(row.Licenses) > 0 || !row.LicensesRead {
			t.Errorf("%v, though all were taken away", row.Licenses)
		}
		if after.Version == view.Version || after.Counts.Unlicensed.All != view.Counts.Unlicensed.All+1 {
			t.Errorf("version %d, %+v; was %d, %+v", after.Version, after.Counts.Unlicensed, view.Version, view.Counts.Unlicensed)
		}
	})
}

// Each thing that changes on the page makes another version of it, and
// nothing else does.
func TestVersionTellsOfLicenses(t *testing.T) {
	bubble(t, 700, Options{LicensesPerMinute: 1e9}, func(t *testing.T, o *office) {
		o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users/*/licenses", Latency: time.Second})
		v := o.viewer("admin-agent")
		last := o.licensed(v, Query{})
		for range 100 {
			time.Sleep(700 * time.Millisecond)
			view := o.licensed(v, Query{})
			same := slices.EqualFunc(view.Rows, last.Rows, func(a, b UserRow) bool { return a.LicensesRead == b.LicensesRead }) && view.Licenses == last.Licenses
			if (view.Version == last.Version) != same || view.Version < last.Version {
				t.Fatalf("version %d after %d: %+v after %+v", view.Version, last.Version, view.Licenses, last.Licenses)
			}
			last = view
		}
		if err := o.StopLicenses(t.Context(), v, bigCustomer); err != nil {
			t.Fatal(err)
		}
		view := o.licensed(v, Query{})
		if view.Version <= last.Version {
			t.Error("to stop is another version")
		}
		time.Sleep(10 * time.Second)
		if again := o.licensed(v, Query{}); again.Version != view.Version {
			t.Error("nothing changed, and it is another version")
		}
	})
}

// Licenses are of the memory that lists may hold: when that is used up they
// are not held, and the view says so.
func TestLicensesWithoutRoom(t *testing.T) {
	bubble(t, 5000, Options{LicensesPerMinute: 1e9, MaxBytes: 1400 << 10}, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.view(v, Query{})
		if view := o.settled(v); view.State != StateComplete {
			t.Fatalf("%+v", view.Reading)
		}
		o.memory.most = o.memory.used + 1000
		view := o.licensed(v, Query{})
		if !errors.Is(view.Licenses.Err, ErrNoRoom) || view.Licenses.Reading || view.Licenses.Read != 0 || len(view.Rows) != 50 {
			t.Errorf("%+v", view.Licenses)
		}
		_, err := o.Users(t.Context(), v, bigCustomer, Query{Licenses: []string{NoLicense}})
		if refused, ok := errors.AsType[*KindError](err); !ok || !errors.Is(refused, ErrNoRoom) {
			t.Errorf("%v", err)
		}
	})
}

// What nobody asked for in an hour is forgotten, and its memory given back.
func TestLicensesForgotten(t *testing.T) {
	bubble(t, 700, quick, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.view(v, Query{})
		o.settled(v)
		without := o.memory.used
		o.licensed(v, Query{})
		time.Sleep(time.Second)
		o.licensed(v, Query{})
		if more := o.memory.used - without; more < 700*8 || more > 64<<10 {
			t.Errorf("%d bytes for 700 users", more)
		}
		for range 7 {
			time.Sleep(10 * time.Minute)
			o.view(v, Query{}) // the list is looked at
		}
		synctest.Wait()
		l, _ := o.usersOf(v, bigCustomer)
		if h := o.annex(l).licenses; h.held.of != nil || o.memory.held[h] != 0 {
			t.Errorf("still there: %d bytes", o.memory.held[h])
		}
	})
}

// To read anew goes by a budget too; the rows on screen don't count.
func TestRefreshLicensesWithinABudget(t *testing.T) {
	bubble(t, 200, Options{LicenseBudget: 100, LicensesPerMinute: 1e9}, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.licensed(v, Query{})
		time.Sleep(time.Second)
		if err := o.ReadLicenses(t.Context(), v, bigCustomer); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if view := o.licensed(v, Query{}); !view.Licenses.Complete() {
			t.Fatalf("%+v", view.Licenses)
		}
		time.Sleep(10 * time.Second)
		o.service.ResetCalls()
		if err := o.RefreshLicenses(t.Context(), v, bigCustomer); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			time.Sleep(time.Second)
			o.licensed(v, Query{})
		}
		view := o.licensed(v, Query{})
		if n := len(o.licenseCalls()); n != 50+100 || view.Licenses.Asks != 50 || view.Licenses.Reading || view.Licenses.Read != 200 {
			t.Errorf("%d calls: %+v", n, view.Licenses)
		}
		if err := o.ReadLicenses(t.Context(), v, bigCustomer); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if view := o.licensed(v, Query{}); len(o.licenseCalls()) != 200 || view.Licenses.Asks != 0 {
			t.Errorf("%d calls: %+v", len(o.licenseCalls()), view.Licenses)
		}
	})
}

// Partner Center does not answer for licenses: who has no proof yet sees the
// list and the failure, and waits for it once.
func TestLicensesNotAnswered(t *testing.T) {
	bubble(t, 120, quick, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.view(v, Query{})
		o.settled(v)
		o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users/*/licenses", Status: http.StatusServiceUnavailable, Latency: time.Second})
		for i := range 5 {
			started := time.Now()
			view := o.licensed(v, Query{})
			if r := view.Licenses; r.Withheld != nil || !errors.Is(r.Err, partnercenter.ErrUnavailable) || r.CorrelationID == "" || r.Of != 120 || r.Complete() {
				t.Errorf("%+v", r)
			}
			if waited := time.Since(started); waited != 0 && i > 0 {
				t.Errorf("view %d waits %v", i, waited)
			}
		}
		_, err := o.Users(t.Context(), v, bigCustomer, Query{Plans: []string{fakeID(1)}})
		if refused, ok := errors.AsType[*KindError](err); !ok || !errors.Is(refused, partnercenter.ErrUnavailable) {
			t.Errorf("%v", err)
		}
		o.service.ClearFaults()
		time.Sleep(proofPause)
		o.licensed(v, Query{})
		time.Sleep(time.Second)
		if view := o.licensed(v, Query{}); !view.Licenses.Complete() || view.Licenses.Err != nil {
			t.Errorf("%+v", view.Licenses)
		}
	})
}

// What is asked for has a name, also when no user has it, for who may see the
// customer's SKUs.
func TestAskedSKUHasAName(t *testing.T) {
	bubble(t, 120, quick, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.licensed(v, Query{})
		time.Sleep(time.Second)
		skus, err := o.SKUs(t.Context(), v, bigCustomer)
		if err != nil {
			t.Fatal(err)
		}
		view := o.licensed(v, Query{})
		asked := 0
		for _, p := range skus.Products {
			found := o.licensed(v, Query{Licenses: []string{p.SKUID}})
			if found.Names[p.SKUID] != (Name{p.Name, p.PartNumber}) {
				t.Errorf("%s is called %+v", p.Name, found.Names[p.SKUID])
			}
			if _, ok := view.Names[p.SKUID]; !ok {
				asked++
			}
		}
		if asked == 0 {
			t.Error("each SKU is held by somebody: nothing is tested")
		}
	})
}

// What nobody had read anew for half an hour is read before it is shown, as a
// list is; while Partner Center does not answer, it is shown as it was.
func TestLicensesHardAge(t *testing.T) {
	for name, down := range map[string]bool{"up": false, "down": true} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 120, quick, func(t *testing.T, o *office) {
				v := o.viewer("admin-agent")
				o.licensed(v, Query{})
				time.Sleep(time.Second)
				if view := o.licensed(v, Query{}); !view.Licenses.Complete() {
					t.Fatalf("%+v", view.Licenses)
				}
				time.Sleep(hardAge - 2*time.Minute)
				if err := o.StopLicenses(t.Context(), v, bigCustomer); err != nil { // so that it is not read anew by its soft age
					t.Fatal(err)
				}
				if view := o.licensed(v, Query{}); !view.Licenses.Complete() {
					t.Errorf("not old enough: %+v", view.Licenses)
				}
				if down {
					o.service.SetFault(emulator.Fault{Status: http.StatusServiceUnavailable})
				}
				time.Sleep(6 * time.Minute)
				view := o.licensed(v, Query{})
				if down {
					if view.Licenses.Read != 120 || !view.Stale || !errors.Is(view.Licenses.Err, partnercenter.ErrUnavailable) {
						t.Errorf("%+v", view.Licenses)
					}
					return
				}
				if r := view.Licenses; r.Read > 1 || view.Counts.Unlicensed.All > 1 { // the one of the proof
					t.Errorf("%+v", r)
				}
				if err := o.ReadLicenses(t.Context(), v, bigCustomer); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
				if view := o.licensed(v, Query{}); !view.Licenses.Complete() {
					t.Errorf("%+v", view.Licenses)
				}
			})
		})
	}
}
