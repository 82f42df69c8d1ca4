package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"

	"github.com/rollcall-app/rollcall/auth/demoidp"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// loadCustomer is adatum.example of the emulator's data, with 118 users: few
// enough that all their licenses are read before anything is measured.
const loadCustomer = "fa2535ed-e69b-470c-bb88-9fd222b2ad16"

// office is rollcall serve in a process of its own, with everything that it
// needs around it in this one.
type office struct {
	base    string
	people  [][]*http.Cookie // of each who signed in
	process int              // of rollcall serve
	closes  []func()
}

func (o *office) close() {
	for i := len(o.closes) - 1; i >= 0; i-- {
		o.closes[i]()
	}
}

// openOffice starts all parts and signs people in: many, since each may ask
// only so often.
func openOffice(opts options) (_ *office, err error) {
	o := &office{}
	defer func() {
		if err != nil {
			o.close()
		}
	}()
	folder, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	o.closes = append(o.closes, func() { _ = os.RemoveAll(folder) })
	rollcall := opts.binary
	if rollcall == "" {
		rollcall = filepath.Join(folder, "rollcall")
		if err := build("..", rollcall, "./cmd/rollcall"); err != nil {
			return nil, err
		}
	}
	listen, err := freeAddress()
	if err != nil {
		return nil, err
	}
	o.base = "http://" + listen

	people := make([]demoidp.Person, opts.people)
	rights := map[string]emulator.Person{}
	for i := range people {
		id := fmt.Sprintf("00000000-0000-4000-8000-%012d", i+1)
		people[i] = demoidp.Person{ObjectID: id, TenantID: emulator.PartnerTenantID, Name: "Priya Nair", UPN: fmt.Sprintf("priya%03d@%s", i, "fabrikam.example"), Roles: []string{"Rollcall.Admin"}}
		rights[id] = emulator.AdminAgent
	}
	idp := httptest.NewUnstartedServer(nil)
	issuer := "http://" + idp.Listener.Addr().String()
	const secret = "the secret of a benchmark"
	provider, err := demoidp.New(demoidp.Options{
		Issuer: issuer, ClientID: "rollcall", ClientSecret: secret, People: people, Audience: partnercenter.Global.Resource,
		RedirectURIs: []string{o.base + "/sign-in/callback"}, PostLogoutRedirectURIs: []string{o.base + "/sign-in"},
	})
	if err != nil {
		return nil, err
	}
	idp.Config.Handler = provider
	idp.Start()
	o.closes = append(o.closes, idp.Close)
	api := httptest.NewServer(emulator.New(emulator.Options{
		BigUsers: opts.users, People: rights, VersionedLinks: true,
		Verify: func(ctx context.Context, bearer string) (emulator.Claims, error) {
			c, err := provider.VerifyAccessToken(ctx, bearer)
			return emulator.Claims{TenantID: c.TenantID, ObjectID: c.ObjectID, Name: c.Name, Roles: c.Roles, MFA: c.MFA(), Expiry: c.Expiry}, err
		},
	}))
	o.closes = append(o.closes, api.Close)

	key, err := exec.Command(rollcall, "keys", "generate").Output()
	if err != nil {
		return nil, fmt.Errorf("rollcall keys generate: %w", err)
	}
	for name, text := range map[string][]byte{"keys": key, "secret": []byte(secret)} {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			return nil, err
		}
	}
	if err := os.Mkdir(filepath.Join(folder, "data"), 0o700); err != nil {
		return nil, err
	}
	var log bytes.Buffer // read only when it did not start
	serve := exec.Command(rollcall, "serve", "--listen", listen, "--base-url", o.base, "--issuer", issuer, "--client-id", "rollcall", "--log-level", "error",
		"--client-secret-file", filepath.Join(folder, "secret"), "--key-file", filepath.Join(folder, "keys"), "--api-url", api.URL,
		"--license-pace", "10000", "--database", "sqlite:"+filepath.Join(folder, "data", "rollcall.db"))
	serve.Stderr = &log
	if err := serve.Start(); err != nil {
		return nil, err
	}
	o.process = serve.Process.Pid
	o.closes = append(o.closes, func() {
		_ = serve.Process.Kill()
		_ = serve.Wait()
	})
	if err := within(10*time.Second, func() bool {
		answer, err := http.Get(o.base + "/readyz")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	}); err != nil {
		return nil, fmt.Errorf("rollcall serve does not start: %w\n%s", err, log.Bytes())
	}
	for _, p := range people {
		cookies, err := o.signIn(issuer, p.ObjectID)
		if err != nil {
			return nil, fmt.Errorf("sign in: %w", err)
		}
		o.people = append(o.people, cookies)
	}
	return o, o.settle()
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// within asks again and again until it is so.
func within(most time.Duration, so func() bool) error {
	for deadline := time.Now().Add(most); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			return errors.New("it took too long")
		}
	}
	return nil
}

var attempt = regexp.MustCompile(`name="id" value="([^"]+)"`)

// signIn goes the way of a browser: to the provider, which is told who it is,
// and back.
func (o *office) signIn(issuer, person string) ([]*http.Cookie, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Jar: jar}
	var picked *http.Response
	err = within(30*time.Second, func() bool { // one address may sign in only so fast
		answer, err := client.Get(o.base + "/sign-in/start")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		form, err := io.ReadAll(answer.Body)
		id := attempt.FindSubmatch(form)
		if err != nil || id == nil {
			return false
		}
		if picked, err = client.PostForm(issuer+"/pick", url.Values{"id": {string(id[1])}, "person": {person}}); err != nil {
			return false
		}
		defer picked.Body.Close()
		return picked.StatusCode == http.StatusOK && picked.Request.URL.Path == "/customers"
	})
	if err != nil {
		return nil, err
	}
	base, err := url.Parse(o.base)
	if err != nil {
		return nil, err
	}
	return jar.Cookies(base), nil
}

// request is for the page that load measures, by one of the people.
func (o *office) request(person int) *http.Request {
	return o.requestFor(person, "/customers/"+loadCustomer+"/users")
}

func (o *office) requestFor(person int, path string) *http.Request {
	r, _ := http.NewRequest(http.MethodGet, o.base+path, nil) // of an address of our own
	for _, c := range o.people[person] {
		r.AddCookie(c)
	}
	return r
}

func (o *office) ask(person int, coding string) (*http.Response, []byte, error) {
	r := o.request(person)
	r.Header.Set("Accept-Encoding", coding)
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer, body, err
}

// settle has everybody look until users and licenses are all read.
func (o *office) settle() error {
	for person := range o.people {
		var last []byte
		if err := within(30*time.Second, func() bool {
			answer, body, err := o.ask(person, "identity")
			last = body
			return err == nil && answer.StatusCode == http.StatusOK && !bytes.Contains(body, []byte("data-poll")) && bytes.Count(body, []byte(`id="u-`)) == 50
		}); err != nil {
			return fmt.Errorf("the users are never all read: %w\n%.2000s", err, last)
		}
	}
	return nil
}

// page is the answer that is measured, in a coding.
func (o *office) page(coding string) (page, error) {
	answer, body, err := o.ask(0, coding)
	if err != nil {
		return page{}, err
	}
	if got := answer.Header.Get("Content-Encoding"); answer.StatusCode != http.StatusOK || got != coding && (got != "" || coding != "identity") {
		return page{}, fmt.Errorf("%s, coded %q", answer.Status, got)
	}
	return page{coding, body}, nil
}
