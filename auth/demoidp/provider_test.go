package demoidp_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"golang.org/x/oauth2"

	"github.com/rollcall-app/rollcall/auth/demoidp"
)

const (
	audience = "https://api.partnercenter.microsoft.com"
	priya    = "0a6c1e52-7f0b-4c38-9d55-1e2f3a4b5c61"
	lena     = "4ea05c96-bd4f-4a7c-9b99-5c6d7e8f9aa5"
	secret   = "client-secret-of-the-test"
	back     = "http://127.0.0.1:8080/sign-in/callback"
	home     = "http://127.0.0.1:8080/sign-in"
)

// station is a running provider and a client of it.
type station struct {
	*testing.T
	provider *demoidp.Provider
	issuer   string
	client   oauth2.Config
	verifier *oidc.IDTokenVerifier
	endpoint string // of end_session
	browser  *http.Client
}

func start(t *testing.T, change func(*demoidp.Options)) *station {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + server.Listener.Addr().String()
	opts := demoidp.Options{
		Issuer: issuer, ClientID: "rollcall-demo", ClientSecret: secret, Audience: audience,
		RedirectURIs: []string{back}, PostLogoutRedirectURIs: []string{home},
	}
	if change != nil {
		change(&opts)
	}
	provider, err := demoidp.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = provider
	server.Start()
	t.Cleanup(server.Close)

	discovered, err := oidc.NewProvider(t.Context(), issuer)
	if err != nil {
		t.Fatal(err)
	}
	var more struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := discovered.Claims(&more); err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &station{
		T: t, provider: provider, issuer: issuer, endpoint: more.EndSession,
		client:   oauth2.Config{ClientID: opts.ClientID, ClientSecret: opts.ClientSecret, Endpoint: discovered.Endpoint(), RedirectURL: back, Scopes: []string{"openid", "profile", "offline_access"}},
		verifier: discovered.Verifier(&oidc.Config{ClientID: opts.ClientID}),
		browser: &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
			if !strings.HasPrefix(r.URL.String(), issuer) {
				return http.ErrUseLastResponse // the client itself is not running
			}
			return nil
		}},
	}
}

func (s *station) do(r *http.Request) (*http.Response, string) {
	s.Helper()
	answer, err := s.browser.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		s.Fatal(err)
	}
	return answer, string(body)
}

func (s *station) get(address string) (*http.Response, string) {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), http.MethodGet, address, nil)
	if err != nil {
		s.Fatal(err)
	}
	return s.do(r)
}

func (s *station) post(address string, form url.Values, headers ...string) (*http.Response, string) {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return s.do(r)
}

var hiddenID = regexp.MustCompile(`name="id" value="([^"]+)"`)

// open asks for a sign-in and returns the page of people and the attempt's ID.
func (s *station) open(options ...oauth2.AuthCodeOption) (page, id string) {
	s.Helper()
	answer, page := s.get(s.client.AuthCodeURL("the-state", options...))
	found := hiddenID.FindStringSubmatch(page)
	if answer.StatusCode != http.StatusOK || found == nil {
		s.Fatalf("no page of people: %s\n%s", answer.Status, page)
	}
	return page, found[1]
}

// pick signs somebody in and returns where the browser is sent to.
func (s *station) pick(id, person string, more ...string) *url.URL {
	s.Helper()
	form := url.Values{"id": {id}, "person": {person}}
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	answer, body := s.post(s.issuer+"/pick", form)
	location, err := answer.Location()
	if err != nil {
		s.Fatalf("picked, but not sent back: %s\n%s", answer.Status, body)
	}
	return location
}

type tokens struct {
	*oauth2.Token
	id     *oidc.IDToken
	claims map[string]any // of the ID token
	access map[string]any // of the access token, unverified
}

