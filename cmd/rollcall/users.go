package main

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// newUsers holds the commands about a customer's users.
func newUsers(p *program) *cobra.Command {
	return group("users", "A customer's users", "  rollcall users list northwind.example\n  rollcall users list Contoso --deleted",
		newUsersList(p), newUsersGet(p), withoutChina(newUsersCreate(p)), withoutChina(newUsersUpdate(p)), withoutChina(newUsersDelete(p)),
		withoutChina(newUsersRestore(p)), withoutChina(newUsersResetPassword(p)))
}

// readsUsers is what reading users needs.
const readsUsers = "Directory Readers there"

// userRow is a user as lists have it.
type userRow struct {
	partnercenter.User
	licenses  []partnercenter.License // of both groups
	licensed  bool                    // they were asked for
	roles     []partnercenter.DirectoryRole
	withRoles bool // all of them were asked for
}

// userJSON is a user as -o json and ndjson print it, in the API's own names.
type userJSON struct {
	ID                    string          `json:"id"`
	UserPrincipalName     string          `json:"userPrincipalName"`
	DisplayName           string          `json:"displayName"`
	FirstName             string          `json:"firstName"`
	LastName              string          `json:"lastName"`
	PhoneNumber           string          `json:"phoneNumber"`
	UsageLocation         string          `json:"usageLocation"`
	ImmutableID           string          `json:"immutableId"`
	UserDomainType        string          `json:"userDomainType"`
	State                 string          `json:"state"`
	LastDirectorySyncTime time.Time       `json:"lastDirectorySyncTime,omitzero"`
	SoftDeletionTime      time.Time       `json:"softDeletionTime,omitzero"`
	Licenses              *[]licenseBrief `json:"licenses,omitempty"` // only when asked for
	Roles                 *[]roleBrief    `json:"roles,omitempty"`    // only when asked for
}

// roleBrief names a directory role in a list of users.
type roleBrief struct {
	ID   string `json:"id"`
	Name string `json:"name"` // today's
}

// licenseBrief names a license in a list of users.
type licenseBrief struct {
	SKUID         string `json:"skuId"`
	SKUPartNumber string `json:"skuPartNumber"`
	Name          string `json:"name"`
}

func userKind(deleted bool) kind[userRow] {
	k := kind[userRow]{
		one: "user", many: "users",
		short: []string{"userPrincipalName", "displayName", "usageLocation"},
		all: []column[userRow]{
			{name: "id", text: func(u userRow) string { return u.ID }},
			{name: "userPrincipalName", text: func(u userRow) string { return u.UserPrincipalName }},
			{name: "displayName", text: func(u userRow) string { return u.DisplayName }},
			{name: "firstName", text: func(u userRow) string { return u.FirstName }},
			{name: "lastName", text: func(u userRow) string { return u.LastName }},
			{name: "phoneNumber", text: func(u userRow) string { return u.PhoneNumber }},
			{name: "usageLocation", title: "LOCATION", text: func(u userRow) string { return u.UsageLocation }},
			{name: "immutableId", text: func(u userRow) string { return u.ImmutableID }},
			{name: "userDomainType", text: func(u userRow) string { return string(u.DomainType) }},
			{name: "state", text: func(u userRow) string { return string(u.State) }},
			{name: "lastDirectorySyncTime", text: func(u userRow) string { return stamp(u.LastDirectorySync) }},
			{name: "softDeletionTime", title: "DELETED", text: func(u userRow) string { return stamp(u.SoftDeletion) }},
		},
		asked: []column[userRow]{
			{name: "licenses", text: func(u userRow) string { return strings.Join(partNumbers(u.licenses), " ") }},
			{name: "roles", text: func(u userRow) string { return strings.Join(namesOfRoles(u.roles), "; ") }},
		},
		words: map[string]string{
			"upn": "userPrincipalName", "name": "displayName", "location": "usageLocation", "phone": "phoneNumber",
			"domain": "userDomainType", "synced": "lastDirectorySyncTime", "deleted": "softDeletionTime",
		},
		json: func(u *userRow) any {
			out := userJSON{
				ID: u.ID, UserPrincipalName: u.UserPrincipalName, DisplayName: u.DisplayName, FirstName: u.FirstName, LastName: u.LastName,
				PhoneNumber: u.PhoneNumber, UsageLocation: u.UsageLocation, ImmutableID: u.ImmutableID,
				UserDomainType: string(u.DomainType), State: string(u.State),
				LastDirectorySyncTime: u.LastDirectorySync.UTC(), SoftDeletionTime: u.SoftDeletion.UTC(),
			}
			if u.licensed {
				out.Licenses = &[]licenseBrief{}
				for _, l := range u.licenses {
					*out.Licenses = append(*out.Licenses, licenseBrief{l.SKUID, l.PartNumber, l.Name})
				}
			}
			if u.withRoles {
				out.Roles = &[]roleBrief{}
				for _, r := range u.roles {
					*out.Roles = append(*out.Roles, roleBrief{r.ID, entraName(r)})
				}
			}
			return out
		},
		id: func(u userRow) string { return u.ID },
	}
	if deleted {
		k.one, k.many = "deleted user", "deleted users"
		k.short = append(k.short, "softDeletionTime")
	}
	return k
}

func partNumbers(licenses []partnercenter.License) []string {
	var names []string
	for _, l := range licenses {
		names = append(names, l.PartNumber)
	}
	return names
}

// namesOfRoles are those that roles have today.
func namesOfRoles(roles []partnercenter.DirectoryRole) []string {
	var names []string
	for _, r := range roles {
		names = append(names, entraName(r))
	}
	return names
}

// stamp is a time as every list writes it; empty when there is none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
