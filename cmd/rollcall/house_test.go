package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// module is the path that all our import paths begin with.
const module = "github.com/rollcall-app/rollcall"

// rooms is the plan of the house: each room, and the rooms it may import
// directly. A package belongs to the room with the longest matching name, and
// a room may always import its own packages. Why the table is as it is:
// docs/architecture.md.
var rooms = map[string][]string{
	"cmd/rollcall": {
		"web", "views", "internal/changes", "auth", "internal/directory", "internal/audit", "internal/preferences", "internal/seats",
		"internal/store", "internal/config", "internal/export", "static", "partnercenter", "partnercenter/emulator", "auth/demoidp",
	},
	"web": {
		"views", "internal/changes", "auth", "internal/directory", "internal/audit", "internal/preferences", "internal/seats",
		"internal/config", "internal/export", "static", "partnercenter", "partnercenter/emulator", "auth/demoidp",
	},
	"views":                  {"static"},
	"internal/changes":       {"auth", "partnercenter", "internal/directory", "internal/audit", "internal/store"},
	"auth":                   {"partnercenter", "internal/audit", "internal/store"},
	"internal/directory":     {"partnercenter"},
	"internal/audit":         {"internal/store"},
	"internal/preferences":   {"internal/store"},
	"internal/seats":         {"internal/store"},
	"internal/store":         nil,
	"internal/config":        nil,
	"internal/export":        nil,
	"internal/browsertest":   nil,
	"static":                 nil,
	"partnercenter":          nil,
	"partnercenter/emulator": {"partnercenter"},
	"auth/demoidp":           nil,
}

// standsAlone are the rooms that others import into programs of their own, with
// the prefixes of the foreign modules they may use beside the standard library.
var standsAlone = map[string][]string{
	"partnercenter": {"golang.org/x/"},
}

// topLevel is what may lie in the root, beside dot-files. A new name needs a
// record in docs/decisions.
var topLevel = []string{
	"go.mod", "go.sum", "cmd", "web", "views", "static", "partnercenter", "auth", "internal", "bench", "docs",
	".ci", "Dockerfile", "compose.yaml", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "LICENSE",
}

// pkg is the part of go list's answer that the plan is about.
type pkg struct {
	ImportPath string
	Imports    []string // direct, tests left out
}

func TestHouseKeepsItsPlan(t *testing.T) {
	root := moduleRoot(t)
	for _, breach := range breaches(listPackages(t, root)) {
		t.Error(breach)
	}
}

func TestHouseTopLevel(t *testing.T) {
	root := moduleRoot(t)
	for _, name := range strangers(topNames(t, root)) {
		t.Errorf("%s lies in the root, but the plan has no such name: put it in a room, or record why in docs/decisions and add it to topLevel", name)
	}
}

func TestHousePlanHasNoCircle(t *testing.T) {
	if circle := findCircle(rooms); circle != nil {
		t.Errorf("the plan itself goes in a circle: %s", strings.Join(circle, " → "))
	}
}

