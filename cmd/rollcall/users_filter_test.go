package main

import (
	"context"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// page answers a query as the portal's page does: all matching IDs, in order.
func page(t *testing.T, d *directory.Directory, v directory.Viewer, customerID string, q directory.Query) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	q.Size = 250
	var ids []string
	for q.Page = 1; ; q.Page++ {
		view, err := d.Users(ctx, v, customerID, q)
		for err == nil && !view.Complete() && ctx.Err() == nil { // the list is on its way here
			view, err = d.Users(ctx, v, customerID, q)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range view.Rows {
			ids = append(ids, strings.Clone(row.ID))
		}
		if q.Page >= view.Pages {
			return ids
		}
	}
}

// TestListAndPageFindTheSame holds the command line's search, filters and
// orders against those of the portal's page, which holds its users otherwise.
func TestListAndPageFindTheSame(t *testing.T) {
	server := httptest.NewServer(emulator.New(emulator.Options{BigUsers: 1500}))
	defer server.Close()
	t.Setenv("ROLLCALL_API_URL", server.URL)
	t.Setenv("ROLLCALL_TOKEN", "admin-agent")
	client, err := partnercenter.New(partnercenter.StaticToken("admin-agent"), partnercenter.Options{BaseURL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	d := directory.New(directory.Options{})
	defer d.Close()
	viewer := directory.Viewer{Key: "somebody", PartnerTenantID: emulator.PartnerTenantID, Client: client}

	tests := map[string]struct {
		query directory.Query
		flags []string
	}{
		"all":                    {directory.Query{}, nil},
		"a name":                 {directory.Query{Text: "müller"}, []string{"--search", "müller"}},
		"a name without accents": {directory.Query{Text: "muller sabine"}, []string{"--search", "muller sabine"}},
		"sharp s":                {directory.Query{Text: "GROSSkreutz"}, []string{"--search", "GROSSkreutz"}},
		"stroked o":              {directory.Query{Text: "sorensen"}, []string{"--search", "sorensen"}},
		"dotless i":              {directory.Query{Text: "yildirim"}, []string{"--search", "yildirim"}},
		"Arabic":                 {directory.Query{Text: "عائشة"}, []string{"--search", "عائشة"}},
		"Japanese":               {directory.Query{Text: "萩原"}, []string{"--search", "萩原"}},
		"Vietnamese":             {directory.Query{Text: "bui thi"}, []string{"--search", "bui thi"}},
		"an apostrophe":          {directory.Query{Text: "o’brien"}, []string{"--search", "o’brien"}},
		"part of a UPN":          {directory.Query{Text: "brandt@contoso"}, []string{"--search", "brandt@contoso"}},
		"a domain":               {directory.Query{Text: "onmicrosoft"}, []string{"--search", "onmicrosoft"}},
		"a phone":                {directory.Query{Text: "0211"}, []string{"--search", "0211"}},
		"a phone with blanks":    {directory.Query{Text: "+49 2 11"}, []string{"--search", "+49 2 11"}},
		"too few digits":         {directory.Query{Text: "21"}, []string{"--search", "21"}},
		"nobody":                 {directory.Query{Text: "xyzzy"}, []string{"--search", "xyzzy"}},
		"an ID":                  {directory.Query{Text: strings.ToUpper(agnieszka)}, []string{"--search", strings.ToUpper(agnieszka)}},
		"blanks":                 {directory.Query{Text: "  "}, []string{"--search", "  "}},
		"synced":                 {directory.Query{Synced: directory.Yes}, []string{"--synced"}},
		"cloud only":             {directory.Query{Synced: directory.No}, []string{"--synced=false"}},
		"guests":                 {directory.Query{Guest: directory.Yes}, []string{"--guest"}},
		"no guests":              {directory.Query{Guest: directory.No}, []string{"--guest=false"}},
		"two countries":          {directory.Query{Locations: []string{"DE", "none"}}, []string{"--location", "de,none"}},
		"a host":                 {directory.Query{Domains: []string{"contoso.example"}}, []string{"--domain", "@Contoso.example"}},
		"everything at once":     {directory.Query{Text: "a", Synced: directory.Yes, Locations: []string{"DE"}}, []string{"--search", "a", "--synced", "--location", "DE"}},
		"by UPN":                 {directory.Query{Sort: directory.Sort{By: directory.ByUPN}}, []string{"--sort", "upn"}},
		"by UPN, backward":       {directory.Query{Sort: directory.Sort{By: directory.ByUPN, Descending: true}}, []string{"--sort", "-upn"}},
		"by country":             {directory.Query{Sort: directory.Sort{By: directory.ByLocation}}, []string{"--sort", "location"}},
		"by country, backward":   {directory.Query{Sort: directory.Sort{By: directory.ByLocation, Descending: true}}, []string{"--sort", "-location"}},
		"by domain type":         {directory.Query{Sort: directory.Sort{By: directory.ByDomainType}}, []string{"--sort", "domain"}},
		"by time":                {directory.Query{Sort: directory.Sort{By: directory.BySynced, Descending: true}}, []string{"--sort", "-synced"}},
	}
	found := 0
	for _, customerID := range []string{emulator.ContosoID, emulator.NorthwindID, emulator.HostileCustomerID} {
		for name, tt := range tests {
			t.Run(customerID[:4]+" "+name, func(t *testing.T) {
				want := page(t, d, viewer, customerID, tt.query)
				out, errOut, code := cli(t, append([]string{"users", "list", customerID, "-o", "ids"}, tt.flags...)...)
				if code != exitDone {
					t.Fatalf("exit %d, %s", code, errOut)
				}
				got := strings.Fields(out)
				if tt.query.Sort == (directory.Sort{}) { // the page sorts, the list has Partner Center's own order
					slices.Sort(want)
					slices.Sort(got)
				}
				if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%d on the page, %d listed (-page +list):\n%s", len(want), len(got), diff)
				}
				if len(got) > 0 {
					found++
				}
			})
		}
	}
	if found < 2*len(tests) {
		t.Errorf("only %d of the comparisons found anybody", found)
	}
}

func TestAWholeSortIsCutAsAsked(t *testing.T) {
	atEmulator(t, "admin-agent")
	whole, _, _ := cli(t, "users", "list", emulator.NorthwindID, "-o", "ids", "--sort", "-upn")
	for _, limit := range []string{"1", "7", "599", "600", "1000"} {
		part, errOut, code := cli(t, "users", "list", emulator.NorthwindID, "-o", "ids", "--sort", "-upn", "--limit", limit)
		if code != exitDone || part == "" || !strings.HasPrefix(whole, part) {
			t.Errorf("--limit %s: exit %d, %s; %d lines that are not the first", limit, code, errOut, strings.Count(part, "\n"))
		}
	}
}

func TestSortingByNameIsPartnerCenters(t *testing.T) {
	service := atEmulator(t, "admin-agent")
	for flag, want := range map[string]string{"name": "sortDirection=Ascending", "-name": "sortDirection=Descending"} {
		service.ResetCalls()
		if _, errOut, code := cli(t, "users", "list", emulator.NorthwindID, "-o", "ids", "--sort", flag, "--limit", "1"); code != exitDone {
			t.Fatalf("exit %d, %s", code, errOut)
		}
		query := ""
		for _, call := range service.Calls() { // not in order: the next page is asked for before this one is used
			if call.Page == 1 {
				query = call.Query
			}
		}
		if !strings.Contains(query, "sortField=DisplayName") || want == "sortDirection=Descending" && !strings.Contains(query, want) {
			t.Errorf("--sort %s asked for %s", flag, query)
		}
	}
}

// TestLicensesAreAskedForOnceAUser counts the calls, and compares with the
// licenses one by one.
func TestLicensesAreAskedForOnceAUser(t *testing.T) {
	service := atEmulator(t, "admin-agent")
	all, _, _ := cli(t, "users", "list", emulator.ContosoID, "-o", "ids", "--search", "müller")
	service.ResetCalls()
	without, errOut, code := cli(t, "users", "list", emulator.ContosoID, "-o", "ids", "--search", "müller", "--unlicensed")
	if code != exitDone {
		t.Fatalf("exit %d, %s", code, errOut)
	}
	asked := map[string]int{}
	for _, call := range service.Calls() {
		if strings.HasSuffix(call.Path, "/licenses") {
			asked[call.Path]++
			if call.Query != "licenseGroupIds=Group1&licenseGroupIds=Group2" {
				t.Errorf("asked for %s", call.Query)
			}
		}
	}
	for path, n := range asked {
		if n != 1 {
			t.Errorf("%s asked for %d times", path, n)
		}
	}
	if len(asked) != len(strings.Fields(all)) {
		t.Errorf("%d users asked about, want the %d that fit the rest", len(slices.Collect(maps.Keys(asked))), len(strings.Fields(all)))
	}
	var want []string
	for _, id := range strings.Fields(all) {
		if held, _, _ := cli(t, "licenses", "list", emulator.ContosoID, id, "-o", "ids"); held == "" {
			want = append(want, id)
		}
	}
	if diff := cmp.Diff(want, strings.Fields(without), cmpopts.EquateEmpty()); diff != "" || len(want) == 0 {
		t.Errorf("unlicensed (-want +got):\n%s", diff)
	}
}

func TestAUserDeletedMeanwhileIsLeftOut(t *testing.T) {
	service := atEmulator(t, "admin-agent")
	service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users/" + agnieszka + "/licenses", Status: 404, Code: 60002})
	out, errOut, code := cli(t, "users", "list", emulator.ContosoID, "-o", "ids", "--location", "PL", "--columns", "upn,licenses", "-o", "ndjson")
	if code != exitDone || strings.Contains(out, "a.wojcik@") || !strings.Contains(out, "j.kowalczyk@") {
		t.Errorf("exit %d, %s\n%s", code, errOut, out)
	}
}

func TestLicensesThatMayNotBeReadAreSaidSo(t *testing.T) {
	atEmulator(t, "reader")
	out, errOut, code := cli(t, "users", "list", emulator.GlobalReaderCustomerID, "--unlicensed")
	if code != exitRefused || out != "" || !strings.Contains(errOut, "The licenses of ") || !strings.Contains(errOut, "License Administrator there") {
		t.Errorf("exit %d, %q\n%s", code, out, errOut)
	}
}
