package partnercenter

import (
	"errors"
	"log/slog"
	"net/http"
	"time"
)

// Options are the settings of a [Client]. The zero value is the global cloud
// with sane defaults.
type Options struct {
	BaseURL     string            // without /v1; https, or http on loopback only; "" means Global.APIURL
	Transport   http.RoundTripper // nil means a clone of http.DefaultTransport, shared by all such clients
	Locale      string            // X-Locale, such as "en-US"; "" leaves it out
	Application string            // MS-PartnerCenter-Application, the name of your program; "" leaves it out
	Logger      *slog.Logger      // nil logs nothing; never gets a token, a query value or a body
	Retry       RetryOptions      // zero value means sane defaults
	Shared      *Shared           // limits shared by all clients of one partner; nil means its own
}

// RetryOptions say how often and how patiently a failed read is repeated.
type RetryOptions struct {
	Tries      int           // tries in all; 0 means 4, 1 never repeats
	BaseDelay  time.Duration // longest wait before the second try, doubled for each further one; 0 means 500 ms
	MaxDelay   time.Duration // longest wait of our own choice; 0 means 20 s. Retry-After is not cut by it
	TryTimeout time.Duration // longest time one try may take; 0 means 60 s
}

// Shared holds what all clients of one partner share, since Partner Center
// counts per partner: a retry budget, a cap on calls in flight, and the wait
// that a 429 imposes. Safe for concurrent use.
type Shared struct{}

// SharedOptions are the limits of a [Shared]. The zero value is sane.
type SharedOptions struct {
	InFlight          int     // most calls in flight; 0 means 32
	RequestsPerSecond float64 // pace of calls to one customer; 0 sets none but what a 429 asks for
	RetryBudget       int     // most retries that may be owed at once; 0 means 20
}

// NewShared makes the limits that Options.Shared takes.
func NewShared(opts SharedOptions) *Shared { return &Shared{} }

// Client calls Partner Center for one holder of tokens. It is immutable, safe
// for concurrent use, and cheap to make: one a request is fine.
type Client struct {
	tokens TokenSource
}

// New makes a client. It fails when tokens is nil or opts.BaseURL is not a
// plain https address (http is accepted on loopback only).
func New(tokens TokenSource, opts Options) (*Client, error) {
	if tokens == nil {
		return nil, errors.New("partnercenter: no token source")
	}
	return &Client{tokens: tokens}, nil
}

// Continuation says where the next page starts. It is opaque: keep it as it
// is, give it back to the same List method. "" means that there is no next page.
type Continuation string

// errSkeleton answers calls until they are filled in.
var errSkeleton = errors.New("partnercenter: call not available yet")
