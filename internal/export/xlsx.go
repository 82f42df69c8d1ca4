package export

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/klauspost/compress/flate"
)

// What a sheet of Excel holds at most. Source: "Excel specifications and
// limits", Microsoft.
const (
	MaxRows   = 1_048_575 // besides the head
	maxInCell = 32_767    // UTF-16 units
)

// ErrTooManyRows is the error of a list that no sheet holds.
var ErrTooManyRows = errors.New("export: more rows than a sheet holds")

// xlsxWriter writes a workbook (ECMA-376, 5th edition, SpreadsheetML) of the
// list and a sheet about it. The rows go through the compressor as they come, so
// that neither memory nor disk holds the sheet.
type xlsxWriter struct {
	buffer
	zip     *zip.Writer
	sheet   Sheet
	letters []string // of the columns: A, B …
	rows    int      // the head among them
}

// Styles of cells, by their place in styles.xml.
const (
	styleText   = 1 // stays a text when somebody edits it
	styleTime   = 2
	styleNumber = 3
	styleHead   = 4
	styleLabel  = 5
)

func newXLSX(to io.Writer, s Sheet) (*xlsxWriter, error) {
	if s.Zone == nil {
		s.Zone = time.UTC
	}
	w := &xlsxWriter{zip: zip.NewWriter(to), sheet: s}
	w.zip.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flateLevel) })
	for i := range s.Columns {
		w.letters = append(w.letters, letters(i))
	}
	for _, part := range []struct{ name, text string }{
		{"[Content_Types].xml", contentTypes},
		{"_rels/.rels", rels},
		{"xl/_rels/workbook.xml.rels", workbookRels},
		{"xl/styles.xml", styles},
	} {
		if err := w.part(part.name, part.text); err != nil {
			return nil, err
		}
	}
	if err := w.about(); err != nil {
		return nil, err
	}
	return w, w.begin()
}

// flateLevel costs a third of the standard library's default for nearly the
// same bytes.
const flateLevel = 5

// part writes a whole part of the package.
func (w *xlsxWriter) part(name, text string) error {
	out, err := w.zip.Create(name)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, text)
	return err
}

// begin opens the sheet of the list and writes its head.
func (w *xlsxWriter) begin() error {
	out, err := w.zip.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return err
	}
	w.buffer = newBuffer(out)
	b := append(w.bytes, xmlHead+`<worksheet xmlns="`+main+`"><sheetViews><sheetView tabSelected="1" workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft" activeCell="A2" sqref="A2"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>`...)
	for i, c := range w.sheet.Columns {
		b = appendColumn(b, i, c.Width)
	}
	b = append(b, "</cols><sheetData>"...)
	w.bytes = b
	head := make([]Value, len(w.sheet.Columns))
	for i, c := range w.sheet.Columns {
		head[i] = Text(c.Title)
	}
	w.row(head, styleHead)
	return w.full()
}

func (w *xlsxWriter) Row(values []Value) error {
	if w.rows > MaxRows {
		return ErrTooManyRows
	}
	w.row(values, styleText)
	return w.full()
}

func (w *xlsxWriter) row(values []Value, text int) {
	w.rows++
	b := append(w.bytes, `<row r="`...)
	b = append(strconv.AppendInt(b, int64(w.rows), 10), `">`...)
	for i := range values {
		b = w.cell(b, w.letters[i], w.rows, &values[i], text)
	}
	w.bytes = append(b, "</row>"...)
}

// cell appends a cell. One with nothing in it is left out.
func (w *xlsxWriter) cell(b []byte, column string, row int, v *Value, text int) []byte {
	if v.kind == kindNothing || v.kind == kindRaw || v.kind == kindText && v.text == "" {
		return b
	}
	b = append(append(b, `<c r="`...), column...)
	b = strconv.AppendInt(b, int64(row), 10)
	switch v.kind {
	case kindText:
		b = strconv.AppendInt(append(b, `" s="`...), int64(text), 10)
		b = append(b, `" t="inlineStr"><is><t xml:space="preserve">`...)
		b = appendText(b, v.text)
		b = append(b, "</t></is></c>"...)
	case kindNumber:
		b = strconv.AppendInt(append(b, `" s="`...), styleNumber, 10)
		b = strconv.AppendInt(append(b, `"><v>`...), int64(v.number), 10)
		b = append(b, "</v></c>"...)
	case kindTime:
		b = strconv.AppendInt(append(b, `" s="`...), styleTime, 10)
		b = strconv.AppendFloat(append(b, `"><v>`...), serial(v.time, w.sheet.Zone), 'f', -1, 64)
		b = append(b, "</v></c>"...)
	}
	return b
}

// serial is a moment as Excel counts: days since the end of 1899, by the clock
// on the wall.
func serial(t time.Time, zone *time.Location) float64 {
	there := t.In(zone)
	wall := time.Date(there.Year(), there.Month(), there.Day(), there.Hour(), there.Minute(), there.Second(), 0, time.UTC)
	return wall.Sub(dayZero).Hours() / 24
}

var dayZero = time.Date(1899, time.December, 30, 0, 0, 0, 0, time.UTC)

// controls are control characters as Excel writes what XML can't (_x001B_).
// Source: ECMA-376 part 1, 22.9.2.19 (ST_Xstring).
var controls = func() (escapes [' ']string) {
	for c := range escapes {
		escapes[c] = fmt.Sprintf("_x%04X_", c)
	}
	return escapes
}()

