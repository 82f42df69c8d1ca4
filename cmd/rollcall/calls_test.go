package main

import (
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// called is how each command that calls Partner Center is called in the tests
// that hold all of them to the same rules.
var called = map[string]struct {
	args []string
	role string // that it needs at the customer; empty: none
}{
	"customers list":       {nil, ""},
	"customers search":     {[]string{"contoso"}, ""},
	"customers get":        {[]string{emulator.ContosoID}, ""},
	"users list":           {[]string{emulator.ContosoID}, "Directory Readers there"},
	"users get":            {[]string{emulator.ContosoID, agnieszka}, "Directory Readers there"},
	"licenses list":        {[]string{emulator.ContosoID, agnieszka}, "Directory Readers or License Administrator there"},
	"skus list":            {[]string{emulator.ContosoID}, "Directory Readers or License Administrator there"},
	"roles list":           {[]string{emulator.ContosoID}, "Directory Readers there"},
	"roles members":        {[]string{emulator.ContosoID, "Global Administrator"}, "Directory Readers there"},
	"users create":         {[]string{emulator.ContosoID, "--upn", "new@contoso.example", "--display-name", "New", "--yes"}, "Directory Readers there"},
	"users update":         {[]string{emulator.ContosoID, agnieszka, "--location", "CZ", "--yes"}, "Directory Readers there"},
	"users reset-password": {[]string{emulator.ContosoID, agnieszka, "--yes"}, "Directory Readers there"},
	"users restore":        {[]string{emulator.ContosoID, "p.zielinski@contoso.example", "--yes"}, "Directory Readers there"},
	"users delete":         {[]string{emulator.ContosoID, "b.fernandez@contoso.example", "--yes"}, "Directory Readers there"},
	"licenses assign":      {[]string{emulator.ContosoID, agnieszka, "--sku", "SPE_E3", "--yes"}, "Directory Readers there"},
	"licenses swap":        {[]string{emulator.ContosoID, agnieszka, "--from", "SPE_E5", "--to", "SPB", "--yes"}, "Directory Readers there"},
	"licenses remove":      {[]string{emulator.ContosoID, agnieszka, "--sku", "POWER_BI_PRO", "--yes"}, "Directory Readers there"},
	"roles add":            {[]string{emulator.ContosoID, agnieszka, "User Administrator", "--yes"}, "Directory Readers there"},
	"roles remove":         {[]string{emulator.ContosoID, agnieszka, "Helpdesk Administrator", "--yes"}, "Directory Readers there"},
	"auditrecords list":    {nil, ""},
	"whoami":               {nil, ""},
	"domains check":        {[]string{"contoso.onmicrosoft.com"}, ""},
}

// agnieszka is Agnieszka Wójcik of Contoso.
const agnieszka = "c0a70500-0000-4000-8000-000000000002"

// eachCall runs a test for every command that calls Partner Center.
func eachCall(t *testing.T, test func(t *testing.T, words []string, role string)) {
	t.Helper()
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, below := range cmd.Commands() {
			walk(below)
		}
		if cmd.HasSubCommands() || cmd.Flags().Lookup("verbose") == nil || cmd.Name() == "login" {
			return
		}
		path := strings.TrimPrefix(cmd.CommandPath(), "rollcall ")
		call, known := called[path]
		if !known {
			t.Errorf("rollcall %s is in no row of the tests that hold for every call", path)
			return
		}
		t.Run(path, func(t *testing.T) { test(t, append(strings.Fields(path), call.args...), call.role) })
	}
	walk(newRoot(&program{}))
}

// atEmulator points the command line at an emulator of its own.
func atEmulator(t *testing.T, token string) *emulator.Emulator {
	t.Helper()
	service := emulator.New(emulator.Options{BigUsers: 600, Now: func() time.Time { return time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC) }})
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	t.Setenv("ROLLCALL_API_URL", server.URL)
	t.Setenv("ROLLCALL_TOKEN", "admin-agent")
	home := t.TempDir() // where nobody has signed in
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "AppData"} {
		t.Setenv(name, home)
	}
	if _, errOut, code := cli(t, "users", "update", emulator.DocumentedCustomerID, "a9ef48bb-8758-4590-a312-d4a47bfaded4", "--location", "GB", "--yes"); code != exitDone {
		t.Fatal(errOut) // something has to be on the record
	}
	service.ResetCalls()
	t.Setenv("ROLLCALL_TOKEN", token)
	return service
}

// refusedWith runs a command that must fail with one line.
func refusedWith(t *testing.T, words []string, wantCode int, want string) {
	t.Helper()
	out, errOut, code := cli(t, words...)
	if code != wantCode || out != "" || strings.Count(errOut, "\n") != 1 || !regexp.MustCompile(want).MatchString(errOut) {
		t.Errorf("exit %d, want %d\nstdout %q\nstderr %q\nwant   %s", code, wantCode, out, errOut, want)
	}
}

