package directory

import "slices"

// besides is what an answer has of the users besides their list: the licenses
// and the roles, each if the view asks for it and the viewer may see it.
type besides struct {
	licenses *licenseCut
	roles    *roleCut
	page     *[]uint32 // gets the numbers of the rows on the page, if wanted
}

// order is the rows in the order of a column, nil for that in which they lie.
func (b besides) order(u *snapshot, by Column) *order {
	switch {
	case by == ByLicenses && b.licenses != nil:
		return b.licenses.order()
	case by == ByRoles && b.roles != nil:
		return b.roles.order()
	case by == ByLicenses, by == ByRoles: // nobody has anything in it
		return u.order(ByName)
	}
	return u.order(by)
}

// chooseBesides works out which sets of licenses and roles the query doesn't
// ask for.
func (s *search) chooseBesides(b besides, q *Query) {
	if c := b.licenses; c != nil {
		s.sets = flags(s.sets, len(c.sets))
		s.bySKUs, s.byPlans = zeros(s.bySKUs, len(c.sets)), zeros(s.byPlans, len(c.sets))
		if len(q.Licenses) > 0 {
			s.want(c.skus, q.Licenses)
			none := slices.Contains(q.Licenses, NoLicense)
			for n := range c.sets {
				set := &c.sets[n]
				if n < setFirst || !(none && len(set.skus) == 0 || s.hasWanted(set.skus)) {
					s.sets[n] |= failsLicense
				}
			}
		}
		if len(q.Plans) > 0 {
			s.want(c.plans, q.Plans)
			for n := range c.sets {
				if n < setFirst || !s.hasWanted(c.sets[n].plans) {
					s.sets[n] |= failsPlan
				}
			}
		}
	}
	if c := b.roles; c != nil {
		s.roles = flags(s.roles, len(c.sets))
		s.byRoles = zeros(s.byRoles, len(c.sets))
		if len(q.Roles) > 0 {
			s.want(c.roles, q.Roles)
			for n := range c.sets {
				if !s.hasWanted(c.sets[n].roles) {
					s.roles[n] |= failsRole
				}
			}
		}
	}
}

func flags(s []uint8, n int) []uint8 {
	if cap(s) < n {
		return make([]uint8, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// want notes which entries of a table are among the IDs, which are in order.
func (s *search) want(table []named, ids []string) {
	s.wanted = s.wanted[:0]
	for i := range table {
		_, ok := slices.BinarySearch(ids, table[i].id)
		s.wanted = append(s.wanted, ok)
	}
}

func (s *search) hasWanted(numbers []uint32) bool {
	for _, n := range numbers {
		if s.wanted[n] {
			return true
		}
	}
	return false
}

// failsBesides fills in what the rows of a chunk fail by licenses and roles.
func (s *search) failsBesides(b besides, number int, more *[chunkRows]uint8) {
	none := uint8(0)
	if b.roles != nil {
		none = s.roles[0]
	}
	switch {
	case b.licenses != nil:
		for i, set := range b.licenses.chunks[number].sets {
			more[i] = s.sets[set] | none
		}
	case b.roles != nil:
		for i := range more {
			more[i] = none
		}
	}
	if b.roles != nil {
		for _, r := range b.roles.in(number) {
			i := r.row & (chunkRows - 1)
			more[i] = more[i]&^none | s.roles[r.set]
		}
	}
}

// countBesides counts the rows of a chunk that fail nothing, or only by
// licenses, by plans or by roles, by their sets.
func (s *search) countBesides(b besides, number int, failed *[chunkRows]uint8, hasText bool) {
	if c := b.licenses; c != nil {
		var sku, plan [failures]int
		sku[0], sku[failsLicense], plan[0], plan[failsPlan] = 1, 1, 1, 1
		for i, set := range c.chunks[number].sets {
			if hasText && !s.hits.has(uint32(number<<chunkBits+i)) {
				continue
			}
			f := failed[i] % failures
			s.bySKUs[set] += sku[f]
			s.byPlans[set] += plan[f]
		}
	}
	if c := b.roles; c != nil {
		for _, r := range c.in(number) {
			f := failed[r.row&(chunkRows-1)]
			if (f == 0 || f == failsRole) && (!hasText || s.hits.has(r.row)) {
				s.byRoles[r.set]++
			}
		}
	}
}

// sumBesides adds up what countBesides counted.
func (s *search) sumBesides(b besides) {
	if c := b.licenses; c != nil {
		s.tally.licenses.reset(&c.licenseTable)
		s.tally.licenses.add(&c.licenseTable, s.bySKUs, s.byPlans)
	}
	if c := b.roles; c != nil {
		s.tally.roles = zeros(s.tally.roles, len(c.roles))
		c.add(s.tally.roles, s.byRoles)
	}
}

// counts puts what was counted in the form of a view. matching is nil when all
// rows match.
func (b besides) counts(to *Counts, matching *tally) {
	if c := b.licenses; c != nil {
		all := c.whole()
		some := all
		if matching != nil {
			some = &matching.licenses
		}
		to.Unlicensed = Count{all.none, some.none}
		to.Licenses = facets(c.skus, all.skuOrder, all.skus, some.skus)
		to.Plans = facets(c.plans, all.planOrder, all.plans, some.plans)
	}
	if c := b.roles; c != nil {
		some := c.counts
		if matching != nil {
			some = matching.roles
		}
		to.Roles = facets(c.roles, c.byCount, c.counts, some)
	}
}

func facets(table []named, order []uint32, all, matching []int) []Facet {
	list := make([]Facet, 0, len(order))
	for _, i := range order {
		list = append(list, Facet{table[i].id, Count{all[i], matching[i]}})
	}
	return list
}

// fill writes licenses and roles into the rows of a page.
func (b besides) fill(rows []UserRow, numbers []uint32) {
	if b.page != nil {
		*b.page = slices.Clone(numbers)
	}
	for k, row := range numbers {
		if c := b.licenses; c != nil {
			if set := c.row(row); set >= setFirst {
				rows[k].Licenses, rows[k].LicensesRead = c.sets[set].ids, true
			}
		}
		if c := b.roles; c != nil {
			rows[k].Roles = c.of(row)
		}
	}
}

// names are those of all that an answer may have by its ID.
func (b besides) names() map[string]Name {
	switch {
	case b.roles == nil && b.licenses == nil:
		return nil
	case b.roles == nil:
		return b.licenses.nameOf()
	case b.licenses == nil:
		return b.roles.nameOf(nil)
	}
	return b.roles.nameOf(b.licenses)
}
