package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/internal/config"
)

// newDoctor answers rollcall doctor.
func newDoctor(p *program) *cobra.Command {
	settings := config.For(config.Serve)
	var opts output
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check that rollcall serve has what it needs, where it runs",
		Long: `It takes the settings of rollcall serve and looks at them, the keys, the database and
its trail, free space, the clock, the sign-in provider, Partner Center and the portal's
address; and, once people have signed in, at what only their sign-ins show: how a second
factor is proved, and whether tokens can be renewed. Nothing is changed.

A line each: ok, warning or failed, what was found, and what to do. Exit code 1 when
something failed, else 0.`,
		Example: `  rollcall doctor
  ROLLCALL_KEY_FILE=/etc/rollcall/keys rollcall doctor --issuer https://login.microsoftonline.com/TENANT-ID/v2.0 -o json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := opts.check(); err != nil {
				return err
			}
			set, err := settings.Load(cmd.Flags(), p.environ)
			d := &doctor{p: p, set: set}
			d.settings(err)
			d.examine(cmd.Context())
			return d.report(opts)
		},
	}
	settings.AddFlags(cmd.Flags())
	opts.addFlags(cmd, "")
	return cmd
}

// The results of a check, the worst last.
const (
	resultOK      = "ok"
	resultWarning = "warning"
	resultFailed  = "failed"
)

// finding is what one check found.
type finding struct {
	Result string `json:"result"` // ok, warning, failed
	Check  string `json:"check"`
	Found  string `json:"found"`
	Do     string `json:"do"` // empty where nothing is to be done
}

// doctor looks at everything, whatever it finds on the way.
type doctor struct {
	p     *program
	set   config.Config
	found []finding
}

func (d *doctor) ok(check, format string, args ...any) {
	d.found = append(d.found, finding{resultOK, check, fmt.Sprintf(format, args...), ""})
}

func (d *doctor) warn(check, do, format string, args ...any) {
	d.found = append(d.found, finding{resultWarning, check, fmt.Sprintf(format, args...), do})
}

func (d *doctor) fail(check, do, format string, args ...any) {
	d.found = append(d.found, finding{resultFailed, check, fmt.Sprintf(format, args...), do})
}

// settings tells of each mistake; the checks below take what can be used.
func (d *doctor) settings(err error) {
	if err == nil {
		d.ok("settings", "all can be used")
		return
	}
	for mistake := range strings.Lines(err.Error()) {
		d.fail("settings", "Correct it; docs/configuration.md has all of them.", "%s", strings.TrimSpace(mistake))
	}
}

func (d *doctor) examine(ctx context.Context) {
	keys := d.keys()
	d.secret()
	d.database(ctx, keys)
	d.space()
	d.provider(ctx)
	d.partnerCenter(ctx)
	d.address(ctx)
}

func (d *doctor) report(opts output) error {
	if _, err := list(d.p, listing{output: opts}, findingKind(), each(d.found)); err != nil {
		return err
	}
	failed := 0
	for _, f := range d.found {
		if f.Result == resultFailed {
			failed++
		}
	}
	switch failed {
	case 0:
		return nil
	case 1:
		return &problem{code: exitFailed, text: "One check failed."}
	}
	return &problem{code: exitFailed, text: fmt.Sprintf("%d checks failed.", failed)}
}

func findingKind() kind[finding] {
	return kind[finding]{
		one: "check", many: "checks",
		short: []string{"result", "check", "found", "do"},
		all: []column[finding]{
			{name: "result", text: func(f finding) string { return f.Result }},
			{name: "check", text: func(f finding) string { return f.Check }},
			{name: "found", text: func(f finding) string { return f.Found }},
			{name: "do", title: "WHAT TO DO", text: func(f finding) string { return f.Do }},
		},
		json: func(f *finding) any { return *f },
		id:   func(f finding) string { return f.Check },
	}
}
