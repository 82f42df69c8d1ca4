package partnercenter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// TokenOptions say where and as what tokens are asked for. Tenant and ClientID
// are needed.
type TokenOptions struct {
	Cloud        Cloud             // its Authority is asked, for its Resource; the zero value means Global
	Tenant       string            // the partner's tenant: its ID or one of its domains
	ClientID     string            // of the program's app registration
	ClientSecret Secret            // empty for a program that can't keep one, as at a terminal
	Scopes       []string          // nil means user_impersonation of the Resource, openid and offline_access
	Transport    http.RoundTripper // nil means the one that clients share
	Logger       *slog.Logger      // nil logs nothing; it never gets a token

	// For an authority that is not Microsoft's: its endpoints instead of those
	// of Cloud.Authority and Tenant, which are then not needed. DeviceURL is
	// for sign-in by device code alone.
	TokenURL, DeviceURL string
}

const (
	tokenTimeout   = 30 * time.Second
	maxTokenAnswer = 1 << 20         // bytes
	assumedLife    = 5 * time.Minute // of a token whose life is not told
	longestLife    = 24 * time.Hour  // of a token, whatever the authority says
)

// authority is checked options.
type authority struct {
	tokenURL, deviceURL *url.URL // the latter may be nil
	clientID            string
	clientSecret        Secret
	scope               string
	transport           http.RoundTripper
	log                 *slog.Logger
}

// newAuthority checks the options and tells every one that can't be used.
//
// Source: API facts 3.2; the endpoints are those of version 2.
func newAuthority(opts TokenOptions) (*authority, error) {
	if opts.Cloud == (Cloud{}) {
		opts.Cloud = Global
	}
	var bad []error
	a := &authority{clientID: opts.ClientID, clientSecret: opts.ClientSecret, transport: opts.Transport, log: opts.Logger}
	if opts.TokenURL == "" {
		if !ValidID(opts.Tenant) && !domainName(opts.Tenant) {
			bad = append(bad, fmt.Errorf("Tenant: %q is neither an ID nor a domain; it is the partner's own tenant, such as contoso.onmicrosoft.com", opts.Tenant))
		}
		base := strings.TrimSuffix(opts.Cloud.Authority, "/") + "/" + opts.Tenant + "/oauth2/v2.0/"
		opts.TokenURL = base + "token"
		if opts.DeviceURL == "" {
			opts.DeviceURL = base + "devicecode"
		}
	}
	for _, address := range []struct {
		text string
		to   **url.URL
	}{{opts.TokenURL, &a.tokenURL}, {opts.DeviceURL, &a.deviceURL}} {
		if address.text == "" {
			continue // DeviceURL
		}
		u, err := url.Parse(address.text)
		if err != nil || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Hostname() == "" ||
			u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
			bad = append(bad, fmt.Errorf("Cloud.Authority, TokenURL or DeviceURL: no address that tokens can be asked for at; write it like %s", Global.Authority))
			break
		}
		*address.to = u
	}
	if opts.ClientID == "" || !printable(opts.ClientID, '!') {
		bad = append(bad, fmt.Errorf("ClientID: %q is not the ID of an app registration", opts.ClientID))
	}
	scopes := opts.Scopes
	if scopes == nil {
		scopes = []string{opts.Cloud.Resource + "/user_impersonation", "openid", "offline_access"}
	}
	for _, scope := range scopes {
		if scope == "" || !printable(scope, '!') {
			bad = append(bad, fmt.Errorf("Scopes: %q is no scope", scope))
		}
	}
	if err := errors.Join(bad...); err != nil {
		return nil, fmt.Errorf("partnercenter: %w", err)
	}
	a.scope = strings.Join(scopes, " ")
	if a.transport == nil {
		a.transport = defaultTransport()
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	return a, nil
}

// post sends the form with what every form has and gives the body of a success.
// secrets are what the form holds of them.
func (a *authority) post(ctx context.Context, op string, to *url.URL, form url.Values, secrets ...Secret) (body []byte, failed *SignInError) {
	started, status := time.Now(), 0
	defer func() { a.logPost(ctx, op, status, failed, started) }()
	ctx, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()

	form.Set("client_id", a.clientID)
	form.Set("scope", a.scope)
	if !a.clientSecret.Empty() {
		form.Set("client_secret", a.clientSecret.Reveal())
		secrets = append(secrets, a.clientSecret)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, failSignIn(op, ErrBadRequest, "%w", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "rollcall-partnercenter/"+Version)
	resp, err := a.transport.RoundTrip(r) // which follows no redirect
	if err == nil {
		defer resp.Body.Close()
		status = resp.StatusCode
		body, err = io.ReadAll(io.LimitReader(resp.Body, maxTokenAnswer+1))
	}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, failSignIn(op, nil, "%w", ctx.Err())
	case err != nil:
		failed := failSignIn(op, ErrUnavailable, "%w", err)
		failed.Status = status
		return nil, failed
	case status < 200 || status > 299:
		return nil, refusedSignIn(op, status, resp.Header, body, secrets)
	case len(body) > maxTokenAnswer:
		return nil, badSignIn(op, status, "its body is longer than %d bytes", maxTokenAnswer)
	}
	return body, nil
}

func badSignIn(op string, status int, format string, args ...any) *SignInError {
	failed := failSignIn(op, ErrBadResponse, format, args...)
	failed.Status = status
	return failed
}

// tokens asks the token endpoint. A success without a refresh token keeps the
// one that was used, if there was one.
func (a *authority) tokens(ctx context.Context, op string, form url.Values, used Secret, secrets ...Secret) (Tokens, *SignInError) {
	asked := time.Now()
	body, failed := a.post(ctx, op, a.tokenURL, form, append(secrets, used)...)
	if failed != nil {
		return Tokens{}, failed
	}
	var wire struct {
		Type    string      `json:"token_type"`
		Access  string      `json:"access_token"`
		Refresh string      `json:"refresh_token"`
		Expires json.Number `json:"expires_in"` // a text in version 1
	}
	if json.Unmarshal(body, &wire) != nil { // whose error may quote a token
		return Tokens{}, badSignIn(op, http.StatusOK, "the body is no JSON of tokens")
	}
	if !strings.EqualFold(wire.Type, "Bearer") || wire.Access == "" || !printable(wire.Access, '!') || !printable(wire.Refresh, '!') {
		return Tokens{}, badSignIn(op, http.StatusOK, "it is no bearer token")
	}
	tokens := Tokens{
		Access: NewSecret(wire.Access), Issued: asked, Expires: asked.Add(seconds(wire.Expires, assumedLife, longestLife)), Refresh: used,
	}
	if wire.Refresh != "" {
		tokens.Refresh = NewSecret(wire.Refresh)
	}
	return tokens, nil
}

func (a *authority) logPost(ctx context.Context, op string, status int, failed *SignInError, started time.Time) {
	attrs := []slog.Attr{slog.String("op", op), slog.Int("status", status), slog.Duration("took", time.Since(started))}
	if failed != nil && failed.Code != "" {
		attrs = append(attrs, slog.String("code", failed.Code))
	}
	a.log.LogAttrs(ctx, slog.LevelDebug, "Partner Center token", attrs...)
}
