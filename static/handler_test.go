package static

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

func get(t *testing.T, method, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) []byte {
	t.Helper()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestHandlerSendsTheFormTheBrowserLikes(t *testing.T) {
	plain := body(t, get(t, "GET", Path("app.css")))
	if len(plain) == 0 {
		t.Fatal("app.css is empty")
	}
	tests := map[string]struct{ accept, want string }{
		"nothing said":            {"", ""},
		"gzip only":               {"gzip", "gzip"},
		"both":                    {"gzip, deflate, br, zstd", "br"},
		"brotli refused":          {"br;q=0, gzip", "gzip"},
		"all refused":             {"br;q=0, gzip;q=0.000", ""},
		"case and blanks":         {" BR ; Q=0.5 , gzip", "br"},
		"a weight that is not":    {"br;q=much", ""},
		"codings we do not have":  {"deflate, zstd", ""},
		"identity beside nothing": {"identity", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := get(t, "GET", Path("app.css"), "Accept-Encoding", tt.accept)
			if got := r.Header.Get("Content-Encoding"); got != tt.want {
				t.Fatalf("Accept-Encoding %q: sent %q, want %q", tt.accept, got, tt.want)
			}
			if got := unpack(t, tt.want, r.Body); !bytes.Equal(got, plain) {
				t.Errorf("unpacked %d bytes that are not the file's %d", len(got), len(plain))
			}
		})
	}
}

func unpack(t *testing.T, coding string, r io.Reader) []byte {
	t.Helper()
	switch coding {
	case "br":
		r = brotli.NewReader(r)
	case "gzip":
		zr, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		r = zr
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestHandlerHeaders(t *testing.T) {
	want := map[string]string{
		"app.css":          "text/css; charset=utf-8",
		"app.js":           "text/javascript; charset=utf-8",
		"icons.svg":        "image/svg+xml",
		"favicon.svg":      "image/svg+xml",
		"sans-latin.woff2": "font/woff2",
	}
	for name, contentType := range want {
		r := get(t, "GET", Path(name))
		if r.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", name, r.StatusCode)
		}
		if got := r.Header.Get("Content-Type"); got != contentType {
			t.Errorf("%s: Content-Type %q, want %q", name, got, contentType)
		}
		if got := r.Header.Get("Cache-Control"); !strings.Contains(got, "immutable") || !strings.Contains(got, "max-age=31536000") {
			t.Errorf("%s: Cache-Control %q is not for ever", name, got)
		}
		if got := r.Header.Get("Vary"); got != "Accept-Encoding" {
			t.Errorf("%s: Vary %q", name, got)
		}
	}
}

func TestHandlerKnowsWhatTheBrowserHas(t *testing.T) {
	tags := map[string]string{}
	for _, accept := range []string{"", "gzip", "br"} {
		tag := get(t, "GET", Path("app.js"), "Accept-Encoding", accept).Header.Get("ETag")
		if prior, seen := tags[tag]; seen {
			t.Errorf("%q and %q have one ETag, %s", prior, accept, tag)
		}
		tags[tag] = accept
		for _, header := range []string{tag, "W/" + tag, `"x", ` + tag, "*"} {
			r := get(t, "GET", Path("app.js"), "Accept-Encoding", accept, "If-None-Match", header)
			if r.StatusCode != http.StatusNotModified || len(body(t, r)) != 0 {
				t.Errorf("If-None-Match %s: status %d, want 304 and nothing", header, r.StatusCode)
			}
		}
		if r := get(t, "GET", Path("app.js"), "Accept-Encoding", accept, "If-None-Match", `"old"`); r.StatusCode != http.StatusOK {
			t.Errorf("an old ETag: status %d, want 200", r.StatusCode)
		}
	}
}

func TestHandlerRefuses(t *testing.T) {
	for _, path := range []string{"/static/", "/static/app.css", "/static/manifest.json", "/static/../static.go", "/static/dist/app.css", "/other"} {
		r := get(t, "GET", path)
		if r.StatusCode != http.StatusNotFound || r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: status %d, Cache-Control %q; want 404, no-store", path, r.StatusCode, r.Header.Get("Cache-Control"))
		}
	}
	if r := get(t, "POST", Path("app.css")); r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") == "" {
		t.Errorf("POST: status %d, want 405 with Allow", r.StatusCode)
	}
	if r := get(t, "HEAD", Path("app.css")); r.StatusCode != http.StatusOK || len(body(t, r)) != 0 || r.Header.Get("Content-Length") == "0" {
		t.Errorf("HEAD: status %d, want 200 with a length and no body", r.StatusCode)
	}
}

func TestPathPanicsForWhatIsNotBuilt(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("Path of a file that was not built didn't panic")
		}
	}()
	Path("no-such.css")
}

// The budgets of docs/performance: what the browser loads, compressed.
func TestBudgets(t *testing.T) {
	budgets := map[string]int{"app.js": 25_000, "app.css": 10_000, "icons.svg": 4_000, "sans-latin.woff2": 35_000}
	for name, budget := range budgets {
		size := len(body(t, get(t, "GET", Path(name), "Accept-Encoding", "gzip")))
		t.Logf("%-16s %6d of %d bytes", name, size, budget)
		if size > budget {
			t.Errorf("%s is %d bytes with gzip, budget %d", name, size, budget)
		}
	}
}
