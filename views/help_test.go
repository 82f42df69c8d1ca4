package views

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestHelpNamesEachKey holds the help against the letters that act, and where
// g leads to.
func TestHelpNamesEachKey(t *testing.T) {
	source, err := os.ReadFile("../static/js/keys.js")
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, k := range keys {
		named = append(named, strings.ToLower(strings.Join(k.keys, " ")))
	}
	_, actions, _ := strings.Cut(string(source), "const actions = {")
	actions, destinations, _ := strings.Cut(actions, "const destinations = {")
	letters := regexp.MustCompile(`(?m)^  "?([a-z?/])"?:`).FindAllStringSubmatch(actions, -1)
	if len(letters) < 12 {
		t.Fatalf("only %d letters found in keys.js", len(letters))
	}
	for _, l := range letters {
		if !slices.ContainsFunc(named, func(n string) bool { return slices.Contains(strings.Fields(n), l[1]) }) {
			t.Errorf("the help doesn't name %s", l[1])
		}
	}
	places := regexp.MustCompile(`\b([a-z]): \(\)`).FindAllStringSubmatch(destinations, -1)
	if len(places) < 3 {
		t.Errorf("only %d places found that g leads to", len(places))
	}
	for _, p := range places {
		if !slices.Contains(named, "g "+p[1]) {
			t.Errorf("the help doesn't name g %s", p[1])
		}
	}
}
