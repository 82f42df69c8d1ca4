package views

import "github.com/a-h/templ"

// TroublePage is a page in whose place something went wrong. As a fragment
// (TroubleFragment) it stands where the results would.
type TroublePage struct {
	Chrome
	Problem
	Customer *CustomerHead // whose page it is; nil: none, or must not be told
}

// Problem is a failure in words: what happened, what it means, what to do now,
// and the ID to quote.
type Problem struct {
	Kind          string // one of the Problem… words: picks the icon and the tone
	What          string // "Partner Center didn't answer."
	Means         string // "The users could not be read. Nothing was changed."
	Next          string // "Try again in a minute."
	CorrelationID string
	CopyText      string // a text to send to whoever can help; "": no such button
	CopyLabel     string // what that button says: "Copy a request"
	RetrySeconds  int    // counts down, then offers to go on; 0: nothing to wait for
	Actions       []Action
}

// Kinds of problem.
const (
	ProblemDown           = "down"            // Partner Center didn't answer, or answered nonsense
	ProblemThrottled      = "throttled"       // asked to wait
	ProblemNoRelationship = "no-relationship" // not this partner's customer, or not there: told alike
	ProblemRoleMissing    = "role-missing"    // the person's role at this customer doesn't cover it
	ProblemLevel          = "level"           // Rollcall's own access level doesn't cover it
	ProblemMFA            = "mfa"             // refused for want of a second factor
	ProblemNotFound       = "not-found"       // no such page, user, …
	ProblemRequest        = "request"         // the request itself was wrong
	ProblemFault          = "fault"           // a mistake of ours
)

// Action is something to do next. With Post it is a button of a form with the
// hidden fields, else a link.
type Action struct {
	Label   string
	Href    templ.SafeURL
	Primary bool
	Post    []Hidden // e.g. do=go-on, return_to=…
}

// Banner is a message above a list that stays until it was dealt with.
type Banner struct {
	Kind          string // BannerInfo, BannerWarn, BannerBad
	Title         string
	Text          string
	CorrelationID string
	RetrySeconds  int // counted down beside the text; 0: nothing to wait for
	Actions       []Action
}

// Tones of a banner.
const (
	BannerInfo = "info"
	BannerWarn = "warn"
	BannerBad  = "bad"
)
