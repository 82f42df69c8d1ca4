package partnercenter

import (
	"context"
	"iter"
	"time"
)

// Users is the list of a customer's users.
type Users struct {
	client   *Client
	customer string
}

// Users reaches the customer's users.
func (c *CustomerRef) Users() *Users { return &Users{c.client, c.id} }

// UserSortField is what a list of users is sorted by.
type UserSortField string

// SortByDisplayName is the only sort field that is documented by example.
const SortByDisplayName UserSortField = "DisplayName"

// SortDirection is the direction of a sort.
type SortDirection string

// The directions.
const (
	Ascending  SortDirection = "Ascending"
	Descending SortDirection = "Descending"
)

// UsersOptions narrow and sort a list of users.
type UsersOptions struct {
	PageSize      int           // users a page, 1 to 500; 0 leaves it to the service (100)
	SortField     UserSortField // "" leaves the order to the service
	SortDirection SortDirection // "" means Ascending; only with SortField
	Deleted       bool          // deleted users instead of active ones
}

// UserPage is one page of users.
type UserPage struct {
	Items []User
	Next  Continuation // "" on the last page
}

// User is an account in a customer's directory. Empty fields were absent.
type User struct {
	ID                string // object ID in the customer's tenant
	UserPrincipalName string
	DisplayName       string
	FirstName         string
	LastName          string
	PhoneNumber       string
	UsageLocation     string // ISO 3166-1 alpha-2
	ImmutableID       string // link to the on-premises object
	DomainType        UserDomainType
	State             UserState
	LastDirectorySync time.Time // zero unless synchronised from on premises
	SoftDeletion      time.Time // zero unless deleted; starts the 30 days
}

// UserState tells active users from deleted ones; it is not the
// account-enabled flag. Values that this package does not know are kept as
// the service wrote them.
type UserState string

// The known states.
const (
	UserActive   UserState = "active"
	UserInactive UserState = "inactive" // deleted
)

// UserDomainType is how the user's domain signs in. Values that this package
// does not know are kept as the service wrote them.
type UserDomainType string

// The known domain types.
const (
	UserDomainNone      UserDomainType = "none"
	UserDomainManaged   UserDomainType = "managed"
	UserDomainFederated UserDomainType = "federated"
)

// RawUserPage is a page of users that was read but not decoded. Call
// [RawUserPage.Release] when done.
type RawUserPage struct {
	Next Continuation // known before the page is decoded; "" on the last page
}

// RawUser is a user whose fields lie in the page's buffer: valid during the
// call of Each only. A nil field was absent or null.
type RawUser struct {
	ID                []byte
	UserPrincipalName []byte
	DisplayName       []byte
	FirstName         []byte
	LastName          []byte
	PhoneNumber       []byte
	UsageLocation     []byte
	ImmutableID       []byte
	DomainType        []byte
	State             []byte
	LastDirectorySync []byte // RFC 3339
	SoftDeletion      []byte // RFC 3339
}

// Each decodes the page strictly and calls f for each user in order.
func (p *RawUserPage) Each(f func(*RawUser) error) error { return errSkeleton }

// Release gives the page's buffer back; the page is empty afterwards.
func (p *RawUserPage) Release() {}

// List fetches one page of the customer's users.
func (u *Users) List(ctx context.Context, opts UsersOptions, after Continuation) (UserPage, error) {
	return UserPage{}, errSkeleton
}

// ListRaw fetches one page without decoding it.
func (u *Users) ListRaw(ctx context.Context, opts UsersOptions, after Continuation) (*RawUserPage, error) {
	return nil, errSkeleton
}

// All yields every user.
func (u *Users) All(ctx context.Context, opts UsersOptions) iter.Seq2[User, error] {
	return func(yield func(User, error) bool) { yield(User{}, errSkeleton) }
}

// Deleted yields every deleted user.
func (u *Users) Deleted(ctx context.Context, opts UsersOptions) iter.Seq2[User, error] {
	opts.Deleted = true
	return u.All(ctx, opts)
}

// UserRef reaches one user of a customer.
type UserRef struct {
	client   *Client
	customer string
	id       string
}

// User reaches the user with the object ID id, a GUID.
func (c *CustomerRef) User(id string) *UserRef { return &UserRef{c.client, c.id, id} }

// ID is the user's object ID, as it was given.
func (u *UserRef) ID() string { return u.id }

// Get fetches the user.
func (u *UserRef) Get(ctx context.Context) (User, error) { return User{}, errSkeleton }
