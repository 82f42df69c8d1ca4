package partnercenter

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

// DevicePrompt is what to show the person who signs in by device code: an
// address to open on any device, and a code to type there.
type DevicePrompt struct {
	UserCode                string
	VerificationURI         string
	VerificationURIComplete string    // with the code in it, for a QR code; mostly empty
	Message                 string    // both in the authority's words; may be empty
	Expires                 time.Time // then the code is good for nothing
}

// DeviceSignIn is a sign-in by device code that was begun. Show its prompt,
// then Wait.
type DeviceSignIn struct {
	DevicePrompt

	authority *authority
	code      Secret
	claims    string
	interval  time.Duration
}

const (
	opDevice       = "tokens.DeviceCode"
	usualInterval  = 5 * time.Second
	slowerBy       = 5 * time.Second
	largestPause   = time.Minute
	longestSignIn  = time.Hour // whatever the authority says
	deviceGrant    = "urn:ietf:params:oauth:grant-type:device_code"
	pendingSignIn  = "authorization_pending"
	slowDownSignIn = "slow_down"
)

// StartDeviceSignIn begins a sign-in by device code. claims is a challenge from
// an earlier [SignInError], verbatim, by which the authority asks for what the
// last sign-in lacked, such as a second factor; mostly it is empty.
//
// Errors: a [*SignInError], or one that names the options that can't be used.
//
// Source: RFC 8628 section 3.1 and 3.2.
func StartDeviceSignIn(ctx context.Context, opts TokenOptions, claims string) (*DeviceSignIn, error) {
	a, err := newAuthority(opts)
	if err != nil {
		return nil, err
	}
	return a.startDevice(ctx, claims)
}

func (a *authority) startDevice(ctx context.Context, claims string) (*DeviceSignIn, error) {
	if a.deviceURL == nil {
		return nil, failSignIn(opDevice, ErrBadRequest, "DeviceURL is not set")
	}
	form := url.Values{}
	if claims != "" {
		form.Set("claims", claims)
	}
	asked := time.Now()
	body, failed := a.post(ctx, opDevice, a.deviceURL, form)
	if failed != nil {
		return nil, failed
	}
	var wire struct {
		DeviceCode  string      `json:"device_code"`
		UserCode    string      `json:"user_code"`
		URI         string      `json:"verification_uri"`
		OldURI      string      `json:"verification_url"`
		URIComplete string      `json:"verification_uri_complete"`
		Message     string      `json:"message"`
		Expires     json.Number `json:"expires_in"`
		Interval    json.Number `json:"interval"`
	}
	if json.Unmarshal(body, &wire) != nil {
		return nil, badSignIn(opDevice, http.StatusOK, "the body is no JSON of a device code")
	}
	if wire.URI == "" {
		wire.URI = wire.OldURI
	}
	switch {
	case wire.DeviceCode == "", wire.UserCode == "", len(wire.UserCode) > 64, plain(wire.UserCode, 64) != wire.UserCode:
		return nil, badSignIn(opDevice, http.StatusOK, "it has no codes")
	case !visitable(wire.URI), wire.URIComplete != "" && !visitable(wire.URIComplete):
		return nil, badSignIn(opDevice, http.StatusOK, "the address it names is not to be opened")
	}
	d := &DeviceSignIn{
		DevicePrompt: DevicePrompt{
			UserCode: wire.UserCode, VerificationURI: wire.URI, VerificationURIComplete: wire.URIComplete,
			Message: plain(wire.Message, 1024), Expires: asked.Add(seconds(wire.Expires, 15*time.Minute, longestSignIn)),
		},
		authority: a, code: NewSecret(wire.DeviceCode), claims: claims,
		interval: seconds(wire.Interval, usualInterval, largestPause),
	}
	return d, nil
}

// Wait asks for the tokens until the person has signed in, at the authority's
// pace. An authority that does not answer is asked again, less often.
//
// Errors: a [*SignInError], which is [ErrSignInRequired] when the person
// declined or the code ran out, and [ErrMFARequired] with Claims when a second
// factor is wanted: begin again with these. ctx's own when it ends.
//
// Source: RFC 8628 section 3.4 and 3.5; Entra says authorization_declined for
// access_denied.
func (d *DeviceSignIn) Wait(ctx context.Context) (Tokens, error) {
	ctx, cancel := context.WithDeadlineCause(ctx, d.Expires, errCodeExpired)
	defer cancel()
	pause := d.interval
	for {
		if err := sleep(ctx, pause); err != nil {
			if errors.Is(context.Cause(ctx), errCodeExpired) {
				return Tokens{}, d.expired()
			}
			return Tokens{}, err
		}
		form := url.Values{"grant_type": {deviceGrant}, "device_code": {d.code.Reveal()}}
		if d.claims != "" {
			form.Set("claims", d.claims)
		}
		tokens, failed := d.authority.tokens(ctx, opDevice, form, Secret{}, d.code)
		switch {
		case failed == nil:
			return tokens, nil
		case ctx.Err() != nil: // told above
		case failed.Code == pendingSignIn:
		case failed.Code == slowDownSignIn:
			pause += slowerBy
		case errors.Is(failed, ErrUnavailable):
			pause = max(min(2*pause, largestPause), min(failed.RetryAfter, largestPause))
		default:
			return Tokens{}, failed
		}
	}
}

