package auth

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"golang.org/x/oauth2"
)

// fakeProvider is an OpenID provider that signs everybody in at once, as the
// person that its claims describe, and can be made to misbehave. It is strict
// where a real one is: a code works once, with its verifier and its redirect
// URI; a refresh token works once, and its second use ends all that came of it.
type fakeProvider struct {
	t      testing.TB
	server *httptest.Server
	now    func() time.Time

	mu          sync.Mutex
	claims      map[string]any                // of the ID token
	refreshed   map[string]any                // of refreshed ID tokens, over claims; nil value: left out
	alter       func(claims map[string]any)   // the last word on an ID token's claims
	token       http.HandlerFunc              // answers the token endpoint instead, unless nil
	sign        func(payload []byte) string   // signs instead, unless nil
	answer      func(q url.Values)            // the last word on what goes back to the client
	discovery   func(document map[string]any) // likewise on the discovery document
	noRefresh   bool                          // gives no refresh tokens
	noRefreshID bool                          // refreshes without an ID token
	lifetime    time.Duration                 // of access tokens
	keysDown    bool
	hold        chan struct{} // refreshes wait for it, unless nil
	holding     chan struct{} // gets one for each that waits

	codes    map[string]codeGiven
	families map[string]string // refresh token to its sign-in
	current  map[string]string // sign-in to its valid refresh token

	asked     []url.Values // at the authorization endpoint
	refreshes int
	revoked   []string
	exchanged int
}

type codeGiven struct {
	challenge, redirect, nonce string
}

const (
	clientID     = "rollcall-test"
	clientSecret = "client-secret-of-the-test"
	partnerID    = "7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b"
	priyaID      = "0a6c1e52-7f0b-4c38-9d55-1e2f3a4b5c61"
	apiURI       = "https://api.partnercenter.microsoft.com"
)

// signingKey is made once: it takes a while.
var signingKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func newFakeProvider(t testing.TB, now func() time.Time) *fakeProvider {
	f := &fakeProvider{
		t: t, now: now, lifetime: time.Hour,
		codes: map[string]codeGiven{}, families: map[string]string{}, current: map[string]string{},
		claims: map[string]any{
			"sub": "priya-sub", "tid": partnerID, "oid": priyaID, "name": "Priya Nair", "preferred_username": "priya.nair@fabrikam-cloud.example",
			"roles": []string{"Rollcall.Admin"}, "amr": []string{"pwd", "mfa"}, "sid": "provider-session", "acct": 0,
		},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", f.serveDiscovery)
	mux.HandleFunc("GET /keys", f.serveKeys)
	mux.HandleFunc("GET /authorize", f.serveAuthorize)
	mux.HandleFunc("POST /token", f.serveToken)
	mux.HandleFunc("POST /revoke", f.serveRevoke)
	f.server = httptest.NewServer(mux)
	t.Cleanup(f.server.Close)
	return f
}

func (f *fakeProvider) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fakeProvider) counts() (refreshes, exchanged int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.refreshes, f.exchanged
}

// lastAsked is what the newest authorization request asked for.
func (f *fakeProvider) lastAsked() url.Values {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked[len(f.asked)-1]
}

func (f *fakeProvider) serveDiscovery(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	document := map[string]any{
		"issuer": f.server.URL, "authorization_endpoint": f.server.URL + "/authorize", "token_endpoint": f.server.URL + "/token",
		"jwks_uri": f.server.URL + "/keys", "end_session_endpoint": f.server.URL + "/end_session?hint=1", "revocation_endpoint": f.server.URL + "/revoke",
		"id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic"},
	}
	if f.discovery != nil {
		f.discovery(document)
	}
	f.writeJSON(w, http.StatusOK, document)
}

func (f *fakeProvider) serveKeys(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.keysDown {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	f.writeJSON(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: signingKey().Public(), KeyID: "k1", Algorithm: "RS256", Use: "sig"}}})
}

// serveAuthorize signs in whoever comes, and sends them back with a code.
func (f *fakeProvider) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := r.URL.Query()
	f.asked = append(f.asked, q)
	if q.Get("code_challenge_method") != "S256" || q.Get("client_id") != clientID || q.Get("response_type") != "code" || q.Get("response_mode") != "query" {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	code := rand.Text()
	f.codes[code] = codeGiven{q.Get("code_challenge"), q.Get("redirect_uri"), q.Get("nonce")}
	back := url.Values{"code": {code}, "state": {q.Get("state")}}
	if f.answer != nil {
		f.answer(back)
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusSeeOther)
}

