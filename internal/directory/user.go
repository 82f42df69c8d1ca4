package directory

import (
	"context"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// UserView is one user, read just now. Each part was asked for with the
// viewer's own client, and fails by itself.
type UserView struct {
	User   partnercenter.User
	ReadAt time.Time // of all parts; of the list the user was taken from when Stale

	Licenses    []partnercenter.License
	LicensesErr error // why they are not known
	SKUs        []partnercenter.SubscribedSKU
	SKUsErr     error
	Roles       []partnercenter.DirectoryRole
	RolesErr    error

	// Stale tells that Partner Center does not answer: User is as the list
	// has it, to read only.
	Stale bool
	Err   error // the failure, when Stale
}

// User reads one user, with licenses, seats and roles.
func (d *Directory) User(ctx context.Context, v Viewer, customerID, userID string) (UserView, error) {
	return UserView{}, errSkeleton
}
