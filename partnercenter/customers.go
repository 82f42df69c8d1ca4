package partnercenter

import (
	"context"
	"iter"
)

// Customers is the list of the partner's customers.
type Customers struct{ client *Client }

// Customers reaches the partner's customers.
func (c *Client) Customers() *Customers { return &Customers{c} }

// CustomersOptions narrow a list of customers.
type CustomersOptions struct {
	PageSize int // customers a page, 1 to 500; 0 leaves it to the service
}

// SearchField is what [Customers.Search] compares.
type SearchField string

// The fields that Partner Center can search customers by.
const (
	CompanyName SearchField = "CompanyName"
	Domain      SearchField = "Domain"
)

// SearchOptions say which customers [Customers.Search] finds.
type SearchOptions struct {
	Field    SearchField // CompanyName or Domain; "" means CompanyName
	Prefix   string      // what the field starts with; case is ignored
	PageSize int         // customers a page, 1 to 500; 0 leaves it to the service
}

// CustomerPage is one page of customers.
type CustomerPage struct {
	Items []Customer
	Next  Continuation // "" on the last page
}

// Customer is a company the partner looks after. In lists and searches only
// ID, Relationship and CompanyProfile's TenantID, Domain and CompanyName are filled.
type Customer struct {
	ID                   string // equals CompanyProfile.TenantID
	CommerceID           string
	CompanyProfile       CompanyProfile
	BillingProfile       BillingProfile
	Relationship         Relationship
	AllowDelegatedAccess *bool // DAP, which says nothing about GDAP; nil when not told, as in lists
	CustomDomains        []string
	AssociatedPartnerID  string // indirect model only
}

// Relationship is what the partner is to the customer. Values that this
// package does not know are kept as the service wrote them.
type Relationship string

// The known relationships.
const (
	RelationshipNone             Relationship = "none"
	RelationshipReseller         Relationship = "reseller"
	RelationshipAdvisor          Relationship = "advisor"
	RelationshipSyndication      Relationship = "syndication"
	RelationshipMicrosoftSupport Relationship = "microsoft_support"
	RelationshipUnknown          Relationship = "unknown"
)

// CompanyProfile is what a customer calls itself. In lists only the first
// three fields are filled.
type CompanyProfile struct {
	TenantID                       string
	Domain                         string // the default domain
	CompanyName                    string
	Address                        Address
	Email                          string
	OrganizationRegistrationNumber string
}

// BillingProfile is whom a customer's invoices go to.
type BillingProfile struct {
	ID             string
	FirstName      string
	LastName       string
	Email          string
	Culture        string
	Language       string
	CompanyName    string
	DefaultAddress Address
	ETag           string
}

// Address is a postal address; empty fields were absent.
type Address struct {
	ID           string
	Country      string // ISO 3166-1 alpha-2
	Region       string
	City         string
	State        string
	District     string
	AddressLine1 string
	AddressLine2 string
	AddressLine3 string
	PostalCode   string
	FirstName    string
	MiddleName   string
	LastName     string
	EmailAddress string
	PhoneNumber  string
}

// List fetches one page of customers.
func (c *Customers) List(ctx context.Context, opts CustomersOptions, after Continuation) (CustomerPage, error) {
	return CustomerPage{}, errSkeleton
}

// All yields every customer.
func (c *Customers) All(ctx context.Context, opts CustomersOptions) iter.Seq2[Customer, error] {
	return func(yield func(Customer, error) bool) { yield(Customer{}, errSkeleton) }
}

// Search fetches one page of the customers whose field starts with the prefix.
func (c *Customers) Search(ctx context.Context, opts SearchOptions, after Continuation) (CustomerPage, error) {
	return CustomerPage{}, errSkeleton
}

// CustomerRef reaches one customer.
type CustomerRef struct {
	client *Client
	id     string
}

// Customer reaches the customer with the tenant ID id, a GUID.
func (c *Client) Customer(id string) *CustomerRef { return &CustomerRef{c, id} }

// ID is the customer's tenant ID, as it was given.
func (c *CustomerRef) ID() string { return c.id }

// Get fetches the customer with all its fields.
func (c *CustomerRef) Get(ctx context.Context) (Customer, error) { return Customer{}, errSkeleton }
