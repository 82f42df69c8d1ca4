package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/net/html"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// anotherProvider is an OpenID provider that nobody here wrote: npm's
// oidc-provider, with its ready-made forms. It prints its address.
const anotherProvider = `
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const o = JSON.parse(process.argv[2]);
const { default: Provider } = await import(pathToFileURL(o.library).href);

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = "http://127.0.0.1:" + server.address().port;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: o.client, client_secret: o.secret, redirect_uris: [o.base + "/sign-in/callback"],
      post_logout_redirect_uris: [o.base + "/sign-in"], grant_types: ["authorization_code", "refresh_token"], response_types: ["code"],
    }],
    claims: { openid: ["sub"], profile: ["name", "preferred_username", "roles"] },
    conformIdTokenClaims: false,
    cookies: { keys: ["a test's"] },
    findAccount: (ctx, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: "Priya Nair", preferred_username: id, roles: id.startsWith("priya") ? ["Rollcall.Admin"] : undefined }),
    }),
    extraTokenClaims: () => ({ tid: o.tenant, oid: o.person, name: "Priya Nair", amr: ["pwd", "mfa"] }),
    features: {
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => o.audience,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope: "", audience: o.audience, accessTokenFormat: "jwt", accessTokenTTL: 8 }),
      },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true },
    },
    issueRefreshToken: async (ctx, client) => client.grantTypeAllowed("refresh_token"),
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ttl: { RefreshToken: 3600, Session: 3600, Grant: 3600, Interaction: 600, IdToken: 600 },
  });
  server.on("request", provider.callback());
  console.log(issuer);
});
`

// startAnotherProvider runs it; without Node or the package it skips, which CI
// counts as a failure.
func startAnotherProvider(t *testing.T, base, secret string) (issuer string) {
	t.Helper()
	node, nodeErr := exec.LookPath("node")
	library, err := filepath.Abs("../../.ci/node_modules/oidc-provider/lib/index.js")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(library); err != nil || nodeErr != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("no Node, or no oidc-provider in .ci/node_modules; .ci/run installs it")
		}
		t.Skip("no Node, or no oidc-provider in .ci/node_modules: the walk through it is skipped")
	}
	script := filepath.Join(t.TempDir(), "provider.mjs")
	if err := os.WriteFile(script, []byte(anotherProvider), 0o600); err != nil {
		t.Fatal(err)
	}
	options, err := json.Marshal(map[string]string{
		"library": library, "base": base, "client": "rollcall", "secret": secret,
		"tenant": emulator.PartnerTenantID, "person": priya, "audience": partnercenter.Global.Resource,
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), node, script, string(options))
	said := &everything{}
	cmd.Stderr = said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
		if t.Failed() {
			t.Logf("oidc-provider: %s", said)
		}
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "http://127.0.0.1:") {
			return lines.Text()
		}
	}
	t.Fatalf("oidc-provider does not start: %s", said)
	return ""
}

// submit fills in the page's form as people do, and follows to the next page
// or to the portal.
func (v *visitor) submit(at string, page reply, fill url.Values) (where string, next reply) {
	v.t.Helper()
	doc, err := html.Parse(strings.NewReader(page.body))
	if err != nil {
		v.t.Fatal(err)
	}
	action, values := "", url.Values{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		attrs := map[string]string{}
		for _, a := range n.Attr {
			attrs[a.Key] = a.Val
		}
		switch {
		case n.Data == "form" && action == "":
			action = attrs["action"]
		case (n.Data == "input" || n.Data == "button") && attrs["name"] != "" && attrs["type"] != "submit":
			values.Set(attrs["name"], attrs["value"])
		}
	}
	if action == "" {
		v.t.Fatalf("no form at %s: %d %s", at, page.status, page.text())
	}
	for name, value := range fill {
		values[name] = value
	}
	to := resolve(v.t, at, action)
	return v.follow(to, v.post(to, values))
}

func resolve(t *testing.T, at, to string) string {
	t.Helper()
	base, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	u, err := base.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	return u.String()
}

