package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/internal/audit"
)

type activityVerifyOptions struct {
	output
	anchors string
}

// newActivityVerify answers rollcall activity verify.
func newActivityVerify(p *program) *cobra.Command {
	var opts activityVerifyOptions
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check that nobody changed a server's trail, or took rows out of it",
		Long: onServer + ` Every row's code is checked with the keys, and that none is
missing between two. That none is missing at the end only anchors can show: places of
the trail that the server tells its log at start, stop, each hour and each 1,000 rows.
Give it the log, wherever you keep it; lines that are no anchors are skipped.

Exit code 0: all proved. 8: what is there is right, the end is not proved. 1: broken.`,
		Example: `  rollcall activity verify --anchors /var/log/rollcall.log
  rollcall activity verify --database sqlite:rollcall.db --key-file /etc/rollcall/keys -o json`,
		Args: noArguments,
	}
	opts.output.addFlags(cmd, "")
	cmd.Flags().StringVar(&opts.anchors, "anchors", "", "`file` of the server's log; - reads it from stdin")
	return p.inOffice(cmd, officeSettings, func([]string) error { return opts.check() }, func(ctx context.Context, o *office, _ []string) error {
		return p.activityVerify(ctx, o, opts)
	})
}

func (p *program) activityVerify(ctx context.Context, o *office, opts activityVerifyOptions) error {
	var anchors []audit.Anchor
	if opts.anchors != "" {
		var err error
		if anchors, err = p.readAnchors(opts.anchors); err != nil {
			return err
		}
	}
	report, err := o.trail.Check(ctx, anchors)
	broken, isBroken := errors.AsType[*audit.Broken](err)
	if err != nil && !isBroken {
		return &problem{code: exitFailed, err: err, text: "The trail can't be read: " + err.Error() + "."}
	}
	found := verified(report, broken, opts.anchors != "")
	if opts.format == "" {
		fmt.Fprint(p.out, found.words())
	} else if err := show(p, opts.output, verifiedKind(), found); err != nil {
		return err
	}
	switch found.Result {
	case resultBroken:
		return &problem{code: exitFailed, err: err, text: fmt.Sprintf("The trail is broken: row %s: %s.", grouped(int(broken.Seq)), broken.Reason),
			next: "Keep the database and the log as they are, and look at who could reach them."}
	case resultUnproved:
		if found.asked {
			return &problem{code: exitPartly, text: "The log has no anchor of a row that is there, so nobody can say whether rows are missing at the end.", next: "Check again once the server has run for an hour."}
		}
		return &problem{code: exitPartly, text: "That no rows are missing at the end can't be proved without anchors of them.", next: "Give the server's log: --anchors FILE"}
	}
	return nil
}

// readAnchors reads a log. One without any anchor is the wrong one.
func (p *program) readAnchors(path string) ([]audit.Anchor, error) {
	from := p.in
	if path != "-" {
		file, err := os.Open(path) //nolint:gosec // G304: the administrator names this file
		if err != nil {
			return nil, &problem{code: exitMisuse, err: err, text: fmt.Sprintf("--anchors: %v", err)}
		}
		defer file.Close()
		from = io.Reader(file)
	}
	anchors, err := audit.ReadAnchors(from)
	if err != nil {
		return nil, &problem{code: exitFailed, err: err, text: fmt.Sprintf("--anchors: %v", err)}
	}
	if len(anchors) == 0 {
		return nil, misuse("--anchors: there is no anchor in %s; give the log of rollcall serve, at level info", path)
	}
	return anchors, nil
}

// What a check comes to.
const (
	resultProved   = "proved"
	resultUnproved = "unproved"
	resultBroken   = "broken"
)

// verifiedJSON is a check as -o json prints it.
type verifiedJSON struct {
	Result        string `json:"result"` // proved, unproved, broken
	Rows          int64  `json:"rows"`
	First         int64  `json:"first"`
	Last          int64  `json:"last"`
	CutAt         int64  `json:"cutAt"`         // rows up to it were taken by retention; 0: none
	Restored      int64  `json:"restored"`      // the row that says that a backup was restored; 0: none
	Anchors       int    `json:"anchors"`       // that agree
	OlderAnchors  int    `json:"olderAnchors"`  // of rows that retention took
	LostAnchors   int    `json:"lostAnchors"`   // of rows that a backup did not have
	ProvedTo      int64  `json:"provedTo"`      // no row up to it is missing
	Unproved      int64  `json:"unproved"`      // newer rows
	BrokenAt      int64  `json:"brokenAt"`      // the row where it shows; 0: it is not broken
	BrokenBecause string `json:"brokenBecause"` // empty: it is not broken

	asked bool // anchors were given
}

