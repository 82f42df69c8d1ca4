package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// newRoles holds the commands about directory roles.
func newRoles(p *program) *cobra.Command {
	return group("roles", "Directory roles of a customer, and who holds them", "  rollcall roles list contoso.example\n  rollcall roles members contoso.example 'Global Administrator'",
		newRolesList(p), newRolesMembers(p), newRolesAdd(p), newRolesRemove(p))
}

// newRolesList answers rollcall roles list CUSTOMER [USER].
func newRolesList(p *program) *cobra.Command {
	var opts listing
	cmd := &cobra.Command{
		Use:   "list CUSTOMER [USER]",
		Short: "List a customer's directory roles, or those that a user holds",
		Long: customerHelp + "\n" + userHelp + `
Partner Center uses the old names of some roles: Company Administrator is what
Entra calls Global Administrator today. A pipe gets name and ID, with a tab.`,
		Example:           "  rollcall roles list contoso.example\n  rollcall roles list contoso.example c.brandt@contoso.example",
		Args:              arguments("CUSTOMER", "[USER]"),
		ValidArgsFunction: p.completeArguments(customerNames, userNames),
	}
	opts.addFlags(cmd)
	return p.calls(cmd, func(args []string) error {
		if err := opts.check(); err != nil || len(args) < 2 {
			return err
		}
		return checkUser(args[1])
	}, func(ctx context.Context, client *partnercenter.Client, args []string) error {
		c, err := findCustomer(ctx, client, args[0])
		if err != nil {
			return err
		}
		held, of := []partnercenter.DirectoryRole(nil), c.String()
		if len(args) == 1 {
			held, err = directoryRoles(ctx, client, c)
		} else {
			held, of, err = p.userRoles(ctx, client, c, args[1])
		}
		if err != nil {
			return err
		}
		roles := roleKind()
		written, err := list(p, opts, roles, each(held))
		if err != nil {
			return err
		}
		p.note("%s of %s", roles.counted(written), of)
		return nil
	})
}

// userRoles reads what a user holds, and how messages name the user.
func (p *program) userRoles(ctx context.Context, client *partnercenter.Client, c customer, argument string) (held []partnercenter.DirectoryRole, of string, err error) {
	id, name, err := p.findUserID(ctx, client, c, argument)
	if err != nil {
		return nil, "", err
	}
	held, err = client.Customer(c.id).User(id).Roles(ctx)
	if err != nil {
		return nil, "", wish{
			what: fmt.Sprintf("The directory roles of %s at %s can't be read.", name, c), role: readsUsers,
			absent: fmt.Sprintf("There is no such user at %s, or it was deleted: rollcall users list %s --deleted shows those.", c, quoted(c.argument())),
		}.trouble(ctx, err)
	}
	return held, fmt.Sprintf("%s at %s", name, c), nil
}

// roleJSON is a directory role as -o json and ndjson print it.
type roleJSON struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	EntraName string `json:"entraName"` // what Entra calls it today
}

func roleKind() kind[partnercenter.DirectoryRole] {
	type role = partnercenter.DirectoryRole
	return kind[role]{
		one: "directory role", many: "directory roles",
		short: []string{"name", "id"},
		all: []column[role]{
			{name: "id", text: func(r role) string { return r.ID }},
			{name: "name", text: func(r role) string { return r.Name }},
			{name: "entraName", title: "NAME IN ENTRA", text: entraName},
		},
		json: func(r *role) any { return roleJSON{r.ID, r.Name, entraName(*r)} },
		id:   func(r role) string { return r.ID },
	}
}

// entraName is what Entra calls a role today.
func entraName(r partnercenter.DirectoryRole) string {
	if today, renamed := todaysRoleNames[r.ID]; renamed {
		return today
	}
	return r.Name
}
