package auth

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/internal/store/storetest"
	"github.com/rollcall-app/rollcall/partnercenter"
)

// rig is a service with its database, a provider, a clock to move and a log.
type rig struct {
	testing.TB
	*Service
	st       *store.Store
	trail    *audit.Trail
	provider *fakeProvider
	cfg      Config
	dsn      string
	log      *logBuffer

	mu  sync.Mutex
	now time.Time
}

type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

const baseURL = "https://rollcall.example"

// testKeys is a ring whose keys are the numbers.
func testKeys(t testing.TB, numbers ...byte) *KeyRing {
	t.Helper()
	ring, err := testRing(numbers...)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func testRing(numbers ...byte) (*KeyRing, error) {
	var keys [][]byte
	for _, n := range numbers {
		key := bytes.Repeat([]byte{n}, keySize)
		key[0] = 0xff
		keys = append(keys, key)
	}
	return NewKeyRing(keys...)
}

// testConfig is that of a portal whose people sign in with the fake provider.
func testConfig(issuer string, keys *KeyRing) Config {
	return Config{
		BaseURL: baseURL, ClientID: clientID, ClientSecret: partnercenter.NewSecret(clientSecret), Resource: apiURI,
		Tenants:      []Tenant{{Issuer: issuer, ID: partnerID, Name: "Fabrikam Cloud Services"}},
		Keys:         keys,
		MFACompliant: func(context.Context, partnercenter.Secret) (bool, error) { return false, nil },
	}
}

func newRig(t testing.TB, dsn string, change func(*Config)) *rig {
	t.Helper()
	r := &rig{TB: t, dsn: dsn, log: &logBuffer{}, now: time.Date(2026, 6, 1, 14, 2, 3, 0, time.UTC)}
	r.provider = newFakeProvider(t, r.clock)
	r.cfg = testConfig(r.provider.server.URL, testKeys(t, 1))
	r.cfg.Logger = slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if change != nil {
		change(&r.cfg)
	}
	r.st, r.trail, r.Service = r.process(r.cfg)
	t.Cleanup(func() { r.leaksNothing() })
	return r
}

// process starts another process on the same database.
func (r *rig) process(cfg Config) (*store.Store, *audit.Trail, *Service) {
	r.Helper()
	st := storetest.Open(r.TB, store.Options{DSN: r.dsn, Now: r.clock, Logger: cfg.Logger})
	key, earlier := cfg.Keys.TrailKeys()
	trail, err := audit.New(st, key, audit.Options{Logger: cfg.Logger, Earlier: earlier})
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() {
		if err := trail.Close(context.WithoutCancel(r.Context())); err != nil {
			r.Errorf("close trail: %v", err)
		}
	})
	service, err := New(r.Context(), cfg, st, trail)
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() {
		if err := service.Close(); err != nil {
			r.Errorf("close service: %v", err)
		}
	})
	return st, trail, service
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *rig) wait(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

// leaksNothing looks for secrets in the log and on the trail.
func (r *rig) leaksNothing() {
	text := r.log.String()
	for row, err := range r.trail.All(context.WithoutCancel(r.Context()), audit.Filter{}) {
		if err != nil {
			break // a test that has closed the database
		}
		for k, v := range row.Detail {
			text += " " + k + "=" + v
		}
	}
	for _, secret := range []string{clientSecret, "access-", "refresh-", "eyJ", "code="} {
		if at := strings.Index(text, secret); at >= 0 {
			r.Errorf("%q is in the log or on the trail: …%s…", secret, text[max(0, at-80):min(len(text), at+80)])
		}
	}
}

// kinds are the entries on the trail, oldest first, with their reasons.
func (r *rig) kinds() []string {
	r.Helper()
	var out []string
	for row, err := range r.trail.All(r.Context(), audit.Filter{}) {
		if err != nil {
			r.Fatal(err)
		}
		text := row.Kind
		if reason := row.Detail["reason"]; reason != "" {
			text += ": " + reason
		}
		out = append(out, text)
	}
	slices.Reverse(out)
	return out
}

// browser keeps cookies as browsers do, and calls the service as the web layer does.
type browser struct {
	*rig
	service *Service
	cookies map[string]*http.Cookie
}

func (r *rig) browser() *browser {
	return &browser{rig: r, service: r.Service, cookies: map[string]*http.Cookie{}}
}

// asks is a request of somebody who ends sessions.
func (r *rig) asks() *http.Request { return r.browser().request("POST", baseURL+"/settings/sessions") }

// request makes a request with the browser's cookies.
func (b *browser) request(method, target string) *http.Request {
	b.Helper()
	req := httptest.NewRequestWithContext(b.Context(), method, target, nil)
	req.RemoteAddr = "192.0.2.7:1234"
	req.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
	for _, c := range b.cookies {
		req.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	return req
}

// keep takes the cookies of an answer.
func (b *browser) keep(answer *http.Response) {
	for _, c := range answer.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c
		}
	}
}