func verified(r audit.Report, broken *audit.Broken, asked bool) verifiedJSON {
	v := verifiedJSON{
		Result: resultProved, Rows: r.Rows, First: r.First, Last: r.Last, CutAt: r.CutAt, Restored: r.Restored,
		Anchors: r.Anchors, OlderAnchors: r.Older, LostAnchors: r.Lost, ProvedTo: r.ProvedTo, Unproved: r.Unproved(), asked: asked,
	}
	switch {
	case broken != nil:
		v.Result, v.BrokenAt, v.BrokenBecause = resultBroken, broken.Seq, broken.Reason
	case r.Rows > 0 && r.ProvedTo == 0, r.Rows == 0 && r.Anchors == 0:
		v.Result = resultUnproved
	}
	return v
}

// words tells a person what was found; why it is broken comes after it.
func (v verifiedJSON) words() string {
	n := func(n int64) string { return grouped(int(n)) }
	if v.Rows == 0 && v.Result != resultBroken {
		return "The trail is empty.\n"
	}
	text := ""
	if v.Rows > 0 {
		text = fmt.Sprintf("%s rows, %s to %s, are as they were written, and none is missing between them.\n", n(v.Rows), n(v.First), n(v.Last))
		if v.Result == resultBroken {
			text = fmt.Sprintf("%s rows, %s to %s, were checked.\n", n(v.Rows), n(v.First), n(v.Last))
		}
	}
	if v.CutAt > 0 {
		text += fmt.Sprintf("Rows up to %s were taken away by retention, as a signed row says.\n", n(v.CutAt))
	}
	if v.Restored > 0 {
		text += fmt.Sprintf("A backup was restored at row %s, as a signed row says; the log has %d anchors of rows that it did not have.\n", n(v.Restored), v.LostAnchors)
	}
	if v.Result == resultProved && v.ProvedTo > 0 {
		text += fmt.Sprintf("%d anchors of the log agree: no row up to %s is missing.\n", v.Anchors, n(v.ProvedTo))
		if v.Unproved > 0 {
			text += fmt.Sprintf("Rows after it, %s, are newer than the last anchor: whether more followed shows at the next.\n", n(v.Unproved))
		}
	}
	return text
}

func verifiedKind() kind[verifiedJSON] {
	type v = verifiedJSON
	number := func(f func(v) int64) func(v) string { return func(x v) string { return strconv.FormatInt(f(x), 10) } }
	return kind[v]{
		one: "check", many: "checks",
		short: []string{"result", "rows", "provedTo", "brokenAt"},
		all: []column[v]{
			{name: "result", text: func(x v) string { return x.Result }},
			{name: "rows", text: number(func(x v) int64 { return x.Rows })},
			{name: "first", text: number(func(x v) int64 { return x.First })},
			{name: "last", text: number(func(x v) int64 { return x.Last })},
			{name: "cutAt", text: number(func(x v) int64 { return x.CutAt })},
			{name: "restored", text: number(func(x v) int64 { return x.Restored })},
			{name: "anchors", text: number(func(x v) int64 { return int64(x.Anchors) })},
			{name: "olderAnchors", text: number(func(x v) int64 { return int64(x.OlderAnchors) })},
			{name: "lostAnchors", text: number(func(x v) int64 { return int64(x.LostAnchors) })},
			{name: "provedTo", text: number(func(x v) int64 { return x.ProvedTo })},
			{name: "unproved", text: number(func(x v) int64 { return x.Unproved })},
			{name: "brokenAt", text: number(func(x v) int64 { return x.BrokenAt })},
			{name: "brokenBecause", text: func(x v) string { return x.BrokenBecause }},
		},
		json: func(x *v) any { return *x },
		id:   func(x v) string { return x.Result },
	}
}
