package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/internal/store/storetest"
	"github.com/rollcall-app/rollcall/partnercenter"
)

// token gives the access token of a grant, as text.
func (r *rig) token(grantID string) string {
	r.Helper()
	token, err := r.Tokens(grantID).Token(r.Context())
	if err != nil {
		r.Fatal(err)
	}
	return token.Reveal()
}

// due lets three quarters of the access token's life pass.
func (r *rig) due() { r.wait(45 * time.Minute) }

func TestRefresh(t *testing.T) {
	storetest.Each(t, func(t *testing.T, dsn string) {
		r := newRig(t, dsn, nil)
		p := r.browser().mustSignIn()
		first := r.token(p.GrantID)
		r.wait(45*time.Minute - time.Microsecond)
		if got := r.token(p.GrantID); got != first {
			t.Error("refreshed before three quarters of its life")
		}
		r.wait(time.Microsecond)
		second := r.token(p.GrantID)
		if second == first {
			t.Error("not refreshed after three quarters of its life")
		}
		for range 3 { // again and again, with the token that rotates
			r.due()
			next := r.token(p.GrantID)
			if next == second {
				t.Error("not refreshed")
			}
			second = next
		}
		if refreshes, _ := r.provider.counts(); refreshes != 4 {
			t.Errorf("%d refreshes, want 4", refreshes)
		}
		grant, err := r.st.Grant(t.Context(), p.GrantID)
		if err != nil || grant.Version != 5 || grant.LeaseOwner != "" {
			t.Errorf("version %d, lease of %q, %v", grant.Version, grant.LeaseOwner, err)
		}
	})
}

