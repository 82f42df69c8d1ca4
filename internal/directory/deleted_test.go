package directory

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// manyDeleted is a customer with 50 deleted users that anybody with rights may see.
const manyDeleted = emulator.GlobalReaderCustomerID

func (o *office) deletedUsers(v Viewer, customerID string, q Query) UsersView {
	o.t.Helper()
	view, err := o.Deleted(o.t.Context(), v, customerID, q)
	if err != nil {
		o.t.Fatal(err)
	}
	if view.State == StateGrowing { // all fit on one page of Partner Center's, so this is over at once
		l, err := o.deletedOf(v, customerID)
		if err != nil {
			o.t.Fatal(err)
		}
		ended(l)
		return o.deletedUsers(v, customerID, q)
	}
	return view
}

func TestDeleted(t *testing.T) {
	o := newOffice(t, 1200, Options{})
	v := o.viewer("admin-agent")
	for _, customer := range []string{emulator.ContosoID, bigCustomer, manyDeleted, emulator.DocumentedCustomerID, emulator.EmptyCustomerID} {
		want := map[string]partnercenter.User{}
		for u, err := range v.Client.Customer(customer).Users().Deleted(t.Context(), partnercenter.UsersOptions{}) {
			if err != nil {
				t.Fatal(err)
			}
			want[u.ID] = u
		}
		var rows []UserRow
		for page := 1; ; page++ {
			view := o.deletedUsers(v, customer, Query{Page: page, Size: 250})
			if view.State != StateComplete || view.Read != len(want) || view.Matching != len(want) || view.CustomerID != customer {
				t.Errorf("%s: %+v", customer, view.Reading)
			}
			rows = append(rows, view.Rows...)
			if page == view.Pages {
				break
			}
		}
		if len(rows) != len(want) || customer != emulator.EmptyCustomerID && len(rows) == 0 {
			t.Errorf("%s: %d deleted users, want %d", customer, len(rows), len(want))
		}
		for _, r := range rows {
			if u := want[r.ID]; r.UPN != u.UserPrincipalName || r.DisplayName != u.DisplayName || r.Deleted.IsZero() || !r.Deleted.Equal(u.SoftDeletion.Truncate(time.Second)) {
				t.Errorf("%+v is not %+v", r, u)
			}
		}
		if !slices.IsSortedFunc(rows, func(a, b UserRow) int { return a.Deleted.Compare(b.Deleted) }) {
			t.Errorf("%s: not soonest gone first", customer)
		}
	}
	// The users who are there are no deleted ones, and the other way about.
	view, err := o.Users(t.Context(), v, emulator.ContosoID, Query{Text: "Rashid Karimov"})
	if err != nil || view.Matching != 0 {
		t.Errorf("a deleted user among the users: %+v, %v", view.Rows, err)
	}
}

