package main

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

type usersListOptions struct {
	listing
	customer string
	deleted  bool
	usersFilter
	licenseFilter
	roleFilter
	sort string
}

// newUsersList answers rollcall users list CUSTOMER.
func newUsersList(p *program) *cobra.Command {
	var opts usersListOptions
	var synced, guest bool
	cmd := &cobra.Command{
		Use:   "list CUSTOMER",
		Short: "List all users of a customer, however many there are",
		Long: customerHelp + `
A terminal gets a table; a pipe gets user principal name, display name and
usage location (and the time of deletion), separated by tabs, without a header.
Users are written as they arrive, in Partner Center's own order or by name; any
other order needs all that match to be read first. Licenses are not in the list:
--unlicensed, --license, --plan, --sort licenses and the column licenses make a
call for each user that fits the rest, a few at once. Roles are read first, by
role: --role one call a role, --sort roles and the column roles for all of them.

A filter given several times lets through who fits any of its values; who is
listed fits all the filters. --location, --domain and --id also take several
values with commas between them.`,
		Example: `  rollcall users list northwind.example
  rollcall users list northwind.example -o csv > users.csv`,
		Args:              arguments("CUSTOMER"),
		ValidArgsFunction: p.completeArguments(customerNames),
	}
	opts.addFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&opts.search, "search", "", "only users with all these `words` in name, user principal name or, of four digits or more, phone")
	flags.BoolVar(&synced, "synced", false, "only users that come from on premises; --synced=false: only the others")
	flags.BoolVar(&guest, "guest", false, "only guests; --guest=false: only the others")
	flags.BoolVar(&opts.deleted, "deleted", false, "list the deleted users instead, kept for 30 days")
	flags.BoolVar(&opts.unlicensed, "unlicensed", false, "only users without any license")
	flags.StringArrayVar(&opts.licenses, "license", nil, "only users with a license of this `SKU`: its ID, part number or name; none: users without any; may be repeated")
	flags.StringArrayVar(&opts.plans, "plan", nil, "only users for whom this service `plan` is on: its ID, service name or name; may be repeated")
	flags.StringArrayVar(&opts.locations, "location", nil, "only users of this usage location, a two-letter `country`; none: those without one; may be repeated")
	flags.StringArrayVar(&opts.domains, "domain", nil, "only users whose user principal name is of this `domain`; may be repeated")
	flags.StringArrayVar(&opts.roles, "role", nil, "only users who hold this directory `role`: its ID or name, the old one or today's; may be repeated")
	flags.StringArrayVar(&opts.ids, "id", nil, "only the user with this `ID`; may be repeated")
	flags.StringVar(&opts.sort, "sort", "", "`order`: "+inWordsOr(sortColumns)+", descending with - in front (default Partner Center's own)")
	complete(cmd, "sort", sorts()...)
	p.completeFlag(cmd, "license", licenseNames)
	p.completeFlag(cmd, "plan", servicePlanNames)
	p.completeFlag(cmd, "role", roleNames)
	return p.calls(cmd, func(args []string) error {
		opts.customer = args[0]
		if cmd.Flags().Changed("synced") {
			opts.synced = &synced
		}
		if cmd.Flags().Changed("guest") {
			opts.guest = &guest
		}
		return opts.check()
	}, func(ctx context.Context, client *partnercenter.Client, _ []string) error {
		return p.usersList(ctx, client, opts)
	})
}

func (o *usersListOptions) check() error {
	if err := o.listing.check(); err != nil {
		return err
	}
	if err := o.usersFilter.check(); err != nil {
		return err
	}
	if _, err := parseSort(o.sort); err != nil {
		return err
	}
	if err := o.licenseFilter.check(); err != nil {
		return err
	}
	if err := o.roleFilter.check(); err != nil {
		return err
	}
	switch {
	case o.deleted && o.needsLicenses():
		return misuse("--deleted: deleted users have no licenses to look at; leave out --unlicensed, --license, --plan, --sort licenses and the column licenses")
	case o.deleted && o.needsRoles():
		return misuse("--deleted: deleted users hold no roles; leave out --role, --sort roles and the column roles")
	case !o.deleted && strings.TrimPrefix(o.sort, "-") == sortByDeleted:
		return misuse("--sort: only the deleted users can be sorted by when they were deleted; add --deleted")
	}
	return nil
}

