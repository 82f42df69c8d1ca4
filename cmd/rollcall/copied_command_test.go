package main

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// copied are the lines that the panel Copy as command has for a view.
var copied = regexp.MustCompile(`(?s)<textarea[^>]* id="command-(rollcall|curl)"[^>]*>(.*?)</textarea>`)

// TestCopiedCommandsListTheView takes the lines from the page, gives them to a
// shell as they are, and compares what they list with the file of the view.
func TestCopiedCommandsListTheView(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"sh", "curl"} {
		if _, err := exec.LookPath(program); err != nil && os.Getenv("CI") != "true" {
			t.Skipf("no %s on this machine: copied lines are not tried", program)
		} else if err != nil {
			t.Fatal(err)
		}
	}
	d := quietDemo(t, 600, func(o *demoOptions) { o.pace = 1e6 })
	person := d.signedIn(t, priya)
	const contoso, hostile = emulator.ContosoID, emulator.HostileCustomerID
	waitUntil(t, "the licenses are read", func() bool { return strings.Contains(fetch(t, person, d.users(contoso, "")), "412 of 412 read") })
	fetch(t, person, d.users(hostile, "")) // its licenses are on the way here

	client, err := partnercenter.New(partnercenter.StaticToken("admin-agent"), partnercenter.Options{BaseURL: d.api})
	if err != nil {
		t.Fatal(err)
	}
	owned, err := client.Customer(contoso).SubscribedSKUs(t.Context(), partnercenter.Group1, partnercenter.Group2)
	if err != nil {
		t.Fatal(err)
	}
	product, plan := map[string]string{}, map[string]string{}
	for _, sku := range owned {
		product[sku.PartNumber] = sku.SKUID
		for _, p := range sku.ServicePlans {
			plan[p.ServiceName] = p.ID
		}
	}
	const admin, helpdesk = companyAdministrator, "729827e3-9c14-49f7-bb1b-9608f156bbb8"
	answer, err := person.PostForm(d.url+"/customers/"+contoso+"/selection", url.Values{"do": {"add"}, "user": {agnieszka}, "return_to": {"/customers/" + contoso + "/users"}})
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("selecting somebody: %v, %v", answer, err)
	}
	answer.Body.Close()

	usual := []string{"userPrincipalName", "displayName", "usageLocation"}
	gone := append(slices.Clone(usual), "softDeletionTime")
	for name, view := range map[string]struct {
		query   string
		columns []string // nil: the usual ones
		at      string   // customer; "" for Contoso
		deleted bool
		nobody  bool // is in it
	}{
		"everybody":              {},
		"a search":               {query: "q=muller"},
		"a phone":                {query: "q=%2B49+30+2312"},
		"an apostrophe":          {query: "q=van+%27t"},
		"quotes and worse":       {query: "q=" + url.QueryEscape(`it's "$(touch pwned)" `+"`id`"+` \ ! ; & | > * é -- #`), nobody: true},
		"begins with a hyphen":   {query: "q=-rf", nobody: true},
		"synced":                 {query: "synced=yes"},
		"cloud only":             {query: "synced=no"},
		"guests":                 {query: "guest=yes"},
		"no guests":              {query: "guest=no"},
		"places":                 {query: "location=DE&location=none"},
		"domains":                {query: "domain=contoso.example&domain=werk.contoso.example"},
		"a domain with a quote":  {query: "domain=a%22b%27c", nobody: true},
		"unlicensed":             {query: "license=none"},
		"one product":            {query: "license=" + product["SPB"]},
		"products":               {query: "license=" + product["SPE_F1"] + "&license=" + product["MCOEV"]},
		"a product or none":      {query: "license=" + product["SPE_E3"] + "&license=none"},
		"a plan":                 {query: "plan=" + plan["TEAMS1"]},
		"plans":                  {query: "plan=" + plan["BI_AZURE_P2"] + "&plan=" + plan["MCOEV"]},
		"a role":                 {query: "role=" + admin},
		"roles":                  {query: "role=" + admin + "&role=" + helpdesk},
		"all at once":            {query: "q=a&synced=yes&guest=no&license=" + product["SPB"] + "&plan=" + plan["TEAMS1"] + "&location=DE&domain=contoso.example"},
		"by name, backward":      {query: "sort=-name"},
		"by UPN":                 {query: "sort=upn"},
		"by UPN, backward":       {query: "sort=-upn"},
		"by place":               {query: "sort=location"},
		"by domain type":         {query: "sort=-domain"},
		"by time":                {query: "sort=-synced"},
		"by licenses":            {query: "sort=licenses"},
		"by licenses, backward":  {query: "sort=-licenses"},
		"by roles":               {query: "sort=roles"},
		"by roles, backward":     {query: "sort=-roles"},
		"all columns":            {query: "columns=phone,licenses,names,roles,last-synced,domain,location,id", columns: []string{"userPrincipalName", "displayName", "phoneNumber", "licenses", "firstName", "lastName", "roles", "lastDirectorySyncTime", "userDomainType", "usageLocation", "id"}},
		"no columns":             {query: "q=jan&columns=user", columns: usual[:2]},
		"page 3 of 25 each":      {query: "sort=upn&page=3&size=25"},
		"who is selected":        {query: "only=selected"},
		"the deleted":            {deleted: true, columns: gone},
		"deleted, searched":      {deleted: true, columns: gone, query: "q=zielinski"},
		"deleted, by UPN":        {deleted: true, columns: gone, query: "location=DE&sort=-upn"},
		"deleted, latest first":  {deleted: true, columns: gone, query: "sort=-deleted"},
		"names that are hostile": {at: hostile, query: "columns=names,phone", columns: []string{"userPrincipalName", "displayName", "firstName", "lastName", "phoneNumber"}},
		"a hostile search":       {at: hostile, query: "q=" + url.QueryEscape(`<script>alert('1')</script>`), nobody: true},
	} {
		t.Run(name, func(t *testing.T) {
			customerID := view.at
			if customerID == "" {
				customerID = contoso
			}
			if view.columns == nil {
				view.columns = usual
			}
			list := "/customers/" + customerID + "/users"
			if view.deleted {
				list += "/deleted"
			}
			lines := map[string]string{}
			for _, line := range copied.FindAllStringSubmatch(fetch(t, person, d.url+list+"?"+view.query+"&panel=command"), -1) {
				lines[line[1]] = html.UnescapeString(line[2])
			}
			if len(lines) != 2 {
				t.Fatalf("the page has the lines %q", lines)
			}
			shell := func(line string) []byte {
				t.Helper()
				run := exec.CommandContext(t.Context(), "sh", "-c", line)
				run.Dir = t.TempDir()
				run.Env = append(os.Environ(), "HOME="+run.Dir, "XDG_CONFIG_HOME="+run.Dir, "ROLLCALL_API_URL="+d.api, "ROLLCALL_TOKEN=admin-agent", "TOKEN=admin-agent")
				var errors strings.Builder
				run.Stderr = &errors
				out, err := run.Output()
				if err != nil {
					t.Fatalf("%s\n%v: %s", line, err, errors.String())
				}
				if made, err := os.ReadDir(run.Dir); err != nil || len(made) > 0 {
					t.Errorf("%s\nleft %v behind, %v", line, made, err)
				}
				return out
			}

			var want [][]string
			var file []map[string]any
			body := fetch(t, person, d.url+list+".json?"+view.query)
			if err := json.Unmarshal([]byte(body), &file); err != nil {
				t.Fatalf("the file: %v\n%.300s", err, body)
			}
			var everybody []string
			for _, user := range file {
				var cells []string
				for _, column := range view.columns {
					cells = append(cells, visible(cellOf(user[column])))
				}
				want = append(want, cells)
				everybody = append(everybody, user["id"].(string))
			}
			if view.nobody != (len(want) == 0) {
				t.Fatalf("%d users are in the file", len(want))
			}

			var got [][]string
			for line := range strings.Lines(string(shell(lines["rollcall"]))) {
				cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
				if at := slices.Index(view.columns, "licenses"); at >= 0 { // in Partner Center's order; in the file by name
					cells[at] = inOrder(cells[at])
				}
				got = append(got, cells)
			}
			if sort := regexp.MustCompile(`sort=-?(\w+)`).FindStringSubmatch(view.query); !view.deleted && (sort == nil || sort[1] == "name") {
				slices.SortFunc(want, slices.Compare) // by name the line has Partner Center's own order
				slices.SortFunc(got, slices.Compare)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s\n%d users in the file, %d listed (-file +line):\n%s", lines["rollcall"], len(want), len(got), diff)
			}

			// curl can't leave anybody out: everybody in the view is in its answer, and
			// where nothing was searched or narrowed it has nobody else.
			var page struct {
				TotalCount int
				Items      []struct{ ID string }
			}
			out := shell(lines["curl"])
			if err := json.Unmarshal(bytesOf(out), &page); err != nil {
				t.Fatalf("%s\n%v\n%.300s", lines["curl"], err, out)
			}
			var answered []string
			for _, item := range page.Items {
				answered = append(answered, item.ID)
			}
			for _, id := range everybody {
				if !slices.Contains(answered, id) {
					t.Errorf("%s\nuser %s is in the view and not in the answer", lines["curl"], id)
				}
			}
			if whole := !regexp.MustCompile(`q=|synced=|guest=|license=|plan=|location=|domain=|role=|only=`).MatchString(view.query); whole && len(answered) != len(everybody) {
				t.Errorf("%s\n%d users answered, want the %d of the view", lines["curl"], len(answered), len(everybody))
			}
		})
	}
}

// bytesOf is an answer of Partner Center without the mark that it begins with.
func bytesOf(answer []byte) []byte { return []byte(strings.TrimPrefix(string(answer), "\ufeff")) }

// cellOf is a value of the file as a line has it: licenses by their part
// numbers, roles by their names.
func cellOf(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case []any:
		var products, roles []string
		for _, one := range v {
			fields := one.(map[string]any)
			if number, ok := fields["skuPartNumber"].(string); ok {
				products = append(products, number)
			} else {
				roles = append(roles, fields["name"].(string))
			}
		}
		return inOrder(strings.Join(products, " ")) + strings.Join(roles, "; ")
	}
	return ""
}

func inOrder(words string) string {
	fields := strings.Fields(words)
	slices.Sort(fields)
	return strings.Join(fields, " ")
}
