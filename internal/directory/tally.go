package directory

import (
	"cmp"
	"math/bits"
	"slices"
)

// tally counts what one can filter by. Locations and domains are counted by
// their index in the tables; domains that differ by case only are one.
type tally struct {
	rows       int
	synced     int
	cloudOnly  int
	guests     int
	noLocation int
	locations  []int
	domains    []int
	licenses   licenseCounts
	roles      []int // by index into the roles

	// of a whole snapshot only: the indexes of those that are there, most first
	locationOrder, domainOrder []uint32
}

// whole counts all rows of the snapshot, when first asked for.
func (s *snapshot) whole() *tally {
	s.tallied.once.Do(func() {
		t := &s.tallied.tally
		t.reset(&s.tables)
		for _, c := range s.chunks {
			t.rows += len(c.ids)
			t.synced += c.withSync
			t.guests += c.guests
			var places, hosts [localTable]int
			for i := range c.ids {
				places[c.location[i]]++
				hosts[c.domain[i]]++
			}
			t.addLocal(&s.tables, c, &places, &hosts)
		}
		t.cloudOnly = t.rows - t.synced
		t.locationOrder = mostFirst(t.locations, func(i uint32) string { return s.locations[i] })
		t.domainOrder = mostFirst(t.domains, func(i uint32) string { return s.domains[i].lower })
	})
	return &s.tallied.tally
}

func (t *tally) reset(tables *tables) {
	*t = tally{
		locations: zeros(t.locations, len(tables.locations)), domains: zeros(t.domains, len(tables.domains)),
		licenses: t.licenses, roles: t.roles[:0],
	}
}

