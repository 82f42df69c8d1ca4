package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// formats are what -o takes.
var formats = []string{"table", "json", "ndjson", "csv", "tsv", "ids"}

// column is one column of a list.
type column[T any] struct {
	name  string // as JSON and CSV have it: "usageLocation"
	title string // of tables; empty: the name in words
	text  func(T) string
}

// heading is a column's title in a table: "USAGE LOCATION".
func (c column[T]) heading() string {
	if c.title != "" {
		return c.title
	}
	return strings.ToUpper(inWords(c.name))
}

// inWords takes a name of the API apart: "usageLocation" is "usage location".
func inWords(name string) string {
	var words []string
	for start, end := 0, 1; end <= len(name); end++ {
		if end == len(name) || unicode.IsUpper(rune(name[end])) {
			word := strings.ToLower(name[start:end])
			if word == "id" || word == "sku" {
				word = strings.ToUpper(word)
			}
			words = append(words, word)
			start = end
		}
	}
	return strings.Join(words, " ")
}

// kind says how a sort of things is listed.
type kind[T any] struct {
	one, many string            // "user", "users"
	short     []string          // names of the columns of tables and tab-separated lines
	all       []column[T]       // of CSV, and what --columns chooses from
	asked     []column[T]       // only when --columns asks for them
	words     map[string]string // other words for columns: "upn" for "userPrincipalName"
	json      func(*T) any      // of JSON; its fields are only ever added to
	id        func(T) string    // of ids
}

// pick returns the columns of those names.
func (k kind[T]) pick(names []string) []column[T] {
	var picked []column[T]
	for _, name := range names {
		for _, c := range slices.Concat(k.all, k.asked) {
			if c.name == name {
				picked = append(picked, c)
			}
		}
	}
	return picked
}

// columnNames reads a list of columns as people write it.
func (k kind[T]) columnNames(text string) ([]string, error) {
	var names, known []string
	for _, c := range slices.Concat(k.all, k.asked) {
		known = append(known, c.name)
	}
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		found := k.words[strings.ToLower(part)]
		for _, name := range known {
			if strings.EqualFold(name, part) {
				found = name
			}
		}
		if found == "" {
			return nil, misuse("--columns: %q is no column; there are %s", part, strings.Join(known, ", "))
		}
		if !slices.Contains(names, found) {
			names = append(names, found)
		}
	}
	return names, nil
}

// output is how a command prints what it found.
type output struct {
	format  string
	columns string
}

func (o *output) addFlags(cmd *cobra.Command, without string) {
	cmd.Flags().StringVarP(&o.format, "output", "o", "", "`form`: table, json, ndjson, csv, tsv or ids (default table on a terminal, else tsv)")
	cmd.Flags().StringVar(&o.columns, "columns", "", "only these `columns`, comma-separated, in this order"+without)
	complete(cmd, "output", formats...)
}

func (o *output) check() error {
	if o.format != "" && !slices.Contains(formats, o.format) {
		return misuse("--output: %q is unknown; write table, json, ndjson, csv, tsv or ids", o.format)
	}
	if o.columns != "" && o.format == "ids" {
		return misuse("--columns: -o ids has no columns; leave one of them out")
	}
	return nil
}

// chosen is the form to print in.
func (o *output) chosen(toTerminal bool) string {
	switch {
	case o.format != "":
		return o.format
	case toTerminal:
		return "table"
	}
	return "tsv"
}

// listing is the options of every command that lists.
type listing struct {
	output
	limit int
}

func (l *listing) addFlags(cmd *cobra.Command) {
	l.output.addFlags(cmd, "")
	cmd.Flags().Var((*rowLimit)(&l.limit), "limit", "stop after this `number` (default: all)")
}

// rowLimit is --limit: 0, for all, can't be asked for.
type rowLimit int

func (n *rowLimit) String() string {
	if *n == 0 {
		return ""
	}
	return strconv.Itoa(int(*n))
}

func (*rowLimit) Type() string { return "number" }

func (n *rowLimit) Set(text string) error {
	rows, err := strconv.Atoi(text)
	if err != nil || rows < 1 {
		return errors.New("is no number of rows; write 1 or more, or leave it out for all")
	}
	*n = rowLimit(rows)
	return nil
}

func (l *listing) check() error { return l.output.check() }

