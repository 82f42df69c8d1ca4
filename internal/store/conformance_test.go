package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// now is a time with all the digits that the databases keep.
var now = time.Date(2026, 6, 1, 14, 2, 3, 456789000, time.UTC)

// TestConformance holds every row method to the same behaviour on every database.
func TestConformance(t *testing.T) {
	storetest.Each(t, func(t *testing.T, dsn string) {
		conform(t, storetest.Open(t, store.Options{DSN: dsn, Now: func() time.Time { return now }}))
	})
}

// conform holds one store to it, but for what is left out.
func conform(t *testing.T, st *store.Store, leftOut ...string) {
	for name, test := range map[string]func(*testing.T, *store.Store){
		"attempts":       conformAttempts,
		"logout tokens":  conformLogoutTokens,
		"grants":         conformGrants,
		"grant lease":    conformGrantLease,
		"sessions":       conformSessions,
		"expiry":         conformExpiry,
		"forgotten":      conformTokensAreForgotten,
		"keys":           conformKeys,
		"preferences":    conformPreferences,
		"selections":     conformSelections,
		"saved views":    conformSavedViews,
		"seats":          conformSeats,
		"trail":          conformTrail,
		"trail is kept":  conformTrailIsKept,
		"trail keys":     conformTrailKeys,
		"segments":       conformSegments,
		"anchors":        conformAnchors,
		"transactions":   conformTransactions,
		"many at once":   conformManyAtOnce,
		"strange values": conformStrangeValues,
	} {
		if !slices.Contains(leftOut, name) {
			t.Run(name, func(t *testing.T) { test(t, st) })
		}
	}
}

func conformAttempts(t *testing.T, st *store.Store) {
	ctx := t.Context()
	a := store.Attempt{ID: "a1", Payload: []byte{0, 1, 0xff}, KeyID: "k", Created: now, Expires: now.Add(10 * time.Minute)}
	ok(t, st.CreateAttempt(ctx, a))
	is(t, st.CreateAttempt(ctx, a), "UNIQUE", "duplicate key")

	got, err := st.TakeAttempt(ctx, "a1", now.Add(10*time.Minute-time.Microsecond))
	ok(t, err)
	same(t, a, got)
	_, err = st.TakeAttempt(ctx, "a1", now)
	wants(t, err, store.ErrNotFound) // once

	a.ID = "a2"
	ok(t, st.CreateAttempt(ctx, a))
	_, err = st.TakeAttempt(ctx, "a2", a.Expires)
	wants(t, err, store.ErrNotFound) // too late

	a.ID = "a3"
	ok(t, st.CreateAttempt(ctx, a))
	ok(t, st.DeleteAttempt(ctx, "a3"))
	_, err = st.TakeAttempt(ctx, "a3", now)
	wants(t, err, store.ErrNotFound)
}

func conformLogoutTokens(t *testing.T, st *store.Store) {
	ctx := t.Context()
	until := now.Add(time.Minute)
	ok(t, st.UseLogoutToken(ctx, "jti", until, now))
	wants(t, st.UseLogoutToken(ctx, "jti", until, now), store.ErrConflict)
	ok(t, st.UseLogoutToken(ctx, "jti", until.Add(time.Hour), until)) // forgotten when its time has passed
}

func grant(id, person string) store.Grant {
	return store.Grant{
		ID: id, Person: person, Issuer: "https://login.example/", Subject: "s-" + person, ProviderSession: "sid-" + id,
		Identity: []byte("identity " + id), Tokens: []byte("tokens " + id), KeyID: "k", Version: 1,
		Created: now, Expires: now.Add(12 * time.Hour),
	}
}