// follow goes on until there is a page, or the portal comes next.
func (v *visitor) follow(at string, r reply) (string, reply) {
	v.t.Helper()
	for range 10 {
		if r.to == "" {
			return at, r
		}
		at = resolve(v.t, at, r.to)
		if strings.HasPrefix(at, v.d.url+"/") {
			return at, r
		}
		r = v.get(at)
	}
	v.t.Fatalf("redirects without end, at %s", at)
	return "", reply{}
}

// TestAnotherProvider signs in, has tokens renewed and signs out at a provider
// that nobody here wrote, with the program run as in production. Its ID tokens
// say nothing of a second factor, so Partner Center is asked.
func TestAnotherProvider(t *testing.T) {
	listen := freeAddress(t)
	base := "http://" + listen
	const secret = "the-client-secret-of-another-provider"
	issuer := startAnotherProvider(t, base, secret)

	verifier := func() *oidc.IDTokenVerifier {
		p, err := oidc.NewProvider(t.Context(), issuer)
		if err != nil {
			t.Fatal(err)
		}
		return p.Verifier(&oidc.Config{ClientID: partnercenter.Global.Resource})
	}()
	service := emulator.New(emulator.Options{
		BigUsers: 100, People: demoRights(),
		Verify: func(ctx context.Context, bearer string) (emulator.Claims, error) {
			token, err := verifier.Verify(ctx, bearer)
			if err != nil {
				return emulator.Claims{}, err
			}
			var c struct {
				TID, OID, Name string
				AMR            []string
			}
			err = token.Claims(&c)
			return emulator.Claims{TenantID: c.TID, ObjectID: c.OID, Name: c.Name, MFA: strings.Contains(fmt.Sprint(c.AMR), "mfa"), Expiry: token.Expiry}, err
		},
	})
	api := httptest.NewServer(service)
	t.Cleanup(api.Close)
	w := tap(t)
	s := serve(t, serveOptions{listen: listen, issuer: issuer, clientID: "rollcall", secret: secret, api: api.URL})
	d := &demo{url: base, issuer: issuer}

	signIn := func(v *visitor, login string) reply {
		t.Helper()
		start := v.get(base + "/sign-in/start?return_to=%2Fcustomers")
		at, page := v.follow(start.to, v.get(start.to))
		at, page = v.submit(at, page, url.Values{"login": {login}, "password": {"any"}})
		for range 3 { // consent, unless it was given
			if strings.HasPrefix(at, base+"/sign-in/callback?") {
				break
			}
			at, page = v.submit(at, page, nil)
		}
		return v.get(at)
	}

	v := d.visitor(t)
	if r := signIn(v, "priya@fabrikam-cloud.example"); r.status != http.StatusSeeOther || r.to != "/customers" || v.session() == "" {
		t.Fatalf("signed in with %d to %q: %s", r.status, r.to, r.text())
	}
	list := v.get(d.users(emulator.ContosoID, "q=mull"))
	if list.status != http.StatusOK || !strings.Contains(list.body, "/users/c0a70500-") {
		t.Errorf("the users: %d %s", list.status, list.text())
	}
	if !strings.Contains(s.log.String(), "op=client.MFACompliant") {
		t.Error("Partner Center was not asked about the second factor")
	}

	// The access token lives for eight seconds, and is renewed after six. Much
	// shorter ones end before that: their exp is in whole seconds.
	user := base + "/customers/" + emulator.ContosoID + "/users/c0a70500-0000-4000-8000-000000000001"
	renewals := func() int {
		n := 0
		w.each(func(_, sent, _ string) { n += strings.Count(sent, "grant_type=refresh_token") })
		return n
	}
	waitUntil(t, "the tokens are renewed", func() bool {
		if r := v.get(user); r.status != http.StatusOK {
			t.Fatalf("the user: %d to %q: %s", r.status, r.to, r.text())
		}
		return renewals() > 0
	})

	t.Run("no role", func(t *testing.T) {
		v := d.visitor(t)
		if r := signIn(v, "somebody@fabrikam-cloud.example"); r.status != http.StatusForbidden || !r.says("Your account has no role in Rollcall.") || v.session() != "" {
			t.Errorf("%d: %s", r.status, r.text())
		}
	})
	t.Run("declined", func(t *testing.T) {
		v := d.visitor(t)
		start := v.get(base + "/sign-in/start")
		at, _ := v.follow(start.to, v.get(start.to))
		at, _ = v.follow(at+"/abort", v.get(at+"/abort"))
		if r := v.get(at); r.status != http.StatusForbidden || !r.says("The sign-in was declined.") {
			t.Errorf("%d: %s", r.status, r.text())
		}
	})

	// Signing out there, too, by the link on the page.
	out := v.post(base+"/sign-out", nil)
	if out.status != http.StatusSeeOther {
		t.Fatalf("signing out: %d: %s", out.status, out.text())
	}
	out = v.get(base + out.to)
	doc, err := html.Parse(strings.NewReader(out.body))
	if err != nil {
		t.Fatal(err)
	}
	link := ""
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			if n.Data == "a" && a.Key == "href" && strings.HasPrefix(a.Val, issuer) {
				link = a.Val
			}
		}
	}
	if out.status != http.StatusOK || link == "" || v.session() != "" {
		t.Fatalf("signing out: %d, a link %q: %s", out.status, link, out.text())
	}
	at, page := v.follow(link, v.get(link))
	if at, _ = v.submit(at, page, url.Values{"logout": {"yes"}}); at != base+"/sign-in" {
		t.Errorf("signed out of the provider, at %s", at)
	}
	waitUntil(t, "the refresh token is revoked", func() bool {
		done := false
		w.each(func(_, sent, _ string) { done = done || strings.Contains(sent, "POST /token/revocation") })
		return done
	})

	found := loot{}
	found.fromWire(t, w)
	for kind, least := range map[string]int{"access_token": 3, "refresh_token": 3, "id_token": 3, "code": 2, "code_verifier": 2, "client_secret": 2} {
		if n := len(found[kind]); n < least {
			t.Errorf("only %d secrets of the kind %s were seen", n, kind)
		}
	}
	found.search(t, "the log", s.log.String())
	found.search(t, "the database", string(readAll(t, s.folder)))
}

