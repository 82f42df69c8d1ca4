package emulator_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
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

func TestDocumentedAnswersComeOutExactly(t *testing.T) {
	const customer = "/v1/customers/4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04"
	tests := map[string]struct {
		sample string
		path   string
		length string // the documented Content-Length where it is true
	}{
		"a user": {"user-get", customer + "/users/a9ef48bb-8758-4590-a312-d4a47bfaded4", "432"},
		"the deleted users, by the older name of the field": {"users-list-deleted",
			customer + "/users?size=500&filter=%7B%22Field%22%3A%22UserStatus%22%2C%22Value%22%3A%22Inactive%22%2C%22Operator%22%3A%22equals%22%7D", "802"},
		"a user's licenses":               {"user-licenses", customer + "/users/a9ef48bb-8758-4590-a312-d4a47bfaded4/licenses", ""},
		"subscribed SKUs":                 {"subscribed-skus", customer + "/subscribedskus", ""},
		"no subscribed SKUs in group 2":   {"subscribed-skus-empty", customer + "/subscribedskus?licenseGroupIds=Group2", "71"},
		"a company profile":               {"customer-company-profile", customer + "/profiles/company", "488"},
		"the same user, shouted":          {"user-get", customer + "/users/A9EF48BB-8758-4590-A312-D4A47BFADED4", "432"},
		"doubled slash after the version": {"user-get", "/v1//customers/4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04/users/a9ef48bb-8758-4590-a312-d4a47bfaded4", "432"},
		"slash at the end":                {"user-get", customer + "/users/a9ef48bb-8758-4590-a312-d4a47bfaded4/", "432"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			want := readSample(t, tt.sample)
			s := start(t, emulator.Options{Now: func() time.Time { return want.date(t) }})
			got := s.get(t, tt.path)
			if got.status != want.Status {
				t.Fatalf("status %d, want %d", got.status, want.Status)
			}
			if diff := cmp.Diff(bom+want.wire(t), got.body); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			if tt.length != "" && got.header.Get("Content-Length") != tt.length {
				t.Errorf("Content-Length %s, want %s", got.header.Get("Content-Length"), tt.length)
			}
		})
	}
}

func TestDocumentedSearchForCustomersComesOutExactly(t *testing.T) {
	want := readSample(t, "customers-filtered")
	s := start(t, emulator.Options{})
	type row = struct{ ID, Name, Domain string }
	s.ServeOnly(
		row{"c5757d70-06f3-4f23-8367-5a9e55019f94", "Contoso190", "contoso190.onmicrosoft.com"},
		row{"7b26b357-9ca3-48b8-a58e-4febe2662a5d", "Contoso", "ContosoCorpCo.onmicrosoft.com"},
		row{"0c39d6d5-c70d-4c55-bc02-f620844f3fd1", "Contoso", "other.onmicrosoft.com"},
		row{"bfbd6ef0-311f-47ec-bbd7-0fcb7846661b", "Contoso", "contosocorpdemo.onmicrosoft.com"},
	)
	got := s.get(t, "/v1/customers?size=0&filter=%7B%22Field%22%3A%22Domain%22%2C%22Value%22%3A%22cont%22%2C%22Operator%22%3A%22starts_with%22%7D")
	if diff := cmp.Diff(bom+want.wire(t), got.body); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if got.header.Get("Content-Length") != "1839" {
		t.Errorf("Content-Length %s, want 1839", got.header.Get("Content-Length"))
	}
}

// The documented values of these two are of companies that are not in the demo
// data; their keys and the order of them hold all the same.
func TestProfilesHaveTheDocumentedKeysInOrder(t *testing.T) {
	s := start(t, emulator.Options{})
	tests := map[string]struct{ sample, path string }{
		"a customer, whole": {"customer-get", "/v1/customers/4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04"},
		"legal business":    {"legal-business-profile", "/v1/profiles/legalbusiness?vettingVersion=Current"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			want := keys(t, readSample(t, tt.sample).wire(t))
			got := keys(t, s.get(t, tt.path).body[len(bom):])
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
		})
	}
}

// keys are a document's object keys in the order they stand, each with its way
// from the top. Keys whose value is an empty text are left out: the reference
// says that such are absent.
func keys(t *testing.T, doc string) []string {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(doc))
	next := func() json.Token {
		token, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	var list []string
	var walk func(at string)
	walk = func(at string) {
		switch token := next(); token {
		case json.Delim('{'):
			for dec.More() {
				key := at + "/" + next().(string)
				list = append(list, key)
				walk(key)
			}
			next()
		case json.Delim('['):
			for dec.More() {
				walk(at + "/*")
			}
			next()
		case "":
			list = list[:len(list)-1]
		}
	}
	walk("")
	return list
}

