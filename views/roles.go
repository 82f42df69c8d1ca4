package views

import "github.com/a-h/templ"

// RolesPage is the directory roles that Partner Center knows, with their members.
type RolesPage struct {
	Chrome
	Customer CustomerHead
	Path     templ.SafeURL // "/customers/{id}/roles"
	Roles    []RoleCard
	Members  int // users with a role; each counted once
	Part     bool
	Age      ListAge
	Banner   *Banner
	Empty    *Nothing
	Tell     string
}

// RoleCard is one role.
type RoleCard struct {
	ID         string
	Name       string // today's: "Global Administrator"
	OldName    string // as Partner Center names it, where that differs: "Company Administrator"
	Privileged bool
	Means      string // "Can do everything at this customer."
	Users      templ.SafeURL
	Members    []RoleMember
	Trouble    *Banner // its members could not be read
}

// RoleMember is a user who has a role.
type RoleMember struct {
	Href templ.SafeURL
	ID   string
	Name string // "": none, the UPN stands in
	UPN  string
	Also []string // other roles they have
}

func rolesTally(p RolesPage) string {
	return plural(len(p.Roles), false, "role", "roles") + " that Partner Center knows, held by " + plural(p.Members, p.Part, "user", "users")
}

// oldName says under which name the role is found elsewhere.
func oldName(r RoleCard) string { return "“" + r.OldName + "” in Partner Center" }

func membersWord(r RoleCard) string {
	if len(r.Members) == 1 {
		return " member"
	}
	return " members"
}
