package directory

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

func newProofs(t *testing.T) *proofs {
	b := newBackground()
	t.Cleanup(b.stop)
	return &proofs{background: b, earned: map[proofKey]time.Time{}, failed: map[proofKey]time.Time{}, asking: map[proofKey]*asking{}}
}

// Only a 403, and a 404 on the collection, take a proof away.
func TestWhatTakesAProof(t *testing.T) {
	for _, tt := range []struct {
		err   error
		takes bool
	}{
		{partnercenter.ErrForbidden, true},
		{fmt.Errorf("%w: %w", partnercenter.ErrNoRelationship, partnercenter.ErrForbidden), true},
		{partnercenter.ErrNotFound, true},
		{fmt.Errorf("%w: %w", partnercenter.ErrMFARequired, partnercenter.ErrUnauthorized), false},
		{partnercenter.ErrThrottled, false},
		{partnercenter.ErrUnavailable, false},
		{partnercenter.ErrBadResponse, false},
		{partnercenter.ErrBadRequest, false},
		{context.Canceled, false},
	} {
		p := newProofs(t)
		key, other := proofKey{person: "a", kind: KindUsers}, proofKey{person: "a", kind: KindLicenses}
		p.settle(key, nil)
		p.settle(other, nil)
		p.settle(key, tt.err)
		if p.live(key) == tt.takes {
			t.Errorf("%v: the proof is there: %v", tt.err, p.live(key))
		}
		if !p.live(other) {
			t.Errorf("%v took the proof of another kind", tt.err)
		}
	}
}

func TestProofAges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProofs(t)
		key := proofKey{person: "a", kind: KindUsers}
		down := func(context.Context) error { return partnercenter.ErrUnavailable }
		if _, err := p.need(t.Context(), key, down); !errors.Is(err, partnercenter.ErrUnavailable) {
			t.Errorf("without a proof: %v", err)
		}
		if stale, err := p.need(t.Context(), key, func(context.Context) error { return nil }); stale != nil || err != nil {
			t.Errorf("earning one: %v, %v", stale, err)
		}
		time.Sleep(proofLife - 1)
		never := func(context.Context) error { t.Error("asked though there is a proof"); return nil }
		if stale, err := p.need(t.Context(), key, never); stale != nil || err != nil {
			t.Errorf("on a live proof: %v, %v", stale, err)
		}
		time.Sleep(time.Nanosecond)
		if stale, err := p.need(t.Context(), key, down); !errors.Is(stale, partnercenter.ErrUnavailable) || err != nil {
			t.Errorf("on an older one: %v, %v", stale, err)
		}
		time.Sleep(proofPause)
		if _, err := p.need(t.Context(), key, func(context.Context) error { return partnercenter.ErrUnauthorized }); !errors.Is(err, partnercenter.ErrUnauthorized) {
			t.Errorf("a refused token is no outage: %v", err)
		}
		time.Sleep(proofStale - proofLife)
		if _, err := p.need(t.Context(), key, down); !errors.Is(err, partnercenter.ErrUnavailable) {
			t.Errorf("too old: %v", err)
		}
		p.settle(proofKey{person: "b"}, nil) // sweeps
		if len(p.earned) != 1 || len(p.asking) != 0 {
			t.Errorf("kept %v, %v", p.earned, p.asking)
		}
		if _, err := p.prospect(key); len(p.silent) != 1 || !errors.Is(err, partnercenter.ErrUnavailable) {
			t.Errorf("just now it was %v; kept %v", err, p.silent)
		}
		time.Sleep(time.Minute)
		p.settle(proofKey{person: "b"}, nil)
		if len(p.failed) != 0 || len(p.silent) != 0 {
			t.Errorf("after the outage there are still %v and %v", p.failed, p.silent)
		}
	})
}

// A token that is not taken leaves the proof, but as one that is to be earned
// anew; while Partner Center does not answer it holds for reading.
func TestRefusedTokenAgesAProof(t *testing.T) {
	p := newProofs(t)
	key := proofKey{person: "a", kind: KindUsers}
	p.settle(key, partnercenter.ErrUnauthorized)
	if _, err := p.need(t.Context(), key, func(context.Context) error { return partnercenter.ErrUnavailable }); err == nil {
		t.Error("a refusal made a proof")
	}
	p.settle(key, nil)
	p.settle(key, partnercenter.ErrUnauthorized)
	if p.live(key) {
		t.Error("the proof is as good as before")
	}
	stale, err := p.need(t.Context(), key, func(context.Context) error { return partnercenter.ErrUnavailable })
	if !errors.Is(stale, partnercenter.ErrUnavailable) || err != nil {
		t.Errorf("while Partner Center is down: %v, %v", stale, err)
	}
}