func conformGrants(t *testing.T, st *store.Store) {
	ctx := t.Context()
	g, other := grant("g1", "ann"), grant("g2", "bob")
	ok(t, st.CreateGrant(ctx, g))
	ok(t, st.CreateGrant(ctx, other))
	got, err := st.Grant(ctx, "g1")
	ok(t, err)
	same(t, g, got)
	_, err = st.Grant(ctx, "none")
	wants(t, err, store.ErrNotFound)

	change := store.GrantChange{ID: "g1", Version: 1, ProviderSession: "sid", Identity: []byte("i2"), Tokens: []byte("t2"),
		KeyID: "k2", Expires: now.Add(time.Hour)}
	ok(t, st.ReplaceGrant(ctx, change))
	wants(t, st.ReplaceGrant(ctx, change), store.ErrConflict) // the version has moved on
	got, err = st.Grant(ctx, "g1")
	ok(t, err)
	g.Version, g.ProviderSession, g.Identity, g.Tokens, g.KeyID, g.Expires = 2, "sid", []byte("i2"), []byte("t2"), "k2", change.Expires
	same(t, g, got)

	for _, tt := range []struct {
		issuer, subject, sid string
		want                 []string
	}{
		{g.Issuer, "s-ann", "", []string{"g1"}},
		{g.Issuer, "", "sid-g2", []string{"g2"}},
		{g.Issuer, "s-ann", "sid-g2", nil},
		{"https://elsewhere.example/", "s-ann", "", nil},
	} {
		found, err := st.GrantsOfSubject(ctx, tt.issuer, tt.subject, tt.sid)
		ok(t, err)
		same(t, tt.want, ids(found, func(g store.Grant) string { return g.ID }))
	}
	found, err := st.GrantsOfPerson(ctx, "ann")
	ok(t, err)
	same(t, []string{"g1"}, ids(found, func(g store.Grant) string { return g.ID }))

	ok(t, st.DeleteGrant(ctx, "g1"))
	wants(t, st.DeleteGrant(ctx, "g1"), store.ErrNotFound)
	wants(t, st.ReplaceGrant(ctx, change), store.ErrConflict)
	ok(t, st.DeleteGrant(ctx, "g2"))
}

func conformGrantLease(t *testing.T, st *store.Store) {
	ctx := t.Context()
	ok(t, st.CreateGrant(ctx, grant("g3", "ann")))
	lease := func(version int64, owner string, at time.Time) bool {
		t.Helper()
		got, err := st.LeaseGrant(ctx, "g3", version, owner, at.Add(time.Minute), at)
		ok(t, err)
		return got
	}
	if lease(7, "one", now) {
		t.Error("leased a version that is not the row's")
	}
	if !lease(1, "one", now) {
		t.Error("a free grant was not leased")
	}
	if lease(1, "two", now.Add(time.Minute-time.Microsecond)) {
		t.Error("leased while another held it")
	}
	if !lease(1, "two", now.Add(time.Minute)) {
		t.Error("not leased though the lease had run out")
	}
	ok(t, st.ReleaseGrant(ctx, "g3", "one")) // no longer its own
	if lease(1, "three", now.Add(time.Minute)) {
		t.Error("one gave back the lease of two")
	}
	ok(t, st.ReleaseGrant(ctx, "g3", "two"))
	if !lease(1, "three", now.Add(time.Minute)) {
		t.Error("not leased though it was given back")
	}
	g, err := st.Grant(ctx, "g3")
	ok(t, err)
	if g.LeaseOwner != "three" || !g.LeaseUntil.Equal(now.Add(2*time.Minute)) {
		t.Errorf("lease of %q until %v, want three until %v", g.LeaseOwner, g.LeaseUntil, now.Add(2*time.Minute))
	}
	ok(t, st.ReplaceGrant(ctx, store.GrantChange{ID: "g3", Version: 1, Identity: []byte{1}, Tokens: []byte{2}, KeyID: "k", Expires: g.Expires}))
	if !lease(2, "four", now) {
		t.Error("replacing the tokens did not end the lease")
	}
	ok(t, st.DeleteGrant(ctx, "g3"))
	if lease(2, "five", now.Add(time.Hour)) {
		t.Error("leased a grant that is gone")
	}
}

func session(id, person, grantID string) store.Session {
	return store.Session{
		ID: id, Person: person, GrantID: grantID, Payload: []byte("payload " + id), KeyID: "k",
		Created: now, LastSeen: now, Expires: now.Add(12 * time.Hour), Agent: "Firefox on Linux", Address: "192.0.2.1",
	}
}

