package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/internal/store/storetest"
	"github.com/rollcall-app/rollcall/partnercenter"
)

func TestSignIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, dsn string) {
		r := newRig(t, dsn, nil)
		b := r.browser()
		wants(t, second(b.principal()), ErrNoSession)

		back, err := b.signIn("/customers?q=a+b")
		if err != nil || back != "/customers?q=a+b" {
			t.Fatalf("back to %q, error %v", back, err)
		}
		now := r.clock()
		p := b.must()
		want := &Principal{
			Key: partnerID + "/" + priyaID, TenantID: partnerID, ObjectID: priyaID, Name: "Priya Nair", UPN: "priya.nair@fabrikam-cloud.example",
			Level: LevelAdmin, SessionRef: p.SessionRef, GrantID: p.GrantID, SignedIn: now, IdleUntil: now.Add(time.Hour),
			AbsoluteUntil: now.Add(12 * time.Hour), MFA: "amr", ProviderSession: "provider-session",
		}
		if diff := cmp.Diff(want, p); diff != "" || p.SessionRef == "" || p.GrantID == "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"sign-in"}, r.kinds()); diff != "" {
			t.Errorf("trail (-want +got):\n%s", diff)
		}
		rows, err := r.trail.List(t.Context(), audit.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		got := rows[0].Entry
		wantEntry := audit.Entry{
			Kind: "sign-in", Person: p.Key, PersonName: "Priya Nair", Address: "192.0.2.7", TargetID: p.SessionRef,
			Detail: map[string]string{"level": "admin", "agent": "Firefox on Linux", "mfa": "amr"},
		}
		if diff := cmp.Diff(wantEntry, got); diff != "" {
			t.Errorf("entry (-want +got):\n%s", diff)
		}
	})
}

func second[T any](_ T, err error) error { return err }

// TestRequestToProvider: what a sign-in asks for, and that nothing of it is used twice.
func TestRequestToProvider(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	b := r.browser()
	seen := map[string]string{}
	for range 2 {
		address, err := b.start("/")
		if err != nil {
			t.Fatal(err)
		}
		q := mustParse(t, address).Query()
		for name, want := range map[string]string{
			"response_type": "code", "response_mode": "query", "client_id": clientID, "redirect_uri": baseURL + "/sign-in/callback",
			"scope": "openid profile offline_access", "code_challenge_method": "S256", "prompt": "", "max_age": "", "claims": "", "amr_values": "",
		} {
			if q.Get(name) != want {
				t.Errorf("%s = %q, want %q", name, q.Get(name), want)
			}
		}
		for _, name := range []string{"state", "nonce", "code_challenge"} {
			if raw, err := base64.RawURLEncoding.DecodeString(q.Get(name)); err != nil || len(raw) != 32 || seen[name] == q.Get(name) {
				t.Errorf("%s = %q: %v, or used twice", name, q.Get(name), err)
			}
			seen[name] = q.Get(name)
		}
	}
}

func mustParse(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestCookies: names and attributes, by TLS and on loopback without.
func TestCookies(t *testing.T) {
	for name, tt := range map[string]struct {
		base   string
		prefix string
		secure bool
	}{
		"TLS":      {"https://rollcall.example", "__Host-rollcall", true},
		"loopback": {"http://127.0.0.1:8080", "rollcall", false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, storetest.Memory, func(c *Config) { c.BaseURL = tt.base })
			b := r.browser()
			address, err := b.start("/")
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range b.cookies {
				if !strings.HasPrefix(c.Name, tt.prefix+"-sign-in-") || c.MaxAge != 600 {
					t.Errorf("attempt's cookie %s lives %d s", c.Name, c.MaxAge)
				}
				checkCookie(t, c, tt.secure)
			}
			if _, err := b.callback(b.atProvider(address)); err != nil {
				t.Fatal(err)
			}
			if len(b.cookies) != 1 {
				t.Fatalf("cookies after the sign-in: %v", b.cookies)
			}
			c := b.cookies[tt.prefix]
			if c == nil {
				t.Fatalf("no cookie %s: %v", tt.prefix, b.cookies)
			}
			checkCookie(t, c, tt.secure)
			raw, err := base64.RawURLEncoding.DecodeString(c.Value)
			if err != nil || len(raw) != 32 || c.MaxAge != 0 || !c.Expires.IsZero() {
				t.Errorf("cookie %v: %v", c, err)
			}
			if b.must().SessionRef == c.Value {
				t.Error("the session's name is the cookie's value")
			}
		})
	}
}