// A proof is of one kind, earned by a call of that kind.
func TestProve(t *testing.T) {
	o := newOffice(t, 10, Options{})
	reader, helpdesk := o.viewer("reader"), o.viewer("helpdesk-agent")
	for _, kind := range []Kind{KindUsers, KindLicenses, KindSKUs, KindRoles} {
		if _, err := o.Prove(t.Context(), helpdesk, emulator.ContosoID, kind); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		_, err := o.Prove(t.Context(), helpdesk, emulator.AdminOnlyCustomerID, kind)
		wantError(t, err, partnercenter.ErrForbidden)
		_, err = o.Prove(t.Context(), helpdesk, emulator.DepartedCustomerID, kind)
		wantError(t, err, partnercenter.ErrNoRelationship)
	}
	// A global reader may list users and SKUs, but not read licenses.
	for kind, want := range map[Kind]error{KindUsers: nil, KindSKUs: nil, KindLicenses: partnercenter.ErrForbidden} {
		_, err := o.Prove(t.Context(), reader, emulator.GlobalReaderCustomerID, kind)
		wantError(t, err, want)
	}
	_, err := o.Prove(t.Context(), reader, emulator.ContosoID, KindCustomers)
	wantError(t, err, partnercenter.ErrBadRequest)
	_, err = o.Prove(t.Context(), reader, "contoso.example", KindUsers)
	wantError(t, err, partnercenter.ErrBadID)
}

func TestUser(t *testing.T) {
	o := newOffice(t, 10, Options{})
	helpdesk, reader := o.viewer("helpdesk-agent"), o.viewer("reader")
	list, err := o.Users(t.Context(), helpdesk, emulator.ContosoID, Query{})
	if err != nil {
		t.Fatal(err)
	}
	row := list.Rows[0]
	view, err := o.User(t.Context(), helpdesk, emulator.ContosoID, row.ID)
	if err != nil {
		t.Fatal(err)
	}
	if view.User.UserPrincipalName != row.UPN || view.User.DisplayName != row.DisplayName || view.Stale {
		t.Errorf("%+v is not %+v", view.User, row)
	}
	if view.LicensesErr != nil || view.SKUsErr != nil || view.RolesErr != nil || len(view.SKUs) == 0 {
		t.Errorf("%+v", view)
	}
	// All of it was one action, and each success is a proof of its kind.
	o.service.SetFault(emulator.Fault{Status: http.StatusServiceUnavailable})
	for _, kind := range []Kind{KindUsers, KindLicenses, KindSKUs, KindRoles} {
		if proof, err := o.Prove(t.Context(), helpdesk, emulator.ContosoID, kind); err != nil || proof.Stale {
			t.Errorf("%s: %+v, %v", kind, proof, err)
		}
	}
	o.service.ClearFaults()

	// Each part fails by itself.
	list, err = o.Users(t.Context(), reader, emulator.GlobalReaderCustomerID, Query{})
	if err != nil {
		t.Fatal(err)
	}
	view, err = o.User(t.Context(), reader, emulator.GlobalReaderCustomerID, list.Rows[0].ID)
	if err != nil || view.User.ID != list.Rows[0].ID || view.SKUsErr != nil {
		t.Errorf("%+v, %v", view, err)
	}
	wantError(t, view.LicensesErr, partnercenter.ErrForbidden)

	// Who is not there takes no proof from anybody.
	_, err = o.User(t.Context(), helpdesk, emulator.ContosoID, "11111111-2222-4333-8444-555555555555")
	wantError(t, err, partnercenter.ErrNotFound)
	if !o.proofs.live(proofKey{helpdesk.Key, helpdesk.PartnerTenantID, emulator.ContosoID, KindUsers}) {
		t.Error("a 404 on one user took the proof for all")
	}
	for _, ids := range [][2]string{{"contoso", row.ID}, {emulator.ContosoID, "anna"}} {
		_, err = o.User(t.Context(), helpdesk, ids[0], ids[1])
		wantError(t, err, partnercenter.ErrBadID)
	}
}

// The four calls for a user are one action to Partner Center.
func TestUserIsOneAction(t *testing.T) {
	o := newOffice(t, 10, Options{})
	v := o.viewer("admin-agent")
	list, err := o.Users(t.Context(), v, emulator.ContosoID, Query{})
	if err != nil {
		t.Fatal(err)
	}
	o.service.ResetCalls()
	if _, err := o.User(t.Context(), v, emulator.ContosoID, list.Rows[0].ID); err != nil {
		t.Fatal(err)
	}
	ids := map[string]int{}
	for _, c := range o.service.Calls() {
		ids[c.CorrelationID]++
	}
	if len(ids) != 1 || len(o.service.Calls()) != 4 {
		t.Errorf("%d calls, %d correlation IDs", len(o.service.Calls()), len(ids))
	}
}

// TestProofsDropped: what was proved before the clock jumped proves nothing.
func TestProofsDropped(t *testing.T) {
	p := newProofs(t)
	key := proofKey{person: "ann", tenant: "partner", customer: "c", kind: KindUsers}
	p.settle(key, nil)
	if !p.live(key) {
		t.Fatal("a success is no proof")
	}
	p.drop()
	if p.live(key) || p.younger(key, proofStale) {
		t.Error("a proof outlived the drop")
	}
	asked := false
	_, err := p.need(t.Context(), key, func(context.Context) error { asked = true; return nil })
	if err != nil || !asked || !p.live(key) {
		t.Errorf("the next look: asked %v, error %v, proved %v", asked, err, p.live(key))
	}
}
