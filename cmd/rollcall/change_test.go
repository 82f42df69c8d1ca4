package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rollcall-app/rollcall/internal/export"
	"github.com/rollcall-app/rollcall/partnercenter"
)

// keyboard is a terminal on which somebody types.
type keyboard struct{ io.Reader }

func (keyboard) Interactive() bool { return true }

// aChange is a change of Amina's usage location, whose answer and reading back
// are the test's.
func aChange(apply error, readBack func() (verdict, error)) *plannedChange {
	c := &plannedChange{
		name: "update-user", deed: "Change 1 user of", done: "Changed amina@contoso.example at Contoso", doing: "Changing amina@contoso.example at Contoso",
		claim: "amina@contoso.example was changed at Contoso", check: "rollcall users get contoso.example amina@contoso.example",
		customer: customer{"9d3f6b1e-0c42-4e7a-b8a5-51f0c7e2d916", "Contoso", "contoso.example"},
		user:     partnercenter.User{ID: agnieszka, UserPrincipalName: "amina@contoso.example"},
		steps:    []difference{{"usage location", "DE", "FR"}},
		apply:    func(context.Context) (applied, error) { return applied{}, apply },
	}
	if readBack != nil {
		c.readBack = func(context.Context) (verdict, error) { return readBack() }
	}
	return c
}

func planOf(changes ...*plannedChange) planner {
	return func(context.Context) (*plannedChange, error) {
		next := changes[0]
		if len(changes) > 1 {
			changes = changes[1:]
		}
		return next, nil
	}
}

var errLost = errors.Join(partnercenter.ErrUnknownOutcome, partnercenter.ErrUnavailable)

func TestALostAnswerIsReadBack(t *testing.T) {
	failing := errors.New("no answer either")
	tests := map[string]struct {
		verdicts []verdict
		errs     []error
		code     int
		took     time.Duration
		want     string // on stdout or stderr
	}{
		"it is there at once":        {[]verdict{inPlace}, nil, exitDone, 0, "reading back shows that it was made"},
		"it shows late":              {[]verdict{notSeen, inPlace}, nil, exitDone, 5 * time.Second, "reading back shows that it was made"},
		"a reading failed":           {[]verdict{notSeen, inPlace}, []error{failing}, exitDone, 5 * time.Second, "reading back shows that it was made"},
		"it does not show":           {[]verdict{notSeen, notSeen}, nil, exitFailed, 5 * time.Second, "It does not show yet. Don't repeat it yet; look again in 15 minutes: rollcall users get contoso.example amina@contoso.example."},
		"something else is there":    {[]verdict{otherwise, otherwise}, nil, exitFailed, 5 * time.Second, "What is there now is neither what was there before nor what was asked for. Look before you go on: rollcall users get"},
		"nothing can be read":        {[]verdict{notSeen, notSeen}, []error{failing, failing}, exitFailed, 5 * time.Second, "Reading it back failed, too. Don't repeat it yet; look first: rollcall users get"},
		"nothing would ever show it": {nil, nil, exitFailed, 0, "The old password may hold, or the new one; nothing that can be read shows it. Wait five minutes, then reset it once more."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := action(t.Context())
				var out, errOut bytes.Buffer
				p := &program{out: &out, errOut: &errOut}
				asked := 0
				readBack := func() (verdict, error) {
					asked++
					if asked <= len(tt.errs) {
						return notSeen, tt.errs[asked-1]
					}
					return tt.verdicts[asked-1], nil
				}
				if tt.verdicts == nil {
					readBack = nil
				}
				began := time.Now()
				err := p.carryOut(ctx, changeOptions{yes: true, output: output{format: "table"}}, planOf(aChange(errLost, readBack)))
				if took := time.Since(began); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				code := p.end(ctx, err)
				if code != tt.code || !strings.Contains(out.String()+errOut.String(), tt.want) {
					t.Errorf("exit %d\n%s%s", code, out.String(), errOut.String())
				}
				if code == exitFailed && !regexp.MustCompile(`^rollcall: We don't know whether amina@contoso\.example was changed at Contoso\. Partner Center's answer was lost at \d\d:\d\d\. .*\. Correlation ID [0-9a-f-]{36}\n$`).MatchString(errOut.String()) {
					t.Errorf("says %s", errOut.String())
				}
			})
		})
	}
}

func TestAChangeUnderWayIsNotGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(action(t.Context()))
		var out, errOut bytes.Buffer
		p := &program{out: &out, errOut: &errOut}
		c := aChange(nil, nil)
		c.apply = func(began context.Context) (applied, error) {
			stop() // Ctrl+C
			synctest.Wait()
			select {
			case <-began.Done():
				return applied{}, errLost
			case <-time.After(40 * time.Second): // then the answer comes after all
				return applied{}, nil
			}
		}
		if err := p.carryOut(ctx, changeOptions{yes: true, output: output{format: "table"}}, planOf(c)); err != nil {
			t.Error(err)
		}
		if out.String() != "Changed amina@contoso.example at Contoso.\n" || !strings.Contains(errOut.String(), "The change is on its way; waiting for Partner Center's answer, a minute at most.") {
			t.Errorf("%s%s", out.String(), errOut.String())
		}
	})
}

func TestACommandThatWasEndedChangesNothing(t *testing.T) {
	ctx, stop := context.WithCancel(action(t.Context()))
	p := &program{out: io.Discard, errOut: io.Discard}
	c := aChange(nil, nil)
	c.apply = func(context.Context) (applied, error) {
		t.Error("it was sent")
		return applied{}, nil
	}
	err := p.carryOut(ctx, changeOptions{yes: true}, func(context.Context) (*plannedChange, error) {
		stop() // while it was planned
		return c, nil
	})
	if code := p.end(ctx, err); code != exitInterrupted {
		t.Errorf("exit %d, %v", code, err)
	}
}

func TestOnlyYesIsAYes(t *testing.T) {
	for typed, sent := range map[string]bool{
		"y\n": true, "Y\n": true, " yes \n": true, "y": true,
		"n\n": false, "\n": false, "": false, "yy\n": false, "ja\n": false, "no y\n": false,
	} {
		var errOut bytes.Buffer
		p := &program{in: keyboard{strings.NewReader(typed)}, out: io.Discard, errOut: &errOut}
		got := false
		c := aChange(nil, nil)
		c.apply = func(context.Context) (applied, error) { got = true; return applied{}, nil }
		ctx := action(t.Context())
		code := p.end(ctx, p.carryOut(ctx, changeOptions{}, planOf(c)))
		if got != sent || (code == exitDone) != sent {
			t.Errorf("%q: sent is %v, exit %d", typed, got, code)
		}
		want := "Change 1 user of Contoso (contoso.example)\n  amina@contoso.example, " + agnieszka + "\n  usage location DE → FR\nChange 1 user of Contoso (contoso.example)? Type y to do it: "
		if !strings.HasPrefix(errOut.String(), want) {
			t.Errorf("asked:\n%s", errOut.String())
		}
		if !sent && !strings.HasSuffix(errOut.String(), "rollcall: Not confirmed. Nothing was changed.\n") {
			t.Errorf("said %q", errOut.String())
		}
	}
}

// TestWhatWasShownIsWhatIsSent has somebody else be quicker between the
// question and the yes.
func TestWhatWasShownIsWhatIsSent(t *testing.T) {
	for name, meanwhile := range map[string]func(*plannedChange){
		"another value":     func(c *plannedChange) { c.steps = []difference{{"usage location", "GB", "FR"}} },
		"nothing to do":     func(c *plannedChange) { c.steps = nil },
		"another's account": func(c *plannedChange) { c.user.ID = "6e668259-1f09-479d-bcb8-d9b03e826b8d" },
	} {
		t.Run(name, func(t *testing.T) {
			var errOut bytes.Buffer
			p := &program{in: keyboard{strings.NewReader("y\n")}, out: io.Discard, errOut: &errOut}
			shown, now := aChange(nil, nil), aChange(nil, nil)
			meanwhile(now)
			for _, c := range []*plannedChange{shown, now} {
				c.apply = func(context.Context) (applied, error) {
					t.Error("it was sent")
					return applied{}, nil
				}
			}
			ctx := action(t.Context())
			if code := p.end(ctx, p.carryOut(ctx, changeOptions{}, planOf(shown, now))); code != exitFailed || !strings.Contains(errOut.String(), "Meanwhile amina@contoso.example is not as it was shown") {
				t.Errorf("exit %d\n%s", code, errOut.String())
			}
		})
	}
}

