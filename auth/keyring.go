package auth

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
)

// Purpose separates keys: what is sealed for one can't be opened for another.
type Purpose string

// The purposes that keys are derived for.
const (
	PurposeTokens   Purpose = "tokens"
	PurposeSessions Purpose = "sessions"
	PurposeForms    Purpose = "forms" // and sign-in attempts
	PurposeFiles    Purpose = "files"
	purposeTrail    Purpose = "trail"
	purposeID       Purpose = "key id"
)

var (
	// ErrNoKey is the error of something sealed with a key that is not in the ring.
	ErrNoKey = errors.New("auth: sealed with a key that is not here")
	// ErrSealingKey is the error of what the first key of a ring can't be used for.
	ErrSealingKey = errors.New("auth: it is the first key of the ring, which seals")
	// ErrSealed is the error of something that was changed, or moved to another place.
	ErrSealed = errors.New("auth: sealed text was changed or moved")
)

// Place is where something sealed lies. It can't be opened anywhere else.
type Place struct{ Table, Column, Row string }

const (
	keySize   = 32
	idSize    = 6
	nonceSize = 12
	sealedAs  = 1 // version of the sealed form
)

// KeyRing holds the keys that seal what the database keeps. The first seals,
// all open. To rotate: add a new key last, on every replica; then move it
// first; then [Service.Reseal]; then remove the old one, once
// [Service.KeysInUse] no longer counts it.
type KeyRing struct{ keys []ringKey }

type ringKey struct {
	id    string
	raw   [idSize]byte
	trail []byte
	seals map[Purpose]cipher.AEAD
}

// NewKeyRing makes a ring of keys of 32 random bytes each.
func NewKeyRing(keys ...[]byte) (*KeyRing, error) {
	if len(keys) == 0 {
		return nil, errors.New("auth: a key ring needs a key")
	}
	ring := &KeyRing{}
	for i, key := range keys {
		k, err := newRingKey(key)
		if err != nil {
			return nil, fmt.Errorf("key %d of the ring: %w", i+1, err)
		}
		for _, other := range ring.keys {
			if other.id == k.id {
				return nil, fmt.Errorf("key %d of the ring is there twice", i+1)
			}
		}
		ring.keys = append(ring.keys, k)
	}
	return ring, nil
}

func newRingKey(key []byte) (ringKey, error) {
	if len(key) != keySize {
		return ringKey{}, fmt.Errorf("it has %d bytes, not %d", len(key), keySize)
	}
	if bytes.Count(key, key[:1]) == keySize {
		return ringKey{}, errors.New("it is not random")
	}
	derive := func(p Purpose, size int) ([]byte, error) {
		return hkdf.Key(sha256.New, key, nil, "rollcall 1 "+string(p), size)
	}
	id, err := derive(purposeID, idSize)
	if err != nil {
		return ringKey{}, err
	}
	k := ringKey{id: hex.EncodeToString(id), raw: [idSize]byte(id), seals: map[Purpose]cipher.AEAD{}}
	if k.trail, err = derive(purposeTrail, keySize); err != nil {
		return ringKey{}, err
	}
	for _, p := range []Purpose{PurposeTokens, PurposeSessions, PurposeForms, PurposeFiles} {
		derived, err := derive(p, keySize)
		if err != nil {
			return ringKey{}, err
		}
		block, err := aes.NewCipher(derived)
		if err != nil {
			return ringKey{}, err
		}
		if k.seals[p], err = cipher.NewGCMWithRandomNonce(block); err != nil {
			return ringKey{}, err
		}
	}
	return k, nil
}

// ParseKeyRing reads the file of a ring: a key a line as [GenerateKey] writes
// it, the first first; empty lines and those with # are skipped. Errors name
// the line and never repeat it.
func ParseKeyRing(file []byte) (*KeyRing, error) {
	var keys [][]byte
	line := 0
	for text := range strings.Lines(string(file)) {
		line++
		if text = strings.TrimSpace(text); text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		key, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(text), "="))
		if err != nil || len(key) != keySize {
			return nil, fmt.Errorf("auth: line %d is not a key: %d bytes in base64, as rollcall keys generate writes it", line, keySize)
		}
		keys = append(keys, key)
	}
	return NewKeyRing(keys...)
}

