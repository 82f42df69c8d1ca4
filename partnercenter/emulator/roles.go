package emulator

import (
	"net/http"
	"slices"
	"strings"
)

// Directory roles by template ID, the same in every tenant. The names are the
// old ones, as the service returns them.
const (
	roleCompanyAdmin   = "62e90394-69f5-4237-9190-012177145e10"
	roleHelpdesk       = "729827e3-9c14-49f7-bb1b-9608f156bbb8"
	roleUserAdmin      = "fe930be7-5e62-47db-91af-98c3a49a38b1"
	roleServiceSupport = "f023fd81-a637-4b56-95fd-791ac0226033"
)

type roleBody struct {
	Name       string     `json:"name"`
	ID         string     `json:"id"`
	Attributes attributes `json:"attributes"`
}

type memberBody struct {
	DisplayName       string     `json:"displayName"`
	UserPrincipalName string     `json:"userPrincipalName"`
	RoleID            string     `json:"roleId"`
	ID                string     `json:"id"`
	Attributes        attributes `json:"attributes"`
}

var directoryRoles = []roleBody{
	{"Company Administrator", roleCompanyAdmin, attributes{ObjectType: "DirectoryRole"}},
	{"Helpdesk Administrator", roleHelpdesk, attributes{ObjectType: "DirectoryRole"}},
	{"Service Support Administrator", roleServiceSupport, attributes{ObjectType: "DirectoryRole"}},
	{"User Account Administrator", roleUserAdmin, attributes{ObjectType: "DirectoryRole"}},
}

// listRoles answers GET /customers/{c}/directoryroles.
func (c *call) listRoles() (any, error) { return collect(directoryRoles), nil }

// listUserRoles answers GET /customers/{c}/users/{u}/directoryroles.
func (c *call) listUserRoles() (any, error) {
	n, err := c.user(unknownUser())
	if err != nil {
		return nil, err
	}
	has := c.users.rolesOf(n)
	var items []roleBody
	for _, role := range directoryRoles {
		if slices.Contains(has, role.ID) {
			items = append(items, role)
		}
	}
	return collect(items), nil
}

// listMembers answers GET /customers/{c}/directoryroles/{r}/usermembers.
func (c *call) listMembers() (any, error) {
	role, err := c.role()
	if err != nil {
		return nil, err
	}
	members := c.users.members(role)
	at := c.pageOf(len(members))
	from, to := at.within(len(members))
	items := make([]memberBody, 0, to-from)
	for _, n := range members[from:to] {
		items = append(items, member(c.users.person(n), role))
	}
	return paged(c, at, items), nil
}

func member(who person, role string) memberBody {
	return memberBody{who.display, who.upn, role, who.id, attributes{ObjectType: "UserMember"}}
}

// role is the ID of the role in the path.
func (c *call) role() (string, error) {
	id := strings.ToLower(c.vars.role)
	if !isRole(id) {
		return "", refuse(http.StatusNotFound, codeNotFound)
	}
	return id, nil
}

func isRole(id string) bool {
	return slices.ContainsFunc(directoryRoles, func(r roleBody) bool { return r.ID == id })
}

// memberCounts are how many members a role has where it is not written down,
// in a tenant with enough users. User administrators of a big tenant fill more
// than one page.
var memberCounts = map[string]int{roleCompanyAdmin: 3, roleHelpdesk: 5, roleUserAdmin: 130, roleServiceSupport: 2}

// drawMembers makes the roles' members as they are before any write.
func (c *customer) drawMembers() map[string][]int {
	members := make(map[string][]int, len(directoryRoles))
	for _, role := range directoryRoles {
		members[role.ID] = c.drawMembersOf(role.ID)
	}
	return members
}

// baseRolesOf are the roles that a user has before any write.
func (c *customer) baseRolesOf(n int) []string {
	var roles []string
	for _, role := range directoryRoles {
		if slices.Contains(c.baseMembers()[role.ID], n) {
			roles = append(roles, role.ID)
		}
	}
	return roles
}

func (c *customer) drawMembersOf(role string) []int {
	if c.roles != nil {
		return c.roles[role]
	}
	count := min(memberCounts[role], (c.users+99)/100)
	if role == roleCompanyAdmin {
		count = min(memberCounts[role], c.users)
	}
	start := int(unhex(role)[3]) // so that the roles have different members
	step := c.users/max(count, 1) + 1
	var members []int
	for i := range count {
		if n := c.staffFrom((start + i*step) % c.users); !slices.Contains(members, n) {
			members = append(members, n)
		}
	}
	return members
}

// staffFrom is the first number from n on that is no guest, room or device.
func (c *customer) staffFrom(n int) int {
	all := c.opened()
	for i := range c.users {
		if m := (n + i) % c.users; !all.person(m).noLicense {
			return m
		}
	}
	return n
}
