package directory

import (
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// bubble runs a test with a clock of its own, at an office without sockets.
func bubble(t *testing.T, users int, opts Options, test func(t *testing.T, o *office)) {
	synctest.Test(t, func(t *testing.T) { test(t, newQuietOffice(t, users, opts)) })
}

// settled waits until all that can go on without the clock has.
func (o *office) settled(v Viewer) UsersView {
	o.t.Helper()
	synctest.Wait()
	view := o.view(v, Query{})
	synctest.Wait()
	return view
}

func TestSoftAge(t *testing.T) {
	bubble(t, 700, Options{}, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.view(v, Query{})
		old := o.settled(v)
		time.Sleep(softAge - time.Second)
		if view := o.view(v, Query{}); view.Refreshing || view.Version != old.Version {
			t.Errorf("read anew before its time: %+v", view.Reading)
		}
		time.Sleep(2 * time.Second)
		view := o.view(v, Query{})
		if view.Version != old.Version || !view.Refreshing || view.Age != softAge+time.Second {
			t.Errorf("at the soft age the old copy is served and the new one read behind: %+v", view.Reading)
		}
		if view = o.settled(v); view.Version == old.Version || view.Age != 0 || view.State != StateComplete {
			t.Errorf("after that the new one is served: %+v", view.Reading)
		}
	})
}

// A list that took long to read is read anew less often: ten times as long.
func TestSoftAgeOfASlowList(t *testing.T) {
	bubble(t, 700, Options{}, func(t *testing.T, o *office) {
		o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Latency: 20 * time.Second})
		v := o.viewer("admin-agent")
		for range 10 { // it is watched
			o.view(v, Query{})
			time.Sleep(10 * time.Second)
		}
		o.service.ClearFaults()
		old := o.view(v, Query{})
		if old.State != StateComplete {
			t.Fatalf("%+v", old.Reading)
		}
		time.Sleep(390*time.Second - old.Age)
		if view := o.view(v, Query{}); view.Refreshing {
			t.Errorf("read anew after %v, though it took 40 s", view.Age)
		}
		time.Sleep(20 * time.Second)
		if view := o.view(v, Query{}); !view.Refreshing {
			t.Errorf("not read anew after %v", view.Age)
		}
	})
}

func TestHardAge(t *testing.T) {
	bubble(t, 700, Options{}, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.view(v, Query{})
		old := o.settled(v)
		time.Sleep(hardAge + time.Second)
		view := o.view(v, Query{})
		if view.Version == old.Version || view.Age != 0 || view.Read < 500 {
			t.Errorf("an old copy was served: %+v", view.Reading)
		}
	})
}

// Partner Center is down: the last proof holds for reading for half an hour,
// and the view says that it is stale. Without a proof there is nothing to see.
func TestDown(t *testing.T) {
	bubble(t, 700, Options{}, func(t *testing.T, o *office) {
		v, other := o.viewer("admin-agent"), o.viewer("reader")
		o.view(v, Query{})
		o.settled(v)
		o.service.SetFault(emulator.Fault{Status: http.StatusServiceUnavailable})
		time.Sleep(proofLife - time.Second)
		if view := o.settled(v); view.Stale {
			t.Errorf("stale with a live proof: %+v", view.Reading)
		}
		time.Sleep(2 * time.Second)
		view := o.view(v, Query{})
		if !view.Stale || view.State != StateStale || !errors.Is(view.Err, partnercenter.ErrUnavailable) || view.CorrelationID == "" || view.Read != 700 {
			t.Errorf("on an older proof: %+v", view.Reading)
		}
		user, err := o.User(t.Context(), v, bigCustomer, view.Rows[0].ID)
		if err != nil || !user.Stale || user.User.UserPrincipalName != view.Rows[0].UPN || user.Err == nil {
			t.Errorf("a user of the list: %v, %v", user, err)
		}
		_, err = o.Users(t.Context(), other, bigCustomer, Query{})
		wantError(t, err, partnercenter.ErrUnavailable)
		_, err = o.User(t.Context(), other, bigCustomer, view.Rows[0].ID)
		wantError(t, err, partnercenter.ErrUnavailable)

		time.Sleep(proofStale)
		_, err = o.Users(t.Context(), v, bigCustomer, Query{})
		wantError(t, err, partnercenter.ErrUnavailable)

		o.service.ClearFaults()
		if view := o.settled(v); view.Stale || view.Err != nil {
			t.Errorf("once it is up again: %+v", view.Reading)
		}
	})
}

// A copy that is too old to be shown is shown nevertheless, as stale, to who
// has an older proof, while Partner Center does not answer.
func TestHardAgeWhileDown(t *testing.T) {
	for name, fault := range map[string]emulator.Fault{
		"refuses": {Status: http.StatusServiceUnavailable},
		"hangs":   {Hang: true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 700, Options{}, func(t *testing.T, o *office) {
				v := o.viewer("admin-agent")
				o.view(v, Query{})
				o.settled(v)
				time.Sleep(hardAge - 5*time.Minute)
				if _, err := o.Prove(t.Context(), v, bigCustomer, KindUsers); err != nil {
					t.Fatal(err)
				}
				time.Sleep(6 * time.Minute)
				o.service.SetFault(fault)
				started := time.Now()
				view := o.view(v, Query{})
				if view.State != StateStale || !view.Stale || view.Read != 700 || view.Err == nil || view.Age < hardAge || time.Since(started) > proofPatience {
					t.Errorf("after %v: %+v", time.Since(started), view.Reading)
				}
			})
		})
	}
}

