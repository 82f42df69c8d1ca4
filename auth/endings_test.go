package auth

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/internal/store/storetest"
)

// Partner Center refuses the tokens: the session is over for every tab, each is
// told why, and the provider that it needs them no more.
func TestEndRefused(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	b, other := r.browser(), r.browser()
	p := b.mustSignIn()
	other.mustSignIn()
	wants(t, r.EndRefused(t.Context(), p), ErrTokenRefused)
	for range 2 {
		_, err := b.principal()
		wants(t, err, ErrTokenRefused)
		wants(t, second(r.Tokens(p.GrantID).Token(t.Context())), ErrTokenRefused)
	}
	wants(t, r.EndRefused(t.Context(), p), ErrTokenRefused)
	other.must()
	kinds := r.kinds()
	if last := kinds[len(kinds)-1]; last != "session.ended: token refused by Partner Center" {
		t.Errorf("trail %v", kinds)
	}
	if !errors.Is(ErrTokenRefused, ErrSessionEnded) || !errors.Is(ErrTokenRefused, ErrNoSession) {
		t.Error("who is told so would not be asked to sign in")
	}
}

func TestEndingsAreBounded(t *testing.T) {
	e := endings{why: map[string]ending{}}
	now := time.Now()
	for i := range mostEndings + 100 {
		e.note(ErrProviderEnded, now, strconv.Itoa(i))
	}
	if len(e.why) != mostEndings {
		t.Errorf("%d are remembered", len(e.why))
	}
	e.sweep(now.Add(remembered))
	if len(e.why) != 0 {
		t.Errorf("%d are never forgotten", len(e.why))
	}
}