// Search, filters and sorts are those of the users.
func TestDeletedQueries(t *testing.T) {
	o := newOffice(t, 10, Options{})
	v := o.viewer("reader")
	first := func(q Query) string {
		t.Helper()
		view := o.deletedUsers(v, emulator.ContosoID, q)
		if len(view.Rows) == 0 {
			return ""
		}
		return view.Rows[0].DisplayName
	}
	for name, tt := range map[string]struct {
		q    Query
		want string
	}{
		"soonest gone":    {Query{}, "Rashid Karimov"},
		"last gone":       {Query{Sort: Sort{By: ByDeleted, Descending: true}}, "Test Account 2"},
		"by name":         {Query{Sort: Sort{By: ByName}}, "Änne-Marie Vogt"},
		"by UPN":          {Query{Sort: Sort{By: ByUPN, Descending: true}}, "Test Account 2"},
		"words":           {Query{Text: "account test1"}, "Test Account 1"},
		"without accents": {Query{Text: "anne vogt"}, "Änne-Marie Vogt"},
		"location":        {Query{Locations: []string{"PL"}}, "Piotr Zieliński"},
		"nobody":          {Query{Guest: Yes}, ""},
		"no such sort":    {Query{Sort: Sort{By: "licenses", Descending: true}}, "Rashid Karimov"},
	} {
		if got := first(tt.q); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	if view := o.deletedUsers(v, emulator.ContosoID, Query{Text: "r.karimov@contoso.example"}); view.Exact != view.Rows[0].ID || len(view.Rows[0].UPNMarks) == 0 {
		t.Errorf("%+v", view)
	}
}

func TestDeletedQueryIsCanonical(t *testing.T) {
	for in, want := range map[string]string{
		"":                              "",
		"sort=deleted":                  "",
		"sort=-deleted":                 "sort=-deleted",
		"sort=name":                     "sort=name",
		"sort=-name":                    "sort=-name",
		"sort=licenses":                 "",
		"sort=-":                        "sort=name",
		"q=Jan++&page=3":                "q=Jan&page=3",
		"license=none&role=x&q=a":       "q=a",
		"domain=B.example&location=de":  "location=DE&domain=b.example",
		"synced=yes&guest=no&size=100":  "synced=yes&guest=no&size=100",
		"size=50&page=1&sort=upn&q=":    "sort=upn",
		"sort=-synced&view=mine&page=0": "sort=-synced",
	} {
		v, err := url.ParseQuery(in)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := CanonicalDeleted(v)
		if got != want || ok != (in == want) {
			t.Errorf("%q is %q (%v), want %q", in, got, ok, want)
		}
		again, err := url.ParseQuery(got)
		if err != nil {
			t.Fatal(err)
		}
		if twice, ok := CanonicalDeleted(again); twice != got || !ok {
			t.Errorf("%q becomes %q (%v)", got, twice, ok)
		}
	}
}

// The proof is that for users, and nothing tells who has none whether the
// deleted ones were read.
func TestDeletedNeedAProof(t *testing.T) {
	o := newOffice(t, 10, Options{})
	nobody := o.viewer("no-gdap")
	_, cold := o.Deleted(t.Context(), nobody, emulator.ContosoID, Query{})
	wantError(t, cold, partnercenter.ErrForbidden)
	v := o.viewer("admin-agent")
	o.deletedUsers(v, emulator.ContosoID, Query{})
	o.service.ResetCalls()
	if _, err := o.Prove(t.Context(), v, emulator.ContosoID, KindUsers); err != nil || len(o.service.Calls()) != 0 {
		t.Errorf("reading them was no proof: %d calls, %v", len(o.service.Calls()), err)
	}
	_, warm := o.Deleted(t.Context(), nobody, emulator.ContosoID, Query{})
	a, _ := errors.AsType[*partnercenter.Error](cold)
	b, _ := errors.AsType[*partnercenter.Error](warm)
	if a == nil || b == nil || a.Status != b.Status || a.Code != b.Code || a.Description != b.Description {
		t.Errorf("cold %v, warm %v", cold, warm)
	}
	for name, do := range map[string]func() error{
		"refresh":     func() error { return o.RefreshDeleted(t.Context(), nobody, emulator.ContosoID) },
		"go on":       func() error { return o.GoOnDeleted(t.Context(), nobody, emulator.ContosoID) },
		"stop":        func() error { return o.StopDeleted(t.Context(), nobody, emulator.ContosoID) },
		"start again": func() error { return o.StartAgainDeleted(t.Context(), nobody, emulator.ContosoID) },
	} {
		if err := do(); !errors.Is(err, partnercenter.ErrForbidden) {
			t.Errorf("%s without a proof: %v", name, err)
		}
	}
	_, err := o.Deleted(t.Context(), v, emulator.DepartedCustomerID, Query{})
	wantError(t, err, partnercenter.ErrNoRelationship)
	_, err = o.Deleted(t.Context(), v, "contoso", Query{})
	wantError(t, err, partnercenter.ErrBadID)
	wantError(t, o.RefreshDeleted(t.Context(), v, "contoso"), partnercenter.ErrBadID)
}

// Who is deleted moves from one list to the other when both are read anew.
func TestDeletingMovesAUser(t *testing.T) {
	o := newOffice(t, 10, Options{})
	v := o.viewer("admin-agent")
	users, err := o.Users(t.Context(), v, emulator.ContosoID, Query{Text: "m.nowak"})
	if err != nil || len(users.Rows) != 1 {
		t.Fatalf("%+v, %v", users.Rows, err)
	}
	before := o.deletedUsers(v, emulator.ContosoID, Query{})
	id := users.Rows[0].ID
	if err := v.Client.Customer(emulator.ContosoID).User(id).Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := o.RefreshDeleted(t.Context(), v, emulator.ContosoID); err != nil {
		t.Fatal(err)
	}
	l, err := o.deletedOf(v, emulator.ContosoID)
	if err != nil {
		t.Fatal(err)
	}
	ended(l)
	after := o.deletedUsers(v, emulator.ContosoID, Query{})
	if last := after.Rows[len(after.Rows)-1]; after.Read != before.Read+1 || last.ID != id || time.Since(last.Deleted) > time.Minute {
		t.Errorf("%d then %d: %+v", before.Read, after.Read, last)
	}
}

// The commands of the users, over the deleted ones.
func TestDeletedCommands(t *testing.T) {
	bubble(t, 10, Options{}, func(t *testing.T, o *office) {
		v := o.viewer("admin-agent")
		ask := func() UsersView {
			t.Helper()
			view, err := o.Deleted(t.Context(), v, bigCustomer, Query{})
			if err != nil {
				t.Fatal(err)
			}
			return view
		}
		do := func(command func() error) {
			t.Helper()
			if err := command(); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		ask()
		old := ask()
		if old.State != StateComplete || old.Read != 300 {
			t.Fatalf("%+v", old.Reading)
		}
		time.Sleep(time.Second)
		do(func() error { return o.RefreshDeleted(t.Context(), v, bigCustomer) })
		again := ask()
		if again.Version == old.Version || again.Age != 0 {
			t.Errorf("not read anew: %+v", again.Reading)
		}
		o.service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users", Hang: true})
		do(func() error { return o.StartAgainDeleted(t.Context(), v, bigCustomer) })
		if view := ask(); !view.Refreshing || view.Read != 300 {
			t.Errorf("while read again: %+v", view.Reading)
		}
		do(func() error { return o.StopDeleted(t.Context(), v, bigCustomer) })
		if view := ask(); view.Refreshing || view.State != StateComplete || view.Version != again.Version {
			t.Errorf("after it was stopped: %+v", view.Reading)
		}
		do(func() error { return o.GoOnDeleted(t.Context(), v, bigCustomer) })
		if view := ask(); view.Refreshing {
			t.Errorf("there was nothing to go on with: %+v", view.Reading)
		}
		o.service.ClearFaults()
		o.service.SetFault(emulator.Fault{Status: http.StatusServiceUnavailable})
		time.Sleep(proofLife + time.Second)
		if view := ask(); !view.Stale || view.Read != 300 {
			t.Errorf("while down: %+v", view.Reading)
		}
	})
}
