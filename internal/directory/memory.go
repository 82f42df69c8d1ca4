package directory

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// inUse is how long after a look a list is not thrown out for another.
const inUse = 5 * time.Minute

// pageRoom is what is reserved for a page before it is asked for; more or less
// once it is here.
const pageRoom = 128 << 10

// memory is the bytes that all lists together may hold. They are reserved
// before they are used; when there are none left, lists are thrown out that
// nobody has looked at lately, the longest unseen first.
type memory struct {
	mu   sync.Mutex
	most int64
	used int64
	held map[holder]int64
}

// holder is a list, as far as memory is concerned.
type holder interface {
	lookedAt() time.Time
	throwOut() bool // empties the list, unless it is in use
}

// force is hold for what can't be refused.
func (m *memory) force(by holder, bytes int64) {
	if !m.hold(by, bytes) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.set(by, bytes)
	}
}

// hold sets how many bytes a list holds. It fails, and changes nothing, if it
// is more than before and there is no room for that.
func (m *memory) hold(by holder, bytes int64) bool {
	for {
		m.mu.Lock()
		more := bytes - m.held[by]
		if more <= 0 || m.used+more <= m.most {
			m.set(by, bytes)
			m.mu.Unlock()
			return true
		}
		others := m.unseen(by)
		m.mu.Unlock()
		// A list is asked without the lock, for it takes its own first.
		if !slices.ContainsFunc(others, func(h holder) bool { return h.throwOut() && m.release(h) }) {
			return false
		}
	}
}

// set needs the lock.
func (m *memory) set(by holder, bytes int64) {
	if m.held == nil {
		m.held = map[holder]int64{}
	}
	m.used += bytes - m.held[by]
	if bytes == 0 {
		delete(m.held, by)
	} else {
		m.held[by] = bytes
	}
}

// free reports whether less than a share of the memory is used.
func (m *memory) free(share float64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return float64(m.used) < share*float64(m.most)
}

// release takes all memory from a list; it reports whether that was any.
func (m *memory) release(h holder) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	had := m.held[h] > 0
	m.set(h, 0)
	return had
}

// unseen are the other lists that may go, the longest unseen first. It needs
// the lock.
func (m *memory) unseen(by holder) []holder {
	type unseen struct {
		holder
		since time.Time
	}
	var all []unseen
	for h := range m.held {
		if since := h.lookedAt(); h != by && time.Since(since) > inUse {
			all = append(all, unseen{h, since})
		}
	}
	slices.SortFunc(all, func(a, b unseen) int { return cmp.Compare(a.since.UnixNano(), b.since.UnixNano()) })
	holders := make([]holder, len(all))
	for i, u := range all {
		holders[i] = u.holder
	}
	return holders
}
