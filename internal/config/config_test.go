package config

import (
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

//go:generate go test -count=1 -run TestConfigurationPageIsFresh -update .
var update = flag.Bool("update", false, "rewrite docs/configuration.md")

// secretFile is a file that a setting may name, in a folder of its own.
func secretFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte("s3cret"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// complete is an environment in which serve has all that it needs.
func complete(t *testing.T, more ...string) []string {
	t.Helper()
	return append([]string{
		"PATH=/bin",
		"ROLLCALL_BASE_URL=https://rollcall.example",
		"ROLLCALL_ISSUER=https://login.example/7d1f2a3b/v2.0",
		"ROLLCALL_CLIENT_ID=rollcall",
		"ROLLCALL_CLIENT_SECRET_FILE=" + secretFile(t),
		"ROLLCALL_KEY_FILE=" + secretFile(t),
	}, more...)
}

func load(t *testing.T, command Command, environ []string, args ...string) (Config, error) {
	t.Helper()
	set := For(command)
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	set.AddFlags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return set.Load(flags, environ)
}

func TestServeStartsOnDefaults(t *testing.T) {
	got, err := load(t, Serve, complete(t))
	if err != nil {
		t.Fatal(err)
	}
	if got.BaseURL.String() != "https://rollcall.example" {
		t.Errorf("base URL %s", got.BaseURL)
	}
	got.BaseURL, got.ClientSecretFile, got.KeyFile = nil, "", ""
	want := Config{
		Listen: "127.0.0.1:8080", Issuer: "https://login.example/7d1f2a3b/v2.0", ClientID: "rollcall", RolesClaim: "roles",
		AdminRole: "Rollcall.Admin", HelpdeskRole: "Rollcall.Helpdesk", LicensingRole: "Rollcall.Licensing", ReaderRole: "Rollcall.Reader",
		RequireMFA: true, IdleTimeout: time.Hour, AbsoluteTimeout: 12 * time.Hour, StopDelay: 5 * time.Second, Database: "sqlite:/var/lib/rollcall/rollcall.db",
		MemoryLimit: 512 << 20, LicenseBudget: 2000, LicensePace: 300, Cloud: "global", LogFormat: "text",
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Token{})); diff != "" {
		t.Errorf("Load (-want +got):\n%s", diff)
	}
}

func TestFlagBeatsVariableBeatsDefault(t *testing.T) {
	tests := map[string]struct {
		environ []string
		args    []string
		want    string
	}{
		"default":                {nil, nil, "127.0.0.1:8080"},
		"variable":               {[]string{"ROLLCALL_LISTEN=:81"}, nil, ":81"},
		"flag":                   {[]string{"ROLLCALL_LISTEN=:81"}, []string{"--listen", ":82"}, ":82"},
		"an empty variable":      {[]string{"ROLLCALL_LISTEN="}, nil, "127.0.0.1:8080"},
		"a wrong variable loses": {[]string{"ROLLCALL_LISTEN=81"}, []string{"--listen=:82"}, ":82"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := load(t, Demo, tt.environ, tt.args...)
			if err != nil || got.Listen != tt.want {
				t.Errorf("Listen = %q, %v; want %q", got.Listen, err, tt.want)
			}
		})
	}
}

