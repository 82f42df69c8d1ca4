package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/auth"
	"github.com/rollcall-app/rollcall/internal/config"
)

// sessionsSettings are those of a command that tells which sessions live.
const sessionsSettings = officeSettings | config.Sessions

// newSessions holds the commands about who is signed in to a server.
func newSessions(p *program) *cobra.Command {
	return group("sessions", "Who is signed in to a server's portal", "  rollcall sessions list\n  rollcall sessions end --person amina.diallo@fabrikam.example",
		newSessionsList(p), newSessionsEnd(p))
}

// newSessionsList answers rollcall sessions list.
func newSessionsList(p *program) *cobra.Command {
	var opts listing
	person := ""
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the live sessions of a server's portal, newest first",
		Long: onServer + `
Times are UTC. A pipe gets name, sign-in name, device, address, when they signed in and
when they were last seen, separated by tabs.`,
		Example: `  rollcall sessions list
  rollcall sessions list --person amina -o json`,
		Args: noArguments,
	}
	opts.addFlags(cmd)
	cmd.Flags().StringVar(&person, "person", "", "only of this `person`: a part of the name or sign-in name, the object ID, or the key as -o json has it")
	return p.inOffice(cmd, sessionsSettings, func([]string) error { return opts.check() }, func(ctx context.Context, o *office, _ []string) error {
		live, err := o.auth.Sessions(ctx)
		if err != nil {
			return err
		}
		sessions := sessionKind()
		written, err := list(p, opts, sessions, ofPerson(live, person))
		if err != nil {
			return err
		}
		p.note("%s", sessions.counted(written))
		return nil
	})
}

// isPerson reports whether a session is of whom somebody means.
func isPerson(s auth.SessionInfo, meant string) bool {
	meant = strings.ToLower(meant)
	return strings.EqualFold(s.Person, meant) || namesPerson(s.Person, meant) ||
		strings.Contains(strings.ToLower(s.Name), meant) || strings.Contains(strings.ToLower(s.UPN), meant)
}

func ofPerson(live []auth.SessionInfo, person string) iter.Seq2[auth.SessionInfo, error] {
	return func(yield func(auth.SessionInfo, error) bool) {
		for _, s := range live {
			if isPerson(s, person) && !yield(s, nil) {
				return
			}
		}
	}
}

// newSessionsEnd answers rollcall sessions end.
func newSessionsEnd(p *program) *cobra.Command {
	person := ""
	cmd := &cobra.Command{
		Use:   "end [SESSION]",
		Short: "End a session of a server's portal, or all of a person",
		Long: onServer + ` SESSION is what rollcall sessions list -o ids prints. With the
session its tokens go; with all of a person also those that their jobs use. It holds
within five seconds, and is on the trail. Whoever has a role can sign in again: take
that away first.`,
		Example: `  rollcall sessions end --person amina.diallo@fabrikam.example
  rollcall sessions end bXkgY29va2llJ3MgaGFzaCwgbm90IG15IGNvb2tpZQ`,
		Args: arguments("[SESSION]"),
	}
	cmd.Flags().StringVar(&person, "person", "", "all sessions of this `person`: sign-in name, object ID, or the key as sessions list -o json has it")
	return p.inOffice(cmd, sessionsSettings, func(args []string) error {
		if (len(args) == 0) == (person == "") {
			return misuse("Name a session or --person, one of them. rollcall sessions list shows both.")
		}
		return nil
	}, func(ctx context.Context, o *office, args []string) error {
		if len(args) > 0 {
			return p.sessionEnd(ctx, o, args[0])
		}
		return p.sessionsEndPerson(ctx, o, person)
	})
}

func (p *program) sessionEnd(ctx context.Context, o *office, ref string) error {
	err := o.auth.EndSession(ctx, administrator(""), ref)
	if errors.Is(err, auth.ErrNotFound) {
		return &problem{code: exitNotFound, err: err, text: "There is no such session; it may be over.", next: "rollcall sessions list -o ids prints those that live."}
	}
	if err != nil {
		return trailTrouble(err, "The session goes on.")
	}
	_, err = fmt.Fprintln(p.out, "The session has ended.")
	return err
}