func conformSessions(t *testing.T, st *store.Store) {
	ctx := t.Context()
	ok(t, st.CreateGrant(ctx, grant("g4", "ann")))
	ok(t, st.CreateGrant(ctx, grant("g5", "bob")))
	s1, s2, s3 := session("s1", "ann", "g4"), session("s2", "ann", "g4"), session("s3", "bob", "g5")
	s2.Created, s2.SteppedUp = now.Add(time.Second), now
	for _, s := range []store.Session{s1, s2, s3} {
		ok(t, st.CreateSession(ctx, s))
	}
	if err := st.CreateSession(ctx, session("s4", "ann", "no such grant")); err == nil {
		t.Error("a session without a grant was kept")
	}

	got, err := st.Session(ctx, "s2")
	ok(t, err)
	same(t, store.SessionWithGrant{Session: s2, Identity: []byte("identity g4"), IdentityKeyID: "k", GrantVersion: 1}, got)
	_, err = st.Session(ctx, "none")
	wants(t, err, store.ErrNotFound)

	list := func(person string) []string {
		t.Helper()
		found, err := st.Sessions(ctx, person)
		ok(t, err)
		return ids(found, func(s store.SessionWithGrant) string { return s.ID })
	}
	same(t, []string{"s2", "s1"}, list("ann"))
	same(t, []string{"s2", "s1", "s3"}, list(""))

	ok(t, st.SeenSession(ctx, "s1", now.Add(time.Minute)))
	ok(t, st.SeenSession(ctx, "s1", now.Add(time.Second))) // an older one comes late
	got, err = st.Session(ctx, "s1")
	ok(t, err)
	if !got.LastSeen.Equal(now.Add(time.Minute)) {
		t.Errorf("last seen %v, want %v", got.LastSeen, now.Add(time.Minute))
	}

	n, err := st.DropStepUps(ctx)
	ok(t, err)
	got, err = st.Session(ctx, "s2")
	ok(t, err)
	if n != 1 || !got.SteppedUp.IsZero() {
		t.Errorf("dropped %d step-ups, want 1; the session's is %v", n, got.SteppedUp)
	}

	ok(t, st.DeleteSession(ctx, "s1"))
	wants(t, st.DeleteSession(ctx, "s1"), store.ErrNotFound)
	ok(t, st.DeleteGrant(ctx, "g4")) // and with it its sessions
	same(t, []string{"s3"}, list(""))
	ok(t, st.DeleteGrant(ctx, "g5"))
}

func conformExpiry(t *testing.T, st *store.Store) {
	ctx := t.Context()
	ok(t, st.CreateGrant(ctx, grant("g6", "ann")))
	ok(t, st.CreateSession(ctx, session("s5", "ann", "g6")))
	ok(t, st.CreateAttempt(ctx, store.Attempt{ID: "a5", Payload: []byte{1}, KeyID: "k", Created: now, Expires: now.Add(12 * time.Hour)}))
	sweeps := map[string]func(context.Context, time.Time) (int64, error){
		"attempts": st.DeleteExpiredAttempts, "sessions": st.DeleteExpiredSessions, "grants": st.DeleteExpiredGrants,
	}
	for name, sweep := range sweeps {
		early, err := sweep(ctx, now.Add(12*time.Hour-time.Microsecond))
		ok(t, err)
		late, err := sweep(ctx, now.Add(12*time.Hour))
		ok(t, err)
		if name == "sessions" && late == 0 { // they may have gone with the grant
			_, err = st.Session(ctx, "s5")
			wants(t, err, store.ErrNotFound)
			late = 1
		}
		if early != 0 || late != 1 {
			t.Errorf("%s: %d swept before their time and %d at it, want 0 and 1", name, early, late)
		}
	}
}

func conformTokensAreForgotten(t *testing.T, st *store.Store) {
	ctx := t.Context()
	ok(t, st.CreateGrant(ctx, grant("g11", "ann")))
	end := now.Add(12 * time.Hour)
	for _, tt := range []struct {
		at   time.Time
		want int64
	}{{end.Add(-time.Microsecond), 0}, {end, 1}, {end, 0}} { // a second time there is nothing left to forget
		n, err := st.ForgetExpiredTokens(ctx, tt.at)
		ok(t, err)
		same(t, tt.want, n)
	}
	g, err := st.Grant(ctx, "g11")
	ok(t, err)
	if g.HasTokens() || g.Version != 2 || !grant("g11", "ann").HasTokens() {
		t.Errorf("tokens %x, version %d", g.Tokens, g.Version)
	}
	ok(t, st.DeleteGrant(ctx, "g11"))
}

