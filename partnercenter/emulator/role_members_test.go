package emulator_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

const (
	companyAdmins  = documented + "/directoryroles/62e90394-69f5-4237-9190-012177145e10/usermembers"
	helpdeskAdmins = documented + "/directoryroles/729827e3-9c14-49f7-bb1b-9608f156bbb8/usermembers"
	serviceAdmins  = documented + "/directoryroles/f023fd81-a637-4b56-95fd-791ac0226033/usermembers"
	danielAsMember = `{"Id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","DisplayName":"Daniel Tsai","UserPrincipalName":"Daniel@dtdemocspcustomer005.onmicrosoft.com","Attributes":{"ObjectType":"UserMember"}}`
)

func TestAddingAMemberAnswersAsDocumented(t *testing.T) {
	want := readSample(t, "role-member-add")
	for name, body := range map[string]string{
		"as the SDK sends it":           danielAsMember,
		"the ID alone, as older ones":   `{"id":"A9EF48BB-8758-4590-A312-D4A47BFADED4"}`,
		"with names that are not right": `{"id":"a9ef48bb-8758-4590-a312-d4a47bfaded4","displayName":"Dan","userPrincipalName":"x@y"}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, emulator.Options{})
			got := s.send(t, "admin-agent", "POST", serviceAdmins, body).must(t, want.Status)
			if diff := cmp.Diff(bom+want.wire(t), got.body); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			if got.header.Get("Content-Length") != "231" {
				t.Errorf("Content-Length %s, want 231", got.header.Get("Content-Length"))
			}
		})
	}
}

func TestRemovingAMemberAnswersAsDocumented(t *testing.T) {
	want := readSample(t, "role-member-remove")
	s := start(t, emulator.Options{})
	got := s.send(t, "admin-agent", "DELETE", helpdeskAdmins+"/a9ef48bb-8758-4590-a312-d4a47bfaded4", "",
		"MS-RequestId", want.header("MS-RequestId")).must(t, want.Status)
	if got.body != "" || got.header.Get("MS-RequestId") != "e784d7aa-8c8d-45ee-8f97-9e09823d7338" {
		t.Errorf("%q, MS-RequestId %s", got.body, got.header.Get("MS-RequestId"))
	}
}

func TestMembersFollowWhatIsWritten(t *testing.T) {
	s := start(t, emulator.Options{})
	members := func(path string) (names []string) {
		for _, m := range all[member](t, s, path) {
			names = append(names, m.DisplayName)
		}
		return names
	}
	roles := func(path string) (names []string) {
		for _, r := range decode[list[role]](t, s.get(t, path+"/directoryroles")).Items {
			names = append(names, r.Name)
		}
		return names
	}
	check := func(step string, company, helpdesk, daniels []string) {
		t.Helper()
		if got := members(companyAdmins); !slices.Equal(got, company) {
			t.Errorf("%s: company administrators %v, want %v", step, got, company)
		}
		if got := members(helpdeskAdmins); !slices.Equal(got, helpdesk) {
			t.Errorf("%s: helpdesk administrators %v, want %v", step, got, helpdesk)
		}
		if daniels != nil {
			if got := roles(daniel); !slices.Equal(got, daniels) {
				t.Errorf("%s: Daniel's roles %v, want %v", step, got, daniels)
			}
		}
	}
	admin := "DT Demo CSP Customer 005"
	check("before", []string{admin}, []string{"Daniel Tsai"}, []string{"Helpdesk Administrator"})
	s.send(t, "admin-agent", "POST", companyAdmins, danielAsMember).must(t, 201)
	check("added", []string{admin, "Daniel Tsai"}, []string{"Daniel Tsai"}, []string{"Company Administrator", "Helpdesk Administrator"})
	s.send(t, "admin-agent", "PATCH", daniel, `{"displayName":"Dan"}`).must(t, 200)
	check("renamed", []string{admin, "Dan"}, []string{"Dan"}, []string{"Company Administrator", "Helpdesk Administrator"})
	s.send(t, "admin-agent", "DELETE", helpdeskAdmins+"/a9ef48bb-8758-4590-a312-d4a47bfaded4", "").must(t, 204)
	check("removed", []string{admin, "Dan"}, nil, []string{"Company Administrator"})
	s.send(t, "admin-agent", "DELETE", daniel, "").must(t, 204)
	check("deleted", []string{admin}, nil, nil)
	s.send(t, "admin-agent", "PATCH", daniel, `{"state":"active"}`).must(t, 200)
	check("restored", []string{admin, "Dan"}, nil, []string{"Company Administrator"})
}

func TestMembersRefused(t *testing.T) {
	const already = `{"code":3000,"description":"One or more added object references already exist for the following modified properties: 'members'.","data":[],"source":"PartnerFD"}`
	badID := refusal("3000", "Invalid value specified for property id.")
	noRole := documented + "/directoryroles/" + someoneNew + "/usermembers"
	tests := map[string]struct {
		method, path, body string
		status             int
		want               string
	}{
		"added twice":               {"POST", helpdeskAdmins, danielAsMember, 409, already},
		"added to no role":          {"POST", noRole, danielAsMember, 404, notFound},
		"an unknown user":           {"POST", helpdeskAdmins, `{"id":"` + someoneNew + `"}`, 404, noSuchUser},
		"a deleted user":            {"POST", helpdeskAdmins, `{"id":"a45f1416-3300-4f65-9e8d-f123b397a4ea"}`, 404, noSuchUser},
		"no ID":                     {"POST", helpdeskAdmins, `{"displayName":"Daniel Tsai"}`, 400, badID},
		"a name for an ID":          {"POST", helpdeskAdmins, `{"id":"` + danielUPN + `"}`, 400, badID},
		"no JSON":                   {"POST", helpdeskAdmins, `Id`, 400, invalidInput},
		"removed who is none":       {"DELETE", companyAdmins + "/a9ef48bb-8758-4590-a312-d4a47bfaded4", "", 404, notFound},
		"removed an unknown user":   {"DELETE", helpdeskAdmins + "/" + someoneNew, "", 404, notFound},
		"removed from no role":      {"DELETE", noRole + "/a9ef48bb-8758-4590-a312-d4a47bfaded4", "", 404, notFound},
		"removed all":               {"DELETE", helpdeskAdmins, "", 405, ""},
		"a blank behind (quirk 20)": {"DELETE", helpdeskAdmins + "/a9ef48bb-8758-4590-a312-d4a47bfaded4%20", "", 404, notFound},
	}
	s := start(t, emulator.Options{})
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := s.send(t, "admin-agent", tt.method, tt.path, tt.body); got.status != tt.status || got.body != tt.want {
				t.Errorf("got  %d %s\nwant %d %s", got.status, got.body, tt.status, tt.want)
			}
		})
	}
}
