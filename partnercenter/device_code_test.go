package partnercenter

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	pendingAnswer  = `{"error":"authorization_pending","error_description":"AADSTS70016: The provided request has not yet been authorized by the user.","error_codes":[70016]}`
	slowDownAnswer = `{"error":"slow_down"}`
)

// The documented exchange: the code, the question while nobody has signed in,
// the tokens.
func TestDeviceCodeOnTheWire(t *testing.T) {
	authority := newFakeAuthority("")
	opts := authority.served(t)
	started, err := StartDeviceSignIn(t.Context(), opts, challenge)
	if err != nil {
		t.Fatal(err)
	}
	if got := started.DevicePrompt; got.UserCode != "YZMYLD4K" || got.VerificationURI != "https://www.microsoft.com/link" || !strings.HasSuffix(got.Message, "to authenticate.") ||
		time.Until(got.Expires) < 14*time.Minute || time.Until(got.Expires) > 15*time.Minute || started.interval != 5*time.Second {
		t.Errorf("%+v every %v", got, started.interval)
	}
	started.interval = time.Millisecond
	tokens, err := started.Wait(t.Context())
	if err != nil || tokens.Access.Reveal() != "access-1" || tokens.Refresh.Reveal() != "refresh-1" {
		t.Errorf("%v, %q, %q", err, tokens.Access.Reveal(), tokens.Refresh.Reveal())
	}
	scope := []string{"https://api.partnercenter.microsoft.com/user_impersonation openid offline_access"}
	want := []url.Values{
		{"client_id": {testClient}, "scope": scope, "claims": {challenge}},
		{"client_id": {testClient}, "scope": scope, "claims": {challenge}, "device_code": {"device-code-1"}, "grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}},
	}
	if diff := cmp.Diff(want, authority.asked); diff != "" {
		t.Errorf("forms (-want +got):\n%s", diff)
	}
	if base := "/" + testTenant + "/oauth2/v2.0/"; !cmp.Equal(authority.paths, []string{base + "devicecode", base + "token"}) {
		t.Errorf("asked at %s", authority.paths)
	}
}

// How a sign-in ends, and how often the authority is asked until then.
func TestWaitingForASignIn(t *testing.T) {
	pending, slow := fakeAnswer{400, pendingAnswer}, fakeAnswer{400, slowDownAnswer}
	down, start := fakeAnswer{503, ""}, fakeAnswer{200, deviceAnswer}
	const s = time.Second
	tests := map[string]struct {
		answers []fakeAnswer
		took    time.Duration
		is      error
		code    string
	}{
		"at once":              {nil, 5 * s, nil, ""},
		"after a while":        {[]fakeAnswer{pending, pending}, 15 * s, nil, ""},
		"asked to slow down":   {[]fakeAnswer{pending, slow, pending, slow, pending}, (5 + 5 + 10 + 10 + 15 + 15) * s, nil, ""},
		"down for a while":     {[]fakeAnswer{down, down, pending}, (5 + 10 + 20 + 20) * s, nil, ""},
		"declined":             {[]fakeAnswer{pending, {400, `{"error":"access_denied"}`}}, 10 * s, ErrSignInRequired, "access_denied"},
		"declined at Entra":    {[]fakeAnswer{{400, `{"error":"authorization_declined","error_codes":[70018]}`}}, 5 * s, ErrSignInRequired, "authorization_declined"},
		"run out":              {[]fakeAnswer{{400, `{"error":"expired_token"}`}}, 5 * s, ErrSignInRequired, "expired_token"},
		"a factor is wanted":   {[]fakeAnswer{{400, wantsSecondFactor}}, 5 * s, ErrMFARequired, "invalid_grant"},
		"a wrong program":      {[]fakeAnswer{{401, `{"error":"invalid_client"}`}}, 5 * s, ErrBadRequest, "invalid_client"},
		"a page":               {[]fakeAnswer{{200, `<html>`}}, 5 * s, ErrBadResponse, ""},
		"a wrong code at last": {[]fakeAnswer{{400, `{"error":"bad_verification_code"}`}}, 5 * s, ErrBadRequest, "bad_verification_code"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				authority := newFakeAuthority("", append([]fakeAnswer{start}, tt.answers...)...)
				started, err := StartDeviceSignIn(t.Context(), authority.direct(), "")
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				tokens, err := started.Wait(t.Context())
				if tt.is == nil && (err != nil || tokens.Access.Reveal() != "access-1") || !errors.Is(err, tt.is) {
					t.Errorf("%v, want %v", err, tt.is)
				}
				if failed, ok := errors.AsType[*SignInError](err); ok && failed.Code != tt.code {
					t.Errorf("code %q, want %q", failed.Code, tt.code)
				}
				if took := time.Since(began); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) { // nobody comes
		opts := newFakeAuthority("").direct()
		inner := opts.Transport
		opts.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/token") {
				return response(400, pendingAnswer), nil
			}
			return inner.RoundTrip(r)
		})
		started, err := StartDeviceSignIn(t.Context(), opts, "")
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		_, err = started.Wait(t.Context())
		failed, ok := errors.AsType[*SignInError](err)
		if !ok || !errors.Is(err, ErrSignInRequired) || failed.Code != "expired_token" || time.Since(began) != 15*time.Minute {
			t.Errorf("%v after %v, want the code's end", err, time.Since(began))
		}
		// The caller leaves.
		ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
		defer cancel()
		if started, err = StartDeviceSignIn(t.Context(), opts, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := started.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrSignInRequired) {
			t.Errorf("%v, want the caller's deadline", err)
		}
	})
}

