package emulator

import (
	"net/http"
	"slices"
)

// addMember answers POST /customers/{c}/directoryroles/{r}/usermembers.
func (c *call) addMember() (any, error) {
	role, err := c.role()
	if err != nil {
		return nil, err
	}
	sent, err := decodeBody[memberSent](c.body)
	switch {
	case err != nil:
		return nil, err
	case sent.ID == nil || !isGUID(*sent.ID):
		return nil, invalid("Invalid value specified for property id.")
	}
	n, ok := c.users.find(*sent.ID)
	if !ok || !c.users.active(n) {
		return nil, refuse(http.StatusNotFound, codeUserNotFound)
	}
	r := c.users.record(n).clone()
	if slices.Contains(r.roles, role) {
		return nil, alreadyMember()
	}
	r.roles = append(r.roles, role)
	c.put(n, r)
	c.noteMember(addedMember, r.id, role)
	return created{member(r.person, role)}, nil
}

// removeMember answers DELETE /customers/{c}/directoryroles/{r}/usermembers/{u}.
func (c *call) removeMember() (any, error) {
	role, err := c.role()
	if err != nil {
		return nil, err
	}
	n, err := c.user(refuse(http.StatusNotFound, codeNotFound))
	if err != nil {
		return nil, err
	}
	r := c.users.record(n).clone()
	at := slices.Index(r.roles, role)
	if at < 0 {
		return nil, refuse(http.StatusNotFound, codeNotFound)
	}
	r.roles = slices.Delete(r.roles, at, at+1)
	c.put(n, r)
	c.noteMember(removedMember, r.id, role)
	return noContent{}, nil
}

// alreadyMember is the answer to adding who is a member.
func alreadyMember() *refusal {
	r := refuse(http.StatusConflict, codeInvalidProperty)
	r.description = "One or more added object references already exist for the following modified properties: 'members'."
	return r
}
