package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

const dan = `{"displayName":"Dan"}`

func TestALostAnswerIsOfACallThatWasDone(t *testing.T) {
	s := start(t, emulator.Options{})
	s.SetFault(emulator.Fault{Method: "PATCH", LoseAnswer: true, Times: 1})
	if got, err := s.try(t, "admin-agent", "PATCH", daniel, dan); err == nil {
		t.Errorf("answered with %d %s", got.status, got.body)
	}
	if got := decode[user](t, s.get(t, daniel)).DisplayName; got != "Dan" {
		t.Errorf("the name is %q, want Dan", got)
	}
	if c := s.Calls()[0]; c.Status != 0 || c.Lost != 200 || c.Body != dan {
		t.Errorf("the log has %+v", c)
	}
	s.send(t, "admin-agent", "PATCH", daniel, dan).must(t, 200)
}

// A call that is refused gets lost as well, and does nothing.
func TestALostRefusal(t *testing.T) {
	s := start(t, emulator.Options{})
	s.SetFault(emulator.Fault{LoseAnswer: true, Times: 1})
	if _, err := s.try(t, "reader", "PATCH", daniel, dan); err == nil {
		t.Error("answered")
	}
	if c := s.Calls()[0]; c.Status != 0 || c.Lost != 403 {
		t.Errorf("the log has %+v", c)
	}
	if got := decode[user](t, s.get(t, daniel)).DisplayName; got != "Daniel Tsai" {
		t.Errorf("the name is %q", got)
	}
}

func TestALostRequestDoesNothing(t *testing.T) {
	s := start(t, emulator.Options{})
	s.SetFault(emulator.Fault{LoseRequest: true, Times: 1})
	if got, err := s.try(t, "admin-agent", "PATCH", daniel, dan); err == nil {
		t.Errorf("answered with %d %s", got.status, got.body)
	}
	if got := decode[user](t, s.get(t, daniel)).DisplayName; got != "Daniel Tsai" {
		t.Errorf("the name is %q, want it as it was", got)
	}
	if c := s.Calls()[0]; c.Status != 0 || c.Lost != 0 {
		t.Errorf("the log has %+v", c)
	}
}

func TestAnotherAnswerThanTheCallDeserved(t *testing.T) {
	s := start(t, emulator.Options{})
	s.SetFault(emulator.Fault{Method: "DELETE", LoseAnswer: true, Status: 504, Times: 1})
	if got := s.send(t, "admin-agent", "DELETE", daniel, ""); got.status != 504 || got.body != "" {
		t.Errorf("%d %s, want 504 and no body", got.status, got.body)
	}
	s.get(t, daniel).must(t, 404)
	if c := s.Calls()[0]; c.Status != 504 || c.Lost != 204 {
		t.Errorf("the log has %+v", c)
	}
}

func TestADoneCallThatIsNeverAnswered(t *testing.T) {
	s := start(t, emulator.Options{})
	s.SetFault(emulator.Fault{Method: "PATCH", LoseAnswer: true, Hang: true, Times: 1})
	ctx, giveUp := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "PATCH", s.url+daniel, strings.NewReader(dan))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer admin-agent")
	req.Header.Set("Content-Type", "application/json")
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
			t.Fatalf("it ended: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	if got := decode[user](t, s.get(t, daniel)).DisplayName; got != "Dan" {
		t.Errorf("meanwhile the name is %q, want Dan: nobody else is held up", got)
	}
	giveUp()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v, want canceled", err)
	}
}

