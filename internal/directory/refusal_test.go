package directory

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// refreshed asks for a reading anew and waits until it has ended.
func (o *office) refreshed(v Viewer) {
	o.t.Helper()
	if err := o.Refresh(o.t.Context(), v, bigCustomer); err != nil {
		o.t.Fatal(err)
	}
	synctest.Wait()
}

// A reading anew that was refused for want of a second factor keeps the rows
// and tells the person so, and nobody else; it is not tried again until they
// ask for it.
func TestRefreshIsRefused(t *testing.T) {
	bubble(t, 700, Options{}, func(t *testing.T, o *office) {
		v, other := o.viewer("admin-agent"), o.viewer("reader")
		o.view(v, Query{})
		old := o.settled(v)
		time.Sleep(time.Second)
		o.service.SetFault(emulator.Fault{Person: "admin-agent", Status: http.StatusUnauthorized, Code: 900421})
		o.refreshed(v)
		o.service.ResetCalls()
		for range 5 {
			view := o.settled(v)
			if view.State != StateComplete || view.Read != 700 || view.Version != old.Version || view.Refreshing ||
				!errors.Is(view.Err, partnercenter.ErrMFARequired) || view.CorrelationID == "" {
				t.Fatalf("after the refusal: %+v", view.Reading)
			}
		}
		if n := len(o.pagesAsked()); n != 0 {
			t.Errorf("%d pages asked for on a grant that was refused", n)
		}

		// The next who may see the list has it read, and then all is well for both.
		view := o.view(other, Query{})
		if view.Err != nil || !view.Refreshing {
			t.Errorf("another person: %+v", view.Reading)
		}
		synctest.Wait()
		if view := o.settled(v); view.Err != nil || view.Age != 0 {
			t.Errorf("once it was read on another grant: %+v", view.Reading)
		}
	})
}

// A token that Partner Center does not take leads to the 401 at the next look;
// one that was renewed meanwhile has the list read after all.
func TestRefreshWithARefusedToken(t *testing.T) {
	bubble(t, 700, Options{}, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.view(v, Query{})
		old := o.settled(v)
		time.Sleep(time.Second)
		o.service.SetFault(emulator.Fault{Status: http.StatusUnauthorized})
		o.refreshed(v)
		for range 2 {
			_, err := o.Users(t.Context(), v, bigCustomer, Query{})
			wantError(t, err, partnercenter.ErrUnauthorized)
		}
		o.service.ClearFaults()
		if view := o.view(v, Query{}); !view.Refreshing || view.Err != nil || view.Version != old.Version {
			t.Errorf("with a token that is taken: %+v", view.Reading)
		}
		if view := o.settled(v); view.Err != nil || view.Age != 0 || view.Version == old.Version {
			t.Errorf("and then: %+v", view.Reading)
		}
	})
}

// A list that refuses a token which every other call accepts is not asked for
// ever by somebody's page that asks how far the reading has come.
func TestRefusedTimeAndAgain(t *testing.T) {
	for name, old := range map[string]bool{"read anew": true, "read in part": false} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 1200, Options{}, func(t *testing.T, o *office) {
				v := o.viewer("admin-agent")
				fault := emulator.Fault{PathPrefix: "/customers/*/users", Page: 2, Status: http.StatusUnauthorized}
				if old {
					o.view(v, Query{})
					o.settled(v)
					time.Sleep(time.Second)
				}
				o.service.SetFault(fault)
				if old {
					o.refreshed(v)
				} else {
					_, _ = o.Users(t.Context(), v, bigCustomer, Query{}) // it may be refused at once
					synctest.Wait()
				}
				for range 10 {
					time.Sleep(time.Second)
					o.settled(v)
				}
				view := o.view(v, Query{})
				if !errors.Is(view.Err, partnercenter.ErrUnauthorized) || view.Refreshing || view.State == StateGrowing {
					t.Errorf("%+v", view.Reading)
				}
				if n := len(o.pagesAsked()); n > 8 {
					t.Errorf("%d pages were asked for", n)
				}
				o.service.ClearFaults()
				o.refreshed(v)
				if view := o.settled(v); view.State != StateComplete || view.Err != nil || view.Read != 1200 || view.Age != 0 {
					t.Errorf("once they ask for it: %+v", view.Reading)
				}
			})
		})
	}
}

// What failed is not told while it is being read again.
func TestFailureWhileReadingAgain(t *testing.T) {
	bubble(t, 700, Options{}, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.view(v, Query{})
		o.settled(v)
		o.service.SetFault(emulator.Fault{Status: http.StatusServiceUnavailable})
		o.refreshed(v)
		if view := o.settled(v); !errors.Is(view.Err, partnercenter.ErrUnavailable) {
			t.Fatalf("%+v", view.Reading)
		}
		o.service.ClearFaults()
		o.service.SetFault(emulator.Fault{Latency: 10 * time.Second})
		o.refreshed(v)
		if view := o.settled(v); view.Err != nil || view.CorrelationID != "" || !view.Refreshing {
			t.Errorf("while it is read again: %+v", view.Reading)
		}
		time.Sleep(time.Minute)
		if view := o.settled(v); view.Err != nil || view.Refreshing {
			t.Errorf("and then: %+v", view.Reading)
		}
	})
}
