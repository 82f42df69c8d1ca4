package main

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
	"github.com/rollcall-app/rollcall/web"
)

// TestDemoSaysThatAPortWasTaken: it moves to a free one, and says so first.
func TestDemoSaysThatAPortWasTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	d, err := startDemo(t.Context(), demoOptions{listen: taken.Addr().String(), log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.stop(); err != nil {
			t.Error(err)
		}
	}()
	first, _, _ := strings.Cut(d.welcome(), "\n")
	if want := taken.Addr().String() + " is taken by another program: the portal is at " + strings.TrimPrefix(d.url, "http://") + " instead."; first != want {
		t.Errorf("says first %q, want %q", first, want)
	}
	free := theDemo(t)
	if !strings.HasPrefix(free.welcome(), "Rollcall is at "+free.url+"\n") {
		t.Errorf("where nothing was taken it says %q", free.welcome())
	}
	if n := strings.Count(free.welcome(), "://"); n != 1 {
		t.Errorf("it prints %d addresses: %q", n, free.welcome())
	}
}

// TestDemoStopsWhileAnAnswerHangs: what a fault holds back for ever does not
// keep the demo from stopping in order.
func TestDemoStopsWhileAnAnswerHangs(t *testing.T) {
	var log everything
	d, err := startDemo(t.Context(), demoOptions{
		listen: "127.0.0.1:0", log: slog.New(slog.NewTextHandler(&log, nil)), bigUsers: 1_200,
		limits: web.Limits{AddressPerSecond: 1e6, AddressBurst: 1e6, PersonPerSecond: 1e6, PersonBurst: 1e6},
	})
	if err != nil {
		t.Fatal(err)
	}
	v := d.visitor(t)
	v.signIn(priya)
	d.emulator.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Page: 2, Hang: true})
	if r := v.get(d.users(emulator.NorthwindID, "")); r.status != http.StatusOK {
		t.Fatalf("the first page: %d", r.status)
	}
	waitUntil(t, "the second page is asked for", func() bool {
		for _, c := range d.emulator.Calls() {
			if c.Page == 2 {
				return true
			}
		}
		return false
	})
	if err := d.stop(); err != nil {
		t.Errorf("stop: %v\n%s", err, log.String())
	}
	if !strings.Contains(log.String(), "reason=stop") {
		t.Error("the trail was not anchored")
	}
}

// TestDemoCommand: it says where it is, and ends well when asked to.
func TestDemoCommand(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	before := slog.Default()
	var out, errOut everything
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, []string{"demo", "--listen", "127.0.0.1:0"}, nil, &out, &errOut) }()
	waitUntil(t, "it says where it is", func() bool { return strings.Contains(out.String(), "Ctrl+C stops everything") })
	stop()
	select {
	case code := <-ended:
		if code != exitDone {
			t.Errorf("exit %d: %s", code, errOut.String())
		}
	case <-time.After(patience):
		t.Error("it does not stop")
	}
	if slog.Default() != before {
		t.Error("the standard logger was not given back")
	}
	if strings.Contains(errOut.String(), "level=ERROR") || bytes.Contains([]byte(errOut.String()), []byte("panic")) {
		t.Error(errOut.String())
	}
}