// start begins a sign-in and gives the provider's address.
func (b *browser) start(returnTo string, opts ...BeginOption) (string, error) {
	b.Helper()
	w := httptest.NewRecorder()
	err := b.service.Begin(w, b.request("GET", baseURL+"/sign-in/start"), returnTo, opts...)
	b.keep(w.Result())
	if err != nil {
		return "", err
	}
	if w.Code != http.StatusSeeOther || w.Header().Get("Cache-Control") != "no-store" {
		b.Errorf("start answered %d, Cache-Control %q", w.Code, w.Header().Get("Cache-Control"))
	}
	return w.Header().Get("Location"), nil
}

// atProvider visits the provider and gives the address it sends back to.
func (b *browser) atProvider(address string) string {
	b.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get(address)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusSeeOther {
		b.Fatalf("the provider answered %s", answer.Status)
	}
	return answer.Header.Get("Location")
}

// callback comes back from the provider.
func (b *browser) callback(address string) (string, error) {
	b.Helper()
	w := httptest.NewRecorder()
	returnTo, err := b.service.Callback(w, b.request("GET", address))
	b.keep(w.Result())
	return returnTo, err
}

// signIn goes the whole way, once more if the service asks for it.
func (b *browser) signIn(returnTo string, opts ...BeginOption) (string, error) {
	b.Helper()
	address, err := b.start(returnTo, opts...)
	if err != nil {
		return "", err
	}
	for range 3 {
		address, err = b.callback(b.atProvider(address))
		if err != nil || strings.HasPrefix(address, "/") {
			return address, err
		}
	}
	b.Fatal("the sign-in goes in a circle")
	return "", nil
}

func (b *browser) mustSignIn() *Principal {
	b.Helper()
	if _, err := b.signIn("/customers"); err != nil {
		b.Fatal(err)
	}
	return b.must()
}

func (b *browser) principal(ask ...Ask) (*Principal, error) {
	b.Helper()
	return b.service.Principal(b.request("GET", baseURL+"/customers"), ask...)
}

func (b *browser) must() *Principal {
	b.Helper()
	p, err := b.principal()
	if err != nil {
		b.Fatal(err)
	}
	return p
}

func (b *browser) signOut() (string, error) {
	b.Helper()
	w := httptest.NewRecorder()
	issuer, err := b.service.SignOut(w, b.request("POST", baseURL+"/sign-out"))
	b.keep(w.Result())
	return b.service.EndSessionURL(b.Context(), issuer), err
}

// session is the value of the session's cookie.
func (b *browser) session() string {
	if c := b.cookies[b.service.cfg.cookieName()]; c != nil {
		return c.Value
	}
	return ""
}

// with gives the address with a parameter replaced; a value of "" removes it.
func with(t testing.TB, address, name string, values ...string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Del(name)
	for _, v := range values {
		q.Add(name, v)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

func param(t testing.TB, address, name string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get(name)
}

// sql changes the database behind the store's back.
func (r *rig) sql(statement string, args ...any) {
	r.Helper()
	err := r.st.InTx(r.Context(), func(tx *store.Tx) error {
		_, err := tx.SQL().ExecContext(r.Context(), statement, args...)
		return err
	})
	if err != nil {
		r.Fatal(err)
	}
}

// until waits for something that happens behind.
func (r *rig) until(happened func() bool) {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.Context(), 20*time.Second)
	defer cancel()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !happened() {
		select {
		case <-ctx.Done():
			r.Fatal("it did not happen")
		case <-look.C:
		}
	}
}

func wants(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
}
