package emulator

import (
	"net/url"
	"strconv"
	"strings"
)

// params are a query's parameters by their names in lower case: the service
// matches names without regard to case. Names it does not know count for nothing.
type params map[string][]string

// parseQuery reads a query; "+" and "%20" are both a space.
func parseQuery(raw string) (params, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, refuse(400, codeInvalidInput)
	}
	p := make(params, len(values))
	for name, sent := range values {
		name = strings.ToLower(name)
		p[name] = append(p[name], sent...)
	}
	return p, nil
}

// one is the value of a parameter that may be sent once at most.
func (p params) one(name string) (value string, sent bool, err error) {
	switch values := p[name]; len(values) {
	case 0:
		return "", false, nil
	case 1:
		return values[0], true, nil
	default:
		return "", true, refuse(400, codeInvalidInput)
	}
}

// number is the value of a parameter that is a count from 0 to limit.
func (p params) number(name string, limit int) (n int, sent bool, err error) {
	text, sent, err := p.one(name)
	if err != nil || !sent {
		return 0, sent, err
	}
	n, err = strconv.Atoi(text)
	if err != nil || n < 0 || n > limit {
		return 0, true, invalid("The value of %s must be a number from 0 to %d.", name, limit)
	}
	return n, true, nil
}

// readQuery reads the parameters of a call and, for a paged list, where to.
func (c *call) readQuery(rt *route) (err error) {
	c.params, err = parseQuery(c.r.URL.RawQuery)
	if err != nil || rt.list == nil {
		return err
	}
	c.seek, err = c.readSeek(rt.list)
	return err
}
