package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// restoreTime is how long a deleted user can be restored.
const restoreTime = 30 * 24 * time.Hour

// newUsersDelete answers rollcall users delete CUSTOMER USER.
func newUsersDelete(p *program) *cobra.Command {
	var opts changeOptions
	cmd := &cobra.Command{
		Use:   "delete CUSTOMER USER",
		Short: "Delete a user, who can be restored for 30 days",
		Long: changeHelp + "\n" + userHelp + `
The last administrator of a customer is not deleted.`,
		Example: `  rollcall users delete contoso.example m.nowak@contoso.example
  rollcall users delete contoso.example c0a70500-0000-4000-8000-000000000019 --dry-run`,
		Args:              arguments("CUSTOMER", "USER"),
		ValidArgsFunction: p.completeArguments(exactCustomers, userNames),
	}
	return p.changes(cmd, &opts, func(args []string) error { return checkUser(args[1]) },
		func(ctx context.Context, client *partnercenter.Client, args []string) (planner, error) {
			c, id, err := p.target(ctx, client, args)
			if err != nil {
				return nil, err
			}
			return func(ctx context.Context) (*plannedChange, error) { return p.planDelete(ctx, client, c, id) }, nil
		})
}

func (p *program) planDelete(ctx context.Context, client *partnercenter.Client, c customer, id string) (*plannedChange, error) {
	user, err := p.findUser(ctx, client, c, id)
	if err != nil {
		return nil, err
	}
	plan := &plannedChange{
		name: "delete-user", deed: "Delete 1 user of", customer: c, user: user, role: "User Administrator there",
		done:  fmt.Sprintf("Deleted %s at %s", nameOf(user), c.full()),
		doing: fmt.Sprintf("Deleting %s at %s", nameOf(user), c),
		claim: fmt.Sprintf("%s was deleted at %s", nameOf(user), c),
		check: fmt.Sprintf("rollcall users list %s --deleted --search %s", quoted(c.argument()), user.ID),
		steps: []difference{{"state", string(partnercenter.UserActive), "deleted"}},
		notes: []string{fmt.Sprintf("Restore is possible until %s.", clock().Add(restoreTime).Format("2 January 2006"))},
	}
	if plan.notes, err = noteRoles(ctx, client, c, user, "Deleting", plan.notes); err != nil {
		return nil, err
	}
	if !user.LastDirectorySync.IsZero() {
		plan.notes = append(plan.notes, fmt.Sprintf("The user is managed in %s's own directory: deleting may be refused, or undone by the next sync.", c))
	}

	plan.apply = func(ctx context.Context) (applied, error) {
		err := client.Customer(c.id).User(user.ID).Delete(ctx)
		return applied{notes: []string{fmt.Sprintf("Restore is possible until %s: rollcall users restore %s %s",
			clock().Add(restoreTime).Format("2 January 2006"), quoted(c.argument()), user.ID)}}, err
	}
	plan.readBack = func(ctx context.Context) (verdict, error) {
		_, err := client.Customer(c.id).User(user.ID).Get(ctx)
		if err == nil {
			return notSeen, nil
		}
		if !errors.Is(err, partnercenter.ErrNotFound) {
			return notSeen, err
		}
		for deleted, err := range client.Customer(c.id).Users().Deleted(ctx, partnercenter.UsersOptions{}) {
			if err != nil {
				return notSeen, err
			}
			if deleted.ID == user.ID { // who was active a moment ago
				return inPlace, nil
			}
		}
		return otherwise, nil // in neither list
	}
	return plan, nil
}

// noteRoles adds what roles the user holds, and refuses a deed that would leave
// the customer without any administrator.
func noteRoles(ctx context.Context, client *partnercenter.Client, c customer, user partnercenter.User, deed string, notes []string) ([]string, error) {
	held, err := rolesHeld(ctx, client, c, user)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(held.roles, func(r partnercenter.DirectoryRole) bool { return r.ID == companyAdministrator }) {
		if notes, err = keepOneAdministrator(ctx, client, c, user, deed, notes); err != nil {
			return nil, err
		}
	}
	return append(notes, held.notes()...), nil
}

// keepOneAdministrator refuses a deed that would leave the customer without any.
func keepOneAdministrator(ctx context.Context, client *partnercenter.Client, c customer, user partnercenter.User, deed string, notes []string) ([]string, error) {
	last, err := lastMember(ctx, client, c, companyAdministrator, user.ID)
	switch {
	case errors.Is(err, partnercenter.ErrForbidden):
		return append(notes, "Whether another Global Administrator is left can't be seen."), nil
	case err != nil:
		return nil, wish{what: fmt.Sprintf("The members of Global Administrator at %s can't be read.", c), role: readsUsers}.trouble(ctx, err)
	case last:
		return nil, &problem{
			code: exitRefused,
			text: fmt.Sprintf("%s is the last Global Administrator of %s. %s would leave nobody who can manage it.", nameOf(user), c, deed),
			next: fmt.Sprintf("Give the role to somebody else first: rollcall roles add %s USER 'Global Administrator'", quoted(c.argument())),
		}
	}
	return notes, nil
}

// heldRoles are the directory roles of a user, where they can be seen.
type heldRoles struct {
	roles  []partnercenter.DirectoryRole
	unseen bool
}

func rolesHeld(ctx context.Context, client *partnercenter.Client, c customer, user partnercenter.User) (heldRoles, error) {
	held, err := client.Customer(c.id).User(user.ID).Roles(ctx)
	switch {
	case errors.Is(err, partnercenter.ErrForbidden):
		return heldRoles{unseen: true}, nil
	case err != nil:
		return heldRoles{}, wish{what: fmt.Sprintf("The directory roles of %s at %s can't be read.", nameOf(user), c), role: readsUsers}.trouble(ctx, err)
	}
	return heldRoles{roles: held}, nil
}

// notes tell a person whom the change hits.
func (h heldRoles) notes() []string {
	if h.unseen {
		return []string{"Which directory roles the user holds can't be seen."}
	}
	if len(h.roles) == 0 {
		return nil
	}
	var names []string
	for _, role := range h.roles {
		names = append(names, entraName(role))
	}
	return []string{fmt.Sprintf("The user holds %s.", strings.Join(names, ", "))}
}

// lastMember reports whether nobody else holds a role.
func lastMember(ctx context.Context, client *partnercenter.Client, c customer, roleID, userID string) (bool, error) {
	for member, err := range client.Customer(c.id).Role(roleID).Members().All(ctx, partnercenter.RoleMembersOptions{}) {
		if err != nil {
			return false, err
		}
		if member.ID != userID {
			return false, nil
		}
	}
	return true, nil
}
