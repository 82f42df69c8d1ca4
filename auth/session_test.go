package auth

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/internal/store/storetest"
)

// settle waits until what was queued behind is written.
func (r *rig) settle() {
	r.Helper()
	if err := r.seen.flush(r.Context(), r.writeSeen); err != nil {
		r.Fatal(err)
	}
}

func TestIdle(t *testing.T) {
	storetest.Each(t, func(t *testing.T, dsn string) {
		r := newRig(t, dsn, nil)
		b := r.browser()
		b.mustSignIn()
		r.wait(59 * time.Minute)
		b.must() // counts
		r.wait(59 * time.Minute)
		p, err := b.principal(Polling) // does not
		if err != nil || !p.IdleUntil.Equal(r.clock().Add(time.Minute)) {
			t.Fatalf("idle until %v, %v", p.IdleUntil, err)
		}
		r.wait(time.Minute - time.Microsecond)
		if _, err := b.principal(Polling); err != nil {
			t.Errorf("just before: %v", err)
		}
		r.wait(time.Microsecond)
		for range 2 { // doing something does not bring it back
			_, err = b.principal()
			wants(t, err, ErrSessionIdle)
			wants(t, err, ErrSessionExpired)
			wants(t, err, ErrNoSession)
		}
		// The grant lives on, for jobs.
		if _, err := r.Tokens(p.GrantID).Token(t.Context()); err != nil {
			t.Errorf("the grant of an idle session: %v", err)
		}
		// Signing in again keeps the grant, under another identifier.
		again := b.mustSignIn()
		if again.GrantID != p.GrantID || again.SessionRef == p.SessionRef {
			t.Errorf("before %+v, after %+v", p, again)
		}
	})
}

func TestAbsolute(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	b := r.browser()
	p := b.mustSignIn()
	for range 23 {
		r.wait(30 * time.Minute)
		b.must()
	}
	r.wait(30*time.Minute - time.Microsecond)
	b.must()
	r.wait(time.Microsecond)
	_, err := b.principal()
	if wants(t, err, ErrSessionExpired); errors.Is(err, ErrSessionIdle) {
		t.Errorf("error %v", err)
	}
	wants(t, second(r.Tokens(p.GrantID).Token(t.Context())), ErrSessionExpired)

	// The row still says why, but the tokens are gone.
	must(t, r.sweep(t.Context()))
	wants(t, second(b.principal()), ErrSessionExpired)
	grant, err := r.st.Grant(t.Context(), p.GrantID)
	if err != nil || grant.HasTokens() {
		t.Errorf("tokens of an expired grant: %v, %v", grant.HasTokens(), err)
	}
	wants(t, second(r.Tokens(p.GrantID).Token(t.Context())), ErrSessionExpired)
	r.wait(remembered)
	must(t, r.sweep(t.Context()))
	wants(t, second(b.principal()), ErrSessionEnded)
	if used, err := r.st.KeysInUse(t.Context()); err != nil || len(used) != 0 {
		t.Errorf("rows left: %v, %v", used, err)
	}
}

// TestSweepAttempts: attempts that nobody came back from go after ten minutes.
func TestSweepAttempts(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	must(t, second(r.browser().start("/")))
	r.wait(attemptFor)
	must(t, r.sweep(t.Context()))
	if used, err := r.st.KeysInUse(t.Context()); err != nil || len(used) != 0 {
		t.Errorf("rows left: %v, %v", used, err)
	}
}

