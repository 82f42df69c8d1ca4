package directory

import (
	"bytes"
	"sort"
	"sync"
)

// snapshot is a customer's users as they were read, or as far as they were. It
// never changes; a page more makes another snapshot, which shares its chunks.
type snapshot struct {
	tables
	chunks []*chunk
	starts []uint32 // how many rows are before a chunk
	rows   int
	bytes  int64
	sorted bool // rows lie in the order of ByName; else as Partner Center sent them
	named  int  // of a sorted one: how many have a name; the others come last

	line   *line // which snapshots this one continues
	by     collation
	orders [6]struct {
		once sync.Once
		order
	}
	tallied struct {
		once sync.Once
		tally
	}
}

// A line is the snapshots of one load while it grows: what was found in an
// earlier one is found in the same rows of a later one.
type line struct{ _ byte }

// snapshot is what the builder has so far. It continues the load's last one.
func (b *builder) snapshot(last *snapshot, by collation) *snapshot {
	s := &snapshot{tables: b.tables, chunks: b.chunks[:len(b.chunks):len(b.chunks)], rows: b.rows, bytes: b.bytes, by: by}
	if last == nil {
		s.line = &line{}
		s.starts = startsOf(nil, s.chunks)
	} else {
		s.line = last.line
		s.starts = startsOf(last.starts, s.chunks)
	}
	return s
}

func startsOf(starts []uint32, chunks []*chunk) []uint32 {
	for i := len(starts); i < len(chunks); i++ {
		start := uint32(0)
		if i > 0 {
			start = starts[i-1] + uint32(len(chunks[i-1].ids))
		}
		starts = append(starts, start)
	}
	return starts
}

// finished is the snapshot laid out anew in the order of ByName, so that the
// first rows found are the first to be shown.
func (s *snapshot) finished() *snapshot {
	rows := s.allRows()
	o := s.by.byText(rows, s.displayName, s.compareIDs)
	b := builder{tables: s.tables}
	b.open.clear()
	for _, row := range o.rows {
		b.copyRow(s.chunks[row>>chunkBits], int(row&(chunkRows-1)))
	}
	b.seal()
	return &snapshot{
		tables: s.tables,
		chunks: b.chunks,
		starts: startsOf(nil, b.chunks),
		rows:   s.rows,
		bytes:  b.bytes,
		sorted: true,
		named:  o.filled,
		line:   &line{},
		by:     s.by,
	}
}

// copyRow appends a row of another chunk to the open one.
func (b *builder) copyRow(from *chunk, i int) {
	o := &b.open
	text, record := from.text[from.textAt[i]:from.textAt[i+1]], from.record(i)
	if len(o.ids) == chunkRows || len(o.text)+len(text) > chunkText || len(o.fold)+len(record) > chunkText {
		b.seal()
	}
	domain, ok1 := index(&o.domains, from.domains[from.domain[i]], localTable)
	location, ok2 := index(&o.locations, from.locations[from.location[i]], localTable)
	kind, ok3 := index(&o.types, from.types[from.traits[i]&typeMask], typeMask+1)
	if !ok1 || !ok2 || !ok3 {
		b.seal()
		b.copyRow(from, i)
		return
	}
	o.ids = append(o.ids, from.ids[i])
	o.text = append(o.text, text...)
	o.textAt = append(o.textAt, uint16(len(o.text)))
	o.fold = append(o.fold, record...)
	o.foldAt = append(o.foldAt, uint16(len(o.fold)))
	o.domain = append(o.domain, domain)
	o.location = append(o.location, location)
	o.traits = append(o.traits, from.traits[i]&^typeMask|kind)
	o.synced = append(o.synced, from.synced[i])
	if from.deleted != nil {
		o.deleted = append(o.deleted, from.deleted[i])
	}
	if from.traits[i]&traitGuest != 0 {
		o.guests++
	}
	if from.synced[i] != 0 {
		o.withSync++
	}
}

// allRows are the numbers of all rows, in the order they lie.
func (s *snapshot) allRows() []uint32 {
	rows := make([]uint32, 0, s.rows)
	for c, chunk := range s.chunks {
		for i := range chunk.ids {
			rows = append(rows, uint32(c<<chunkBits+i))
		}
	}
	return rows
}

func (s *snapshot) cell(row uint32) (*chunk, int) {
	return s.chunks[row>>chunkBits], int(row & (chunkRows - 1))
}

// displayName is the sort text of ByName.
func (s *snapshot) displayName(dst []byte, row uint32) []byte {
	c, i := s.cell(row)
	return append(dst, c.fields(i).display...)
}

// upn is the sort text of ByUPN.
func (s *snapshot) upn(dst []byte, row uint32) []byte {
	c, i := s.cell(row)
	return c.appendUPN(dst, &s.tables, i, c.fields(i))
}

func (s *snapshot) compareIDs(a, b uint32) int {
	x, i := s.cell(a)
	y, j := s.cell(b)
	return bytes.Compare(x.ids[i][:], y.ids[j][:])
}

// order is the rows in the order of a column, worked out when first asked for.
// The order of a sorted snapshot by name is that in which its rows lie: nil.
func (s *snapshot) order(by Column) *order {
	if by == ByName && s.sorted {
		return nil
	}
	lazy := &s.orders[map[Column]int{ByName: 0, ByUPN: 1, ByLocation: 2, ByDomainType: 3, BySynced: 4, ByDeleted: 5}[by]]
	lazy.once.Do(func() { lazy.order = s.sortBy(by) })
	return &lazy.order
}

// orderBytes is what the orders of a finished snapshot's row take, once all are there.
const orderBytes = 4 * 4

func (s *snapshot) sortBy(by Column) order {
	rows := s.allRows()
	switch by {
	case ByName: // as Partner Center sends them, so that rows on screen stay while more come
		return byNumber(rows, func(row uint32) uint32 {
			c, i := s.cell(row)
			if c.record(i)[0] == sep && len(c.fields(i).display) == 0 {
				return 0
			}
			return 1
		})
	case ByUPN:
		return s.by.byText(rows, s.upn, nil)
	case ByLocation:
		names := s.locations
		if s.by.locationName != nil {
			names = make([]string, len(s.locations))
			for i, code := range s.locations {
				if code != "" {
					names[i] = s.by.locationName(code)
				}
			}
		}
		ranks := s.by.ranks(names)
		return byNumber(rows, func(row uint32) uint32 {
			c, i := s.cell(row)
			return ranks[c.locations[c.location[i]]]
		})
	case ByDomainType:
		ranks := s.by.ranks(s.types)
		return byNumber(rows, func(row uint32) uint32 {
			c, i := s.cell(row)
			return ranks[c.types[c.traits[i]&typeMask]]
		})
	case ByDeleted:
		return byNumber(rows, func(row uint32) uint32 {
			c, i := s.cell(row)
			return uint32(c.deletedAt(i))
		})
	default:
		return byNumber(rows, func(row uint32) uint32 {
			c, i := s.cell(row)
			return uint32(c.synced[i])
		})
	}
}

// find is the row of a user.
func (s *snapshot) find(id guid) (row uint32, ok bool) {
	for c, chunk := range s.chunks {
		for i := range chunk.ids {
			if chunk.ids[i] == id {
				return uint32(c<<chunkBits + i), true
			}
		}
	}
	return 0, false
}

// nth is the row that lies in place k.
func (s *snapshot) nth(k int) uint32 {
	c := sort.Search(len(s.starts), func(i int) bool { return int(s.starts[i]) > k }) - 1
	return uint32(c<<chunkBits + k - int(s.starts[c]))
}
