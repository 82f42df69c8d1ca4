package partnercenter

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

const (
	maxAnswer  = 16 << 20 // bytes; a page of 500 users is about a quarter of a megabyte
	maxRefusal = 64 << 10 // bytes of a refusal that are read
)

// call is one thing asked of Partner Center, however many tries it takes.
type call struct {
	op       string // "users.List"
	customer string // whose limits it counts against; "" for the partner's own lists
	method   string // "" means GET; any other than that and HEAD makes it a change
	path     string // behind /v1, of letters that need no escaping
	query    string // encoded, without the question mark
	token    string // MS-ContinuationToken
	mfa      bool   // ask for the MFA check
	body     []byte // JSON; nil sends none
	secret   Secret // a password in the body; nothing that comes back may repeat it
}

// answer is a success, its body read and without byte order mark. Whoever has
// it releases it.
type answer struct {
	*buffer
	call          call
	status        int
	cut           error  // of a change alone: why its body is not whole
	mfa           string // isMfaCompliant
	correlationID string
	requestID     string
}

// fail makes an error of an answer that can't be accepted.
func (a *answer) fail(format string, args ...any) *Error {
	failed := &Error{
		Op: a.call.op, Status: a.status, CorrelationID: a.correlationID, RequestID: a.requestID,
		kinds: []error{ErrBadResponse}, cause: a.call.unspoken(fmt.Errorf(format, args...)),
	}
	a.call.judge(failed, true)
	return failed
}

// release gives the answer's buffer back. An echoed password does not stay in it.
func (a *answer) release() {
	if !a.call.secret.Empty() {
		clear(a.bytes[:cap(a.bytes)])
	}
	a.buffer.release()
}

// do makes the call: one request ID for all its tries, the action's
// correlation ID, and as many tries as settings, deadline and budget allow.
// The error is always an *Error.
func (c *Client) do(ctx context.Context, k call) (*answer, error) {
	ctx = correlated(ctx)
	requestID, err := k.requestID(ctx)
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		started := time.Now()
		a, failed := c.try(ctx, k, requestID, try)
		c.logTry(ctx, k, requestID, try, a, failed, started)
		if failed == nil {
			c.shared.earn()
			return a, nil
		}
		wait, again := c.pause(ctx, failed, try)
		if !again {
			return nil, failed
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, c.noAnswer(ctx, k, requestID, err, false)
		}
		if k.changes() && failed.Status != 0 && RequestID(ctx) == "" {
			requestID = NewID() // an answer has arrived (API facts 5.1)
		}
	}
}

// try sends the call once and reads the answer.
func (c *Client) try(ctx context.Context, k call, requestID string, try int) (*answer, *Error) {
	if left, err := c.shared.admit(ctx, k.customer, c.retry.MaxRetryAfter); errors.Is(err, errBlocked) {
		return nil, &Error{
			Op: k.op, RetryAfter: left, CorrelationID: CorrelationID(ctx), RequestID: requestID,
			kinds: []error{ErrThrottled}, cause: err,
		}
	} else if err != nil {
		return nil, c.noAnswer(ctx, k, requestID, err, false)
	}
	token, failed := c.token(ctx, k, requestID)
	if failed != nil {
		return nil, failed
	}
	if err := c.breaker.pass(ctx); errors.Is(err, errOpen) {
		return nil, &Error{
			Op: k.op, CorrelationID: CorrelationID(ctx), RequestID: requestID,
			kinds: []error{ErrUnavailable}, cause: err,
		}
	} else if err != nil {
		return nil, c.noAnswer(ctx, k, requestID, err, false)
	}
	if err := c.shared.enter(ctx); err != nil {
		c.breaker.left()
		return nil, c.noAnswer(ctx, k, requestID, err, false)
	}
	defer c.shared.leave()

	caller, started := ctx, time.Now()
	ctx, cancel := context.WithTimeout(ctx, c.retry.TryTimeout)
	defer cancel()
	ctx = context.WithValue(ctx, callKey{}, CallInfo{Op: k.op, Customer: k.customer, Change: k.changes(), Try: try})
	var way sending
	if k.changes() {
		ctx = way.watch(ctx)
	}
	resp, err := c.transport.RoundTrip(c.request(ctx, k, token, requestID))
	if err != nil {
		c.lost(caller, k, started)
		return nil, c.noAnswer(ctx, k, requestID, err, way.mayHaveLeft(err))
	}
	defer resp.Body.Close()
	c.arrived(caller, k, resp.StatusCode, started)

	a := &answer{
		buffer: newBuffer(), call: k, status: resp.StatusCode, mfa: resp.Header.Get("isMfaCompliant"),
		correlationID: echoed(resp.Header.Get("MS-CorrelationId"), CorrelationID(ctx)),
		requestID:     echoed(resp.Header.Get("MS-RequestId"), requestID),
	}
	if a.status < 200 || a.status > 299 {
		defer a.release()
		// A body that breaks off or is too long still tells what it told so far.
		_ = a.read(resp.Body, 0, maxRefusal)
		failed := refusal(k.op, a.status, resp.Header, a.body(), k.secret)
		failed.CorrelationID, failed.RequestID = a.correlationID, a.requestID
		k.judge(failed, true)
		if a.status == http.StatusTooManyRequests {
			c.shared.block(k.customer, failed.RetryAfter)
		}
		return nil, failed
	}
	switch err := a.read(resp.Body, resp.ContentLength, c.maxAnswer); {
	case err != nil && k.changes():
		a.cut = err // done all the same: whether the body matters is the method's to say
	case errors.Is(err, errTooLarge):
		defer a.release()
		return nil, a.fail("its body is longer than %d bytes", c.maxAnswer)
	case err != nil:
		defer a.release()
		failed := c.noAnswer(ctx, k, requestID, err, true)
		failed.Status = a.status
		return nil, failed
	}
	return a, nil
}