// TestSeen: last activity is written at most once a minute, and read back by
// other processes.
func TestSeen(t *testing.T) {
	r := newRig(t, storetest.File(t), nil)
	b := r.browser()
	p := b.mustSignIn()
	written := func() time.Time {
		t.Helper()
		r.settle()
		row, err := r.st.Session(t.Context(), p.SessionRef)
		must(t, err)
		return row.LastSeen
	}
	start := r.clock()
	for range 59 {
		r.wait(time.Second)
		b.must()
	}
	if got := written(); !got.Equal(start) {
		t.Errorf("written within a minute: %v, want %v", got, start)
	}
	r.wait(time.Second)
	b.principal(Polling)
	if got := written(); !got.Equal(start) {
		t.Errorf("polling was written: %v", got)
	}
	b.must()
	if got := written(); !got.Equal(start.Add(time.Minute)) {
		t.Errorf("after a minute: %v, want %v", got, start.Add(time.Minute))
	}
	// What is not written yet counts in this process, over the re-reading of the row.
	r.wait(50 * time.Second)
	b.must()
	r.wait(time.Hour - time.Second)
	if _, err := b.principal(Fresh); err != nil {
		t.Errorf("a second before: %v", err)
	}

	// What is on its way when the process stops is written.
	r.wait(30 * time.Second)
	b.must()
	must(t, r.Close())
	row, err := r.st.Session(t.Context(), p.SessionRef)
	must(t, err)
	if !row.LastSeen.Equal(r.clock().Add(-30 * time.Second)) {
		t.Errorf("after the stop %v, want %v", row.LastSeen, r.clock().Add(-30*time.Second))
	}
}

// TestReplicas: what one process ends, the others notice within five seconds,
// and at once where it matters.
func TestReplicas(t *testing.T) {
	storetest.EachShared(t, func(t *testing.T, dsn string) {
		r := newRig(t, dsn, nil)
		_, _, other := r.process(r.cfg)
		here := r.browser()
		p := here.mustSignIn()
		there := &browser{rig: r, service: other, cookies: here.cookies}
		there.must()
		if _, err := other.Tokens(p.GrantID).Token(t.Context()); err != nil {
			t.Fatal(err)
		}

		must(t, r.EndSession(r.asks(), p, p.SessionRef))
		wants(t, second(here.principal()), ErrSessionEnded) // at once here
		if _, err := there.principal(); err != nil {
			t.Errorf("the cache is not used: %v", err)
		}
		for name, req := range map[string]func() error{
			"asked to":      func() error { return second(there.principal(Fresh)) },
			"unsafe method": func() error { return second(other.Principal(there.request("POST", baseURL+"/settings"))) },
		} {
			other.cache.put(p.SessionRef, &cached{principal: p, read: r.clock(), seen: r.clock()}, nil, other.cache.epoch) // as if nothing had been noticed
			if err := req(); err == nil {
				t.Errorf("%s: the cache was asked", name)
			}
		}
		other.cache.put(p.SessionRef, &cached{principal: p, read: r.clock(), seen: r.clock()}, nil, other.cache.epoch)
		r.wait(cachedFor)
		wants(t, second(there.principal()), ErrSessionEnded)
		wants(t, second(other.Tokens(p.GrantID).Token(t.Context())), ErrGrantEnded)
	})
}

// TestCacheSavesReading: a session that is in use is not read again and again.
func TestCacheSavesReading(t *testing.T) {
	r := newRig(t, storetest.File(t), nil)
	b := r.browser()
	b.mustSignIn()
	b.must()
	r.sql(`UPDATE sessions SET payload = x'00'`) // whoever reads the row now deletes it
	for range 4 {
		r.wait(time.Second)
		if p := b.must(); p.IdleUntil != r.clock().Add(time.Hour) {
			t.Errorf("idle until %v", p.IdleUntil)
		}
	}
	r.wait(time.Second)
	wants(t, second(b.principal()), ErrSessionEnded)
}

