package emulator

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
)

// field is what a list can be filtered by.
type field uint8

const (
	noField field = iota
	companyName
	domainName
	indirectReseller
	userState
	customerID
	resourceType
)

// filter keeps the items whose field fits the value; the zero filter keeps
// all. The value is in lower case: the service ignores case.
type filter struct {
	field field
	value string
}

// filterRule is one filter that a list documents (API facts 8).
type filterRule struct {
	name     string // as sent in Field, in lower case
	operator string
	field    field
	values   []string // allowed values in lower case; nil: any
}

var customerFilters = []filterRule{
	{"companyname", "starts_with", companyName, nil},
	{"domain", "starts_with", domainName, nil},
	{"indirectreseller", "starts_with", indirectReseller, nil},
	{"indirectcloudsolutionprovider", "starts_with", indirectReseller, nil},
}

// userFilters has the state under both names that clients send.
var userFilters = []filterRule{
	{"userstate", "equals", userState, []string{"active", "inactive"}},
	{"userstatus", "equals", userState, []string{"active", "inactive"}},
}

// maxFilterValue bounds what a continuation token has to carry.
const maxFilterValue = 1024

// parseFilter reads the filter parameter: a JSON object whose keys are matched
// without regard to case. Compound filters are part of the grammar, yet no
// list here takes them.
func parseFilter(text string, rules []filterRule) (filter, error) {
	var sent struct {
		Field    string
		Operator string
		Value    string
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&sent); err != nil {
		if json.Valid([]byte(text)) {
			return filter{}, invalid("The filter is not supported.")
		}
		return filter{}, refuse(http.StatusBadRequest, codeInvalidInput)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return filter{}, refuse(http.StatusBadRequest, codeInvalidInput)
	}
	for _, rule := range rules {
		if !strings.EqualFold(rule.name, sent.Field) || !strings.EqualFold(rule.operator, sent.Operator) {
			continue
		}
		value := strings.ToLower(sent.Value)
		if len(value) > maxFilterValue || rule.values != nil && !slices.Contains(rule.values, value) {
			return filter{}, invalid("The value of the filter on %s is not valid.", sent.Field)
		}
		return filter{rule.field, value}, nil
	}
	return filter{}, invalid("The filter on %s with the operator %s is not supported.", sent.Field, sent.Operator)
}
