package main

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// narrator tells each request and its answer, for --verbose: addresses, status,
// time and IDs, never a token or a body.
type narrator struct {
	base http.RoundTripper
	mu   sync.Mutex
	out  io.Writer
}

// narrate is the transport of --verbose.
func (p *program) narrate() http.RoundTripper {
	return &narrator{base: http.DefaultTransport, out: p.errOut}
}

// RoundTrip implements http.RoundTripper.
func (n *narrator) RoundTrip(r *http.Request) (*http.Response, error) {
	line := fmt.Sprintf("→ %s %s", r.Method, r.URL)
	if id := header(r.Header, "MS-RequestId"); id != "" {
		line += "  MS-RequestId " + id
	}
	n.say("%s", line)
	began := time.Now()
	answer, err := n.base.RoundTrip(r)
	took := time.Since(began).Round(time.Millisecond)
	if err != nil {
		n.say("← no answer to %s %s after %v: %v", r.Method, r.URL.Path, took, err)
		return nil, err
	}
	n.say("← %s  %s %s in %v", answer.Status, r.Method, r.URL.Path, took)
	return answer, nil
}

// say writes one line, whole even where several calls run side by side.
func (n *narrator) say(format string, args ...any) {
	line := visible(fmt.Sprintf(format, args...)) + "\n"
	n.mu.Lock()
	defer n.mu.Unlock()
	_, _ = io.WriteString(n.out, line)
}

// header reads a header in the spelling that Partner Center documents.
func header(h http.Header, name string) string {
	if values := h[name]; len(values) > 0 {
		return values[0]
	}
	return h.Get(name)
}
