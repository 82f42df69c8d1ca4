package emulator

// createUser answers POST /customers/{c}/users, with or without a slash at the
// end. The answer is the user with the password just set, and without links,
// as documented.
func (c *call) createUser() (any, error) {
	sent, err := decodeBody[userSent](c.body)
	if err != nil {
		return nil, err
	}
	if err := c.checkNewUser(sent); err != nil {
		return nil, err
	}
	n, r := c.customer.tenant().create()
	r.domainType = "none"
	for _, f := range sent.fields() {
		if f.sent != nil {
			*f.of(&r.person) = f.value()
		}
	}
	c.put(n, r)
	c.note(createdUser, r.id)

	body := c.userBody(r.person)
	body.PasswordProfile = sent.PasswordProfile.echo()
	body.Links = nil
	return created{body}, nil
}

func (c *call) checkNewUser(sent userSent) error {
	switch {
	case sent.DisplayName == nil:
		return invalid("A value is required for property displayName.")
	case sent.UserPrincipalName == nil:
		return invalid("A value is required for property userPrincipalName.")
	case sent.PasswordProfile == nil:
		return invalid("A value is required for property passwordProfile.")
	}
	for _, f := range sent.fields() {
		if err := f.check(c.customer); err != nil {
			return err
		}
	}
	if err := checkPassword(sent.PasswordProfile); err != nil {
		return err
	}
	return c.checkUnique(*sent.UserPrincipalName, -1)
}
