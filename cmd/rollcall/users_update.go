package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// userField is a field of a user that can be changed.
type userField struct {
	flag, name, help string
	onPremises       bool // of a synced user it is changed there
	of               func(*partnercenter.User) *string
	patch            func(*partnercenter.UserPatch, *string)
}

// userFields are in the order in which they are shown.
var userFields = []userField{
	{
		"upn", "user principal name", "user principal `name`; its domain is one of the customer's", true,
		func(u *partnercenter.User) *string { return &u.UserPrincipalName }, func(p *partnercenter.UserPatch, v *string) { p.UserPrincipalName = v },
	},
	{
		"display-name", "display name", "display `name`", true,
		func(u *partnercenter.User) *string { return &u.DisplayName }, func(p *partnercenter.UserPatch, v *string) { p.DisplayName = v },
	},
	{
		"first-name", "first name", "first `name`", true,
		func(u *partnercenter.User) *string { return &u.FirstName }, func(p *partnercenter.UserPatch, v *string) { p.FirstName = v },
	},
	{
		"last-name", "last name", "last `name`", true,
		func(u *partnercenter.User) *string { return &u.LastName }, func(p *partnercenter.UserPatch, v *string) { p.LastName = v },
	},
	{
		"phone", "phone number", "phone `number`", true,
		func(u *partnercenter.User) *string { return &u.PhoneNumber }, func(p *partnercenter.UserPatch, v *string) { p.PhoneNumber = v },
	},
	{
		"location", "usage location", "usage location, a two-letter `country`", false,
		func(u *partnercenter.User) *string { return &u.UsageLocation }, func(p *partnercenter.UserPatch, v *string) { p.UsageLocation = v },
	},
}

// newUsersUpdate answers rollcall users update CUSTOMER USER.
func newUsersUpdate(p *program) *cobra.Command {
	var opts changeOptions
	values := make([]string, len(userFields))
	cmd := &cobra.Command{
		Use:   "update CUSTOMER USER",
		Short: "Change a user's names, phone number or usage location",
		Long: changeHelp + "\n" + userHelp + `
Only what you name is changed. Partner Center can't empty a field.`,
		Example: `  rollcall users update contoso.example m.nowak@contoso.example --location PL
  rollcall users update contoso.example m.nowak@contoso.example --last-name Nowak-Lis --display-name 'Marta Nowak-Lis' --dry-run`,
		Args:              arguments("CUSTOMER", "USER"),
		ValidArgsFunction: p.completeArguments(exactCustomers, userNames),
	}
	for i, field := range userFields {
		cmd.Flags().StringVar(&values[i], field.flag, "", "new "+field.help)
	}
	wanted := map[string]string{} // by flag
	return p.changes(cmd, &opts, func(args []string) error {
		for i, field := range userFields {
			if cmd.Flags().Changed(field.flag) {
				wanted[field.flag] = strings.TrimSpace(values[i])
			}
		}
		if err := checkPatch(wanted); err != nil {
			return err
		}
		return checkUser(args[1])
	}, func(ctx context.Context, client *partnercenter.Client, args []string) (planner, error) {
		c, id, err := p.target(ctx, client, args)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context) (*plannedChange, error) { return p.planUpdate(ctx, client, c, id, wanted) }, nil
	})
}

func checkPatch(wanted map[string]string) error {
	if len(wanted) == 0 {
		var flags []string
		for _, field := range userFields {
			flags = append(flags, "--"+field.flag)
		}
		return misuse("There is nothing to change; name at least one of %s", strings.Join(flags, ", "))
	}
	for _, field := range userFields {
		value, named := wanted[field.flag]
		switch {
		case !named:
		case value == "":
			return misuse("--%s is empty; Partner Center can't empty a field, only give it another value", field.flag)
		case field.flag == "upn":
			if err := checkUPN(value); err != nil {
				return err
			}
		case field.flag == "location":
			if err := checkCountry(&value); err != nil {
				return err
			}
			wanted[field.flag] = value
		}
	}
	return nil
}

// target finds the customer and the user of a command that changes something.
func (p *program) target(ctx context.Context, client *partnercenter.Client, args []string) (customer, string, error) {
	c, err := exactCustomer(ctx, client, args[0])
	if err != nil {
		return c, "", err
	}
	id, _, err := p.findUserID(ctx, client, c, args[1])
	return c, id, err
}

// planUpdate leaves out what is so already, and what is changed on premises.
func (p *program) planUpdate(ctx context.Context, client *partnercenter.Client, c customer, id string, wanted map[string]string) (*plannedChange, error) {
	user, err := p.findUser(ctx, client, c, id)
	if err != nil {
		return nil, err
	}
	plan := &plannedChange{
		name: "update-user", deed: "Change 1 user of", customer: c, user: user, role: "User Administrator or Directory Writers there",
		doing: fmt.Sprintf("Changing %s at %s", nameOf(user), c),
		claim: fmt.Sprintf("%s was changed at %s", nameOf(user), c),
		check: fmt.Sprintf("rollcall users get %s %s", quoted(c.argument()), user.ID),
	}
	var patch partnercenter.UserPatch
	var elsewhere []string
	for _, field := range userFields {
		after, named := wanted[field.flag]
		before := *field.of(&user)
		if !named || before == after {
			continue
		}
		if field.onPremises && !user.LastDirectorySync.IsZero() {
			elsewhere = append(elsewhere, field.name)
		}
		plan.steps = append(plan.steps, difference{field.name, before, after})
		field.patch(&patch, &after)
	}
	if len(elsewhere) > 0 {
		return nil, &problem{code: exitRefused,
			text: fmt.Sprintf("%s is managed in %s's own directory, and its %s is changed there.", nameOf(user), c, strings.Join(elsewhere, ", ")),
			next: "Usage location, licenses and roles can be changed here."}
	}
	plan.done = fmt.Sprintf("Changed %s at %s: %s", nameOf(user), c.full(), strings.Join(steps(plan.steps), "; "))

	plan.apply = func(ctx context.Context) (applied, error) {
		_, err := client.Customer(c.id).User(user.ID).Update(ctx, patch)
		return applied{}, err
	}
	plan.readBack = func(ctx context.Context) (verdict, error) {
		now, err := client.Customer(c.id).User(user.ID).Get(ctx)
		if err != nil {
			return notSeen, err
		}
		return compareFields(user, now, wanted), nil
	}
	return plan, nil
}

// compareFields tells whether the wanted fields are all as wanted, all as
// before, or neither.
func compareFields(before, now partnercenter.User, wanted map[string]string) verdict {
	as, was := true, true
	for _, field := range userFields {
		after, named := wanted[field.flag]
		if !named {
			continue
		}
		value := *field.of(&now)
		same := value == after
		if field.flag == "upn" || field.flag == "location" { // case counts for nothing there
			same = strings.EqualFold(value, after)
		}
		as = as && same
		was = was && value == *field.of(&before)
	}
	switch {
	case as:
		return inPlace
	case was:
		return notSeen
	}
	return otherwise
}
