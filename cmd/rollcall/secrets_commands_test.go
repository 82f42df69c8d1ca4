package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// passwords collects those that were sent to Partner Center.
func (l loot) passwords(w *wire) {
	sentPassword := regexp.MustCompile(`"password"\s*:\s*"([^"]+)"`)
	w.each(func(_, sent, _ string) {
		for _, m := range sentPassword.FindAllStringSubmatch(sent, -1) {
			l.add("password", m[1])
		}
	})
}

// TestSecretsOfTheCommandLine signs in, changes what can be changed, well and
// badly, with --verbose, and looks for every secret that went over the wire in
// all that the commands printed and left.
func TestSecretsOfTheCommandLine(t *testing.T) {
	heard := &everything{}
	overhear(t, heard)
	w := tap(t)
	a := signInHere(t)
	a.set(func(a *tokenAuthority) { a.answer, a.life = "pending", 600 })

	const brought = "Correct-Horse-7-brought"
	type printed struct{ what, out, errOut string }
	var all []printed
	rollcall := func(code int, in string, args ...string) printed {
		t.Helper()
		var out, errOut bytes.Buffer
		if got := run(t.Context(), append(args, "--verbose"), strings.NewReader(in), &out, &errOut); got != code {
			t.Errorf("rollcall %s: exit %d, want %d\n%s", strings.Join(args, " "), got, code, errOut.String())
		}
		all = append(all, printed{"rollcall " + strings.Join(args, " "), out.String(), errOut.String()})
		return all[len(all)-1]
	}
	const at, upn = "contoso.example", "amina@contoso.example"
	rollcall(exitDone, "", "login")
	rollcall(exitDone, "", "whoami")
	rollcall(exitDone, "", "customers", "list", "--limit", "2")
	made := rollcall(exitDone, "", "users", "create", at, "--upn", upn, "--display-name", "Amina", "--location", "DE", "--yes")
	rollcall(exitDone, brought, "users", "create", at, "--upn", "kofi@contoso.example", "--display-name", "Kofi", "--location", "DE", "--password-stdin", "--yes")
	rollcall(exitFailed, "weakling", "users", "create", at, "--upn", "ama@contoso.example", "--display-name", "Ama", "--password-stdin", "--yes")
	reset := rollcall(exitDone, "", "users", "reset-password", at, upn, "--yes", "-o", "json")
	rollcall(exitDone, brought+"-2", "users", "reset-password", at, upn, "--password-stdin", "--yes")
	rollcall(exitDone, "", "users", "update", at, upn, "--first-name", "Amina", "--yes")
	rollcall(exitDone, "", "users", "delete", at, upn, "--yes")
	rollcall(exitNotFound, "", "users", "reset-password", at, upn, "--yes")
	a.set(func(a *tokenAuthority) { a.answer = "deny" })
	rollcall(exitSignIn, "", "login")

	found := loot{}
	found.fromWire(t, w)
	found.passwords(w)
	w.each(func(_, sent, _ string) {
		for _, m := range regexp.MustCompile(`device_code=([^&\s]+)`).FindAllStringSubmatch(sent, -1) {
			found.add("device_code", m[1])
		}
	})
	for kind, least := range map[string]int{"access_token": 1, "refresh_token": 1, "device_code": 1, "password": 5} {
		if n := len(found[kind]); n < least {
			t.Errorf("only %d secrets of the kind %s were seen, want at least %d: this test looks for too little", n, kind, least)
		}
	}

	// A password that was made is shown once, on stdout, and nowhere else.
	for _, p := range all {
		out := p.out
		if p == made || p == reset {
			shown := 0
			for password := range found["password"] {
				shown += strings.Count(out, password)
				out = strings.ReplaceAll(out, password, "")
			}
			if shown != 1 {
				t.Errorf("%s: a password is shown %d times", p.what, shown)
			}
		}
		found.search(t, p.what, out+p.errOut)
		if !strings.Contains(p.errOut, "→ ") {
			t.Errorf("%s: --verbose told of no request", p.what)
		}
	}
	found.search(t, "the standard logs", heard.String())

	// Tokens are kept where they belong; nothing else is, nor anywhere else.
	folder, err := configFolder()
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	if err := filepath.WalkDir(filepath.Dir(filepath.Dir(folder)), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		files++
		left := loot{}
		for kind, secrets := range found {
			if strings.HasSuffix(kind, "_token") && strings.HasPrefix(path, filepath.Join(folder, "tokens")+string(filepath.Separator)) {
				continue
			}
			left[kind] = secrets
		}
		left.search(t, path, string(content))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if files < 2 {
		t.Errorf("only %d files were left", files)
	}
}
