package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// roleHelp says what a ROLE argument may be.
const roleHelp = `ROLE is an ID or a name, the old one or today's: 'Global Administrator'.`

// newRolesMembers answers rollcall roles members CUSTOMER ROLE.
func newRolesMembers(p *program) *cobra.Command {
	var opts listing
	cmd := &cobra.Command{
		Use:   "members CUSTOMER ROLE",
		Short: "List the users who hold a directory role",
		Long: customerHelp + "\n" + roleHelp + `
A pipe gets user principal name, display name and ID, separated by tabs.`,
		Example: `  rollcall roles members contoso.example 'Global Administrator'
  rollcall roles members contoso.example fe930be7-5e62-47db-91af-98c3a49a38b1 -o ids`,
		Args:              arguments("CUSTOMER", "ROLE"),
		ValidArgsFunction: p.completeArguments(customerNames, roleNames),
	}
	opts.addFlags(cmd)
	return p.calls(cmd, func([]string) error { return opts.check() }, func(ctx context.Context, client *partnercenter.Client, args []string) error {
		c, err := findCustomer(ctx, client, args[0])
		if err != nil {
			return err
		}
		role, err := findRole(ctx, client, c, args[1])
		if err != nil {
			return err
		}
		members := memberKind()
		written, err := list(p, opts, members, client.Customer(c.id).Role(role.ID).Members().All(ctx, partnercenter.RoleMembersOptions{}))
		if err != nil {
			return wish{what: fmt.Sprintf("The members of %s at %s can't be read.", role.Name, c), role: readsUsers}.after(written, members).trouble(ctx, err)
		}
		p.note("%s of %s at %s", members.counted(written), role.Name, c)
		return nil
	})
}

// memberJSON is a role's member as -o json and ndjson print it.
type memberJSON struct {
	ID                string `json:"id"`
	UserPrincipalName string `json:"userPrincipalName"`
	DisplayName       string `json:"displayName"`
	RoleID            string `json:"roleId"`
}

func memberKind() kind[partnercenter.RoleMember] {
	type member = partnercenter.RoleMember
	return kind[member]{
		one: "member", many: "members",
		short: []string{"userPrincipalName", "displayName", "id"},
		all: []column[member]{
			{name: "id", text: func(m member) string { return m.ID }},
			{name: "userPrincipalName", text: func(m member) string { return m.UserPrincipalName }},
			{name: "displayName", text: func(m member) string { return m.DisplayName }},
			{name: "roleId", text: func(m member) string { return m.RoleID }},
		},
		words: map[string]string{"upn": "userPrincipalName", "name": "displayName"},
		json:  func(m *member) any { return memberJSON{m.ID, m.UserPrincipalName, m.DisplayName, m.RoleID} },
		id:    func(m member) string { return m.ID },
	}
}
