package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/internal/store"
	"github.com/rollcall-app/rollcall/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var key = bytes.Repeat([]byte{7}, 32)

// bench is a trail on a database, with a clock to move and a log to read.
type bench struct {
	*Trail
	st  *store.Store
	log *syncBuffer
	mu  sync.Mutex
	now time.Time
}

// syncBuffer is a log that the trail's own goroutine writes, too.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func newBench(t *testing.T, dsn string) *bench {
	t.Helper()
	b := &bench{now: time.Date(2026, 6, 1, 14, 2, 3, 0, time.UTC), log: &syncBuffer{}}
	b.st = storetest.Open(t, store.Options{DSN: dsn, Now: b.clock})
	b.Trail = b.open(t, key)
	return b
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) wait(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func (b *bench) open(t *testing.T, key []byte, earlier ...[]byte) *Trail {
	t.Helper()
	trail, err := New(b.st, key, Options{Logger: slog.New(slog.NewJSONHandler(b.log, nil)), Earlier: earlier})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { trail.Close(context.WithoutCancel(t.Context())) })
	return trail
}

func (b *bench) append(t *testing.T, e Entry) int64 {
	t.Helper()
	seq, err := b.Append(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

func (b *bench) rows(t *testing.T) int {
	t.Helper()
	rows, err := b.List(t.Context(), Filter{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return len(rows)
}

func (b *bench) anchors(t *testing.T) []Anchor {
	t.Helper()
	anchors, err := ReadAnchors(strings.NewReader(b.log.String()))
	if err != nil {
		t.Fatal(err)
	}
	return anchors
}

func TestAppend(t *testing.T) {
	storetest.Each(t, func(t *testing.T, dsn string) {
		b := newBench(t, dsn)
		full := Entry{
			Kind: KindUserRead, Person: "t/o", PersonName: "Zoë O'Hara 名前", Address: "192.0.2.1", CustomerID: "c", TargetID: "u",
			Ticket: "INC-7", CorrelationID: "id", Detail: map[string]string{"before": "a", "after": "b\u202e"},
		}
		if seq := b.append(t, full); seq != 1 {
			t.Errorf("first row is %d", seq)
		}
		b.wait(time.Second)
		if seq := b.append(t, Entry{Kind: KindSignOut}); seq != 2 {
			t.Errorf("second row is %d", seq)
		}
		got, err := b.List(t.Context(), Filter{})
		if err != nil {
			t.Fatal(err)
		}
		want := []Row{
			{Seq: 2, Time: b.clock(), Entry: Entry{Kind: KindSignOut}},
			{Seq: 1, Time: b.clock().Add(-time.Second), Entry: full},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if err := b.Verify(t.Context(), nil); !errors.Is(err, ErrTailUnproved) {
			t.Errorf("without anchors: %v, want %v", err, ErrTailUnproved)
		}
	})
}

// TestTextFromOutside: nothing that a person or a provider sends can stop the trail.
func TestTextFromOutside(t *testing.T) {
	storetest.Each(t, func(t *testing.T, dsn string) {
		b := newBench(t, dsn)
		b.append(t, Entry{
			Kind: KindSignInRefused, PersonName: "nul\x00 and \xff\xfe broken", Address: strings.Repeat("ä", 600),
			Detail: map[string]string{"why\x00": "\xc3\x28"},
		})
		rows, err := b.List(t.Context(), Filter{})
		if err != nil {
			t.Fatal(err)
		}
		got := rows[0]
		if got.PersonName != "nul\ufffd and \ufffd broken" || got.Detail["why\ufffd"] != "\ufffd(" {
			t.Errorf("kept as %q and %q", got.PersonName, got.Detail)
		}
		if len(got.Address) > longestField || !strings.HasSuffix(got.Address, "ä…") {
			t.Errorf("address of %d bytes, ends in %q", len(got.Address), got.Address[len(got.Address)-6:])
		}
	})
	b := newBench(t, storetest.Memory)
	for name, e := range map[string]Entry{
		"no kind":         {},
		"a kind of words": {Kind: "Signed in"},
		"too much detail": {Kind: KindExport, Detail: map[string]string{"all": strings.Repeat("x", longestDetail)}},
	} {
		if _, err := b.Append(t.Context(), e); !errors.Is(err, ErrEntry) {
			t.Errorf("%s: error %v, want %v", name, err, ErrEntry)
		}
	}
}

func TestAppendOutlivesTheRequest(t *testing.T) {
	b := newBench(t, storetest.Memory)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Append(gone, Entry{Kind: KindSignOut}); err != nil {
		t.Errorf("the person left the page and the row was lost: %v", err)
	}
}

func TestFailClosed(t *testing.T) {
	b := newBench(t, storetest.File(t))
	b.append(t, Entry{Kind: KindSignIn})
	if err := b.st.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Append(t.Context(), Entry{Kind: KindSignIn}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("append: %v, want %v", err, ErrUnavailable)
	}
	if err := b.Viewed(t.Context(), Entry{Kind: KindUsersList}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("viewed: %v, want %v", err, ErrUnavailable)
	}
}

// TestTogether: what an entry reports and the entry are both there, or neither.
func TestTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, dsn string) {
		b := newBench(t, dsn)
		ctx := t.Context()
		refused := errors.New("refused")
		set := func(tx *store.Tx) error { return tx.SetPreference(ctx, "ann", "x", []byte(`1`)) }

		_, err := b.AppendWith(ctx, Entry{Kind: KindSignIn}, func(tx *store.Tx) error { return errors.Join(set(tx), refused) })
		if !errors.Is(err, refused) || errors.Is(err, ErrUnavailable) {
			t.Errorf("error %v, want the caller's own", err)
		}
		_, err = b.AppendWith(ctx, Entry{Kind: "Not A Kind"}, set)
		if !errors.Is(err, ErrEntry) {
			t.Errorf("error %v, want %v", err, ErrEntry)
		}
		if _, found, _ := b.st.Preference(ctx, "ann", "x"); found {
			t.Error("the row is there though its entry is not")
		}
		if _, _, err := b.st.TrailHead(ctx); !errors.Is(err, store.ErrNotFound) {
			t.Error("the entry is there though its row is not")
		}
		if seq, err := b.AppendWith(ctx, Entry{Kind: KindSignIn}, set); seq != 1 || err != nil {
			t.Errorf("row %d, error %v", seq, err)
		}
		if _, found, _ := b.st.Preference(ctx, "ann", "x"); !found {
			t.Error("the row is missing")
		}
	})
}

// TestManyWriters: several processes append at once and no seq is missing or twice.
func TestManyWriters(t *testing.T) {
	storetest.EachShared(t, func(t *testing.T, dsn string) {
		b := newBench(t, dsn)
		const processes, rows = 3, 15
		var wait sync.WaitGroup
		for p := range processes {
			st := storetest.Open(t, store.Options{DSN: dsn, Now: b.clock})
			trail, err := New(st, key, Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { trail.Close(context.WithoutCancel(t.Context())) })
			for g := range 2 {
				wait.Go(func() {
					for i := range rows {
						if _, err := trail.Append(t.Context(), Entry{Kind: KindUserRead, Person: fmt.Sprint(p, g, i)}); err != nil {
							t.Error(err)
						}
					}
				})
			}
		}
		wait.Wait()
		report, err := b.Check(t.Context(), b.anchors(t))
		if err != nil || report.Rows != processes*2*rows || report.Last != report.Rows {
			t.Errorf("report %+v, error %v", report, err)
		}
	})
}

func TestWrongKey(t *testing.T) {
	b := newBench(t, storetest.Memory)
	b.append(t, Entry{Kind: KindSignIn})
	other := bytes.Repeat([]byte{8}, 32)
	if _, err := New(b.st, other, Options{}); errOf[*Broken](err) == nil {
		t.Errorf("opened under another key: %v", err)
	}
	if _, err := New(b.st, key[:31], Options{}); err == nil {
		t.Error("a short key was taken")
	}

	// Rotated: the old key still checks, the new one signs.
	rotated := b.open(t, other, key)
	if _, err := rotated.Append(t.Context(), Entry{Kind: KindSignIn}); err != nil {
		t.Fatal(err)
	}
	if report, err := rotated.Check(t.Context(), nil); err != nil || report.Rows != 2 {
		t.Errorf("report %+v, error %v", report, err)
	}
	_, err := b.Check(t.Context(), nil)
	if broken := errOf[*Broken](err); broken == nil || broken.Seq != 2 || !strings.Contains(broken.Reason, "key that is not here") {
		t.Errorf("without the new key: %v", err)
	}
}

func errOf[E error](err error) E {
	e, _ := errors.AsType[E](err)
	return e
}

func TestViews(t *testing.T) {
	storetest.Each(t, func(t *testing.T, dsn string) {
		b := newBench(t, dsn)
		ctx := t.Context()
		look := func(person, customer string) {
			t.Helper()
			if err := b.Viewed(ctx, Entry{Kind: KindUsersList, Person: person, CustomerID: customer}); err != nil {
				t.Fatal(err)
			}
		}
		for range 5 {
			look("ann", "contoso")
		}
		look("ann", "fabrikam")
		look("bob", "contoso")
		b.tick(ctx)
		details := func() []string {
			t.Helper()
			rows, err := b.List(ctx, Filter{Kinds: []string{KindUsersList}})
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, r := range rows {
				out = append([]string{r.Person + " " + r.CustomerID + " " + r.Detail["more views"]}, out...)
			}
			return out
		}
		first := []string{"ann contoso ", "ann fabrikam ", "bob contoso "}
		if diff := cmp.Diff(first, details()); diff != "" {
			t.Errorf("at first (-want +got):\n%s", diff)
		}
		b.wait(window - time.Second)
		look("ann", "contoso")
		b.tick(ctx)
		if diff := cmp.Diff(first, details()); diff != "" {
			t.Errorf("within ten minutes (-want +got):\n%s", diff)
		}
		b.wait(time.Second)
		b.tick(ctx)
		counted := append(first, "ann contoso 5")
		if diff := cmp.Diff(counted, details()); diff != "" {
			t.Errorf("after ten minutes (-want +got):\n%s", diff)
		}
		look("ann", "contoso") // a new ten minutes
		look("ann", "contoso")
		if err := b.Close(ctx); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(append(counted, "ann contoso ", "ann contoso 1"), details()); diff != "" {
			t.Errorf("after the stop (-want +got):\n%s", diff)
		}
	})
}

// TestViewsApart: only views that tell the same are counted together.
func TestViewsApart(t *testing.T) {
	b := newBench(t, storetest.Memory)
	one := Entry{Kind: KindRefused, Person: "ann", Address: "192.0.2.7", CustomerID: "contoso", TargetID: "GET /x", Ticket: "T-1", Detail: map[string]string{"reason": "role missing"}}
	for name, change := range map[string]func(*Entry){
		"the first":        func(*Entry) {},
		"another kind":     func(e *Entry) { e.Kind = KindUsersList },
		"another person":   func(e *Entry) { e.Person = "bob" },
		"another address":  func(e *Entry) { e.Address = "203.0.113.66" },
		"another customer": func(e *Entry) { e.CustomerID = "fabrikam" },
		"another target":   func(e *Entry) { e.TargetID = "GET /y" },
		"another ticket":   func(e *Entry) { e.Ticket = "" },
		"another reason":   func(e *Entry) { e.Detail = map[string]string{"reason": "access level"} },
		"another text":     func(e *Entry) { e.Detail = map[string]string{"reason": "role missing", "text": "jan"} },
	} {
		e := one
		change(&e)
		before := b.rows(t)
		for range 2 {
			for what, look := range map[string]func(context.Context, Entry) error{"Viewed": b.Viewed, "Seen": b.Seen} {
				e.CorrelationID = what // and moment are another's each time
				if err := look(t.Context(), e); err != nil {
					t.Fatal(err)
				}
			}
		}
		if n := b.rows(t) - before; n != 1 {
			t.Errorf("%s: %d rows, want 1", name, n)
		}
	}
}

// TestSeen: what was viewed, or found, lately is not written again; what was
// not is, and what was seen is not counted.
func TestSeen(t *testing.T) {
	b := newBench(t, storetest.Memory)
	ctx := t.Context()
	list, jan := Entry{Kind: KindUsersList, Person: "ann"}, Entry{Kind: KindFind, Person: "ann", Detail: map[string]string{"text": "jan"}}
	for i, step := range []struct {
		look func(context.Context, Entry) error
		e    Entry
		rows int
		wait time.Duration
	}{
		{b.Seen, list, 1, 0},
		{b.Seen, list, 1, 0},
		{b.AppendSeen, jan, 2, 0},
		{b.Seen, jan, 2, 0},
		{b.AppendSeen, jan, 3, window - time.Second}, // a row each time, and its own ten minutes
		{b.Seen, list, 4, time.Second},               // another ten minutes
		{b.Seen, jan, 4, 0},
	} {
		b.wait(step.wait)
		if i > 0 {
			b.tick(ctx)
		}
		if err := step.look(ctx, step.e); err != nil {
			t.Fatal(err)
		}
		if n := b.rows(t); n != step.rows {
			t.Errorf("after step %d: %d rows, want %d", i+1, n, step.rows)
		}
	}
}

// TestKinds: whoever looks for a kind finds all of it.
func TestKinds(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "entry.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared []string
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Kind") {
			kind, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			declared = append(declared, kind)
		}
		return true
	})
	slices.Sort(declared)
	if diff := cmp.Diff(declared, Kinds()); diff != "" {
		t.Errorf("Kinds (-declared +listed):\n%s", diff)
	}
	b := newBench(t, storetest.Memory)
	if _, err := b.Append(t.Context(), Entry{Kind: "user.show"}); !errors.Is(err, ErrEntry) {
		t.Errorf("a kind that nobody would look for: %v, want %v", err, ErrEntry)
	}
}