func TestDeduplicationIsAnOption(t *testing.T) {
	const request = "5d845377-5b7d-4cd4-98f6-19e5ae3faa81"
	create := func(s service, request string) answer {
		return s.send(t, "admin-agent", "POST", documented+"/users", newUserIn, "MS-RequestId", request)
	}
	s := start(t, emulator.Options{})
	create(s, request).must(t, 201)
	create(s, request).must(t, 409)

	s = start(t, emulator.Options{Deduplicate: true})
	s.SetFault(emulator.Fault{Method: "POST", LoseAnswer: true, Times: 1})
	if _, err := s.try(t, "admin-agent", "POST", documented+"/users", newUserIn, "MS-RequestId", request); err == nil {
		t.Fatal("answered")
	}
	again := create(s, request).must(t, 201)
	if made := decode[user](t, again); made.DisplayName != "Ferdinand" || strings.Contains(again.body, "Password!1") {
		t.Errorf("the answer repeated: %s", again.body)
	}
	create(s, request).must(t, 201)
	if got := create(s, "5d845377-5b7d-4cd4-98f6-19e5ae3faa82"); got.status != 409 {
		t.Errorf("another request ID: %d, want 409", got.status)
	}
	if got := create(s, "5d845377-5b7d-4cd4-98f6-19e5ae3faa82"); got.status != 409 || got.body != nameTaken {
		t.Errorf("a refusal repeated: %d %s", got.status, got.body)
	}
	if got := s.send(t, "helpdesk-agent", "POST", documented+"/users", newUserIn, "MS-RequestId", request); got.status != 409 {
		t.Errorf("somebody else's request ID: %d, want 409", got.status)
	}
	if got := s.send(t, "admin-agent", "PATCH", daniel, dan, "MS-RequestId", request); got.status != 200 || !strings.Contains(got.body, `"Dan"`) {
		t.Errorf("the ID on another call: %d %s", got.status, got.body)
	}
	if n := len(all[user](t, s, documented+"/users")); n != 3 {
		t.Errorf("%d users, want 3", n)
	}
}

func TestTheCallLogHasBodiesButNoPasswords(t *testing.T) {
	s := start(t, emulator.Options{})
	const secret = "Geheim!123"
	bodies := []struct{ method, path, body, logged string }{
		{"PATCH", daniel, dan, dan},
		{"PATCH", ferdinand, wholeNulls, wholeNulls},
		{"POST", daniel + "/licenseupdates", assign(emsE3), assign(emsE3)},
		{"POST", serviceAdmins, danielAsMember, danielAsMember},
		{"POST", documented + "/users", strings.Replace(newUserIn, "Password!1", secret, 1), ""},
		{"PATCH", daniel, `{"passwordProfile":{"password":"` + secret + `"}}`, ""},
		{"PATCH", daniel, `{"PASSWORDPROFILE":{"PassWord":"` + secret + `"},"displayName":"Dan"}`, ""},
		{"PATCH", daniel, `{"pasword":"` + secret + `"}`, ""},
		{"PATCH", daniel, `{"passwordProfile":{"password":"` + secret + `"},"passwordProfile":null}`, ""},
		{"PATCH", daniel, `{"displayName":{"password":"` + secret + `"},"displayName":"Dan"}`, ""},
		{"PATCH", daniel, dan + `{"password":"` + secret + `"}`, ""},
		{"PATCH", daniel, `{"passwordProfile":"` + secret + `"}`, ""},
		{"PATCH", daniel, `{"links":{"secret":"` + secret + `"}}`, ""},
		{"PATCH", daniel, `{"passwordProfile":{"password":"` + secret, ""},
		{"POST", daniel + "/resetpassword", `{"newPassword":"` + secret + `"}`, ""},
		{"DELETE", daniel, "", ""},
	}
	for _, b := range bodies {
		s.send(t, "admin-agent", b.method, b.path, b.body)
	}
	s.SetFault(emulator.Fault{Status: 503})
	s.send(t, "admin-agent", "PATCH", daniel, dan)
	var got, want []string
	for _, c := range s.Calls() {
		got = append(got, c.Body)
	}
	for _, b := range bodies {
		want = append(want, b.logged)
	}
	if want = append(want, dan); !slices.Equal(got, want) {
		t.Errorf("bodies in the log:\n%q\nwant\n%q", got, want)
	}
	if log, err := json.Marshal(s.Calls()); err != nil || strings.Contains(string(log), secret) {
		t.Errorf("the log tells the password (%v)", err)
	}
}

func TestBothMFARefusals(t *testing.T) {
	s := start(t, emulator.Options{OldMFARefusal: true})
	got := s.ask(t, "no-mfa", "GET", documented+"/users")
	if got.status != 401 || got.body != "Authentication failed. MFA required. (10001)" || !strings.HasPrefix(got.header.Get("Content-Type"), "text/plain") {
		t.Errorf("%d %s %s", got.status, got.header.Get("Content-Type"), got.body)
	}
	if got.header.Get("WWW-Authenticate") == "" {
		t.Error("no WWW-Authenticate")
	}
}
