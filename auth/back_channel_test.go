package auth

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/internal/store/storetest"
)

const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// logoutToken makes a logout token as the provider would, then altered.
func (r *rig) logoutToken(id string, alter func(map[string]any)) string {
	r.Helper()
	now := r.clock()
	claims := map[string]any{
		"iss": r.provider.server.URL, "aud": clientID, "iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(), "jti": id,
		"sub": "priya-sub", "sid": "provider-session", "events": map[string]any{logoutEvent: map[string]any{}},
	}
	if alter != nil {
		alter(claims)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		r.Fatal(err)
	}
	return signWith(r.TB, jose.RS256, signingKey(), "k1", payload)
}

func (r *rig) logout(token string) *httptest.ResponseRecorder {
	req := httptest.NewRequestWithContext(r.Context(), "POST", baseURL+"/sign-in/logout-token", strings.NewReader(url.Values{"logout_token": {token}}.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	r.BackChannelLogout(w, req)
	return w
}

func TestBackChannelLogout(t *testing.T) {
	storetest.EachShared(t, func(t *testing.T, dsn string) {
		r := newRig(t, dsn, nil)
		_, _, other := r.process(r.cfg)
		laptop, phone, another := r.browser(), r.browser(), r.browser()
		laptop.mustSignIn()
		r.provider.set(func() { r.provider.claims["sid"] = "phone" })
		phone.mustSignIn()
		r.provider.set(func() {
			r.provider.claims["sub"], r.provider.claims["oid"] = "ann-sub", "1b7d2f63-8a1c-4d49-8e66-2f3a4b5c6d72"
		})
		another.mustSignIn()
		there := &browser{rig: r, service: other, cookies: laptop.cookies}
		there.must()

		if w := r.logout(r.logoutToken("1", nil)); w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" || w.Body.Len() != 0 {
			t.Fatalf("answered %d %q", w.Code, w.Body)
		}
		wants(t, second(laptop.principal()), ErrSessionEnded) // at once here
		r.wait(cachedFor)
		wants(t, second(there.principal()), ErrSessionEnded) // and soon there
		phone.must()                                         // another session of the provider's
		another.must()                                       // another person

		// Without a session it is the whole person; without a person, the session alone.
		laptop.service = r.Service
		r.provider.set(func() { r.provider.claims["sub"], r.provider.claims["oid"] = "priya-sub", priyaID })
		laptop.mustSignIn()
		if w := r.logout(r.logoutToken("2", func(c map[string]any) { delete(c, "sid") })); w.Code != http.StatusOK {
			t.Fatalf("answered %d", w.Code)
		}
		wants(t, second(laptop.principal()), ErrSessionEnded)
		wants(t, second(phone.principal()), ErrSessionEnded)
		another.must()
		phone.mustSignIn()
		if w := r.logout(r.logoutToken("3", func(c map[string]any) { delete(c, "sub"); c["sid"] = "phone" })); w.Code != http.StatusOK {
			t.Fatalf("answered %d", w.Code)
		}
		wants(t, second(phone.principal()), ErrSessionEnded)

		// Nobody to log out is no error, and is on the trail all the same.
		if w := r.logout(r.logoutToken("4", nil)); w.Code != http.StatusOK {
			t.Errorf("answered %d", w.Code)
		}
		ended := 0
		for _, kind := range r.kinds() {
			if kind == "session.ended: ended by the provider" {
				ended++
			}
		}
		if ended != 4 {
			t.Errorf("%d entries, want 4: %v", ended, r.kinds())
		}
	})
}

func TestLogoutTokensThatAreNone(t *testing.T) {
	set := func(name string, value any) func(map[string]any) {
		return func(c map[string]any) {
			if c[name] = value; value == nil {
				delete(c, name)
			}
		}
	}
	r := newRig(t, storetest.Memory, nil)
	b := r.browser()
	var idToken string
	r.provider.set(func() {
		r.provider.sign = func(p []byte) string { idToken = signWith(t, jose.RS256, signingKey(), "k1", p); return idToken }
	})
	b.mustSignIn()
	now := r.clock()
	used := r.logoutToken("used", func(c map[string]any) { c["sub"] = "nobody" })
	if w := r.logout(used); w.Code != http.StatusOK {
		t.Fatalf("answered %d", w.Code)
	}
	for name, token := range map[string]string{
		"nothing":                 "",
		"no token":                "x.y.z",
		"no JSON":                 "eyJhbGciOiJSUzI1NiJ9.bm8gSlNPTg.x",
		"huge":                    strings.Repeat("x", longestLogout+1),
		"used before":             used,
		"an ID token":             idToken,
		"changed":                 changed(r.logoutToken("5", nil)),
		"not signed":              unsigned([]byte(`{"iss":"` + r.provider.server.URL + `"}`)),
		"another issuer":          r.logoutToken("6", set("iss", "https://evil.example")),
		"no issuer":               r.logoutToken("7", set("iss", nil)),
		"for another":             r.logoutToken("8", set("aud", "another")),
		"for others, too":         r.logoutToken("9", set("aud", []string{clientID, "another"})),
		"no ID of its own":        r.logoutToken("10", set("jti", nil)),
		"no expiry":               r.logoutToken("11", set("exp", nil)),
		"expired":                 r.logoutToken("12", set("exp", now.Add(-time.Second).Unix())),
		"made long ago":           r.logoutToken("13", set("iat", now.Add(-time.Hour).Unix())),
		"made in the future":      r.logoutToken("14", set("iat", now.Add(time.Hour).Unix())),
		"not said when":           r.logoutToken("15", set("iat", nil)),
		"with a nonce":            r.logoutToken("16", set("nonce", "x")),
		"no event":                r.logoutToken("17", set("events", nil)),
		"another event":           r.logoutToken("18", set("events", map[string]any{"x": map[string]any{}})),
		"an event that is a text": r.logoutToken("19", set("events", map[string]any{logoutEvent: "x"})),
		"an event that is null":   r.logoutToken("20", set("events", map[string]any{logoutEvent: nil})),
		"nobody":                  r.logoutToken("21", func(c map[string]any) { delete(c, "sub"); delete(c, "sid") }),
	} {
		w := r.logout(token)
		if w.Code != http.StatusBadRequest || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: answered %d %q", name, w.Code, w.Body)
		}
		if _, err := b.principal(Fresh); err != nil {
			t.Fatalf("%s: ended the session", name)
		}
	}
	w := httptest.NewRecorder()
	r.BackChannelLogout(w, httptest.NewRequest("GET", baseURL+"/sign-in/logout-token?logout_token="+r.logoutToken("22", nil), nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET answered %d", w.Code)
	}
	query := httptest.NewRequest("POST", baseURL+"/sign-in/logout-token?logout_token="+r.logoutToken("23", nil), nil)
	w = httptest.NewRecorder()
	if r.BackChannelLogout(w, query); w.Code != http.StatusBadRequest {
		t.Errorf("a token in the address: answered %d", w.Code)
	}
	if diff := cmp.Diff([]string{"sign-in", "session.ended: ended by the provider"}, r.kinds()); diff != "" {
		t.Errorf("trail (-want +got):\n%s", diff)
	}
}

// TestLogoutFailClosed: what can't be recorded is not called done, and the
// provider may try again with the same token.
func TestLogoutFailClosed(t *testing.T) {
	r := newRig(t, storetest.File(t), nil)
	b := r.browser()
	b.mustSignIn()
	r.stopTrail()
	token := r.logoutToken("1", nil)
	if w := r.logout(token); w.Code != http.StatusServiceUnavailable {
		t.Errorf("answered %d", w.Code)
	}
	if _, err := b.principal(Fresh); err != nil {
		t.Errorf("the session ended without a row: %v", err)
	}
	r.sql(`DROP TRIGGER trail_full`)
	if w := r.logout(token); w.Code != http.StatusOK {
		t.Errorf("again: answered %d", w.Code)
	}
	wants(t, second(b.principal()), ErrSessionEnded)
}
