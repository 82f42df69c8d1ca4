package main

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rollcall-app/rollcall/internal/browsertest"
)

// TestLighthouse has Lighthouse look at the pages, as on a phone and as on a
// desktop, and wants all of its points for accessibility and best practices.
// Those for performance are reported by the full run: they waver with the machine.
func TestLighthouse(t *testing.T) {
	t.Parallel()
	chrome := browsertest.Path(t)
	script, err := filepath.Abs(filepath.Join("..", "..", ".ci", "lighthouse.mjs"))
	if err != nil {
		t.Fatal(err)
	}
	_, installed := os.Stat(filepath.Join(filepath.Dir(script), "node_modules", "lighthouse", "package.json"))
	node, found := exec.LookPath("node")
	if installed != nil || found != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(installed, found)
		}
		t.Skip("no Lighthouse: npm ci --prefix .ci installs it")
	}

	d := quietDemo(t, 2_000)
	client := d.signedIn(t, priya)
	fetch(t, client, d.users(users412, "")) // read before anybody looks
	user := regexp.MustCompile(`<a class="name" href="([^"]+)"`).FindStringSubmatch(fetch(t, client, d.users(users412, "")))
	if user == nil {
		t.Fatal("no user in the list")
	}
	home, err := url.Parse(d.url)
	if err != nil {
		t.Fatal(err)
	}
	type cookie struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	type page struct {
		Name    string   `json:"name"`
		URL     string   `json:"url"`
		Cookies []cookie `json:"cookies"`
	}
	var signedIn []cookie
	for _, c := range client.Jar.Cookies(home) {
		signedIn = append(signedIn, cookie{c.Name, c.Value})
	}
	pages := []page{
		{"sign-in", d.url + "/sign-in", []cookie{}},
		{"customers", d.url + "/customers", signedIn},
		{"users", d.users(users412, ""), signedIn},
		{"user", d.url + user[1], signedIn},
		{"settings", d.url + "/settings", signedIn},
	}
	ask, err := json.Marshal(map[string]any{"chrome": chrome, "pages": pages, "performance": os.Getenv("ROLLCALL_TEST_FULL") != ""})
	if err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), node, script)
	run.Stdin, run.Stderr = bytes.NewReader(ask), t.Output()
	answer, err := run.Output()
	if err != nil {
		t.Fatalf("Lighthouse: %v\n%s", err, answer)
	}

	seen := 0
	for line := range bytes.Lines(answer) {
		var r struct {
			Name, Form, At string
			Scores         map[string]int
			Faults         []string
		}
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		seen++
		t.Logf("%s, %s: %v", r.Name, r.Form, r.Scores)
		if r.Scores["accessibility"] != 100 || r.Scores["best-practices"] != 100 {
			t.Errorf("%s, %s: %s", r.Name, r.Form, strings.Join(r.Faults, "\n\t"))
		}
		for _, p := range pages {
			if p.Name == r.Name && p.URL != r.At {
				t.Errorf("%s led to %s", p.URL, r.At)
			}
		}
	}
	if seen != 2*len(pages) {
		t.Errorf("%d answers for %d pages", seen, len(pages))
	}
}
