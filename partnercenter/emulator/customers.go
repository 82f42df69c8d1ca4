package emulator

import (
	"net/http"
	"strings"
)

// listCustomers answers GET /customers: the short form, which lacks commerce
// ID, billing profile and delegated access.
func (c *call) listCustomers() (any, error) {
	all := c.e.world.customers
	if f := c.seek.cursor.filter; f.field != noField {
		all = nil
		for _, who := range c.e.world.customers {
			if who.fits(f) {
				all = append(all, who)
			}
		}
	}
	at := c.pageOf(len(all))
	from, to := at.within(len(all))
	items := make([]customerBody, 0, to-from)
	for _, who := range all[from:to] {
		items = append(items, who.short())
	}
	return paged(c, at, items), nil
}

// getCustomer answers GET /customers/{c}: the full form.
func (c *call) getCustomer() (any, error) { return c.customer.full(), nil }

// getCompanyProfile answers GET /customers/{c}/profiles/company.
func (c *call) getCompanyProfile() (any, error) { return c.customer.company(), nil }

// fits tells whether a filter keeps the customer: by a prefix, ignoring case.
func (c *customer) fits(f filter) bool {
	value := c.name
	switch f.field {
	case domainName:
		value = c.domainList()[0].name
	case indirectReseller:
		value = c.reseller
		if value == "" {
			return false
		}
	}
	return strings.HasPrefix(strings.ToLower(value), f.value)
}

func (c *customer) uri() string { return "/customers/" + c.id }

func (c *customer) short() customerBody {
	return customerBody{
		ID: c.id,
		CompanyProfile: companyProfileBody{
			TenantID:    c.id,
			Domain:      c.domainList()[0].name,
			CompanyName: c.name,
			Links:       self(c.uri() + "/profiles/company"),
			Attributes:  attributes{ObjectType: "CustomerCompanyProfile"},
		},
		RelationshipToPartner: c.relationship(),
		Links:                 self(c.uri()),
		Attributes:            attributes{ObjectType: "Customer"},
	}
}

func (c *customer) company() companyProfileBody {
	profile := c.short().CompanyProfile
	profile.Address = new(c.address())
	profile.Email = c.contact()
	return profile
}

func (c *customer) full() customerBody {
	body := c.short()
	body.CommerceID = c.otherID("commerce")
	body.CompanyProfile = c.company()
	body.BillingProfile = &billingProfileBody{
		ID:             c.otherID("billing"),
		FirstName:      "Robin",
		LastName:       "Example",
		Email:          c.contact(),
		Culture:        c.culture(),
		Language:       strings.ToLower(c.culture()[:2]),
		CompanyName:    c.name,
		DefaultAddress: c.billingAddress(),
		Links:          self(c.uri() + "/profiles/billing"),
		Attributes:     attributes{ETag: c.etag(), ObjectType: "CustomerBillingProfile"},
	}
	body.AllowDelegatedAccess = new(!c.noDelegatedAccess)
	for _, d := range c.domainList() {
		body.CustomDomains = append(body.CustomDomains, d.name)
	}
	body.AssociatedPartnerID = c.reseller
	return body
}

// checkDomain answers HEAD /domains/{d}: 200 is taken, 404 is free.
func (c *call) checkDomain() (any, error) {
	if !c.e.world.taken(c.vars.domain) {
		return nil, &refusal{status: http.StatusNotFound}
	}
	return nil, nil
}
