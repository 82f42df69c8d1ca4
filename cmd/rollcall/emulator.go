package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/auth/demoidp"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

type emulatorOptions struct {
	listen  string
	issuer  string
	control bool
	seed    uint64
	users   int
	state   string
}

// newEmulator answers rollcall emulator.
func newEmulator(p *program) *cobra.Command {
	var opts emulatorOptions
	cmd := &cobra.Command{
		Use:   "emulator",
		Short: "Answer the Partner Center API from memory, on this machine",
		Long: `For trying Rollcall, and for tests of programs that call Partner Center. The data
is made up and always the same; it refuses what Partner Center refuses. Certain
words stand for the tokens of people with different rights; they are printed at
the start. With --issuer it also takes that OpenID provider's access tokens. What
is changed is forgotten at the end, unless --state names a file.`,
		Example: `  rollcall emulator
  rollcall emulator --listen 127.0.0.1:9000 --control`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := opts.check(); err != nil {
				return err
			}
			return p.emulator(cmd.Context(), opts)
		},
	}
	cmd.Flags().StringVar(&opts.listen, "listen", "127.0.0.1:8081", "`address:port` to listen on, on loopback")
	cmd.Flags().StringVar(&opts.issuer, "issuer", "", "`address` of an OpenID provider whose access tokens are taken for those of the demo's people")
	cmd.Flags().BoolVar(&opts.control, "control", false, "serve /_emulator/faults and /_emulator/calls, to play faults and look at calls")
	cmd.Flags().Uint64Var(&opts.seed, "seed", 0, "`number` that chooses the people")
	cmd.Flags().IntVar(&opts.users, "users", 100_000, "`number` of users at northwind.example, 1 to 1,000,000")
	cmd.Flags().StringVar(&opts.state, "state", "", "`file` that keeps what is changed, for the next start with the same --seed and --users; never a password")
	return cmd
}

func (o emulatorOptions) check() error {
	host, _, err := net.SplitHostPort(o.listen)
	if err != nil || !loopback(host) {
		return misuse("--listen: %q is no address on this machine; write it like 127.0.0.1:8081", o.listen)
	}
	if o.users < 1 || o.users > 1_000_000 {
		return misuse("--users: %d is out of bounds; write 1 to 1000000", o.users)
	}
	return nil
}

func loopback(host string) bool {
	return host == "localhost" || net.ParseIP(host) != nil && net.ParseIP(host).IsLoopback()
}

func (p *program) emulator(ctx context.Context, opts emulatorOptions) error {
	var listening net.ListenConfig
	listener, err := listening.Listen(ctx, "tcp", opts.listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return &problem{code: exitFailed, err: err, text: fmt.Sprintf("%s is taken by another program. End that, or choose another address, such as --listen 127.0.0.1:0 for a free one.", opts.listen)}
	}
	if err != nil {
		return &problem{code: exitFailed, err: err, text: fmt.Sprintf("Can't listen on %s: %v. Choose another address with --listen.", opts.listen, err)}
	}

	service := emulator.Options{Seed: opts.seed, BigUsers: opts.users, Control: opts.control, People: demoRights()}
	if opts.issuer != "" {
		service.Verify, err = verifyTokensOf(ctx, opts.issuer)
		if err != nil {
			listener.Close()
			return err
		}
	}

	service.StateFile = opts.state
	answers, err := emulator.Open(service)
	if err != nil {
		listener.Close()
		return &problem{code: exitFailed, err: err, text: fmt.Sprintf("--state: %s can't be used: %v.", opts.state, err), next: "Give the --seed and --users that it was made with, or another file."}
	}

	fmt.Fprint(p.out, emulatorWelcome("http://"+listener.Addr().String(), opts))
	server := &http.Server{
		Handler: answers, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	select {
	case err := <-stopped:
		return fmt.Errorf("the emulator stopped: %w", err)
	case <-ctx.Done():
		return server.Close() // what hangs on request would hang a gentle stop, too
	}
}

func emulatorWelcome(address string, opts emulatorOptions) string {
	var b strings.Builder
	fmt.Fprintf(&b, `Partner Center emulator: %s

In another terminal:

  export ROLLCALL_API_URL=%s ROLLCALL_TOKEN=admin-agent
  rollcall customers list
  rollcall users list northwind.example

Bearer tokens:

`, address, address)
	words := emulator.BearerWords()
	widest := 0
	for _, w := range words {
		widest = max(widest, len(w.Word))
	}
	for _, w := range words {
		fmt.Fprintf(&b, "  %-*s  %s\n", widest, w.Word, w.Meaning)
	}
	if opts.issuer != "" {
		fmt.Fprintf(&b, "\nAlso access tokens of %s for %s.\n", opts.issuer, partnercenter.Global.Resource)
	}
	if opts.control {
		fmt.Fprintf(&b, "\nFaults: %s/_emulator/faults   Calls: %s/_emulator/calls\n", address, address)
	}
	b.WriteString("\nCtrl+C stops it.\n")
	return b.String()
}

// demoRights says what each of the demo's people may do at the emulator.
func demoRights() map[string]emulator.Person {
	byRole := map[string]emulator.Person{
		"Rollcall.Admin":     emulator.AdminAgent,
		"Rollcall.Helpdesk":  emulator.HelpdeskAgent,
		"Rollcall.Licensing": emulator.LicenseManager,
		"Rollcall.Reader":    emulator.Reader,
	}
	rights := map[string]emulator.Person{}
	for _, person := range demoidp.DemoPeople() {
		if len(person.Roles) > 0 {
			rights[person.ObjectID] = byRole[person.Roles[0]]
		}
	}
	return rights
}

// verifyTokensOf checks access tokens as Partner Center does: signature,
// issuer, audience and expiry, by the provider's published keys.
func verifyTokensOf(ctx context.Context, issuer string) (func(context.Context, string) (emulator.Claims, error), error) {
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return nil, &problem{code: exitFailed, err: err, text: fmt.Sprintf("The OpenID provider at %s can't be reached, or calls itself otherwise. Start it first, and give its address exactly as it does.", issuer)}
	}
	verifier := provider.VerifierContext(context.WithoutCancel(ctx), &oidc.Config{ClientID: partnercenter.Global.Resource})
	return func(ctx context.Context, bearer string) (emulator.Claims, error) {
		token, err := verifier.Verify(ctx, bearer)
		if err != nil {
			return emulator.Claims{}, err
		}
		var claims demoidp.AccessClaims
		if err := token.Claims(&claims); err != nil {
			return emulator.Claims{}, err
		}
		return emulator.Claims{
			TenantID: claims.TenantID, ObjectID: claims.ObjectID, Name: claims.Name, Roles: claims.Roles,
			MFA: slices.Contains(claims.AMR, "mfa"), Expiry: token.Expiry,
		}, nil
	}, nil
}