func conformKeys(t *testing.T, st *store.Store) {
	ctx := t.Context()
	g, s := grant("g7", "ann"), session("s6", "ann", "g7")
	g.KeyID, s.KeyID = "old", "older"
	ok(t, st.CreateGrant(ctx, g))
	ok(t, st.CreateSession(ctx, s))
	used, err := st.KeysInUse(ctx)
	ok(t, err)
	same(t, map[string]int64{"old": 1, "older": 1}, used)

	for after, want := range map[string][]string{"": {"g7"}, "g6": {"g7"}, "g7": nil} {
		grants, err := st.GrantsNotUnder(ctx, "new", after, 10)
		ok(t, err)
		same(t, want, ids(grants, func(g store.Grant) string { return g.ID }))
	}
	for after, want := range map[string][]string{"": {"s6"}, "s6": nil} {
		sessions, err := st.SessionsNotUnder(ctx, "new", after, 10)
		ok(t, err)
		same(t, want, ids(sessions, func(s store.Session) string { return s.ID }))
	}
	ok(t, st.ReplaceSessionPayload(ctx, "s6", []byte("new"), "new"))
	sessions, err := st.SessionsNotUnder(ctx, "new", "", 10)
	ok(t, err)
	same(t, []string(nil), ids(sessions, func(s store.Session) string { return s.ID }))
	wants(t, st.ReplaceSessionPayload(ctx, "none", []byte("new"), "new"), store.ErrNotFound)
	ok(t, st.DeleteGrant(ctx, "g7"))
}

func conformPreferences(t *testing.T, st *store.Store) {
	ctx := t.Context()
	_, found, err := st.Preference(ctx, "ann", "theme")
	ok(t, err)
	if found {
		t.Error("found a preference that nobody set")
	}
	ok(t, st.SetPreference(ctx, "ann", "theme", []byte(`"dark"`)))
	ok(t, st.SetPreference(ctx, "ann", "theme", []byte(`"light"`)))
	ok(t, st.SetPreference(ctx, "bob", "theme", []byte(`"dark"`)))
	value, found, err := st.Preference(ctx, "ann", "theme")
	ok(t, err)
	if !found || string(value) != `"light"` {
		t.Errorf("theme = %s, %v; want \"light\"", value, found)
	}

	// Two at once don't lose a change.
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			err := st.ChangePreference(ctx, "ann", "count", func(old []byte) ([]byte, error) { return append(old, '1'), nil })
			if err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	value, _, err = st.Preference(ctx, "ann", "count")
	ok(t, err)
	if string(value) != "11111111" {
		t.Errorf("eight changes at once left %q", value)
	}
	refused := errors.New("refused")
	wants(t, st.ChangePreference(ctx, "ann", "count", func([]byte) ([]byte, error) { return nil, refused }), refused)

	ok(t, st.DeletePreference(ctx, "ann", "count"))
	n, err := st.DeletePreferences(ctx, "ann")
	ok(t, err)
	_, found, err = st.Preference(ctx, "bob", "theme")
	ok(t, err)
	if n != 1 || !found {
		t.Errorf("deleted %d preferences of ann, want 1; bob's is there: %v", n, found)
	}
}

