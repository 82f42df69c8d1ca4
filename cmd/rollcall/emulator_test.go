package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/rollcall-app/rollcall/auth/demoidp"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// startEmulator runs the command until the test ends, and returns its address
// and what it said.
func startEmulator(t *testing.T, args ...string) (address, said string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"emulator", "--listen", "127.0.0.1:0"}, args...), nil, writer, writer)
		writer.Close()
	}()
	t.Cleanup(func() {
		stop()
		if got := <-code; got != exitDone {
			t.Errorf("stopped with exit code %d", got)
		}
	})
	lines := bufio.NewScanner(reader)
	for lines.Scan() {
		said += lines.Text() + "\n"
		if strings.HasPrefix(lines.Text(), "Ctrl+C") {
			break
		}
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	found := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(said)
	if found == "" {
		t.Fatalf("no address in:\n%s", said)
	}
	return found, said
}

// cli runs a command and returns what it printed and its exit code.
func cli(t *testing.T, args ...string) (out, errOut string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, nil, &stdout, &stderr)
	return stdout.String(), stderr.String(), code
}

func TestEmulatorSaysWhatToType(t *testing.T) {
	address, said := startEmulator(t, "--users", "600")
	for _, want := range []string{"export ROLLCALL_API_URL=" + address + " ROLLCALL_TOKEN=admin-agent", "rollcall users list northwind.example"} {
		if !strings.Contains(said, want) {
			t.Errorf("doesn't say %q:\n%s", want, said)
		}
	}
	for _, word := range emulator.BearerWords() {
		if !regexp.MustCompile(`(?m)^  ` + word.Word + ` +` + regexp.QuoteMeta(word.Meaning) + `$`).MatchString(said) {
			t.Errorf("doesn't tell what %s means:\n%s", word.Word, said)
		}
	}

	t.Setenv("ROLLCALL_API_URL", address)
	t.Setenv("ROLLCALL_TOKEN", "admin-agent")
	out, errOut, code := cli(t, "users", "list", "northwind.example", "-o", "ids")
	if strings.Count(out, "\n") != 600 || code != exitDone {
		t.Errorf("%d IDs, exit %d, %s", strings.Count(out, "\n"), code, errOut)
	}
}

func TestEmulatorIsControlledOnlyWhenAsked(t *testing.T) {
	for _, control := range []bool{false, true} {
		args := []string{}
		if control {
			args = append(args, "--control")
		}
		address, said := startEmulator(t, args...)
		answer, err := http.Get(address + "/_emulator/calls") //nolint:noctx // the emulator ends with the test
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if open := answer.StatusCode == http.StatusOK; open != control || strings.Contains(said, "/_emulator/faults") != control {
			t.Errorf("--control=%v: %s\n%s", control, answer.Status, said)
		}
	}
}

