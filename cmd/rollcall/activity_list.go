package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-app/rollcall/internal/audit"
)

type activityListOptions struct {
	listing
	since, until  string
	kinds         string
	person        string
	filter        audit.Filter
	someone       string // part of a name, or an object ID
	customer      string
	correlationID string
}

// newActivityList answers rollcall activity list.
func newActivityList(p *program) *cobra.Command {
	var opts activityListOptions
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List what people did through a server's portal, newest first",
		Long: onServer + ` Reading the trail is on the trail.
Times are UTC. A pipe gets number, time, who, what, customer and target, separated by
tabs. The kinds of rows are
` + kindLines(),
		Example: `  rollcall activity list --since 2026-03-01 --kind user.read,export -o csv
  rollcall activity list --database postgres://rollcall@db.example/rollcall --key-file /etc/rollcall/keys --person amina`,
		Args: noArguments,
	}
	opts.addFlags(cmd)
	cmd.Flags().StringVar(&opts.customer, "customer", "", "only of the customer of this `ID`")
	cmd.Flags().StringVar(&opts.filter.TargetID, "user", "", "only of the user of this `ID`, or of whatever else it names")
	cmd.Flags().StringVar(&opts.person, "person", "", "only of this `person`: a part of the name, the object ID, or the key as -o json has it")
	cmd.Flags().StringVar(&opts.kinds, "kind", "", "only of these `kinds`, comma-separated, such as sign-in,user.read")
	cmd.Flags().StringVar(&opts.filter.Ticket, "ticket", "", "only of this `ticket`")
	cmd.Flags().StringVar(&opts.correlationID, "correlation-id", "", "only of the action of this `ID`")
	cmd.Flags().StringVar(&opts.since, "since", "", "first `day`, like 2026-03-01, or time, like 2026-03-01T14:02:00Z")
	cmd.Flags().StringVar(&opts.until, "until", "", "last `day`, or the time before which it was")
	return p.inOffice(cmd, officeSettings, func([]string) error { return opts.check() }, func(ctx context.Context, o *office, _ []string) error {
		return p.activityList(ctx, o, opts)
	})
}

// kindLines are the kinds of rows for the help, in lines that fit a terminal.
func kindLines() string {
	var lines []string
	for line := range slices.Chunk(audit.Kinds(), 5) {
		lines = append(lines, strings.Join(line, ", "))
	}
	return strings.Join(lines, ",\n") + "."
}

func (o *activityListOptions) check() error {
	var err error
	if o.filter.Since, err = dayOrTime("since", o.since, 0); err != nil {
		return err
	}
	if o.filter.Until, err = dayOrTime("until", o.until, 24*time.Hour); err != nil {
		return err
	}
	if !o.filter.Since.IsZero() && !o.filter.Until.IsZero() && !o.filter.Since.Before(o.filter.Until) {
		return misuse("--until: %s is before --since, %s", o.until, o.since)
	}
	for flag, id := range map[string]*string{"customer": &o.customer, "correlation-id": &o.correlationID} {
		if *id = strings.ToLower(*id); *id != "" && !guid.MatchString(*id) {
			return misuse("--%s: %q is no ID; write it like 7d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b", flag, *id)
		}
	}
	o.filter.CustomerID, o.filter.CorrelationID = o.customer, o.correlationID
	o.filter.Kinds = nil
	for kind := range strings.SplitSeq(o.kinds, ",") {
		if kind = strings.TrimSpace(kind); kind == "" {
			continue
		}
		if !slices.Contains(audit.Kinds(), kind) {
			return misuse("--kind: there is no kind %q; the kinds are %s", kind, strings.Join(audit.Kinds(), ", "))
		}
		o.filter.Kinds = append(o.filter.Kinds, kind)
	}
	if strings.ContainsAny(o.person, "/#") { // a key
		o.filter.Person = o.person
	} else {
		o.someone = strings.ToLower(o.person)
	}
	return o.listing.check()
}

var guid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// dayOrTime reads a day, which begins, or ends, at midnight UTC, or a time.
func dayOrTime(flag, text string, wholeDay time.Duration) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day.Add(wholeDay), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, misuse("--%s: %q is neither a day nor a time; write it like 2026-03-01 or 2026-03-01T14:02:00Z", flag, text)
	}
	return at, nil
}

