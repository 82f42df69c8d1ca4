package partnercenter

import (
	"context"
	"crypto/rand"
	"encoding/hex"
)

type correlationKey struct{}

// WithCorrelationID gives every call under the returned context the
// correlation ID id, sent as MS-CorrelationId: one ID for one user action,
// however many calls it takes. id is a GUID, as [NewID] makes; a call under a
// context whose ID is not one is sent with a fresh ID.
//
// Source: "Partner Center REST headers" and the official SDKs' scopes.
func WithCorrelationID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, correlationKey{}, id)
}

// CorrelationID is the ID that [WithCorrelationID] put in ctx, or "".
func CorrelationID(ctx context.Context) string {
	id, _ := ctx.Value(correlationKey{}).(string)
	return id
}

// NewID makes a random GUID (version 4), in lower case with hyphens.
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
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
