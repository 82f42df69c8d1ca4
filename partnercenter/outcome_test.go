package partnercenter

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// lostBody is an answer whose body breaks off.
func lostBody(status int) *http.Response {
	resp := response(status, "")
	resp.ContentLength = 100
	resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"id":"`+testUser), failing{io.ErrUnexpectedEOF}))
	return resp
}

var errDial = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}

// A change that failed was either certainly not made, or its error is
// ErrUnknownOutcome; and it is sent twice only where it certainly was not made.
func TestOutcomeOfChanges(t *testing.T) {
	done := func() any { return response(200, `{"id":"`+testUser+`"}`) }
	tests := map[string]struct {
		answers []any
		asked   int
		unknown bool
		is      error
	}{
		"done":                       {[]any{done()}, 1, false, nil},
		"refused: 400":               {[]any{response(400, ""), done()}, 1, false, ErrBadRequest},
		"refused: 401":               {[]any{response(401, ""), done()}, 1, false, ErrUnauthorized},
		"refused: MFA":               {[]any{response(401, `{"code":900421}`), done()}, 1, false, ErrMFARequired},
		"refused: 403":               {[]any{response(403, ""), done()}, 1, false, ErrForbidden},
		"refused: 404":               {[]any{response(404, ""), done()}, 1, false, ErrNotFound},
		"refused: 409":               {[]any{response(409, ""), done()}, 1, false, ErrConflict},
		"refused: 412":               {[]any{response(412, ""), done()}, 1, false, ErrBadRequest},
		"told to wait":               {[]any{response(429, "", "Retry-After: 57"), done()}, 2, false, nil},
		"told to wait too long":      {[]any{response(429, "", "Retry-After: 301"), done()}, 1, false, ErrThrottled},
		"told to wait for ever":      {[]any{response(429, ""), response(429, ""), response(429, ""), response(429, ""), done()}, 4, false, ErrThrottled},
		"waited, then refused":       {[]any{response(429, ""), response(403, ""), done()}, 2, false, ErrForbidden},
		"waited, then lost":          {[]any{response(429, ""), errReset, done()}, 2, true, ErrUnavailable},
		"no connection":              {[]any{errDial, fmt.Errorf("proxy: %w", errDial), done()}, 3, false, nil},
		"never a connection":         {[]any{errDial, errDial, errDial, errDial, done()}, 4, false, ErrUnavailable},
		"no connection, then lost":   {[]any{errDial, errReset, done()}, 2, true, ErrUnavailable},
		"no connection to a proxy":   {[]any{&net.OpError{Op: "proxyconnect", Err: errReset}, done()}, 2, false, nil},
		"reset":                      {[]any{errReset, done()}, 1, true, ErrUnavailable},
		"a write that failed":        {[]any{&net.OpError{Op: "write", Err: errReset}, done()}, 1, true, ErrUnavailable},
		"a read that failed":         {[]any{&net.OpError{Op: "read", Err: errReset}, done()}, 1, true, ErrUnavailable},
		"a time-out":                 {[]any{context.DeadlineExceeded, done()}, 1, true, ErrUnavailable},
		"an answer of 408":           {[]any{response(408, ""), done()}, 1, true, ErrUnavailable},
		"an answer of 500":           {[]any{response(500, `{"code":800003}`), done()}, 1, true, ErrUnavailable},
		"an answer of 502":           {[]any{response(502, ""), done()}, 1, true, ErrUnavailable},
		"an answer of 503":           {[]any{response(503, ""), done()}, 1, true, ErrUnavailable},
		"an answer of 503, later":    {[]any{response(503, "", "Retry-After: 1"), done()}, 1, true, ErrUnavailable},
		"an answer of 504":           {[]any{response(504, ""), done()}, 1, true, ErrUnavailable},
		"a redirect":                 {[]any{response(302, ""), done()}, 1, true, ErrBadResponse},
		"a switch of protocols":      {[]any{response(101, ""), done()}, 1, true, ErrBadResponse},
		"an untrusted certificate":   {[]any{&tls.CertificateVerificationError{Err: errReset}, done()}, 1, true, ErrUnavailable},
		"nothing to be read, at 4xx": {[]any{lostBody(400), done()}, 1, false, ErrBadRequest},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for op, change := range changes {
				synctest.Test(t, func(t *testing.T) {
					rt := &answers{list: clone(tt.answers)}
					err := change.make(t.Context(), clientOf(t, Options{Transport: rt}).Customer(testCustomer))
					if tt.is == nil && err != nil || !errors.Is(err, tt.is) {
						t.Errorf("%s: %v, want %v", op, err, tt.is)
					}
					if got := errors.Is(err, ErrUnknownOutcome); got != tt.unknown {
						t.Errorf("%s: ErrUnknownOutcome %v, want %v: %v", op, got, tt.unknown, err)
					}
					if len(rt.asked) != tt.asked {
						t.Errorf("%s: sent %d times, want %d", op, len(rt.asked), tt.asked)
					}
					for i, r := range rt.asked {
						if got := sent(t, r); got != change.body {
							t.Errorf("%s: try %d carried %q", op, i+1, got)
						}
					}
				})
			}
		})
	}
}