// TestRowsThatNoKeyOpens are deleted and logged, and their people sign in again.
func TestRowsThatNoKeyOpens(t *testing.T) {
	for name, statement := range map[string]string{
		"payload bent":          `UPDATE sessions SET payload = x'0102'`,
		"identity bent":         `UPDATE grants SET identity = x'0102'`,
		"another person's":      `UPDATE sessions SET person = 'eve'`,
		"longer":                `UPDATE sessions SET expires = expires + 1000000`,
		"signed in later":       `UPDATE sessions SET created = created + 1000000`,
		"stepped up by hand":    `UPDATE sessions SET stepped_up = last_seen`,
		"payload of another":    `UPDATE sessions SET payload = (SELECT payload FROM sessions s WHERE s.id <> sessions.id) WHERE person LIKE '%6d72'`,
		"grant of another":      `UPDATE sessions SET grant_id = (SELECT id FROM grants WHERE id <> sessions.grant_id) WHERE person LIKE '%6d72'`,
		"identity of another":   `UPDATE grants SET identity = (SELECT identity FROM grants g WHERE g.id <> grants.id) WHERE person LIKE '%6d72'`,
		"identity for a token":  `UPDATE grants SET identity = tokens`,
		"key that is not there": `UPDATE sessions SET payload = x'01' || x'000000000000' || substr(payload, 8)`,
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, storetest.File(t), nil)
			other := r.browser()
			other.mustSignIn()
			r.provider.set(func() {
				r.provider.claims["oid"], r.provider.claims["sub"] = "1b7d2f63-8a1c-4d49-8e66-2f3a4b5c6d72", "ann-sub"
			})
			b := r.browser()
			p := b.mustSignIn()
			r.sql(statement)
			r.wait(cachedFor)
			got, err := b.principal()
			if name == "stepped up by hand" { // nothing comes of it
				if err != nil || got.SteppedUp(r.clock()) {
					t.Errorf("stepped up %v, %v", got, err)
				}
				return
			}
			wants(t, err, ErrSessionEnded)
			if !strings.Contains(r.log.String(), "can't be opened and is deleted") {
				t.Error("nobody was told")
			}
			if _, err := r.st.Session(t.Context(), p.SessionRef); err != store.ErrNotFound {
				t.Errorf("the row is still there: %v", err)
			}
			b.mustSignIn()
		})
	}
}

func TestCookiesThatAreNone(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	b := r.browser()
	b.mustSignIn()
	value := b.session()
	for name, bad := range map[string]string{
		"empty": "", "short": value[:42], "long": value + "A", "padded": value + "=", "standard alphabet": strings.Repeat("+", 43),
		"stray bits": value[:42] + "B", "spaces": " " + value, "sql": "' OR 1=1 --", "the session's name": b.must().SessionRef,
	} {
		if _, err := r.Principal(cookieRequest(b, bad)); err == nil {
			t.Errorf("%s: %q is a session", name, bad)
		}
	}
}

// TestDatabaseDown is no reason to say that nobody is signed in.
func TestDatabaseDown(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	b := r.browser()
	b.mustSignIn()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := r.Principal(b.request("POST", baseURL+"/").WithContext(ctx))
	if err == nil || strings.Contains(err.Error(), ErrNoSession.Error()) {
		t.Errorf("error %v", err)
	}
}

