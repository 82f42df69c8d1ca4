package directory

import (
	"context"
	"strings"
	"time"
)

// Known is what is held of a customer: numbers of users and of seats. Each is
// known only to a viewer who has a proof of its kind.
type Known struct {
	Users      int
	UsersPart  bool      // there are more users than were read
	UsersRead  time.Time // when the last of them was read; zero: none is held
	Owned      int       // seats, of all products that have any
	Assigned   int
	SeatsKnown bool
}

// Known tells what is held of the partner's customers, by ID, and only of those
// for which the viewer has live proofs. Nothing is asked of Partner Center, and
// it counts as no look at any of them.
func (d *Directory) Known(_ context.Context, v Viewer) map[string]Known {
	d.mu.Lock()
	defer d.mu.Unlock()
	known := map[string]Known{}
	for key, l := range d.users {
		ed := l.shown.Load()
		if key.tenant != v.PartnerTenantID || ed == nil || ed.tooOld() || !d.proofs.live(l.proofKey(v.Key)) {
			continue
		}
		k := known[key.customer]
		k.Users, k.UsersPart, k.UsersRead = ed.rows.count(), !ed.complete, ed.readAt
		known[key.customer] = k
	}
	for key, l := range d.skus {
		ed := l.shown.Load()
		if key.tenant != v.PartnerTenantID || ed == nil || ed.tooOld() || !d.proofs.live(l.proofKey(v.Key)) {
			continue
		}
		k := known[key.customer]
		k.SeatsKnown = true
		for i := range ed.rows.products {
			if p := &ed.rows.products[i]; strings.EqualFold(p.TargetType, "User") { // a tenant's has no seats to assign
				k.Owned += p.Total
				k.Assigned += p.Consumed
			}
		}
		known[key.customer] = k
	}
	return known
}