// clone makes answers that can be read again.
func clone(answers []any) []any {
	out := make([]any, len(answers))
	for i, a := range answers {
		out[i] = a
		if resp, ok := a.(*http.Response); ok {
			body, err := io.ReadAll(resp.Body)
			again := *resp
			again.Body, resp.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
			if err != nil {
				again.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
				resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
			}
			out[i] = &again
		}
	}
	return out
}

// A success whose body is lost is one where nothing in it was needed.
func TestSuccessWithoutItsBody(t *testing.T) {
	for name, change := range changes {
		for what, limit := range map[string]int{"cut": maxAnswer, "too long": 10} {
			rt := &answers{list: []any{lostBody(200), response(200, `{"id":"`+testUser+`"}`)}}
			client := clientOf(t, Options{Transport: rt})
			client.maxAnswer = limit
			err := change.make(t.Context(), client.Customer(testCustomer))
			if change.needsTheAnswer != errors.Is(err, ErrUnknownOutcome) || !change.needsTheAnswer && err != nil || len(rt.asked) != 1 {
				t.Errorf("%s, %s: %v after %d calls", name, what, err, len(rt.asked))
			}
			if failed, ok := errors.AsType[*Error](err); ok && failed.Status != 200 {
				t.Errorf("%s, %s: status %d, want 200", name, what, failed.Status)
			}
		}
	}
}

// reset is a change like any other.
func reset(ctx context.Context, client *Client) error {
	return client.Customer(testCustomer).User(testUser).ResetPassword(ctx, NewSecret("Aa1!aaaa"), true)
}

// The same over real sockets: what net/http tells of a request's way.
func TestOutcomeOverSockets(t *testing.T) {
	// closing answers a request by closing its connection, once it has all of it.
	closing := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		panic(http.ErrAbortHandler)
	}
	closed := func(t *testing.T) string { // an address where nobody listens
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		return "http://" + listener.Addr().String()
	}
	retry := RetryOptions{BaseDelay: time.Millisecond, Tries: 3}
	check := func(t *testing.T, err error, unknown bool) {
		t.Helper()
		if !errors.Is(err, ErrUnavailable) || errors.Is(err, ErrUnknownOutcome) != unknown {
			t.Errorf("%v, want ErrUnavailable, and ErrUnknownOutcome: %v", err, unknown)
		}
	}

	t.Run("nobody listens", func(t *testing.T) {
		check(t, reset(t.Context(), clientOf(t, Options{BaseURL: closed(t), Retry: retry})), false)
	})
	t.Run("no proxy", func(t *testing.T) {
		proxy, err := url.Parse(closed(t))
		if err != nil {
			t.Fatal(err)
		}
		transport := &http.Transport{Proxy: http.ProxyURL(proxy)}
		check(t, reset(t.Context(), clientOf(t, Options{Transport: transport, Retry: retry})), false)
	})
	t.Run("a certificate nobody trusts", func(t *testing.T) {
		server := httptest.NewTLSServer(http.HandlerFunc(closing))
		server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
		t.Cleanup(server.Close)
		check(t, reset(t.Context(), clientOf(t, Options{BaseURL: server.URL, Retry: retry})), false)
	})
	for _, h2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("closed after the request, HTTP/2 %v", h2), func(t *testing.T) {
			var mu sync.Mutex
			calls := 0
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				calls++
				mu.Unlock()
				if got := r.ProtoMajor == 2; got != h2 {
					t.Errorf("asked by %s", r.Proto)
				}
				closing(w, r)
			}))
			server.EnableHTTP2 = h2
			server.StartTLS()
			t.Cleanup(server.Close)
			check(t, reset(t.Context(), clientOf(t, Options{BaseURL: server.URL, Transport: server.Client().Transport, Retry: retry})), true)
			mu.Lock()
			defer mu.Unlock()
			if calls != 1 {
				t.Errorf("%d calls arrived, want one", calls)
			}
		})
	}
	t.Run("closed in the middle of the request", func(t *testing.T) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				_, _ = bufio.NewReader(conn).ReadString('\n')
				conn.Close()
			}
		}()
		check(t, reset(t.Context(), clientOf(t, Options{BaseURL: "http://" + listener.Addr().String(), Retry: retry})), true)
	})
	t.Run("no answer in time", func(t *testing.T) {
		arrived, over := make(chan struct{}), make(chan struct{})
		client := service(t, func(_ http.ResponseWriter, r *http.Request) {
			close(arrived)
			<-over
		})
		t.Cleanup(func() { close(over) })
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			<-arrived
			cancel(nil)
		}()
		err := reset(ctx, client)
		if !errors.Is(err, ErrUnknownOutcome) || !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnavailable) {
			t.Errorf("%v, want ErrUnknownOutcome and the caller's leaving", err)
		}
	})
	t.Run("left before it was sent", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := reset(ctx, service(t, closing))
		if errors.Is(err, ErrUnknownOutcome) || !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want the caller's leaving alone", err)
		}
	})
	// A connection that was kept and is gone meanwhile: net/http may send again
	// what it could not write, and what it may not is unknown. Never twice.
	t.Run("a kept connection that is gone", func(t *testing.T) {
		var mu sync.Mutex
		calls := 0
		client := service(t, func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			if r.Method == http.MethodPatch {
				calls++
			}
			w.Header().Set("Connection", "keep-alive")
			_, _ = io.WriteString(w, noUsers)
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				conn.Close()
			}
		})
		for range 20 {
			_ = listUsers(t.Context(), client)
			mu.Lock()
			calls = 0
			mu.Unlock()
			err := reset(t.Context(), client)
			mu.Lock()
			if calls > 1 || err != nil && !errors.Is(err, ErrUnknownOutcome) {
				t.Errorf("%d calls, %v", calls, err)
			}
			mu.Unlock()
		}
	})
}

