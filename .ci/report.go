//go:build ignore

// Report reads the events of go test -json and prints what a person wants to
// know: a line a package, the whole output of what failed, each skip, and the
// counts. What failed is said once more, without its logs, in the file that
// -failures names, for the end of a long run. It exits 1 when a test failed,
// when none ran, or, with CI=true, when one was skipped that the list of
// allowed skips doesn't name.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
)

type event struct {
	Action, Package, Test, Output, ImportPath, FailedBuild string
	Elapsed                                                float64
}

type test struct{ pkg, name string }

func main() {
	allowedFile := flag.String("allowed", "", "`file` that lists the skips allowed with CI=true")
	failuresFile := flag.String("failures", "", "`file` that is added what failed, and where")
	flag.Parse()
	allowed, err := readAllowed(*allowedFile)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	failures := io.Discard
	if *failuresFile != "" {
		f, err := os.OpenFile(*failuresFile, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		defer f.Close()
		failures = f
	}
	if !report(os.Stdin, os.Stdout, failures, allowed, os.Getenv("CI") == "true") {
		os.Exit(1)
	}
}

// complaint is a line that a test itself wrote, with where in its file, and
// what stands indented below it.
var complaint = regexp.MustCompile(`(?m)^ +\w+_test\.go:\d+: .*(?:\n {8,}.*)*`)

func report(in io.Reader, out, failures io.Writer, allowed map[test]bool, strict bool) bool {
	var passed, failed int
	var skips []test
	said := map[test]*strings.Builder{} // the output so far of what still runs
	ran := map[string]bool{}            // packages seen
	ok := true

	decoder := json.NewDecoder(bufio.NewReaderSize(in, 1<<20))
	for {
		var e event
		err := decoder.Decode(&e)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Fprintf(out, "the test events can't be read: %v\n", err)
			return false
		}
		key := test{e.Package, e.Test}
		switch e.Action {
		case "build-output":
			fmt.Fprint(out, e.Output)
		case "build-fail":
			ok = false
		case "output":
			if said[key] == nil {
				said[key] = new(strings.Builder)
			}
			said[key].WriteString(e.Output)
		case "pass", "fail", "skip":
			ran[e.Package] = true
			text := ""
			if said[key] != nil {
				text = said[key].String()
			}
			delete(said, key)
			switch {
			case e.Test == "":
				if e.Action == "fail" {
					ok = false
					fmt.Fprint(out, text)
				}
				fmt.Fprintf(out, "%-5s %s\t%.1fs\n", map[string]string{"pass": "ok", "fail": "FAIL", "skip": "?"}[e.Action], e.Package, e.Elapsed)
			case e.Action == "pass":
				passed++
			case e.Action == "fail":
				failed++
				ok = false
				fmt.Fprint(out, text)
				fmt.Fprintf(failures, "failed: %s %s (%.1f s)\n", e.Package, e.Test, e.Elapsed)
				for _, c := range complaint.FindAllString(text, 20) {
					fmt.Fprintln(failures, c)
				}
			case e.Action == "skip":
				skips = append(skips, key)
			}
		}
	}

	for _, skip := range skips {
		verdict := "skipped"
		if strict && !allowed[skip] {
			verdict, ok = "skipped, but .ci/skips.txt doesn't allow it", false
		}
		fmt.Fprintf(out, "%s: %s %s\n", verdict, skip.pkg, skip.name)
		delete(allowed, skip)
	}
	for left := range allowed {
		if strict && ran[left.pkg] {
			fmt.Fprintf(out, "not skipped any more, take it off .ci/skips.txt: %s %s\n", left.pkg, left.name)
			ok = false
		}
	}
	if passed+failed == 0 {
		fmt.Fprintln(out, "no test ran")
		ok = false
	}
	fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", passed, failed, len(skips))
	return ok
}

func readAllowed(path string) (map[test]bool, error) {
	allowed := map[test]bool{}
	if path == "" {
		return allowed, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(data)) {
		line, _, _ = strings.Cut(line, "#")
		switch fields := strings.Fields(line); len(fields) {
		case 0:
		case 2:
			allowed[test{fields[0], fields[1]}] = true
		default:
			return nil, fmt.Errorf("%s: %q: write a package, a space and a test's name", path, strings.TrimSpace(line))
		}
	}
	return allowed, nil
}
