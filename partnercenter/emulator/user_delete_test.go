package emulator_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// All but Content-Length: 0, which net/http leaves out of a 204 as RFC 9110
// wants it; no client can miss it.
func TestDeletingAnswersAsDocumented(t *testing.T) {
	want := readSample(t, "user-delete")
	s := start(t, emulator.Options{})
	head := rawHead(t, s, "DELETE /v1/customers/4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04/users/a9ef48bb-8758-4590-a312-d4a47bfaded4 HTTP/1.1\r\n"+
		"Host: api.partnercenter.microsoft.com\r\nAuthorization: Bearer admin-agent\r\nContent-Length: 0\r\n"+
		"MS-RequestId: "+want.header("MS-RequestId")+"\r\nMS-CorrelationId: "+want.header("MS-CorrelationId")+"\r\nConnection: close\r\n\r\n")
	for _, line := range []string{"HTTP/1.1 204 No Content", "MS-RequestId: f113b126-ec13-4baa-ab4d-67c245244971", "MS-CorrelationId: 709c0b80-016c-4662-b29f-697fdf03e87a"} {
		if !strings.Contains(head, line+"\r\n") {
			t.Errorf("no line %q in\n%s", line, head)
		}
	}
	if strings.Contains(head, "Content-Type") {
		t.Errorf("an answer without a body has a type:\n%s", head)
	}
}

// Delete is soft: gone from the list, in the deleted list with the time, alive
// again by a PATCH, gone for good after 30 days.
func TestTheLifeOfADeletedUser(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 890, time.UTC)
	s := start(t, emulator.Options{Now: func() time.Time { return now }})
	s.send(t, "admin-agent", "DELETE", daniel, "").must(t, 204)

	if got := all[user](t, s, documented+"/users"); len(got) != 1 || got[0].DisplayName != "DT Demo CSP Customer 005" {
		t.Errorf("the list has %v", got)
	}
	deleted := all[user](t, s, documented+deletedOf)
	if len(deleted) != 2 || deleted[0].DisplayName != "Daniel Tsai" || deleted[0].State != "inactive" || deleted[0].SoftDeletionTime != "2026-03-04T05:06:07Z" {
		t.Errorf("the deleted list has %+v", deleted)
	}
	for path, want := range map[string]string{daniel: userGone, daniel + "/licenses": noSuchUser, daniel + "/directoryroles": userGone} {
		if got := s.get(t, path); got.status != 404 || got.body != want {
			t.Errorf("GET %s: %d %s", path, got.status, got.body)
		}
	}
	for _, method := range []string{"DELETE", "PATCH"} {
		if got := s.send(t, "admin-agent", method, daniel, `{"usageLocation":"GB"}`); got.status != 404 || got.body != userGone {
			t.Errorf("%s: %d %s", method, got.status, got.body)
		}
	}

	now = now.Add(30*24*time.Hour - time.Second)
	s.send(t, "admin-agent", "PATCH", daniel, `{"state":"Active","displayName":"Daniel again"}`).must(t, 200)
	if got := decode[user](t, s.get(t, daniel)); got.State != "active" || got.SoftDeletionTime != "" || got.DisplayName != "Daniel again" {
		t.Errorf("restored: %+v", got)
	}

	s.send(t, "admin-agent", "DELETE", daniel, "").must(t, 204)
	now = now.Add(30 * 24 * time.Hour)
	if got := all[user](t, s, documented+deletedOf); len(got) != 0 {
		t.Errorf("after 30 days the deleted list has %v", got)
	}
	if got := s.send(t, "admin-agent", "PATCH", daniel, `{"state":"active"}`); got.status != 404 || got.body != userGone {
		t.Errorf("restored after 30 days: %d %s", got.status, got.body)
	}
	body := strings.Replace(newUserIn, "e83763f7f2204ac384cfcd49f79f2749", "daniel", 1)
	s.send(t, "admin-agent", "POST", documented+"/users", body).must(t, 201)
}

