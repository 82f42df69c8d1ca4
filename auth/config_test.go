package auth

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/internal/store/storetest"
	"github.com/rollcall-app/rollcall/partnercenter"
)

func goodConfig(t *testing.T) Config {
	return Config{
		BaseURL: "https://rollcall.example/", ClientID: "c", Keys: testKeys(t, 1), Resource: apiURI,
		Tenants: []Tenant{{Issuer: "https://login.microsoftonline.com/" + strings.ToUpper(partnerID) + "/v2.0"}},
	}
}

func TestConfigRefuses(t *testing.T) {
	issuer := func(text string) func(*Config) { return func(c *Config) { c.Tenants = []Tenant{{Issuer: text}} } }
	for name, tt := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"no base URL":              {func(c *Config) { c.BaseURL = "" }, "base URL"},
		"base URL by http":         {func(c *Config) { c.BaseURL = "http://rollcall.example" }, "loopback only"},
		"base URL like loopback":   {func(c *Config) { c.BaseURL = "http://127.0.0.1.evil.example" }, "loopback only"},
		"base URL with a path":     {func(c *Config) { c.BaseURL = "https://x.example/rollcall" }, "base URL"},
		"base URL with a query":    {func(c *Config) { c.BaseURL = "https://x.example/?a" }, "base URL"},
		"base URL with a name":     {func(c *Config) { c.BaseURL = "https://me@x.example" }, "base URL"},
		"no client":                {func(c *Config) { c.ClientID = "" }, "client ID"},
		"no keys":                  {func(c *Config) { c.Keys = nil }, "key ring"},
		"no tenant":                {func(c *Config) { c.Tenants = nil }, "no tenant"},
		"common":                   {issuer("https://login.microsoftonline.com/common/v2.0"), "any tenant"},
		"organizations":            {issuer("https://login.microsoftonline.com/Organizations/v2.0"), "any tenant"},
		"consumers":                {issuer("https://login.microsoftonline.us/consumers/v2.0"), "any tenant"},
		"common in a tenant's ID":  {func(c *Config) { c.Tenants = []Tenant{{Issuer: "https://login.example", ID: "common"}} }, "not one tenant"},
		"Entra without a tenant":   {issuer("https://login.microsoftonline.com/"), "a GUID"},
		"Entra by a domain":        {issuer("https://login.microsoftonline.com/contoso.example/v2.0"), "a GUID"},
		"issuer of another tenant": {func(c *Config) { c.Tenants[0].ID = "9f8e7d6c-5b4a-4938-8271-605f4e3d2c1b" }, "is not of tenant"},
		"issuer by http":           {issuer("http://login.example"), "loopback only"},
		"issuer with a query":      {issuer("https://login.example/?a=b"), "issuer"},
		"issuer that is none":      {issuer("login.example"), "issuer"},
		"issuer twice":             {func(c *Config) { c.Tenants = append(c.Tenants, c.Tenants[0]) }, "twice"},
		"role without a level":     {func(c *Config) { c.Roles = map[string]Level{"boss": 0} }, "boss"},
		"role of half a level":     {func(c *Config) { c.Roles = map[string]Level{"boss": 1 << 1} }, "boss"},
		"role without a name":      {func(c *Config) { c.Roles = map[string]Level{"": LevelAdmin} }, "no access level"},
		"group without a level":    {func(c *Config) { c.Groups = map[string]Level{"g": 0} }, "no access level"},
		"idle for a second":        {func(c *Config) { c.Idle = time.Second }, "a minute or more"},
		"idle for longer than all": {func(c *Config) { c.Idle = 24 * time.Hour }, "no shorter"},
		"API by http":              {func(c *Config) { c.PartnerCenter = partnercenter.Options{BaseURL: "http://api.example"} }, "http"},
	} {
		t.Run(name, func(t *testing.T) {
			c := goodConfig(t)
			tt.change(&c)
			if _, err := c.withDefaults(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one about %s", err, tt.want)
			}
		})
	}
	bad := Config{}
	_, err := bad.withDefaults()
	for _, all := range []string{"base URL", "client ID", "key ring", "no tenant"} {
		if err == nil || !strings.Contains(err.Error(), all) {
			t.Errorf("not all mistakes are told at once: %v", err)
		}
	}
	st := storetest.Open(t, store.Options{DSN: storetest.Memory})
	if _, err := New(t.Context(), bad, st, nil); err == nil {
		t.Error("a service was made of nothing")
	}
}

func TestConfigDefaults(t *testing.T) {
	c, err := goodConfig(t).withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	if c.BaseURL != "https://rollcall.example" || c.Idle != time.Hour || c.Absolute != 12*time.Hour || c.Tenants[0].ID != partnerID {
		t.Errorf("%+v", c)
	}
	if diff := cmp.Diff(DefaultRoles(), c.Roles); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
	want := []string{"openid", "profile", "offline_access", apiURI + "/user_impersonation"}
	if diff := cmp.Diff(want, c.scopes(c.Tenants[0])); diff != "" {
		t.Errorf("scopes in Entra (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[:3], c.scopes(Tenant{Issuer: "https://login.example"})); diff != "" {
		t.Errorf("scopes elsewhere (-want +got):\n%s", diff)
	}
	for _, base := range []string{"http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080", "http://127.8.9.1"} {
		c := goodConfig(t)
		c.BaseURL = base
		if c, err := c.withDefaults(); err != nil || c.secure() {
			t.Errorf("%s: %v", base, err)
		}
	}
}
