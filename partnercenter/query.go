package partnercenter

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
)

// filter is the filter parameter: a JSON object, percent-encoded whole, its
// keys in the documented order.
//
// Source: "Get a list of customers filtered by a search field"; API facts 8.
func filter(field, value, operator string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(struct{ Field, Value, Operator string }{field, value, operator}) // strings always encode
	text := url.QueryEscape(strings.TrimSuffix(b.String(), "\n"))
	return "filter=" + strings.ReplaceAll(text, "+", "%20")
}

// orLargest is the page size for reading everything.
func orLargest(size int) int {
	if size == 0 {
		return largestPage
	}
	return size
}

const largestPage = 500 // the most that any list accepts
