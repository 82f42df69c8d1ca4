package auth

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/internal/store/storetest"
)

func TestMain(m *testing.M) {
	if os.Getenv("ROLLCALL_TEST_GRANT") == "" {
		storetest.Main(m)
	}
	if err := anotherProcess(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// anotherProcess is the program of the processes of TestProcessesAtOnce: told
// to, it asks for the token of a grant and prints its hash.
func anotherProcess() (err error) {
	ctx := context.Background()
	micros, err := strconv.ParseInt(os.Getenv("ROLLCALL_TEST_NOW"), 10, 64)
	if err != nil {
		return err
	}
	st, err := store.Open(ctx, store.Options{DSN: os.Getenv("ROLLCALL_TEST_DSN"), MinFree: -1, Now: func() time.Time { return time.UnixMicro(micros) }})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	keys, err := testRing(1)
	if err != nil {
		return err
	}
	key, earlier := keys.TrailKeys()
	trail, err := audit.New(st, key, audit.Options{Earlier: earlier})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, trail.Close(ctx)) }()
	service, err := New(ctx, testConfig(os.Getenv("ROLLCALL_TEST_ISSUER"), keys), st, trail)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.Close()) }()

	in := bufio.NewScanner(os.Stdin)
	fmt.Println("ready")
	if !in.Scan() {
		return errors.New("never told to go")
	}
	fmt.Println("asking")
	token, err := service.Tokens(os.Getenv("ROLLCALL_TEST_GRANT")).Token(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("%x\n", sha256.Sum256([]byte(token.Reveal())))
	return nil
}

// TestProcessesAtOnce: three processes of the operating system want the token
// of one grant when it has run out. One refreshes it, and all have the new one.
func TestProcessesAtOnce(t *testing.T) {
	storetest.EachShared(t, func(t *testing.T, dsn string) {
		r := newRig(t, dsn, nil)
		p := r.browser().mustSignIn()
		old := fmt.Sprintf("%x", sha256.Sum256([]byte(r.token(p.GrantID))))
		r.wait(time.Hour)
		hold, holding := make(chan struct{}), make(chan struct{}, 3)
		r.provider.set(func() { r.provider.hold, r.provider.holding = hold, holding })

		var processes []*process
		for range 3 {
			processes = append(processes, startProcess(t, "ROLLCALL_TEST_GRANT="+p.GrantID, "ROLLCALL_TEST_DSN="+dsn,
				"ROLLCALL_TEST_ISSUER="+r.provider.server.URL, "ROLLCALL_TEST_NOW="+strconv.FormatInt(r.clock().UnixMicro(), 10)))
		}
		for _, other := range processes {
			other.wantsLine("ready")
		}
		for _, other := range processes {
			_, err := io.WriteString(other.in, "go\n")
			must(t, err)
		}
		for _, other := range processes {
			other.wantsLine("asking")
		}
		<-holding
		close(hold)
		got := map[string]int{}
		for _, other := range processes {
			got[other.line()]++
			if err := other.Wait(); err != nil {
				t.Errorf("a process ended with %v", err)
			}
		}
		now := fmt.Sprintf("%x", sha256.Sum256([]byte(r.token(p.GrantID))))
		if diff := cmp.Diff(map[string]int{now: 3}, got); diff != "" || now == old {
			t.Errorf("the tokens (-kept +had by the processes):\n%s", diff)
		}
		if refreshes, _ := r.provider.counts(); refreshes != 1 || len(holding) != 0 {
			t.Errorf("%d refreshes at the provider, %d more on their way", refreshes, len(holding))
		}
	})
}

// process is this test's program once more.
type process struct {
	t testing.TB
	*exec.Cmd
	in    io.Writer
	lines *bufio.Scanner
}

func startProcess(t testing.TB, env ...string) *process {
	t.Helper()
	p := &process{t: t, Cmd: exec.CommandContext(t.Context(), os.Args[0])}
	p.Env = append(os.Environ(), env...)
	p.Stderr = os.Stderr
	in, err := p.StdinPipe()
	must(t, err)
	out, err := p.StdoutPipe()
	must(t, err)
	must(t, p.Start())
	p.in, p.lines = in, bufio.NewScanner(out)
	return p
}

func (p *process) line() string {
	p.t.Helper()
	if !p.lines.Scan() {
		p.t.Fatalf("a process ended without a word: %v", p.lines.Err())
	}
	return p.lines.Text()
}

func (p *process) wantsLine(want string) {
	p.t.Helper()
	if got := p.line(); got != want {
		p.t.Fatalf("a process says %q, want %q", got, want)
	}
}
