package export

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// people are texts as customers' directories have them.
var people = []string{
	"plain", "", `quo"te`, "com,ma", "two\nlines", " space", "ümläut", "a\rb", `"`, "=1+1", "+49 30 901820", "-1", "@SUM(A1)", "'=1", "''=1", "'",
	"'quoted'", "\t=1", "\u00a0=1", "\u3000＝1", "＠a", "عائشة", "佐藤 健", "_x000D_", "</t>&<b>", "\u202e", "007", "1e5", "TRUE", "a\u2028b", `back\slash`, "\x1b[31mred\x07",
}

// write makes a file of rows of two columns: the text and its place.
func write(t testing.TB, f Format, texts []string, facts ...Fact) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := New(f, &out, Sheet{Name: "Users", Columns: []Column{{"displayName", "Display name", 30}, {"place", "Place", 8}, {"read", "Read", 20}}, Facts: facts, Zone: berlin(t)})
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		if err := w.Row([]Value{Text(text), Number(i - 1), Time(aTime)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

var aTime = time.Date(2026, 6, 16, 12, 3, 0, 0, time.UTC)

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestCSVIsReadBackAsItWas(t *testing.T) {
	file := write(t, CSV, people)
	text, ok := strings.CutPrefix(string(file), "\ufeff")
	if !ok {
		t.Error("Excel would not know that it is UTF-8: no byte order mark")
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"displayName", "place", "read"}, rows[0]); diff != "" {
		t.Errorf("head (-want +got):\n%s", diff)
	}
	var got []string
	for i, row := range rows[1:] {
		got = append(got, Unguard(row[0]))
		if i == 0 && (row[1] != "-1" || row[2] != "2026-06-16T12:03:00Z") {
			t.Errorf("a number and a time are %q, %q", row[1], row[2])
		}
	}
	if diff := cmp.Diff(people, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFormulasAreGuarded(t *testing.T) {
	tests := map[string]string{
		"=1+1": "'=1+1", "+49 30": "'+49 30", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1", "\n=1": "'\n=1",
		"＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠a": "'＠a", "  =1": "'  =1", "\u00a0=1": "'\u00a0=1", "\u3000＝1": "'\u3000＝1",
		"a=1": "a=1", "": "", " ": " ", "'=1": "''=1", "'a": "'a", "1-1": "1-1", "Ünal": "Ünal",
	}
	for in, want := range tests {
		got, err := csv.NewReader(bytes.NewReader(append(AppendCell(nil, in), ",x"...))).Read()
		if err != nil || got[0] != want {
			t.Errorf("%q became %q, %v; want %q", in, got, err, want)
		}
		if back := Unguard(want); back != in {
			t.Errorf("%q is read back as %q, want %q", want, back, in)
		}
	}
}

func FuzzCell(f *testing.F) {
	for _, text := range people {
		f.Add(text)
	}
	f.Add(" ＠")
	f.Add("\r\n")
	f.Fuzz(func(t *testing.T, s string) {
		row, err := csv.NewReader(bytes.NewReader(append(AppendCell(nil, s), ",x"...))).Read()
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		// encoding/csv reads \r\n inside quotes as \n.
		if want := strings.ReplaceAll(s, "\r\n", "\n"); Unguard(row[0]) != want {
			t.Fatalf("%q was read back as %q", want, row[0])
		}
		if strings.TrimLeft(row[0], "'") == row[0] && Guarded(row[0]) {
			t.Fatalf("%q is still a formula", row[0])
		}
	})
}
