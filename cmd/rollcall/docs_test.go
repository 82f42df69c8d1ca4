package main

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

//go:generate go test -count=1 -run Test(CLIPageIs|ManualPagesAre)Fresh -update-cli .
var updateCLI = flag.Bool("update-cli", false, "rewrite docs/cli.md and docs/man")

func TestCLIPageIsFresh(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "cli.md")
	want := cliPage(t)
	if *updateCLI {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(have)); diff != "" {
		t.Errorf("docs/cli.md is stale (-want +got); run go generate ./cmd/rollcall:\n%s", diff)
	}
}

func TestManualPagesAreFresh(t *testing.T) {
	folder := filepath.Join("..", "..", "docs", "man")
	want := manualPages(t)
	if *updateCLI {
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range want {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	have := map[string]string{}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		have[entry.Name()] = string(text)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("docs/man is stale (-want +got); run go generate ./cmd/rollcall:\n%s", diff)
	}
}

// manualPages is a page for each command, by the name of its file.
func manualPages(t *testing.T) map[string]string {
	t.Helper()
	folder := t.TempDir()
	root := newRoot(&program{out: &bytes.Buffer{}, errOut: &bytes.Buffer{}})
	root.DisableAutoGenTag = true
	undated := time.Unix(0, 0).UTC()
	if err := doc.GenManTree(root, &doc.GenManHeader{Section: "1", Date: &undated, Source: "Rollcall", Manual: "Rollcall"}, folder); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		pages[entry.Name()] = strings.Replace(string(text), `"Jan 1970"`, `""`, 1)
	}
	return pages
}

// cliPage is the help of every command.
func cliPage(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`# Command line

<!-- Written by "go generate ./cmd/rollcall" from the commands' own help; changes here are lost. -->

A list goes to a terminal as a table, to a pipe as tab-separated lines without a header. Results go to stdout; messages and
progress to stderr. JSON is a contract: fields are added, never changed.

| exit code | means |
|---|---|
| 0 | done; also an empty list |
| 1 | failed |
| 2 | used wrongly |
| 3 | what was named isn't there |
| 4 | sign in first |
| 5 | refused |
| 8 | partly done: a list that stopped midway |
| 130 | interrupted |
`)
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Hidden {
			return
		}
		var help bytes.Buffer
		cmd.SetOut(&help)
		if err := cmd.Help(); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "\n## %s\n\n```text\n%s\n```\n", cmd.CommandPath(), strings.TrimSpace(help.String()))
		for _, below := range cmd.Commands() {
			walk(below)
		}
	}
	walk(newRoot(&program{out: &bytes.Buffer{}, errOut: &bytes.Buffer{}}))
	return b.String()
}

// TestEveryCommandExplainsItself holds the help of each to its form: one line,
// two examples that begin with the program, flags whose help starts small.
func TestEveryCommandExplainsItself(t *testing.T) {
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Hidden || cmd.Name() == "completion" {
			return
		}
		t.Run(cmd.CommandPath(), func(t *testing.T) {
			if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") {
				t.Errorf("the one line: %q", cmd.Short)
			}
			examples := strings.Split(strings.TrimSpace(cmd.Example), "\n")
			if len(examples) != 2 {
				t.Errorf("%d examples, want 2", len(examples))
			}
			for _, line := range examples {
				if !regexp.MustCompile(`^ *([A-Z_]+=\S+ )*rollcall `).MatchString(line) {
					t.Errorf("example %q", line)
				}
			}
			if cmd.Args == nil {
				t.Error("takes any arguments")
			}
			for line := range strings.Lines(cmd.Long) {
				if len(strings.TrimSpace(line)) > 90 {
					t.Errorf("a line of %d characters: %s", len(line), line)
				}
			}
		})
		for _, below := range cmd.Commands() {
			walk(below)
		}
	}
	walk(newRoot(&program{out: &bytes.Buffer{}, errOut: &bytes.Buffer{}}))
}

