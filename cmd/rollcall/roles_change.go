package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// newRolesAdd answers rollcall roles add CUSTOMER USER ROLE.
func newRolesAdd(p *program) *cobra.Command {
	var opts changeOptions
	cmd := &cobra.Command{
		Use:   "add CUSTOMER USER ROLE",
		Short: "Give a user a directory role",
		Long:  changeHelp + "\n" + userHelp + "\n" + roleHelp,
		Example: `  rollcall roles add contoso.example a.wojcik@contoso.example 'User Administrator'
  rollcall roles add contoso.example a.wojcik@contoso.example 'User Administrator' --dry-run`,
		Args:              arguments("CUSTOMER", "USER", "ROLE"),
		ValidArgsFunction: p.completeArguments(exactCustomers, userNames, roleNames),
	}
	return p.changes(cmd, &opts, func(args []string) error { return checkUser(args[1]) }, p.roleChange(true))
}

// newRolesRemove answers rollcall roles remove CUSTOMER USER ROLE.
func newRolesRemove(p *program) *cobra.Command {
	var opts changeOptions
	cmd := &cobra.Command{
		Use:   "remove CUSTOMER USER ROLE",
		Short: "Take a directory role from a user",
		Long: changeHelp + "\n" + userHelp + "\n" + roleHelp + `
The last Global Administrator of a customer keeps that role.`,
		Example: `  rollcall roles remove contoso.example a.wojcik@contoso.example 'Helpdesk Administrator'
  rollcall roles remove contoso.example a.wojcik@contoso.example 'Helpdesk Administrator' --yes`,
		Args:              arguments("CUSTOMER", "USER", "ROLE"),
		ValidArgsFunction: p.completeArguments(exactCustomers, userNames, roleNames),
	}
	return p.changes(cmd, &opts, func(args []string) error { return checkUser(args[1]) }, p.roleChange(false))
}

// roleChange finds whom and what a role command is about.
func (p *program) roleChange(give bool) func(context.Context, *partnercenter.Client, []string) (planner, error) {
	return func(ctx context.Context, client *partnercenter.Client, args []string) (planner, error) {
		c, id, err := p.target(ctx, client, args)
		if err != nil {
			return nil, err
		}
		role, err := findRole(ctx, client, c, args[2])
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context) (*plannedChange, error) { return p.planRole(ctx, client, c, id, role, give) }, nil
	}
}

func (p *program) planRole(ctx context.Context, client *partnercenter.Client, c customer, id string, role partnercenter.DirectoryRole, give bool) (*plannedChange, error) {
	user, err := p.findUser(ctx, client, c, id)
	if err != nil {
		return nil, err
	}
	held, err := client.Customer(c.id).User(user.ID).Roles(ctx)
	if err != nil {
		return nil, wish{what: fmt.Sprintf("The directory roles of %s at %s can't be read.", nameOf(user), c), role: readsUsers}.trouble(ctx, err)
	}
	holds := slices.ContainsFunc(held, func(r partnercenter.DirectoryRole) bool { return r.ID == role.ID })
	name := entraName(role)
	plan := &plannedChange{
		customer: c, user: user, role: "Privileged Role Administrator there",
		check: fmt.Sprintf("rollcall roles list %s %s", quoted(c.argument()), user.ID),
	}
	members := client.Customer(c.id).Role(role.ID).Members()
	if give {
		plan.name, plan.deed = "add-role-member", "Give 1 directory role at"
		plan.done = fmt.Sprintf("Gave %s to %s at %s", name, nameOf(user), c.full())
		plan.doing = fmt.Sprintf("Giving %s to %s at %s", name, nameOf(user), c)
		plan.claim = fmt.Sprintf("%s was given to %s at %s", name, nameOf(user), c)
		if !holds {
			plan.steps = []difference{{name, "not held", "held"}}
		}
		plan.apply = func(ctx context.Context) (applied, error) {
			_, err := members.Add(ctx, partnercenter.RoleMember{ID: user.ID, DisplayName: shownName(user), UserPrincipalName: user.UserPrincipalName})
			return applied{}, err
		}
	} else {
		plan.name, plan.deed = "remove-role-member", "Take 1 directory role away at"
		plan.done = fmt.Sprintf("Took %s from %s at %s", name, nameOf(user), c.full())
		plan.doing = fmt.Sprintf("Taking %s from %s at %s", name, nameOf(user), c)
		plan.claim = fmt.Sprintf("%s was taken from %s at %s", name, nameOf(user), c)
		if holds {
			plan.steps = []difference{{name, "held", "not held"}}
		}
		plan.apply = func(ctx context.Context) (applied, error) { return applied{}, members.Remove(ctx, user.ID) }
		if holds && role.ID == companyAdministrator {
			if plan.notes, err = keepOneAdministrator(ctx, client, c, user, "Taking the role", plan.notes); err != nil {
				return nil, err
			}
		}
	}
	plan.readBack = func(ctx context.Context) (verdict, error) { return readRole(ctx, client, c, user, role, give) }
	return plan, nil
}

// shownName is a user's display name; the API needs one of a member.
func shownName(u partnercenter.User) string {
	if u.DisplayName != "" {
		return u.DisplayName
	}
	return u.UserPrincipalName
}

// readRole reads both the role's members and the user's roles: only when they
// agree it is told.
func readRole(ctx context.Context, client *partnercenter.Client, c customer, user partnercenter.User, role partnercenter.DirectoryRole, want bool) (verdict, error) {
	held, err := client.Customer(c.id).User(user.ID).Roles(ctx)
	if err != nil {
		return notSeen, err
	}
	holds := slices.ContainsFunc(held, func(r partnercenter.DirectoryRole) bool { return r.ID == role.ID })
	member := false
	for m, err := range client.Customer(c.id).Role(role.ID).Members().All(ctx, partnercenter.RoleMembersOptions{}) {
		if err != nil {
			return notSeen, err
		}
		if m.ID == user.ID {
			member = true
		}
	}
	if holds == want && member == want {
		return inPlace, nil
	}
	return notSeen, nil
}
