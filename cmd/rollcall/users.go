package main

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/internal/config"
	"github.com/rollcall-app/rollcall/partnercenter"
)

// newUsers holds the commands about a customer's users.
func newUsers(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "users",
		Short:   "A customer's users",
		Example: "  rollcall users list northwind.example\n  rollcall users list Contoso --deleted",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newUsersList(p))
	return cmd
}

type usersListOptions struct {
	listing
	customer string
	deleted  bool
	synced   *bool // nil: either
	location string
}

// newUsersList answers rollcall users list CUSTOMER.
func newUsersList(p *program) *cobra.Command {
	var opts usersListOptions
	var synced bool
	cmd := &cobra.Command{
		Use:   "list CUSTOMER",
		Short: "List all users of a customer, however many there are",
		Long: `CUSTOMER is an ID, a domain, or a part of the name that fits one customer only.
A terminal gets a table; a pipe gets user principal name, display name and
usage location (and the time of deletion), separated by tabs, without a header.
ROLLCALL_TOKEN holds the bearer token for Partner Center.`,
		Example: `  rollcall users list northwind.example
  rollcall users list northwind.example -o csv > users.csv`,
		Args: oneArgument("CUSTOMER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.customer = args[0]
			if cmd.Flags().Changed("synced") {
				opts.synced = &synced
			}
			if err := opts.check(); err != nil {
				return err
			}
			client, err := p.client(cmd)
			if err != nil {
				return err
			}
			return p.usersList(cmd.Context(), client, opts)
		},
	}
	opts.addFlags(cmd)
	cmd.Flags().BoolVar(&opts.deleted, "deleted", false, "list the deleted users instead, kept for 30 days")
	cmd.Flags().BoolVar(&synced, "synced", false, "only users that come from on premises; --synced=false: only the others")
	cmd.Flags().StringVar(&opts.location, "location", "", "only users of this usage location, a two-letter `country`; none: those without one")
	config.For(config.CLI).AddFlags(cmd.Flags())
	return cmd
}

func (o usersListOptions) check() error {
	if err := o.listing.check(); err != nil {
		return err
	}
	if o.location != "" && o.location != "none" && len(o.location) != 2 {
		return misuse("--location: %q is no country; write two letters like DE, or none", o.location)
	}
	return nil
}

func (p *program) usersList(ctx context.Context, client *partnercenter.Client, opts usersListOptions) error {
	ctx = action(ctx)
	id, name, err := findCustomer(ctx, client, opts.customer)
	if err != nil {
		return err
	}
	at := name
	if at == "" {
		at = id
	}

	all := client.Customer(id).Users().All(ctx, partnercenter.UsersOptions{Deleted: opts.deleted})
	users := userKind(opts.deleted)
	written, err := list(p, opts.listing, users, opts.wanted(all))
	if err != nil {
		failed := wish{what: "The users of " + at + " can't be read.", role: "Directory Readers there"}
		if written > 0 {
			failed.rows = users.counted(written)
		}
		return failed.trouble(ctx, err)
	}
	p.summary("%s of %s", users.counted(written), at)
	return nil
}

// wanted leaves out what the options exclude; the service can't.
func (o usersListOptions) wanted(users iter.Seq2[partnercenter.User, error]) iter.Seq2[partnercenter.User, error] {
	if o.synced == nil && o.location == "" {
		return users
	}
	return func(yield func(partnercenter.User, error) bool) {
		for user, err := range users {
			if err == nil && !o.fits(user) {
				continue
			}
			if !yield(user, err) {
				return
			}
		}
	}
}

func (o usersListOptions) fits(user partnercenter.User) bool {
	if o.synced != nil && *o.synced != !user.LastDirectorySync.IsZero() {
		return false
	}
	switch o.location {
	case "":
		return true
	case "none":
		return user.UsageLocation == ""
	}
	return strings.EqualFold(user.UsageLocation, o.location)
}

// userJSON is a user as -o json and ndjson print it, in the API's own names.
type userJSON struct {
	ID                    string    `json:"id"`
	UserPrincipalName     string    `json:"userPrincipalName"`
	DisplayName           string    `json:"displayName"`
	FirstName             string    `json:"firstName"`
	LastName              string    `json:"lastName"`
	PhoneNumber           string    `json:"phoneNumber"`
	UsageLocation         string    `json:"usageLocation"`
	ImmutableID           string    `json:"immutableId"`
	UserDomainType        string    `json:"userDomainType"`
	State                 string    `json:"state"`
	LastDirectorySyncTime time.Time `json:"lastDirectorySyncTime,omitzero"`
	SoftDeletionTime      time.Time `json:"softDeletionTime,omitzero"`
}

func userKind(deleted bool) kind[partnercenter.User] {
	type user = partnercenter.User
	k := kind[user]{
		one: "user", many: "users",
		short: []column[user]{
			{"USER PRINCIPAL NAME", func(u user) string { return u.UserPrincipalName }},
			{"DISPLAY NAME", func(u user) string { return u.DisplayName }},
			{"LOCATION", func(u user) string { return u.UsageLocation }},
		},
		all: []column[user]{
			{"id", func(u user) string { return u.ID }},
			{"userPrincipalName", func(u user) string { return u.UserPrincipalName }},
			{"displayName", func(u user) string { return u.DisplayName }},
			{"firstName", func(u user) string { return u.FirstName }},
			{"lastName", func(u user) string { return u.LastName }},
			{"phoneNumber", func(u user) string { return u.PhoneNumber }},
			{"usageLocation", func(u user) string { return u.UsageLocation }},
			{"immutableId", func(u user) string { return u.ImmutableID }},
			{"userDomainType", func(u user) string { return string(u.DomainType) }},
			{"state", func(u user) string { return string(u.State) }},
			{"lastDirectorySyncTime", func(u user) string { return stamp(u.LastDirectorySync) }},
			{"softDeletionTime", func(u user) string { return stamp(u.SoftDeletion) }},
		},
		json: func(u *user) any {
			return userJSON{
				ID: u.ID, UserPrincipalName: u.UserPrincipalName, DisplayName: u.DisplayName, FirstName: u.FirstName, LastName: u.LastName,
				PhoneNumber: u.PhoneNumber, UsageLocation: u.UsageLocation, ImmutableID: u.ImmutableID,
				UserDomainType: string(u.DomainType), State: string(u.State),
				LastDirectorySyncTime: u.LastDirectorySync.UTC(), SoftDeletionTime: u.SoftDeletion.UTC(),
			}
		},
		id: func(u user) string { return u.ID },
	}
	if deleted {
		k.one, k.many = "deleted user", "deleted users"
		k.short = append(k.short, column[user]{"DELETED", func(u user) string { return stamp(u.SoftDeletion) }})
	}
	return k
}

// stamp is a time as every list writes it; empty when there is none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
