package web

import (
	"slices"
	"strings"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/internal/export"
	"github.com/rollcall-app/rollcall/views"
)

// words is what the list asks for, as people say it: All users; or Users
// matching “ber”; Synced; Usage location Germany or not set; by name.
func (e *usersExport) words(names map[string]directory.Name) string {
	q := e.list.Query
	out := queryWords(q, names)
	if e.list.only {
		out += "; selected ones only"
	}
	return out
}

func queryWords(q directory.Query, names map[string]directory.Name) string {
	parts := []string{"All users"}
	if q.Text != "" {
		parts[0] = "Users matching “" + shown(q.Text) + "”"
	}
	switch q.Synced {
	case directory.Yes:
		parts = append(parts, "Synced")
	case directory.No:
		parts = append(parts, "Cloud only")
	}
	switch q.Guest {
	case directory.Yes:
		parts = append(parts, "Guest")
	case directory.No:
		parts = append(parts, "Not guest")
	}
	named := func(id string) string { return shown(productName(names[id].Name, names[id].PartNumber)) }
	for _, choice := range []struct {
		label  string
		values []string
		word   func(string) string
	}{
		{"License ", q.Licenses, func(id string) string {
			if id == directory.NoLicense {
				return "none"
			}
			return named(id)
		}},
		{"Service plan ", q.Plans, named},
		{"Usage location ", q.Locations, func(code string) string {
			if code == directory.NoLocation {
				return "not set"
			}
			return countryName(code)
		}},
		{"Domain ", q.Domains, shown},
		{"Role ", q.Roles, func(id string) string { return shown(roleName(names[id].Name)) }},
	} {
		if len(choice.values) == 0 {
			continue
		}
		var words []string
		for _, v := range choice.values {
			words = append(words, choice.word(v))
		}
		parts = append(parts, choice.label+strings.Join(words, " or "))
	}
	if !slices.Contains([]directory.Column{"", directory.ByName}, q.Sort.By) || q.Sort.Descending {
		parts = append(parts, "sorted by "+sortWords[q.Sort.By])
		if q.Sort.Descending {
			parts[len(parts)-1] += ", descending"
		}
	}
	return strings.Join(parts, "; ")
}

// sortWords are the columns as people say them.
var sortWords = map[directory.Column]string{
	directory.ByName: "name", directory.ByUPN: "user principal name", directory.ByLocation: "usage location", directory.ByDomainType: "domain type",
	directory.BySynced: "last sync", directory.ByLicenses: "number of licenses", directory.ByRoles: "roles", directory.ByDeleted: "time of deletion",
}

// readWords says over how much of the customer a file goes, and from when.
func readWords(r directory.Reading, customer views.CustomerHead, things string, clock clock) string {
	at := clock.at(r.ReadAt).Exact
	if r.Complete() {
		return "All " + views.Number(r.Read) + " " + things + ", as read at " + at
	}
	return views.Number(r.Read) + " " + things + ", as read at " + at + "; " + customer.Name + " has more"
}

// licenseFacts say whose licenses a file has.
func (e *usersExport) licenseFacts(view directory.UsersView, read, of int, clock clock) []export.Fact {
	say := func(text string) []export.Fact { return []export.Fact{{Label: "Licenses", Value: export.Text(text)}} }
	r := view.Licenses
	switch {
	case e.ask.licenses == licensesNone:
		return say("Left out")
	case !r.Asked:
		return nil
	case r.Withheld != nil:
		return say("Left out: not yours to see at this customer")
	case read < of:
		return say("Of " + views.Number(read) + " of " + views.Number(of) + " users; the others say “" + notRead + "”. The oldest read at " + clock.at(r.Oldest).Exact)
	}
	return say("Of all of them, the oldest read at " + clock.at(r.Oldest).Exact)
}