func (f *fakeProvider) serveToken(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		f.t.Error(err)
	}
	f.mu.Lock()
	instead, hold, holding := f.token, f.hold, f.holding
	f.mu.Unlock()
	if r.PostForm.Get("grant_type") == "refresh_token" && hold != nil {
		holding <- struct{}{}
		<-hold
	}
	if instead != nil {
		instead(w, r)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if id, secret, ok := r.BasicAuth(); !ok || id != clientID || secret != clientSecret {
		f.refuse(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	switch r.PostForm.Get("grant_type") {
	case "authorization_code":
		f.exchanged++
		given, ok := f.codes[r.PostForm.Get("code")]
		delete(f.codes, r.PostForm.Get("code"))
		sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
		if !ok || given.challenge != base64.RawURLEncoding.EncodeToString(sum[:]) || given.redirect != r.PostForm.Get("redirect_uri") {
			f.refuse(w, http.StatusBadRequest, "invalid_grant")
			return
		}
		f.give(w, rand.Text(), map[string]any{"nonce": given.nonce}, true)
	case "refresh_token":
		f.refreshes++
		signIn, ok := f.families[r.PostForm.Get("refresh_token")]
		if !ok || f.current[signIn] != r.PostForm.Get("refresh_token") {
			delete(f.current, signIn) // used twice: all of it ends
			f.refuse(w, http.StatusBadRequest, "invalid_grant")
			return
		}
		f.give(w, signIn, f.refreshed, !f.noRefreshID)
	default:
		f.refuse(w, http.StatusBadRequest, "unsupported_grant_type")
	}
}

// give answers with tokens of a sign-in.
func (f *fakeProvider) give(w http.ResponseWriter, signIn string, over map[string]any, withID bool) {
	access := "access-" + rand.Text()
	answer := map[string]any{"token_type": "Bearer", "access_token": access, "expires_in": int(f.lifetime / time.Second)}
	if !f.noRefresh {
		refresh := "refresh-" + rand.Text()
		f.families[refresh], f.current[signIn] = signIn, refresh
		answer["refresh_token"] = refresh
	}
	if withID {
		answer["id_token"] = f.idToken(over)
	}
	f.writeJSON(w, http.StatusOK, answer)
}

func (f *fakeProvider) idToken(over map[string]any) string {
	now := f.now()
	claims := map[string]any{
		"iss": f.server.URL, "aud": []string{clientID}, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "auth_time": now.Unix(),
	}
	maps.Copy(claims, f.claims)
	for name, value := range over {
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
	}
	if f.alter != nil {
		f.alter(claims)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		f.t.Error(err)
	}
	if f.sign != nil {
		return f.sign(payload)
	}
	return signWith(f.t, jose.RS256, signingKey(), "k1", payload)
}

func signWith(t testing.TB, algorithm jose.SignatureAlgorithm, key any, id string, payload []byte) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: id}}, nil)
	if err != nil {
		t.Error(err)
		return ""
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Error(err)
		return ""
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Error(err)
	}
	return text
}

func (f *fakeProvider) serveRevoke(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		f.t.Error(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if id, secret, ok := r.BasicAuth(); !ok || id != clientID || secret != clientSecret {
		f.refuse(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	f.revoked = append(f.revoked, r.PostForm.Get("token"))
}

func (f *fakeProvider) refuse(w http.ResponseWriter, status int, code string) {
	f.writeJSON(w, status, map[string]any{"error": code, "error_description": "described with a secret: " + clientSecret})
}

func (f *fakeProvider) writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		f.t.Error(err)
	}
}

// challengeOf is what a verifier's challenge looks like.
func challengeOf(verifier string) string { return oauth2.S256ChallengeFromVerifier(verifier) }

// unsigned makes a token that says it needs no signature.
func unsigned(payload []byte) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode(payload) + "."
}

// changed flips the payload of a signed token.
func changed(token string) string {
	parts := strings.Split(token, ".")
	body := []byte(parts[1])
	body[len(body)/2] ^= 1
	return parts[0] + "." + string(body) + "." + parts[2]
}
