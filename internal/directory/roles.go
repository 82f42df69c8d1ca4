package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// RolesView is the directory roles of a customer that Partner Center knows.
type RolesView struct {
	Reading    // of its states [StateLoading], [StateComplete] and [StateStale] occur
	CustomerID string
	Roles      []RoleWithMembers // in the service's order; shared: nobody may change them
}

// RoleWithMembers is a role and the users who hold it.
type RoleWithMembers struct {
	Role    partnercenter.DirectoryRole // its ID in lower case
	Members []partnercenter.RoleMember  // by display name; those without one last
	Err     error                       // why they could not be read; then there are none
}

// Roles are the directory roles of a customer with all who hold them. All who
// may see them share one copy, as with [Directory.SKUs]. A role whose members
// could not be read says why, beside the others.
//
// The viewer needs a proof that they may read the members of this customer's
// roles. Errors are as those of [Directory.Users].
func (d *Directory) Roles(ctx context.Context, v Viewer, customerID string) (RolesView, error) {
	l, err := d.rolesOf(v, customerID)
	if err != nil {
		return RolesView{}, rolesError(err)
	}
	ed, reading, err := l.look(ctx, v)
	if err != nil {
		return RolesView{}, rolesError(err)
	}
	view := RolesView{Reading: reading, CustomerID: l.customer}
	if ed != nil {
		view.Roles = ed.rows.roles
	}
	return view, nil
}

// RefreshRoles reads the roles and their members anew; what is there stays
// until the new is here. Without a proof it fails as [Directory.Roles] does.
func (d *Directory) RefreshRoles(ctx context.Context, v Viewer, customerID string) error {
	l, err := d.rolesOf(v, customerID)
	if err == nil {
		err = l.refresh(ctx, v)
	}
	if err != nil {
		return rolesError(err)
	}
	return nil
}

func rolesError(err error) error { return fmt.Errorf("read the roles of a customer: %w", err) }

// roleList is a customer's roles as they were read. It never changes.
type roleList struct {
	roles  []RoleWithMembers
	byUser map[guid][]string // the IDs of the roles a user holds, in the order of roles
	bytes  int64
}

func (r *roleList) count() int  { return len(r.roles) }
func (r *roleList) size() int64 { return r.bytes }

// whole reports whether the members of all roles were read.
func (r *roleList) whole() bool {
	return !slices.ContainsFunc(r.roles, func(role RoleWithMembers) bool { return role.Err != nil })
}

// membersAtOnce is how many roles' members are asked for side by side.
const membersAtOnce = 4

// readRoles asks for the roles, and then for the members of each. It fails if
// no members at all could be had, and if the person's token was refused.
func readRoles(ctx context.Context, customer *partnercenter.CustomerRef, by collation) (*roleList, error) {
	roles, err := customer.Roles().List(ctx)
	if err != nil {
		return nil, err
	}
	if len(roles) == 0 { // then this shows whether members may be read
		if err := probeOf(ctx, customer, KindRoles); err != nil {
			return nil, err
		}
	}
	r := &roleList{roles: make([]RoleWithMembers, len(roles))}
	var reading sync.WaitGroup
	turn := make(chan struct{}, membersAtOnce)
	for i := range roles {
		role := &r.roles[i]
		role.Role = partnercenter.DirectoryRole{Name: roles[i].Name, ID: strings.ToLower(roles[i].ID)}
		turn <- struct{}{}
		reading.Go(func() {
			defer func() { <-turn }()
			role.Members, role.Err = readMembers(ctx, customer, role.Role.ID)
		})
	}
	reading.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return r, r.settle(by)
}

func readMembers(ctx context.Context, customer *partnercenter.CustomerRef, roleID string) (members []partnercenter.RoleMember, err error) {
	for m, err := range customer.Role(roleID).Members().All(ctx, partnercenter.RoleMembersOptions{}) {
		if err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	return members, nil
}

// settle puts what was read in order, or tells why it is of no use.
func (r *roleList) settle(by collation) error {
	var failed int
	var why error // a refusal tells more than no answer
	for i := range r.roles {
		err := r.roles[i].Err
		switch {
		case err == nil:
			continue
		case errors.Is(err, partnercenter.ErrUnauthorized):
			return err
		case why == nil, refuses(err):
			why = err
		}
		failed++
	}
	if failed > 0 && failed == len(r.roles) {
		return why
	}
	const role, member, entry = 80, 64, 64 // bytes of the structs, and of a place in the map
	r.byUser = map[guid][]string{}
	collator := by.collator()
	for i := range r.roles {
		of := &r.roles[i]
		slices.SortFunc(of.Members, func(a, b partnercenter.RoleMember) int {
			if (a.DisplayName == "") != (b.DisplayName == "") {
				return strings.Compare(b.DisplayName, a.DisplayName)
			}
			if c := collator.CompareString(a.DisplayName, b.DisplayName); c != 0 {
				return c
			}
			return strings.Compare(a.ID, b.ID)
		})
		r.bytes += role + int64(len(of.Role.Name)+len(of.Role.ID)+cap(of.Members)*member)
		for k := range of.Members {
			m := &of.Members[k]
			r.bytes += int64(len(m.DisplayName) + len(m.UserPrincipalName) + len(m.RoleID) + len(m.ID))
			if id, ok := parseGUID(m.ID); ok {
				r.byUser[id] = append(r.byUser[id], of.Role.ID)
				r.bytes += entry
			}
		}
	}
	return nil
}

// rolesOf is the list of a customer's roles; what its edition has by user is
// for the list of users.
func (d *Directory) rolesOf(v Viewer, customerID string) (*list[*roleList], error) {
	return listOf(d, d.roles, v, customerID, func(key usersKey) *list[*roleList] {
		by := collation{language: d.opts.Language}
		l := newList(d, KindRoles, key.tenant, key.customer, probeKind(key.customer, KindRoles), func() reader[*roleList] {
			return &answerReader[*roleList]{ask: func(ctx context.Context, client *partnercenter.Client) (*roleList, error) {
				return readRoles(ctx, client.Customer(key.customer), by)
			}}
		})
		l.short = true
		return l
	})
}