// Partner Center takes calls and never answers: who has an older proof waits
// for three seconds, and then not at all for a while.
func TestHangs(t *testing.T) {
	bubble(t, 700, Options{}, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.view(v, Query{})
		o.settled(v)
		time.Sleep(proofLife)
		o.service.SetFault(emulator.Fault{Hang: true})
		started := time.Now()
		if view := o.view(v, Query{}); !view.Stale || time.Since(started) != proofPatience {
			t.Errorf("after %v: %+v", time.Since(started), view.Reading)
		}
		time.Sleep(proofTimeout)
		started = time.Now()
		if view := o.view(v, Query{}); !view.Stale || time.Since(started) != 0 {
			t.Errorf("after %v: %+v", time.Since(started), view.Reading)
		}
	})
}

// While the first page is on its way a viewer is not kept waiting for ever,
// and sees the same whether anything is loaded or not.
func TestPatience(t *testing.T) {
	bubble(t, 700, Options{}, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.view(v, Query{})
		o.settled(v)
		o.service.SetFault(emulator.Fault{Hang: true})
		for name, customer := range map[string]string{"loaded": bigCustomer, "not loaded": emulator.ContosoID} {
			started := time.Now()
			view, err := o.Users(t.Context(), o.viewer("reader"), customer, Query{})
			if err != nil || view.State != StateLoading || len(view.Rows) != 0 || view.Read != 0 || time.Since(started) != 10*time.Second {
				t.Errorf("%s: after %v: %+v, %v", name, time.Since(started), view, err)
			}
		}
	})
}

// A page that takes longer than a page may take ends the reading; what was
// read stays.
func TestPageTimeout(t *testing.T) {
	bubble(t, 1200, Options{}, func(t *testing.T, o *office) {
		o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Page: 2, Hang: true})
		v := o.viewer("admin-agent")
		o.view(v, Query{})
		time.Sleep(90*time.Second - 1)
		if view := o.view(v, Query{}); view.State != StateGrowing || view.Read != 500 {
			t.Errorf("before the time is up: %+v", view.Reading)
		}
		time.Sleep(time.Nanosecond)
		if view := o.settled(v); view.State != StateCut || view.Read != 500 || !errors.Is(view.Err, partnercenter.ErrUnavailable) || view.CorrelationID == "" {
			t.Errorf("after: %+v", view.Reading)
		}
	})
}

// A load that nobody watches stops after two minutes and keeps what it read;
// a look goes on from there.
func TestUnwatched(t *testing.T) {
	bubble(t, 1200, Options{PageTimeout: time.Hour}, func(t *testing.T, o *office) {
		o.service.SetFault(emulator.Fault{Name: "hang", PathPrefix: "/customers/*/users", Page: 2, Hang: true})
		v := o.viewer("admin-agent")
		o.view(v, Query{})
		time.Sleep(unwatched - time.Second)
		if view := o.view(v, Query{}); view.State != StateGrowing {
			t.Errorf("while watched: %+v", view.Reading)
		}
		time.Sleep(unwatched - time.Second)
		if _, err := o.Users(t.Context(), o.viewer("no-gdap"), bigCustomer, Query{}); !errors.Is(err, partnercenter.ErrForbidden) {
			t.Errorf("%v", err) // whose look doesn't count
		}
		time.Sleep(2 * time.Second)
		o.service.ClearFaults()
		o.service.ResetCalls()
		ed := o.users[usersKey{v.PartnerTenantID, bigCustomer}].shown.Load()
		if ed.reason != ReasonUnwatched || ed.rows.rows != 500 {
			t.Errorf("stopped because of %q with %d rows", ed.reason, ed.rows.rows)
		}
		o.view(v, Query{})
		if view := o.settled(v); view.State != StateComplete || view.Read != 1200 {
			t.Errorf("after another look: %+v", view.Reading)
		}
		if pages := o.pagesAsked(); len(pages) != 2 || pages[0] != 2 {
			t.Errorf("pages asked to go on: %v", pages)
		}
	})
}

// What somebody looked at within five minutes is not thrown out for another
// list, which is held in part; after that it is.
func TestEviction(t *testing.T) {
	bubble(t, 7700, Options{MaxBytes: 2080 << 10}, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.view(v, Query{})
		if view := o.settled(v); view.State != StateComplete {
			t.Fatalf("%+v", view.Reading)
		}
		newcomer := func() UsersView {
			t.Helper()
			view, err := o.Users(t.Context(), v, emulator.AdminOnlyCustomerID, Query{})
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			return view
		}
		newcomer()
		view := newcomer()
		if view.State != StatePart || view.Reason != ReasonMemory || view.Read == 0 {
			t.Errorf("the newcomer: %+v", view.Reading)
		}
		time.Sleep(inUse + time.Second)
		if err := o.GoOn(t.Context(), v, emulator.AdminOnlyCustomerID); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if view := newcomer(); view.State != StateComplete || view.Read != 5000 {
			t.Errorf("the newcomer, once there is room: %+v", view.Reading)
		}
		if o.users[usersKey{v.PartnerTenantID, bigCustomer}].shown.Load() != nil {
			t.Error("the list that nobody looked at is still there")
		}
		if used, most := o.memory.used, o.memory.most; used > most {
			t.Errorf("%d bytes of %d are used", used, most)
		}
		o.view(v, Query{}) // and is read again when somebody looks
	})
}

// Requests of one person that need a proof share one call.
func TestProvingIsShared(t *testing.T) {
	bubble(t, 700, Options{}, func(t *testing.T, o *office) {
		v, other := o.viewer("admin-agent"), o.viewer("reader")
		o.view(v, Query{})
		o.settled(v)
		o.service.ResetCalls()
		o.service.SetFault(emulator.Fault{Latency: time.Second})
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { o.view(other, Query{}) })
		}
		wg.Wait()
		if calls := o.service.Calls(); len(calls) != 1 {
			t.Errorf("%d calls", len(calls))
		}
	})
}
