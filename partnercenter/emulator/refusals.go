package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// refusal is an answer that is no success, in one of the four shapes of the
// API facts, 11.1: with a code, as bare text, as the throttle says it, or empty.
type refusal struct {
	status      int
	code        int
	text        bool // the code as JSON text, as in reports since 2025
	description string
	data        []string      // what the service adds; nil: an empty list
	noData      bool          // without "data", as some errors are
	plain       string        // bare text instead of JSON
	retryAfter  time.Duration // the throttle's answer
}

// Error tells the log what was answered.
func (r *refusal) Error() string {
	return fmt.Sprintf("%d %s (code %d)", r.status, http.StatusText(r.status), r.code)
}

// Codes that matter here (API facts 11.3 and 11.4).
const (
	codeAccessDenied    = 400
	codeNotFound        = 1000
	codeNoPrivilege     = 2032
	codeInvalidProperty = 3000
	codeMFARequired     = 10001
	codeNoRelationship  = 20002
	codeUserNotFound    = 60002
	codeNoSeats         = 60012
	codeInvalidInput    = 800002
	codeUnexpected      = 800003
	codeInvalidCustomer = 900118
	codeNotSupported    = 900141
	codeRoleLacksRights = 900150
	codeWrongAudience   = 900420
	codeMFAMissing      = 900421
)

// Refusals of the front door, which answers in bare text.
var (
	appOnlyRefused = &refusal{status: http.StatusForbidden, plain: "This resource can't be accessed by application credentials."}
	roleRefused    = &refusal{status: http.StatusForbidden, plain: "The supplied role does not have the rights to perform the requested operation."}
	oldMFARefused  = &refusal{status: http.StatusUnauthorized, plain: "Authentication failed. MFA required. (10001)"}
)

// descriptions are the texts for a status and code; where the service's own is
// not public the words are ours.
var descriptions = map[int]string{
	codeAccessDenied:    "Access denied",
	codeNotFound:        "The requested resource could not be found.",
	codeNoPrivilege:     "Access denied",
	codeNoRelationship:  "No relationship between caller and account.",
	codeUserNotFound:    "The user object ID was not found.",
	codeInvalidInput:    "Invalid request input.",
	codeUnexpected:      "An unexpected service error occurred.",
	codeInvalidCustomer: "The customer ID is invalid.",
	codeNotSupported:    "The operation is not supported.",
	codeRoleLacksRights: "The supplied role does not have the rights to perform the requested operation.",
	codeWrongAudience:   "The token's audience is invalid and no longer supported.",
	codeMFAMissing:      "The token does not show multi-factor authentication.",
}

// refuse is the documented answer for a status and code.
func refuse(status, code int) *refusal {
	r := &refusal{status: status, code: code, description: descriptions[code]}
	switch code {
	case codeMFARequired:
		return oldMFARefused
	case codeMFAMissing, codeWrongAudience:
		r.text, r.noData = true, true
	case codeAccessDenied:
		r.noData = true
	}
	if r.description == "" {
		r.description = http.StatusText(status)
	}
	return r
}

// invalid refuses a value that the service would not take.
func invalid(format string, args ...any) *refusal {
	r := refuse(http.StatusBadRequest, codeInvalidProperty)
	r.description = fmt.Sprintf(format, args...)
	return r
}

// throttledFor is the throttle's answer: no tracing headers, its own shape.
func throttledFor(wait time.Duration) *refusal {
	return &refusal{status: http.StatusTooManyRequests, retryAfter: wait}
}

const (
	jsonContentType     = "application/json; charset=utf-8"
	plainContentType    = "text/plain; charset=utf-8"
	throttleContentType = "application/json"
)

func (r *refusal) contentType() string {
	switch {
	case r.throttle():
		return throttleContentType
	case r.plain != "":
		return plainContentType
	case r.code != 0:
		return jsonContentType
	}
	return ""
}

func (r *refusal) throttle() bool { return r.status == http.StatusTooManyRequests && r.code == 0 }

func (r *refusal) body() []byte {
	switch {
	case r.throttle():
		return fmt.Appendf(nil, `{ "statusCode": 429, "message": "Rate limit is exceeded. Try again in %d seconds." }`, r.retrySeconds())
	case r.plain != "":
		return []byte(r.plain)
	case r.code == 0:
		return nil
	}
	fault := serviceFault{Code: json.RawMessage(strconv.Itoa(r.code)), Description: r.description, Source: "PartnerFD"}
	if r.text {
		fault.Code = json.RawMessage(strconv.Quote(strconv.Itoa(r.code)))
	}
	if !r.noData {
		fault.Data = new(append([]string{}, r.data...))
	}
	b, err := encode(fault)
	if err != nil {
		return nil
	}
	return bytes.TrimPrefix(b, byteOrderMark)
}

// retrySeconds rounds up: a client that waits so long is let in.
func (r *refusal) retrySeconds() int {
	return int((r.retryAfter + time.Second - 1) / time.Second)
}

func (r *refusal) header(h http.Header) {
	if r.retryAfter > 0 {
		h["Retry-After"] = []string{strconv.Itoa(r.retrySeconds())}
	}
	if r.status == http.StatusUnauthorized {
		h["WWW-Authenticate"] = []string{"OAuth realm=urn:cpsvc:cpid:" + PartnerTenantID}
	}
}

// serviceFault is shape 1 of the service's errors.
type serviceFault struct {
	Code        json.RawMessage `json:"code"`
	Description string          `json:"description"`
	Data        *[]string       `json:"data,omitempty"`
	Source      string          `json:"source"`
}
