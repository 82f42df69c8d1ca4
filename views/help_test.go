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
	var named, alone []string
	for _, k := range keys {
		together := strings.ToLower(strings.Join(k.keys, " "))
		named = append(named, together)
		if !strings.HasPrefix(together, "ctrl ") && !strings.HasPrefix(together, "g ") { // else one key, or one or the other
			alone = append(alone, strings.Fields(together)...)
		}
	}
	_, actions, _ := strings.Cut(string(source), "const actions = {")
	actions, destinations, _ := strings.Cut(actions, "const destinations = {")
	letters := regexp.MustCompile(`(?m)^  "?([a-z?/])"?:`).FindAllStringSubmatch(actions, -1)
	if len(letters) < 12 {
		t.Fatalf("only %d letters found in keys.js", len(letters))
	}
	for _, l := range letters {
		if l[1] != "g" && !slices.Contains(alone, l[1]) {
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