func TestSessionsList(t *testing.T) {
	storetest.Each(t, func(t *testing.T, dsn string) {
		r := newRig(t, dsn, nil)
		ctx := t.Context()
		admin, phone, reader := r.browser(), r.browser(), r.browser()
		pa := admin.mustSignIn()
		r.wait(time.Minute)
		pp := phone.mustSignIn()
		r.provider.set(func() {
			r.provider.claims["oid"], r.provider.claims["sub"], r.provider.claims["roles"] = "3d9f4b85-ac3e-4f6b-8a88-4b5c6d7e8f94", "carsten-sub", []string{"Rollcall.Reader"}
		})
		r.wait(time.Minute)
		pr := reader.mustSignIn()

		refs := func(list []SessionInfo, err error) []string {
			t.Helper()
			must(t, err)
			var out []string
			for _, s := range list {
				out = append(out, s.Ref)
			}
			return out
		}
		if diff := cmp.Diff([]string{pp.SessionRef, pa.SessionRef}, refs(r.Sessions(ctx, pa))); diff != "" {
			t.Errorf("own (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{pr.SessionRef, pp.SessionRef, pa.SessionRef}, refs(r.AllSessions(ctx, pa))); diff != "" {
			t.Errorf("all (-want +got):\n%s", diff)
		}
		wants(t, second(r.AllSessions(ctx, pr)), ErrForbidden)
		list, err := r.Sessions(ctx, pr)
		must(t, err)
		want := SessionInfo{
			Ref: pr.SessionRef, Person: pr.Key, Name: "Priya Nair", UPN: pr.UPN, Level: LevelReader, Agent: "Firefox on Linux", Address: "192.0.2.7",
			Current: true, SignedIn: r.clock(), LastSeen: r.clock(), IdleUntil: r.clock().Add(time.Hour), AbsoluteUntil: r.clock().Add(12 * time.Hour),
		}
		if diff := cmp.Diff([]SessionInfo{want}, list); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}

		// Nobody but an administrator ends another's, or learns that it is there.
		wants(t, r.EndSession(r.asks(), pr, pa.SessionRef), ErrNotFound)
		wants(t, r.EndSession(r.asks(), pr, "no such session"), ErrNotFound)
		wants(t, r.EndPerson(r.asks(), pr, pa.Key), ErrForbidden)
		must(t, r.EndSession(r.asks(), pa, pr.SessionRef))
		wants(t, second(reader.principal()), ErrSessionEnded)

		// Idle ones are over and not listed.
		r.wait(50 * time.Minute)
		admin.must()
		r.settle()
		r.wait(10 * time.Minute)
		if diff := cmp.Diff([]string{pa.SessionRef}, refs(r.Sessions(ctx, pa))); diff != "" {
			t.Errorf("with an idle one (-want +got):\n%s", diff)
		}
		must(t, r.EndAllSessions(r.asks(), pa))
		wants(t, second(admin.principal()), ErrSessionEnded)
		wants(t, second(phone.principal()), ErrSessionEnded)
		wants(t, second(r.Tokens(pp.GrantID).Token(ctx)), ErrGrantEnded)
		wantKinds := []string{"sign-in", "sign-in", "sign-in", "session.ended: ended by a person", "session.ended: ended by a person"}
		if diff := cmp.Diff(wantKinds, r.kinds()); diff != "" {
			t.Errorf("trail (-want +got):\n%s", diff)
		}

		boss := r.browser()
		r.provider.set(func() { r.provider.claims["roles"] = []string{"Rollcall.Admin"} })
		pb := boss.mustSignIn()
		must(t, r.EndPerson(r.asks(), pb, pb.Key))
		wants(t, second(boss.principal()), ErrSessionEnded)
	})
}

