package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // to look at files as anybody can

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/auth/demoidp"
	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// served is rollcall serve with a provider and a Partner Center, as its
// administrator has it: with files, and a log that is kept.
type served struct {
	*serving
	t      *testing.T
	issuer string
	keys   string // the key file
	file   string // the database
}

func startServed(t *testing.T, change ...func(*serveOptions)) *served {
	t.Helper()
	listen := freeAddress(t)
	idp := httptest.NewUnstartedServer(nil)
	s := &served{t: t, issuer: "http://" + idp.Listener.Addr().String()}
	provider, err := demoidp.New(demoidp.Options{
		Issuer: s.issuer, ClientID: "rollcall", ClientSecret: "client-secret-of-this-test", RedirectURIs: []string{"http://" + listen + "/sign-in/callback"},
		PostLogoutRedirectURIs: []string{"http://" + listen + "/sign-in"}, Audience: partnercenter.Global.Resource,
	})
	if err != nil {
		t.Fatal(err)
	}
	idp.Config.Handler = provider
	idp.Start()
	t.Cleanup(idp.Close)
	api := httptest.NewServer(emulator.New(emulator.Options{
		BigUsers: 600, People: demoRights(), VersionedLinks: true,
		Verify: func(ctx context.Context, bearer string) (emulator.Claims, error) {
			c, err := provider.VerifyAccessToken(ctx, bearer)
			return emulator.Claims{TenantID: c.TenantID, ObjectID: c.ObjectID, Name: c.Name, Roles: c.Roles, MFA: c.MFA(), Expiry: c.Expiry}, err
		},
	}))
	t.Cleanup(api.Close)
	o := serveOptions{listen: listen, issuer: s.issuer, clientID: "rollcall", secret: "client-secret-of-this-test", api: api.URL}
	for _, f := range change {
		f(&o)
	}
	s.serving = serve(t, o)
	s.file = filepath.Join(s.folder, "rollcall.db")
	s.keys = filepath.Join(t.TempDir(), "keys")
	s.write(s.keys, s.key+"\n")
	return s
}

func (s *served) write(path, text string) {
	s.t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// visitor is somebody's browser at this server.
func (s *served) visitor(person string) *visitor {
	s.t.Helper()
	v := (&demo{url: s.url, issuer: s.issuer}).visitor(s.t)
	if r := v.signIn(person); r.to != "/help" {
		s.t.Fatalf("signing in: %d %s", r.status, r.text())
	}
	return v
}

// keepLog writes the log as it is now to a file.
func (s *served) keepLog() string {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "rollcall.log")
	s.write(path, s.log.String())
	return path
}

// admin runs an administrator's command on the server, and wants an exit code.
func (s *served) admin(want int, args ...string) (out, errOut string) {
	s.t.Helper()
	s.t.Setenv("ROLLCALL_DATABASE", "sqlite:"+s.file)
	s.t.Setenv("ROLLCALL_KEY_FILE", s.keys)
	out, errOut, code := cli(s.t, args...)
	for line := range strings.Lines(string(mustRead(s.t, s.keys))) {
		if key := strings.TrimSpace(line); len(key) == 43 && strings.Contains(out+errOut, key) {
			s.t.Errorf("rollcall %s prints a key", strings.Join(args, " "))
		}
	}
	if code != want {
		s.t.Errorf("rollcall %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), code, want, out, errOut)
	}
	return out, errOut
}

func (s *served) says(text string, want ...string) {
	s.t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			s.t.Errorf("%q is not in: %s", w, text)
		}
	}
}

