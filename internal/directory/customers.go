package directory

import (
	"context"
	"net/url"
	"time"
)

// CustomersQuery is what a person asks of the partner's customers.
type CustomersQuery struct {
	Text string // words, all of which must match name, domain or ID
	Sort CustomersSort
	Page int // from 1
	Size int // rows a page, one of [Sizes]

	Starred map[string]bool      // customer IDs; the person's own, not part of the address
	Opened  map[string]time.Time // when the person last opened which customer; not part of the address
}

// CustomersSort is the order of customers.
type CustomersSort struct {
	By         CustomersColumn
	Descending bool
}

// CustomersColumn is what customers are sorted by.
type CustomersColumn string

// The columns of customers. Those equal in one are in the order of their names.
const (
	CustomersByOpened       CustomersColumn = "opened" // by this person; descending is the default: last opened first
	CustomersByName         CustomersColumn = "name"
	CustomersByDomain       CustomersColumn = "domain"
	CustomersByRelationship CustomersColumn = "relationship"
)

// Customer is who a customer is.
type Customer struct {
	ID           string
	Name         string
	Domain       string
	Relationship string // "reseller" …, as the service wrote it
}

// CustomersView is the page of customers that a query asked for.
type CustomersView struct {
	Reading
	Rows     []CustomerRow
	Starred  []CustomerRow // all starred ones that match, last opened first
	Recent   []CustomerRow // opened lately and not starred, last opened first; at most five
	Matching int           // customers that match, on all pages; of those read
	Page     int
	Pages    int
	Size     int
	Exact    string // ID of the customer whose ID, domain or name is exactly what was searched
}

// CustomerRow is one customer of the list.
type CustomerRow struct {
	Customer
	Starred     bool
	Opened      time.Time // by this person; zero for never
	NameMarks   []Span
	DomainMarks []Span
}

// ParseCustomersQuery reads a query from the fields of an address. It never fails.
func ParseCustomersQuery(v url.Values) CustomersQuery { return CustomersQuery{} }

// Encode writes the query as an address has it.
func (q CustomersQuery) Encode() string { return "" }

// CanonicalCustomers is [Canonical] for customers.
func CanonicalCustomers(v url.Values) (encoded string, ok bool) { return "", false }

// Customers answers a query over the partner's customers.
func (d *Directory) Customers(ctx context.Context, v Viewer, q CustomersQuery) (CustomersView, error) {
	return CustomersView{}, errSkeleton
}

// RefreshCustomers reads the customers anew; the old rows stay until the new are here.
func (d *Directory) RefreshCustomers(ctx context.Context, v Viewer) error { return errSkeleton }

// Customer tells who a customer is, for the head of a page: from the list if
// the viewer may see that, else by asking Partner Center.
func (d *Directory) Customer(ctx context.Context, v Viewer, id string) (Customer, error) {
	return Customer{}, errSkeleton
}

// CustomerByDomain finds the customer whose default domain is exactly that.
// Without one the error is [partnercenter.ErrNoRelationship].
func (d *Directory) CustomerByDomain(ctx context.Context, v Viewer, domain string) (Customer, error) {
	return Customer{}, errSkeleton
}
