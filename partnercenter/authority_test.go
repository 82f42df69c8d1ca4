package partnercenter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

const (
	testTenant = "7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b"
	testClient = "0f1e2d3c-4b5a-4697-8877-665544332211"
)

// fakeAuthority is a token endpoint that changes the refresh token with each
// use and takes the old one no more.
type fakeAuthority struct {
	mu      sync.Mutex
	refresh string       // the one it takes
	expires string       // JSON of expires_in
	next    []fakeAnswer // what it answers first instead
	asked   []url.Values
	paths   []string
	issued  int
}

type fakeAnswer struct {
	status int
	body   string
}

func (f *fakeAuthority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := r.ParseForm(); err != nil || r.Method != http.MethodPost || r.URL.RawQuery != "" ||
		r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		http.Error(w, "not a form", http.StatusBadRequest)
		return
	}
	f.asked, f.paths = append(f.asked, r.PostForm), append(f.paths, r.URL.Path)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if len(f.next) > 0 {
		next := f.next[0]
		f.next = f.next[1:]
		if next.status != 0 {
			w.WriteHeader(next.status)
			_, _ = w.Write([]byte(next.body))
			return
		}
	}
	switch grant := r.PostForm.Get("grant_type"); {
	case strings.HasSuffix(r.URL.Path, "/devicecode"):
		_, _ = w.Write([]byte(deviceAnswer))
	case grant == "refresh_token" && r.PostForm.Get("refresh_token") == f.refresh,
		grant == deviceGrant && r.PostForm.Get("device_code") == "device-code-1":
		f.issued++
		f.refresh = fmt.Sprint("refresh-", f.issued)
		fmt.Fprintf(w, `{"token_type":"Bearer","scope":"user_impersonation","expires_in":%s,"access_token":"access-%d","refresh_token":"%s"}`, f.expires, f.issued, f.refresh)
	default:
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"invalid_grant","error_description":"AADSTS70008: the token ` + r.PostForm.Get("refresh_token") + ` has expired","error_codes":[70008],"correlation_id":"` + otherID + `"}`))
	}
}

const deviceAnswer = `{"user_code":"YZMYLD4K","device_code":"device-code-1","verification_uri":"https://www.microsoft.com/link","expires_in":900,"interval":5,` +
	`"message":"To sign in, use a web browser to open the page https://www.microsoft.com/link and enter the code YZMYLD4K to authenticate."}`

// times is how often it was asked.
func (f *fakeAuthority) times() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.asked)
}

func newFakeAuthority(first string, answers ...fakeAnswer) *fakeAuthority {
	return &fakeAuthority{refresh: first, expires: "3600", next: answers}
}

// served is the authority behind a socket, and the options for it.
func (f *fakeAuthority) served(t *testing.T) TokenOptions {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	cloud := Global
	cloud.Authority = server.URL
	return TokenOptions{Cloud: cloud, Tenant: testTenant, ClientID: testClient}
}

// direct is the authority without a socket, for a bubble in time.
func (f *fakeAuthority) direct() TokenOptions {
	return TokenOptions{Tenant: testTenant, ClientID: testClient, Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		w := httptest.NewRecorder()
		f.ServeHTTP(w, r)
		return w.Result(), nil
	})}
}

// The answer that Entra gives where a policy wants a second factor (the body of
// AzureAD/microsoft-authentication-library-for-js issue 5491).
const wantsSecondFactor = `{"error":"invalid_grant","error_description":"AADSTS50076: Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access 'fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd'.","error_codes":[50076],"timestamp":"2023-01-04 19:44:18Z","trace_id":"64ab9ad5-447a-432c-ba42-83784ad85800","correlation_id":"` + otherID + `","error_uri":"https://login.microsoftonline.com/error?code=50076","suberror":"basic_action","claims":"{\"access_token\":{\"capolids\":{\"essential\":true,\"values\":[\"GUID\"]}}}"}`

const challenge = `{"access_token":{"capolids":{"essential":true,"values":["GUID"]}}}`

func TestWhatTheAuthorityRefuses(t *testing.T) {
	tests := map[string]struct {
		status int
		body   string
		is     []error
		isNot  []error
		code   string
	}{
		"a dead refresh token":       {400, `{"error":"invalid_grant","error_codes":[70008]}`, []error{ErrSignInRequired, ErrUnauthorized}, []error{ErrMFARequired, ErrUnavailable}, "invalid_grant"},
		"a second factor":            {400, wantsSecondFactor, []error{ErrMFARequired, ErrSignInRequired, ErrUnauthorized}, nil, "invalid_grant"},
		"interaction":                {400, `{"error":"interaction_required","error_codes":[53003]}`, []error{ErrSignInRequired}, []error{ErrMFARequired}, "interaction_required"},
		"a factor to be set up":      {401, `{"error":"interaction_required","error_codes":[1,50079]}`, []error{ErrMFARequired}, nil, "interaction_required"},
		"consent":                    {400, `{"error":"consent_required"}`, []error{ErrSignInRequired}, nil, "consent_required"},
		"an unknown program":         {401, `{"error":"invalid_client","error_codes":[7000215]}`, []error{ErrBadRequest}, []error{ErrSignInRequired, ErrUnauthorized}, "invalid_client"},
		"a wrong scope":              {400, `{"error":"invalid_scope"}`, []error{ErrBadRequest}, []error{ErrSignInRequired}, "invalid_scope"},
		"too many requests":          {429, `{"error":"invalid_grant"}`, []error{ErrUnavailable}, []error{ErrSignInRequired}, "invalid_grant"},
		"its own failure":            {503, `<html>`, []error{ErrUnavailable}, []error{ErrSignInRequired}, ""},
		"its own failure, coded":     {400, `{"error":"temporarily_unavailable"}`, []error{ErrUnavailable}, []error{ErrSignInRequired}, "temporarily_unavailable"},
		"a redirect":                 {302, ``, []error{ErrBadResponse}, []error{ErrSignInRequired}, ""},
		"a page":                     {400, `<html>invalid_grant`, []error{ErrBadResponse}, []error{ErrSignInRequired}, ""},
		"a success of HTML":          {200, `<html>`, []error{ErrBadResponse}, nil, ""},
		"a success of nothing":       {200, `{}`, []error{ErrBadResponse}, nil, ""},
		"a token of another kind":    {200, `{"token_type":"mac","access_token":"a"}`, []error{ErrBadResponse}, nil, ""},
		"a token that can't be sent": {200, `{"token_type":"Bearer","access_token":"a b"}`, []error{ErrBadResponse}, nil, ""},
		"an error in a success":      {200, `{"error":"invalid_grant"}`, []error{ErrBadResponse}, nil, ""},
		"a book":                     {200, `{"token_type":"Bearer","access_token":"` + strings.Repeat("a", 2<<20) + `"}`, []error{ErrBadResponse}, nil, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			authority := newFakeAuthority("refresh-0", fakeAnswer{tt.status, tt.body})
			source, err := NewRefreshTokens(NewMemoryTokens(NewSecret("refresh-0")), authority.served(t))
			if err != nil {
				t.Fatal(err)
			}
			client, err := New(source, Options{Transport: &answers{}})
			if err != nil {
				t.Fatal(err)
			}
			err = listUsers(t.Context(), client) // as a caller sees it
			failed, ok := errors.AsType[*SignInError](err)
			if !ok || failed.Op != "tokens.Refresh" || failed.Status != tt.status || failed.Code != tt.code {
				t.Fatalf("%v, %+v", err, failed)
			}
			for _, want := range tt.is {
				if !errors.Is(err, want) {
					t.Errorf("%v is not %v", err, want)
				}
			}
			for _, not := range tt.isNot {
				if errors.Is(err, not) {
					t.Errorf("%v is %v", err, not)
				}
			}
			if authority.times() != 1 {
				t.Errorf("asked %d times", authority.times())
			}
			if name == "a second factor" && (failed.Claims != challenge || failed.CorrelationID != otherID || failed.Suberror != "basic_action" || len(failed.Numbers) != 1 ||
				!strings.Contains(err.Error(), "invalid_grant AADSTS50076 (correlation ID "+otherID+")")) {
				t.Errorf("%v, %+v", err, failed)
			}
		})
	}
}

func TestClaimsThatAreNoneAreDropped(t *testing.T) {
	for _, claims := range []string{`x`, `{"a":`, `{"a":"` + strings.Repeat("x", 9000) + `"}`} {
		body, err := json.Marshal(map[string]string{"error": "interaction_required", "claims": claims})
		if err != nil {
			t.Fatal(err)
		}
		if e := refusedSignIn("x", 400, nil, body, nil); e.Claims != "" {
			t.Errorf("claims %.40q are kept", e.Claims)
		}
	}
}

func TestTokenOptionsAreChecked(t *testing.T) {
	elsewhere := Cloud{Authority: "http://login.example", Resource: "https://r.example"}
	bad := map[string]struct {
		opts     TokenOptions
		mistakes int
	}{
		"nothing":               {TokenOptions{}, 2},
		"no program":            {TokenOptions{Tenant: testTenant}, 1},
		"common":                {TokenOptions{Tenant: "common", ClientID: testClient}, 1},
		"organizations":         {TokenOptions{Tenant: "organizations", ClientID: testClient}, 1},
		"a path":                {TokenOptions{Tenant: "a.example/../b.example", ClientID: testClient}, 1},
		"a broken program":      {TokenOptions{Tenant: testTenant, ClientID: "a b"}, 1},
		"a broken scope":        {TokenOptions{Tenant: testTenant, ClientID: testClient, Scopes: []string{"a b", "c"}}, 1},
		"without TLS":           {TokenOptions{Cloud: elsewhere, Tenant: testTenant, ClientID: testClient}, 1},
		"no authority":          {TokenOptions{Cloud: Cloud{Resource: "x"}, Tenant: testTenant, ClientID: testClient}, 1},
		"a user in the address": {TokenOptions{TokenURL: "https://u:hunter2@login.example/token", ClientID: testClient}, 1},
		"codes without TLS":     {TokenOptions{TokenURL: "https://login.example/token", DeviceURL: "http://login.example/device", ClientID: testClient}, 1},
	}
	for name, tt := range bad {
		_, err := NewRefreshTokens(NewMemoryTokens(Secret{}), tt.opts)
		if err == nil || strings.Count(err.Error(), "\n") != tt.mistakes-1 || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %d mistakes", name, err, tt.mistakes)
		}
	}
	if _, err := NewRefreshTokens(nil, TokenOptions{Tenant: testTenant, ClientID: testClient}); err == nil {
		t.Error("no store is taken")
	}
	if _, err := NewDeviceCode(NewMemoryTokens(Secret{}), TokenOptions{Tenant: testTenant, ClientID: testClient}, nil); err == nil {
		t.Error("no prompt is taken")
	}
	for name, tt := range map[string]struct {
		opts          TokenOptions
		token, device string
	}{
		"global":       {TokenOptions{Tenant: testTenant}, "https://login.microsoftonline.com/" + testTenant + "/oauth2/v2.0/token", "https://login.microsoftonline.com/" + testTenant + "/oauth2/v2.0/devicecode"},
		"a domain":     {TokenOptions{Cloud: USGovernment, Tenant: "contoso.example"}, "https://login.microsoftonline.us/contoso.example/oauth2/v2.0/token", "https://login.microsoftonline.us/contoso.example/oauth2/v2.0/devicecode"},
		"another's":    {TokenOptions{TokenURL: "https://id.example/token", DeviceURL: "https://id.example/device"}, "https://id.example/token", "https://id.example/device"},
		"refresh only": {TokenOptions{TokenURL: "http://127.0.0.1:1/token"}, "http://127.0.0.1:1/token", "<nil>"},
	} {
		tt.opts.ClientID = testClient
		a, err := newAuthority(tt.opts)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if token, device := fmt.Sprint(a.tokenURL), fmt.Sprint(a.deviceURL); token != tt.token || device != tt.device {
			t.Errorf("%s: %s and %s", name, token, device)
		}
	}
	_, err := StartDeviceSignIn(context.Background(), TokenOptions{TokenURL: "https://id.example/token", ClientID: testClient}, "")
	if !errors.Is(err, ErrBadRequest) {
		t.Errorf("a sign-in without an address: %v", err)
	}
}
