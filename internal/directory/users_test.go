package directory

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// Two people share one copy, each by a proof of their own; a third has none
// and gets what they would get if nothing were loaded.
func TestCopyIsSharedAndProofsAreNot(t *testing.T) {
	o := newOffice(t, 1200, Options{})
	nobody := o.viewer("no-gdap")
	_, cold := o.Users(t.Context(), nobody, bigCustomer, Query{})
	wantError(t, cold, partnercenter.ErrForbidden)

	first := o.untilComplete(o.viewer("admin-agent"))
	if first.Read != 1200 || first.Matching != 1200 || len(first.Rows) != DefaultSize {
		t.Errorf("read %d, matching %d, %d rows", first.Read, first.Matching, len(first.Rows))
	}
	second := o.view(o.viewer("reader"), Query{})
	if second.Version != first.Version || !slices.EqualFunc(first.Rows, second.Rows, func(a, b UserRow) bool { return a.ID == b.ID }) {
		t.Error("the second viewer doesn't see the first one's copy")
	}
	if pages := o.pagesAsked(); !slices.Equal(pages, []int{1, 1, 2, 3}) { // the first was refused
		t.Errorf("pages asked: %v", pages)
	}

	_, warm := o.Users(t.Context(), nobody, bigCustomer, Query{})
	wantError(t, warm, partnercenter.ErrForbidden)
	a, _ := errors.AsType[*partnercenter.Error](cold)
	b, _ := errors.AsType[*partnercenter.Error](warm)
	if a == nil || b == nil || a.Status != b.Status || a.Code != b.Code || a.Description != b.Description {
		t.Errorf("cold %v, warm %v", cold, warm)
	}
	for name, do := range map[string]func() error{
		"refresh":     func() error { return o.Refresh(t.Context(), nobody, bigCustomer) },
		"go on":       func() error { return o.GoOn(t.Context(), nobody, bigCustomer) },
		"stop":        func() error { return o.Stop(t.Context(), nobody, bigCustomer) },
		"start again": func() error { return o.StartAgain(t.Context(), nobody, bigCustomer) },
	} {
		if err := do(); !errors.Is(err, partnercenter.ErrForbidden) {
			t.Errorf("%s without a proof: %v", name, err)
		}
	}
}

// A customer who is not there and one who is another partner's are told apart
// by nothing.
func TestUnknownCustomer(t *testing.T) {
	o := newOffice(t, 10, Options{})
	v := o.viewer("admin-agent")
	for _, id := range []string{"11111111-2222-4333-8444-555555555555", emulator.DepartedCustomerID} {
		_, err := o.Users(t.Context(), v, id, Query{})
		wantError(t, err, partnercenter.ErrNoRelationship)
		_, err = o.Customer(t.Context(), v, id)
		wantError(t, err, partnercenter.ErrNoRelationship)
	}
	_, err := o.Users(t.Context(), v, "contoso", Query{})
	wantError(t, err, partnercenter.ErrBadID)
}

// The second page never comes: the first is shown all the same, and the
// reading can be ended.
func TestSecondPageHangs(t *testing.T) {
	o := newOffice(t, 1200, Options{})
	o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Page: 2, Hang: true})
	v := o.viewer("admin-agent")
	view := o.view(v, Query{})
	if view.State != StateGrowing || view.Read != 500 || len(view.Rows) != DefaultSize || view.CanGoOn {
		t.Errorf("state %s, read %d, %d rows, can go on: %v", view.State, view.Read, len(view.Rows), view.CanGoOn)
	}
	if err := o.Stop(t.Context(), v, bigCustomer); err != nil {
		t.Fatal(err)
	}
	view = o.view(v, Query{})
	if view.State != StatePart || view.Reason != ReasonStopped || view.Read != 500 || view.Err != nil || !view.CanGoOn {
		t.Errorf("once stopped: %+v", view.Reading)
	}
}

