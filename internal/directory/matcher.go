package directory

import (
	"bytes"
	"strings"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// Matcher tells of users that pass by one at a time whether the search of the
// list would find them. It is for one goroutine.
type Matcher struct {
	needle needle
	id     string // the search is a user's ID: only that user
	typed  []byte // one of the user's texts; reused as are the next
	texts  []byte // all of them, folded
	phone  []byte // and the digits, shifted
}

// NewMatcher makes a matcher of what was typed, by the rules of [Query.Text];
// nil when there is nothing to look for.
func NewMatcher(text string) *Matcher {
	m := &Matcher{}
	m.needle.parse(strings.ToValidUTF8(text, ""))
	if len(m.needle.words) == 0 {
		return nil
	}
	if id := string(m.needle.words[0].text); len(m.needle.words) == 1 && partnercenter.ValidID(id) {
		m.id = id
	}
	return m
}

// Match reports whether every word is in the user's display, first or last
// name or user principal name, or among the digits of the phone number.
func (m *Matcher) Match(u *partnercenter.User) bool {
	if m.id != "" {
		return strings.EqualFold(u.ID, m.id)
	}
	m.phone = m.phone[:0]
	for i := range len(u.PhoneNumber) {
		if b := u.PhoneNumber[i]; isDigit(b) {
			m.phone = append(m.phone, b-digitShift)
		}
	}
	if m.needle.phone != nil && bytes.Contains(m.phone, m.needle.phone) {
		return true
	}
	m.texts = m.texts[:0]
	for _, text := range []string{u.DisplayName, u.FirstName, u.LastName, u.UserPrincipalName} {
		m.typed = append(m.typed[:0], text...)
		m.texts = append(fold(m.texts, m.typed), sep) // no word has it, so none is found across two texts
	}
	for i := range m.needle.words {
		w := &m.needle.words[i]
		if !bytes.Contains(m.texts, w.text) && (w.phone == nil || !bytes.Contains(m.phone, w.phone)) {
			return false
		}
	}
	return true
}
