package emulator

import (
	"slices"
	"time"
)

// record is a user that a write has touched, whole: it stands in place of the
// one made from the number. A record in an overlay is never changed, only
// replaced.
type record struct {
	person
	created int      // the how-manieth created user of the customer; 0: made from a number
	held    []held   // in the order of the customer's offers; a deleted user's come back on restoring
	roles   []string // role IDs
}

// held is a license: the customer's offer, and which of its plans are off.
type held struct {
	offer   int
	without []string // plan IDs switched off by who assigned it
	waiting []string // plan IDs not on for want of a plan they need
}

// off are the plans that the user can't use.
func (h held) off() []string { return slices.Concat(h.without, h.waiting) }

// retention is how long a deleted user can be restored.
const retention = 30 * 24 * time.Hour

// active tells whether the user is none that was deleted.
func (who *person) active() bool { return who.deleted.IsZero() }

// purged tells whether a deleted user is gone for good.
func (who *person) purged(now time.Time) bool {
	return !who.active() && now.Sub(who.deleted) >= retention
}

func (who *person) synced() bool { return !who.lastSync.IsZero() }

// clone is a record that may be changed before it is put.
func (r *record) clone() *record {
	other := *r
	other.held = slices.Clone(r.held)
	other.roles = slices.Clone(r.roles)
	return &other
}

// license is the position of an offer among the held ones, -1 if it is not.
func (r *record) license(offer int) int {
	return slices.IndexFunc(r.held, func(h held) bool { return h.offer == offer })
}