// Whatever keeps a change back before it is sent leaves nothing unknown.
func TestNothingIsUnknownBeforeItIsSent(t *testing.T) {
	own := errors.New("the session is over")
	failing, err := New(tokenFunc(func(context.Context) (Secret, error) { return Secret{}, own }), Options{Transport: &answers{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := reset(t.Context(), failing); !errors.Is(err, own) || errors.Is(err, ErrUnknownOutcome) {
		t.Errorf("no token: %v", err)
	}
	synctest.Test(t, func(t *testing.T) {
		shared := NewShared(SharedOptions{InFlight: 1})
		rt := &answers{list: []any{response(429, "", "Retry-After: 57"), hangs}}
		client := clientOf(t, Options{Transport: rt, Shared: shared, Retry: RetryOptions{Tries: 1, MaxRetryAfter: time.Second}})
		if err := reset(t.Context(), client); !errors.Is(err, ErrThrottled) || errors.Is(err, ErrUnknownOutcome) {
			t.Errorf("told to wait: %v", err)
		}
		start := time.Now()
		if err := reset(t.Context(), client); !errors.Is(err, ErrThrottled) || errors.Is(err, ErrUnknownOutcome) || time.Since(start) != 0 || len(rt.asked) != 1 {
			t.Errorf("told to wait earlier: %v after %v and %d calls", err, time.Since(start), len(rt.asked))
		}
		// Another customer's call holds the only slot.
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = client.Customer(otherID).Users().List(ctx, UsersOptions{}, "") })
		synctest.Wait()
		soon, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		err := client.Customer(otherID).User(testUser).Delete(soon)
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrUnknownOutcome) {
			t.Errorf("no slot: %v", err)
		}
		cancel()
		wg.Wait()
	})
}

