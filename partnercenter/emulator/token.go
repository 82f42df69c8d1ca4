package emulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strings"
	"time"
)

// tokenMaker makes and reads continuation tokens: a cursor and its birth, bound
// to the list's path by a MAC. A token is nobody's in particular.
type tokenMaker struct{ key [sha256.Size]byte }

const (
	tokenVersion  = 3
	tokenLife     = 5 * time.Minute
	tokenHead     = 1 + 8 + 2 + 4 + 8 + 8 + 1 + 1 + 1 // version, born, size, offset, from, to, order, field, more
	tokenMAC      = 16
	maxTokenBytes = tokenHead + maxFilterValue + tokenMAC
)

func newTokenMaker(seed uint64) tokenMaker {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], seed)
	return tokenMaker{key: sha256.Sum256(append([]byte("continuation token "), b[:]...))}
}

func (m tokenMaker) make(at cursor, path string, now time.Time) string {
	b := make([]byte, 0, maxTokenBytes)
	b = append(b, tokenVersion)
	b = binary.BigEndian.AppendUint64(b, uint64(now.Unix()))
	b = binary.BigEndian.AppendUint16(b, uint16(at.size))
	b = binary.BigEndian.AppendUint32(b, uint32(at.offset))
	b = binary.BigEndian.AppendUint64(b, uint64(at.span.from))
	b = binary.BigEndian.AppendUint64(b, uint64(at.span.to))
	b = append(b, byte(at.order), byte(at.filter.field), 0)
	if at.more {
		b[len(b)-1] = 1
	}
	b = append(b, at.filter.value...)
	return base64.StdEncoding.EncodeToString(append(b, m.mac(b, path)...))
}

// parse reads a token that this maker gave out for this path and that has not
// run out; every other gets the service's one answer to bad tokens.
func (m tokenMaker) parse(token, path string, now time.Time) (cursor, error) {
	bad := refuse(http.StatusBadRequest, codeInvalidInput)
	if base64.StdEncoding.DecodedLen(len(token)) > maxTokenBytes+2 {
		return cursor{}, bad
	}
	b, err := base64.StdEncoding.Strict().DecodeString(token)
	if err != nil || len(b) < tokenHead+tokenMAC || b[0] != tokenVersion {
		return cursor{}, bad
	}
	b, mac := b[:len(b)-tokenMAC], b[len(b)-tokenMAC:]
	if !hmac.Equal(mac, m.mac(b, path)) {
		return cursor{}, bad
	}
	born := time.Unix(int64(binary.BigEndian.Uint64(b[1:])), 0)
	if now.Sub(born) > tokenLife {
		return cursor{}, bad
	}
	return cursor{
		size:   int(binary.BigEndian.Uint16(b[9:])),
		offset: int(binary.BigEndian.Uint32(b[11:])),
		span:   span{int64(binary.BigEndian.Uint64(b[15:])), int64(binary.BigEndian.Uint64(b[23:]))},
		order:  order(b[31]),
		filter: filter{field(b[32]), string(b[tokenHead:])},
		more:   b[33] == 1,
	}, nil
}

func (m tokenMaker) mac(b []byte, path string) []byte {
	h := hmac.New(sha256.New, m.key[:])
	h.Write([]byte(strings.ToLower(path)))
	h.Write([]byte{0})
	h.Write(b)
	return h.Sum(nil)[:tokenMAC]
}
