package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

type resetPasswordOptions struct {
	changeOptions
	passwordOptions
}

// newUsersResetPassword answers rollcall users reset-password CUSTOMER USER.
func newUsersResetPassword(p *program) *cobra.Command {
	var opts resetPasswordOptions
	cmd := &cobra.Command{
		Use:   "reset-password CUSTOMER USER",
		Short: "Give a user a new password",
		Long: changeHelp + "\n" + userHelp + `
The password is made here and shown once, unless --password-stdin brings one. It
is never a flag, and never in a log. A reset can't be undone.`,
		Example: `  rollcall users reset-password contoso.example m.nowak@contoso.example
  rollcall users reset-password contoso.example m.nowak@contoso.example --password-stdin --yes < password`,
		Args:              arguments("CUSTOMER", "USER"),
		ValidArgsFunction: p.completeArguments(exactCustomers, userNames),
	}
	opts.passwordOptions.addFlags(cmd)
	return p.changes(cmd, &opts.changeOptions, func(args []string) error { return checkUser(args[1]) },
		func(ctx context.Context, client *partnercenter.Client, args []string) (planner, error) {
			c, id, err := p.target(ctx, client, args)
			if err != nil {
				return nil, err
			}
			password, err := opts.password(p)
			if err != nil {
				return nil, err
			}
			return func(ctx context.Context) (*plannedChange, error) {
				return p.planReset(ctx, client, c, id, password, opts.passwordOptions)
			}, nil
		})
}

func (p *program) planReset(ctx context.Context, client *partnercenter.Client, c customer, id string, password partnercenter.Secret, opts passwordOptions) (*plannedChange, error) {
	user, err := p.findUser(ctx, client, c, id)
	if err != nil {
		return nil, err
	}
	plan := &plannedChange{
		name: "reset-password", deed: "Reset 1 password at", customer: c, user: user,
		role:  "User Administrator or Privileged Authentication Administrator there",
		done:  fmt.Sprintf("Reset the password of %s at %s", nameOf(user), c.full()),
		doing: fmt.Sprintf("Resetting the password of %s at %s", nameOf(user), c),
		claim: fmt.Sprintf("the password of %s at %s was reset", nameOf(user), c),
		steps: []difference{{"password", "the old one", "a new one"}},
		notes: []string{"It can't be undone."}, password: password, shown: !opts.fromStdin,
	}
	if opts.force {
		plan.notes = append(plan.notes, "Another password has to be chosen at the next sign-in.")
	}
	held, err := rolesHeld(ctx, client, c, user)
	if err != nil {
		return nil, err
	}
	plan.notes = append(plan.notes, held.notes()...)
	if !user.LastDirectorySync.IsZero() {
		plan.notes = append(plan.notes, fmt.Sprintf("The user is managed in %s's own directory: the reset may be refused.", c))
	}
	plan.apply = func(ctx context.Context) (applied, error) {
		told := applied{}
		if opts.force {
			told.notes = []string{"Another password has to be chosen at the next sign-in."}
		}
		ref := client.Customer(c.id).User(user.ID)
		err := ref.ResetPassword(ctx, password, opts.force)
		if lost, ok := errors.AsType[*partnercenter.Error](err); ok && errors.Is(err, partnercenter.ErrUnknownOutcome) {
			// Nothing shows which password holds; the same one once more does no harm.
			again := ref.ResetPassword(partnercenter.WithRequestID(ctx, lost.RequestID), password, opts.force)
			if again == nil {
				return told, nil
			}
		}
		return told, err
	}
	return plan, nil
}
