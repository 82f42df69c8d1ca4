package partnercenter

import (
	"context"
	"errors"
	"iter"
	"strings"
	"time"
)

// Users is a customer's users. It is made by [CustomerRef.Users].
type Users struct{ customer *CustomerRef }

// Users reaches the customer's users.
func (c *CustomerRef) Users() *Users { return &Users{c} }

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
	ID                string // object ID in the customer's tenant: a GUID, in lower case
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

// List fetches one page of the customer's users; what they hold of licenses
// and roles is not in it.
//
// Pass "" for the first page and [UserPage.Next] for the next; opts count for
// the first page only, as the continuation holds them. opts.PageSize is in
// users, 1 to 500; 0 leaves it to the service, which then gives 100.
//
// Errors: [ErrNoRelationship] when the customer is not this partner's,
// [ErrForbidden] when the person may not see its users, [ErrAppOnly],
// [ErrThrottled] once retries are used up, [ErrBadRequest] on a continuation
// of another list, [ErrBadResponse] when the page can't be decoded or an item
// belongs to another customer.
//
// Source: "Get a list of all user accounts for a customer" and "View a deleted
// user", GET /v1/customers/{customer-tenant-id}/users.
func (u *Users) List(ctx context.Context, opts UsersOptions, after Continuation) (UserPage, error) {
	raw, err := u.read(ctx, "users.List", opts, after)
	if err != nil {
		return UserPage{}, err
	}
	defer raw.Release()
	users, err := raw.users()
	if err != nil {
		return UserPage{}, err
	}
	return UserPage{Items: users, Next: raw.Next}, nil
}

// ListRaw fetches one page as [Users.List] does, but leaves it undecoded for
// [RawUserPage.Each]. The page's Next is known at once, so that the page after
// can be asked for while this one is decoded.
//
// Errors: those of List; what is wrong inside the page shows in Each.
func (u *Users) ListRaw(ctx context.Context, opts UsersOptions, after Continuation) (*RawUserPage, error) {
	return u.read(ctx, "users.ListRaw", opts, after)
}

// All yields every user, asking for 500 a page where opts leave it open. It
// stays one page ahead of the loop: the next page is on its way while this one
// is yielded. After an error it yields nothing more; leaving the loop stops
// the asking and ends the call under way. All pages share one correlation ID.
//
// Errors: those of [Users.List], and [ErrBadResponse] when the pages go round
// in a circle or are more than 4,000.
func (u *Users) All(ctx context.Context, opts UsersOptions) iter.Seq2[User, error] {
	const op = "users.All"
	opts.PageSize = orLargest(opts.PageSize)
	type result struct {
		page *RawUserPage
		err  error
	}
	return func(yield func(User, error) bool) {
		ctx, cancel := context.WithCancel(correlated(ctx))
		var coming chan result
		ask := func(after Continuation) {
			coming = make(chan result, 1)
			go func(to chan<- result) {
				page, err := u.read(ctx, op, opts, after)
				to <- result{page, err}
			}(coming)
		}
		defer func() { // also when the loop's body panics
			cancel()
			if coming != nil {
				if last := <-coming; last.err == nil {
					last.page.Release()
				}
			}
		}()

		var seen seenIDs
		ask("")
		for coming != nil {
			got := <-coming
			coming = nil
			if got.err != nil {
				yield(User{}, got.err)
				return
			}
			next := got.page.Next
			if next != "" {
				ask(next)
			}
			users, err := got.page.users()
			got.page.Release()
			if err == nil && next != "" && !seenNew(&seen, users, func(user User) string { return user.ID }) {
				err = nothingNew(ctx, op)
			}
			if err != nil {
				yield(User{}, err)
				return
			}
			for _, user := range users {
				if !yield(user, nil) {
					return
				}
			}
		}
	}
}

// Deleted yields every deleted user: those whose 30 days are not over. It is
// [Users.All] with opts.Deleted.
//
// Source: "View a deleted user".
func (u *Users) Deleted(ctx context.Context, opts UsersOptions) iter.Seq2[User, error] {
	opts.Deleted = true
	return u.All(ctx, opts)
}

// read fetches a page and finds its next link.
func (u *Users) read(ctx context.Context, op string, opts UsersOptions, after Continuation) (*RawUserPage, error) {
	customer, path, err := u.customer.path(op, "/users")
	if err != nil {
		return nil, err
	}
	query, err := opts.query(op)
	if err != nil {
		return nil, err
	}
	k, current, err := call{op: op, customer: customer, path: path, query: query}.from(after)
	if err != nil {
		return nil, err
	}
	a, err := u.customer.client.do(ctx, k)
	if err != nil {
		return nil, err
	}
	return newRawUserPage(a, current)
}

