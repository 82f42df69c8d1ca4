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
	*t = tally{locations: zeros(t.locations, len(tables.locations)), domains: zeros(t.domains, len(tables.domains))}
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
	var order []uint32
	for i, n := range counts {
		if i > 0 && n > 0 {
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
)

// filter fills s.matched with the rows that match the query, out of s.hits if
// it has text, and s.tally with what each choice of a filter would find.
func (s *search) filter(u *snapshot, q *Query, hasText bool) {
	s.choose(u, q)
	s.matched.reset(len(u.chunks) * chunkWords)
	t := &s.tally
	t.reset(&u.tables)
	var inPlaces, inHosts [localTable]bool
	var places, hosts [localTable]int
	for number, c := range u.chunks {
		if hasText && s.hits.none(number) {
			continue
		}
		for i, location := range c.locations {
			inPlaces[i] = s.places[location]
		}
		for i, domain := range c.domains {
			inHosts[i] = s.hosts[u.domains[domain].same]
		}
		clear(places[:len(c.locations)])
		clear(hosts[:len(c.domains)])
		for w := range chunkWords {
			rest := rowsFrom(w<<6, len(c.ids))
			if hasText {
				rest &= s.hits[number*chunkWords+w]
			}
			for ; rest != 0; rest &= rest - 1 {
				i := w<<6 + bits.TrailingZeros64(rest)
				synced, guest := c.synced[i] != 0, c.traits[i]&traitGuest != 0
				fails := 0
				if q.Synced != Any && synced != (q.Synced == Yes) {
					fails |= failsSynced
				}
				if q.Guest != Any && guest != (q.Guest == Yes) {
					fails |= failsGuest
				}
				if !inPlaces[c.location[i]] {
					fails |= failsLocation
				}
				if !inHosts[c.domain[i]] {
					fails |= failsDomain
				}
				if fails == 0 {
					t.rows++
					s.matched[number*chunkWords+w] |= 1 << (i & 63)
				}
				if fails&^failsSynced == 0 {
					if synced {
						t.synced++
					} else {
						t.cloudOnly++
					}
				}
				if fails&^failsGuest == 0 && guest {
					t.guests++
				}
				if fails&^failsLocation == 0 {
					places[c.location[i]]++
				}
				if fails&^failsDomain == 0 {
					hosts[c.domain[i]]++
				}
			}
		}
		t.addLocal(&u.tables, c, &places, &hosts)
	}
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

// choose works out which locations and domains the query asks for.
func (s *search) choose(u *snapshot, q *Query) {
	s.places = flags(s.places, len(u.locations), len(q.Locations) == 0)
	for i := range s.places {
		if len(q.Locations) > 0 {
			code := u.locations[i]
			if i == 0 {
				code = NoLocation
			}
			_, s.places[i] = slices.BinarySearch(q.Locations, code)
		}
	}
	s.hosts = flags(s.hosts, len(u.domains), len(q.Domains) == 0)
	for i := range s.hosts {
		if len(q.Domains) > 0 && i > 0 {
			_, s.hosts[i] = slices.BinarySearch(q.Domains, u.domains[i].lower)
		}
	}
}

func flags(s []bool, n int, value bool) []bool {
	s = s[:0]
	for range n {
		s = append(s, value)
	}
	return s
}

// counts puts what was counted in the form of a view. matching is nil when
// all rows match.
func (s *snapshot) counts(matching *tally) Counts {
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
	return c
}
