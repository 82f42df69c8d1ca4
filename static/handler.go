package static

import (
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// Handler serves the files under [Prefix]: whole, compressed as the browser
// likes best, kept for ever. Whatever else is asked for is not found.
func Handler() http.Handler { return http.HandlerFunc(serve) }

// file is one file in the forms it can be sent in.
type file struct {
	contentType string
	etag        string
	forms       map[string][]byte // by content coding; "identity" is always there
}

// contentTypes are those of the files we build; the system's table could say otherwise.
var contentTypes = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
}

var files = sync.OnceValue(func() map[string]file {
	built := map[string]file{}
	for _, name := range manifest() {
		f := file{
			contentType: contentTypes[path.Ext(name)],
			etag:        strconv.Quote(strings.TrimSuffix(name, path.Ext(name))),
			forms:       map[string][]byte{},
		}
		for coding, suffix := range map[string]string{"identity": "", "br": ".br", "gzip": ".gz"} {
			if data, err := dist.ReadFile("dist/" + name + suffix); err == nil {
				f.forms[coding] = data
			}
		}
		built[name] = f
	}
	return built
})

func serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "Only GET and HEAD are answered here.", http.StatusMethodNotAllowed)
		return
	}
	f, ok := files()[strings.TrimPrefix(r.URL.Path, Prefix)]
	if !ok {
		h.Set("Cache-Control", "no-store")
		http.Error(w, "There is no such file.", http.StatusNotFound)
		return
	}
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	coding := choose(r.Header.Get("Accept-Encoding"), f.forms)
	etag := f.etag
	if coding != "identity" {
		etag = strings.TrimSuffix(f.etag, `"`) + "-" + coding + `"`
	}
	h.Set("ETag", etag)
	if matches(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.forms[coding]
	h.Set("Content-Type", f.contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if coding != "identity" {
		h.Set("Content-Encoding", coding)
	}
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // a browser that left is no one to tell
	}
}

// choose picks the smallest form that the Accept-Encoding header allows.
func choose(accept string, forms map[string][]byte) string {
	best := "identity"
	for part := range strings.SplitSeq(accept, ",") {
		coding, weight, _ := strings.Cut(part, ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		if form, ok := forms[coding]; ok && allowed(weight) && len(form) < len(forms[best]) {
			best = coding
		}
	}
	return best
}

// allowed tells whether a weight such as "q=0.5" is more than nothing.
func allowed(weight string) bool {
	q, ok := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(weight), " ", ""), "q=")
	if !ok {
		return true
	}
	v, err := strconv.ParseFloat(q, 64)
	return err == nil && v > 0
}

// matches tells whether an If-None-Match header names the tag.
func matches(header, etag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == etag || part == "*" {
			return true
		}
	}
	return false
}
