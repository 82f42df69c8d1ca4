package directory

import (
	"slices"
	"sync"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// licenseRows are the licenses of the users of a snapshot, by row, beside it:
// the number of a set, and when it was read. They change while a cut of them
// is looked at: a chunk that is in a cut is copied before it is written to.
type licenseRows struct {
	of     *snapshot
	chunks []*licenseChunk
	table  *licenseSets
	read   int // users who have a set
	gone   int // users whom Partner Center does not know any more
}

// licenseChunk is beside the chunk of the same number.
type licenseChunk struct {
	sets  []uint32
	at    []instant
	inCut bool
}

func newLicenseChunk(rows int) *licenseChunk {
	return &licenseChunk{sets: make([]uint32, rows), at: make([]instant, rows)}
}

// licenseRowBytes is what a user takes here, with a place in the order of
// ByLicenses.
const licenseRowBytes = 4 + 4 + 4

func (r *licenseRows) size() int64 {
	if r.of == nil {
		return 0
	}
	return int64(r.of.rows)*licenseRowBytes + r.table.bytes
}

// set keeps what a user has.
func (r *licenseRows) set(row uint32, set uint32, at time.Time) {
	c := r.chunks[row>>chunkBits]
	if c.inCut {
		c = &licenseChunk{sets: slices.Clone(c.sets), at: slices.Clone(c.at)}
		r.chunks[row>>chunkBits] = c
	}
	i := row & (chunkRows - 1)
	r.count(c.sets[i], -1)
	r.count(set, 1)
	c.sets[i], c.at[i] = set, instant(max(at.Unix(), 0))
}

func (r *licenseRows) count(set uint32, by int) {
	switch {
	case set >= setFirst:
		r.read += by
	case set == setGone:
		r.gone += by
	}
}

func (r *licenseRows) at(row uint32) (set uint32, at instant) {
	c := r.chunks[row>>chunkBits]
	i := row & (chunkRows - 1)
	return c.sets[i], c.at[i]
}

// align brings what is held to the rows of another snapshot. Those of a load
// that got on stay where they are; in those of another copy users are found
// again by their IDs, and who is not there any more is dropped.
func (r *licenseRows) align(s *snapshot) {
	if r.table == nil {
		r.table = newLicenseSets(s.by)
	}
	old := *r
	r.of = s
	if old.of != nil && old.of.line == s.line {
		for _, c := range s.chunks[len(old.chunks):] {
			r.chunks = append(r.chunks, newLicenseChunk(len(c.ids)))
		}
		return
	}
	r.read, r.gone = 0, 0
	r.chunks = make([]*licenseChunk, len(s.chunks))
	for i, c := range s.chunks {
		r.chunks[i] = newLicenseChunk(len(c.ids))
	}
	if old.of != nil {
		r.take(&old)
	}
}

// take finds the users of another copy again. Both are in much the same order,
// so that most are found where they are looked for first; the rest by a map.
func (r *licenseRows) take(old *licenseRows) {
	used := make([]bool, len(old.table.sets))
	from := cursor{of: old.of}
	var left []uint32 // rows of ours that were not found at once
	for number, c := range r.of.chunks {
		for i := range c.ids {
			if row, ok := from.find(c.ids[i]); ok {
				r.copyRow(uint32(number<<chunkBits+i), old, row, used)
			} else {
				left = append(left, uint32(number<<chunkBits+i))
			}
		}
	}
	if len(left) > 0 {
		places := make(map[guid]uint32, len(left))
		for _, row := range left {
			c, i := r.of.cell(row)
			places[c.ids[i]] = row
		}
		for number, c := range old.of.chunks {
			for i := range c.ids {
				if to, ok := places[c.ids[i]]; ok {
					r.copyRow(to, old, uint32(number<<chunkBits+i), used)
				}
			}
		}
	}
	idle := 0
	for n := setFirst; n < len(used); n++ {
		if !used[n] {
			idle++
		}
	}
	if idle > len(used)/2 {
		r.tidy(used)
	}
}

func (r *licenseRows) copyRow(to uint32, old *licenseRows, from uint32, used []bool) {
	set, at := old.at(from)
	if set == setGone { // and is there again
		return
	}
	c := r.chunks[to>>chunkBits]
	c.sets[to&(chunkRows-1)], c.at[to&(chunkRows-1)] = set, at
	r.count(set, 1)
	used[set] = true
}

// tidy leaves out the sets that nobody has. No chunk may be in a cut.
func (r *licenseRows) tidy(used []bool) {
	var moved []uint32
	r.table, moved = r.table.copyOf(used)
	for _, c := range r.chunks {
		for i, set := range c.sets {
			c.sets[i] = moved[set]
		}
	}
}

// cursor walks through a snapshot beside another one.
type cursor struct {
	of    *snapshot
	chunk int
	row   int
}

// lookahead is how many rows further a user is looked for.
const lookahead = 16

// find is the row of a user who is here or a little further on; then the
// cursor is behind it.
func (c *cursor) find(id guid) (row uint32, ok bool) {
	chunk, i := c.chunk, c.row
	for range lookahead {
		for chunk < len(c.of.chunks) && i == len(c.of.chunks[chunk].ids) {
			chunk, i = chunk+1, 0
		}
		if chunk == len(c.of.chunks) {
			return 0, false
		}
		if c.of.chunks[chunk].ids[i] == id {
			c.chunk, c.row = chunk, i+1
			return uint32(chunk<<chunkBits + i), true
		}
		i++
	}
	return 0, false
}

// put keeps what was read of a user, who may be gone meanwhile.
func (r *licenseRows) put(id guid, row uint32, line *line, licenses []partnercenter.License, gone bool, at time.Time) bool {
	if r.of == nil {
		return false
	}
	if line != r.of.line {
		var ok bool
		if row, ok = r.of.find(id); !ok {
			return false
		}
	}
	if _, newest := r.at(row); newest > instant(max(at.Unix(), 0)) {
		return false // it was asked for earlier, and may have been answered with less
	}
	set := uint32(setGone)
	if !gone {
		set = r.table.add(licenses)
	}
	r.set(row, set, at)
	return true
}

// expire forgets what was read before.
func (r *licenseRows) expire(before time.Time) {
	for number, c := range r.chunks {
		for i, set := range c.sets {
			if set != setUnread && c.at[i].time().Before(before) {
				r.set(uint32(number<<chunkBits+i), setUnread, time.Time{})
			}
		}
	}
}

// cut is what is held now, for good.
func (r *licenseRows) cut(number uint64, asked time.Time) *licenseCut {
	for _, c := range r.chunks {
		c.inCut = true
	}
	cut := &licenseCut{
		licenseTable: r.table.licenseTable, of: r.of, chunks: slices.Clone(r.chunks), number: number,
		read: r.read, gone: r.gone,
	}
	cut.count(instant(max(asked.Unix(), 0)))
	return cut
}

// licenseCut is the licenses of a snapshot's users as they were held at one
// moment. It never changes.
type licenseCut struct {
	licenseTable
	of     *snapshot
	chunks []*licenseChunk
	number uint64

	read, gone     int
	bySet          []int // users who have each set
	outdated       int   // read before somebody asked for all to be read anew
	oldest, newest instant

	ordered struct {
		once sync.Once
		order
	}
	facets struct {
		once   sync.Once
		counts licenseCounts
	}
	names struct {
		once sync.Once
		all  map[string]Name
	}
}

func (c *licenseCut) count(asked instant) {
	c.bySet = make([]int, len(c.sets))
	for _, chunk := range c.chunks {
		for i, set := range chunk.sets {
			c.bySet[set]++
			if set < setFirst {
				continue
			}
			at := chunk.at[i]
			if c.oldest == 0 || at < c.oldest {
				c.oldest = at
			}
			c.newest = max(c.newest, at)
			if at < asked {
				c.outdated++
			}
		}
	}
}

// row is the set a user has; a number below setFirst if that is not known.
func (c *licenseCut) row(row uint32) uint32 {
	return c.chunks[row>>chunkBits].sets[row&(chunkRows-1)]
}

// order is the rows by how many licenses they have. There are few numbers, so
// each row goes straight to its place.
func (c *licenseCut) order() *order {
	c.ordered.once.Do(func() { c.ordered.order = c.sorted() })
	return &c.ordered.order
}

func (c *licenseCut) sorted() order {
	most := 0
	for n := range c.sets {
		most = max(most, len(c.sets[n].skus))
	}
	place := make([]int, most+1) // of the next row with so many licenses
	for n := setFirst; n < len(c.sets); n++ {
		place[len(c.sets[n].skus)] += c.bySet[n]
	}
	filled := 0
	for n, rows := range place {
		place[n] = filled
		filled += rows
	}
	o := order{rows: make([]uint32, c.of.rows), filled: filled}
	last := filled
	for number, chunk := range c.chunks {
		for i, set := range chunk.sets {
			to := &last
			if set >= setFirst {
				to = &place[len(c.sets[set].skus)]
			}
			o.rows[*to] = uint32(number<<chunkBits + i)
			*to++
		}
	}
	return o
}

// licenseCounts are users by what they have, of SKUs and plans by their index.
type licenseCounts struct {
	none        int
	skus, plans []int

	// of a whole cut only: the indexes of those that somebody has, most first
	skuOrder, planOrder []uint32
}

func (n *licenseCounts) reset(t *licenseTable) {
	*n = licenseCounts{skus: zeros(n.skus, len(t.skus)), plans: zeros(n.plans, len(t.plans))}
}

// add counts users by their sets: one number of them for what they have of
// SKUs, and one for plans.
func (n *licenseCounts) add(t *licenseTable, bySKUs, byPlans []int) {
	for i := setFirst; i < len(t.sets); i++ {
		set := &t.sets[i]
		if users := bySKUs[i]; users > 0 {
			if len(set.skus) == 0 {
				n.none += users
			}
			for _, s := range set.skus {
				n.skus[s] += users
			}
		}
		if users := byPlans[i]; users > 0 {
			for _, p := range set.plans {
				n.plans[p] += users
			}
		}
	}
}

// whole counts all users, when first asked for.
func (c *licenseCut) whole() *licenseCounts {
	c.facets.once.Do(func() {
		n := &c.facets.counts
		n.reset(&c.licenseTable)
		n.add(&c.licenseTable, c.bySet, c.bySet)
		n.skuOrder = mostFirstOf(n.skus, c.skus)
		n.planOrder = mostFirstOf(n.plans, c.plans)
	})
	return &c.facets.counts
}

func (c *licenseCut) nameOf() map[string]Name {
	c.names.once.Do(func() {
		c.names.all = make(map[string]Name, len(c.skus)+len(c.plans))
		for _, table := range [][]named{c.plans, c.skus} {
			for i := range table {
				c.names.all[table[i].id] = table[i].Name
			}
		}
	})
	return c.names.all
}