// query is the first page's query: size, filter, sort, as the SDK sends them.
// Size 0 stands for the service's own where something follows.
func (o UsersOptions) query(op string) (string, error) {
	if err := checkPageSize(op, o.PageSize); err != nil {
		return "", err
	}
	for _, text := range []string{string(o.SortField), string(o.SortDirection)} {
		if strings.ContainsFunc(text, func(r rune) bool { return (r|0x20 < 'a' || r|0x20 > 'z') && r != '_' }) {
			return "", badOption(op, "%q is nothing to sort by", text)
		}
	}
	var parts []string
	if o.Deleted {
		parts = append(parts, filter("UserState", "Inactive", "equals"))
	}
	if o.SortField != "" {
		direction := o.SortDirection
		if direction == "" {
			direction = Ascending
		}
		parts = append(parts, "sortField="+string(o.SortField), "sortDirection="+string(direction))
	}
	if o.PageSize > 0 || len(parts) > 0 {
		parts = append([]string{pageSize(o.PageSize)}, parts...)
	}
	return strings.Join(parts, "&"), nil
}

// UserRef reaches one user of a customer. It is made by [CustomerRef.User].
type UserRef struct {
	customer *CustomerRef
	id       string
}

// User reaches the user with the object ID id, a GUID. Nothing is sent; a call
// on what is no GUID fails with [ErrBadID], nothing sent either.
func (c *CustomerRef) User(id string) *UserRef { return &UserRef{c, id} }

// ID is the user's object ID, as it was given.
func (u *UserRef) ID() string { return u.id }

// path checks both IDs and gives the path of what lies below the user.
func (u *UserRef) path(op, below string) (customer, path string, err error) {
	customer, path, err = u.customer.path(op, "/users/")
	if err == nil && !ValidID(u.id) {
		err = badID(op, "user", u.id)
	}
	return customer, path + strings.ToLower(u.id) + below, err
}

// Get fetches the user.
//
// Errors: [ErrNotFound] on an unknown user and on a deleted one,
// [ErrNoRelationship], [ErrForbidden], [ErrAppOnly], [ErrThrottled],
// [ErrBadResponse] when another user comes back.
//
// Source: "Get a user account by ID",
// GET /v1/customers/{customer-tenant-id}/users/{user-id}.
func (u *UserRef) Get(ctx context.Context) (User, error) {
	const op = "user.Get"
	customer, path, err := u.path(op, "")
	if err != nil {
		return User{}, err
	}
	wire, a, err := fetchOne[wireUser](ctx, u.customer.client, call{op: op, customer: customer, path: path})
	if err != nil {
		return User{}, err
	}
	user, err := wire.user(customer)
	if err == nil && !strings.EqualFold(user.ID, u.id) {
		err = errOther
	}
	if err != nil {
		return User{}, a.fail("%w", err)
	}
	return user, nil
}

// wireUser is a user as encoding/json reads it: for a single one, and as the
// reference for the users pages' own decoder.
//
// Source: API facts 9.1.
type wireUser struct {
	UsageLocation         string         `json:"usageLocation"`
	ID                    string         `json:"id"`
	UserPrincipalName     string         `json:"userPrincipalName"`
	FirstName             string         `json:"firstName"`
	LastName              string         `json:"lastName"`
	DisplayName           string         `json:"displayName"`
	ImmutableID           string         `json:"immutableId"`
	PhoneNumber           string         `json:"phoneNumber"`
	LastDirectorySyncTime string         `json:"lastDirectorySyncTime"`
	UserDomainType        UserDomainType `json:"userDomainType"`
	State                 UserState      `json:"state"`
	SoftDeletionTime      string         `json:"softDeletionTime"`
	Links                 wireSelf       `json:"links"`
}

func (w wireUser) user(customer string) (User, error) {
	if !ValidID(w.ID) {
		return User{}, errNoID
	}
	if namesOther(w.Links.Self.URI, customer) {
		return User{}, errOtherOwn
	}
	synced, err := ParseTime(w.LastDirectorySyncTime)
	if err != nil {
		return User{}, err
	}
	deleted, err := ParseTime(w.SoftDeletionTime)
	if err != nil {
		return User{}, err
	}
	return User{
		ID:                strings.ToLower(w.ID),
		UserPrincipalName: w.UserPrincipalName,
		DisplayName:       w.DisplayName,
		FirstName:         w.FirstName,
		LastName:          w.LastName,
		PhoneNumber:       w.PhoneNumber,
		UsageLocation:     w.UsageLocation,
		ImmutableID:       w.ImmutableID,
		DomainType:        w.UserDomainType,
		State:             w.State,
		LastDirectorySync: synced,
		SoftDeletion:      deleted,
	}, nil
}

var errTime = errors.New("a time is not of the form 2006-01-02T15:04:05Z")

// ParseTime reads a time as Partner Center writes them: RFC 3339 with 0 to 9
// digits of a second's fraction, in UTC where no zone is given. "" is the zero
// time: the property was absent.
func ParseTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if len(text) > len("2006-01-02T15:04:05.999999999+00:00") {
		return time.Time{}, errTime
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil { // .NET leaves the zone out of a time it knows none for
		at, err = time.Parse("2006-01-02T15:04:05.999999999", text)
	}
	if err != nil {
		return time.Time{}, errTime
	}
	return at.UTC(), nil
}
