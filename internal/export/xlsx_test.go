package export

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// TestTimesAreWholeSeconds: what is written for a moment is not a breath before
// it. LibreOffice, which cuts where Excel rounds, would show 14:02:59 for 14:03.
func TestTimesAreWholeSeconds(t *testing.T) {
	const secondsADay = 24 * 60 * 60
	value := regexp.MustCompile(`<v>([0-9.]+)</v>`)
	w := xlsxWriter{letters: []string{"A"}, sheet: Sheet{Zone: time.UTC}}
	for second := range secondsADay {
		at := Time(aTime.Truncate(24 * time.Hour).Add(time.Duration(second) * time.Second))
		found := value.FindSubmatch(w.cell(nil, "A", 2, &at, styleText))
		if found == nil {
			t.Fatal("no value")
		}
		days, err := strconv.ParseFloat(string(found[1]), 64)
		if err != nil {
			t.Fatal(err)
		}
		// As near as a float of so many days comes.
		if off := math.Abs(math.Mod(days, 1)*secondsADay - float64(second)); off > 1e-6 {
			t.Fatalf("second %d of the day is written as %s, %g s away", second, found[1], off)
		}
	}
}

// TestXLSXIsReadBackAsItWas has a library that nobody here wrote read the file.
func TestXLSXIsReadBackAsItWas(t *testing.T) {
	facts := []Fact{{"Customer", Text("Contoso & Co. <KG>")}, {"Users", Number(412)}, {"Made", Time(aTime)}}
	file, err := excelize.OpenReader(bytes.NewReader(write(t, XLSX, people, facts...)))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if diff := cmp.Diff([]string{"Users", "About this list"}, file.GetSheetList()); diff != "" {
		t.Errorf("sheets (-want +got):\n%s", diff)
	}
	rows, err := file.GetRows("Users")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Display name", "Place", "Read"}, rows[0]); diff != "" {
		t.Errorf("head (-want +got):\n%s", diff)
	}
	var got []string
	for _, row := range rows[1:] {
		got = append(got, row[0])
	}
	if diff := cmp.Diff(people, got); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
	if rows[1][1] != "-1" || rows[2][1] != "0" || rows[1][2] != "2026-06-16 14:03" {
		t.Errorf("numbers and time are %q", rows[1])
	}
	for at, want := range map[string]excelize.CellType{"A2": excelize.CellTypeInlineString, "B2": excelize.CellTypeUnset, "C2": excelize.CellTypeUnset} {
		if kind, err := file.GetCellType("Users", at); err != nil || kind != want {
			t.Errorf("%s is of type %v, %v; want %v", at, kind, err, want)
		}
	}
	for at := range people {
		if formula, err := file.GetCellFormula("Users", cell(t, 1, at+2)); err != nil || formula != "" {
			t.Errorf("row %d has the formula %q, %v", at+2, formula, err)
		}
	}
	panes, err := file.GetPanes("Users")
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("the head is not frozen: %+v, %v", panes, err)
	}
	if width, err := file.GetColWidth("Users", "A"); err != nil || width != 30 {
		t.Errorf("the first column is %v wide, %v", width, err)
	}
	names := file.GetDefinedName()
	if len(names) != 2 || names[0].RefersTo != fmt.Sprintf("'Users'!$A$1:$C$%d", len(people)+1) {
		t.Errorf("names: %+v", names)
	}
	about, err := file.GetRows("About this list")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"Customer", "Contoso & Co. <KG>"}, {"Users", "412"}, {"Made", "2026-06-16 14:03"}}, about); diff != "" {
		t.Errorf("about (-want +got):\n%s", diff)
	}
}

func cell(t *testing.T, column, row int) string {
	t.Helper()
	name, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func TestXLSXOfNothing(t *testing.T) {
	file, err := excelize.OpenReader(bytes.NewReader(write(t, XLSX, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if rows, err := file.GetRows("Users"); err != nil || len(rows) != 1 {
		t.Errorf("%v, %v", rows, err)
	}
}

// TestXLSXHasTheFilter: the head filters the whole list, and no cell has a formula.
func TestXLSXHasTheFilter(t *testing.T) {
	sheet := part(t, write(t, XLSX, people), "xl/worksheets/sheet1.xml")
	if !strings.Contains(sheet, fmt.Sprintf(`<autoFilter ref="A1:C%d"/>`, len(people)+1)) {
		t.Error("no filter over all rows")
	}
	if strings.Contains(sheet, "<f>") || strings.Contains(sheet, "<f ") {
		t.Error("a formula")
	}
}

func part(t *testing.T, file []byte, name string) string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	in, err := archive.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	text, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestXLSXHasLimits(t *testing.T) {
	long := strings.Repeat("ä", maxInCell-1) + "😀"
	if got := cut(long); got != strings.Repeat("ä", maxInCell-1) {
		t.Errorf("cut to %d bytes", len(got))
	}
	if got := cut(long[:len(long)-4]); len(got) != len(long)-4 {
		t.Errorf("what fits is cut to %d bytes", len(got))
	}
	if got := [...]string{letters(0), letters(25), letters(26), letters(701), letters(702)}; got != [...]string{"A", "Z", "AA", "ZZ", "AAA"} {
		t.Errorf("columns %v", got)
	}
	w, err := newXLSX(io.Discard, Sheet{Columns: []Column{{Name: "a"}}})
	if err != nil {
		t.Fatal(err)
	}
	w.rows = MaxRows + 1
	if err := w.Row([]Value{Text("a")}); !errors.Is(err, ErrTooManyRows) {
		t.Errorf("one row too many: %v", err)
	}
}

// TestXLSXWritesNoBrokenXML: what XML can't hold is replaced.
func TestXLSXWritesNoBrokenXML(t *testing.T) {
	for in, want := range map[string]string{
		"a\x00b": "a\ufffdb", "\xff": "\ufffd", "\ufffe": "\ufffd", "a\rb": "a_x000D_b", "\x1b[2J": "_x001B_[2J", "_x0041_": "_x005F_x0041_", "_x41_": "_x41_", "<&>": "&lt;&amp;&gt;", "tab\tline\n": "tab\tline\n",
	} {
		if got := string(appendText(nil, in)); got != want {
			t.Errorf("%q is written as %q, want %q", in, got, want)
		}
	}
}

var errFull = errors.New("no space left")

type fullDisk struct{ left int }

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.left -= len(p); d.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// TestFailureOfTheFile: a file that can't be written is no file, in every format.
func TestFailureOfTheFile(t *testing.T) {
	for _, f := range []Format{CSV, XLSX, JSON} {
		w, err := New(f, &fullDisk{4 << 10}, Sheet{Name: "Users", Columns: []Column{{Name: "a", Title: "A"}}})
		for i := 0; err == nil && i < 20_000; i++ {
			err = w.Row([]Value{Text(strings.Repeat("x", i%97) + people[i%len(people)])})
		}
		if err == nil {
			err = w.Close()
		}
		if !errors.Is(err, errFull) {
			t.Errorf("%s: %v, want %v", f, err, errFull)
		}
	}
	if _, err := New("pdf", io.Discard, Sheet{}); err == nil {
		t.Error("a format that does not exist")
	}
}
