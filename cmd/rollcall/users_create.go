package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

type usersCreateOptions struct {
	changeOptions
	passwordOptions
	user partnercenter.NewUser
}

// changeHelp says what every command that changes something has in common.
const changeHelp = `CUSTOMER is an ID or a whole domain, never a part of a name. What will be changed
is shown and asked first. A pipe gets state, user ID, user principal name and,
where one was made, the password, separated by tabs.`

// newUsersCreate answers rollcall users create CUSTOMER.
func newUsersCreate(p *program) *cobra.Command {
	var opts usersCreateOptions
	cmd := &cobra.Command{
		Use:   "create CUSTOMER",
		Short: "Create a user",
		Long: changeHelp + `
The password is made here and shown once, unless --password-stdin brings one. All
users are read first, to see that the user principal name is free.`,
		Example: `  rollcall users create contoso.example --upn amina@contoso.example --display-name 'Amina Diallo' --location DE
  rollcall users create contoso.example --upn amina@contoso.example --display-name 'Amina Diallo' --password-stdin --yes < password`,
		Args:              arguments("CUSTOMER"),
		ValidArgsFunction: p.completeArguments(exactCustomers),
	}
	flags := cmd.Flags()
	flags.StringVar(&opts.user.UserPrincipalName, "upn", "", "user principal `name`; its domain is one of the customer's")
	flags.StringVar(&opts.user.DisplayName, "display-name", "", "display `name` (default first and last name)")
	flags.StringVar(&opts.user.FirstName, "first-name", "", "first `name`")
	flags.StringVar(&opts.user.LastName, "last-name", "", "last `name`")
	flags.StringVar(&opts.user.PhoneNumber, "phone", "", "phone `number`")
	flags.StringVar(&opts.user.UsageLocation, "location", "", "usage location, a two-letter `country`; needed before a license can be assigned")
	opts.passwordOptions.addFlags(cmd)
	return p.changes(cmd, &opts.changeOptions, func([]string) error { return opts.check() },
		func(ctx context.Context, client *partnercenter.Client, args []string) (planner, error) {
			c, err := exactCustomer(ctx, client, args[0])
			if err != nil {
				return nil, err
			}
			if opts.user.Password, err = opts.password(p); err != nil {
				return nil, err
			}
			opts.user.ForceChangePassword = opts.force
			return func(ctx context.Context) (*plannedChange, error) { return p.planCreate(ctx, client, c, opts) }, nil
		})
}

func (o *usersCreateOptions) check() error {
	u := &o.user
	if u.DisplayName == "" {
		u.DisplayName = strings.TrimSpace(u.FirstName + " " + u.LastName)
	}
	if err := checkUPN(u.UserPrincipalName); err != nil {
		return err
	}
	if u.DisplayName == "" {
		return misuse("--display-name is missing: the name that people see, like 'Amina Diallo'")
	}
	return checkCountry(&u.UsageLocation)
}

func checkUPN(upn string) error {
	local, domain, found := strings.Cut(upn, "@")
	if !found || local == "" || !looksLikeDomain(domain) || strings.ContainsAny(upn, " \t") {
		return misuse("--upn: %q is no user principal name; write it like amina@contoso.example", upn)
	}
	return nil
}

// checkCountry takes two letters, and keeps them in capitals.
func checkCountry(location *string) error {
	if *location != "" && (len(*location) != 2 || strings.ContainsFunc(*location, notALetter)) {
		return misuse("--location: %q is no country; write two letters like DE", *location)
	}
	*location = strings.ToUpper(*location)
	return nil
}

