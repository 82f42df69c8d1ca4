package partnercenter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var sentinels = map[string]error{
	"ErrBadID": ErrBadID, "ErrBadRequest": ErrBadRequest, "ErrUnauthorized": ErrUnauthorized, "ErrMFARequired": ErrMFARequired,
	"ErrForbidden": ErrForbidden, "ErrNoRelationship": ErrNoRelationship, "ErrAppOnly": ErrAppOnly, "ErrNotFound": ErrNotFound,
	"ErrConflict": ErrConflict, "ErrNoSeats": ErrNoSeats, "ErrUsageLocation": ErrUsageLocation, "ErrThrottled": ErrThrottled,
	"ErrUnavailable": ErrUnavailable, "ErrBadResponse": ErrBadResponse, "ErrUnknownOutcome": ErrUnknownOutcome,
}

// is names the sentinels that err is.
func is(err error) map[string]bool {
	names := map[string]bool{}
	for name, sentinel := range sentinels {
		if errors.Is(err, sentinel) {
			names[name] = true
		}
	}
	return names
}

func TestRefusals(t *testing.T) {
	type want struct {
		code, description string
		data              []string
		is                string // sentinels, separated by spaces
	}
	tests := map[string]struct {
		status int
		body   string
		want   want
	}{
		// The four shapes.
		"shape 1, code a number":     {403, `{"code":20002,"description":"No relationship between caller and account.","data":[],"source":"PartnerFD"}`, want{"20002", "No relationship between caller and account.", nil, "ErrNoRelationship ErrForbidden"}},
		"shape 1, code a text":       {401, `{"code":"900420","description":"The audience is invalid."}`, want{"900420", "The audience is invalid.", nil, "ErrUnauthorized"}},
		"shape 1 in Pascal case":     {403, `{"Code":2032,"Description":"Access denied"}`, want{"2032", "Access denied", nil, "ErrForbidden"}},
		"shape 1, entities":          {400, `{"code":60012,"description":"We&#39;re sorry","data":["&lt;b&gt;",5,null,{"a":1}]}`, want{"60012", "We're sorry", []string{"<b>", "5", "", `{"a":1}`}, "ErrNoSeats ErrBadRequest"}},
		"shape 1, byte order mark":   {404, "\xef\xbb\xbf" + `{"code":1000,"description":"x"}`, want{"1000", "x", nil, "ErrNotFound"}},
		"shape 1, nulls":             {404, `{"code":null,"description":null,"data":null}`, want{"", "Not Found", nil, "ErrNotFound"}},
		"shape 1, data alone":        {404, `{"data":["x"]}`, want{"", "Not Found", []string{"x"}, "ErrNotFound"}},
		"shape 2":                    {403, "The supplied role does not have the rights to perform the requested operation.", want{"", "The supplied role does not have the rights to perform the requested operation.", nil, "ErrForbidden"}},
		"shape 2, quoted":            {403, `"Forbidden for you"`, want{"", "Forbidden for you", nil, "ErrForbidden"}},
		"shape 2, code at its end":   {401, "Authentication failed. MFA required. (10001)", want{"10001", "Authentication failed. MFA required. (10001)", nil, "ErrMFARequired ErrUnauthorized"}},
		"shape 3":                    {429, `{ "statusCode": 429, "message": "Rate limit is exceeded. Try again in 57 seconds." }`, want{"", "Rate limit is exceeded. Try again in 57 seconds.", nil, "ErrThrottled"}},
		"shape 4":                    {404, ``, want{"", "Not Found", nil, "ErrNotFound"}},
		"a proxy's page":             {502, `<html><body>nginx</body></html>`, want{"", "Bad Gateway", nil, "ErrUnavailable"}},
		"JSON that is none of these": {500, `{"code":[1],"description":{}}`, want{"", "Internal Server Error", nil, "ErrUnavailable"}},
		"JSON that is cut":           {500, `{"code":1,"descr`, want{"", "Internal Server Error", nil, "ErrUnavailable"}},
		"an array":                   {500, `[1]`, want{"", "Internal Server Error", nil, "ErrUnavailable"}},
		"control characters":         {400, "a\x00\x1b[31mb\r\nc \u202ed\u2028e\xff", want{"", "a[31mb c d e", nil, "ErrBadRequest"}},
		"an endless text":            {400, strings.Repeat("é", 5000), want{"", strings.Repeat("é", 1024), nil, "ErrBadRequest"}},

		// Status first, then the code.
		"400":                                {400, `{"code":800002,"description":"Invalid input."}`, want{"800002", "Invalid input.", nil, "ErrBadRequest"}},
		"no usage location":                  {400, `{"code":3000,"description":"License assignment cannot be done for user with invalid usage location."}`, want{"3000", "License assignment cannot be done for user with invalid usage location.", nil, "ErrUsageLocation ErrBadRequest"}},
		"usage location beside another code": {400, `{"code":60012,"description":"No seats; usage location fine."}`, want{"60012", "No seats; usage location fine.", nil, "ErrNoSeats ErrBadRequest"}},
		"UPN taken, 400":                     {400, `{"code":3000,"description":"Another object with the same value for property userPrincipalName already exists."}`, want{"3000", "Another object with the same value for property userPrincipalName already exists.", nil, "ErrConflict ErrBadRequest"}},
		"UPN merely wrong":                   {400, `{"code":3000,"description":"Invalid value for property userPrincipalName."}`, want{"3000", "Invalid value for property userPrincipalName.", nil, "ErrBadRequest"}},
		"UPN taken, 409":                     {409, `{"code":3000,"description":"userPrincipalName"}`, want{"3000", "userPrincipalName", nil, "ErrConflict"}},
		"bad customer ID":                    {400, `{"code":900118,"description":"usage location already exists userPrincipalName"}`, want{"900118", "usage location already exists userPrincipalName", nil, "ErrBadRequest"}},
		"401":                                {401, `{"code":400,"description":"Access denied"}`, want{"400", "Access denied", nil, "ErrUnauthorized"}},
		"401 MFA":                            {401, `{"code":"900421","description":"x"}`, want{"900421", "x", nil, "ErrMFARequired ErrUnauthorized"}},
		"401 MFA without a code":             {401, `MFA required.`, want{"", "MFA required.", nil, "ErrMFARequired ErrUnauthorized"}},
		"401 MFA in text, another code":      {401, `{"code":400,"description":"mfa required?"}`, want{"400", "mfa required?", nil, "ErrUnauthorized"}},
		"403 with the code of 401":           {403, `{"code":900421,"description":"x"}`, want{"900421", "x", nil, "ErrForbidden"}},
		"403 App-only":                       {403, `This resource can't be accessed by application credentials.`, want{"", "This resource can't be accessed by application credentials.", nil, "ErrAppOnly ErrForbidden"}},
		"404 user":                           {404, `{"code":60002,"description":"x"}`, want{"60002", "x", nil, "ErrNotFound"}},
		"404 with the code of 403":           {404, `{"code":20002,"description":"x"}`, want{"20002", "x", nil, "ErrNotFound"}},
		"405":                                {405, ``, want{"", "Method Not Allowed", nil, "ErrBadRequest"}},
		"408":                                {408, ``, want{"", "Request Timeout", nil, "ErrUnavailable"}},
		"412":                                {412, ``, want{"", "Precondition Failed", nil, "ErrBadRequest"}},
		"501":                                {501, `{"code":0,"description":"x"}`, want{"0", "x", nil, "ErrUnavailable"}},
		"503":                                {503, ``, want{"", "Service Unavailable", nil, "ErrUnavailable"}},
		"a redirect":                         {302, ``, want{"", "Found", nil, "ErrBadResponse"}},
		"not modified":                       {304, ``, want{"", "Not Modified", nil, "ErrBadResponse"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rt := &answers{list: []any{response(tt.status, tt.body, "MS-CorrelationId: "+otherID, "MS-RequestId: not a GUID")}}
			client := clientOf(t, Options{Transport: rt, Retry: RetryOptions{Tries: 1}})
			err := listUsers(t.Context(), client)
			failed, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("%T %v, want an *Error", err, err)
			}
			if failed.Op != "users.List" || failed.Status != tt.status {
				t.Errorf("Op %q, Status %d", failed.Op, failed.Status)
			}
			if got := (want{failed.Code, failed.Description, failed.Data, tt.want.is}); !cmp.Equal(got, tt.want, cmp.AllowUnexported(want{})) {
				t.Errorf("-want +got:\n%s", cmp.Diff(tt.want, got, cmp.AllowUnexported(want{})))
			}
			wanted := map[string]bool{}
			for _, name := range strings.Fields(tt.want.is) {
				wanted[name] = true
			}
			if diff := cmp.Diff(wanted, is(err)); diff != "" {
				t.Errorf("errors.Is (-want +got):\n%s", diff)
			}
			if failed.CorrelationID != otherID {
				t.Errorf("CorrelationID %q is not the service's", failed.CorrelationID)
			}
			if failed.RequestID != rt.asked[0].Header["MS-RequestId"][0] {
				t.Errorf("RequestID %q is not the one that was sent", failed.RequestID)
			}
		})
	}
}

