package emulator

import (
	"net/http"
	"time"
)

// listUsers answers GET /customers/{c}/users: users, or the deleted ones when
// the filter says UserState equals Inactive.
func (c *call) listUsers() (any, error) {
	deleted := c.seek.cursor.filter == filter{userState, "inactive"}
	roll := c.users.roll(deleted, c.seek.cursor.order, c.received)
	at := c.pageOf(roll.count)
	from, to := at.within(roll.count)
	items := make([]userBody, 0, to-from)
	for position := from; position < to; position++ {
		items = append(items, c.userBody(c.users.person(roll.at(position))))
	}
	return paged(c, at, items), nil
}

// getUser answers GET /customers/{c}/users/{u}. A deleted user is as unknown
// as one who never was.
func (c *call) getUser() (any, error) {
	n, err := c.user(unknownUser())
	if err != nil {
		return nil, err
	}
	return c.userBody(c.users.person(n)), nil
}

// user is the number of the user in the path; unknown is the answer when
// there is none.
func (c *call) user(unknown *refusal) (int, error) {
	n, ok := c.users.find(c.vars.user)
	if !ok || !c.users.active(n) {
		return 0, unknown
	}
	return n, nil
}

// unknownUser is the answer for a user who is not there, or deleted. It carries
// the code of an invalid property, as the SDK's samples expect.
func unknownUser() *refusal {
	r := refuse(http.StatusNotFound, codeInvalidProperty)
	r.description = "The user could not be found."
	return r
}

func (c *call) userBody(who person) userBody {
	state := "active"
	if !who.active() {
		state = "inactive"
	}
	return userBody{
		UsageLocation:     who.location,
		ID:                who.id,
		UserPrincipalName: who.upn,
		FirstName:         who.first,
		LastName:          who.last,
		DisplayName:       who.display,
		ImmutableID:       who.immutableID,
		PhoneNumber:       who.phone,
		LastDirectorySync: timestamp(who.lastSync),
		UserDomainType:    who.domainType,
		State:             state,
		SoftDeletionTime:  timestamp(who.deleted),
		Links:             self("/customers/" + c.customer.id + "/users/" + who.id),
		Attributes:        attributes{ObjectType: "CustomerUser"},
	}
}

func timestamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
