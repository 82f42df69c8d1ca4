package partnercenter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func refresher(t *testing.T, store TokenStore, opts TokenOptions) *RefreshTokens {
	t.Helper()
	source, err := NewRefreshTokens(store, opts)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// token asks for a token and tells its text.
func token(t *testing.T, source TokenSource) string {
	t.Helper()
	got, err := source.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return got.Reveal()
}

// The exchange as it goes over the wire, with a number and with a text for the
// life, and with and without the program's secret.
func TestRefreshOnTheWire(t *testing.T) {
	for _, expires := range []string{`3600`, `"3600"`} {
		authority := newFakeAuthority("refresh-0")
		authority.expires = expires
		store := NewMemoryTokens(NewSecret("refresh-0"))
		opts := authority.served(t)
		opts.ClientSecret = NewSecret("hunter2")
		before := time.Now()
		if got := token(t, refresher(t, store, opts)); got != "access-1" {
			t.Errorf("token %q", got)
		}
		want := url.Values{
			"grant_type": {"refresh_token"}, "refresh_token": {"refresh-0"}, "client_id": {testClient}, "client_secret": {"hunter2"},
			"scope": {"https://api.partnercenter.microsoft.com/user_impersonation openid offline_access"},
		}
		if diff := cmp.Diff(want, authority.asked[0]); diff != "" {
			t.Errorf("form (-want +got):\n%s", diff)
		}
		if want := "/" + testTenant + "/oauth2/v2.0/token"; authority.paths[0] != want {
			t.Errorf("asked at %s, want %s", authority.paths[0], want)
		}
		kept, _ := store.Load(t.Context())
		if life := kept.Expires.Sub(kept.Issued); kept.Access.Reveal() != "access-1" || kept.Refresh.Reveal() != "refresh-1" || life != time.Hour || kept.Issued.Before(before) {
			t.Errorf("the store keeps %q, %q for %v", kept.Access.Reveal(), kept.Refresh.Reveal(), life)
		}
	}

	authority := newFakeAuthority("refresh-0", fakeAnswer{200, `{"token_type":"bearer","access_token":"a"}`})
	store := NewMemoryTokens(NewSecret("refresh-0"))
	_ = token(t, refresher(t, store, authority.served(t)))
	if authority.asked[0].Has("client_secret") {
		t.Error("a program without a secret sends one")
	}
	if kept, _ := store.Load(t.Context()); kept.Refresh.Reveal() != "refresh-0" || kept.Expires.Sub(kept.Issued) != 5*time.Minute {
		t.Errorf("an answer without refresh token and life: %q, %v", kept.Refresh.Reveal(), kept.Expires.Sub(kept.Issued))
	}
}

// A token is renewed 900 seconds before the end of its hour, and once for all.
func TestRefreshInGoodTimeAndOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		authority := newFakeAuthority("refresh-0")
		opts := authority.direct()
		inner := opts.Transport
		opts.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			time.Sleep(200 * time.Millisecond)
			return inner.RoundTrip(r)
		})
		source := refresher(t, NewMemoryTokens(NewSecret("refresh-0")), opts)
		all := func(want string, times int) {
			t.Helper()
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(func() {
					if got, err := source.Token(t.Context()); err != nil || got.Reveal() != want {
						t.Errorf("%v, %v, want %s", got.Reveal(), err, want)
					}
				})
			}
			wg.Wait()
			if authority.times() != times {
				t.Errorf("asked %d times, want %d", authority.times(), times)
			}
		}
		start := time.Now()
		all("access-1", 1)
		time.Sleep(45*time.Minute - time.Since(start) - 1)
		all("access-1", 1)
		time.Sleep(time.Nanosecond)
		all("access-2", 2) // refresh-1 was used for it, or it would have been refused
	})
}

// While the old token lives nobody is held up by an authority in trouble, and
// it is left in peace; after that the trouble shows.
func TestAnAuthorityInTrouble(t *testing.T) {
	for name, trouble := range map[string]http.RoundTripper{
		"fails":  roundTripper(func(*http.Request) (*http.Response, error) { return response(503, ""), nil }),
		"resets": roundTripper(func(*http.Request) (*http.Response, error) { return nil, errReset }),
		"hangs":  roundTripper(hangs),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				authority := newFakeAuthority("refresh-0")
				opts := authority.direct()
				well := opts.Transport
				var calls atomic.Int32
				var down atomic.Bool
				opts.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
					calls.Add(1)
					if down.Load() {
						return trouble.RoundTrip(r)
					}
					return well.RoundTrip(r)
				})
				source := refresher(t, NewMemoryTokens(NewSecret("refresh-0")), opts)
				start := time.Now()
				_ = token(t, source)
				time.Sleep(46 * time.Minute)
				down.Store(true)
				calls.Store(0)
				for range 5 {
					asked := time.Now()
					if got := token(t, source); got != "access-1" || time.Since(asked) > patience {
						t.Errorf("%s after %v", got, time.Since(asked))
					}
				}
				synctest.Wait()
				if n := calls.Load(); n != 1 {
					t.Errorf("asked %d times in a moment", n)
				}
				time.Sleep(time.Minute) // longer than it is waited for, and than it is left in peace
				_ = token(t, source)
				if n := calls.Load(); n != 2 {
					t.Errorf("asked %d times after a minute, want twice", n)
				}
				time.Sleep(time.Hour - time.Since(start) - 30*time.Second)
				if _, err := source.Token(t.Context()); !errors.Is(err, ErrUnavailable) || errors.Is(err, ErrSignInRequired) {
					t.Errorf("%v, want ErrUnavailable", err)
				}
				down.Store(false)
				time.Sleep(time.Minute)
				if got := token(t, source); got != "access-2" {
					t.Errorf("token %s after the trouble", got)
				}
			})
		})
	}
}