func TestDocumentedRefusals(t *testing.T) {
	tests := map[string]struct {
		code, description, correlation string
		retryAfter                     time.Duration
		is                             error
	}{
		"license-update-no-seats": {"60012", "We're sorry, it looks like you've run out of licenses. Buy more licenses, and then try again.", "c73c9570-c352-459e-98a3-dafe4bd8c821", 0, ErrNoSeats},
		"not-found-3000":          {"3000", "Partner Organization with partner_id 9999999 could not be found", "e937630b-8341-4d70-8f73-450d32ee0189", 0, ErrNotFound},
		"throttled-429":           {"", "Rate limit is exceeded. Try again in 57 seconds.", "", 57 * time.Second, ErrThrottled},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			client := service(t, sample(t, name).ServeHTTP)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second) // 57 seconds don't fit
			defer cancel()
			err := listUsers(ctx, client)
			failed, ok := errors.AsType[*Error](err)
			if !ok || !errors.Is(err, tt.is) {
				t.Fatalf("%v, want %v", err, tt.is)
			}
			if failed.Code != tt.code || failed.Description != tt.description || failed.RetryAfter != tt.retryAfter {
				t.Errorf("got %+v", failed)
			}
			if tt.correlation != "" && failed.CorrelationID != tt.correlation {
				t.Errorf("CorrelationID %s, want %s", failed.CorrelationID, tt.correlation)
			}
			if name == "license-update-no-seats" && (len(failed.Data) != 1 || !strings.HasPrefix(failed.Data[0], "LicenseQuotaExceededException")) {
				t.Errorf("Data %q", failed.Data)
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	failed := &Error{
		Op: "users.List", Status: 403, Code: "20002", Description: "Amina", Data: []string{"Amina"}, CorrelationID: "c", RequestID: "r",
		RetryAfter: 57 * time.Second, kinds: []error{ErrNoRelationship, ErrForbidden}, cause: errors.New("beneath"),
	}
	want := "partnercenter: users.List: the customer is not this partner's: beneath (status 403, code 20002, correlation ID c, request ID r)"
	if got := failed.Error(); got != want {
		t.Errorf("Error() = %q\nwant      %q", got, want)
	}
	if got := (&Error{Op: "x"}).Error(); got != "partnercenter: x" {
		t.Errorf("Error() = %q", got)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "err", failed)
	for _, part := range []string{"err.op=users.List", "err.status=403", "err.code=20002", "err.description=Amina", "err.correlation_id=c", "err.request_id=r", "err.retry_after=57s", "err.cause=beneath"} {
		if !strings.Contains(log.String(), part) {
			t.Errorf("the log lacks %s: %s", part, log.String())
		}
	}
}

func TestUndecodableAnswers(t *testing.T) {
	bodies := map[string]string{
		"empty":              "",
		"half":               `{"totalCount":1,"items":[{"id":"a9ef48`,
		"a page of HTML":     "<html>",
		"an array":           "[]",
		"null":               "null",
		"no items":           `{"totalCount":0}`,
		"items null":         `{"items":null}`,
		"items an object":    `{"items":{}}`,
		"items twice":        `{"items":[],"Items":[]}`,
		"a user with no ID":  `{"items":[{"displayName":"x"}]}`,
		"a user of numbers":  `{"items":[{"id":5}]}`,
		"documented mistake": `{"totalCount":04,"items":[]}`,
	}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			customer := func() (*CustomerRef, *answers) {
				rt := &answers{list: []any{response(200, body), response(200, body)}}
				return clientOf(t, Options{Transport: rt}).Customer(testCustomer), rt
			}
			check := func(call string, rt *answers, err error) {
				t.Helper()
				failed, ok := errors.AsType[*Error](err)
				if !ok || !errors.Is(err, ErrBadResponse) || failed.Status != 200 || !ValidID(failed.CorrelationID) || !ValidID(failed.RequestID) {
					t.Errorf("%s: %v, want ErrBadResponse with both IDs", call, err)
				}
				if len(rt.asked) != 1 {
					t.Errorf("%s: asked %d times; what can't be decoded is not asked for again", call, len(rt.asked))
				}
			}
			c, rt := customer()
			_, err := c.Users().List(t.Context(), UsersOptions{}, "")
			check("Users.List", rt, err)
			if name != "a user with no ID" && name != "a user of numbers" {
				c, rt = customer()
				_, err = c.SubscribedSKUs(t.Context())
				check("SubscribedSKUs", rt, err)
			}
			c, rt = customer()
			_, err = c.Get(t.Context())
			check("Customer.Get", rt, err)
			c, rt = customer()
			_, err = c.Role(otherID).Members().List(t.Context(), RoleMembersOptions{}, "")
			check("Members.List", rt, err)
		})
	}
}

