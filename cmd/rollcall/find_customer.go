package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// customer is who a CUSTOMER argument means. Named by its ID for reading, its
// name and domain are not known.
type customer struct{ id, name, domain string }

// String is the customer as messages name it.
func (c customer) String() string {
	if c.name == "" {
		return c.id
	}
	return c.name
}

// argument is the customer as a command takes it.
func (c customer) argument() string {
	if c.domain == "" {
		return c.id
	}
	return c.domain
}

func customerOf(found partnercenter.Customer) customer {
	return customer{found.ID, found.CompanyProfile.CompanyName, found.CompanyProfile.Domain}
}

// candidates is how many things an ambiguous name lists.
const candidates = 10

// findCustomer finds who is meant by a CUSTOMER argument of a command that
// reads: an ID, a domain, or a part of the name that fits one customer only.
// An ID is taken as it is.
func findCustomer(ctx context.Context, client *partnercenter.Client, argument string) (customer, error) {
	argument = strings.TrimSpace(argument)
	if partnercenter.ValidID(argument) {
		return customer{id: strings.ToLower(argument)}, nil
	}
	if looksLikeDomain(argument) {
		if found, ok, err := customerByDomain(ctx, client, argument); err != nil || ok {
			return found, err
		}
	}

	wanted := strings.ToLower(argument)
	var found []partnercenter.Customer
	for customer, err := range client.Customers().All(ctx, partnercenter.CustomersOptions{}) {
		if err != nil {
			return customerOf(customer), readCustomers().trouble(ctx, err)
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
		return customer{}, &problem{code: exitNotFound, text: fmt.Sprintf("No customer has %q in its name or domain.", argument), next: "rollcall customers list shows all."}
	case 1:
		return customerOf(found[0]), nil
	}
	return customer{}, misuse("%q fits %d customers: %s. Name one by its domain or ID.", argument, len(found), strings.Join(listed(found), ", "))
}

// exactCustomer finds the customer of a command that changes something: by ID
// or whole domain, never by a part of a name. What it is called is read anew,
// so that the question before the change names it rightly.
func exactCustomer(ctx context.Context, client *partnercenter.Client, argument string) (customer, error) {
	argument = strings.TrimSpace(argument)
	switch {
	case partnercenter.ValidID(argument):
		found, err := client.Customer(argument).Get(ctx)
		if err != nil {
			return customer{}, wish{what: fmt.Sprintf("The customer %s can't be read.", argument), role: "Admin agent or Helpdesk agent at the partner"}.trouble(ctx, err)
		}
		return customerOf(found), nil
	case looksLikeDomain(argument):
		found, ok, err := customerByDomain(ctx, client, argument)
		if err == nil && !ok {
			err = &problem{code: exitNotFound, text: fmt.Sprintf("No customer has the domain %s.", argument),
				next: fmt.Sprintf("rollcall customers search %s shows those that begin like it.", argument)}
		}
		return found, err
	}
	return customer{}, misuse("%q is neither the ID nor a domain of a customer. A command that changes something takes no part of a name; rollcall customers search %s shows both.", argument, quoted(argument))
}

// customerByDomain finds the customer whose default domain is exactly that.
func customerByDomain(ctx context.Context, client *partnercenter.Client, domain string) (_ customer, ok bool, err error) {
	var after partnercenter.Continuation
	for {
		page, err := client.Customers().Search(ctx, partnercenter.SearchOptions{Field: partnercenter.Domain, Prefix: domain}, after)
		if errors.Is(err, partnercenter.ErrBadRequest) {
			return customer{}, false, nil // no text that could be a domain
		}
		if err != nil {
			return customer{}, false, readCustomers().trouble(ctx, err)
		}
		for _, found := range page.Items {
			if strings.EqualFold(found.CompanyProfile.Domain, domain) {
				return customerOf(found), true, nil
			}
		}
		if after = page.Next; after == "" {
			return customer{}, false, nil
		}
	}
}

func looksLikeDomain(argument string) bool {
	return strings.Contains(argument, ".") && !strings.ContainsAny(argument, " \t@/")
}

// listed names customers so that any of them can be told from the others.
func listed(found []partnercenter.Customer) []string {
	slices.SortFunc(found, func(a, b partnercenter.Customer) int {
		return strings.Compare(strings.ToLower(a.CompanyProfile.CompanyName+a.ID), strings.ToLower(b.CompanyProfile.CompanyName+b.ID))
	})
	var names []string
	for _, customer := range found {
		names = append(names, fmt.Sprintf("%s (%s)", customer.CompanyProfile.CompanyName, customer.CompanyProfile.Domain))
	}
	return firstOf(names)
}

// firstOf is the first names of many, and how many more there are.
func firstOf(names []string) []string {
	if more := len(names) - candidates; more > 0 {
		return append(slices.Clone(names[:candidates]), fmt.Sprintf("and %d more", more))
	}
	return names
}

// quoted is an argument as a shell takes it.
func quoted(argument string) string {
	if argument != "" && !strings.ContainsFunc(argument, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@.-_+,:/%", r)
	}) {
		return argument
	}
	return "'" + strings.ReplaceAll(argument, "'", `'\''`) + "'"
}
