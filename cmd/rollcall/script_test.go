package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rollcall-app/rollcall/internal/store/storetest"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

func TestMain(m *testing.M) {
	testscript.Main(withCluster{m}, map[string]func(){"rollcall": func() {
		clock = func() time.Time { return scriptTime }
		readBackAfter = []time.Duration{0, 0}
		main()
	}})
}

// withCluster stops the PostgreSQL that tests have started, and has everything
// listened to for secrets.
type withCluster struct{ *testing.M }

func (m withCluster) Run() int {
	secrets.listen()
	code := storetest.Run(m.M)
	if err := secrets.enough(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// scriptTime is when scripts run, at the emulator and on the command line.
var scriptTime = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

// TestScript runs the command line as people do, against an emulator of its
// own for each script. Beside testscript's commands there are
//
//	exits 4 rollcall users list …          runs it, and wants that exit code
//	fault page=2 status=404 person=reader  plays a fault from then on; alone it ends all
//	writes 'PATCH 200 /customers/…'        wants exactly these writes to have been sent since
//	                                       the last time; alone none
//
//	authority answer=deny mfa=false        how the sign-in authority behaves from then on;
//	                                       answer is approve, pending, deny or expire,
//	                                       life the seconds of an access token
//
// Its address, tenant and application are $AUTHORITY, $TENANT and $CLIENT_ID.
// A file emulator.json in the script has the emulator's options.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			opts := emulator.Options{BigUsers: 1200}
			if text, err := os.ReadFile(filepath.Join(env.WorkDir, "emulator.json")); err == nil {
				if err := json.Unmarshal(text, &opts); err != nil {
					return err
				}
			}
			signIn := newTokenAuthority()
			env.Defer(signIn.Close)
			opts.Verify, opts.People = signIn.verify, demoRights()
			opts.Now = func() time.Time { return scriptTime }
			service := emulator.New(opts)
			server := httptest.NewServer(service)
			env.Defer(server.Close)
			env.Values["emulator"] = service
			env.Values["authority"] = signIn
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "config"))
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("AUTHORITY", signIn.URL)
			env.Setenv("TENANT", testTenant)
			env.Setenv("CLIENT_ID", testClient)
			env.Setenv("ROLLCALL_API_URL", server.URL)
			env.Setenv("ROLLCALL_TOKEN", "admin-agent")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "fault": playFault, "writes": writes, "authority": setAuthority},
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || neg {
		ts.Fatalf("usage: exits CODE COMMAND …")
	}
	code := 0
	if ended, ok := errors.AsType[*exec.ExitError](ts.Exec(args[1], args[2:]...)); ok {
		code = ended.ExitCode()
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

func playFault(ts *testscript.TestScript, neg bool, args []string) {
	service, ok := ts.Value("emulator").(*emulator.Emulator)
	if !ok || neg {
		ts.Fatalf("usage: fault [name=value …]")
	}
	if len(args) == 0 {
		service.ClearFaults()
		return
	}
	var fault emulator.Fault
	number := map[string]*int{"page": &fault.Page, "after": &fault.After, "times": &fault.Times, "status": &fault.Status, "code": &fault.Code}
	text := map[string]*string{"path": &fault.PathPrefix, "customer": &fault.CustomerID, "person": &fault.Person, "method": &fault.Method}
	yes := map[string]*bool{"cut": &fault.CutBody, "hang": &fault.Hang, "broken": &fault.BrokenJSON, "lose-answer": &fault.LoseAnswer, "lose-request": &fault.LoseRequest}
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		switch {
		case number[name] != nil:
			n, err := strconv.Atoi(value)
			ts.Check(err)
			*number[name] = n
		case text[name] != nil:
			*text[name] = value
		case yes[name] != nil:
			*yes[name] = value == "true"
		default:
			ts.Fatalf("fault: %q is unknown", name)
		}
	}
	service.SetFault(fault)
}

func writes(ts *testscript.TestScript, neg bool, args []string) {
	service, ok := ts.Value("emulator").(*emulator.Emulator)
	if !ok || neg {
		ts.Fatalf("usage: writes ['METHOD STATUS PATH' …]")
	}
	got := []string{}
	for _, call := range service.Calls() {
		if call.Method != http.MethodGet && call.Method != http.MethodHead {
			got = append(got, fmt.Sprintf("%s %d %s", call.Method, call.Status, strings.TrimPrefix(call.Path, "/v1")))
		}
	}
	service.ResetCalls()
	fits := len(got) == len(args)
	for i := 0; fits && i < len(args); i++ {
		pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(args[i]), `\*`, "[^/]*") + "$"
		fits = regexp.MustCompile(pattern).MatchString(got[i])
	}
	if !fits {
		ts.Fatalf("these writes were sent:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(args, "\n  "))
	}
}

func setAuthority(ts *testscript.TestScript, neg bool, args []string) {
	signIn, ok := ts.Value("authority").(*tokenAuthority)
	if !ok || neg || len(args) == 0 {
		ts.Fatalf("usage: authority name=value …")
	}
	signIn.set(func(a *tokenAuthority) {
		for _, arg := range args {
			name, value, _ := strings.Cut(arg, "=")
			switch name {
			case "answer":
				a.answer = value
			case "mfa":
				a.mfa = value == "true"
			case "life":
				seconds, err := strconv.Atoi(value)
				ts.Check(err)
				a.life = seconds
			default:
				ts.Fatalf("authority: %q is unknown", name)
			}
		}
	})
}