// What went wrong beneath stays visible, and is told apart from the caller's
// own leaving.
func TestTransportFailures(t *testing.T) {
	reset := errors.New("connection reset by peer")
	rt := &answers{list: []any{reset}}
	err := listUsers(t.Context(), clientOf(t, Options{Transport: rt, Retry: RetryOptions{Tries: 1}}))
	if !errors.Is(err, ErrUnavailable) || !errors.Is(err, reset) {
		t.Errorf("%v, want ErrUnavailable and its cause", err)
	}

	// A body that breaks off.
	cut := response(200, "")
	cut.ContentLength = 100
	cut.Body = io.NopCloser(io.MultiReader(strings.NewReader(noUsers[:20]), failing{io.ErrUnexpectedEOF}))
	rt = &answers{list: []any{cut}}
	err = listUsers(t.Context(), clientOf(t, Options{Transport: rt, Retry: RetryOptions{Tries: 1}}))
	if !errors.Is(err, ErrUnavailable) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v, want ErrUnavailable and its cause", err)
	}

	// The caller leaves.
	ctx, cancel := context.WithCancel(t.Context())
	rt = &answers{list: []any{func(r *http.Request) (*http.Response, error) {
		cancel()
		<-r.Context().Done()
		return nil, r.Context().Err()
	}}}
	err = listUsers(ctx, clientOf(t, Options{Transport: rt}))
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnavailable) {
		t.Errorf("%v, want context.Canceled and no ErrUnavailable", err)
	}
	if len(rt.asked) != 1 {
		t.Errorf("asked %d times after the caller left", len(rt.asked))
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func FuzzRefusal(f *testing.F) {
	f.Add(400, `{"code":60012,"description":"We&#39;re sorry","data":["x"]}`)
	f.Add(401, "Authentication failed. MFA required. (10001)")
	f.Add(429, `{ "statusCode": 429, "message": "x" }`)
	f.Fuzz(func(t *testing.T, status int, body string) {
		e := refusal("x", status, http.Header{}, []byte(body), Secret{})
		if len(e.kinds) == 0 {
			t.Errorf("status %d says nothing to a caller", status)
		}
		for _, text := range append(e.Data, e.Description, e.Code) {
			if strings.ContainsAny(text, "\x00\r\n\x1b\u202e\u2028") || len([]rune(text)) > 1024 {
				t.Errorf("%q can't be logged", text)
			}
		}
		_ = fmt.Sprint(e)
	})
}
