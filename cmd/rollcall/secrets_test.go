package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io/fs"
	"log"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/rollcall-app/rollcall/auth/demoidp"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// wire is all that went over connections which this process opened: to the
// provider and to Partner Center.
type wire struct {
	mu    sync.Mutex
	conns []*tapped
}

// tapped is a connection whose bytes are kept.
type tapped struct {
	net.Conn
	to        string
	mu        sync.Mutex
	sent, got bytes.Buffer
}

func (c *tapped) Write(p []byte) (int, error) {
	c.mu.Lock()
	c.sent.Write(p)
	c.mu.Unlock()
	return c.Conn.Write(p)
}

func (c *tapped) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	c.got.Write(p[:n])
	c.mu.Unlock()
	return n, err
}

// tap keeps what goes over the wire from now on, by clients that are made from
// now on.
func tap(t *testing.T) *wire {
	t.Helper()
	w := &wire{}
	transport := http.DefaultTransport.(*http.Transport)
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		c := &tapped{Conn: conn, to: address}
		w.mu.Lock()
		w.conns = append(w.conns, c)
		w.mu.Unlock()
		return c, nil
	}
	t.Cleanup(func() { transport.DialContext = dial })
	return w
}

// each gives what was sent to and got from each address.
func (w *wire) each(f func(to, sent, got string)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.mu.Lock()
		to, sent, got := c.to, c.sent.String(), c.got.String()
		c.mu.Unlock()
		f(to, sent, got)
	}
}

// loot is every secret that was seen, by kind.
type loot map[string]map[string]bool

func (l loot) add(kind, secret string) {
	if len(secret) < 8 {
		return
	}
	if l[kind] == nil {
		l[kind] = map[string]bool{}
	}
	l[kind][secret] = true
}

// fromWire collects what the wire carried.
func (l loot) fromWire(t *testing.T, w *wire) {
	t.Helper()
	inForm := regexp.MustCompile(`(?:^|[&\s])(code|code_verifier|refresh_token|client_secret|token)=([^&\s]+)`)
	inJSON := regexp.MustCompile(`"(access_token|refresh_token|id_token)"\s*:\s*"([^"]+)"`)
	header := regexp.MustCompile(`(?i)\r\nAuthorization: (Bearer|Basic) (\S+)`)
	w.each(func(to, sent, got string) {
		for _, m := range inForm.FindAllStringSubmatch(sent, -1) {
			value, err := url.QueryUnescape(m[2])
			if err != nil {
				t.Fatal(err)
			}
			l.add(m[1], value)
		}
		for _, m := range inJSON.FindAllStringSubmatch(got, -1) {
			l.add(m[1], m[2])
		}
		for _, m := range header.FindAllStringSubmatch(sent, -1) {
			if m[1] == "Bearer" {
				l.add("access_token", m[2])
				continue
			}
			pair, err := base64.StdEncoding.DecodeString(m[2])
			if err != nil {
				t.Fatal(err)
			}
			_, secret, _ := strings.Cut(string(pair), ":")
			l.add("client_secret", secret)
			l.add("client_secret", m[2])
		}
	})
}

// fromAddress collects what an address in a browser carried.
func (l loot) fromAddress(address string) {
	u, err := url.Parse(address)
	if err != nil {
		return
	}
	for _, name := range []string{"code", "state", "nonce"} {
		l.add(name, u.Query().Get(name))
	}
}

// fromCookies collects cookies that a browser was given, whole and in parts.
func (l loot) fromCookies(header http.Header) {
	for _, line := range header.Values("Set-Cookie") {
		if c, err := http.ParseSetCookie(line); err == nil && strings.HasPrefix(c.Name, "rollcall") {
			secret, _, _ := strings.Cut(c.Value, ".")
			l.add("cookie", secret)
		}
	}
}

// search looks for each secret, in each form that it could have been written.
func (l loot) search(t *testing.T, where, text string) {
	t.Helper()
	for kind, secrets := range l {
		for secret := range secrets {
			for _, form := range []string{
				secret, url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
			} {
				if at := strings.Index(text, form); at >= 0 {
					t.Errorf("%s: a %s: …%q…", where, kind, text[max(0, at-120):min(len(text), at+len(form)+20)])
					break
				}
			}
			if kind == "cookie" {
				if raw, err := base64.RawURLEncoding.DecodeString(secret); err == nil && len(raw) == 32 && strings.Contains(text, string(raw)) {
					t.Errorf("%s: a cookie's bytes", where)
				}
			}
		}
	}
	if at := strings.Index(text, "eyJhbGciOi"); at >= 0 { // every JSON web token begins like that
		t.Errorf("%s: a token: …%q…", where, text[max(0, at-120):min(len(text), at+40)])
	}
}