// What was refused is not asked again; a new sign-in in the store is taken up.
func TestADeadRefreshTokenIsAskedOnce(t *testing.T) {
	authority := newFakeAuthority("refresh-0")
	store := NewMemoryTokens(NewSecret("refresh-of-old"))
	source := refresher(t, store, authority.served(t))
	for range 3 {
		if _, err := source.Token(t.Context()); !errors.Is(err, ErrSignInRequired) {
			t.Fatal(err)
		}
	}
	if authority.times() != 1 {
		t.Errorf("asked %d times", authority.times())
	}
	if err := store.Save(t.Context(), Tokens{Refresh: NewSecret("refresh-0")}); err != nil {
		t.Fatal(err)
	}
	if got := token(t, source); got != "access-1" {
		t.Errorf("token %s after a new sign-in", got)
	}
	empty := refresher(t, &MemoryTokens{}, authority.served(t))
	if _, err := empty.Token(t.Context()); !errors.Is(err, ErrSignInRequired) || authority.times() != 2 {
		t.Errorf("an empty store: %v", err)
	}
}

// testStore fails on demand and tells what was saved.
type testStore struct {
	MemoryTokens
	fail  error
	saves int
}

func (s *testStore) Save(ctx context.Context, tokens Tokens) error {
	s.saves++
	if s.fail != nil {
		return s.fail
	}
	return s.MemoryTokens.Save(ctx, tokens)
}

// No access token is used before the new refresh token is kept, and a refresh
// token that could not be kept is not lost.
func TestTokensAreKeptBeforeTheyAreUsed(t *testing.T) {
	authority := newFakeAuthority("refresh-0")
	store := &testStore{fail: errors.New("the disk is full")}
	if err := store.MemoryTokens.Save(t.Context(), Tokens{Refresh: NewSecret("refresh-0")}); err != nil {
		t.Fatal(err)
	}
	source := refresher(t, store, authority.served(t))
	for range 2 {
		if got, err := source.Token(t.Context()); !errors.Is(err, store.fail) || !got.Empty() || errors.Is(err, ErrSignInRequired) {
			t.Errorf("%v, %v, want the store's error", got.Reveal(), err)
		}
	}
	store.fail = nil
	if got := token(t, source); got != "access-1" || authority.times() != 1 || store.saves != 3 {
		t.Errorf("token %s, asked %d times, saved %d times", got, authority.times(), store.saves)
	}
	if kept, _ := store.Load(t.Context()); kept.Refresh.Reveal() != "refresh-1" {
		t.Errorf("kept %s", kept.Refresh.Reveal())
	}
	broken := errors.New("no such keyring")
	if _, err := refresher(t, brokenStore{broken}, authority.served(t)).Token(t.Context()); !errors.Is(err, broken) {
		t.Errorf("%v, want the store's error", err)
	}
}

type brokenStore struct{ err error }

func (b brokenStore) Load(context.Context) (Tokens, error) { return Tokens{}, b.err }
func (b brokenStore) Save(context.Context, Tokens) error   { return b.err }

// lockedStore is a store for several processes.
type lockedStore struct {
	MemoryTokens
	lock sync.Mutex
}

func (l *lockedStore) Lock(context.Context) (func(), error) {
	l.lock.Lock()
	return l.lock.Unlock, nil
}

// Several processes with one store take up each other's tokens.
func TestSeveralProcessesShareAStore(t *testing.T) {
	authority := newFakeAuthority("refresh-0")
	opts := authority.served(t)
	store := &lockedStore{}
	if err := store.Save(t.Context(), Tokens{Refresh: NewSecret("refresh-0")}); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got, err := refresher(t, store, opts).Token(t.Context()); err != nil || got.Reveal() != "access-1" {
				t.Errorf("%s, %v", got.Reveal(), err)
			}
		})
	}
	wg.Wait()
	if authority.times() != 1 {
		t.Errorf("asked %d times", authority.times())
	}

	// Without a lock one may come second: the first has kept a successor by then.
	slow := &overtaken{authority: authority}
	if err := slow.Save(t.Context(), Tokens{Refresh: NewSecret("refresh-1")}); err != nil {
		t.Fatal(err)
	}
	if got := token(t, refresher(t, slow, opts)); got != "access-9" {
		t.Errorf("token %s, want the other process's", got)
	}
	// Even where it has kept no more than that.
	bare := &overtaken{authority: authority, bare: true}
	if err := bare.Save(t.Context(), Tokens{Refresh: NewSecret("refresh-of-old")}); err != nil {
		t.Fatal(err)
	}
	if got := token(t, refresher(t, bare, opts)); got != "access-2" {
		t.Errorf("token %s, want one by the successor", got)
	}
}

