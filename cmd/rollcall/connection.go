package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/internal/config"
	"github.com/rollcall-app/rollcall/partnercenter"
)

// connection is how the person calls Partner Center: with whose token, where.
type connection struct {
	client  *partnercenter.Client
	tokens  partnercenter.TokenSource
	cloud   partnercenter.Cloud
	profile profile // its name is empty when the token is ROLLCALL_TOKEN
}

// connect finds the person's token: in ROLLCALL_TOKEN, else in the sign-in of
// the profile. One that is named by --profile wins.
func (p *program) connect(cmd *cobra.Command) (*connection, error) {
	settings := config.For(config.CLI)
	set, err := settings.Load(cmd.Flags(), p.environ)
	if err != nil {
		return nil, &problem{code: exitMisuse, text: err.Error(), err: err}
	}
	c := &connection{cloud: cloudOf(set)}
	if set.Token.Reveal() != "" && !cmd.Flags().Changed("profile") {
		c.tokens = partnercenter.StaticToken(set.Token.Reveal())
	} else if err := c.signedIn(set, func(flag string) bool { return settings.Given(cmd.Flags(), p.environ, flag) }); err != nil {
		return nil, err
	}

	opts := partnercenter.Options{BaseURL: c.cloud.APIURL, Application: "Rollcall"}
	if p.verbose(cmd) {
		opts.Transport = p.narrate()
	}
	if c.client, err = partnercenter.New(c.tokens, opts); err != nil {
		return nil, &problem{code: exitMisuse, text: err.Error(), err: err}
	}
	return c, nil
}

func (p *program) verbose(cmd *cobra.Command) bool {
	verbose, err := cmd.Flags().GetBool("verbose")
	return err == nil && verbose
}

// signedIn takes up the sign-in that is kept. Its token goes to the address
// that it was made for and to no other.
func (c *connection) signedIn(set config.Config, given func(flag string) bool) error {
	kept, ok, err := loadProfile(set.Profile)
	if err != nil {
		return err
	}
	if !ok {
		c.profile = profile{name: set.Profile}
		return &problem{code: exitSignIn, text: "You are signed out.", next: fmt.Sprintf(
			"Sign in with: %s; or set ROLLCALL_TOKEN to a bearer token. For a try without an account, rollcall emulator prints some.", c.profile.again())}
	}
	c.profile = kept
	if (given("cloud") || given("api-url")) && c.cloud.APIURL != kept.cloud().APIURL {
		return misuse("The sign-in %q is for %s, and its token goes nowhere else. Leave out --cloud and --api-url, or sign in for %s under another name: rollcall login --profile NAME",
			kept.name, kept.cloud().APIURL, c.cloud.APIURL)
	}
	c.cloud = kept.cloud()
	c.tokens, err = kept.tokens()
	return err
}

// tokens is the source of the profile's tokens.
func (f profile) tokens() (partnercenter.TokenSource, error) {
	if f.Store == storeAzureCLI {
		return partnercenter.NewAzureCLI(partnercenter.AzureCLIOptions{Cloud: f.cloud(), Tenant: f.Tenant})
	}
	store, err := newTokenStore(f.name, f.Store)
	if err != nil {
		return nil, err
	}
	return partnercenter.NewRefreshTokens(store, f.tokenOptions())
}

func (f profile) tokenOptions() partnercenter.TokenOptions {
	return partnercenter.TokenOptions{Cloud: f.cloud(), Tenant: f.Tenant, ClientID: f.ClientID}
}

// explain puts the words of a failed sign-in in the place of those of the call
// that needed it.
func (c *connection) explain(ctx context.Context, err error) error {
	known, ok := errors.AsType[*problem](err)
	if _, noToken := errors.AsType[*partnercenter.SignInError](err); !ok || !noToken {
		return err
	}
	told, worded := errors.AsType[*problem](c.profile.trouble(ctx, known.err))
	if !worded {
		return err
	}
	told.text = known.text + " " + told.text
	return told
}
