package emulator_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// sample is an exchange of the API's documentation.
type sample struct {
	Status  int             `json:"status"`
	Headers [][2]string     `json:"headers"`
	Body    json.RawMessage `json:"body"`
}

func readSample(t *testing.T, name string) sample {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "documented", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var s sample
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s sample) header(name string) string {
	for _, h := range s.Headers {
		if h[0] == name {
			return h[1]
		}
	}
	return ""
}

// date is when the documented answer was given.
func (s sample) date(t *testing.T) time.Time {
	t.Helper()
	at, err := http.ParseTime(s.header("Date"))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// wire is the body as it travels: compact, keys in the documented order.
func (s sample) wire(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, s.Body); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const bom = "\xef\xbb\xbf"

// service is an emulator behind a real server.
type service struct {
	*emulator.Emulator
	url string
}

func start(t testing.TB, opts emulator.Options) service {
	t.Helper()
	e := emulator.New(opts)
	srv := httptest.NewServer(e)
	t.Cleanup(srv.Close)
	return service{e, srv.URL}
}

type answer struct {
	status int
	header http.Header
	body   string
}

// ask makes a call as one of the bearer words; headers are pairs.
func (s service) ask(t testing.TB, word, method, path string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if word != "" {
		req.Header.Set("Authorization", "Bearer "+word)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header[headers[i]] = append(req.Header[headers[i]], headers[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}

func (s service) get(t testing.TB, path string, headers ...string) answer {
	t.Helper()
	return s.ask(t, "admin-agent", "GET", path, headers...)
}

func TestTheReferenceExchangeComesOutExactly(t *testing.T) {
	want := readSample(t, "users-list")
	s := start(t, emulator.Options{Now: func() time.Time { return want.date(t) }})

	got := s.get(t, "/v1/customers/4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04/users",
		"Accept", "application/json",
		"MS-RequestId", "5d845377-5b7d-4cd4-98f6-19e5ae3faa81",
		"MS-CorrelationId", "5a3d64d4-4490-4932-bf5e-0dc9a58f27ca",
		"X-Locale", "en-US")

	if got.status != 200 {
		t.Fatalf("status %d, want 200", got.status)
	}
	if diff := cmp.Diff(bom+want.wire(t), got.body); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if len(got.body) != 1030 {
		t.Errorf("%d bytes, want 1030", len(got.body))
	}
	for _, name := range []string{"Content-Length", "Content-Type", "MS-CorrelationId", "MS-RequestId", "Date"} {
		if got.header.Get(name) != want.header(name) {
			t.Errorf("%s: %q, want %q", name, got.header.Get(name), want.header(name))
		}
	}
}
