package main

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"rollcall": main})
}

// TestScript runs the command line as people do, against an emulator of its
// own for each script. Beside testscript's commands there are
//
//	exits 4 rollcall users list …          runs it, and wants that exit code
//	fault page=2 status=404 person=reader  plays a fault from then on; alone it ends all
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			service := emulator.New(emulator.Options{
				Now:      func() time.Time { return time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC) },
				BigUsers: 1200,
			})
			server := httptest.NewServer(service)
			env.Defer(server.Close)
			env.Values["emulator"] = service
			env.Setenv("ROLLCALL_API_URL", server.URL)
			env.Setenv("ROLLCALL_TOKEN", "admin-agent")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "fault": playFault},
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
	text := map[string]*string{"path": &fault.PathPrefix, "customer": &fault.CustomerID, "person": &fault.Person}
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		switch {
		case number[name] != nil:
			n, err := strconv.Atoi(value)
			ts.Check(err)
			*number[name] = n
		case text[name] != nil:
			*text[name] = value
		default:
			ts.Fatalf("fault: %q is unknown", name)
		}
	}
	service.SetFault(fault)
}