func zeros(s []int, n int) []int {
	if cap(s) < n {
		return make([]int, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// addLocal adds what was counted in one chunk by its own tables.
func (t *tally) addLocal(tables *tables, c *chunk, places, hosts *[localTable]int) {
	for i, location := range c.locations {
		t.locations[location] += places[i]
	}
	for i, domain := range c.domains {
		t.domains[tables.domains[domain].same] += hosts[i]
	}
	t.noLocation += places[0]
}

// mostFirst are the indexes of the entries that are there, but for the first,
// which is none.
func mostFirst(counts []int, text func(uint32) string) []uint32 {
	return sortedMostFirst(counts, 1, text)
}

// mostFirstOf are the indexes of the entries that are there.
func mostFirstOf(counts []int, table []named) []uint32 {
	return sortedMostFirst(counts, 0, func(i uint32) string { return table[i].id })
}

func sortedMostFirst(counts []int, from int, text func(uint32) string) []uint32 {
	var order []uint32
	for i := from; i < len(counts); i++ {
		if counts[i] > 0 {
			order = append(order, uint32(i))
		}
	}
	slices.SortFunc(order, func(a, b uint32) int {
		if c := cmp.Compare(counts[b], counts[a]); c != 0 {
			return c
		}
		return cmp.Compare(text(a), text(b))
	})
	return order
}

// The filters, as bits of what a row fails.
const (
	failsSynced = 1 << iota
	failsGuest
	failsLocation
	failsDomain
	failsLicense
	failsPlan
	failsRole
	failures // how many combinations there are
)

// filter fills s.matched with the rows that match the query, out of s.hits if
// it has text, and s.tally with what each choice of a filter would find: the
// rows that fail nothing, or only that filter. It has no branches that depend
// on a row, for those can't be foretold.
func (s *search) filter(u *snapshot, b besides, q *Query, hasText bool) {
	s.choose(u, q)
	s.chooseBesides(b, q)
	s.matched.reset(len(u.chunks) * chunkWords)
	s.tally.reset(&u.tables)
	bySync := fails(q.Synced, failsSynced)
	byGuest := fails(q.Guest, failsGuest)
	var one [failures]struct{ location, domain int } // 1 where nothing else fails
	one[0].location, one[0].domain = 1, 1
	one[failsLocation].location, one[failsDomain].domain = 1, 1
	matches := [failures]uint64{1}

	var more, failed [chunkRows]uint8 // what rows fail by licenses and roles; and in all
	var kinds [failures][2][2]int     // rows by what they fail, by synced, by guest
	var byPlace, byHost [localTable]uint8
	var places, hosts [localTable]int
	for number, c := range u.chunks {
		if hasText && s.hits.none(number) {
			continue
		}
		for i, location := range c.locations {
			byPlace[i], places[i] = s.places[location], 0
		}
		for i, domain := range c.domains {
			byHost[i], hosts[i] = s.hosts[u.domains[domain].same], 0
		}
		s.failsBesides(b, number, &more)
		for w := range chunkWords {
			rest := rowsFrom(w<<6, len(c.ids))
			if hasText {
				rest &= s.hits[number*chunkWords+w]
			}
			var matched uint64
			for ; rest != 0; rest &= rest - 1 {
				bit := bits.TrailingZeros64(rest)
				i := w<<6 + bit
				place, host := c.location[i], c.domain[i]
				synced, guest := c.synced[i].is(), c.traits[i]>>traitGuestBit&1
				f := (bySync[synced] | byGuest[guest] | byPlace[place] | byHost[host] | more[i]) % failures
				failed[i] = f
				kinds[f][synced][guest]++
				places[place] += one[f].location
				hosts[host] += one[f].domain
				matched |= matches[f] << bit
			}
			s.matched[number*chunkWords+w] = matched
		}
		s.tally.addLocal(&u.tables, c, &places, &hosts)
		s.countBesides(b, number, &failed, hasText)
	}
	t := &s.tally
	s.sumBesides(b)
	for guest := range 2 {
		t.rows += kinds[0][0][guest] + kinds[0][1][guest]
		t.cloudOnly += kinds[0][0][guest] + kinds[failsSynced][0][guest]
		t.synced += kinds[0][1][guest] + kinds[failsSynced][1][guest]
	}
	for synced := range 2 {
		t.guests += kinds[0][synced][1] + kinds[failsGuest][synced][1]
	}
}

// fails is what a row fails that has something not (0), or has it (1).
func fails(wanted Answer, bit uint8) [2]uint8 {
	switch wanted {
	case Yes:
		return [2]uint8{bit, 0}
	case No:
		return [2]uint8{0, bit}
	}
	return [2]uint8{}
}

// rowsFrom has the bits of the rows from first that are below rows.
func rowsFrom(first, rows int) uint64 {
	switch n := rows - first; {
	case n >= 64:
		return ^uint64(0)
	case n <= 0:
		return 0
	default:
		return 1<<n - 1
	}
}

// choose works out which locations and domains the query doesn't ask for.
func (s *search) choose(u *snapshot, q *Query) {
	s.places = s.places[:0]
	for i, code := range u.locations {
		if i == 0 {
			code = NoLocation
		}
		s.places = append(s.places, failsUnless(q.Locations, code, failsLocation))
	}
	s.hosts = s.hosts[:0]
	for i := range u.domains {
		s.hosts = append(s.hosts, failsUnless(q.Domains, u.domains[i].lower, failsDomain))
	}
}

// failsUnless is 0 if the value is among those wanted, or any is.
func failsUnless(wanted []string, value string, bit uint8) uint8 {
	if len(wanted) == 0 {
		return 0
	}
	if _, ok := slices.BinarySearch(wanted, value); ok {
		return 0
	}
	return bit
}

// counts puts what was counted in the form of a view. matching is nil when
// all rows match.
func (s *snapshot) counts(matching *tally, b besides) Counts {
	all := s.whole()
	if matching == nil {
		matching = all
	}
	c := Counts{
		NoLocation: Count{all.noLocation, matching.noLocation},
		Synced:     Count{all.synced, matching.synced},
		CloudOnly:  Count{all.cloudOnly, matching.cloudOnly},
		Guest:      Count{all.guests, matching.guests},
		Locations:  make([]Facet, 0, len(all.locationOrder)),
		Domains:    make([]Facet, 0, len(all.domainOrder)),
	}
	for _, i := range all.locationOrder {
		c.Locations = append(c.Locations, Facet{s.locations[i], Count{all.locations[i], matching.locations[i]}})
	}
	for _, i := range all.domainOrder {
		c.Domains = append(c.Domains, Facet{s.domains[i].lower, Count{all.domains[i], matching.domains[i]}})
	}
	if matching == all {
		matching = nil
	}
	b.counts(&c, matching)
	return c
}