func checkCookie(t *testing.T, c *http.Cookie, secure bool) {
	t.Helper()
	if !c.HttpOnly || c.Secure != secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("cookie %s", c.Raw)
	}
}

// TestIDTokens that must not be taken.
func TestIDTokens(t *testing.T) {
	claim := func(name string, value any) func(*fakeProvider) {
		return func(f *fakeProvider) {
			f.alter = func(c map[string]any) {
				if c[name] = value; value == nil {
					delete(c, name)
				}
			}
		}
	}
	other := sha("another key")
	for name, tt := range map[string]struct {
		change func(*fakeProvider)
		want   error
	}{
		"not signed": {func(f *fakeProvider) { f.sign = unsigned }, ErrToken},
		"signed with our secret": {func(f *fakeProvider) {
			f.sign = func(p []byte) string {
				return signWith(f.t, jose.HS256, []byte(clientSecret+"-long-enough-for-it"), "k1", p)
			}
		}, ErrToken},
		"signed by another": {func(f *fakeProvider) {
			f.sign = func(p []byte) string { return signWith(f.t, jose.HS256, other, "k1", p) }
		}, ErrToken},
		"changed after signing": {func(f *fakeProvider) {
			f.sign = func(p []byte) string { return changed(signWith(f.t, jose.RS256, signingKey(), "k1", p)) }
		}, ErrToken},
		"no token at all":     {func(f *fakeProvider) { f.sign = func([]byte) string { return "" } }, ErrToken},
		"another issuer":      {claim("iss", "https://evil.example"), ErrToken},
		"issuer with a slash": {func(f *fakeProvider) { f.alter = func(c map[string]any) { c["iss"] = c["iss"].(string) + "/" } }, ErrToken},
		"for another":         {claim("aud", "another-client"), ErrToken},
		"for nobody":          {claim("aud", nil), ErrToken},
		"for us and a stranger": {func(f *fakeProvider) {
			f.alter = func(c map[string]any) { c["aud"], c["azp"] = []string{clientID, "stranger"}, clientID }
		}, ErrToken},
		"given to another":       {claim("azp", "another-client"), ErrToken},
		"for two, given to none": {claim("aud", []string{clientID, apiURI}), ErrToken},
		"expired": {func(f *fakeProvider) {
			f.alter = func(c map[string]any) { c["exp"] = f.now().Add(-time.Second).Unix() }
		}, ErrToken},
		"no expiry":               {claim("exp", nil), ErrToken},
		"not valid yet":           {func(f *fakeProvider) { f.alter = func(c map[string]any) { c["nbf"] = f.now().Add(time.Hour).Unix() } }, ErrToken},
		"no subject":              {claim("sub", nil), ErrToken},
		"no object":               {claim("oid", nil), ErrToken},
		"no tenant":               {claim("tid", nil), ErrForeignTenant},
		"another tenant":          {claim("tid", "9f8e7d6c-5b4a-4938-8271-605f4e3d2c1b"), ErrForeignTenant},
		"a guest":                 {claim("acct", 1), ErrGuest},
		"a guest, as text":        {claim("acct", "1"), ErrGuest},
		"a guest, by name":        {claim("upn", "ann_other.example#EXT#@fabrikam-cloud.example"), ErrGuest},
		"no role":                 {claim("roles", nil), ErrNoRole},
		"an unknown role":         {claim("roles", []string{"Rollcall.Owner", "rollcall.admin"}), ErrNoRole},
		"roles of another kind":   {claim("roles", map[string]any{"a": 1}), ErrToken},
		"no second factor":        {claim("amr", []string{"pwd"}), ErrMFA},
		"second factor not said":  {claim("amr", nil), ErrMFA},
		"of another access token": {claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), ErrToken},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, storetest.Memory, nil)
			r.provider.set(func() { tt.change(r.provider) })
			b := r.browser()
			_, err := b.signIn("/customers")
			wants(t, err, tt.want)
			if b.session() != "" {
				t.Error("refused, and yet there is a session")
			}
			if kinds := r.kinds(); len(kinds) != 1 || !strings.HasPrefix(kinds[0], "sign-in.refused: ") || kinds[0] == "sign-in.refused: fault" {
				t.Errorf("trail: %v", kinds)
			}
		})
	}
}

