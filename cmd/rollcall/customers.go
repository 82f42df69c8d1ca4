package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// newCustomers holds the commands about the partner's customers.
func newCustomers(p *program) *cobra.Command {
	return group("customers", "The partner's customers", "  rollcall customers list\n  rollcall customers search contoso",
		newCustomersList(p), newCustomersSearch(p), newCustomersGet(p))
}

// newCustomersList answers rollcall customers list.
func newCustomersList(p *program) *cobra.Command {
	var opts listing
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List all customers of the partner",
		Long: `A terminal gets a table; a pipe gets company name, domain and ID, separated by
tabs, without a header.`,
		Example: "  rollcall customers list\n  rollcall customers list -o json",
		Args:    noArguments,
	}
	opts.addFlags(cmd)
	return p.calls(cmd, func([]string) error { return opts.check() }, func(ctx context.Context, client *partnercenter.Client, _ []string) error {
		return p.customersList(ctx, client, opts)
	})
}

// readCustomers needs a role with the partner itself, and none at a customer.
func readCustomers() wish {
	return wish{what: "The customers can't be read.", role: "Admin agent or Helpdesk agent at the partner"}
}

func (p *program) customersList(ctx context.Context, client *partnercenter.Client, opts listing) error {
	customers := customerKind()
	written, err := list(p, opts, customers, client.Customers().All(ctx, partnercenter.CustomersOptions{}))
	if err != nil {
		return readCustomers().after(written, customers).trouble(ctx, err)
	}
	p.note("%s", customers.counted(written))
	return nil
}

// customerJSON is a customer as -o json and ndjson print it, in the API's own names.
type customerJSON struct {
	ID                    string `json:"id"`
	CompanyName           string `json:"companyName"`
	Domain                string `json:"domain"`
	RelationshipToPartner string `json:"relationshipToPartner"`
}

func customerKind() kind[partnercenter.Customer] {
	type customer = partnercenter.Customer
	return kind[customer]{
		one: "customer", many: "customers",
		short: []string{"companyName", "domain", "id"},
		all: []column[customer]{
			{name: "id", text: func(c customer) string { return c.ID }},
			{name: "companyName", text: func(c customer) string { return c.CompanyProfile.CompanyName }},
			{name: "domain", text: func(c customer) string { return c.CompanyProfile.Domain }},
			{name: "relationshipToPartner", text: func(c customer) string { return string(c.Relationship) }},
		},
		words: map[string]string{"name": "companyName", "relationship": "relationshipToPartner"},
		json: func(c *customer) any {
			return customerJSON{ID: c.ID, CompanyName: c.CompanyProfile.CompanyName, Domain: c.CompanyProfile.Domain, RelationshipToPartner: string(c.Relationship)}
		},
		id: func(c customer) string { return strings.ToLower(c.ID) },
	}
}
