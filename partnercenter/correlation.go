package partnercenter

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"hash/maphash"
	"sync"
)

type correlationKey struct{}

// WithCorrelationID gives every call under the returned context the
// correlation ID id, sent as MS-CorrelationId: one ID for one user action,
// however many calls it takes. id is a GUID, as [NewID] makes; a call under a
// context whose ID is not one is sent with a fresh ID instead.
//
// Source: "Partner Center REST headers", and the official SDKs' scopes, which
// the recorded exchanges follow.
func WithCorrelationID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, correlationKey{}, id)
}

// CorrelationID is the ID that [WithCorrelationID] put in ctx, or "".
func CorrelationID(ctx context.Context) string {
	id, _ := ctx.Value(correlationKey{}).(string)
	return id
}

// correlated makes sure that ctx has a correlation ID that can be sent.
func correlated(ctx context.Context) context.Context {
	if ValidID(CorrelationID(ctx)) {
		return ctx
	}
	return WithCorrelationID(ctx, NewID())
}

type requestKey struct{}

// givenID is a request ID that the caller chose, and the change it is for.
type givenID struct {
	id string

	mu     sync.Mutex
	change uint64 // hash of the change it was first used for; 0 before
}

// WithRequestID has the change that is made under the returned context sent
// with id as its MS-RequestId, a GUID as [NewID] makes. It is for two cases:
// to know the ID before a byte is sent, so that it can be written down; and to
// repeat a change that failed with [ErrUnknownOutcome] under the ID of the
// first time, which its [Error] has. That Partner Center does a change once
// however often that ID comes is what its documentation suggests and nobody
// has shown: read back first, and count on the ID for nothing.
//
// The ID is for one change. Another change under the same context is refused
// with [ErrBadRequest], nothing sent; reads take no notice of it.
//
// Source: "Partner Center REST headers".
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, &givenID{id: id})
}

// RequestID is the ID that [WithRequestID] put in ctx, or "".
func RequestID(ctx context.Context) string {
	if given, ok := ctx.Value(requestKey{}).(*givenID); ok {
		return given.id
	}
	return ""
}

var changeSeed = maphash.MakeSeed()

// requestID is the ID to send the call with.
func (k call) requestID(ctx context.Context) (string, error) {
	given, ok := ctx.Value(requestKey{}).(*givenID)
	if !ok || !k.changes() {
		return NewID(), nil
	}
	if !ValidID(given.id) {
		return "", badID(k.op, "request", given.id)
	}
	var h maphash.Hash
	h.SetSeed(changeSeed)
	for _, part := range []string{k.method, k.path, string(k.body)} {
		_, _ = h.WriteString(part)
		_ = h.WriteByte(0)
	}
	change := max(h.Sum64(), 1)

	given.mu.Lock()
	defer given.mu.Unlock()
	if given.change != 0 && given.change != change {
		return "", badOption(k.op, "the request ID of the context belongs to another change")
	}
	given.change = change
	return given.id, nil
}

// NewID makes a random GUID (version 4), in lower case with hyphens.
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // cannot fail since Go 1.24
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var text [36]byte
	hex.Encode(text[0:8], b[0:4])
	hex.Encode(text[9:13], b[4:6])
	hex.Encode(text[14:18], b[6:8])
	hex.Encode(text[19:23], b[8:10])
	hex.Encode(text[24:36], b[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

// ValidID reports whether id is a GUID as Partner Center writes them: 32
// hexadecimal digits of either case with hyphens, nothing around them.
func ValidID(id string) bool { return guid(id) }

func guid[T string | []byte](id T) bool {
	if len(id) != 36 {
		return false
	}
	for i := range 36 {
		switch c := id[i]; i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
				return false
			}
		}
	}
	return true
}
