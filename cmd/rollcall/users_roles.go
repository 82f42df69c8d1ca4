package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// roleFilter is which directory roles the users of a list hold: any of them.
// Partner Center tells the members of a role, so those are read before the
// users.
type roleFilter struct {
	roles []string // as people write them

	held   map[string][]partnercenter.DirectoryRole // by user, in Partner Center's order
	wanted map[string]bool                          // the IDs of those that a user must hold one of
	all    bool                                     // held has every role, not those alone
}

func (f *roleFilter) check() error {
	for _, role := range f.roles {
		if strings.TrimSpace(role) == "" {
			return misuse("--role is empty; write a role's ID or name")
		}
	}
	return nil
}

// read reads who holds the roles asked for, or all of them.
func (f *roleFilter) read(ctx context.Context, client *partnercenter.Client, c customer, all bool) error {
	known, err := directoryRoles(ctx, client, c)
	if err != nil {
		return err
	}
	f.wanted = map[string]bool{}
	for _, argument := range f.roles {
		role, err := pickRole(known, c, argument)
		if err != nil {
			return err
		}
		f.wanted[role.ID] = true
	}
	f.all = all
	f.held = map[string][]partnercenter.DirectoryRole{}
	for _, role := range known {
		if !all && !f.wanted[role.ID] {
			continue
		}
		for member, err := range client.Customer(c.id).Role(role.ID).Members().All(ctx, partnercenter.RoleMembersOptions{}) {
			if errors.Is(err, partnercenter.ErrNotFound) {
				break // it was taken away since the list
			}
			if err != nil {
				return wish{what: fmt.Sprintf("The members of %s at %s can't be read.", entraName(role), c), role: readsUsers}.trouble(ctx, err)
			}
			f.held[member.ID] = append(f.held[member.ID], role)
		}
	}
	return nil
}

// withRoles fills in the roles, and leaves out users who hold none of those
// asked for.
func (f *roleFilter) withRoles(rows iter.Seq2[userRow, error]) iter.Seq2[userRow, error] {
	return func(yield func(userRow, error) bool) {
		for row, err := range rows {
			row.roles, row.withRoles = f.held[row.ID], f.all
			if err == nil && len(f.wanted) > 0 && !f.lets(row.roles) {
				continue
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

func (f *roleFilter) lets(roles []partnercenter.DirectoryRole) bool {
	for _, role := range roles {
		if f.wanted[role.ID] {
			return true
		}
	}
	return false
}