func TestMistakesSayWhatToWrite(t *testing.T) {
	folder := t.TempDir()
	empty := filepath.Join(folder, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	key := secretFile(t)
	link := filepath.Join(folder, "link")
	if err := os.Symlink(key, link); err != nil {
		t.Fatal(err)
	}

	tests := map[string]struct {
		arg  string
		want string
	}{
		"listen without port":         {"--listen=localhost", `--listen: "localhost" is no address to listen on; write it like 127.0.0.1:8080, or :8080 for all networks`},
		"listen on a name":            {"--listen=rollcall.example:80", `write it like 127.0.0.1:8080`},
		"listen on a port too high":   {"--listen=:65536", `write it like 127.0.0.1:8080`},
		"base URL a word":             {"--base-url=rollcall", `--base-url: "rollcall" is not an address; write it like https://rollcall.example`},
		"base URL plain":              {"--base-url=http://rollcall.example", `is plain HTTP; write it like https://rollcall.example`},
		"base URL with a path":        {"--base-url=https://example.com/rollcall", `has more than a host`},
		"base URL other scheme":       {"--base-url=ftp://rollcall.example", `is not an address`},
		"base URL plain, open listen": {"--base-url=http://localhost:8080 --listen=:8080", `--base-url: http://localhost:8080 is plain HTTP, which stays on this machine; write https://…, or --listen 127.0.0.1:8080`},
		"issuer a word":               {"--issuer=entra", `--issuer: "entra" is no issuer; write it as the provider's discovery document does`},
		"issuer plain":                {"--issuer=http://login.example", `is no issuer`},
		"issuer common":               {"--issuer=https://login.microsoftonline.com/common/v2.0", `lets in people of any tenant; put your own tenant's ID in place of "common"`},
		"issuer Organizations":        {"--issuer=https://login.microsoftonline.com/Organizations/v2.0", `in place of "organizations"`},
		"issuer consumers":            {"--issuer=https://login.microsoftonline.com/consumers/v2.0", `in place of "consumers"`},
		"client ID with space":        {"--client-id=roll_call_", ""},
		"secret file missing":         {"--client-secret-file=" + folder + "/none", `there is no file ` + folder + `/none; make it, or give its right path`},
		"secret file a folder":        {"--client-secret-file=" + folder, `is a folder; give the path of the file in it`},
		"secret file empty":           {"--client-secret-file=" + empty, `is empty; put the value in it`},
		"tenant a name":               {"--allowed-tenants=7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b,fabrikam", `--allowed-tenants: "fabrikam" is no tenant ID`},
		"tenants without Entra":       {"--allowed-tenants=7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b --issuer=https://login.example", `--allowed-tenants: the issuer https://login.example is not a tenant of Microsoft Entra ID`},
		"mfa maybe":                   {"--require-mfa=maybe", `--require-mfa: "maybe" is neither true nor false`},
		"idle too long":               {"--idle-timeout=25h", `is no time between 1m and 24h; write it like 60m`},
		"idle without unit":           {"--idle-timeout=60", `is no time between 1m and 24h`},
		"idle over absolute":          {"--idle-timeout=13h", `--idle-timeout: 13h0m0s is longer than --absolute-timeout, 12h0m0s; make it at most that`},
		"database a path":             {"--database=/var/lib/rollcall.db", `this is no database; write it like sqlite:/var/lib/rollcall/rollcall.db`},
		"database that forgets":       {"--database=sqlite::memory:", `forgets the trail when it stops`},
		"database of another make":    {"--database=mysql://db.example/d", `this is no database`},
		"database flag with password": {"--database=postgres://rollcall:hunter2@db.example/rollcall", `--database: it holds a password, which a list of processes would show; set ROLLCALL_DATABASE instead`},
		"database flag, query":        {"--database=postgres://db.example/rollcall?password=hunter2", `set ROLLCALL_DATABASE instead`},
		"key beside the database":     {"--key-file=" + key + " --database=sqlite:" + filepath.Dir(key) + "/rollcall.db", `lies in the database's folder`},
		"key below the database":      {"--key-file=" + key + " --database=sqlite:" + filepath.Dir(filepath.Dir(key)) + "/rollcall.db", `lies in the database's folder`},
		"key by way of a link":        {"--key-file=" + link + " --database=sqlite:" + filepath.Dir(key) + "/rollcall.db", `lies in the database's folder`},
		"guests maybe":                {"--allow-guests=some", `--allow-guests: "some" is neither true nor false`},
		"a provider's host with path": {"--provider-hosts=https://oauth2.example/token", `--provider-hosts: "https://oauth2.example/token" is no host; write it without https:// and path, like oauth2.example`},
		"a context with quotes":       {`--mfa-contexts="c1"`, `is no authentication context; write its ID, like c1`},
		"contexts of no use":          {"--mfa-contexts=c1 --require-mfa=false", `--mfa-contexts: they prove what --require-mfa=false does not ask for`},
		"retention of a week":         {"--trail-retention=7", `--trail-retention: "7" is no number of days of 30 or more; write it like 730, or leave it out to keep all`},
		"retention with a unit":       {"--trail-retention=2y", `is no number of days`},
		"memory too small":            {"--memory-limit=1MiB", `is no size of 16MiB or more; write it like 512MiB or 2GiB`},
		"budget below none":           {"--license-budget=-1", `is no number from 0 to 1000000`},
		"budget with a comma":         {"--license-budget=2,000", `is no number from 0 to 1000000; write it in digits alone`},
		"pace of nothing":             {"--license-pace=0", `is no number from 10 to 10000`},
		"memory of other units":       {"--memory-limit=2GB", `is no size of 16MiB or more`},
		"memory over all bounds":      {"--memory-limit=9223372036854775807GiB", `is no size of 16MiB or more`},
		"cloud of Germany":            {"--cloud=germany", `--cloud: "germany" is unknown; write global, us-government or china`},
		"API plain":                   {"--api-url=http://api.example", `is no address of the API`},
		"API with v1":                 {"--api-url=https://api.example/v1/", `ends in /v1, which Rollcall adds itself; leave it out`},
		"proxies everybody":           {"--trusted-proxies=0.0.0.0/0", `believes everybody`},
		"proxies a name":              {"--trusted-proxies=proxy.example", `is no network; write it like 10.0.0.0/8 or 192.0.2.7`},
		"two levels of one role":      {"--reader-role=Rollcall.Admin", `--reader-role: "Rollcall.Admin" is also --admin-role; give each level a role of its own`},
		"log level loud":              {"--log-level=loud", `--log-level: "loud" is unknown; write debug, info, warn or error`},
		"log format xml":              {"--log-format=xml", `--log-format: "xml" is unknown; write text or json`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			args := strings.Fields(tt.arg)
			if tt.want == "" { // the one value that needs a space in it
				args, tt.want = []string{"--client-id=roll call"}, `--client-id: "roll call" has a space`
			}
			_, err := load(t, Serve, complete(t), args...)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: got %v\nwant %s", tt.arg, err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the message repeats a password: %v", err)
			}
		})
	}
}

