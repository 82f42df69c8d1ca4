package directory

import (
	"maps"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func values(t *testing.T, query string) url.Values {
	t.Helper()
	v, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestParseQuery(t *testing.T) {
	plain := Query{Sort: Sort{By: ByName}, Page: 1, Size: 50}
	with := func(change func(q *Query)) Query {
		q := plain
		change(&q)
		return q
	}
	tests := map[string]struct {
		in      string
		want    Query
		encoded string
	}{
		"nothing asked":          {"", plain, ""},
		"words, blanks as one":   {"q=+jan++de%09x+", with(func(q *Query) { q.Text = "jan de x" }), "q=jan+de+x"},
		"bad UTF-8, controls":    {"q=a%ffb%00c", with(func(q *Query) { q.Text = "abc" }), "q=abc"},
		"empty fields of a form": {"q=&synced=&guest=&location=&domain=&sort=&page=&size=", plain, ""},
		"defaults said":          {"sort=name&page=1&size=50", plain, ""},
		"nonsense":               {"synced=maybe&guest=1&location=Germany&domain=a@b&sort=shoes&page=two&size=51&x=y", plain, ""},
		"numbers out of range":   {"page=-3&size=1000000", plain, ""},
		"a page beyond all":      {"page=99999999999999999999", plain, ""},
		"sort of nothing":        {"sort=-", plain, ""},
		"unknown sort turned":    {"sort=-shoes", plain, ""},
		"descending by name":     {"sort=-name", with(func(q *Query) { q.Sort.Descending = true }), "sort=-name"},
		"odd order, twice, case": {
			"size=100&page=3&sort=-upn&domain=B.example&domain=a.example&domain=b.EXAMPLE&location=us&location=NONE&location=DE&guest=no&synced=yes&q=x",
			Query{
				Text: "x", Synced: Yes, Guest: No, Locations: []string{"DE", "US", "none"}, Domains: []string{"a.example", "b.example"},
				Sort: Sort{ByUPN, true}, Page: 3, Size: 100,
			},
			"q=x&synced=yes&guest=no&location=DE&location=US&location=none&domain=a.example&domain=b.example&sort=-upn&page=3&size=100",
		},
	}
	sku, plan, role := "6fd2c87f-b296-42f0-b197-1e91e994b900", "efb87545-963c-4e0d-99df-69c6916d9eb0", "729827e3-9c14-49f7-bb1b-9608f156bbb8"
	maps.Copy(tests, map[string]struct {
		in      string
		want    Query
		encoded string
	}{
		"licenses, plans, roles": {
			"role=" + role + "&sort=-licenses&domain=a.example&plan=" + plan + "&license=NONE&license=" + strings.ToUpper(sku) + "&license=" + sku,
			with(func(q *Query) {
				q.Licenses, q.Plans, q.Roles = []string{sku, NoLicense}, []string{plan}, []string{role}
				q.Domains, q.Sort = []string{"a.example"}, Sort{ByLicenses, true}
			}),
			"license=" + sku + "&license=none&plan=" + plan + "&domain=a.example&role=" + role + "&sort=-licenses",
		},
		"no such IDs":    {"license=E3&plan=none&role={" + role + "}&license=&plan=" + plan[1:], plain, ""},
		"sorted by role": {"sort=roles", with(func(q *Query) { q.Sort.By = ByRoles }), "sort=roles"},
	})
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := ParseQuery(values(t, tt.in))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("ParseQuery(%q) (-want +got):\n%s", tt.in, diff)
			}
			if encoded := got.Encode(); encoded != tt.encoded {
				t.Errorf("encoded %q, want %q", encoded, tt.encoded)
			}
			encoded, ok := Canonical(values(t, tt.in))
			if wasCanonical := tt.in == tt.encoded; encoded != tt.encoded || ok != wasCanonical {
				t.Errorf("Canonical(%q) = %q, %v; want %q, %v", tt.in, encoded, ok, tt.encoded, wasCanonical)
			}
		})
	}
}

// Fields of others are theirs: they make nothing less canonical.
func TestCanonicalLeavesOthersAlone(t *testing.T) {
	if encoded, ok := Canonical(values(t, "ticket=INC-1&q=jan")); encoded != "q=jan" || !ok {
		t.Errorf("%q, %v", encoded, ok)
	}
}

func TestZeroQueriesAreUsable(t *testing.T) {
	if got := (Query{}).Encode(); got != "" {
		t.Errorf("%q", got)
	}
	if got := (CustomersQuery{}).Encode(); got != "" {
		t.Errorf("%q", got)
	}
}

// anyValues makes addresses out of good, bad and absurd parts.
func anyValues(fields []string) *rapid.Generator[url.Values] {
	value := rapid.OneOf(
		rapid.String(),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 300), func(b []byte) string { return string(b) }),
		rapid.StringN(190, 210, -1),
		rapid.SampledFrom([]string{"", "yes", "no", "none", "NONE", "DE", "de", "-name", "name", "-upn", "upn", "synced", "opened", "-opened", "-", "0", "1", "2", "25", "250", "9999999999999", "a.example", "A.Example", "licenses", "-roles", "6FD2C87F-b296-42f0-b197-1e91e994b900", "efb87545-963c-4e0d-99df-69c6916d9eb0", "6fd2c87f-b296-42f0-b197-1e91e994b90", "6fd2c87f-b296-42f0-b197-1e91e994b90g", " ", "müller  jan", "\x00", "\xff", "a@b"}),
	)
	return rapid.Custom(func(t *rapid.T) url.Values {
		v := url.Values{}
		for _, f := range fields {
			for range rapid.IntRange(0, 3).Draw(t, "how often "+f) {
				v.Add(f, value.Draw(t, f))
			}
		}
		return v
	})
}

// The canonical form of the canonical form is itself, parses back to the same
// query, and says of itself that it is canonical.
func TestCanonicalOfCanonical(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyValues(queryFields[:]).Draw(t, "address")
		once, _ := Canonical(v)
		again, err := url.ParseQuery(once)
		if err != nil {
			t.Fatalf("%q: %v", once, err)
		}
		if twice, ok := Canonical(again); twice != once || !ok {
			t.Fatalf("canonical of %q is %q, %v", once, twice, ok)
		}
		if diff := cmp.Diff(ParseQuery(v), ParseQuery(again)); diff != "" {
			t.Fatalf("not the same query (-once +again):\n%s", diff)
		}
	})
}

func TestCanonicalCustomersOfCanonical(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyValues([]string{"q", "sort", "page", "size"}).Draw(t, "address")
		once, _ := CanonicalCustomers(v)
		again, err := url.ParseQuery(once)
		if err != nil {
			t.Fatalf("%q: %v", once, err)
		}
		if twice, ok := CanonicalCustomers(again); twice != once || !ok {
			t.Fatalf("canonical of %q is %q, %v", once, twice, ok)
		}
		if diff := cmp.Diff(ParseCustomersQuery(v), ParseCustomersQuery(again)); diff != "" {
			t.Fatalf("not the same query (-once +again):\n%s", diff)
		}
	})
}
