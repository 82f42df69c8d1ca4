package export

import (
	"encoding/csv"
	"errors"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// aUser is a row as the list of users is exported, with the awkward ones
// among them.
func aUser(i int, to []Value) []Value {
	given := []string{"Jürgen", "Agnieszka", "عائشة", "佐藤", "Bùi Thị", "Anneliese", "Dana", "Øystein"}[i%8]
	family := []string{"Müller-Lüdenscheidt", "O'Brien, MBA", "الهاشمي", "健", "Thanh Hương", "Freifrau von Schwarzenberg", "=Partner", "Åsgård"}[i/8%8]
	n := strconv.Itoa(i)
	synced := Value{}
	if i%3 > 0 {
		synced = Time(aTime.Add(time.Duration(i) * time.Second))
	}
	return append(to[:0], Text(given+" "+family), Text("u"+n+"@contoso.example"), Text([]string{"Microsoft 365 E5; Visio Plan 2", "", "Microsoft 365 E3"}[i%3]),
		Text([]string{"SPE_E5 VISIOCLIENT", "", "SPE_E3"}[i%3]), Text([]string{"DE", "NL", "", "JP"}[i%4]), Text("managed"), synced,
		Text("3c0e7a52-1b9d-4f36-a1c4-"+strings.Repeat("0", 12-len(n))+n))
}

var userColumns = []Column{{"displayName", "Display name", 30}, {"userPrincipalName", "User principal name", 40}, {"products", "Products", 40}, {"licenses", "Licenses", 20},
	{"usageLocation", "Usage location", 14}, {"userDomainType", "User domain type", 14}, {"lastDirectorySyncTime", "Last directory sync time", 20}, {"id", "ID", 38}}

// BenchmarkCSV compares with encoding/csv, both guarded; rows are the same and
// made beforehand.
func BenchmarkCSV(b *testing.B) {
	const rows = 5_000
	values, texts := make([][]Value, rows), make([][]string, rows)
	for i := range values {
		values[i] = aUser(i, nil)
		texts[i] = make([]string, len(values[i]))
	}
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			w := newCSV(io.Discard, Sheet{Columns: userColumns})
			for _, row := range values {
				_ = w.Row(row)
			}
			_ = w.Close()
		}
	})
	b.Run("encoding-csv", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			w := csv.NewWriter(io.Discard)
			for i, row := range values {
				for k := range row {
					text := row[k].text
					if row[k].kind == kindTime {
						text = row[k].time.UTC().Format(time.RFC3339)
					}
					if Guarded(text) {
						text = "'" + text
					}
					texts[i][k] = text
				}
				_ = w.Write(texts[i])
			}
			w.Flush()
		}
	})
}

// BenchmarkXLSX compares with the stream writer of excelize.
func BenchmarkXLSX(b *testing.B) {
	const rows = 5_000
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		var row []Value
		for b.Loop() {
			w, _ := newXLSX(io.Discard, Sheet{Name: "Users", Columns: userColumns})
			for i := range rows {
				row = aUser(i, row)
				_ = w.Row(row)
			}
			_ = w.Close()
		}
	})
	b.Run("excelize", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := withExcelize(rows); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func withExcelize(rows int) error {
	file := excelize.NewFile()
	defer file.Close()
	w, err := file.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	var row []Value
	cells := make([]any, len(userColumns))
	for i := range rows {
		row = aUser(i, row)
		for k, v := range row {
			switch v.kind {
			case kindText:
				cells[k] = v.text
			case kindTime:
				cells[k] = v.time
			default:
				cells[k] = nil
			}
		}
		if err := w.SetRow("A"+strconv.Itoa(i+1), cells); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return file.Write(io.Discard)
}

// TestMemoryDoesNotGrow: what is held is the same for 1,000 rows and for
// 100,000, in every format.
func TestMemoryDoesNotGrow(t *testing.T) {
	const most = 4 << 20
	for _, f := range []Format{CSV, XLSX, JSON} {
		w, err := New(f, io.Discard, Sheet{Name: "Users", Columns: userColumns})
		if err != nil {
			t.Fatal(err)
		}
		var row []Value
		var before, after runtime.MemStats
		for i := range 100_000 {
			if i == 1_000 {
				runtime.GC()
				runtime.ReadMemStats(&before)
			}
			row = aUser(i, row)
			if err := w.Row(row); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > most {
			t.Errorf("%s holds %d bytes more after 100,000 rows than after 1,000", f, grown)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRowsCostNoAllocation: a row of texts is written without any.
func TestRowsCostNoAllocation(t *testing.T) {
	row := aUser(1, nil)
	for _, f := range []Format{CSV, JSON, XLSX} {
		w, err := New(f, io.Discard, Sheet{Name: "Users", Columns: userColumns})
		if err != nil {
			t.Fatal(err)
		}
		if got := testing.AllocsPerRun(2_000, func() { _ = w.Row(row) }); got > 0 {
			t.Errorf("%s: %v allocations a row, want none", f, got)
		}
	}
}

// BenchmarkPeak tells the most memory that a whole file of 100,000 users takes.
func BenchmarkPeak(b *testing.B) {
	ways := map[string]func() error{"excelize": func() error { return withExcelize(100_000) }}
	for _, f := range []Format{CSV, JSON, XLSX} {
		ways[string(f)] = func() error {
			w, err := New(f, io.Discard, Sheet{Name: "Users", Columns: userColumns})
			var row []Value
			for i := 0; i < 100_000 && err == nil; i++ {
				row = aUser(i, row)
				err = w.Row(row)
			}
			return errors.Join(err, w.Close())
		}
	}
	for name, do := range ways {
		b.Run(name, func(b *testing.B) {
			most := uint64(0)
			for b.Loop() {
				peak, err := watch(do)
				if err != nil {
					b.Fatal(err)
				}
				most = max(most, peak)
			}
			b.ReportMetric(float64(most)/(1<<20), "peak-MiB")
		})
	}
}

// watch tells by how much the heap grows at most while something is done.
func watch(do func() error) (peak uint64, err error) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	start := m.HeapAlloc
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
		}
	}()
	err = do()
	close(stop)
	<-done
	return peak - min(peak, start), err
}
