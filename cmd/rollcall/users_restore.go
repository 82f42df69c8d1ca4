package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// newUsersRestore answers rollcall users restore CUSTOMER USER.
func newUsersRestore(p *program) *cobra.Command {
	var opts changeOptions
	cmd := &cobra.Command{
		Use:   "restore CUSTOMER USER",
		Short: "Restore a deleted user",
		Long: changeHelp + `
USER is the ID or the user principal name of a user deleted in the last 30 days.
Whether licenses come back is Partner Center's doing; look at them afterwards.`,
		Example: `  rollcall users restore contoso.example p.zielinski@contoso.example
  rollcall users restore contoso.example p.zielinski@contoso.example --dry-run`,
		Args:              arguments("CUSTOMER", "USER"),
		ValidArgsFunction: p.completeArguments(exactCustomers, deletedNames),
	}
	return p.changes(cmd, &opts, func(args []string) error { return checkUser(args[1]) },
		func(ctx context.Context, client *partnercenter.Client, args []string) (planner, error) {
			c, err := exactCustomer(ctx, client, args[0])
			if err != nil {
				return nil, err
			}
			return func(ctx context.Context) (*plannedChange, error) { return p.planRestore(ctx, client, c, args[1]) }, nil
		})
}

func (p *program) planRestore(ctx context.Context, client *partnercenter.Client, c customer, argument string) (*plannedChange, error) {
	user, err := findDeleted(ctx, client, c, argument)
	if err != nil {
		return nil, err
	}
	plan := &plannedChange{
		name: "restore-user", deed: "Restore 1 user of", customer: c, user: user, role: "User Administrator or Directory Writers there",
		done:  fmt.Sprintf("Restored %s at %s", nameOf(user), c.full()),
		doing: fmt.Sprintf("Restoring %s at %s", nameOf(user), c),
		claim: fmt.Sprintf("%s was restored at %s", nameOf(user), c),
		check: fmt.Sprintf("rollcall users get %s %s", quoted(c.argument()), user.ID),
		steps: []difference{{"state", "deleted " + stamp(user.SoftDeletion), string(partnercenter.UserActive)}},
	}
	if left := int(user.SoftDeletion.Add(restoreTime).Sub(clock()).Hours() / 24); !user.SoftDeletion.IsZero() && left >= 0 {
		plan.notes = append(plan.notes, fmt.Sprintf("%d days are left to restore this user.", left))
	}
	plan.apply = func(ctx context.Context) (applied, error) {
		_, err := client.Customer(c.id).User(user.ID).Restore(ctx)
		return applied{notes: []string{fmt.Sprintf("Licenses usually come back if seats are free; look: rollcall licenses list %s %s", quoted(c.argument()), user.ID)}}, err
	}
	plan.readBack = func(ctx context.Context) (verdict, error) {
		_, err := client.Customer(c.id).User(user.ID).Get(ctx)
		switch {
		case err == nil:
			return inPlace, nil
		case errors.Is(err, partnercenter.ErrNotFound):
			return notSeen, nil
		}
		return notSeen, err
	}
	return plan, nil
}

// findDeleted finds who is meant among the deleted users; of several with one
// name, the ID tells them apart.
func findDeleted(ctx context.Context, client *partnercenter.Client, c customer, argument string) (partnercenter.User, error) {
	var found []partnercenter.User
	read := 0
	for user, err := range client.Customer(c.id).Users().Deleted(ctx, partnercenter.UsersOptions{}) {
		if err != nil {
			return user, wish{what: fmt.Sprintf("The deleted users of %s can't be read.", c), role: readsUsers}.trouble(ctx, err)
		}
		read++
		if strings.EqualFold(user.ID, argument) || strings.EqualFold(user.UserPrincipalName, argument) {
			found = append(found, user)
		}
	}
	switch len(found) {
	case 0:
		return partnercenter.User{}, &problem{code: exitNotFound,
			text: fmt.Sprintf("%s has no deleted user %s; %s were looked through.", c, argument, userKind(true).counted(read)),
			next: "After 30 days nobody can restore a user."}
	case 1:
		return found[0], nil
	}
	var names []string
	for _, user := range found {
		names = append(names, fmt.Sprintf("%s deleted %s", user.ID, stamp(user.SoftDeletion)))
	}
	return partnercenter.User{}, misuse("%q fits %d deleted users: %s. Name one by its ID.", argument, len(found), strings.Join(firstOf(names), ", "))
}
