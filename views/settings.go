package views

import "github.com/a-h/templ"

// SettingsPage is what a person can set for themselves.
type SettingsPage struct {
	Chrome
	Zones    []ZoneOption // the first is the browser's guess or UTC
	Sessions []SessionRow
	Saved    bool   // the settings were just kept
	Mistake  string // why they were not: "Time zone: choose one of the list."
	// EndPath is where the session buttons post: session=ID, or all=1.
	EndPath templ.SafeURL
}

// ZoneOption is a time zone to choose.
type ZoneOption struct {
	Name  string // "Europe/Berlin"
	Label string // "Berlin, UTC+2"
	On    bool
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
