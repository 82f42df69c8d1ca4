package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// sizeRounds is how often each answer is asked for.
const sizeRounds = 9

// size looks once at a customer of many users, as a person does: it is opened
// and read, searched, narrowed, sorted and exported. Times are of the whole
// request, at rollcall serve in a process of its own.
func size(out io.Writer, opts options) error {
	o, err := openOffice(opts)
	if err != nil {
		return err
	}
	defer o.close()
	fmt.Fprintf(out, "A customer of %d users at rollcall serve, %d pages of 500 at no latency. %s. Requests: the first, and the median of %d more.\n\n", opts.users, (opts.users+499)/500, machine(), sizeRounds)
	rows := [][]string{{"what", "took"}}
	tell := func(what, format string, args ...any) {
		rows = append(rows, []string{what, fmt.Sprintf(format, args...)})
	}

	idle, _, err := o.resident()
	if err != nil {
		return err
	}
	const list = "/customers/" + emulator.NorthwindID + "/users"
	began := time.Now()
	var first, all time.Duration
	if err := within(5*time.Minute, func() bool {
		body, _, err := o.get(0, list+"?columns=user")
		if err == nil && first == 0 && bytes.Contains(body, []byte(`id="u-`)) {
			first = time.Since(began)
		}
		all = time.Since(began)
		return err == nil && first > 0 && !bytes.Contains(body, []byte("data-poll"))
	}); err != nil {
		return fmt.Errorf("the users are never all read: %w", err)
	}
	read, _, err := o.resident()
	if err != nil {
		return err
	}
	tell("the first rows", "%.1f s", first.Seconds())
	tell("all read", "%.1f s", all.Seconds())

	for person := range o.people { // each earns the right to see them
		if _, _, err := o.get(person, list+"?columns=user"); err != nil {
			return err
		}
	}
	for _, query := range []string{"q=e", "q=an", "q=mull", "q=m%C3%BCller", "q=jan+de", "q=xyzzy", "synced=yes", "location=DE", "location=none&guest=no", "sort=location", "sort=-synced", "sort=domain", "sort=upn"} {
		once, took, err := o.often(list + "?" + query + "&columns=user")
		if err != nil {
			return err
		}
		text, _ := url.QueryUnescape(query)
		tell(text, "%s ms; the first time %s", inMilliseconds(took), inMilliseconds(float64(once))+" ms")
	}
	searched, _, err := o.resident()
	if err != nil {
		return err
	}
	for _, format := range []string{"csv", "json", "xlsx"} {
		began := time.Now()
		body, answer, err := o.get(0, list+"."+format+"?columns=location,domain,synced")
		if err != nil {
			return err
		}
		if !strings.HasPrefix(answer.Header.Get("Content-Disposition"), "attachment") {
			return fmt.Errorf("export: %s without a file", answer.Status)
		}
		tell("export as "+format+", without licenses", "%.1f s, %d MB", time.Since(began).Seconds(), len(body)/1e6)
	}
	after, most, err := o.resident()
	if err != nil {
		return err
	}
	tell("the process, resident", "%d MB idle, %d when all is read, %d after searches and sorts, %d after exports, %d at most", idle, read, searched, after, most)
	return table(out, rows)
}

// often asks the people in turn, and gives the first time and the median of
// the others.
func (o *office) often(path string) (once time.Duration, median float64, err error) {
	var times []float64
	for round := range sizeRounds + 1 {
		began := time.Now()
		if _, _, err := o.get(round%len(o.people), path); err != nil {
			return 0, 0, err
		}
		if round == 0 {
			once = time.Since(began)
			continue
		}
		times = append(times, float64(time.Since(began)))
	}
	return once, middle(times), nil
}

// get reads an answer to its end; whatever is not done is an error.
func (o *office) get(person int, path string) ([]byte, *http.Response, error) {
	r := o.requestFor(person, path)
	r.Header.Set("Accept-Encoding", "identity")
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s to %s", path, answer.Status, answer.Header.Get("Location"))
	}
	return body, answer, err
}

// resident is the memory of rollcall serve in MB: now, and at its greatest.
func (o *office) resident() (now, most int, err error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(o.process), "status"))
	if err != nil {
		return 0, 0, fmt.Errorf("memory is read from Linux's /proc: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		kilobytes, _ := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")))
		switch name {
		case "VmRSS":
			now = kilobytes * 1024 / 1e6
		case "VmHWM":
			most = kilobytes * 1024 / 1e6
		}
	}
	return now, most, nil
}
