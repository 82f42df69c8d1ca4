package partnercenter

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
)

// Version is the version of this package, sent as MS-SdkVersion.
const Version = "1.0.0"

// clientName is what the package calls itself in MS-PartnerCenter-Client.
const clientName = "Rollcall Go SDK"

// Options are the settings of a [Client]. The zero value is the global cloud
// with sane defaults.
//
// Transport is the place to count, time, trace and record calls: wrap
// [http.DefaultTransport] and ask [CallOf] which call a request is. It sees
// the token in a header and passwords in bodies, so it logs neither. It passes
// the request's context on and never sends a change twice, as only this
// package knows whether that is safe. Redirects are not followed.
type Options struct {
	BaseURL     string            // without /v1; https, or http on loopback only; "" means Global.APIURL
	Transport   http.RoundTripper // nil means a clone of http.DefaultTransport that all such clients share
	Locale      string            // X-Locale, such as "de-DE"; "" leaves it out, which the service takes as en-US
	Application string            // MS-PartnerCenter-Application, the name of your program; "" leaves it out
	Logger      *slog.Logger      // nil logs nothing; it never gets a token, a query value or a body
	Retry       RetryOptions      // the zero value means sane defaults
	Shared      *Shared           // limits that all clients of one partner share; nil means its own
}

// Client calls Partner Center for one holder of tokens. It is immutable, safe
// for concurrent use, and cheap to make: one a request is fine, as long as
// they share a [Shared] and a transport.
type Client struct {
	tokens      TokenSource
	base        *url.URL // scheme and host only
	transport   http.RoundTripper
	locale      string
	application string
	log         *slog.Logger
	retry       RetryOptions
	shared      *Shared
	breaker     *breaker // shared's, of this host
	maxAnswer   int      // bytes of a body that are read before the answer is refused
}

// New makes a client. It sends nothing. The error names every setting that
// can't be used and how to write it: a missing token source, a base address
// that is not https (http is for loopback) or carries a path, user or query,
// and header texts that are not plain ASCII.
func New(tokens TokenSource, opts Options) (*Client, error) {
	var bad []error
	if tokens == nil {
		bad = append(bad, errors.New("tokens: a token source is needed; for a try use StaticToken"))
	}
	base, err := baseURL(opts.BaseURL)
	if err != nil {
		bad = append(bad, err)
	}
	if !locale(opts.Locale) {
		bad = append(bad, fmt.Errorf("Locale: %q is not a locale; write it like de-DE", opts.Locale))
	}
	if !printable(opts.Application, ' ') || len(opts.Application) > 100 {
		bad = append(bad, fmt.Errorf("Application: %q can't be a header; use at most 100 plain ASCII characters", opts.Application))
	}
	if err := errors.Join(bad...); err != nil {
		return nil, fmt.Errorf("partnercenter: %w", err)
	}

	c := &Client{
		tokens:      tokens,
		base:        base,
		transport:   opts.Transport,
		locale:      opts.Locale,
		application: opts.Application,
		log:         opts.Logger,
		retry:       opts.Retry.withDefaults(),
		shared:      opts.Shared,
		maxAnswer:   maxAnswer,
	}
	if c.transport == nil {
		c.transport = defaultTransport()
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.shared == nil {
		c.shared = NewShared(SharedOptions{})
	}
	c.breaker = c.shared.breaker(base.Host)
	return c, nil
}

// WithRetry is a client that repeats failed calls in another way; all else it
// has in common with this one.
func (c *Client) WithRetry(retry RetryOptions) *Client {
	other := *c
	other.retry = retry.withDefaults()
	return &other
}

// defaultTransport is made once: connections are pooled across clients.
var defaultTransport = sync.OnceValue(func() http.RoundTripper { return hardened(http.DefaultTransport) })

// hardened is a clone that is fit to carry tokens: no TLS before 1.2.
func hardened(base http.RoundTripper) http.RoundTripper {
	t, ok := base.(*http.Transport)
	if !ok {
		return base // replaced by the program: its choice
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = 32 // one host is all we talk to
	t.MaxResponseHeaderBytes = 64 << 10
	if t.TLSClientConfig == nil {
		t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	} else {
		t.TLSClientConfig.MinVersion = max(t.TLSClientConfig.MinVersion, tls.VersionTLS12)
	}
	return t
}

func baseURL(text string) (*url.URL, error) {
	if text == "" {
		text = Global.APIURL
	}
	u, err := url.Parse(text)
	if err != nil { // its text repeats the address, which may hold a password
		return nil, fmt.Errorf("BaseURL: not an address; write it like %s", Global.APIURL)
	}
	switch {
	case u.User != nil, u.RawQuery != "", u.ForceQuery, u.Fragment != "", u.Opaque != "", u.Hostname() == "",
		u.Path != "" && u.Path != "/":
		return nil, fmt.Errorf("BaseURL: scheme and host alone are taken (no /v1); write it like %s", Global.APIURL)
	case u.Scheme == "https":
	case u.Scheme == "http" && loopback(u.Hostname()):
	default:
		return nil, fmt.Errorf("BaseURL: %s://%s is not https; http is taken on loopback only", u.Scheme, u.Host)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// locale reports whether s can be a language tag; 35 is the longest that RFC
// 5646 asks programs to take.
func locale(s string) bool { return len(s) <= 35 && lettersAndDigits(s) }

// lettersAndDigits reports whether s has only ASCII letters, digits and hyphens.
func lettersAndDigits(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// printable reports whether s has only ASCII from lowest up that a header may carry.
func printable(s string, lowest byte) bool {
	for i := range len(s) {
		if s[i] < lowest || s[i] > '~' {
			return false
		}
	}
	return true
}
