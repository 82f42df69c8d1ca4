package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rollcall-app/rollcall/auth"
)

const (
	clockWrong = time.Minute      // what ID tokens and proofs still bear
	clockFar   = 5 * time.Minute  // what they don't
	doctorWait = 10 * time.Second // for one answer
)

// provider asks the sign-in provider what it says of itself, and its clock.
func (d *doctor) provider(ctx context.Context) {
	if d.set.Issuer == "" || d.set.ClientID == "" || d.set.BaseURL == nil {
		return
	}
	keys, err := auth.NewKeyRing(randomKey()) // which nothing is sealed with
	if err != nil {
		d.fail("provider", "", "%v", err)
		return
	}
	asked, err := auth.AskProviders(ctx, auth.Config{
		BaseURL: d.set.BaseURL.String(), Tenants: tenantsOf(d.set), ProviderHosts: d.set.ProviderHosts, ClientID: d.set.ClientID, Keys: keys,
	})
	if err != nil {
		d.fail("provider", "Correct the settings.", "%v", err)
		return
	}
	for _, facts := range asked {
		d.providerFacts(facts)
	}
}

func (d *doctor) providerFacts(facts auth.ProviderFacts) {
	const check = "provider"
	switch {
	case facts.Err != nil:
		d.fail(check, "Check --issuer, and that this machine may call it. A provider whose addresses are on other hosts needs --provider-hosts.", "%v", facts.Err)
	case facts.NoRefresh:
		d.warn(check, "Turn it on there: without it people sign in anew each hour.", "%s does not list the scope offline_access", facts.Issuer)
	case facts.NoAuthTime:
		d.warn(check, "Have it put auth_time into ID tokens: dangerous changes need it.", "%s does not list the claim auth_time", facts.Issuer)
	case !facts.EndSession:
		d.warn(check, "", "%s answers; it names no address to sign out at, so signing out ends Rollcall's session only", facts.Issuer)
	default:
		d.ok(check, "%s answers", facts.Issuer)
	}
	if !facts.Clock.IsZero() {
		d.found = append(d.found, clockFinding(facts.Clock.Sub(facts.Asked)))
	}
}

// clockFinding judges by how much another clock is ahead of this machine's.
func clockFinding(off time.Duration) finding {
	f := finding{resultOK, "clock", "as the provider's", ""}
	if off.Abs() <= clockWrong {
		return f
	}
	f.Found = fmt.Sprintf("it differs from the provider's by %v", off.Abs().Round(time.Second))
	f.Do = "Keep this machine's clock by NTP: ID tokens are judged by it."
	f.Result = resultWarning
	if off.Abs() > clockFar {
		f.Result = resultFailed
	}
	return f
}

// lookAt asks without being led elsewhere.
func lookAt(ctx context.Context, address string) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, doctorWait)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	answer, err := client.Do(r)
	if err != nil {
		return nil, withoutAddress(err)
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10))
	return answer, answer.Body.Close()
}

// withoutAddress is what went wrong, without the address that is told beside it.
func withoutAddress(err error) error {
	if at, ok := errors.AsType[*url.Error](err); ok {
		return at.Err
	}
	return err
}

// partnerCenter asks for a page without a token, which has to be refused.
func (d *doctor) partnerCenter(ctx context.Context) {
	const check = "Partner Center"
	if d.set.Cloud == "" {
		return
	}
	api := cloudOf(d.set).APIURL
	answer, err := lookAt(ctx, api+"/v1/customers?size=1")
	switch {
	case err != nil:
		d.fail(check, "Check that this machine may call it, also through your firewall.", "%s can't be reached: %v", api, err)
	case answer.StatusCode == http.StatusUnauthorized:
		d.ok(check, "%s answers, and wants a token", api)
	default:
		d.warn(check, "Check --cloud and --api-url, and what is in between.", "%s answered %s to a request without a token, where 401 was to be expected", api, answer.Status)
	}
}

// soonOver is how long before its end a certificate is warned of.
const soonOver = 14 * 24 * time.Hour

// address asks the portal at the address that people type.
func (d *doctor) address(ctx context.Context) {
	const check = "portal"
	if d.set.BaseURL == nil {
		return
	}
	d.proxies()
	base := d.set.BaseURL.String()
	answer, err := lookAt(ctx, base+"/robots.txt") // which, unlike a probe, is for the right host over TLS only
	var refused *net.OpError
	switch {
	case err != nil && errors.As(err, &refused) && refused.Op == "dial":
		d.warn(check, "Run this again when rollcall serve runs.", "nothing answers at %s yet: %v", base, err)
	case err != nil:
		d.fail(check, "Check the name, the proxy and its certificate.", "%s can't be reached: %v", base, err)
	case answer.StatusCode == http.StatusMisdirectedRequest:
		d.fail(check, "Name the proxy in --trusted-proxies, and have it pass the Host on and send X-Forwarded-Proto: https.", "what answers at %s does not take itself for it", base)
	case answer.StatusCode != http.StatusOK:
		d.warn(check, "", "%s answers %s", base, answer.Status)
	case answer.TLS != nil && time.Until(answer.TLS.PeerCertificates[0].NotAfter) < soonOver:
		d.warn(check, "Renew it.", "the certificate of %s ends on %s", base, answer.TLS.PeerCertificates[0].NotAfter.UTC().Format(time.DateOnly))
	default:
		d.ok(check, "%s answers", base)
	}
}

// proxies warns of TLS that ends on another machine which is not named.
func (d *doctor) proxies() {
	host, _, err := net.SplitHostPort(d.set.Listen)
	if err == nil && d.set.BaseURL.Scheme == "https" && len(d.set.TrustedProxies) == 0 && !loopback(strings.Trim(host, "[]")) {
		d.warn("proxies", "Name it in --trusted-proxies, or listen on 127.0.0.1.", "it listens on %s, and no proxy is trusted to say that a request came over TLS", d.set.Listen)
	}
}
