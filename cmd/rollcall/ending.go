package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// The exit codes.
const (
	exitDone        = 0   // also an empty list
	exitFailed      = 1   // it didn't work
	exitMisuse      = 2   // it was used wrongly
	exitNotFound    = 3   // what was named isn't there
	exitSignIn      = 4   // sign in first
	exitRefused     = 5   // the person may not
	exitPartly      = 8   // some of it was done
	exitInterrupted = 130 // Ctrl+C
)

// problem is a failure as the person reads it: one line, and the exit code.
type problem struct {
	code int
	text string // what happened, and what it means
	next string // what to do now; may be empty
	id   string // correlation ID; empty when nothing was asked of Partner Center
	err  error  // what is beneath; may be nil
}

func (p *problem) Error() string {
	text := p.text
	if p.next != "" {
		text += " " + p.next
	}
	if p.id == "" {
		return text
	}
	if !strings.HasSuffix(text, ".") { // it ends in a command
		text += "."
	}
	return text + " Correlation ID " + p.id
}

func (p *problem) Unwrap() error { return p.err }

// misuse is a problem of how the command was written.
func misuse(format string, args ...any) *problem {
	return &problem{code: exitMisuse, text: fmt.Sprintf(format, args...)}
}

// end turns what a command returned into its last line and exit code.
func (p *program) end(ctx context.Context, err error) int {
	if err == nil {
		return exitDone
	}
	if ctx.Err() != nil {
		return exitInterrupted
	}
	code := exitFailed
	if known, ok := errors.AsType[*problem](err); ok {
		code = known.code
	}
	for mistake := range strings.Lines(err.Error()) { // several only of settings, which are told all at once
		fmt.Fprintf(p.errOut, "rollcall: %s\n", visible(strings.TrimSpace(mistake)))
	}
	return code
}

// wish is what was wanted of Partner Center, for the words of a failure.
type wish struct {
	what   string // that it failed, as in "The users of Contoso can't be read."
	role   string // the role that it needs, and where
	rows   string // what was written before it failed, as in "500 users"; empty: nothing
	absent string // what a 404 means and what to do then; empty: the customer is not there
}

// after is a wish that failed when so many things were written already.
func (w wish) after(written int, things interface{ counted(int) string }) wish {
	if written > 0 {
		w.rows = things.counted(written)
	}
	return w
}

// trouble words what Partner Center refused: what happened, what it means,
// what to do now, and the correlation ID.
func (w wish) trouble(ctx context.Context, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	if known, ok := errors.AsType[*problem](err); ok {
		return known // it has its words
	}
	id := partnercenter.CorrelationID(ctx)
	if refused, ok := errors.AsType[*partnercenter.Error](err); ok && refused.CorrelationID != "" {
		id = refused.CorrelationID
	}
	code, next := w.advice(err)
	text := w.what
	if w.rows != "" {
		code, text = exitPartly, fmt.Sprintf("%s Reading stopped after %s, so the list is not whole.", text, w.rows)
	}
	return &problem{code: code, text: text, next: next, id: id, err: err}
}

// unchanged is the failure of what came before a change, which says that this
// was not made.
func unchanged(err error) error {
	known, ok := errors.AsType[*problem](err)
	if !ok || known.code == exitMisuse {
		return err
	}
	told := *known
	told.text += " Nothing was changed."
	return &told
}

// advice is the exit code of a failure and what to do now.
func (w wish) advice(err error) (code int, next string) {
	if _, ok := errors.AsType[*partnercenter.SignInError](err); ok {
		return exitSignIn, "" // explain has the words
	}
	switch {
	case errors.Is(err, partnercenter.ErrMFARequired):
		return exitSignIn, "The token shows no second factor. Sign in with one: rollcall login; or set ROLLCALL_TOKEN to a token that has it."
	case errors.Is(err, partnercenter.ErrUnauthorized):
		return exitSignIn, "The token was refused; it may have expired. Sign in with: rollcall login; or set ROLLCALL_TOKEN to a new one."
	case errors.Is(err, partnercenter.ErrNotFound) && w.rows != "":
		return exitPartly, "Partner Center no longer has the next page. Run the command again."
	case errors.Is(err, partnercenter.ErrNotFound) && w.absent != "":
		return exitNotFound, w.absent
	case errors.Is(err, partnercenter.ErrNoRelationship), errors.Is(err, partnercenter.ErrNotFound):
		return exitNotFound, "It is not there, or not a customer of this partner. rollcall customers list shows all customers."
	case errors.Is(err, partnercenter.ErrAppOnly):
		return exitRefused, "The token is of an application; this needs a person's. Sign in with: rollcall login."
	case errors.Is(err, partnercenter.ErrForbidden):
		return exitRefused, fmt.Sprintf("This needs the role %s. Whoever manages admin relationships at your company can give it.", w.role)
	case errors.Is(err, partnercenter.ErrConflict):
		return exitFailed, "It conflicts with what is there: the name is in use, or it was done already."
	case errors.Is(err, partnercenter.ErrNoSeats):
		return exitFailed, "No seat is free. Free one or order more, then try again."
	case errors.Is(err, partnercenter.ErrUsageLocation):
		return exitFailed, "The usage location is missing, or not one that this customer takes. Set it with: rollcall users update CUSTOMER USER --location COUNTRY"
	case errors.Is(err, partnercenter.ErrThrottled):
		return exitFailed, "Partner Center asks to wait. Try again in a few minutes."
	case errors.Is(err, partnercenter.ErrBadResponse):
		return exitFailed, "Partner Center's answer can't be used, so nothing of it was taken. Try again; if it stays, report it."
	case errors.Is(err, partnercenter.ErrUnavailable) && unreached(err) != "":
		return exitFailed, fmt.Sprintf("Nothing answers at %s. Look at the network, and at ROLLCALL_API_URL, --api-url or HTTPS_PROXY if you set one; rollcall emulator answers without Partner Center.", unreached(err))
	case errors.Is(err, partnercenter.ErrUnavailable):
		return exitFailed, "Partner Center can't be reached, or didn't answer as it ought. Try again in a minute; rollcall emulator answers without it."
	}
	if refused, ok := errors.AsType[*partnercenter.Error](err); ok && errors.Is(err, partnercenter.ErrBadRequest) && refused.Description != "" {
		return exitFailed, fmt.Sprintf("Partner Center takes it for wrong: %q.", strings.TrimRight(refused.Description, ". ")) // the person's own terminal, no page
	}
	return exitFailed, "Unexpected: " + err.Error() + "."
}

// unreached is the address that no connection could be made to; "" where one
// was.
func unreached(err error) string {
	if unknown, ok := errors.AsType[*net.DNSError](err); ok {
		return unknown.Name
	}
	refused, ok := errors.AsType[*net.OpError](err)
	if ok && refused.Op == "proxyconnect" { // around what happened on the way to the proxy
		refused, ok = errors.AsType[*net.OpError](refused.Err)
	}
	if ok && refused.Op == "dial" && refused.Addr != nil {
		return refused.Addr.String()
	}
	return ""
}
