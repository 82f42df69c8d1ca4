package views

import "github.com/a-h/templ"

// UsersBulk is the selection: which users are ticked, on this page and others.
type UsersBulk struct {
	Path      templ.SafeURL // where ticks post
	Selected  int
	All       int           // how many match, where selecting them all adds any; 0: no such button
	AllPart   bool          // of a list that is not read to its end
	Only      templ.SafeURL // shows the selected alone; "": that is what is shown
	Everybody templ.SafeURL // shows all again
	Tools     []Tool        // panels about the selected
	Export    templ.SafeURL // the selected as a file; "": not offered
}

func bulkAllLabel(b UsersBulk) string {
	if b.AllPart {
		return "Select all " + Number(b.All) + " read so far that match"
	}
	return "Select all " + Number(b.All) + " that match"
}

func bulkTell(b UsersBulk) string {
	return plural(b.Selected, false, "user", "users") + " selected"
}
