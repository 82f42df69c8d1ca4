package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/auth/demoidp"
	"github.com/rollcall-app/rollcall/internal/config"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/internal/seats"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
	"github.com/rollcall-app/rollcall/web"
)

// newDemo answers rollcall demo.
func newDemo(p *program) *cobra.Command {
	settings := config.For(config.Demo)
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show the whole product on this machine, with made-up customers",
		Long: `Portal, Partner Center emulator and sign-in provider run in this one program, on
loopback, and forget everything when it stops. Nothing has to be configured.`,
		Example: `  rollcall demo
  rollcall demo --listen 127.0.0.1:9000`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := settings.Load(cmd.Flags(), p.environ)
			if err != nil {
				return &problem{code: exitMisuse, text: err.Error(), err: err}
			}
			return p.demo(cmd.Context(), set)
		},
	}
	settings.AddFlags(cmd.Flags())
	return cmd
}

// demo runs until the context ends, then stops what it started.
func (p *program) demo(ctx context.Context, set config.Config) error {
	log := newLogger(p.errOut, set)
	defer takeLibraryLog(log)()
	d, err := startDemo(ctx, demoOptions{listen: set.Listen, memory: set.MemoryLimit, licenses: licenseBudget(set), log: log})
	if err != nil {
		return err
	}
	fmt.Fprint(p.out, d.welcome())
	failure := d.servers.wait(ctx) // or one of the portal's: they tell together
	return errors.Join(failure, d.stop())
}

type demoOptions struct {
	listen   string // of the portal; emulator and provider take the next ports
	memory   int64
	licenses int // users whose licenses are read unasked; 0: 2,000
	pace     int // calls a minute for that; 0: demoPace
	bigUsers int // users of northwind.example; 0: 100,000
	log      *slog.Logger
	limits   web.Limits
	people   []demoidp.Person        // nil: the five
	emulated func(*emulator.Options) // changes what Partner Center is like; nil: as it is
}

// demo is the whole product in one process: portal, Partner Center, provider.
type demo struct {
	url      string // of the portal
	emulator *emulator.Emulator
	provider *demoidp.Provider
	api      string // base URL of the emulator
	issuer   string
	portal   *portal
	servers  *servers // of emulator and provider
	front    *servers // of the portal
	folder   string   // the database's, gone at the end
	moved    string   // what to say of ports that were taken; "": none was
}

// stopTime is what running requests get to finish.
const stopTime = 5 * time.Second

// demoPace is how many users' licenses the demo reads a minute: its Partner
// Center is of this process, and asks nobody to be slow.
const demoPace = 6000

