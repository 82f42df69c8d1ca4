package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestContainerIsBare: what runs is one program on an empty image, as nobody in
// particular, on a file system that can't be written to.
func TestContainerIsBare(t *testing.T) {
	stage := runStage(t, readRoot(t, "Dockerfile"))
	if stage[0] != "FROM scratch" {
		t.Errorf("the image is made %s, want from scratch", stage[0])
	}
	user := ""
	for _, line := range stage[1:] {
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "USER":
			user = rest
		case "COPY":
			if !strings.HasPrefix(rest, "--from=build ") {
				t.Errorf("%s: files come from the build alone", line)
			}
		case "ENTRYPOINT", "CMD":
			if !strings.HasPrefix(rest, "[") {
				t.Errorf("%s: needs a shell", line)
			}
		case "ENV":
			if regexp.MustCompile(`(?i)secret|password|token|key`).MatchString(rest) {
				t.Errorf("%s: a secret in the image", line)
			}
		case "EXPOSE", "VOLUME":
		default:
			t.Errorf("%s: not in an image without shell and network", line)
		}
	}
	if !regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`).MatchString(user) {
		t.Errorf("it runs as user %q, want numbers other than 0, which need no file to be told from root", user)
	}
}

// TestComposeIsClosed: the example starts the same, with nothing else open.
func TestComposeIsClosed(t *testing.T) {
	services := block(readRoot(t, "compose.yaml"), "services:")
	rollcall, database := block(services, "rollcall:"), block(services, "database:")
	for _, line := range []string{"build: .", "read_only: true", "cap_drop:\n  - ALL", "security_opt:\n  - no-new-privileges:true", "tmpfs:\n  - /tmp", "stop_grace_period: 80s"} {
		if !strings.Contains("\n"+rollcall, "\n"+line) {
			t.Errorf("rollcall lacks %q:\n%s", line, rollcall)
		}
	}
	for _, line := range strings.Split(block(rollcall, "ports:"), "\n") {
		if !strings.HasPrefix(line, `- "127.0.0.1:`) {
			t.Errorf("a port for everybody: %s", line)
		}
	}
	if block(database, "ports:") != "" {
		t.Error("the database is open to the outside")
	}
	for name, service := range map[string]string{"rollcall": rollcall, "database": database} {
		if found := regexp.MustCompile(`(?m)^(privileged|user|cap_add|network_mode|pid|ipc|devices):.*|docker\.sock`).FindString(service); found != "" {
			t.Errorf("%s has %q", name, found)
		}
	}
	for _, line := range strings.Split(block(rollcall, "environment:"), "\n") {
		if name, value, _ := strings.Cut(line, ": "); regexp.MustCompile(`SECRET|KEY|PASSWORD|TOKEN`).MatchString(name) && !strings.HasPrefix(value, "/run/secrets/") {
			t.Errorf("%s: secrets come as files", line)
		}
	}
}

// readRoot is a file at the top, without comments and empty lines.
func readRoot(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(moduleRoot(t), name))
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(strings.TrimRight(line, "\n"), " # ")
		if trimmed := strings.TrimSpace(line); trimmed != "" && !strings.HasPrefix(trimmed, "#") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// runStage is the instructions of a Dockerfile's last stage, which is what runs.
func runStage(t *testing.T, dockerfile string) []string {
	t.Helper()
	lines := strings.Split(strings.ReplaceAll(dockerfile, "\\\n", ""), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if strings.HasPrefix(lines[i], "FROM ") {
			return lines[i:]
		}
	}
	t.Fatal("the Dockerfile has no FROM")
	return nil
}

// block is what stands below a key of a YAML mapping, moved to the left; "" if
// there is no such key.
func block(yaml, key string) string {
	lines := strings.Split(yaml, "\n")
	for i, line := range lines {
		if line != key {
			continue
		}
		var below []string
		indent := ""
		for _, line := range lines[i+1:] {
			if indent == "" {
				indent = line[:len(line)-len(strings.TrimLeft(line, " "))]
			}
			rest, ok := strings.CutPrefix(line, indent)
			if !ok || indent == "" {
				break
			}
			below = append(below, rest)
		}
		return strings.Join(below, "\n")
	}
	return ""
}
