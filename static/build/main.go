// Command build makes static/dist from its sources: bundles and minifies with
// go tool esbuild, names each file by its hash, compresses it with Brotli and
// gzip, and writes manifest.json. Run it by go generate ./static.
//
//	go run ./static/build           writes static/dist
//	go run ./static/build -check    writes nothing; exits 1 if dist is stale
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

// entries are what pages load; what they refer to comes along.
var entries = []string{"css/app.css", "js/app.js", "icons.svg", "favicon.svg"}

// targets are the oldest browsers that the README promises.
const targets = "chrome125,edge125,firefox128,safari17.5"

func main() {
	check := flag.Bool("check", false, "compare only: exit 1 when static/dist is stale")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "static:", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	root, err := sources()
	if err != nil {
		return err
	}
	want, err := build(root)
	if err != nil {
		return err
	}
	dist := filepath.Join(root, "dist")
	if old := stale(dist, want); check {
		if len(old) > 0 {
			return fmt.Errorf("dist is stale (%s): run go generate ./static and commit what changes", strings.Join(old, ", "))
		}
		return nil
	}
	if err := os.RemoveAll(dist); err != nil {
		return err
	}
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	for name, data := range want {
		if err := os.WriteFile(filepath.Join(dist, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// sources is the folder of the sources: this one under go generate, else the module's.
func sources() (string, error) {
	for _, dir := range []string{".", "static", ".."} {
		if _, err := os.Stat(filepath.Join(dir, "css", "app.css")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("no css/app.css here: run it in the module or in its static folder")
}

// build makes all files of dist, by name.
func build(root string) (map[string][]byte, error) {
	out, err := os.MkdirTemp("", "rollcall-static-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(out)

	meta := filepath.Join(out, "meta.json")
	args := []string{
		"tool", "esbuild", "--bundle", "--minify", "--charset=utf8", "--log-level=warning", "--legal-comments=none",
		"--target=" + targets, "--loader:.svg=copy", "--loader:.woff2=file", "--format=iife",
		"--entry-names=[name]-[hash]", "--asset-names=[name]-[hash]", "--outdir=" + out, "--metafile=" + meta,
	}
	cmd := exec.Command("go", append(args, entries...)...)
	cmd.Dir = root
	if answer, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go tool esbuild: %w\n%s", err, answer)
	}

	manifest, err := names(meta)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, name := range manifest {
		data, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			return nil, err
		}
		files[name] = data
		if filepath.Ext(name) == ".woff2" {
			continue // compressed in itself
		}
		if files[name+".br"], err = packBrotli(data); err != nil {
			return nil, err
		}
		if files[name+".gz"], err = packGzip(data); err != nil {
			return nil, err
		}
	}
	files["manifest.json"], err = json.MarshalIndent(manifest, "", "\t")
	return files, err
}

// names reads from esbuild's metafile which plain name became which hashed one.
func names(meta string) (map[string]string, error) {
	data, err := os.ReadFile(meta)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Outputs map[string]struct {
			EntryPoint string
			Inputs     map[string]any
		}
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return nil, err
	}
	plain := map[string]string{}
	for output, from := range answer.Outputs {
		source := from.EntryPoint
		if source == "" && len(from.Inputs) == 1 { // a file that an entry refers to
			for input := range from.Inputs {
				source = input
			}
		}
		if source == "" {
			return nil, fmt.Errorf("esbuild made %s, and doesn't say from what", output)
		}
		plain[filepath.Base(source)] = filepath.Base(output)
	}
	return plain, nil
}

func packBrotli(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w := brotli.NewWriterLevel(&b, brotli.BestCompression)
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err := w.Close()
	return b.Bytes(), err
}

func packGzip(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// stale names the files of dist that are missing, different or too many.
func stale(dist string, want map[string][]byte) []string {
	var bad []string
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if have, err := os.ReadFile(filepath.Join(dist, name)); err != nil || !bytes.Equal(have, want[name]) {
			bad = append(bad, name)
		}
	}
	have, err := os.ReadDir(dist)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return append(bad, err.Error())
	}
	for _, entry := range have {
		if _, ok := want[entry.Name()]; !ok {
			bad = append(bad, entry.Name())
		}
	}
	return bad
}
