package directory

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// An order is the rows of a snapshot as one column sorts them. Rows that have
// nothing in it are at the end, and stay there when the order is read backward.
type order struct {
	rows   []uint32
	filled int // rows that have something in the column
}

// at is the row in place k.
func (o *order) at(k int, descending bool) uint32 {
	if descending && k < o.filled {
		return o.rows[o.filled-1-k]
	}
	return o.rows[k]
}

// collation is how text is put in order. It makes a collator a goroutine, for
// collators can't be shared.
type collation struct {
	language     language.Tag
	locationName func(code string) string
}

func (c collation) collator() *collate.Collator { return collate.New(c.language) }

// sortKey stands for a row while rows are sorted by text: the first bytes of
// its collation key, where that lies, and the row's place in the base order.
type sortKey struct {
	prefix  [2]uint64
	at, len uint32
	place   uint32
}

// keyStore holds collation keys in blocks, so that it grows without copying.
type keyStore struct{ blocks [][]byte }

const keyBlock = 1 << 18 // bytes; a key is shorter, as fields are cut

// add keeps a key and tells where.
func (k *keyStore) add(key []byte) (at, length uint32) {
	last := len(k.blocks) - 1
	if last < 0 || len(k.blocks[last])+len(key) > keyBlock {
		k.blocks = append(k.blocks, make([]byte, 0, keyBlock))
		last++
	}
	at = uint32(last*keyBlock + len(k.blocks[last]))
	k.blocks[last] = append(k.blocks[last], key...)
	return at, uint32(len(key))
}

func (k *keyStore) key(s *sortKey) []byte {
	return k.blocks[s.at/keyBlock][s.at%keyBlock:][:s.len]
}

// byText puts rows, which are in the base order, in the order of their text.
// It sorts with up to four processors, and needs about
// 100 bytes a row meanwhile.
func (c collation) byText(rows []uint32, text func(dst []byte, row uint32) []byte, tie func(a, b uint32) int) order {
	workers := min(runtime.GOMAXPROCS(0), 4, len(rows)/2048+1)
	parts := make([]sortedPart, workers)
	var wg sync.WaitGroup
	for w := range parts {
		from, to := len(rows)*w/workers, len(rows)*(w+1)/workers
		wg.Go(func() { parts[w] = c.sortPart(rows, from, to, text, tie) })
	}
	wg.Wait()

	o := order{rows: make([]uint32, 0, len(rows))}
	var empty []uint32
	for _, p := range parts {
		empty = append(empty, p.empty...)
	}
	for {
		least := -1
		for w := range parts {
			if len(parts[w].sorted) > 0 && (least < 0 || compareKeys(&parts[w], &parts[least], rows, tie) < 0) {
				least = w
			}
		}
		if least < 0 {
			break
		}
		o.rows = append(o.rows, rows[parts[least].sorted[0].place])
		parts[least].sorted = parts[least].sorted[1:]
	}
	o.filled = len(o.rows)
	if tie != nil {
		slices.SortFunc(empty, tie)
	}
	o.rows = append(o.rows, empty...)
	return o
}

// sortedPart is what one worker sorted.
type sortedPart struct {
	keys   keyStore
	sorted []sortKey
	empty  []uint32
}

// compareKeys compares the first rows of two parts.
func compareKeys(a, b *sortedPart, rows []uint32, tie func(a, b uint32) int) int {
	x, y := &a.sorted[0], &b.sorted[0]
	if c := comparePrefixes(x, y); c != 0 {
		return c
	}
	if c := bytes.Compare(a.keys.key(x), b.keys.key(y)); c != 0 {
		return c
	}
	if tie != nil {
		return tie(rows[x.place], rows[y.place])
	}
	return cmp.Compare(x.place, y.place)
}

// sortPart sorts rows[from:to]. Without a tie, rows of equal text keep their order.
func (c collation) sortPart(rows []uint32, from, to int, text func([]byte, uint32) []byte, tie func(a, b uint32) int) sortedPart {
	p := sortedPart{sorted: make([]sortKey, 0, to-from)}
	collator := c.collator()
	var buffer collate.Buffer
	var scratch []byte
	for place := from; place < to; place++ {
		if scratch = text(scratch[:0], rows[place]); len(scratch) == 0 {
			p.empty = append(p.empty, rows[place])
			continue
		}
		buffer.Reset()
		key := collator.Key(&buffer, scratch)
		at, length := p.keys.add(key)
		p.sorted = append(p.sorted, sortKey{prefix(key), at, length, uint32(place)})
	}
	slices.SortFunc(p.sorted, func(x, y sortKey) int {
		if c := comparePrefixes(&x, &y); c != 0 {
			return c
		}
		if c := bytes.Compare(p.keys.key(&x), p.keys.key(&y)); c != 0 {
			return c
		}
		if tie != nil {
			return tie(rows[x.place], rows[y.place])
		}
		return cmp.Compare(x.place, y.place)
	})
	return p
}

// prefix is the first sixteen bytes of a key: in most cases enough to tell two
// apart without a look at where they lie.
func prefix(key []byte) [2]uint64 {
	if len(key) < 16 {
		var padded [16]byte
		copy(padded[:], key)
		key = padded[:]
	}
	return [2]uint64{binary.BigEndian.Uint64(key), binary.BigEndian.Uint64(key[8:])}
}

func comparePrefixes(x, y *sortKey) int {
	if c := cmp.Compare(x.prefix[0], y.prefix[0]); c != 0 {
		return c
	}
	return cmp.Compare(x.prefix[1], y.prefix[1])
}

// byNumber puts rows in the order of a number; 0 is nothing.
func byNumber(rows []uint32, number func(row uint32) uint32) order {
	o := order{rows: make([]uint32, 0, len(rows))}
	var empty []uint32
	keys := make([]uint64, 0, len(rows))
	for place, row := range rows {
		if n := number(row); n != 0 {
			keys = append(keys, uint64(n)<<32|uint64(place))
		} else {
			empty = append(empty, row)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		o.rows = append(o.rows, rows[uint32(k)])
	}
	o.filled = len(o.rows)
	o.rows = append(o.rows, empty...)
	return o
}

// ranks are the places of a table's entries among each other, from 1; 0 for
// the empty one. Equal texts have equal ranks.
func (c collation) ranks(texts []string) []uint32 {
	collator := c.collator()
	var buffer collate.Buffer
	keys := make([][]byte, len(texts))
	sorted := make([]int, 0, len(texts))
	for i, text := range texts {
		if text != "" {
			buffer.Reset()
			keys[i] = bytes.Clone(collator.KeyFromString(&buffer, text))
			sorted = append(sorted, i)
		}
	}
	slices.SortFunc(sorted, func(a, b int) int { return bytes.Compare(keys[a], keys[b]) })
	ranks := make([]uint32, len(texts))
	for k, i := range sorted {
		ranks[i] = uint32(k + 1)
		if k > 0 && bytes.Equal(keys[i], keys[sorted[k-1]]) {
			ranks[i] = ranks[sorted[k-1]]
		}
	}
	return ranks
}
