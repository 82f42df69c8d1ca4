package auth

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// ProviderFacts are what a tenant's authority says of itself, for whoever sets
// Rollcall up.
type ProviderFacts struct {
	Issuer     string
	EndSession bool      // people can sign out there, too
	NoRefresh  bool      // it lists its scopes, and offline_access is not among them
	NoAuthTime bool      // it lists its claims, and auth_time is not among them
	Clock      time.Time // its own, as it answered; zero: it did not say
	Asked      time.Time // this machine's, in the middle of the asking
	Err        error     // why nothing is known of it
}

// AskProviders asks each tenant's authority, as [Service] would before a
// sign-in. It fails where the configuration itself can't be used.
func AskProviders(ctx context.Context, cfg Config) ([]ProviderFacts, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	var all []ProviderFacts
	for _, tenant := range cfg.Tenants {
		watched := &dateWatch{base: cfg.transport()}
		cfg.Transport = watched
		p := newProvider(tenant, cfg, time.Now)
		facts := ProviderFacts{Issuer: tenant.Issuer}
		known, err := p.get(ctx)
		if err != nil {
			facts.Err = err
		} else {
			facts.EndSession = known.endSession != ""
			facts.Err = p.readLists(p.context(ctx), &facts)
		}
		facts.Clock, facts.Asked = watched.clock, watched.asked
		p.client.CloseIdleConnections()
		cfg.Transport = watched.base
		all = append(all, facts)
	}
	return all, nil
}

// readLists reads what the discovery document lists.
func (p *provider) readLists(ctx context.Context, facts *ProviderFacts) error {
	said, err := oidc.NewProvider(ctx, p.tenant.Issuer)
	if err != nil {
		return err
	}
	var lists struct {
		Scopes []string `json:"scopes_supported"`
		Claims []string `json:"claims_supported"`
	}
	if err := said.Claims(&lists); err != nil {
		return err
	}
	facts.NoRefresh = lists.Scopes != nil && !slices.Contains(lists.Scopes, "offline_access")
	facts.NoAuthTime = lists.Claims != nil && !slices.Contains(lists.Claims, "auth_time")
	return nil
}

// dateWatch reads the clock of whoever answers.
type dateWatch struct {
	base  http.RoundTripper
	clock time.Time
	asked time.Time
}

func (d *dateWatch) RoundTrip(r *http.Request) (*http.Response, error) {
	before := time.Now()
	answer, err := d.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if at, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		d.clock, d.asked = at, before.Add(time.Since(before)/2)
	}
	return answer, nil
}

// CloseIdleConnections lets the client close those of the transport.
func (d *dateWatch) CloseIdleConnections() {
	if base, ok := d.base.(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}
