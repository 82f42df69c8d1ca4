package directory

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// school is a customer with products of both license groups.
const school = "72375248-6cb9-4514-a066-53995d876ea6"

// skus asks for a customer's SKUs, and fails the test if they can't be had.
func (o *office) skus(v Viewer, customerID string) SKUsView {
	o.t.Helper()
	view, err := o.SKUs(o.t.Context(), v, customerID)
	if err != nil {
		o.t.Fatal(err)
	}
	return view
}

// asked counts the calls whose path ends so since they were last reset.
func (o *office) asked(path string) (n int) {
	for _, c := range o.service.Calls() {
		if strings.HasSuffix(c.Path, path) {
			n++
		}
	}
	return n
}

func TestSKUs(t *testing.T) {
	o := newOffice(t, 10, Options{})
	v := o.viewer("admin-agent")
	for _, customer := range []string{emulator.ContosoID, school, emulator.EmptyCustomerID} {
		want, err := v.Client.Customer(customer).SubscribedSKUs(t.Context(), partnercenter.Group1, partnercenter.Group2)
		if err != nil {
			t.Fatal(err)
		}
		view := o.skus(v, strings.ToUpper(customer))
		if diff := cmp.Diff(want, view.Products); diff != "" {
			t.Errorf("the products of %s (-want +got):\n%s", customer, diff)
		}
		if view.State != StateComplete || view.Read != len(want) || view.ReadAt.IsZero() || view.CustomerID != customer || view.Refreshing || view.Stale {
			t.Errorf("%+v", view.Reading)
		}
	}
	if view := o.skus(v, school); !slices.ContainsFunc(view.Products, func(p partnercenter.SubscribedSKU) bool { return p.Group == partnercenter.Group2 }) {
		t.Error("none of the second group")
	}
	_, err := o.SKUs(t.Context(), v, "contoso")
	wantError(t, err, partnercenter.ErrBadID)
	wantError(t, o.RefreshSKUs(t.Context(), v, "contoso"), partnercenter.ErrBadID)
}

// All share one copy, each by a call of their own; who may not see it gets
// what they would get if nothing were read.
func TestSKUsAreSharedAndProofsAreNot(t *testing.T) {
	o := newOffice(t, 10, Options{})
	nobody := o.viewer("no-gdap")
	_, cold := o.SKUs(t.Context(), nobody, emulator.ContosoID)
	wantError(t, cold, partnercenter.ErrForbidden)
	o.service.ResetCalls()

	first := o.skus(o.viewer("admin-agent"), emulator.ContosoID)
	o.skus(o.viewer("admin-agent"), emulator.ContosoID)
	if n := o.asked("/subscribedskus"); n != 1 {
		t.Errorf("%d calls for the first viewer, want the one that is their proof", n)
	}
	second := o.skus(o.viewer("reader"), emulator.ContosoID)
	if second.Version != first.Version {
		t.Error("the second viewer doesn't see the first one's copy")
	}
	if n := o.asked("/subscribedskus"); n != 2 {
		t.Errorf("%d calls, want one more for the second viewer's proof", n)
	}

	_, warm := o.SKUs(t.Context(), nobody, emulator.ContosoID)
	wantError(t, warm, partnercenter.ErrForbidden)
	a, _ := errors.AsType[*partnercenter.Error](cold)
	b, _ := errors.AsType[*partnercenter.Error](warm)
	if a == nil || b == nil || a.Status != b.Status || a.Code != b.Code || a.Description != b.Description {
		t.Errorf("cold %v, warm %v", cold, warm)
	}
	wantError(t, o.RefreshSKUs(t.Context(), nobody, emulator.ContosoID), partnercenter.ErrForbidden)
	for _, id := range []string{"11111111-2222-4333-8444-555555555555", emulator.DepartedCustomerID} {
		_, err := o.SKUs(t.Context(), o.viewer("admin-agent"), id)
		wantError(t, err, partnercenter.ErrNoRelationship)
	}
}

// A proof for one kind is none for another.
func TestSKUsNeedTheirOwnProof(t *testing.T) {
	o := newOffice(t, 10, Options{})
	v, other := o.viewer("admin-agent"), o.viewer("reader")
	o.skus(v, emulator.ContosoID)
	if _, err := o.Users(t.Context(), other, emulator.ContosoID, Query{}); err != nil {
		t.Fatal(err)
	}
	o.service.SetFault(emulator.Fault{Status: http.StatusForbidden, Code: 2032, Person: "reader", PathPrefix: "/customers/*/subscribedskus"})
	_, err := o.SKUs(t.Context(), other, emulator.ContosoID)
	wantError(t, err, partnercenter.ErrForbidden)
	if _, err := o.Users(t.Context(), other, emulator.ContosoID, Query{}); err != nil {
		t.Errorf("a refusal of SKUs took the proof for users: %v", err)
	}
}

func TestSKUsAge(t *testing.T) {
	bubble(t, 10, Options{}, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		old := o.skus(v, emulator.ContosoID)
		time.Sleep(softAge + time.Second)
		if view := o.skus(v, emulator.ContosoID); view.Version != old.Version || !view.Refreshing {
			t.Errorf("at the soft age the old copy is served and the new one read behind: %+v", view.Reading)
		}
		synctest.Wait()
		view := o.skus(v, emulator.ContosoID)
		if view.Version == old.Version || view.Age != 0 {
			t.Errorf("after that the new one is served: %+v", view.Reading)
		}
		time.Sleep(hardAge + time.Second)
		if late := o.skus(v, emulator.ContosoID); late.Version == view.Version || late.Age != 0 {
			t.Errorf("an old copy was served: %+v", late.Reading)
		}
		if err := o.RefreshSKUs(t.Context(), v, emulator.ContosoID); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		before := o.skus(v, emulator.ContosoID)
		time.Sleep(time.Second)
		if err := o.RefreshSKUs(t.Context(), v, emulator.ContosoID); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if view := o.skus(v, emulator.ContosoID); view.Version == before.Version {
			t.Error("a refresh brought nothing new")
		}
	})
}

