package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/internal/config"
	"github.com/rollcall-app/rollcall/partnercenter"
)

// newLogin answers rollcall login.
func newLogin(p *program) *cobra.Command {
	settings := config.For(config.Login)
	var azureCLI bool
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Sign in to Partner Center, with a second factor",
		Long: `It prints an address and a code: open the one on any device, type the other, sign
in there. The tokens go to the system's keyring, or to a file that only you can
read, and are renewed by themselves. Nothing is asked twice: signing in again to
a profile takes what it was signed in with.
The application at --client-id is registered in your own tenant, allows public
client flows, and has the delegated permission user_impersonation of Microsoft
Partner Center.`,
		Example: `  rollcall login --tenant fabrikam.onmicrosoft.com --client-id 7c9e6679-7425-40de-944b-e07fc1f90ae7
  rollcall login --profile lab --azure-cli`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := settings.Load(cmd.Flags(), p.environ)
			if err != nil {
				return &problem{code: exitMisuse, text: err.Error(), err: err}
			}
			f, err := wantedProfile(set, func(flag string) bool { return settings.Given(cmd.Flags(), p.environ, flag) }, azureCLI)
			if err != nil {
				return err
			}
			return p.login(cmd.Context(), f, set.TokenStore, p.verbose(cmd))
		},
	}
	settings.AddFlags(cmd.Flags())
	complete(cmd, "cloud", "global", "us-government", "china")
	complete(cmd, "token-store", "auto", storeKeyring, storeFile)
	cmd.Flags().BoolVar(&azureCLI, "azure-cli", false, "take tokens from the Azure CLI (az), as the person who is signed in there")
	cmd.Flags().BoolP("verbose", "v", false, "show each request and answer on stderr, without tokens and bodies")
	return cmd
}

// wantedProfile is the sign-in that the settings ask for. What they leave open
// is as the profile had it.
func wantedProfile(set config.Config, given func(flag string) bool, azureCLI bool) (profile, error) {
	f, _, err := loadProfile(set.Profile)
	if err != nil {
		f = profile{} // what can't be read is made anew
	}
	f.name = set.Profile
	if f.Cloud == "" || given("cloud") {
		f.Cloud = set.Cloud
	}
	for _, setting := range []struct {
		flag, value string
		to          *string
	}{{"api-url", set.APIURL, &f.APIURL}, {"authority", set.Authority, &f.Authority}, {"tenant", set.Tenant, &f.Tenant}, {"client-id", set.ClientID, &f.ClientID}} {
		if given(setting.flag) {
			*setting.to = setting.value
		}
	}
	switch {
	case azureCLI:
		f.Store, f.ClientID = storeAzureCLI, ""
		return f, nil
	case f.Tenant == "":
		return f, misuse("--tenant is missing: your own company's tenant, its ID or a domain of it (or set ROLLCALL_TENANT)")
	case f.ClientID == "":
		return f, misuse("--client-id is missing: the ID of the application that your company registered for Rollcall (or set ROLLCALL_CLIENT_ID)")
	}
	if f.Store == storeAzureCLI {
		f.Store = ""
	}
	return f, nil
}

// keyringPatience is how long a person gets to unlock the keyring.
const keyringPatience = time.Minute

func (p *program) login(ctx context.Context, f profile, where string, verbose bool) error {
	ctx = action(ctx)
	tokens, err := p.signIn(ctx, &f, where, verbose)
	if err != nil {
		return err
	}
	token, err := tokens.Token(ctx)
	if err != nil {
		return f.trouble(ctx, err)
	}
	opts := partnercenter.Options{BaseURL: f.cloud().APIURL, Application: "Rollcall"}
	if verbose {
		opts.Transport = p.narrate()
	}
	client, err := partnercenter.New(tokens, opts)
	if err != nil {
		return err
	}
	compliant, err := client.MFACompliant(ctx)
	switch {
	case err == nil && !compliant:
		return errors.Join(&problem{
			code: exitSignIn, id: partnercenter.CorrelationID(ctx),
			text: "You signed in without a second factor, and Partner Center takes nothing else. The sign-in was not kept.",
			next: "Set up a second factor for your account, or have it asked for by a policy of your company, then sign in again.",
		}, f.forget())
	case errors.Is(err, partnercenter.ErrUnauthorized):
		return errors.Join(wish{what: "Partner Center refused the sign-in, so it was not kept."}.trouble(ctx, err), f.forget())
	}
	if err := f.save(); err != nil {
		return fmt.Errorf("keeping the sign-in: %w", err)
	}

	who := claimsOf(token)
	fmt.Fprintf(p.out, "Signed in%s. %s\n", visible(who.as()), f.kept())
	if err != nil {
		p.note("Partner Center could not be asked whether it takes the sign-in: rollcall whoami asks again.")
	}
	return nil
}

