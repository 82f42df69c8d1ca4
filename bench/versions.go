package main

import (
	"runtime/debug"
	"strings"
)

// versions names modules as they were linked in.
func versions(paths ...string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "versions unknown"
	}
	var named []string
	for _, path := range paths {
		for _, m := range info.Deps {
			if m.Path == path {
				named = append(named, path[strings.Index(path, "/")+1:]+" "+m.Version)
			}
		}
	}
	return strings.Join(named, ", ")
}
