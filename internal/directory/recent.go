package directory

import (
	"bytes"
	"slices"
	"sync"
)

// recent keeps what the last searches found. The next key typed narrows that,
// the next page asks for the same again, and a list that grew has only its new
// chunks to be searched. Results are copied in and out, so that memory is
// reused and nothing is shared.
type recent struct {
	mu    sync.Mutex
	found [32]found
	clock uint64
}

// found is what one search found.
type found struct {
	line   *line
	needle needle
	hits   bitmap
	count  int
	used   uint64
}

// take copies what is known of the search into s.hits: what it found before,
// or else, narrowed, what it can only be a part of. known is for how many
// chunks that holds.
func (r *recent) take(u *snapshot, s *search) (known int, narrowed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var best *found
	for i := range r.found {
		f := &r.found[i]
		if f.line != u.line {
			continue
		}
		if bytes.Equal(f.needle.text, s.needle.text) {
			best, narrowed = f, false
			break
		}
		if f.count < u.rows/2 && (best == nil || f.count < best.count) && s.needle.narrows(&f.needle) {
			best, narrowed = f, true
		}
	}
	if best == nil {
		return 0, false
	}
	r.clock++
	best.used = r.clock
	return copy(s.hits, best.hits) / chunkWords, narrowed
}

// keep remembers what a search found, in place of what was used least lately.
func (r *recent) keep(u *snapshot, s *search) {
	count := s.hits.count()
	r.mu.Lock()
	defer r.mu.Unlock()
	at := &r.found[0]
	for i := range r.found {
		f := &r.found[i]
		if f.line == u.line && bytes.Equal(f.needle.text, s.needle.text) {
			if len(f.hits) >= len(s.hits) {
				return // a later snapshot's
			}
			at = f
			break
		}
		if f.used < at.used {
			at = f
		}
	}
	r.clock++
	at.line = u.line
	at.needle.copy(&s.needle)
	at.hits = append(at.hits[:0], s.hits...)
	at.count = count
	at.used = r.clock
}

// copy makes n the same needle as the other, in memory of its own, without
// the domains: those belong to a snapshot.
func (n *needle) copy(other *needle) {
	n.memory = append(n.memory[:0], other.text...)
	n.text = n.memory
	n.words = n.words[:0]
	n.phone = nil
	for _, w := range other.words {
		n.words = append(n.words, word{text: n.own(w.text), phone: n.own(w.phone)})
	}
	n.phone = n.own(other.phone)
}

// own copies s to the needle's memory; what was copied before stays valid
// where it is.
func (n *needle) own(s []byte) []byte {
	if s == nil {
		return nil
	}
	start := len(n.memory)
	n.memory = append(n.memory, s...)
	return slices.Clip(n.memory[start:])
}
