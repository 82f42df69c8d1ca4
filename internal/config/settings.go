package config

// settings is the one table. The order is that of docs/configuration.md: where
// it is reached, who may come in, what it keeps, whom it calls, what it says.
func settings() []Setting {
	return []Setting{
		{
			Flag: "listen", Default: "127.0.0.1:8080", For: Serve | Demo,
			Help: "`address:port` to listen on",
			set:  func(c *Config, v string) (err error) { c.Listen, err = listenAddress(v); return },
		},
		{
			Flag: "base-url", For: Serve, Required: Serve,
			Help: "`address` that people type to reach the portal, such as https://rollcall.example",
			set:  func(c *Config, v string) (err error) { c.BaseURL, err = baseURL(v); return },
		},
		{
			Flag: "trusted-proxies", For: Serve,
			Help: "`networks` of the proxies in front, comma-separated, such as 10.0.0.0/8; their X-Forwarded-For is believed, and they must send X-Forwarded-Proto: https",
			set:  func(c *Config, v string) (err error) { c.TrustedProxies, err = networks(v); return },
		},
		{
			Flag: "stop-delay", Default: "5s", For: Serve,
			Help: "`time` to go on answering while /readyz says no, before a stop closes the listener, 0 to 5m; longer than your balancer takes to notice",
			set:  func(c *Config, v string) (err error) { c.StopDelay, err = stopDelay(v); return },
		},
		{
			Flag: "issuer", For: Serve, Required: Serve,
			Help: "`address` of the OpenID provider, for Entra https://login.microsoftonline.com/TENANT-ID/v2.0",
			set:  func(c *Config, v string) (err error) { c.Issuer, err = issuer(v); return },
		},
		{
			Flag: "client-id", For: Serve | Login, Required: Serve,
			Help: "the application's `ID` at the provider",
			set:  func(c *Config, v string) (err error) { c.ClientID, err = word(v); return },
		},
		{
			Flag: "client-secret-file", For: Serve, Required: Serve,
			Help: "`file` that holds the application's secret, alone",
			set:  func(c *Config, v string) (err error) { c.ClientSecretFile, err = readableFile(v); return },
		},
		{
			Flag: "allowed-tenants", For: Serve,
			Help: "`IDs` of the tenants whose people may sign in, comma-separated; without it only the issuer's own",
			set:  func(c *Config, v string) (err error) { c.AllowedTenants, err = tenants(v); return },
		},
		{
			Flag: "allow-guests", Default: "false", For: Serve,
			Help: "a `switch`, true or false: let in guest accounts of the tenant; while false, Microsoft Entra ID has to put the optional claim acct into ID tokens",
			set:  func(c *Config, v string) (err error) { c.AllowGuests, err = yesOrNo(v); return },
		},
		{
			Flag: "provider-hosts", For: Serve,
			Help: "`hosts` that the provider uses beside its issuer's own, comma-separated; none for Entra",
			set:  func(c *Config, v string) (err error) { c.ProviderHosts, err = hosts(v); return },
		},
		{
			Flag: "roles-claim", Default: "roles", For: Serve,
			Help: "`claim` of the ID token that lists a person's roles; groups at most providers other than Entra",
			set:  func(c *Config, v string) (err error) { c.RolesClaim, err = word(v); return },
		},
		{
			Flag: "admin-role", Default: "Rollcall.Admin", For: Serve,
			Help: "`role` that gives the level admin",
			set:  func(c *Config, v string) error { c.AdminRole = v; return nil },
		},
		{
			Flag: "helpdesk-role", Default: "Rollcall.Helpdesk", For: Serve,
			Help: "`role` that gives the level helpdesk",
			set:  func(c *Config, v string) error { c.HelpdeskRole = v; return nil },
		},
		{
			Flag: "licensing-role", Default: "Rollcall.Licensing", For: Serve,
			Help: "`role` that gives the level licensing",
			set:  func(c *Config, v string) error { c.LicensingRole = v; return nil },
		},
		{
			Flag: "reader-role", Default: "Rollcall.Reader", For: Serve,
			Help: "`role` that gives the level reader",
			set:  func(c *Config, v string) error { c.ReaderRole = v; return nil },
		},
		{
			Flag: "require-mfa", Default: "true", For: Serve,
			Help: "a `switch`, true or false: refuse sign-ins without a second factor",
			set:  func(c *Config, v string) (err error) { c.RequireMFA, err = yesOrNo(v); return },
		},
		{
			Flag: "mfa-contexts", For: Serve,
			Help: "authentication `contexts` that prove a second factor, asked for at each sign-in, comma-separated, such as c1",
			set:  func(c *Config, v string) (err error) { c.MFAContexts, err = contexts(v); return },
		},
		{
			Flag: "idle-timeout", Default: "60m", For: Serve | Sessions,
			Help: "`time` without activity after which a session ends, 1m to 24h",
			set:  func(c *Config, v string) (err error) { c.IdleTimeout, err = sessionTime(v); return },
		},
		{
			Flag: "absolute-timeout", Default: "12h", For: Serve,
			Help: "`time` after which a session ends in any case, 1m to 24h",
			set:  func(c *Config, v string) (err error) { c.AbsoluteTimeout, err = sessionTime(v); return },
		},
		{
			Flag: "database", Default: "sqlite:/var/lib/rollcall/rollcall.db", For: Serve | Database,
			Help:  "`database` to keep sessions and the trail in: sqlite:PATH, or postgres://USER@HOST/NAME for several replicas",
			overt: holdsPassword,
			set:   func(c *Config, v string) (err error) { c.Database, err = database(v); return },
		},
		{
			Flag: "key-file", For: Serve | Keys, Required: Serve | Keys,
			Help: "`file` that holds the ring of keys which seal tokens and the trail; not in the database's folder",
			set:  func(c *Config, v string) (err error) { c.KeyFile, err = readableFile(v); return },
		},
		{
			Flag: "trail-retention", For: Serve,
			Help: "`days` that rows of the trail are kept at least, 30 or more, such as 730; without it they are kept for good",
			set:  func(c *Config, v string) (err error) { c.TrailRetention, err = days(v); return },
		},
		{
			Flag: "memory-limit", Default: "512MiB", For: Serve | Demo,
			Help: "`size` of the customers' users that are held in memory, 16MiB or more",
			set:  func(c *Config, v string) (err error) { c.MemoryLimit, err = memorySize(v); return },
		},
		{
			Flag: "license-budget", Default: "2000", For: Serve | Demo,
			Help: "`users` of a customer whose licenses are read unasked, at a call each; beyond, the page asks; 0 to 1000000",
			set:  func(c *Config, v string) (err error) { c.LicenseBudget, err = numberWithin(v, 0, 1_000_000); return },
		},
		{
			Flag: "license-pace", Default: "300", For: Serve,
			Help: "`calls` a minute that reading licenses may make behind people's own, 10 to 10000; Microsoft's only published limit is 500 for all",
			set:  func(c *Config, v string) (err error) { c.LicensePace, err = numberWithin(v, 10, 10_000); return },
		},
		{
			Flag: "authority", For: Login,
			Help: "`address` of the sign-in authority instead of the cloud's own, such as https://login.microsoftonline.com",
			set:  func(c *Config, v string) (err error) { c.Authority, err = authority(v); return },
		},
		{
			Flag: "tenant", For: Login,
			Help: "the partner's own `tenant`: its ID or a domain of it",
			set:  func(c *Config, v string) (err error) { c.Tenant, err = tenant(v); return },
		},
		{
			Flag: "profile", Default: "default", For: Login | Logout | CLI,
			Help: "`name` of the sign-in, when you keep several",
			set:  func(c *Config, v string) (err error) { c.Profile, err = profile(v); return },
		},
		{
			Flag: "token-store", Default: "auto", For: Login,
			Help: "`place` to keep the sign-in: keyring, file (only you can read it), or auto: the keyring where there is one",
			set: func(c *Config, v string) (err error) {
				c.TokenStore, err = oneOf(v, "auto", "keyring", "file")
				return
			},
		},
		{
			Flag: "cloud", Default: "global", For: Serve | Login | CLI,
			Help: "`name` of the Microsoft cloud: global, us-government or china",
			set: func(c *Config, v string) (err error) {
				c.Cloud, err = oneOf(v, "global", "us-government", "china")
				return
			},
		},
		{
			Flag: "api-url", For: Serve | Login | CLI,
			Help: "`address` of the Partner Center API instead of the cloud's own, such as that of rollcall emulator",
			set:  func(c *Config, v string) (err error) { c.APIURL, err = apiURL(v); return },
		},
		{
			Flag: "token", For: CLI, Secret: true,
			Help: "`bearer token` for Partner Center",
			set:  func(c *Config, v string) (err error) { c.Token, err = bearer(v); return },
		},
		{
			Flag: "log-level", Default: "info", For: Serve | Demo,
			Help: "least `level` that is logged: debug, info, warn or error",
			set:  func(c *Config, v string) (err error) { c.LogLevel, err = logLevel(v); return },
		},
		{
			Flag: "log-format", Default: "text", For: Serve | Demo,
			Help: "`form` of a log line: text or json",
			set:  func(c *Config, v string) (err error) { c.LogFormat, err = oneOf(v, "text", "json"); return },
		},
	}
}
