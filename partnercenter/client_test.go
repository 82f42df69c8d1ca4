package partnercenter

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

func TestNewChecksItsSettings(t *testing.T) {
	good := map[string]Options{
		"nothing set":     {},
		"https":           {BaseURL: "https://api.partnercenter.microsoft.com"},
		"a slash behind":  {BaseURL: "https://api.partnercenter.microsoft.com/"},
		"http, loopback":  {BaseURL: "http://127.0.0.1:8081"},
		"http, loopback6": {BaseURL: "http://[::1]:8081"},
		"http, localhost": {BaseURL: "http://localhost:8081"},
		"texts":           {Locale: "de-DE", Application: "Rollcall 1.0"},
	}
	for name, opts := range good {
		t.Run(name, func(t *testing.T) {
			if _, err := New(StaticToken("t"), opts); err != nil {
				t.Errorf("New(%+v): %v", opts, err)
			}
		})
	}

	bad := map[string]Options{
		"http elsewhere":            {BaseURL: "http://api.partnercenter.microsoft.com"},
		"http, loopback in a name":  {BaseURL: "http://127.0.0.1.evil.example"},
		"http, localhost in a name": {BaseURL: "http://localhost.evil.example"},
		"another scheme":            {BaseURL: "ftp://127.0.0.1"},
		"no scheme":                 {BaseURL: "api.partnercenter.microsoft.com"},
		"no host":                   {BaseURL: "https:///v1"},
		"with the version":          {BaseURL: "https://api.partnercenter.microsoft.com/v1"},
		"with a query":              {BaseURL: "https://api.partnercenter.microsoft.com?"},
		"with a fragment":           {BaseURL: "https://api.partnercenter.microsoft.com#x"},
		"with a user":               {BaseURL: "https://u:hunter2@api.partnercenter.microsoft.com"},
		"not to be parsed":          {BaseURL: "https://u:hunter2@%zz"},
		"locale with a line break":  {Locale: "de\r\nX: y"},
		"application with a break":  {Application: "a\nb"},
		"application too long":      {Application: strings.Repeat("a", 101)},
	}
	for name, opts := range bad {
		t.Run(name, func(t *testing.T) {
			_, err := New(StaticToken("t"), opts)
			if err == nil {
				t.Fatalf("New(%+v) took it", opts)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error repeats a password: %v", err)
			}
		})
	}
	if _, err := New(nil, Options{BaseURL: "x", Locale: "!"}); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("New does not tell all three mistakes: %v", err)
	}
}

// The documentation's request, as it goes over the wire: each header in the
// printed spelling.
func TestRequestOnTheWire(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	heads := make(chan string, 2)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			r := bufio.NewReader(conn)
			var head strings.Builder
			for {
				line, err := r.ReadString('\n')
				head.WriteString(line)
				if err != nil || line == "\r\n" {
					break
				}
			}
			heads <- head.String()
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(noUsers), noUsers)
			conn.Close()
		}
	}()

	client := clientOf(t, Options{BaseURL: "http://" + listener.Addr().String(), Locale: "en-US", Application: "Rollcall"})
	ctx := WithCorrelationID(t.Context(), "5a3d64d4-4490-4932-bf5e-0dc9a58f27ca")
	if err := listUsers(ctx, client); err != nil {
		t.Fatal(err)
	}
	head := <-heads
	for _, want := range []string{
		"GET /v1/customers/" + testCustomer + "/users HTTP/1.1\r\n",
		"\r\nHost: " + listener.Addr().String() + "\r\n",
		"\r\nAuthorization: Bearer token-of-the-test\r\n",
		"\r\nAccept: application/json\r\n",
		"\r\nMS-CorrelationId: 5a3d64d4-4490-4932-bf5e-0dc9a58f27ca\r\n",
		"\r\nMS-RequestId: ",
		"\r\nX-Locale: en-US\r\n",
		"\r\nMS-PartnerCenter-Application: Rollcall\r\n",
		"\r\nMS-PartnerCenter-Client: Rollcall Go SDK\r\n",
		"\r\nMS-SdkVersion: " + Version + "\r\n",
		"\r\nAccept-Encoding: gzip\r\n",
	} {
		if !strings.Contains(head, want) {
			t.Errorf("the request lacks %q:\n%s", want, head)
		}
	}
	for _, never := range []string{"MS-ContinuationToken", "ValidateMfa", "MS-Contract-Version", "Expect", "If-Match", "Content-Type"} {
		if strings.Contains(head, never) {
			t.Errorf("the request has %s:\n%s", never, head)
		}
	}

	// The other two headers, on the calls that have them.
	next := cursor{path: testCursor.path, query: "seekOperation=Next", token: "AQAAAA==", page: 2}.pack()
	if _, err := client.Customer(testCustomer).Users().List(ctx, UsersOptions{}, next); err != nil {
		t.Fatal(err)
	}
	if head := <-heads; !strings.Contains(head, "\r\nMS-ContinuationToken: AQAAAA==\r\n") ||
		!strings.HasPrefix(head, "GET /v1/customers/"+testCustomer+"/users?seekOperation=Next HTTP/1.1\r\n") {
		t.Errorf("the second page is asked for by\n%s", head)
	}
	_, _ = client.MFACompliant(ctx)
	if head := <-heads; !strings.Contains(head, "\r\nValidateMfa: true\r\n") {
		t.Errorf("the MFA check is asked for by\n%s", head)
	}
}

