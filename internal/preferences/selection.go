package preferences

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"sort"
	"sync"
	"time"
)

// The lists in which users are ticked. What is ticked in one is never seen in
// another, so that deleted users and others can't mix.
const (
	ListUsers   = "users"
	ListDeleted = "deleted"
)

// MostSelected is how many users can be ticked in one list.
const MostSelected = 250_000

// ErrTooMany is the error of a selection of more than MostSelected.
var ErrTooMany = errors.New("too many selected")

// selectionLife is how long a selection is kept after its last change: as long
// as a session lives. Who comes back next day begins anew.
const selectionLife = 12 * time.Hour

// Selection is the users that a person has ticked in a list of a customer. It
// never changes; the zero value is empty.
type Selection struct {
	ids []byte // idLength each, sorted
}

const idLength = 16

// Len is how many are ticked.
func (s Selection) Len() int { return len(s.ids) / idLength }

// Has reports whether a user is ticked.
func (s Selection) Has(id string) bool {
	if len(s.ids) == 0 {
		return false
	}
	key, ok := pack(id)
	if !ok {
		return false
	}
	at := sort.Search(s.Len(), func(i int) bool { return bytes.Compare(s.at(i), key[:]) >= 0 })
	return at < s.Len() && bytes.Equal(s.at(at), key[:])
}

// IDs are all of them, in the order of the IDs.
func (s Selection) IDs() []string {
	out := make([]string, s.Len())
	for i := range out {
		out[i] = unpack(s.at(i))
	}
	return out
}

func (s Selection) at(i int) []byte { return s.ids[i*idLength : (i+1)*idLength] }

// with is the selection with some added and others taken out.
func (s Selection) with(add, remove []string) (Selection, error) {
	out := make(map[[idLength]byte]struct{}, s.Len()+len(add))
	for i := range s.Len() {
		out[[idLength]byte(s.at(i))] = struct{}{}
	}
	for _, id := range add {
		if key, ok := pack(id); ok {
			out[key] = struct{}{}
		}
	}
	for _, id := range remove {
		if key, ok := pack(id); ok {
			delete(out, key)
		}
	}
	if len(out) > MostSelected {
		return s, ErrTooMany
	}
	return packed(out), nil
}

func packed(set map[[idLength]byte]struct{}) Selection {
	keys := make([][idLength]byte, 0, len(set))
	for key := range set {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b [idLength]byte) int { return bytes.Compare(a[:], b[:]) })
	ids := make([]byte, 0, len(keys)*idLength)
	for _, key := range keys {
		ids = append(ids, key[:]...)
	}
	return Selection{ids}
}

// pack is a GUID in sixteen bytes; what is none is not kept.
func pack(id string) (key [idLength]byte, ok bool) {
	if len(id) != 36 || id[8] != '-' || id[13] != '-' || id[18] != '-' || id[23] != '-' {
		return key, false
	}
	var digits [2 * idLength]byte
	n := 0
	for i := range len(id) {
		if i != 8 && i != 13 && i != 18 && i != 23 {
			digits[n] = id[i]
			n++
		}
	}
	_, err := hex.Decode(key[:], digits[:])
	return key, err == nil
}

func unpack(key []byte) string {
	text := hex.EncodeToString(key)
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// Selection is what the person has ticked in the list.
func (b *Book) Selection(ctx context.Context, person, customerID, list string) (Selection, error) {
	key := tickedKey{person, customerID, list}
	held, age := b.ticked.get(key, b.now())
	if held != nil && age <= fresh {
		return held.Selection, nil
	}
	known := int64(0)
	if held != nil {
		known = held.version
	}
	ids, version, err := b.rows.Selection(ctx, person, customerID, list, known, b.now().Add(-selectionLife))
	if err != nil {
		return Selection{}, err
	}
	next := heldSelection{Selection{ids}, version, b.now()}
	if version != 0 && version == known {
		next.Selection = held.Selection
	}
	b.ticked.put(key, next)
	return next.Selection, nil
}

// Select adds users to the selection and takes others out, and gives what it
// is then. IDs that are none are left out.
func (b *Book) Select(ctx context.Context, person, customerID, list string, add, remove []string) (Selection, error) {
	return b.changeSelection(ctx, person, customerID, list, func(old Selection) (Selection, error) { return old.with(add, remove) })
}

// SelectOnly makes the selection exactly these users.
func (b *Book) SelectOnly(ctx context.Context, person, customerID, list string, ids []string) (Selection, error) {
	return b.changeSelection(ctx, person, customerID, list, func(Selection) (Selection, error) { return Selection{}.with(ids, nil) })
}

func (b *Book) changeSelection(ctx context.Context, person, customerID, list string, change func(Selection) (Selection, error)) (Selection, error) {
	var next Selection
	version, err := b.rows.ChangeSelection(ctx, person, customerID, list, b.now().Add(-selectionLife), func(old []byte) ([]byte, error) {
		var err error
		next, err = change(Selection{old})
		return next.ids, err
	})
	if err != nil {
		return Selection{}, err
	}
	b.ticked.put(tickedKey{person, customerID, list}, heldSelection{next, version, b.now()})
	return next, nil
}

// ticked are the selections read of late.
type ticked struct {
	mu    sync.Mutex
	held  map[tickedKey]heldSelection
	bytes int
}

type tickedKey struct{ person, customerID, list string }

type heldSelection struct {
	Selection
	version int64
	read    time.Time
}

// What of selections is kept in memory; beyond it all are read again.
const (
	mostTicked      = 1000
	mostTickedBytes = 32 << 20
)

func (t *ticked) get(key tickedKey, now time.Time) (*heldSelection, time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	held, ok := t.held[key]
	if !ok {
		return nil, 0
	}
	return &held, now.Sub(held.read)
}

func (t *ticked) put(key tickedKey, s heldSelection) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held == nil || len(t.held) >= mostTicked || t.bytes+len(s.ids) > mostTickedBytes {
		t.held, t.bytes = map[tickedKey]heldSelection{}, 0
	}
	t.bytes += len(s.ids) - len(t.held[key].ids)
	t.held[key] = s
}