// appendText appends a text as XML has it, cut to what a cell holds. What can't
// be written at all becomes U+FFFD, and what looks like an escape of Excel's is
// escaped itself.
func appendText(b []byte, s string) []byte {
	if len(s) > maxInCell {
		s = cut(s)
	}
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			escape := ""
			switch {
			case c == '&':
				escape = "&amp;"
			case c == '<':
				escape = "&lt;"
			case c == '>':
				escape = "&gt;"
			case c == '_' && looksEscaped(s[i:]):
				escape = "_x005F_"
			case c == 0:
				escape = "\ufffd"
			case c < ' ' && c != '\t' && c != '\n':
				escape = controls[c]
			}
			if escape != "" {
				b = append(append(b, s[from:i]...), escape...)
				from = i + 1
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 || r == 0xfffe || r == 0xffff {
			b = append(append(b, s[from:i]...), "\ufffd"...)
			from = i + size
		}
		i += size
	}
	return append(b, s[from:]...)
}

// looksEscaped reports whether a text begins as _xHHHH_ does.
func looksEscaped(s string) bool {
	if len(s) < 7 || s[1] != 'x' || s[6] != '_' {
		return false
	}
	for _, c := range []byte(s[2:6]) {
		if !('0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f') {
			return false
		}
	}
	return true
}

// cut is as much of a text as a cell holds.
func cut(s string) string {
	units := 0
	for i, r := range s {
		if units += max(utf16.RuneLen(r), 1); units > maxInCell {
			return s[:i]
		}
	}
	return s
}

func (w *xlsxWriter) Close() error {
	b := append(w.bytes, "</sheetData>"...)
	if len(w.letters) > 0 {
		b = append(b, `<autoFilter ref="`+w.all("")+`"/>`...)
	}
	w.bytes = append(b, "</worksheet>"...)
	if err := w.flush(); err != nil {
		return err
	}
	if err := w.part("xl/workbook.xml", w.workbook()); err != nil {
		return err
	}
	return w.zip.Close()
}

// all is the range of the list; the dollars are for names.
func (w *xlsxWriter) all(dollar string) string {
	last := w.letters[len(w.letters)-1]
	return dollar + "A" + dollar + "1:" + dollar + last + dollar + strconv.Itoa(w.rows)
}

func (w *xlsxWriter) workbook() string {
	name := xmlText(w.sheet.Name)
	names := ""
	if len(w.letters) > 0 {
		names = `<definedNames><definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">'` + name + `'!` + w.all("$") +
			`</definedName><definedName name="_xlnm.Print_Titles" localSheetId="0">'` + name + `'!$1:$1</definedName></definedNames>`
	}
	return xmlHead + `<workbook xmlns="` + main + `" xmlns:r="` + relationships + `"><bookViews><workbookView activeTab="0"/></bookViews><sheets><sheet name="` + name +
		`" sheetId="1" r:id="rId1"/><sheet name="About this list" sheetId="2" r:id="rId2"/></sheets>` + names + `</workbook>`
}

// about writes the sheet about the list.
func (w *xlsxWriter) about() error {
	b := append([]byte(nil), xmlHead+`<worksheet xmlns="`+main+`"><sheetViews><sheetView workbookViewId="0"/></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>`...)
	b = appendColumn(appendColumn(b, 0, 22), 1, 90)
	b = append(b, "</cols><sheetData>"...)
	for i, f := range w.sheet.Facts {
		row, label := i+1, Text(f.Label)
		b = append(b, `<row r="`+strconv.Itoa(row)+`">`...)
		b = w.cell(b, "A", row, &label, styleLabel)
		b = w.cell(b, "B", row, &f.Value, styleText)
		b = append(b, "</row>"...)
	}
	return w.part("xl/worksheets/sheet2.xml", string(append(b, "</sheetData></worksheet>"...)))
}

func appendColumn(b []byte, i, width int) []byte {
	n := strconv.Itoa(i + 1)
	return append(b, `<col min="`+n+`" max="`+n+`" width="`+strconv.Itoa(max(width, 8))+`" customWidth="1"/>`...)
}

// letters names a column: A … Z, AA, AB …
func letters(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return letters(i/26-1) + letters(i%26)
}

func xmlText(s string) string {
	return string(appendText(nil, strings.ReplaceAll(s, "'", "")))
}

const (
	xmlHead       = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	main          = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relationships = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packageRels   = "http://schemas.openxmlformats.org/package/2006/relationships"
	typeOf        = "application/vnd.openxmlformats-officedocument.spreadsheetml."

	contentTypes = xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="` + typeOf + `sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + typeOf + `worksheet+xml"/><Override PartName="/xl/worksheets/sheet2.xml" ContentType="` + typeOf + `worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="` + typeOf + `styles+xml"/></Types>`
	rels         = xmlHead + `<Relationships xmlns="` + packageRels + `"><Relationship Id="rId1" Type="` + relationships + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	workbookRels = xmlHead + `<Relationships xmlns="` + packageRels + `"><Relationship Id="rId1" Type="` + relationships + `/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="` + relationships + `/worksheet" Target="worksheets/sheet2.xml"/><Relationship Id="rId3" Type="` + relationships + `/styles" Target="styles.xml"/></Relationships>`

	// The formats of numbers are 49 "@", 3 "#,##0", and our own for times. The
	// first two fills must be these. Source: ECMA-376 part 1, 18.8.30 and 18.8.21.
	styles = xmlHead + `<styleSheet xmlns="` + main + `"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd\ hh:mm"/></numFmts>` +
		`<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font><font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>` +
		`<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFE8EEEE"/><bgColor indexed="64"/></patternFill></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="6"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment horizontal="left"/></xf>` +
		`<xf numFmtId="3" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="49" fontId="1" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1"/>` +
		`<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>` +
		`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
)
