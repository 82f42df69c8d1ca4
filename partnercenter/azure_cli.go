package partnercenter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// AzureCLIOptions say what the Azure CLI is asked for. The zero value means a
// token for Partner Center in the global cloud, for the tenant that the CLI is
// signed in to.
type AzureCLIOptions struct {
	Cloud  Cloud  // its Resource is asked for; the zero value means Global
	Tenant string // the partner's tenant: its ID or one of its domains; "" leaves it to the CLI
	Path   string // of the program az; "" means to look for it in PATH
}

// AzureCLI is a [TokenSource] that has the Azure CLI get tokens, for the person
// who is signed in there: for a try on one's own machine. Whether the CLI may
// get tokens for Partner Center is the partner's tenant's to allow.
//
// Its errors are a [*SignInError]: [ErrSignInRequired] when nobody is signed in
// to the CLI, [ErrMFARequired] when a second factor was not shown,
// [exec.ErrNotFound] or [fs.ErrNotExist] when there is no CLI.
type AzureCLI struct {
	path string
	args []string

	turn   chan struct{} // holds one while the CLI runs
	mu     sync.Mutex
	tokens Tokens
}

const (
	opAzureCLI   = "tokens.AzureCLI"
	azureCLITime = time.Minute // longest that the CLI is waited for
	azureCLIOut  = 1 << 20     // bytes of its answer that are read
	azureCLILate = 2 * time.Minute
)

// NewAzureCLI makes the token source. It does not look for the CLI yet. The
// error names every option that can't be used.
func NewAzureCLI(opts AzureCLIOptions) (*AzureCLI, error) {
	if opts.Cloud == (Cloud{}) {
		opts.Cloud = Global
	}
	var bad []error
	if opts.Cloud.Resource == "" || strings.HasPrefix(opts.Cloud.Resource, "-") || !printable(opts.Cloud.Resource, '!') {
		bad = append(bad, fmt.Errorf("Cloud: %q is no resource", opts.Cloud.Resource))
	}
	if opts.Tenant != "" && !ValidID(opts.Tenant) && !domainName(opts.Tenant) {
		bad = append(bad, fmt.Errorf("Tenant: %q is neither an ID nor a domain", opts.Tenant))
	}
	if err := errors.Join(bad...); err != nil {
		return nil, fmt.Errorf("partnercenter: %w", err)
	}
	c := &AzureCLI{
		path: opts.Path,
		args: []string{"account", "get-access-token", "--output", "json", "--resource", opts.Cloud.Resource},
		turn: make(chan struct{}, 1),
	}
	if c.path == "" {
		c.path = "az"
	}
	if opts.Tenant != "" {
		c.args = append(c.args, "--tenant", opts.Tenant)
	}
	return c, nil
}

// Token implements [TokenSource]. The CLI is run once for all who ask at the
// same time, and again two minutes before the token's end; it has tokens of
// its own, and renews them itself.
func (c *AzureCLI) Token(ctx context.Context) (Secret, error) {
	if token, ok := c.current(); ok {
		return token, nil
	}
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return Secret{}, ctx.Err()
	}
	defer func() { <-c.turn }()
	if token, ok := c.current(); ok {
		return token, nil
	}
	tokens, err := c.run(ctx)
	if err != nil {
		return Secret{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tokens = tokens
	return tokens.Access, nil
}

func (c *AzureCLI) current() (Secret, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tokens.Access, !c.tokens.Access.Empty() && time.Now().Before(c.tokens.Expires.Add(-azureCLILate))
}

func (c *AzureCLI) run(ctx context.Context) (Tokens, error) {
	ctx, cancel := context.WithTimeout(ctx, azureCLITime)
	defer cancel()
	var out, said limited
	cmd := exec.CommandContext(ctx, c.path, c.args...)
	cmd.Stdout, cmd.Stderr = &out, &said
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return Tokens{}, failSignIn(opAzureCLI, nil, "%w", ctx.Err())
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return Tokens{}, failSignIn(opAzureCLI, nil, "the Azure CLI is not installed: %w", err)
	case err != nil:
		return Tokens{}, azureCLIRefusal(err, said.String())
	}
	var wire struct {
		Access    string      `json:"accessToken"`
		Expires   json.Number `json:"expires_on"` // Unix seconds; newer versions
		ExpiresOn string      `json:"expiresOn"`  // local time without a zone; all versions
	}
	if json.Unmarshal(withoutBOM(out.Bytes()), &wire) != nil || wire.Access == "" || !printable(wire.Access, '!') {
		return Tokens{}, failSignIn(opAzureCLI, ErrBadResponse, "the Azure CLI gave no token")
	}
	tokens := Tokens{Access: NewSecret(wire.Access), Expires: time.Now().Add(assumedLife)}
	if unix, err := wire.Expires.Int64(); err == nil {
		tokens.Expires = time.Unix(unix, 0)
	} else if at, err := time.ParseInLocation("2006-01-02 15:04:05.999999", wire.ExpiresOn, time.Local); err == nil {
		tokens.Expires = at
	}
	return tokens, nil
}

// azureCLIRefusal reads what the CLI says when it fails: text for people.
func azureCLIRefusal(err error, said string) *SignInError {
	kind := error(nil)
	lower := strings.ToLower(said)
	for number := range wantsMFA {
		if strings.Contains(lower, fmt.Sprintf("aadsts%d", number)) {
			kind = ErrMFARequired
		}
	}
	if kind == nil && (strings.Contains(lower, "az login") || strings.Contains(lower, "az account set")) {
		kind = ErrSignInRequired
	}
	failed := failSignIn(opAzureCLI, kind, "the Azure CLI failed: %w", err)
	failed.Description = plain(said, 1024)
	return failed
}

// limited keeps the beginning of what is written.
type limited struct{ bytes.Buffer }

// Write implements [io.Writer].
func (l *limited) Write(p []byte) (int, error) {
	_, _ = l.Buffer.Write(p[:min(len(p), max(0, azureCLIOut-l.Len()))])
	return len(p), nil
}
