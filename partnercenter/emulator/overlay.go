package emulator

import (
	"maps"
	"slices"
	"strings"
)

// overlay is a customer's users as writes have left them: those made from
// numbers, and over them the few that were touched or created.
type overlay struct {
	customer *customer
	base     *people
	records  map[int]*record
	created  map[string]int   // numbers of created users by ID
	byUPN    map[string][]int // numbers of touched users by their name now
	seats    []int            // how many more have each offer than before any write
	rolls    rolls
}

func newOverlay(c *customer, base *people) *overlay {
	return &overlay{
		customer: c, base: base,
		records: map[int]*record{}, created: map[string]int{}, byUPN: map[string][]int{},
		seats: make([]int, len(c.offers())),
	}
}

// person is the user of that number.
func (o *overlay) person(n int) person {
	if r := o.records[n]; r != nil {
		return r.person
	}
	return o.base.person(n)
}

// record is the user of that number as a record, to be cloned and changed.
func (o *overlay) record(n int) *record {
	if r := o.records[n]; r != nil {
		return r
	}
	return &record{person: o.base.person(n), held: o.customer.baseLicenses(n), roles: o.customer.baseRolesOf(n)}
}

// find is the number of the user with that ID, active or deleted.
func (o *overlay) find(id string) (n int, ok bool) {
	if n, ok = o.created[strings.ToLower(id)]; ok {
		return n, true
	}
	return o.base.find(id)
}

// findByUPN is the number of the active user with that user principal name.
func (o *overlay) findByUPN(upn string) (n int, ok bool) {
	if !strings.Contains(upn, "@") {
		return 0, false
	}
	for _, n := range o.withUPN(upn) {
		if o.active(n) {
			return n, true
		}
	}
	return 0, false
}

// withUPN are the numbers of the users who have that name now.
func (o *overlay) withUPN(upn string) []int {
	found := slices.Clone(o.byUPN[foldUPN(upn)])
	for _, n := range o.base.withUPN(upn) {
		if o.records[n] == nil {
			found = append(found, n)
		}
	}
	return found
}

// active tells whether the number is a user who is not deleted.
func (o *overlay) active(n int) bool {
	if r := o.records[n]; r != nil {
		return r.active()
	}
	return n < o.base.active
}

// licenses are what the user holds.
func (o *overlay) licenses(n int) []held {
	if r := o.records[n]; r != nil {
		return r.held
	}
	return o.customer.baseLicenses(n)
}

// consumed is how many active users have the customer's i-th offer.
func (o *overlay) consumed(i int) int { return o.customer.seats()[i] + o.seats[i] }

// units are the seats of the i-th offer: what the customer owns does not
// change with who has it.
func (o *overlay) units(i int) units {
	return o.customer.offers()[i].seats.units(o.customer.seats()[i])
}

// free is how many more users could have the i-th offer; below zero when more
// have it than there are seats.
func (o *overlay) free(i int) int {
	u := o.units(i)
	return u.active + u.warning - o.consumed(i)
}

// rolesOf are the IDs of the directory roles that a user has.
func (o *overlay) rolesOf(n int) []string {
	if r := o.records[n]; r != nil {
		return r.roles
	}
	return o.customer.baseRolesOf(n)
}

// members are the numbers of a role's members: those from before, then those
// who were added. A deleted user is none.
func (o *overlay) members(role string) []int {
	var members []int
	for _, n := range o.customer.baseMembers()[role] {
		if r := o.records[n]; r == nil || r.active() && slices.Contains(r.roles, role) {
			members = append(members, n)
		}
	}
	for _, n := range o.touched() {
		r := o.records[n]
		if r.active() && slices.Contains(r.roles, role) && !slices.Contains(o.customer.baseMembers()[role], n) {
			members = append(members, n)
		}
	}
	return members
}

// touched are the numbers that have a record, in order.
func (o *overlay) touched() []int { return slices.Sorted(maps.Keys(o.records)) }

// put replaces a user.
func (o *overlay) put(n int, r *record) {
	before := o.records[n]
	if before != nil {
		o.forgetUPN(n, before.upn)
		o.count(before, -1)
	} else if n < o.base.total() {
		before = o.record(n)
		o.count(before, -1)
	}
	o.records[n] = r
	if r.created > 0 {
		o.created[r.id] = n
	}
	name := foldUPN(r.upn)
	o.byUPN[name] = append(o.byUPN[name], n)
	o.count(r, +1)
	if before == nil || before.active() != r.active() || before.display != r.display {
		o.rolls = rolls{changed: true}
	}
}

func (o *overlay) forgetUPN(n int, upn string) {
	name := foldUPN(upn)
	left := slices.DeleteFunc(o.byUPN[name], func(m int) bool { return m == n })
	if len(left) == 0 {
		delete(o.byUPN, name)
		return
	}
	o.byUPN[name] = left
}

// count books a user's licenses in or out. A deleted user's are in the pool.
func (o *overlay) count(r *record, by int) {
	if !r.active() {
		return
	}
	for _, h := range r.held {
		o.seats[h.offer] += by
	}
}