func TestSignInSettings(t *testing.T) {
	tests := map[string]struct {
		args []string
		want string // of the message; empty: taken
	}{
		"as it should be":       {[]string{"--tenant=Fabrikam.onmicrosoft.com", "--client-id=c", "--profile=work-2", "--token-store=file"}, ""},
		"a tenant's ID":         {[]string{"--tenant=7D1F2A3B-4c5d-4e6f-8a9b-0c1d2e3f4a5b"}, ""},
		"anybody's tenant":      {[]string{"--tenant=common"}, `--tenant: "common" is no tenant of your own; write its ID, like 7d1f2a3b-`},
		"a path for a tenant":   {[]string{"--tenant=../common.example"}, `is no tenant of your own`},
		"an authority's path":   {[]string{"--authority=https://login.example/common"}, `--authority: "https://login.example/common" is no authority; write scheme and host alone`},
		"a plain authority":     {[]string{"--authority=http://login.example"}, `is no authority`},
		"an authority here":     {[]string{"--authority=http://127.0.0.1:8082/"}, ""},
		"a folder as a profile": {[]string{"--profile=../x"}, `--profile: "../x" is no name of a sign-in; write up to 40 lower-case letters`},
		"a profile in capitals": {[]string{"--profile=Work"}, `is no name of a sign-in`},
		"a store in the clouds": {[]string{"--token-store=cloud"}, `--token-store: "cloud" is unknown; write auto, keyring or file`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := load(t, Login, nil, tt.args...)
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("%v: refused: %v", tt.args, err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("%v: got %v\nwant %s", tt.args, err, tt.want)
			case c.Tenant != strings.ToLower(c.Tenant) || strings.HasSuffix(c.Authority, "/"):
				t.Errorf("%v: kept as %q, %q", tt.args, c.Tenant, c.Authority)
			}
		})
	}
}

