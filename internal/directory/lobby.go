package directory

import (
	"cmp"
	"context"
	"slices"
	"sync"
)

// How many lists may be read at once.
const (
	loadsPerPerson  = 2
	loadsPerProcess = 4

	// of those that take a call or a handful
	errandsPerPerson  = 8
	errandsPerProcess = 32
)

// lobby is where loads wait for their turn: at most two of a person's at once
// and four in all, people before background. Background loads take at most
// half of either, so that a person seldom waits for one.
type lobby struct {
	perPerson, perProcess int // 0 stands for loadsPerPerson, loadsPerProcess

	mu      sync.Mutex
	all     seats
	persons map[string]*seats
	queue   []*turn
}

// seats are the loads at work.
type seats struct{ all, behind int }

// turn is a load's place in the lobby.
type turn struct {
	lobby  *lobby
	person string
	behind bool // nobody waits for it
	called chan struct{}
	seated bool
}

// enter asks for a turn.
func (l *lobby) enter(person string, behind bool) *turn {
	t := &turn{lobby: l, person: person, behind: behind, called: make(chan struct{})}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = append(l.queue, t)
	l.call()
	return t
}

// wait returns when the turn has come, or with the reason why it will not.
func (t *turn) wait(ctx context.Context) error {
	select {
	case <-t.called:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// has reports whether the turn has come.
func (t *turn) has() bool {
	select {
	case <-t.called:
		return true
	default:
		return false
	}
}

// hurry makes a person's of a background load: somebody waits for it now.
func (t *turn) hurry() {
	l := t.lobby
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.behind && !t.seated {
		t.behind = false
		l.call()
	}
}

// leave ends the turn, or gives it up.
func (t *turn) leave() {
	l := t.lobby
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.seated {
		t.seated = false
		l.seat(t, -1)
	} else {
		l.queue = slices.DeleteFunc(l.queue, func(other *turn) bool { return other == t })
	}
	l.call()
}

// call seats all for whom there is room: people first, then the others, each
// in the order they came.
func (l *lobby) call() {
	for _, behind := range []bool{false, true} {
		l.queue = slices.DeleteFunc(l.queue, func(t *turn) bool {
			if t.behind != behind || !l.room(t) {
				return false
			}
			t.seated = true
			l.seat(t, 1)
			close(t.called)
			return true
		})
	}
}

func (l *lobby) room(t *turn) bool {
	perPerson, perProcess := cmp.Or(l.perPerson, loadsPerPerson), cmp.Or(l.perProcess, loadsPerProcess)
	own := seats{}
	if s := l.persons[t.person]; s != nil {
		own = *s
	}
	if t.behind && (own.behind >= perPerson/2 || l.all.behind >= perProcess/2) {
		return false
	}
	return own.all < perPerson && l.all.all < perProcess
}

// seat counts a load in or out.
func (l *lobby) seat(t *turn, by int) {
	if l.persons == nil {
		l.persons = map[string]*seats{}
	}
	own := l.persons[t.person]
	if own == nil {
		own = &seats{}
		l.persons[t.person] = own
	}
	for _, s := range []*seats{own, &l.all} {
		s.all += by
		if t.behind {
			s.behind += by
		}
	}
	if own.all == 0 {
		delete(l.persons, t.person)
	}
}
