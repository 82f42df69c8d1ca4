package emulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// control makes a request to the control endpoint.
func (s service) control(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(b)}
}

func TestControlIsNotThereUnlessTurnedOn(t *testing.T) {
	s := start(t, emulator.Options{})
	for _, path := range []string{"/_emulator/faults", "/_emulator/calls"} {
		if got := s.control(t, "GET", path, ""); got.status != 404 {
			t.Errorf("%s: %d, want 404", path, got.status)
		}
	}
	if got := s.control(t, "POST", "/_emulator/faults", `{"status":500}`); got.status != 404 {
		t.Errorf("POST: %d, want 404", got.status)
	}
}

func TestControlSetsAndClearsFaults(t *testing.T) {
	s := start(t, emulator.Options{Control: true})
	const fault = `{"name":"slow","method":"GET","pathPrefix":"/customers","customerId":"4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04","person":"admin-agent",` +
		`"page":1,"after":1,"times":2,"latency":"1ms","status":429,"code":0,"retryAfter":"57s","hang":false,"cutBody":false,"brokenJson":false}`
	if got := s.control(t, "POST", "/_emulator/faults", fault); got.status != 201 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	var statuses []int
	for range 4 {
		statuses = append(statuses, s.get(t, documented+"/users").status)
	}
	if diff := cmp.Diff([]int{200, 429, 429, 200}, statuses); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	const want = `[{"name":"slow","method":"GET","pathPrefix":"/customers","customerId":"4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04","person":"admin-agent",` +
		`"page":1,"after":1,"times":2,"latency":"1ms","status":429,"retryAfter":"57s","seen":4,"struck":2}]` + "\n"
	if got := s.control(t, "GET", "/_emulator/faults", ""); got.body != want {
		t.Errorf("listed:\n%s\nwant:\n%s", got.body, want)
	}

	s.control(t, "POST", "/_emulator/faults", `{"name":"down","status":503}`)
	if got := s.control(t, "DELETE", "/_emulator/faults?name=slow", ""); got.status != 204 {
		t.Errorf("delete one: %d", got.status)
	}
	if got := s.get(t, "/v1/customers").status; got != 503 {
		t.Errorf("the other one does not strike: %d", got)
	}
	s.control(t, "DELETE", "/_emulator/faults", "")
	if got := s.get(t, "/v1/customers").status; got != 200 {
		t.Errorf("after clearing: %d", got)
	}
}

func TestControlKnowsTheFaultsOfWrites(t *testing.T) {
	s := start(t, emulator.Options{Control: true})
	const fault = `{"name":"lost","loseRequest":false,"loseAnswer":true,"status":504,"showAfterReads":1,"showAfter":"1h0m0s","times":1}`
	if got := s.control(t, "POST", "/_emulator/faults", fault); got.status != 201 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	s.send(t, "admin-agent", "PATCH", daniel, dan).must(t, 504)
	if first, second := name(t, s), name(t, s); first != "Daniel Tsai" || second != "Dan" {
		t.Errorf("shows %q, then %q; want it late by one read", first, second)
	}
	const want = `[{"name":"lost","times":1,"status":504,"loseAnswer":true,"showAfterReads":1,"showAfter":"1h0m0s","seen":3,"struck":1}]` + "\n"
	if got := s.control(t, "GET", "/_emulator/faults", ""); got.body != want {
		t.Errorf("listed:\n%s\nwant:\n%s", got.body, want)
	}
	if got := s.control(t, "GET", "/_emulator/calls", "").body; !strings.Contains(got, `"body":"{\"displayName\":\"Dan\"}","person":"admin-agent","status":504,"lost":200`) {
		t.Errorf("calls %s", got)
	}
	s.control(t, "DELETE", "/_emulator/faults", "")
	s.control(t, "POST", "/_emulator/faults", `{"loseRequest":true,"times":1}`)
	if _, err := s.try(t, "admin-agent", "DELETE", daniel, ""); err == nil {
		t.Error("a lost request was answered")
	}
	s.get(t, daniel).must(t, 200)
}

func TestControlRefusesWhatItDoesNotUnderstand(t *testing.T) {
	s := start(t, emulator.Options{Control: true})
	tests := map[string]struct {
		body    string
		headers []string
		status  int
	}{
		"no JSON":             {`status=500`, nil, 400},
		"a field it lacks":    {`{"statsu":500}`, nil, 400},
		"a success":           {`{"status":200}`, nil, 400},
		"a wait backwards":    {`{"latency":"-1s"}`, nil, 400},
		"a wait without unit": {`{"latency":"5"}`, nil, 400},
		"a form":              {`{"status":500}`, []string{"Content-Type", "text/plain"}, 415},
		"another site's page": {`{"status":500}`, []string{"Sec-Fetch-Site", "cross-site"}, 403},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := s.control(t, "POST", "/_emulator/faults", tt.body, tt.headers...); got.status != tt.status {
				t.Errorf("%d %s, want %d", got.status, got.body, tt.status)
			}
			if got := s.get(t, "/v1/customers").status; got != 200 {
				t.Errorf("a fault strikes all the same: %d", got)
			}
		})
	}
}

func TestControlTellsTheCalls(t *testing.T) {
	s := start(t, emulator.Options{Control: true})
	s.get(t, "/v1/customers?size=2")
	var calls []map[string]any
	if err := json.Unmarshal([]byte(s.control(t, "GET", "/_emulator/calls", "").body), &calls); err != nil {
		t.Fatal(err)
	}
	if len(calls) != 1 || calls[0]["path"] != "/v1/customers" || calls[0]["query"] != "size=2" || calls[0]["status"] != float64(200) || calls[0]["person"] != "admin-agent" {
		t.Errorf("calls %v", calls)
	}
	s.control(t, "DELETE", "/_emulator/calls", "")
	if got := s.control(t, "GET", "/_emulator/calls", "").body; got != "[]\n" {
		t.Errorf("after the reset: %s", got)
	}
}