// TestReseal walks a database through the rotation of its key.
func TestReseal(t *testing.T) {
	storetest.EachShared(t, func(t *testing.T, dsn string) {
		r := newRig(t, dsn, nil)
		ctx := t.Context()
		b := r.browser()
		p := b.mustSignIn()
		expired := r.browser()
		old := expired.mustSignIn()
		lost := r.browser()
		lostOne := lost.mustSignIn()
		must(t, r.st.InTx(ctx, func(tx *store.Tx) error {
			_, err := tx.SQL().ExecContext(ctx, `UPDATE grants SET expires = 1 WHERE id = $1`, old.GrantID)
			return err
		}))
		must(t, second(r.st.ForgetExpiredTokens(ctx, r.clock())))
		must(t, r.Close())

		moved := r.cfg
		moved.Keys = testKeys(t, 2, 1)
		_, _, r.Service = r.process(moved)
		b.service = r.Service
		if got := b.must(); got.SessionRef != p.SessionRef {
			t.Errorf("session %v under the new ring", got)
		}
		g, err := r.st.Grant(ctx, lostOne.GrantID)
		must(t, err)
		must(t, r.st.ReplaceGrant(ctx, store.GrantChange{ID: g.ID, Version: g.Version, Identity: g.Identity, Tokens: []byte("bent"), KeyID: g.KeyID, Expires: g.Expires}))
		busy := r.browser()
		busyOne := busy.mustSignIn()                       // sealed by the new key already
		if n, err := r.Reseal(ctx); err != nil || n != 5 { // three grants, one of them deleted with its session; two sessions
			t.Errorf("resealed %d, %v", n, err)
		}
		used, err := r.KeysInUse(ctx)
		want := map[string]int64{moved.Keys.IDs()[0]: 6}
		if diff := cmp.Diff(want, used); err != nil || diff != "" {
			t.Errorf("keys in use (-want +got):\n%s %v", diff, err)
		}
		must(t, r.Close())

		retired := r.cfg
		retired.Keys = testKeys(t, 2)
		_, _, service := r.process(retired)
		for _, one := range []*browser{b, busy} {
			one.service = service
			one.must()
		}
		for _, grant := range []string{p.GrantID, busyOne.GrantID} {
			if _, err := service.Tokens(grant).Token(ctx); err != nil {
				t.Errorf("tokens under the new key: %v", err)
			}
		}
		lost.service = service
		wants(t, second(lost.principal()), ErrSessionEnded)
	})
}

// TestResealLeavesRefreshes: who is refreshing has spent the old refresh token
// and must be able to write the new one.
func TestResealLeavesRefreshes(t *testing.T) {
	r := newRig(t, storetest.File(t), nil)
	p := r.browser().mustSignIn()
	moved := r.cfg
	moved.Keys = testKeys(t, 2, 1)
	_, _, other := r.process(moved)
	now := r.clock()
	if got, err := r.st.LeaseGrant(t.Context(), p.GrantID, 1, "a refresh", now.Add(time.Minute), now); err != nil || !got {
		t.Fatal(got, err)
	}
	if n, err := other.Reseal(t.Context()); n != 1 || err != nil { // the session alone
		t.Errorf("resealed %d, %v", n, err)
	}
	r.wait(time.Minute)
	if n, err := other.Reseal(t.Context()); n != 1 || err != nil {
		t.Errorf("afterwards resealed %d, %v", n, err)
	}
}

// TestGorillaStore holds our store to what gorilla's interface promises.
func TestGorillaStore(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	b := r.browser()
	name := r.Service.cfg.cookieName()
	st := r.SessionStore()

	fresh, err := st.Get(b.request("GET", baseURL+"/"), name)
	if err != nil || !fresh.IsNew {
		t.Fatalf("without a cookie: new %v, %v", fresh.IsNew, err)
	}
	wants(t, fresh.Save(b.request("GET", baseURL+"/"), httptest.NewRecorder()), errNotBegun)
	if other, err := st.Get(b.request("GET", baseURL+"/"), "another"); err == nil || other == nil {
		t.Errorf("another name: %v, %v", other, err)
	}

	p := b.mustSignIn()
	req := b.request("GET", baseURL+"/")
	session, err := st.Get(req, name)
	if err != nil || session.IsNew || session.ID != p.SessionRef {
		t.Fatalf("session %+v, %v", session, err)
	}
	if again, _ := st.Get(req, name); again != session {
		t.Error("one request has two sessions")
	}
	session.Values["tab"] = "users"
	w := httptest.NewRecorder()
	must(t, session.Save(req, w))
	if len(w.Result().Cookies()) != 0 {
		t.Error("saving values changed the cookie")
	}
	read, err := st.New(b.request("GET", baseURL+"/"), name)
	if err != nil || read.Values["tab"] != "users" {
		t.Errorf("values %v, %v", read.Values, err)
	}
	if got := b.must(); got.Key != p.Key || got.SessionRef != p.SessionRef {
		t.Errorf("after saving values: %+v", got)
	}
	session.Values["number"] = 7
	if err := session.Save(req, httptest.NewRecorder()); err == nil {
		t.Error("a number was kept")
	}

	session.Options.MaxAge = -1
	w = httptest.NewRecorder()
	must(t, session.Save(b.request("POST", baseURL+"/"), w))
	if c := w.Result().Cookies(); len(c) != 1 || c[0].Name != name || c[0].MaxAge >= 0 {
		t.Errorf("cookies %v", c)
	}
	wants(t, second(b.principal()), ErrSessionEnded)
	b2, err := st.New(b.request("GET", baseURL+"/"), name)
	if err != nil || !b2.IsNew {
		t.Errorf("after the end: new %v, %v", b2.IsNew, err)
	}
}