func TestStrangeDeviceCodes(t *testing.T) {
	alter := func(old, now string) string { return strings.Replace(deviceAnswer, old, now, 1) }
	const address = `"verification_uri":"https://www.microsoft.com/link"`
	refused := map[string]string{
		"no code":                alter(`"device_code":"device-code-1",`, ""),
		"no user code":           alter(`"YZMYLD4K"`, `""`),
		"a user code of lines":   alter(`"YZMYLD4K"`, `"Y\nZ"`),
		"an endless user code":   alter(`"YZMYLD4K"`, `"`+strings.Repeat("Y", 65)+`"`),
		"no address":             alter(address, `"verification_uri":""`),
		"an address without TLS": alter(address, `"verification_uri":"http://www.microsoft.com/link"`),
		"a script":               alter(address, `"verification_uri":"javascript:alert(1)"`),
		"a terminal's escape":    alter(address, `"verification_uri":"https://a.example/\u001b[31m"`),
		"a strange whole":        alter(`"interval":5`, `"interval":5,"verification_uri_complete":"file:///etc/passwd"`),
		"HTML":                   "<html>",
	}
	for name, body := range refused {
		_, err := StartDeviceSignIn(t.Context(), newFakeAuthority("", fakeAnswer{200, body}).direct(), "")
		if !errors.Is(err, ErrBadResponse) {
			t.Errorf("%s: %v, want ErrBadResponse", name, err)
		}
	}
	taken := map[string]struct {
		body     string
		interval time.Duration
		life     time.Duration
	}{
		"texts for numbers":  {alter(`"expires_in":900,"interval":5`, `"expires_in":"600","interval":"7"`), 7 * time.Second, 10 * time.Minute},
		"no numbers":         {alter(`"expires_in":900,"interval":5`, `"x":1`), 5 * time.Second, 15 * time.Minute},
		"numbers of nothing": {alter(`"expires_in":900,"interval":5`, `"expires_in":-1,"interval":0`), 5 * time.Second, 15 * time.Minute},
		"endless numbers":    {alter(`"expires_in":900,"interval":5`, `"expires_in":99999999999,"interval":99999999999`), time.Minute, time.Hour},
		"the older spelling": {alter("verification_uri", "verification_url"), 5 * time.Second, 15 * time.Minute},
	}
	for name, tt := range taken {
		synctest.Test(t, func(t *testing.T) {
			d, err := StartDeviceSignIn(t.Context(), newFakeAuthority("", fakeAnswer{200, tt.body}).direct(), "")
			if err != nil || d.interval != tt.interval || time.Until(d.Expires) != tt.life || d.VerificationURI != "https://www.microsoft.com/link" {
				t.Errorf("%s: %v, %+v", name, err, d)
			}
		})
	}
	d, err := StartDeviceSignIn(t.Context(), newFakeAuthority("", fakeAnswer{200, alter("To sign in", `To\u001b[31m\nsign\u202e in`)}).direct(), "")
	if err != nil || !strings.HasPrefix(d.Message, "To[31m sign in, use") {
		t.Errorf("%v, message %q", err, d.Message)
	}
}

