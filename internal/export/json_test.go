package export

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestJSONIsReadBackAsItWas(t *testing.T) {
	var got []struct {
		DisplayName string
		Place       int
		Read        string
	}
	if err := json.Unmarshal(write(t, JSON, people), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(people) {
		t.Fatalf("%d rows, want %d", len(got), len(people))
	}
	for i, row := range got {
		if row.DisplayName != people[i] || row.Place != i-1 || row.Read != "2026-06-16T12:03:00Z" {
			t.Errorf("row %d: %+v, want %q", i, row, people[i])
		}
	}
}

func TestJSONLeavesOutWhatIsNot(t *testing.T) {
	var out bytes.Buffer
	w, err := New(JSON, &out, Sheet{Columns: []Column{{Name: "a"}, {Name: "b"}, {Name: "c"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range [][]Value{{{}, Text(""), {}}, {Raw([]byte(`[1]`)), {}, Number(0)}, {{}, {}, {}}} {
		if err := w.Row(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("[\n{\"b\":\"\"},\n{\"a\":[1],\"c\":0},\n{}\n]\n", out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := string(write(t, JSON, nil)); got != "[]\n" {
		t.Errorf("an empty list is %q", got)
	}
}

func FuzzJSON(f *testing.F) {
	for _, text := range people {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var a, b string
		if json.Unmarshal(want, &a) != nil || json.Unmarshal(AppendJSON(nil, s), &b) != nil || a != b {
			t.Fatalf("%q is %s", s, AppendJSON(nil, s))
		}
	})
}