// TestOneRefresh: three processes, many callers at once, one refresh token that
// works once: exactly one of them refreshes and all get its token.
func TestOneRefresh(t *testing.T) {
	storetest.EachShared(t, func(t *testing.T, dsn string) {
		r := newRig(t, dsn, nil)
		p := r.browser().mustSignIn()
		services := []*Service{r.Service}
		for range 2 {
			_, _, service := r.process(r.cfg)
			services = append(services, service)
		}
		for round := 1; round <= 3; round++ {
			for _, service := range services {
				if _, err := service.Tokens(p.GrantID).Token(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			r.due()
			// The provider answers only when another process has met the lease.
			hold, holding := make(chan struct{}), make(chan struct{}, 100)
			r.provider.set(func() { r.provider.hold, r.provider.holding = hold, holding })
			var mu sync.Mutex
			got := map[string]int{}
			var wait sync.WaitGroup
			for _, service := range services {
				for range 5 {
					wait.Go(func() {
						token, err := service.Tokens(p.GrantID).Token(t.Context())
						if err != nil {
							t.Error(err)
							return
						}
						mu.Lock()
						defer mu.Unlock()
						got[token.Reveal()]++
					})
				}
			}
			<-holding
			close(hold)
			wait.Wait()
			if len(got) != 1 {
				t.Errorf("round %d: the callers got %d different tokens", round, len(got))
			}
			if refreshes, _ := r.provider.counts(); refreshes != round || len(holding) != 0 {
				t.Errorf("round %d: %d refreshes, %d more on their way", round, refreshes, len(holding))
			}
		}
	})
}

// TestLeaseOfTheDead: a process that dies while it refreshes holds nobody up for long.
func TestLeaseOfTheDead(t *testing.T) {
	r := newRig(t, storetest.File(t), nil)
	p := r.browser().mustSignIn()
	old := r.token(p.GrantID)
	r.due()
	now := r.clock()
	if got, err := r.st.LeaseGrant(t.Context(), p.GrantID, 1, "the dead", now.Add(leaseFor), now); err != nil || !got {
		t.Fatal(got, err)
	}
	if got := r.token(p.GrantID); got != old { // waits a while, and takes what still lives
		t.Error("refreshed under another's lease")
	}
	r.wait(leaseFor)
	if got := r.token(p.GrantID); got == old {
		t.Error("not refreshed though the lease has run out")
	}
}

// TestInvalidGrant ends session and grant; nothing else does.
func TestInvalidGrant(t *testing.T) {
	answers := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	for name, tt := range map[string]struct {
		token http.HandlerFunc
		ends  bool
		err   error // once the old access token has ended
	}{
		"invalid_grant":         {answers(400, `{"error":"invalid_grant"}`), true, ErrProviderEnded},
		"invalid_client":        {answers(401, `{"error":"invalid_client"}`), false, ErrProvider},
		"unauthorized_client":   {answers(400, `{"error":"unauthorized_client"}`), false, ErrProvider},
		"server error":          {answers(500, `invalid_grant`), false, ErrProvider},
		"invalid_grant in text": {answers(400, `{"error":"other","error_description":"invalid_grant"}`), false, ErrProvider},
		"not JSON":              {answers(200, `invalid_grant`), false, ErrProvider},
		"throttled":             {answers(429, ``), false, ErrProvider},
		"interaction_required":  {answers(400, `{"error":"interaction_required"}`), false, ErrMFA},
		"MFA needed":            {answers(400, `{"error":"invalid_grant","error_codes":[50076]}`), false, ErrMFA},
		"connection cut":        {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, false, ErrProvider},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, storetest.Memory, nil)
			b := r.browser()
			p := b.mustSignIn()
			old := r.token(p.GrantID)
			r.provider.set(func() { r.provider.token = tt.token })
			r.due()
			if tt.ends {
				for range 2 { // whoever comes later is told the same
					wants(t, second(r.Tokens(p.GrantID).Token(t.Context())), tt.err)
					wants(t, second(b.principal()), tt.err)
				}
				if diff := cmp.Diff([]string{"sign-in", "session.ended: invalid_grant"}, r.kinds()); diff != "" {
					t.Errorf("trail (-want +got):\n%s", diff)
				}
				return
			}
			if got := r.token(p.GrantID); got != old {
				t.Error("the old token is not used though it lives")
			}
			b.must()
			r.wait(14*time.Minute + 30*time.Second)
			wants(t, second(r.Tokens(p.GrantID).Token(t.Context())), tt.err)
			b.must()
			if n := len(r.kinds()); n != 1 {
				t.Errorf("%d entries on the trail", n)
			}
			if tt.err != ErrMFA { // when the provider is well again, so is the grant
				r.provider.set(func() { r.provider.token = nil })
				if got := r.token(p.GrantID); got == old {
					t.Error("not refreshed")
				}
			}
		})
	}
}

// TestRefreshNotHammered: a provider that fails is left alone for a while.
func TestRefreshNotHammered(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	p := r.browser().mustSignIn()
	calls := 0
	r.provider.set(func() {
		r.provider.token = func(w http.ResponseWriter, _ *http.Request) { calls++; w.WriteHeader(http.StatusBadGateway) }
	})
	r.due()
	for range 10 {
		r.token(p.GrantID)
		r.wait(time.Second)
	}
	if calls != 1 {
		t.Errorf("asked %d times within ten seconds, want once", calls)
	}
	r.token(p.GrantID)
	if calls != 2 {
		t.Errorf("asked %d times, want a second time after ten seconds", calls)
	}
}

