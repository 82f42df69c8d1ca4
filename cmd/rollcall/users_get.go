package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// userHelp says what a USER argument may be.
const userHelp = `USER is an ID or a user principal name; for a name the customer's users are read
until it is found, since Partner Center can't look it up.`

// newUsersGet answers rollcall users get CUSTOMER USER.
func newUsersGet(p *program) *cobra.Command {
	var opts output
	cmd := &cobra.Command{
		Use:   "get CUSTOMER USER",
		Short: "Show a user",
		Long: customerHelp + "\n" + userHelp + `
A pipe gets a line a field: its name in the API, a tab, its value.`,
		Example: `  rollcall users get contoso.example a.wojcik@contoso.example
  rollcall users get contoso.example c0a70500-0000-4000-8000-000000000002 -o json`,
		Args:              arguments("CUSTOMER", "USER"),
		ValidArgsFunction: p.completeArguments(customerNames, userNames),
	}
	opts.addFlags(cmd, "")
	return p.calls(cmd, func(args []string) error {
		if err := opts.check(); err != nil {
			return err
		}
		return checkUser(args[1])
	}, func(ctx context.Context, client *partnercenter.Client, args []string) error {
		c, err := findCustomer(ctx, client, args[0])
		if err != nil {
			return err
		}
		user, err := p.findUser(ctx, client, c, args[1])
		if err != nil {
			return err
		}
		return show(p, opts, userKind(false), userRow{User: user})
	})
}