// TestEndedWhileRead: what was read before a session ended is not kept after it.
func TestEndedWhileRead(t *testing.T) {
	r := newRig(t, storetest.File(t), nil)
	b := r.browser()
	p := b.mustSignIn()
	r.token(p.GrantID)
	_, sessionEpoch := r.cache.get(p.SessionRef)
	_, grantEpoch := r.grants.get(p.GrantID)
	session, err := r.readSession(t.Context(), p.SessionRef)
	must(t, err)
	grant, err := r.readGrant(t.Context(), p.GrantID)
	must(t, err)

	must(t, r.EndSession(r.asks(), p, p.SessionRef))
	r.cache.put(p.SessionRef, session, nil, sessionEpoch)
	r.grants.put(p.GrantID, grant, grantEpoch)
	wants(t, second(b.principal()), ErrSessionEnded)
	wants(t, second(r.Tokens(p.GrantID).Token(t.Context())), ErrGrantEnded)
}

// TestTenantTakenOff: when a tenant may no longer sign in, its people are out.
func TestTenantTakenOff(t *testing.T) {
	r := newRig(t, storetest.File(t), nil)
	b := r.browser()
	p := b.mustSignIn()
	cfg := r.cfg
	cfg.Tenants = []Tenant{{Issuer: "https://login.example", ID: partnerID}}
	_, _, restarted := r.process(cfg)
	wants(t, second(restarted.Tokens(p.GrantID).Token(t.Context())), ErrGrantEnded)
	b.service = restarted
	wants(t, second(b.principal()), ErrSessionEnded)
}

// TestCloseLeavesNothing running.
func TestCloseLeavesNothing(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Run("whole life", func(t *testing.T) {
		r := newRig(t, storetest.File(t), nil)
		b := r.browser()
		p := b.mustSignIn()
		r.due()
		r.token(p.GrantID)
		b.must()
		must(t, second(b.signOut()))
	})
	http.DefaultClient.CloseIdleConnections() // the browser's own
	goleak.VerifyNone(t, before)
}

// TestManyRequestsAtOnce share one session without a race.
func TestManyRequestsAtOnce(t *testing.T) {
	r := newRig(t, storetest.File(t), nil)
	b := r.browser()
	b.mustSignIn()
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for range 20 {
				method := http.MethodGet
				if i%4 == 0 {
					method = http.MethodPost
				}
				if _, err := r.Principal(b.request(method, baseURL+"/")); err != nil {
					t.Error(err)
				}
				r.wait(time.Second)
			}
		})
	}
	wait.Wait()
}

func TestAgentLabel(t *testing.T) {
	for agent, want := range map[string]string{
		"": "A browser",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36 Edg/125.0.0.0":             "Edge on Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15":                     "Safari on macOS",
		"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Mobile Safari/537.36":                     "Chrome on Android",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/126.0 Mobile/15E148 Safari/605.1.15": "Firefox on iPhone",
		"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36":                            "Chrome on ChromeOS",
		"<script>alert(1)</script>\u202e\n": "A browser",
		"curl/8.0 Linux":                    "A browser on Linux",
	} {
		if got := agentLabel(agent); got != want {
			t.Errorf("%q is %q, want %q", agent, got, want)
		}
	}
}