// TestChallenge: what the provider wants to be asked goes into the next sign-in verbatim.
func TestChallenge(t *testing.T) {
	const challenge = `{"access_token":{"acrs":{"essential":true,"value":"c1"},"odd":"ä & <x>"}}`
	r := newRig(t, storetest.File(t), nil)
	b := r.browser()
	p := b.mustSignIn()
	calls := 0
	r.provider.set(func() {
		r.provider.token = func(w http.ResponseWriter, _ *http.Request) {
			calls++
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			body, err := json.Marshal(map[string]any{"error": "interaction_required", "claims": challenge})
			if err != nil {
				t.Error(err)
			}
			w.Write(body)
		}
	})
	r.wait(time.Hour)
	b.service.cfg.Idle = 12 * time.Hour // this is about tokens
	for range 3 {
		_, err := r.Tokens(p.GrantID).Token(t.Context())
		wants(t, err, ErrMFA)
		if strings.Contains(err.Error(), "acrs") {
			t.Errorf("error %v", err)
		}
	}
	if calls != 1 {
		t.Errorf("asked %d times, want once: it does not change its mind", calls)
	}
	r.provider.set(func() { r.provider.token = nil })
	if _, err := b.signIn("/customers", RenewForMFA()); err != nil {
		t.Fatal(err)
	}
	if asked := r.provider.lastAsked(); asked.Get("claims") != challenge || asked.Get("prompt") != "login" {
		t.Errorf("asked %v", asked)
	}
	if got := b.must(); got.GrantID != p.GrantID {
		t.Error("another grant")
	}
	r.token(p.GrantID)
}

// TestRefreshedIDToken: it must be about the same person, and its roles count.
func TestRefreshedIDToken(t *testing.T) {
	for name, tt := range map[string]struct {
		over   map[string]any
		level  Level // afterwards
		ends   string
		unused bool // the answer is not used
	}{
		"the same":         {nil, LevelAdmin, "", false},
		"a lower role":     {map[string]any{"roles": []string{"Rollcall.Reader"}}, LevelReader, "", false},
		"no nonce":         {map[string]any{"nonce": nil}, LevelAdmin, "", false},
		"another name":     {map[string]any{"name": "Priya N."}, LevelAdmin, "", false},
		"no role":          {map[string]any{"roles": nil}, 0, "no role", false},
		"a guest now":      {map[string]any{"acct": 1}, 0, "guest", false},
		"another subject":  {map[string]any{"sub": "eve-sub"}, LevelAdmin, "", true},
		"another object":   {map[string]any{"oid": "1b7d2f63-8a1c-4d49-8e66-2f3a4b5c6d72"}, LevelAdmin, "", true},
		"another tenant":   {map[string]any{"tid": "9f8e7d6c-5b4a-4938-8271-605f4e3d2c1b"}, LevelAdmin, "", true},
		"another issuer":   {map[string]any{"iss": "https://evil.example"}, LevelAdmin, "", true},
		"another audience": {map[string]any{"aud": []string{clientID, apiURI}, "azp": clientID}, LevelAdmin, "", true},
		"for another":      {map[string]any{"aud": "another"}, LevelAdmin, "", true},
		"no role, another": {map[string]any{"roles": nil, "sub": "eve-sub"}, LevelAdmin, "", true},
		"expired":          {map[string]any{"exp": 1}, LevelAdmin, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, storetest.Memory, nil)
			b := r.browser()
			p := b.mustSignIn()
			old := r.token(p.GrantID)
			r.provider.set(func() { r.provider.refreshed = tt.over })
			r.due()
			token, err := r.Tokens(p.GrantID).Token(t.Context())
			if tt.ends != "" {
				wants(t, err, ErrAccessEnded)
				wants(t, second(b.principal()), ErrAccessEnded)
				if kinds := r.kinds(); kinds[len(kinds)-1] != "session.ended: "+tt.ends {
					t.Errorf("trail %v", kinds)
				}
				return
			}
			must(t, err)
			if (token.Reveal() == old) != tt.unused {
				t.Errorf("old token used: %v, want %v", token.Reveal() == old, tt.unused)
			}
			if got := b.must(); got.Level != tt.level || got.Key != p.Key {
				t.Errorf("afterwards %+v", got)
			}
			if name == "a lower role" { // and it does not rise again by itself
				r.provider.set(func() { r.provider.refreshed = nil })
				r.due()
				r.token(p.GrantID)
				if got := b.must(); got.Level != tt.level {
					t.Errorf("the level rose to %v without a new session identifier", got.Level)
				}
				if got := b.mustSignIn(); got.Level != LevelAdmin {
					t.Errorf("after a new sign-in %v", got.Level)
				}
			}
		})
	}
}