func conformSelections(t *testing.T, st *store.Store) {
	ctx := t.Context()
	long := now.Add(-time.Hour)
	add := func(id byte) func([]byte) ([]byte, error) {
		return func(old []byte) ([]byte, error) { return append(old, id), nil }
	}
	ids, version, err := st.Selection(ctx, "ann", "contoso", "users", 0, long)
	ok(t, err)
	if ids != nil || version != 0 {
		t.Errorf("before anything is ticked: %v, version %d", ids, version)
	}
	first, err := st.ChangeSelection(ctx, "ann", "contoso", "users", long, add(1))
	ok(t, err)
	second, err := st.ChangeSelection(ctx, "ann", "contoso", "users", long, add(2))
	ok(t, err)
	if first == 0 || second <= first {
		t.Errorf("versions %d, %d in the same moment, want them to grow", first, second)
	}
	_, err = st.ChangeSelection(ctx, "ann", "contoso", "deleted", long, add(9))
	ok(t, err)
	ids, version, err = st.Selection(ctx, "ann", "contoso", "users", first, long)
	ok(t, err)
	same(t, []byte{1, 2}, ids)
	same(t, second, version)
	ids, version, err = st.Selection(ctx, "ann", "contoso", "users", second, long)
	ok(t, err)
	if ids != nil || version != second {
		t.Errorf("what is known already is read again: %v, version %d", ids, version)
	}
	ids, _, err = st.Selection(ctx, "ann", "contoso", "users", 0, now.Add(time.Microsecond))
	ok(t, err)
	if ids != nil {
		t.Errorf("older than wanted, yet %v", ids)
	}

	// Two at once don't lose a change, one that fails changes nothing.
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if _, err := st.ChangeSelection(ctx, "bob", "contoso", "users", long, add(7)); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	refused := errors.New("refused")
	_, err = st.ChangeSelection(ctx, "bob", "contoso", "users", long, func([]byte) ([]byte, error) { return nil, refused })
	wants(t, err, refused)
	ids, _, err = st.Selection(ctx, "bob", "contoso", "users", 0, long)
	ok(t, err)
	if len(ids) != 8 {
		t.Errorf("eight changes at once left %v", ids)
	}

	// None left: no row. Everybody's old ones go with any change.
	_, err = st.ChangeSelection(ctx, "bob", "contoso", "users", long, func([]byte) ([]byte, error) { return nil, nil })
	ok(t, err)
	_, err = st.ChangeSelection(ctx, "eve", "contoso", "users", now.Add(time.Microsecond), func(old []byte) ([]byte, error) { return old, nil })
	ok(t, err)
	ids, version, err = st.Selection(ctx, "ann", "contoso", "users", 0, long)
	ok(t, err)
	if ids != nil || version != 0 {
		t.Errorf("old, yet there: %v, version %d", ids, version)
	}
}

func conformSavedViews(t *testing.T, st *store.Store) {
	ctx := t.Context()
	mine := store.SavedView{ID: "v1", Tenant: "fabrikam", Person: "ann", PersonName: "Ann", Name: "Guests", Query: "guest=yes", Created: now, Updated: now}
	shared := store.SavedView{ID: "v2", Tenant: "fabrikam", Person: "ann", PersonName: "Ann", Name: "Synced", CustomerID: "contoso", Shared: true, Query: "synced=yes", Created: now.Add(time.Second), Updated: now}
	ok(t, st.CreateSavedView(ctx, mine))
	ok(t, st.CreateSavedView(ctx, shared))
	is(t, st.CreateSavedView(ctx, mine), "UNIQUE", "duplicate key")
	see := func(tenant, person string, want ...store.SavedView) {
		t.Helper()
		got, err := st.SavedViews(ctx, tenant, person)
		ok(t, err)
		same(t, want, got)
	}
	see("fabrikam", "ann", mine, shared)
	see("fabrikam", "bob", shared)
	see("other", "eve")

	wants(t, st.ChangeSavedView(ctx, store.SavedView{ID: "v2", Person: "bob", Name: "Mine"}), store.ErrNotFound)
	shared.Name, shared.Shared, shared.Query, shared.Updated = "On premises", false, "synced=yes&sort=-upn", now.Add(time.Minute)
	ok(t, st.ChangeSavedView(ctx, shared))
	see("fabrikam", "ann", mine, shared)
	see("fabrikam", "bob")
	wants(t, st.DeleteSavedView(ctx, "bob", "v1"), store.ErrNotFound)
	ok(t, st.DeleteSavedView(ctx, "ann", "v1"))
	see("fabrikam", "ann", shared)
	n, err := st.DeletePreferences(ctx, "ann")
	ok(t, err)
	if n != 1 {
		t.Errorf("%d rows of ann deleted, want the view", n)
	}
	see("fabrikam", "ann")
}

