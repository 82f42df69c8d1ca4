package directory

import (
	"context"
	"fmt"
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
	Licenses   LicensesReading
	Roles      RolesReading
	Names      map[string]Name // of the SKUs, service plans and roles in this view, by ID; shared: nobody may change it
}

// Name is what something is called that the view has by its ID.
type Name struct {
	Name       string // as Partner Center says it, in the language of whoever read it
	PartNumber string // of a SKU, "SPE_E3"; of a service plan its service name; "" for a role
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
	Deleted     time.Time // on the list of deleted users: when, or zero where the service doesn't say

	Licenses     []string // IDs of SKUs, by product name; shared: nobody may change it
	LicensesRead bool     // they are known; else Licenses is nil
	Roles        []string // IDs of directory roles; only meaningful when those of the view were read. Shared as well

	NameMarks []Span // where DisplayName matches
	UPNMarks  []Span // where UPN matches
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

	// Over those whose licenses were read, and whose roles: nil when the view
	// has none of the kind.
	Unlicensed Count
	Licenses   []Facet // by SKU, most first
	Plans      []Facet // by service plan that is on, most first
	Roles      []Facet // most first
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
// here yet: then with the first page as soon as that is, in [StateGrowing], or
// with nothing in [StateLoading] when it takes longer than Options.Patience.
// While the list grows, rows that were there keep their places under the
// default sort.
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
//
// Kinds are what the view shows besides: [KindLicenses], [KindRoles]. Each
// needs a proof of its own kind, and what the query filters or sorts by adds
// itself. A kind that is only shown and withheld is absent, and the view says
// why; to filter or sort by it is a [*KindError]. What is not read yet is read
// behind the view, the licenses of its rows first, and the version of the view
// grows with what came.
func (d *Directory) Users(ctx context.Context, v Viewer, customerID string, q Query, kinds ...Kind) (UsersView, error) {
	q = q.normal()
	a, err := d.ask(ctx, v, customerID, &q, kinds)
	if err != nil {
		return UsersView{}, usersError(err)
	}
	view := UsersView{Page: 1, Pages: 1, Size: q.Size}
	if a.edition != nil {
		var rows []uint32
		if a.licenses != nil {
			a.page = &rows
		}
		view = a.edition.rows.answer(&q, &d.recent, a.besides)
		a.showed(ctx, v, rows)
	}
	a.tell(&view)
	a.nameAsked(v, &q, &view)
	return view, nil
}

func usersError(err error) error { return fmt.Errorf("read the users of a customer: %w", err) }

// Refresh reads the users anew; the old rows stay until the new are here.
// Without a proof it fails as [Directory.Users] does; so do the next three.
func (d *Directory) Refresh(ctx context.Context, v Viewer, customerID string) error {
	return d.command(ctx, v, customerID, (*list[*snapshot]).refresh)
}

// GoOn continues a reading that was cut or stopped, from the page where it
// ended while Partner Center still knows that, else from the start; then the
// old rows stay until the new are here. A list that is complete or being read
// is left alone.
func (d *Directory) GoOn(ctx context.Context, v Viewer, customerID string) error {
	return d.command(ctx, v, customerID, (*list[*snapshot]).goOn)
}

// Stop ends a reading and keeps what was read.
func (d *Directory) Stop(ctx context.Context, v Viewer, customerID string) error {
	return d.command(ctx, v, customerID, (*list[*snapshot]).stop)
}

// StartAgain reads from the start, also when a reading is at work; the old
// rows stay until the new are here.
func (d *Directory) StartAgain(ctx context.Context, v Viewer, customerID string) error {
	return d.command(ctx, v, customerID, (*list[*snapshot]).startAgain)
}

func (d *Directory) command(ctx context.Context, v Viewer, customerID string, do func(*list[*snapshot], context.Context, Viewer) error) error {
	l, err := d.usersOf(v, customerID)
	if err == nil {
		err = do(l, ctx, v)
	}
	if err != nil {
		return usersError(err)
	}
	return nil
}
