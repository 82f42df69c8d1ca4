package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/internal/config"
	"github.com/rollcall-app/rollcall/partnercenter"
)

// newWhoami answers rollcall whoami.
func newWhoami(p *program) *cobra.Command {
	var opts output
	cmd := &cobra.Command{
		Use:   "whoami",
		Short: "Show who is signed in, and for which partner",
		Long: `Partner Center is asked for the partner, and whether it takes the sign-in for one
with a second factor. Where the partner's profile may not be read, name and tenant
are those that the token tells, unverified.`,
		Example: "  rollcall whoami\n  rollcall whoami -o json",
		Args:    noArguments,
	}
	opts.addFlags(cmd, "")
	config.For(config.CLI).AddFlags(cmd.Flags())
	cmd.Flags().BoolP("verbose", "v", false, "show each request and answer on stderr, without tokens and bodies")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := opts.check(); err != nil {
			return err
		}
		c, err := p.connect(cmd)
		if err != nil {
			return err
		}
		return p.whoami(action(cmd.Context()), c, opts)
	}
	return cmd
}

func (p *program) whoami(ctx context.Context, c *connection, opts output) error {
	token, err := c.tokens.Token(ctx)
	if err != nil {
		return c.profile.trouble(ctx, err)
	}
	who := claimsOf(token)
	me := whoamiJSON{
		Profile: c.profile.name, Tokens: c.profile.Store, Name: who.Name, UserPrincipalName: who.upn(), TenantID: who.TenantID, APIURL: c.cloud.APIURL,
	}
	if c.profile.name == "" {
		me.Tokens = "ROLLCALL_TOKEN"
	}

	compliant, err := c.client.MFACompliant(ctx)
	switch {
	case errors.Is(err, partnercenter.ErrUnauthorized), errors.Is(err, partnercenter.ErrUnavailable), errors.Is(err, partnercenter.ErrThrottled):
		return wish{what: "Who is signed in can't be told."}.trouble(ctx, err)
	case err == nil:
		me.SecondFactor = &compliant
	}

	partner, err := c.client.Organization(ctx)
	if errors.Is(err, partnercenter.ErrForbidden) {
		var legal partnercenter.LegalBusinessProfile
		if legal, err = c.client.LegalBusiness(ctx); err == nil {
			partner.CompanyName = legal.CompanyName
		}
	}
	switch {
	case err == nil:
		me.CompanyName, me.Domain = partner.CompanyName, partner.Domain
		if partner.TenantID != "" {
			me.TenantID = strings.ToLower(partner.TenantID)
		}
	case errors.Is(err, partnercenter.ErrMFARequired) && me.SecondFactor != nil, errors.Is(err, partnercenter.ErrForbidden), errors.Is(err, partnercenter.ErrNotFound):
		// The token's own word has to do.
	default:
		return wish{what: "Who is signed in can't be told.", role: "Admin agent or Helpdesk agent at the partner"}.trouble(ctx, err)
	}
	return show(p, opts, whoamiKind(), me)
}

// whoamiJSON is who is signed in, as -o json prints it.
type whoamiJSON struct {
	Profile           string `json:"profile"`
	Tokens            string `json:"tokens"` // where they are: keyring, file, azure-cli, ROLLCALL_TOKEN
	Name              string `json:"name"`
	UserPrincipalName string `json:"userPrincipalName"`
	TenantID          string `json:"tenantId"`
	CompanyName       string `json:"companyName"`
	Domain            string `json:"domain"`
	APIURL            string `json:"apiUrl"`
	SecondFactor      *bool  `json:"secondFactor,omitempty"` // whether Partner Center takes it for a sign-in with one; absent when it does not tell
}

func whoamiKind() kind[whoamiJSON] {
	return kind[whoamiJSON]{
		one: "sign-in", many: "sign-ins",
		short: []string{"userPrincipalName", "companyName", "tenantId"},
		all: []column[whoamiJSON]{
			{name: "name", text: func(w whoamiJSON) string { return w.Name }},
			{name: "userPrincipalName", text: func(w whoamiJSON) string { return w.UserPrincipalName }},
			{name: "companyName", text: func(w whoamiJSON) string { return w.CompanyName }},
			{name: "domain", text: func(w whoamiJSON) string { return w.Domain }},
			{name: "tenantId", text: func(w whoamiJSON) string { return w.TenantID }},
			{name: "secondFactor", text: func(w whoamiJSON) string {
				if w.SecondFactor == nil {
					return ""
				}
				return strconv.FormatBool(*w.SecondFactor)
			}},
			{name: "profile", text: func(w whoamiJSON) string { return w.Profile }},
			{name: "tokens", text: func(w whoamiJSON) string { return w.Tokens }},
			{name: "apiUrl", text: func(w whoamiJSON) string { return w.APIURL }},
		},
		json: func(w *whoamiJSON) any { return *w },
		id:   func(w whoamiJSON) string { return w.TenantID },
	}
}

// tokenClaims are what an access token tells of its owner. They are shown, and
// nothing is decided by them: nobody here checks the signature.
type tokenClaims struct {
	Name     string `json:"name"`
	UPN      string `json:"upn"`
	Username string `json:"preferred_username"`
	TenantID string `json:"tid"`
}

func (c tokenClaims) upn() string {
	if c.UPN != "" {
		return c.UPN
	}
	return c.Username
}

// as is how a message names the owner.
func (c tokenClaims) as() string {
	switch {
	case c.Name != "" && c.upn() != "":
		return fmt.Sprintf(" as %s (%s)", c.Name, c.upn())
	case c.Name != "" || c.upn() != "":
		return " as " + c.Name + c.upn()
	}
	return ""
}

// claimsOf reads what a token tells; nothing where it is no JWT.
func claimsOf(token partnercenter.Secret) tokenClaims {
	var claims tokenClaims
	parts := strings.Split(token.Reveal(), ".")
	if len(parts) != 3 {
		return claims
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(payload, &claims) != nil {
		return tokenClaims{}
	}
	return claims
}
