package web

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/auth/demoidp"
	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/internal/preferences"
	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/internal/store/storetest"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// The people of these tests, by object ID. The first five are the demo's.
const (
	priya   = "0a6c1e52-7f0b-4c38-9d55-1e2f3a4b5c61" // admin agent
	tomas   = "1b7d2f63-8a1c-4d49-8e66-2f3a4b5c6d72" // helpdesk agent
	ama     = "2c8e3a74-9b2d-4e5a-9f77-3a4b5c6d7e83" // license manager
	carsten = "3d9f4b85-ac3e-4f6b-8a88-4b5c6d7e8f94" // reader
	lena    = "4ea05c96-bd4f-4a7c-9b99-5c6d7e8f9aa5" // of a foreign tenant
	nora    = "5fb16da7-ce50-4b8d-8caa-6d7e8f9aabb6" // sees all customers, has no delegated privileges
	piet    = "60c27eb8-df61-4c9e-9dbb-7e8f9aabbcc7" // has no role at Partner Center
	mallory = "82e49ad0-f183-4eb0-9fdd-9aabbccddee9" // has a hostile name
	rosa    = "71d38fc9-e072-4daf-8ecc-8f9aabbccdd8" // has no role in Rollcall
)

var refusesRefresh = demoidp.Faults{RefuseRefresh: true}

// people are who can sign in here.
func people() []demoidp.Person {
	partner := emulator.PartnerTenantID
	return append(demoidp.DemoPeople(),
		demoidp.Person{ObjectID: nora, TenantID: partner, Name: "Nora Berg", UPN: "nora.berg@fabrikam-cloud.example", Roles: []string{"Rollcall.Admin"}},
		demoidp.Person{ObjectID: piet, TenantID: partner, Name: "Piet Maas", UPN: "piet.maas@fabrikam-cloud.example", Roles: []string{"Rollcall.Admin"}},
		demoidp.Person{ObjectID: mallory, TenantID: partner, Name: hostileText, UPN: hostileText + "@fabrikam-cloud.example", Roles: []string{"Rollcall.Admin"}},
		demoidp.Person{ObjectID: rosa, TenantID: partner, Name: "Rosa Klein", UPN: "rosa.klein@fabrikam-cloud.example", Roles: []string{"Somebody.Else"}},
	)
}

// base is where the portal of these tests is.
const base = "https://rollcall.example"

// rig is the portal on real parts: database, provider, Partner Center. Only
// the clock of sessions can be moved.
type rig struct {
	t        testing.TB
	portal   *Portal
	emulator *emulator.Emulator
	provider *demoidp.Provider
	store    *store.Store
	trail    *audit.Trail
	log      *logBuffer
	base     string

	mu    sync.Mutex
	ahead time.Duration // of the real clock
	fails func()        // runs in /readyz
}

type rigOptions struct {
	base    string // "" is base
	limits  Limits
	demo    Demo
	proxies string // comma-separated
	users   int    // of northwind.example

	upstream func(http.Handler) http.Handler // in front of Partner Center; nil: nothing
	signIn   func(http.Handler) http.Handler // in front of the provider; nil: nothing
	tenants  []auth.Tenant                   // whose people may sign in as well
}

