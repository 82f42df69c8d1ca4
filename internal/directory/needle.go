package directory

import "bytes"

// A needle is what was searched: folded, and cut into words that all have to
// be found.
type needle struct {
	typed []byte // the whole as it was typed
	text  []byte // and folded
	words []word
	phone []byte // shifted digits of all words together, when they may be one phone number

	memory  []byte // what the slices lie in
	domains []bool // what the words' domains lie in
}

// A word is found in one of a user's texts.
type word struct {
	text  []byte
	phone []byte // its digits, shifted, when it may be a part of a phone number
	left  []byte // of a word with an @, up to and with it, and sep: the end of a left half
	right []byte // of a word with an @, what comes after: the beginning of a domain
	hasAt bool

	domain []bool // domains that complete the word, by index into tables.domains
	any    bool   // there is such a domain
}

// maxWords is how many words are looked for; further ones are left out.
const maxWords = 16

// parse folds and cuts the text of a query.
func (n *needle) parse(text string) {
	n.words = n.words[:0]
	n.phone = nil
	m := append(n.memory[:0], text...)
	n.typed = m
	m = fold(m, n.typed)
	n.text = m[len(n.typed):]

	for rest := n.text; len(rest) > 0 && len(n.words) < maxWords; {
		var w word
		w.text, rest, _ = bytes.Cut(rest, []byte{' '})
		if len(w.text) == 0 || n.has(w.text) {
			continue
		}
		if at := bytes.LastIndexByte(w.text, '@'); at >= 0 {
			w.hasAt = true
			w.right = w.text[at+1:]
			if at > 0 {
				start := len(m)
				m = append(append(m, w.text[:at+1]...), sep)
				w.left = m[start:]
			}
		}
		if isPhonePart(w.text) {
			start := len(m)
			m = appendDigits(m, w.text)
			w.phone = phoneNeedle(m[start:])
		}
		n.words = append(n.words, w)
	}
	if len(n.words) > 1 && isPhonePart(n.text) {
		start := len(m)
		m = appendDigits(m, n.text)
		n.phone = phoneNeedle(m[start:])
	}
	n.memory = m
}

func (n *needle) has(text []byte) bool {
	for _, w := range n.words {
		if bytes.Equal(w.text, text) {
			return true
		}
	}
	return false
}

// bind finds the domains that complete the words.
func (n *needle) bind(domains []domain) {
	need := len(n.words) * len(domains)
	if cap(n.domains) < need {
		n.domains = make([]bool, need)
	}
	flags := n.domains[:need]
	for k := range n.words {
		w := &n.words[k]
		w.domain, flags = flags[:len(domains)], flags[len(domains):]
		w.any = false
		for i := range domains {
			w.domain[i] = i > 0 && w.completedBy(domains[i].fold) // the first is none
			w.any = w.any || w.domain[i]
		}
	}
}

func (w *word) completedBy(domain []byte) bool {
	if w.hasAt {
		return bytes.HasPrefix(domain, w.right)
	}
	return bytes.Contains(domain, w.text)
}

// driver is the word to scan for: the others are only looked for where it was
// found. The longest is the rarest, a domain is shared by many.
func (n *needle) driver() (k int) {
	worth := func(w *word) int {
		if w.any && w.left == nil {
			return len(w.text)
		}
		return len(w.text) + longestField
	}
	for i := range n.words {
		if worth(&n.words[i]) > worth(&n.words[k]) {
			k = i
		}
	}
	return k
}

// narrows reports whether all that is found by n was also found by old, which
// is so when every word of old is a part of a word of n.
func (n *needle) narrows(old *needle) bool {
	if n.phone != nil && (old.phone == nil || !bytes.Contains(n.phone, old.phone)) {
		return false
	}
	for i := range old.words {
		if !n.implies(&old.words[i]) {
			return false
		}
	}
	return len(old.words) > 0
}

func (n *needle) implies(w *word) bool {
	for k := range n.words {
		v := &n.words[k]
		if bytes.Contains(v.text, w.text) && (v.phone == nil || w.phone != nil && bytes.Contains(v.phone, w.phone)) {
			return true
		}
	}
	return false
}
