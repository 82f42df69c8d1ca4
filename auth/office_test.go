package auth

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/store/storetest"
)

// office is opened beside the rig's service, on a connection of its own.
func (r *rig) office(keys *KeyRing) *Office {
	r.Helper()
	st := r.st
	key, earlier := keys.TrailKeys()
	trail, err := audit.Visit(st, key, audit.Options{Earlier: earlier})
	must(r.TB, err)
	return OpenOffice(st, trail, keys, OfficeOptions{})
}

// TestOffice: on the server, without a session, all sign-ins are seen and can
// be ended; whoever had one is signed out within five seconds.
func TestOffice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, dsn string) {
		r := newRig(t, dsn, nil)
		ctx, by := t.Context(), audit.Entry{Person: "local/root", PersonName: "root"}
		one, two := r.browser(), r.browser()
		first := one.mustSignIn()
		r.wait(time.Minute)
		last := two.mustSignIn()
		office := r.office(r.cfg.Keys)

		list, err := office.Sessions(ctx)
		must(t, err)
		if len(list) != 2 || list[0].Ref != last.SessionRef || list[1].Ref != first.SessionRef || list[0].Name != first.Name || list[0].Current {
			t.Errorf("sessions %+v", list)
		}
		health, err := office.Health(ctx)
		if want := (Health{Grants: 2}); err != nil || health != want {
			t.Errorf("health %+v, %v; want %+v", health, err, want)
		}

		wants(t, office.EndSession(ctx, by, "nothing"), ErrNotFound)
		wants(t, office.EndPerson(ctx, by, "nobody"), ErrNotFound)
		must(t, office.EndSession(ctx, by, first.SessionRef))
		r.wait(cachedFor)
		wants(t, second(one.principal()), ErrSessionEnded)
		two.must()
		must(t, office.EndPerson(ctx, by, last.Key))
		r.wait(cachedFor)
		wants(t, second(two.principal()), ErrSessionEnded)
		wants(t, second(r.Tokens(last.GrantID).Token(ctx)), ErrGrantEnded)

		rows, err := r.trail.List(ctx, audit.Filter{Kinds: []string{audit.KindSessionEnded}})
		must(t, err)
		if len(rows) != 2 || rows[0].Person != "local/root" || rows[1].TargetID != first.SessionRef {
			t.Fatalf("trail %+v", rows)
		}
		if diff := cmp.Diff(map[string]string{"reason": "ended on the server", "of": first.Key, "sessions": "all"}, rows[0].Detail); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestKeysInUse: a key is in use while it opens a sign-in or checks a row of
// the trail, and is missed when it is not there.
func TestKeysInUse(t *testing.T) {
	r := newRig(t, storetest.File(t), nil)
	ctx := t.Context()
	r.browser().mustSignIn()
	ids := testKeys(t, 2, 1).IDs()

	moved := r.office(testKeys(t, 2, 1))
	if diff := cmp.Diff([]KeyUse{{ids[0], 1, 0, 0}, {ids[1], 2, 2, 1}}, valueOf(moved.KeysInUse(ctx))(t)); diff != "" {
		t.Errorf("moved (-want +got):\n%s", diff)
	}
	if n, err := moved.Reseal(ctx); err != nil || n != 2 {
		t.Errorf("resealed %d, %v", n, err)
	}
	if diff := cmp.Diff([]KeyUse{{ids[0], 1, 2, 0}, {ids[1], 2, 0, 1}}, valueOf(moved.KeysInUse(ctx))(t)); diff != "" {
		t.Errorf("resealed (-want +got):\n%s", diff)
	}
	key, _ := testKeys(t, 1).TrailKeys()
	only := r.office(testKeys(t, 3))
	want := []KeyUse{{testKeys(t, 3).IDs()[0], 1, 0, 0}, {ids[0], 0, 2, 0}, {audit.KeyID(key), 0, 0, 1}}
	if diff := cmp.Diff(want, valueOf(only.KeysInUse(ctx))(t)); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
}

// valueOf gives the value of a call that must not fail.
func valueOf[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		must(t, err)
		return v
	}
}

func TestWithoutKey(t *testing.T) {
	one, two, three := GenerateKey(), GenerateKey(), GenerateKey()
	file := "# of June\n" + one + "\n\n  " + two + "\r\n# last\n" + three
	ring, err := ParseKeyRing([]byte(file))
	must(t, err)
	for name, tt := range map[string]struct {
		id, want string
		err      error
	}{
		"the second": {ring.IDs()[1], "# of June\n" + one + "\n\n# last\n" + three, nil},
		"the last":   {ring.IDs()[2], "# of June\n" + one + "\n\n  " + two + "\r\n# last\n", nil},
		"the first":  {ring.IDs()[0], "", ErrSealingKey},
		"a stranger": {"00112233", "", ErrNoKey},
		"no ID":      {"", "", ErrNoKey},
	} {
		got, err := WithoutKey([]byte(file), tt.id)
		if tt.err != nil {
			wants(t, err, tt.err)
			continue
		}
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %v, %d lines", name, err, strings.Count(string(got), "\n"))
		}
	}
}
