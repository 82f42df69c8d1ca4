package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/internal/config"
	"github.com/rollcall-app/rollcall/internal/store/storetest"
)

// examined is what doctor found, by check; several findings of one are joined.
func examined(t *testing.T, wantCode int, args ...string) map[string]string {
	t.Helper()
	out, errOut, code := cli(t, append([]string{"doctor", "-o", "json"}, args...)...)
	var found []finding
	if err := json.Unmarshal([]byte(out), &found); err != nil {
		t.Fatalf("%v: %s%s", err, out, errOut)
	}
	if code != wantCode {
		t.Errorf("exit code %d, want %d\n%s%s", code, wantCode, out, errOut)
	}
	by := map[string]string{}
	for _, f := range found {
		by[f.Check] = strings.TrimSpace(by[f.Check] + " " + f.Result + ": " + f.Found + " | " + f.Do)
		if f.Found == "" || f.Result != resultOK && f.Result != resultWarning && f.Do == "" {
			t.Errorf("%+v says too little", f)
		}
	}
	return by
}

// TestDoctor: a server that works, and then what can be wrong with one.
func TestDoctor(t *testing.T) {
	s := startServed(t)
	args := s.args[1:] // of serve
	before := examined(t, exitDone, args...)
	for check, want := range map[string]string{
		"settings": "ok: all can be used", "keys": "ok: 1 key in ", "client secret": "ok: only its owner can read", "database": "ok: ",
		"trail": "ok: its newest row", "second factor": "warning: nobody has signed in yet", "renewing tokens": "warning: nobody is signed in",
		"provider": "ok: " + s.issuer + " answers", "clock": "ok: as the provider's", "Partner Center": "ok: ", "portal": "ok: " + s.url + " answers",
	} {
		if !strings.HasPrefix(before[check], want) {
			t.Errorf("%s: %q, want %q", check, before[check], want)
		}
	}
	if _, there := before["free space"]; !there || len(before) != 12 {
		t.Errorf("checks %q", slices.Sorted(maps.Keys(before)))
	}

	s.visitor(priya)
	after := examined(t, exitDone, args...)
	for check, want := range map[string]string{
		"second factor":   "ok: shown by acrs 0 times, by amr 1, by Partner Center 0",
		"renewing tokens": "ok: all 1 sign-ins have a refresh token; none was old enough to need it",
	} {
		if !strings.HasPrefix(after[check], want) {
			t.Errorf("signed in: %s: %q, want %q", check, after[check], want)
		}
	}

	// Each thing that can be wrong is told by its own check, and the others go on.
	closed := httptest.NewServer(nil)
	closed.Close()
	elsewhere := httptest.NewServer(http.NotFoundHandler())
	defer elsewhere.Close()
	misdirected := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusMisdirectedRequest) }))
	defer misdirected.Close()
	open := filepath.Join(t.TempDir(), "open")
	s.write(open, s.key+"\n")
	if err := os.Chmod(open, 0o644); err != nil { //nolint:gosec // G302: that is what is to be found
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other")
	s.write(other, auth.GenerateKey()+"\n")
	for name, tt := range map[string]struct {
		args  []string
		code  int
		check string
		want  []string
	}{
		"a mistake":               {[]string{"--require-mfa=maybe"}, exitFailed, "settings", []string{`failed: --require-mfa: "maybe" is neither true nor false`}},
		"keys for all to read":    {[]string{"--key-file", open}, exitDone, "keys", []string{"warning: everybody on this machine can read", "chmod 600 "}},
		"other keys":              {[]string{"--key-file", other}, exitFailed, "keys in use", []string{"failed: 2 rows of sign-ins and 0 of the trail need key"}},
		"other keys, the trail":   {[]string{"--key-file", other}, exitFailed, "trail", []string{"it is signed with a key that is not here", "rollcall activity verify"}},
		"no such folder":          {[]string{"--database", "sqlite:" + t.TempDir() + "/none/rollcall.db"}, exitFailed, "database", []string{"failed: there is no folder"}},
		"not begun":               {[]string{"--database", "sqlite:" + t.TempDir() + "/rollcall.db"}, exitDone, "database", []string{"warning: ", "is not there yet; rollcall serve makes it"}},
		"no provider":             {[]string{"--issuer", closed.URL}, exitFailed, "provider", []string{"failed: ", "Check --issuer"}},
		"another's provider":      {[]string{"--issuer", elsewhere.URL}, exitFailed, "provider", []string{"failed: ", "404"}},
		"Partner Center is down":  {[]string{"--api-url", closed.URL}, exitFailed, "Partner Center", []string{"failed: ", "can't be reached"}},
		"not Partner Center":      {[]string{"--api-url", elsewhere.URL}, exitDone, "Partner Center", []string{"warning: ", "404 Not Found", "where 401 was to be expected"}},
		"no portal yet":           {[]string{"--base-url", closed.URL}, exitDone, "portal", []string{"warning: nothing answers at"}},
		"a proxy passes no host":  {[]string{"--base-url", misdirected.URL}, exitFailed, "portal", []string{"failed: ", "--trusted-proxies"}},
		"a proxy nobody named":    {[]string{"--listen", ":8080", "--base-url", "https://rollcall.invalid"}, exitDone, "proxies", []string{"warning: it listens on :8080"}},
		"the portal's name is no": {[]string{"--base-url", "https://rollcall.invalid"}, exitDone, "portal", []string{"warning: nothing answers"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := examined(t, tt.code, append(slices.Clone(args), tt.args...)...)[tt.check]
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("%s: %q, want %q", tt.check, got, want)
				}
			}
		})
	}

	// On a terminal and in a pipe it is a line each; nothing was changed.
	out, errOut, code := cli(t, append([]string{"doctor"}, args...)...)
	if lines := strings.Count(out, "\n"); code != exitDone || lines < 11 || !strings.HasPrefix(out, "ok\tsettings\tall can be used\t\n") {
		t.Errorf("%d: %d lines: %s%s", code, lines, out, errOut)
	}
	_, errOut, code = cli(t, "doctor")
	if code != exitFailed || !strings.Contains(errOut, "checks failed.") {
		t.Errorf("without any setting: %d %s", code, errOut)
	}
}

