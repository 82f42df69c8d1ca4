package partnercenter

import (
	"context"
	"iter"
)

// DirectoryRole is a role in the customer's directory. Its ID is that of the
// role's template, the same in every tenant.
type DirectoryRole struct {
	ID   string // GUID
	Name string // the old name, "Company Administrator"
}

// Roles is the list of a customer's directory roles.
type Roles struct {
	client   *Client
	customer string
}

// Roles reaches the customer's directory roles.
func (c *CustomerRef) Roles() *Roles { return &Roles{c.client, c.id} }

// List fetches the directory roles that Partner Center knows for the customer.
func (r *Roles) List(ctx context.Context) ([]DirectoryRole, error) { return nil, errSkeleton }

// Roles fetches the directory roles the user holds.
func (u *UserRef) Roles(ctx context.Context) ([]DirectoryRole, error) { return nil, errSkeleton }

// RoleRef reaches one directory role of a customer.
type RoleRef struct {
	client   *Client
	customer string
	id       string
}

// Role reaches the role with the template ID id, a GUID.
func (c *CustomerRef) Role(id string) *RoleRef { return &RoleRef{c.client, c.id, id} }

// ID is the role's ID, as it was given.
func (r *RoleRef) ID() string { return r.id }

// Members reaches the users who hold the role.
func (r *RoleRef) Members() *RoleMembers { return &RoleMembers{r.client, r.customer, r.id} }

// RoleMembers is the list of users who hold a directory role.
type RoleMembers struct {
	client   *Client
	customer string
	role     string
}

// RoleMember is a user who holds a directory role.
type RoleMember struct {
	ID                string // the user's object ID
	DisplayName       string
	UserPrincipalName string
	RoleID            string
}

// RoleMembersOptions narrow a list of members.
type RoleMembersOptions struct {
	PageSize int // members a page, 1 to 500; 0 leaves it to the service
}

// RoleMemberPage is one page of members.
type RoleMemberPage struct {
	Items []RoleMember
	Next  Continuation // "" on the last page
}

// List fetches one page of the role's members.
func (m *RoleMembers) List(ctx context.Context, opts RoleMembersOptions, after Continuation) (RoleMemberPage, error) {
	return RoleMemberPage{}, errSkeleton
}

// All yields every member.
func (m *RoleMembers) All(ctx context.Context, opts RoleMembersOptions) iter.Seq2[RoleMember, error] {
	return func(yield func(RoleMember, error) bool) { yield(RoleMember{}, errSkeleton) }
}