// planCreate sees that the name is free, among deleted users too.
func (p *program) planCreate(ctx context.Context, client *partnercenter.Client, c customer, opts usersCreateOptions) (*plannedChange, error) {
	user := opts.user
	plan := &plannedChange{
		name: "create-user", deed: "Create 1 user at", customer: c, role: "User Administrator or Directory Writers there",
		user:  partnercenter.User{UserPrincipalName: user.UserPrincipalName, DisplayName: user.DisplayName},
		done:  fmt.Sprintf("Created %s at %s", user.UserPrincipalName, c.full()),
		doing: fmt.Sprintf("Creating %s at %s", user.UserPrincipalName, c),
		claim: fmt.Sprintf("%s was created at %s", user.UserPrincipalName, c),
		check: fmt.Sprintf("rollcall users get %s %s", quoted(c.argument()), quoted(user.UserPrincipalName)),
		steps: []difference{
			{"user principal name", "", user.UserPrincipalName},
			{"display name", "", user.DisplayName},
		},
		password: user.Password, shown: !opts.fromStdin,
	}
	for _, step := range []difference{
		{"first name", "", user.FirstName}, {"last name", "", user.LastName}, {"phone number", "", user.PhoneNumber}, {"usage location", "", user.UsageLocation},
	} {
		if step.After != "" {
			plan.steps = append(plan.steps, step)
		}
	}
	if user.UsageLocation == "" {
		plan.notes = append(plan.notes, "Without a usage location no license can be assigned.")
	}

	active, deleted, err := p.namesakes(ctx, client, c, user.UserPrincipalName)
	if err != nil {
		return nil, wish{what: fmt.Sprintf("Whether %s is free at %s can't be told.", user.UserPrincipalName, c), role: readsUsers}.trouble(ctx, err)
	}
	if len(active) > 0 {
		return nil, &problem{code: exitFailed,
			text: fmt.Sprintf("%s is in use at %s by %s.", user.UserPrincipalName, c, userLine(active[0])), next: "Choose another user principal name."}
	}
	if len(deleted) > 0 {
		plan.notes = append(plan.notes, fmt.Sprintf("A deleted user has the same name; to have that one back: rollcall users restore %s %s", quoted(c.argument()), deleted[0].ID))
	}
	domains, err := p.domainsOf(ctx, client, c)
	if err == nil && len(domains) > 0 && !slices.Contains(domains, domainOf(user.UserPrincipalName)) {
		plan.notes = append(plan.notes, fmt.Sprintf("%s is none of the customer's domains: %s.", domainOf(user.UserPrincipalName), strings.Join(domains, ", ")))
	}

	plan.apply = func(ctx context.Context) (applied, error) {
		created, err := client.Customer(c.id).Users().Create(ctx, user)
		return applied{id: created.ID}, err
	}
	plan.readBack = func(ctx context.Context) (verdict, error) {
		active, deletedNow, err := p.namesakes(ctx, client, c, user.UserPrincipalName)
		switch {
		case err != nil:
			return notSeen, err
		case len(active) == 1 && wasMade(active[0], user):
			plan.user.ID = active[0].ID
			return inPlace, nil
		case len(active) > 0 || len(deletedNow) > len(deleted):
			return otherwise, nil
		}
		return notSeen, nil
	}
	return plan, nil
}

// wasMade reports whether a user is what was sent.
func wasMade(u partnercenter.User, sent partnercenter.NewUser) bool {
	return strings.EqualFold(u.UserPrincipalName, sent.UserPrincipalName) && u.DisplayName == sent.DisplayName &&
		u.FirstName == sent.FirstName && u.LastName == sent.LastName && u.PhoneNumber == sent.PhoneNumber &&
		strings.EqualFold(u.UsageLocation, sent.UsageLocation)
}

// namesakes reads all users, and all deleted ones, for a user principal name:
// Partner Center can't look one up.
func (p *program) namesakes(ctx context.Context, client *partnercenter.Client, c customer, upn string) (active, deleted []partnercenter.User, err error) {
	progress := p.counting("users read, looking for "+visible(upn), false)
	defer progress.clear()
	read := 0
	for _, opts := range []partnercenter.UsersOptions{{}, {Deleted: true}} {
		for user, err := range client.Customer(c.id).Users().All(ctx, opts) {
			if err != nil {
				return nil, nil, err
			}
			read++
			progress.at(read)
			switch {
			case !strings.EqualFold(user.UserPrincipalName, upn):
			case opts.Deleted:
				deleted = append(deleted, user)
			default:
				active = append(active, user)
			}
		}
	}
	slices.SortFunc(deleted, func(a, b partnercenter.User) int { return b.SoftDeletion.Compare(a.SoftDeletion) })
	return active, deleted, nil
}

// domainsOf are the customer's domains, as far as Partner Center tells them.
func (p *program) domainsOf(ctx context.Context, client *partnercenter.Client, c customer) ([]string, error) {
	found, err := client.Customer(c.id).Get(ctx)
	if err != nil {
		return nil, err
	}
	var domains []string
	for _, domain := range found.CustomDomains {
		domains = append(domains, strings.ToLower(domain))
	}
	return domains, nil
}

// passwordOptions is the options of commands that give a user a password.
type passwordOptions struct {
	fromStdin bool
	force     bool
}

func (o *passwordOptions) addFlags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.fromStdin, "password-stdin", false, "take the password from the first line of stdin instead of making one; at a terminal it is asked for")
	cmd.Flags().BoolVar(&o.force, "force-change", true, "another password has to be chosen at the next sign-in; --force-change=false: this one stays")
}

// password is the one that was brought, or a new one.
func (o *passwordOptions) password(p *program) (partnercenter.Secret, error) {
	if o.fromStdin {
		return p.passwordFromStdin()
	}
	return newPassword(), nil
}
