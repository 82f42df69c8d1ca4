package main

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"time"
)

// asked is what one slice of requests took.
type asked struct {
	perSecond float64
	waits     []time.Duration // sorted
}

func (a asked) quantile(q float64) float64 {
	return float64(a.waits[min(len(a.waits)-1, int(q*float64(len(a.waits))))])
}

// load asks the real server for a users page, signed in, and a plain handler
// for the same bytes, turn by turn, over a bounded number of connections.
func load(out io.Writer, opts options) error {
	o, err := openOffice(opts)
	if err != nil {
		return err
	}
	defer o.close()
	fmt.Fprintf(out, "A customer's users, 50 rows, with licenses, by rollcall serve, beside net/http giving the same bytes from memory. %d connections, slices of %v, %d people signed in. %s.\n\n",
		opts.connections, opts.slice, len(o.people), machine()+inRounds(opts))
	rows := [][]string{{"answer", "KiB", "req/s, static = 1", "p50, static = 1", "p99, static = 1", "req/s", "p50, ms", "p99, ms", "static req/s", "static p50, ms", "static p99, ms"}}
	for _, coding := range []string{"identity", "gzip"} {
		row, err := o.beside(coding, opts)
		if err != nil {
			return fmt.Errorf("%s: %w", coding, err)
		}
		rows = append(rows, row)
	}
	return table(out, rows)
}

// beside measures one coding of the page.
func (o *office) beside(coding string, opts options) ([]string, error) {
	page, err := o.page(coding)
	if err != nil {
		return nil, err
	}
	static, stop, err := startStatic(page)
	if err != nil {
		return nil, err
	}
	defer stop()
	header := http.Header{"Accept-Encoding": {coding}}
	turn := 0
	ours := func() *http.Request {
		turn++
		r := o.request(turn % len(o.people))
		r.Header.Set("Accept-Encoding", coding)
		return r
	}
	plain := func() *http.Request {
		r, _ := http.NewRequest(http.MethodGet, static, nil) // of an address of our own
		r.Header = header
		return r
	}
	took := map[string][]asked{}
	for round := range opts.rounds + 1 {
		for _, way := range []struct {
			name string
			next func() *http.Request
		}{{"ours", ours}, {"static", plain}} {
			a, err := hammer(opts.connections, opts.slice, len(page.body), way.next)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", way.name, err)
			}
			if round > 0 { // the first one warms up
				took[way.name] = append(took[way.name], a)
			}
		}
	}
	of := func(way string, f func(asked) float64) (all []float64) {
		for _, a := range took[way] {
			all = append(all, f(a))
		}
		return all
	}
	row := []string{coding, fmt.Sprintf("%.1f", float64(len(page.body))/1024)}
	var figures []string
	figuresOf := []struct {
		of     func(asked) float64
		format func(float64) string
	}{
		{func(a asked) float64 { return a.perSecond }, func(f float64) string { return strconv.Itoa(int(f)) }},
		{func(a asked) float64 { return a.quantile(0.5) }, inMilliseconds},
		{func(a asked) float64 { return a.quantile(0.99) }, inMilliseconds},
	}
	for _, f := range figuresOf {
		ours, static := of("ours", f.of), of("static", f.of)
		var ratios []float64
		for i := range ours {
			ratios = append(ratios, ours[i]/static[i])
		}
		row = append(row, spread{middle(ratios), slices.Min(ratios), slices.Max(ratios)}.String())
	}
	for _, way := range []string{"ours", "static"} {
		for _, f := range figuresOf {
			figures = append(figures, f.format(middle(of(way, f.of))))
		}
	}
	return append(row, figures...), nil
}

func inMilliseconds(ns float64) string { return fmt.Sprintf("%.2f", ns/1e6) }

// hammer asks for so long over so many connections, each one request after the
// other. Every answer is read to its end and has to be as long as it should.
func hammer(connections int, slice time.Duration, size int, next func() *http.Request) (asked, error) {
	transport := &http.Transport{MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections, DisableCompression: true}
	defer transport.CloseIdleConnections()
	var (
		mu     sync.Mutex
		all    asked
		failed error
		at     sync.WaitGroup
	)
	start := time.Now()
	for range connections {
		at.Go(func() {
			var waits []time.Duration
			var err error
			for err == nil && time.Since(start) < slice {
				mu.Lock()
				r := next()
				mu.Unlock()
				asked := time.Now()
				err = answered(transport, r, size)
				waits = append(waits, time.Since(asked))
			}
			mu.Lock()
			defer mu.Unlock()
			all.waits, failed = append(all.waits, waits...), cmp.Or(failed, err)
		})
	}
	at.Wait()
	all.perSecond = float64(len(all.waits)) / time.Since(start).Seconds()
	slices.Sort(all.waits)
	return all, failed
}

// answered asks and reads the answer. Times on a page, such as "2 min ago",
// make it a little longer or shorter.
func answered(transport *http.Transport, r *http.Request, size int) error {
	answer, err := transport.RoundTrip(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	n, err := io.Copy(io.Discard, answer.Body)
	if err == nil && (answer.StatusCode != http.StatusOK || int(n) < size*95/100 || int(n) > size*105/100) {
		err = fmt.Errorf("%s with %d bytes, want about %d", answer.Status, n, size)
	}
	return err
}

// page is one answer, to be given again.
type page struct {
	coding string
	body   []byte
}

// startStatic serves the page from memory in a process of its own.
func startStatic(p page) (base string, stop func(), err error) {
	file, err := os.CreateTemp("", "bench-page")
	if err != nil {
		return "", nil, err
	}
	defer os.Remove(file.Name()) // it is read before the address is told
	if _, err := file.Write(p.body); err != nil {
		return "", nil, err
	}
	if err := file.Close(); err != nil {
		return "", nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.Command(self, "static", "--", file.Name(), p.coding)
	cmd.Stderr = os.Stderr
	return startChild(cmd, "")
}

// static answers everything with the bytes of a file.
func static(out io.Writer, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("static: a file and a coding are needed")
	}
	body, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "http://%s\n", listener.Addr())
	length := strconv.Itoa(len(body))
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", length)
		if args[1] != "identity" {
			w.Header().Set("Content-Encoding", args[1])
		}
		_, _ = w.Write(body)
	})}
	return server.Serve(listener)
}
