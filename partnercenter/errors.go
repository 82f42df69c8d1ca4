package partnercenter

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// What a caller can do about a failure. Ask with [errors.Is].
var (
	ErrBadID          = errors.New("not a GUID")                                         // nothing was sent
	ErrBadRequest     = errors.New("the request is invalid")                             // 400, or an option out of range
	ErrUnauthorized   = errors.New("the access token was refused")                       // 401: renew it or sign in again
	ErrMFARequired    = errors.New("the access token does not show MFA")                 // 401 900421 or 10001; also ErrUnauthorized
	ErrForbidden      = errors.New("the person may not do this")                         // 403
	ErrNoRelationship = errors.New("the customer is not this partner's")                 // 403 20002; also ErrForbidden
	ErrAppOnly        = errors.New("an application may not do this")                     // 403 for an App-only token; also ErrForbidden
	ErrNotFound       = errors.New("not found")                                          // 404
	ErrConflict       = errors.New("the name is taken")                                  // 409, or 400 on a user principal name in use
	ErrNoSeats        = errors.New("no free seat")                                       // 400 60012; also ErrBadRequest
	ErrUsageLocation  = errors.New("the user has no valid usage location")               // 400; also ErrBadRequest
	ErrThrottled      = errors.New("too many requests")                                  // 429, once retries are used up
	ErrUnavailable    = errors.New("Partner Center could not be reached or answer")      // 5xx, transport, time-outs
	ErrBadResponse    = errors.New("the answer of Partner Center could not be accepted") // undecodable, too large, hostile
)

// Error is a call that failed: what Partner Center answered, or why there was
// no answer. Its text is for logs and no contract; branch on the sentinels.
type Error struct {
	Op            string        // the method that was called, "Users.List"
	Status        int           // HTTP status; 0 when there was no answer
	Code          string        // the service's own code, "60012"; may be empty
	Description   string        // the service's own text, HTML-unescaped; for logs, never for pages
	Data          []string      // the service's further texts, seldom present
	CorrelationID string        // MS-CorrelationId, to quote to support
	RequestID     string        // MS-RequestId of the call
	RetryAfter    time.Duration // how long the service asked to wait; 0 when it did not
	kinds         []error       // sentinels, the most telling first
	cause         error         // what went wrong beneath; may be nil
}

// Error says what was called, what came back and the IDs to quote.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "partnercenter: %s", e.Op)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": status %d", e.Status)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, " code %s", e.Code)
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