// token asks the token source. Its own error stays visible to errors.Is.
func (c *Client) token(ctx context.Context, k call, requestID string) (Secret, *Error) {
	token, err := c.tokens.Token(ctx)
	failed := &Error{Op: k.op, CorrelationID: CorrelationID(ctx), RequestID: requestID}
	switch text := token.Reveal(); {
	case err != nil && ctx.Err() != nil:
		return Secret{}, c.noAnswer(ctx, k, requestID, err, false)
	case err != nil:
		failed.cause = fmt.Errorf("getting the access token: %w", err)
		return Secret{}, failed
	case text == "", !printable(text, '!'):
		failed.kinds = []error{ErrUnauthorized}
		failed.cause = errors.New("the token source gave no text that can be a token")
		return Secret{}, failed
	}
	return token, nil
}

// request builds the request with its headers in the documented spelling:
// Header.Set would write Ms-Requestid.
//
// Source: "Partner Center REST headers"; API facts 5.1.
func (c *Client) request(ctx context.Context, k call, token Secret, requestID string) *http.Request {
	h := http.Header{
		"Authorization":           {"Bearer " + token.Reveal()},
		"Accept":                  {"application/json"},
		"MS-RequestId":            {requestID},
		"MS-CorrelationId":        {CorrelationID(ctx)},
		"MS-PartnerCenter-Client": {clientName},
		"MS-SdkVersion":           {Version},
		"User-Agent":              {"rollcall-partnercenter/" + Version},
	}
	if c.locale != "" {
		h["X-Locale"] = []string{c.locale}
	}
	if c.application != "" {
		h["MS-PartnerCenter-Application"] = []string{c.application}
	}
	if k.token != "" {
		h["MS-ContinuationToken"] = []string{k.token}
	}
	if k.mfa {
		h["ValidateMfa"] = []string{"true"}
	}
	method := k.method
	if method == "" {
		method = http.MethodGet
	}
	r := &http.Request{
		Method: method,
		URL:    &url.URL{Scheme: c.base.Scheme, Host: c.base.Host, Path: "/v1" + k.path, RawQuery: k.query},
		Host:   c.base.Host,
		Proto:  "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h,
	}
	if k.body != nil {
		h["Content-Type"] = []string{"application/json"}
		r.ContentLength = int64(len(k.body))
		// GetBody is for net/http alone, which sends a change again only where
		// the service has not taken it: nothing was written, or it said so.
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(k.body)), nil }
		r.Body, _ = r.GetBody()
	}
	return r.WithContext(ctx)
}

// noAnswer is the failure of a try that brought none, or none that was whole.
// left tells whether anything of the request may have left this machine.
func (c *Client) noAnswer(ctx context.Context, k call, requestID string, err error, left bool) *Error {
	failed := &Error{Op: k.op, CorrelationID: CorrelationID(ctx), RequestID: requestID, cause: k.unspoken(err)}
	if !errors.Is(ctx.Err(), context.Canceled) && !errors.Is(err, context.Canceled) { // else the caller's own doing
		failed.kinds = []error{ErrUnavailable}
		_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
		failed.again = !untrusted
	}
	k.judge(failed, left)
	return failed
}

// echoed is the service's ID when it is one, else the one that was sent.
func echoed(got, sent string) string {
	if ValidID(got) {
		return got
	}
	return sent
}

// logTry writes the one event a try has. A read that went well the first time
// is for debugging; a change is part of the story; one whose outcome is not
// known has somebody look at it.
func (c *Client) logTry(ctx context.Context, k call, requestID string, try int, a *answer, failed *Error, started time.Time) {
	level, outcome, status, code := slog.LevelDebug, "", 0, ""
	if a != nil {
		status, outcome = a.status, "done"
	}
	if failed != nil {
		status, code, outcome = failed.Status, failed.Code, "not done"
	}
	switch {
	case errors.Is(failed.orNil(), ErrUnknownOutcome):
		level, outcome = slog.LevelWarn, "unknown"
	case k.changes(), try > 1:
		level = slog.LevelInfo
	}
	if !c.log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("op", k.op),
		slog.String("customer", k.customer),
		slog.Int("try", try),
		slog.Int("status", status),
		slog.Duration("took", time.Since(started)),
		slog.String("correlation_id", CorrelationID(ctx)),
		slog.String("request_id", requestID),
	}
	if code != "" {
		attrs = append(attrs, slog.String("code", code))
	}
	if k.changes() {
		attrs = append(attrs, slog.String("outcome", outcome))
	}
	c.log.LogAttrs(ctx, level, "Partner Center call", attrs...)
}
