package partnercenter

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// scanner decodes a users page in one pass. It accepts and refuses what
// encoding/json does for decodePage[wireUser] and gives the same values:
// unknown keys are skipped but checked, the last of repeated user fields
// counts, keys match without regard to case, null is as good as absent, lone
// surrogates and bad UTF-8 become U+FFFD, and 10,000 levels are the deepest.
//
// Positions are offsets into data, behind whose end at least padding zero
// bytes lie: a zero byte is nowhere allowed in JSON, so no loop needs to look
// for the end, and words can be read across it. A negative position means
// failure, -1-position being where.
type scanner struct {
	raw     RawUser
	idOK    bool // raw.ID is known to be a GUID in lower case
	other   bool // the self link names another customer
	failed  error
	scratch []byte // texts of this user that had to be unescaped
	stack   []byte // of what skip is in
	self    []byte // how a self link of this customer's users begins

	customer string
	texts    []byte // for RawUserPage.users
	lengths  []int
}

// span is a part of the body; an end of 0 means it is not there.
type span struct{ begin, end int }

// envelope is where the parts of the page beside its items lie.
type envelope struct {
	items bool
	links span
	token span
}

const deepest = 10000 // as encoding/json has it

// callbackError is an error of the function that gets the users.
type callbackError struct{ error }

var errSyntax = errors.New("the body is not the JSON it ought to be")

// page decodes data[begin:end] and calls f, if there is one, for each user.
func (s *scanner) page(data []byte, begin, end int, customer string, f func(*RawUser) error) (envelope, error) {
	s.failed = nil
	if s.customer != customer || s.self == nil {
		s.customer = customer
		s.self = append(append(append(s.self[:0], `{"self":{"uri":"/customers/`...), customer...), "/users/"...)
	}
	var env envelope
	i := blank(data, begin)
	if data[i] == '{' {
		i = s.members(data, i, &env, f)
	} else {
		i = ^i
	}
	if i >= 0 {
		if i = blank(data, i); i != end {
			i = ^i
		}
	}
	switch {
	case s.failed != nil:
		return env, s.failed
	case i < 0:
		return env, fmt.Errorf("%w (byte %d)", errSyntax, ^i-begin)
	case !env.items:
		return env, errNoItems
	}
	return env, nil
}

// members reads the page's object, which begins at i.
func (s *scanner) members(data []byte, i int, env *envelope, f func(*RawUser) error) int {
	if i = blank(data, i+1); data[i] == '}' {
		return i + 1
	}
	for {
		var key []byte
		if key, i = s.key(data, i); i < 0 {
			return i
		}
		switch begin := i; pageKey(key) {
		case "items":
			if env.items {
				return s.fail(i, errTwice)
			}
			env.items = true
			i = s.items(data, i, f)
		case "links":
			if env.links.end > 0 {
				return s.fail(i, errTwice)
			}
			i = s.skip(data, i, 1)
			env.links = span{begin, i}
		case "continuationToken":
			if env.token.end > 0 {
				return s.fail(i, errTwice)
			}
			i = s.optionalText(data, i)
			env.token = span{begin, i}
		default:
			i = s.skip(data, i, 1)
		}
		if i < 0 {
			return i
		}
		if i = blank(data, i); data[i] == '}' {
			return i + 1
		}
		if data[i] != ',' {
			return ^i
		}
		i = blank(data, i+1)
	}
}

// pageKey is the known spelling of a page's key, or "".
func pageKey(key []byte) string {
	for _, known := range [...]string{"items", "links", "continuationToken"} {
		if string(key) == known || strings.EqualFold(string(key), known) {
			return known
		}
	}
	return ""
}

// optionalText skips a text or null.
func (s *scanner) optionalText(data []byte, i int) int {
	if data[i] == '"' {
		return skipText(data, i+1)
	}
	return literal(data, i, "null")
}

// items reads the array of users.
func (s *scanner) items(data []byte, i int, f func(*RawUser) error) int {
	if data[i] != '[' {
		return s.fail(i, errNoItems)
	}
	if i = blank(data, i+1); data[i] == ']' {
		return i + 1
	}
	for {
		if data[i] != '{' {
			return ^i
		}
		if i = s.user(data, i); i < 0 {
			return i
		}
		if !s.idOK && !s.checkID() {
			return s.fail(i, errNoID)
		}
		if s.other {
			return s.fail(i, errOtherOwn)
		}
		if f != nil {
			if err := f(&s.raw); err != nil {
				return s.fail(i, callbackError{err})
			}
		}
		if i = blank(data, i); data[i] == ']' {
			return i + 1
		}
		if data[i] != ',' {
			return ^i
		}
		i = blank(data, i+1)
	}
}