// As a token source it asks the person only where it must, once for all who
// wait, and passes a challenge on.
func TestDeviceCodeAsTokenSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		authority := newFakeAuthority("")
		store := &MemoryTokens{}
		var prompts []DevicePrompt
		source, err := NewDeviceCode(store, authority.direct(), func(_ context.Context, p DevicePrompt) error {
			prompts = append(prompts, p)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		all := func(want string, is error) {
			t.Helper()
			var wg sync.WaitGroup
			for range 5 {
				wg.Go(func() {
					if got, err := source.Token(t.Context()); got.Reveal() != want || !errors.Is(err, is) {
						t.Errorf("%s, %v, want %s, %v", got.Reveal(), err, want, is)
					}
				})
			}
			wg.Wait()
		}
		all("access-1", nil)
		if kept, _ := store.Load(t.Context()); len(prompts) != 1 || kept.Refresh.Reveal() != "refresh-1" {
			t.Errorf("%d prompts, kept %s", len(prompts), kept.Refresh.Reveal())
		}
		time.Sleep(2 * time.Hour) // the refresh token is good
		all("access-2", nil)
		if len(prompts) != 1 {
			t.Errorf("%d prompts", len(prompts))
		}

		time.Sleep(2 * time.Hour) // it is not, until a second factor is shown
		authority.next = []fakeAnswer{{400, wantsSecondFactor}}
		all("access-3", nil)
		last := authority.asked[len(authority.asked)-1]
		if len(prompts) != 2 || last.Get("claims") != challenge {
			t.Errorf("%d prompts, claims %q", len(prompts), last.Get("claims"))
		}

		time.Sleep(2 * time.Hour) // declined: once for all who waited
		authority.refresh = ""
		authority.next = []fakeAnswer{{}, {}, {400, `{"error":"access_denied"}`}}
		all("", ErrSignInRequired)
		if len(prompts) != 3 {
			t.Errorf("%d prompts", len(prompts))
		}
		if err := source.SignIn(t.Context(), ""); err != nil || len(prompts) != 4 {
			t.Errorf("SignIn: %v after %d prompts", err, len(prompts))
		}
		all("access-4", nil)
	})

	gone := errors.New("there is no terminal")
	source, err := NewDeviceCode(&MemoryTokens{}, newFakeAuthority("").direct(), func(context.Context, DevicePrompt) error { return gone })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := source.Token(t.Context()); !errors.Is(err, gone) {
		t.Errorf("%v, want the prompt's own", err)
	}
	down, err := NewDeviceCode(NewMemoryTokens(NewSecret("x")), newFakeAuthority("x", fakeAnswer{503, ""}).direct(), func(context.Context, DevicePrompt) error {
		t.Error("the person is asked because the authority is down")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := down.Token(t.Context()); !errors.Is(err, ErrUnavailable) {
		t.Errorf("%v, want ErrUnavailable", err)
	}
}
