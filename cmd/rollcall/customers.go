package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/internal/config"
	"github.com/rollcall-app/rollcall/partnercenter"
)

// newCustomers holds the commands about the partner's customers.
func newCustomers(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "customers",
		Short:   "The partner's customers",
		Example: "  rollcall customers list\n  rollcall customers list -o ids",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newCustomersList(p))
	return cmd
}

// newCustomersList answers rollcall customers list.
func newCustomersList(p *program) *cobra.Command {
	var opts listing
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List all customers of the partner",
		Long: `A terminal gets a table; a pipe gets company name, domain and ID, separated by
tabs, without a header. ROLLCALL_TOKEN holds the bearer token for Partner Center.`,
		Example: "  rollcall customers list\n  rollcall customers list -o json",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := opts.check(); err != nil {
				return err
			}
			client, err := p.client(cmd)
			if err != nil {
				return err
			}
			return p.customersList(cmd.Context(), client, opts)
		},
	}
	opts.addFlags(cmd)
	config.For(config.CLI).AddFlags(cmd.Flags())
	return cmd
}

// readCustomers needs a role with the partner itself, and none at a customer.
func readCustomers() wish {
	return wish{what: "The customers can't be read.", role: "Admin agent or Helpdesk agent at the partner"}
}

func (p *program) customersList(ctx context.Context, client *partnercenter.Client, opts listing) error {
	ctx = action(ctx)
	customers := customerKind()
	written, err := list(p, opts, customers, client.Customers().All(ctx, partnercenter.CustomersOptions{}))
	if err != nil {
		failed := readCustomers()
		if written > 0 {
			failed.rows = customers.counted(written)
		}
		return failed.trouble(ctx, err)
	}
	p.summary("%s", customers.counted(written))
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
	var (
		id           = column[customer]{"id", func(c customer) string { return c.ID }}
		name         = column[customer]{"companyName", func(c customer) string { return c.CompanyProfile.CompanyName }}
		domain       = column[customer]{"domain", func(c customer) string { return c.CompanyProfile.Domain }}
		relationship = column[customer]{"relationshipToPartner", func(c customer) string { return string(c.Relationship) }}
	)
	return kind[customer]{
		one: "customer", many: "customers",
		short: []column[customer]{{"COMPANY NAME", name.text}, {"DOMAIN", domain.text}, {"ID", id.text}},
		all:   []column[customer]{id, name, domain, relationship},
		json: func(c *customer) any {
			return customerJSON{ID: c.ID, CompanyName: c.CompanyProfile.CompanyName, Domain: c.CompanyProfile.Domain, RelationshipToPartner: string(c.Relationship)}
		},
		id: id.text,
	}
}
