package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// What follows Tab is live: from Partner Center, with the person's own token.
// It is a convenience, so it says nothing when it fails, and never makes the
// shell wait longer than this.
const completionTime = 2 * time.Second

// mostCompletions is how many suggestions are worth reading.
const mostCompletions = 100

// completer suggests what begins with what was typed; given are the arguments
// before it.
type completer func(ctx context.Context, client *partnercenter.Client, given []string, typed string) []cobra.Completion

// completeArguments completes each argument with its completer.
func (p *program) completeArguments(each ...completer) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) >= len(each) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return p.suggest(cmd, each[len(args)], args, typed), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeFlag completes a flag that depends on the arguments.
func (p *program) completeFlag(cmd *cobra.Command, flag string, with completer) {
	must(cmd.RegisterFlagCompletionFunc(flag, func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return p.suggest(cmd, with, args, typed), cobra.ShellCompDirectiveNoFileComp
	}))
}

// complete completes a flag with words that are always the same.
func complete(cmd *cobra.Command, flag string, words ...string) {
	must(cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)))
}

// must stops the program on a mistake in its own commands, which any test of
// them finds.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func (p *program) suggest(cmd *cobra.Command, with completer, given []string, typed string) []cobra.Completion {
	c, err := p.connect(cmd)
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), completionTime)
	defer cancel()
	found := with(action(ctx), c.client, given, typed)
	return found[:min(len(found), mostCompletions)]
}

// customerNames suggests domains, and names where a name was begun.
func customerNames(ctx context.Context, client *partnercenter.Client, _ []string, typed string) []cobra.Completion {
	var names []cobra.Completion
	for c, err := range beginning(ctx, client, typed) {
		if err != nil || len(names) > mostCompletions {
			break
		}
		name, domain := c.CompanyProfile.CompanyName, c.CompanyProfile.Domain
		if begins(domain, typed) {
			names = append(names, described(domain, name))
		}
		if typed != "" && strings.HasPrefix(name, typed) && !holdsHidden(name) {
			names = append(names, described(name, domain))
		}
	}
	slices.Sort(names)
	return names
}

// exactCustomers suggests domains only, for commands that change something.
func exactCustomers(ctx context.Context, client *partnercenter.Client, given []string, typed string) []cobra.Completion {
	return slices.DeleteFunc(customerNames(ctx, client, given, typed), func(c cobra.Completion) bool {
		name, _, _ := strings.Cut(c, "\t")
		return !begins(name, typed) || !looksLikeDomain(name)
	})
}

// beginning are the customers that a beginning may mean; all for none.
func beginning(ctx context.Context, client *partnercenter.Client, typed string) func(func(partnercenter.Customer, error) bool) {
	if typed == "" {
		return client.Customers().All(ctx, partnercenter.CustomersOptions{})
	}
	return searchCustomers(ctx, client, typed, "")
}

// userNames suggests user principal names of the customer given before.
func userNames(ctx context.Context, client *partnercenter.Client, given []string, typed string) []cobra.Completion {
	return namesOfUsers(ctx, client, given, typed, partnercenter.UsersOptions{})
}

// deletedNames suggests user principal names of deleted users.
func deletedNames(ctx context.Context, client *partnercenter.Client, given []string, typed string) []cobra.Completion {
	return namesOfUsers(ctx, client, given, typed, partnercenter.UsersOptions{Deleted: true})
}

// namesOfUsers reads on until there are enough, or the time is over: then what
// was found by then is suggested.
func namesOfUsers(ctx context.Context, client *partnercenter.Client, given []string, typed string, opts partnercenter.UsersOptions) []cobra.Completion {
	c, err := findCustomer(ctx, client, given[0])
	if err != nil {
		return nil
	}
	var names []cobra.Completion
	for user, err := range client.Customer(c.id).Users().All(ctx, opts) {
		if err != nil || len(names) == mostCompletions {
			break
		}
		if upn := user.UserPrincipalName; begins(upn, typed) && !holdsHidden(upn) {
			names = append(names, described(upn, user.DisplayName))
		}
	}
	slices.Sort(names)
	return names
}

// skuNames suggests part numbers of what the customer given before owns.
func skuNames(ctx context.Context, client *partnercenter.Client, given []string, typed string) []cobra.Completion {
	var names []cobra.Completion
	for _, sku := range ownedBy(ctx, client, given) {
		if begins(sku.PartNumber, typed) {
			names = append(names, described(sku.PartNumber, sku.Name))
		}
	}
	slices.Sort(names)
	return names
}

// ownedBy is what the customer given before owns.
func ownedBy(ctx context.Context, client *partnercenter.Client, given []string) []partnercenter.SubscribedSKU {
	if len(given) == 0 {
		return nil
	}
	c, err := findCustomer(ctx, client, given[0])
	if err != nil {
		return nil
	}
	owned, err := client.Customer(c.id).SubscribedSKUs(ctx, partnercenter.Group1, partnercenter.Group2)
	if err != nil {
		return nil
	}
	return owned
}

// licenseNames suggests what --license takes in lists.
func licenseNames(ctx context.Context, client *partnercenter.Client, given []string, typed string) []cobra.Completion {
	names := skuNames(ctx, client, given, typed)
	if begins(noLicense, typed) {
		names = append(names, described(noLicense, "users without any license"))
	}
	return names
}

// servicePlanNames suggests service names of the plans of what the customer owns.
func servicePlanNames(ctx context.Context, client *partnercenter.Client, given []string, typed string) []cobra.Completion {
	var names []cobra.Completion
	for _, sku := range ownedBy(ctx, client, given) {
		for _, plan := range sku.ServicePlans {
			if begins(plan.ServiceName, typed) {
				names = append(names, described(plan.ServiceName, plan.DisplayName))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// roleNames suggests the names that directory roles have today.
func roleNames(ctx context.Context, client *partnercenter.Client, given []string, typed string) []cobra.Completion {
	if len(given) == 0 {
		return nil
	}
	c, err := findCustomer(ctx, client, given[0])
	if err != nil {
		return nil
	}
	roles, err := client.Customer(c.id).Roles().List(ctx)
	if err != nil {
		return nil
	}
	var names []cobra.Completion
	for _, role := range roles {
		if name := entraName(role); begins(name, typed) {
			names = append(names, described(name, role.ID))
		}
	}
	slices.Sort(names)
	return names
}

func begins(text, typed string) bool {
	return len(text) >= len(typed) && strings.EqualFold(text[:len(typed)], typed)
}

// described is a suggestion with what shells show beside it. Nothing in it can
// end the line or steer the terminal.
func described(name, what string) cobra.Completion {
	return cobra.CompletionWithDesc(name, visible(what))
}

func holdsHidden(text string) bool { return strings.ContainsFunc(text, hidden) }
