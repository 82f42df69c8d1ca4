package directory

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// CustomersQuery is what a person asks of the partner's customers. The zero
// value asks for all of them: the first 50, those first that the person opened
// last. A query that asks for more has its order from its sort, or is by name:
// so its address shows everybody the same.
type CustomersQuery struct {
	Text string // words, all of which must be in name, domain or ID
	Only CustomersOnly
	Sort CustomersSort // zero: see [CustomersQuery.Order]
	Page int           // from 1
	Size int           // rows a page, one of [Sizes]

	// The person's own, by customer ID; no part of the address.
	Starred map[string]bool
	Opened  map[string]time.Time // when they last opened which
	Refused map[string]time.Time // when they last were refused, and not let in since
	Known   map[string]Known     // what is held and theirs to see
}

// CustomersOnly narrows the list to some customers.
type CustomersOnly string

// What the list can be narrowed to.
const (
	CustomersAll      CustomersOnly = ""
	CustomersStarred  CustomersOnly = "starred"
	CustomersNoAccess CustomersOnly = "no-access" // when last opened
	CustomersRead     CustomersOnly = "read"      // users are held
)

// CustomersSort is the order of customers.
type CustomersSort struct {
	By         CustomersColumn
	Descending bool
}

// CustomersColumn is what customers are sorted by.
type CustomersColumn string

// The columns of customers. Those equal in one are in the order of their
// names, and those who have nothing in it come last in both directions.
const (
	CustomersByOpened       CustomersColumn = "opened" // when, by this person
	CustomersByName         CustomersColumn = "name"
	CustomersByDomain       CustomersColumn = "domain"
	CustomersByRelationship CustomersColumn = "relationship"
	CustomersByUsers        CustomersColumn = "users" // how many are held
	CustomersBySeats        CustomersColumn = "seats" // how many are assigned
	CustomersByRead         CustomersColumn = "read"  // when the users were read
)

var customersColumns = []CustomersColumn{
	CustomersByOpened, CustomersByName, CustomersByDomain, CustomersByRelationship, CustomersByUsers, CustomersBySeats, CustomersByRead,
}

// The orders of customers that an address need not name: of the bare one, and
// of all others.
var (
	lastOpened = CustomersSort{By: CustomersByOpened, Descending: true}
	byName     = CustomersSort{By: CustomersByName}
)

// String is the sort as the address has it: "-opened".
func (s CustomersSort) String() string { return Sort{Column(s.By), s.Descending}.String() }

// Customer is who a customer is.
type Customer struct {
	ID           string // GUID in lower case
	Name         string
	Domain       string // the default one
	Relationship string // "reseller" …, as the service wrote it
}

// CustomersView is the page of customers that a query asked for.
type CustomersView struct {
	Reading
	Rows     []CustomerRow
	Starred  []CustomerRow // all starred ones that match, last opened first
	Recent   []CustomerRow // at most four that were opened and are not starred, last opened first
	Matching int           // customers that match, on all pages; of those read
	Page     int           // the page shown: the query's, or the last there is
	Pages    int           // at least 1
	Size     int
	Counts   CustomersCounts
	Exact    string // ID of the customer whose ID, domain or name is exactly what was searched; it is the first row of page 1
}

// CustomersCounts are how many of those read the list can be narrowed to.
type CustomersCounts struct{ Starred, NoAccess, Read int }

// CustomerRow is one customer of the list.
type CustomerRow struct {
	Customer
	Starred     bool
	Opened      time.Time // by this person; zero for never
	Refused     time.Time // when this person was refused; zero: was let in, or never tried
	Known       Known
	NameMarks   []Span
	DomainMarks []Span
}

// mostRecent is how many customers are shown as lately opened.
const mostRecent = 4

// ParseCustomersQuery reads a query from the fields of an address. It never
// fails: what is unknown or malformed falls back to the default.
func ParseCustomersQuery(v url.Values) CustomersQuery {
	q := CustomersQuery{
		Text: v.Get("q"),
		Only: CustomersOnly(v.Get("only")),
		Page: number(v.Get("page")),
		Size: number(v.Get("size")),
	}
	by, descending := strings.CutPrefix(v.Get("sort"), "-")
	q.Sort = CustomersSort{By: CustomersColumn(by), Descending: descending}
	return q.normal()
}

// Encode writes the query as an address has it: the fields in a fixed order,
// defaults left out.
func (q CustomersQuery) Encode() string {
	q = q.normal()
	var e encoder
	e.add("q", q.Text, "")
	e.add("only", string(q.Only), "")
	if q.Sort != (CustomersSort{}) {
		e.add("sort", q.Sort.String(), "")
	}
	e.addNumber("page", q.Page, 1)
	e.addNumber("size", q.Size, DefaultSize)
	return e.String()
}

// CanonicalCustomers is [Canonical] for customers.
func CanonicalCustomers(v url.Values) (encoded string, ok bool) {
	encoded = ParseCustomersQuery(v).Encode()
	return encoded, sameFields(v, encoded, "q", "only", "sort", "page", "size")
}

