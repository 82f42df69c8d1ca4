package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestDistIsFresh(t *testing.T) {
	want, err := build("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range stale("../dist", want) {
		t.Errorf("dist/%s is not what the sources make: run go generate ./static and commit what changes", name)
	}
}

func TestStaleNoticesEachKind(t *testing.T) {
	want := map[string][]byte{"same.css": []byte("a"), "other.css": []byte("b"), "missing.css": []byte("c")}
	dir := t.TempDir()
	write(t, dir, "same.css", "a")
	write(t, dir, "other.css", "old")
	write(t, dir, "left-over.css", "x")
	got := stale(dir, want)
	if len(got) != 3 || got[0] != "missing.css" || got[1] != "other.css" || got[2] != "left-over.css" {
		t.Errorf("stale = %v, want missing.css, other.css and left-over.css", got)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
