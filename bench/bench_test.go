package main

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
)

func TestDecodersAgree(t *testing.T) {
	bodies, err := recordPages(2)
	if err != nil {
		t.Fatal(err)
	}
	ways, err := decoders(bodies[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := agree(ways); err != nil {
		t.Error(err)
	}
	for _, w := range ways {
		if err := w.run(); err != nil {
			t.Errorf("%s: %v", w.name, err)
		}
	}
}

func TestDisagreementIsNoticed(t *testing.T) {
	bodies, err := recordPages(2)
	if err != nil {
		t.Fatal(err)
	}
	text := withoutBOM(bodies[0])
	wrong := keptBy("one that loses a phone number", text, func(b []byte, v any) error {
		err := json.Unmarshal(b, v)
		users := v.(*keptPage).Items
		users[len(users)-1].PhoneNumber = "lost"
		return err
	})
	err = agree([]way{wholeBy(standard, text, json.Unmarshal), wrong})
	if err == nil || !strings.Contains(err.Error(), "user 499") {
		t.Errorf("agree says %v, wanted the user in which they differ", err)
	}
}

func TestFetchersAgree(t *testing.T) {
	const pages = 4
	handler, err := fromMemory(pages, 0)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	client, err := partnercenter.New(partnercenter.StaticToken("admin-agent"), partnercenter.Options{BaseURL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	var simple, our []keptUser
	if err := simpleAll(server.URL, func(u keptUser) { simple = append(simple, u) }); err != nil {
		t.Fatal(err)
	}
	if err := ourAll(client, func(u keptUser) { our = append(our, u) }); err != nil {
		t.Fatal(err)
	}
	if len(simple) != pages*perPage {
		t.Errorf("%d users in %d pages", len(simple), pages)
	}
	if err := same(simple, our); err != nil {
		t.Error(err)
	}
}

func TestRowsThatDifferAreNoticed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rows.csv")
	read := func(text string) [][]string {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		rows, err := rowsOf(file)
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	want := read("id,name\n1,Ana\n2,Bo\n")
	if err := sameRows(want, read("\"id\",\"name\"\n\"1\",\"Ana\"\n2,Bo\n"), 2); err != nil {
		t.Errorf("quotes make no other row, but: %v", err)
	}
	if err := sameRows(want, read("id,name\n1,Ana\n2,Bob\n"), 2); err == nil {
		t.Error("another name was not noticed")
	}
	if err := sameRows(want, read("id,name\n1,Ana\n"), 2); err == nil {
		t.Error("a missing row was not noticed")
	}
}

func TestWaitTellsWhatAProgramTook(t *testing.T) {
	file := filepath.Join(t.TempDir(), "out")
	var out bytes.Buffer
	if err := wait(&out, []string{file, "sh", "-c", "echo done"}); err != nil {
		t.Fatal(err)
	}
	var took usageJSON
	if err := json.Unmarshal(out.Bytes(), &took); err != nil {
		t.Fatal(err)
	}
	if took.Wall <= 0 || took.Peak <= 0 {
		t.Errorf("took %+v", took)
	}
	if said, err := os.ReadFile(file); err != nil || string(said) != "done\n" {
		t.Errorf("output %q, %v", said, err)
	}
	if err := wait(&out, []string{file, "sh", "-c", "echo broken >&2; exit 3"}); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("a failing program: %v", err)
	}
}

func TestRatiosAreOfOneRound(t *testing.T) {
	took := series{"a": {{wall: 10}, {wall: 40}, {wall: 9}}, "b": {{wall: 20}, {wall: 40}, {wall: 30}}}
	if got, want := took.ratio("a", "b", wall), (spread{0.5, 0.3, 1}); got != want {
		t.Errorf("ratio %v, want %v", got, want)
	}
}

// Every request of a slice is answered and counted, over no more connections
// than were asked for, and a wrong answer ends the run.
func TestHammer(t *testing.T) {
	body := bytes.Repeat([]byte("page "), 1000)
	var mu sync.Mutex
	open, most := 0, 0
	status := http.StatusOK
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		switch state {
		case http.StateNew:
			open++
			most = max(most, open)
		case http.StateClosed:
			open--
		}
	}
	server.Start()
	defer server.Close()
	next := func() *http.Request {
		r, _ := http.NewRequest(http.MethodGet, server.URL, nil)
		return r
	}
	a, err := hammer(3, 50*time.Millisecond, len(body), next)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.waits) == 0 || a.perSecond <= 0 || !slices.IsSorted(a.waits) || a.quantile(0.5) > a.quantile(0.99) {
		t.Errorf("%d answers, %.0f a second", len(a.waits), a.perSecond)
	}
	if most > 3 {
		t.Errorf("%d connections, want at most 3", most)
	}
	if _, err := hammer(3, time.Second, 2*len(body), next); err == nil {
		t.Error("an answer of another length was not noticed")
	}
	status = http.StatusTooManyRequests
	if _, err := hammer(3, time.Second, len(body), next); err == nil || !strings.Contains(err.Error(), "429") {
		t.Errorf("a refusal: %v", err)
	}
}
