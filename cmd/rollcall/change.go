package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// A change goes this way, whatever it changes:
//
//	plan ──► nothing to do
//	  │  └─► --dry-run: shown, and that is all
//	  ▼
//	question (or --yes) ──► plan again: is it still what was shown?
//	  ▼
//	apply ──► done
//	  │  └──► refused: nothing was changed
//	  ▼
//	no answer ──► read back: done, or not known
//
// What must never break: a change is sent once, for exactly what was shown,
// and nothing is called done that is not known to be.

// plannedChange is something that a person asked for, planned and not yet made.
type plannedChange struct {
	name     string // in JSON: "delete-user"
	deed     string // of the question: "Delete 1 user of"; the customer follows
	done     string // "Deleted"; what is shown before it is a whole sentence with it
	customer customer
	user     partnercenter.User // whom it is about; without ID when it is to be created
	steps    []difference       // before → after
	notes    []string           // what a person ought to know before saying yes
	role     string             // that it needs at the customer
	doing    string             // "Deleting c.brandt@contoso.example at Contoso", which failed
	claim    string             // "c.brandt@contoso.example was deleted", of which may be unknown whether
	check    string             // the command that shows how it ended
	password partnercenter.Secret
	shown    bool // the password was made here, and is shown once

	apply    func(context.Context) (applied, error)
	readBack func(context.Context) (verdict, error)
}

// difference is what a change makes of one thing.
type difference struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// applied is what the answer to a change told.
type applied struct {
	id    string   // of a user that was created
	notes []string // warnings that came with success
}

// verdict is what reading back shows of a change whose answer was lost.
type verdict int

const (
	notSeen   verdict = iota // all is as before: not made, or not visible yet
	inPlace                  // it was made
	otherwise                // neither before nor after
)

// changeOptions is the options of every command that changes something.
type changeOptions struct {
	output
	dryRun bool
	yes    bool
}

func (o *changeOptions) addFlags(cmd *cobra.Command) {
	o.output.addFlags(cmd, "")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "show what would be changed, and change nothing")
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "don't ask; for scripts, which have no terminal to ask on")
}

// planner plans a change from what is there now. It is asked again after the
// person said yes.
type planner func(context.Context) (*plannedChange, error)

// changes makes a command one that changes something at a customer.
func (p *program) changes(cmd *cobra.Command, opts *changeOptions, check func(args []string) error, prepare func(ctx context.Context, client *partnercenter.Client, args []string) (planner, error)) *cobra.Command {
	opts.addFlags(cmd)
	return p.calls(cmd, func(args []string) error {
		if err := opts.check(); err != nil {
			return err
		}
		if check != nil {
			if err := check(args); err != nil {
				return err
			}
		}
		if !opts.yes && !opts.dryRun && !p.canAsk() {
			return misuse("%s asks before it changes something, and there is no terminal to ask on. Add --yes, or --dry-run to see what it would do.", cmd.CommandPath())
		}
		return nil
	}, func(ctx context.Context, client *partnercenter.Client, args []string) error {
		plan, err := prepare(ctx, client, args)
		if err != nil {
			return unchanged(err)
		}
		return p.carryOut(ctx, *opts, plan)
	})
}

// carryOut takes a change all its way.
func (p *program) carryOut(ctx context.Context, opts changeOptions, plan planner) error {
	c, err := plan(ctx)
	switch {
	case err != nil:
		return unchanged(err)
	case len(c.steps) == 0:
		return p.report(ctx, opts, c, stateUnchanged, nil)
	case opts.dryRun:
		return p.report(ctx, opts, c, statePlanned, nil)
	}
	p.showPlan(c)
	if !opts.yes {
		if err := p.ask(ctx, c.deed+" "+c.customer.full()+"?"); err != nil {
			return err
		}
		again, err := plan(ctx)
		if err != nil {
			return unchanged(err)
		}
		if !slices.Equal(again.steps, c.steps) || again.user.ID != c.user.ID {
			return &problem{code: exitFailed,
				text: fmt.Sprintf("Meanwhile %s is not as it was shown; now it would be: %s. Nothing was changed.", again.whom(), strings.Join(steps(again.steps), "; ")),
				next: "Run the command again to see how it is.", id: partnercenter.CorrelationID(ctx)}
		}
		again.password = c.password
		c = again
	}
	return p.apply(ctx, opts, c)
}

// changeTime is how long a change may take once it is sent.
const changeTime = time.Minute

