package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/rollcall-app/rollcall/auth/demoidp"
	"github.com/rollcall-app/rollcall/internal/browsertest"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// serving is rollcall serve, run as it is in production: from its flags.
type serving struct {
	url    string // of its own listener
	log    *everything
	folder string        // of the database
	key    string        // in the key file
	args   []string      // the command
	stop   func()        // asks it to stop
	ended  chan struct{} // closed when it has
	code   int           // its exit code, then
}

type serveOptions struct {
	base     string // what people type; "" is its own listener
	listen   string // "" is a free port on loopback
	issuer   string
	clientID string
	secret   string
	api      string
	shared   bool // the database is that of the environment
	flags    []string
}

// serve runs the whole command and waits until it is ready.
func serve(t *testing.T, o serveOptions) *serving {
	t.Helper()
	if o.listen == "" {
		o.listen = freeAddress(t)
	}
	s := &serving{url: "http://" + o.listen, log: &everything{}, folder: t.TempDir(), ended: make(chan struct{})}
	if o.base == "" {
		o.base = s.url
	}
	keys := t.TempDir()
	var key bytes.Buffer
	if code := run(t.Context(), []string{"keys", "generate"}, nil, &key, io.Discard); code != 0 {
		t.Fatalf("no key is made: exit code %d", code)
	}
	s.key = strings.TrimSpace(key.String())
	for name, text := range map[string]string{"keys": key.String(), "secret": o.secret} {
		if err := os.WriteFile(filepath.Join(keys, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	s.stop = stop
	s.args = []string{
		"serve", "--listen", o.listen, "--base-url", o.base, "--issuer", o.issuer, "--client-id", o.clientID,
		"--client-secret-file", filepath.Join(keys, "secret"), "--key-file", filepath.Join(keys, "keys"), "--api-url", o.api, "--log-level", "debug", "--stop-delay", "0s",
	}
	if !o.shared {
		s.args = append(s.args, "--database", "sqlite:"+filepath.Join(s.folder, "rollcall.db"))
	}
	s.args = append(s.args, o.flags...)
	go func() {
		defer close(s.ended)
		s.code = run(ctx, s.args, nil, s.log, s.log)
	}()
	t.Cleanup(func() {
		s.stop()
		select {
		case <-s.ended:
		case <-time.After(patience):
			t.Error("serve does not stop")
		}
		secrets.left(t, s.log.String(), s.folder)
		if t.Failed() {
			t.Log(s.log.String())
		}
	})
	for deadline := time.Now().Add(patience); ; {
		answer, err := http.Get(s.url + "/readyz")
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return s
			}
		}
		select {
		case <-s.ended:
			t.Fatalf("serve ended with %d: %s", s.code, s.log)
		case <-time.After(20 * time.Millisecond): // until it listens
		}
		if time.Now().After(deadline) {
			t.Fatalf("serve is never ready: %v\n%s", err, s.log)
		}
	}
}

// freeAddress is an address on loopback that nothing listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// thrownAway is a throw-away certificate authority with one certificate for
// localhost.
func thrownAway(t *testing.T) (roots *x509.CertPool, leaf tls.Certificate) {
	t.Helper()
	key := func() *ecdsa.PrivateKey {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	make := func(template, parent *x509.Certificate, public *ecdsa.PublicKey, signer *ecdsa.PrivateKey) *x509.Certificate {
		der, err := x509.CreateCertificate(rand.Reader, template, parent, public, signer)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	from, until := time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	rootKey, leafKey := key(), key()
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Thrown away"}, NotBefore: from, NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	root = make(root, root, &rootKey.PublicKey, rootKey)
	site := make(&x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: from, NotAfter: until, DNSNames: []string{"localhost"},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, root, &leafKey.PublicKey, rootKey)
	roots = x509.NewCertPool()
	roots.AddCert(root)
	return roots, tls.Certificate{Certificate: [][]byte{site.Raw}, PrivateKey: leafKey, Leaf: site}
}

// TestOverTLS is the main walk as it is in production: the portal behind a
// proxy that holds the certificate.
func TestOverTLS(t *testing.T) {
	roots, certificate := thrownAway(t)
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(front.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	base := "https://localhost:" + port

	idp := httptest.NewUnstartedServer(nil)
	issuer := "http://" + idp.Listener.Addr().String()
	provider, err := demoidp.New(demoidp.Options{
		Issuer: issuer, ClientID: "rollcall", ClientSecret: "client-secret-of-this-test", RedirectURIs: []string{base + "/sign-in/callback"},
		PostLogoutRedirectURIs: []string{base + "/sign-in"}, Audience: partnercenter.Global.Resource,
	})
	if err != nil {
		t.Fatal(err)
	}
	idp.Config.Handler = provider
	idp.Start()
	t.Cleanup(idp.Close)
	api := httptest.NewServer(emulator.New(emulator.Options{
		BigUsers: 1_200, People: demoRights(), VersionedLinks: true,
		Verify: func(ctx context.Context, bearer string) (emulator.Claims, error) {
			c, err := provider.VerifyAccessToken(ctx, bearer)
			return emulator.Claims{TenantID: c.TenantID, ObjectID: c.ObjectID, Name: c.Name, Roles: c.Roles, MFA: c.MFA(), Expiry: c.Expiry}, err
		},
	}))
	t.Cleanup(api.Close)

	s := serve(t, serveOptions{base: base, issuer: issuer, clientID: "rollcall", secret: "client-secret-of-this-test", api: api.URL, flags: []string{"--trusted-proxies", "127.0.0.1"}})
	behind, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &http.Server{
		Handler: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(behind)
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		}},
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}}, ReadHeaderTimeout: patience,
		ErrorLog: log.New(io.Discard, "", 0), // browsers hang up
	}
	go func() { _ = proxy.ServeTLS(front, "", "") }() // until it is closed
	t.Cleanup(func() { _ = proxy.Close() })

	t.Run("cookies", func(t *testing.T) { // no check of the certificate is left out
		v := (&demo{url: base, issuer: issuer}).visitor(t)
		v.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
		t.Cleanup(v.client.CloseIdleConnections)
		start := v.get(base + "/sign-in/start")
		if set := start.header.Values("Set-Cookie"); len(set) != 1 || !regexp.MustCompile(`^__Host-rollcall-sign-in-[\w-]{22}=[\w-]{43}\.[0-9a-z]+; Path=/; Expires=[^;]+; Max-Age=600; HttpOnly; Secure; SameSite=Lax$`).MatchString(set[0]) {
			t.Errorf("the attempt's cookie: %q", set)
		}
		r := v.get(v.atProvider(start.to, priya))
		set := r.header.Values("Set-Cookie")
		if len(set) != 2 || !regexp.MustCompile(`^__Host-rollcall=[\w-]{43}; Path=/; HttpOnly; Secure; SameSite=Lax$`).MatchString(set[1]) {
			t.Errorf("the session's cookie: %q (%d %s)", set, r.status, r.text())
		}
		help := v.get(base + "/help")
		if help.status != http.StatusOK || !strings.HasPrefix(help.header.Get("Strict-Transport-Security"), "max-age=63072000") {
			t.Errorf("help: %d, %v", help.status, help.header)
		}
		if r := v.post(base+"/sharing", url.Values{"on": {"1"}}); len(r.header.Values("Set-Cookie")) != 1 || !strings.Contains(r.header.Get("Set-Cookie"), "; HttpOnly; Secure; SameSite=Lax") {
			t.Errorf("the cookie of sharing: %q", r.header.Values("Set-Cookie"))
		}
		if trail := string(readAll(t, s.folder)); !strings.Contains(trail, "sign-in") {
			t.Error("the sign-in is not on the trail")
		}
	})

	t.Run("without the proxy", func(t *testing.T) {
		r, err := http.NewRequestWithContext(t.Context(), "GET", s.url+"/sign-in", nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, tt := range map[string]struct {
			host, says string
			status     int
		}{
			"by its own address":   {behind.Host, "", 307}, // to the one that people type
			"over plain HTTP":      {"localhost:" + port, "http", 421},
			"by a foreign address": {"rollcall.evil.example", "https", 421},
		} {
			r.Host = tt.host
			r.Header.Set("X-Forwarded-Proto", tt.says)
			answer, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != tt.status || len(answer.Cookies()) > 0 {
				t.Errorf("%s: %d, cookies %v", name, answer.StatusCode, answer.Cookies())
			}
		}
	})

	t.Run("in a browser", func(t *testing.T) {
		// The browser takes this one key, from whomever; it has no list of
		// authorities that a test could add to.
		pin := sha256.Sum256(certificate.Leaf.RawSubjectPublicKeyInfo)
		options := browsertest.Options(t, chromedp.UserDataDir(t.TempDir()),
			chromedp.Flag("ignore-certificate-errors-spki-list", base64.StdEncoding.EncodeToString(pin[:])))
		ctx, cancel := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
		t.Cleanup(cancel)
		b := newTab(t, ctx, desktop)
		b.signIn(base+"/customers/"+emulator.ContosoID+"/users?q=mull", priya)
		b.waitFor(`document.querySelectorAll(".users-table tbody th a").length > 0`)
		if at := b.location(); at != base+"/customers/"+emulator.ContosoID+"/users?q=mull" {
			t.Errorf("signed in to %s", at)
		}
		cookies := func() map[string]*network.Cookie {
			found := map[string]*network.Cookie{}
			b.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
				answer, err := cdp.Call(ctx, target, network.GetCookies, network.GetCookiesParams{URLs: []string{base + "/"}})
				if err != nil {
					return err
				}
				for _, c := range answer.Cookies {
					found[c.Name] = c
				}
				return nil
			}))
			return found
		}
		c := cookies()["__Host-rollcall"]
		if c == nil || !c.Secure || !c.HTTPOnly || c.SameSite != network.CookieSameSiteLax || c.Path != "/" || c.Domain != "localhost" || !c.Session {
			t.Errorf("the session's cookie: %+v", c)
		}
		if js := get(b, chromedp.Evaluate[string]("document.cookie")); strings.Contains(js, "__Host-rollcall") {
			t.Error("a script can read it")
		}
		for name := range cookies() {
			if strings.HasPrefix(name, "__Host-rollcall-sign-in") {
				t.Errorf("left over: %s", name)
			}
		}
		b.clickAndLoad(".users-table tbody tr:first-child a.name")
		b.waitFor(`document.querySelector("h1")`)
		b.click(`button[popovertarget="me"]`)
		b.click(`form[action="/sign-out"] button`)
		b.waitFor(`document.querySelector("h1")?.textContent.trim() === "Signed out"`)
		if c := cookies()["__Host-rollcall"]; c != nil {
			t.Errorf("after signing out: %+v", c)
		}
	})

	// The keys and the secret stay in their files.
	for where, text := range map[string]string{"the log": s.log.String(), "the database": string(readAll(t, s.folder))} {
		raw, err := base64.RawURLEncoding.DecodeString(s.key)
		if err != nil {
			t.Fatalf("the key file holds %d bytes that are no base64: %v", len(s.key), err)
		}
		for what, secret := range map[string]string{"the key": s.key, "the key's bytes": string(raw), "the key in hexadecimal": fmt.Sprintf("%x", raw), "the client's secret": "client-secret-of-this-test"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s is in %s", what, where)
			}
		}
	}
}

// readAll is the content of all files of a folder.
func readAll(t *testing.T, folder string) []byte {
	t.Helper()
	var all []byte
	if err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		all = append(all, content...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}