func newRig(t testing.TB, o rigOptions) *rig {
	t.Helper()
	if o.base == "" {
		o.base = base
	}
	if o.limits == (Limits{}) {
		o.limits = Limits{AddressPerSecond: 1e6, AddressBurst: 1e6, PersonPerSecond: 1e6, PersonBurst: 1e6}
	}
	if o.users == 0 {
		o.users = 1200
	}
	r := &rig{t: t, base: o.base, log: &logBuffer{}}
	log := slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))

	idp := httptest.NewUnstartedServer(nil)
	issuer := "http://" + idp.Listener.Addr().String()
	provider, err := demoidp.New(demoidp.Options{
		Issuer: issuer, ClientID: "rollcall", ClientSecret: "client-secret", RedirectURIs: []string{o.base + "/sign-in/callback"},
		PostLogoutRedirectURIs: []string{o.base + "/sign-in"}, Audience: partnercenter.Global.Resource, People: people(), Logger: log,
	})
	must(t, err)
	r.provider = provider
	idp.Config.Handler = provider
	if o.signIn != nil {
		idp.Config.Handler = o.signIn(provider)
	}
	idp.Start()
	t.Cleanup(idp.Close)

	r.emulator = emulator.New(emulator.Options{
		BigUsers: o.users, VersionedLinks: true, Logger: log,
		People: map[string]emulator.Person{
			priya: emulator.AdminAgent, tomas: emulator.HelpdeskAgent, ama: emulator.LicenseManager, carsten: emulator.Reader,
			nora: emulator.NoGDAP, piet: {}, mallory: emulator.AdminAgent,
		},
		Verify: func(ctx context.Context, bearer string) (emulator.Claims, error) {
			c, err := provider.VerifyAccessToken(ctx, bearer)
			return emulator.Claims{TenantID: c.TenantID, ObjectID: c.ObjectID, Name: c.Name, Roles: c.Roles, MFA: c.MFA(), Expiry: c.Expiry}, err
		},
	})
	var upstream http.Handler = r.emulator
	if o.upstream != nil {
		upstream = o.upstream(upstream)
	}
	api := httptest.NewServer(upstream)
	t.Cleanup(api.Close)

	r.store = storetest.Open(t, store.Options{DSN: storetest.Memory, Logger: log, Now: r.clock})
	keys, err := auth.NewKeyRing([]byte("0123456789abcdef0123456789abcdeF"))
	must(t, err)
	key, earlier := keys.TrailKeys()
	r.trail, err = audit.New(r.store, key, audit.Options{Logger: log, Earlier: earlier})
	must(t, err)
	t.Cleanup(func() { _ = r.trail.Close(context.WithoutCancel(t.Context())) }) // a test may have closed the database
	signIn, err := auth.New(t.Context(), auth.Config{
		BaseURL: o.base, Tenants: append([]auth.Tenant{{Issuer: issuer, ID: emulator.PartnerTenantID, Name: emulator.PartnerName}}, o.tenants...),
		ClientID: "rollcall", ClientSecret: partnercenter.NewSecret("client-secret"), Resource: partnercenter.Global.Resource,
		Keys: keys, Logger: log,
		PartnerCenter: partnercenter.Options{BaseURL: api.URL, Logger: log, Shared: partnercenter.NewShared(partnercenter.SharedOptions{})},
	}, r.store, r.trail)
	must(t, err)
	t.Cleanup(func() { _ = signIn.Close() })
	lists := directory.New(directory.Options{Logger: log, LicensesPerMinute: 1e9})
	t.Cleanup(lists.Close)

	at, err := url.Parse(o.base)
	must(t, err)
	cfg := Config{
		Roles:   slices.Sorted(maps.Keys(auth.DefaultRoles())),
		BaseURL: at, Partner: emulator.PartnerName, Provider: "the test's sign-in", ProviderHost: idp.Listener.Addr().String(),
		Version: "test", Limits: o.limits, Logger: log, Demo: o.demo,
	}
	for p := range strings.SplitSeq(o.proxies, ",") {
		if p != "" {
			cfg.TrustedProxies = append(cfg.TrustedProxies, prefix(t, p))
		}
	}
	r.portal = New(cfg, Rooms{Auth: signIn, Directory: lists, Preferences: preferences.New(r.store), Trail: r.trail, Healthy: r.healthy})
	return r
}

func (r *rig) healthy(ctx context.Context) error {
	r.mu.Lock()
	fails := r.fails
	r.mu.Unlock()
	if fails != nil {
		fails()
	}
	return r.store.Ping(ctx)
}

// inReadyz runs do, once, in the handler of /readyz.
func (r *rig) inReadyz(do func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fails = do
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Now().Add(r.ahead)
}

// wait moves the clock of sessions.
func (r *rig) wait(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ahead += d
}

type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// browser keeps cookies as browsers do.
type browser struct {
	*rig
	t       testing.TB
	cookies map[string]*http.Cookie
	from    string // address:port
}

func (r *rig) browser(t testing.TB) *browser {
	return &browser{rig: r, t: t, cookies: map[string]*http.Cookie{}, from: "192.0.2.7:1234"}
}

// signedIn is a browser whose person has signed in.
func (r *rig) signedIn(t testing.TB, person string) *browser {
	t.Helper()
	b := r.browser(t)
	if a := b.signIn("/sign-in/start", person); a.status != http.StatusSeeOther {
		t.Fatalf("signing in: %d %s", a.status, a.text())
	}
	return b
}

// signIn begins at the address and gives the answer to the callback.
func (b *browser) signIn(start, person string) *answer {
	b.t.Helper()
	return b.get(path(b.t, pick(b.t, b.get(start).to(), person)))
}

