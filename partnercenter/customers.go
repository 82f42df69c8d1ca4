package partnercenter

import (
	"context"
	"errors"
	"iter"
	"strings"
)

// Customers is the list of the partner's customers.
type Customers struct{ client *Client }

// Customers reaches the partner's customers.
func (c *Client) Customers() *Customers { return &Customers{c} }

// CustomersOptions narrow a list of customers.
type CustomersOptions struct {
	PageSize int // customers a page, 1 to 500; 0 leaves it to the service (500)
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
	TenantID                       string  `json:"tenantId"`
	Domain                         string  `json:"domain"` // the default domain
	CompanyName                    string  `json:"companyName"`
	Address                        Address `json:"address"`
	Email                          string  `json:"email"`
	OrganizationRegistrationNumber string  `json:"organizationRegistrationNumber"`
}

// BillingProfile is whom a customer's invoices go to.
type BillingProfile struct {
	ID             string  `json:"id"`
	FirstName      string  `json:"firstName"`
	LastName       string  `json:"lastName"`
	Email          string  `json:"email"`
	Culture        string  `json:"culture"`
	Language       string  `json:"language"`
	CompanyName    string  `json:"companyName"`
	DefaultAddress Address `json:"defaultAddress"`
	ETag           string  `json:"-"`
}

// Address is a postal address; empty fields were absent.
type Address struct {
	ID           string `json:"id"`
	Country      string `json:"country"` // ISO 3166-1 alpha-2
	Region       string `json:"region"`
	City         string `json:"city"`
	State        string `json:"state"`
	District     string `json:"district"`
	AddressLine1 string `json:"addressLine1"`
	AddressLine2 string `json:"addressLine2"`
	AddressLine3 string `json:"addressLine3"`
	PostalCode   string `json:"postalCode"`
	FirstName    string `json:"firstName"`
	MiddleName   string `json:"middleName"`
	LastName     string `json:"lastName"`
	EmailAddress string `json:"emailAddress"`
	PhoneNumber  string `json:"phoneNumber"`
}

// List fetches one page of customers, in no order that is documented.
//
// Pass "" for the first page and [CustomerPage.Next] for the next; opts count
// for the first page only, as the continuation holds them. opts.PageSize is in
// customers, 1 to 500; 0 leaves it to the service, which then gives 500.
//
// Errors: [ErrUnauthorized], [ErrForbidden], [ErrThrottled] once retries are
// used up, [ErrBadRequest] on a continuation of another list.
//
// Source: "Get a list of customers", GET /v1/customers.
func (c *Customers) List(ctx context.Context, opts CustomersOptions, after Continuation) (CustomerPage, error) {
	const op = "customers.List"
	if err := checkPageSize(op, opts.PageSize); err != nil {
		return CustomerPage{}, err
	}
	k := call{op: op, path: "/customers"}
	if opts.PageSize > 0 {
		k.query = pageSize(opts.PageSize)
	}
	return c.page(ctx, k, after)
}

// All yields every customer, asking for 500 a page where opts leave it open,
// and for the next page when the loop needs it. After an error it yields
// nothing more; leaving the loop stops the asking. All pages share one
// correlation ID.
//
// Errors: those of [Customers.List], and [ErrBadResponse] when the pages go
// round in a circle or are more than 4,000.
func (c *Customers) All(ctx context.Context, opts CustomersOptions) iter.Seq2[Customer, error] {
	opts.PageSize = orLargest(opts.PageSize)
	return all(ctx, "customers.All", func(ctx context.Context, after Continuation) ([]Customer, Continuation, error) {
		page, err := c.List(ctx, opts, after)
		return page.Items, page.Next, err
	}, func(customer Customer) string { return customer.ID })
}

// Search fetches one page of the customers whose field starts with opts.Prefix,
// without regard to case. The service can search for a prefix only. Paging is
// that of [Customers.List].
//
// Errors: those of [Customers.List], and [ErrBadRequest], with nothing sent,
// on an empty prefix or an unknown field.
//
// Source: "Get a list of customers filtered by a search field",
// GET /v1/customers?filter=…; page size 0 is sent as the documentation does.
func (c *Customers) Search(ctx context.Context, opts SearchOptions, after Continuation) (CustomerPage, error) {
	const op = "customers.Search"
	if err := checkPageSize(op, opts.PageSize); err != nil {
		return CustomerPage{}, err
	}
	if opts.Field == "" {
		opts.Field = CompanyName
	}
	if opts.Field != CompanyName && opts.Field != Domain {
		return CustomerPage{}, badOption(op, "Field %q can't be searched; use CompanyName or Domain", opts.Field)
	}
	if opts.Prefix == "" || len(opts.Prefix) > maxPrefix {
		return CustomerPage{}, badOption(op, "Prefix has %d bytes; give 1 to %d", len(opts.Prefix), maxPrefix)
	}
	query := pageSize(opts.PageSize) + "&" + filter(string(opts.Field), opts.Prefix, "starts_with")
	return c.page(ctx, call{op: op, path: "/customers", query: query}, after)
}

const maxPrefix = 512 // bytes; longer than any company name or domain

