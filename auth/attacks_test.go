package auth

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/internal/store/storetest"
)

// TestAttacks: state, nonce, verifier and code, each missing, used before, of
// somebody else, or brought by another browser.
func TestAttacks(t *testing.T) {
	type place struct {
		*rig
		victim, attacker *browser
	}
	// answered gives the address with which the provider sends a browser back.
	answered := func(b *browser) string {
		b.Helper()
		address, err := b.start("/customers")
		if err != nil {
			b.Fatal(err)
		}
		return b.atProvider(address)
	}
	for name, tt := range map[string]struct {
		attack func(p place) error
		want   error
	}{
		"no state":          {func(p place) error { return second(p.victim.callback(with(p.TB, answered(p.victim), "state"))) }, ErrAttemptUnknown},
		"two states":        {func(p place) error { return second(p.victim.callback(answered(p.victim) + "&state=x")) }, ErrAttemptUnknown},
		"an invented state": {func(p place) error { return second(p.victim.callback(with(p.TB, answered(p.victim), "state", "x"))) }, ErrAttemptUnknown},
		"an endless state": {func(p place) error {
			return second(p.victim.callback(with(p.TB, answered(p.victim), "state", strings.Repeat("x", 5000))))
		}, ErrAttemptUnknown},
		"a state of another tab": {func(p place) error {
			other := answered(p.victim)
			return second(p.victim.callback(with(p.TB, answered(p.victim), "state", param(p.TB, other, "state"))))
		}, ErrAttemptUnknown},
		"state used before": {func(p place) error {
			back := answered(p.victim)
			must(p.TB, second(p.victim.callback(back)))
			return second(p.victim.callback(back))
		}, ErrAttemptUnknown},
		"brought by another": {func(p place) error { return second(p.victim.callback(answered(p.attacker))) }, ErrAttemptUnknown},
		"another browser's cookie": {func(p place) error {
			back := answered(p.attacker)
			answered(p.victim)
			for _, mine := range p.victim.cookies { // the victim's secret under the attacker's name
				for name := range p.attacker.cookies {
					p.victim.cookies[name] = &http.Cookie{Name: name, Value: mine.Value}
				}
			}
			return second(p.victim.callback(back))
		}, ErrAttemptUnknown},
		"after ten minutes": {func(p place) error {
			back := answered(p.victim)
			p.wait(attemptFor)
			return second(p.victim.callback(back))
		}, ErrAttemptUnknown},
		"no code":          {func(p place) error { return second(p.victim.callback(with(p.TB, answered(p.victim), "code"))) }, ErrAttemptUnknown},
		"an empty code":    {func(p place) error { return second(p.victim.callback(with(p.TB, answered(p.victim), "code", ""))) }, ErrAttemptUnknown},
		"two codes":        {func(p place) error { return second(p.victim.callback(answered(p.victim) + "&code=x")) }, ErrAttemptUnknown},
		"an invented code": {func(p place) error { return second(p.victim.callback(with(p.TB, answered(p.victim), "code", "x"))) }, ErrAttemptUnknown},
		"an endless code": {func(p place) error {
			return second(p.victim.callback(with(p.TB, answered(p.victim), "code", strings.Repeat("x", 9000))))
		}, ErrAttemptUnknown},
		"code used before": {func(p place) error {
			back := answered(p.victim)
			must(p.TB, second(p.victim.callback(back)))
			return second(p.victim.callback(with(p.TB, answered(p.victim), "code", param(p.TB, back, "code"))))
		}, ErrAttemptUnknown},
		"the attacker's code": {func(p place) error {
			code := param(p.TB, answered(p.attacker), "code") // its challenge is not of the victim's verifier
			return second(p.victim.callback(with(p.TB, answered(p.victim), "code", code)))
		}, ErrAttemptUnknown},
		"verifier of another attempt": {func(p place) error {
			p.provider.set(func() { // the provider is led to keep another challenge
				p.provider.answer = func(q url.Values) {
					given := p.provider.codes[q.Get("code")]
					given.challenge = challengeOf("somebody else's verifier, long enough to be one")
					p.provider.codes[q.Get("code")] = given
				}
			})
			return second(p.victim.callback(answered(p.victim)))
		}, ErrAttemptUnknown},
		"no nonce": {func(p place) error {
			return p.withClaims(p.victim, answered, func(c map[string]any) { delete(c, "nonce") })
		}, ErrToken},
		"another nonce": {func(p place) error {
			return p.withClaims(p.victim, answered, func(c map[string]any) { c["nonce"] = "x" })
		}, ErrToken},
		"nonce used before": {func(p place) error {
			var first string
			p.provider.set(func() { p.provider.alter = func(c map[string]any) { first = c["nonce"].(string) } })
			must(p.TB, second(p.victim.callback(answered(p.victim))))
			return p.withClaims(p.victim, answered, func(c map[string]any) { c["nonce"] = first })
		}, ErrToken},
		"nonce of another browser": {func(p place) error {
			address, err := p.attacker.start("/customers")
			must(p.TB, err)
			return p.withClaims(p.victim, answered, func(c map[string]any) { c["nonce"] = param(p.TB, address, "nonce") })
		}, ErrToken},
		"verifier used before": {func(p place) error {
			address, err := p.victim.start("/customers")
			must(p.TB, err)
			must(p.TB, second(p.victim.callback(p.victim.atProvider(address))))
			p.provider.set(func() { // the provider is led to keep the challenge of the attempt before
				p.provider.answer = func(q url.Values) {
					given := p.provider.codes[q.Get("code")]
					given.challenge = param(p.TB, address, "code_challenge")
					p.provider.codes[q.Get("code")] = given
				}
			})
			return second(p.victim.callback(answered(p.victim)))
		}, ErrAttemptUnknown},
		"answer names another issuer": {func(p place) error {
			return second(p.victim.callback(answered(p.victim) + "&iss=https%3A%2F%2Fevil.example"))
		}, ErrToken},
		"answer names two issuers": {func(p place) error {
			iss := url.QueryEscape(p.provider.server.URL)
			return second(p.victim.callback(answered(p.victim) + "&iss=" + iss + "&iss=" + iss))
		}, ErrToken},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, storetest.Memory, nil)
			p := place{r, r.browser(), r.browser()}
			before := p.victim.session()
			wants(t, tt.attack(p), tt.want)
			if now := p.victim.session(); now != before && !strings.Contains(name, "before") {
				t.Errorf("the attack left a session: %q", now)
			}
			if _, exchanged := r.provider.counts(); exchanged > 0 && slices.Contains([]string{"no state", "two states", "an invented state", "an endless state", "brought by another"}, name) {
				t.Error("the code was spent though the state is wrong")
			}
			// Whatever happened, the next honest sign-in works.
			r.provider.set(func() { r.provider.alter, r.provider.answer = nil, nil })
			p.victim.mustSignIn()
		})
	}
}

