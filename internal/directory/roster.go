package directory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// roster is the partner's customers as they were read: in the order of their
// names once all are here, until then as Partner Center sends them. There are
// thousands at most, so it is kept and searched plainly. It never changes.
type roster struct {
	customers []Customer
	folded    []string // of each: name, domain and ID, as searched
	places    map[string]int
	bytes     int64
	by        collation

	ranked [2]struct { // by domain, by relationship; worked out when first asked for
		once  sync.Once
		ranks []uint32
	}
}

// customersReader reads the partner's customers.
type customersReader struct {
	roster
}

type customersPage struct {
	partnercenter.CustomerPage
	to *customersReader
}

func (p customersPage) next() partnercenter.Continuation { return p.Next }
func (p customersPage) release()                         {}

func (p customersPage) add() (added int, err error) {
	r := p.to
	if r.places == nil {
		r.places = map[string]int{}
	}
	for i := range p.Items {
		if !partnercenter.ValidID(p.Items[i].ID) {
			return 0, r.dropped(added, fmt.Errorf("a customer's ID is not a GUID: %w", partnercenter.ErrBadResponse))
		}
		c := newCustomer(&p.Items[i])
		if _, ok := r.places[c.ID]; ok {
			continue
		}
		r.places[c.ID] = len(r.customers)
		r.customers = append(r.customers, c)
		text := fmt.Appendf(nil, "%s%c%s%c%s", fold(nil, []byte(c.Name)), sep, fold(nil, []byte(c.Domain)), sep, c.ID)
		r.folded = append(r.folded, string(text))
		r.bytes += customerBytes + int64(len(c.Name)+len(c.Domain)+2*len(c.ID)+len(text))
		added++
	}
	return added, nil
}

// customerBytes is what a customer takes besides its texts.
const customerBytes = 4*16 + 16 + 64

// dropped forgets the last customers, of a page that could not be read to its end.
func (r *customersReader) dropped(n int, err error) error {
	keep := len(r.customers) - n
	for _, c := range r.customers[keep:] {
		delete(r.places, c.ID)
	}
	r.customers, r.folded = r.customers[:keep], r.folded[:keep]
	return err
}

func (r *customersReader) fetch(ctx context.Context, client *partnercenter.Client, after partnercenter.Continuation) (page, error) {
	p, err := client.Customers().List(ctx, partnercenter.CustomersOptions{PageSize: pageSize}, after)
	if err != nil {
		return nil, err
	}
	return customersPage{p, r}, nil
}

// probeCustomers lists one customer.
func probeCustomers(ctx context.Context, client *partnercenter.Client) error {
	_, err := client.Customers().List(ctx, partnercenter.CustomersOptions{PageSize: 1}, "")
	return err
}

func (r *customersReader) count() int  { return len(r.customers) }
func (r *customersReader) need() int64 { return 2 * r.bytes }

func (r *customersReader) soFar() *roster {
	n := len(r.customers)
	return &roster{customers: r.customers[:n:n], folded: r.folded[:n:n], bytes: r.bytes, by: r.by}
}

func (r *customersReader) done() *roster {
	rows := make([]uint32, len(r.customers))
	for i := range rows {
		rows[i] = uint32(i)
	}
	o := r.by.byText(rows, func(dst []byte, row uint32) []byte {
		return append(dst, r.customers[row].Name...)
	}, func(a, b uint32) int {
		return cmp.Compare(r.customers[a].ID, r.customers[b].ID)
	})
	sorted := &roster{
		customers: make([]Customer, len(rows)),
		folded:    make([]string, len(rows)),
		places:    make(map[string]int, len(rows)),
		bytes:     r.bytes,
		by:        r.by,
	}
	for k, row := range o.rows {
		sorted.customers[k], sorted.folded[k] = r.customers[row], r.folded[row]
		sorted.places[r.customers[row].ID] = k
	}
	return sorted
}

func (r *roster) count() int  { return len(r.customers) }
func (r *roster) size() int64 { return r.bytes }

// byID finds a customer. While the list grows there is no index.
func (r *roster) byID(id string) (Customer, bool) {
	if r.places == nil {
		return r.byFunc(func(c *Customer) bool { return c.ID == id })
	}
	k, ok := r.places[id]
	if !ok {
		return Customer{}, false
	}
	return r.customers[k], true
}

func (r *roster) byDomain(domain string) (Customer, bool) {
	return r.byFunc(func(c *Customer) bool { return strings.ToLower(c.Domain) == domain })
}

func (r *roster) byFunc(is func(*Customer) bool) (Customer, bool) {
	for i := range r.customers {
		if is(&r.customers[i]) {
			return r.customers[i], true
		}
	}
	return Customer{}, false
}

