package emulator

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	auditWindow = 30 * 24 * time.Hour // looked at when no start is given
	auditReach  = 90 * 24 * time.Hour // the service has nothing older
)

// span is from when to when an audit listing goes, in Unix seconds; the first
// is in it, the last is not. The zero span is of every other listing.
type span struct{ from, to int64 }

// auditFilters are the three that the documentation has.
var auditFilters = []filterRule{
	{"companyname", "substring", companyName, nil},
	{"customerid", "equals", customerID, nil},
	{"resourcetype", "equals", resourceType, nil},
}

// listAudit answers GET /auditrecords: what was done from startDate to endDate,
// the newest first.
func (c *call) listAudit() (any, error) {
	at := c.seek.cursor
	found := slices.DeleteFunc(c.e.audit.all(), func(r auditRecord) bool {
		when := r.happened().Unix()
		return when < at.span.from || when >= at.span.to || !r.fits(at.filter)
	})
	slices.Reverse(found)
	page := c.pageOf(len(found))
	from, to := page.within(len(found))
	return paged(c, page, found[from:to]), nil
}

func (r *auditRecord) fits(f filter) bool {
	switch f.field {
	case companyName:
		return strings.Contains(strings.ToLower(r.CustomerName), f.value)
	case customerID:
		return r.CustomerID == f.value
	case resourceType:
		return wordless(r.ResourceType) == wordless(f.value)
	}
	return true
}

// wordless makes customer_user of an answer and CustomerUser of the SDK alike.
func wordless(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// readSpan reads startDate and endDate. A day as the end is in the span; a
// start more than 90 days ago is refused.
func (c *call) readSpan() (span, error) {
	start, err := c.readDate("startdate", c.received.Add(-auditWindow), 0)
	if err != nil {
		return span{}, err
	}
	// The end of a second that has begun is its end, so that what was just done is in it.
	end, err := c.readDate("enddate", c.received.Truncate(time.Second).Add(time.Second), 24*time.Hour)
	if err != nil {
		return span{}, err
	}
	if c.received.Sub(start) > auditReach+24*time.Hour {
		return span{}, invalid("The start date must be within the last 90 days.")
	}
	if end.Before(start) {
		return span{}, invalid("The end date is before the start date.")
	}
	return span{start.Unix(), end.Unix()}, nil
}

// dateForms are the ways a date is sent: as documented, by the example of the
// documentation, and by the .NET SDK.
var dateForms = []string{time.DateOnly, "1/2/2006 3:04:05 PM", "1/2/2006 15:04:05", "1/2/2006", time.RFC3339}

// readDate reads a date; a bare day has so much added.
func (c *call) readDate(name string, missing time.Time, day time.Duration) (time.Time, error) {
	text, sent, err := c.params.one(name)
	if err != nil || !sent || text == "" {
		return missing, err
	}
	for _, form := range dateForms {
		if at, err := time.Parse(form, text); err == nil {
			if at.Equal(at.Truncate(24 * time.Hour)) {
				at = at.Add(day)
			}
			return at, nil
		}
	}
	return time.Time{}, refuse(http.StatusBadRequest, codeInvalidInput)
}