var errCodeExpired = errors.New("nobody signed in while the code was good")

func (d *DeviceSignIn) expired() *SignInError {
	failed := failSignIn(opDevice, ErrSignInRequired, "%w", errCodeExpired)
	failed.Code = "expired_token"
	return failed
}

// visitable reports whether an address can be shown to a person for opening.
func visitable(address string) bool {
	u, err := url.Parse(address)
	return err == nil && len(address) <= 2048 && printable(address, '!') && u.Hostname() != "" && u.User == nil &&
		(u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()))
}

// seconds reads a number of seconds; usual where there is none.
func seconds(n json.Number, usual, most time.Duration) time.Duration {
	value, err := n.Int64()
	if err != nil || value <= 0 {
		return usual
	}
	return min(time.Duration(min(value, 1<<20))*time.Second, most)
}

// DeviceCode is a [TokenSource] for a program at a terminal: [RefreshTokens],
// and where these need the person, a sign-in by device code that prompt shows.
// A claims challenge of the authority goes into that sign-in.
type DeviceCode struct {
	refresh *RefreshTokens
	prompt  func(ctx context.Context, prompt DevicePrompt) error
	turn    chan struct{} // holds one while somebody signs in

	round  atomic.Int64 // sign-ins so far
	failed error        // why the last came to nothing, if the person let it; whoever has the turn
}

// NewDeviceCode makes the token source. prompt shows the person what to do and
// returns at once; its error ends the sign-in.
func NewDeviceCode(store TokenStore, opts TokenOptions, prompt func(context.Context, DevicePrompt) error) (*DeviceCode, error) {
	refresh, err := NewRefreshTokens(store, opts)
	if err != nil {
		return nil, err
	}
	if prompt == nil {
		return nil, errors.New("partnercenter: prompt: the person has to be shown a code")
	}
	return &DeviceCode{refresh: refresh, prompt: prompt, turn: make(chan struct{}, 1)}, nil
}

// Token implements [TokenSource]. Its errors are those of [RefreshTokens],
// [StartDeviceSignIn], [DeviceSignIn.Wait] and prompt.
func (d *DeviceCode) Token(ctx context.Context) (Secret, error) {
	token, err := d.refresh.Token(ctx)
	if err == nil || !errors.Is(err, ErrSignInRequired) {
		return token, err
	}
	round := d.round.Load()
	select {
	case d.turn <- struct{}{}:
	case <-ctx.Done():
		return Secret{}, ctx.Err()
	}
	defer func() { <-d.turn }()
	if d.round.Load() != round && d.failed != nil {
		return Secret{}, d.failed // asked once, for all who waited
	}
	token, err = d.refresh.Token(ctx) // somebody may have signed in meanwhile
	if err == nil || !errors.Is(err, ErrSignInRequired) {
		return token, err
	}
	claims := ""
	if failed, ok := errors.AsType[*SignInError](err); ok {
		claims = failed.Claims
	}
	if err := d.signIn(ctx, claims); err != nil {
		return Secret{}, err
	}
	return d.refresh.Token(ctx)
}

// SignIn signs the person in whether or not there are tokens: for a login
// command, or with a claims challenge.
func (d *DeviceCode) SignIn(ctx context.Context, claims string) error {
	select {
	case d.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-d.turn }()
	return d.signIn(ctx, claims)
}

func (d *DeviceCode) signIn(ctx context.Context, claims string) (err error) {
	defer func() {
		d.failed = nil
		if errors.Is(err, ErrSignInRequired) {
			d.failed = err
		}
		d.round.Add(1)
	}()
	started, err := d.refresh.authority.startDevice(ctx, claims)
	if err != nil {
		return err
	}
	if err := d.prompt(ctx, started.DevicePrompt); err != nil {
		return err
	}
	tokens, err := started.Wait(ctx)
	if err != nil {
		return err
	}
	return d.refresh.adopt(ctx, tokens)
}
