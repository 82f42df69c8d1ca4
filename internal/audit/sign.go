package audit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/rollcall-app/rollcall/internal/store"
)

// beginning is what the first row has for the code of the row before it.
var beginning = make([]byte, sha256.Size)

// signer makes and checks the codes of rows.
type signer struct {
	id   string            // of the key that signs
	keys map[string][]byte // that check, by ID
}

func newSigner(key []byte, earlier [][]byte) (signer, error) {
	s := signer{keys: map[string][]byte{}}
	for _, k := range append([][]byte{key}, earlier...) {
		if len(k) < 32 {
			return signer{}, errors.New("audit: a key of the trail has fewer than 32 bytes")
		}
		s.keys[KeyID(k)] = k
	}
	s.id = KeyID(key)
	return s, nil
}

// KeyID names a key of the trail without telling it, as rows have it.
func KeyID(key []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("rollcall trail key"))
	return hex.EncodeToString(mac.Sum(nil)[:6])
}

// sign completes a row whose place and time are set.
func (s signer) sign(r *store.TrailRow) {
	r.KeyID = s.id
	r.MAC = mac(s.keys[s.id], *r)
}

// errKey is the reason of a row that nobody here could have signed.
var errKey = errors.New("it is signed with a key that is not here")

// check says what is wrong with a row's own code; nil when it is right.
func (s signer) check(r store.TrailRow) error {
	key, ok := s.keys[r.KeyID]
	if !ok {
		return fmt.Errorf("%w (key %s)", errKey, r.KeyID)
	}
	if !hmac.Equal(r.MAC, mac(key, r)) {
		return errors.New("its code does not fit what it says")
	}
	return nil
}

// mac is HMAC-SHA-256 over all fields, each after its length, so that no text
// can slip from one field into the next.
func mac(key []byte, r store.TrailRow) []byte {
	h := hmac.New(sha256.New, key)
	var n [8]byte
	number := func(v int64) {
		binary.BigEndian.PutUint64(n[:], uint64(v))
		h.Write(n[:])
	}
	field := func(v []byte) {
		number(int64(len(v)))
		h.Write(v)
	}
	field([]byte("rollcall trail row, 1"))
	number(r.Seq)
	number(r.Time.UnixMicro())
	for _, text := range []string{
		r.Kind, r.Person, r.PersonName, r.Address, r.CustomerID, r.TargetID, r.Ticket, r.CorrelationID, r.Detail, r.KeyID,
	} {
		field([]byte(text))
	}
	field(r.Prev)
	return h.Sum(nil)
}