func TestEmulatorRefusesMistakes(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	tests := map[string]struct {
		args []string
		code int
		want string
	}{
		"an address others can reach": {[]string{"--listen", "0.0.0.0:8081"}, exitMisuse, `--listen: "0.0.0.0:8081" is no address on this machine; write it like 127.0.0.1:8081`},
		"no port":                     {[]string{"--listen", "localhost"}, exitMisuse, "is no address on this machine"},
		"a taken port":                {[]string{"--listen", taken.Addr().String()}, exitFailed, "is taken by another program. End that, or choose another address"},
		"no users at all":             {[]string{"--users", "0"}, exitMisuse, "--users: 0 is out of bounds"},
		"a provider that isn't there": {[]string{"--listen", "127.0.0.1:0", "--issuer", "http://127.0.0.1:1"}, exitFailed, "The OpenID provider at http://127.0.0.1:1 can't be reached"},
		"a word too much":             {[]string{"now"}, exitMisuse, `rollcall emulator takes no "now"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			out, errOut, code := cli(t, append([]string{"emulator"}, tt.args...)...)
			if code != tt.code || !strings.Contains(errOut, tt.want) || out != "" || strings.Count(errOut, "\n") != 1 {
				t.Errorf("exit %d\nstdout %q\nstderr %q", code, out, errOut)
			}
		})
	}
}

func TestEmulatorKeepsItsState(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	t.Setenv("ROLLCALL_TOKEN", "admin-agent")
	t.Run("first", func(t *testing.T) { // it ends with the test
		address, _ := startEmulator(t, "--users", "20", "--state", file)
		t.Setenv("ROLLCALL_API_URL", address)
		if _, errOut, code := cli(t, "users", "create", "contoso.example", "--upn", "amina@contoso.example", "--display-name", "Amina", "--yes"); code != exitDone {
			t.Fatal(errOut)
		}
	})
	t.Run("again", func(t *testing.T) {
		address, _ := startEmulator(t, "--users", "20", "--state", file)
		t.Setenv("ROLLCALL_API_URL", address)
		if out, errOut, code := cli(t, "users", "get", "contoso.example", "amina@contoso.example", "--columns", "name"); code != exitDone || out != "displayName\tAmina\n" {
			t.Errorf("exit %d, %s%s", code, out, errOut)
		}
	})
	_, errOut, code := cli(t, "emulator", "--listen", "127.0.0.1:0", "--users", "21", "--state", file)
	if code != exitFailed || !strings.Contains(errOut, "--state: "+file+" can't be used: ") || !strings.HasSuffix(errOut, "Give the --seed and --users that it was made with, or another file.\n") {
		t.Errorf("exit %d, %s", code, errOut)
	}
}

// TestEmulatorTakesTheProvidersTokens signs each of the demo's people in and
// lists users with the access token that they got.
func TestEmulatorTakesTheProvidersTokens(t *testing.T) {
	provider := httptest.NewUnstartedServer(nil)
	issuer := "http://" + provider.Listener.Addr().String()
	const back = "http://127.0.0.1:8080/sign-in/callback"
	handler, err := demoidp.New(demoidp.Options{Issuer: issuer, ClientID: "test", Audience: partnercenter.Global.Resource, RedirectURIs: []string{back}})
	if err != nil {
		t.Fatal(err)
	}
	provider.Config.Handler = handler
	provider.Start()
	defer provider.Close()

	address, _ := startEmulator(t, "--issuer", issuer, "--users", "10")
	t.Setenv("ROLLCALL_API_URL", address)
	// Humongous Insurance gives delegated privileges to the admin agent alone.
	want := map[string]int{"Priya Nair": exitDone, "Tomáš Dvořák": exitRefused, "Ama Mensah": exitRefused, "Carsten Brandt": exitRefused}
	for _, person := range demoidp.DemoPeople() {
		t.Run(person.Name, func(t *testing.T) {
			t.Setenv("ROLLCALL_TOKEN", accessToken(t, issuer, back, person.ObjectID, true))
			_, errOut, code := cli(t, "users", "list", emulator.NorthwindID, "-o", "ids")
			if wantFirst, known := want[person.Name]; known {
				if code != exitDone {
					t.Errorf("northwind.example: exit %d, %s", code, errOut)
				}
				if _, errOut, code = cli(t, "users", "list", emulator.AdminOnlyCustomerID, "-o", "ids", "--limit", "1"); code != wantFirst {
					t.Errorf("humongousinsurance.example: exit %d, want %d, %s", code, wantFirst, errOut)
				}
			} else if code == exitDone {
				t.Error("somebody of another company was let in")
			}
		})
	}
	t.Run("without a second factor", func(t *testing.T) {
		t.Setenv("ROLLCALL_TOKEN", accessToken(t, issuer, back, demoidp.DemoPeople()[0].ObjectID, false))
		if _, errOut, code := cli(t, "users", "list", emulator.NorthwindID); code != exitSignIn || !strings.Contains(errOut, "no second factor") {
			t.Errorf("exit %d, %s", code, errOut)
		}
	})
}

// accessToken walks a sign-in at the demo's provider.
func accessToken(t *testing.T, issuer, back, person string, secondFactor bool) string {
	t.Helper()
	discovered, err := oidc.NewProvider(t.Context(), issuer)
	if err != nil {
		t.Fatal(err)
	}
	client := oauth2.Config{ClientID: "test", Endpoint: discovered.Endpoint(), RedirectURL: back, Scopes: []string{"openid"}}
	client.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	verifier := oauth2.GenerateVerifier()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), back) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	page, err := browser.Get(client.AuthCodeURL("s", oauth2.S256ChallengeOption(verifier))) //nolint:noctx // a test
	if err != nil {
		t.Fatal(err)
	}
	page.Body.Close()
	form := url.Values{"id": {page.Request.URL.Query().Get("id")}, "person": {person}}
	if !secondFactor {
		form.Set("second_factor", "no")
	}
	answer, err := browser.PostForm(issuer+"/pick", form) //nolint:noctx // a test
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	location, err := answer.Location()
	if err != nil {
		t.Fatal(err)
	}
	token, err := client.Exchange(t.Context(), location.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	return token.AccessToken
}
