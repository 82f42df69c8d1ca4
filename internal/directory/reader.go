package directory

import (
	"context"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// pageSize is how many rows are asked for at once: the most there may be.
const pageSize = 500

// rows are what a list holds. They never change.
type rows interface {
	count() int
	size() int64 // bytes
}

// reader reads one kind of list and lays it out. Fetch may run beside all
// else; the rest is for one goroutine.
type reader[R rows] interface {
	fetch(ctx context.Context, client *partnercenter.Client, after partnercenter.Continuation) (page, error)
	count() int  // rows so far
	need() int64 // bytes, with those it takes to finish
	soFar() R
	done() R // laid out for good
}

// page is a page that is here but not decoded yet.
type page interface {
	next() partnercenter.Continuation // "" on the last
	add() (added int, err error)      // decodes it to its reader: all of it or, with an error, nothing
	release()
}

// probe is the smallest call that shows whether a person may see a list.
type probe func(ctx context.Context, client *partnercenter.Client) error

// usersReader reads a customer's users.
type usersReader struct {
	customer string
	by       collation
	builder  *builder
	last     *snapshot
}

func newUsersReader(customer string, by collation) *usersReader {
	return &usersReader{customer: customer, by: by, builder: newBuilder()}
}

type usersPage struct {
	*partnercenter.RawUserPage
	to *builder
}

func (p usersPage) next() partnercenter.Continuation { return p.Next }
func (p usersPage) add() (int, error)                { return p.to.addPage(p.RawUserPage) }
func (p usersPage) release()                         { p.Release() }

func (r *usersReader) fetch(ctx context.Context, client *partnercenter.Client, after partnercenter.Continuation) (page, error) {
	opts := partnercenter.UsersOptions{PageSize: pageSize, Deleted: r.builder.deleted}
	if !opts.Deleted { // nobody has seen a filter and a sort together
		opts.SortField, opts.SortDirection = partnercenter.SortByDisplayName, partnercenter.Ascending
	}
	raw, err := client.Customer(r.customer).Users().ListRaw(ctx, opts, after)
	if err != nil {
		return nil, err
	}
	return usersPage{raw, r.builder}, nil
}

func (r *usersReader) count() int { return r.builder.rows }

// need counts the copy that finishing makes, and the IDs that are remembered
// so that nobody is there twice.
func (r *usersReader) need() int64 {
	const remembered = 40 // bytes an ID, as a map has room to grow
	return 2*r.builder.bytes + int64(r.builder.rows)*remembered
}

func (r *usersReader) soFar() *snapshot {
	r.last = r.builder.snapshot(r.last, r.by)
	return r.last
}

func (r *usersReader) done() *snapshot {
	r.builder.seen = nil // sorting needs the room
	return r.soFar().finished()
}

// probeKind is the smallest call of a kind.
func probeKind(customer string, kind Kind) probe {
	return func(ctx context.Context, client *partnercenter.Client) error {
		return probeOf(ctx, client.Customer(customer), kind)
	}
}

func (s *snapshot) count() int { return s.rows }

// size counts the orders of all columns, which come when they are asked for.
func (s *snapshot) size() int64 {
	perRow := int64(orderBytes)
	if len(s.chunks) > 0 && s.chunks[0].deleted != nil {
		perRow += orderBytes / 4
	}
	return s.bytes + int64(s.rows)*perRow
}