func sha(text string) []byte { return []byte(strings.Repeat(text, 8)) }

// TestIDTokensTaken: what looks odd and is right.
func TestIDTokensTaken(t *testing.T) {
	for name, change := range map[string]func(claims map[string]any){
		"for us and the API, given to us": func(c map[string]any) { c["aud"], c["azp"] = []string{apiURI, clientID}, clientID },
		"one audience as text":            func(c map[string]any) { c["aud"] = clientID },
		"one role as text":                func(c map[string]any) { c["roles"] = "Rollcall.Admin" },
		"tenant in capitals":              func(c map[string]any) { c["tid"] = strings.ToUpper(partnerID) },
		"no name":                         func(c map[string]any) { delete(c, "name") },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, storetest.Memory, nil)
			r.provider.set(func() { r.provider.alter = change })
			if p := r.browser().mustSignIn(); p.Key != partnerID+"/"+priyaID || p.Name == "" {
				t.Errorf("signed in as %+v", p)
			}
		})
	}
}

// TestGuests: where guests are not allowed an account of Entra has to be shown
// to be none; another provider may not know the word.
func TestGuests(t *testing.T) {
	entra := Tenant{Issuer: "https://login.microsoftonline.com/" + partnerID + "/v2.0", ID: partnerID}
	other := Tenant{Issuer: "https://login.example", ID: partnerID}
	for name, tt := range map[string]struct {
		tenant  Tenant
		token   string
		allowed bool
		want    error
	}{
		"a member":                 {entra, `{"acct":0}`, false, nil},
		"a member, as text":        {entra, `{"acct":"0"}`, false, nil},
		"a guest":                  {entra, `{"acct":1}`, false, ErrGuest},
		"a guest, allowed":         {entra, `{"acct":1}`, true, nil},
		"a guest by name":          {entra, `{"acct":0,"upn":"ann_other.example#ext#@fabrikam.example"}`, false, ErrGuest},
		"not said":                 {entra, `{}`, false, ErrGuestUnknown},
		"not said, but a name":     {entra, `{"upn":"priya@fabrikam.example"}`, false, ErrGuestUnknown},
		"said in no known way":     {entra, `{"acct":2}`, false, ErrGuestUnknown},
		"said as null":             {entra, `{"acct":null}`, false, ErrGuestUnknown},
		"not said, allowed":        {entra, `{}`, true, nil},
		"not said by another":      {other, `{}`, false, nil},
		"a guest of another":       {other, `{"acct":1}`, false, ErrGuest},
		"by name, and not by acct": {entra, `{"upn":"ann#EXT#@fabrikam.example"}`, false, ErrGuest},
	} {
		var said claims
		must(t, json.Unmarshal([]byte(tt.token), &said))
		err := Config{AllowGuests: tt.allowed}.admits(tt.tenant, said)
		if !errors.Is(err, tt.want) || errors.Is(err, ErrGuestUnknown) != (tt.want == ErrGuestUnknown) {
			t.Errorf("%s: error %v, want %v", name, err, tt.want)
		}
	}
}

