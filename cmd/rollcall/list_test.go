package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// window is a terminal of some width that keeps what was written to it.
type window struct {
	bytes.Buffer
	columns int
}

func (w *window) Columns() int { return w.columns }

// as is the options of a list in one of the forms.
func as(format string) listing { return listing{output: output{format: format}} }

func users(all ...partnercenter.User) iter.Seq2[userRow, error] {
	return func(yield func(userRow, error) bool) {
		for _, user := range all {
			if !yield(userRow{User: user}, nil) {
				return
			}
		}
	}
}

var hostile = partnercenter.User{
	ID: "a9ef48bb-8758-4590-a312-d4a47bfaded4", UserPrincipalName: "eve@contoso.example",
	DisplayName: "\x1b[31mred\x1b]0;title\x07 \u202eevil\u2066\r\n\u2028next\u009b2J", FirstName: "=HYPERLINK(\"http://evil.example\")",
	UsageLocation: "DE\t",
}

func TestATerminalGetsATable(t *testing.T) {
	out, errOut := &window{columns: 60}, &window{columns: 60}
	p := &program{out: out, errOut: errOut, environ: []string{"NO_COLOR=1"}}
	n, err := list(p, listing{}, userKind(false), users(
		partnercenter.User{UserPrincipalName: "amina@contoso.example", DisplayName: "Amina Diallo", UsageLocation: "DE"},
		partnercenter.User{UserPrincipalName: "saitou@contoso.example", DisplayName: "齋藤 さくら", UsageLocation: "JP"},
		partnercenter.User{UserPrincipalName: "katharina.freifrau.von.schwarzenberg@contoso.example", DisplayName: "Katharina", UsageLocation: ""},
	))
	if n != 3 || err != nil {
		t.Fatalf("%d rows, %v", n, err)
	}
	want := strings.TrimLeft(`
USER PRINCIPAL NAME                   DISPLAY NAME  LOCATION
amina@contoso.example                 Amina Diallo  DE
saitou@contoso.example                齋藤 さくら   JP
katharina.freifrau.von.schwarzenber…  Katharina
`, "\n")
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	if errOut.Len() > 0 {
		t.Errorf("stderr has %q, though the rows themselves show how far it is", errOut.String())
	}
}

func TestTheHeaderIsBoldWhereColourIsWelcome(t *testing.T) {
	out := &window{columns: 80}
	p := &program{out: out, errOut: &bytes.Buffer{}, environ: []string{"TERM=xterm-256color"}}
	if _, err := list(p, listing{}, userKind(false), users(hostile)); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "\x1b[1m") {
		t.Errorf("no bold header: %q", out.String())
	}
}

