package directory

import (
	"context"
	"fmt"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// Proof is that a viewer may see a kind of a customer's data.
type Proof struct {
	Stale bool  // it is an older one: Partner Center does not answer. To read only
	Err   error // the failure, when Stale
}

// Prove makes sure that the viewer may see a kind of a customer's data, for
// what is shown without asking Partner Center for that data: by a proof they
// have, or by the smallest call of the kind with their own client. The error is
// that of the call.
func (d *Directory) Prove(ctx context.Context, v Viewer, customerID string, kind Kind) (Proof, error) {
	id, ok := parseGUID(customerID)
	if !ok {
		return Proof{}, proveError(kind, partnercenter.ErrBadID)
	}
	key := proofKey{person: v.Key, tenant: v.PartnerTenantID, customer: id.String(), kind: kind}
	stale, err := d.proofs.need(ctx, key, func(ctx context.Context) error {
		return probeOf(ctx, v.Client.Customer(key.customer), kind)
	})
	if err != nil {
		return Proof{}, proveError(kind, err)
	}
	return Proof{Stale: stale != nil, Err: stale}, nil
}

func proveError(kind Kind, err error) error { return fmt.Errorf("prove access to %s: %w", kind, err) }

// helpdeskRole is the role whose members are asked for: one that every
// customer has. Source: API facts 9.3.
const helpdeskRole = "729827e3-9c14-49f7-bb1b-9608f156bbb8"

// probeOf is the smallest call of a kind.
func probeOf(ctx context.Context, customer *partnercenter.CustomerRef, kind Kind) error {
	switch kind {
	case KindUsers:
		_, err := customer.Users().List(ctx, partnercenter.UsersOptions{PageSize: 1}, "")
		return err
	case KindLicenses: // those of one user; a customer without users has none to hide
		users, err := customer.Users().List(ctx, partnercenter.UsersOptions{PageSize: 1}, "")
		if err != nil || len(users.Items) == 0 {
			return err
		}
		_, err = customer.User(users.Items[0].ID).Licenses(ctx)
		return err
	case KindSKUs:
		_, err := customer.SubscribedSKUs(ctx)
		return err
	case KindRoles:
		_, err := customer.Role(helpdeskRole).Members().List(ctx, partnercenter.RoleMembersOptions{PageSize: 1}, "")
		return err
	}
	return fmt.Errorf("%w: no customer has %q", partnercenter.ErrBadRequest, kind)
}
