package partnercenter

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

const fakeCLI = "PARTNERCENTER_FAKE_AZ"

// TestMain is also the Azure CLI that the tests of AzureCLI run.
func TestMain(m *testing.M) {
	if how := os.Getenv(fakeCLI); how != "" {
		os.Exit(beAzureCLI(how))
	}
	os.Exit(m.Run())
}

func beAzureCLI(how string) int {
	if log, err := os.OpenFile(os.Getenv(fakeCLI+"_LOG"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
		fmt.Fprintln(log, strings.Join(os.Args[1:], " "))
		log.Close()
	}
	answer := func(expires string) {
		fmt.Printf(`{"accessToken": "access-of-az", %s "subscription": "x", "tenant": "y", "tokenType": "Bearer"}`, expires)
	}
	switch how {
	case "new":
		answer(fmt.Sprintf(`"expiresOn": "2001-01-01 00:00:00.000000", "expires_on": %d,`, time.Now().Add(time.Hour).Unix()))
	case "old":
		answer(fmt.Sprintf(`"expiresOn": %q,`, time.Now().Add(time.Hour).Format("2006-01-02 15:04:05.000000")))
	case "late":
		answer(fmt.Sprintf(`"expires_on": %d,`, time.Now().Add(time.Minute).Unix()))
	case "no token":
		fmt.Print(`{}`)
	case "no JSON":
		fmt.Print(`WARNING: access-of-az`)
	case "signed out":
		fmt.Fprintln(os.Stderr, "\x1b[91mERROR: Please run 'az login' to setup account.\x1b[0m")
		return 1
	case "no factor":
		fmt.Fprintln(os.Stderr, "ERROR: AADSTS50076: Due to a configuration change … you must use multi-factor authentication … az login --scope")
		return 1
	case "broken":
		fmt.Fprintln(os.Stderr, "Traceback (most recent call last)")
		return 2
	case "hangs":
		time.Sleep(time.Hour) // killed long before
	}
	return 0
}

// contextThatEnds ends once something has happened.
func contextThatEnds(t *testing.T, happened func() bool) (context.Context, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for ctx.Err() == nil && !happened() {
			runtime.Gosched()
		}
		cancel()
	}()
	return ctx, cancel
}

func TestAzureCLI(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	source := func(t *testing.T, how string, opts AzureCLIOptions) (cli *AzureCLI, runs func() []string) {
		t.Helper()
		log := filepath.Join(t.TempDir(), "runs")
		t.Setenv(fakeCLI, how)
		t.Setenv(fakeCLI+"_LOG", log)
		opts.Path = self
		cli, err := NewAzureCLI(opts)
		if err != nil {
			t.Fatal(err)
		}
		return cli, func() []string {
			text, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			return strings.Split(strings.TrimSpace(string(text)), "\n")
		}
	}

	for _, how := range []string{"new", "old"} {
		t.Run(how, func(t *testing.T) {
			cli, runs := source(t, how, AzureCLIOptions{Tenant: testTenant})
			var wg sync.WaitGroup
			for range 5 {
				wg.Go(func() {
					if got, err := cli.Token(t.Context()); err != nil || got.Reveal() != "access-of-az" {
						t.Errorf("%s, %v", got.Reveal(), err)
					}
				})
			}
			wg.Wait()
			want := "account get-access-token --output json --resource https://api.partnercenter.microsoft.com --tenant " + testTenant
			if got := runs(); len(got) != 1 || got[0] != want {
				t.Errorf("ran %q, want once %q", got, want)
			}
			if left := time.Until(cli.tokens.Expires); left < 59*time.Minute || left > time.Hour {
				t.Errorf("the token is said to live %v", left)
			}
		})
	}
	t.Run("close to its end", func(t *testing.T) {
		cli, runs := source(t, "late", AzureCLIOptions{Cloud: China})
		_, _ = token(t, cli), token(t, cli)
		if got := runs(); len(got) != 2 || got[1] != "account get-access-token --output json --resource https://partner.partnercenterapi.microsoftonline.cn" {
			t.Errorf("ran %q", got)
		}
	})
	for how, want := range map[string]error{
		"signed out": ErrSignInRequired, "no factor": ErrMFARequired, "no token": ErrBadResponse, "no JSON": ErrBadResponse, "broken": nil,
	} {
		t.Run(how, func(t *testing.T) {
			cli, _ := source(t, how, AzureCLIOptions{})
			_, err := cli.Token(t.Context())
			failed, ok := errors.AsType[*SignInError](err)
			if !ok || want != nil && !errors.Is(err, want) || how == "broken" && errors.Is(err, ErrSignInRequired) || strings.Contains(err.Error(), "access-of-az") {
				t.Fatalf("%v, want %v", err, want)
			}
			if how == "signed out" && failed.Description != "[91mERROR: Please run 'az login' to setup account.[0m" {
				t.Errorf("description %q", failed.Description)
			}
		})
	}
	t.Run("left alone", func(t *testing.T) {
		cli, runs := source(t, "hangs", AzureCLIOptions{})
		ctx, cancel := contextThatEnds(t, func() bool { _, err := os.Stat(os.Getenv(fakeCLI + "_LOG")); return err == nil })
		defer cancel()
		if _, err := cli.Token(ctx); !errors.Is(err, ctx.Err()) || len(runs()) != 1 {
			t.Errorf("%v, want the caller's leaving", err)
		}
	})
	t.Run("not there", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		for _, path := range []string{"", filepath.Join(t.TempDir(), "az")} {
			cli, err := NewAzureCLI(AzureCLIOptions{Path: path})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := cli.Token(t.Context()); err == nil || !strings.Contains(err.Error(), "is not installed") ||
				path != "" && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%q: %v", path, err)
			}
		}
	})
	for name, opts := range map[string]AzureCLIOptions{
		"a tenant that is a flag":  {Tenant: "--debug"},
		"a resource that is one":   {Cloud: Cloud{Resource: "--debug"}},
		"no resource":              {Cloud: Cloud{Name: "x"}},
		"a resource of two pieces": {Cloud: Cloud{Resource: "a b"}},
	} {
		if _, err := NewAzureCLI(opts); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
