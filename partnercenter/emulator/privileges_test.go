package emulator_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// writeCalls are one call for each kind of write, each of which would succeed
// for an admin agent at a customer as it was given out. Daniel, who is
// restored and changed, is a Helpdesk Administrator.
var writeCalls = map[string]struct{ method, path, body string }{
	"create":              {"POST", documented + "/users", `{"userPrincipalName":"n@dtdemocspcustomer005.onmicrosoft.com","displayName":"N","passwordProfile":{"password":"Password!1"}}`},
	"update":              {"PATCH", daniel, `{"displayName":"Dan"}`},
	"reset":               {"PATCH", daniel, `{"passwordProfile":{"password":"Password!1"}}`},
	"update and reset":    {"PATCH", daniel, `{"displayName":"Dan","passwordProfile":{"password":"Password!1"}}`},
	"restore":             {"PATCH", ferdinand, wholeNulls},
	"delete":              {"DELETE", daniel, ""},
	"licenses":            {"POST", daniel + "/licenseupdates", assign(emsE3)},
	"add member":          {"POST", serviceAdmins, danielAsMember},
	"remove member":       {"DELETE", helpdeskAdmins + "/a9ef48bb-8758-4590-a312-d4a47bfaded4", ""},
	"rename an admin":     {"PATCH", theAdmin, `{"userPrincipalName":"root@dtdemocspcustomer005.onmicrosoft.com"}`},
	"call an admin":       {"PATCH", theAdmin, `{"phoneNumber":"1"}`},
	"relabel an admin":    {"PATCH", theAdmin, `{"displayName":"Root"}`},
	"reset an admin":      {"PATCH", theAdmin, `{"passwordProfile":{"password":"Password!1"}}`},
	"delete an admin":     {"DELETE", theAdmin, ""},
	"an admin's licenses": {"POST", theAdmin + "/licenseupdates", remove(powerBI)},
}

// byRole makes an emulator whose people have one delegated role each, by its name.
func byRole(t *testing.T, roles ...[]string) service {
	people := map[string]emulator.Person{}
	for _, set := range roles {
		people[strings.Join(set, "+")] = emulator.Person{PartnerRole: "HelpdeskAgent", GDAP: func(string) []string { return set }}
	}
	return start(t, emulator.Options{
		People: people,
		Verify: func(_ context.Context, bearer string) (emulator.Claims, error) {
			return emulator.Claims{TenantID: emulator.PartnerTenantID, ObjectID: bearer, MFA: true}, nil
		},
	})
}

// The table of API facts 4, by role, and whom only few may touch.
func TestEachDelegatedRoleGivesItsWrites(t *testing.T) {
	allowed := map[string][]string{
		"Directory Readers":                       {},
		"Global Reader":                           {},
		"License Administrator":                   {"licenses", "an admin's licenses"},
		"Directory Writers":                       {"create", "update", "restore", "licenses", "an admin's licenses", "relabel an admin"},
		"User Administrator":                      {"create", "update", "reset", "update and reset", "restore", "delete", "licenses", "an admin's licenses", "relabel an admin"},
		"Privileged Authentication Administrator": {"reset", "reset an admin"},
		"Privileged Role Administrator":           {"add member", "remove member"},
		"Helpdesk Administrator":                  {},
	}
	const both = "User Administrator+Privileged Authentication Administrator"
	allowed[both] = []string{"create", "update", "reset", "update and reset", "restore", "delete", "licenses", "rename an admin", "call an admin",
		"relabel an admin", "reset an admin", "delete an admin", "an admin's licenses"}
	for role, may := range allowed {
		for name, call := range writeCalls {
			s := byRole(t, strings.Split(role, "+"))
			got := s.send(t, role, call.method, call.path, call.body)
			switch ok := got.status < 300; {
			case ok != slices.Contains(may, name):
				t.Errorf("%s, %s: %d %s", role, name, got.status, got.body)
			case !ok && (got.status != 403 || got.body != noPrivilege):
				t.Errorf("%s, %s: refused with %d %s, want 403 %s", role, name, got.status, got.body, noPrivilege)
			}
		}
	}
}

// A refusal for want of a role tells nothing about the value that was sent.
func TestPrivilegesComeBeforeValues(t *testing.T) {
	s := start(t, emulator.Options{})
	for _, body := range []string{`{"usageLocation":"ZZ"}`, `{"passwordProfile":{"password":"x"}}`, `{"userPrincipalName":"` + strings.ToLower(danielUPN) + `"}`} {
		if got := s.send(t, "license-manager", "PATCH", daniel, body); got.status != 403 || got.body != noPrivilege {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
	if got := s.send(t, "helpdesk-agent", "PATCH", theAdmin, `{"passwordProfile":{"password":"x"}}`); got.status != 403 || got.body != noPrivilege {
		t.Errorf("an administrator's weak password: %d %s", got.status, got.body)
	}
}

func TestWhoHasNoSayInWrites(t *testing.T) {
	s := start(t, emulator.Options{})
	for name, call := range writeCalls {
		for word, want := range map[string]struct {
			status int
			body   string
		}{
			"app-only": {403, appOnly},
			"expired":  {401, accessDenied},
			"no-gdap":  {403, noPrivilege},
			"reader":   {403, noPrivilege},
			"unknown":  {401, accessDenied},
		} {
			if got := s.send(t, word, call.method, call.path, call.body); got.status != want.status || got.body != want.body {
				t.Errorf("%s, %s: %d %s", word, name, got.status, got.body)
			}
		}
	}
	nobody := "/v1/customers/" + emulator.NobodyCustomerID
	s.send(t, "admin-agent", "POST", nobody+"/users", newUserIn).must(t, 403)
}
