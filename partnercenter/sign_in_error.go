package partnercenter

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
)

// ErrSignInRequired says that no token can be had until the person has signed
// in again. It is also [ErrUnauthorized], and [ErrMFARequired] where the
// authority wants a second factor.
var ErrSignInRequired = errors.New("the person has to sign in again")

// SignInError is a token that could not be got: what the authority, or the
// Azure CLI, said to it. Its text is for logs and no contract; decide by the
// sentinels: [ErrSignInRequired], [ErrBadRequest] (the settings are wrong),
// [ErrUnavailable], [ErrBadResponse].
type SignInError struct {
	Op            string        // "tokens.Refresh", "tokens.DeviceCode", "tokens.AzureCLI"
	Status        int           // HTTP status; 0 when there was no answer
	Code          string        // OAuth's own, "invalid_grant"; may be empty
	Suberror      string        // the authority's closer word, "basic_action"
	Numbers       []int         // AADSTS numbers, 50076
	Description   string        // the authority's own text; for logs, never for pages
	Claims        string        // a claims challenge, to be given verbatim to the next sign-in; mostly empty
	CorrelationID string        // to quote to support
	TraceID       string        // likewise
	RetryAfter    time.Duration // how long the authority asks to wait; 0 when it does not

	kinds []error
	cause error
}

// Error names the method, what can be done, the authority's codes and its
// correlation ID. It leaves the authority's text out, which may hold a
// person's name.
func (e *SignInError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "partnercenter: %s", e.Op)
	if len(e.kinds) > 0 {
		fmt.Fprintf(&b, ": %v", e.kinds[0])
	}
	if e.cause != nil {
		fmt.Fprintf(&b, ": %v", e.cause)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, ": %s", e.Code)
	}
	for _, number := range e.Numbers {
		fmt.Fprintf(&b, " AADSTS%d", number)
	}
	if e.CorrelationID != "" {
		fmt.Fprintf(&b, " (correlation ID %s)", e.CorrelationID)
	}
	return b.String()
}

// Unwrap gives the sentinels and the cause to [errors.Is] and [errors.As].
func (e *SignInError) Unwrap() []error {
	if e.cause == nil {
		return e.kinds
	}
	return append(e.kinds[:len(e.kinds):len(e.kinds)], e.cause)
}

// LogValue implements [slog.LogValuer]: everything there is but the claims,
// the authority's text included.
func (e *SignInError) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("op", e.Op), slog.Int("status", e.Status)}
	text := func(key, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(key, value))
		}
	}
	text("code", e.Code)
	text("suberror", e.Suberror)
	if len(e.Numbers) > 0 {
		attrs = append(attrs, slog.Any("numbers", e.Numbers))
	}
	text("description", e.Description)
	text("correlation_id", e.CorrelationID)
	text("trace_id", e.TraceID)
	if len(e.kinds) > 0 {
		text("kind", e.kinds[0].Error())
	}
	if e.cause != nil {
		text("cause", e.cause.Error())
	}
	return slog.GroupValue(attrs...)
}

// failSignIn is a failure that no answer tells of.
func failSignIn(op string, kind error, format string, args ...any) *SignInError {
	e := &SignInError{Op: op, cause: fmt.Errorf(format, args...)}
	if kind != nil {
		e.kinds = kindsWith(kind)
	}
	return e
}

// kindsWith has the sentinels that go with the most telling one.
func kindsWith(kind error) []error {
	switch kind {
	case ErrSignInRequired:
		return []error{ErrSignInRequired, ErrUnauthorized}
	case ErrMFARequired:
		return []error{ErrSignInRequired, ErrMFARequired, ErrUnauthorized}
	}
	return []error{kind}
}

// refusedSignIn reads an answer of the authority that is no success. Of its
// texts the secrets are silenced.
//
// Source: RFC 6749 section 5.2, RFC 8628 section 3.5, and Entra's additions;
// API facts 3.3.
func refusedSignIn(op string, status int, header http.Header, body []byte, secrets []Secret) *SignInError {
	e := &SignInError{Op: op, Status: status, RetryAfter: retryAfter(header, time.Now())}
	var wire struct {
		Error         string `json:"error"`
		Suberror      string `json:"suberror"`
		Description   string `json:"error_description"`
		Codes         []int  `json:"error_codes"`
		Claims        string `json:"claims"`
		CorrelationID string `json:"correlation_id"`
		TraceID       string `json:"trace_id"`
	}
	if json.Unmarshal(body, &wire) == nil {
		text := func(text string, most int) string {
			for _, secret := range secrets {
				text = secret.silence(text)
			}
			return plain(text, most)
		}
		e.Code, e.Suberror = text(wire.Error, 64), text(wire.Suberror, 64)
		e.Description = text(wire.Description, 1024)
		e.CorrelationID, e.TraceID = text(wire.CorrelationID, 64), text(wire.TraceID, 64)
		e.Numbers = wire.Codes[:min(len(wire.Codes), 16)]
		if len(wire.Claims) <= maxClaims && json.Valid([]byte(wire.Claims)) {
			e.Claims = wire.Claims
		}
	}
	e.kinds = kindsWith(kindOfSignIn(status, e))
	return e
}

const maxClaims = 8 << 10 // bytes

// kindOfSignIn decides by the status where it says that the authority is not
// itself, else by the code.
func kindOfSignIn(status int, e *SignInError) error {
	switch {
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status >= 500,
		e.Code == "temporarily_unavailable", e.Code == "server_error":
		return ErrUnavailable
	case e.Code == "":
		return ErrBadResponse
	}
	switch e.Code {
	case "invalid_grant", "interaction_required", "login_required", "consent_required",
		"expired_token", "access_denied", "authorization_declined":
		if slices.ContainsFunc(e.Numbers, func(number int) bool { return wantsMFA[number] }) {
			return ErrMFARequired
		}
		return ErrSignInRequired
	}
	return ErrBadRequest
}

// wantsMFA has Entra's numbers for a second factor that was not shown: use of
// it is required by a policy, the person has to set it up first, or has to use
// it once more.
var wantsMFA = map[int]bool{50072: true, 50074: true, 50076: true, 50079: true}
