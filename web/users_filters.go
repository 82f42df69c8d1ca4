package web

import (
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/views"
)

func (l usersList) chips() []views.Chip {
	q, counts := l.ask.Query, l.found.Counts
	count := func(c directory.Count) int { // what choosing it would find
		if q.Text != "" || l.filtered() {
			return c.Matching
		}
		return c.All
	}
	noLocation := len(q.Locations) == 1 && q.Locations[0] == directory.NoLocation
	toggle := func(on bool, set, unset func(*usersAsk)) templ.SafeURL {
		if on {
			return l.with(unset)
		}
		return l.with(set)
	}
	noLicense := len(q.Licenses) == 1 && q.Licenses[0] == directory.NoLicense
	chips := []views.Chip{}
	if l.shows(views.ColumnLicenses) {
		chips = append(chips, views.Chip{Label: "Unlicensed", Count: count(counts.Unlicensed), Bare: !l.counted(), Of: l.ofRead(), On: noLicense, Href: toggle(noLicense,
			func(a *usersAsk) { a.Licenses = []string{directory.NoLicense} }, func(a *usersAsk) { a.Licenses = nil })})
	}
	return append(chips, []views.Chip{
		{Label: "No usage location", Count: count(counts.NoLocation), Part: l.part, On: noLocation, Href: toggle(noLocation,
			func(a *usersAsk) { a.Locations = []string{directory.NoLocation} }, func(a *usersAsk) { a.Locations = nil })},
		{Label: "Synced", Count: count(counts.Synced), Part: l.part, On: q.Synced == directory.Yes, Href: toggle(q.Synced == directory.Yes,
			func(a *usersAsk) { a.Synced = directory.Yes }, func(a *usersAsk) { a.Synced = directory.Any })},
		{Label: "Cloud only", Count: count(counts.CloudOnly), Part: l.part, On: q.Synced == directory.No, Href: toggle(q.Synced == directory.No,
			func(a *usersAsk) { a.Synced = directory.No }, func(a *usersAsk) { a.Synced = directory.Any })},
		{Label: "Guest", Count: count(counts.Guest), Part: l.part, On: q.Guest == directory.Yes, Href: toggle(q.Guest == directory.Yes,
			func(a *usersAsk) { a.Guest = directory.Yes }, func(a *usersAsk) { a.Guest = directory.Any })},
	}...)
}

func (l usersList) filters() []views.Filter {
	filters := []views.Filter{l.lazy("location", false), l.lazy("domain", false)}
	if l.shows(views.ColumnLicenses) {
		filters = append([]views.Filter{l.lazy("license", false), l.lazy("plan", false)}, filters...)
	}
	if l.shows(views.ColumnRoles) {
		filters = append(filters, l.lazy("role", false))
	}
	return filters
}

// lazy is a filter whose choices, of which there can be hundreds, come when it
// is opened: with all of them, or with those alone that are set.
func (l usersList) lazy(name string, all bool) views.Filter {
	f := views.Filter{Name: name, Load: panelHref(l.here(), name), Open: all}
	var facets []directory.Facet
	var chosen []string
	switch name {
	case "license":
		f.Label, f.Note = "License", l.partNote()
		facets, chosen = l.found.Counts.Licenses, l.ask.Licenses
		f.Clear = l.with(func(a *usersAsk) { a.Licenses = nil })
		if all || slices.Contains(chosen, directory.NoLicense) {
			f.Options = append(f.Options, l.option(directory.NoLicense, "Unlicensed", l.found.Counts.Unlicensed.All, chosen))
		}
	case "plan":
		f.Label, f.Note = "Service plan", l.partNote()
		facets, chosen = l.found.Counts.Plans, l.ask.Plans
		f.Clear = l.with(func(a *usersAsk) { a.Plans = nil })
	case "location":
		f.Label = "Usage location"
		facets, chosen = l.found.Counts.Locations, l.ask.Locations
		f.Clear = l.with(func(a *usersAsk) { a.Locations = nil })
		if all || slices.Contains(chosen, directory.NoLocation) {
			f.Options = append(f.Options, l.option(directory.NoLocation, "Not set", l.found.Counts.NoLocation.All, chosen))
		}
	case "domain":
		f.Label = "Domain"
		facets, chosen = l.found.Counts.Domains, l.ask.Domains
		f.Clear = l.with(func(a *usersAsk) { a.Domains = nil })
	case "role":
		f.Label = "Role"
		facets, chosen = l.found.Counts.Roles, l.ask.Roles
		f.Clear = l.with(func(a *usersAsk) { a.Roles = nil })
	}
	f.Applied = len(chosen)
	if f.Applied == 1 && chosen[0] == directory.NoLicense && (name == "license" || name == "location") { // NoLocation is the same word
		f.Applied = 0 // its chip is pressed
	}
	for _, facet := range withChosen(facets, chosen, directory.NoLicense) { // in all of them the word for none is the same
		if !all && !slices.Contains(chosen, facet.Value) {
			continue
		}
		named := l.found.Names[facet.Value]
		o := l.option(facet.Value, "", facet.All, chosen)
		switch name {
		case "location":
			o.Label = countryName(facet.Value)
		case "domain":
			o.Label = shown(facet.Value)
		case "role":
			o.Label = shown(roleName(named.Name))
		default:
			o.Label, o.Title, o.Part = shown(productName(named.Name, named.PartNumber)), shown(named.PartNumber), l.part || l.licensesPart()
		}
		f.Options = append(f.Options, o)
	}
	return f
}

// withChosen is the facets, and the chosen values that no user has: they are
// shown with 0, so that they can be taken off.
func withChosen(facets []directory.Facet, chosen []string, except string) []directory.Facet {
	for _, value := range chosen {
		found := value == except
		for _, f := range facets {
			found = found || f.Value == value
		}
		if !found {
			facets = append(facets[:len(facets):len(facets)], directory.Facet{Value: value})
		}
	}
	return facets
}

func (l usersList) option(value, label string, count int, chosen []string) views.FilterOption {
	on := false
	for _, v := range chosen {
		on = on || v == value
	}
	return views.FilterOption{Value: value, Label: label, Count: count, Part: l.part, On: on}
}

// hidden are the parts of what is asked for that the search form has no field
// for.
func (l usersList) hidden() []views.Hidden {
	return l.fields(func(name string) bool {
		return slices.Contains([]string{"q", "page", "license", "plan", "location", "domain", "role"}, name)
	})
}

// fields is what is asked for as fields of a form, without those left out.
func (l usersList) fields(without func(name string) bool) []views.Hidden {
	var out []views.Hidden
	for pair := range strings.SplitSeq(l.ask.Encode(), "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name == "" || without(name) {
			continue
		}
		if plain, err := url.QueryUnescape(value); err == nil {
			out = append(out, views.Hidden{Name: name, Value: plain})
		}
	}
	return out
}
