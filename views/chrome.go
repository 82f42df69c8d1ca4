package views

import "github.com/a-h/templ"

// Chrome is what stands around a page: the same on each of them.
type Chrome struct {
	Title   string        // without " · Rollcall": "Contoso Deutschland GmbH · Users"
	Here    templ.SafeURL // the address of this page with its query; forms of the chrome return to it
	Icon    templ.SafeURL // the tab's icon, such as the customer's tile (TileIcon); "": Rollcall's own
	Nav     string        // the current entry: NavCustomers, NavSettings, NavHelp, or ""
	Person  Person        // who is signed in; no name and no UPN: nobody, the menus are left out
	Partner string        // "Fabrikam Cloud Services"
	Version string        // "1.0.0"

	Theme    string // ThemeSystem, ThemeLight, ThemeDark
	Density  string // DensityComfortable, DensityCompact
	Keys     string // KeysFocus, KeysEverywhere, KeysOff
	TimeZone string // "Europe/Berlin", as the times on the page are written

	At       JumpPlace // the customer the palette searches first; zero: none
	Sharing  bool      // sharing mode: a bar says so; what to hide the model has already left out
	Demo     *DemoMenu // nil outside the demo
	Announce string    // read aloud politely when the page opens; mostly ""
	Alarm    string    // read aloud at once when the page opens; mostly ""

	// IdleSeconds is how long the session lives without activity, counted from
	// this answer; a warning comes two minutes before. 0: no warning.
	IdleSeconds int
	// AbsoluteSeconds is how long the session lives at most from this answer.
	AbsoluteSeconds int
	IdleAfter       string // how long that is from one activity to the next: "60 minutes"
	AbsoluteAfter   string // and from its beginning: "12 hours"
}

// Entries of the main navigation.
const (
	NavCustomers = "customers"
	NavFind      = "find"
	NavSettings  = "settings"
	NavHelp      = "help"
)

// Themes; the system's is the default.
const (
	ThemeSystem = ""
	ThemeLight  = "light"
	ThemeDark   = "dark"
)

// Densities; comfortable is the default.
const (
	DensityComfortable = ""
	DensityCompact     = "compact"
)

// When single letters act as keys; only with focus in the list is the default.
const (
	KeysFocus      = ""
	KeysEverywhere = "everywhere"
	KeysOff        = "off"
)

// Person is who is signed in.
type Person struct {
	Name string
	UPN  string
}

// JumpPlace is the customer in whose users the palette looks first.
type JumpPlace struct {
	CustomerID string
	Name       string
}

// DemoMenu is the menu that makes Partner Center misbehave, in the demo only.
type DemoMenu struct {
	Faults []DemoFault
}

// DemoFault is one thing that can go wrong.
type DemoFault struct {
	Name  string // the form's value: "throttled"
	Label string // "Throttled: asked to wait"
	On    bool
}
