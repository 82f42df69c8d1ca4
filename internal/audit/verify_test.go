package audit

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/internal/store/storetest"
)

// forge changes the rows as somebody would who has the database.
func (b *bench) forge(t *testing.T, statements ...string) {
	t.Helper()
	ctx := t.Context()
	if err := b.st.InTx(ctx, func(tx *store.Tx) error {
		for _, s := range append([]string{`DROP TRIGGER trail_no_update`, `DROP TRIGGER trail_no_delete`}, statements...) {
			if _, err := tx.SQL().ExecContext(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// forgeAgain changes rows once the guard is off.
func (b *bench) forgeAgain(t *testing.T, statement string) {
	t.Helper()
	if err := b.st.InTx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.SQL().ExecContext(t.Context(), statement)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestVerifyFindsForgery(t *testing.T) {
	for name, tt := range map[string]struct {
		forge  []string
		seq    int64 // where it shows
		reason string
	}{
		"another person":      {[]string{`UPDATE trail SET person = 'eve' WHERE seq = 3`}, 3, "does not fit"},
		"another time":        {[]string{`UPDATE trail SET at = at + 1 WHERE seq = 3`}, 3, "does not fit"},
		"another detail":      {[]string{`UPDATE trail SET detail = '{}' WHERE seq = 3`}, 3, "does not fit"},
		"text between fields": {[]string{`UPDATE trail SET customer_id = customer_id || 'x', target_id = '' WHERE seq = 3`}, 3, "does not fit"},
		"a row taken out":     {[]string{`DELETE FROM trail WHERE seq = 3`}, 3, "missing"},
		"a row taken out, the others moved up": {
			[]string{`DELETE FROM trail WHERE seq = 3`, `UPDATE trail SET seq = 3 WHERE seq = 4`, `UPDATE trail SET seq = 4 WHERE seq = 5`},
			3, "does not follow",
		},
		"the first rows taken out": {[]string{`DELETE FROM trail WHERE seq < 3`}, 2, "no row says that retention"},
		"two rows change places": {
			[]string{`UPDATE trail SET seq = 9 WHERE seq = 3`, `UPDATE trail SET seq = 3 WHERE seq = 4`, `UPDATE trail SET seq = 4 WHERE seq = 9`},
			3, "does not follow",
		},
		"a row added at the end": {
			[]string{`INSERT INTO trail SELECT 6, at, kind, person, person_name, address, customer_id, target_id, ticket,
				correlation_id, detail, key_id, mac, mac FROM trail WHERE seq = 5`}, 6, "does not fit",
		},
		"signed with no key of ours": {[]string{`UPDATE trail SET key_id = 'mine' WHERE seq = 3`}, 3, "key that is not here"},
		"the last row taken out":     {[]string{`DELETE FROM trail WHERE seq = 5`}, 5, "missing at the end"},
		"all rows taken out":         {[]string{`DELETE FROM trail`}, 5, "missing at the end"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, storetest.Memory)
			for range 5 {
				b.append(t, Entry{Kind: KindUserRead, Person: "ann", CustomerID: "c", TargetID: "x", Detail: map[string]string{"a": "b"}})
			}
			if err := b.anchor(t.Context(), "hour"); err != nil {
				t.Fatal(err)
			}
			anchors := b.anchors(t)
			if err := b.Verify(t.Context(), anchors); err != nil {
				t.Fatalf("before the forgery: %v", err)
			}
			b.forge(t, tt.forge...)

			broken := errOf[*Broken](b.Verify(t.Context(), anchors))
			if broken == nil || broken.Seq != tt.seq || !strings.Contains(broken.Reason, tt.reason) {
				t.Errorf("found %v, want row %d: … %s …", broken, tt.seq, tt.reason)
			}
			cut := strings.Contains(tt.reason, "at the end")
			if err := b.Verify(t.Context(), nil); cut && !errors.Is(err, ErrTailUnproved) {
				t.Errorf("without anchors: %v, want %v", err, ErrTailUnproved)
			} else if !cut && errOf[*Broken](err) == nil {
				t.Errorf("without anchors: %v, want the same finding", err)
			}
			if cut { // the process that wrote the rows notices by itself
				if _, err := b.Append(t.Context(), Entry{Kind: KindSignIn}); !errors.Is(err, ErrCut) || !errors.Is(err, ErrUnavailable) {
					t.Errorf("append to a cut trail: %v, want %v", err, ErrCut)
				}
			}
		})
	}
}

// TestVerifyReplacedTail: the tail is cut and written anew by who has the key.
func TestVerifyReplacedTail(t *testing.T) {
	b := newBench(t, storetest.Memory)
	b.append(t, Entry{Kind: KindUserRead, Person: "ann"})
	b.append(t, Entry{Kind: KindUserRead, Person: "eve"})
	if err := b.anchor(t.Context(), "hour"); err != nil {
		t.Fatal(err)
	}
	b.forge(t, `DELETE FROM trail WHERE seq = 2`)
	restarted := b.open(t, key)
	if _, err := restarted.Append(t.Context(), Entry{Kind: KindUserRead, Person: "ann"}); err != nil {
		t.Fatal(err)
	}
	broken := errOf[*Broken](restarted.Verify(t.Context(), b.anchors(t)))
	if broken == nil || broken.Seq != 2 || !strings.Contains(broken.Reason, "another code") {
		t.Errorf("found %v", broken)
	}
}

// TestVerifyRestored: a backup is restored, and the log still knows of rows
// that came after it. That is told, and excuses nothing that happens later.
func TestVerifyRestored(t *testing.T) {
	b := newBench(t, storetest.Memory)
	for range 3 {
		b.append(t, Entry{Kind: KindUserRead, Person: "ann"})
	}
	if err := b.anchor(t.Context(), "hour"); err != nil {
		t.Fatal(err)
	}
	before := b.anchors(t)
	for range 3 { // which the backup does not have
		b.append(t, Entry{Kind: KindUserRead, Person: "bob"})
		if err := b.anchor(t.Context(), "hour"); err != nil {
			t.Fatal(err)
		}
	}
	b.forge(t, `DELETE FROM trail WHERE seq > 3`)
	visit, err := Visit(b.st, key, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if broken := errOf[*Broken](visit.Verify(t.Context(), b.anchors(t))); broken == nil || broken.Seq != 4 {
		t.Fatalf("without a word on it: %v", broken)
	}
	if _, err := visit.Append(t.Context(), Entry{Kind: KindTrailRestored}); err != nil {
		t.Fatal(err)
	}
	report, err := visit.Check(t.Context(), b.anchors(t))
	want := Report{Rows: 4, First: 1, Last: 4, Anchors: len(before), ProvedTo: 3, Restored: 4, Lost: 3}
	if err != nil || report != want {
		t.Errorf("restored: %+v, %v; want %+v", report, err, want)
	}

	// The server starts on it and goes on. From now on nothing is excused.
	served := b.open(t, key)
	for range 2 {
		if _, err := served.Append(t.Context(), Entry{Kind: KindUserRead, Person: "cat"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := served.anchor(t.Context(), "hour"); err != nil {
		t.Fatal(err)
	}
	if report, err = served.Check(t.Context(), b.anchors(t)); err != nil || report.Lost != 3 || report.ProvedTo != 6 {
		t.Errorf("some rows later: %+v, %v", report, err)
	}
	b.forgeAgain(t, `DELETE FROM trail WHERE seq = 6`)
	if broken := errOf[*Broken](served.Verify(t.Context(), b.anchors(t))); broken == nil || broken.Seq != 6 || !strings.Contains(broken.Reason, "missing at the end") {
		t.Errorf("the tail cut after it: %v", broken)
	}
}

func TestVerifySaysHowFar(t *testing.T) {
	b := newBench(t, storetest.Memory)
	if err := b.Verify(t.Context(), b.anchors(t)); !errors.Is(err, ErrTailUnproved) { // only of the empty trail
		t.Errorf("an empty trail: %v", err)
	}
	for range 3 {
		b.append(t, Entry{Kind: KindUserRead})
	}
	if err := b.anchor(t.Context(), "hour"); err != nil {
		t.Fatal(err)
	}
	b.append(t, Entry{Kind: KindUserRead})
	report, err := b.Check(t.Context(), b.anchors(t))
	want := Report{Rows: 4, First: 1, Last: 4, Anchors: 2, ProvedTo: 3}
	if err != nil || report != want || report.Unproved() != 1 {
		t.Errorf("report %+v (%d unproved), error %v; want %+v", report, report.Unproved(), err, want)
	}
}

// fill writes rows by hand, a second apart: so many by Append would only test
// patience.
func (b *bench) fill(t *testing.T, rows int64) {
	t.Helper()
	ctx := t.Context()
	err := b.st.InTx(ctx, func(tx *store.Tx) error {
		prev := beginning
		for seq := int64(1); seq <= rows; seq++ {
			row := store.TrailRow{Seq: seq, Time: b.clock().Add(time.Duration(seq) * time.Second), Kind: KindUserRead, Detail: "{}", Prev: prev}
			b.signer.sign(&row)
			if err := tx.InsertTrail(ctx, row); err != nil {
				return err
			}
			prev = row.MAC
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRetain: the setting takes old segments away by itself, and says so.
func TestRetain(t *testing.T) {
	b := newBench(t, storetest.Memory)
	b.fill(t, 1010)
	b.wait(31*24*time.Hour + 1005*time.Second)
	said := make(chan string, 10)
	trail, err := New(b.st, key, Options{Logger: slog.New(slog.NewTextHandler(lines(said), nil))})
	if err != nil {
		t.Fatal(err)
	}
	trail.Retain(31 * 24 * time.Hour)
	for line := range said {
		if strings.Contains(line, "old rows of the trail taken away") && strings.Contains(line, "rows=1000") {
			break
		}
	}
	if err := trail.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	report, err := b.Check(t.Context(), nil)
	if err != nil || report.First != 1001 || report.CutAt != 1000 || report.Last != 1011 {
		t.Errorf("report %+v, error %v", report, err)
	}
}

// lines is a log whose lines are received.
type lines chan<- string

func (l lines) Write(p []byte) (int, error) {
	select {
	case l <- string(p):
	default: // nobody wants so many
	}
	return len(p), nil
}

func TestCut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, dsn string) {
		b := newBench(t, dsn)
		ctx := t.Context()
		b.fill(t, 2010)
		if err := b.anchor(ctx, "hour"); err != nil {
			t.Fatal(err)
		}
		older := b.anchors(t)
		after := func(seq int) time.Time { return b.clock().Add(time.Duration(seq)*time.Second + time.Microsecond) }
		for _, tt := range []struct {
			before time.Time
			gone   int64
		}{{after(999), 0}, {after(1000), 1000}, {after(1500), 0}, {after(5000), 1000}} {
			gone, err := b.Cut(ctx, tt.before, Entry{Person: "ann"})
			if err != nil || gone != tt.gone {
				t.Fatalf("cut before %v: %d rows, error %v; want %d", tt.before, gone, err, tt.gone)
			}
		}
		// Two replicas whose clocks strike at once: one of them has done it.
		if gone, err := b.cutThrough(ctx, 2000, nil, after(5000), Entry{}, 1000); err != nil || gone != 0 {
			t.Errorf("cut twice: %d rows, error %v", gone, err)
		}
		report, err := b.Check(ctx, append(older, Anchor{Seq: 700, MAC: strings.Repeat("0", 64)}))
		if err != nil || report.First != 2001 || report.CutAt != 2000 || report.Rows != 12 || report.Older != 1 {
			t.Errorf("report %+v, error %v", report, err)
		}
		// The guard is back.
		err = b.st.InTx(ctx, func(tx *store.Tx) error {
			_, err := tx.SQL().ExecContext(ctx, `DELETE FROM trail WHERE seq = 2001`)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("after the cut a row could be deleted: %v", err)
		}
		rows, err := b.List(ctx, Filter{Kinds: []string{KindTrailCut}})
		if err != nil || len(rows) != 2 || rows[0].Detail["through"] != "2000" || rows[0].Person != "ann" {
			t.Errorf("rows %+v, error %v", rows, err)
		}
	})
}

func TestReadAnchors(t *testing.T) {
	mac := strings.Repeat("0a", 32)
	one := []Anchor{{7, mac}}
	for name, tt := range map[string]struct {
		line string
		want []Anchor
	}{
		"JSON":                    {`{"time":"x","level":"INFO","msg":"trail anchor","seq":7,"mac":"` + mac + `","reason":"hour"}`, one},
		"JSON after a prefix":     {`2026-06-01T14:02:03Z stdout F {"msg":"trail anchor","seq":7,"mac":"` + mac + `"}`, one},
		"wrapped by Docker":       {`{"log":"{\"msg\":\"trail anchor\",\"seq\":7,\"mac\":\"` + mac + `\"}\n","stream":"stderr"}`, one},
		"wrapped by the journal":  {`{"MESSAGE":"msg=\"trail anchor\" seq=7 mac=` + mac + `"}`, one},
		"text":                    {`time=2026-06-01 level=INFO msg="trail anchor" seq=7 mac=` + mac + ` reason=hour`, one},
		"text with an attribute":  {`level=INFO msg="trail anchor" service=rollcall seq=7 mac=` + mac, one},
		"text of CR LF":           {`level=INFO msg="trail anchor" seq=7 mac=` + mac + "\r", one},
		"another message":         {`{"msg":"signed in","name":"trail anchor","seq":7,"mac":"` + mac + `"}`, nil},
		"in a value":              {`level=INFO msg="signed in" name="x msg=\"trail anchor\" seq=7 mac=` + mac + `"`, nil},
		"short code":              {`{"msg":"trail anchor","seq":7,"mac":"0a"}`, nil},
		"no number":               {`{"msg":"trail anchor","seq":"7","mac":"` + mac + `"}`, nil},
		"negative":                {`{"msg":"trail anchor","seq":-7,"mac":"` + mac + `"}`, nil},
		"more than a number":      {`msg="trail anchor" seq=99999999999999999999 mac=` + mac, nil},
		"behind an endless line":  {strings.Repeat("x", longestLine+10) + `msg="trail anchor" seq=8 mac=` + mac + "\n" + `msg="trail anchor" seq=7 mac=` + mac, one},
		"nothing":                 {"", nil},
		"last line without an LF": {"\n\n" + `{"msg":"trail anchor","seq":7,"mac":"` + mac + `"}`, one},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ReadAnchors(strings.NewReader(tt.line))
			if err != nil || len(got) != len(tt.want) || len(got) == 1 && got[0] != tt.want[0] {
				t.Errorf("got %v, %v; want %v", got, err, tt.want)
			}
		})
	}
	broken := errors.New("broken")
	if _, err := ReadAnchors(failing{broken}); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func FuzzReadAnchors(f *testing.F) {
	mac := strings.Repeat("0a", 32)
	f.Add(`{"msg":"trail anchor","seq":7,"mac":"` + mac + `"}`)
	f.Add(`level=INFO msg="trail anchor" seq=7 mac=` + mac + ` reason=hour`)
	f.Add(`{"log":"{\"log\":\"trail anchor\"}"}`)
	f.Fuzz(func(t *testing.T, log string) {
		anchors, err := ReadAnchors(strings.NewReader(log))
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range anchors {
			if _, err := hex.DecodeString(a.MAC); err != nil || len(a.MAC) != 64 || a.Seq < 0 {
				t.Errorf("%q gave %+v", log, a)
			}
		}
	})
}

func TestAllStops(t *testing.T) {
	b := newBench(t, storetest.Memory)
	for range 5 {
		b.append(t, Entry{Kind: KindUserRead})
	}
	var got []int64
	for row, err := range b.All(t.Context(), Filter{Limit: 2}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, row.Seq)
	}
	if len(got) != 5 || got[0] != 5 || got[4] != 1 {
		t.Errorf("rows %v", got)
	}
	for range b.All(t.Context(), Filter{Limit: 2}) {
		break
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	n := 0
	for _, err := range b.All(cancelled, Filter{}) {
		if n++; err == nil {
			t.Error("rows after the context ended")
		}
	}
	if n != 1 {
		t.Errorf("%d answers after an error, want 1", n)
	}
}