// TestViewsAtOnce loses no view, whatever happens at once.
func TestViewsAtOnce(t *testing.T) {
	b := newBench(t, storetest.Memory)
	const people, looks = 4, 50
	var wait sync.WaitGroup
	for range people {
		wait.Go(func() {
			for range looks {
				if err := b.Viewed(t.Context(), Entry{Kind: KindUsersList, Person: "ann", CustomerID: "contoso"}); err != nil {
					t.Error(err)
				}
				b.wait(time.Minute)
				b.tick(t.Context())
			}
		})
	}
	wait.Wait()
	if err := b.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	total := 0
	for row, err := range b.All(t.Context(), Filter{Kinds: []string{KindUsersList}, Limit: 7}) {
		if err != nil {
			t.Fatal(err)
		}
		n := 1
		if more, ok := row.Detail["more views"]; ok {
			if _, err := fmt.Sscan(more, &n); err != nil {
				t.Fatal(err)
			}
		}
		total += n
	}
	if total != people*looks {
		t.Errorf("%d views counted, want %d", total, people*looks)
	}
}

func TestAnchors(t *testing.T) {
	b := newBench(t, storetest.Memory)
	ctx := t.Context()
	reasons := func() string {
		t.Helper()
		var out []string
		for line := range strings.Lines(b.log.String()) {
			_, after, _ := strings.Cut(line, `"reason":"`)
			reason, _, _ := strings.Cut(after, `"`)
			out = append(out, reason)
		}
		return strings.Join(out, " ")
	}
	b.append(t, Entry{Kind: KindSignIn})
	b.wait(everyHour - time.Second)
	b.tick(ctx)
	if got := reasons(); got != "start" {
		t.Errorf("before an hour: %s", got)
	}
	b.wait(time.Second)
	b.tick(ctx)
	b.tick(ctx)
	if got := reasons(); got != "start hour" {
		t.Errorf("after an hour: %s", got)
	}

	// The thousandth row, in a transaction that is taken back and then in one that is not.
	for b.append(t, Entry{Kind: KindUserRead}) < everyRows-1 {
	}
	undone := errors.New("undone")
	if err := b.st.InTx(ctx, func(tx *store.Tx) error {
		if seq, err := b.AppendTx(ctx, tx, Entry{Kind: KindUserRead}); seq != everyRows || err != nil {
			t.Errorf("row %d, error %v", seq, err)
		}
		return undone
	}); !errors.Is(err, undone) {
		t.Fatal(err)
	}
	b.tick(ctx)
	if got := reasons(); got != "start hour" {
		t.Errorf("a row that was taken back is anchored: %s", got)
	}
	if err := b.st.InTx(ctx, func(tx *store.Tx) error {
		_, err := b.AppendTx(ctx, tx, Entry{Kind: KindUserRead})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	b.tick(ctx)
	if got := reasons(); !strings.HasPrefix(got, "start hour rows") {
		t.Errorf("after a thousand rows: %s", got)
	}
	if err := b.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if got := reasons(); !strings.HasSuffix(got, "rows stop") {
		t.Errorf("after the stop: %s", got)
	}
	report, err := b.Check(ctx, b.anchors(t))
	if err != nil || report.ProvedTo != everyRows || report.Unproved() != 0 {
		t.Errorf("report %+v, error %v", report, err)
	}
	last, err := b.st.LastAnchor(ctx)
	if err != nil || last.Seq != everyRows {
		t.Errorf("last anchor in the database %+v, error %v", last, err)
	}
}
