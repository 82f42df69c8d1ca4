package directory

import (
	"context"
	"net/url"
)

// ByDeleted sorts deleted users by when they were deleted. On their list it is
// the default, ascending: who is gone for good first, comes first.
const ByDeleted Column = "deleted"

// soonestGone is the default order of deleted users.
var soonestGone = Sort{By: ByDeleted}

// ParseDeletedQuery is [ParseQuery] for the list of deleted users. That one
// has no licenses and no roles to filter or sort by.
func ParseDeletedQuery(v url.Values) Query {
	q := ParseQuery(v)
	q.Sort = parseSort(v.Get("sort"))
	if v.Get("sort") == "" {
		q.Sort = soonestGone
	}
	return q.normalDeleted()
}

// EncodeDeleted is [Query.Encode] for the list of deleted users.
func (q Query) EncodeDeleted() string {
	q = q.normalDeleted()
	var e encoder
	e.add("q", q.Text, "")
	e.add("synced", string(q.Synced), "")
	e.add("guest", string(q.Guest), "")
	for _, l := range q.Locations {
		e.add("location", l, "")
	}
	for _, d := range q.Domains {
		e.add("domain", d, "")
	}
	e.add("sort", q.Sort.String(), soonestGone.String())
	e.addNumber("page", q.Page, 1)
	e.addNumber("size", q.Size, DefaultSize)
	return e.String()
}

// CanonicalDeleted is [Canonical] for the list of deleted users.
func CanonicalDeleted(v url.Values) (encoded string, ok bool) {
	encoded = ParseDeletedQuery(v).EncodeDeleted()
	return encoded, sameFields(v, encoded, queryFields[:]...)
}

// normalDeleted is normal for the list of deleted users.
func (q Query) normalDeleted() Query {
	sort := q.Sort
	q.Licenses, q.Plans, q.Roles = nil, nil, nil
	q = q.normal()
	switch sort.By {
	case "", ByDeleted:
		q.Sort = Sort{ByDeleted, sort.Descending}
	case ByName, ByUPN, ByLocation, ByDomainType, BySynced:
	default:
		q.Sort = soonestGone
	}
	return q
}

// Deleted answers a query over a customer's deleted users, whose 30 days are
// not over, as [Directory.Users] does over the others: the same search,
// filters and pages, on the same kind of proof. [UserRow.Deleted] says when.
func (d *Directory) Deleted(ctx context.Context, v Viewer, customerID string, q Query) (UsersView, error) {
	q = q.normalDeleted()
	l, err := d.deletedOf(v, customerID)
	if err != nil {
		return UsersView{}, usersError(err)
	}
	ed, reading, err := l.look(ctx, v)
	if err != nil {
		return UsersView{}, usersError(err)
	}
	view := UsersView{Page: 1, Pages: 1, Size: q.Size}
	if ed != nil {
		view = ed.rows.answer(&q, &d.recent, besides{})
	}
	view.Reading = reading
	view.CustomerID = l.customer
	return view, nil
}

// RefreshDeleted is [Directory.Refresh] for the deleted users.
func (d *Directory) RefreshDeleted(ctx context.Context, v Viewer, customerID string) error {
	return d.commandDeleted(ctx, v, customerID, (*list[*snapshot]).refresh)
}

// GoOnDeleted is [Directory.GoOn] for the deleted users.
func (d *Directory) GoOnDeleted(ctx context.Context, v Viewer, customerID string) error {
	return d.commandDeleted(ctx, v, customerID, (*list[*snapshot]).goOn)
}

// StopDeleted is [Directory.Stop] for the deleted users.
func (d *Directory) StopDeleted(ctx context.Context, v Viewer, customerID string) error {
	return d.commandDeleted(ctx, v, customerID, (*list[*snapshot]).stop)
}

// StartAgainDeleted is [Directory.StartAgain] for the deleted users.
func (d *Directory) StartAgainDeleted(ctx context.Context, v Viewer, customerID string) error {
	return d.commandDeleted(ctx, v, customerID, (*list[*snapshot]).startAgain)
}

func (d *Directory) commandDeleted(ctx context.Context, v Viewer, customerID string, do func(*list[*snapshot], context.Context, Viewer) error) error {
	l, err := d.deletedOf(v, customerID)
	if err == nil {
		err = do(l, ctx, v)
	}
	if err != nil {
		return usersError(err)
	}
	return nil
}

// deletedOf is the list of a customer's deleted users.
func (d *Directory) deletedOf(v Viewer, customerID string) (*list[*snapshot], error) {
	return listOf(d, d.deleted, v, customerID, func(key usersKey) *list[*snapshot] {
		by := collation{language: d.opts.Language, locationName: d.opts.LocationName}
		return newList(d, KindUsers, key.tenant, key.customer, probeKind(key.customer, KindUsers), func() reader[*snapshot] {
			r := newUsersReader(key.customer, by)
			r.builder.deleted = true
			return r
		})
	})
}