// TestOffice: what an administrator does beside a server that runs.
func TestOffice(t *testing.T) {
	s := startServed(t)
	admin, phone := s.visitor(priya), s.visitor(tomas)
	if r := admin.get(s.url + "/customers"); r.status != 200 {
		t.Fatalf("customers: %d", r.status)
	}

	t.Run("sessions", func(t *testing.T) {
		out, _ := s.admin(exitDone, "sessions", "list", "-o", "json")
		var list []map[string]string
		if err := json.Unmarshal([]byte(out), &list); err != nil || len(list) != 2 || list[0]["name"] != "Tomáš Dvořák" || list[0]["level"] != "helpdesk" || list[0]["address"] != "127.0.0.1" {
			t.Fatalf("%v: %s", err, out)
		}
		out, _ = s.admin(exitDone, "sessions", "list", "--person", "PRIYA")
		if lines := strings.Count(out, "\n"); lines != 1 || !strings.HasPrefix(out, "Priya Nair\tpriya.nair@fabrikam-cloud.example\t") {
			t.Errorf("Priya's: %s", out)
		}
		_, errOut := s.admin(exitMisuse, "sessions", "end")
		s.says(errOut, "Name a session or --person, one of them.")
		_, errOut = s.admin(exitNotFound, "sessions", "end", "nothing")
		s.says(errOut, "There is no such session; it may be over.")
		_, errOut = s.admin(exitNotFound, "sessions", "end", "--person", "tom")
		s.says(errOut, `Nobody of that sign-in name or ID is signed in: "tom".`)
		out, _ = s.admin(exitDone, "sessions", "end", "--person", "Tomas.Dvorak@fabrikam-cloud.example")
		s.says(out, "have ended.")
		if r := phone.post(s.url+"/settings", url.Values{"theme": {"dark"}}); r.to != "/sign-in?ended=elsewhere" {
			t.Errorf("the server did not notice: %d to %s", r.status, r.to)
		}
		if !admin.in() {
			t.Error("somebody else was signed out, too")
		}
	})

	t.Run("activity", func(t *testing.T) {
		out, _ := s.admin(exitDone, "activity", "list", "--kind", "session.ended, customers.list,sign-in", "-o", "ndjson")
		var kinds []string
		for line := range strings.Lines(out) {
			var row activityJSON
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				t.Fatal(err)
			}
			kinds = append(kinds, row.Kind+" by "+row.PersonName)
			if row.Kind == "session.ended" && (!strings.HasPrefix(row.Person, "local/") || row.Detail["reason"] != "ended on the server" || row.Detail["of"] == "") {
				t.Errorf("row %+v", row)
			}
		}
		if len(kinds) != 4 || !strings.HasPrefix(kinds[0], "session.ended by ") || kinds[1] != "customers.list by Priya Nair" || kinds[2] != "sign-in by Tomáš Dvořák" || kinds[3] != "sign-in by Priya Nair" {
			t.Errorf("rows %q", kinds)
		}
		for _, tt := range []struct {
			args []string
			rows int
		}{
			{[]string{"--person", "dvořák"}, 1},
			{[]string{"--person", keyOf(t, s, "Priya")}, 2},
			{[]string{"--customer", emulator.ContosoID}, 0},
			{[]string{"--since", "2020-01-01", "--until", "2020-12-31"}, 0},
			{[]string{"--since", "2020-01-01T00:00:00Z", "--limit", "2"}, 2},
		} {
			out, _ := s.admin(exitDone, append([]string{"activity", "list", "-o", "ids"}, tt.args...)...)
			if rows := strings.Count(out, "\n"); rows != tt.rows {
				t.Errorf("%q: %d rows, want %d", tt.args, rows, tt.rows)
			}
		}
		// Reading the trail is on the trail.
		out, _ = s.admin(exitDone, "activity", "list", "--kind", "trail.read", "-o", "csv")
		s.says(out, "seq,time,kind,person,personName,", "trail.read", "on the server")
	})

	t.Run("verify", func(t *testing.T) {
		out, errOut := s.admin(exitPartly, "activity", "verify")
		s.says(out, "are as they were written, and none is missing between them.")
		s.says(errOut, "can't be proved without anchors")
		_, errOut = s.admin(exitMisuse, "activity", "verify", "--anchors", s.keys)
		s.says(errOut, "there is no anchor in")
	})

	t.Run("keys", func(t *testing.T) {
		ring, err := auth.ParseKeyRing([]byte(s.key))
		if err != nil {
			t.Fatal(err)
		}
		old := ring.IDs()[0]
		out, _ := s.admin(exitDone, "keys", "list")
		if !regexp.MustCompile(`^` + old + `\tseals\t2\t\d+\n$`).MatchString(out) { // a grant and a session
			t.Errorf("keys: %q", out)
		}
		_, errOut := s.admin(exitRefused, "keys", "retire", old)
		s.says(errOut, "2 rows of sign-ins are sealed with it. The file is as it was.")
		_, errOut = s.admin(exitNotFound, "keys", "retire", "0011")
		s.says(errOut, `There is no key "0011" in the file.`)

		next := auth.GenerateKey()
		s.write(s.keys, "# new\n"+next+"\n"+s.key+"\n")
		out, _ = s.admin(exitDone, "keys", "reseal")
		s.says(out, "2 rows were sealed anew.")
		_, errOut = s.admin(exitRefused, "keys", "retire", old)
		s.says(errOut, "rows of the trail are signed with it")
		s.write(s.keys, next+"\n")
		out, errOut = s.admin(exitFailed, "keys", "list")
		s.says(out, "\tmissing\t0\t")
		s.says(errOut, "Rows need a key that is not in the file.")
		_, errOut = s.admin(exitFailed, "activity", "verify")
		s.says(errOut, "it is signed with a key that is not here")
		s.write(s.keys, next+"\n"+s.key+"\n"+auth.GenerateKey()+"\n")
		ring, err = auth.ParseKeyRing(mustRead(t, s.keys))
		if err != nil {
			t.Fatal(err)
		}
		out, _ = s.admin(exitDone, "keys", "retire", ring.IDs()[2])
		s.says(out, "was taken out of")
		if got := string(mustRead(t, s.keys)); got != next+"\n"+s.key+"\n" {
			t.Errorf("%d lines are left", strings.Count(got, "\n"))
		}
		s.write(s.keys, s.key+"\n"+next+"\n")
		s.admin(exitDone, "keys", "reseal")
		out, _ = s.admin(exitDone, "activity", "list", "--kind", "key.retired, keys.resealed", "-o", "ndjson")
		s.says(out, `"kind":"key.retired"`, ring.IDs()[2], `"kind":"keys.resealed"`, `"rows":"2"`)
	})

	t.Run("backup and restore", func(t *testing.T) { testBackup(t, s, admin) })
}