// The throttle's documented answer, byte for byte: 84 bytes, no byte order
// mark, none of the service's own headers.
func TestTheThrottleAnswersAsDocumented(t *testing.T) {
	const want = `{ "statusCode": 429, "message": "Rate limit is exceeded. Try again in 57 seconds." }`
	s := start(t, emulator.Options{})
	s.SetFault(emulator.Fault{Status: 429, RetryAfter: 57 * time.Second})
	got := s.get(t, "/v1/customers", "MS-CorrelationId", "5a3d64d4-4490-4932-bf5e-0dc9a58f27ca")
	if got.status != 429 || got.body != want || len(want) != 84 {
		t.Errorf("%d %s, want 429 %s", got.status, got.body, want)
	}
	sample := readSample(t, "throttled-429")
	for _, name := range []string{"Content-Length", "Content-Type", "Retry-After"} {
		if got.header.Get(name) != sample.header(name) {
			t.Errorf("%s: %q, want %q", name, got.header.Get(name), sample.header(name))
		}
	}
	for name := range got.header {
		if strings.HasPrefix(name, "Ms-") {
			t.Errorf("%s is there, the throttle sends none", name)
		}
	}
}

func TestDomainCheckAnswersAsDocumented(t *testing.T) {
	s := start(t, emulator.Options{})
	tests := map[string]struct {
		domain string
		want   int
	}{
		"taken":           {"contoso.example", 200},
		"taken, shouted":  {"CONTOSO.EXAMPLE", 200},
		"a tenant's own":  {"northwind.onmicrosoft.example", 200},
		"the partner's":   {"fabrikam-cloud.example", 200},
		"the documented":  {"dtdemocspcustomer005.onmicrosoft.com", 200},
		"free":            {"nobody-has-this.example", 404},
		"free, its child": {"child.of.contoso.example", 404},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := s.ask(t, "app-only", "HEAD", "/v1/domains/"+tt.domain)
			if got.status != tt.want || got.body != "" {
				t.Errorf("%d %q, want %d and no body", got.status, got.body, tt.want)
			}
			if got.header.Get("Content-Length") != "0" {
				t.Errorf("Content-Length %q, want 0", got.header.Get("Content-Length"))
			}
		})
	}
}

// Header names have their printed case on the wire; only a raw connection shows it.
func TestHeadersHaveTheirPrintedCase(t *testing.T) {
	s := start(t, emulator.Options{})
	head := rawHead(t, s, "GET /v1/customers/4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04/users HTTP/1.1\r\n"+
		"Host: api.partnercenter.microsoft.com\r\nAuthorization: Bearer admin-agent\r\nValidateMfa: true\r\n"+
		"MS-RequestId: 5d845377-5b7d-4cd4-98f6-19e5ae3faa81\r\nMS-CorrelationId: 5a3d64d4-4490-4932-bf5e-0dc9a58f27ca\r\n"+
		"Connection: close\r\n\r\n")
	for _, want := range []string{
		`HTTP/1\.1 200 OK`,
		`Content-Length: 1030`,
		`Content-Type: application/json; charset=utf-8`,
		`MS-CorrelationId: 5a3d64d4-4490-4932-bf5e-0dc9a58f27ca`,
		`MS-RequestId: 5d845377-5b7d-4cd4-98f6-19e5ae3faa81`,
		`MS-CV: [A-Za-z0-9+/]{16}\.0`,
		`MS-ServerId: [0-9A-Z]+`,
		`isMfaCompliant: true`,
		`Date: .+ GMT`,
	} {
		if !regexp.MustCompile(`(?m)^` + want + `\r$`).MatchString(head) {
			t.Errorf("no line %q in\n%s", want, head)
		}
	}

	head = rawHead(t, s, "GET /v1/customers HTTP/1.1\r\nHost: api.partnercenter.microsoft.com\r\nConnection: close\r\n\r\n")
	if want := "\r\nWWW-Authenticate: OAuth realm=urn:cpsvc:cpid:"; !strings.Contains(head, want) {
		t.Errorf("no %q in\n%s", want, head)
	}
}

// rawHead sends bytes and returns the answer up to its body.
func rawHead(t *testing.T, s service, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	head, _, ok := strings.Cut(string(answer), "\r\n\r\n")
	if !ok {
		t.Fatalf("no head in %q", answer)
	}
	return head + "\r\n"
}

func TestTraceIDsAreEchoedOrMade(t *testing.T) {
	s := start(t, emulator.Options{})
	made := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	for name, sent := range map[string][]string{
		"none sent": nil,
		"not GUIDs": {"MS-RequestId", "one", "MS-CorrelationId", "two"},
	} {
		t.Run(name, func(t *testing.T) {
			got := s.get(t, "/v1/customers", sent...)
			for _, h := range []string{"MS-RequestId", "MS-CorrelationId"} {
				if !made.MatchString(got.header.Get(h)) {
					t.Errorf("%s: %q", h, got.header.Get(h))
				}
			}
		})
	}
}

func TestNoBOMLeavesTheMarkOut(t *testing.T) {
	s := start(t, emulator.Options{NoBOM: true})
	got := s.get(t, "/v1/customers/4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04/users")
	if len(got.body) != 1027 || got.header.Get("Content-Length") != "1027" || got.body[0] != '{' {
		t.Errorf("%d bytes, Content-Length %s, begins %q", len(got.body), got.header.Get("Content-Length"), got.body[:4])
	}
}