func (q CustomersQuery) normal() CustomersQuery {
	q.Text = cleanText(q.Text)
	if !slices.Contains([]CustomersOnly{CustomersStarred, CustomersNoAccess, CustomersRead}, q.Only) {
		q.Only = CustomersAll
	}
	q.Page, q.Size = normalPage(q.Page), normalSize(q.Size)
	if !slices.Contains(customersColumns, q.Sort.By) || q.Sort == q.unsaid() {
		q.Sort = CustomersSort{}
	}
	return q
}

// Order is the order that the query asks for, said or not.
func (q CustomersQuery) Order() CustomersSort {
	if q = q.normal(); q.Sort == (CustomersSort{}) {
		return q.unsaid()
	}
	return q.Sort
}

func (q CustomersQuery) unsaid() CustomersSort {
	if q.Text == "" && q.Only == CustomersAll && q.Page == 1 && q.Size == DefaultSize {
		return lastOpened
	}
	return byName
}

// Customers answers a query over the partner's customers, loading them if
// they are not there yet. The viewer needs a proof that they may list them, as
// for [Directory.Users].
func (d *Directory) Customers(ctx context.Context, v Viewer, q CustomersQuery) (CustomersView, error) {
	q = q.normal()
	ed, reading, err := d.customersOf(v).look(ctx, v)
	if err != nil {
		return CustomersView{}, fmt.Errorf("read the customers: %w", err)
	}
	view := CustomersView{Page: 1, Pages: 1, Size: q.Size}
	if ed != nil {
		view = ed.rows.answer(&q)
	}
	view.Reading = reading
	return view, nil
}

// RefreshCustomers reads the customers anew; the old rows stay until the new are here.
func (d *Directory) RefreshCustomers(ctx context.Context, v Viewer) error {
	if err := d.customersOf(v).refresh(ctx, v); err != nil {
		return fmt.Errorf("read the customers: %w", err)
	}
	return nil
}

// Customer tells who a customer is, for the head of a page: from the list, if
// that is here and the viewer has a proof for it, else as Partner Center told
// this viewer within five minutes, or tells now. The error of that is returned
// as it is; an unknown customer and one of another partner give the same.
func (d *Directory) Customer(ctx context.Context, v Viewer, id string) (Customer, error) {
	if _, ok := parseGUID(id); !ok {
		return Customer{}, customerError(partnercenter.ErrBadID)
	}
	id = strings.ToLower(id)
	byID := func(r *roster) (Customer, bool) { return r.byID(id) }
	if c, ok := d.listed(v, proofLife, byID); ok {
		return c, nil
	}
	key := proofKey{person: v.Key, tenant: v.PartnerTenantID, customer: id, kind: kindCustomer}
	_, err := d.proofs.need(ctx, key, func(ctx context.Context) error { return d.meet(ctx, v, id) })
	if err == nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.met[usersKey{v.PartnerTenantID, id}], nil
	}
	if noAnswer(err) {
		if c, ok := d.listed(v, proofStale, byID); ok {
			return c, nil
		}
	}
	return Customer{}, customerError(err)
}

// meet asks who a customer is.
func (d *Directory) meet(ctx context.Context, v Viewer, id string) error {
	c, err := v.Client.Customer(id).Get(ctx)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.met[usersKey{v.PartnerTenantID, id}] = newCustomer(&c)
	return nil
}

// CustomerByDomain finds the customer whose default domain is exactly that,
// without regard to case. Without one the error is
// [partnercenter.ErrNoRelationship].
func (d *Directory) CustomerByDomain(ctx context.Context, v Viewer, domain string) (Customer, error) {
	if domain = cleanDomain(domain); domain == "" {
		return Customer{}, customerError(partnercenter.ErrNoRelationship)
	}
	if c, ok := d.listed(v, proofLife, func(r *roster) (Customer, bool) { return r.byDomain(domain) }); ok {
		return c, nil
	}
	var after partnercenter.Continuation
	for {
		page, err := v.Client.Customers().Search(ctx, partnercenter.SearchOptions{Field: partnercenter.Domain, Prefix: domain, PageSize: pageSize}, after)
		if err != nil {
			return Customer{}, customerError(err)
		}
		for i := range page.Items {
			if c := newCustomer(&page.Items[i]); strings.ToLower(c.Domain) == domain {
				return c, nil
			}
		}
		if after = page.Next; after == "" {
			return Customer{}, customerError(partnercenter.ErrNoRelationship)
		}
	}
}

// listed looks a customer up in the list, if that is here, for a viewer with a
// proof that is not older than life.
func (d *Directory) listed(v Viewer, life time.Duration, find func(*roster) (Customer, bool)) (Customer, bool) {
	l := d.customersOf(v)
	ed := l.shown.Load()
	if ed == nil || life == proofLife && ed.tooOld() || !d.proofs.younger(l.proofKey(v.Key), life) {
		return Customer{}, false
	}
	return find(ed.rows)
}

func customerError(err error) error { return fmt.Errorf("find the customer: %w", err) }

func newCustomer(c *partnercenter.Customer) Customer {
	return Customer{
		ID:           strings.ToLower(c.ID),
		Name:         c.CompanyProfile.CompanyName,
		Domain:       c.CompanyProfile.Domain,
		Relationship: string(c.Relationship),
	}
}
