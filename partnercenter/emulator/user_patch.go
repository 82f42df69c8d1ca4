package emulator

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// patchUser answers PATCH /customers/{c}/users/{u}, which does three things by
// what it is sent: change fields, reset the password, restore a deleted user.
// They may come in one call; each needs its own delegated privileges.
func (c *call) patchUser() (any, error) {
	sent, err := decodeBody[userSent](c.body)
	if err != nil {
		return nil, err
	}
	n, restore, err := c.patched(sent)
	if err != nil {
		return nil, err
	}
	before := c.users.record(n)
	changed := slices.DeleteFunc(sent.fields(), func(f userField) bool { return !f.changes(&before.person) })
	if err := c.checkPatch(n, sent, changed, restore); err != nil {
		return nil, err
	}

	after := before.clone()
	for _, f := range changed {
		*f.of(&after.person) = f.value()
	}
	if restore {
		c.revive(after)
	}
	if restore || len(changed) > 0 {
		c.put(n, after)
	}
	c.notePatch(after.id, sent, changed, restore)

	body := c.userBody(after.person)
	if sent.PasswordProfile != nil {
		body.PasswordProfile = sent.PasswordProfile.echo()
	}
	return body, nil
}

// patched finds who is to be changed: an active user, or, to be restored, a
// deleted one who is not yet purged.
func (c *call) patched(sent userSent) (n int, restore bool, err error) {
	if sent.State != nil && !strings.EqualFold(*sent.State, "active") {
		return 0, false, invalid("Invalid value specified for property state.")
	}
	n, ok := c.users.find(c.vars.user)
	switch {
	case !ok:
		return 0, false, unknownUser()
	case c.users.active(n):
		return n, false, nil
	}
	if who := c.users.person(n); sent.State == nil || who.purged(c.received) {
		return 0, false, unknownUser()
	}
	return n, true, nil
}

func (c *call) checkPatch(n int, sent userSent, changed []userField, restore bool) error {
	who := c.users.person(n)
	if err := c.mayPatch(n, sent, changed, restore); err != nil {
		return err
	}
	for _, f := range sent.fields() {
		if f.sent != nil && strings.TrimSpace(*f.sent) == "" {
			return checkText(f.name, *f.sent, f.limit)
		}
	}
	upn := who.upn
	for _, f := range changed {
		if f.mastered && who.synced() {
			return invalid("Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.")
		}
		if err := f.check(c.customer); err != nil {
			return err
		}
		if f.name == "userPrincipalName" {
			upn = f.value()
		}
	}
	if sent.PasswordProfile != nil {
		if err := checkPassword(sent.PasswordProfile); err != nil {
			return err
		}
	}
	if restore || upn != who.upn {
		return c.checkUnique(upn, n)
	}
	return nil
}

// mayPatch refuses who lacks a role that one of the things asked for needs. A
// call that changes nothing needs the role for changing fields.
func (c *call) mayPatch(n int, sent userSent, changed []userField, restore bool) error {
	reset := sent.PasswordProfile != nil
	var needs [][]string
	if reset {
		needs = append(needs, resetPasswords)
	}
	if restore {
		needs = append(needs, restoreUsers)
	}
	if len(changed) > 0 || !reset && !restore {
		needs = append(needs, updateUsers)
	}
	for _, oneOf := range needs {
		if err := c.may(oneOf); err != nil {
			return err
		}
	}
	if reset || restore || slices.ContainsFunc(changed, func(f userField) bool { return f.sensitive }) {
		return c.mayTouch(n)
	}
	return nil
}

// revive makes a deleted user active again. The licenses come back for which
// there is a free seat; the others are lost.
func (c *call) revive(r *record) {
	r.held = slices.DeleteFunc(r.held, func(h held) bool { return c.users.free(h.offer) <= 0 })
	r.deleted = time.Time{}
}

// upnTaken is the answer for a user principal name that another user has.
func upnTaken() *refusal {
	r := refuse(http.StatusConflict, codeInvalidProperty)
	r.description = "Another object with the same value for property userPrincipalName already exists."
	return r
}
