package views

import "github.com/a-h/templ"

// SettingsPage is what a person can set for themselves. Its form posts
// theme, density, keys (the words of Chrome; "" is the default) and time_zone
// to /settings; the account menu posts theme and return_to alone, which leaves
// the rest as it is.
type SettingsPage struct {
	Chrome
	Zones    []ZoneOption // the first is the browser's guess or UTC
	Sessions []SessionRow
	Views    []ViewRow
	Sizes    []SizeOption  // rows on a page of users
	Columns  string        // of that list, in words: "Licenses, Phone"; "": the usual ones
	Saved    bool          // the settings were just kept
	Mistake  string        // why they were not: "Time zone: choose one of the list."
	People   templ.SafeURL // everybody's sessions; "": not for this person
	// EndPath is where the session buttons post: session=ID, or all=1.
	EndPath templ.SafeURL
}

// ZoneOption is a time zone to choose.
type ZoneOption struct {
	Name  string // "Europe/Berlin"
	Label string // "Berlin, UTC+2"
	On    bool
}

// ViewRow is one of the person's saved views. Its form posts to /settings/views:
// view, and do=rename with name and shared, or do=delete.
type ViewRow struct {
	ID     string
	Name   string
	Where  string        // "For all customers", "For Contoso"
	Href   templ.SafeURL // opens it; "": it is for all customers
	Shared bool
}

// SessionRow is one of the person's sessions.
type SessionRow struct {
	ID       string // opaque: what the button posts
	Browser  string // "Chrome on Windows"
	Address  string
	SignedIn Time
	LastSeen Time
	Current  bool
}

var densities = []struct{ density, label, hint string }{
	{DensityComfortable, "Comfortable", "More air between the rows"},
	{DensityCompact, "Compact", "More rows on the screen"},
}

var keyModes = []struct{ mode, label, hint string }{
	{KeysFocus, "In lists and on a user’s page", "Only while focus is there, never in a field"},
	{KeysEverywhere, "Everywhere", "On the whole page, never in a field"},
	{KeysOff, "Off", "Ctrl K and Escape still act"},
}

// settingsChrome tells of a mistake in the page's title, too.
func settingsChrome(p SettingsPage) Chrome {
	if p.Mistake != "" {
		p.Chrome.Title = "Error: " + p.Chrome.Title
	}
	return p.Chrome
}