func TestAFailureIsNotCalledUnknown(t *testing.T) {
	for _, err := range []error{partnercenter.ErrForbidden, partnercenter.ErrUnavailable, partnercenter.ErrNoSeats, partnercenter.ErrConflict, fmt.Errorf("x: %w", partnercenter.ErrThrottled)} {
		var out, errOut bytes.Buffer
		p := &program{out: &out, errOut: &errOut}
		ctx := action(t.Context())
		code := p.end(ctx, p.carryOut(ctx, changeOptions{yes: true}, planOf(aChange(err, func() (verdict, error) {
			t.Error("it was read back")
			return notSeen, nil
		}))))
		if code == exitDone || out.Len() > 0 || !strings.HasPrefix(errOut.String(), "rollcall: Changing amina@contoso.example at Contoso failed. Nothing was changed. ") {
			t.Errorf("%v: exit %d, %s%s", err, code, out.String(), errOut.String())
		}
	}
}

func TestPasswordsAreHardToGuessAndEasyToRead(t *testing.T) {
	seen := map[string]bool{}
	for range 2000 {
		text := newPassword().Reveal()
		if seen[text] {
			t.Fatal("the same twice")
		}
		seen[text] = true
		if !regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9+=?%*#-]{14}[A-Za-z0-9]$`).MatchString(text) || strings.ContainsAny(text, "0O1lIo!|") {
			t.Fatalf("%q", text)
		}
		for _, class := range []string{passwordCapitals, passwordSmalls, passwordDigits, passwordSigns} {
			if !strings.ContainsAny(text, class) {
				t.Fatalf("%q has none of %s", text, class)
			}
		}
		if export.Guarded(text) {
			t.Fatalf("%q begins a formula", text)
		}
	}
	used := map[rune]bool{}
	for text := range seen {
		for _, r := range text {
			used[r] = true
		}
	}
	if want := len(passwordCapitals + passwordSmalls + passwordDigits + passwordSigns); len(used) != want {
		t.Errorf("%d characters in use, want all %d", len(used), want)
	}
}

func TestPasswordFromStdin(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"a line":         {"Correct-Horse-7\nnext\n", "Correct-Horse-7"},
		"Windows' end":   {"Correct-Horse-7\r\n", "Correct-Horse-7"},
		"no end":         {"Correct-Horse-7", "Correct-Horse-7"},
		"blanks count":   {" a b \n", " a b "},
		"the longest":    {strings.Repeat("ä", 256) + "\n", strings.Repeat("ä", 256)},
		"too long":       {strings.Repeat("ä", 257) + "\n", ""},
		"far too long":   {strings.Repeat("a", 1<<20), ""},
		"nothing":        {"", ""},
		"an empty line":  {"\nsecond\n", ""},
		"a line's break": {"\r\n", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := &program{in: strings.NewReader(tt.in)}
			got, err := p.passwordFromStdin()
			if got.Reveal() != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("%q, %v", got.Reveal(), err)
			}
			if err != nil && tt.in != "" && strings.Contains(err.Error(), "aaa") {
				t.Errorf("the message repeats it: %v", err)
			}
		})
	}
}

func TestChinaHasNoLicensesAndNoChanges(t *testing.T) {
	service := atEmulator(t, "admin-agent")
	refused := 0
	eachCall(t, func(t *testing.T, words []string, _ string) {
		_, errOut, code := cli(t, append(words, "--cloud", "china")...)
		if absent := words[0] == "licenses" || words[0] == "users" && words[1] != "list" && words[1] != "get"; absent {
			refused++
			if code != exitRefused || !strings.Contains(errOut, "Partner Center in China offers neither licenses nor changes of users.") {
				t.Errorf("exit %d, %s", code, errOut)
			}
		} else if code != exitDone {
			t.Errorf("exit %d, %s", code, errOut)
		}
	})
	if refused != 9 {
		t.Errorf("%d commands refused", refused)
	}
	for _, call := range service.Calls() {
		if call.Method != "GET" && call.Method != "HEAD" && !strings.Contains(call.Path, "usermembers") {
			t.Errorf("sent %s %s", call.Method, call.Path)
		}
	}
}

func TestArgumentsAreQuotedForTheShell(t *testing.T) {
	for in, want := range map[string]string{
		"contoso.example": "contoso.example", "a@b.example": "a@b.example", "": "''", "two words": "'two words'", "o'brien": `'o'\''brien'`,
		"$(rm -rf ~)": "'$(rm -rf ~)'", "a;b": "'a;b'", "x\ny": "'x\ny'", "müller": "'müller'", "#EXT#": "'#EXT#'",
	} {
		if got := quoted(in); got != want {
			t.Errorf("%q became %s, want %s", in, got, want)
		}
	}
}