func TestEveryCallRefusesTheSignedOut(t *testing.T) {
	atEmulator(t, "")
	eachCall(t, func(t *testing.T, words []string, _ string) {
		refusedWith(t, words, exitSignIn, `^rollcall: You are signed out\.`)
	})
}

func TestEveryCallSaysThatATokenRanOut(t *testing.T) {
	atEmulator(t, "expired")
	eachCall(t, func(t *testing.T, words []string, _ string) {
		refusedWith(t, words, exitSignIn, `^rollcall: .* The token was refused; it may have expired\. .* Correlation ID [0-9a-f-]{36}\n$`)
	})
}

func TestEveryCallRefusesAWrongFlag(t *testing.T) {
	service := atEmulator(t, "admin-agent")
	eachCall(t, func(t *testing.T, words []string, _ string) {
		refusedWith(t, append(words, "--colour"), exitMisuse, `unknown flag: --colour\. See rollcall [a-z -]+ --help\.`)
		refusedWith(t, append(words, "-o", "yaml"), exitMisuse, `--output: "yaml" is unknown`)
	})
	if calls := service.Calls(); len(calls) > 0 {
		t.Errorf("%d calls made for nothing", len(calls))
	}
}

func TestEveryCallNamesTheMissingRole(t *testing.T) {
	atEmulator(t, "no-gdap")
	eachCall(t, func(t *testing.T, words []string, role string) {
		if role == "" {
			if _, errOut, code := cli(t, words...); code != exitDone {
				t.Errorf("exit %d though it needs no role at a customer: %s", code, errOut)
			}
			return
		}
		refusedWith(t, words, exitRefused, `^rollcall: .* This needs the role `+role+`\. Whoever manages admin relationships at your company can give it\. Correlation ID`)
	})
}

func TestEveryCallGivesUpOnALongWait(t *testing.T) {
	service := atEmulator(t, "admin-agent")
	service.SetFault(emulator.Fault{Status: 429, RetryAfter: time.Hour})
	eachCall(t, func(t *testing.T, words []string, _ string) {
		refusedWith(t, words, exitFailed, `Partner Center asks to wait\.`)
	})
}

func TestEveryCallExplainsItself(t *testing.T) {
	eachCall(t, func(t *testing.T, words []string, _ string) {
		out, errOut, code := cli(t, append(words, "--help")...)
		if code != exitDone || errOut != "" || !strings.Contains(out, "Usage:\n  rollcall "+words[0]) || !strings.Contains(out, "ROLLCALL_PROFILE") {
			t.Errorf("exit %d, %s\n%s", code, errOut, out)
		}
	})
}

func TestVerboseTellsCallsAndNoSecret(t *testing.T) {
	atEmulator(t, "admin-agent")
	eachCall(t, func(t *testing.T, words []string, _ string) {
		out, errOut, code := cli(t, append(words, "--verbose")...)
		if code != exitDone || out == "" {
			t.Errorf("exit %d, %q", code, out)
		}
		if !regexp.MustCompile(`(?m)^→ (GET|HEAD) http://127\.0\.0\.1:\d+/v1/\S+  MS-RequestId [0-9a-f-]{36}$`).MatchString(errOut) ||
			!regexp.MustCompile(`(?m)^← (200 OK|404 Not Found)  (GET|HEAD) /v1/\S+ in \d+`).MatchString(errOut) {
			t.Errorf("calls not told:\n%s", errOut)
		}
		if strings.Contains(errOut, "admin-agent") || strings.Contains(errOut, "Authorization") {
			t.Errorf("the token is told:\n%s", errOut)
		}
	})
}

// TestEveryListIsATableOnATerminal runs each command on a terminal, where rows
// have a header, or a single thing its labels.
func TestEveryCallIsForPeopleOnATerminal(t *testing.T) {
	atEmulator(t, "admin-agent")
	eachCall(t, func(t *testing.T, words []string, _ string) {
		out, errOut := &window{columns: 120}, &window{columns: 120}
		code := run(t.Context(), words, nil, out, errOut)
		first, _, _ := strings.Cut(out.String(), "\n")
		want := `^\x1b\[1m[A-Z][A-Za-z ]*\x1b\[`
		if slices.Contains(words, "--yes") {
			want = `^[A-Z][a-z]+ .* at Contoso Deutschland GmbH & Co\. KG \(contoso\.example\).*\.$`
		}
		if code != exitDone || strings.Contains(out.String(), "\t") || !regexp.MustCompile(want).MatchString(first) {
			t.Errorf("exit %d, %s\n%s", code, errOut.String(), out.String())
		}
		for line := range strings.Lines(out.String()) {
			if strings.Contains(line, "\r") {
				t.Errorf("progress among the rows: %q", line)
			}
		}
	})
}
