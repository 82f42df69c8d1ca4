package partnercenter

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// service starts a server that answers with handler and a client of it, whose
// tries are a moment apart.
func service(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return clientOf(t, Options{BaseURL: server.URL, Retry: RetryOptions{BaseDelay: time.Millisecond}})
}

func clientOf(t *testing.T, opts Options) *Client {
	t.Helper()
	client, err := New(StaticToken("token-of-the-test"), opts)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// documented is an exchange of the documentation.
type documented struct {
	Status  int             `json:"status"`
	Headers [][2]string     `json:"headers"`
	Body    json.RawMessage `json:"body"`
}

func sample(t *testing.T, name string) documented {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "documented", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var d documented
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// wire is the body as the service sends it: compact, a success behind a byte
// order mark.
func (d documented) wire() []byte {
	if string(d.Body) == "null" {
		return nil
	}
	var b bytes.Buffer
	if d.Status < 300 {
		b.WriteString("\xef\xbb\xbf")
	}
	if err := json.Compact(&b, d.Body); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// ServeHTTP answers with the documented exchange.
func (d documented) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	for _, h := range d.Headers {
		if h[0] != "Content-Length" { // the page shortened some bodies
			w.Header()[h[0]] = []string{h[1]}
		}
	}
	w.WriteHeader(d.Status)
	_, _ = w.Write(d.wire())
}

// answers is a transport that answers one call after the other and keeps what
// was asked.
type answers struct {
	mu      sync.Mutex
	list    []any // *http.Response, error, or func(*http.Request) (*http.Response, error)
	asked   []*http.Request
	askedAt []time.Time
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	a.asked = append(a.asked, r)
	a.askedAt = append(a.askedAt, time.Now())
	if len(a.list) == 0 {
		a.mu.Unlock()
		return nil, fmt.Errorf("no answer left for call %d", len(a.asked))
	}
	next := a.list[0]
	a.list = a.list[1:]
	a.mu.Unlock()
	switch next := next.(type) {
	case error:
		return nil, next
	case func(*http.Request) (*http.Response, error):
		return next(r)
	}
	return next.(*http.Response), nil
}

// response is an answer with headers "Key: value".
func response(status int, body string, headers ...string) *http.Response {
	h := http.Header{}
	for _, line := range headers {
		key, value, _ := strings.Cut(line, ": ")
		h[key] = append(h[key], value)
		h.Set(key, value)
	}
	return &http.Response{
		StatusCode: status, Header: h, ContentLength: int64(len(body)),
		Body: io.NopCloser(strings.NewReader(body)),
	}
}

const noUsers = `{"totalCount":0,"items":[],"attributes":{"objectType":"Collection"}}`

// listUsers is a call like any other.
func listUsers(ctx context.Context, client *Client) error {
	_, err := client.Customer(testCustomer).Users().List(ctx, UsersOptions{}, "")
	return err
}