// tableSample is how many rows a table looks at to set its widths; what is
// held is never more than that, however long the list.
const tableSample = 500

// list writes the items as they come and returns how many it wrote. After an
// error what was written stays, and is closed so that it can be read.
func list[T any](p *program, l listing, k kind[T], items iter.Seq2[T, error]) (written int, err error) {
	out := bufio.NewWriterSize(p.out, 64<<10)
	toTerminal, width := terminal(p.out)
	format := l.chosen(toTerminal)
	w, err := newRowWriter(out, format, k, l.columns)
	if err != nil {
		return 0, err
	}
	w.onTerminal(toTerminal, width, p.colour())
	progress := p.progress(k.many, toTerminal)
	defer progress.clear()

	w.begin()
	for item, itemErr := range items {
		if itemErr != nil {
			err = itemErr
			break
		}
		if w.row(item); w.err != nil {
			return written, fmt.Errorf("writing the list: %w", w.err)
		}
		written++
		progress.at(written)
		if written%tableSample == 0 {
			w.flush()
		}
		if written == l.limit {
			break
		}
	}
	w.end()
	if w.err != nil {
		return written, fmt.Errorf("writing the list: %w", w.err)
	}
	return written, err
}

// rowWriter writes items in one of the forms.
type rowWriter[T any] struct {
	out      *bufio.Writer
	format   string
	kind     kind[T]
	columns  []column[T]
	chosen   bool // the columns were: JSON has only those
	terminal bool // what is hidden in a text is written out
	width    int  // of the terminal; 0: no limit
	colour   bool

	rows   int
	held   [][]string // of a table, until its widths are set
	widths []int
	cells  []string
	line   []byte
	buffer bytes.Buffer
	json   *json.Encoder
	err    error
}

// newRowWriter makes a writer of these columns, as people wrote them; empty:
// those that the form has by itself.
func newRowWriter[T any](out *bufio.Writer, format string, k kind[T], columns string) (*rowWriter[T], error) {
	w := &rowWriter[T]{out: out, format: format, kind: k, chosen: columns != ""}
	switch {
	case w.chosen:
		names, err := k.columnNames(columns)
		if err != nil {
			return nil, err
		}
		w.columns = k.pick(names)
	case format == "csv":
		w.columns = k.all
	default:
		w.columns = k.pick(k.short)
	}
	w.json = json.NewEncoder(&w.buffer)
	w.json.SetEscapeHTML(false)
	return w, nil
}

func (w *rowWriter[T]) onTerminal(is bool, width int, colour bool) {
	w.terminal, w.width, w.colour = is, width, colour && is
}

func (w *rowWriter[T]) begin() {
	switch w.format {
	case "json":
		w.write([]byte("["))
	case "csv":
		var titles []string
		for _, c := range w.columns {
			titles = append(titles, c.name)
		}
		w.write(appendCSV(nil, titles))
	}
}

func (w *rowWriter[T]) row(item T) {
	w.line = w.line[:0]
	switch w.format {
	case "json", "ndjson":
		if w.format == "json" {
			separator := ",\n"
			if w.rows == 0 {
				separator = "\n"
			}
			w.line = append(w.line, separator...)
		}
		document, err := w.document(&item)
		if err != nil {
			w.err = err
			return
		}
		w.line = appendVisibleJSON(w.line, document)
		if w.format == "ndjson" {
			w.line = append(w.line, '\n')
		}
	case "csv":
		w.line = appendCSV(w.line, w.texts(item, w.terminal))
	case "ids":
		id := w.kind.id(item)
		if id == "" { // what has none can't be named to other programs
			return
		}
		w.line = append(append(w.line, id...), '\n')
	case "tsv": // it has no quotes, so a tab or line break in a name is always written out
		for i, cell := range w.texts(item, true) {
			if i > 0 {
				w.line = append(w.line, '\t')
			}
			w.line = append(w.line, cell...)
		}
		w.line = append(w.line, '\n')
	case "table":
		w.rows++
		cells := slices.Clone(w.texts(item, true))
		if w.widths == nil {
			if w.held = append(w.held, cells); len(w.held) == tableSample {
				w.table()
			}
			return
		}
		w.tableRow(cells)
		return
	}
	w.rows++
	w.write(w.line)
}

