package directory

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// globalAdmins is a role that every demo customer with many users has members of.
const globalAdmins = "62e90394-69f5-4237-9190-012177145e10"

func TestRoles(t *testing.T) {
	o := newOffice(t, 3000, Options{})
	v := o.viewer("admin-agent")
	for _, customer := range []string{emulator.ContosoID, bigCustomer, emulator.EmptyCustomerID} {
		view, err := o.Roles(t.Context(), v, customer)
		if err != nil {
			t.Fatal(err)
		}
		roles, err := v.Client.Customer(customer).Roles().List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if view.State != StateComplete || view.CustomerID != customer || len(view.Roles) != len(roles) || len(roles) == 0 {
			t.Errorf("%d roles, want %d: %+v", len(view.Roles), len(roles), view.Reading)
		}
		holders := map[string][]string{}
		for i, r := range view.Roles {
			if r.Role != roles[i] || r.Err != nil {
				t.Errorf("%+v, want %+v", r.Role, roles[i])
			}
			var want, got []string
			for m, err := range v.Client.Customer(customer).Role(roles[i].ID).Members().All(t.Context(), partnercenter.RoleMembersOptions{}) {
				if err != nil {
					t.Fatal(err)
				}
				want = append(want, m.ID)
			}
			for _, m := range r.Members {
				got = append(got, m.ID)
				holders[m.ID] = append(holders[m.ID], r.Role.ID)
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s: %d members, want %d", r.Role.Name, len(got), len(want))
			}
			if !slices.IsSortedFunc(r.Members, func(a, b partnercenter.RoleMember) int {
				return (collation{}).collator().CompareString(a.DisplayName, b.DisplayName)
			}) {
				t.Errorf("%s: not by name", r.Role.Name)
			}
		}
		if customer != emulator.EmptyCustomerID && len(holders) == 0 {
			t.Error("nobody has a role")
		}
		byUser := o.roles[usersKey{v.PartnerTenantID, customer}].shown.Load().rows.byUser
		if len(byUser) != len(holders) {
			t.Errorf("%d users with roles, want %d", len(byUser), len(holders))
		}
		for id, roles := range byUser {
			if !slices.Equal(roles, holders[id.String()]) {
				t.Errorf("%s has %v, want %v", id, roles, holders[id.String()])
			}
		}
	}
	_, err := o.Roles(t.Context(), v, "contoso")
	wantError(t, err, partnercenter.ErrBadID)
}

// Members without a name come last, and equal names are told apart by ID.
func TestMembersInOrder(t *testing.T) {
	r := roleList{roles: []RoleWithMembers{{Members: []partnercenter.RoleMember{
		{ID: "3", DisplayName: ""}, {ID: "2", DisplayName: "Zoë"}, {ID: "5", DisplayName: "Ärne"}, {ID: "1", DisplayName: "Zoë"}, {ID: "4", DisplayName: "Bo"},
	}}}}
	if err := r.settle(collation{}); err != nil {
		t.Fatal(err)
	}
	var got string
	for _, m := range r.roles[0].Members {
		got += m.ID
	}
	if got != "54123" {
		t.Errorf("in the order %s", got)
	}
}

// One role's members can't be read: the others are there, and it says why.
func TestRolesFailOneByOne(t *testing.T) {
	o := newOffice(t, 10, Options{})
	v := o.viewer("admin-agent")
	o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/directoryroles/" + globalAdmins, Status: http.StatusServiceUnavailable})
	view, err := o.Roles(t.Context(), v, emulator.ContosoID)
	if err != nil {
		t.Fatal(err)
	}
	members := 0
	for _, r := range view.Roles {
		if (r.Err != nil) != (r.Role.ID == globalAdmins) || r.Err != nil && (!errors.Is(r.Err, partnercenter.ErrUnavailable) || r.Members != nil) {
			t.Errorf("%s: %v", r.Role.Name, r.Err)
		}
		members += len(r.Members)
	}
	if members == 0 || view.State != StateComplete || o.roles[usersKey{v.PartnerTenantID, emulator.ContosoID}].shown.Load().rows.whole() {
		t.Errorf("%d members: %+v", members, view.Reading)
	}
	o.service.ClearFaults()
	if err := o.RefreshRoles(t.Context(), v, emulator.ContosoID); err != nil {
		t.Fatal(err)
	}
	l := o.roles[usersKey{v.PartnerTenantID, emulator.ContosoID}]
	ended(l)
	if !l.shown.Load().rows.whole() {
		t.Error("the role stays unread")
	}
}

