package export

import (
	"fmt"
	"io"
	"time"
)

// Format is a kind of file.
type Format string

// The formats; the words are those of an address: users.csv.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
	JSON Format = "json"
)

// ContentType is the media type of a file.
func (f Format) ContentType() string {
	switch f {
	case CSV:
		return "text/csv; charset=utf-8"
	case XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "application/json"
}

// Sheet is a list as a file has it. CSV and JSON have no place for the facts.
type Sheet struct {
	Name    string // of the XLSX sheet: "Users"
	Columns []Column
	Facts   []Fact         // on a second sheet: what the list is, and how it came about
	Zone    *time.Location // what the times of an XLSX are written in, which has no zones; nil means UTC
}

// Column is one column of a list.
type Column struct {
	Name  string // in JSON and in the head of CSV: "usageLocation"
	Title string // in the head of XLSX: "Usage location"
	Width int    // in XLSX, in characters
}

// Fact is something about the list.
type Fact struct {
	Label string
	Value Value
}

// Value is what stands in one cell. The zero Value is nothing: an empty cell,
// and no field in JSON.
type Value struct {
	kind   kind
	text   string
	number int
	time   time.Time
	raw    []byte
}

type kind uint8

const (
	kindNothing kind = iota
	kindText
	kindNumber
	kindTime
	kindRaw
)

// Text is a text, however it looks.
func Text(s string) Value { return Value{kind: kindText, text: s} }

// Number is a whole number.
func Number(n int) Value { return Value{kind: kindNumber, number: n} }

// Time is a moment; the zero time is nothing.
func Time(t time.Time) Value {
	if t.IsZero() {
		return Value{}
	}
	return Value{kind: kindTime, time: t}
}

// Raw is a value that is JSON already. Other formats leave its cell empty.
func Raw(json []byte) Value { return Value{kind: kindRaw, raw: json} }

// Writer takes the rows of a list, one after the other. Values are not kept
// after Row returns. After an error every further call gives the same error.
type Writer interface {
	Row(values []Value) error
	Close() error // completes the file; what it was written to stays open
}

// New makes a writer of a file, and writes its beginning.
func New(f Format, to io.Writer, s Sheet) (Writer, error) {
	switch f {
	case CSV:
		return newCSV(to, s), nil
	case XLSX:
		return newXLSX(to, s)
	case JSON:
		return newJSON(to, s), nil
	}
	return nil, fmt.Errorf("export: no format %q", f)
}

// bufferSize is how much is gathered before it is written on.
const bufferSize = 32 << 10

// buffer gathers bytes and writes them on in large pieces.
type buffer struct {
	to    io.Writer
	bytes []byte
	err   error
}

func newBuffer(to io.Writer) buffer { return buffer{to: to, bytes: make([]byte, 0, bufferSize+4<<10)} }

// full writes on what is there, if that is much.
func (b *buffer) full() error {
	if len(b.bytes) >= bufferSize {
		return b.flush()
	}
	return b.err
}

func (b *buffer) flush() error {
	if b.err == nil && len(b.bytes) > 0 {
		_, b.err = b.to.Write(b.bytes)
	}
	b.bytes = b.bytes[:0]
	return b.err
}
