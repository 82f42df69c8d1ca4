package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/rollcall-app/rollcall/auth/demoidp"
	"github.com/rollcall-app/rollcall/internal/config"
	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// visitor is somebody's browser, as far as an attacker cares: cookies, and
// redirects that are looked at before they are followed.
type visitor struct {
	t      *testing.T
	d      *demo
	jar    *cookiejar.Jar
	client *http.Client
}

func (d *demo) visitor(t *testing.T) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, d: d, jar: jar, client: &http.Client{
		Jar:           jar,
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// reply is an answer, read to its end.
type reply struct {
	status int
	to     string
	header http.Header
	body   string
}

// says reports whether the page has the words, as text.
func (r reply) says(words string) bool { return strings.Contains(r.text(), words) }

func (r reply) text() string {
	doc, err := html.Parse(strings.NewReader(r.body))
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func (v *visitor) do(r *http.Request) reply {
	v.t.Helper()
	answer, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header.Get("Location"), answer.Header, string(body)}
}

func (v *visitor) get(address string) reply {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	got := v.do(r)
	if got.status == http.StatusSeeOther && strings.HasPrefix(got.to, "/sign-in?refused=") { // leaves the code behind, then says why
		return v.get(r.URL.Scheme + "://" + r.URL.Host + got.to)
	}
	return got
}

func (v *visitor) post(address string, form url.Values) reply {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(r)
}

// start begins a sign-in and gives the address at the provider.
func (v *visitor) start() string {
	v.t.Helper()
	r := v.get(v.d.url + "/sign-in/start?return_to=%2Fhelp")
	if r.status != http.StatusSeeOther || !strings.HasPrefix(r.to, v.d.issuer+"/authorize?") {
		v.t.Fatalf("a sign-in begins with %d to %s", r.status, r.to)
	}
	return r.to
}

var pickField = regexp.MustCompile(`name="id" value="([^"]+)"`)

// atProvider goes through the provider's page as the person and gives the
// address that it sends the browser back to.
func (v *visitor) atProvider(address, person string, form ...string) string {
	v.t.Helper()
	page := v.get(address)
	if page.status == http.StatusFound || page.status == http.StatusSeeOther {
		if !strings.HasPrefix(page.to, "/") {
			return page.to // refused at once
		}
		page = v.get(v.d.issuer + page.to)
	}
	found := pickField.FindStringSubmatch(page.body)
	if found == nil {
		v.t.Fatalf("no form to pick a person at %s: %d %s", address, page.status, page.text())
	}
	values := url.Values{"id": {found[1]}, "person": {person}}
	for i := 0; i < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	picked := v.post(v.d.issuer+"/pick", values)
	return v.get(v.d.issuer + picked.to).to
}

// signIn goes the whole way.
func (v *visitor) signIn(person string) reply {
	v.t.Helper()
	return v.get(v.atProvider(v.start(), person))
}

// session is the value of the session's cookie; "" without one.
func (v *visitor) session() string { return v.cookie("rollcall") }

func (v *visitor) cookie(name string) string {
	v.t.Helper()
	for _, c := range v.jar.Cookies(v.base()) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func (v *visitor) setCookie(name, value string) {
	v.jar.SetCookies(v.base(), []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}

func (v *visitor) base() *url.URL {
	u, err := url.Parse(v.d.url)
	if err != nil {
		v.t.Fatal(err)
	}
	return u
}

// in reports whether the person is signed in.
func (v *visitor) in() bool { v.t.Helper(); return v.get(v.d.url+"/help").status == http.StatusOK }

// change gives the address with one parameter changed; nil takes it away.
func change(t *testing.T, address, name string, values ...string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Del(name)
	for _, value := range values {
		q.Add(name, value)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

func parameter(t *testing.T, address, name string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get(name)
}

// TestCallbackAttacks: a sign-in is completed by the browser that began it,
// with what the provider gave for it, once. Whatever else comes back opens nothing.
func TestCallbackAttacks(t *testing.T) {
	d := theDemo(t)
	const (
		cantComplete = "This sign-in can't be completed."
		failedCheck  = "The sign-in provider's answer failed a check."
		declined     = "The sign-in was declined."
	)
	// Each begins with two attempts of one browser, a and b, both picked as
	// Priya, and gives the address that the browser is led to instead.
	type attempts struct {
		v    *visitor
		a, b string // callbacks
	}
	for name, tt := range map[string]struct {
		led    func(t *testing.T, at attempts) string
		status int
		words  string
		spent  bool // attempt or code are used up by it
	}{
		"state missing": {func(t *testing.T, at attempts) string { return change(t, at.a, "state") }, 400, cantComplete, false},
		"state empty":   {func(t *testing.T, at attempts) string { return change(t, at.a, "state", "") }, 400, cantComplete, false},
		"state twice": {func(t *testing.T, at attempts) string {
			s := parameter(t, at.a, "state")
			return change(t, at.a, "state", s, s)
		}, 400, cantComplete, false},
		"state made up": {func(t *testing.T, at attempts) string { return change(t, at.a, "state", strings.Repeat("A", 43)) }, 400, cantComplete, false},
		"state cut": {func(t *testing.T, at attempts) string {
			return change(t, at.a, "state", parameter(t, at.a, "state")[:42])
		}, 400, cantComplete, false},
		"state far too long":         {func(t *testing.T, at attempts) string { return change(t, at.a, "state", strings.Repeat("A", 9000)) }, 400, cantComplete, false},
		"state of the other attempt": {func(t *testing.T, at attempts) string { return change(t, at.a, "state", parameter(t, at.b, "state")) }, 400, cantComplete, true},
		"code missing":               {func(t *testing.T, at attempts) string { return change(t, at.a, "code") }, 400, cantComplete, true},
		"code empty":                 {func(t *testing.T, at attempts) string { return change(t, at.a, "code", "") }, 400, cantComplete, true},
		"code twice": {func(t *testing.T, at attempts) string {
			c := parameter(t, at.a, "code")
			return change(t, at.a, "code", c, c)
		}, 400, cantComplete, true},
		"code made up":              {func(t *testing.T, at attempts) string { return change(t, at.a, "code", "made-up") }, 400, cantComplete, true},
		"code far too long":         {func(t *testing.T, at attempts) string { return change(t, at.a, "code", strings.Repeat("A", 9000)) }, 400, cantComplete, true},
		"code of the other attempt": {func(t *testing.T, at attempts) string { return change(t, at.a, "code", parameter(t, at.b, "code")) }, 400, cantComplete, true},
		"code of another person's browser": {func(t *testing.T, at attempts) string {
			other := at.v.d.visitor(t)
			stolen := other.atProvider(other.start(), carsten)
			return change(t, at.a, "code", parameter(t, stolen, "code"))
		}, 400, cantComplete, true},
		"answer of another browser": {func(t *testing.T, at attempts) string {
			other := at.v.d.visitor(t)
			return other.atProvider(other.start(), carsten)
		}, 400, cantComplete, false},
		"another issuer's": {func(t *testing.T, at attempts) string { return change(t, at.a, "iss", "https://evil.example") }, 403, failedCheck, true},
		"two issuers":      {func(t *testing.T, at attempts) string { return change(t, at.a, "iss", d.issuer, d.issuer) }, 403, failedCheck, true},
		"an error in its place": {func(t *testing.T, at attempts) string {
			return change(t, change(t, at.a, "code"), "error", "access_denied")
		}, 403, declined, true},
		"an error beside it": {func(t *testing.T, at attempts) string { return change(t, at.a, "error", "<script>alert(1)</script>") }, 403, declined, true},
		"nothing at all":     {func(t *testing.T, at attempts) string { return d.url + "/sign-in/callback" }, 400, cantComplete, false},
		"as a fragment":      {func(t *testing.T, at attempts) string { return strings.Replace(at.a, "?", "#", 1) }, 400, cantComplete, false},
	} {
		t.Run(name, func(t *testing.T) {
			v := d.visitor(t)
			at := attempts{v: v}
			at.a = v.atProvider(v.start(), priya)
			at.b = v.atProvider(v.start(), priya)
			r := v.get(tt.led(t, at))
			if r.status != tt.status || !r.says(tt.words) || !r.says("not signed in") && !r.says("Begin anew") || v.session() != "" || v.in() {
				t.Errorf("%d, a session %v: %s", r.status, v.session() != "", r.text())
			}
			if strings.Contains(r.body, "<script>alert") {
				t.Error("what came back is on the page as markup")
			}
			again := v.get(at.a)
			if done := again.status == http.StatusSeeOther && v.in(); done == tt.spent {
				t.Errorf("after that the true answer completes: %v (%d %s)", done, again.status, again.text())
			}
		})
	}

	t.Run("the same answer again", func(t *testing.T) {
		v := d.visitor(t)
		back := v.atProvider(v.start(), priya)
		if r := v.get(back); r.status != http.StatusSeeOther || r.to != "/help" {
			t.Fatalf("the first time: %d to %s", r.status, r.to)
		}
		first := v.session()
		if r := v.get(back); r.status != 400 || !r.says(cantComplete) || v.session() != first {
			t.Errorf("the second time: %d %s", r.status, r.text())
		}
		if !v.in() {
			t.Error("the second time ends the session")
		}
		// With the cookie of the attempt put back, as who keeps cookies can.
		name := ""
		for _, c := range v.get(v.d.url + "/sign-in/start").header.Values("Set-Cookie") {
			name = strings.SplitN(c, "=", 2)[0]
		}
		v.setCookie(name[:len(name)-22]+attemptOf(parameter(t, back, "state")), "x.y")
		if r := v.get(back); r.status != 400 || v.session() != first {
			t.Errorf("with its cookie: %d", r.status)
		}
	})

	t.Run("the attempt's cookie swapped", func(t *testing.T) {
		victim, attacker := d.visitor(t), d.visitor(t)
		back := attacker.atProvider(attacker.start(), carsten)
		name := "rollcall-sign-in-" + attemptOf(parameter(t, back, "state"))
		victim.start()
		victim.setCookie(name, strings.Repeat("A", 43)+".0") // its name is no secret, its value is
		if r := victim.get(back); r.status != 400 || !r.says(cantComplete) || victim.session() != "" {
			t.Errorf("signed in as the attacker: %d %s", r.status, r.text())
		}
	})

	// What is changed on the way to the provider.
	for name, tt := range map[string]struct {
		led    func(t *testing.T, v *visitor, address string) string
		status int
		words  string
	}{
		"nonce missing": {func(t *testing.T, v *visitor, at string) string { return change(t, at, "nonce") }, 403, failedCheck},
		"nonce changed": {func(t *testing.T, v *visitor, at string) string { return change(t, at, "nonce", "another") }, 403, failedCheck},
		"nonce reused": {func(t *testing.T, v *visitor, at string) string {
			return change(t, at, "nonce", parameter(t, v.start(), "nonce"))
		}, 403, failedCheck},
		"challenge of a verifier of the attacker's": {func(t *testing.T, v *visitor, at string) string {
			return change(t, at, "code_challenge", "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")
		}, 400, cantComplete},
		"challenge of the other attempt": {func(t *testing.T, v *visitor, at string) string {
			return change(t, at, "code_challenge", parameter(t, v.start(), "code_challenge"))
		}, 400, cantComplete},
		"no challenge": {func(t *testing.T, v *visitor, at string) string {
			return change(t, change(t, at, "code_challenge"), "code_challenge_method")
		}, 403, declined},
		"silent sign-in": {func(t *testing.T, v *visitor, at string) string { return change(t, at, "prompt", "none") }, 403, declined},
	} {
		t.Run(name, func(t *testing.T) {
			v := d.visitor(t)
			back := v.atProvider(tt.led(t, v, v.start()), priya)
			if r := v.get(back); r.status != tt.status || !r.says(tt.words) || v.session() != "" {
				t.Errorf("%d, a session %v: %s", r.status, v.session() != "", r.text())
			}
		})
	}
}

// attemptOf is the name under which an attempt's cookie lies: it follows from
// the state, which stands in addresses, so an attacker knows it.
func attemptOf(state string) string {
	sum := sha256.Sum256([]byte(state))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// TestCodeIsOurs: a code that somebody has caught is worth nothing at the
// provider without the verifier, which never leaves the server.
func TestCodeIsOurs(t *testing.T) {
	d := theDemo(t)
	for name, verifier := range map[string][]string{"no verifier": nil, "an empty one": {""}, "another": {strings.Repeat("v", 43)}} {
		v := d.visitor(t)
		back := v.atProvider(v.start(), priya)
		form := url.Values{
			"grant_type": {"authorization_code"}, "code": {parameter(t, back, "code")}, "redirect_uri": {d.url + "/sign-in/callback"},
			"client_id": {"rollcall"}, "code_verifier": verifier,
		}
		if r := v.post(d.issuer+"/oauth/token", form); r.status < 400 || strings.Contains(r.body, "access_token") {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
}

// TestFixation: a session's name is made at sign-in and nobody else has had it.
func TestFixation(t *testing.T) {
	d := theDemo(t)
	t.Run("a cookie that somebody planted", func(t *testing.T) {
		v := d.visitor(t)
		planted := strings.Repeat("A", 43)
		v.setCookie("rollcall", planted)
		if r := v.signIn(priya); r.status != http.StatusSeeOther || v.session() == planted || v.session() == "" {
			t.Errorf("%d, the session is %q", r.status, v.session())
		}
		thief := d.visitor(t)
		thief.setCookie("rollcall", planted)
		if thief.in() {
			t.Error("the planted cookie opens the session")
		}
	})
	t.Run("the attacker's own session", func(t *testing.T) {
		attacker, victim := d.visitor(t), d.visitor(t)
		attacker.signIn(carsten)
		mine := attacker.session()
		victim.setCookie("rollcall", mine)
		victim.signIn(priya)
		if victim.session() == mine {
			t.Error("the victim goes on in the attacker's session")
		}
		if attacker.in() {
			t.Error("the session from before lives on")
		}
		if !victim.in() || !victim.get(d.url+"/help").says("Priya Nair") {
			t.Error("the victim is not signed in")
		}
	})
	t.Run("signing in again", func(t *testing.T) {
		v, before := d.visitor(t), d.visitor(t)
		v.signIn(priya)
		before.setCookie("rollcall", v.session())
		if !before.in() {
			t.Fatal("the cookie opens nothing")
		}
		v.signIn(priya)
		if v.session() == before.session() || before.in() || !v.in() {
			t.Errorf("the old name lives on: %v", before.in())
		}
	})
	t.Run("two cookies of one name", func(t *testing.T) {
		v := d.visitor(t)
		v.signIn(priya)
		for cookies, in := range map[string]bool{
			"rollcall=" + v.session(): true,
			"rollcall=" + strings.Repeat("A", 43) + "; rollcall=" + v.session(): false, // the first counts, and it opens nothing
		} {
			r, err := http.NewRequestWithContext(t.Context(), "GET", d.url+"/help", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Cookie", cookies)
			plain := d.visitor(t)
			if got := plain.do(r).status == http.StatusOK; got != in {
				t.Errorf("%q opens: %v", cookies, got)
			}
		}
	})
}

// TestTabsAtOnce: several tabs sign in at once without harming one another; the
// oldest beyond five are given up.
func TestTabsAtOnce(t *testing.T) {
	d := theDemo(t)
	t.Run("two, the later first", func(t *testing.T) {
		v := d.visitor(t)
		one, two := v.start(), v.start()
		backOne, backTwo := v.atProvider(one, priya), v.atProvider(two, priya)
		if r := v.get(backTwo); r.status != 303 || !v.in() {
			t.Errorf("the second: %d", r.status)
		}
		first := v.session()
		if r := v.get(backOne); r.status != 303 || !v.in() || v.session() == first {
			t.Errorf("the first: %d", r.status)
		}
		if left := v.jar.Cookies(v.base()); len(left) != 1 {
			t.Errorf("cookies left over: %v", left)
		}
		old := d.visitor(t)
		old.setCookie("rollcall", first)
		if old.in() {
			t.Error("the session of the other tab lives on beside it")
		}
	})
	t.Run("two people in one browser", func(t *testing.T) {
		v := d.visitor(t)
		one, two := v.start(), v.start()
		v.get(v.atProvider(one, priya))
		if r := v.get(v.atProvider(two, carsten)); r.status != 303 || !v.get(d.url+"/help").says("Carsten Brandt") {
			t.Errorf("the second: %d", r.status)
		}
	})
	t.Run("seven", func(t *testing.T) {
		v := d.visitor(t)
		var backs []string
		for range 7 {
			backs = append(backs, v.atProvider(v.start(), priya))
		}
		if n := len(v.jar.Cookies(v.base())); n != 5 {
			t.Errorf("%d attempts are kept, want 5", n)
		}
		for i, back := range backs {
			if r := v.get(back); (r.status == 303) != (i >= 2) {
				t.Errorf("attempt %d of 7: %d %s", i+1, r.status, r.text())
			}
		}
	})
}

// TestRefusedPeople: who may not come in is told why, and gets neither session
// nor a call to Partner Center.
func TestRefusedPeople(t *testing.T) {
	people := append(demoidp.DemoPeople(),
		demoidp.Person{ObjectID: "71d38fc9-e072-4daf-8ecc-8f9aabbccdd8", TenantID: emulator.PartnerTenantID, Name: "Rosa Klein", UPN: "rosa.klein@fabrikam-cloud.example"},
		demoidp.Person{ObjectID: "82e49ad0-f183-4eb0-9fdd-9aabbccddee9", TenantID: emulator.PartnerTenantID, Name: "Gast Müller", UPN: "gast@fabrikam-cloud.example", Roles: []string{"Rollcall.Admin"}, Guest: true},
		// Of a foreign tenant, with a role and the object ID's look of ours.
		demoidp.Person{ObjectID: "93f5abe1-0294-4fc1-8eee-abbccddeeffa", TenantID: "9f8e7d6c-5b4a-4938-8271-605f4e3d2c1b", Name: "Lars Vogel", UPN: "priya.nair@fabrikam-cloud.example", Roles: []string{"Rollcall.Admin"}},
	)
	d := theDemo(t, func(o *demoOptions) { o.people = people })
	for name, tt := range map[string]struct {
		person string
		words  []string
	}{
		"of a foreign tenant":             {lena, []string{"Your account is not of this partner.", "Rollcall is open to the partner's own staff only. You are not signed in."}},
		"of a foreign tenant with a role": {people[7].ObjectID, []string{"Your account is not of this partner."}},
		"without a role":                  {people[5].ObjectID, []string{"Your account has no role in Rollcall.", "Rollcall.Admin, Rollcall.Helpdesk, Rollcall.Licensing, Rollcall.Reader", "Whoever manages applications in your company's directory can give you one.", "My account needs a role in Rollcall."}},
		"a guest":                         {people[6].ObjectID, []string{"Guest accounts can't sign in here.", "You are not signed in."}},
	} {
		t.Run(name, func(t *testing.T) {
			d.emulator.ResetCalls()
			v := d.visitor(t)
			r := v.signIn(tt.person)
			if r.status != http.StatusForbidden || v.session() != "" || v.in() || len(v.jar.Cookies(v.base())) != 0 {
				t.Errorf("%d, cookies %v", r.status, v.jar.Cookies(v.base()))
			}
			for _, words := range tt.words {
				if !r.says(words) {
					t.Errorf("reads %q, want %q in it", r.text(), words)
				}
			}
			if calls := d.emulator.Calls(); len(calls) > 0 {
				t.Errorf("Partner Center was called: %v", calls)
			}
		})
	}

	t.Run("without a second factor", func(t *testing.T) {
		v := d.visitor(t)
		again := v.get(v.atProvider(v.start(), priya, "second_factor", "no"))
		if again.status != http.StatusSeeOther || parameter(t, again.to, "prompt") != "login" || v.session() != "" {
			t.Fatalf("asked again with %d to %s", again.status, again.to)
		}
		r := v.get(v.atProvider(again.to, priya, "second_factor", "no"))
		if r.status != http.StatusForbidden || !r.says("Your sign-in was without a second factor.") || v.session() != "" {
			t.Errorf("the second time: %d to %q: %s", r.status, r.to, r.text())
		}
	})
}

// TestSignOut: signing out ends the session, its cookie and its tokens, here
// and for whoever has kept a copy; nothing but a form of ours does it.
func TestSignOut(t *testing.T) {
	d := theDemo(t)
	grants := func() int {
		st, err := store.Open(t.Context(), store.Options{DSN: "sqlite:" + filepath.Join(d.folder, "rollcall.db"), MinFree: -1})
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		rows, err := st.GrantsOfPerson(t.Context(), emulator.PartnerTenantID+"/"+priya)
		if err != nil {
			t.Fatal(err)
		}
		return len(rows)
	}
	v, copied := d.visitor(t), d.visitor(t)
	v.signIn(priya)
	copied.setCookie("rollcall", v.session())
	if !copied.in() || grants() != 1 {
		t.Fatalf("signed in: %v, %d grants", copied.in(), grants())
	}
	for _, r := range []reply{v.get(d.url + "/sign-out"), v.get(d.url + "/sign-out?_method=POST"), v.get(d.url + "/sign-in"), v.get(d.url + "/sign-in/start")} {
		if !v.in() {
			t.Errorf("a link signs out (%d)", r.status)
		}
	}
	r := v.post(d.url+"/sign-out", nil)
	if r.status != http.StatusSeeOther || r.to != "/sign-out" || v.session() != "" {
		t.Errorf("signing out: %d to %q, the cookie %q", r.status, r.to, v.session())
	}
	over := v.get(d.url + r.to)
	if over.status != http.StatusOK || !over.says("Signed out") {
		t.Errorf("signed out: %d: %s", over.status, over.text())
	}
	if !strings.Contains(over.body, d.issuer+"/end_session?client_id=rollcall&amp;post_logout_redirect_uri=") {
		t.Error("no link to the provider's own sign-out")
	}
	if set := r.header.Values("Set-Cookie"); len(set) != 1 || !strings.HasPrefix(set[0], "rollcall=; Path=/; Expires=Thu, 01 Jan 1970") || !strings.HasSuffix(set[0], "HttpOnly; SameSite=Lax") {
		t.Errorf("the cookie is taken with %q", set)
	}
	if copied.in() || grants() != 0 {
		t.Errorf("the copy of the cookie opens: %v; %d grants are left", copied.in(), grants())
	}
	if r := copied.get(d.url + "/customers"); r.to != "/sign-in?ended=elsewhere&return_to=%2Fcustomers" {
		t.Errorf("the copy leads to %q", r.to)
	}
	if r := v.post(d.url+"/sign-out", nil); r.status != http.StatusSeeOther {
		t.Errorf("signing out twice: %d", r.status)
	}
}

// TestEndedElsewhere: a person ends their other sessions, at once, and nobody
// else's.
func TestEndedElsewhere(t *testing.T) {
	d := theDemo(t)
	here, there, other := d.visitor(t), d.visitor(t), d.visitor(t)
	here.signIn(priya)
	there.signIn(priya)
	other.signIn(carsten)
	ref := regexp.MustCompile(`name="session" value="([^"]+)"`)

	theirs := ref.FindAllStringSubmatch(other.get(d.url+"/settings").body, -1)
	if len(theirs) != 1 {
		t.Fatalf("Carsten sees %d sessions of his", len(theirs))
	}
	listed := ref.FindAllStringSubmatch(here.get(d.url+"/settings").body, -1)
	if len(listed) != 2 {
		t.Fatalf("Priya sees %d sessions of hers", len(listed))
	}
	for _, one := range listed {
		if strings.Contains(one[1], here.session()) || strings.Contains(one[1], there.session()) {
			t.Error("the page shows a cookie's value")
		}
	}
	// A reader ends nobody else's, also when told its name.
	for _, one := range listed {
		if r := other.post(d.url+"/settings/sessions", url.Values{"session": {one[1]}}); r.status != http.StatusSeeOther {
			t.Errorf("ending another's: %d", r.status)
		}
	}
	if !here.in() || !there.in() {
		t.Error("Carsten ended a session of Priya's")
	}
	for _, one := range listed {
		sum := sha256.Sum256(decode(t, there.session()))
		if one[1] == base64.RawURLEncoding.EncodeToString(sum[:]) {
			here.post(d.url+"/settings/sessions", url.Values{"session": {one[1]}})
		}
	}
	if !here.in() || there.in() {
		t.Errorf("here %v, there %v", here.in(), there.in())
	}
	if r := there.get(d.url + "/help"); r.to != "/sign-in?ended=elsewhere&return_to=%2Fhelp" || !there.get(d.url+r.to).says("This session was ended elsewhere") {
		t.Errorf("there it leads to %q", r.to)
	}
	if r := here.post(d.url+"/settings/sessions", url.Values{"all": {"1"}}); r.to != "/sign-in?ended=everywhere" || here.in() || !other.in() {
		t.Errorf("ending all: to %q, here %v, Carsten %v", r.to, here.in(), other.in())
	}
}

func decode(t *testing.T, value string) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestCookies holds the two cookies against the rules, byte for byte. Over TLS:
// TestOverTLS.
func TestCookies(t *testing.T) {
	d := theDemo(t)
	v := d.visitor(t)
	start := v.get(d.url + "/sign-in/start")
	if set := start.header.Values("Set-Cookie"); len(set) != 1 || !regexp.MustCompile(`^rollcall-sign-in-[\w-]{22}=[\w-]{43}\.[0-9a-z]+; Path=/; Expires=[^;]+; Max-Age=600; HttpOnly; SameSite=Lax$`).MatchString(set[0]) {
		t.Errorf("the attempt's: %q", set)
	}
	r := v.get(v.atProvider(start.to, priya))
	set := r.header.Values("Set-Cookie")
	if len(set) != 2 || !regexp.MustCompile(`^rollcall-sign-in-[\w-]{22}=; Path=/; Expires=Thu, 01 Jan 1970 [^;]+; Max-Age=0; HttpOnly; SameSite=Lax$`).MatchString(set[0]) ||
		!regexp.MustCompile(`^rollcall=[\w-]{43}; Path=/; HttpOnly; SameSite=Lax$`).MatchString(set[1]) {
		t.Errorf("the session's: %q", set)
	}
	seen := map[string]bool{}
	for range 20 {
		v := d.visitor(t)
		v.signIn(carsten)
		if s := v.session(); len(decode(t, s)) != 32 || seen[s] {
			t.Errorf("a session's name of %d bytes, seen before: %v", len(decode(t, s)), seen[s])
		}
		seen[v.session()] = true
	}
	if to := v.get(v.atProvider(v.start(), priya)); to.to != "/help" || strings.Contains(to.to, "code") || strings.Contains(to.to, "state") {
		t.Errorf("signed in to %q", to.to)
	}
}

// TestWire: what the HTTP server itself turns away, written byte by byte.
func TestWire(t *testing.T) {
	d := theDemo(t)
	host := strings.TrimPrefix(d.url, "http://")
	send := func(text string) (status string, rest string) {
		t.Helper()
		conn, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = io.WriteString(conn, text) }() // a server that has had enough reads no further
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			return err.Error(), ""
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return err.Error(), ""
		}
		return fmt.Sprint(answer.StatusCode), string(body)
	}
	head := func(extra string) string {
		return "GET /sign-in HTTP/1.1\r\nHost: " + host + "\r\n" + extra + "Connection: close\r\n\r\n"
	}
	for name, tt := range map[string]struct{ request, status string }{
		"as it should be":             {head(""), "200"},
		"a header of 15 KiB":          {head("X-Long: " + strings.Repeat("x", 15<<10) + "\r\n"), "200"},
		"a header of 24 KiB":          {head("X-Long: " + strings.Repeat("x", 24<<10) + "\r\n"), "431"},
		"a thousand headers":          {head(strings.Repeat("X-A: b\r\n", 4000)), "431"},
		"an address of 24 KiB":        {"GET /" + strings.Repeat("x", 24<<10) + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n", "431"},
		"no host":                     {"GET /sign-in HTTP/1.1\r\n\r\n", "400"},
		"two hosts":                   {head("Host: evil.example\r\n"), "400"},
		"a host with a blank":         {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400"},
		"an old HTTP without a host":  {"GET /sign-in HTTP/1.0\r\n\r\n", "421"},
		"a NUL in a header":           {head("X-A: a\x00b\r\n"), "400"},
		"a line break in an address":  {"GET /a\nb HTTP/1.1\r\nHost: " + host + "\r\n\r\n", "400"},
		"chunks and a length":         {"POST /sharing HTTP/1.1\r\nHost: " + host + "\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\nConnection: close\r\n\r\n0\r\n\r\n", "303"}, // the length is dropped, the connection closed
		"an unknown transfer coding":  {"POST /sharing HTTP/1.1\r\nHost: " + host + "\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n", "501"},
		"two lengths":                 {"POST /sharing HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde", "400"},
		"a proxy's request":           {"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", "421"},
		"a foreign address asked for": {"GET http://evil.example/ HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n", "421"},
	} {
		if status, body := send(tt.request); status != tt.status || strings.Contains(body, "evil.example") {
			t.Errorf("%s: %s, want %s (%.200s)", name, status, tt.status, body)
		}
	}
}

// TestRedirectURI: the provider sends codes to the portal and nowhere else.
func TestRedirectURI(t *testing.T) {
	d := theDemo(t)
	v := d.visitor(t)
	for _, to := range []string{"https://evil.example/", d.url + ".evil.example/sign-in/callback", d.url + "/sign-in/callback/../../customers", d.url + "/sign-in", "http://localhost/sign-in/callback"} {
		r := v.get(change(t, v.start(), "redirect_uri", to))
		if r.status < 400 || r.to != "" {
			t.Errorf("the provider takes %s: %d to %s", to, r.status, r.to)
		}
	}
}

// steering is a text that is something else to a terminal, and to whoever reads
// a log from right to left.
const steering = "Jan\x1b[2J\a\u009b31m \u202egnp.exe\u2066\u2028\u2029\r\nlevel=ERROR msg=forged\t\u200f\ufeff=cmd|'/c calc'!A1"

// TestHostileLogs: no text steers the terminal that a log is read on, or poses
// as a line of its own, in either form.
func TestHostileLogs(t *testing.T) {
	for _, form := range []string{"text", "json"} {
		var out bytes.Buffer
		log := newLogger(&out, config.Config{LogFormat: form, LogLevel: slog.LevelDebug})
		log.Info(steering, slog.String("error", steering), slog.Any("any", errors.New(steering)), slog.String(steering, "x"), slog.Group("g", slog.Any("list", []string{steering})))
		line, rest, _ := strings.Cut(out.String(), "\n")
		if line == "" || rest != "" || strings.ContainsFunc(line, hidden) {
			t.Errorf("%s: %q", form, out.String())
		}
		if form == "json" && !json.Valid([]byte(line)) {
			t.Errorf("no JSON: %s", line)
		}
	}
}

// TestHostileOutput: what the commands print of customers' people steers no
// terminal, makes no line of its own, and is no formula in a spreadsheet.
func TestHostileOutput(t *testing.T) {
	server := httptest.NewServer(emulator.New(emulator.Options{BigUsers: 10}))
	t.Cleanup(server.Close)
	t.Setenv("ROLLCALL_API_URL", server.URL)
	t.Setenv("ROLLCALL_TOKEN", "admin-agent")
	const users = 33
	for format, lines := range map[string]int{"table": 0, "json": 0, "ndjson": users, "csv": 0, "tsv": users, "ids": users} {
		var out, errOut bytes.Buffer
		if code := run(t.Context(), []string{"users", "list", emulator.HostileCustomerID, "-o", format}, nil, &out, &errOut); code != 0 {
			t.Fatalf("%s: exit code %d, %s", format, code, errOut.String())
		}
		if n := strings.Count(out.String(), "\n"); lines > 0 && n != lines {
			t.Errorf("%s: %d lines, want %d", format, n, lines)
		}
		for line := range strings.Lines(out.String()) {
			if format == "csv" {
				break // for a file: what stands in a cell is data, whatever it is
			}
			if shown := strings.Trim(line, "\r\n"); strings.ContainsFunc(shown, func(r rune) bool { return hidden(r) && r != '\t' }) {
				t.Errorf("%s: %q steers", format, line)
			}
		}
		if format == "csv" {
			rows, err := csv.NewReader(&out).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) != users+1 {
				t.Errorf("csv: %d rows, want %d", len(rows), users+1)
			}
			for _, row := range rows {
				for _, cell := range row {
					if first := strings.TrimLeft(cell, " "); first != "" && strings.ContainsAny(first[:1], "=+-@\t\r\n") || strings.HasPrefix(first, "＝") {
						t.Errorf("a formula: %q", cell)
					}
				}
			}
		}
	}
	var out, errOut bytes.Buffer
	run(t.Context(), []string{"users", "list", steering}, nil, &out, &errOut)
	run(t.Context(), []string{steering}, nil, &out, &errOut)
	run(t.Context(), []string{"users", "list", "x.example", "-o", steering}, nil, &out, &errOut)
	if text := strings.ReplaceAll(out.String()+errOut.String(), "\n", ""); strings.ContainsFunc(text, hidden) {
		t.Errorf("a mistake is told with %q", text)
	}
}