// signIn walks the whole way and returns the tokens.
func (s *station) signIn(person string, options ...oauth2.AuthCodeOption) tokens {
	s.Helper()
	verifier := oauth2.GenerateVerifier()
	options = append(options, oauth2.S256ChallengeOption(verifier), oidc.Nonce("the-nonce"))
	_, id := s.open(options...)
	location := s.pick(id, person)
	if got := location.Query().Get("state"); got != "the-state" {
		s.Fatalf("state %q came back", got)
	}
	token, err := s.client.Exchange(s.Context(), location.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		s.Fatal(err)
	}
	return s.read(token)
}

func (s *station) read(token *oauth2.Token) tokens {
	s.Helper()
	raw, _ := token.Extra("id_token").(string)
	id, err := s.verifier.Verify(s.Context(), raw)
	if err != nil {
		s.Fatalf("ID token: %v", err)
	}
	if err := id.VerifyAccessToken(token.AccessToken); err != nil {
		s.Fatalf("at_hash: %v", err)
	}
	all := tokens{Token: token, id: id}
	if err := id.Claims(&all.claims); err != nil {
		s.Fatal(err)
	}
	keys := oidc.NewRemoteKeySet(s.Context(), s.issuer+"/keys")
	payload, err := keys.VerifySignature(s.Context(), token.AccessToken)
	if err != nil {
		s.Fatalf("access token: %v", err)
	}
	if err := json.Unmarshal(payload, &all.access); err != nil {
		s.Fatal(err)
	}
	return all
}

func (s *station) refresh(token string) (*oauth2.Token, error) {
	return s.client.TokenSource(s.Context(), &oauth2.Token{RefreshToken: token}).Token()
}

func wantInvalidGrant(t *testing.T, what string, err error) {
	t.Helper()
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok || refused.ErrorCode != "invalid_grant" {
		t.Errorf("%s: got %v, want invalid_grant", what, err)
	}
}