func TestLocaleAndApplicationAreLeftOutWhenNotSet(t *testing.T) {
	rt := &answers{list: []any{response(200, noUsers)}}
	if err := listUsers(t.Context(), clientOf(t, Options{Transport: rt})); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"X-Locale", "MS-PartnerCenter-Application"} {
		if got, has := rt.asked[0].Header[name]; has {
			t.Errorf("%s: %q was sent", name, got)
		}
	}
	if got := rt.asked[0].URL.String(); got != "https://api.partnercenter.microsoft.com/v1/customers/"+testCustomer+"/users" {
		t.Errorf("asked for %s", got)
	}
}

// One correlation ID an action, one request ID a call, both kept on repeats.
func TestTracingIDs(t *testing.T) {
	rt := &answers{list: []any{
		errors.New("connection reset"), response(503, ""), response(200, noUsers), // one call, three tries
		response(200, noUsers), // another call of the same action
		response(200, noUsers), // another action
		response(200, noUsers), // an action whose ID is no GUID
	}}
	client := clientOf(t, Options{Transport: rt, Retry: RetryOptions{BaseDelay: 1}})
	action := WithCorrelationID(t.Context(), NewID())
	for _, ctx := range []context.Context{action, action, t.Context(), WithCorrelationID(t.Context(), "x\r\ny")} {
		if err := listUsers(ctx, client); err != nil {
			t.Fatal(err)
		}
	}
	id := func(name string, call int) string { return rt.asked[call].Header[name][0] }
	correlation := func(call int) string { return id("MS-CorrelationId", call) }
	request := func(call int) string { return id("MS-RequestId", call) }
	for call := range rt.asked {
		if !ValidID(correlation(call)) || !ValidID(request(call)) {
			t.Errorf("call %d: IDs %q, %q are no GUIDs", call, correlation(call), request(call))
		}
	}
	if want := CorrelationID(action); correlation(0) != want || correlation(1) != want || correlation(2) != want || correlation(3) != want {
		t.Error("the calls of one action have not its correlation ID")
	}
	if request(0) != request(1) || request(1) != request(2) {
		t.Error("the tries of one call differ in their request ID")
	}
	if request(2) == request(3) || request(3) == request(4) {
		t.Error("two calls have the same request ID")
	}
	if correlation(4) == correlation(3) || correlation(5) == correlation(4) {
		t.Error("two actions have the same correlation ID")
	}
}

func TestNewIDMakesGUIDs(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := NewID()
		if !ValidID(id) || id != strings.ToLower(id) || id[14] != '4' || !strings.Contains("89ab", id[19:20]) || seen[id] {
			t.Fatalf("NewID() = %q", id)
		}
		seen[id] = true
	}
}

func TestIDsAreCheckedBeforeAnythingIsSent(t *testing.T) {
	rt := &answers{}
	client := clientOf(t, Options{Transport: rt})
	ctx := t.Context()
	for _, id := range []string{
		"", "x", testCustomer + "/users", testCustomer[:35], testCustomer + " ", "{" + testCustomer + "}",
		"../../../../../../../../../../../v1x", "4d3cf487_70f4-4e1e-9ff1-b2bfce8d9f04", "4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f0g",
		"contoso.example", strings.Repeat("a", 10_000),
	} {
		c, good := client.Customer(id), client.Customer(testCustomer)
		calls := map[string]func() error{
			"Customer.Get":            func() error { _, err := c.Get(ctx); return err },
			"Customer.CompanyProfile": func() error { _, err := c.CompanyProfile(ctx); return err },
			"SubscribedSKUs":          func() error { _, err := c.SubscribedSKUs(ctx); return err },
			"Roles.List":              func() error { _, err := c.Roles().List(ctx); return err },
			"Users.List":              func() error { _, err := c.Users().List(ctx, UsersOptions{}, ""); return err },
			"Users.ListRaw":           func() error { _, err := c.Users().ListRaw(ctx, UsersOptions{}, ""); return err },
			"Users.All":               func() error { return last(c.Users().All(ctx, UsersOptions{})) },
			"Users.Deleted":           func() error { return last(c.Users().Deleted(ctx, UsersOptions{})) },
			"customer of User":        func() error { _, err := c.User(testCustomer).Get(ctx); return err },
			"User.Get":                func() error { _, err := good.User(id).Get(ctx); return err },
			"User.Licenses":           func() error { _, err := good.User(id).Licenses(ctx); return err },
			"User.Roles":              func() error { _, err := good.User(id).Roles(ctx); return err },
			"customer of Role":        func() error { return last(c.Role(testCustomer).Members().All(ctx, RoleMembersOptions{})) },
			"Role.Members":            func() error { return last(good.Role(id).Members().All(ctx, RoleMembersOptions{})) },
		}
		for name, call := range calls {
			if err := call(); !errors.Is(err, ErrBadID) {
				t.Errorf("%s with %.50q: %v, want ErrBadID", name, id, err)
			} else if len(err.Error()) > 500 {
				t.Errorf("%s repeats an endless ID", name)
			}
		}
	}
	if len(rt.asked) > 0 {
		t.Errorf("%d calls were sent, the first to %s", len(rt.asked), rt.asked[0].URL)
	}
}

