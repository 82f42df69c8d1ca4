package directory

import (
	"context"
	"time"
)

// UsersView is the page of a customer's users that a query asked for, with
// all that is to be said about it.
type UsersView struct {
	Reading
	CustomerID string
	Rows       []UserRow
	Matching   int    // users that match, on all pages; of those read
	Page       int    // the page shown: the query's, or the last there is
	Pages      int    // at least 1
	Size       int    // rows a page
	Exact      string // ID of the user whose ID, UPN or display name is exactly what was searched; it is the first row of page 1
	Counts     Counts
}

// UserRow is one user. Its strings share memory with the rest of the page.
type UserRow struct {
	ID          string // GUID in lower case
	DisplayName string // "" when there is none
	UPN         string
	FirstName   string
	LastName    string
	Phone       string
	Location    string    // usage location, ISO 3166-1 alpha-2; "" when not set
	DomainType  string    // "managed", "federated", "none", as the service wrote it
	Synced      time.Time // when last synced from on premises; zero for cloud only
	Guest       bool
	NameMarks   []Span // where DisplayName matches
	UPNMarks    []Span // where UPN matches
}

// Span is a range of bytes: s[Start:End].
type Span struct{ Start, End int }

// Counts are how many users have what one can filter by.
type Counts struct {
	NoLocation Count
	Synced     Count
	CloudOnly  Count
	Guest      Count
	Locations  []Facet // most first; without those who have none
	Domains    []Facet // most first
}

// Count is a number of users among all that were read, and among those that
// match the query's other parts: what choosing this would find.
type Count struct{ All, Matching int }

// Facet is the count of one value.
type Facet struct {
	Value string
	Count
}

// Users answers a query over a customer's users, loading them if they are not
// there yet.
//
// Every word of the query must be in the display, first or last name or the
// user principal name, without regard to case and accents, or, when it is four
// or more digits, in the phone number. A query that is the ID of a user finds
// that user only.
//
// The viewer needs a proof that they may list this customer's users; without
// one it is asked for with their own client, and its error is returned as it
// is: [partnercenter.ErrNoRelationship], [partnercenter.ErrForbidden],
// [partnercenter.ErrUnauthorized] and the like.
func (d *Directory) Users(ctx context.Context, v Viewer, customerID string, q Query) (UsersView, error) {
	return UsersView{}, errSkeleton
}

// Refresh reads the users anew; the old rows stay until the new are here.
func (d *Directory) Refresh(ctx context.Context, v Viewer, customerID string) error {
	return errSkeleton
}

// GoOn continues a reading that was cut or stopped, from the page where it
// ended while Partner Center still knows that, else from the start.
func (d *Directory) GoOn(ctx context.Context, v Viewer, customerID string) error { return errSkeleton }

// Stop ends a reading and keeps what was read.
func (d *Directory) Stop(ctx context.Context, v Viewer, customerID string) error { return errSkeleton }

// StartAgain reads from the start; the old rows stay until the new are here.
func (d *Directory) StartAgain(ctx context.Context, v Viewer, customerID string) error {
	return errSkeleton
}
