package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/internal/audit"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// TestRefusalsAreOnTheTrail: what somebody tried and was refused is there, once
// however often they try.
func TestRefusalsAreOnTheTrail(t *testing.T) {
	r := newRig(t, rigOptions{})
	reader, nobody := r.signedIn(t, carsten), r.signedIn(t, nora)
	for range 3 {
		reader.get("/settings/people")
		nobody.get(contoso + "/users")
		nobody.get("/customers/" + emulator.DepartedCustomerID + "/users")
	}
	if a := reader.post("/settings/people", url.Values{"person": {"x"}}); a.status != http.StatusForbidden {
		t.Fatalf("%d", a.status)
	}
	if a := reader.get("/customers/" + unknownID + "/users/nobody"); a.status == http.StatusOK {
		t.Fatalf("%d", a.status)
	}
	rows, err := r.trail.List(t.Context(), audit.Filter{Kinds: []string{audit.KindRefused}})
	must(t, err)
	var got []string
	for _, row := range rows {
		got = append(got, strings.Join([]string{row.PersonName, row.Address, row.CustomerID, row.TargetID, row.Detail["reason"]}, " | "))
	}
	want := []string{
		"Carsten Brandt | 192.0.2.7 | " + unknownID + " | GET /customers/:customer/users/:user | no relationship",
		"Carsten Brandt | 192.0.2.7 |  | POST /settings/people | access level",
		"Nora Berg | 192.0.2.7 | " + emulator.DepartedCustomerID + " | GET /customers/:customer/users | no relationship",
		"Nora Berg | 192.0.2.7 | " + emulator.ContosoID + " | GET /customers/:customer/users | role missing",
		"Carsten Brandt | 192.0.2.7 |  | GET /settings/people | access level",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
