package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/views"
)

// wanted is what a person asked Partner Center for, in the words that its
// refusals need.
type wanted struct {
	Verb    string // "see users": "You can't see users at Contoso."
	Things  string // "The users": "The users can't be shown."
	Role    string // the role that would do: "Directory Readers"
	At      string // the customer's name; "" where it must not be told or is not known
	Partner string // the partner's name, for the request that can be copied
	Person  string // who asks, for the same
	Back    string // the page's own address, to come back to
}

// problem words a refusal or failure of Partner Center for the person. The
// status is that of the page.
func (w wanted) problem(err error) (status int, p views.Problem) {
	p = w.describe(err)
	if pe, ok := errors.AsType[*partnercenter.Error](err); ok {
		p.CorrelationID = pe.CorrelationID
		p.RetrySeconds = int((pe.RetryAfter + time.Second - 1) / time.Second)
		if p.Kind == views.ProblemNoRelationship && p.CopyText != "" && pe.CorrelationID != "" {
			p.CopyText += " Correlation ID " + pe.CorrelationID
		}
	}
	return statusOf(p.Kind, err), p
}

func (w wanted) describe(err error) views.Problem {
	again := views.Action{Label: "Try again", Href: templ.SafeURL(w.Back)}
	switch {
	case errors.Is(err, partnercenter.ErrMFARequired), errors.Is(err, auth.ErrMFA):
		return views.Problem{
			Kind:    views.ProblemMFA,
			What:    "Microsoft refused this because your sign-in was without a second factor.",
			Means:   "Nothing was changed.",
			Next:    "Sign in with it and you return to this page.",
			Actions: []views.Action{{Label: "Sign in with MFA", Href: templ.SafeURL(withParameter(startPath(w.Back), "mfa=1")), Primary: true}},
		}
	case errors.Is(err, auth.ErrProvider):
		return views.Problem{
			Kind:    views.ProblemDown,
			What:    "The sign-in provider didn't answer.",
			Means:   w.Things + " can't be shown: your access to Partner Center could not be renewed. Nothing was changed.",
			Next:    "Try again in a minute.",
			Actions: []views.Action{again},
		}
	case errors.Is(err, partnercenter.ErrUnauthorized):
		return views.Problem{
			Kind:    views.ProblemDown,
			What:    "Partner Center refused your sign-in, and the sign-in provider can't be asked for a new one.",
			Means:   w.Things + " can't be shown. Nothing was changed.",
			Next:    "Try again in a minute.",
			Actions: []views.Action{again},
		}
	case errors.Is(err, partnercenter.ErrNoRelationship), errors.Is(err, partnercenter.ErrBadID):
		return views.Problem{
			Kind:      views.ProblemNoRelationship,
			What:      "No customer of yours has this ID.",
			Means:     "Either there is none, or your company has no relationship with it any more. Both look the same from here.",
			Next:      "Look for the customer by name. If it should be there, whoever manages customers in Partner Center can tell.",
			CopyLabel: "Copy text to send",
			CopyText:  w.relationshipText(),
			Actions:   []views.Action{{Label: "Customers", Href: "/customers", Primary: true}},
		}
	case errors.Is(err, partnercenter.ErrForbidden):
		return w.roleMissing()
	case errors.Is(err, partnercenter.ErrNotFound):
		return views.Problem{
			Kind:  views.ProblemNotFound,
			What:  w.Things + " can't be found.",
			Means: "Partner Center does not know what this address names.",
			Next:  "Look in the list.",
		}
	case errors.Is(err, partnercenter.ErrThrottled):
		return views.Problem{
			Kind:    views.ProblemThrottled,
			What:    "Partner Center asks us to wait" + waitWords(err) + ".",
			Means:   w.Things + " can't be shown before that.",
			Next:    "Nothing to do: the page can be opened again then.",
			Actions: []views.Action{again},
		}
	case errors.Is(err, context.DeadlineExceeded):
		return views.Problem{
			Kind:    views.ProblemDown,
			What:    "Partner Center didn't answer in time.",
			Means:   w.Things + " can't be shown. Nothing was changed.",
			Next:    "Try again in a minute.",
			Actions: []views.Action{again},
		}
	}
	return views.Problem{
		Kind:    views.ProblemDown,
		What:    "Partner Center didn't answer.",
		Means:   w.Things + " can't be shown. Nothing was changed.",
		Next:    "Try again in a minute.",
		Actions: []views.Action{again},
	}
}

