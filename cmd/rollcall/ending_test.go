package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

func TestEachRefusalHasItsWordsAndExitCode(t *testing.T) {
	tests := map[string]struct {
		err  error
		code int
		want string
	}{
		"signed in too weakly": {fmt.Errorf("x: %w", errors.Join(partnercenter.ErrMFARequired, partnercenter.ErrUnauthorized)), exitSignIn, "no second factor"},
		"token refused":        {partnercenter.ErrUnauthorized, exitSignIn, "may have expired"},
		"no relationship":      {errors.Join(partnercenter.ErrNoRelationship, partnercenter.ErrForbidden), exitNotFound, "not a customer of this partner"},
		"not found":            {partnercenter.ErrNotFound, exitNotFound, "rollcall customers list"},
		"an application":       {errors.Join(partnercenter.ErrAppOnly, partnercenter.ErrForbidden), exitRefused, "of an application"},
		"role missing":         {partnercenter.ErrForbidden, exitRefused, "the role Directory Readers there"},
		"throttled":            {partnercenter.ErrThrottled, exitFailed, "Try again in a few minutes."},
		"not understood":       {partnercenter.ErrBadResponse, exitFailed, "nothing of it was taken"},
		"no answer":            {partnercenter.ErrUnavailable, exitFailed, "Try again in a minute"},
		"nobody there":         {errors.Join(partnercenter.ErrUnavailable, &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8081}, Err: syscall.ECONNREFUSED}), exitFailed, "Nothing answers at 127.0.0.1:8081. Look at the network"},
		"no proxy there":       {errors.Join(partnercenter.ErrUnavailable, &net.OpError{Op: "proxyconnect", Net: "tcp", Err: &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 3128}, Err: syscall.ECONNREFUSED}}), exitFailed, "Nothing answers at 127.0.0.1:3128. Look at the network, and at ROLLCALL_API_URL, --api-url or HTTPS_PROXY"},
		"no such name":         {errors.Join(partnercenter.ErrUnavailable, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Name: "api.invalid"}}), exitFailed, "Nothing answers at api.invalid."},
		"cut off":              {errors.Join(partnercenter.ErrUnavailable, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}), exitFailed, "Try again in a minute"},
		"nobody thought of it": {errors.New("disk on fire"), exitFailed, "Unexpected: disk on fire."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ctx := partnercenter.WithCorrelationID(t.Context(), "5a3d64d4-4490-4932-bf5e-0dc9a58f27ca")
			var errOut bytes.Buffer
			p := &program{errOut: &errOut}
			code := p.end(ctx, wish{what: "The users of Contoso can't be read.", role: "Directory Readers there"}.trouble(ctx, tt.err))
			got := errOut.String()
			if code != tt.code || !strings.Contains(got, tt.want) {
				t.Errorf("exit %d, %s", code, got)
			}
			if !strings.HasPrefix(got, "rollcall: The users of Contoso can't be read. ") || !strings.HasSuffix(got, " Correlation ID 5a3d64d4-4490-4932-bf5e-0dc9a58f27ca\n") {
				t.Errorf("not what, what to do, correlation ID: %s", got)
			}
		})
	}
}

func TestInterruptedSaysNothing(t *testing.T) {
	server := httptest.NewServer(emulator.New(emulator.Options{}))
	defer server.Close()
	t.Setenv("ROLLCALL_API_URL", server.URL)
	t.Setenv("ROLLCALL_TOKEN", "admin-agent")
	ctx, stop := context.WithCancel(t.Context())
	var errOut bytes.Buffer
	out := writerFunc(func(b []byte) (int, error) { stop(); return len(b), nil }) // Ctrl+C once the first rows are out
	code := run(ctx, []string{"users", "list", emulator.NorthwindID}, nil, out, &errOut)
	if code != exitInterrupted || errOut.Len() > 0 {
		t.Errorf("exit %d, %q", code, errOut.String())
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func TestMessagesCannotSteerTheTerminal(t *testing.T) {
	var errOut bytes.Buffer
	p := &program{errOut: &errOut}
	p.end(t.Context(), misuse("%s", "no customer \x1b[2J\u202egnp.exe"))
	if got := errOut.String(); got != `rollcall: no customer \u001b[2J\u202egnp.exe`+"\n" {
		t.Errorf("got %q", got)
	}
}
