package auth

import (
	"sync"
	"time"
)

// mostEndings is how many ended sessions and grants are remembered.
const mostEndings = 20_000

// endings remember why sessions and grants are gone that no person ended: the
// rows are gone with them. Another replica, or one that was started since, only
// knows that they are gone.
type endings struct {
	mu  sync.Mutex
	why map[string]ending // by ID
}

type ending struct {
	err error
	at  time.Time
}

// note remembers one reason for several IDs.
func (e *endings) note(why error, now time.Time, ids ...string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, id := range ids {
		if len(e.why) >= mostEndings {
			for old := range e.why { // any: it is but a word
				delete(e.why, old)
				break
			}
		}
		e.why[id] = ending{why, now}
	}
}

// of is why a session or grant is gone; otherwise where nobody knows.
func (e *endings) of(id string, otherwise error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if known, ok := e.why[id]; ok {
		return known.err
	}
	return otherwise
}

// sweep forgets what nobody wonders about any more.
func (e *endings) sweep(now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for id, known := range e.why {
		if now.Sub(known.at) >= remembered {
			delete(e.why, id)
		}
	}
}
