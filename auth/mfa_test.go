package auth

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/internal/store/storetest"
	"github.com/rollcall-app/rollcall/partnercenter"
)

// TestMFA: how it may be shown, and that a sign-in is renewed once and no more.
func TestMFA(t *testing.T) {
	compliant := func(answer bool, err error) func(*Config) {
		return func(c *Config) {
			c.MFACompliant = func(_ context.Context, token partnercenter.Secret) (bool, error) {
				if !strings.HasPrefix(token.Reveal(), "access-") {
					return false, errors.New("not asked with the access token")
				}
				return answer, err
			}
		}
	}
	contexts := func(c *Config) { c.MFAContexts = []string{"c1"} }
	asks := `{"id_token":{"acrs":{"essential":true,"value":"c1"}}}`
	for name, tt := range map[string]struct {
		cfg     func(*Config)
		first   map[string]any // claims of the first answer
		second  map[string]any // and of the renewed one
		claims  string         // asked for, at the first sign-in
		renewed url.Values     // asked for, when renewed; nil: it is not
		how     string
		err     error
	}{
		"amr":                   {nil, map[string]any{"amr": []string{"mfa"}}, nil, "", nil, "amr", nil},
		"context that we asked": {contexts, map[string]any{"amr": nil, "acrs": []string{"c1"}}, nil, asks, nil, "acrs", nil},
		"context as text":       {contexts, map[string]any{"amr": nil, "acrs": "c1"}, nil, asks, nil, "acrs", nil},
		"context nobody asked":  {nil, map[string]any{"amr": nil, "acrs": []string{"c1"}}, nil, "", url.Values{"prompt": {"login"}, "amr_values": {"mfa"}}, "", ErrMFA},
		"another context":       {contexts, map[string]any{"amr": nil, "acrs": []string{"c2"}}, nil, asks, url.Values{"prompt": {"login"}, "claims": {asks}}, "", ErrMFA},
		"Partner Center says":   {compliant(true, nil), map[string]any{"amr": nil}, nil, "", nil, "partner-center", nil},
		"Partner Center denies": {compliant(false, nil), map[string]any{"amr": nil}, nil, "", url.Values{"prompt": {"login"}, "amr_values": {"mfa"}}, "", ErrMFA},
		"Partner Center silent": {compliant(false, errors.New("no answer")), map[string]any{"amr": nil}, nil, "", nil, "", ErrProvider},
		"renewed, then shown":   {nil, map[string]any{"amr": []string{"pwd"}}, map[string]any{"amr": []string{"pwd", "mfa"}}, "", url.Values{"prompt": {"login"}, "amr_values": {"mfa"}}, "amr", nil},
		"not required":          {func(c *Config) { c.MFAOptional = true }, map[string]any{"amr": nil}, nil, "", nil, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, storetest.Memory, tt.cfg)
			answers := 0
			r.provider.set(func() {
				r.provider.alter = func(c map[string]any) {
					over := tt.first
					if answers++; answers > 1 && tt.second != nil {
						over = tt.second
					}
					for k, v := range over {
						if c[k] = v; v == nil {
							delete(c, k)
						}
					}
				}
			})
			b := r.browser()
			back, err := b.signIn("/customers?q=x")
			if tt.err != nil {
				wants(t, err, tt.err)
			} else if must(t, err); back != "/customers?q=x" || b.must().MFA != tt.how || b.must().RenewedForMFA != (tt.renewed != nil) {
				t.Errorf("back to %q, shown by %q, renewed %v", back, b.must().MFA, b.must().RenewedForMFA)
			}
			asked := r.provider.asked
			if asked[0].Get("claims") != tt.claims || asked[0].Get("prompt") != "" {
				t.Errorf("asked for claims %q with prompt %q at first", asked[0].Get("claims"), asked[0].Get("prompt"))
			}
			if want := map[bool]int{false: 1, true: 2}[tt.renewed != nil]; len(asked) != want {
				t.Fatalf("asked %d times, want %d", len(asked), want)
			}
			for param := range tt.renewed {
				if asked[1].Get(param) != tt.renewed.Get(param) {
					t.Errorf("renewed with %s=%q, want %q", param, asked[1].Get(param), tt.renewed.Get(param))
				}
			}
			if tt.renewed != nil && asked[0].Get("nonce") == asked[1].Get("nonce") {
				t.Error("the renewed sign-in uses the nonce again")
			}
		})
	}
}

