package main

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"testing"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
	"github.com/rollcall-app/rollcall/web"
)

// quietDemo is the demo without logs and with few users, for measuring.
func quietDemo(t testing.TB, users int, change ...func(*demoOptions)) *demo {
	t.Helper()
	o := demoOptions{listen: "127.0.0.1:0", bigUsers: users, log: slog.New(slog.DiscardHandler),
		limits: web.Limits{AddressPerSecond: 1e9, AddressBurst: 1e9, PersonPerSecond: 1e9, PersonBurst: 1e9}}
	for _, f := range change {
		f(&o)
	}
	d, err := startDemo(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		secrets.left(t, "", d.folder)
		if err := d.stop(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// signedIn is an HTTP client of somebody who has signed in.
func (d *demo) signedIn(t testing.TB, person string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	page := fetch(t, client, d.url+"/sign-in/start")
	attempt := regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(page)
	if attempt == nil {
		t.Fatalf("no form to pick a person:\n%s", page)
	}
	answer, err := client.PostForm(d.issuer+"/pick", url.Values{"id": {attempt[1]}, "person": {person}})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.Request.URL.Path != "/customers" {
		t.Fatalf("signed in to %s", answer.Request.URL)
	}
	return client
}

func fetch(t testing.TB, client *http.Client, address string) string {
	t.Helper()
	answer, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// warmRequest is a request for a users page that everything is in memory for.
func warmRequest(t testing.TB, d *demo, query string) *http.Request {
	t.Helper()
	client := d.signedIn(t, priya)
	address := d.users(emulator.NorthwindID, query)
	for range 3 {
		fetch(t, client, address)
	}
	r := httptest.NewRequest(http.MethodGet, address, nil)
	base, err := url.Parse(d.url)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range client.Jar.Cookies(base) {
		r.AddCookie(c)
	}
	return r
}

// discardWriter is a ResponseWriter that keeps nothing but the status.
type discardWriter struct {
	header http.Header
	status int
	bytes  int
}

func (w *discardWriter) Header() http.Header         { return w.header }
func (w *discardWriter) WriteHeader(status int)      { w.status = status }
func (w *discardWriter) Write(p []byte) (int, error) { w.bytes += len(p); return len(p), nil }

// BenchmarkUsersPage is the whole request path of a warm users page, from the
// router to the last byte, without the network.
func BenchmarkUsersPage(b *testing.B) {
	d := quietDemo(b, 5000)
	for name, query := range map[string]string{"list": "", "search": "q=mull"} {
		r := warmRequest(b, d, query)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w := &discardWriter{header: http.Header{}}
				d.portal.ServeHTTP(w, r)
				if w.status != http.StatusOK {
					b.Fatalf("status %d", w.status)
				}
			}
		})
	}
}