func TestATableHoldsBackAFewRowsOnly(t *testing.T) {
	out := &window{columns: 80}
	p := &program{out: out, errOut: &bytes.Buffer{}, environ: []string{"NO_COLOR=1"}}
	_, err := list(p, listing{}, userKind(false), func(yield func(userRow, error) bool) {
		for n := range 3 * tableSample {
			if n == tableSample+1 && !strings.Contains(out.String(), "early@") {
				t.Error("the first rows are not on the screen after the first page")
			}
			name := "early@contoso.example"
			if n > tableSample {
				name = "a.name.longer.than.every.one.before@contoso.example"
			}
			if !yield(userRow{User: partnercenter.User{UserPrincipalName: name, DisplayName: "X"}}, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(out.String(), "\n"); lines != 3*tableSample+1 {
		t.Errorf("%d lines", lines)
	}
	for line := range strings.Lines(out.String()) {
		if strings.Contains(line, "longer") && !strings.Contains(line, "…") {
			t.Fatalf("a later row leaves its column: %q", line)
		}
	}
}

func TestNothingHostileReachesATerminal(t *testing.T) {
	for _, format := range []string{"table", "tsv", "csv", "json", "ndjson"} {
		out := &window{columns: 200}
		p := &program{out: out, errOut: &bytes.Buffer{}, environ: []string{"NO_COLOR=1"}}
		if _, err := list(p, as(format), userKind(false), users(hostile)); err != nil {
			t.Fatal(err)
		}
		for _, r := range strings.ReplaceAll(out.String(), "\n", "") {
			if hidden(r) && (format != "tsv" || r != '\t') {
				t.Errorf("%s: %U on the terminal: %q", format, r, out.String())
				break
			}
		}
		if rows := strings.Count(out.String(), "\n"); format == "tsv" && (rows != 1 || strings.Count(out.String(), "\t") != 2) {
			t.Errorf("tsv: a name broke its row: %q", out.String())
		}
	}
}

func TestJSONKeepsTheValueThatItEscapes(t *testing.T) {
	var out bytes.Buffer
	p := &program{out: &out, errOut: &bytes.Buffer{}}
	if _, err := list(p, as("json"), userKind(false), users(hostile, hostile)); err != nil {
		t.Fatal(err)
	}
	var got []userJSON
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if len(got) != 2 || got[1].DisplayName != hostile.DisplayName || got[1].FirstName != hostile.FirstName {
		t.Errorf("came back as %+v", got)
	}
	if strings.Contains(out.String(), `\u0026`) || strings.Contains(out.String(), `\u003c`) {
		t.Error("HTML escapes in a document that is no HTML")
	}
}

func TestAnEmptyListIsWhole(t *testing.T) {
	for format, want := range map[string]string{"json": "[]\n", "ndjson": "", "tsv": "", "table": "", "ids": "", "csv": "id,companyName,domain,relationshipToPartner\n"} {
		var out bytes.Buffer
		p := &program{out: &out, errOut: &bytes.Buffer{}}
		n, err := list(p, as(format), customerKind(), func(func(partnercenter.Customer, error) bool) {})
		if n != 0 || err != nil || out.String() != want {
			t.Errorf("%s: %d, %v, %q", format, n, err, out.String())
		}
	}
}

func TestProgressIsForAWatcherOfAFile(t *testing.T) {
	var out bytes.Buffer
	errOut := &window{columns: 80}
	p := &program{out: &out, errOut: errOut}
	many := make([]partnercenter.User, 1001)
	if _, err := list(p, as("csv"), userKind(false), users(many...)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("\r500 users read so far\r1,000 users read so far\r\x1b[K", errOut.String()); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
}

func TestAFullDiskEndsTheList(t *testing.T) {
	p := &program{out: brokenWriter{}, errOut: &bytes.Buffer{}}
	asked := 0
	_, err := list(p, as("ndjson"), userKind(false), func(yield func(userRow, error) bool) {
		for ; asked < 100_000; asked++ {
			if !yield(userRow{User: hostile}, nil) {
				return
			}
		}
	})
	if !errors.Is(err, errDisk) || asked > 2*tableSample {
		t.Errorf("%d users asked for, then %v", asked, err)
	}
}

var errDisk = errors.New("no space left")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errDisk }

func TestCSVIsReadBackAsItWas(t *testing.T) {
	cells := []string{"plain", "", `quo"te`, "com,ma", "two\nlines", " space", "ümläut", "a\rb", `"`}
	got, err := csv.NewReader(bytes.NewReader(appendCSV(nil, cells))).Read()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(cells, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFormulasAreGuarded(t *testing.T) {
	if got := string(appendCSV(nil, []string{"=1", "+49 30", "a=1"})); got != "\"'=1\",\"'+49 30\",a=1\n" {
		t.Errorf("the line is %s", got)
	}
}

func FuzzVisible(f *testing.F) {
	f.Add("\x1b[31m\u202e\u2028\xff")
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range visible(s) {
			if hidden(r) {
				t.Fatalf("%q keeps %U", s, r)
			}
		}
		document, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var before, after string
		if err := json.Unmarshal(document, &before); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(appendVisibleJSON(nil, document), &after); err != nil || before != after {
			t.Fatalf("%q became %q, %v", before, after, err)
		}
	})
}

func TestVisibleLeavesTextAlone(t *testing.T) {
	for _, s := range []string{"", "Amina Diallo", "齋藤 さくら", "שלום", "👩‍💻", "a\u0301"} {
		if got := visible(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
	if got, want := visible("a\tb\n\x1b\u202e\u009b"), `a\tb\n\u001b\u202e\u009b`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestStampsAreInUTC(t *testing.T) {
	if got := stamp(time.Date(2026, 3, 2, 1, 2, 3, 0, time.FixedZone("", 3600))); got != "2026-03-02T00:02:03Z" {
		t.Errorf("got %s", got)
	}
}
