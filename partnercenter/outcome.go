package partnercenter

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
)

// changes reports whether the call is to change something at Partner Center.
func (k call) changes() bool {
	switch k.method {
	case "", http.MethodGet, http.MethodHead:
		return false
	}
	return true
}

// judge settles what a failure of the call means: for a change, whether it
// was certainly not made, and whether it may be sent again. left tells whether
// anything of the request may have left this machine.
//
// An answer of 4xx other than 408 is a refusal. All else that is no success
// may come from a gateway that lost its service, or from nobody at all.
func (k call) judge(failed *Error, left bool) {
	if !k.changes() || !left {
		return
	}
	if failed.Status >= 400 && failed.Status < 500 && failed.Status != http.StatusRequestTimeout {
		failed.again = failed.Status == http.StatusTooManyRequests
		return
	}
	failed.again = false
	failed.kinds = append([]error{ErrUnknownOutcome}, failed.kinds...)
}

// unspoken is err, or a bare word in its stead where its text repeats the
// call's password.
func (k call) unspoken(err error) error {
	if err == nil || k.secret.Empty() || !strings.Contains(err.Error(), k.secret.Reveal()) {
		return err
	}
	return errSpoken
}

var errSpoken = errors.New("what went wrong can't be told without repeating the password")

// sending watches how far a request gets. That nothing was sent is believed
// on proof alone: a transport that is none of net/http's tells nothing.
type sending struct{ asked, connected atomic.Bool }

// watch has net/http tell of the request's way.
func (s *sending) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { s.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { s.connected.Store(true) },
	})
}

// mayHaveLeft reports whether anything of the request may have left this
// machine, given the error it ended with. What was handed a connection may
// have, even if writing failed.
func (s *sending) mayHaveLeft(err error) bool {
	if s.connected.Load() {
		return true
	}
	if s.asked.Load() {
		return false // no connection came about
	}
	failed, ok := errors.AsType[*net.OpError](err)
	return !ok || failed.Op != "dial" && failed.Op != "proxyconnect"
}
