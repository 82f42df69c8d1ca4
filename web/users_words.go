package web

import (
	"strings"

	"github.com/a-h/templ"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/views"
)

// nothing says why there is no row, and what to do about it.
func (l usersList) nothing(customer views.CustomerHead, sharing bool) *views.Nothing {
	r := l.found.Reading
	if len(l.found.Rows) > 0 || r.State == directory.StateLoading {
		return nil
	}
	if l.ask.only && l.selected.Len() == 0 {
		return &views.Nothing{Title: "No user of " + customer.Name + " is selected", Text: "Tick users in the list, or select them from a list of names.",
			Actions: []views.Action{{Label: "All users", Href: l.everybody(), Primary: true}}}
	}
	if l.ask.Text == "" && !l.filtered() && !l.ask.only {
		return &views.Nothing{Title: customer.Name + " has no users", Text: "Partner Center listed none. Deleted users are not in this list."}
	}
	n := &views.Nothing{Title: "No user of " + customer.Name + l.asked(), Text: l.searched(customer)}
	n.Actions = append(n.Actions, views.Action{Label: "Clear filters", Href: l.everybody(), Primary: true})
	if l.ask.Text != "" {
		n.Actions = append(n.Actions,
			views.Action{Label: "Search deleted users", Href: templ.SafeURL(address(l.path+"/deleted", directory.Query{Text: l.ask.Text}.EncodeDeleted()))})
	}
	if l.ask.Text != "" && l.filtered() {
		n.Actions = append(n.Actions, views.Action{Label: "Search all users for “" + shown(l.ask.Text) + "”",
			Href: l.with(func(a *usersAsk) {
				a.Query, a.only = directory.Query{Text: a.Text, Sort: a.Sort, Page: 1, Size: a.Size}, false
			})})
	}
	if l.ask.Text != "" && !sharing {
		n.Actions = append(n.Actions, views.Action{Label: "Search all customers", Href: findHref(l.ask.Text)})
	}
	return n
}

// asked repeats the question: “mülller” with Synced, Guest.
func (l usersList) asked() string {
	out := ""
	if l.ask.Text != "" {
		out = " matches “" + shown(l.ask.Text) + "”"
	}
	var with []string
	for _, c := range l.chips() {
		if c.On {
			with = append(with, c.Label)
		}
	}
	for _, f := range l.filters() {
		for _, o := range f.Options {
			if o.On && !l.chip(f.Name, o.Value) { // that one is a chip
				with = append(with, o.Label)
			}
		}
	}
	if len(with) > 0 {
		out += " with " + strings.Join(with, ", ")
	}
	return out
}

// chip reports whether a chip says the same as the only choice of a filter.
func (l usersList) chip(filter, value string) bool {
	return filter == "location" && value == directory.NoLocation && len(l.ask.Locations) == 1 ||
		filter == "license" && value == directory.NoLicense && len(l.ask.Licenses) == 1
}

func (l usersList) searched(customer views.CustomerHead) string {
	n := views.Number(l.found.Read)
	where := ": names, UPN, phone."
	if l.ask.Text == "" {
		where = "."
	}
	if l.ask.ofLicenses() && l.licensesPart() {
		return "Licenses of " + views.Number(l.found.Licenses.Read) + " of " + n + " users are read so far. Someone you don't find may still match."
	}
	if l.part {
		return n + " users were searched so far; " + customer.Name + " has more. Someone you don't find may still exist."
	}
	if l.found.Read == 1 {
		return "The only user was searched" + where
	}
	return "All " + n + " users were searched" + where
}

// tell is read aloud after a search, once the person rests.
func (l usersList) tell() string {
	of := views.Number(l.found.Read)
	if l.part {
		of += " read so far"
	}
	switch {
	case l.found.State == directory.StateLoading:
		return "Reading users"
	case l.ask.Text == "" && !l.filtered():
		return of + " users"
	case l.found.Matching == 0:
		return "No user matches, " + of + " searched"
	}
	return views.Number(l.found.Matching) + " of " + of + " users match"
}
