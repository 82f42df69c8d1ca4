package partnercenter

import (
	"context"
	"net/http"
	"strings"
)

// Add gives the role to the user and returns the member as the service answers.
// member's ID, DisplayName and UserPrincipalName are needed, as [UserRef.Get]
// gives them; RoleID is the role's own.
//
// Errors: [ErrNotFound] on an unknown role or user, [ErrConflict] when the user
// holds the role already, [ErrBadRequest], with nothing sent, when a field is
// missing; [ErrForbidden], [ErrNoRelationship], [ErrAppOnly], [ErrThrottled].
// After [ErrUnknownOutcome] read the role's members and the user's roles.
//
// Source: "Set user roles for a customer",
// POST /v1/customers/{customer-tenant-id}/directoryroles/{role-id}/usermembers.
func (m *RoleMembers) Add(ctx context.Context, member RoleMember) (RoleMember, error) {
	const op = "members.Add"
	customer, path, err := m.path(op, "")
	if err == nil && !ValidID(member.ID) {
		err = badID(op, "user", member.ID)
	}
	err = firstError(err,
		checkGiven(op, "DisplayName", member.DisplayName),
		checkGiven(op, "UserPrincipalName", member.UserPrincipalName),
		checkTexts(op, member.DisplayName, member.UserPrincipalName),
	)
	if err != nil {
		return RoleMember{}, err
	}
	member.ID, member.RoleID = strings.ToLower(member.ID), strings.ToLower(m.role.id)
	wire, a, told, err := changeOne[wireRoleMember](ctx, m.role.customer.client, call{
		op: op, customer: customer, method: http.MethodPost, path: path,
		body: wireJSON(wireNewMember{member.ID, member.DisplayName, member.UserPrincipalName, objectTypePascal{"UserMember"}}),
	})
	switch {
	case err != nil:
		return RoleMember{}, err
	case !told:
		return member, nil
	case !strings.EqualFold(wire.ID, member.ID):
		return RoleMember{}, a.fail("%w", errOther)
	case wire.RoleID != "" && !strings.EqualFold(wire.RoleID, member.RoleID):
		return RoleMember{}, a.fail("%w", errOtherRole)
	case namesOther(wire.Links.Self.URI, customer):
		return RoleMember{}, a.fail("%w", errOtherOwn)
	}
	added := wire.RoleMember
	added.ID, added.RoleID = member.ID, member.RoleID
	return added, nil
}

// Remove takes the role from the user with the object ID userID.
//
// Errors: [ErrNotFound] on an unknown role, and when the user does not hold it;
// [ErrForbidden], [ErrNoRelationship], [ErrAppOnly], [ErrThrottled]. After
// [ErrUnknownOutcome] read the role's members and the user's roles.
//
// Source: "Remove a customer user from a role",
// DELETE /v1/customers/{customer-tenant-id}/directoryroles/{role-id}/usermembers/{user-id}.
func (m *RoleMembers) Remove(ctx context.Context, userID string) error {
	const op = "members.Remove"
	customer, path, err := m.path(op, "/"+strings.ToLower(userID))
	if err == nil && !ValidID(userID) {
		err = badID(op, "user", userID)
	}
	if err != nil {
		return err
	}
	return changeAlone(ctx, m.role.customer.client, call{op: op, customer: customer, method: http.MethodDelete, path: path}, userID)
}

// path checks both IDs and gives the path of what lies below the members.
func (m *RoleMembers) path(op, below string) (customer, path string, err error) {
	customer, path, err = m.role.customer.path(op, "/directoryroles/")
	if err == nil && !ValidID(m.role.id) {
		err = badID(op, "role", m.role.id)
	}
	return customer, path + strings.ToLower(m.role.id) + "/usermembers" + below, err
}

// wireNewMember is a member as it is sent, in the documented spelling.
type wireNewMember struct {
	ID                string `json:"Id"`
	DisplayName       string
	UserPrincipalName string
	Attributes        objectTypePascal
}