// TestGracefulStop: asked to stop, serve says that it is not ready and goes on
// answering for a while, then takes nobody new, finishes what runs, and says so
// with its exit code.
func TestGracefulStop(t *testing.T) {
	reached, release := make(chan struct{}), make(chan struct{})
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(reached) // the one request of this test
		<-release
		http.Error(w, "not today", http.StatusServiceUnavailable)
	}))
	t.Cleanup(provider.Close)
	s := serve(t, serveOptions{issuer: provider.URL, clientID: "rollcall", secret: "a secret", api: "http://127.0.0.1:9", flags: []string{"--stop-delay", "5s"}})

	type result struct {
		status int
		body   string
		err    error
	}
	answered := make(chan result, 1)
	go func() {
		answer, err := http.Get(s.url + "/sign-in/start")
		if err != nil {
			answered <- result{err: err}
			return
		}
		defer answer.Body.Close()
		var body strings.Builder
		_, err = bufio.NewReader(answer.Body).WriteTo(&body)
		answered <- result{answer.StatusCode, body.String(), err}
	}()
	<-reached
	s.stop()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	waitUntil(t, "it says that it is not ready", func() bool {
		answer, err := client.Get(s.url + "/readyz")
		if err != nil {
			t.Fatalf("it was gone before it said so: %v", err)
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusServiceUnavailable
	})
	if answer, err := client.Get(s.url + "/sign-in"); err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("whom the balancer still sends: %v", err)
	} else {
		answer.Body.Close()
	}
	waitUntil(t, "new requests are turned away", func() bool {
		answer, err := client.Get(s.url + "/readyz")
		if err == nil {
			answer.Body.Close()
		}
		return err != nil
	})
	select {
	case <-s.ended:
		t.Error("it ended with a request running")
	case r := <-answered:
		t.Errorf("the running request was cut off: %+v", r)
	default:
	}
	close(release)
	if r := <-answered; r.err != nil || r.status != http.StatusBadGateway || !strings.Contains(r.body, "The sign-in provider did not answer.") {
		t.Errorf("the running request: %+v", r)
	}
	<-s.ended
	if s.code != 0 {
		t.Errorf("exit code %d", s.code)
	}
	if log := s.log.String(); !strings.Contains(log, "reason=stop") {
		t.Errorf("the trail was not anchored at the stop:\n%s", log)
	}
}
