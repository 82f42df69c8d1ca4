package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

func TestFaultsRefuseAsTheServiceWould(t *testing.T) {
	tests := map[string]struct {
		fault  emulator.Fault
		status int
		body   string
	}{
		"token run out":            {emulator.Fault{Status: 401}, 401, accessDenied},
		"no MFA":                   {emulator.Fault{Status: 401, Code: 900421}, 401, `{"code":"900421","description":"The token does not show multi-factor authentication.","source":"PartnerFD"}`},
		"no MFA, as it used to be": {emulator.Fault{Status: 401, Code: 10001}, 401, `Authentication failed. MFA required. (10001)`},
		"wrong audience":           {emulator.Fault{Status: 401, Code: 900420}, 401, `{"code":"900420","description":"The token's audience is invalid and no longer supported.","source":"PartnerFD"}`},
		"no relationship":          {emulator.Fault{Status: 403, Code: 20002}, 403, noRelationship},
		"role missing":             {emulator.Fault{Status: 403, Code: 2032}, 403, noPrivilege},
		"no role with us":          {emulator.Fault{Status: 403}, 403, roleRefused},
		"not found":                {emulator.Fault{Status: 404}, 404, `{"code":1000,"description":"The requested resource could not be found.","data":[],"source":"PartnerFD"}`},
		"a code nobody knows":      {emulator.Fault{Status: 400, Code: 77}, 400, `{"code":77,"description":"Bad Request","data":[],"source":"PartnerFD"}`},
		"unexpected":               {emulator.Fault{Status: 500}, 500, `{"code":800003,"description":"An unexpected service error occurred.","data":[],"source":"PartnerFD"}`},
		"busy":                     {emulator.Fault{Status: 503, RetryAfter: 1500 * time.Millisecond}, 503, ""},
		"gateway timed out":        {emulator.Fault{Status: 504}, 504, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := start(t, emulator.Options{})
			s.SetFault(tt.fault)
			got := s.get(t, documented+"/users")
			if got.status != tt.status || got.body != tt.body {
				t.Errorf("got %d %s, want %d %s", got.status, got.body, tt.status, tt.body)
			}
			if tt.fault.RetryAfter > 0 && got.header.Get("Retry-After") != "2" {
				t.Errorf("Retry-After %q, want 2: rounded up", got.header.Get("Retry-After"))
			}
			s.ClearFaults()
			if got := s.get(t, documented+"/users"); got.status != 200 {
				t.Errorf("after clearing: %d", got.status)
			}
		})
	}
}