// relationshipText asks about a customer without a relationship, by what the
// address has of it: nothing else may be told.
func (w wanted) relationshipText() string {
	rest, ok := strings.CutPrefix(w.Back, customersPath+"/")
	id, _, _ := strings.Cut(rest, "/")
	id, _, _ = strings.Cut(id, "?")
	if !ok || !isGUID(id) {
		return ""
	}
	return "Partner Center shows no relationship between " + w.partner() + " and customer " + id + ". Has it ended?"
}

// partner is who the person works for.
func (w wanted) partner() string {
	if w.Partner == "" {
		return "your company"
	}
	return w.Partner
}

// agentRoles are the roles of the partner's own tenant that see its customers.
const agentRoles = "Admin agent, Helpdesk agent or Sales agent"

// agentMissing names the roles that Partner Center itself gives: they are the
// partner's, and no customer's.
func (w wanted) agentMissing() views.Problem {
	return views.Problem{
		Kind:      views.ProblemRoleMissing,
		What:      "You can't see the customers of " + w.partner() + ".",
		Means:     "This needs the role " + agentRoles + " in Partner Center.",
		Next:      "Whoever manages users in Partner Center at " + w.partner() + " can give it.",
		CopyLabel: "Copy a request",
		CopyText:  w.Person + " needs the role " + agentRoles + " in Partner Center at " + w.partner() + " to see its customers in Rollcall. Please add it.",
		Actions:   []views.Action{{Label: "Try again", Href: templ.SafeURL(w.Back)}},
	}
}

// roleMissing names the role, the customer, and who can give it.
func (w wanted) roleMissing() views.Problem {
	if w.Role == agentRoles {
		return w.agentMissing()
	}
	at, partner := w.At, w.partner()
	if at == "" {
		at = "this customer"
	}
	return views.Problem{
		Kind:      views.ProblemRoleMissing,
		What:      "You can't " + w.Verb + " at " + at + ".",
		Means:     "This needs the role " + w.Role + " there.",
		Next:      "Whoever manages admin relationships at " + partner + " can give it.",
		CopyLabel: "Copy a request",
		CopyText:  w.Person + " needs the role " + w.Role + " at " + at + " (delegated admin privileges, GDAP) to " + w.Verb + " in Rollcall. Please add it.",
		Actions:   []views.Action{{Label: "Customers", Href: "/customers"}},
	}
}

// waitWords is how long Partner Center asked to wait: " 40 s"; "" when it did not say.
func waitWords(err error) string {
	pe, ok := errors.AsType[*partnercenter.Error](err)
	if !ok || pe.RetryAfter <= 0 {
		return ""
	}
	return " " + strconv.Itoa(int((pe.RetryAfter+time.Second-1)/time.Second)) + " s"
}

func statusOf(kind string, err error) int {
	switch kind {
	case views.ProblemNoRelationship, views.ProblemNotFound:
		return http.StatusNotFound
	case views.ProblemRoleMissing, views.ProblemMFA, views.ProblemLevel:
		return http.StatusForbidden
	case views.ProblemThrottled:
		return http.StatusServiceUnavailable
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return http.StatusGatewayTimeout
	}
	return http.StatusBadGateway
}

// trouble is the failure as a page of its own.
func (w wanted) trouble(err error) *Trouble {
	status, p := w.problem(err)
	return &Trouble{Status: status, Problem: p, err: err}
}