func (w *rowWriter[T]) end() {
	switch {
	case w.format == "json" && w.rows == 0:
		w.write([]byte("]\n"))
	case w.format == "json":
		w.write([]byte("\n]\n"))
	case w.format == "table" && w.widths == nil && w.rows > 0:
		w.table()
	}
	w.flush()
}

// document is an item as JSON; the slice is used again for the next item.
func (w *rowWriter[T]) document(item *T) ([]byte, error) {
	w.buffer.Reset()
	if err := w.json.Encode(w.kind.json(item)); err != nil {
		return nil, err
	}
	whole := bytes.TrimRight(w.buffer.Bytes(), "\n")
	if !w.chosen {
		return whole, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(whole, &fields); err != nil {
		return nil, err
	}
	part := []byte{'{'}
	for _, c := range w.columns {
		value, there := fields[c.name]
		if !there {
			continue
		}
		if len(part) > 1 {
			part = append(part, ',')
		}
		part = append(append(strconv.AppendQuote(part, c.name), ':'), value...)
	}
	return append(part, '}'), nil
}

// texts are an item's cells; the slice is used again for the next item.
func (w *rowWriter[T]) texts(item T, escaped bool) []string {
	w.cells = w.cells[:0]
	for _, c := range w.columns {
		text := c.text(item)
		if escaped {
			text = visible(text)
		}
		w.cells = append(w.cells, text)
	}
	return w.cells
}

// table sets the widths by the rows held so far, and writes them. Columns that
// don't fit the terminal give way from the widest on.
func (w *rowWriter[T]) table() {
	const gap = 2
	w.widths = make([]int, len(w.columns))
	total := gap * (len(w.widths) - 1)
	for i, c := range w.columns {
		w.widths[i] = lipgloss.Width(c.heading())
		for _, row := range w.held {
			w.widths[i] = max(w.widths[i], lipgloss.Width(row[i]))
		}
		total += w.widths[i]
	}
	for w.width > 0 && total > w.width {
		widest := 0
		for i := range w.widths {
			if w.widths[i] > w.widths[widest] {
				widest = i
			}
		}
		if w.widths[widest] <= 8 {
			break
		}
		w.widths[widest]--
		total--
	}

	var titles []string
	for _, c := range w.columns {
		titles = append(titles, c.heading())
	}
	header := w.aligned(titles)
	if w.colour {
		header = lipgloss.NewStyle().Bold(true).Render(header)
	}
	w.write([]byte(header + "\n"))
	for _, row := range w.held {
		w.tableRow(row)
	}
	w.held = nil
}

func (w *rowWriter[T]) tableRow(cells []string) { w.write([]byte(w.aligned(cells) + "\n")) }

func (w *rowWriter[T]) aligned(cells []string) string {
	var b strings.Builder
	for i, cell := range cells {
		if w.width > 0 {
			cell = ansi.Truncate(cell, w.widths[i], "…")
		}
		b.WriteString(cell)
		if i < len(cells)-1 {
			b.WriteString(strings.Repeat(" ", max(0, w.widths[i]-lipgloss.Width(cell))+2))
		}
	}
	return strings.TrimRight(b.String(), " ")
}

func (w *rowWriter[T]) write(b []byte) {
	if w.err == nil {
		_, w.err = w.out.Write(b)
	}
}

func (w *rowWriter[T]) flush() {
	if w.err == nil {
		w.err = w.out.Flush()
	}
}

// terminal reports whether a writer is one, and how many columns it has.
func terminal(w io.Writer) (bool, int) {
	if screen, ok := w.(interface{ Columns() int }); ok {
		return true, screen.Columns()
	}
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return false, 0
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil || width <= 0 {
		width = 80
	}
	return true, width
}

// colour reports whether the person lets us use it (no-color.org).
func (p *program) colour() bool {
	return !slices.ContainsFunc(p.environ, func(pair string) bool {
		name, value, _ := strings.Cut(pair, "=")
		return name == "NO_COLOR" && value != "" || name == "TERM" && value == "dumb"
	})
}

// counted is "1 user", "12,034 users".
func (k kind[T]) counted(n int) string {
	if n == 1 {
		return "1 " + k.one
	}
	return grouped(n) + " " + k.many
}

// grouped writes a number with commas between the thousands.
func grouped(n int) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