func TestHouseNoticesABreach(t *testing.T) {
	tests := map[string]struct {
		in   []pkg
		want []string
	}{
		"an empty house is in order": {},
		"an allowed import": {
			in: []pkg{{module + "/auth", []string{"context", module + "/internal/store"}}},
		},
		"a room may use its own packages": {
			in: []pkg{{module + "/web/middleware", []string{module + "/web/limits"}}},
		},
		"a page that reads the database": {
			in:   []pkg{{module + "/web", []string{module + "/internal/store"}}},
			want: []string{"web imports internal/store, which the plan doesn't allow"},
		},
		"a package below a room keeps the room's rules": {
			in:   []pkg{{module + "/views/icons", []string{module + "/auth"}}},
			want: []string{"views/icons imports auth, which the plan doesn't allow"},
		},
		"a room inside another has rules of its own": {
			in:   []pkg{{module + "/auth/demoidp", []string{module + "/auth"}}},
			want: []string{"auth/demoidp imports auth, which the plan doesn't allow"},
		},
		"a room nobody planned": {
			in:   []pkg{{module + "/internal/util", nil}},
			want: []string{"internal/util lies in no room of the plan"},
		},
		"an import of a room nobody planned": {
			in:   []pkg{{module + "/web", []string{module + "/internal/util"}}},
			want: []string{"web imports internal/util, which lies in no room of the plan"},
		},
		"two rooms that need each other, through packages that don't": {
			in: []pkg{
				{module + "/auth", []string{module + "/internal/audit"}},
				{module + "/internal/audit/words", []string{module + "/auth/names"}},
			},
			want: []string{
				"internal/audit/words imports auth/names, which the plan doesn't allow",
				"rooms go in a circle: auth → internal/audit → auth",
			},
		},
		"a foreign module in the SDK": {
			in:   []pkg{{module + "/partnercenter", []string{"net/http", "golang.org/x/sync/errgroup", "github.com/cenkalti/backoff/v5"}}},
			want: []string{"partnercenter imports github.com/cenkalti/backoff/v5, but stands alone (standard library and golang.org/x/)"},
		},
		"a foreign module elsewhere is nobody's business here": {
			in: []pkg{{module + "/web", []string{"github.com/labstack/echo/v4"}}},
		},
		"a name that only begins like a room": {
			in:   []pkg{{module + "/website", nil}},
			want: []string{"website lies in no room of the plan"},
		},
		"the root is no room": {
			in:   []pkg{{module, nil}},
			want: []string{". lies in no room of the plan"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, breaches(tt.in)); diff != "" {
				t.Errorf("breaches (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHouseNoticesAStranger(t *testing.T) {
	got := strangers([]string{"go.mod", "web", ".gitignore", ".ci", "pkg", "Makefile", "notes.txt"})
	if diff := cmp.Diff([]string{"pkg", "Makefile", "notes.txt"}, got); diff != "" {
		t.Errorf("strangers (-want +got):\n%s", diff)
	}
}

func TestHouseNoticesACircle(t *testing.T) {
	got := findCircle(map[string][]string{"a": {"b"}, "b": {"c"}, "c": {"d", "b"}, "d": nil})
	if diff := cmp.Diff([]string{"b", "c", "b"}, got); diff != "" {
		t.Errorf("findCircle (-want +got):\n%s", diff)
	}
}

// breaches tells each way in which packages leave the plan, sorted by package.
func breaches(packages []pkg) []string {
	var found []string
	graph := map[string][]string{}
	for _, p := range slices.SortedFunc(slices.Values(packages), func(a, b pkg) int { return strings.Compare(a.ImportPath, b.ImportPath) }) {
		name := short(p.ImportPath)
		from := roomOf(name)
		if from == "" {
			found = append(found, fmt.Sprintf("%s lies in no room of the plan", name))
			continue
		}
		for _, imported := range p.Imports {
			if !ours(imported) {
				if foreign, alone := standsAlone[from]; alone && !standard(imported) && !hasAnyPrefix(imported, foreign) {
					found = append(found, fmt.Sprintf("%s imports %s, but stands alone (standard library and %s)", name, imported, strings.Join(foreign, ", ")))
				}
				continue
			}
			to := roomOf(short(imported))
			switch {
			case to == "":
				found = append(found, fmt.Sprintf("%s imports %s, which lies in no room of the plan", name, short(imported)))
			case to == from:
			default:
				graph[from] = append(graph[from], to)
				if !slices.Contains(rooms[from], to) {
					found = append(found, fmt.Sprintf("%s imports %s, which the plan doesn't allow", name, short(imported)))
				}
			}
		}
	}
	if circle := findCircle(graph); circle != nil {
		found = append(found, "rooms go in a circle: "+strings.Join(circle, " → "))
	}
	return found
}

// strangers returns the names that the plan doesn't have in the root.
func strangers(names []string) []string {
	var found []string
	for _, name := range names {
		if !strings.HasPrefix(name, ".") && !slices.Contains(topLevel, name) {
			found = append(found, name)
		}
	}
	return found
}

// findCircle returns one circle of the graph, its first room repeated at the
// end, or nil.
func findCircle(graph map[string][]string) []string {
	done := map[string]bool{}
	var path, circle []string
	var walk func(string)
	walk = func(room string) {
		if i := slices.Index(path, room); i >= 0 && circle == nil {
			circle = append(slices.Clone(path[i:]), room)
		}
		if circle != nil || done[room] {
			return
		}
		path = append(path, room)
		for _, next := range graph[room] {
			walk(next)
		}
		path, done[room] = path[:len(path)-1], true
	}
	for _, room := range slices.Sorted(maps.Keys(graph)) {
		walk(room)
	}
	return circle
}

func roomOf(name string) string {
	for ; name != "." && name != ""; name = parent(name) {
		if _, ok := rooms[name]; ok {
			return name
		}
	}
	return ""
}

func parent(name string) string {
	i := strings.LastIndexByte(name, '/')
	return name[:max(i, 0)]
}

func ours(path string) bool { return path == module || strings.HasPrefix(path, module+"/") }

func short(path string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}

// standard reports whether path is of the standard library: only module paths
// have a dot in their first element.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func hasAnyPrefix(s string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}

// moduleRoot finds the folder of go.mod, and looks at every Go file below it so
// that a cached result of these tests ends with any change to one of them: what
// the go command reads on our behalf is not seen by the cache.
func moduleRoot(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") {
			_, err = os.Stat(path)
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func listPackages(t *testing.T, root string) []pkg {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(outputOf(t, root, "go", "list", "-e", "-json=ImportPath,Imports", "./...")))
	var packages []pkg
	for {
		var p pkg
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	if !slices.ContainsFunc(packages, func(p pkg) bool { return p.ImportPath == module+"/cmd/rollcall" }) {
		t.Fatalf("go list did not name this very package; it named %d others", len(packages))
	}
	return packages
}

// topNames are the names in the root that git knows or would take; where there
// is no git (an unpacked archive), all of them.
func topNames(t *testing.T, root string) []string {
	t.Helper()
	seen := map[string]bool{}
	if _, err := os.Stat(filepath.Join(root, ".git")); err == nil {
		files := outputOf(t, root, "git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
		for file := range strings.SplitSeq(strings.Trim(string(files), "\x00"), "\x00") {
			name, _, _ := strings.Cut(file, "/")
			seen[name] = true
		}
	} else {
		entries, err := os.ReadDir(root)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			seen[entry.Name()] = true
		}
	}
	if !seen["go.mod"] {
		t.Fatalf("the root's list has no go.mod: %v", slices.Sorted(maps.Keys(seen)))
	}
	return slices.Sorted(maps.Keys(seen))
}

func outputOf(t *testing.T, dir, name string, args ...string) []byte {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir = dir
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, stderr.String())
	}
	return out
}