// Cut midway: what was read is shown with the failure, and going on reads the
// failed page and those after, no other.
func TestGoOnFromTheFailedPage(t *testing.T) {
	for name, fault := range map[string]emulator.Fault{
		"refused":     {Status: http.StatusServiceUnavailable},
		"broken off":  {CutBody: true},
		"broken JSON": {BrokenJSON: true},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, 1700, Options{})
			fault.Name, fault.PathPrefix, fault.Page = "cut", "/customers/*/users", 3
			o.service.SetFault(fault)
			v := o.viewer("admin-agent")
			view := o.until(v, "cut", func(view UsersView) bool { return view.State == StateCut })
			if view.Read != 1000 || view.Err == nil || !view.CanGoOn || view.Complete() {
				t.Errorf("%+v", view.Reading)
			}
			if !partnercenter.ValidID(view.CorrelationID) {
				t.Errorf("correlation ID %q", view.CorrelationID)
			}
			before := o.everyone(v)

			o.service.ClearFaults()
			o.service.ResetCalls()
			if err := o.GoOn(t.Context(), v, bigCustomer); err != nil {
				t.Fatal(err)
			}
			o.untilComplete(v)
			if pages := o.pagesAsked(); !slices.Equal(pages, []int{3, 4}) {
				t.Errorf("pages asked to go on: %v", pages)
			}
			after := o.everyone(v)
			if len(after) != 1700 {
				t.Errorf("%d users in the end", len(after))
			}
			for _, id := range before {
				if _, ok := slices.BinarySearch(after, id); !ok {
					t.Fatalf("%s was there before and is gone", id)
				}
			}
		})
	}
}

// Starting again that comes to nothing takes nothing away: what was read is
// there, and one can still go on from the failed page.
func TestStartAgainFails(t *testing.T) {
	o := newOffice(t, 1700, Options{})
	o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Page: 3, Status: http.StatusServiceUnavailable})
	v := o.viewer("admin-agent")
	cut := o.until(v, "cut", func(view UsersView) bool { return view.State == StateCut })
	o.service.ClearFaults()
	o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Page: 2, Status: http.StatusServiceUnavailable})
	if err := o.StartAgain(t.Context(), v, bigCustomer); err != nil {
		t.Fatal(err)
	}
	view := o.until(v, "cut again", func(view UsersView) bool { return view.State == StateCut && view.Version != cut.Version })
	if view.Read != 1000 || view.CorrelationID == cut.CorrelationID {
		t.Errorf("%+v", view.Reading)
	}
	o.service.ClearFaults()
	o.service.ResetCalls()
	if err := o.GoOn(t.Context(), v, bigCustomer); err != nil {
		t.Fatal(err)
	}
	o.untilComplete(v)
	if pages := o.pagesAsked(); !slices.Equal(pages, []int{3, 4}) {
		t.Errorf("pages asked to go on: %v", pages)
	}
}

// When Partner Center does not know the continuation any more, going on starts
// over, and the old rows stay until as many of the new are here.
func TestGoOnStartsOver(t *testing.T) {
	o := newOffice(t, 1700, Options{})
	o.service.SetFault(emulator.Fault{Name: "cut", PathPrefix: "/customers/*/users", Page: 3, Status: http.StatusBadGateway})
	v := o.viewer("admin-agent")
	o.until(v, "cut", func(view UsersView) bool { return view.State == StateCut })
	o.service.ClearFaults()
	o.service.SetFault(emulator.Fault{Name: "token", PathPrefix: "/customers/*/users", Page: 3, Status: http.StatusBadRequest, Times: 1})
	o.service.SetFault(emulator.Fault{Name: "again", PathPrefix: "/customers/*/users", Page: 2, Hang: true})
	if err := o.GoOn(t.Context(), v, bigCustomer); err != nil {
		t.Fatal(err)
	}
	view := o.until(v, "read anew", func(view UsersView) bool { return view.Reread == 500 })
	if view.Read != 1000 || view.State != StateCut || !view.Refreshing || view.CanGoOn {
		t.Errorf("while starting over: %+v", view.Reading)
	}
	if err := o.Stop(t.Context(), v, bigCustomer); err != nil {
		t.Fatal(err)
	}
	o.service.ClearFaults()
	if err := o.GoOn(t.Context(), v, bigCustomer); err != nil {
		t.Fatal(err)
	}
	o.untilComplete(v)
	if n := len(o.everyone(v)); n != 1700 {
		t.Errorf("%d users in the end", n)
	}
}