// TestDoctorOnPostgreSQL: what the role that serves may do about the trail.
func TestDoctorOnPostgreSQL(t *testing.T) {
	owner, serving, name := storetest.TwoRoles(t)
	look := func(dsn string, change func(*config.Config)) string {
		d := &doctor{p: &program{}, set: config.Config{Database: dsn}}
		if change != nil {
			change(&d.set)
		}
		d.database(t.Context(), nil)
		var text []string
		for _, f := range d.found {
			text = append(text, f.Check+" "+f.Result+": "+f.Found+" "+f.Do)
		}
		return strings.Join(text, "\n")
	}
	retain := func(c *config.Config) { c.TrailRetention = 730 * 24 * time.Hour }
	if got := look(owner, nil); !strings.Contains(got, "warning: it has no tables yet") {
		t.Errorf("an empty database: %s", got)
	}
	t.Setenv("ROLLCALL_DATABASE", owner)
	if _, errOut, code := cli(t, "migrate", "--serve-as", name); code != exitDone {
		t.Fatal(errOut)
	}
	for what, got := range map[string]string{
		"role ok: it can't change a row of the trail":              look(serving, nil),
		"role warning: this role owns the tables":                  look(owner, nil),
		"role ok: it owns the tables, as --trail-retention needs":  look(owner, retain),
		"role failed: this role may not take rows of the trail":    look(serving, retain),
		"database ok: PostgreSQL database test_":                   look(serving, nil),
		"database failed: open PostgreSQL database rollcall on 12": look("postgres://nobody@127.0.0.1:1/rollcall?connect_timeout=1", nil),
	} {
		if !strings.Contains(got, what) {
			t.Errorf("%q is not in: %s", what, got)
		}
	}
}

func TestDoctorJudges(t *testing.T) {
	for name, tt := range map[string]struct {
		got  finding
		want string
	}{
		"little space":    {spaceFinding("/data", 199<<20), "failed: 199 MB on the disk of /data"},
		"not much space":  {spaceFinding("/data", 900<<20), "warning: 900 MB"},
		"space":           {spaceFinding("/data", 20<<30), "ok: 20.0 GB"},
		"a clock":         {clockFinding(-59 * time.Second), "ok: as the provider's"},
		"a clock ahead":   {clockFinding(-2 * time.Minute), "warning: it differs from the provider's by 2m0s"},
		"a clock far off": {clockFinding(time.Hour), "failed: it differs from the provider's by 1h0m0s"},
	} {
		if text := tt.got.Result + ": " + tt.got.Found; !strings.HasPrefix(text, tt.want) {
			t.Errorf("%s: %q, want %q", name, text, tt.want)
		}
	}

	words := func(examine func(*doctor)) string {
		d := &doctor{set: config.Config{RequireMFA: true}}
		examine(d)
		return d.found[0].Result + ": " + d.found[0].Found
	}
	for name, tt := range map[string]struct {
		got, want string
	}{
		"never proved":      {words(func(d *doctor) { d.secondFactor(nil, map[string]int{"no multi-factor authentication": 3}) }), "failed: 3 sign-ins were refused for showing none, and none was let in"},
		"by Partner Center": {words(func(d *doctor) { d.secondFactor(map[string]int{"partner-center": 2}, nil) }), "warning: the ID token shows none, so Partner Center is asked at each sign-in"},
		"by a context": {words(func(d *doctor) {
			d.secondFactor(map[string]int{"acrs": 2, "amr": 1}, map[string]int{"no multi-factor authentication": 3})
		}), "ok: shown by acrs 2 times, by amr 1"},
		"from an earlier day": {words(func(d *doctor) { d.secondFactor(map[string]int{"": 2, "amr": 1}, nil) }), "warning: 2 sign-ins are from when --require-mfa was off"},
		"no refresh token":    {words(func(d *doctor) { d.renewal(auth.Health{Grants: 3, Endless: 1}) }), "failed: 1 of 3 sign-ins came without a refresh token"},
		"refused":             {words(func(d *doctor) { d.renewal(auth.Health{Grants: 3, Refused: 1}) }), "warning: the provider wants 1 of 3 people to sign in anew"},
		"renewed":             {words(func(d *doctor) { d.renewal(auth.Health{Grants: 3, Refreshed: 2}) }), "ok: 2 of 3 sign-ins were renewed"},
		"no offline_access":   {words(func(d *doctor) { d.providerFacts(auth.ProviderFacts{Issuer: "https://a.example", NoRefresh: true}) }), "warning: https://a.example does not list the scope offline_access"},
		"no auth_time": {words(func(d *doctor) {
			d.providerFacts(auth.ProviderFacts{Issuer: "https://a.example", NoAuthTime: true, EndSession: true})
		}), "warning: https://a.example does not list the claim auth_time"},
	} {
		if !strings.HasPrefix(tt.got, tt.want) {
			t.Errorf("%s: %q, want %q", name, tt.got, tt.want)
		}
	}
}