// TestRefreshWithoutIDToken, or with one whose keys can't be had now: who the
// person is stays as it was, and the new tokens are not lost.
func TestRefreshWithoutIDToken(t *testing.T) {
	for name, change := range map[string]func(*fakeProvider){
		"none": func(f *fakeProvider) { f.noRefreshID = true },
		"keys down": func(f *fakeProvider) {
			f.keysDown = true
			f.sign = func(p []byte) string { return signWith(f.t, "RS256", signingKey(), "a new key", p) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, storetest.Memory, nil)
			b := r.browser()
			p := b.mustSignIn()
			old := r.token(p.GrantID)
			r.provider.set(func() { change(r.provider) })
			r.due()
			if r.token(p.GrantID) == old || b.must().Level != LevelAdmin {
				t.Error("the new token is not used")
			}
		})
	}
}

// TestNoRefreshToken: the sign-in lasts as long as its access token.
func TestNoRefreshToken(t *testing.T) {
	r := newRig(t, storetest.Memory, func(c *Config) { c.Idle = 2 * time.Hour })
	r.provider.set(func() { r.provider.noRefresh = true })
	b := r.browser()
	p := b.mustSignIn()
	if !p.AbsoluteUntil.Equal(r.clock().Add(time.Hour)) {
		t.Errorf("until %v", p.AbsoluteUntil)
	}
	r.wait(59 * time.Minute)
	r.token(p.GrantID)
	b.must()
	r.wait(time.Minute)
	wants(t, second(r.Tokens(p.GrantID).Token(t.Context())), ErrSessionExpired)
	wants(t, second(b.principal()), ErrSessionExpired)
}

