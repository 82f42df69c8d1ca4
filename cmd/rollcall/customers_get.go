package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// newCustomersGet answers rollcall customers get CUSTOMER.
func newCustomersGet(p *program) *cobra.Command {
	var opts output
	cmd := &cobra.Command{
		Use:   "get CUSTOMER",
		Short: "Show a customer: names, domains, address",
		Long: customerHelp + `
A pipe gets a line a field: its name in the API, a tab, its value.`,
		Example:           "  rollcall customers get contoso.example\n  rollcall customers get 4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04 -o json",
		Args:              arguments("CUSTOMER"),
		ValidArgsFunction: p.completeArguments(customerNames),
	}
	opts.addFlags(cmd, "")
	return p.calls(cmd, func([]string) error { return opts.check() }, func(ctx context.Context, client *partnercenter.Client, args []string) error {
		return p.customersGet(ctx, client, args[0], opts)
	})
}

// customerHelp says what a CUSTOMER argument may be where nothing is changed.
const customerHelp = `CUSTOMER is an ID, a domain, or a part of the name that fits one customer only.`

func (p *program) customersGet(ctx context.Context, client *partnercenter.Client, argument string, opts output) error {
	c, err := findCustomer(ctx, client, argument)
	if err != nil {
		return err
	}
	found, err := client.Customer(c.id).Get(ctx)
	if err != nil {
		return wish{what: fmt.Sprintf("%s can't be read.", c), role: "Admin agent or Helpdesk agent at the partner"}.trouble(ctx, err)
	}
	return show(p, opts, customerDetailKind(), found)
}

// customerDetailJSON is a customer as customers get -o json prints it.
type customerDetailJSON struct {
	customerJSON
	CustomDomains                  []string     `json:"customDomains"`
	CommerceID                     string       `json:"commerceId"`
	AllowDelegatedAccess           *bool        `json:"allowDelegatedAccess,omitempty"`
	AssociatedPartnerID            string       `json:"associatedPartnerId"`
	Email                          string       `json:"email"`
	OrganizationRegistrationNumber string       `json:"organizationRegistrationNumber"`
	Culture                        string       `json:"culture"`
	Language                       string       `json:"language"`
	Address                        *addressJSON `json:"address,omitempty"`
}

type addressJSON struct {
	AddressLine1 string `json:"addressLine1,omitempty"`
	AddressLine2 string `json:"addressLine2,omitempty"`
	AddressLine3 string `json:"addressLine3,omitempty"`
	City         string `json:"city,omitempty"`
	District     string `json:"district,omitempty"`
	State        string `json:"state,omitempty"`
	Region       string `json:"region,omitempty"`
	PostalCode   string `json:"postalCode,omitempty"`
	Country      string `json:"country,omitempty"`
	PhoneNumber  string `json:"phoneNumber,omitempty"`
}

// customerDetailKind is a customer in full; of the billing profile only what
// tells about the company.
func customerDetailKind() kind[partnercenter.Customer] {
	type customer = partnercenter.Customer
	k := customerKind()
	k.all = append(k.all,
		column[customer]{name: "customDomains", text: func(c customer) string { return strings.Join(c.CustomDomains, " ") }},
		column[customer]{name: "commerceId", text: func(c customer) string { return c.CommerceID }},
		column[customer]{name: "allowDelegatedAccess", text: func(c customer) string {
			if c.AllowDelegatedAccess == nil {
				return ""
			}
			return strconv.FormatBool(*c.AllowDelegatedAccess)
		}},
		column[customer]{name: "associatedPartnerId", text: func(c customer) string { return c.AssociatedPartnerID }},
		column[customer]{name: "email", text: func(c customer) string { return c.CompanyProfile.Email }},
		column[customer]{name: "organizationRegistrationNumber", text: func(c customer) string { return c.CompanyProfile.OrganizationRegistrationNumber }},
		column[customer]{name: "culture", text: func(c customer) string { return c.BillingProfile.Culture }},
		column[customer]{name: "language", text: func(c customer) string { return c.BillingProfile.Language }},
		column[customer]{name: "address", text: func(c customer) string { return addressLine(c.CompanyProfile.Address) }},
	)
	short := k.json
	k.json = func(c *customer) any {
		out := customerDetailJSON{
			customerJSON: short(c).(customerJSON), CustomDomains: c.CustomDomains, CommerceID: c.CommerceID,
			AllowDelegatedAccess: c.AllowDelegatedAccess, AssociatedPartnerID: c.AssociatedPartnerID, Email: c.CompanyProfile.Email,
			OrganizationRegistrationNumber: c.CompanyProfile.OrganizationRegistrationNumber,
			Culture:                        c.BillingProfile.Culture, Language: c.BillingProfile.Language,
		}
		if out.CustomDomains == nil {
			out.CustomDomains = []string{}
		}
		if a := c.CompanyProfile.Address; a != (partnercenter.Address{}) {
			out.Address = &addressJSON{
				a.AddressLine1, a.AddressLine2, a.AddressLine3, a.City, a.District, a.State, a.Region, a.PostalCode, a.Country, a.PhoneNumber,
			}
		}
		return out
	}
	return k
}

// addressLine is an address in one line.
func addressLine(a partnercenter.Address) string {
	var parts []string
	for _, part := range []string{
		a.AddressLine1, a.AddressLine2, a.AddressLine3, strings.TrimSpace(a.PostalCode + " " + a.City), a.District, a.State, a.Region, a.Country,
	} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}