// sessionsEndPerson ends what one person has. Who is meant must be plain: two
// people of one name are told apart first.
func (p *program) sessionsEndPerson(ctx context.Context, o *office, meant string) error {
	live, err := o.auth.Sessions(ctx)
	if err != nil {
		return err
	}
	keys, names := map[string]bool{}, []string{}
	for _, s := range live {
		exact := strings.EqualFold(s.Person, meant) || strings.EqualFold(s.UPN, meant) || namesPerson(s.Person, meant)
		if exact && !keys[s.Person] {
			keys[s.Person] = true
			names = append(names, s.Person)
		}
	}
	switch {
	case len(names) == 0 && strings.ContainsAny(meant, "/#"):
		names = []string{meant} // somebody whose jobs run on without a session
	case len(names) == 0:
		return &problem{code: exitNotFound, text: fmt.Sprintf("Nobody of that sign-in name or ID is signed in: %q.", meant), next: "rollcall sessions list shows who is."}
	case len(names) > 1:
		return misuse("--person: %q is several people: %s. Name one by that key.", meant, strings.Join(names, ", "))
	}
	err = o.auth.EndPerson(ctx, administrator(""), names[0])
	if errors.Is(err, auth.ErrNotFound) {
		return &problem{code: exitNotFound, err: err, text: fmt.Sprintf("Nobody of the key %q is signed in.", names[0]), next: "rollcall sessions list shows who is."}
	}
	if err != nil {
		return trailTrouble(err, "The sessions go on.")
	}
	_, err = fmt.Fprintf(p.out, "All sessions of %s have ended.\n", visible(names[0]))
	return err
}

// sessionJSON is a session as -o json and ndjson print it.
type sessionJSON struct {
	ID            string    `json:"id"`
	Person        string    `json:"person"` // the key
	Name          string    `json:"name"`
	UPN           string    `json:"userPrincipalName"`
	Level         string    `json:"level"`
	Device        string    `json:"device"`
	Address       string    `json:"address"`
	SignedIn      time.Time `json:"signedIn"`
	LastSeen      time.Time `json:"lastSeen"`
	IdleUntil     time.Time `json:"idleUntil"`
	AbsoluteUntil time.Time `json:"absoluteUntil"`
}

func sessionKind() kind[auth.SessionInfo] {
	type s = auth.SessionInfo
	return kind[s]{
		one: "session", many: "sessions",
		short: []string{"name", "userPrincipalName", "device", "address", "signedIn", "lastSeen"},
		all: []column[s]{
			{name: "id", text: func(x s) string { return x.Ref }},
			{name: "person", text: func(x s) string { return x.Person }},
			{name: "name", text: func(x s) string { return x.Name }},
			{name: "userPrincipalName", title: "SIGN-IN NAME", text: func(x s) string { return x.UPN }},
			{name: "level", text: func(x s) string { return x.Level.String() }},
			{name: "device", text: func(x s) string { return x.Agent }},
			{name: "address", text: func(x s) string { return x.Address }},
			{name: "signedIn", text: func(x s) string { return stamp(x.SignedIn) }},
			{name: "lastSeen", text: func(x s) string { return stamp(x.LastSeen) }},
			{name: "idleUntil", text: func(x s) string { return stamp(x.IdleUntil) }},
			{name: "absoluteUntil", text: func(x s) string { return stamp(x.AbsoluteUntil) }},
		},
		words: map[string]string{"upn": "userPrincipalName"},
		json: func(x *s) any {
			return sessionJSON{
				ID: x.Ref, Person: x.Person, Name: x.Name, UPN: x.UPN, Level: x.Level.String(), Device: x.Agent, Address: x.Address,
				SignedIn: x.SignedIn.UTC(), LastSeen: x.LastSeen.UTC(), IdleUntil: x.IdleUntil.UTC(), AbsoluteUntil: x.AbsoluteUntil.UTC(),
			}
		},
		id: func(x s) string { return x.Ref },
	}
}