// WithoutKey is the file of a ring without one key, by its ID; all other lines
// stay as they are. It fails where the key is not there, and where it is the
// one that seals.
func WithoutKey(file []byte, id string) ([]byte, error) {
	ring, err := ParseKeyRing(file)
	if err != nil {
		return nil, err
	}
	at := slices.Index(ring.IDs(), id)
	switch {
	case at < 0:
		return nil, fmt.Errorf("%w: %q", ErrNoKey, id)
	case at == 0:
		return nil, ErrSealingKey
	}
	var kept []byte
	for line := range bytes.Lines(file) {
		if text := bytes.TrimSpace(line); len(text) > 0 && text[0] != '#' {
			if at--; at < 0 {
				at = len(ring.keys) // it was this one
				continue
			}
		}
		kept = append(kept, line...)
	}
	return kept, nil
}

// GenerateKey makes a new key and writes it as a line of a ring's file.
func GenerateKey() string {
	var key [keySize]byte
	_, _ = rand.Read(key[:]) // never fails, by its contract
	return base64.RawURLEncoding.EncodeToString(key[:])
}

// IDs names the keys of the ring, the sealing one first. An ID tells nothing of its key.
func (r *KeyRing) IDs() []string {
	ids := make([]string, len(r.keys))
	for i, k := range r.keys {
		ids[i] = k.id
	}
	return ids
}

// TrailKeys are the keys of the trail: the one that signs, and the others.
func (r *KeyRing) TrailKeys() (key []byte, earlier [][]byte) {
	for _, k := range r.keys[1:] {
		earlier = append(earlier, bytes.Clone(k.trail))
	}
	return bytes.Clone(r.keys[0].trail), earlier
}

// Seal encrypts plain for a place with the first key, whose ID it tells.
func (r *KeyRing) Seal(p Purpose, at Place, plain []byte) (sealed []byte, keyID string) {
	k := r.keys[0]
	sealed = make([]byte, 0, 1+idSize+nonceSize+len(plain)+16)
	sealed = append(sealed, sealedAs)
	sealed = append(sealed, k.raw[:]...)
	return k.seals[p].Seal(sealed, nil, plain, at.data(k.id)), k.id
}

// Open decrypts what was sealed for a place, with whichever key sealed it.
func (r *KeyRing) Open(p Purpose, at Place, sealed []byte) ([]byte, error) {
	if len(sealed) < 1+idSize || sealed[0] != sealedAs {
		return nil, ErrSealed
	}
	id := [idSize]byte(sealed[1 : 1+idSize])
	for _, k := range r.keys {
		if k.raw == id {
			plain, err := k.seals[p].Open(nil, nil, sealed[1+idSize:], at.data(k.id))
			if err != nil {
				return nil, ErrSealed
			}
			return plain, nil
		}
	}
	return nil, ErrNoKey
}

// data is what is sealed along: table, column, row and key ID, each after its length.
func (p Place) data(keyID string) []byte {
	var data []byte
	for _, part := range []string{p.Table, p.Column, p.Row, keyID} {
		data = binary.BigEndian.AppendUint32(data, uint32(len(part)))
		data = append(data, part...)
	}
	return data
}

const redacted = "[redacted]"

// Format implements [fmt.Formatter], so that no verb reaches a key.
func (KeyRing) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String implements [fmt.Stringer].
func (KeyRing) String() string { return redacted }

// GoString implements [fmt.GoStringer].
func (KeyRing) GoString() string { return redacted }

// LogValue implements [slog.LogValuer].
func (KeyRing) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText implements [encoding.TextMarshaler].
func (KeyRing) MarshalText() ([]byte, error) { return []byte(redacted), nil }