// The grant of the one whose load it is goes bad: the next who may see the
// list goes on from the same page, and only the first one is told.
func TestLoadIsTakenOver(t *testing.T) {
	for name, fault := range map[string]emulator.Fault{
		"role taken away": {Status: http.StatusForbidden, Code: 2032},
		"signed out":      {Status: http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, 1700, Options{})
			// The second page waits until the other person is there.
			o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Page: 2, Hang: true})
			first, second := o.viewer("admin-agent"), o.viewer("reader")
			o.view(first, Query{})
			o.view(second, Query{})
			if err := o.Stop(t.Context(), second, bigCustomer); err != nil {
				t.Fatal(err)
			}
			o.service.ClearFaults()
			fault.Person = "admin-agent"
			o.service.SetFault(fault)
			if err := o.GoOn(t.Context(), first, bigCustomer); err != nil { // on the first one's proof, which still holds
				t.Fatal(err)
			}
			o.untilComplete(second)
			if n := len(o.everyone(second)); n != 1700 {
				t.Errorf("%d users in the end", n)
			}
			_, err := o.Users(t.Context(), first, bigCustomer, Query{})
			if fault.Status == http.StatusForbidden {
				wantError(t, err, partnercenter.ErrForbidden) // the refusal took the proof
			} else {
				wantError(t, err, partnercenter.ErrUnauthorized) // who renews the token and asks again is let in
				o.service.ClearFaults()
				o.view(first, Query{})
			}
		})
	}
}

// Refreshing keeps the old rows until all of the new are here, and when it
// fails it says so and keeps them.
func TestRefresh(t *testing.T) {
	o := newOffice(t, 1200, Options{})
	v := o.viewer("admin-agent")
	old := o.untilComplete(v)
	o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Page: 2, Hang: true})
	if err := o.Refresh(t.Context(), v, bigCustomer); err != nil {
		t.Fatal(err)
	}
	view := o.until(v, "reading anew", func(view UsersView) bool { return view.Reread == 500 })
	if view.State != StateComplete || view.Read != 1200 || !view.Refreshing || view.Version != old.Version {
		t.Errorf("while reading anew: %+v", view.Reading)
	}
	if err := o.Stop(t.Context(), v, bigCustomer); err != nil {
		t.Fatal(err)
	}
	o.service.ClearFaults()
	o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Page: 2, Status: http.StatusInternalServerError})
	if err := o.StartAgain(t.Context(), v, bigCustomer); err != nil {
		t.Fatal(err)
	}
	view = o.until(v, "told of the failure", func(view UsersView) bool { return view.Err != nil })
	if view.State != StateComplete || view.Read != 1200 {
		t.Errorf("after a failed refresh: %+v", view.Reading)
	}
	o.service.ClearFaults()
	if err := o.Refresh(t.Context(), v, bigCustomer); err != nil {
		t.Fatal(err)
	}
	view = o.until(v, "new", func(view UsersView) bool { return view.Version > old.Version+1 && !view.Refreshing })
	if view.Read != 1200 || !view.ReadAt.After(old.ReadAt) {
		t.Errorf("after a refresh: %+v", view.Reading)
	}
}

// A customer too big for the memory is held in part, and the page says so;
// each time one goes on there is one page more.
func TestMemoryHoldsAPart(t *testing.T) {
	o := newOffice(t, 2600, Options{MaxBytes: 400 << 10})
	v := o.viewer("admin-agent")
	view := o.until(v, "held in part", func(view UsersView) bool { return view.State == StatePart })
	if view.Reason != ReasonMemory || view.Read >= 2600 || view.Read == 0 || !view.CanGoOn {
		t.Errorf("%+v", view.Reading)
	}
	if err := o.GoOn(t.Context(), v, bigCustomer); err != nil {
		t.Fatal(err)
	}
	more := o.until(v, "held in part again", func(view UsersView) bool { return view.State == StatePart })
	if more.Read != view.Read+500 {
		t.Errorf("%d users, and %d once gone on", view.Read, more.Read)
	}
}
