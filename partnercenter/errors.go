package partnercenter

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// What a caller can do about a failure. Ask with [errors.Is].
//
// Of a change, one question comes first: ErrUnknownOutcome is every failure
// after which it may have been made, since no answer arrived, or none that
// tells (408, 5xx, a redirect, a success that can't be read). Then read back
// what is there; don't repeat it blindly. A change that failed in any other
// way was not made.
var (
	ErrBadID          = errors.New("an ID is not a GUID")                         // nothing was sent
	ErrBadRequest     = errors.New("the request is not valid")                    // 400 and other 4xx; an option out of range, then nothing was sent
	ErrUnauthorized   = errors.New("the access token was refused")                // 401: renew it or sign in again
	ErrMFARequired    = errors.New("the access token does not show MFA")          // 401 with 900421 or 10001; also ErrUnauthorized
	ErrForbidden      = errors.New("the person may not do this")                  // 403
	ErrNoRelationship = errors.New("the customer is not this partner's")          // 403 with 20002; also ErrForbidden
	ErrAppOnly        = errors.New("an application may not do this")              // 403 on an App-only token; also ErrForbidden
	ErrNotFound       = errors.New("not found")                                   // 404
	ErrConflict       = errors.New("it conflicts with what is there")             // 409, or 400 on a user principal name in use
	ErrNoSeats        = errors.New("no seat is free")                             // 400 with 60012; also ErrBadRequest
	ErrUsageLocation  = errors.New("the user has no valid usage location")        // 400; also ErrBadRequest
	ErrThrottled      = errors.New("Partner Center asks to wait")                 // 429, once retries are used up
	ErrUnavailable    = errors.New("Partner Center did not answer as it ought")   // 408, 5xx, transport, time-outs
	ErrBadResponse    = errors.New("the answer can't be accepted")                // undecodable, too large, or hostile
	ErrUnknownOutcome = errors.New("it is not known whether the change was made") // changes alone; also ErrUnavailable or ErrBadResponse, or the caller's own leaving
)

var errBlocked = errors.New("an earlier call was told to wait longer than this one may take")

// Error is a call that failed: what Partner Center answered when it refused,
// or why there is no answer. Its text is for logs and no contract; decide by
// the sentinels.
type Error struct {
	Op            string        // the method a caller called, "users.List"
	Status        int           // HTTP status; 0 when there was no answer
	Code          string        // the service's own code, "60012"; may be empty
	Description   string        // the service's own text, HTML-unescaped; for logs, never for pages
	Data          []string      // what the service added to it; mostly empty
	CorrelationID string        // MS-CorrelationId, to quote to support
	RequestID     string        // MS-RequestId of the call
	RetryAfter    time.Duration // how long the service asks to wait; 0 when it does not

	kinds []error // sentinels, the most telling first
	cause error   // what went wrong beneath; may be nil
	again bool    // a further try may help and can't do harm
	mfa   string  // the isMfaCompliant header of the answer
}

// Error names the method, what can be done, the status, the code and both IDs.
// It leaves the service's text out, which may hold people's data.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "partnercenter: %s", e.Op)
	if len(e.kinds) > 0 {
		fmt.Fprintf(&b, ": %v", e.kinds[0])
	}
	if e.cause != nil {
		fmt.Fprintf(&b, ": %v", e.cause)
	}
	sep := " ("
	part := func(format string, a any) {
		b.WriteString(sep)
		fmt.Fprintf(&b, format, a)
		sep = ", "
	}
	if e.Status != 0 {
		part("status %d", e.Status)
	}
	if e.Code != "" {
		part("code %s", e.Code)
	}
	if e.CorrelationID != "" {
		part("correlation ID %s", e.CorrelationID)
	}
	if e.RequestID != "" {
		part("request ID %s", e.RequestID)
	}
	if sep != " (" {
		b.WriteByte(')')
	}
	return b.String()
}

// Unwrap gives the sentinels and the cause to [errors.Is] and [errors.As].
func (e *Error) Unwrap() []error {
	if e.cause == nil {
		return e.kinds
	}
	return append(e.kinds[:len(e.kinds):len(e.kinds)], e.cause)
}

// LogValue implements [slog.LogValuer]: everything there is, the service's
// text included.
func (e *Error) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("op", e.Op), slog.Int("status", e.Status)}
	text := func(key, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(key, value))
		}
	}
	text("code", e.Code)
	text("description", e.Description)
	text("data", strings.Join(e.Data, "; "))
	text("correlation_id", e.CorrelationID)
	text("request_id", e.RequestID)
	if e.RetryAfter > 0 {
		attrs = append(attrs, slog.Duration("retry_after", e.RetryAfter))
	}
	if len(e.kinds) > 0 {
		text("kind", e.kinds[0].Error())
	}
	if e.cause != nil {
		text("cause", e.cause.Error())
	}
	return slog.GroupValue(attrs...)
}

// orNil is e as an error: a nil one where e is nil.
func (e *Error) orNil() error {
	if e == nil {
		return nil
	}
	return e
}

// badID is the failure of a call that was given an ID that is no GUID.
func badID(op, what, id string) *Error {
	if len(id) > 80 {
		id = id[:80] + "…"
	}
	return &Error{Op: op, kinds: []error{ErrBadID}, cause: fmt.Errorf("%s %q", what, id)}
}

// badOption is the failure of a call that was given something it can't send.
func badOption(op, format string, args ...any) *Error {
	return &Error{Op: op, kinds: []error{ErrBadRequest}, cause: fmt.Errorf(format, args...)}
}