// TestTwoTenants: the people of both sign in, each at their own authority, and
// what one says of a person is nothing to a sign-in at the other.
func TestTwoTenants(t *testing.T) {
	const otherID, annID = "2f6a1c70-93d4-4b58-8e1f-7a5c0d9b3e42", "9b3e42d4-1c70-4b58-8e1f-2f6a7a5c0d93"
	other := newFakeProvider(t, func() time.Time { return time.Date(2026, 6, 1, 14, 2, 3, 0, time.UTC) })
	other.claims["tid"], other.claims["oid"], other.claims["sub"] = otherID, annID, "ann-sub"
	r := newRig(t, storetest.Memory, func(c *Config) {
		c.Tenants = append(c.Tenants, Tenant{Issuer: other.server.URL, ID: otherID})
	})
	for _, named := range []string{otherID, other.server.URL} {
		b := r.browser()
		must(t, second(b.signIn("/customers", WithTenant(named))))
		if p := b.must(); p.Key != otherID+"/"+annID || p.TenantID != otherID {
			t.Errorf("signed in as %+v", p)
		}
	}
	if p := r.browser().mustSignIn(); p.Key != partnerID+"/"+priyaID {
		t.Errorf("at the first: %+v", p)
	}
	wants(t, second(r.browser().start("/customers", WithTenant("9f8e7d6c-5b4a-4938-8271-605f4e3d2c1b"))), ErrForeignTenant)

	// A code of the other's for an attempt at the first.
	b := r.browser()
	address, err := b.start("/customers")
	must(t, err)
	elsewhere, err := r.browser().start("/customers", WithTenant(otherID))
	must(t, err)
	code := param(t, b.atProvider(elsewhere), "code")
	wants(t, second(b.callback(with(t, b.atProvider(address), "code", code))), ErrAttemptUnknown)

	// A token of the other's, signed with keys that both have.
	for _, change := range []map[string]any{
		{"iss": other.server.URL, "tid": otherID, "oid": annID}, {"iss": other.server.URL}, {"tid": otherID, "oid": annID},
	} {
		r.provider.set(func() { r.provider.alter = func(c map[string]any) { maps.Copy(c, change) } })
		_, err := r.browser().signIn("/customers")
		want := ErrToken
		if change["iss"] == nil {
			want = ErrForeignTenant
		}
		wants(t, err, want)
	}
}

func TestNoRoleNamesWhatIsNeeded(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	r.provider.set(func() { r.provider.claims["roles"] = []string{"Something.Else"} })
	_, err := r.browser().signIn("/")
	missing, ok := errors.AsType[*NoRole](err)
	want := &NoRole{Name: "Priya Nair", UPN: "priya.nair@fabrikam-cloud.example", Has: []string{"Something.Else"},
		Wanted: []string{"Rollcall.Admin", "Rollcall.Helpdesk", "Rollcall.Licensing", "Rollcall.Reader"}}
	if !ok || cmp.Diff(want, missing) != "" {
		t.Errorf("error %v (-want +got):\n%s", err, cmp.Diff(want, missing))
	}
	rows, err := r.trail.List(t.Context(), audit.Filter{})
	if err != nil || rows[0].Person != partnerID+"/"+priyaID || rows[0].Detail["upn"] != want.UPN {
		t.Errorf("trail %+v, %v", rows, err)
	}
}

// TestLevels: from roles, from groups, from both.
func TestLevels(t *testing.T) {
	groups := map[string]Level{"g-read": LevelReader, "g-help": LevelHelpdesk}
	overage := map[string]any{"_claim_names": map[string]any{"groups": "src1"}, "_claim_sources": map[string]any{"src1": map[string]any{"endpoint": "https://graph.example"}}}
	for name, tt := range map[string]struct {
		cfg    func(*Config)
		claims map[string]any
		want   Level
		err    error
	}{
		"reader":                    {nil, map[string]any{"roles": []string{"Rollcall.Reader"}}, LevelReader, nil},
		"two roles add up":          {nil, map[string]any{"roles": []string{"Rollcall.Helpdesk", "Rollcall.Licensing"}}, LevelHelpdesk | LevelLicensing, nil},
		"groups don't count unless": {nil, map[string]any{"roles": nil, "groups": []string{"g-help"}}, 0, ErrNoRole},
		"group":                     {func(c *Config) { c.Groups = groups }, map[string]any{"roles": []string{"Rollcall.Admin"}, "groups": []string{"x", "g-help"}}, LevelHelpdesk, nil},
		"no group of ours":          {func(c *Config) { c.Groups = groups }, map[string]any{"groups": []string{"x"}}, 0, ErrNoRole},
		"group claim of another name": {func(c *Config) { c.Groups, c.GroupClaim = groups, "memberOf" },
			map[string]any{"memberOf": []string{"g-read"}}, LevelReader, nil},
		"too many groups, elsewhere":   {func(c *Config) { c.Groups = groups }, overage, 0, ErrGroupOverage},
		"too many groups, hasgroups":   {func(c *Config) { c.Groups = groups }, map[string]any{"hasgroups": true}, 0, ErrGroupOverage},
		"too many groups, a role":      {func(c *Config) { c.Groups, c.Roles = groups, DefaultRoles() }, overage, 0, ErrGroupOverage},
		"too many groups, nobody asks": {nil, overage, LevelAdmin, nil},
		"role and group":               {func(c *Config) { c.Groups, c.Roles = groups, DefaultRoles() }, map[string]any{"roles": []string{"Rollcall.Licensing"}, "groups": []string{"g-help"}}, LevelHelpdesk | LevelLicensing, nil},
		"own names":                    {func(c *Config) { c.Roles = map[string]Level{"boss": LevelAdmin} }, map[string]any{"roles": []string{"boss"}}, LevelAdmin, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, storetest.Memory, tt.cfg)
			r.provider.set(func() {
				for k, v := range tt.claims {
					r.provider.claims[k] = v
				}
			})
			b := r.browser()
			_, err := b.signIn("/")
			if tt.err != nil {
				wants(t, err, tt.err)
				return
			}
			must(t, err)
			if got := b.must().Level; got != tt.want {
				t.Errorf("level %v, want %v", got, tt.want)
			}
		})
	}
}

