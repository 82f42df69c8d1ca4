package partnercenter

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"net/url"
	"path"
	"strings"
)

// Continuation says where the next page starts: the next link's address and
// its MS-ContinuationToken together. It is opaque. Give it back, unchanged, to
// the List method it came from; "" means there is no next page. It is checked
// again when it is used, so one of another list, or a forged one, is refused.
// Partner Center keeps the token for a time it does not tell: minutes.
type Continuation string

const (
	maxPages        = 4000
	maxToken        = 8 << 10 // bytes
	maxLink         = 8 << 10
	continuationTag = "1."
)

// cursor is what a Continuation holds.
type cursor struct {
	path  string // of the list it belongs to, behind /v1
	query string
	token string // MS-ContinuationToken; may be empty where the query says it all
	page  int    // number of the page it fetches, from 2
	mark  uint64 // key of an earlier cursor, to recognise a circle
}

// key tells one cursor of a list from another.
func (c cursor) key() uint64 {
	h := fnv.New64a()
	h.Write([]byte(c.token))
	if c.token == "" {
		h.Write([]byte(c.query))
	}
	return h.Sum64()
}

func (c cursor) pack() Continuation {
	b := binary.AppendUvarint(nil, uint64(c.page))
	b = binary.LittleEndian.AppendUint64(b, c.mark)
	for _, text := range []string{c.path, c.query} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	b = append(b, c.token...)
	return Continuation(continuationTag + base64.RawURLEncoding.EncodeToString(b))
}

var errContinuation = errors.New("the continuation is not one of this list")

// unpack reads a continuation for the list at path.
func (c Continuation) unpack(path string) (cursor, error) {
	var cur cursor
	text, ok := strings.CutPrefix(string(c), continuationTag)
	if !ok || len(text) > 2*(maxLink+maxToken) {
		return cur, errContinuation
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return cur, errContinuation
	}
	number := func() int {
		v, n := binary.Uvarint(b)
		if n <= 0 || v > 1<<20 {
			b = nil
			return 0
		}
		b = b[n:]
		return int(v)
	}
	cur.page = number()
	if len(b) < 8 {
		return cur, errContinuation
	}
	cur.mark = binary.LittleEndian.Uint64(b)
	b = b[8:]
	for _, text := range []*string{&cur.path, &cur.query} {
		n := number()
		if n > len(b) {
			return cur, errContinuation
		}
		*text, b = string(b[:n]), b[n:]
	}
	cur.token = string(b)
	if cur.path != path || cur.page < 2 || cur.page > maxPages ||
		checkToken(cur.token) != nil || checkQuery(cur.query) != nil {
		return cur, errContinuation
	}
	return cur, nil
}

// wireLink is one of a collection's links. A key may stand in it once: which
// of two a reader takes must not be a matter of taste.
type wireLink struct {
	URI     once[string]       `json:"uri"`
	Method  once[string]       `json:"method"`
	Headers once[[]wireHeader] `json:"headers"`
}

type wireHeader struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type wireLinks struct {
	Next once[wireLink] `json:"next"`
}

// next makes the continuation that follows the page that was fetched by
// current, from that page's links. Of the link only the query and the
// MS-ContinuationToken are taken; its path must be the list's own once /v1,
// double slashes, dots and escapes are out of it. fallback is the body's
// continuationToken, for a link that brings none.
//
// Source: API facts 7.3; Partner-Center-PowerShell issues 379 and 384.
func (l wireLinks) next(current cursor, fallback string) (Continuation, error) {
	link := l.Next.value
	if link.URI.value == "" {
		return "", nil
	}
	if m := link.Method.value; m != "" && !strings.EqualFold(m, "GET") {
		return "", fmt.Errorf("the next link is no GET")
	}
	query, err := checkURI(link.URI.value, current.path)
	if err != nil {
		return "", err
	}
	token, err := tokenOf(link.Headers.value, fallback)
	if err != nil {
		return "", err
	}

	next := cursor{path: current.path, query: query, token: token, page: max(current.page, 1) + 1, mark: current.mark}
	if next.page > maxPages {
		return "", fmt.Errorf("there are more than %d pages", maxPages)
	}
	// Brent's way to find a circle: compare with the cursor before and with
	// one mark, which moves on at every power of two.
	key := next.key()
	if current.page > 1 && (key == current.key() || key == current.mark) {
		return "", errors.New("the next link repeats an earlier one")
	}
	if next.page&(next.page-1) == 0 {
		next.mark = key
	}
	return next.pack(), nil
}

// wantToken reports whether there is a next link that brings no token.
func (l wireLinks) wantToken() bool {
	next := l.Next.value
	token, err := tokenOf(next.Headers.value, "")
	return next.URI.value != "" && err == nil && token == ""
}

func tokenOf(headers []wireHeader, fallback string) (string, error) {
	token := ""
	for _, h := range headers {
		if !strings.EqualFold(h.Key, "MS-ContinuationToken") {
			continue
		}
		if token != "" {
			return "", errors.New("the next link has two continuation tokens")
		}
		token = h.Value
	}
	if token == "" {
		token = fallback
	}
	return token, checkToken(token)
}

func checkToken(token string) error {
	if len(token) > maxToken {
		return fmt.Errorf("the continuation token is longer than %d bytes", maxToken)
	}
	if !printable(token, '!') {
		return errors.New("the continuation token can't be a header")
	}
	return nil
}

func checkQuery(query string) error {
	if len(query) > maxLink || !printable(query, '!') || strings.Contains(query, "#") {
		return errors.New("the next link's query can't be sent")
	}
	return nil
}

// checkURI takes a link's address apart and gives its query as it stands, if
// its path is the list's own.
func checkURI(uri, own string) (query string, err error) {
	if len(uri) > maxLink {
		return "", fmt.Errorf("the next link is longer than %d bytes", maxLink)
	}
	given, query, _ := strings.Cut(uri, "?")
	if err := checkQuery(query); err != nil {
		return "", err
	}
	if !strings.EqualFold(normalPath(given), own) {
		return "", errors.New("the next link leads elsewhere than to the same list")
	}
	return query, nil
}

// normalPath brings a link's path to the form of call.path, for comparing:
// escapes out once, double slashes and dots out, /v1 off the front. A path that
// is not ASCII becomes "".
func normalPath(given string) string {
	plain, err := url.PathUnescape(given)
	if err != nil || !printable(plain, '!') {
		return ""
	}
	plain = path.Clean("/" + plain)
	if rest, ok := strings.CutPrefix(plain, "/v1/"); ok {
		plain = "/" + rest
	}
	return plain
}
