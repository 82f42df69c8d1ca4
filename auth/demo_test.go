package auth

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/auth/demoidp"
	"github.com/rollcall-app/rollcall/internal/store/storetest"
)

// demoRig is a service whose provider is the demo's, which this package's
// author has not written.
func demoRig(t *testing.T) (*rig, *demoidp.Provider) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + server.Listener.Addr().String()
	provider, err := demoidp.New(demoidp.Options{
		Issuer: issuer, ClientID: clientID, ClientSecret: clientSecret, RedirectURIs: []string{baseURL + "/sign-in/callback"},
		PostLogoutRedirectURIs: []string{baseURL + "/sign-in"}, Audience: apiURI,
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = provider
	server.Start()
	t.Cleanup(server.Close)
	r := newRig(t, storetest.Memory, func(c *Config) { c.Tenants[0].Issuer = issuer })
	r.mu.Lock()
	r.now = time.Now() // the demo's clock can't be moved
	r.mu.Unlock()
	return r, provider
}

// pick signs in at the demo's page as the person, and gives the address it
// sends back to.
func pick(t *testing.T, address, person string) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), baseURL) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	answer, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{}
	for _, input := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllSubmatch(page, -1) {
		form.Set(string(input[1]), string(input[2]))
	}
	form.Set("person", person)
	answer, err = client.PostForm(answer.Request.URL.ResolveReference(&url.URL{Path: "/pick"}).String(), form)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	back := answer.Header.Get("Location")
	if !strings.HasPrefix(back, baseURL) {
		t.Fatalf("the demo's page answered %s", answer.Status)
	}
	return back
}

// TestDemo signs the demo's people in, refreshes, steps up and signs out.
func TestDemo(t *testing.T) {
	levels := map[string]Level{
		"Priya Nair": LevelAdmin, "Tomáš Dvořák": LevelHelpdesk, "Ama Mensah": LevelLicensing, "Carsten Brandt": LevelReader, "Lena Vogel": 0,
	}
	for _, person := range demoidp.DemoPeople() {
		t.Run(person.Name, func(t *testing.T) {
			r, provider := demoRig(t)
			b := r.browser()
			address, err := b.start("/customers")
			must(t, err)
			back, err := b.callback(pick(t, address, person.ObjectID))
			if levels[person.Name] == 0 {
				wants(t, err, ErrForeignTenant)
				if diff := cmp.Diff([]string{"sign-in.refused: foreign tenant"}, r.kinds()); diff != "" {
					t.Errorf("trail (-want +got):\n%s", diff)
				}
				return
			}
			must(t, err)
			p := b.must()
			if back != "/customers" || p.Level != levels[person.Name] || p.Name != person.Name || p.UPN != person.UPN || p.Key != person.TenantID+"/"+person.ObjectID {
				t.Errorf("back to %q as %+v", back, p)
			}
			token := r.token(p.GrantID)
			if claims, err := provider.VerifyAccessToken(t.Context(), token); err != nil || claims.ObjectID != person.ObjectID || !claims.MFA() {
				t.Errorf("access token of %+v, %v", claims, err)
			}

			for range 2 { // the refresh token rotates
				r.wait(justIssued)
				must(t, r.Refresh(t.Context(), p))
				if next := r.token(p.GrantID); next == token {
					t.Error("not refreshed")
				} else {
					token = next
				}
			}
			r.mu.Lock()
			r.now = time.Now()
			r.mu.Unlock()
			address, err = b.start("/customers", StepUp())
			must(t, err)
			must(t, second(b.callback(pick(t, address, person.ObjectID))))
			if !b.must().SteppedUp(r.clock()) {
				t.Error("not stepped up")
			}

			end, err := b.signOut()
			must(t, err)
			client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			answer, err := client.Get(end)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if to := answer.Header.Get("Location"); to != baseURL+"/sign-in" {
				t.Errorf("signed out of the provider, sent to %q (%s)", to, answer.Status)
			}
		})
	}
}

// TestDemoWithoutMFA: asked once more, then told why.
func TestDemoWithoutMFA(t *testing.T) {
	r, provider := demoRig(t)
	provider.SetFaults(demoidp.Faults{NoMFA: true})
	b := r.browser()
	address, err := b.start("/customers")
	must(t, err)
	again, err := b.callback(pick(t, address, priyaID))
	must(t, err)
	if param(t, again, "prompt") != "login" {
		t.Fatalf("not asked once more: %q", again)
	}
	wants(t, second(b.callback(pick(t, again, priyaID))), ErrMFA)
}