// TestReadmeDoorsOpen walks the four doors of the README against an emulator,
// but for the page, which the browser tests open.
func TestReadmeDoorsOpen(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(emulator.New(emulator.Options{BigUsers: 600}))
	defer server.Close()
	t.Setenv("ROLLCALL_API_URL", server.URL)
	t.Setenv("ROLLCALL_TOKEN", "admin-agent")

	t.Run("the command", func(t *testing.T) {
		commands := regexp.MustCompile(`(?m)^rollcall (users list .*?)( *[>#].*)?$`).FindAllStringSubmatch(string(readme), -1)
		if len(commands) != 2 {
			t.Fatalf("%d commands found", len(commands))
		}
		for i, want := range []string{"Daniel@dtdemocspcustomer005.onmicrosoft.com\tDaniel Tsai\tUS\n", "id,userPrincipalName,"} {
			out, errOut, code := cli(t, strings.Fields(commands[i][1])...)
			if code != exitDone || !strings.HasPrefix(out, want) {
				t.Errorf("%s: exit %d, %s\n%.200s", commands[i][0], code, errOut, out)
			}
		}
	})

	t.Run("Go", func(t *testing.T) {
		found := regexp.MustCompile("(?s)```go\n(.*?)```").FindSubmatch(readme)
		if found == nil {
			t.Fatal("no Go program found")
		}
		program := filepath.Join(t.TempDir(), "main.go")
		if err := os.WriteFile(program, found[1], 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), "go", "run", program).CombinedOutput()
		want := "Daniel@dtdemocspcustomer005.onmicrosoft.com Daniel Tsai\nadmin@dtdemocspcustomer005.onmicrosoft.com DT Demo CSP Customer 005\n"
		if err != nil || string(out) != want {
			t.Errorf("%v\n%s", err, out)
		}
	})

	t.Run("curl", func(t *testing.T) {
		found := regexp.MustCompile(`curl http://127\.0\.0\.1:8081(/\S+) \\\n +-H '(.*?): (.*?)' -H '(.*?): (.*?)'`).FindStringSubmatch(string(readme))
		if found == nil {
			t.Fatal("no curl command found")
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+found[1], nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(found[2], found[3])
		r.Header.Set(found[4], found[5])
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		var body bytes.Buffer
		if _, err := body.ReadFrom(answer.Body); err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode != http.StatusOK || !strings.Contains(body.String(), `"userPrincipalName":"Daniel@dtdemocspcustomer005.onmicrosoft.com"`) {
			t.Errorf("%s\n%s", answer.Status, body.String())
		}
	})
}

// TestDocsNameFilesThatExist follows every path and relative link in the pages
// that people read first.
func TestDocsNameFilesThatExist(t *testing.T) {
	root := filepath.Join("..", "..")
	pages := []string{"README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"}
	for _, pattern := range []string{"docs/*.md", "docs/decisions/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			name, err := filepath.Rel(root, path)
			if err != nil {
				t.Fatal(err)
			}
			pages = append(pages, name)
		}
	}
	inQuotes := regexp.MustCompile("`((?:auth|cmd|docs|internal|partnercenter|static|views|web)/[a-z0-9_./-]+|\\.ci/[a-z.-]+)`")
	inLink := regexp.MustCompile(`\]\(([^):#]+)(?:#[^)]*)?\)`)
	followed := 0
	for _, page := range pages {
		text, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		var paths []string
		for _, match := range inQuotes.FindAllStringSubmatch(string(text), -1) {
			paths = append(paths, match[1])
		}
		for _, match := range inLink.FindAllStringSubmatch(string(text), -1) {
			paths = append(paths, filepath.Join(filepath.Dir(page), match[1]))
		}
		for _, path := range paths {
			followed++
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("%s names %s, which isn't there", page, path)
			}
		}
	}
	if followed < 40 {
		t.Errorf("only %d paths followed; the patterns no longer find them", followed)
	}
}