func (r *rig) withClaims(b *browser, answered func(*browser) string, alter func(map[string]any)) error {
	r.Helper()
	r.provider.set(func() { r.provider.alter = alter })
	return second(b.callback(answered(b)))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestOtherBrowserDoesNotSpend: who brings another's state can't spoil their
// sign-in, whatever they have under the name of its cookie.
func TestOtherBrowserDoesNotSpend(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	victim := r.browser()
	address, err := victim.start("/customers")
	must(t, err)
	back := victim.atProvider(address)
	wants(t, second(r.browser().callback(back)), ErrAttemptUnknown)
	name := r.cfg.attemptCookie() + attemptName(param(t, address, "state"))
	secret, made, _ := strings.Cut(victim.cookies[name].Value, ".")
	for _, value := range []string{"x", "", "." + made, secret[1:] + "." + made, strings.ToLower(secret)} {
		attacker := r.browser()
		guess := &http.Cookie{Name: name, Value: value}
		attacker.cookies[name] = guess
		wants(t, second(attacker.callback(back)), ErrAttemptUnknown)
		// And as the oldest of many, which are given up for a sixth.
		attacker.cookies[name] = guess
		for range mostAttempts + 1 {
			r.wait(time.Second)
			must(t, second(attacker.start("/customers")))
		}
		if attacker.cookies[name] != nil {
			t.Errorf("%q was not given up", value)
		}
	}
	if to, err := victim.callback(back); err != nil || to != "/customers" {
		t.Errorf("the victim's own sign-in: %q, %v", to, err)
	}
}

// TestTabs: five sign-ins at once each come back; a sixth gives up the oldest.
func TestTabs(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	b := r.browser()
	var backs []string
	for i := range 6 {
		r.wait(time.Second)
		address, err := b.start("/customers?page=" + string(rune('1'+i)))
		must(t, err)
		backs = append(backs, b.atProvider(address))
		if len(b.cookies) > mostAttempts {
			t.Errorf("%d cookies of attempts", len(b.cookies))
		}
	}
	wants(t, second(b.callback(backs[0])), ErrAttemptUnknown)
	for i, back := range backs[1:] {
		if to, err := b.callback(back); err != nil || to != "/customers?page="+string(rune('2'+i)) {
			t.Errorf("tab %d: back to %q, error %v", i+2, to, err)
		}
	}
	used, err := r.st.KeysInUse(t.Context())
	if err != nil || used[r.cfg.Keys.IDs()[0]] != 2 { // one grant, one session: no attempt is left
		t.Errorf("sealed rows left: %v, %v", used, err)
	}
}
