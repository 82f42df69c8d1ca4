package directory

import (
	"bytes"
	"cmp"
	"context"
	"iter"
	"math"
	"slices"
)

// All answers a query as [Directory.Users] does, but with every user that
// matches and no pages: what the view would show one after the other. The view
// itself has no rows. It and the rows are of one moment, however long the loop
// takes, and rows are made as the loop needs them. While the list is not
// complete they are those that were read so far.
//
// A stale view is to be read on the screen only: who exports or selects has to
// look at [Reading.Stale] first.
func (d *Directory) All(ctx context.Context, v Viewer, customerID string, q Query, kinds ...Kind) (UsersView, iter.Seq[UserRow], error) {
	q = q.normal()
	a, err := d.ask(ctx, v, customerID, &q, kinds)
	if err != nil {
		return UsersView{}, nil, usersError(err)
	}
	view, rows := UsersView{Page: 1, Pages: 1}, noRows
	if a.edition != nil {
		view, rows = a.edition.rows.all(&q, &d.recent, a.besides)
		a.readOn(ctx)
	}
	a.tell(&view)
	return view, rows, nil
}

// readOn begins to read what is due of licenses, for a view that is of all
// users: none of them is to come first.
func (a *asked) readOn(ctx context.Context) {
	if a.licenses == nil {
		return
	}
	h := a.d.annex(a.list).licenses
	h.mu.Lock()
	h.arrange(ctx)
	h.mu.Unlock()
	a.tellLicenses(h)
}

// AllDeleted is [Directory.All] for the deleted users.
func (d *Directory) AllDeleted(ctx context.Context, v Viewer, customerID string, q Query) (UsersView, iter.Seq[UserRow], error) {
	q = q.normalDeleted()
	l, err := d.deletedOf(v, customerID)
	if err != nil {
		return UsersView{}, nil, usersError(err)
	}
	ed, reading, err := l.look(ctx, v)
	if err != nil {
		return UsersView{}, nil, usersError(err)
	}
	view, rows := UsersView{Page: 1, Pages: 1}, noRows
	if ed != nil {
		view, rows = ed.rows.all(&q, &d.recent, besides{})
	}
	view.Reading = reading
	view.CustomerID = l.customer
	return view, rows, nil
}

func noRows(func(UserRow) bool) {}

// all is every row of a snapshot that the query asks for. q is normal.
func (u *snapshot) all(q *Query, r *recent, b besides) (UsersView, iter.Seq[UserRow]) {
	s := searches.Get().(*search)
	defer searches.Put(s)
	whole := *q
	whole.Page, whole.Size = 1, math.MaxInt32
	v := s.pick(u, &whole, r, b)
	v.Size = v.Matching
	return v, u.rowsOf(slices.Clone(s.rows), b)
}

// rowsAtOnce is how many rows are made at once.
const rowsAtOnce = 256

// rowsOf makes the rows of the numbers, some at a time, without marks.
func (u *snapshot) rowsOf(numbers []uint32, b besides) iter.Seq[UserRow] {
	b.page = nil
	return func(yield func(UserRow) bool) {
		for some := range slices.Chunk(numbers, rowsAtOnce) {
			for _, row := range u.show(some, b) {
				if !yield(row) {
					return
				}
			}
		}
	}
}

// show makes the rows of the numbers, without marks.
func (u *snapshot) show(numbers []uint32, b besides) []UserRow {
	s := searches.Get().(*search)
	defer searches.Put(s)
	s.needle.parse("")
	s.rows = append(s.rows[:0], numbers...)
	return s.view(u, b)
}

// ByID are those of the users that are in the list of the customer's users as
// far as it was read, in the order of their names. Kinds are what their rows
// have besides, as for [Directory.Users], whose errors it has; a kind that the
// viewer may not see is left out.
func (d *Directory) ByID(ctx context.Context, v Viewer, customerID string, ids []string, kinds ...Kind) ([]UserRow, error) {
	a, err := d.ask(ctx, v, customerID, new(Query{}.normal()), kinds)
	if err != nil {
		return nil, usersError(err)
	}
	if a.edition == nil {
		return nil, nil
	}
	wanted := make(map[guid]bool, len(ids))
	for _, id := range ids {
		if g, ok := parseGUID(id); ok {
			wanted[g] = true
		}
	}
	u := a.edition.rows
	numbers := u.findAll(wanted)
	u.sortByName(numbers)
	a.page = nil
	a.readOn(ctx)
	return u.show(numbers, a.besides), nil
}

// findAll are the rows of the users who are wanted, as they lie.
func (u *snapshot) findAll(wanted map[guid]bool) (rows []uint32) {
	for number, c := range u.chunks {
		for i := range c.ids {
			if wanted[c.ids[i]] {
				rows = append(rows, uint32(number<<chunkBits+i))
			}
		}
	}
	return rows
}

// sortByName puts some rows in the order of ByName.
func (u *snapshot) sortByName(rows []uint32) {
	if u.sorted {
		slices.Sort(rows)
		return
	}
	named := func(row uint32) int {
		c, i := u.cell(row)
		if len(c.fields(i).display) == 0 {
			return 1
		}
		return 0
	}
	slices.SortFunc(rows, func(a, b uint32) int {
		if c := cmp.Compare(named(a), named(b)); c != 0 {
			return c
		}
		return cmp.Compare(a, b)
	})
}

// foldedName is a user's display name as searched.
func (c *chunk) foldedName(i int) []byte {
	record := c.record(i)
	return record[:bytes.IndexByte(record, sep)]
}