// apply sends the change. It is never given up halfway: leaving then would
// only mean not to know.
func (p *program) apply(ctx context.Context, opts changeOptions, c *plannedChange) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	began, cancel := context.WithTimeout(context.WithoutCancel(ctx), changeTime)
	defer cancel()
	waiting := context.AfterFunc(ctx, func() {
		fmt.Fprintln(p.errOut, "rollcall: The change is on its way; waiting for Partner Center's answer, a minute at most. Ctrl+C again leaves without knowing it.")
	})
	defer waiting()

	told, err := c.apply(began)
	switch {
	case err == nil:
		c.notes = told.notes
		if told.id != "" {
			c.user.ID = told.id
		}
		return p.report(ctx, opts, c, stateDone, nil)
	case errors.Is(err, partnercenter.ErrUnknownOutcome):
		return p.settle(context.WithoutCancel(ctx), opts, c, err)
	}
	return c.refused(ctx, err)
}

// refused words a change that was certainly not made.
func (c *plannedChange) refused(ctx context.Context, err error) error {
	return unchanged(wish{
		what: fmt.Sprintf("%s failed.", c.doing), role: c.role,
		absent: fmt.Sprintf("%s is not there any more. rollcall users list %s shows who is.", c.whom(), quoted(c.customer.argument())),
	}.trouble(ctx, err))
}

// readBackAfter are the waits before each reading, when the answer to a change
// was lost. What is in place shows at once or soon; that it isn't proves
// nothing before a quarter of an hour is over.
var readBackAfter = []time.Duration{0, 5 * time.Second}

// readBackTime is how long one reading may take.
const readBackTime = 2 * time.Minute

// settle reads back what became of a change whose answer was lost.
func (p *program) settle(ctx context.Context, opts changeOptions, c *plannedChange, lost error) error {
	lostAt := clock().Format("15:04")
	id := partnercenter.CorrelationID(ctx)
	if refused, ok := errors.AsType[*partnercenter.Error](lost); ok && refused.CorrelationID != "" {
		id = refused.CorrelationID
	}
	seen, read := notSeen, false
	if c.readBack != nil {
		p.note("Partner Center's answer was lost; reading back what became of it.")
		for _, wait := range readBackAfter {
			time.Sleep(wait)
			reading, cancel := context.WithTimeout(ctx, readBackTime)
			found, err := c.readBack(reading)
			cancel()
			if err != nil {
				continue // it settles nothing
			}
			seen, read = found, true
			if found == inPlace {
				c.notes = append(c.notes, "Partner Center's answer was lost, but reading back shows that it was made.")
				return p.report(ctx, opts, c, stateDone, nil)
			}
		}
	}

	unknown := &problem{code: exitFailed, text: fmt.Sprintf("We don't know whether %s. Partner Center's answer was lost at %s.", c.claim, lostAt), id: id, err: lost}
	switch {
	case c.readBack == nil:
		unknown.text += " The old password may hold, or the new one; nothing that can be read shows it."
		unknown.next = "Wait five minutes, then reset it once more."
	case seen == otherwise:
		unknown.text += " What is there now is neither what was there before nor what was asked for."
		unknown.next = fmt.Sprintf("Look before you go on: %s.", c.check)
	case read:
		unknown.next = fmt.Sprintf("It does not show yet. Don't repeat it yet; look again in 15 minutes: %s.", c.check)
	default:
		unknown.next = fmt.Sprintf("Reading it back failed, too. Don't repeat it yet; look first: %s.", c.check)
	}
	return p.report(ctx, opts, c, stateUnknown, unknown)
}

// whom is the user as messages name it.
func (c *plannedChange) whom() string { return nameOf(c.user) }

// nameOf is a user as messages name it.
func nameOf(u partnercenter.User) string {
	if u.UserPrincipalName != "" {
		return u.UserPrincipalName
	}
	return u.ID
}

// steps are differences in words.
func steps(all []difference) []string {
	var out []string
	for _, d := range all {
		out = append(out, fmt.Sprintf("%s %s → %s", d.Field, orNone(d.Before), orNone(d.After)))
	}
	return out
}

func orNone(text string) string {
	if text == "" {
		return "(none)"
	}
	return text
}

// full is the customer with what tells it from others of its name.
func (c customer) full() string {
	switch {
	case c.name == "":
		return c.id
	case c.domain == "":
		return c.name
	}
	return fmt.Sprintf("%s (%s)", c.name, c.domain)
}
