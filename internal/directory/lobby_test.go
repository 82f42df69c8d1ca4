package directory

import (
	"context"
	"errors"
	"testing"
)

func TestLobby(t *testing.T) {
	var l lobby
	a1, a2, a3 := l.enter("a", false), l.enter("a", false), l.enter("a", false)
	if !a1.has() || !a2.has() || a3.has() {
		t.Error("two of a person's loads run at once, a third waits")
	}
	b1, c1, d1 := l.enter("b", false), l.enter("c", false), l.enter("d", false)
	if !b1.has() || !c1.has() || d1.has() {
		t.Error("four loads run at once, a fifth waits")
	}
	a1.leave()
	if !a3.has() || d1.has() {
		t.Error("who came first is first, as soon as both limits allow")
	}
	d1.leave() // gives up
	e1 := l.enter("e", false)
	b1.leave()
	if !e1.has() {
		t.Error("the next one comes in place of who gave up")
	}
	for _, turn := range []*turn{a2, a3, c1, e1} {
		turn.leave()
		turn.leave() // twice is once
	}
	if l.all != (seats{}) || len(l.persons) != 0 || len(l.queue) != 0 {
		t.Errorf("in the end %+v, %v, %v", l.all, l.persons, l.queue)
	}
}

// People go before background loads, of which two run at once and one of a
// person's; a background load that somebody waits for becomes a person's.
func TestLobbyPrefersPeople(t *testing.T) {
	var l lobby
	x1, x2, y1, z1 := l.enter("x", true), l.enter("x", true), l.enter("y", true), l.enter("z", true)
	if !x1.has() || x2.has() || !y1.has() || z1.has() {
		t.Error("two background loads of two people run")
	}
	a1, b1, c1 := l.enter("a", false), l.enter("b", false), l.enter("c", false)
	if !a1.has() || !b1.has() || c1.has() {
		t.Error("two seats are left for people")
	}
	x1.leave()
	if !c1.has() || x2.has() {
		t.Error("a person who came later goes before a background load")
	}
	z1.hurry()
	y1.leave()
	if !z1.has() || x2.has() {
		t.Error("what somebody waits for is a person's")
	}
}

func TestLobbyWaitEnds(t *testing.T) {
	var l lobby
	for range loadsPerPerson {
		l.enter("a", false)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	waiting := l.enter("a", false)
	cancel(errUnwatched)
	if err := waiting.wait(ctx); !errors.Is(err, errUnwatched) {
		t.Errorf("%v", err)
	}
}
