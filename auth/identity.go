package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// identity is who signed in, as the grant keeps it, sealed.
type identity struct {
	Issuer          string   `json:"iss"`
	Subject         string   `json:"sub"`
	Audience        []string `json:"aud"`
	TenantID        string   `json:"tid,omitempty"`
	ObjectID        string   `json:"oid,omitempty"`
	Name            string   `json:"name"`
	UPN             string   `json:"upn"`
	Level           Level    `json:"level"`
	MFA             string   `json:"mfa,omitempty"` // how it was shown
	ProviderSession string   `json:"sid,omitempty"`
}

// key names the person, for ever: by tenant and object, never by name or address.
func (i identity) key() string {
	if i.ObjectID != "" {
		return i.TenantID + "/" + i.ObjectID
	}
	return i.Issuer + "#" + i.Subject
}

// claims are what an ID token says, beyond what the library checks.
type claims struct {
	TenantID   string          `json:"tid"`
	ObjectID   string          `json:"oid"`
	Name       string          `json:"name"`
	Preferred  string          `json:"preferred_username"`
	UPN        string          `json:"upn"`
	Authorized string          `json:"azp"`
	Account    json.RawMessage `json:"acct"` // 1: a guest; a number or a string
	AuthTime   json.RawMessage `json:"auth_time"`
	Session    string          `json:"sid"`
	AMR        texts           `json:"amr"`
	ACRS       texts           `json:"acrs"`
	HasGroups  json.RawMessage `json:"hasgroups"`
	Elsewhere  map[string]any  `json:"_claim_names"`
	roles      texts
	groups     texts
}

// texts is a claim that is one text or a list of them.
type texts []string

func (t *texts) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*t = texts{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(t))
}

func (c Config) claimsOf(token *oidc.IDToken) (claims, error) {
	var said claims
	var all map[string]json.RawMessage
	if err := errors.Join(token.Claims(&said), token.Claims(&all)); err != nil {
		return claims{}, fmt.Errorf("%w: %w", ErrToken, err)
	}
	for name, into := range map[string]*texts{c.RoleClaim: &said.roles, c.GroupClaim: &said.groups} {
		if raw, ok := all[name]; ok {
			if err := json.Unmarshal(raw, into); err != nil {
				return claims{}, fmt.Errorf("%w: claim %s is no list of texts", ErrToken, name)
			}
		}
	}
	return said, nil
}

// authTime is when the person proved themselves; zero when it is not said.
// When the token was made (iat) says nothing of that.
func (c claims) authTime() time.Time {
	var seconds float64
	if json.Unmarshal(c.AuthTime, &seconds) != nil || seconds <= 0 || seconds > 1e11 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0)
}

// guest reports whether the account is a guest of its tenant.
func (c claims) guest() bool {
	account := strings.Trim(string(c.Account), `"`)
	return account == "1" || strings.Contains(strings.ToUpper(c.UPN), "#EXT#")
}

// admits refuses guests, where they are not allowed. In Entra a token that says
// nothing of it may be a guest's: acct is an optional claim there.
func (c Config) admits(t Tenant, said claims) error {
	switch account := strings.Trim(string(said.Account), `"`); {
	case c.AllowGuests:
		return nil
	case said.guest():
		return ErrGuest
	case t.entra() && account != "0":
		return ErrGuestUnknown
	}
	return nil
}

// overage reports whether the provider left groups out for being too many.
func (c claims) overage(groupClaim string) bool {
	_, elsewhere := c.Elsewhere[groupClaim]
	return elsewhere || string(c.HasGroups) == "true" || string(c.HasGroups) == `"true"`
}

// identify makes out who an ID token is about. The identity is filled in as
// far as it goes also where the person is refused, for the trail.
func (c Config) identify(t Tenant, token *oidc.IDToken) (identity, claims, error) {
	said, err := c.claimsOf(token)
	if err != nil {
		return identity{}, claims{}, err
	}
	who := identity{
		Issuer: token.Issuer, Subject: token.Subject, Audience: token.Audience, Name: said.Name,
		UPN: said.UPN, ProviderSession: said.Session,
	}
	if who.UPN == "" {
		who.UPN = said.Preferred
	}
	if who.Name == "" {
		who.Name = who.UPN
	}
	if who.Subject == "" {
		return who, said, fmt.Errorf("%w: it has no sub", ErrToken)
	}
	if err := c.checkParties(token.Audience, said.Authorized); err != nil {
		return who, said, err
	}
	if t.ID != "" {
		who.TenantID, who.ObjectID = strings.ToLower(said.TenantID), strings.ToLower(said.ObjectID)
		if who.ObjectID == "" {
			return who, said, fmt.Errorf("%w: it has no oid", ErrToken)
		}
		if who.TenantID != t.ID {
			return who, said, ErrForeignTenant
		}
	}
	if err := c.admits(t, said); err != nil {
		return who, said, err
	}
	who.Level, err = c.level(who, said)
	return who, said, err
}

// checkParties checks for whom the token is: for us, beside nobody but the API
// that the access token is for, and asked for by us.
func (c Config) checkParties(audience []string, authorized string) error {
	for _, a := range audience {
		if a != c.ClientID && (c.Resource == "" || a != c.Resource) {
			return fmt.Errorf("%w: it is also for %q", ErrToken, a)
		}
	}
	if authorized != "" && authorized != c.ClientID || authorized == "" && len(audience) > 1 {
		return fmt.Errorf("%w: it was given to %q", ErrToken, authorized)
	}
	return nil
}

// level is what the person's roles and groups add up to.
func (c Config) level(who identity, said claims) (Level, error) {
	var level Level
	for _, role := range said.roles {
		level |= c.Roles[role]
	}
	if len(c.Groups) > 0 {
		if said.overage(c.GroupClaim) {
			return 0, ErrGroupOverage
		}
		for _, group := range said.groups {
			level |= c.Groups[group]
		}
	}
	if level == 0 {
		return 0, c.noRole(who, said)
	}
	return level, nil
}

func (c Config) noRole(who identity, said claims) *NoRole {
	refused := &NoRole{Name: who.Name, UPN: who.UPN, Has: said.roles, Wanted: slices.Sorted(maps.Keys(c.Roles))}
	if len(c.Roles) == 0 {
		refused.Has, refused.Wanted, refused.Groups = said.groups, slices.Sorted(maps.Keys(c.Groups)), true
	}
	return refused
}

// The ways in which multi-factor authentication is shown, strongest first.
const (
	mfaByContext       = "acrs"
	mfaByMethod        = "amr"
	mfaByPartnerCenter = "partner-center"
)

// proveMFA says how the sign-in shows multi-factor authentication; ErrMFA when
// it does not. The access token is never looked into.
func (c Config) proveMFA(ctx context.Context, said claims, access partnercenter.Secret) (string, error) {
	if c.MFAOptional {
		return "", nil
	}
	if slices.ContainsFunc(c.MFAContexts, func(asked string) bool { return slices.Contains(said.ACRS, asked) }) {
		return mfaByContext, nil
	}
	if slices.Contains(said.AMR, "mfa") {
		return mfaByMethod, nil
	}
	shown, err := c.MFACompliant(ctx, access)
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: ask Partner Center about MFA: %w", ErrProvider, err)
	case !shown:
		return "", ErrMFA
	}
	return mfaByPartnerCenter, nil
}