// last runs through an iterator and gives its last error.
func last[T any](seq func(yield func(T, error) bool)) (err error) {
	for _, e := range seq {
		err = e
	}
	return err
}

func TestIDsOfEitherCaseAreSentInLowerCase(t *testing.T) {
	rt := &answers{list: []any{response(200, noUsers)}}
	customer := clientOf(t, Options{Transport: rt}).Customer(strings.ToUpper(testCustomer))
	if _, err := customer.Users().List(t.Context(), UsersOptions{}, ""); err != nil {
		t.Fatal(err)
	}
	if got := rt.asked[0].URL.Path; got != "/v1/customers/"+testCustomer+"/users" {
		t.Errorf("asked for %s", got)
	}
	if customer.ID() != strings.ToUpper(testCustomer) {
		t.Errorf("ID() = %q is not as given", customer.ID())
	}
}

func TestOptionsOutOfRangeAreRefusedBeforeAnythingIsSent(t *testing.T) {
	rt := &answers{}
	client := clientOf(t, Options{Transport: rt})
	ctx, c := t.Context(), client.Customer(testCustomer)
	calls := map[string]func() error{
		"page size below 0":        func() error { _, err := c.Users().List(ctx, UsersOptions{PageSize: -1}, ""); return err },
		"page size above 500":      func() error { _, err := c.Users().List(ctx, UsersOptions{PageSize: 501}, ""); return err },
		"customers' page size":     func() error { _, err := client.Customers().List(ctx, CustomersOptions{PageSize: 501}, ""); return err },
		"members' page size":       func() error { return last(c.Role(otherID).Members().All(ctx, RoleMembersOptions{PageSize: 501})) },
		"sort field to be encoded": func() error { _, err := c.Users().List(ctx, UsersOptions{SortField: "a&b"}, ""); return err },
		"direction to be encoded":  func() error { _, err := c.Users().List(ctx, UsersOptions{SortDirection: "a=b"}, ""); return err },
		"search without a prefix":  func() error { _, err := client.Customers().Search(ctx, SearchOptions{}, ""); return err },
		"search in a strange field": func() error {
			_, err := client.Customers().Search(ctx, SearchOptions{Field: "X", Prefix: "a"}, "")
			return err
		},
		"search for a book": func() error {
			_, err := client.Customers().Search(ctx, SearchOptions{Prefix: strings.Repeat("a", 513)}, "")
			return err
		},
		"domain with a path": func() error { _, err := client.DomainExists(ctx, "a.b/../../x"); return err },
		"domain of one word": func() error { _, err := client.DomainExists(ctx, "localhost"); return err },
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			if err := call(); !errors.Is(err, ErrBadRequest) {
				t.Errorf("%v, want ErrBadRequest", err)
			}
		})
	}
	if len(rt.asked) > 0 {
		t.Errorf("%d calls were sent, the first to %s", len(rt.asked), rt.asked[0].URL)
	}
}

func TestRedirectsAreRefused(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		var mu sync.Mutex
		var paths []string
		client := service(t, func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			paths = append(paths, r.URL.Path)
			mu.Unlock()
			http.Redirect(w, r, "/elsewhere", status)
		})
		err := listUsers(t.Context(), client)
		if !errors.Is(err, ErrBadResponse) {
			t.Errorf("status %d: %v, want ErrBadResponse", status, err)
		}
		if len(paths) != 1 {
			t.Errorf("status %d: asked for %q", status, paths)
		}
	}
}

