package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// The states in which a change is reported.
const (
	stateDone      = "done"
	statePlanned   = "planned"   // --dry-run
	stateUnchanged = "unchanged" // it was so already
	stateUnknown   = "unknown"   // the answer was lost, and reading back did not show it
)

// changeJSON is a change as -o json and ndjson print it.
type changeJSON struct {
	Change        string       `json:"change"`
	State         string       `json:"state"`
	Customer      customerRef  `json:"customer"`
	User          userRef      `json:"user"`
	Differences   []difference `json:"differences"`
	Notes         []string     `json:"notes"`
	Password      string       `json:"password,omitempty"` // only one that was made here
	CorrelationID string       `json:"correlationId"`
}

type customerRef struct {
	ID          string `json:"id"`
	CompanyName string `json:"companyName"`
	Domain      string `json:"domain"`
}

type userRef struct {
	ID                string `json:"id"`
	UserPrincipalName string `json:"userPrincipalName"`
	DisplayName       string `json:"displayName"`
}

func changeKind() kind[changeJSON] {
	return kind[changeJSON]{
		one: "change", many: "changes",
		short: []string{"state", "userId", "userPrincipalName", "password"},
		all: []column[changeJSON]{
			{name: "change", text: func(c changeJSON) string { return c.Change }},
			{name: "state", text: func(c changeJSON) string { return c.State }},
			{name: "customerId", text: func(c changeJSON) string { return c.Customer.ID }},
			{name: "companyName", text: func(c changeJSON) string { return c.Customer.CompanyName }},
			{name: "userId", text: func(c changeJSON) string { return c.User.ID }},
			{name: "userPrincipalName", text: func(c changeJSON) string { return c.User.UserPrincipalName }},
			{name: "differences", text: func(c changeJSON) string { return strings.Join(steps(c.Differences), "; ") }},
			{name: "notes", text: func(c changeJSON) string { return strings.Join(c.Notes, " ") }},
			{name: "password", text: func(c changeJSON) string { return c.Password }},
			{name: "correlationId", text: func(c changeJSON) string { return c.CorrelationID }},
		},
		words: map[string]string{"upn": "userPrincipalName", "user": "userId", "customer": "customerId"},
		json:  func(c *changeJSON) any { return *c },
		id:    func(c changeJSON) string { return c.User.ID },
	}
}

// report prints how a change ended and returns failed. The result goes to
// stdout, also where it is not known how it ended: then a password may hold.
func (p *program) report(ctx context.Context, opts changeOptions, c *plannedChange, state string, failed error) error {
	result := changeJSON{
		Change: c.name, State: state,
		Customer:    customerRef{c.customer.id, c.customer.name, c.customer.domain},
		User:        userRef{c.user.ID, c.user.UserPrincipalName, c.user.DisplayName},
		Differences: c.steps, Notes: c.notes, CorrelationID: partnercenter.CorrelationID(ctx),
	}
	if result.Differences == nil {
		result.Differences = []difference{}
	}
	if result.Notes == nil {
		result.Notes = []string{}
	}
	if c.shown && (state == stateDone || state == stateUnknown) {
		result.Password = c.password.Reveal()
	}

	toTerminal, _ := terminal(p.out)
	switch format := opts.chosen(toTerminal); {
	case format == "table" && opts.columns == "":
		_, err := fmt.Fprint(p.out, p.tell(c, result))
		if err != nil {
			return fmt.Errorf("writing the result: %w", err)
		}
	case format == "json":
		if err := show(p, opts.output, changeKind(), result); err != nil {
			return err
		}
	default:
		if _, err := list(p, listing{output: opts.output}, changeKind(), each([]changeJSON{result})); err != nil {
			return err
		}
	}
	return failed
}

// tell words a result for people.
func (p *program) tell(c *plannedChange, result changeJSON) string {
	var b strings.Builder
	switch result.State {
	case stateDone:
		fmt.Fprintf(&b, "%s.\n", visible(c.done))
	case stateUnchanged:
		fmt.Fprintf(&b, "Nothing to change: it is so already with %s at %s.\n", visible(c.whom()), visible(c.customer.full()))
	case statePlanned:
		b.WriteString(planText(c))
		b.WriteString("Nothing was changed: this was a dry run.\n")
		return b.String()
	}
	if result.Password != "" {
		fmt.Fprintf(&b, "Password: %s\nIt is shown only now and kept nowhere.\n", result.Password)
	}
	for _, note := range result.Notes {
		fmt.Fprintf(&b, "%s\n", visible(note))
	}
	return b.String()
}

// planText is a plan for people: the deed, each step, what to know.
func planText(c *plannedChange) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", visible(c.deed), visible(c.customer.full()))
	fmt.Fprintf(&b, "  %s\n", visible(userLine(c.user)))
	for _, step := range steps(c.steps) {
		fmt.Fprintf(&b, "  %s\n", visible(step))
	}
	for _, note := range c.notes {
		fmt.Fprintf(&b, "  %s\n", visible(note))
	}
	return b.String()
}

// userLine names a user so that it can't be taken for another.
func userLine(u partnercenter.User) string {
	var parts []string
	for _, part := range []string{u.DisplayName, u.UserPrincipalName, u.ID} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}