func TestTheNameOfADeletedUser(t *testing.T) {
	create := func(t *testing.T, s service) answer {
		return s.send(t, "admin-agent", "POST", documented+"/users", newUserIn)
	}
	t.Run("is free, and restoring is a conflict", func(t *testing.T) {
		s := start(t, emulator.Options{})
		create(t, s).must(t, 201)
		if got := s.send(t, "admin-agent", "PATCH", ferdinand, wholeNulls); got.status != 409 || got.body != nameTaken {
			t.Errorf("%d %s, want 409 %s", got.status, got.body, nameTaken)
		}
		s.send(t, "admin-agent", "PATCH", ferdinand, `{"state":"active","userPrincipalName":"ferdinand@dtdemocspcustomer005.onmicrosoft.com"}`).must(t, 200)
	})
	t.Run("is kept where asked for", func(t *testing.T) {
		s := start(t, emulator.Options{ReserveDeletedUPNs: true})
		if got := create(t, s); got.status != 409 || got.body != nameTaken {
			t.Errorf("%d %s, want 409 %s", got.status, got.body, nameTaken)
		}
		s.send(t, "admin-agent", "PATCH", daniel, `{"userPrincipalName":"e83763f7f2204ac384cfcd49f79f2749@dtdemocspcustomer005.onmicrosoft.com"}`).must(t, 409)
		s.send(t, "admin-agent", "PATCH", ferdinand, wholeNulls).must(t, 200)
	})
	t.Run("is free again once the user is purged", func(t *testing.T) {
		now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
		s := start(t, emulator.Options{ReserveDeletedUPNs: true, Now: func() time.Time { return now }})
		now = now.Add(30 * 24 * time.Hour)
		create(t, s).must(t, 201)
	})
	t.Run("of a renamed user is free", func(t *testing.T) {
		s := start(t, emulator.Options{ReserveDeletedUPNs: true})
		s.send(t, "admin-agent", "PATCH", daniel, `{"userPrincipalName":"dan@dtdemocspcustomer005.onmicrosoft.com"}`).must(t, 200)
		s.send(t, "admin-agent", "POST", documented+"/users", strings.Replace(newUserIn, "e83763f7f2204ac384cfcd49f79f2749", "daniel", 1)).must(t, 201)
		s.send(t, "admin-agent", "PATCH", daniel, `{"userPrincipalName":"`+danielUPN+`"}`).must(t, 409)
	})
}

// Lists that were changed stay in their orders, page by page.
func TestListsFollowWhatIsWritten(t *testing.T) {
	s := start(t, emulator.Options{BigUsers: 2000})
	northwind := "/v1/customers/" + emulator.NorthwindID
	sorted := all[user](t, s, northwind+"/users?size=500&sortField=DisplayName")
	first := sorted[0]
	s.send(t, "admin-agent", "DELETE", northwind+"/users/"+first.ID, "").must(t, 204)
	var made []user
	for _, name := range []string{"!", "Zzz", "\U0010fffd", "m\u00fcller"} {
		upn := strings.Repeat("z", len(made)+1) + "@northwind.example"
		got := s.send(t, "admin-agent", "POST", northwind+"/users", `{"userPrincipalName":"`+upn+`","displayName":"`+name+`","passwordProfile":{"password":"Password!1"}}`).must(t, 201)
		made = append(made, decode[user](t, got))
	}
	at := slices.IndexFunc(sorted, func(u user) bool { return u.LastDirectorySyncTime == "" && u.DisplayName > "M" })
	s.send(t, "admin-agent", "PATCH", northwind+"/users/"+sorted[at].ID, `{"displayName":"0 renamed"}`).must(t, 200)

	want := map[string]bool{}
	for _, u := range sorted[1:] {
		want[u.ID] = true
	}
	for _, u := range made {
		want[u.ID] = true
	}
	for name, query := range map[string]string{"as they come": "?size=500", "by name": "?size=500&sortField=DisplayName"} {
		list := all[user](t, s, northwind+"/users"+query)
		got := map[string]bool{}
		for _, u := range list {
			got[u.ID] = true
		}
		if diff := cmp.Diff(want, got); diff != "" || len(list) != len(want) {
			t.Errorf("%s: %d users, want %d (-want +got):\n%s", name, len(list), len(want), diff)
		}
	}
	list := all[user](t, s, northwind+"/users?size=500&sortField=DisplayName")
	for i := 1; i < len(list); i++ {
		if a, b := strings.ToLower(list[i-1].DisplayName), strings.ToLower(list[i].DisplayName); a > b && b != "" || a == "" && b != "" {
			t.Fatalf("%q stands before %q", a, b)
		}
	}
	down := all[user](t, s, northwind+"/users?size=500&sortField=DisplayName&sortDirection=Descending")
	for i := range down {
		if down[i].ID != list[len(list)-1-i].ID {
			t.Fatalf("descending, position %d is %s, want %s", i, down[i].DisplayName, list[len(list)-1-i].DisplayName)
		}
	}
	if list[0].DisplayName != "!" || list[1].DisplayName > "0 renamed" || list[len(list)-1].DisplayName != "" {
		t.Errorf("begins with %q, %q and ends with %q", list[0].DisplayName, list[1].DisplayName, list[len(list)-1].DisplayName)
	}
}

// A list that gets shorter between two pages ends with an empty page, and the
// token still leads back.
func TestAListThatGetsShorterMidway(t *testing.T) {
	s := start(t, emulator.Options{})
	first := decode[users](t, s.get(t, documented+"/users?size=1"))
	next := "/v1" + first.Links.Next.URI
	token := first.Links.Next.Headers[0].Value
	s.send(t, "admin-agent", "DELETE", theAdmin, "").must(t, 204)
	page := decode[users](t, s.get(t, next, "MS-ContinuationToken", token))
	if page.TotalCount != 0 || len(page.Items) != 0 || page.Links.Next != nil || page.ContinuationToken != "" || page.Links.Previous == nil {
		t.Errorf("the page that is no more: %+v", page)
	}
	back := decode[users](t, s.get(t, "/v1"+page.Links.Previous.URI, "MS-ContinuationToken", page.Links.Previous.Headers[0].Value))
	if len(back.Items) != 1 || back.Items[0].DisplayName != "Daniel Tsai" {
		t.Errorf("back at %+v", back)
	}
}