// overtaken is a store that another process writes to right after it was read.
type overtaken struct {
	MemoryTokens
	authority *fakeAuthority
	bare      bool
	done      bool
}

func (o *overtaken) Load(ctx context.Context) (Tokens, error) {
	tokens, err := o.MemoryTokens.Load(ctx)
	if !o.done {
		o.done = true
		o.authority.mu.Lock()
		o.authority.refresh = "refresh-9"
		o.authority.mu.Unlock()
		now := time.Now()
		by := Tokens{Access: NewSecret("access-9"), Issued: now, Expires: now.Add(time.Hour), Refresh: NewSecret("refresh-9")}
		if o.bare {
			by.Access = Secret{}
		}
		err = o.Save(ctx, by)
	}
	return tokens, err
}

// Who leaves gets nothing; the exchange under way is finished and kept.
func TestLeavingDoesNotLoseARefreshToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		authority := newFakeAuthority("refresh-0")
		opts := authority.direct()
		inner := opts.Transport
		opts.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			time.Sleep(10 * time.Second)
			return inner.RoundTrip(r)
		})
		store := NewMemoryTokens(NewSecret("refresh-0"))
		source := refresher(t, store, opts)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := source.Token(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want the caller's deadline", err)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if kept, _ := store.Load(t.Context()); kept.Refresh.Reveal() != "refresh-1" {
			t.Errorf("kept %s", kept.Refresh.Reveal())
		}
	})
}

// A program that begins while the authority is down uses what is left of its
// last run's token.
func TestAStoredTokenIsUsedToItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		store := &MemoryTokens{}
		stored := Tokens{Access: NewSecret("access-of-old"), Expires: now.Add(10 * time.Minute), Refresh: NewSecret("refresh-0")}
		if err := store.Save(t.Context(), stored); err != nil {
			t.Fatal(err)
		}
		authority := newFakeAuthority("refresh-0", fakeAnswer{503, ""}, fakeAnswer{503, ""})
		source := refresher(t, store, authority.direct())
		if got := token(t, source); got != "access-of-old" || authority.times() != 1 {
			t.Errorf("token %s, asked %d times", got, authority.times())
		}
		time.Sleep(9*time.Minute + 30*time.Second)
		if _, err := source.Token(t.Context()); !errors.Is(err, ErrUnavailable) {
			t.Errorf("%v, want ErrUnavailable", err)
		}
		if got := token(t, source); got != "access-1" {
			t.Errorf("token %s", got)
		}
	})
}

func TestRenewReplacesARefusedToken(t *testing.T) {
	authority := newFakeAuthority("refresh-0")
	source := refresher(t, NewMemoryTokens(NewSecret("refresh-0")), authority.served(t))
	first, err := source.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it is another token already
		if err := source.Renew(t.Context(), first); err != nil {
			t.Fatal(err)
		}
	}
	if got := token(t, source); got != "access-2" || authority.times() != 2 {
		t.Errorf("token %s, asked %d times", got, authority.times())
	}
	// Tokens of an earlier run, still good, are used as they are.
	kept, _ := source.store.Load(t.Context())
	if got := token(t, refresher(t, source.store, authority.served(t))); got != kept.Access.Reveal() || authority.times() != 2 {
		t.Errorf("token %s, asked %d times", got, authority.times())
	}
}

func TestTokensAreNeverPrinted(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	authority := newFakeAuthority("refresh-0",
		fakeAnswer{}, // a success
		fakeAnswer{400, `{"error":"invalid_grant","error_description":"no refresh-1 of hunter2","suberror":"refresh-1","correlation_id":"refresh-1","trace_id":"hunter2"}`},
		fakeAnswer{200, `{"token_type":"Bearer","access_token":5,"refresh_token":"refresh-1"}`},
	)
	opts := authority.served(t)
	opts.ClientSecret, opts.Logger = NewSecret("hunter2"), logger
	store := NewMemoryTokens(NewSecret("refresh-0"))
	source := refresher(t, store, opts)
	_ = token(t, source)
	kept, _ := store.Load(t.Context())
	for range 2 {
		store.tokens.Access = Secret{}
		_, err := refresher(t, store, opts).Token(t.Context())
		if err == nil {
			t.Fatal("no error")
		}
		logger.Info("x", "err", err, "tokens", kept)
		fmt.Fprintf(&log, "%v %+v %#v %v %+v", err, err, err, kept, opts)
	}
	for _, leak := range []string{"refresh-0", "refresh-1", "access-1", "hunter2"} {
		if strings.Contains(log.String(), leak) {
			t.Errorf("%s is in\n%s", leak, log.String())
		}
	}
	if !strings.Contains(log.String(), "op=tokens.Refresh status=400") || !strings.Contains(log.String(), "code=invalid_grant") {
		t.Errorf("the log lacks the exchange:\n%s", log.String())
	}
}
