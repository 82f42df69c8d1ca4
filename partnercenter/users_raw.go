package partnercenter

import (
	"encoding/json"
	"errors"
	"strings"
)

// RawUserPage is a page of users that was read but not decoded. Call
// [RawUserPage.Release] when done with it. It is not for use by two goroutines
// at once.
type RawUserPage struct {
	Next Continuation // known before the page is decoded; "" on the last page

	answer *answer
	found  envelope // where Next was found; what is decoded later must agree
}

// RawUser is a user whose fields lie in the page's buffer: they are valid
// until the function that Each calls returns, and must not be written to. A
// field that was absent or null is nil. ID is a GUID in lower case; the rest
// is text as the service wrote it, without JSON escapes and valid UTF-8.
type RawUser struct {
	ID                []byte
	UserPrincipalName []byte
	DisplayName       []byte
	FirstName         []byte
	LastName          []byte
	PhoneNumber       []byte
	UsageLocation     []byte
	ImmutableID       []byte
	DomainType        []byte
	State             []byte
	LastDirectorySync []byte // for ParseTime
	SoftDeletion      []byte // for ParseTime
}

// newRawUserPage takes over the answer, also when it fails.
func newRawUserPage(a *answer, current cursor) (*RawUserPage, error) {
	found, links, err := findLinks(a)
	var next Continuation
	if err == nil {
		next, err = links.next(current, found.continuationToken(a.bytes))
	}
	if err != nil {
		defer a.release()
		return nil, a.fail("%w", err)
	}
	return &RawUserPage{Next: next, answer: a, found: found}, nil
}

// findLinks looks for the page's links at its end, and in all of the page
// where they are not there or want the token that may stand anywhere.
func findLinks(a *answer) (envelope, wireLinks, error) {
	found, ok := a.scan.tail(a.bytes, a.begin, a.end)
	if ok {
		links, err := found.decodeLinks(a.bytes)
		if err != nil || !links.wantToken() {
			return found, links, err
		}
	}
	found, err := a.scan.page(a.bytes, a.begin, a.end, a.call.customer, nil)
	if err != nil {
		return found, wireLinks{}, err
	}
	links, err := found.decodeLinks(a.bytes)
	return found, links, err
}

func (e envelope) decodeLinks(body []byte) (links wireLinks, err error) {
	if e.links.end > 0 {
		err = json.Unmarshal(body[e.links.begin:e.links.end], &links)
	}
	return links, err
}

// continuationToken is the body's own, which was checked to be a text or null.
func (e envelope) continuationToken(body []byte) (token string) {
	if e.token.end > 0 {
		_ = json.Unmarshal(body[e.token.begin:e.token.end], &token)
	}
	return token
}

var errReleased = errors.New("partnercenter: the page was released")

// Each decodes the page, strictly and in one pass, and calls f for each user
// in order. The page may be decoded again.
//
// Errors: the one that f returns, as it is; [ErrBadResponse] when the page is
// not what it ought to be. That may show after f was called, so what f was
// given counts only once Each returns nil.
func (p *RawUserPage) Each(f func(*RawUser) error) error {
	if p.answer == nil {
		return errReleased
	}
	a := p.answer
	got, err := a.scan.page(a.bytes, a.begin, a.end, a.call.customer, f)
	if err == nil && got.links != p.found.links {
		err = errAmbiguous
	}
	if own, ok := errors.AsType[callbackError](err); ok {
		return own.error
	}
	if err != nil {
		return a.fail("%w", err)
	}
	return nil
}

var errAmbiguous = errors.New("the next link is not where the page seemed to have it")

// Release gives the page's buffer back; the page is empty afterwards. Calling
// it again does nothing.
func (p *RawUserPage) Release() {
	if p.answer != nil {
		p.answer.release()
		p.answer = nil
	}
}

// rawFields is how many texts a user has.
const rawFields = 12

// users decodes the page to structs. All their texts lie in one string, so
// that a page costs two allocations however many users it has; a user that is
// kept keeps its page's texts.
func (p *RawUserPage) users() ([]User, error) {
	s := &p.answer.scan
	s.texts, s.lengths = s.texts[:0], s.lengths[:0]
	err := p.Each(func(raw *RawUser) error {
		for _, field := range [rawFields][]byte{
			raw.ID, raw.UserPrincipalName, raw.DisplayName, raw.FirstName, raw.LastName, raw.PhoneNumber,
			raw.UsageLocation, raw.ImmutableID, raw.DomainType, raw.State, raw.LastDirectorySync, raw.SoftDeletion,
		} {
			s.texts = append(s.texts, field...)
			s.lengths = append(s.lengths, len(field))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}

	texts, lengths := string(s.texts), s.lengths
	text := func() string {
		out := texts[:lengths[0]]
		texts, lengths = texts[lengths[0]:], lengths[1:]
		return out
	}
	users := make([]User, len(lengths)/rawFields)
	for i := range users {
		u := &users[i]
		u.ID, u.UserPrincipalName, u.DisplayName = text(), text(), text()
		u.FirstName, u.LastName, u.PhoneNumber = text(), text(), text()
		u.UsageLocation, u.ImmutableID = text(), text()
		u.DomainType, u.State = UserDomainType(text()), UserState(text())
		if u.LastDirectorySync, err = ParseTime(text()); err != nil {
			return nil, p.answer.fail("%w", err)
		}
		if u.SoftDeletion, err = ParseTime(text()); err != nil {
			return nil, p.answer.fail("%w", err)
		}
	}
	return users, nil
}

// decodeUsers is the reference that the decoder of users pages must agree
// with: the same by encoding/json.
func decodeUsers(body []byte, customer string, current cursor) ([]User, Continuation, error) {
	wire, next, err := decodePage[wireUser](withoutBOM(body), current)
	if err != nil {
		return nil, "", err
	}
	users := make([]User, len(wire))
	for i := range wire {
		if users[i], err = wire[i].user(strings.ToLower(customer)); err != nil {
			return nil, "", err
		}
	}
	return users, next, nil
}
