package partnercenter

import (
	"net/http"
	"testing"
	"time"
)

// FuzzRetryAfter: whatever the header says, the wait is never below none, and
// never grows while time passes.
func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{
		"", "0", "57", " 57 ", "-1", "+5", "1e9", "057", "9223372036854775807", "2147483648", "99999999999999999999", "soon",
		"Sat, 01 Jan 2000 00:00:30 GMT", "Sun Nov  6 08:49:37 1994", "Friday, 31-Dec-99 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "57\x00", "٥٧",
	} {
		f.Add(seed)
	}
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		wait := retryAfter(http.Header{"Retry-After": {text}}, now)
		if wait < 0 {
			t.Errorf("%q: %v", text, wait)
		}
		if later := retryAfter(http.Header{"Retry-After": {text}}, now.Add(time.Hour)); later > wait {
			t.Errorf("%q: %v, and an hour later %v", text, wait, later)
		}
	})
}
