package partnercenter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// changeOne makes a change that is answered with the resource as it is then.
// told is false where the answer has no body: the change is made, and no more
// is known.
func changeOne[T any](ctx context.Context, c *Client, k call) (one T, a *answer, told bool, err error) {
	if a, err = c.do(ctx, k); err != nil {
		return one, nil, false, err
	}
	defer a.release()
	body := bytes.TrimSpace(a.body())
	switch {
	case a.cut != nil:
		return one, nil, false, a.notWhole()
	case len(body) == 0:
		return one, a, false, nil
	case body[0] != '{':
		return one, nil, false, a.fail("the body is no JSON object")
	}
	if err := json.Unmarshal(body, &one); err != nil {
		return one, nil, false, a.fail("%w", err)
	}
	return one, a, true, nil
}

// changeAlone makes a change of which nothing need be known but that it was
// made: a success says it, even if its body breaks off. A body that is there
// must be the service's, JSON, and where it names a resource, name this one.
func changeAlone(ctx context.Context, c *Client, k call, id string) error {
	a, err := c.do(ctx, k)
	if err != nil {
		return err
	}
	defer a.release()
	body := bytes.TrimSpace(a.body())
	if a.cut != nil || len(body) == 0 {
		return nil
	}
	if !json.Valid(body) {
		return a.fail("the body is no JSON")
	}
	var named struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(body, &named) == nil && named.ID != "" && !strings.EqualFold(named.ID, id) {
		return a.fail("%w", errOther)
	}
	return nil
}

// notWhole is the failure of a change whose answer was needed and is not whole.
func (a *answer) notWhole() *Error {
	failed := a.fail("the body is not whole: %w", a.cut)
	if !errors.Is(a.cut, errTooLarge) {
		failed.kinds = []error{ErrUnknownOutcome, ErrUnavailable}
	}
	return failed
}

// wireJSON writes what a change sends: compact, text as it is.
func wireJSON(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("partnercenter: what this package sends can't be written: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// checkTexts refuses texts that JSON can't carry unchanged. Whether they are
// good ones is the service's to say.
func checkTexts(op string, texts ...string) error {
	if slices.ContainsFunc(texts, func(s string) bool { return !utf8.ValidString(s) }) {
		return badOption(op, "a text is not valid UTF-8")
	}
	return nil
}

// checkGiven refuses an empty text where one is needed.
func checkGiven(op, name, text string) error {
	if strings.TrimSpace(text) == "" {
		return badOption(op, "%s is needed", name)
	}
	return nil
}

// objectType is the attributes that requests carry, in the spelling of the
// documented ones.
type (
	objectType struct {
		ObjectType string `json:"objectType"`
	}
	objectTypePascal struct{ ObjectType string }
)

// firstError is the first that is one.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

var errOtherRole = errors.New("the answer is of another role than the one asked for")
