package web

import (
	"net/url"
	"slices"
	"testing"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/internal/preferences"
	"github.com/rollcall-app/rollcall/views"
)

func TestUsersAskHasOneSpelling(t *testing.T) {
	const usual = "columns=licenses,location,domain,synced,roles"
	none, own := preferences.Settings{}, preferences.Settings{Columns: "phone,location", PageSize: 100, Density: views.DensityCompact}
	for name, tt := range map[string]struct {
		set      preferences.Settings
		in, want string
	}{
		"nothing asked":                      {none, "", ""},
		"the usual columns":                  {none, usual, ""},
		"another order":                      {none, "columns=synced,domain,location", "columns=synced,domain,location"},
		"a form's columns":                   {none, "columns=user&columns=phone&columns=id", "columns=phone,id"},
		"no column":                          {none, "columns=user", "columns=user"},
		"columns twice, and unknown ones":    {none, "columns=id,id,shoe-size", "columns=id"},
		"an empty field is none":             {none, "columns=&density=&only=&view=", ""},
		"the query first":                    {none, "columns=id&q=jan&size=100&page=2", "q=jan&page=2&size=100&columns=id"},
		"compact":                            {none, "density=compact", "density=compact"},
		"comfortable is usual":               {none, "density=comfortable", ""},
		"the selected":                       {none, "only=selected&q=a", "q=a&only=selected"},
		"all, although there is a view":      {none, "view=none", "view=none"},
		"a view and a search":                {none, "view=none&q=a", "q=a"},
		"own defaults are spelled out":       {own, "", "size=100&columns=phone,location"},
		"own defaults, as spelled out":       {own, "size=100&columns=phone,location", "size=100&columns=phone,location"},
		"the usual ones, against own":        {own, "size=50&density=comfortable&" + usual, "density=comfortable"},
		"the usual ones, in own density":     {own, "size=50&" + usual, "view=none"},
		"own density needs no saying":        {own, "density=compact&size=100&columns=phone,location", "size=100&columns=phone,location"},
		"own is of the bare address alone":   {own, "q=mull&page=2", "q=mull&page=2"},
		"an emptied search is no bare one":   {own, "q=", "view=none"},
		"bad values are usual":               {own, "size=7&columns=,&density=airy", "columns=user"},
		"a default that is not there is own": {preferences.Settings{Columns: "shoe-size"}, "", "columns=user"},
	} {
		t.Run(name, func(t *testing.T) {
			parse := func(query string) (usersAsk, url.Values) {
				v, err := url.ParseQuery(query)
				must(t, err)
				return parseUsersAsk(v, lookOf(tt.set)), v
			}
			ask, v := parse(tt.in)
			got, ok := ask.canonical(v)
			if got != tt.want || tt.in == tt.want && !ok {
				t.Errorf("canonical(%q) = %q, %v; want %q", tt.in, got, ok, tt.want)
			}
			if own := parseUsersAsk(v, lookOf(own)); len(v) > 0 && (own.Size != ask.Size || !slices.Equal(own.columns, ask.columns)) {
				t.Errorf("%q shows %d rows of %v, and a person with other defaults %d of %v", tt.in, ask.Size, ask.columns, own.Size, own.columns)
			}
			again, v := parse(got)
			if twice, ok := again.canonical(v); twice != got || !ok {
				t.Errorf("canonical of the canonical %q is %q, %v", got, twice, ok)
			}
		})
	}
}

func TestEveryColumnHasAName(t *testing.T) {
	seen := map[string]bool{}
	for _, kind := range append(append([]views.UserColumnKind{}, usualColumns...), otherColumns...) {
		key := columnKeys[kind]
		if key == "" || seen[key] || kind.Label() == "" {
			t.Errorf("column %d is named %q, %q", kind, key, kind.Label())
		}
		seen[key] = true
	}
	if len(seen) != len(columnKeys) {
		t.Errorf("%d columns can be chosen, %d have names", len(seen), len(columnKeys))
	}
	if set := (preferences.Settings{Columns: formatColumns(append(append([]views.UserColumnKind{}, usualColumns...), otherColumns...)), PageSize: directory.DefaultSize}); len(set.Check()) > 0 {
		t.Errorf("all columns can't be a default: %v", set.Check())
	}
}