// signIn gets the tokens, and decides where they are kept.
func (p *program) signIn(ctx context.Context, f *profile, where string, verbose bool) (partnercenter.TokenSource, error) {
	if f.Store == storeAzureCLI {
		return f.tokens()
	}
	if err := f.choose(ctx, where); err != nil {
		return nil, err
	}
	store, err := newTokenStore(f.name, f.Store)
	if err != nil {
		return nil, err
	}
	opts := f.tokenOptions()
	if verbose {
		opts.Transport = p.narrate()
	}
	source, err := partnercenter.NewDeviceCode(store, opts, func(_ context.Context, prompt partnercenter.DevicePrompt) error {
		_, err := fmt.Fprintf(p.errOut, "To sign in, open %s and type the code %s. It is good for %d minutes.\n",
			visible(prompt.VerificationURI), visible(prompt.UserCode), int(time.Until(prompt.Expires).Round(time.Minute).Minutes()))
		return err
	})
	if err != nil {
		return nil, &problem{code: exitMisuse, text: err.Error(), err: err}
	}
	err = source.SignIn(ctx, "")
	if asked, ok := errors.AsType[*partnercenter.SignInError](err); ok && asked.Claims != "" {
		fmt.Fprintln(p.errOut, "Your company asks for more, such as a second factor. Once more:")
		err = source.SignIn(ctx, asked.Claims)
	}
	if err != nil {
		return nil, f.trouble(ctx, err)
	}
	return source, nil
}

// choose decides where the tokens are kept.
func (f *profile) choose(ctx context.Context, where string) error {
	switch where {
	case storeKeyring, storeFile:
		f.Store = where
		if where == storeFile {
			return nil
		}
	default:
		if f.Store == storeFile {
			return nil // as before
		}
		f.Store = storeFile
	}
	patience, cancel := context.WithTimeout(ctx, keyringPatience)
	defer cancel()
	switch works := keyringWorks(patience); {
	case works:
		f.Store = storeKeyring
	case where == storeKeyring:
		return &problem{code: exitFailed, text: "There is no keyring here, or it stays locked.", next: "Unlock it, or keep the tokens in a file that only you can read: --token-store file"}
	}
	return nil
}

// kept tells where the tokens are.
func (f profile) kept() string {
	switch f.Store {
	case storeKeyring:
		return "The tokens are in this system's keyring."
	case storeAzureCLI:
		return "The tokens are with the Azure CLI."
	}
	return "The tokens are in a file that only you can read."
}

// forget takes the profile and its tokens away.
func (f profile) forget() error {
	var failed []error
	if f.Store != storeAzureCLI {
		store, err := newTokenStore(f.name, f.Store)
		if err != nil {
			return err
		}
		failed = append(failed, store.Remove())
	}
	path, err := profilePath(f.name)
	return errors.Join(append(failed, err, removeFile(path))...)
}

// trouble words why there is no token.
func (f profile) trouble(ctx context.Context, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	out := &problem{code: exitSignIn, err: err}
	refused, _ := errors.AsType[*partnercenter.SignInError](err)
	if refused != nil {
		out.id = refused.CorrelationID
	}
	said := ""
	if refused != nil && refused.Description != "" {
		said = fmt.Sprintf(" It says: %q.", refused.Description) // the person's own terminal, no page
	}
	switch {
	case errors.Is(err, exec.ErrNotFound):
		out.code, out.text, out.next = exitFailed, "The Azure CLI is not installed.", "Install az, or sign in without --azure-cli."
	case errors.Is(err, errOpenToOthers):
		out.text, out.next = "The tokens kept here can be read by others, so they are not used.", "Sign in again with: "+f.again()
	case f.Store == storeAzureCLI && errors.Is(err, partnercenter.ErrSignInRequired):
		out.text, out.next = "Nobody is signed in to the Azure CLI, or without a second factor.", "Sign in there with: az login"
	case errors.Is(err, partnercenter.ErrMFARequired):
		out.text, out.next = "The sign-in was without a second factor, which your company asks for."+said, "Sign in with one: "+f.again()
	case refused != nil && (refused.Code == "access_denied" || refused.Code == "authorization_declined"):
		out.text, out.next = "The sign-in was declined.", "To try again: "+f.again()
	case refused != nil && refused.Code == "expired_token":
		out.text, out.next = "Nobody signed in while the code was good.", "To try again: "+f.again()
	case errors.Is(err, partnercenter.ErrSignInRequired):
		out.text, out.next = "Your sign-in has ended."+said, "Sign in again with: "+f.again()
	case errors.Is(err, partnercenter.ErrUnavailable):
		out.code, out.text, out.next = exitFailed, "The sign-in authority can't be reached, or didn't answer as it ought.", "Try again in a minute."
	case errors.Is(err, partnercenter.ErrBadRequest), errors.Is(err, partnercenter.ErrBadResponse):
		out.code, out.text, out.next = exitFailed, "The sign-in authority takes tenant, application or address for wrong."+said, "Look at --tenant, --client-id and --authority; the application has to allow public client flows."
	default:
		out.code, out.text = exitFailed, "Signing in failed: "+err.Error()+"."
	}
	return out
}