func TestGivenTellsDefaultsApart(t *testing.T) {
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	For(CLI).AddFlags(flags)
	if err := flags.Parse([]string{"--cloud=global"}); err != nil {
		t.Fatal(err)
	}
	environ := []string{"ROLLCALL_PROFILE=work", "ROLLCALL_API_URL="}
	for flag, want := range map[string]bool{"cloud": true, "profile": true, "api-url": false, "listen": false} {
		if got := For(CLI).Given(flags, environ, flag); got != want {
			t.Errorf("%s: given is %v", flag, got)
		}
	}
	if For(CLI).Given(nil, nil, "cloud") {
		t.Error("a default counts as given")
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	_, err := load(t, Serve, []string{"ROLLCALL_REQUIRE_MFA=no", "ROLLCALL_REQIRE_MFA=false", "ROLLCALL_TEST_POSTGRES=x"}, "--listen", "nowhere")
	want := []string{
		`--listen: "nowhere" is no address to listen on; write it like 127.0.0.1:8080, or :8080 for all networks`,
		`--base-url is missing: address that people type to reach the portal, such as https://rollcall.example (or set ROLLCALL_BASE_URL)`,
		`--issuer is missing: address of the OpenID provider, for Entra https://login.microsoftonline.com/TENANT-ID/v2.0 (or set ROLLCALL_ISSUER)`,
		`--client-id is missing: the application's ID at the provider (or set ROLLCALL_CLIENT_ID)`,
		`--client-secret-file is missing: file that holds the application's secret, alone (or set ROLLCALL_CLIENT_SECRET_FILE)`,
		`ROLLCALL_REQUIRE_MFA: "no" is neither true nor false; write one of them`,
		`--key-file is missing: file that holds the ring of keys which seal tokens and the trail; not in the database's folder (or set ROLLCALL_KEY_FILE)`,
		`ROLLCALL_REQIRE_MFA is no setting of Rollcall: take it away, or look up its name in docs/configuration.md`,
	}
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
}

func TestValuesAreKeptInOneForm(t *testing.T) {
	c, err := load(t, Serve, complete(t), "--issuer=https://login.microsoftonline.com/7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b/v2.0",
		"--base-url=https://Rollcall.Example/", "--allowed-tenants= 7D1F2A3B-4c5d-4e6f-8a9b-0c1d2e3f4a5b , 7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b",
		"--trusted-proxies=10.1.2.3/8, 192.0.2.7", "--memory-limit=2GiB", "--api-url=http://127.0.0.1:8081/", "--log-level=warn", "--require-mfa=false", "--reader-role=",
		"--provider-hosts=OAuth2.example, keys.example:8443", "--trail-retention=730", "--allow-guests=true")
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintln(c.BaseURL, c.AllowedTenants, c.TrustedProxies, c.MemoryLimit, c.APIURL, c.LogLevel, c.RequireMFA, c.ReaderRole == "", c.ProviderHosts, c.TrailRetention, c.AllowGuests)
	want := fmt.Sprintln("https://rollcall.example", []string{"7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b"},
		[]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32")}, int64(2<<30), "http://127.0.0.1:8081", slog.LevelWarn, false, true,
		[]string{"oauth2.example", "keys.example:8443"}, 730*24*time.Hour, true)
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDatabasePasswordComesByVariable(t *testing.T) {
	c, err := load(t, Serve, complete(t, "ROLLCALL_DATABASE=postgres://rollcall:hunter2@db.example/rollcall"))
	if err != nil || c.Database != "postgres://rollcall:hunter2@db.example/rollcall" {
		t.Errorf("Database = %q, %v", c.Database, err)
	}
}

func TestTokenIsNeverPrinted(t *testing.T) {
	c, err := load(t, CLI, []string{"ROLLCALL_TOKEN=s3cret-bearer"})
	if err != nil || c.Token.Reveal() != "s3cret-bearer" {
		t.Fatalf("token not taken: %v", err)
	}
	asJSON, err := json.Marshal(c.Token)
	if err != nil {
		t.Fatal(err)
	}
	printed := fmt.Sprintf("%v %+v %#v %q %s %x %v", c, c, c.Token, c.Token, asJSON, c.Token, slog.AnyValue(c.Token).Resolve())
	if strings.Contains(printed, "s3cret") || strings.Contains(printed, fmt.Sprintf("%x", "s3cret")) {
		t.Errorf("printed: %s", printed)
	}

	_, err = load(t, CLI, []string{"ROLLCALL_TOKEN=Bearer s3cret"})
	if err == nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), `give the token alone, without "Bearer"`) {
		t.Errorf("a pasted header: %v", err)
	}
}

func TestEverySettingIsWhole(t *testing.T) {
	name := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	help := regexp.MustCompile("^[^`]*`[^`]+`[^`]*$")
	var seen []string
	for _, s := range settings() {
		if !name.MatchString(s.Flag) || slices.Contains(seen, s.Flag) {
			t.Errorf("--%s: not a new name of lower-case words", s.Flag)
		}
		seen = append(seen, s.Flag)
		if !help.MatchString(s.Help) || strings.HasSuffix(s.Help, ".") {
			t.Errorf("--%s: help needs one placeholder in back quotes and no full stop: %s", s.Flag, s.Help)
		}
		if s.For == 0 || s.Required&^s.For != 0 {
			t.Errorf("--%s: belongs to no command, or is required where it isn't known", s.Flag)
		}
		if s.Default != "" {
			var c Config
			if err := s.set(&c, s.Default); err != nil {
				t.Errorf("--%s: the default is refused: %v", s.Flag, err)
			}
			if s.Required != 0 || s.Secret {
				t.Errorf("--%s: has a default, yet is required or secret", s.Flag)
			}
		}
		if s.Secret {
			flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
			For(s.For).AddFlags(flags)
			if flags.Lookup(s.Flag) != nil {
				t.Errorf("--%s is secret, yet a flag", s.Flag)
			}
		}
	}
}

func TestConfigurationPageIsFresh(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "configuration.md")
	if *update {
		if err := os.WriteFile(path, []byte(Markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Markdown(), string(have)); diff != "" {
		t.Errorf("docs/configuration.md is stale (-want +got); run go generate ./internal/config:\n%s", diff)
	}
}
