package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// formats are what -o takes.
var formats = []string{"table", "json", "ndjson", "csv", "tsv", "ids"}

// column is one column of a list: its title, and an item's text in it.
type column[T any] struct {
	title string
	text  func(T) string
}

// kind says how a sort of things is listed.
type kind[T any] struct {
	one, many string         // "user", "users"
	short     []column[T]    // of tables and tab-separated lines
	all       []column[T]    // of CSV
	json      func(*T) any   // of JSON; its fields are only ever added to
	id        func(T) string // of ids
}

// listing is the options of every command that lists.
type listing struct {
	format string
	limit  int
}

func (l *listing) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&l.format, "output", "o", "", "`form`: table, json, ndjson, csv, tsv or ids (default table on a terminal, else tsv)")
	cmd.Flags().IntVar(&l.limit, "limit", 0, "stop after this `number` (default: all)")
}

func (l *listing) check() error {
	if l.format != "" && !slices.Contains(formats, l.format) {
		return misuse("--output: %q is unknown; write table, json, ndjson, csv, tsv or ids", l.format)
	}
	if l.limit < 0 {
		return misuse("--limit: %d is no number of rows; write 1 or more", l.limit)
	}
	return nil
}

// tableSample is how many rows a table looks at to set its widths; what is
// held is never more than that, however long the list.
const tableSample = 500

// list writes the items as they come and returns how many it wrote. After an
// error what was written stays, and is closed so that it can be read.
func list[T any](p *program, l listing, k kind[T], items iter.Seq2[T, error]) (written int, err error) {
	out := bufio.NewWriterSize(p.out, 64<<10)
	toTerminal, width := terminal(p.out)
	format := l.format
	if format == "" {
		format = "tsv"
		if toTerminal {
			format = "table"
		}
	}
	w := newRowWriter(out, format, k, toTerminal, width, p.colour())
	progress := p.progress(k, toTerminal)
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

func newRowWriter[T any](out *bufio.Writer, format string, k kind[T], terminal bool, width int, colour bool) *rowWriter[T] {
	w := &rowWriter[T]{out: out, format: format, kind: k, terminal: terminal, width: width, colour: colour && terminal}
	w.json = json.NewEncoder(&w.buffer)
	w.json.SetEscapeHTML(false)
	return w
}

func (w *rowWriter[T]) begin() {
	switch w.format {
	case "json":
		w.write([]byte("["))
	case "csv":
		var titles []string
		for _, c := range w.kind.all {
			titles = append(titles, c.title)
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
		w.buffer.Reset()
		if err := w.json.Encode(w.kind.json(&item)); err != nil {
			w.err = err
			return
		}
		w.line = appendVisibleJSON(w.line, bytes.TrimRight(w.buffer.Bytes(), "\n"))
		if w.format == "ndjson" {
			w.line = append(w.line, '\n')
		}
	case "csv":
		w.line = appendCSV(w.line, w.texts(w.kind.all, item, w.terminal))
	case "ids":
		w.line = append(append(w.line, w.kind.id(item)...), '\n')
	case "tsv": // it has no quotes, so a tab or line break in a name is always written out
		for i, cell := range w.texts(w.kind.short, item, true) {
			if i > 0 {
				w.line = append(w.line, '\t')
			}
			w.line = append(w.line, cell...)
		}
		w.line = append(w.line, '\n')
	case "table":
		w.rows++
		cells := slices.Clone(w.texts(w.kind.short, item, true))
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

// texts are an item's cells; the slice is used again for the next item.
func (w *rowWriter[T]) texts(columns []column[T], item T, escaped bool) []string {
	w.cells = w.cells[:0]
	for _, c := range columns {
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
	w.widths = make([]int, len(w.kind.short))
	total := gap * (len(w.widths) - 1)
	for i, c := range w.kind.short {
		w.widths[i] = lipgloss.Width(c.title)
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
	for _, c := range w.kind.short {
		titles = append(titles, c.title)
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

// progress is the one line that counts while a list goes somewhere else than
// the terminal; where the person watches the rows, or nobody does, it is silent.
type progress struct {
	out   io.Writer // nil: silent
	many  string
	shown bool
}

func (p *program) progress(k interface{ plural() string }, rowsShown bool) *progress {
	if watched, _ := terminal(p.errOut); !watched || rowsShown {
		return &progress{}
	}
	return &progress{out: p.errOut, many: k.plural()}
}

func (k kind[T]) plural() string { return k.many }

func (g *progress) at(n int) {
	if g.out != nil && n%tableSample == 0 {
		fmt.Fprintf(g.out, "\r%s %s read so far", grouped(n), g.many)
		g.shown = true
	}
}

func (g *progress) clear() {
	if g.shown {
		fmt.Fprint(g.out, "\r\x1b[K")
	}
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

// summary tells a person at a terminal how the list ended; a pipe gets nothing.
func (p *program) summary(format string, args ...any) {
	if watched, _ := terminal(p.errOut); watched {
		fmt.Fprintln(p.errOut, visible(fmt.Sprintf(format, args...)))
	}
}