// path is an address without its scheme and host.
func path(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	must(t, err)
	return u.RequestURI()
}

var attemptField = regexp.MustCompile(`name="id" value="([^"]+)"`)

// pick goes through the provider's page as the person, and gives the address
// that the provider sends the browser back to.
func pick(t testing.TB, address, person string) string {
	t.Helper()
	client := &http.Client{CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if r.URL.Path == "/sign-in/callback" {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	page, err := client.Get(address)
	must(t, err)
	text, err := io.ReadAll(page.Body)
	page.Body.Close()
	must(t, err)
	found := attemptField.FindSubmatch(text)
	if found == nil {
		t.Fatalf("no form to pick a person at %s:\n%s", address, text)
	}
	back, err := client.PostForm(page.Request.URL.Scheme+"://"+page.Request.URL.Host+"/pick", url.Values{"id": {string(found[1])}, "person": {person}})
	must(t, err)
	back.Body.Close()
	if back.Header.Get("Location") == "" {
		t.Fatalf("the provider answered %s", back.Status)
	}
	return back.Header.Get("Location")
}

// with adds a header to a request.
type with struct{ name, value string }

// fragment makes a request one of htmx for a part of the page.
var fragment = []with{{"HX-Request", "true"}, {"HX-Request-Type", "partial"}}

func (b *browser) get(target string, headers ...with) *answer {
	b.t.Helper()
	return b.do(http.MethodGet, target, nil, headers...)
}

// getRead opens a list again and again until all of it is read, with the
// licenses of its users.
func (b *browser) getRead(target string) *answer {
	b.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		if a := b.get(target); !strings.Contains(a.body, "data-poll") {
			return a
		}
	}
	b.t.Fatalf("%s is never all read: %s", target, strings.Join(regexp.MustCompile(`(?s)id="users-status".{600}|Licenses: .{300}`).FindAllString(b.get(target).body, -1), "\n"))
	return nil
}

// post sends a form as a page of our own does.
func (b *browser) post(target string, form url.Values, headers ...with) *answer {
	b.t.Helper()
	return b.do(http.MethodPost, target, form, append([]with{{"Origin", b.base}, {"Sec-Fetch-Site", "same-origin"}}, headers...)...)
}

func (b *browser) do(method, target string, form url.Values, headers ...with) *answer {
	b.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequestWithContext(b.t.Context(), method, b.base+target, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, h := range headers {
		if h.name == "Host" {
			r.Host = h.value
			continue
		}
		r.Header.Set(h.name, h.value)
	}
	return b.send(r)
}

// raw sends what no well-behaved client would: the request as it is written.
func (b *browser) raw(request string) *answer {
	b.t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(request)))
	must(b.t, err)
	if strings.HasPrefix(b.base, "https:") {
		r.TLS = &tls.ConnectionState{HandshakeComplete: true}
	}
	return b.send(r.WithContext(b.t.Context()))
}

func (b *browser) send(r *http.Request) *answer {
	b.t.Helper()
	r.RemoteAddr = b.from
	for _, c := range b.cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	w := httptest.NewRecorder()
	b.portal.ServeHTTP(w, r)
	a := &answer{t: b.t, status: w.Code, header: w.Result().Header, body: w.Body.String(), cookies: w.Result().Cookies()}
	for _, c := range a.cookies {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c
		}
	}
	return a
}

// answer is what the portal said.
type answer struct {
	t       testing.TB
	status  int
	header  http.Header
	body    string
	cookies []*http.Cookie
}

func (a *answer) to() string { return a.header.Get("Location") }

// text is what a person reads of the page: its main part, blanks folded.
func (a *answer) text() string {
	a.t.Helper()
	doc, err := html.Parse(strings.NewReader(a.body))
	must(a.t, err)
	in := find(doc, func(n *html.Node) bool { return n.Type == html.ElementNode && n.Data == "main" })
	if in == nil {
		in = doc
	}
	return strings.Join(strings.Fields(textOf(in)), " ")
}

func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := range n.ChildNodes() {
		b.WriteString(textOf(c))
		b.WriteByte(' ')
	}
	return b.String()
}

func find(n *html.Node, is func(*html.Node) bool) *html.Node {
	for c := range n.Descendants() {
		if is(c) {
			return c
		}
	}
	return nil
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// freshBook has read nothing yet, as another replica's.
func freshBook(r *rig) *preferences.Book { return preferences.New(r.store) }