func TestGuestsWhereAllowed(t *testing.T) {
	r := newRig(t, storetest.Memory, func(c *Config) { c.AllowGuests = true })
	r.provider.set(func() { r.provider.claims["acct"] = 1 })
	r.browser().mustSignIn()
}

// TestProviderWithoutTenants: the person is issuer and subject.
func TestProviderWithoutTenants(t *testing.T) {
	r := newRig(t, storetest.Memory, func(c *Config) { c.Tenants[0].ID = "" })
	p := r.browser().mustSignIn()
	if p.Key != r.provider.server.URL+"#priya-sub" || p.TenantID != "" || p.ObjectID != "" {
		t.Errorf("signed in as %+v", p)
	}
}

// TestProviderSaysNo through the browser.
func TestProviderSaysNo(t *testing.T) {
	for name, tt := range map[string]struct {
		code, description string
		want              error
	}{
		"declined":         {"access_denied", "the person declined", ErrDenied},
		"not assigned":     {"access_denied", "AADSTS50105: Your administrator has configured the application …", ErrNoRole},
		"down":             {"temporarily_unavailable", "", ErrProvider},
		"odd":              {"<script>", "", ErrDenied},
		"set up wrongly":   {"invalid_request", "", ErrDenied},
		"with a code, too": {"access_denied", "", ErrDenied},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, storetest.Memory, nil)
			r.provider.set(func() {
				r.provider.answer = func(q url.Values) {
					if name != "with a code, too" {
						q.Del("code")
					}
					q.Set("error", tt.code)
					q.Set("error_description", tt.description)
				}
			})
			_, err := r.browser().signIn("/")
			wants(t, err, tt.want)
			if strings.Contains(err.Error(), "<") || tt.description != "" && strings.Contains(err.Error(), tt.description) {
				t.Errorf("the provider's own words are in the error: %v", err)
			}
			if _, exchanged := r.provider.counts(); exchanged != 0 {
				t.Error("a code was exchanged")
			}
		})
	}
}

// TestTokenEndpointSaysNo at the exchange.
func TestTokenEndpointSaysNo(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		body   string
		want   error
	}{
		"down":            {503, "<html>" + clientSecret, ErrProvider},
		"not JSON":        {200, "hello", ErrProvider},
		"no access token": {200, `{"token_type":"Bearer"}`, ErrProvider},
		"no ID token":     {200, `{"token_type":"Bearer","access_token":"access-x"}`, ErrToken},
		"wrong secret":    {401, `{"error":"invalid_client","error_description":"` + clientSecret + `"}`, ErrProvider},
		"redirected":      {302, "", ErrProvider},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, storetest.Memory, nil)
			calls := 0
			r.provider.set(func() {
				r.provider.token = func(w http.ResponseWriter, _ *http.Request) {
					calls++
					w.Header().Set("Content-Type", "application/json")
					w.Header().Set("Location", "/elsewhere")
					w.WriteHeader(tt.status)
					w.Write([]byte(tt.body))
				}
			})
			_, err := r.browser().signIn("/")
			wants(t, err, tt.want)
			if strings.Contains(err.Error(), clientSecret) {
				t.Errorf("the provider's own words are in the error: %v", err)
			}
			if calls != 1 {
				t.Errorf("the code was shown %d times", calls)
			}
		})
	}
}

