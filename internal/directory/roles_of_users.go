package directory

import (
	"cmp"
	"maps"
	"sort"
	"strings"
	"sync"
	"time"
)

// RolesReading is how the roles of a customer's users were read.
type RolesReading struct {
	Asked    bool  // the view asks for them
	Withheld error // why this viewer may not see them; nil when they may
	Reading  bool  // read in the background now
	ReadAt   time.Time

	Err           error // the last failure that matters; nil when there is none
	CorrelationID string
}

// roleCut is who of a snapshot's users holds which roles. Few do, so it is a
// list of those. It never changes.
type roleCut struct {
	users   *snapshot
	roles   []named
	sets    []roleSet // that users have; the first is none
	rows    []roleRow // of those who have any, in order
	counts  []int     // users by role
	byCount []uint32  // the roles that somebody has, most first

	ordered struct {
		once sync.Once
		order
	}
	called struct {
		mu   sync.Mutex
		with *licenseCut
		all  map[string]Name
	}
}

// roleSet is the roles that a user can have.
type roleSet struct {
	roles []uint32 // into roleCut.roles
	ids   []string
}

type roleRow struct{ row, set uint32 }

// table is the roles in the form of a cut.
func (r *roleList) table() []named {
	table := make([]named, len(r.roles))
	for i := range r.roles {
		table[i] = named{r.roles[i].Role.ID, Name{Name: r.roles[i].Role.Name}}
	}
	return table
}

// missing is why the members of a role could not be read; nil if all could.
func (r *roleList) missing() error {
	for i := range r.roles {
		if err := r.roles[i].Err; err != nil {
			return err
		}
	}
	return nil
}

// newRoleCut joins roles with the users of a snapshot, by the IDs of the roles
// that a user holds.
func newRoleCut(users *snapshot, roles []named, byUser map[guid][]string) *roleCut {
	c := &roleCut{users: users, roles: roles, sets: make([]roleSet, 1)}
	at := map[string]uint32{}
	for i := range roles {
		at[roles[i].id] = uint32(i)
	}
	setAt := map[string]uint32{}
	for number, chunk := range users.chunks {
		for i := range chunk.ids {
			ids, ok := byUser[chunk.ids[i]]
			if !ok {
				continue
			}
			key := strings.Join(ids, " ")
			set, ok := setAt[key]
			if !ok {
				set = uint32(len(c.sets))
				setAt[key] = set
				s := roleSet{ids: ids}
				for _, id := range ids {
					s.roles = append(s.roles, at[id])
				}
				c.sets = append(c.sets, s)
			}
			c.rows = append(c.rows, roleRow{uint32(number<<chunkBits + i), set})
		}
	}
	bySet := make([]int, len(c.sets))
	for _, r := range c.rows {
		bySet[r.set]++
	}
	c.counts = make([]int, len(c.roles))
	c.add(c.counts, bySet)
	c.byCount = mostFirstOf(c.counts, c.roles)
	return c
}

// add counts users by role, from their number by set.
func (c *roleCut) add(counts, bySet []int) {
	for n := range c.sets {
		for _, r := range c.sets[n].roles {
			counts[r] += bySet[n]
		}
	}
}

// in are those of a chunk who have roles.
func (c *roleCut) in(chunk int) []roleRow {
	from := c.search(uint32(chunk << chunkBits))
	return c.rows[from:c.search(uint32((chunk+1)<<chunkBits))]
}

func (c *roleCut) search(row uint32) int {
	return sort.Search(len(c.rows), func(i int) bool { return c.rows[i].row >= row })
}

// of are the roles of a row.
func (c *roleCut) of(row uint32) []string {
	if i := c.search(row); i < len(c.rows) && c.rows[i].row == row {
		return c.sets[c.rows[i].set].ids
	}
	return nil
}

// order is the rows by the names of their roles.
func (c *roleCut) order() *order {
	c.ordered.once.Do(func() {
		texts := make([]string, len(c.sets))
		for n := range c.sets {
			var names []string
			for _, r := range c.sets[n].roles {
				names = append(names, cmp.Or(c.roles[r].Name.Name, c.roles[r].id))
			}
			texts[n] = strings.Join(names, ", ")
		}
		ranks := c.users.by.ranks(texts)
		c.ordered.order = byNumber(c.users.allRows(), func(row uint32) uint32 {
			if i := c.search(row); i < len(c.rows) && c.rows[i].row == row {
				return ranks[c.rows[i].set]
			}
			return 0
		})
	})
	return &c.ordered.order
}

// nameOf are the names of the roles and, if there are, of licenses.
func (c *roleCut) nameOf(licenses *licenseCut) map[string]Name {
	c.called.mu.Lock()
	defer c.called.mu.Unlock()
	if c.called.all == nil || c.called.with != licenses {
		all := map[string]Name{}
		if licenses != nil {
			all = maps.Clone(licenses.nameOf())
		}
		for i := range c.roles {
			all[c.roles[i].id] = c.roles[i].Name
		}
		c.called.with, c.called.all = licenses, all
	}
	return c.called.all
}
