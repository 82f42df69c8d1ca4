package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/rollcall-app/rollcall/auth/demoidp"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

const (
	testTenant = "fabrikam-cloud.example"
	testClient = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
)

// tokenAuthority is a sign-in authority over HTTP, as strict as the strictest: each
// refresh token is good once, and using one twice ends the whole sign-in.
type tokenAuthority struct {
	*httptest.Server

	mu      sync.Mutex
	answer  string // to the next polls: approve, pending, deny, expire
	mfa     bool
	claims  string // a challenge until it comes back
	life    int    // of access tokens, in seconds
	fault   int    // a status that the token endpoint answers with
	made    int
	polls   int
	refresh map[string]bool            // token → still good
	access  map[string]emulator.Claims // of each access token
}

func newTokenAuthority() *tokenAuthority {
	a := &tokenAuthority{answer: "approve", mfa: true, life: 3600, refresh: map[string]bool{}, access: map[string]emulator.Claims{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /"+testTenant+"/oauth2/v2.0/devicecode", a.deviceCode)
	mux.HandleFunc("POST /"+testTenant+"/oauth2/v2.0/token", a.token)
	a.Server = httptest.NewServer(mux)
	return a
}

// set changes how the authority behaves.
func (a *tokenAuthority) set(change func(*tokenAuthority)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(a)
}

func (a *tokenAuthority) deviceCode(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("client_id") != testClient || !strings.Contains(r.FormValue("scope"), "/user_impersonation") {
		refuseToken(w, "unauthorized_client", "AADSTS700016: Application with identifier was not found.", "")
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.claims != "" && r.FormValue("claims") == a.claims {
		a.claims = ""
	}
	writeJSON(w, map[string]any{"device_code": "device-secret", "user_code": "FJRW-QXPD", "verification_uri": a.URL + "/device", "expires_in": 900, "interval": 1})
}

func (a *tokenAuthority) token(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fault != 0 {
		w.WriteHeader(a.fault)
		return
	}
	switch r.FormValue("grant_type") {
	case "refresh_token":
		used := r.FormValue("refresh_token")
		if good, known := a.refresh[used]; !good {
			if known {
				clear(a.refresh) // it was used before: somebody has a copy
			}
			refuseToken(w, "invalid_grant", "AADSTS50173: The grant was revoked.", a.claims)
			return
		}
		a.refresh[used] = false
	default:
		a.polls++
		switch {
		case r.FormValue("device_code") != "device-secret":
			refuseToken(w, "invalid_grant", "", "")
			return
		case a.claims != "":
			refuseToken(w, "interaction_required", "AADSTS50076: use multi-factor authentication.", a.claims)
			return
		case a.answer == "pending":
			a.answer = "approve"
			refuseToken(w, "authorization_pending", "", "")
			return
		case a.answer == "deny":
			refuseToken(w, "authorization_declined", "", "")
			return
		case a.answer == "expire":
			refuseToken(w, "expired_token", "", "")
			return
		}
	}
	a.made++
	priya := demoidp.DemoPeople()[0]
	claims := fmt.Sprintf(`{"name":%q,"upn":%q,"tid":%q,"n":%d}`, priya.Name, priya.UPN, emulator.PartnerTenantID, a.made)
	access := "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".secret-access"
	refresh := fmt.Sprintf("secret-refresh-%d", a.made)
	a.refresh[refresh] = true
	a.access[access] = emulator.Claims{TenantID: emulator.PartnerTenantID, ObjectID: priya.ObjectID, MFA: a.mfa}
	writeJSON(w, map[string]any{"token_type": "Bearer", "access_token": access, "refresh_token": refresh, "expires_in": a.life})
}

func refuseToken(w http.ResponseWriter, code, description, claims string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	body := map[string]any{"error": code, "error_description": description, "correlation_id": "5a3d64d4-4490-4932-bf5e-0dc9a58f27ca", "claims": claims}
	if strings.Contains(description, "AADSTS50076") {
		body["error_codes"] = []int{50076}
	}
	_ = json.NewEncoder(w).Encode(body)
}

func writeJSON(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

// verify is what the emulator takes the authority's tokens by.
func (a *tokenAuthority) verify(_ context.Context, bearer string) (emulator.Claims, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	claims, ok := a.access[bearer]
	if !ok {
		return claims, errors.New("not a token of this authority")
	}
	return claims, nil
}

// signInHere is a place to sign in: authority, emulator, and a folder for what
// is kept. The command line is pointed at all of them.
func signInHere(t *testing.T) *tokenAuthority {
	t.Helper()
	a := newTokenAuthority()
	t.Cleanup(a.Close)
	service := httptest.NewServer(emulator.New(emulator.Options{BigUsers: 600, Verify: a.verify, People: demoRights()}))
	t.Cleanup(service.Close)
	home := t.TempDir()
	for name, value := range map[string]string{
		"HOME": home, "XDG_CONFIG_HOME": filepath.Join(home, "config"), "AppData": filepath.Join(home, "config"),
		"ROLLCALL_API_URL": service.URL, "ROLLCALL_AUTHORITY": a.URL, "ROLLCALL_TENANT": testTenant, "ROLLCALL_CLIENT_ID": testClient,
		"ROLLCALL_TOKEN": "", "ROLLCALL_TOKEN_STORE": storeFile, "ROLLCALL_PROFILE": "",
	} {
		t.Setenv(name, value)
	}
	return a
}

// everythingKept is all that lies in the folder of settings.
func everythingKept(t *testing.T) string {
	t.Helper()
	folder, err := configFolder()
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	err = filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if errors.Is(err, os.ErrNotExist) {
			return filepath.SkipAll
		}
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		fmt.Fprintf(&all, "%s\n%s\n", path, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func TestLoginAndLogout(t *testing.T) {
	a := signInHere(t)
	a.set(func(a *tokenAuthority) { a.answer = "pending" })
	out, errOut, code := cli(t, "login", "--verbose")
	if code != exitDone || out != "Signed in as Priya Nair (priya.nair@fabrikam-cloud.example). The tokens are in a file that only you can read.\n" {
		t.Fatalf("exit %d\n%s\n%s", code, out, errOut)
	}
	if want := "To sign in, open " + a.URL + "/device and type the code FJRW-QXPD. It is good for 15 minutes.\n"; !strings.Contains(errOut, want) {
		t.Errorf("said %q, want %q", errOut, want)
	}
	if strings.Contains(out+errOut, "secret") {
		t.Errorf("a secret is told:\n%s%s", out, errOut)
	}
	if a.polls != 2 {
		t.Errorf("%d polls", a.polls)
	}
	if runtime.GOOS != "windows" {
		folder, _ := configFolder()
		for path, want := range map[string]os.FileMode{"": 0o700, "tokens": 0o700, "tokens/default.json": 0o600, "tokens/default.access.json": 0o600, "profiles/default.json": 0o600} {
			info, err := os.Stat(filepath.Join(folder, path))
			if err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: %v, %v", path, info, err)
			}
		}
	}

	// The access token is kept too: nothing asks the authority again.
	made := a.made
	if out, errOut, code = cli(t, "customers", "list", "--limit", "1"); code != exitDone || out == "" || a.made != made {
		t.Errorf("exit %d, %s; %d more tokens made", code, errOut, a.made-made)
	}
	if out, errOut, code = cli(t, "whoami", "-o", "json"); code != exitDone {
		t.Errorf("exit %d, %s", code, errOut)
	}
	var me whoamiJSON
	if err := json.Unmarshal([]byte(out), &me); err != nil || me.Name != "Priya Nair" || me.CompanyName != emulator.PartnerName || me.TenantID != emulator.PartnerTenantID ||
		me.Profile != "default" || me.Tokens != storeFile || me.SecondFactor == nil || !*me.SecondFactor {
		t.Errorf("%v\n%s", err, out)
	}

	// Signing in again takes what the profile had.
	for _, name := range []string{"ROLLCALL_AUTHORITY", "ROLLCALL_TENANT", "ROLLCALL_CLIENT_ID", "ROLLCALL_API_URL"} {
		t.Setenv(name, "")
	}
	if out, errOut, code = cli(t, "login"); code != exitDone {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}

	if out, errOut, code = cli(t, "logout"); code != exitDone || out != "Signed out of \"default\".\n" {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	if kept := everythingKept(t); strings.Contains(kept, "secret") || strings.Contains(kept, testClient) {
		t.Errorf("still kept:\n%s", kept)
	}
	refusedWith(t, []string{"customers", "list"}, exitSignIn, `^rollcall: You are signed out\. Sign in with: rollcall login; or set ROLLCALL_TOKEN`)
	if out, _, code = cli(t, "logout"); code != exitDone || out != "Nobody was signed in as \"default\".\n" {
		t.Errorf("exit %d, %s", code, out)
	}
}

func TestProfilesAreApart(t *testing.T) {
	signInHere(t)
	if _, errOut, code := cli(t, "login", "--profile", "lab"); code != exitDone {
		t.Fatal(errOut)
	}
	refusedWith(t, []string{"whoami"}, exitSignIn, `Sign in with: rollcall login; or`)
	refusedWith(t, []string{"whoami", "--profile", "other"}, exitSignIn, `Sign in with: rollcall login --profile other; or`)
	t.Setenv("ROLLCALL_PROFILE", "lab")
	if out, errOut, code := cli(t, "whoami", "--columns", "profile"); code != exitDone || out != "profile\tlab\n" {
		t.Errorf("exit %d, %s%s", code, out, errOut)
	}
	// A token in the environment wins over a profile there, but not over the flag.
	t.Setenv("ROLLCALL_TOKEN", "reader")
	if out, errOut, code := cli(t, "whoami", "--columns", "tokens"); code != exitDone || out != "tokens\tROLLCALL_TOKEN\n" {
		t.Errorf("exit %d, %s%s", code, out, errOut)
	}
	if out, errOut, code := cli(t, "whoami", "--profile", "lab", "--columns", "tokens"); code != exitDone || out != "tokens\tfile\n" {
		t.Errorf("exit %d, %s%s", code, out, errOut)
	}
}

func TestATokenGoesWhereItWasMadeFor(t *testing.T) {
	signInHere(t)
	if _, errOut, code := cli(t, "login"); code != exitDone {
		t.Fatal(errOut)
	}
	called := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer elsewhere.Close()
	refusedWith(t, []string{"customers", "list", "--api-url", elsewhere.URL}, exitMisuse, `The sign-in "default" is for http://127\.0\.0\.1:\d+, and its token goes nowhere else\.`)
	t.Setenv("ROLLCALL_API_URL", elsewhere.URL)
	refusedWith(t, []string{"customers", "list"}, exitMisuse, `its token goes nowhere else`)
	if called {
		t.Error("it went there")
	}
}

func TestRefreshTokensAreKeptInTurn(t *testing.T) {
	a := signInHere(t)
	a.set(func(a *tokenAuthority) { a.life = 20 }) // which is too short to be used twice
	if _, errOut, code := cli(t, "login"); code != exitDone {
		t.Fatal(errOut)
	}
	// Many commands at once: each has to wait for the one before, or the
	// authority would see a token twice and end the sign-in.
	var commands sync.WaitGroup
	for range 8 {
		commands.Go(func() {
			if _, errOut, code := cli(t, "customers", "list", "--limit", "1"); code != exitDone {
				t.Errorf("exit %d, %s", code, errOut)
			}
		})
	}
	commands.Wait()
	if a.made < 9 {
		t.Errorf("only %d tokens made", a.made)
	}
	if kept := everythingKept(t); !strings.Contains(kept, fmt.Sprintf("secret-refresh-%d", a.made)) {
		t.Errorf("the last one is not kept:\n%s", kept)
	}
}

func TestASignInThatEnded(t *testing.T) {
	a := signInHere(t)
	a.set(func(a *tokenAuthority) { a.life = 20 })
	if _, errOut, code := cli(t, "login"); code != exitDone {
		t.Fatal(errOut)
	}
	a.set(func(a *tokenAuthority) { a.fault = http.StatusBadGateway })
	refusedWith(t, []string{"customers", "list"}, exitFailed, `^rollcall: The customers can't be read\. The sign-in authority can't be reached, or didn't answer as it ought\. Try again in a minute\.\n$`)
	a.set(func(a *tokenAuthority) { a.fault = 0; clear(a.refresh) })
	refusedWith(t, []string{"customers", "list"}, exitSignIn, `^rollcall: The customers can't be read\. Your sign-in has ended\. It says: "AADSTS50173: The grant was revoked\."\. Sign in again with: rollcall login\. Correlation ID 5a3d64d4-4490-4932-bf5e-0dc9a58f27ca\n$`)
	refusedWith(t, []string{"users", "delete", "contoso.example", agnieszka, "--yes"}, exitSignIn, `Nothing was changed\. Your sign-in has ended\.`)
	refusedWith(t, []string{"whoami"}, exitSignIn, `^rollcall: Your sign-in has ended\.`)
}

func TestLoginAsksAgainWithWhatTheCompanyWants(t *testing.T) {
	a := signInHere(t)
	a.set(func(a *tokenAuthority) { a.claims = `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}` })
	_, errOut, code := cli(t, "login")
	if code != exitDone || strings.Count(errOut, "FJRW-QXPD") != 2 || !strings.Contains(errOut, "Your company asks for more, such as a second factor. Once more:") {
		t.Errorf("exit %d\n%s", code, errOut)
	}
}

func TestLoginThatComesToNothing(t *testing.T) {
	tests := map[string]struct {
		set  func(*tokenAuthority)
		args []string
		code int
		want string
	}{
		"declined":                {func(a *tokenAuthority) { a.answer = "deny" }, nil, exitSignIn, `^rollcall: The sign-in was declined\. To try again: rollcall login\. Correlation ID`},
		"too late":                {func(a *tokenAuthority) { a.answer = "expire" }, []string{"--profile", "lab"}, exitSignIn, `Nobody signed in while the code was good\. To try again: rollcall login --profile lab`},
		"without a second factor": {func(a *tokenAuthority) { a.mfa = false }, nil, exitSignIn, `You signed in without a second factor, and Partner Center takes nothing else\. The sign-in was not kept\.`},
		"an unknown application":  {nil, []string{"--client-id", "other"}, exitFailed, `takes tenant, application or address for wrong\. It says: "AADSTS700016: Application with identifier was not found\."`},
		"no tenant":               {nil, []string{"--tenant", ""}, exitMisuse, `--tenant is missing: your own company's tenant, its ID or a domain of it \(or set ROLLCALL_TENANT\)`},
		"no application":          {nil, []string{"--client-id", ""}, exitMisuse, `--client-id is missing`},
		"anybody's tenant":        {nil, []string{"--tenant", "organizations"}, exitMisuse, `is no tenant of your own`},
		"a keyring that is none":  {nil, []string{"--token-store", "keyring"}, exitFailed, `There is no keyring here, or it stays locked\.`},
		"no Azure CLI":            {nil, []string{"--azure-cli"}, exitFailed, `The Azure CLI is not installed\. Install az, or sign in without --azure-cli\.`},
	}
	keyring.MockInitWithError(errors.New("locked"))
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a := signInHere(t)
			t.Setenv("PATH", t.TempDir())
			if tt.set != nil {
				a.set(tt.set)
			}
			out, errOut, code := cli(t, append([]string{"login"}, tt.args...)...)
			last := errOut[strings.LastIndex(strings.TrimSuffix(errOut, "\n"), "\n")+1:]
			if code != tt.code || out != "" || !matches(tt.want, last) {
				t.Errorf("exit %d, want %d\n%s%s", code, tt.code, out, errOut)
			}
			if kept := everythingKept(t); strings.Contains(kept, "secret") || strings.Contains(kept, "profiles") {
				t.Errorf("kept all the same:\n%s", kept)
			}
		})
	}
}

func TestTokensInAKeyring(t *testing.T) {
	keyring.MockInit()
	signInHere(t)
	t.Setenv("ROLLCALL_TOKEN_STORE", "auto")
	out, errOut, code := cli(t, "login")
	if code != exitDone || !strings.HasSuffix(out, "The tokens are in this system's keyring.\n") {
		t.Fatalf("exit %d\n%s%s", code, out, errOut)
	}
	if kept := everythingKept(t); strings.Contains(kept, "secret") {
		t.Errorf("tokens lie beside the keyring:\n%s", kept)
	}
	if held, err := keyring.Get(keyringService, "default"); err != nil || !strings.Contains(held, "secret-refresh-1") {
		t.Errorf("%q, %v", held, err)
	}
	if _, errOut, code := cli(t, "customers", "list", "--limit", "1"); code != exitDone {
		t.Errorf("exit %d, %s", code, errOut)
	}
	if _, errOut, code := cli(t, "logout"); code != exitDone {
		t.Errorf("exit %d, %s", code, errOut)
	}
	for _, name := range []string{"default", "default.access", "try"} {
		if held, err := keyring.Get(keyringService, name); !errors.Is(err, keyring.ErrNotFound) {
			t.Errorf("%s: %q, %v", name, held, err)
		}
	}
}

func TestWithoutAKeyringTokensGoToAFile(t *testing.T) {
	keyring.MockInitWithError(errors.New("no such service"))
	signInHere(t)
	t.Setenv("ROLLCALL_TOKEN_STORE", "auto")
	if out, errOut, code := cli(t, "login"); code != exitDone || !strings.HasSuffix(out, "The tokens are in a file that only you can read.\n") {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
}

func TestTokensThatOthersCanReadAreNotUsed(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // access lists rule there, and the folder is the person's own
	}
	signInHere(t)
	if _, errOut, code := cli(t, "login"); code != exitDone {
		t.Fatal(errOut)
	}
	folder, err := configFolder()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(folder, "tokens", "default.json"), 0o644); err != nil {
		t.Fatal(err)
	}
	refusedWith(t, []string{"customers", "list"}, exitSignIn, `The tokens kept here can be read by others, so they are not used\. Sign in again with: rollcall login`)
}

func TestTokensFromTheAzureCLI(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // the stand-in is a shell script
	}
	signInHere(t)
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	az := func(script string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(bin, "az"), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil { //nolint:gosec // G306: a program
			t.Fatal(err)
		}
	}
	az(`echo "Please run 'az login' to setup account." >&2; exit 1`)
	refusedWith(t, []string{"login", "--azure-cli"}, exitSignIn, `Nobody is signed in to the Azure CLI, or without a second factor\. Sign in there with: az login`)

	az(`echo "{\"accessToken\":\"admin-agent\",\"expires_on\":` + fmt.Sprint(time.Now().Add(time.Hour).Unix()) + `}"`)
	if out, errOut, code := cli(t, "login", "--azure-cli"); code != exitDone || !strings.HasSuffix(out, "The tokens are with the Azure CLI.\n") {
		t.Fatalf("exit %d\n%s%s", code, out, errOut)
	}
	if out, errOut, code := cli(t, "whoami", "--columns", "tokens,companyName"); code != exitDone || out != "tokens\tazure-cli\ncompanyName\tFabrikam Cloud Services\n" {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	if kept := everythingKept(t); strings.Contains(kept, "admin-agent") {
		t.Errorf("the token is kept:\n%s", kept)
	}
}

func TestAnInterruptedLoginSaysNothing(t *testing.T) {
	a := signInHere(t)
	a.set(func(a *tokenAuthority) { a.answer = "pending" })
	ctx, stop := context.WithCancel(t.Context())
	said := 0
	errOut := writerFunc(func(b []byte) (int, error) { said++; stop(); return len(b), nil }) // Ctrl+C once the code is shown
	if code := run(ctx, []string{"login"}, nil, errOut, errOut); code != exitInterrupted || said != 1 {
		t.Errorf("exit %d, %d lines", code, said)
	}
	if kept := everythingKept(t); strings.Contains(kept, "profiles") {
		t.Errorf("kept:\n%s", kept)
	}
}

func TestWhoamiWithoutTheProfile(t *testing.T) {
	service := atEmulator(t, "app-only") // which may not read the partner's organization
	out, errOut, code := cli(t, "whoami", "--columns", "companyName,tokens", "-o", "csv")
	if code != exitDone || out != "companyName,tokens\nFabrikam Cloud Services,ROLLCALL_TOKEN\n" {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	service.SetFault(emulator.Fault{PathPrefix: "/profiles", Status: 403})
	t.Setenv("ROLLCALL_TOKEN", "admin-agent")
	if out, errOut, code = cli(t, "whoami"); code != exitDone || !strings.Contains(out, "secondFactor\ttrue") {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
}

func TestClaimsAreReadOfTokensOnly(t *testing.T) {
	for _, text := range []string{"", "admin-agent", "a.b.c", "a.!!.c", "e30." + base64.RawURLEncoding.EncodeToString([]byte("[]")) + ".c"} {
		if got := claimsOf(partnercenter.NewSecret(text)); got != (tokenClaims{}) {
			t.Errorf("%q tells %+v", text, got)
		}
	}
}

func matches(pattern, text string) bool { return regexp.MustCompile(pattern).MatchString(text) }