func TestTokensSayWhoIsSignedIn(t *testing.T) {
	s := start(t, nil)
	before := time.Now().Add(-time.Second)
	got := s.signIn(priya)

	if got.id.Nonce != "the-nonce" {
		t.Errorf("nonce %q", got.id.Nonce)
	}
	if diff := cmp.Diff([]string{audience, "rollcall-demo"}, got.id.Audience); diff != "" {
		t.Errorf("aud of the ID token (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{audience}, got.access["aud"]); diff != "" {
		t.Errorf("aud of the access token (-want +got):\n%s", diff)
	}
	for name, claims := range map[string]map[string]any{"ID token": got.claims, "access token": got.access} {
		want := map[string]any{
			"iss": s.issuer, "tid": "7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b", "oid": priya, "name": "Priya Nair",
			"upn": "priya.nair@fabrikam-cloud.example", "preferred_username": "priya.nair@fabrikam-cloud.example",
			"roles": []any{"Rollcall.Admin"}, "amr": []any{"pwd", "mfa"}, "acct": 0.0,
		}
		have := map[string]any{}
		for claim := range want {
			have[claim] = claims[claim]
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		at, ok := claims["auth_time"].(float64)
		if !ok || time.Unix(int64(at), 0).Before(before.Truncate(time.Second)) {
			t.Errorf("%s: auth_time %v is not now", name, claims["auth_time"])
		}
		if claims["sid"] == "" || claims["sid"] == nil {
			t.Errorf("%s has no sid", name)
		}
		if sub, _ := claims["sub"].(string); sub == "" || sub != got.id.Subject {
			t.Errorf("%s: sub %v", name, claims["sub"])
		}
		if claims["sub"] == priya {
			t.Errorf("%s: sub is the object ID, so mistaking one for the other would go unseen", name)
		}
	}
	if until := time.Until(got.Expiry); until < 59*time.Minute || until > time.Hour {
		t.Errorf("access token lives %v, want about an hour", until)
	}
}

func TestSomebodyWithoutRolesHasNoRolesClaim(t *testing.T) {
	s := start(t, nil)
	got := s.signIn(lena)
	if _, there := got.claims["roles"]; there || got.claims["tid"] != "9f8e7d6c-5b4a-4938-8271-605f4e3d2c1b" {
		t.Errorf("roles %v, tid %v", got.claims["roles"], got.claims["tid"])
	}
}

func TestUserinfoAnswersLikeTheIDToken(t *testing.T) {
	s := start(t, nil)
	got := s.signIn(priya)
	provider, err := oidc.NewProvider(t.Context(), s.issuer)
	if err != nil {
		t.Fatal(err)
	}
	info, err := provider.UserInfo(t.Context(), oauth2.StaticTokenSource(got.Token))
	if err != nil {
		t.Fatal(err)
	}
	var claims struct{ OID string }
	if err := info.Claims(&claims); err != nil || info.Subject != got.id.Subject || claims.OID != priya {
		t.Errorf("userinfo: sub %q, oid %q, %v", info.Subject, claims.OID, err)
	}
}

func TestTheDemoPeople(t *testing.T) {
	s := start(t, nil)
	page, _ := s.open(oauth2.S256ChallengeOption("v"))
	want := []string{
		"Priya Nair Admin agent", "Tomáš Dvořák Helpdesk agent", "Ama Mensah License manager", "Carsten Brandt Reader", "Lena Vogel Of another company",
	}
	if diff := cmp.Diff(want, buttons(t, page)); diff != "" {
		t.Errorf("buttons (-want +got):\n%s", diff)
	}
	for _, person := range demoidp.DemoPeople() {
		if got := s.signIn(person.ObjectID); got.claims["oid"] != person.ObjectID || got.claims["name"] != person.Name {
			t.Errorf("%s: signed in as %v", person.Name, got.claims["name"])
		}
	}
}

// buttons reads name and role off each button of the page.
func buttons(t *testing.T, page string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for node := range root.Descendants() {
		if node.Data != "button" {
			continue
		}
		var words []string
		for part := range node.Descendants() {
			for _, attribute := range part.Attr {
				if attribute.Key == "class" && (attribute.Val == "name" || attribute.Val == "title") && part.FirstChild != nil {
					words = append(words, part.FirstChild.Data)
				}
			}
		}
		found = append(found, strings.Join(words, " "))
	}
	return found
}

func TestCodeWorksOnceAndOnlyWithItsVerifier(t *testing.T) {
	s := start(t, nil)
	verifier := oauth2.GenerateVerifier()
	code := func() string {
		_, id := s.open(oauth2.S256ChallengeOption(verifier))
		return s.pick(id, priya).Query().Get("code")
	}

	_, err := s.client.Exchange(t.Context(), code(), oauth2.VerifierOption(oauth2.GenerateVerifier()))
	wantInvalidGrant(t, "another verifier", err)

	used := code()
	if _, err := s.client.Exchange(t.Context(), used, oauth2.VerifierOption(verifier)); err != nil {
		t.Fatal(err)
	}
	_, err = s.client.Exchange(t.Context(), used, oauth2.VerifierOption(verifier))
	wantInvalidGrant(t, "the same code again", err)

	wrong := s.client
	wrong.ClientSecret = "guess"
	if _, err := wrong.Exchange(t.Context(), code(), oauth2.VerifierOption(verifier)); err == nil {
		t.Error("a wrong client secret was taken")
	}
}

func TestAuthorizationIsRefused(t *testing.T) {
	s := start(t, nil)
	challenge := oauth2.S256ChallengeOption("v")
	tests := map[string]struct {
		options []oauth2.AuthCodeOption
		want    string // error at the client; empty: told here, nobody is sent anywhere
	}{
		"without PKCE":        {nil, "invalid_request"},
		"with plain PKCE":     {[]oauth2.AuthCodeOption{oauth2.SetAuthURLParam("code_challenge", "v"), oauth2.SetAuthURLParam("code_challenge_method", "plain")}, "invalid_request"},
		"with prompt=none":    {[]oauth2.AuthCodeOption{challenge, oauth2.SetAuthURLParam("prompt", "none")}, "login_required"},
		"for a token at once": {[]oauth2.AuthCodeOption{challenge, oauth2.SetAuthURLParam("response_type", "token")}, "unauthorized_client"},
		"back to a stranger":  {[]oauth2.AuthCodeOption{challenge, oauth2.SetAuthURLParam("redirect_uri", "https://evil.example/")}, ""},
		"of another client":   {[]oauth2.AuthCodeOption{challenge, oauth2.SetAuthURLParam("client_id", "other")}, ""},
		"with broken claims":  {[]oauth2.AuthCodeOption{challenge, oauth2.SetAuthURLParam("claims", "{")}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			answer, body := s.get(s.client.AuthCodeURL("the-state", tt.options...))
			location, err := answer.Location()
			if tt.want == "" {
				if err == nil || answer.StatusCode != http.StatusBadRequest {
					t.Errorf("got %s to %v, want 400\n%s", answer.Status, location, body)
				}
				return
			}
			if err != nil {
				t.Fatalf("%s\n%s", answer.Status, body)
			}
			values := location.Query()
			if fragment, err := url.ParseQuery(location.Fragment); err == nil && len(fragment) > 0 {
				values = fragment
			}
			if !strings.HasPrefix(location.String(), back) || values.Get("error") != tt.want {
				t.Errorf("sent to %s, want error=%s", location, tt.want)
			}
		})
	}
}

func TestEachSignInAsksAnew(t *testing.T) {
	s := start(t, nil)
	first := s.signIn(priya)
	for name, option := range map[string]oauth2.AuthCodeOption{
		"nothing asked": oauth2.SetAuthURLParam("ui_locales", "en"),
		"prompt=login":  oauth2.SetAuthURLParam("prompt", "login"),
		"max_age=0":     oauth2.SetAuthURLParam("max_age", "0"),
	} {
		t.Run(name, func(t *testing.T) {
			before := time.Now().Truncate(time.Second)
			again := (&station{T: t, provider: s.provider, issuer: s.issuer, client: s.client, verifier: s.verifier, browser: s.browser}).signIn(priya, option)
			at, _ := again.claims["auth_time"].(float64)
			if time.Unix(int64(at), 0).Before(before) {
				t.Errorf("auth_time %v is before the request, %v", at, before.Unix())
			}
			if again.claims["sid"] == first.claims["sid"] || again.id.Subject != first.id.Subject {
				t.Error("want a new sid and the same sub")
			}
		})
	}
}

func TestAnAttemptIsAnsweredOnce(t *testing.T) {
	s := start(t, nil)
	_, id := s.open(oauth2.S256ChallengeOption("v"))
	s.pick(id, priya)

	answer, body := s.post(s.issuer+"/pick", url.Values{"id": {id}, "person": {lena}})
	if answer.StatusCode != http.StatusGone || !strings.Contains(body, "This sign-in is over") {
		t.Errorf("second pick: %s\n%s", answer.Status, body)
	}
	answer, body = s.get(s.issuer + "/authorize/callback?id=" + id)
	if location, err := answer.Location(); err == nil && location.Query().Has("code") {
		t.Errorf("a second code was given out: %s", body)
	}
}

func TestPickIsRefused(t *testing.T) {
	s := start(t, nil)
	_, id := s.open(oauth2.S256ChallengeOption("v"))
	tests := map[string]struct {
		form    url.Values
		headers []string
		want    int
	}{
		"an unknown attempt":  {url.Values{"id": {"guess"}, "person": {priya}}, nil, http.StatusGone},
		"an unknown person":   {url.Values{"id": {id}, "person": {"nobody"}}, nil, http.StatusGone},
		"from another site":   {url.Values{"id": {id}, "person": {priya}}, []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		"from another origin": {url.Values{"id": {id}, "person": {priya}}, []string{"Origin", "https://evil.example"}, http.StatusForbidden},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if answer, body := s.post(s.issuer+"/pick", tt.form, tt.headers...); answer.StatusCode != tt.want {
				t.Errorf("got %s, want %d\n%s", answer.Status, tt.want, body)
			}
		})
	}
	s.pick(id, priya) // none of them used it up
}

