package partnercenter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"net/url"
	"path"
	"strings"
)

// once is a JSON value whose key may stand in its object once. encoding/json
// would take the last of several, or mix them.
type once[T any] struct {
	value T
	seen  bool
}

var errTwice = errors.New("a key stands twice where it may stand once")

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (o *once[T]) UnmarshalJSON(b []byte) error {
	if o.seen {
		return errTwice
	}
	o.seen = true
	return json.Unmarshal(b, &o.value)
}

// wireItems is a collection that is not paged.
type wireItems[T any] struct {
	Items once[[]T] `json:"items"`
}

// wirePage is a page of a paged collection. totalCount is not read: it counts
// this page only.
//
// Source: API facts 7.1.
type wirePage[T any] struct {
	wireItems[T]
	ContinuationToken once[string]    `json:"continuationToken"`
	Links             once[wireLinks] `json:"links"`
}

// decodePage is the plain decoder of pages, by encoding/json. The users pages
// have a faster one, which is tested against it.
func decodePage[T any](body []byte, current cursor) (items []T, next Continuation, err error) {
	var page wirePage[T]
	if err := json.Unmarshal(body, &page); err != nil {
		return nil, "", err
	}
	next, err = page.Links.value.next(current, page.ContinuationToken.value)
	if err == nil && page.Items.value == nil {
		err = errNoItems
	}
	return page.Items.value, next, err
}

var errNoItems = errors.New("the collection has no items")

// fetchItems fetches a collection that is not paged.
func fetchItems[T any](ctx context.Context, c *Client, k call) ([]T, error) {
	a, err := c.do(ctx, k)
	if err != nil {
		return nil, err
	}
	defer a.release()
	var page wireItems[T]
	if err := json.Unmarshal(a.body(), &page); err != nil {
		return nil, a.fail("%w", err)
	}
	if page.Items.value == nil {
		return nil, a.fail("%w", errNoItems)
	}
	return page.Items.value, nil
}

// fetchPage fetches a page of a paged collection.
func fetchPage[T any](ctx context.Context, c *Client, k call, after Continuation) ([]T, Continuation, *answer, error) {
	k, current, err := k.from(after)
	if err != nil {
		return nil, "", nil, err
	}
	a, err := c.do(ctx, k)
	if err != nil {
		return nil, "", nil, err
	}
	defer a.release()
	items, next, err := decodePage[T](a.body(), current)
	if err != nil {
		return nil, "", nil, a.fail("%w", err)
	}
	return items, next, a, nil
}

// fetchOne fetches a single resource.
func fetchOne[T any](ctx context.Context, c *Client, k call) (T, *answer, error) {
	var one T
	a, err := c.do(ctx, k)
	if err != nil {
		return one, nil, err
	}
	defer a.release()
	if body := bytes.TrimSpace(a.body()); len(body) == 0 || body[0] != '{' {
		return one, nil, a.fail("the body is no JSON object")
	}
	if err := json.Unmarshal(a.body(), &one); err != nil {
		return one, nil, a.fail("%w", err)
	}
	return one, a, nil
}

// from turns the call for a list's first page into the one for the page after.
func (k call) from(after Continuation) (call, cursor, error) {
	if after == "" {
		return k, cursor{path: k.path}, nil
	}
	current, err := after.unpack(k.path)
	if err != nil {
		return k, current, badOption(k.op, "%w", err)
	}
	k.query, k.token = current.query, current.token
	return k, current, nil
}

// all yields the items of page after page, all calls under one correlation ID.
func all[T any](ctx context.Context, op string, list func(context.Context, Continuation) ([]T, Continuation, error), id func(T) string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		ctx := correlated(ctx)
		var after Continuation
		var seen seenIDs
		for {
			items, next, err := list(ctx, after)
			if err == nil && next != "" && !seenNew(&seen, items, id) {
				err = nothingNew(ctx, op)
			}
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if after = next; after == "" {
				return
			}
		}
	}
}

func nothingNew(ctx context.Context, op string) *Error {
	return &Error{
		Op: op, CorrelationID: CorrelationID(ctx), kinds: []error{ErrBadResponse},
		cause: errors.New("a page with a next link has nothing that earlier pages had not"),
	}
}

// seenNew notes the items' IDs and reports whether one of them is new.
func seenNew[T any](seen *seenIDs, items []T, id func(T) string) bool {
	isNew := false
	for i := range items {
		if seen.add(id(items[i])) {
			isNew = true
		}
	}
	return isNew
}

// seenIDs remembers IDs in about 20 bits each, as a Bloom filter of growing
// layers: an ID may be taken for seen that is new, once in several thousand.
// That is for a guard against circles, which only asks whether a whole page
// brought nothing new, where exact sets would outweigh the users themselves.
type seenIDs struct {
	layers []seenLayer
	seed   maphash.Seed
}

type seenLayer struct {
	blocks [][8]uint64 // a cache line each
	room   int         // IDs it still takes
}

// add notes id and reports whether it was new.
func (s *seenIDs) add(id string) bool {
	if len(s.layers) == 0 {
		s.seed = maphash.MakeSeed()
	}
	h := maphash.String(s.seed, id)
	for i := range s.layers {
		if s.layers[i].has(h) {
			return false
		}
	}
	if n := len(s.layers); n == 0 || s.layers[n-1].room == 0 {
		room := 2000 << (2 * min(n, 5))
		s.layers = append(s.layers, seenLayer{blocks: make([][8]uint64, room*20/512), room: room})
	}
	s.layers[len(s.layers)-1].set(h)
	return true
}

// bits are where h's marks lie: one block, seven bits in it.
func (l *seenLayer) bits(h uint64) (block *[8]uint64, bits uint64) {
	hi := h >> 32 * uint64(len(l.blocks)) >> 32
	return &l.blocks[hi], h * 0x9e3779b97f4a7c15
}

func (l *seenLayer) has(h uint64) bool {
	block, bits := l.bits(h)
	for range 7 {
		if block[bits&7]&(1<<(bits>>3&63)) == 0 {
			return false
		}
		bits >>= 9
	}
	return true
}

func (l *seenLayer) set(h uint64) {
	block, bits := l.bits(h)
	l.room--
	for range 7 {
		block[bits&7] |= 1 << (bits >> 3 & 63)
		bits >>= 9
	}
}

// namesOther reports whether a self link names a customer other than the one
// asked for. Where that can't be told the answer is yes.
func namesOther(uri, customer string) bool {
	const mark = "/customers/"
	given, _, _ := strings.Cut(uri, "?")
	plain, err := url.PathUnescape(given)
	if err != nil || strings.ContainsAny(plain, "%\\") {
		return true
	}
	plain = path.Clean("/" + plain)
	for {
		at := indexFold(plain, mark)
		if at < 0 {
			return false
		}
		plain = plain[at+len(mark):]
		if named, _, _ := strings.Cut(plain, "/"); !strings.EqualFold(named, customer) {
			return true
		}
		plain = "/" + plain
	}
}

// indexFold is strings.Index without regard to the case of ASCII letters.
func indexFold(s, sub string) int {
	for i := 0; i+len(sub) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(sub)], sub) {
			return i
		}
	}
	return -1
}

// checkPageSize refuses what the service would refuse.
func checkPageSize(op string, size int) error {
	if size < 0 || size > largestPage {
		return badOption(op, "PageSize %d is not within 0 and %d", size, largestPage)
	}
	return nil
}

func pageSize(size int) string { return fmt.Sprintf("size=%d", size) }
