package emulator

import "time"

// deleteUser answers DELETE /customers/{c}/users/{u}. It is soft: the user can
// be restored for 30 days. The licenses are back in the pool meanwhile.
func (c *call) deleteUser() (any, error) {
	n, err := c.user(unknownUser())
	if err != nil {
		return nil, err
	}
	if err := c.mayTouch(n); err != nil {
		return nil, err
	}
	r := c.users.record(n).clone()
	r.deleted = c.received.Truncate(time.Second)
	c.put(n, r)
	c.note(deletedUser, r.id)
	return noContent{}, nil
}
