package export

import (
	"io"
	"strconv"
	"strings"
	"time"
)

// byteOrderMark is how Excel knows that a CSV is UTF-8. Without it a double
// click opens the file in the code page of the computer, and Müller is MÃ¼ller.
const byteOrderMark = "\ufeff"

// csvWriter writes lines in the form of RFC 4180, each text guarded.
type csvWriter struct{ buffer }

func newCSV(to io.Writer, s Sheet) *csvWriter {
	w := &csvWriter{newBuffer(to)}
	w.bytes = append(w.bytes, byteOrderMark...)
	for i, c := range s.Columns {
		if i > 0 {
			w.bytes = append(w.bytes, ',')
		}
		w.bytes = AppendCell(w.bytes, c.Name)
	}
	w.bytes = append(w.bytes, "\r\n"...)
	return w
}

func (w *csvWriter) Row(values []Value) error {
	b := w.bytes
	for i := range values {
		if i > 0 {
			b = append(b, ',')
		}
		switch v := &values[i]; v.kind {
		case kindText:
			b = AppendCell(b, v.text)
		case kindNumber:
			b = strconv.AppendInt(b, int64(v.number), 10)
		case kindTime:
			b = v.time.UTC().AppendFormat(b, time.RFC3339)
		}
	}
	w.bytes = append(b, '\r', '\n')
	return w.full()
}

func (w *csvWriter) Close() error { return w.flush() }

// What a byte means to a cell.
const (
	byteQuoted = 1 << iota // a cell with it is in quotes
	byteLead               // a cell that begins with it may have to be guarded
)

// cellBytes are the bytes that mean something. Those of beyond ASCII may begin
// a space or a wide = + - @.
var cellBytes = func() (table [256]uint8) {
	for _, b := range []byte("\",\r\n") {
		table[b] |= byteQuoted
	}
	for _, b := range []byte("=+-@\t\r\n\v\f '") {
		table[b] |= byteLead
	}
	for b := 0x80; b < 0x100; b++ {
		table[b] |= byteLead
	}
	return table
}()

// AppendCell appends a text as a cell of CSV, guarded, and in quotes where it
// needs them.
func AppendCell(to []byte, s string) []byte {
	if s == "" {
		return to
	}
	guard := cellBytes[s[0]]&byteLead != 0 && Guarded(s)
	if !guard && s[0] != ' ' && !quoted(s) {
		return append(to, s...)
	}
	to = append(to, '"')
	if guard {
		to = append(to, '\'')
	}
	for {
		before, after, found := strings.Cut(s, `"`)
		to = append(to, before...)
		if !found {
			return append(to, '"')
		}
		to = append(to, `""`...)
		s = after
	}
}

func quoted(s string) bool {
	for i := range len(s) {
		if cellBytes[s[i]]&byteQuoted != 0 {
			return true
		}
	}
	return false
}