// TestMFAByDefault asks Partner Center itself, once and cheaply.
func TestMFAByDefault(t *testing.T) {
	for header, want := range map[string]error{"true": nil, "false": ErrMFA, "": ErrProvider} {
		var asked []string
		r := newRig(t, storetest.Memory, func(c *Config) {
			c.MFACompliant = nil
			c.PartnerCenter.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
				asked = append(asked, req.Method+" "+req.URL.Path+" "+strings.Join(req.Header["ValidateMfa"], "")+" "+req.Header.Get("Authorization")[:14])
				answer := httptest.NewRecorder()
				answer.Header().Set("Content-Type", "application/json")
				if header != "" {
					answer.Header().Set("isMfaCompliant", header)
				}
				answer.WriteString(`{"totalCount":0,"items":[],"attributes":{"objectType":"Collection"}}`)
				return answer.Result(), nil
			})
		})
		r.provider.set(func() { delete(r.provider.claims, "amr") })
		_, err := r.browser().signIn("/")
		if !errors.Is(err, want) {
			t.Errorf("isMfaCompliant %q: error %v, want %v", header, err, want)
		}
		if len(asked) == 0 || asked[0] != "GET /v1/customers true Bearer access-" {
			t.Errorf("asked %q", asked)
		}
	}
}

// TestRenewForMFA: after a refusal upstream the person is asked once, not in a circle.
func TestRenewForMFA(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	b := r.browser()
	p := b.mustSignIn()
	if _, err := b.signIn("/customers", RenewForMFA()); err != nil {
		t.Fatal(err)
	}
	if asked := r.provider.lastAsked(); asked.Get("prompt") != "login" || asked.Get("amr_values") != "mfa" {
		t.Errorf("asked %v", asked)
	}
	renewed := b.must()
	if !renewed.RenewedForMFA || renewed.SessionRef == p.SessionRef || renewed.GrantID != p.GrantID {
		t.Errorf("before %+v, after %+v", p, renewed)
	}
	wants(t, second(b.start("/customers", RenewForMFA())), ErrMFA)
	r.wait(renewalPause)
	if _, err := b.start("/customers", RenewForMFA()); err != nil {
		t.Errorf("later: %v", err)
	}
	// Without a session it is a sign-in like any other.
	if _, err := r.browser().signIn("/customers", RenewForMFA()); err != nil {
		t.Errorf("without a session: %v", err)
	}
}

func TestChooseAccount(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	if _, err := r.browser().signIn("/", ChooseAccount()); err != nil {
		t.Fatal(err)
	}
	if got := r.provider.lastAsked().Get("prompt"); got != "select_account" {
		t.Errorf("prompt %q", got)
	}
}

// TestStepUp: only a fresh proof by the same person counts.
func TestStepUp(t *testing.T) {
	for name, tt := range map[string]struct {
		claims func(f *fakeProvider, c map[string]any)
		err    error
		back   string
		up     bool
		kinds  []string
	}{
		"anew":           {nil, nil, "/customers/x", true, []string{"sign-in", "step-up"}},
		"a minute early": {func(f *fakeProvider, c map[string]any) { c["auth_time"] = f.now().Add(-time.Minute).Unix() }, nil, "/customers/x", true, []string{"sign-in", "step-up"}},
		"too early":      {func(f *fakeProvider, c map[string]any) { c["auth_time"] = f.now().Add(-61 * time.Second).Unix() }, ErrStepUp, "", false, []string{"sign-in", "sign-in.refused: not signed in anew"}},
		"not said":       {func(_ *fakeProvider, c map[string]any) { delete(c, "auth_time") }, ErrStepUp, "", false, []string{"sign-in", "sign-in.refused: not signed in anew"}},
		"said as text":   {func(_ *fakeProvider, c map[string]any) { c["auth_time"] = "now" }, ErrStepUp, "", false, []string{"sign-in", "sign-in.refused: not signed in anew"}},
		"without MFA":    {func(_ *fakeProvider, c map[string]any) { delete(c, "amr") }, ErrMFA, "", false, []string{"sign-in", "sign-in.refused: no multi-factor authentication"}},
		"by another person": {func(_ *fakeProvider, c map[string]any) {
			c["sub"], c["oid"] = "ann-sub", "1b7d2f63-8a1c-4d49-8e66-2f3a4b5c6d72"
		}, nil, "/", false, []string{"sign-in", "session.ended: another person signed in", "sign-in"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, storetest.Memory, nil)
			b := r.browser()
			p := b.mustSignIn()
			old := b.session()
			r.wait(10 * time.Minute)
			r.provider.set(func() {
				if tt.claims != nil {
					r.provider.alter = func(c map[string]any) { tt.claims(r.provider, c) }
				}
			})
			back, err := b.signIn("/customers/x", StepUp())
			if asked := r.provider.asked[1]; asked.Get("prompt") != "login" || asked.Get("max_age") != "0" {
				t.Errorf("asked %v", asked)
			}
			if diff := cmp.Diff(tt.kinds, r.kinds()); diff != "" {
				t.Errorf("trail (-want +got):\n%s", diff)
			}
			if tt.err != nil {
				wants(t, err, tt.err)
				if b.session() != old || b.must().SteppedUp(r.clock()) {
					t.Error("the refused step-up touched the session")
				}
				return
			}
			must(t, err)
			now := b.must()
			if back != tt.back || now.SteppedUp(r.clock()) != tt.up || b.session() == old {
				t.Errorf("back to %q, stepped up %v, same cookie %v", back, now.SteppedUp(r.clock()), b.session() == old)
			}
			wants(t, second(b.service.Principal(cookieRequest(b, old))), ErrSessionEnded)
			if !tt.up {
				if now.GrantID == p.GrantID {
					t.Error("another person has the grant")
				}
				return
			}
			if now.AbsoluteUntil != p.AbsoluteUntil || now.SignedIn != p.SignedIn || now.GrantID != p.GrantID {
				t.Errorf("before %+v, after %+v", p, now)
			}
			r.wait(steppedUpFor - time.Second)
			if !b.must().SteppedUp(r.clock()) {
				t.Error("not stepped up within half an hour")
			}
			r.wait(time.Second)
			if b.must().SteppedUp(r.clock()) {
				t.Error("stepped up after half an hour")
			}
		})
	}
	r := newRig(t, storetest.Memory, nil)
	wants(t, second(r.browser().start("/", StepUp())), ErrNoSession)
}