// needsLicenses reports whether a call a user has to be made.
func (o *usersListOptions) needsLicenses() bool {
	return o.asksLicenses() || o.sortsBy(sortByLicenses) || o.hasColumn("licenses")
}

// needsRoles reports whether the members of roles have to be read.
func (o *usersListOptions) needsRoles() bool { return len(o.roles) > 0 || o.needsAllRoles() }

// needsAllRoles reports whether it is those of every role.
func (o *usersListOptions) needsAllRoles() bool {
	return o.sortsBy(sortByRoles) || o.hasColumn("roles")
}

func (o *usersListOptions) sortsBy(column string) bool {
	by, _ := parseSort(o.sort)
	return by.column == column
}

func (o *usersListOptions) hasColumn(name string) bool {
	for part := range strings.SplitSeq(o.columns, ",") {
		if strings.EqualFold(strings.TrimSpace(part), name) {
			return true
		}
	}
	return false
}

func (p *program) usersList(ctx context.Context, client *partnercenter.Client, opts usersListOptions) error {
	c, err := findCustomer(ctx, client, opts.customer)
	if err != nil {
		return err
	}
	if err := opts.licenseFilter.find(ctx, client, c); err != nil {
		return err
	}
	if opts.needsRoles() {
		if err := opts.roleFilter.read(ctx, client, c, opts.needsAllRoles()); err != nil {
			return err
		}
	}

	users := userKind(opts.deleted)
	reading := p.readingUsers(opts)
	written, err := list(p, opts.listing, users, opts.rows(ctx, client.Customer(c.id), reading))
	reading.clear()
	if err != nil {
		failed := wish{what: fmt.Sprintf("The users of %s can't be read.", c), role: readsUsers}
		if of, ok := asLicenseError(err); ok {
			failed.what = fmt.Sprintf("The licenses of %s at %s can't be read.", of, c)
			failed.role = readsLicenses
		}
		return failed.after(written, users).trouble(ctx, err)
	}
	p.note("%s of %s%s", users.counted(written), c, opts.among(reading.read, written))
	return nil
}

// rows are the users that fit, in the order asked for. Only as much is held as
// that order needs.
func (o *usersListOptions) rows(ctx context.Context, c *partnercenter.CustomerRef, reading *usersReading) iter.Seq2[userRow, error] {
	by, _ := parseSort(o.sort)
	ask := partnercenter.UsersOptions{Deleted: o.deleted}
	if by.column == sortByName {
		ask.SortField = partnercenter.SortByDisplayName
		if by.descending {
			ask.SortDirection = partnercenter.Descending
		}
	}
	rows := o.fitting(reading.counted(c.Users().All(ctx, ask)))
	if o.needsRoles() {
		rows = o.withRoles(rows)
	}
	if o.needsLicenses() {
		rows = o.withLicenses(ctx, rows, licensesOf(c), reading)
	}
	if by.needsAll() {
		rows = sorted(rows, by, o.limit)
	}
	return rows
}

// among tells of how many users those were that fit.
func (o *usersListOptions) among(read, written int) string {
	if read == written || o.limit > 0 && written == o.limit {
		return ""
	}
	return fmt.Sprintf(", of %s read", grouped(read))
}

// usersReading counts what is read, for a person who does not see rows yet.
type usersReading struct {
	*progress
	read     int
	licenses int
	slow     bool // licenses are asked for: these are counted
}

func (p *program) readingUsers(opts usersListOptions) *usersReading {
	toTerminal, _ := terminal(p.out)
	by, _ := parseSort(opts.sort)
	what := "users read so far"
	if by.needsAll() {
		what += fmt.Sprintf("; sorting by %s needs all that match", by.column)
	}
	r := &usersReading{slow: opts.needsLicenses()}
	if r.slow {
		what = "users' licenses read so far"
	}
	r.progress = p.counting(what, toTerminal && !by.needsAll())
	return r
}

// counted passes users on, and counts them.
func (r *usersReading) counted(users iter.Seq2[partnercenter.User, error]) iter.Seq2[userRow, error] {
	return func(yield func(userRow, error) bool) {
		for user, err := range users {
			if err == nil {
				r.read++
				if !r.slow {
					r.at(r.read)
				}
			}
			if !yield(userRow{User: user}, err) {
				return
			}
		}
	}
}
