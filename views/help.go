package views

import "github.com/a-h/templ"

// HelpPage is the same as the help dialog, and what each message means.
type HelpPage struct {
	Chrome
	AdminCenter templ.SafeURL // where to look for what Partner Center doesn't tell
}