// Who may read which roles there are, but nobody's, has no proof; neither has
// who may not even that. Read or not, the answer is the same.
func TestRolesNeedAProofOfMembers(t *testing.T) {
	o := newOffice(t, 10, Options{})
	o.service.SetFault(emulator.Fault{Status: http.StatusForbidden, Code: 2032, Person: "reader", PathPrefix: "/customers/*/directoryroles/*/usermembers"})
	refused := map[string]Viewer{"of members": o.viewer("reader"), "of all": o.viewer("no-gdap")}
	cold := map[string]error{}
	for name, v := range refused {
		_, cold[name] = o.Roles(t.Context(), v, emulator.ContosoID)
		wantError(t, cold[name], partnercenter.ErrForbidden)
		if o.proofs.live(proofKey{v.Key, v.PartnerTenantID, emulator.ContosoID, KindRoles}) {
			t.Errorf("%s: a refusal is a proof", name)
		}
	}
	if _, err := o.Roles(t.Context(), o.viewer("admin-agent"), emulator.ContosoID); err != nil {
		t.Fatal(err)
	}
	for name, v := range refused {
		_, warm := o.Roles(t.Context(), v, emulator.ContosoID)
		wantError(t, warm, partnercenter.ErrForbidden)
		a, _ := errors.AsType[*partnercenter.Error](cold[name])
		b, _ := errors.AsType[*partnercenter.Error](warm)
		if a == nil || b == nil || a.Status != b.Status || a.Code != b.Code || a.Description != b.Description {
			t.Errorf("%s: cold %v, warm %v", name, cold[name], warm)
		}
		wantError(t, o.RefreshRoles(t.Context(), v, emulator.ContosoID), partnercenter.ErrForbidden)
	}
	_, err := o.Roles(t.Context(), o.viewer("admin-agent"), emulator.DepartedCustomerID)
	wantError(t, err, partnercenter.ErrNoRelationship)
	_, err = o.Roles(t.Context(), o.viewer("expired"), emulator.AdminOnlyCustomerID)
	wantError(t, err, partnercenter.ErrUnauthorized)
}

func TestRolesAgeAndWhileDown(t *testing.T) {
	bubble(t, 10, Options{}, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		ask := func() RolesView {
			t.Helper()
			view, err := o.Roles(t.Context(), v, emulator.ContosoID)
			if err != nil {
				t.Fatal(err)
			}
			return view
		}
		old := ask()
		time.Sleep(softAge + time.Second)
		if view := ask(); view.Version != old.Version || !view.Refreshing {
			t.Errorf("at the soft age: %+v", view.Reading)
		}
		synctest.Wait()
		if view := ask(); view.Version == old.Version || view.Age != 0 {
			t.Errorf("after it: %+v", view.Reading)
		}
		time.Sleep(proofLife + time.Second)
		o.service.SetFault(emulator.Fault{Status: http.StatusServiceUnavailable})
		if view := ask(); !view.Stale || view.Err == nil || len(view.Roles) == 0 {
			t.Errorf("while down: %+v", view.Reading)
		}
		time.Sleep(proofStale)
		_, err := o.Roles(t.Context(), v, emulator.ContosoID)
		wantError(t, err, partnercenter.ErrUnavailable)
	})
}
