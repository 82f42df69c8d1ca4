package directory

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// UserView is one user, read just now. Each part was asked for with the
// viewer's own client, and fails by itself.
type UserView struct {
	User   partnercenter.User
	ReadAt time.Time // of all parts; of the list, when Stale

	Licenses    []partnercenter.License
	LicensesErr error // why they are not known
	SKUs        []partnercenter.SubscribedSKU
	SKUsErr     error
	Roles       []partnercenter.DirectoryRole
	RolesErr    error

	// Stale tells that Partner Center does not answer: User is what the list
	// has of them, to read only, and the other parts are not known.
	Stale bool
	Err   error // the failure, when Stale
}

// User reads one user from Partner Center, with licenses, the seats of the
// customer's SKUs, and roles, side by side. Each success is a proof of its kind.
//
// The error is that of the user alone: [partnercenter.ErrNotFound] for one who
// is unknown or deleted, [partnercenter.ErrNoRelationship],
// [partnercenter.ErrForbidden] and the like.
func (d *Directory) User(ctx context.Context, v Viewer, customerID, userID string) (UserView, error) {
	l, err := d.usersOf(v, customerID)
	if err != nil {
		return UserView{}, userError(err)
	}
	id, ok := parseGUID(userID)
	if !ok {
		return UserView{}, userError(partnercenter.ErrBadID)
	}
	if !partnercenter.ValidID(partnercenter.CorrelationID(ctx)) {
		ctx = partnercenter.WithCorrelationID(ctx, partnercenter.NewID()) // one for all parts
	}
	customer := v.Client.Customer(l.customer)
	user := customer.User(id.String())
	view := UserView{ReadAt: time.Now()}
	var parts sync.WaitGroup
	d.pace(v.PartnerTenantID).spend(userCalls)
	read := func(kind Kind, to *error, call func() error) {
		parts.Go(func() {
			*to = d.call(ctx, call)
			key := l.proofKey(v.Key)
			key.kind = kind
			d.proofs.settle(key, ofCollection(kind, *to))
		})
	}
	read(KindUsers, &err, func() (err error) {
		view.User, err = user.Get(ctx)
		return err
	})
	read(KindLicenses, &view.LicensesErr, func() (err error) {
		at := time.Now()
		view.Licenses, err = readLicenses(ctx, customer, id)
		if err == nil { // so that the list agrees
			d.annex(l).licenses.take(id, view.Licenses, at)
		}
		return err
	})
	read(KindSKUs, &view.SKUsErr, func() (err error) {
		view.SKUs, err = customer.SubscribedSKUs(ctx, partnercenter.Group1, partnercenter.Group2)
		if err == nil {
			d.tellSKUs(ctx, usersKey{l.tenant, l.customer}, view.SKUs)
		}
		return err
	})
	read(KindRoles, &view.RolesErr, func() (err error) {
		view.Roles, err = user.Roles(ctx)
		return err
	})
	parts.Wait()
	switch {
	case err == nil:
		return view, nil
	case noAnswer(err):
		return d.fromList(l, v, id, err)
	}
	return UserView{}, userError(err)
}

// userCalls is how many calls it takes to read one user.
const userCalls = 4

// call makes a call when there is room for one more.
func (d *Directory) call(ctx context.Context, call func() error) error {
	select {
	case d.calls <- struct{}{}:
		defer func() { <-d.calls }()
		return call()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ofCollection is the error as far as it speaks of a kind of data. That one
// user is not found says nothing about the others.
func ofCollection(kind Kind, err error) error {
	if kind != KindSKUs && errors.Is(err, partnercenter.ErrNotFound) {
		return errOneUser
	}
	return err
}

var errOneUser = errors.New("this user is not found")

// fromList is what the list has of a user, for a viewer with a proof for it
// who got no answer.
func (d *Directory) fromList(l *list[*snapshot], v Viewer, id guid, failed error) (UserView, error) {
	ed := l.shown.Load()
	if ed == nil {
		return UserView{}, userError(failed)
	}
	if _, err := d.proofs.older(l.proofKey(v.Key), failed); err != nil {
		return UserView{}, userError(err)
	}
	row, ok := ed.rows.find(id)
	if !ok {
		return UserView{}, userError(failed)
	}
	return UserView{
		User: ed.rows.user(row), ReadAt: ed.readAt,
		LicensesErr: failed, SKUsErr: failed, RolesErr: failed,
		Stale: true, Err: failed,
	}, nil
}

// user is a row in the form of the SDK.
func (s *snapshot) user(row uint32) partnercenter.User {
	c, i := s.cell(row)
	f := c.fields(i)
	return partnercenter.User{
		ID:                c.ids[i].String(),
		UserPrincipalName: string(c.appendUPN(nil, &s.tables, i, f)),
		DisplayName:       string(f.display),
		FirstName:         string(f.first),
		LastName:          string(f.last),
		PhoneNumber:       string(f.phone),
		UsageLocation:     s.locations[c.locations[c.location[i]]],
		DomainType:        partnercenter.UserDomainType(s.types[c.types[c.traits[i]&typeMask]]),
		State:             partnercenter.UserActive, // the list has no others
		LastDirectorySync: c.synced[i].time(),
	}
}

func userError(err error) error { return fmt.Errorf("read a user: %w", err) }