func TestFaultsChooseTheirCalls(t *testing.T) {
	const other = "/v1/customers/" + emulator.ContosoID
	type hit struct{ word, method, path string }
	calls := []hit{
		{"admin-agent", "GET", "/v1/customers"},
		{"admin-agent", "GET", documented + "/users"},
		{"reader", "GET", documented + "/users"},
		{"admin-agent", "GET", daniel + "/licenses"},
		{"admin-agent", "GET", other + "/users"},
		{"admin-agent", "HEAD", "/v1/domains/contoso.example"},
	}
	tests := map[string]struct {
		fault emulator.Fault
		want  []bool
	}{
		"all":               {emulator.Fault{}, []bool{true, true, true, true, true, true}},
		"by method":         {emulator.Fault{Method: "head"}, []bool{false, false, false, false, false, true}},
		"by customer":       {emulator.Fault{CustomerID: strings.ToUpper(emulator.DocumentedCustomerID)}, []bool{false, true, true, true, false, false}},
		"by path":           {emulator.Fault{PathPrefix: "/customers/" + emulator.ContosoID + "/users"}, []bool{false, false, false, false, true, false}},
		"by kind of path":   {emulator.Fault{PathPrefix: "/customers/*/users/*/licenses"}, []bool{false, false, false, true, false, false}},
		"by whole segments": {emulator.Fault{PathPrefix: "/customers/*/use"}, []bool{false, false, false, false, false, false}},
		"by person":         {emulator.Fault{Person: "reader"}, []bool{false, false, true, false, false, false}},
		"by page":           {emulator.Fault{Page: 1}, []bool{true, true, true, false, true, false}},
		"after two":         {emulator.Fault{After: 2}, []bool{false, false, true, true, true, true}},
		"three times":       {emulator.Fault{Times: 3}, []bool{true, true, true, false, false, false}},
		"third and fourth":  {emulator.Fault{After: 2, Times: 2}, []bool{false, false, true, true, false, false}},
		"all at once":       {emulator.Fault{PathPrefix: "customers/*/users", Method: "GET", Person: "admin-agent", After: 1, Times: 1}, []bool{false, false, false, true, false, false}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := start(t, emulator.Options{})
			tt.fault.Status = 503
			s.SetFault(tt.fault)
			var got []bool
			for _, c := range calls {
				got = append(got, s.ask(t, c.word, c.method, c.path).status == 503)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("struck (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFaultOnTheThirdPage(t *testing.T) {
	s := start(t, emulator.Options{})
	s.SetFault(emulator.Fault{Page: 3, Status: 500, Times: 1})
	var token string
	for page := 1; page <= 5; page++ {
		path, headers := contoso+"/users?size=100", []string(nil)
		if page > 1 {
			path, headers = contoso+"/users?seekOperation=Next", []string{"MS-ContinuationToken", token}
		}
		got := s.get(t, path, headers...)
		if page == 3 {
			if got.status != 500 {
				t.Fatalf("page 3: %d, want 500", got.status)
			}
			got = s.get(t, path, headers...) // the token still leads on
		}
		token = decode[users](t, got).ContinuationToken
	}
	if token != "" {
		t.Error("the fifth page is not the last")
	}
}

func TestTheFirstFaultThatEndsACallDecides(t *testing.T) {
	s := start(t, emulator.Options{})
	s.SetFault(emulator.Fault{Name: "a", Status: 500, Times: 1})
	s.SetFault(emulator.Fault{Name: "b", Status: 503})
	var got []int
	for range 2 {
		got = append(got, s.get(t, "/v1/customers").status)
	}
	s.SetFault(emulator.Fault{Name: "a", Status: 502}) // again, and last now
	got = append(got, s.get(t, "/v1/customers").status)
	s.ClearFault("b")
	got = append(got, s.get(t, "/v1/customers").status)
	if diff := cmp.Diff([]int{500, 503, 503, 502}, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
}

func TestBrokenJSONIsWholeOnTheWire(t *testing.T) {
	s := start(t, emulator.Options{})
	s.SetFault(emulator.Fault{BrokenJSON: true})
	got := s.get(t, documented+"/users")
	if got.status != 200 || len(got.body) != 515 || json.Valid([]byte(strings.TrimPrefix(got.body, bom))) {
		t.Errorf("%d, %d bytes, want the first 515 of 1030", got.status, len(got.body))
	}
}

func TestCutBodyDropsTheConnection(t *testing.T) {
	s := start(t, emulator.Options{})
	s.SetFault(emulator.Fault{CutBody: true})
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.url+documented+"/users", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer admin-agent")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if resp.ContentLength != 1030 || len(body) != 515 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("promised %d, got %d bytes and %v; want 1030, 515, unexpected EOF", resp.ContentLength, len(body), err)
	}
}

func TestHangAnswersNothingUntilTheClientGivesUp(t *testing.T) {
	s := start(t, emulator.Options{})
	s.SetFault(emulator.Fault{Hang: true})
	ctx, giveUp := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", s.url+"/v1/customers", nil)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err == nil {
			resp.Body.Close()
		}
		ended <- err
	}()
	for len(s.Calls()) == 0 { // the call is in the log when it begins to hang
		select {
		case err := <-ended:
			t.Fatalf("it was answered: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	if got := s.Calls()[0].Status; got != 0 {
		t.Errorf("status %d in the log, want 0", got)
	}
	giveUp()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v, want canceled", err)
	}
}

// inProcess answers in the bubble of a synctest, where no socket may be.
func inProcess(ctx context.Context, e *emulator.Emulator) (aborted bool, status int) {
	r := httptest.NewRequestWithContext(ctx, "GET", "/v1/customers", nil)
	r.Header.Set("Authorization", "Bearer admin-agent")
	w := httptest.NewRecorder()
	defer func() { aborted = recover() == http.ErrAbortHandler }()
	e.ServeHTTP(w, r)
	return false, w.Code
}

func TestLatencyAddsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulator.New(emulator.Options{})
		e.SetFault(emulator.Fault{Latency: 200 * time.Millisecond})
		e.SetFault(emulator.Fault{Latency: 50 * time.Millisecond, Status: 503, After: 1})
		for _, want := range []struct {
			took   time.Duration
			status int
		}{{200 * time.Millisecond, 200}, {250 * time.Millisecond, 503}} {
			begin := time.Now()
			_, status := inProcess(t.Context(), e)
			if took := time.Since(begin); took != want.took || status != want.status {
				t.Errorf("%d after %v, want %d after %v", status, took, want.status, want.took)
			}
		}
	})
}

func TestLatencyEndsWithTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulator.New(emulator.Options{})
		e.SetFault(emulator.Fault{Latency: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		aborted, _ := inProcess(ctx, e)
		if took := time.Since(begin); !aborted || took != time.Second {
			t.Errorf("aborted %v after %v, want after 1s", aborted, took)
		}
	})
}

func TestTheCallLogIsAJudge(t *testing.T) {
	begin := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := start(t, emulator.Options{Now: func() time.Time { return begin }})
	const correlation, request = "5a3d64d4-4490-4932-bf5e-0dc9a58f27ca", "5d845377-5b7d-4cd4-98f6-19e5ae3faa81"
	trace := []string{"MS-CorrelationId", correlation, "MS-RequestId", request}
	token := decode[users](t, s.get(t, contoso+"/users?size=200", trace...)).ContinuationToken
	s.ask(t, "reader", "GET", contoso+"/users?size=200&seekOperation=Next", append(trace, "MS-ContinuationToken", token)...)
	s.ask(t, "very-secret-token", "GET", "/v1/customers", trace...)
	s.SetFault(emulator.Fault{Status: 429, RetryAfter: time.Second})
	s.get(t, "/v1/nothing", trace...)

	call := func(path, query, person string, page, status int) emulator.Call {
		return emulator.Call{Method: "GET", Path: path, Query: query, Page: page, Person: person, Status: status,
			CorrelationID: correlation, RequestID: request, Time: begin}
	}
	want := []emulator.Call{
		call(contoso+"/users", "size=200", "admin-agent", 1, 200),
		call(contoso+"/users", "size=200&seekOperation=Next", "reader", 2, 200),
		call("/v1/customers", "", "", 1, 401),
		call("/v1/nothing", "", "admin-agent", 0, 429),
	}
	if diff := cmp.Diff(want, s.Calls()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	b, err := json.Marshal(s.Calls())
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"very-secret-token", token, "Bearer"} {
		if strings.Contains(string(b), secret) {
			t.Errorf("the log tells %q", secret)
		}
	}
	s.ResetCalls()
	if n := len(s.Calls()); n != 0 {
		t.Errorf("%d calls after the reset", n)
	}
}