func (p *program) activityList(ctx context.Context, o *office, opts activityListOptions) error {
	reading := administrator(audit.KindTrailRead)
	reading.CustomerID, reading.TargetID = opts.filter.CustomerID, opts.filter.TargetID
	reading.Detail = map[string]string{"by": "rollcall activity list"}
	if opts.person != "" {
		reading.Detail["person"] = opts.person
	}
	before, err := o.trail.Append(ctx, reading)
	if err != nil {
		return trailTrouble(err, "Nothing is shown.")
	}
	opts.filter.Before = before
	rows := activityKind()
	written, err := list(p, opts.listing, rows, opts.of(o.trail.All(ctx, opts.filter)))
	if err != nil {
		return wish{what: "The trail can't be read."}.after(written, rows).trouble(ctx, err)
	}
	p.note("%s", rows.counted(written))
	return nil
}

// of leaves out what others did.
func (o *activityListOptions) of(all iter.Seq2[audit.Row, error]) iter.Seq2[audit.Row, error] {
	if o.someone == "" {
		return all
	}
	return func(yield func(audit.Row, error) bool) {
		for row, err := range all {
			if err == nil && !strings.Contains(strings.ToLower(row.PersonName), o.someone) && !namesPerson(row.Person, o.someone) {
				continue
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// namesPerson reports whether an object ID, or a provider's own name for
// somebody, is that of a person's key.
func namesPerson(key, id string) bool {
	key, id = strings.ToLower(key), strings.ToLower(id)
	return strings.HasSuffix(key, "/"+id) || strings.HasSuffix(key, "#"+id)
}

// activityJSON is a row as -o json and ndjson print it.
type activityJSON struct {
	Seq           int64             `json:"seq"`
	Time          time.Time         `json:"time"`
	Kind          string            `json:"kind"`
	Person        string            `json:"person"` // the key; empty where nobody was signed in
	PersonName    string            `json:"personName"`
	Address       string            `json:"address"`
	CustomerID    string            `json:"customerId"`
	TargetID      string            `json:"targetId"`
	Ticket        string            `json:"ticket"`
	CorrelationID string            `json:"correlationId"`
	Detail        map[string]string `json:"detail"`
}

func activityKind() kind[audit.Row] {
	type row = audit.Row
	return kind[row]{
		one: "row", many: "rows",
		short: []string{"seq", "time", "personName", "kind", "customerId", "targetId"},
		all: []column[row]{
			{name: "seq", title: "NUMBER", text: func(r row) string { return fmt.Sprint(r.Seq) }},
			{name: "time", text: func(r row) string { return stamp(r.Time) }},
			{name: "kind", title: "WHAT", text: func(r row) string { return r.Kind }},
			{name: "person", text: func(r row) string { return r.Person }},
			{name: "personName", title: "WHO", text: func(r row) string { return r.PersonName }},
			{name: "address", text: func(r row) string { return r.Address }},
			{name: "customerId", text: func(r row) string { return r.CustomerID }},
			{name: "targetId", title: "TARGET", text: func(r row) string { return r.TargetID }},
			{name: "ticket", text: func(r row) string { return r.Ticket }},
			{name: "correlationId", title: "CORRELATION ID", text: func(r row) string { return r.CorrelationID }},
			{name: "detail", text: func(r row) string { return detailText(r.Detail) }},
		},
		words: map[string]string{"who": "personName", "what": "kind", "customer": "customerId", "target": "targetId", "user": "targetId"},
		json: func(r *row) any {
			out := activityJSON{
				Seq: r.Seq, Time: r.Time.UTC(), Kind: r.Kind, Person: r.Person, PersonName: r.PersonName, Address: r.Address,
				CustomerID: r.CustomerID, TargetID: r.TargetID, Ticket: r.Ticket, CorrelationID: r.CorrelationID, Detail: r.Detail,
			}
			if out.Detail == nil {
				out.Detail = map[string]string{}
			}
			return out
		},
		id: func(r row) string { return fmt.Sprint(r.Seq) },
	}
}

// detailText writes detail in one line, in an order that stays.
func detailText(detail map[string]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(detail)) {
		value := detail[name]
		if strings.ContainsAny(value, "\"; ") {
			if quoted, err := json.Marshal(value); err == nil {
				value = string(quoted)
			}
		}
		parts = append(parts, name+"="+value)
	}
	return strings.Join(parts, "; ")
}
