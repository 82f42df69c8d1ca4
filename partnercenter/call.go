package partnercenter

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

const (
	maxAnswer  = 16 << 20 // bytes; a page of 500 users is about a quarter of a megabyte
	maxRefusal = 64 << 10 // bytes of a refusal that are read
)

// call is one thing asked of Partner Center, however many tries it takes. All
// calls here are reads, so that each may be repeated.
type call struct {
	op       string // "users.List"
	customer string // whose limits it counts against; "" for the partner's own lists
	method   string // "" means GET
	path     string // behind /v1, of letters that need no escaping
	query    string // encoded, without the question mark
	token    string // MS-ContinuationToken
	mfa      bool   // ask for the MFA check
}

// answer is a success, its body read and without byte order mark. Whoever has
// it releases it.
type answer struct {
	*buffer
	call          call
	status        int
	mfa           string // isMfaCompliant
	correlationID string
	requestID     string
}

// fail makes an error of an answer that can't be accepted.
func (a *answer) fail(format string, args ...any) *Error {
	return &Error{
		Op: a.call.op, Status: a.status, CorrelationID: a.correlationID, RequestID: a.requestID,
		kinds: []error{ErrBadResponse}, cause: fmt.Errorf(format, args...),
	}
}

// do makes the call: one request ID for all its tries, the action's
// correlation ID, and as many tries as settings, deadline and budget allow.
// The error is always an *Error.
func (c *Client) do(ctx context.Context, k call) (*answer, error) {
	ctx = correlated(ctx)
	requestID := NewID()
	for try := 1; ; try++ {
		started := time.Now()
		a, failed := c.try(ctx, k, requestID)
		if failed == nil {
			c.logTry(ctx, k, requestID, try, a.status, started)
			c.shared.earn()
			return a, nil
		}
		c.logTry(ctx, k, requestID, try, failed.Status, started)
		wait, again := c.pause(ctx, failed, try)
		if !again {
			return nil, failed
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, c.noAnswer(ctx, k, requestID, err)
		}
	}
}

// try sends the call once and reads the answer.
func (c *Client) try(ctx context.Context, k call, requestID string) (*answer, *Error) {
	if left, err := c.shared.admit(ctx, k.customer, c.retry.MaxRetryAfter); errors.Is(err, errBlocked) {
		return nil, &Error{
			Op: k.op, RetryAfter: left, CorrelationID: CorrelationID(ctx), RequestID: requestID,
			kinds: []error{ErrThrottled}, cause: err,
		}
	} else if err != nil {
		return nil, c.noAnswer(ctx, k, requestID, err)
	}
	token, failed := c.token(ctx, k, requestID)
	if failed != nil {
		return nil, failed
	}
	if err := c.shared.enter(ctx); err != nil {
		return nil, c.noAnswer(ctx, k, requestID, err)
	}
	defer c.shared.leave()

	ctx, cancel := context.WithTimeout(ctx, c.retry.TryTimeout)
	defer cancel()
	resp, err := c.transport.RoundTrip(c.request(ctx, k, token, requestID))
	if err != nil {
		return nil, c.noAnswer(ctx, k, requestID, err)
	}
	defer resp.Body.Close()

	a := &answer{
		buffer: newBuffer(), call: k, status: resp.StatusCode, mfa: resp.Header.Get("isMfaCompliant"),
		correlationID: echoed(resp.Header.Get("MS-CorrelationId"), CorrelationID(ctx)),
		requestID:     echoed(resp.Header.Get("MS-RequestId"), requestID),
	}
	if a.status < 200 || a.status > 299 {
		defer a.release()
		// A body that breaks off or is too long still tells what it told so far.
		_ = a.read(resp.Body, 0, maxRefusal)
		failed := refusal(k.op, a.status, resp.Header, a.body())
		failed.CorrelationID, failed.RequestID = a.correlationID, a.requestID
		if a.status == http.StatusTooManyRequests {
			c.shared.block(k.customer, failed.RetryAfter)
		}
		return nil, failed
	}
	switch err := a.read(resp.Body, resp.ContentLength, c.maxAnswer); {
	case errors.Is(err, errTooLarge):
		defer a.release()
		return nil, a.fail("its body is longer than %d bytes", c.maxAnswer)
	case err != nil:
		defer a.release()
		failed := c.noAnswer(ctx, k, requestID, err)
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
		return Secret{}, c.noAnswer(ctx, k, requestID, err)
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
	return r.WithContext(ctx)
}

// noAnswer is the failure of a try that brought none, or none that was whole.
func (c *Client) noAnswer(ctx context.Context, k call, requestID string, err error) *Error {
	failed := &Error{Op: k.op, CorrelationID: CorrelationID(ctx), RequestID: requestID, cause: err}
	if errors.Is(ctx.Err(), context.Canceled) || errors.Is(err, context.Canceled) {
		return failed // the caller's own doing
	}
	failed.kinds = []error{ErrUnavailable}
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	failed.again = !untrusted
	return failed
}

// echoed is the service's ID when it is one, else the one that was sent.
func echoed(got, sent string) string {
	if ValidID(got) {
		return got
	}
	return sent
}

func (c *Client) logTry(ctx context.Context, k call, requestID string, try, status int, started time.Time) {
	level := slog.LevelDebug
	if try > 1 {
		level = slog.LevelInfo
	}
	if !c.log.Enabled(ctx, level) {
		return
	}
	c.log.LogAttrs(ctx, level, "Partner Center call",
		slog.String("op", k.op),
		slog.String("customer", k.customer),
		slog.Int("try", try),
		slog.Int("status", status),
		slog.Duration("took", time.Since(started)),
		slog.String("correlation_id", CorrelationID(ctx)),
		slog.String("request_id", requestID))
}