func TestRefreshRotatesAndASecondUseEndsTheSignIn(t *testing.T) {
	s := start(t, nil)
	first := s.signIn(priya)

	second, err := s.refresh(first.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	renewed := s.read(second)
	if second.RefreshToken == first.RefreshToken || second.AccessToken == first.AccessToken {
		t.Error("tokens were not renewed")
	}
	for _, claim := range []string{"sub", "sid", "oid", "auth_time"} {
		if renewed.claims[claim] != first.claims[claim] {
			t.Errorf("%s changed from %v to %v", claim, first.claims[claim], renewed.claims[claim])
		}
	}
	if diff := cmp.Diff(first.access["aud"], renewed.access["aud"]); diff != "" {
		t.Errorf("aud of the renewed access token (-want +got):\n%s", diff)
	}

	_, err = s.refresh(first.RefreshToken)
	wantInvalidGrant(t, "the spent token", err)
	_, err = s.refresh(second.RefreshToken)
	wantInvalidGrant(t, "its successor, after that", err)
	_, err = s.refresh("never-seen")
	wantInvalidGrant(t, "an invented token", err)
}

func TestOfTwoRefreshesAtOnceOneWins(t *testing.T) {
	s := start(t, nil)
	token := s.signIn(priya).RefreshToken
	var all sync.WaitGroup
	results := make(chan error, 8)
	for range cap(results) {
		all.Go(func() {
			_, err := s.refresh(token)
			results <- err
		})
	}
	all.Wait()
	close(results)
	won := 0
	for err := range results {
		if err == nil {
			won++
		}
	}
	if won != 1 {
		t.Errorf("%d refreshes of one token succeeded", won)
	}
}

func TestSignOutEndsThatSignInOnly(t *testing.T) {
	s := start(t, nil)
	here, elsewhere := s.signIn(priya), s.signIn(priya)
	raw, _ := here.Extra("id_token").(string)

	answer, body := s.get(s.endpoint + "?" + url.Values{"id_token_hint": {raw}, "post_logout_redirect_uri": {home}, "state": {"s"}}.Encode())
	location, err := answer.Location()
	if err != nil || location.String() != home+"?state=s" {
		t.Errorf("sent to %v, %v\n%s", location, err, body)
	}
	_, err = s.refresh(here.RefreshToken)
	wantInvalidGrant(t, "the token of the ended sign-in", err)
	if _, err := s.refresh(elsewhere.RefreshToken); err != nil {
		t.Errorf("the other sign-in ended too: %v", err)
	}
}

func TestARevokedTokenIsDead(t *testing.T) {
	for _, kind := range []string{"refresh_token", "access_token"} {
		t.Run(kind, func(t *testing.T) {
			s := start(t, nil)
			got := s.signIn(priya)
			text := map[string]string{"refresh_token": got.RefreshToken, "access_token": got.AccessToken}[kind]
			answer, body := s.post(s.issuer+"/revoke", url.Values{"token": {text}, "client_id": {s.client.ClientID}, "client_secret": {secret}})
			if answer.StatusCode != http.StatusOK {
				t.Fatalf("%s\n%s", answer.Status, body)
			}
			_, err := s.refresh(got.RefreshToken)
			wantInvalidGrant(t, "after the revocation", err)
		})
	}
}

func TestSignOutGoesNowhereElse(t *testing.T) {
	s := start(t, nil)
	raw, _ := s.signIn(priya).Extra("id_token").(string)
	answer, _ := s.get(s.endpoint + "?" + url.Values{"id_token_hint": {raw}, "post_logout_redirect_uri": {"https://evil.example/"}}.Encode())
	if answer.StatusCode != http.StatusBadRequest {
		t.Errorf("got %s, want 400", answer.Status)
	}
	answer, body := s.get(s.endpoint)
	if answer.StatusCode != http.StatusOK || !strings.Contains(body, "You are signed out of the demo.") {
		t.Errorf("without a way back: %s\n%s", answer.Status, body)
	}
}

func TestFaultsArePlayed(t *testing.T) {
	s := start(t, nil)

	s.provider.SetFaults(demoidp.Faults{NoMFA: true, TokenLifetime: time.Minute})
	got := s.signIn(priya, oauth2.SetAuthURLParam("claims", `{"id_token":{"acrs":{"essential":true,"value":"c1"}}}`))
	if diff := cmp.Diff([]any{"pwd"}, got.claims["amr"]); diff != "" {
		t.Errorf("amr (-want +got):\n%s", diff)
	}
	if got.claims["acrs"] != nil {
		t.Errorf("acrs %v without a second factor", got.claims["acrs"])
	}
	if until := time.Until(got.Expiry); until > time.Minute || until < 50*time.Second {
		t.Errorf("access token lives %v, want a minute", until)
	}

	s.provider.SetFaults(demoidp.Faults{RefuseRefresh: true})
	_, err := s.refresh(got.RefreshToken)
	wantInvalidGrant(t, "refused on request", err)

	s.provider.SetFaults(demoidp.Faults{})
	if _, err := s.refresh(got.RefreshToken); err != nil {
		t.Errorf("after the fault: %v", err)
	}
}

func TestOneSignInWithoutASecondFactor(t *testing.T) {
	s := start(t, nil)
	verifier := oauth2.GenerateVerifier()
	_, id := s.open(oauth2.S256ChallengeOption(verifier))
	token, err := s.client.Exchange(t.Context(), s.pick(id, priya, "second_factor", "no").Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{"pwd"}, s.read(token).claims["amr"]); diff != "" {
		t.Errorf("amr (-want +got):\n%s", diff)
	}
}

// Who is sent back for a second factor reads why they are here again.
func TestTheRenewalSaysWhatGoesOn(t *testing.T) {
	s := start(t, nil)
	const why, refused = "Rollcall has sent you back to sign in again", "it is going to be refused"
	for name, tt := range map[string]struct {
		asks   []oauth2.AuthCodeOption
		faults demoidp.Faults
		reads  []string
		not    []string
	}{
		"the first time":      {nil, demoidp.Faults{}, nil, []string{why}},
		"somebody else":       {[]oauth2.AuthCodeOption{oauth2.SetAuthURLParam("prompt", "select_account")}, demoidp.Faults{}, nil, []string{why}},
		"contexts, at first":  {[]oauth2.AuthCodeOption{oauth2.SetAuthURLParam("claims", `{"id_token":{"acrs":{"value":"c1"}}}`)}, demoidp.Faults{}, nil, []string{why}},
		"again, by amr":       {[]oauth2.AuthCodeOption{oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("amr_values", "mfa")}, demoidp.Faults{}, []string{why, "unless you tick the box below"}, []string{refused}},
		"again, by contexts":  {[]oauth2.AuthCodeOption{oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("claims", `{"id_token":{"acrs":{"value":"c1"}}}`)}, demoidp.Faults{}, []string{why}, []string{refused}},
		"again, to no avail":  {[]oauth2.AuthCodeOption{oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("amr_values", "mfa")}, demoidp.Faults{NoMFA: true}, []string{why, refused}, nil},
		"anew, as themselves": {[]oauth2.AuthCodeOption{oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0")}, demoidp.Faults{}, nil, []string{why}},
	} {
		t.Run(name, func(t *testing.T) {
			s.provider.SetFaults(tt.faults)
			page, _ := s.open(append(tt.asks, oauth2.S256ChallengeOption(oauth2.GenerateVerifier()))...)
			page = strings.Join(strings.Fields(page), " ")
			for _, words := range tt.reads {
				if !strings.Contains(page, words) {
					t.Errorf("%q is not on the page", words)
				}
			}
			for _, words := range tt.not {
				if strings.Contains(page, words) {
					t.Errorf("%q is on the page", words)
				}
			}
		})
	}
}

func TestContextsThatWereAskedForAreShown(t *testing.T) {
	s := start(t, nil)
	got := s.signIn(priya, oauth2.SetAuthURLParam("claims", `{"id_token":{"acrs":{"essential":true,"value":"c1"}}}`))
	if diff := cmp.Diff([]any{"c1"}, got.claims["acrs"]); diff != "" {
		t.Errorf("acrs (-want +got):\n%s", diff)
	}
}

func TestARenewedTokenShowsThePersonAsTheyAreNow(t *testing.T) {
	s := start(t, nil)
	got := s.signIn(priya)
	people := demoidp.DemoPeople()
	people[0].Roles = []string{"Rollcall.Reader"}
	s.provider.SetPeople(people)
	renewed, err := s.refresh(got.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{"Rollcall.Reader"}, s.read(renewed).claims["roles"]); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}

	s.provider.SetPeople(people[1:])
	_, err = s.refresh(renewed.RefreshToken)
	wantInvalidGrant(t, "somebody who left", err)
}

func TestVerifyAccessToken(t *testing.T) {
	s := start(t, nil)
	got := s.signIn(priya)
	claims, err := s.provider.VerifyAccessToken(t.Context(), got.AccessToken)
	if err != nil || claims.ObjectID != priya || claims.TenantID != "7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b" || !claims.MFA() || claims.Expiry.IsZero() {
		t.Errorf("claims %+v, %v", claims, err)
	}

	other := start(t, nil)
	s.provider.SetFaults(demoidp.Faults{TokenLifetime: time.Nanosecond})
	raw, _ := got.Extra("id_token").(string)
	for name, token := range map[string]string{
		"of another provider":  other.signIn(priya).AccessToken,
		"expired":              s.signIn(priya).AccessToken,
		"with a byte changed":  flipped(got.AccessToken),
		"no token at all":      "rollcall",
		"without a signature":  got.AccessToken[:strings.LastIndexByte(got.AccessToken, '.')+1],
		"an ID token, cut off": raw[:len(raw)/2],
	} {
		if claims, err := s.provider.VerifyAccessToken(t.Context(), token); err == nil {
			t.Errorf("%s: accepted as %+v", name, claims)
		}
	}
}

// flipped changes one letter in the middle of a token's payload.
func flipped(token string) string {
	parts := strings.Split(token, ".")
	middle := []byte(parts[1])
	middle[len(middle)/2] ^= 1
	return parts[0] + "." + string(middle) + "." + parts[2]
}

func TestPagesKeepTheirPolicy(t *testing.T) {
	s := start(t, nil)
	answer, page := s.get(s.client.AuthCodeURL("s", oauth2.S256ChallengeOption("v")))
	want := "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self' http://127.0.0.1:8080"
	if got := answer.Header.Get("Content-Security-Policy"); got != want {
		t.Errorf("policy %q\nwant   %q", got, want)
	}
	if got := answer.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}

	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	loaded := 0
	for node := range root.Descendants() {
		if node.Data == "script" || node.Data == "style" {
			t.Errorf("<%s> on the page", node.Data)
		}
		for _, attribute := range node.Attr {
			if attribute.Key == "style" || strings.HasPrefix(attribute.Key, "on") {
				t.Errorf("<%s %s=…> on the page", node.Data, attribute.Key)
			}
			if node.Data == "link" && attribute.Key == "href" {
				file, body := s.get(s.issuer + attribute.Val)
				if file.StatusCode != http.StatusOK || body == "" || file.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
					t.Errorf("%s: %s, %s", attribute.Val, file.Status, file.Header.Get("Cache-Control"))
				}
				loaded++
			}
		}
	}
	if loaded != 2 {
		t.Errorf("%d files linked, want the stylesheet and the icon", loaded)
	}
}

