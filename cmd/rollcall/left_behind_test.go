package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// secrets is every secret that this process has sent or was given over HTTP, by
// whichever test. What each demo and server leaves is searched for all of them
// when it stops; see TestSecrets for a walk that goes wrong on purpose.
var secrets = &spoils{forms: map[uint64][]form{}, kinds: map[string]string{}, count: map[string]int{}}

// spoils finds many secrets in one pass over a text.
type spoils struct {
	mu      sync.RWMutex
	kinds   map[string]string // of each secret
	count   map[string]int    // by kind
	forms   map[uint64][]form // by their last eight bytes
	likely  [1 << 20]bool     // by a hash of those
	started int               // demos and servers
}

// form is one way in which a secret could have been written.
type form struct{ kind, text string }

// shortest is the shortest secret: the words for people at the emulator, such
// as admin-agent, are none.
const shortest = 24

func (s *spoils) add(kind string, secret []byte) {
	if len(secret) < shortest {
		return
	}
	s.mu.RLock()
	_, known := s.kinds[string(secret)]
	s.mu.RUnlock()
	if known {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	text := string(secret)
	s.kinds[text] = kind
	s.count[kind]++
	written := []string{text, url.QueryEscape(text), base64.StdEncoding.EncodeToString(secret), base64.RawURLEncoding.EncodeToString(secret)}
	if raw, err := base64.RawURLEncoding.DecodeString(text); err == nil && kind == "cookie" {
		written = append(written, string(raw))
	}
	slices.Sort(written)
	for _, w := range slices.Compact(written) {
		tail := binary.LittleEndian.Uint64([]byte(w[len(w)-8:]))
		s.forms[tail] = append(s.forms[tail], form{kind, w})
		s.likely[likelyAt(tail)] = true
	}
}

func likelyAt(tail uint64) uint64 { return tail * 0x9e3779b97f4a7c15 >> 44 }

// find gives what of the secrets is in the text: the kind of each, and where.
func (s *spoils) find(text []byte) (found []string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	about := func(kind string, from, to int) {
		found = append(found, fmt.Sprintf("a %s: …%q…", kind, text[max(0, from-120):min(len(text), to+20)]))
	}
	for end := 8; end <= len(text); end++ {
		tail := binary.LittleEndian.Uint64(text[end-8:])
		if !s.likely[likelyAt(tail)] {
			continue
		}
		for _, f := range s.forms[tail] {
			if from := end - len(f.text); from >= 0 && string(text[from:end]) == f.text {
				about(f.kind, from, end)
			}
		}
	}
	if at := bytes.Index(text, []byte("eyJhbGciOi")); at >= 0 { // every JSON web token begins like that
		about("token", at, at+40)
	}
	return found
}

// keys are the words in texts that are the key to a row: those whose hash is in
// them, too, as that of a cookie is the session's ID.
func keysAmong(texts ...[]byte) (found []string) {
	words := map[string]bool{}
	for _, text := range texts {
		begin := 0
		for i := 0; i <= len(text); i++ {
			if i < len(text) && wordByte[text[i]] {
				continue
			}
			if i-begin == 43 {
				words[string(text[begin:i])] = true
			}
			begin = i + 1
		}
	}
	for w := range words {
		raw, err := base64.RawURLEncoding.DecodeString(w)
		if err != nil {
			continue
		}
		if sum := sha256.Sum256(raw); words[base64.RawURLEncoding.EncodeToString(sum[:])] {
			found = append(found, w)
		}
	}
	return found
}

var wordByte = func() (is [256]bool) {
	for _, b := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") {
		is[b] = true
	}
	return is
}()

// left looks at what a program leaves that is about to stop: its log, and the
// files in its folder.
func (s *spoils) left(t testing.TB, log string, folder string) {
	t.Helper()
	s.mu.Lock()
	s.started++
	s.mu.Unlock()
	texts := [][]byte{[]byte(log)}
	names := []string{"the log"}
	if err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		texts, names = append(texts, content), append(names, filepath.Base(path))
		return err
	}); err != nil {
		t.Errorf("what was left: %v", err)
	}
	for i, text := range texts {
		for _, found := range s.find(text) {
			t.Errorf("%s holds %s", names[i], found)
		}
	}
	for _, key := range keysAmong(texts...) {
		t.Errorf("the cookie of a session lies about: %s", key)
	}
}