// answer is the page of customers that the query asks for. q is normal.
func (r *roster) answer(q *CustomersQuery) CustomersView {
	var n needle
	n.parse(q.Text)
	var found []int
	var counts CustomersCounts
	for i, text := range r.folded {
		id := r.customers[i].ID
		starred, refused, read := q.Starred[id], !q.Refused[id].IsZero(), !q.Known[id].UsersRead.IsZero()
		counts.add(starred, refused, read)
		if n.in(text) && q.Only.lets(starred, refused, read) {
			found = append(found, i)
		}
	}
	byOpened := r.sorts(q, lastOpened)
	recent := slices.SortedFunc(slices.Values(found), byOpened)
	slices.SortFunc(found, r.sorts(q, q.Order()))

	v := CustomersView{Matching: len(found), Size: q.Size, Counts: counts}
	if at := r.exact(found, q.Text); at >= 0 {
		i := found[at]
		found = slices.Insert(slices.Delete(found, at, at+1), 0, i)
		v.Exact = r.customers[i].ID
	}
	v.Pages = max((len(found)+q.Size-1)/q.Size, 1)
	v.Page = min(q.Page, v.Pages)
	var f folder
	for _, i := range found[(v.Page-1)*q.Size : min(v.Page*q.Size, len(found))] {
		v.Rows = append(v.Rows, r.row(i, q, &n, &f))
	}
	for _, i := range recent {
		switch id := r.customers[i].ID; {
		case q.Starred[id]:
			v.Starred = append(v.Starred, r.row(i, q, &n, &f))
		case !q.Opened[id].IsZero() && len(v.Recent) < mostRecent:
			v.Recent = append(v.Recent, r.row(i, q, &n, &f))
		}
	}
	return v
}

func (c *CustomersCounts) add(starred, refused, read bool) {
	if starred {
		c.Starred++
	}
	if refused {
		c.NoAccess++
	}
	if read {
		c.Read++
	}
}

// lets reports whether such a customer stays in the list.
func (o CustomersOnly) lets(starred, refused, read bool) bool {
	switch o {
	case CustomersStarred:
		return starred
	case CustomersNoAccess:
		return refused
	case CustomersRead:
		return read
	}
	return true
}

// in reports whether all words are in the text.
func (n *needle) in(text string) bool {
	for i := range n.words {
		if !strings.Contains(text, string(n.words[i].text)) {
			return false
		}
	}
	return true
}

// sorts compares customers by their places in the roster. Those who have
// nothing in the column come last in both directions, and those equal there
// are in the order of the roster.
func (r *roster) sorts(q *CustomersQuery, sort CustomersSort) func(a, b int) int {
	var column func(i int) (has bool, rank int64)
	switch sort.By {
	case CustomersByOpened:
		column = func(i int) (bool, int64) {
			at := q.Opened[r.customers[i].ID]
			return !at.IsZero(), at.UnixNano()
		}
	case CustomersByName:
		column = func(i int) (bool, int64) { return r.customers[i].Name != "", int64(i) }
	case CustomersByDomain:
		column = r.ranks(0, func(c *Customer) string { return c.Domain })
	case CustomersByRelationship:
		column = r.ranks(1, func(c *Customer) string { return c.Relationship })
	case CustomersByUsers:
		column = func(i int) (bool, int64) {
			k := q.Known[r.customers[i].ID]
			return !k.UsersRead.IsZero(), int64(k.Users)
		}
	case CustomersBySeats:
		column = func(i int) (bool, int64) {
			k := q.Known[r.customers[i].ID]
			return k.SeatsKnown, int64(k.Assigned)
		}
	case CustomersByRead:
		column = func(i int) (bool, int64) {
			at := q.Known[r.customers[i].ID].UsersRead
			return !at.IsZero(), at.UnixNano()
		}
	}
	return func(a, b int) int {
		hasA, x := column(a)
		hasB, y := column(b)
		switch {
		case hasA != hasB:
			if hasA {
				return -1
			}
			return 1
		case hasA && x != y:
			if sort.Descending {
				x, y = y, x
			}
			return cmp.Compare(x, y)
		}
		return cmp.Compare(a, b)
	}
}

// ranks is a column of texts.
func (r *roster) ranks(at int, text func(*Customer) string) func(i int) (has bool, rank int64) {
	ranked := &r.ranked[at]
	ranked.once.Do(func() {
		texts := make([]string, len(r.customers))
		for i := range r.customers {
			texts[i] = text(&r.customers[i])
		}
		ranked.ranks = r.by.ranks(texts)
	})
	return func(i int) (bool, int64) { return ranked.ranks[i] != 0, int64(ranked.ranks[i]) }
}

// exact is the place in found of the customer whom the text names: by ID, by
// domain, or alone by name, in either case of letters. It is -1 if none is.
func (r *roster) exact(found []int, text string) int {
	if text == "" {
		return -1
	}
	for _, of := range []func(*Customer) string{
		func(c *Customer) string { return c.ID },
		func(c *Customer) string { return c.Domain },
		func(c *Customer) string { return c.Name },
	} {
		at, n := -1, 0
		for k, i := range found {
			if strings.EqualFold(of(&r.customers[i]), text) {
				at = k
				n++
			}
		}
		if n == 1 {
			return at
		}
	}
	return -1
}

func (r *roster) row(i int, q *CustomersQuery, n *needle, f *folder) CustomerRow {
	c := r.customers[i]
	return CustomerRow{
		Customer:    c,
		Starred:     q.Starred[c.ID],
		Opened:      q.Opened[c.ID],
		Refused:     q.Refused[c.ID],
		Known:       q.Known[c.ID],
		NameMarks:   f.marks(nil, []byte(c.Name), n.words),
		DomainMarks: f.marks(nil, []byte(c.Domain), n.words),
	}
}