func TestHintedPersonHasFocus(t *testing.T) {
	s := start(t, nil)
	page, _ := s.open(oauth2.S256ChallengeOption("v"), oauth2.SetAuthURLParam("login_hint", "Lena.Vogel@wingtip.example"))
	if !strings.Contains(page, `value="`+lena+`" autofocus`) || strings.Count(page, "autofocus") != 1 {
		t.Errorf("want the focus on Lena Vogel alone:\n%s", page)
	}
}

func TestNamesAreEscaped(t *testing.T) {
	s := start(t, func(o *demoidp.Options) {
		o.People = []demoidp.Person{{ObjectID: "x", Name: "<img src=x>", Title: "<script>", Description: `"><b>`}}
	})
	page, _ := s.open(oauth2.S256ChallengeOption("v"))
	if strings.Contains(page, "<img src=x>") || strings.Contains(page, "<script>") || strings.Contains(page, `"><b>"`) {
		t.Errorf("markup of a name on the page:\n%s", page)
	}
}

func TestOtherHostsAndEndpointsAreClosed(t *testing.T) {
	s := start(t, nil)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.issuer+"/.well-known/openid-configuration", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "evil.example"
	if answer, _ := s.do(r); answer.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("another host: %s, want 421", answer.Status)
	}
	for _, path := range []string{"/oauth/introspect", "/device_authorization", "/", "/healthz"} {
		if answer, _ := s.get(s.issuer + path); answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s, want 404", path, answer.Status)
		}
	}
	answer, _ := s.get(s.issuer + "/.well-known/openid-configuration")
	if got := answer.Header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("other origins may read: %q", got)
	}
}