// enough tells what is wrong when many programs ran and hardly a secret was seen.
func (s *spoils) enough() error {
	for _, kind := range []string{"access_token", "refresh_token", "id_token", "code", "code_verifier", "client_secret"} {
		if s.started >= 20 && s.count[kind] < s.started/4 {
			return fmt.Errorf("%d programs ran, and %d secrets of the kind %s were seen: too little was looked for", s.started, s.count[kind], kind)
		}
	}
	return nil
}

// listen has all HTTP clients of the process tell of secrets.
func (s *spoils) listen() {
	transport := http.DefaultTransport.(*http.Transport)
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &watched{Conn: conn, spoils: s}, nil
	}
}

// watched is a connection of which secrets are kept, and nothing else.
type watched struct {
	net.Conn
	*spoils
}

var (
	bearerIs  = []byte("\r\nAuthorization: Bearer ")
	basicIs   = []byte("\r\nAuthorization: Basic ")
	formIs    = []byte("grant_type=")
	tokenIs   = []byte(`_token"`)
	cookieIs  = []byte("\r\nSet-Cookie: ")
	ourCookie = regexp.MustCompile(`(?:__Host-)?rollcall[a-z-]*=([^;.\s]+)`)
	inForm    = regexp.MustCompile(`(?:^|[&\s])(code|code_verifier|refresh_token|client_secret)=([^&\s]+)`)
	inJSON    = regexp.MustCompile(`"(access_token|refresh_token|id_token)"\s*:\s*"([^"]+)"`)
)

func (w *watched) Write(p []byte) (int, error) {
	if _, rest, ok := bytes.Cut(p, bearerIs); ok {
		token, _, _ := bytes.Cut(rest, []byte("\r\n"))
		w.add("access_token", token)
	}
	if _, rest, ok := bytes.Cut(p, basicIs); ok {
		pair, _, _ := bytes.Cut(rest, []byte("\r\n"))
		plain, _ := base64.StdEncoding.DecodeString(string(pair)) // else it is no pair
		_, secret, _ := strings.Cut(string(plain), ":")
		w.add("client_secret", pair)
		w.add("client_secret", []byte(secret))
	}
	if bytes.Contains(p, formIs) {
		for _, m := range inForm.FindAllSubmatch(p, -1) {
			if value, err := url.QueryUnescape(string(m[2])); err == nil {
				w.add(string(m[1]), []byte(value))
			}
		}
	}
	return w.Conn.Write(p)
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if bytes.Contains(p[:n], tokenIs) {
		for _, m := range inJSON.FindAllSubmatch(p[:n], -1) {
			w.add(string(m[1]), m[2])
		}
	}
	if bytes.Contains(p[:n], cookieIs) {
		for _, m := range ourCookie.FindAllSubmatch(p[:n], -1) {
			w.add("cookie", m[1])
		}
	}
	return n, err
}

// TestSecretsAreFound: what is looked for is found, however it was written.
func TestSecretsAreFound(t *testing.T) {
	s := &spoils{forms: map[uint64][]form{}, kinds: map[string]string{}, count: map[string]int{}}
	raw := sha256.Sum256([]byte("a cookie"))
	cookie := base64.RawURLEncoding.EncodeToString(raw[:])
	const code = "a code/with signs+and = more of them"
	s.add("code", []byte(code))
	s.add("cookie", []byte(cookie))
	s.add("access_token", []byte("admin-agent"))
	for text, want := range map[string]int{
		"nothing of the kind admin-agent":               0,
		"code=" + code + ";":                            1,
		code[1:]:                                        0,
		url.QueryEscape(code) + " " + code:              2,
		base64.StdEncoding.EncodeToString([]byte(code)): 1,
		"x" + cookie:                                    1,
		string(raw[:]):                                  1,
		"eyJhbGciOiJub25lIn0.e30.":                      1,
		strings.Repeat("long ", 1e5) + cookie + strings.Repeat(" long", 1e5): 1,
	} {
		if found := s.find([]byte(text)); len(found) != want {
			t.Errorf("in %.60q: %q, want %d", text, found, want)
		}
	}
	sum := sha256.Sum256(raw[:])
	id := base64.RawURLEncoding.EncodeToString(sum[:])
	if found := keysAmong([]byte("id="+id+" "), []byte("given "+cookie)); len(found) != 1 || found[0] != cookie {
		t.Errorf("keys: %q", found)
	}
	if found := keysAmong([]byte(id), []byte(cookie+"A "+cookie[1:])); len(found) != 0 {
		t.Errorf("what is no key: %q", found)
	}
}
