package web

import (
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-app/rollcall/internal/preferences"
)

// TestQuotedWordsComeBack has a real shell read what was quoted.
func TestQuotedWordsComeBack(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err) // every machine that builds this has one
	}
	for _, word := range []string{"", "jan", "-rf", "it's", `$(id) ${HOME} "x" \ ! ; & | < > * ? [a] ~ #`, "a\nb", "müller  佐藤", "'", "''", "-", "a=b"} {
		out, err := exec.Command(sh, "-c", "printf %s "+quoted(word)).Output()
		must(t, err)
		if string(out) != word {
			t.Errorf("quoted(%q) = %s, which a shell reads as %q", word, quoted(word), out)
		}
	}
}

func TestRollcallLineSaysTheView(t *testing.T) {
	const id = "9d3f6b1e-0c42-4e7a-b8a5-51f0c7e2d916"
	for query, want := range map[string]struct {
		line string
		left []string
	}{
		"":                                       {"rollcall users list " + id + " --sort name", nil},
		"q=o'brien jan&synced=yes&guest=no":      {"rollcall users list " + id + ` --search 'o'\''brien jan' --synced --guest=false --sort name`, nil},
		"location=DE&location=none&domain=a.org": {"rollcall users list " + id + " --location DE --location none --domain a.org --sort name", nil},
		"license=none&sort=-upn":                 {"rollcall users list " + id + " --unlicensed --sort '-upn'", nil},
		"license=none&license=" + id + "&columns=phone,roles": {
			"rollcall users list " + id + " --license " + id + " --license none --sort name --columns upn,name,phone,roles", nil},
		"plan=" + id + "&role=" + id + "&sort=roles&columns=user": {"rollcall users list " + id + " --plan " + id + " --role " + id + " --sort roles --columns upn,name", nil},
		"only=selected": {"rollcall users list " + id + " --sort name", []string{"that nobody is selected"}},
	} {
		v, err := url.ParseQuery(query)
		must(t, err)
		command := usersList{ask: parseUsersAsk(v, lookOf(preferences.Settings{}))}.command(id)
		if diff := cmp.Diff(want.line, command.rollcall()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
		if diff := cmp.Diff(want.left, command.left); diff != "" {
			t.Errorf("%s, what is left (-want +got):\n%s", query, diff)
		}
	}
	if line := (usersList{}).command(id).curl("https://api.example"); strings.Count(line, "'") != 4 || !strings.Contains(line, `"Authorization: Bearer $TOKEN"`) {
		t.Errorf("curl: %s", line)
	}
}
