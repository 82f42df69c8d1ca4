package views

import "github.com/a-h/templ"

// ComparePage is two users of a customer side by side, differences first.
type ComparePage struct {
	Chrome
	Customer    CustomerHead
	List        templ.SafeURL // back to the list, as it was
	Left, Right ComparedUser
	Swap        templ.SafeURL // the same with the sides changed
	Different   []CompareRow
	Same        []CompareRow
	Missing     []Missing // what could not be compared, and why
	Find        CompareFind
	Read        Time
	Banner      *Banner
}

// ComparedUser is one of the two.
type ComparedUser struct {
	Href   templ.SafeURL // their own page
	ID     string
	Name   string // "": none, the UPN stands in
	UPN    string
	Synced bool
	Guest  bool
}

// CompareRow is one thing that both have, or don't, or have differently.
type CompareRow struct {
	What        string
	Kind        string // "License", "Service plan of Microsoft 365 E5", "Role", "Detail"
	Left, Right CompareValue
}

// CompareValue is what one of the two has.
type CompareValue struct {
	Text string
	Mark string // MarkYes, MarkNo, MarkWarn; "": a plain value
}

// Marks of a value.
const (
	MarkYes  = "check"
	MarkNo   = "minus"
	MarkWarn = "triangle-alert"
)

// Missing is a part that is left out of the comparison.
type Missing struct {
	Withheld *Withheld
	Trouble  *Problem
}

// CompareFind finds the colleague to compare with.
type CompareFind struct {
	Path   templ.SafeURL // the user's own address; asked with compare=
	Query  string        // what is searched
	Notice string        // why there is no comparison: "That is the same user."
	Hits   []CompareHit
	Note   string // "58 users match: type more of the name."
	Tell   string
}

// CompareHit is a colleague who matches.
type CompareHit struct {
	Href     templ.SafeURL
	ID       string
	Name     string
	Marks    []Segment
	UPN      string
	UPNMarks []Segment
}

// comparedName is how one of the two is called.
func comparedName(u ComparedUser) string {
	if u.Name == "" {
		return u.UPN
	}
	return u.Name
}

func differences(p ComparePage) string {
	if len(p.Different) == 0 {
		return "No difference"
	}
	return plural(len(p.Different), false, "difference", "differences")
}

func compareCaption(p ComparePage, what string) string {
	return what + " between " + comparedName(p.Left) + " and " + comparedName(p.Right)
}