func TestAnswersAreLimitedInSize(t *testing.T) {
	zipped := func(body []byte) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(body)
		z.Close()
		return b.Bytes()
	}
	long := append([]byte(noUsers), bytes.Repeat([]byte(" "), 1<<20)...)
	handlers := map[string]http.HandlerFunc{
		"announced": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(long)))
			_, _ = w.Write(long)
		},
		"in pieces": func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			_, _ = w.Write(long)
		},
		"inflating": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(zipped(long))
		},
	}
	for name, handler := range handlers {
		t.Run(name, func(t *testing.T) {
			calls := 0
			client := service(t, func(w http.ResponseWriter, r *http.Request) { calls++; handler(w, r) })
			client.maxAnswer = len(long)
			if err := listUsers(t.Context(), client); err != nil {
				t.Fatalf("a body of the longest size: %v", err)
			}
			client.maxAnswer = len(long) - 1
			calls = 0
			if err := listUsers(t.Context(), client); !errors.Is(err, ErrBadResponse) {
				t.Errorf("a body a byte longer: %v, want ErrBadResponse", err)
			}
			if calls != 1 {
				t.Errorf("asked %d times for a body that was too long", calls)
			}
		})
	}
}

func TestTokenSourceFailures(t *testing.T) {
	own := errors.New("the session is over")
	sources := map[string]struct {
		source TokenSource
		want   error
	}{
		"an error":      {tokenFunc(func(context.Context) (Secret, error) { return Secret{}, own }), own},
		"no text":       {StaticToken(""), ErrUnauthorized},
		"a line break":  {StaticToken("a\r\nX-Evil: 1"), ErrUnauthorized},
		"a blank":       {StaticToken("a b"), ErrUnauthorized},
		"not ASCII":     {StaticToken("tökén"), ErrUnauthorized},
		"out of time":   {tokenFunc(func(context.Context) (Secret, error) { return Secret{}, context.DeadlineExceeded }), context.DeadlineExceeded},
		"no permission": {tokenFunc(func(context.Context) (Secret, error) { return Secret{}, ErrForbidden }), ErrForbidden},
	}
	for name, tt := range sources {
		t.Run(name, func(t *testing.T) {
			rt := &answers{list: []any{response(200, noUsers)}}
			client, err := New(tt.source, Options{Transport: rt})
			if err != nil {
				t.Fatal(err)
			}
			if err := listUsers(t.Context(), client); !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
			if len(rt.asked) > 0 {
				t.Error("a call was sent all the same")
			}
		})
	}
}

type tokenFunc func(context.Context) (Secret, error)

func (f tokenFunc) Token(ctx context.Context) (Secret, error) { return f(ctx) }

// A token is asked for before each try: it may run out while a call waits.
func TestTokenIsAskedForBeforeEachTry(t *testing.T) {
	rt := &answers{list: []any{response(503, ""), response(200, noUsers)}}
	n := 0
	client, err := New(tokenFunc(func(context.Context) (Secret, error) {
		n++
		return NewSecret(fmt.Sprint("token-", n)), nil
	}), Options{Transport: rt, Retry: RetryOptions{BaseDelay: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if err := listUsers(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	if got := rt.asked[1].Header.Get("Authorization"); got != "Bearer token-2" {
		t.Errorf("the second try was sent with %q", got)
	}
}

// Neither token nor query nor body may be in what is logged or printed.
func TestNothingSecretIsLogged(t *testing.T) {
	var log bytes.Buffer
	rt := &answers{list: []any{
		response(503, `{"code":1,"description":"Amina at the door"}`),
		response(400, `{"code":3000,"description":"Amina is no user"}`),
	}}
	client := clientOf(t, Options{
		Transport: rt, Retry: RetryOptions{BaseDelay: 1},
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	_, err := client.Customers().Search(t.Context(), SearchOptions{Prefix: "secretprefix"}, "")
	if err == nil || log.Len() == 0 {
		t.Fatalf("err %v, log %q", err, log.String())
	}
	printed := log.String() + err.Error() + fmt.Sprintf("%v %+v", err, client)
	for _, secret := range []string{"token-of-the-test", "secretprefix", "Amina"} {
		if strings.Contains(printed, secret) {
			t.Errorf("%q is in\n%s", secret, printed)
		}
	}
	if !strings.Contains(log.String(), "op=customers.Search") || !strings.Contains(log.String(), "try=2") {
		t.Errorf("the log lacks the call:\n%s", log.String())
	}
}

func TestConnectionsAreKept(t *testing.T) {
	var mu sync.Mutex
	connections := 0
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/users") {
			_, _ = io.WriteString(w, noUsers)
			return
		}
		w.WriteHeader(http.StatusNotFound)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			mu.Lock()
			connections++
			mu.Unlock()
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	for range 5 { // a client a request is fine
		client := clientOf(t, Options{BaseURL: server.URL})
		if err := listUsers(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Customer(testCustomer).Get(t.Context()); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if connections != 1 {
		t.Errorf("%d connections for ten calls in a row", connections)
	}
}