// TestFixation: an identifier that was there before a sign-in is worth nothing after it.
func TestFixation(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	attacker := r.browser()
	attacker.mustSignIn()
	planted := attacker.session()

	for name, before := range map[string]string{
		"the attacker's own session": planted,
		"an invented one":            base64.RawURLEncoding.EncodeToString(make([]byte, 32)),
		"no session's form":          "x",
	} {
		t.Run(name, func(t *testing.T) {
			victim := r.browser()
			victim.cookies[r.Service.cfg.cookieName()] = &http.Cookie{Name: r.Service.cfg.cookieName(), Value: before}
			r.provider.set(func() {
				r.provider.claims["oid"], r.provider.claims["sub"] = "1b7d2f63-8a1c-4d49-8e66-2f3a4b5c6d72", "victim-sub"
			})
			p := victim.mustSignIn()
			if victim.session() == before {
				t.Error("the planted identifier is still in use")
			}
			if got, err := r.Principal(cookieRequest(victim, before)); err == nil && got.Key == p.Key {
				t.Error("the planted identifier leads to the victim's session")
			}
		})
	}
	wants(t, second(attacker.principal()), ErrSessionEnded) // it was in the victim's browser
}

// TestFailClosed: nobody is signed in unseen.
func TestFailClosed(t *testing.T) {
	r := newRig(t, storetest.File(t), nil)
	b := r.browser()
	address, err := b.start("/")
	must(t, err)
	back := b.atProvider(address)
	b.stopTrail()
	_, err = b.callback(back)
	wants(t, err, audit.ErrUnavailable)
	if b.session() != "" {
		t.Error("signed in without a row on the trail")
	}
	used, err := r.st.KeysInUse(t.Context())
	if err != nil || len(used) != 0 {
		t.Errorf("rows were left: %v, %v", used, err)
	}
}

// TestLowSpace: with a disk nearly full nobody is signed in; who is stays so.
func TestLowSpace(t *testing.T) {
	r := newRig(t, storetest.File(t), nil)
	b := r.browser()
	address, err := b.start("/")
	must(t, err)
	back := b.atProvider(address)
	inside := r.browser()
	inside.mustSignIn()

	full := storetest.Open(t, store.Options{DSN: r.dsn, Now: r.clock, MinFree: math.MaxInt64})
	key, earlier := r.cfg.Keys.TrailKeys()
	trail, err := audit.New(full, key, audit.Options{Earlier: earlier})
	must(t, err)
	t.Cleanup(func() { must(t, trail.Close(context.WithoutCancel(t.Context()))) })
	service, err := New(t.Context(), r.cfg, full, trail)
	must(t, err)
	t.Cleanup(func() { must(t, service.Close()) })

	b.service = service
	_, err = b.callback(back)
	wants(t, err, ErrNoSpace)
	if b.session() != "" {
		t.Error("signed in")
	}
	_, err = b.start("/")
	wants(t, err, ErrNoSpace)
	inside.service = service
	inside.must()
}

