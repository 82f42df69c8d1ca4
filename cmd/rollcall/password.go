package main

import (
	"crypto/rand"
	"math/big"
	"strings"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// The characters of passwords that are made here: none that is taken for
// another when it is read aloud or copied from a screen.
const (
	passwordCapitals = "ABCDEFGHJKLMNPQRSTUVWXYZ" // no I, O
	passwordSmalls   = "abcdefghijkmnpqrstuvwxyz" // no l, o
	passwordDigits   = "23456789"                 // no 0, 1
	passwordSigns    = "-+=?%*#"                  // no ! or |
)

// passwordLength is the length of passwords that are made here: more than 90 bits.
const passwordLength = 16

// newPassword makes a random password that Entra's usual policy takes: all four
// sorts of characters, a letter or digit at both ends.
func newPassword() partnercenter.Secret {
	for {
		var b strings.Builder
		for i := range passwordLength {
			from := passwordCapitals + passwordSmalls + passwordDigits
			if i > 0 && i < passwordLength-1 {
				from += passwordSigns
			}
			b.WriteByte(pick(from))
		}
		text := b.String()
		if strings.ContainsAny(text, passwordCapitals) && strings.ContainsAny(text, passwordSmalls) &&
			strings.ContainsAny(text, passwordDigits) && strings.ContainsAny(text, passwordSigns) {
			return partnercenter.NewSecret(text)
		}
	}
}

// pick draws one character, each as likely as any other.
func pick(from string) byte {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(len(from))))
	if err != nil { // crypto/rand never fails; if it did, no password is better than a weak one
		panic(err)
	}
	return from[n.Int64()]
}