// A change sent again has the same request ID where no answer had come, and a
// new one where one had; one the caller gave stays.
func TestRequestIDsOfChanges(t *testing.T) {
	ids := func(rt *answers) (out []string) {
		for _, r := range rt.asked {
			out = append(out, r.Header["MS-RequestId"][0])
		}
		return out
	}
	list := func() []any {
		return []any{errDial, response(429, "", "Retry-After: 1"), response(400, "", "MS-RequestId: "+otherID)}
	}
	synctest.Test(t, func(t *testing.T) {
		rt := &answers{list: list()}
		_ = reset(t.Context(), clientOf(t, Options{Transport: rt}))
		if got := ids(rt); len(got) != 3 || got[0] != got[1] || got[1] == got[2] || !ValidID(got[2]) {
			t.Errorf("request IDs %q, want the first two alike and another", got)
		}

		given := NewID()
		rt = &answers{list: list()}
		ctx := WithRequestID(t.Context(), given)
		if RequestID(ctx) != given || RequestID(t.Context()) != "" {
			t.Error("RequestID does not give what WithRequestID put in")
		}
		_ = reset(ctx, clientOf(t, Options{Transport: rt}))
		for _, id := range ids(rt) {
			if id != given {
				t.Errorf("request ID %s, want the given one", id)
			}
		}
	})

	// The repeat of a change that got no answer, as its caller makes it.
	rt := &answers{list: []any{errReset, response(200, `{"id":"`+testUser+`"}`)}}
	client := clientOf(t, Options{Transport: rt})
	err := reset(t.Context(), client)
	failed, ok := errors.AsType[*Error](err)
	if !ok || !errors.Is(err, ErrUnknownOutcome) {
		t.Fatal(err)
	}
	if err := reset(WithRequestID(t.Context(), failed.RequestID), client); err != nil {
		t.Fatal(err)
	}
	if got := ids(rt); got[0] != got[1] || got[0] != failed.RequestID {
		t.Errorf("request IDs %q, want them alike", got)
	}
}

func TestARequestIDIsForOneChange(t *testing.T) {
	user := `{"id":"` + testUser + `"}`
	rt := &answers{list: []any{response(200, user), response(200, noUsers), response(200, user)}}
	client := clientOf(t, Options{Transport: rt})
	given := NewID()
	ctx := WithRequestID(t.Context(), given)
	if err := reset(ctx, client); err != nil {
		t.Fatal(err)
	}
	if err := listUsers(ctx, client); err != nil { // a read is no matter of it
		t.Fatal(err)
	}
	if rt.asked[1].Header["MS-RequestId"][0] == given {
		t.Error("a read was sent with the change's request ID")
	}
	customer := client.Customer(testCustomer)
	for name, call := range map[string]func() error{
		"another body":   func() error { return customer.User(testUser).ResetPassword(ctx, NewSecret("Bb2!bbbb"), true) },
		"another user":   func() error { return customer.User(otherID).ResetPassword(ctx, NewSecret("Aa1!aaaa"), true) },
		"another method": func() error { return customer.User(testUser).Delete(ctx) },
	} {
		if err := call(); !errors.Is(err, ErrBadRequest) || len(rt.asked) != 2 {
			t.Errorf("%s: %v after %d calls, want ErrBadRequest and nothing sent", name, err, len(rt.asked))
		}
	}
	if err := reset(ctx, client); err != nil { // the same again is what it is for
		t.Error(err)
	}
	if err := reset(WithRequestID(t.Context(), "x"), client); !errors.Is(err, ErrBadID) || len(rt.asked) != 3 {
		t.Errorf("an ID that is none: %v", err)
	}
}