// stopTrail makes every further row of the trail fail.
func (r *rig) stopTrail() {
	r.Helper()
	r.sql(`CREATE TRIGGER trail_full BEFORE INSERT ON trail BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
}

func TestSignOut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, dsn string) {
		r := newRig(t, dsn, nil)
		b := r.browser()
		p := b.mustSignIn()
		cookie := b.session()
		address, err := b.signOut()
		must(t, err)
		want := r.provider.server.URL + "/end_session?client_id=" + clientID + "&hint=1&post_logout_redirect_uri=" + url.QueryEscape(baseURL+"/sign-in")
		if address != want {
			t.Errorf("end session at %s, want %s", address, want)
		}
		if b.session() != "" {
			t.Error("the cookie is still there")
		}
		wants(t, second(r.Principal(cookieRequest(b, cookie))), ErrSessionEnded)
		wants(t, second(r.Tokens(p.GrantID).Token(t.Context())), ErrGrantEnded)
		if diff := cmp.Diff([]string{"sign-in", "sign-out"}, r.kinds()); diff != "" {
			t.Errorf("trail (-want +got):\n%s", diff)
		}
		must(t, r.Close()) // waits for what goes on behind
		if revoked := r.provider.revoked; len(revoked) != 1 || !strings.HasPrefix(revoked[0], "refresh-") {
			t.Errorf("revoked at the provider: %q", revoked)
		}

		// A second time, and without a session, there is nothing to end.
		if again, err := b.signOut(); err != nil || again != address {
			t.Errorf("again: %q, %v", again, err)
		}
		if n := len(r.kinds()); n != 2 {
			t.Errorf("%d entries on the trail", n)
		}
	})
}

func TestSignOutFailClosed(t *testing.T) {
	r := newRig(t, storetest.File(t), nil)
	b := r.browser()
	b.mustSignIn()
	cookie := b.session()
	r.stopTrail()
	_, err := b.signOut()
	wants(t, err, audit.ErrUnavailable)
	if b.session() != "" {
		t.Error("the browser keeps its cookie")
	}
	if _, err := r.Principal(cookieRequest(b, cookie)); err != nil {
		t.Errorf("the session ended without a row on the trail: %v", err)
	}
}

// TestProviderDown: the portal is up while the provider is not.
func TestProviderDown(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	r.provider.set(func() { r.provider.discovery = func(d map[string]any) { d["issuer"] = "https://elsewhere.example" } })
	b := r.browser()
	wants(t, second(b.start("/")), ErrProvider)
	wants(t, r.Ready(t.Context()), ErrProvider)
	if len(b.cookies) != 0 {
		t.Error("an attempt was kept that leads nowhere")
	}
	r.provider.set(func() { r.provider.discovery = nil })
	b.mustSignIn()
	must(t, r.Ready(t.Context()))
}

// TestProviderEndpoints: what a provider says of itself is no reason to call anybody.
func TestProviderEndpoints(t *testing.T) {
	for _, name := range []string{"authorization_endpoint", "token_endpoint", "jwks_uri"} {
		for _, address := range []string{"https://evil.example/x", "http://127.0.0.1:1/x", "file:///etc/passwd", "", "http://user@127.0.0.1/x"} {
			r := newRig(t, storetest.Memory, nil)
			r.provider.set(func() { r.provider.discovery = func(d map[string]any) { d[name] = address } })
			if _, err := r.browser().start("/"); !errors.Is(err, ErrProvider) {
				t.Errorf("%s at %q: %v", name, address, err)
			}
		}
	}
	r := newRig(t, storetest.Memory, nil)
	r.provider.set(func() {
		r.provider.discovery = func(d map[string]any) { d["end_session_endpoint"] = "javascript:alert(1)" }
	})
	b := r.browser()
	b.mustSignIn()
	if address, err := b.signOut(); address != "" || err != nil {
		t.Errorf("sign out at %q, %v", address, err)
	}
}

// TestIssInAnswer: who promises iss in the answer (RFC 9207) has to send it.
func TestIssInAnswer(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	r.provider.set(func() {
		r.provider.discovery = func(d map[string]any) { d["authorization_response_iss_parameter_supported"] = true }
	})
	b := r.browser()
	wants(t, second(b.signIn("/")), ErrToken)
	r.provider.set(func() { r.provider.answer = func(q url.Values) { q.Set("iss", r.provider.server.URL) } })
	b.mustSignIn()
}

func TestPublicClient(t *testing.T) {
	r := newRig(t, storetest.Memory, func(c *Config) { c.ClientSecret = partnercenter.Secret{} })
	var form url.Values
	r.provider.set(func() {
		r.provider.token = func(w http.ResponseWriter, req *http.Request) {
			form = req.PostForm
			r.provider.mu.Lock()
			defer r.provider.mu.Unlock()
			r.provider.give(w, "s", map[string]any{"nonce": r.provider.codes[form.Get("code")].nonce}, true)
		}
	})
	r.browser().mustSignIn()
	if form.Get("client_id") != clientID || form.Has("client_secret") || form.Get("code_verifier") == "" {
		t.Errorf("sent %v", slices.Sorted(maps.Keys(form)))
	}
}