// startDemo opens all listeners first, so that every part knows the others'
// addresses, and then wires the same parts that serve does.
func startDemo(ctx context.Context, o demoOptions) (_ *demo, err error) {
	d := &demo{servers: newServers()}
	d.front = &servers{failed: d.servers.failed}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.stop())
		}
	}()
	listeners, moved, err := demoListeners(ctx, o.listen)
	if err != nil {
		return nil, err
	}
	d.moved = moved
	d.url, d.api, d.issuer = "http://"+listeners[0].Addr().String(), "http://"+listeners[1].Addr().String(), "http://"+listeners[2].Addr().String()
	base, err := url.Parse(d.url)
	if err != nil {
		return nil, err
	}

	const clientID = "rollcall"
	secret := rand.Text()
	d.provider, err = demoidp.New(demoidp.Options{
		Issuer: d.issuer, ClientID: clientID, ClientSecret: secret, People: o.people,
		RedirectURIs: []string{d.url + "/sign-in/callback"}, PostLogoutRedirectURIs: []string{d.url + "/sign-in"},
		Audience: partnercenter.Global.Resource, Logger: o.log,
	})
	if err != nil {
		return nil, err
	}
	emulated := emulator.Options{
		BigUsers: o.bigUsers, People: demoRights(), Control: true, VersionedLinks: true, Logger: o.log,
		Verify: func(ctx context.Context, bearer string) (emulator.Claims, error) {
			claims, err := d.provider.VerifyAccessToken(ctx, bearer)
			return emulator.Claims{TenantID: claims.TenantID, ObjectID: claims.ObjectID, Name: claims.Name, Roles: claims.Roles, MFA: claims.MFA(), Expiry: claims.Expiry}, err
		},
	}
	if o.emulated != nil {
		o.emulated(&emulated)
	}
	d.emulator = emulator.New(emulated)
	d.servers.start(listeners[1], d.emulator, o.log)
	d.servers.start(listeners[2], d.provider, o.log)

	if d.folder, err = os.MkdirTemp("", "rollcall-demo-"); err != nil {
		return nil, err
	}
	keys, err := auth.NewKeyRing(randomKey())
	if err != nil {
		return nil, err
	}
	d.portal, err = openPortal(ctx, plan{
		database: "sqlite:" + filepath.Join(d.folder, "rollcall.db"),
		keys:     keys,
		auth: auth.Config{
			BaseURL:       d.url,
			Tenants:       []auth.Tenant{{Issuer: d.issuer, ID: emulator.PartnerTenantID, Name: emulator.PartnerName}},
			ClientID:      clientID,
			ClientSecret:  partnercenter.NewSecret(secret),
			Resource:      partnercenter.Global.Resource,
			PartnerCenter: partnercenter.Options{BaseURL: d.api, Logger: o.log, Shared: partnercenter.NewShared(partnercenter.SharedOptions{})},
			Logger:        o.log,
		},
		directory: directory.Options{MaxBytes: o.memory, LicenseBudget: o.licenses, LicensesPerMinute: cmp.Or(o.pace, demoPace), Logger: o.log},
		web: web.Config{
			BaseURL: base, Roles: slices.Sorted(maps.Keys(auth.DefaultRoles())), Partner: emulator.PartnerName, Provider: "the demo's sign-in", ProviderHost: listeners[2].Addr().String(),
			Version: version(), Limits: o.limits, Logger: o.log, Demo: &demoFaults{emulator: d.emulator},
			DemoShell: "export ROLLCALL_API_URL=" + d.api + " ROLLCALL_TOKEN=admin-agent TOKEN=admin-agent",
		},
		log:         o.log,
		seatsBefore: func(book *seats.Book) seatsBefore { return (&demoSeats{book: book, now: time.Now}).before },
	})
	if err != nil {
		return nil, err
	}
	d.front.start(listeners[0], d.portal, o.log)
	return d, nil
}

// demoListeners are the portal's, the emulator's and the provider's. moved says
// which of their ports were taken, so that they are at others.
func demoListeners(ctx context.Context, first string) (open []net.Listener, moved string, err error) {
	host, _, err := net.SplitHostPort(first)
	if err != nil || !loopback(host) {
		return nil, "", misuse("--listen: %q is no address on this machine; the demo knows no real sign-in, so it stays here. Write it like 127.0.0.1:8080", first)
	}
	for n := range 3 {
		address, err := beside(first, n)
		if err != nil {
			return nil, "", err
		}
		listener, err := listenOn(ctx, address)
		if err != nil {
			for _, l := range open {
				err = errors.Join(err, l.Close())
			}
			return nil, "", &problem{code: exitFailed, err: err, text: fmt.Sprintf("Can't listen on %s: %v. Choose another address with --listen.", address, err)}
		}
		if _, port, _ := net.SplitHostPort(address); port != "0" && port != strconv.Itoa(listener.Addr().(*net.TCPAddr).Port) {
			moved += fmt.Sprintf("%s is taken by another program: the %s is at %s instead.\n", address, []string{"portal", "emulator", "sign-in provider"}[n], listener.Addr())
		}
		open = append(open, listener)
	}
	return open, moved, nil
}

func (d *demo) welcome() string {
	moved := d.moved
	if moved != "" {
		moved += "\n"
	}
	return moved + fmt.Sprintf(`Rollcall is at %s

Sign in there as one of five people; every customer is made up.
"Copy as command", above each list, has its users as a line for another terminal.
Ctrl+C stops everything and forgets what was done.
`, d.url)
}

// stop ends servers and rooms, and removes the database. The portal goes first,
// and with it the calls that wait for an answer which a fault holds back.
func (d *demo) stop() error {
	if d.portal != nil {
		d.portal.Stopping()
	}
	if d.emulator != nil {
		d.emulator.ClearFaults()
	}
	failed := []error{inTime(d.front.stop)}
	if d.portal != nil {
		failed = append(failed, inTime(d.portal.close))
	}
	failed = append(failed, inTime(d.servers.stop))
	if d.folder != "" {
		failed = append(failed, os.RemoveAll(d.folder))
	}
	return errors.Join(failed...)
}

// inTime gives a part its own time to stop.
func inTime(stop func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	return stop(ctx)
}

func randomKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails: crypto/rand ends the program instead
	return key
}
