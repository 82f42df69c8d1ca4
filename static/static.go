// Package static is what the browser loads: one style sheet, one script, the
// icons and the font, built into dist and embedded in the program.
//
//	css/ js/ vendor/ fonts/ icons.svg ── go generate ./static ──▶ dist/app-HASH.css (.br, .gz), manifest.json
//	                                     (build, go tool esbuild)
//
// A file's name holds the hash of its bytes, so it never changes and is kept
// for ever; pages ask for it by [Path]. TestDistIsFresh fails when dist is
// older than its sources.
package static

import (
	"embed"
	"encoding/json"
	"fmt"
	"sync"
)

//go:generate go run ./build

//go:embed dist
var dist embed.FS

// Prefix is where the files are served.
const Prefix = "/static/"

// Path is the address of a file by its plain name: Path("app.css") is
// "/static/app-4N5JPQSV.css". It panics for a name that was not built: that
// is a mistake in a template, seen before any request.
func Path(name string) string {
	hashed, ok := manifest()[name]
	if !ok {
		panic(fmt.Sprintf("static: there is no %q; see static/build for what is built", name))
	}
	return Prefix + hashed
}

// manifest maps plain names to hashed ones.
var manifest = sync.OnceValue(func() map[string]string {
	data, err := dist.ReadFile("dist/manifest.json")
	if err != nil {
		panic(err)
	}
	names := map[string]string{}
	if err := json.Unmarshal(data, &names); err != nil {
		panic(err)
	}
	return names
})