// TestCommittedFirst: tokens that could not be kept are not used.
func TestCommittedFirst(t *testing.T) {
	r := newRig(t, storetest.File(t), nil)
	b := r.browser()
	p := b.mustSignIn()
	old := r.token(p.GrantID)
	r.due()
	hold, holding := make(chan struct{}), make(chan struct{}, 1)
	r.provider.set(func() { r.provider.hold, r.provider.holding = hold, holding })
	got := make(chan string, 1)
	go func() {
		token, err := r.Tokens(p.GrantID).Token(t.Context())
		if err != nil {
			t.Error(err)
		}
		got <- token.Reveal()
	}()
	<-holding
	r.sql(`CREATE TRIGGER no_change BEFORE UPDATE OF tokens ON grants BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
	close(hold)
	r.until(func() bool { return strings.Contains(r.log.String(), "new tokens not kept yet") })
	select {
	case <-got:
		t.Fatal("tokens were given out that are not kept")
	default:
	}
	r.sql(`DROP TRIGGER no_change`)
	now := <-got
	if now == old {
		t.Error("the new tokens were lost")
	}
	if again := r.token(p.GrantID); again != now {
		t.Error("what was given out is not what is kept")
	}
}

// TestSignOutWhileRefreshing: what comes back for a grant that has ended is not used.
func TestSignOutWhileRefreshing(t *testing.T) {
	storetest.EachShared(t, func(t *testing.T, dsn string) {
		r := newRig(t, dsn, nil)
		b := r.browser()
		p := b.mustSignIn()
		r.token(p.GrantID)
		r.due()
		hold, holding := make(chan struct{}), make(chan struct{}, 1)
		r.provider.set(func() { r.provider.hold, r.provider.holding = hold, holding })
		done := make(chan error, 1)
		go func() { done <- second(r.Tokens(p.GrantID).Token(t.Context())) }()
		<-holding
		must(t, second(b.signOut()))
		close(hold)
		wants(t, <-done, ErrGrantEnded)
		wants(t, second(r.Tokens(p.GrantID).Token(t.Context())), ErrGrantEnded)
	})
}

// TestGrantEndedElsewhere: when its tokens turn out to be gone, so is the
// session, however young its copy.
func TestGrantEndedElsewhere(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	b := r.browser()
	p := b.mustSignIn()
	must(t, r.st.DeleteGrant(t.Context(), p.GrantID)) // as another replica does
	b.must()
	wants(t, second(r.Tokens(p.GrantID).Token(t.Context())), ErrGrantEnded)
	wants(t, second(b.principal()), ErrSessionEnded)
}

// TestSignInWhileRefreshing: the tokens of the new sign-in win.
func TestSignInWhileRefreshing(t *testing.T) {
	r := newRig(t, storetest.File(t), nil)
	b := r.browser()
	p := b.mustSignIn()
	r.token(p.GrantID)
	r.due()
	hold, holding := make(chan struct{}), make(chan struct{}, 1)
	r.provider.set(func() { r.provider.hold, r.provider.holding = hold, holding })
	done := make(chan string, 1)
	go func() {
		token, err := r.Tokens(p.GrantID).Token(t.Context())
		if err != nil {
			t.Error(err)
		}
		done <- token.Reveal()
	}()
	<-holding
	if again := b.mustSignIn(); again.GrantID != p.GrantID {
		t.Fatal("another grant")
	}
	close(hold)
	if got := <-done; got != r.token(p.GrantID) {
		t.Error("the refresh gave out what was not kept")
	}
}

// TestStaleRefreshToken: invalid_grant ends nothing when the refresh token that
// was shown is no longer the grant's.
func TestStaleRefreshToken(t *testing.T) {
	r := newRig(t, storetest.File(t), nil)
	b := r.browser()
	p := b.mustSignIn()
	r.token(p.GrantID)
	r.due()
	hold, holding := make(chan struct{}), make(chan struct{}, 1)
	r.provider.set(func() {
		r.provider.hold, r.provider.holding = hold, holding
		r.provider.token = func(w http.ResponseWriter, _ *http.Request) {
			r.provider.refuse(w, http.StatusBadRequest, "invalid_grant")
		}
	})
	done := make(chan string, 1)
	go func() {
		token, err := r.Tokens(p.GrantID).Token(t.Context())
		if err != nil {
			t.Error(err)
		}
		done <- token.Reveal()
	}()
	<-holding
	r.provider.set(func() { r.provider.token = nil })
	b.mustSignIn()
	close(hold)
	if got := <-done; got != r.token(p.GrantID) {
		t.Error("the refresh gave out what is not kept")
	}
	b.must()
}

// TestCallerLeaves: the refresh goes on for the others.
func TestCallerLeaves(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	p := r.browser().mustSignIn()
	old := r.token(p.GrantID)
	r.due()
	hold, holding := make(chan struct{}), make(chan struct{}, 1)
	r.provider.set(func() { r.provider.hold, r.provider.holding = hold, holding })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- second(r.Tokens(p.GrantID).Token(ctx)) }()
	<-holding
	cancel()
	wants(t, <-done, context.Canceled)
	close(hold)
	if got := r.token(p.GrantID); got == old {
		t.Error("the refresh was lost")
	}
	if refreshes, _ := r.provider.counts(); refreshes != 1 {
		t.Errorf("%d refreshes", refreshes)
	}
}

// TestStopWhileRefreshing: a stop waits for tokens that are on their way, whose
// caller has left; the next process goes on with them.
func TestStopWhileRefreshing(t *testing.T) {
	storetest.EachShared(t, func(t *testing.T, dsn string) {
		r := newRig(t, dsn, nil)
		b := r.browser()
		p := b.mustSignIn()
		old := r.token(p.GrantID)
		r.due()
		hold, holding := make(chan struct{}), make(chan struct{}, 1)
		r.provider.set(func() { r.provider.hold, r.provider.holding = hold, holding })
		ctx, cancel := context.WithCancel(t.Context())
		left := make(chan error, 1)
		go func() { left <- second(r.Tokens(p.GrantID).Token(ctx)) }()
		<-holding
		cancel()
		wants(t, <-left, context.Canceled)
		closed := make(chan error, 1)
		go func() { closed <- r.Close() }()
		r.until(func() bool { return r.background.Err() != nil })
		select {
		case err := <-closed:
			t.Error("stopped while tokens were on their way")
			closed <- err
		default:
		}
		close(hold)
		must(t, <-closed)
		if grant, err := r.st.Grant(t.Context(), p.GrantID); err != nil || grant.Version != 2 {
			t.Errorf("after the stop: version %d, %v", grant.Version, err)
		}
		// No refresh begins any more here; another process has the new token.
		wants(t, second(r.renew(t.Context(), p.GrantID, 2)), ErrProvider)
		_, _, b.service = r.process(r.cfg)
		token, err := b.service.Tokens(p.GrantID).Token(t.Context())
		if err != nil || token.Reveal() == old {
			t.Errorf("the next process: the old token %v, %v", token.Reveal() == old, err)
		}
		r.due()
		if next, err := b.service.Tokens(p.GrantID).Token(t.Context()); err != nil || next.Reveal() == token.Reveal() {
			t.Errorf("the next refresh: %v", err)
		}
	})
}

// TestRefreshNow: after a 401 of Partner Center.
func TestRefreshNow(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	p := r.browser().mustSignIn()
	old := r.token(p.GrantID)
	must(t, r.Refresh(t.Context(), p)) // just issued: another would not help
	if got := r.token(p.GrantID); got != old {
		t.Error("refreshed a token that was just issued")
	}
	r.wait(justIssued)
	var wait sync.WaitGroup
	for range 5 {
		wait.Go(func() {
			if err := r.Refresh(t.Context(), p); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if refreshes, _ := r.provider.counts(); r.token(p.GrantID) == old || refreshes != 1 {
		t.Errorf("%d refreshes, want 1", refreshes)
	}
}

// TestClient calls with the person's own token.
func TestClient(t *testing.T) {
	var sent []string
	r := newRig(t, storetest.Memory, func(c *Config) {
		c.PartnerCenter = partnercenter.Options{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			sent = append(sent, req.Header.Get("Authorization"))
			return nil, errors.New("no network")
		}), Retry: partnercenter.RetryOptions{Tries: 1}}
	})
	p := r.browser().mustSignIn()
	if _, err := r.Client(p).Organization(t.Context()); err == nil {
		t.Fatal("called without a network")
	}
	if len(sent) != 1 || sent[0] != "Bearer "+r.token(p.GrantID) {
		t.Errorf("sent %q", sent)
	}
	must(t, r.EndSession(r.asks(), p, p.SessionRef))
	_, err := r.Client(p).Organization(t.Context())
	wants(t, err, ErrGrantEnded)
	if len(sent) != 1 {
		t.Error("called with tokens that were ended")
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestTokensAreSealed: neither the database nor a dump of it shows a token.
func TestTokensAreSealed(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	p := r.browser().mustSignIn()
	grant, err := r.st.Grant(t.Context(), p.GrantID)
	must(t, err)
	row, err := r.st.Session(t.Context(), p.SessionRef)
	must(t, err)
	for _, plain := range []string{"access-", "refresh-", "Priya", "admin"} {
		if strings.Contains(string(grant.Tokens)+string(grant.Identity)+string(row.Payload), plain) {
			t.Errorf("%q lies in the clear", plain)
		}
	}
	printed := fmt.Sprintf("%v %+v %#v", tokens{Access: partnercenter.NewSecret("access-x")}, tokens{Refresh: partnercenter.NewSecret("refresh-x")}, grantEntry{tokens: tokens{Access: partnercenter.NewSecret("access-y")}})
	if strings.Contains(printed, "-x") || strings.Contains(printed, "-y") {
		t.Errorf("printed: %s", printed)
	}
}
