package auth

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSeal(t *testing.T) {
	ring := testKeys(t, 1)
	at := Place{"grants", "tokens", "row"}
	plain := []byte("a refresh token")
	sealed, id := ring.Seal(PurposeTokens, at, plain)
	if id != ring.IDs()[0] || bytes.Contains(sealed, plain) {
		t.Fatalf("sealed by %s: %x", id, sealed)
	}
	if got, err := ring.Open(PurposeTokens, at, sealed); err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("opened %q, %v", got, err)
	}
	if again, _ := ring.Seal(PurposeTokens, at, plain); bytes.Equal(again, sealed) {
		t.Error("the same text is sealed the same way twice")
	}
	for name, tt := range map[string]struct {
		purpose Purpose
		at      Place
		sealed  []byte
		ring    *KeyRing
		want    error
	}{
		"another table":   {PurposeTokens, Place{"sessions", "tokens", "row"}, sealed, ring, ErrSealed},
		"another column":  {PurposeTokens, Place{"grants", "identity", "row"}, sealed, ring, ErrSealed},
		"another row":     {PurposeTokens, Place{"grants", "tokens", "row2"}, sealed, ring, ErrSealed},
		"moved letters":   {PurposeTokens, Place{"grantst", "okens", "row"}, sealed, ring, ErrSealed},
		"another purpose": {PurposeSessions, at, sealed, ring, ErrSealed},
		"another ring":    {PurposeTokens, at, sealed, testKeys(t, 2), ErrNoKey},
		"another version": {PurposeTokens, at, append([]byte{2}, sealed[1:]...), ring, ErrSealed},
		"cut":             {PurposeTokens, at, sealed[:len(sealed)-1], ring, ErrSealed},
		"only a key ID":   {PurposeTokens, at, sealed[:1+idSize], ring, ErrSealed},
		"nothing":         {PurposeTokens, at, nil, ring, ErrSealed},
	} {
		if _, err := tt.ring.Open(tt.purpose, tt.at, tt.sealed); !errors.Is(err, tt.want) {
			t.Errorf("%s: error %v, want %v", name, err, tt.want)
		}
	}
	for i := range sealed {
		bent := bytes.Clone(sealed)
		bent[i] ^= 1
		if _, err := ring.Open(PurposeTokens, at, bent); err == nil {
			t.Errorf("opened though byte %d was changed", i)
		}
	}
}

// TestRotate walks a ring through the steps of a rotation.
func TestRotate(t *testing.T) {
	at := Place{"t", "c", "r"}
	old, both, moved, retired := testKeys(t, 1), testKeys(t, 1, 2), testKeys(t, 2, 1), testKeys(t, 2)
	byOld, oldID := both.Seal(PurposeForms, at, []byte("x"))
	byNew, newID := moved.Seal(PurposeForms, at, []byte("x"))
	if oldID == newID || oldID != old.IDs()[0] || newID != retired.IDs()[0] {
		t.Errorf("IDs %s, %s", oldID, newID)
	}
	for name, tt := range map[string]struct {
		ring   *KeyRing
		sealed []byte
		want   error
	}{
		"old by old": {old, byOld, nil}, "new by old": {old, byNew, ErrNoKey}, "new by both": {both, byNew, nil},
		"old by moved": {moved, byOld, nil}, "old by retired": {retired, byOld, ErrNoKey}, "new by retired": {retired, byNew, nil},
	} {
		if _, err := tt.ring.Open(PurposeForms, at, tt.sealed); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	key, earlier := moved.TrailKeys()
	oldKey, none := old.TrailKeys()
	if len(key) != 32 || len(earlier) != 1 || len(none) != 0 || !bytes.Equal(earlier[0], oldKey) || bytes.Equal(key, oldKey) {
		t.Errorf("keys of the trail: %d bytes, %d earlier", len(key), len(earlier))
	}
}

func TestParseKeyRing(t *testing.T) {
	one, two := GenerateKey(), GenerateKey()
	raw, err := base64.RawURLEncoding.DecodeString(one)
	if err != nil || len(raw) != 32 || one == two {
		t.Fatalf("generated %d bytes: %v", len(raw), err)
	}
	ring, err := ParseKeyRing([]byte("# of June\r\n" + one + "\r\n\n  " + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xff, 0xfe}, 16)) + "\n" + two))
	if err != nil || len(ring.IDs()) != 3 {
		t.Fatalf("read %v, %v", ring, err)
	}
	only, err := NewKeyRing(raw)
	if err != nil || only.IDs()[0] != ring.IDs()[0] {
		t.Errorf("first key is %v, want %v; %v", ring.IDs()[0], only.IDs()[0], err)
	}
	for name, file := range map[string]string{
		"empty":      "",
		"comments":   "# nothing\n\n",
		"too short":  "c2hvcnQ",
		"not base64": "hunter2 hunter2 hunter2 hunter2!",
		"too long":   base64.RawURLEncoding.EncodeToString(make([]byte, 33)),
		"twice":      one + "\n" + one,
		"all zeros":  base64.RawURLEncoding.EncodeToString(make([]byte, 32)),
	} {
		ring, err := ParseKeyRing([]byte(file))
		if err == nil {
			t.Errorf("%s: read %d keys", name, len(ring.IDs()))
		} else if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), one) {
			t.Errorf("%s: the key is in the error: %v", name, err)
		}
	}
}

func FuzzParseKeyRing(f *testing.F) {
	f.Add([]byte("# x\n" + GenerateKey() + "\n"))
	f.Add([]byte("AAAA\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		ring, err := ParseKeyRing(file)
		if err != nil {
			return
		}
		sealed, _ := ring.Seal(PurposeFiles, Place{}, []byte("x"))
		if got, err := ring.Open(PurposeFiles, Place{}, sealed); err != nil || string(got) != "x" {
			t.Errorf("a ring of %q does not open what it seals: %v", file, err)
		}
	})
}

// TestKeysAreNotPrinted, whatever prints them.
func TestKeysAreNotPrinted(t *testing.T) {
	ring := testKeys(t, 1)
	cfg := Config{Keys: ring}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "ring", ring, "value", *ring, "config", cfg)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "ring", ring, "value", *ring)
	text, err := json.Marshal(map[string]any{"ring": ring, "value": *ring})
	if err != nil {
		t.Fatal(err)
	}
	printed := fmt.Sprintf("%v %+v %#v %q %x %s %d", ring, ring, ring, ring, ring, ring, ring) +
		fmt.Sprintf("%v %+v %#v %q %x", *ring, *ring, *ring, *ring, *ring) + fmt.Sprintf("%v %+v", cfg, cfg) + log.String() + string(text)
	trail, _ := ring.TrailKeys()
	for _, secret := range [][]byte{append([]byte{0xff}, bytes.Repeat([]byte{1}, 31)...), trail} {
		for _, form := range []string{string(secret), fmt.Sprintf("%x", secret), fmt.Sprint(secret), base64.StdEncoding.EncodeToString(secret), base64.RawURLEncoding.EncodeToString(secret)} {
			if strings.Contains(printed, form) {
				t.Errorf("a key is printed: %q", form)
			}
		}
	}
	if n := strings.Count(printed, redacted); n < 14 {
		t.Errorf("%s printed %d times: %s", redacted, n, printed)
	}
}