// An echoed password is in no value, error or log, and does not stay in memory
// that is used again.
func TestEchoedPasswordsAreDropped(t *testing.T) {
	const password = `Aa1"<é>`
	echo := `"passwordProfile":{"forceChangePassword":true,"password":"Aa1\"<é>"}`
	var escaped strings.Builder
	for _, r := range password {
		fmt.Fprintf(&escaped, `\u%04x`, r)
	}
	answers := map[string]*http.Response{
		"a user":             response(200, `{"id":"`+testUser+`","displayName":"x",`+echo+`}`),
		"a user cut":         lostBody(200),
		"a broken user":      response(200, `{"id":"`+testUser+`",`+echo),
		"a broken ID":        response(200, `{"id":"Aa1\"<é>",`+echo+`}`),
		"a user of text":     response(200, `Aa1"<é>`),
		"a refusal":          response(400, `{"code":3000,"description":"The password Aa1\"<é> is weak. Aa1\"<é>!","data":["Aa1\"<é>"]}`),
		"a refusal escaped":  response(400, `{"code":3000,"description":"`+escaped.String()+` is weak"}`),
		"a refusal as HTML":  response(400, `{"code":3000,"description":"Aa1&quot;&lt;é&gt; is weak"}`),
		"a refusal in words": response(400, `Weak: Aa1"<é>`),
		"a code":             response(400, `{"code":"Aa1\"<é>"}`),
		"a long refusal":     response(400, `{"code":3000,"description":"`+strings.Repeat("x", 1020)+` Aa1\"<é>"}`),
		"an error":           nil,
	}
	for name, answer := range answers {
		for _, op := range []string{"users.Create", "user.ResetPassword"} {
			var log bytes.Buffer
			next := any(errors.New(`can't send {"password":"Aa1"<é>"}`))
			if answer != nil {
				next = clone([]any{answer})[0]
			}
			client := clientOf(t, Options{
				Transport: roundTripper((&answersOf{next}).RoundTrip),
				Logger:    slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
			})
			c := client.Customer(testCustomer)
			var err error
			var value any
			if op == "users.Create" {
				value, err = c.Users().Create(t.Context(), newUser())
			} else {
				err = c.User(testUser).ResetPassword(t.Context(), NewSecret(password), true)
			}
			if log.Len() == 0 {
				t.Fatal("nothing was logged")
			}
			slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "err", err, "value", value, "user", newUser())
			failed, _ := errors.AsType[*Error](err)
			printed := log.String() + fmt.Sprintf("%v %+v %#v %v %+v %#v", err, failed, failed, value, newUser(), newUser())
			for _, leak := range []string{password, "Aa1", `é>`, escaped.String()} {
				if strings.Contains(printed, leak) {
					t.Errorf("%s, %s: %q is in\n%s", op, name, leak, printed)
				}
			}
		}
	}

	// A password that looks like HTML, told as it is.
	told := refusal("x", 400, http.Header{}, []byte(`{"description":"a&amp;b1A is weak"}`), NewSecret("a&amp;b1A"))
	if told.Description != "[redacted] is weak" {
		t.Errorf("the refusal says %q", told.Description)
	}

	rt := &answers200{}
	client := clientOf(t, Options{Transport: roundTripper(rt.RoundTrip)})
	a, err := client.do(t.Context(), call{op: "x", method: http.MethodPatch, path: "/x", secret: NewSecret(password), body: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	memory := a.bytes[:cap(a.bytes)]
	if !bytes.Contains(memory, []byte("Aa1")) {
		t.Fatal("the test's answer has no password")
	}
	a.release()
	if bytes.Contains(memory, []byte("Aa1")) {
		t.Error("the password stays in a buffer that is used again")
	}
}

// answersOf gives one answer, again and again.
type answersOf struct{ answer any }

func (a *answersOf) RoundTrip(*http.Request) (*http.Response, error) {
	if err, ok := a.answer.(error); ok {
		return nil, err
	}
	return clone([]any{a.answer})[0].(*http.Response), nil
}

type answers200 struct{}

func (answers200) RoundTrip(*http.Request) (*http.Response, error) {
	return response(200, `{"passwordProfile":{"password":"Aa1\"<é>"}}`), nil
}

// One event a try, with what is needed to follow it, at the level of who must act.
func TestChangesAreLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		rt := &answers{list: []any{
			response(429, "", "Retry-After: 2"),
			func(*http.Request) (*http.Response, error) {
				time.Sleep(3 * time.Second)
				return response(200, `{"id":"`+testUser+`"}`), nil
			},
			response(400, `{"code":60012}`),
			response(503, ""),
			response(200, noUsers),
		}}
		client := clientOf(t, Options{Transport: rt, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
		ctx := WithCorrelationID(t.Context(), testCustomer)
		_ = reset(ctx, client)
		_, _ = client.Customer(testCustomer).User(testUser).AssignLicense(ctx, testSKU)
		_ = reset(ctx, client)
		_ = listUsers(ctx, client)
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		want := [][]string{
			{"level=INFO", "op=user.ResetPassword", "try=1", "status=429", "took=0s", `outcome="not done"`},
			{"level=INFO", "op=user.ResetPassword", "try=2", "status=200", "took=3s", "outcome=done"},
			{"level=INFO", "op=user.AssignLicense", "try=1", "status=400", "code=60012", `outcome="not done"`},
			{"level=WARN", "op=user.ResetPassword", "try=1", "status=503", "outcome=unknown"},
			{"level=DEBUG", "op=users.List", "try=1", "status=200"},
		}
		if len(lines) != len(want) {
			t.Fatalf("%d events, want %d:\n%s", len(lines), len(want), log.String())
		}
		for i, parts := range want {
			parts = append(parts, `msg="Partner Center call"`, "customer="+testCustomer, "correlation_id="+testCustomer, "request_id="+rt.asked[i].Header["MS-RequestId"][0])
			for _, part := range parts {
				if !strings.Contains(lines[i]+" ", part+" ") {
					t.Errorf("event %d lacks %s: %s", i+1, part, lines[i])
				}
			}
		}
	})
}