func conformSeats(t *testing.T, st *store.Store) {
	ctx := t.Context()
	day := func(n int) time.Time { return time.Date(2026, 6, n, 0, 0, 0, 0, time.UTC) }
	count := func(customer, sku string, n, owned, assigned int) store.SeatCount {
		return store.SeatCount{Tenant: "fabrikam", CustomerID: customer, SKUID: sku, Day: day(n), Owned: owned, Assigned: assigned}
	}
	see := func(customer string, from int, want ...store.SeatCount) {
		t.Helper()
		got, err := st.SeatCounts(ctx, "fabrikam", customer, day(from))
		ok(t, err)
		same(t, want, got)
	}
	ok(t, st.KeepSeatCounts(ctx, nil))
	see("contoso", 1)
	rows := []store.SeatCount{count("contoso", "e5", 2, 60, 58), count("contoso", "e3", 1, 200, 174), count("contoso", "e3", 2, 200, 180)}
	ok(t, st.KeepSeatCounts(ctx, rows))
	same(t, "e5", rows[0].SKUID) // the caller's order stays
	ok(t, st.KeepSeatCounts(ctx, []store.SeatCount{count("northwind", "e3", 2, 9, 8)}))
	other := count("contoso", "e3", 2, 1, 1)
	other.Tenant = "another partner"
	ok(t, st.KeepSeatCounts(ctx, []store.SeatCount{other}))
	see("contoso", 1, rows[1], rows[2], rows[0])
	see("contoso", 2, rows[2], rows[0])
	see("contoso", 3)

	again := count("contoso", "e3", 2, 210, 181)
	again.Day = again.Day.Add(15*time.Hour + time.Minute) // a day is a day at any hour
	ok(t, st.KeepSeatCounts(ctx, []store.SeatCount{again}))
	see("contoso", 2, count("contoso", "e3", 2, 210, 181), rows[0])

	var wait sync.WaitGroup
	e3, e5 := count("contoso", "e3", 3, 210, 182), count("contoso", "e5", 3, 60, 59)
	for i := range 16 {
		wait.Go(func() {
			both := []store.SeatCount{e3, e5}
			if i%2 == 0 {
				both = []store.SeatCount{e5, e3}
			}
			if err := st.KeepSeatCounts(ctx, both); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	see("contoso", 3, e3, e5)

	n, err := st.DeleteSeatCounts(ctx, day(3))
	ok(t, err)
	same(t, int64(5), n)
	see("contoso", 1, e3, e5)
	see("northwind", 1)
	_, err = st.DeleteSeatCounts(ctx, day(4))
	ok(t, err)
}

func trailRow(seq int64, person, customer, kind string) store.TrailRow {
	return store.TrailRow{
		Seq: seq, Time: now.Add(time.Duration(seq) * time.Second), Kind: kind, Person: person, PersonName: "Ann", Address: "192.0.2.1",
		CustomerID: customer, TargetID: "t" + kind, Ticket: "INC-1", CorrelationID: "c" + person, Detail: `{"a":"b"}`, KeyID: "k",
		Prev: []byte{byte(seq - 1)}, MAC: []byte{byte(seq)},
	}
}

func appendRow(t *testing.T, st *store.Store, r store.TrailRow) error {
	t.Helper()
	return st.InTx(t.Context(), func(tx *store.Tx) error {
		if err := tx.LockTrail(t.Context()); err != nil {
			return err
		}
		return tx.InsertTrail(t.Context(), r)
	})
}

// fillTrail makes sure that five rows are there, whatever test comes first.
func fillTrail(t *testing.T, st *store.Store) []store.TrailRow {
	t.Helper()
	rows := []store.TrailRow{
		trailRow(1, "ann", "contoso", "read"), trailRow(2, "bob", "contoso", "read"), trailRow(3, "ann", "fabrikam", "write"),
		trailRow(4, "ann", "contoso", "write"), trailRow(5, "bob", "contoso", "read"),
	}
	if _, _, err := st.TrailHead(t.Context()); errors.Is(err, store.ErrNotFound) {
		for _, r := range rows {
			ok(t, appendRow(t, st, r))
		}
	}
	return rows
}

func conformTrail(t *testing.T, st *store.Store) {
	ctx := t.Context()
	rows := fillTrail(t, st)
	seq, mac, err := st.TrailHead(ctx)
	ok(t, err)
	if seq != 5 || mac[0] != 5 {
		t.Errorf("head is %d with code %x, want 5", seq, mac)
	}
	if err := appendRow(t, st, rows[4]); err == nil {
		t.Error("two rows have one seq")
	}

	for name, tt := range map[string]struct {
		filter store.TrailFilter
		want   []int64
	}{
		"everything":   {store.TrailFilter{}, []int64{5, 4, 3, 2, 1}},
		"person":       {store.TrailFilter{Person: "ann"}, []int64{4, 3, 1}},
		"customer":     {store.TrailFilter{CustomerID: "contoso"}, []int64{5, 4, 2, 1}},
		"target":       {store.TrailFilter{TargetID: "twrite"}, []int64{4, 3}},
		"correlation":  {store.TrailFilter{CorrelationID: "cbob"}, []int64{5, 2}},
		"ticket":       {store.TrailFilter{Ticket: "INC-2"}, nil},
		"kinds":        {store.TrailFilter{Kinds: []string{"write", "delete"}}, []int64{4, 3}},
		"since, until": {store.TrailFilter{Since: rows[1].Time, Until: rows[3].Time}, []int64{3, 2}},
		"before":       {store.TrailFilter{Before: 3}, []int64{2, 1}},
		"all of them":  {store.TrailFilter{Person: "ann", CustomerID: "contoso", Kinds: []string{"read"}, Before: 5}, []int64{1}},
	} {
		tt.filter.Limit = 10
		found, err := st.Trail(ctx, tt.filter)
		ok(t, err)
		var got []int64
		for _, r := range found {
			got = append(got, r.Seq)
			same(t, rows[r.Seq-1], r)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: rows %v, want %v", name, got, tt.want)
		}
	}
	limited, err := st.Trail(ctx, store.TrailFilter{Limit: 2})
	ok(t, err)
	same(t, []store.TrailRow{rows[4], rows[3]}, limited)
	after, err := st.TrailAfter(ctx, 2, 2)
	ok(t, err)
	same(t, rows[2:4], after)
}

func conformTrailIsKept(t *testing.T, st *store.Store) {
	fillTrail(t, st)
	for _, statement := range []string{`UPDATE trail SET person = 'eve' WHERE seq = 1`, `DELETE FROM trail WHERE seq = 5`} {
		err := st.InTx(t.Context(), func(tx *store.Tx) error {
			_, err := tx.SQL().ExecContext(t.Context(), statement)
			return err
		})
		is(t, err, "append-only")
	}
}

func conformTrailKeys(t *testing.T, st *store.Store) {
	fillTrail(t, st)
	used, err := st.TrailKeysInUse(t.Context())
	ok(t, err)
	same(t, map[string]int64{"k": 5}, used)
}

func conformSegments(t *testing.T, st *store.Store) {
	rows := fillTrail(t, st)
	end := rows[4].Time.Add(time.Hour)
	for name, tt := range map[string]struct {
		before time.Time
		size   int64
		want   int64
	}{
		"older than the last":   {rows[4].Time, 2, 4},
		"older than the fourth": {rows[3].Time, 2, 2},
		"a moment later":        {rows[3].Time.Add(time.Microsecond), 2, 4},
		"older than the first":  {rows[0].Time, 1, 0},
		"whatever their age":    {end, 3, 3},
		"none after it":         {end, 5, 0},
		"none so long":          {end, 6, 0},
	} {
		seq, mac, err := st.TrailSegmentBefore(t.Context(), tt.before, tt.size)
		ok(t, err)
		if seq != tt.want || tt.want != 0 && !slices.Equal(mac, rows[seq-1].MAC) {
			t.Errorf("%s: up to %d with code %x, want %d", name, seq, mac, tt.want)
		}
	}
}

// TestConformanceNamesAll: no row method is left out of the suite.
func TestConformanceNamesAll(t *testing.T) {
	source, err := os.ReadFile("conformance_test.go")
	ok(t, err)
	rowMethods := reflect.TypeFor[store.Tables]()
	for i := range rowMethods.NumMethod() {
		name := rowMethods.Method(i).Name
		if !regexp.MustCompile(`\b(st|tx)\.` + name + `\b`).Match(source) {
			t.Errorf("%s is in no test of the suite", name)
		}
	}
	if rowMethods.NumMethod() < 40 {
		t.Errorf("%d row methods found", rowMethods.NumMethod())
	}
}

func conformAnchors(t *testing.T, st *store.Store) {
	ctx := t.Context()
	_, err := st.LastAnchor(ctx)
	wants(t, err, store.ErrNotFound)
	a := store.Anchor{Time: now, Seq: 4, MAC: []byte{4}, Reason: "start"}
	b := store.Anchor{Time: now.Add(time.Hour), Seq: 5, MAC: []byte{5}, Reason: "hour"}
	ok(t, st.InsertAnchor(ctx, b))
	ok(t, st.InsertAnchor(ctx, a))
	last, err := st.LastAnchor(ctx)
	ok(t, err)
	same(t, b, last)
}

func conformTransactions(t *testing.T, st *store.Store) {
	ctx := t.Context()
	stop := errors.New("stop")
	wants(t, st.InTx(ctx, func(tx *store.Tx) error {
		ok(t, tx.CreateGrant(ctx, grant("g8", "ann")))
		got, err := tx.Grant(ctx, "g8") // sees its own
		ok(t, err)
		same(t, "ann", got.Person)
		return stop
	}), stop)
	_, err := st.Grant(ctx, "g8")
	wants(t, err, store.ErrNotFound) // and takes it back

	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = st.InTx(ctx, func(tx *store.Tx) error {
			ok(t, tx.CreateGrant(ctx, grant("g8", "ann")))
			panic("in the middle")
		})
	}()
	_, err = st.Grant(ctx, "g8")
	wants(t, err, store.ErrNotFound)

	cancelled, cancel := context.WithCancel(ctx)
	err = st.InTx(cancelled, func(tx *store.Tx) error {
		ok(t, tx.CreateGrant(ctx, grant("g8", "ann")))
		cancel()
		return nil
	})
	if err == nil {
		t.Error("a transaction was committed after its context had ended")
	}
	_, err = st.Grant(ctx, "g8")
	wants(t, err, store.ErrNotFound)
}

// conformManyAtOnce takes one attempt and leases one grant from many sides.
func conformManyAtOnce(t *testing.T, st *store.Store) {
	ctx := t.Context()
	const many = 16
	ok(t, st.CreateAttempt(ctx, store.Attempt{ID: "a9", Payload: []byte{1}, KeyID: "k", Created: now, Expires: now.Add(time.Hour)}))
	ok(t, st.CreateGrant(ctx, grant("g9", "ann")))
	var taken, leased, replaced atomic.Int64
	var wait sync.WaitGroup
	for i := range many {
		wait.Go(func() {
			switch _, err := st.TakeAttempt(ctx, "a9", now); {
			case err == nil:
				taken.Add(1)
			case !errors.Is(err, store.ErrNotFound):
				t.Error(err)
			}
			if got, err := st.LeaseGrant(ctx, "g9", 1, fmt.Sprint(i), now.Add(time.Minute), now); err != nil {
				t.Error(err)
			} else if got {
				leased.Add(1)
			}
		})
	}
	wait.Wait()
	for range many {
		wait.Go(func() {
			err := st.ReplaceGrant(ctx, store.GrantChange{ID: "g9", Version: 1, Identity: []byte{1}, Tokens: []byte{1}, KeyID: "k", Expires: now.Add(time.Hour)})
			switch {
			case err == nil:
				replaced.Add(1)
			case !errors.Is(err, store.ErrConflict):
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if taken.Load() != 1 || leased.Load() != 1 || replaced.Load() != 1 {
		t.Errorf("taken %d times, leased %d times, replaced %d times; want once each", taken.Load(), leased.Load(), replaced.Load())
	}
	ok(t, st.DeleteGrant(ctx, "g9"))
}

func conformStrangeValues(t *testing.T, st *store.Store) {
	ctx := t.Context()
	for _, value := range []string{`"'; DROP TABLE trail; --"`, `"Ünïcödé 名前 \u202e"`, `{}`} {
		ok(t, st.SetPreference(ctx, "o'brien", value, []byte(value)))
		got, found, err := st.Preference(ctx, "o'brien", value)
		ok(t, err)
		if !found || string(got) != value {
			t.Errorf("kept %q, read %q", value, got)
		}
	}
	g := grant("g10", "ann")
	g.Tokens = make([]byte, 64<<10)
	for i := range g.Tokens {
		g.Tokens[i] = byte(i)
	}
	ok(t, st.CreateGrant(ctx, g))
	got, err := st.Grant(ctx, "g10")
	ok(t, err)
	same(t, g, got)
	ok(t, st.DeleteGrant(ctx, "g10"))
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wants(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
}

// is fails unless the error says one of the texts, as each database words it.
func is(t *testing.T, err error, texts ...string) {
	t.Helper()
	if err == nil || !slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(err.Error(), text) }) {
		t.Fatalf("error %v, want one that says one of %q", err, texts)
	}
}

func same(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
}

func ids[T any](rows []T, id func(T) string) []string {
	var out []string
	for _, r := range rows {
		out = append(out, id(r))
	}
	return out
}
