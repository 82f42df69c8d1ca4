package main

import (
	"context"
	"iter"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

type customersSearchOptions struct {
	listing
	text string
	by   string
}

// newCustomersSearch answers rollcall customers search TEXT.
func newCustomersSearch(p *program) *cobra.Command {
	var opts customersSearchOptions
	cmd := &cobra.Command{
		Use:   "search TEXT",
		Short: "Find customers whose name or domain begins with a text",
		Long: `Partner Center itself searches, so this is quick with many customers; it knows
beginnings only. For a text anywhere in the name: rollcall customers list | grep.`,
		Example: "  rollcall customers search contoso\n  rollcall customers search northwind --by domain -o ids",
		Args:    arguments("TEXT"),
	}
	opts.addFlags(cmd)
	cmd.Flags().StringVar(&opts.by, "by", "", "`field` to compare: name or domain (default both)")
	complete(cmd, "by", "name", "domain")
	return p.calls(cmd, func(args []string) error {
		opts.text = args[0]
		return opts.check()
	}, func(ctx context.Context, client *partnercenter.Client, _ []string) error {
		return p.customersSearch(ctx, client, opts)
	})
}

func (o customersSearchOptions) check() error {
	if o.by != "" && o.by != "name" && o.by != "domain" {
		return misuse("--by: %q is no field to search; write name or domain", o.by)
	}
	return o.listing.check()
}

func (p *program) customersSearch(ctx context.Context, client *partnercenter.Client, opts customersSearchOptions) error {
	customers := customerKind()
	written, err := list(p, opts.listing, customers, searchCustomers(ctx, client, opts.text, opts.by))
	if err != nil {
		return readCustomers().after(written, customers).trouble(ctx, err)
	}
	if written == 0 {
		p.note("No customer's name or domain begins with %q.", opts.text)
		return nil
	}
	p.note("%s", customers.counted(written))
	return nil
}

// searchCustomers yields whoever's name or domain begins with the text, each
// customer once.
func searchCustomers(ctx context.Context, client *partnercenter.Client, text, by string) iter.Seq2[partnercenter.Customer, error] {
	fields := []partnercenter.SearchField{partnercenter.CompanyName, partnercenter.Domain}
	switch by {
	case "name":
		fields = fields[:1]
	case "domain":
		fields = fields[1:]
	}
	return func(yield func(partnercenter.Customer, error) bool) {
		seen := map[string]bool{}
		for _, field := range fields {
			for after, more := partnercenter.Continuation(""), true; more; more = after != "" {
				page, err := client.Customers().Search(ctx, partnercenter.SearchOptions{Field: field, Prefix: text}, after)
				if err != nil {
					yield(partnercenter.Customer{}, err)
					return
				}
				for _, customer := range page.Items {
					if seen[customer.ID] {
						continue
					}
					seen[customer.ID] = true
					if !yield(customer, nil) {
						return
					}
				}
				after = page.Next
			}
		}
	}
}
