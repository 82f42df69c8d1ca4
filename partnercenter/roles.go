package partnercenter

import (
	"context"
	"iter"
	"strings"
)

// DirectoryRole is a role in the customer's directory.
type DirectoryRole struct {
	Name string `json:"name"` // the old name, such as "Company Administrator" for Global Administrator
	ID   string `json:"id"`   // GUID of the role's template, the same in every tenant
}

// Roles is a customer's directory roles. It is made by [CustomerRef.Roles].
type Roles struct{ customer *CustomerRef }

// Roles reaches the customer's directory roles.
func (c *CustomerRef) Roles() *Roles { return &Roles{c} }

// List fetches the directory roles that Partner Center knows for the customer.
//
// Errors: [ErrNoRelationship], [ErrForbidden], [ErrAppOnly], [ErrThrottled].
//
// Source: "Set user roles for a customer", GET /v1/customers/{customer-tenant-id}/directoryroles.
func (r *Roles) List(ctx context.Context) ([]DirectoryRole, error) {
	const op = "roles.List"
	customer, path, err := r.customer.path(op, "/directoryroles")
	if err != nil {
		return nil, err
	}
	return fetchItems[DirectoryRole](ctx, r.customer.client, call{op: op, customer: customer, path: path})
}

// Roles fetches the directory roles the user holds; an empty list when none.
//
// Errors: [ErrNotFound] on an unknown user, [ErrNoRelationship],
// [ErrForbidden], [ErrAppOnly], [ErrThrottled].
//
// Source: "Get user roles for a customer",
// GET /v1/customers/{customer-tenant-id}/users/{user-id}/directoryroles.
func (u *UserRef) Roles(ctx context.Context) ([]DirectoryRole, error) {
	const op = "user.Roles"
	customer, path, err := u.path(op, "/directoryroles")
	if err != nil {
		return nil, err
	}
	return fetchItems[DirectoryRole](ctx, u.customer.client, call{op: op, customer: customer, path: path})
}

// RoleRef reaches one directory role of a customer. It is made by [CustomerRef.Role].
type RoleRef struct {
	customer *CustomerRef
	id       string
}

// Role reaches the role with the template ID id, a GUID.
func (c *CustomerRef) Role(id string) *RoleRef { return &RoleRef{c, id} }

// ID is the role's ID, as it was given.
func (r *RoleRef) ID() string { return r.id }

// Members reaches the users who hold the role.
func (r *RoleRef) Members() *RoleMembers { return &RoleMembers{r} }

// RoleMembers is the users who hold a directory role. It is made by [RoleRef.Members].
type RoleMembers struct{ role *RoleRef }

// RoleMember is a user who holds a directory role.
type RoleMember struct {
	DisplayName       string `json:"displayName"`
	UserPrincipalName string `json:"userPrincipalName"`
	RoleID            string `json:"roleId"`
	ID                string `json:"id"` // the user's object ID, in lower case
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

// List fetches one page of the users who hold the role. Paging is that of
// [Users.List]; opts.PageSize is in members.
//
// Errors: [ErrNotFound] on an unknown role, [ErrNoRelationship],
// [ErrForbidden], [ErrAppOnly], [ErrThrottled], [ErrBadRequest] on a
// continuation of another list.
//
// Source: "Get user members of a directory role" in the REST reference,
// GET /v1/customers/{customer-tenant-id}/directoryroles/{role-id}/usermembers.
func (m *RoleMembers) List(ctx context.Context, opts RoleMembersOptions, after Continuation) (RoleMemberPage, error) {
	const op = "members.List"
	customer, path, err := m.path(op, "")
	if err != nil {
		return RoleMemberPage{}, err
	}
	if err := checkPageSize(op, opts.PageSize); err != nil {
		return RoleMemberPage{}, err
	}
	k := call{op: op, customer: customer, path: path}
	if opts.PageSize > 0 {
		k.query = pageSize(opts.PageSize)
	}
	items, next, a, err := fetchPage[wireRoleMember](ctx, m.role.customer.client, k, after)
	if err != nil {
		return RoleMemberPage{}, err
	}
	page := RoleMemberPage{Items: make([]RoleMember, len(items)), Next: next}
	for i, item := range items {
		switch {
		case !ValidID(item.ID):
			return RoleMemberPage{}, a.fail("%w", errNoID)
		case namesOther(item.Links.Self.URI, customer):
			return RoleMemberPage{}, a.fail("%w", errOtherOwn)
		}
		page.Items[i] = item.RoleMember
		page.Items[i].ID = strings.ToLower(item.ID)
	}
	return page, nil
}

// All yields every user who holds the role, asking for 500 a page where opts
// leave it open, and for the next page when the loop needs it. After an error
// it yields nothing more. All pages share one correlation ID.
//
// Errors: those of [RoleMembers.List], and [ErrBadResponse] when the pages go
// round in a circle or are more than 4,000.
func (m *RoleMembers) All(ctx context.Context, opts RoleMembersOptions) iter.Seq2[RoleMember, error] {
	opts.PageSize = orLargest(opts.PageSize)
	return all(ctx, "members.All", func(ctx context.Context, after Continuation) ([]RoleMember, Continuation, error) {
		page, err := m.List(ctx, opts, after)
		return page.Items, page.Next, err
	}, func(member RoleMember) string { return member.ID })
}

type wireRoleMember struct {
	RoleMember
	Links wireSelf `json:"links"`
}