// While Partner Center does not answer, the last proof holds for reading up to
// half an hour.
func TestSKUsWhileDown(t *testing.T) {
	bubble(t, 10, Options{}, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.skus(v, emulator.ContosoID)
		o.service.SetFault(emulator.Fault{Status: http.StatusServiceUnavailable})
		time.Sleep(proofLife + time.Second)
		view := o.skus(v, emulator.ContosoID)
		if !view.Stale || view.State != StateStale || view.Err == nil || view.CorrelationID == "" || len(view.Products) == 0 {
			t.Errorf("on an older proof: %+v", view.Reading)
		}
		wantError(t, o.RefreshSKUs(t.Context(), v, emulator.ContosoID), partnercenter.ErrUnavailable)
		_, err := o.SKUs(t.Context(), o.viewer("reader"), emulator.ContosoID)
		wantError(t, err, partnercenter.ErrUnavailable)
		time.Sleep(proofStale)
		_, err = o.SKUs(t.Context(), v, emulator.ContosoID)
		wantError(t, err, partnercenter.ErrUnavailable)
		o.service.ClearFaults()
		if view := o.skus(v, emulator.ContosoID); view.Stale || view.Err != nil || view.Age != 0 {
			t.Errorf("once it is up again: %+v", view.Reading)
		}
	})
}

// The first answer takes long: there is nothing to see yet, and it says so.
func TestSKUsLoading(t *testing.T) {
	bubble(t, 10, Options{}, func(t *testing.T, o *office) {
		o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/subscribedskus", Latency: 15 * time.Second})
		v := o.viewer("admin-agent")
		started := time.Now()
		if view := o.skus(v, emulator.ContosoID); view.State != StateLoading || view.Products != nil || time.Since(started) != 10*time.Second {
			t.Errorf("after %v: %+v", time.Since(started), view)
		}
		if view := o.skus(v, emulator.ContosoID); view.State != StateComplete || time.Since(started) != 15*time.Second || len(view.Products) == 0 {
			t.Errorf("after %v: %+v", time.Since(started), view.Reading)
		}
	})
}

// A person with as many lists under way as there may be doesn't wait for them
// to see the SKUs.
func TestSKUsDontWaitForLists(t *testing.T) {
	bubble(t, 1200, Options{}, func(t *testing.T, o *office) {
		o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Latency: time.Hour})
		v := o.viewer("admin-agent")
		for _, customer := range []string{bigCustomer, emulator.GlobalReaderCustomerID} {
			if view, err := o.Users(t.Context(), v, customer, Query{}); err != nil || view.State != StateLoading {
				t.Fatalf("%+v, %v", view.Reading, err)
			}
		}
		started := time.Now()
		if view := o.skus(v, emulator.ContosoID); view.State != StateComplete || time.Since(started) != 0 {
			t.Errorf("after %v: %+v", time.Since(started), view.Reading)
		}
	})
}

// Whoever wants to know gets the SKUs each time they are read, for a list or
// with a user, and not when the copy is looked at or a reading fails.
func TestOnSKUs(t *testing.T) {
	var told atomic.Int64
	bubble(t, 10, Options{OnSKUs: func(ctx context.Context, tenant, customerID string, products []partnercenter.SubscribedSKU) {
		if ctx.Err() == nil && tenant == emulator.PartnerTenantID && customerID == emulator.ContosoID && len(products) > 0 {
			told.Add(1)
		}
	}}, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		expect := func(n int64) {
			t.Helper()
			if synctest.Wait(); told.Load() != n {
				t.Errorf("told %d times, want %d", told.Load(), n)
			}
		}
		o.skus(v, emulator.ContosoID)
		o.skus(v, emulator.ContosoID)
		expect(1)
		list, err := o.Users(t.Context(), v, emulator.ContosoID, Query{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.User(t.Context(), v, emulator.ContosoID, list.Rows[0].ID); err != nil {
			t.Fatal(err)
		}
		expect(2)
		o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/subscribedskus", Status: http.StatusServiceUnavailable})
		if err := o.RefreshSKUs(t.Context(), v, emulator.ContosoID); err != nil {
			t.Fatal(err)
		}
		expect(2)
	})
}

// What the short lists hold is counted, and they go when the room is needed
// and nobody has looked at them lately.
func TestSKUsAndRolesAreCounted(t *testing.T) {
	bubble(t, 10, Options{MaxBytes: 192 << 10}, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.skus(v, emulator.ContosoID)
		if _, err := o.Roles(t.Context(), v, emulator.ContosoID); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		skus, roles := o.Directory.skus[usersKey{v.PartnerTenantID, emulator.ContosoID}], o.roles[usersKey{v.PartnerTenantID, emulator.ContosoID}]
		if held := skus.shown.Load().rows.size() + roles.shown.Load().rows.size(); held < 10_000 || o.memory.used != held {
			t.Errorf("%d bytes are accounted for, %d are held", o.memory.used, held)
		}
		time.Sleep(inUse + time.Second)
		if view := o.view(v, Query{}); view.Read != 10 {
			t.Fatalf("%+v", view.Reading)
		}
		o.memory.hold(&list[*skuList]{}, 188<<10)
		if skus.shown.Load() != nil || roles.shown.Load() != nil {
			t.Error("they are still there")
		}
	})
}