func (c *Customers) page(ctx context.Context, k call, after Continuation) (CustomerPage, error) {
	items, next, a, err := fetchPage[wireCustomer](ctx, c.client, k, after)
	if err != nil {
		return CustomerPage{}, err
	}
	page := CustomerPage{Items: make([]Customer, len(items)), Next: next}
	for i := range items {
		if page.Items[i], err = items[i].customer(); err != nil {
			return CustomerPage{}, a.fail("%w", err)
		}
	}
	return page, nil
}

// CustomerRef reaches one customer. It is made by [Client.Customer].
type CustomerRef struct {
	client *Client
	id     string
}

// Customer reaches the customer with the tenant ID id, a GUID. Nothing is
// sent; a call on what is no GUID fails with [ErrBadID], nothing sent either.
func (c *Client) Customer(id string) *CustomerRef { return &CustomerRef{c, id} }

// ID is the customer's tenant ID, as it was given.
func (c *CustomerRef) ID() string { return c.id }

// path checks the customer's ID and gives the path of what lies below.
func (c *CustomerRef) path(op, below string) (customer, path string, err error) {
	if !ValidID(c.id) {
		return "", "", badID(op, "customer", c.id)
	}
	customer = strings.ToLower(c.id)
	return customer, "/customers/" + customer + below, nil
}

// Get fetches the customer with all its fields.
//
// Errors: [ErrNoRelationship] when the customer is unknown or not this
// partner's, [ErrForbidden], [ErrThrottled] (500 calls a minute are documented
// for this one), [ErrBadResponse] when another customer comes back.
//
// Source: "Get a customer by ID", GET /v1/customers/{customer-tenant-id}.
func (c *CustomerRef) Get(ctx context.Context) (Customer, error) {
	const op = "customer.Get"
	id, path, err := c.path(op, "")
	if err != nil {
		return Customer{}, err
	}
	wire, a, err := fetchOne[wireCustomer](ctx, c.client, call{op: op, customer: id, path: path})
	if err != nil {
		return Customer{}, err
	}
	customer, err := wire.customer()
	if err == nil && customer.ID != id {
		err = errOther
	}
	if err != nil {
		return Customer{}, a.fail("%w", err)
	}
	return customer, nil
}

// CompanyProfile fetches what the customer calls itself, in full.
//
// Errors: [ErrNoRelationship], [ErrForbidden], [ErrAppOnly].
//
// Source: "Get a customer's company profile",
// GET /v1/customers/{customer-tenant-id}/profiles/company.
func (c *CustomerRef) CompanyProfile(ctx context.Context) (CompanyProfile, error) {
	const op = "customer.CompanyProfile"
	id, path, err := c.path(op, "/profiles/company")
	if err != nil {
		return CompanyProfile{}, err
	}
	wire, a, err := fetchOne[wireCompanyProfile](ctx, c.client, call{op: op, customer: id, path: path})
	if err != nil {
		return CompanyProfile{}, err
	}
	if !strings.EqualFold(wire.TenantID, id) || namesOther(wire.Links.Self.URI, id) {
		return CompanyProfile{}, a.fail("%w", errOther)
	}
	return wire.CompanyProfile, nil
}

var (
	errOther    = errors.New("the answer is of another customer or user than the one asked for")
	errNoID     = errors.New("an item has no ID that is a GUID")
	errOtherOwn = errors.New("an item's self link names another customer")
)

// wireSelf is the part of links that single resources have.
type wireSelf struct {
	Self struct {
		URI string `json:"uri"`
	} `json:"self"`
}

type wireCompanyProfile struct {
	CompanyProfile
	Links wireSelf `json:"links"`
}

type wireBillingProfile struct {
	BillingProfile
	Attributes wireAttributes `json:"attributes"`
}

type wireAttributes struct {
	ETag string `json:"etag"`
}

type wireCustomer struct {
	ID                    string             `json:"id"`
	CommerceID            string             `json:"commerceId"`
	CompanyProfile        wireCompanyProfile `json:"companyProfile"`
	BillingProfile        wireBillingProfile `json:"billingProfile"`
	RelationshipToPartner Relationship       `json:"relationshipToPartner"`
	AllowDelegatedAccess  *bool              `json:"allowDelegatedAccess"`
	CustomDomains         []string           `json:"customDomains"`
	AssociatedPartnerID   string             `json:"associatedPartnerId"`
	Links                 wireSelf           `json:"links"`
}

func (w wireCustomer) customer() (Customer, error) {
	if !ValidID(w.ID) {
		return Customer{}, errNoID
	}
	if namesOther(w.Links.Self.URI, w.ID) || namesOther(w.CompanyProfile.Links.Self.URI, w.ID) {
		return Customer{}, errOtherOwn
	}
	billing := w.BillingProfile.BillingProfile
	billing.ETag = w.BillingProfile.Attributes.ETag
	return Customer{
		ID:                   strings.ToLower(w.ID),
		CommerceID:           w.CommerceID,
		CompanyProfile:       w.CompanyProfile.CompanyProfile,
		BillingProfile:       billing,
		Relationship:         w.RelationshipToPartner,
		AllowDelegatedAccess: w.AllowDelegatedAccess,
		CustomDomains:        w.CustomDomains,
		AssociatedPartnerID:  w.AssociatedPartnerID,
	}, nil
}