func cookieRequest(b *browser, session string) *http.Request {
	r := httptest.NewRequestWithContext(b.Context(), "GET", baseURL+"/", nil)
	r.AddCookie(&http.Cookie{Name: b.service.cfg.cookieName(), Value: session})
	return r
}

// TestStepUpAfterSignOut: the session it was for is over, so it raises nothing.
func TestStepUpAfterSignOut(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	b := r.browser()
	b.mustSignIn()
	address, err := b.start("/customers/x", StepUp())
	must(t, err)
	back := b.atProvider(address)
	must(t, second(b.signOut()))
	to, err := b.callback(back)
	must(t, err)
	if to != "/" || b.must().SteppedUp(r.clock()) {
		t.Errorf("back to %q, stepped up %v", to, b.must().SteppedUp(r.clock()))
	}
}

// TestStepUpOfAnotherSession: it raises the session it was asked for and no later one.
func TestStepUpOfAnotherSession(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	b := r.browser()
	b.mustSignIn()
	address, err := b.start("/customers/x", StepUp())
	must(t, err)
	back := b.atProvider(address)
	b.mustSignIn() // in another tab
	to, err := b.callback(back)
	must(t, err)
	if to != "/" || b.must().SteppedUp(r.clock()) {
		t.Errorf("back to %q, stepped up %v", to, b.must().SteppedUp(r.clock()))
	}
	if diff := cmp.Diff([]string{"sign-in", "sign-in", "sign-in"}, r.kinds()); diff != "" {
		t.Errorf("trail (-want +got):\n%s", diff)
	}
}

// TestStepUpProlongedByHand: who has the database can drop a step-up, not make one last.
func TestStepUpProlongedByHand(t *testing.T) {
	r := newRig(t, storetest.File(t), nil)
	b := r.browser()
	b.mustSignIn()
	must(t, second(b.signIn("/", StepUp())))
	r.wait(steppedUpFor)
	r.sql(`UPDATE sessions SET stepped_up = $1`, r.clock().UnixMicro())
	r.wait(cachedFor)
	if b.must().SteppedUp(r.clock()) {
		t.Error("the step-up lasts for longer than half an hour")
	}
}

// TestClockJump drops step-ups, in the cache and in the database.
func TestClockJump(t *testing.T) {
	r := newRig(t, storetest.Memory, nil)
	b := r.browser()
	b.mustSignIn()
	if _, err := b.signIn("/", StepUp()); err != nil {
		t.Fatal(err)
	}
	if !b.must().SteppedUp(r.clock()) {
		t.Fatal("not stepped up")
	}
	r.dropStepUps()
	if b.must().SteppedUp(r.clock()) {
		t.Error("stepped up though the clock has jumped")
	}
}
