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

// withRoles asks for a customer's users with their roles.
func (o *office) withRoles(v Viewer, customer string, q Query) UsersView {
	o.t.Helper()
	view, err := o.Users(o.t.Context(), v, customer, q, KindRoles)
	if err != nil {
		o.t.Fatal(err)
	}
	return view
}

// What a view says of roles is what Partner Center says of each user.
func TestRolesOfUsers(t *testing.T) {
	o := newOffice(t, 0, Options{})
	v := o.viewer("admin-agent")
	view := o.withRoles(v, emulator.ContosoID, Query{Size: 250})
	for !view.Complete() {
		view = o.withRoles(v, emulator.ContosoID, Query{Size: 250})
	}
	if view.Roles.Withheld != nil || view.Roles.ReadAt.IsZero() || view.Roles.Err != nil || view.Licenses.Asked {
		t.Errorf("%+v", view.Roles)
	}
	customer := v.Client.Customer(emulator.ContosoID)
	roles, err := customer.Roles().List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, role := range roles {
		var want []string
		for m, err := range customer.Role(role.ID).Members().All(t.Context(), partnercenter.RoleMembersOptions{}) {
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, m.ID)
		}
		found := o.withRoles(v, emulator.ContosoID, Query{Roles: []string{role.ID}, Size: 250})
		var got []string
		for _, row := range found.Rows {
			got = append(got, row.ID)
			if !slices.Contains(row.Roles, role.ID) {
				t.Errorf("%s is found with a role that the row doesn't show", row.ID)
			}
		}
		slices.Sort(want)
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", role.Name, got, want)
		}
		if view.Names[role.ID] != (Name{Name: role.Name}) {
			t.Errorf("%s is called %+v", role.Name, view.Names[role.ID])
		}
		i := slices.IndexFunc(view.Counts.Roles, func(f Facet) bool { return f.Value == role.ID })
		if n := len(want); (i < 0) != (n == 0) || i >= 0 && view.Counts.Roles[i].Count != (Count{n, n}) {
			t.Errorf("%s is counted %+v, want %d", role.Name, view.Counts.Roles, n)
		}
		total += len(want)
	}
	if total == 0 {
		t.Error("nobody has a role")
	}
	sorted := o.withRoles(v, emulator.ContosoID, Query{Sort: Sort{By: ByRoles}})
	if len(sorted.Rows[0].Roles) == 0 {
		t.Error("sorted by role, the first has none")
	}
}

// Who may not see roles sees the list without them and why.
func TestRolesWithheld(t *testing.T) {
	bubble(t, 700, quick, func(t *testing.T, o *office) {
		o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/directoryroles", Person: "reader", Status: http.StatusForbidden, Code: 2032})
		v, other := o.viewer("reader"), o.viewer("admin-agent")
		o.withRoles(other, bigCustomer, Query{})
		for range 3 {
			view, err := o.Users(t.Context(), v, bigCustomer, Query{}, KindRoles, KindLicenses)
			if err != nil || !errors.Is(view.Roles.Withheld, partnercenter.ErrForbidden) || len(view.Rows) == 0 || view.Counts.Roles != nil || view.Licenses.Withheld != nil {
				t.Errorf("%+v, %+v, %v", view.Roles, view.Licenses, err)
			}
		}
		for name, q := range map[string]Query{"role": {Roles: []string{helpdeskRole}}, "sort": {Sort: Sort{By: ByRoles}}} {
			_, err := o.Users(t.Context(), v, bigCustomer, q)
			refused, ok := errors.AsType[*KindError](err)
			if !ok || refused.Kind != KindRoles || !errors.Is(err, partnercenter.ErrForbidden) {
				t.Errorf("by %s: %v", name, err)
			}
		}
	})
}

// Roles follow the list: a new copy of either is joined anew, and is another
// version of the view.
func TestRolesFollow(t *testing.T) {
	bubble(t, 700, quick, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		o.withRoles(v, bigCustomer, Query{})
		synctest.Wait()
		before := o.withRoles(v, bigCustomer, Query{})
		i := slices.IndexFunc(before.Rows, func(r UserRow) bool { return len(r.Roles) == 0 })
		who := before.Rows[i].ID
		if _, err := v.Client.Customer(bigCustomer).Role(helpdeskRole).Members().Add(t.Context(), partnercenter.RoleMember{ID: who, DisplayName: before.Rows[i].DisplayName, UserPrincipalName: before.Rows[i].UPN}); err != nil {
			t.Fatal(err)
		}
		if err := o.RefreshRoles(t.Context(), v, bigCustomer); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		after := o.withRoles(v, bigCustomer, Query{})
		if !slices.Equal(after.Rows[i].Roles, []string{helpdeskRole}) || after.Version <= before.Version {
			t.Errorf("%v, version %d after %d", after.Rows[i].Roles, after.Version, before.Version)
		}
		time.Sleep(time.Second)
		if err := o.Refresh(t.Context(), v, bigCustomer); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if again := o.withRoles(v, bigCustomer, Query{}); !slices.Equal(again.Rows[i].Roles, []string{helpdeskRole}) || again.Version <= after.Version {
			t.Errorf("%v after the list was read anew", again.Rows[i].Roles)
		}
	})
}