// keyOf is somebody's key, as sessions list has it.
func keyOf(t *testing.T, s *served, name string) string {
	t.Helper()
	out, _ := s.admin(exitDone, "sessions", "list", "--person", name, "--columns", "person")
	return strings.TrimSpace(out)
}

// TestAdministratorsSeeNoSecrets: nothing that these commands print or log
// opens anything: no key, cookie or token.
func TestAdministratorsSeeNoSecrets(t *testing.T) {
	s := startServed(t)
	v := s.visitor(priya)
	secrets := map[string]string{"the session's cookie": v.session(), "the key": s.key, "the client secret": "client-secret-of-this-test", "an access token": "eyJ"}
	var printed strings.Builder
	for _, args := range [][]string{
		{"activity", "list", "-o", "json"}, {"activity", "list", "-o", "csv"}, {"sessions", "list", "-o", "json"}, {"keys", "list", "-o", "json"}, {"keys", "reseal"},
		{"backup", filepath.Join(t.TempDir(), "copy.db")}, append([]string{"doctor", "-o", "json"}, s.args[1:]...), {"sessions", "end", "--person", "priya.nair@fabrikam-cloud.example"},
	} {
		out, errOut := s.admin(exitDone, args...)
		printed.WriteString(out + errOut)
	}
	if printed.Len() < 2000 {
		t.Errorf("only %d bytes were printed: %s", printed.Len(), printed.String())
	}
	for what, secret := range secrets {
		if secret == "" || strings.Contains(printed.String(), secret) || strings.Contains(s.log.String(), secret) {
			t.Errorf("%s was printed or logged", what)
		}
	}
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// asAnybody opens a file as whoever gets hold of it can.
func asAnybody(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func testBackup(t *testing.T, s *served, admin *visitor) {
	copied := filepath.Join(t.TempDir(), "it's a copy.db")
	out, _ := s.admin(exitDone, "backup", copied)
	s.says(out, copied, "bytes, the trail up to row")
	in := asAnybody(t, copied)
	var made int
	if err := in.QueryRow("SELECT COUNT(*) FROM trail WHERE kind = 'backup' AND person LIKE 'local/%'").Scan(&made); err != nil || made != 1 {
		t.Errorf("the copy tells %d times that it was made, %v", made, err)
	}
	in.Close()
	_, errOut := s.admin(exitMisuse, "backup", copied)
	s.says(errOut, "is there already, and is not overwritten")
	if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if files, err := os.ReadDir(filepath.Dir(copied)); err != nil || len(files) != 1 {
		t.Errorf("beside it lies %v", files)
	}

	// One that fails is on the trail as such, and takes nothing away.
	part := copied + ".2.part"
	if err := os.WriteFile(part, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, errOut = s.admin(exitFailed, "backup", copied+".2")
	s.says(errOut, "copy.db.2.part is there", "No backup was made.")
	if _, err := os.Stat(part); err != nil {
		t.Error(err)
	}
	out, _ = s.admin(exitDone, "activity", "list", "--kind", "backup", "-o", "ndjson")
	s.says(out, `"outcome":"failed"`)

	// Nothing of sessions and tokens is in it, not even in free pages.
	live := asAnybody(t, s.file)
	db := asAnybody(t, copied)
	raw := mustRead(t, copied)
	looked := 0
	for table, columns := range map[string][]string{"grants": {"id", "identity", "tokens"}, "sessions": {"payload"}} {
		var rows int
		if err := db.QueryRow("SELECT COUNT(*) FROM " + table).Scan(&rows); err != nil || rows != 0 {
			t.Errorf("%s: %d rows, %v", table, rows, err)
		}
		for _, column := range columns {
			var secret []byte
			if err := live.QueryRow("SELECT " + column + " FROM " + table + " LIMIT 1").Scan(&secret); err != nil {
				t.Fatal(err)
			}
			looked++
			if bytes.Contains(raw, secret) {
				t.Errorf("%s.%s is in the backup", table, column)
			}
		}
	}
	var rows int
	if err := db.QueryRow("SELECT COUNT(*) FROM trail").Scan(&rows); err != nil || rows < 5 || looked != 4 {
		t.Errorf("%d rows of the trail, %v; %d secrets looked for", rows, err, looked)
	}

	_, errOut = s.admin(exitRefused, "restore", copied, "--force")
	s.says(errOut, "a server is running on it. Nothing was changed.", "Stop it first.")
	for range 3 { // which the backup does not have
		s.visitor(carsten)
	}
	live.Close()
	s.stop()
	<-s.ended
	log := s.keepLog()

	out, _ = s.admin(exitDone, "activity", "verify", "--anchors", log)
	s.says(out, "anchors of the log agree: no row up to")
	out, _ = s.admin(exitDone, "activity", "verify", "--anchors", log, "-o", "json")
	var found verifiedJSON
	if err := json.Unmarshal([]byte(out), &found); err != nil || found.Result != resultProved || found.Unproved != 0 || found.Last != found.ProvedTo {
		t.Errorf("%v: %s", err, out)
	}

	_, errOut = s.admin(exitRefused, "restore", copied)
	s.says(errOut, "There is a database at", "--force replaces it, and keeps it beside.")
	_, errOut = s.admin(exitNotFound, "restore", copied+".none", "--force")
	s.says(errOut, "There is no file")
	_, errOut = s.admin(exitFailed, "restore", s.keys, "--force")
	s.says(errOut, "is no backup of Rollcall. Nothing was changed.")
	broken := filepath.Join(t.TempDir(), "broken.db")
	if err := os.WriteFile(broken, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	bent := asAnybody(t, broken)
	for _, statement := range []string{"DROP TRIGGER trail_no_update", "UPDATE trail SET person_name = 'Eve' WHERE seq = 2"} {
		if _, err := bent.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	bent.Close()
	_, errOut = s.admin(exitFailed, "restore", broken, "--force")
	s.says(errOut, "The backup's trail is broken: row 2: its code does not fit what it says. Nothing was changed.")

	out, _ = s.admin(exitDone, "restore", copied, "--force", "--anchors", log)
	s.says(out, "is in place, its trail checked:", "The log knows of rows up to", "What was there is")
	files, err := os.ReadDir(s.folder)
	if err != nil || len(files) != 2 { // the database, and what was there
		t.Errorf("%v, %v", files, err)
	}
	out, errOut = s.admin(exitPartly, "activity", "verify", "--anchors", log) // its only anchors are of the empty trail, and of what is lost
	s.says(out, "A backup was restored at row")
	s.says(errOut, "The log has no anchor of a row that is there")
	out, _ = s.admin(exitDone, "activity", "list", "--kind", "trail.restored", "-o", "json")
	s.says(out, `"from":`, "it's a copy.db", `"lost up to":`)
	out, _ = s.admin(exitDone, "sessions", "list")
	if out != "" {
		t.Errorf("signed in after a restore: %s", out)
	}

	// And into an empty place, on another machine.
	s.file = filepath.Join(t.TempDir(), "elsewhere.db")
	s.admin(exitDone, "restore", copied)
	_, errOut = s.admin(exitPartly, "activity", "verify")
	s.says(errOut, "can't be proved without anchors")

	if admin.session() == "" {
		t.Error("the browser has no cookie to try")
	}
}

// TestTrailTampered: a row changed, or taken out at the end, is found.
func TestTrailTampered(t *testing.T) {
	s := startServed(t)
	s.visitor(priya)
	s.stop()
	<-s.ended
	log := s.keepLog()
	db := asAnybody(t, s.file)
	for _, statement := range []string{"DROP TRIGGER trail_no_update", "DROP TRIGGER trail_no_delete", "DELETE FROM trail WHERE seq = (SELECT MAX(seq) FROM trail)"} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	db.Close()
	_, errOut := s.admin(exitFailed, "activity", "verify", "--anchors", log)
	s.says(errOut, "The trail is broken: row ", "the log has an anchor of it, but it is missing at the end.")
	out, _ := s.admin(exitFailed, "activity", "verify", "--anchors", log, "-o", "json")
	s.says(out, `"result": "broken"`)
}

// TestMissingKeyIsTold: serve says that it lacks a key that rows need.
func TestMissingKeyIsTold(t *testing.T) {
	s := startServed(t)
	s.visitor(priya)
	st, err := store.Open(t.Context(), store.Options{DSN: "sqlite:" + s.file, Visit: true})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	ring, err := auth.ParseKeyRing([]byte(auth.GenerateKey()))
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	tellMissingKeys(t.Context(), st, ring, slog.New(slog.NewTextHandler(&said, nil)))
	s.says(said.String(), "sealed with a key that is not in the key file")
	own, err := auth.ParseKeyRing([]byte(s.key))
	if err != nil {
		t.Fatal(err)
	}
	said.Reset()
	tellMissingKeys(t.Context(), st, own, slog.New(slog.NewTextHandler(&said, nil)))
	if said.Len() > 0 {
		t.Errorf("all are there, and it says %s", said.String())
	}
}