func TestNewRefusesWhatIsNotSafe(t *testing.T) {
	good := demoidp.Options{Issuer: "http://127.0.0.1:8082", ClientID: "c", Audience: audience, RedirectURIs: []string{back}}
	for name, change := range map[string]func(*demoidp.Options){
		"an issuer others can reach": func(o *demoidp.Options) { o.Issuer = "https://login.example" },
		"an issuer on all networks":  func(o *demoidp.Options) { o.Issuer = "http://0.0.0.0:8082" },
		"an issuer with a path":      func(o *demoidp.Options) { o.Issuer += "/tenant" },
		"an issuer that is none":     func(o *demoidp.Options) { o.Issuer = "127.0.0.1:8082" },
		"no client":                  func(o *demoidp.Options) { o.ClientID = "" },
		"no audience":                func(o *demoidp.Options) { o.Audience = "" },
		"no way back":                func(o *demoidp.Options) { o.RedirectURIs = nil },
	} {
		opts := good
		change(&opts)
		if _, err := demoidp.New(opts); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := demoidp.New(good); err != nil {
		t.Errorf("the unchanged options: %v", err)
	}
}

func TestPublicClientNeedsNoSecret(t *testing.T) {
	s := start(t, func(o *demoidp.Options) { o.ClientSecret = "" })
	s.client.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	if got := s.signIn(priya); got.claims["oid"] != priya {
		t.Errorf("signed in as %v", got.claims["oid"])
	}
}

func ExampleNew() {
	server := httptest.NewUnstartedServer(nil) // listens: the issuer is known before the provider is made
	defer server.Close()
	issuer := "http://" + server.Listener.Addr().String()
	provider, err := demoidp.New(demoidp.Options{
		Issuer: issuer, ClientID: "rollcall-demo", Audience: "https://api.partnercenter.microsoft.com",
		RedirectURIs: []string{"http://127.0.0.1:8080/sign-in/callback"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	server.Config.Handler = provider
	server.Start()

	discovered, err := oidc.NewProvider(context.Background(), issuer)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.TrimPrefix(discovered.Endpoint().AuthURL, issuer))
	// Output: /authorize
}
