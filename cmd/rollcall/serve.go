package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/internal/config"
	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/web"
)

// newServe answers rollcall serve.
func newServe(p *program) *cobra.Command {
	settings := config.For(config.Serve)
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the portal for your staff",
		Long: `It needs an OpenID provider (Microsoft Entra ID in production), a key file that
is kept away from the database, and an address that people reach over TLS.
docs/configuration.md lists every setting.`,
		Example: `  rollcall serve --base-url https://rollcall.example --issuer https://login.microsoftonline.com/TENANT-ID/v2.0 --client-id CLIENT-ID --client-secret-file /etc/rollcall/client-secret --key-file /etc/rollcall/keys
  ROLLCALL_LISTEN=:8080 ROLLCALL_DATABASE=postgres://rollcall@db.example/rollcall rollcall serve`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := settings.Load(cmd.Flags(), p.environ)
			if err != nil {
				return &problem{code: exitMisuse, text: err.Error(), err: err}
			}
			return p.serve(cmd.Context(), set)
		},
	}
	settings.AddFlags(cmd.Flags())
	return cmd
}

// graceTime is what running requests get when the program is asked to stop.
const graceTime = 60 * time.Second

// serve runs until the context ends: then it is not ready any more, but answers
// for as long as a balancer needs to notice; takes nobody new, lets running
// requests finish, and closes the rooms.
func (p *program) serve(ctx context.Context, set config.Config) error {
	log := newLogger(p.errOut, set)
	defer takeLibraryLog(log)()
	parts, err := servePlan(set, log)
	if err != nil {
		return err
	}
	listener, err := listenExactly(ctx, set.Listen)
	if err != nil {
		return err
	}
	portal, err := openPortal(ctx, parts)
	if err != nil {
		return errors.Join(cmp.Or(folderTrouble(err), err), listener.Close())
	}
	running := newServers()
	running.start(listener, portal, log)
	log.LogAttrs(ctx, slog.LevelInfo, "ready", slog.String("base_url", set.BaseURL.String()), slog.String("listen", listener.Addr().String()), slog.String("version", version()))

	failure := running.wait(ctx)
	portal.Stopping()
	if failure == nil && set.StopDelay > 0 {
		log.LogAttrs(ctx, slog.LevelInfo, "stopping", slog.Duration("delay", set.StopDelay))
		failure = running.drain(set.StopDelay)
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceTime)
	defer cancel()
	return errors.Join(failure, running.stop(stopping), portal.close(stopping))
}

// servePlan is the wiring that the settings ask for.
func servePlan(set config.Config, log *slog.Logger) (plan, error) {
	secret := ""
	if set.ClientSecretFile != "" {
		text, err := os.ReadFile(set.ClientSecretFile)
		if err != nil {
			return plan{}, err
		}
		secret = strings.TrimSpace(string(text))
	}
	keys, err := readKeys(set.KeyFile)
	if err != nil {
		return plan{}, err
	}
	issuer, err := url.Parse(set.Issuer)
	if err != nil {
		return plan{}, err
	}
	cloud := cloudOf(set)
	roles, groups := rolesOf(set), map[string]auth.Level(nil)
	if set.RolesClaim == "groups" { // an overage is told in its own words then
		roles, groups = nil, roles
	}
	return plan{
		database:  set.Database,
		keys:      keys,
		retention: set.TrailRetention,
		auth: auth.Config{
			BaseURL:       set.BaseURL.String(),
			Tenants:       tenantsOf(set),
			ClientID:      set.ClientID,
			ClientSecret:  partnercenter.NewSecret(secret),
			Resource:      cloud.Resource,
			RoleClaim:     set.RolesClaim,
			Roles:         roles,
			Groups:        groups,
			AllowGuests:   set.AllowGuests,
			ProviderHosts: set.ProviderHosts,
			MFAOptional:   !set.RequireMFA,
			MFAContexts:   set.MFAContexts,
			Address:       web.Address(set.TrustedProxies),
			Idle:          set.IdleTimeout,
			Absolute:      set.AbsoluteTimeout,
			PartnerCenter: partnercenter.Options{BaseURL: cloud.APIURL, Application: "Rollcall", Logger: log, Shared: partnercenter.NewShared(partnercenter.SharedOptions{})},
			Logger:        log,
		},
		directory: directory.Options{MaxBytes: set.MemoryLimit, LicenseBudget: licenseBudget(set), LicensesPerMinute: set.LicensePace, Logger: log},
		web: web.Config{
			BaseURL: set.BaseURL, Roles: slices.Sorted(maps.Keys(rolesOf(set))), Provider: providerName(issuer), ProviderHost: issuer.Host,
			Version: version(), Cloud: cloud.Name, TrustedProxies: set.TrustedProxies, Logger: log,
		},
		log: log,
	}, nil
}

func cloudOf(set config.Config) partnercenter.Cloud {
	cloud := partnercenter.Global
	for _, c := range []partnercenter.Cloud{partnercenter.USGovernment, partnercenter.China} {
		if c.Name == set.Cloud {
			cloud = c
		}
	}
	if set.APIURL != "" {
		cloud.APIURL = set.APIURL
	}
	return cloud
}

// tenantsOf are the authorities whose people may sign in: the issuer's own,
// and for each further tenant the same issuer with that tenant in its place.
func tenantsOf(set config.Config) []auth.Tenant {
	own := tenantIn(set.Issuer)
	tenants := []auth.Tenant{{Issuer: set.Issuer, ID: own}}
	for _, id := range set.AllowedTenants {
		if own != "" && id != own {
			tenants = append(tenants, auth.Tenant{Issuer: strings.Replace(set.Issuer, own, id, 1), ID: id})
		}
	}
	return tenants
}

// tenantIn is the tenant ID that an Entra issuer's address holds, or "".
func tenantIn(issuer string) string {
	for part := range strings.SplitSeq(issuer, "/") {
		if len(part) == 36 && strings.Count(part, "-") == 4 {
			return strings.ToLower(part)
		}
	}
	return ""
}

func rolesOf(set config.Config) map[string]auth.Level {
	roles := map[string]auth.Level{}
	for name, level := range map[string]auth.Level{set.ReaderRole: auth.LevelReader, set.HelpdeskRole: auth.LevelHelpdesk, set.LicensingRole: auth.LevelLicensing, set.AdminRole: auth.LevelAdmin} {
		if name != "" {
			roles[name] = level
		}
	}
	return roles
}

// providerName is what people call the provider.
func providerName(issuer *url.URL) string {
	microsoft := []string{"login.microsoftonline.com", "login.microsoftonline.us", "login.chinacloudapi.cn", "login.partner.microsoftonline.cn", "sts.windows.net"}
	if slices.Contains(microsoft, issuer.Hostname()) {
		return "Microsoft"
	}
	return issuer.Hostname()
}

// newLogger writes the log as the settings say.
func newLogger(w io.Writer, set config.Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: set.LogLevel}
	if set.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(visibleLines{w}, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// visibleLines writes lines of JSON with what is hidden in their texts
// escaped, as the text form does by itself.
type visibleLines struct{ w io.Writer }

func (v visibleLines) Write(line []byte) (int, error) {
	if _, err := v.w.Write(appendVisibleJSON(make([]byte, 0, len(line)+64), line)); err != nil {
		return 0, err
	}
	return len(line), nil
}

// licenseBudget is the setting as the directory takes it, where 0 stands for
// its own default.
func licenseBudget(set config.Config) int {
	if set.LicenseBudget == 0 {
		return -1
	}
	return set.LicenseBudget
}
