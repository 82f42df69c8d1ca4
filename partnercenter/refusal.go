package partnercenter

import (
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// refusal reads an answer that is no success. Its body has one of four shapes:
//
//  1. {"code":60012,"description":"…","data":["…"],"source":"PartnerFD"}, from the service; code is a number or a string
//  2. bare text, from the front door
//  3. {"statusCode":429,"message":"…"}, from the gateway that throttles
//  4. nothing
//
// Where it repeats secret, which may be empty, it is silenced.
//
// Source: "Partner Center REST error codes", "API throttling guidance", and
// the reports of users in API facts 11.1.
func refusal(op string, status int, header http.Header, body []byte, secret Secret) *Error {
	e := &Error{Op: op, Status: status, RetryAfter: retryAfter(header, time.Now()), mfa: header.Get("isMfaCompliant")}
	e.readBody(body, secret)
	if e.Description == "" {
		e.Description = http.StatusText(status)
	}
	e.kinds = kindsOf(status, e.Code, e.Description)
	e.again = status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= 500
	return e
}

func (e *Error) readBody(body []byte, secret Secret) {
	body = bytes.TrimSpace(body)
	text := func(text string) string {
		return plain(secret.silence(html.UnescapeString(secret.silence(text))), 1024)
	}
	var shape struct {
		Code        json.RawMessage   `json:"code"`
		Description string            `json:"description"`
		Data        []json.RawMessage `json:"data"`
		Message     string            `json:"message"`
	}
	switch {
	case len(body) == 0:
	case body[0] == '{' && json.Unmarshal(body, &shape) == nil:
		e.Code = plain(secret.silence(scalar(shape.Code)), 64)
		e.Description = text(shape.Description)
		if e.Description == "" {
			e.Description = text(shape.Message)
		}
		for _, data := range shape.Data[:min(len(shape.Data), 16)] {
			e.Data = append(e.Data, text(scalar(data)))
		}
	case body[0] == '<': // a proxy's page, no word of the service
	case body[0] == '{', body[0] == '[': // JSON that is none of the shapes, or cut
	default:
		e.Description = text(scalar(body))
		if m := codeAtEnd().FindStringSubmatch(e.Description); m != nil {
			e.Code = m[1]
		}
	}
}

// codeAtEnd finds the code in "Authentication failed. MFA required. (10001)".
var codeAtEnd = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\((\d{1,9})\)$`) })

// kindsOf decides by status first, then by code, and by the text only where
// the code has no meaning of its own.
func kindsOf(status int, code, description string) []error {
	says := func(part string) bool { return strings.Contains(strings.ToLower(description), part) }
	switch {
	case status == http.StatusUnauthorized:
		if code == "900421" || code == "10001" || code == "" && says("mfa required") {
			return []error{ErrMFARequired, ErrUnauthorized}
		}
		return []error{ErrUnauthorized}

	case status == http.StatusForbidden:
		switch {
		case code == "20002":
			return []error{ErrNoRelationship, ErrForbidden}
		case code == "" && says("application credentials"):
			return []error{ErrAppOnly, ErrForbidden}
		}
		return []error{ErrForbidden}

	case status == http.StatusBadRequest:
		switch {
		case code == "60012":
			return []error{ErrNoSeats, ErrBadRequest}
		case ownMeaning[code]:
		case says("usage location"):
			return []error{ErrUsageLocation, ErrBadRequest}
		case says("userprincipalname") && (says("already exists") || says("same value") || says("in use") || says("taken")):
			return []error{ErrConflict, ErrBadRequest}
		}
		return []error{ErrBadRequest}

	case status == http.StatusNotFound:
		return []error{ErrNotFound}
	case status == http.StatusConflict:
		return []error{ErrConflict}
	case status == http.StatusTooManyRequests:
		return []error{ErrThrottled}
	case status == http.StatusRequestTimeout, status >= 500:
		return []error{ErrUnavailable}
	case status >= 400:
		return []error{ErrBadRequest}
	}
	return []error{ErrBadResponse} // a redirect or worse; never followed
}

// ownMeaning has the 400 codes that already say what is wrong. 3000 and 800002
// say "invalid" alone.
var ownMeaning = map[string]bool{"2000": true, "2055": true, "60000": true, "900118": true, "900141": true, "800042": true}

// scalar is the text of a JSON string, or the JSON itself.
func scalar(raw []byte) string {
	var text string
	if json.Unmarshal(raw, &text) == nil { // null leaves it empty
		return text
	}
	return string(raw)
}

// plain makes a text from outside fit for a log: one line, valid, no control
// or formatting characters, at most most runes.
func plain(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most])
	}
	return text
}

// withoutBOM cuts off the byte order mark that success bodies begin with.
func withoutBOM(body []byte) []byte {
	return bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
}
