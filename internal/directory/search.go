package directory

import (
	"bytes"
	"math/bits"
)

// search is the working memory of one search; it is reused, and nothing of it
// outlives the search.
type search struct {
	needle  needle
	hits    bitmap              // rows that match the text
	matched bitmap              // rows that match the filters too
	local   [maxWords][4]uint64 // which domains of a chunk complete a word
	places  []uint8             // what a location fails, by index into tables.locations
	hosts   []uint8             // what a domain fails, by index into tables.domains
	sets    []uint8             // what a set of licenses fails, by number
	roles   []uint8             // what a set of roles fails, by number
	wanted  []bool              // which entries of a table are asked for
	bySKUs  []int               // users by set of licenses, who fail nothing else
	byPlans []int               // the same for service plans
	byRoles []int               // users by set of roles, who fail nothing else
	tally   tally
	rows    []uint32 // the page
	text    []byte   // of the page, and where it is cut
	cuts    []int
	folder  folder
	spans   []Span // of the page, and where they end
	ends    []int
}

// bitmap has a bit for each row.
type bitmap []uint64

const chunkWords = chunkRows / 64

// reset makes a bitmap of zeros, reusing memory.
func (b *bitmap) reset(words int) {
	if cap(*b) < words {
		*b = make(bitmap, words)
		return
	}
	*b = (*b)[:words]
	clear(*b)
}

func (b bitmap) has(row uint32) bool { return b[row>>6]>>(row&63)&1 != 0 }
func (b bitmap) set(row uint32)      { b[row>>6] |= 1 << (row & 63) }
func (b bitmap) unset(row uint32)    { b[row>>6] &^= 1 << (row & 63) }

// none reports whether no row of a chunk is in b.
func (b bitmap) none(chunk int) bool {
	words := b[chunk*chunkWords : (chunk+1)*chunkWords]
	return words[0]|words[1]|words[2]|words[3]|words[4]|words[5]|words[6]|words[7] == 0
}

func (b bitmap) count() (n int) {
	for _, word := range b {
		n += bits.OnesCount64(word)
	}
	return n
}

// find fills s.hits with the rows that match s.needle. What was found lately
// is taken up where it is of use.
func (s *search) find(u *snapshot, r *recent) {
	s.needle.bind(u.domains)
	s.hits.reset(len(u.chunks) * chunkWords)
	known, narrowed := r.take(u, s)
	for c := range known {
		if narrowed {
			s.narrow(u, c)
		}
	}
	driver := s.needle.driver()
	for c := known; c < len(u.chunks); c++ {
		s.scan(u, c, driver)
	}
	if narrowed || known < len(u.chunks) {
		r.keep(u, s)
	}
}

// scan finds the rows of one chunk that match.
func (s *search) scan(u *snapshot, number, driver int) {
	c := u.chunks[number]
	s.localDomains(c)
	w := &s.needle.words[driver]
	others := len(s.needle.words) > 1
	s.scanFor(c, number, w.text, driver, others, false)
	if w.phone != nil {
		s.scanFor(c, number, w.phone, driver, others, false)
	}
	if s.local[driver] != [4]uint64{} {
		if w.left != nil {
			s.scanFor(c, number, w.left, driver, others, true)
		} else {
			s.scanDomains(c, number, driver, others)
		}
	}
	if s.needle.phone != nil {
		s.scanFor(c, number, s.needle.phone, driver, false, false)
	}
}

// localDomains works out which domains of the chunk complete which word.
func (s *search) localDomains(c *chunk) {
	for k := range s.needle.words {
		s.local[k] = [4]uint64{}
		if w := &s.needle.words[k]; w.any {
			for i, d := range c.domains {
				if w.domain[d] {
					s.local[k][i>>6] |= 1 << (i & 63)
				}
			}
		}
	}
}

func (s *search) completes(k int, domain uint8) bool {
	return s.local[k][domain>>6]>>(domain&63)&1 != 0
}

// scanFor finds the rows whose record has the bytes and, with others, all
// other words; with completed only those whose domain completes the driver.
func (s *search) scanFor(c *chunk, number int, wanted []byte, driver int, others, completed bool) {
	row, rows := 0, len(c.ids)
	for at := 0; at < len(c.fold); {
		found := bytes.Index(c.fold[at:], wanted)
		if found < 0 {
			return
		}
		row = c.rowAt(row, rows, at+found)
		at = int(c.foldAt[row+1])
		if (!completed || s.completes(driver, c.domain[row])) && (!others || s.hasOthers(c, row, driver)) {
			s.hits.set(uint32(number<<chunkBits + row))
		}
		row++
	}
}

// rowAt is the row whose record has the byte at; it is not before row.
func (c *chunk) rowAt(row, rows, at int) int {
	low, step := row, 1
	for low+step < rows && int(c.foldAt[low+step]) <= at {
		low += step
		step <<= 1
	}
	high := min(low+step, rows)
	for low+1 < high {
		if middle := int(uint(low+high) >> 1); int(c.foldAt[middle]) <= at {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// scanDomains finds the rows whose domain has the driver in it.
func (s *search) scanDomains(c *chunk, number, driver int, others bool) {
	for row, d := range c.domain {
		if s.completes(driver, d) && (!others || s.hasOthers(c, row, driver)) {
			s.hits.set(uint32(number<<chunkBits + row))
		}
	}
}

// hasOthers reports whether all words but one are in the row.
func (s *search) hasOthers(c *chunk, row, but int) bool {
	record := c.record(row)
	for k := range s.needle.words {
		if k != but && !s.hasWord(record, k, c.domain[row]) {
			return false
		}
	}
	return true
}

func (s *search) hasWord(record []byte, k int, domain uint8) bool {
	w := &s.needle.words[k]
	return bytes.Contains(record, w.text) ||
		w.phone != nil && bytes.Contains(record, w.phone) ||
		w.any && s.completes(k, domain) && (w.left == nil || bytes.Contains(record, w.left))
}

// narrow keeps those of a chunk's hits that match.
func (s *search) narrow(u *snapshot, number int) {
	c := u.chunks[number]
	words := s.hits[number*chunkWords : (number+1)*chunkWords]
	prepared := false
	for i, word := range words {
		for rest := word; rest != 0; rest &= rest - 1 {
			if !prepared {
				s.localDomains(c)
				prepared = true
			}
			bit := bits.TrailingZeros64(rest)
			row := i<<6 + bit
			if !s.hasOthers(c, row, -1) && !(s.needle.phone != nil && bytes.Contains(c.record(row), s.needle.phone)) {
				words[i] &^= 1 << bit
			}
		}
	}
}
