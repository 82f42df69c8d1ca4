package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/internal/config"
	"github.com/rollcall-app/rollcall/partnercenter"
)

// client makes the person's own client from flags and variables.
func (p *program) client(cmd *cobra.Command) (*partnercenter.Client, error) {
	c, err := config.For(config.CLI).Load(cmd.Flags(), p.environ)
	if err != nil {
		return nil, &problem{code: exitMisuse, text: err.Error(), err: err}
	}
	if c.Token.Reveal() == "" {
		return nil, &problem{code: exitSignIn, text: "You are signed out. Set ROLLCALL_TOKEN to a bearer token for Partner Center; rollcall emulator prints some for a try."}
	}
	client, err := partnercenter.New(partnercenter.StaticToken(c.Token.Reveal()), partnercenter.Options{BaseURL: cloudOf(c).APIURL, Application: "Rollcall"})
	if err != nil {
		return nil, &problem{code: exitMisuse, text: err.Error(), err: err}
	}
	return client, nil
}

// action gives everything that one command asks a common correlation ID.
func action(ctx context.Context) context.Context {
	return partnercenter.WithCorrelationID(ctx, partnercenter.NewID())
}

// candidates is how many customers an ambiguous name lists.
const candidates = 10

// findCustomer finds who is meant by a CUSTOMER argument: an ID, a domain, or
// a part of the name that fits one customer only. The name is empty when the
// argument is an ID, which is taken as it is.
func findCustomer(ctx context.Context, client *partnercenter.Client, argument string) (id, name string, err error) {
	if argument = strings.TrimSpace(argument); argument == "" {
		return "", "", misuse("CUSTOMER is empty; write an ID, a domain or a part of the name")
	}
	if partnercenter.ValidID(argument) {
		return argument, "", nil
	}

	if strings.Contains(argument, ".") && !strings.ContainsAny(argument, " \t") {
		page, err := client.Customers().Search(ctx, partnercenter.SearchOptions{Field: partnercenter.Domain, Prefix: argument}, "")
		if err != nil {
			return "", "", readCustomers().trouble(ctx, err)
		}
		for _, customer := range page.Items {
			if strings.EqualFold(customer.CompanyProfile.Domain, argument) {
				return customer.ID, customer.CompanyProfile.CompanyName, nil
			}
		}
	}

	wanted := strings.ToLower(argument)
	var found []partnercenter.Customer
	for customer, err := range client.Customers().All(ctx, partnercenter.CustomersOptions{}) {
		if err != nil {
			return "", "", readCustomers().trouble(ctx, err)
		}
		name, domain := strings.ToLower(customer.CompanyProfile.CompanyName), strings.ToLower(customer.CompanyProfile.Domain)
		if strings.Contains(name, wanted) || strings.Contains(domain, wanted) {
			found = append(found, customer)
		}
	}
	// The whole name beats a part of other names.
	var exact []partnercenter.Customer
	for _, customer := range found {
		if strings.EqualFold(customer.CompanyProfile.CompanyName, argument) {
			exact = append(exact, customer)
		}
	}
	if len(exact) == 1 {
		found = exact
	}
	switch len(found) {
	case 0:
		return "", "", &problem{code: exitNotFound, text: fmt.Sprintf("No customer has %q in its name or domain. rollcall customers list shows all.", argument)}
	case 1:
		return found[0].ID, found[0].CompanyProfile.CompanyName, nil
	}
	return "", "", misuse("%q fits %d customers: %s. Name one by its domain or ID.", argument, len(found), strings.Join(listed(found), ", "))
}

// listed names customers so that any of them can be told from the others.
func listed(found []partnercenter.Customer) []string {
	slices.SortFunc(found, func(a, b partnercenter.Customer) int {
		return strings.Compare(strings.ToLower(a.CompanyProfile.CompanyName+a.ID), strings.ToLower(b.CompanyProfile.CompanyName+b.ID))
	})
	var names []string
	for _, customer := range found[:min(len(found), candidates)] {
		names = append(names, fmt.Sprintf("%s (%s)", customer.CompanyProfile.CompanyName, customer.CompanyProfile.Domain))
	}
	if more := len(found) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return names
}
