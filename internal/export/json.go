package export

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"time"
	"unicode/utf8"
)

// jsonWriter writes an array of objects, one a line.
type jsonWriter struct {
	buffer
	names []string // of the columns, as JSON has them: `"id":`
	rows  int
}

func newJSON(to io.Writer, s Sheet) *jsonWriter {
	w := &jsonWriter{buffer: newBuffer(to)}
	for _, c := range s.Columns {
		w.names = append(w.names, string(append(AppendJSON(nil, c.Name), ':')))
	}
	w.bytes = append(w.bytes, '[')
	return w
}

func (w *jsonWriter) Row(values []Value) error {
	b := w.bytes
	if w.rows > 0 {
		b = append(b, ',')
	}
	w.rows++
	b = append(b, '\n', '{')
	begun := false
	for i := range values {
		v := &values[i]
		if v.kind == kindNothing {
			continue
		}
		if begun {
			b = append(b, ',')
		}
		begun = true
		b = append(b, w.names[i]...)
		switch v.kind {
		case kindText:
			b = AppendJSON(b, v.text)
		case kindNumber:
			b = strconv.AppendInt(b, int64(v.number), 10)
		case kindTime:
			b = append(b, '"')
			b = v.time.UTC().AppendFormat(b, time.RFC3339)
			b = append(b, '"')
		case kindRaw:
			b = append(b, v.raw...)
		}
	}
	w.bytes = append(b, '}')
	return w.full()
}

func (w *jsonWriter) Close() error {
	if w.rows > 0 {
		w.bytes = append(w.bytes, '\n')
	}
	w.bytes = append(w.bytes, "]\n"...)
	return w.flush()
}

// AppendJSON appends a text as JSON has it.
func AppendJSON(to []byte, s string) []byte {
	if !plain(s) {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if e.Encode(s) == nil { // a text always can be
			return append(to, bytes.TrimRight(b.Bytes(), "\n")...)
		}
	}
	to = append(to, '"')
	to = append(to, s...)
	return append(to, '"')
}

// plain reports whether a text is the same within quotes. The two separators
// of lines are not: JavaScript once took them for ends of lines.
func plain(s string) bool {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c < ' ' || c == '"' || c == '\\' {
				return false
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 || r == '\u2028' || r == '\u2029' {
			return false
		}
		i += size
	}
	return true
}
