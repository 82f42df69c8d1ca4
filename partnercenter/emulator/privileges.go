package emulator

import (
	"net/http"
	"slices"
)

// Roles in a customer's tenant that delegated privileges (GDAP) may grant.
const (
	directoryReaders     = "Directory Readers"
	directoryWriters     = "Directory Writers"
	globalReader         = "Global Reader"
	licenseAdministrator = "License Administrator"
	privilegedAuthAdmin  = "Privileged Authentication Administrator"
	privilegedRoleAdmin  = "Privileged Role Administrator"
	userAdministrator    = "User Administrator"
)

// The delegated privileges that each operation needs, one of them (API facts 4).
var (
	readUsers    = []string{directoryReaders, globalReader, userAdministrator}
	readLicenses = []string{directoryReaders, directoryWriters, licenseAdministrator, userAdministrator}
	readSKUs     = []string{directoryReaders, globalReader, userAdministrator, licenseAdministrator}
	readRoles    = []string{directoryReaders, globalReader, directoryWriters, userAdministrator, privilegedRoleAdmin}
	readMembers  = []string{directoryReaders, globalReader, directoryWriters, privilegedRoleAdmin}

	createUsers    = []string{userAdministrator, directoryWriters}
	updateUsers    = []string{userAdministrator, directoryWriters}
	restoreUsers   = []string{userAdministrator, directoryWriters}
	deleteUsers    = []string{userAdministrator}
	resetPasswords = []string{userAdministrator, privilegedAuthAdmin}
	changeLicenses = []string{licenseAdministrator, userAdministrator, directoryWriters}
	changeMembers  = []string{privilegedRoleAdmin}

	// patchUsers lets a PATCH in; what it may do is decided by its body.
	patchUsers = []string{userAdministrator, directoryWriters, privilegedAuthAdmin}
)

// may refuses who has none of these roles at the customer.
func (c *call) may(oneOf []string) error {
	if !c.who.person.has(c.customer.id, oneOf) {
		return refuse(http.StatusForbidden, codeNoPrivilege)
	}
	return nil
}

// protectedRoles are those whose holders a User Administrator, or any lesser
// role, may not reset, rename, delete or restore: only who has Privileged
// Authentication Administrator may. Partner Center documents nothing of it; it
// is the rule of the directory beneath, which lets a User Administrator act on
// Helpdesk Administrators and on other User Administrators.
var protectedRoles = []string{roleCompanyAdmin, roleServiceSupport}

// mayTouch refuses a sensitive action on an administrator by who may not.
func (c *call) mayTouch(n int) error {
	for _, role := range c.users.rolesOf(n) {
		if slices.Contains(protectedRoles, role) {
			return c.may([]string{privilegedAuthAdmin})
		}
	}
	return nil
}