// everything that a program in this process logs.
type everything struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (e *everything) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.b.Write(p)
}

func (e *everything) String() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.b.String()
}

// overhear takes what goes to the standard loggers, too, as the program does.
func overhear(t *testing.T, e *everything) {
	t.Helper()
	flags := log.Flags()
	giveBack := takeLibraryLog(slog.New(slog.NewTextHandler(e, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() {
		giveBack()
		log.SetOutput(os.Stderr)
		log.SetFlags(flags)
	})
}

// TestSecrets walks through the whole product, right ways and wrong ones, with
// the logs of every part turned up, and then looks for every secret that it has
// seen in everything that was left behind.
func TestSecrets(t *testing.T) {
	heard := &everything{}
	overhear(t, heard)
	w := tap(t)
	d := theDemo(t, func(o *demoOptions) {
		o.log = slog.New(slog.NewTextHandler(heard, &slog.HandlerOptions{Level: slog.LevelDebug}))
		o.bigUsers = 1_200
	})
	found := loot{}
	var pages strings.Builder // all that a browser was sent

	// Without a browser: everything that can go wrong with a sign-in.
	v := d.visitor(t)
	keep := func(r reply) reply {
		found.fromCookies(r.header)
		found.fromAddress(r.to)
		if !strings.HasPrefix(r.to, d.issuer+"/authorize?") { // where state and nonce have to go
			pages.WriteString(r.body + r.to + "\n")
		}
		return r
	}
	attempt := func(person string, form ...string) string {
		back := v.atProvider(keep(v.get(d.url+"/sign-in/start")).to, person, form...)
		found.fromAddress(back)
		return back
	}
	for _, person := range []string{carsten, lena, priya} {
		keep(v.get(attempt(person)))
	}
	back := attempt(tomas)
	keep(v.get(change(t, back, "code", "00000000-not-a-code")))
	keep(v.get(change(t, attempt(tomas), "state", "00000000-not-a-state")))
	keep(v.get(change(t, attempt(tomas), "iss", "https://evil.example")))
	for name, value := range map[string]string{"code_challenge_method": "plain", "prompt": "none", "response_type": "token", "redirect_uri": "https://evil.example/", "scope": ""} {
		v.get(change(t, keep(v.get(d.url+"/sign-in/start")).to, name, value)) // the provider refuses it, and tells its log
	}
	keep(v.get(keep(v.get(attempt(tomas, "second_factor", "no"))).to))
	keep(v.get(attempt(tomas)))
	for _, path := range []string{"/customers", "/settings", "/help", "/jump?q=con", "/nothing", "/sign-in"} {
		keep(v.get(d.url + path))
	}

	// Tokens are renewed, refused, and refused for good. One that lives much
	// shorter would end before its renewal: exp is in whole seconds.
	d.provider.SetFaults(demoidp.Faults{TokenLifetime: 6 * time.Second})
	keep(v.get(attempt(ama)))
	renewed := regexp.MustCompile(`grant_type=refresh_token`)
	waitUntil(t, "a token is renewed", func() bool {
		keep(v.get(d.url + "/customers/" + emulator.ContosoID + "/users/c0a70500-0000-4000-8000-000000000001"))
		done := false
		w.each(func(_, sent, _ string) { done = done || renewed.MatchString(sent) })
		return done
	})
	d.provider.SetFaults(demoidp.Faults{RefuseRefresh: true})
	for _, name := range []string{"expired", "no-mfa", "no-relationship"} {
		keep(v.post(d.url+"/demo/faults", url.Values{"fault": {name}}))
		keep(v.get(d.users(emulator.DocumentedCustomerID, "")))
		keep(v.post(d.url+"/demo/faults", url.Values{}))
		keep(v.get(attempt(priya)))
	}
	d.provider.SetFaults(demoidp.Faults{})
	keep(v.post(d.url+"/sign-out", nil))

	// In a browser: the walk that people take.
	b := openTab(t, desktop)
	var events sync.Mutex
	if err := chromedp.Listen(b.ctx, func(event any) {
		events.Lock()
		defer events.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			found.fromAddress(e.Request.URL)
		case *network.EventResponseReceivedExtraInfo:
			for name, value := range e.Headers {
				if text, ok := value.(string); ok && strings.EqualFold(name, "Set-Cookie") {
					found.fromCookies(http.Header{"Set-Cookie": strings.Split(text, "\n")})
				}
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, network.Enable, network.EnableParams{})
		return err
	}))
	shot := 0
	look := func() {
		shot++
		b.shoot(fmt.Sprintf("page-%02d", shot))
		page := get(b, chromedp.Evaluate[string](`[document.documentElement.outerHTML, location.href, document.cookie, JSON.stringify(localStorage), JSON.stringify(sessionStorage)].join("\n")`))
		if err := os.WriteFile(filepath.Join(t.ArtifactDir(), fmt.Sprintf("page-%02d.html", shot)), []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.signIn(d.url, priya)
	look()
	for _, address := range []string{
		d.users(emulator.NorthwindID, "q=mull"), d.users(emulator.ContosoID, "ticket=T-1"), d.url + "/customers/" + emulator.ContosoID + "/users/c0a70500-0000-4000-8000-000000000001",
		d.url + "/settings", d.url + "/help", d.url + "/jump?q=con", d.url + "/nothing", d.url + "/customers",
	} {
		b.open(address)
		look()
	}
	b.click(`button[popovertarget="me"]`)
	b.click(`form[action="/sign-out"] button`)
	b.waitFor(`document.querySelector("h1")?.textContent.trim() === "Signed out"`)
	look()

	events.Lock()
	defer events.Unlock()
	found.fromWire(t, w)
	for kind, least := range map[string]int{
		"access_token": 8, "refresh_token": 8, "id_token": 8, "code": 8, "code_verifier": 8, "client_secret": 2, "cookie": 16, "state": 10, "nonce": 10,
	} {
		if n := len(found[kind]); n < least {
			t.Errorf("only %d secrets of the kind %s were seen, want at least %d: this test looks for too little", n, kind, least)
		}
	}

	// Nothing goes to the wrong place.
	api, issuer := strings.TrimPrefix(d.api, "http://"), strings.TrimPrefix(d.issuer, "http://")
	w.each(func(to, sent, _ string) {
		for kind, secrets := range found {
			for secret := range secrets {
				if to == api && kind != "access_token" && strings.Contains(sent, secret) {
					t.Errorf("Partner Center was sent a %s", kind)
				}
				if to == issuer && (kind == "cookie" || kind == "id_token") && strings.Contains(sent, secret) && !strings.Contains(sent, "Cookie: rollcall") {
					t.Errorf("the provider was sent a %s", kind)
				}
			}
		}
	})

	// And nothing lies about.
	found.search(t, "the logs", heard.String())
	found.search(t, "the pages", pages.String())
	for _, c := range d.emulator.Calls() {
		found.search(t, "the emulator's log of calls", fmt.Sprintf("%+v", c))
	}
	for _, dir := range []string{d.folder, t.ArtifactDir()} {
		files, trail := 0, false
		if err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			files++
			trail = trail || strings.Contains(string(content), "sign-in.refused")
			found.search(t, filepath.Base(path), string(content))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if files == 0 || dir == d.folder && !trail { // the trail lies in the database in the clear
			t.Errorf("%s does not hold what is to be searched", dir)
		}
	}
	searchCommands(t, d, found)

	if refused := strings.Count(heard.String(), "by=library"); refused < 4 || !strings.Contains(heard.String(), "oidc_error.state=[redacted]") {
		t.Errorf("the provider's library told of %d refusals: this test looks for too little", refused)
	}
	if !strings.Contains(heard.String(), "level=DEBUG") || !strings.Contains(heard.String(), "sign-in not completed") {
		t.Error("the logs were not turned up")
	}
}

// searchCommands runs the command line with a real token, as it should be and
// wrongly, and looks at all it prints.
func searchCommands(t *testing.T, d *demo, found loot) {
	t.Helper()
	tokens := slices.Collect(maps.Keys(found["access_token"]))[:2]
	t.Setenv("ROLLCALL_API_URL", d.api)
	for _, token := range append(tokens, "wrong-"+tokens[0], "two words-"+tokens[0][:40]) {
		found.add("token", token)
		t.Setenv("ROLLCALL_TOKEN", token)
		for _, args := range [][]string{
			{"customers", "list", "--limit", "2"}, {"users", "list", emulator.ContosoDomain, "--limit", "2", "-o", "json"}, {"users", "list", "nobody.example"},
			{"users", "list", emulator.ContosoID, "--limit", "two"}, {"users", "list", "--help"}, {"nothing"},
		} {
			var out, errOut bytes.Buffer
			run(t.Context(), args, strings.NewReader(""), &out, &errOut)
			found.search(t, "rollcall "+strings.Join(args, " "), out.String()+errOut.String())
		}
	}
}

// waitUntil looks again and again until it is so.
func waitUntil(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}