// user reads one user into s.raw.
func (s *scanner) user(data []byte, i int) int {
	s.raw = RawUser{}
	s.idOK, s.other = false, false
	s.scratch = s.scratch[:0]
	if i = blank(data, i+1); data[i] == '}' {
		return i + 1
	}
	for {
		var key []byte
		if key, i = s.key(data, i); i < 0 {
			return i
		}
		var field *[]byte
	known:
		switch string(key) {
		case "id":
			if id := guidAt(data, i); id != nil {
				s.raw.ID, s.idOK = id, true
				i += 38
			} else {
				s.idOK = false
				field = &s.raw.ID
			}
		case "userPrincipalName":
			field = &s.raw.UserPrincipalName
		case "displayName":
			field = &s.raw.DisplayName
		case "firstName":
			field = &s.raw.FirstName
		case "lastName":
			field = &s.raw.LastName
		case "phoneNumber":
			field = &s.raw.PhoneNumber
		case "usageLocation":
			field = &s.raw.UsageLocation
		case "immutableId":
			field = &s.raw.ImmutableID
		case "userDomainType":
			field = &s.raw.DomainType
		case "state":
			field = &s.raw.State
		case "lastDirectorySyncTime":
			field = &s.raw.LastDirectorySync
		case "softDeletionTime":
			field = &s.raw.SoftDeletion
		case "links":
			i = s.links(data, i)
		case "attributes":
			const usual = `{"objectType":"CustomerUser"}`
			if bytes.HasPrefix(data[i:], []byte(usual)) {
				i += len(usual)
			} else {
				i = s.skip(data, i, 3)
			}
		default:
			if name := userKey(key); name != nil {
				key = name
				goto known
			}
			i = s.skip(data, i, 3)
		}
		if field != nil {
			if data[i] == '"' {
				*field, i = s.text(data, i)
			} else {
				i = literal(data, i, "null")
			}
		}
		if i < 0 {
			return i
		}
		if data[i] == ',' && data[i+1] == '"' {
			i++
			continue
		}
		if i = blank(data, i); data[i] == '}' {
			return i + 1
		}
		if data[i] != ',' {
			return ^i
		}
		i = blank(data, i+1)
	}
}

// userKeys are the keys that user knows; it is given no others.
var userKeys = [][]byte{
	[]byte("id"), []byte("userPrincipalName"), []byte("displayName"), []byte("firstName"), []byte("lastName"),
	[]byte("phoneNumber"), []byte("usageLocation"), []byte("immutableId"), []byte("userDomainType"), []byte("state"),
	[]byte("lastDirectorySyncTime"), []byte("softDeletionTime"), []byte("links"),
}

// userKey is the known spelling of a key that differs in case alone, or nil.
func userKey(key []byte) []byte {
	for _, known := range userKeys {
		if bytes.EqualFold(key, known) {
			return known
		}
	}
	return nil
}

// links reads a user's links, of which the self link's address is looked at.
func (s *scanner) links(data []byte, i int) int {
	const end = `","method":"GET","headers":[]}}`
	if at := i + len(s.self); bytes.HasPrefix(data[i:], s.self) && at+36 < len(data) &&
		lowerGUID(data[at:at+36]) && bytes.HasPrefix(data[at+36:], []byte(end)) {
		s.other = false
		return at + 36 + len(end)
	}
	return s.member(data, i, 4, "self", func(i int) int {
		return s.member(data, i, 5, "uri", func(i int) int {
			if data[i] != '"' {
				return literal(data, i, "null")
			}
			var uri []byte
			if uri, i = s.text(data, i); i >= 0 {
				s.other = s.names(uri)
			}
			return i
		})
	})
}

// member reads an object or null, gives the values of one key to read, and
// skips the others. depth is the object's own level.
func (s *scanner) member(data []byte, i, depth int, name string, read func(i int) int) int {
	if data[i] != '{' {
		return literal(data, i, "null")
	}
	if i = blank(data, i+1); data[i] == '}' {
		return i + 1
	}
	for {
		var key []byte
		if key, i = s.key(data, i); i < 0 {
			return i
		}
		if string(key) == name || strings.EqualFold(string(key), name) {
			i = read(i)
		} else {
			i = s.skip(data, i, depth)
		}
		if i < 0 {
			return i
		}
		if i = blank(data, i); data[i] == '}' {
			return i + 1
		}
		if data[i] != ',' {
			return ^i
		}
		i = blank(data, i+1)
	}
}

// names reports whether the address names another customer; the usual ones
// cost no allocation.
func (s *scanner) names(uri []byte) bool {
	rest := bytes.TrimPrefix(uri, []byte("/v1"))
	own := s.self[len(`{"self":{"uri":"`):]
	if user, ok := bytes.CutPrefix(rest, own); ok && guid(user) {
		return false
	}
	return namesOther(string(uri), s.customer)
}

// checkID looks at an ID that is not written as usual.
func (s *scanner) checkID() bool {
	if !guid(s.raw.ID) {
		return false
	}
	s.raw.ID = bytes.ToLower(s.raw.ID)
	return true
}

func (s *scanner) fail(i int, err error) int {
	s.failed = err
	return ^i
}

// tailLength is how much of a page's end can hold its links and what follows.
const tailLength = maxLink + maxToken + 4<<10

// tail finds the page's links from its end, where the service writes them,
// without looking at the users. What it finds is right if the page is valid
// JSON with one links key: then a key from which members lead to one closing
// brace and the end of the page is one of the page's own. Decoding the page
// proves both.
func (s *scanner) tail(data []byte, begin, end int) (envelope, bool) {
	from := max(begin, end-tailLength)
	at := bytes.LastIndex(data[from:end], []byte(`"links":`))
	if at < 0 {
		return envelope{}, false
	}
	var env envelope
	s.failed = nil
	// members steps over the brace that it believes to be in front of the key.
	i := s.members(data, from+at-1, &env, nil)
	if i < 0 || env.items || blank(data, i) != end {
		return envelope{}, false
	}
	return env, true
}
