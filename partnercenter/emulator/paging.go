package emulator

import (
	"net/http"
	"strconv"
	"strings"
)

// listing says how a paged list is asked for.
type listing struct {
	size    int // of a page when none is asked
	filters []filterRule
	sorts   bool
	dated   bool // from a start date to an end date
}

// maxPageSize is the most that any list gives at once.
const maxPageSize = 500

var (
	pagedCustomers = listing{size: 500, filters: customerFilters}
	pagedUsers     = listing{size: 100, filters: userFilters, sorts: true}
	pagedMembers   = listing{size: 100}
	pagedAudit     = listing{size: 500, filters: auditFilters, dated: true}
)

// order is how a list is sorted.
type order uint8

const (
	unsorted order = iota
	ascending
	descending
)

// cursor is a page of one listing: what is listed, and from where. A
// continuation token is a cursor that travelled.
type cursor struct {
	size   int
	offset int  // of the page's first item
	more   bool // a page followed it when it was given out
	order  order
	filter filter
	span   span
}

// move is where a call wants to go.
type move uint8

const (
	toNext move = iota
	toPrevious
	toFirst
	toLast
)

// moves are the seek operations by name in lower case and by the number that
// the reference gives them. PageIndex (4) is known and refused: there is no
// random access.
var moves = map[string]move{
	"next": toNext, "0": toNext,
	"previous": toPrevious, "1": toPrevious,
	"first": toFirst, "2": toFirst,
	"last": toLast, "3": toLast,
}

// seek is the page that a call asks for.
type seek struct {
	cursor cursor
	last   bool // the last page, wherever that is
	page   int  // number of the page, 1 is the first; 0: not paged, or not known yet
}

// readSeek finds out which page a call asks for: by size, filter and sort
// (the first page), or by a continuation token and a seek operation, in which
// case the token carries the rest.
func (c *call) readSeek(list *listing) (seek, error) {
	operation, seeking, err := c.params.one("seekoperation")
	if err != nil {
		return seek{}, err
	}
	where := toFirst
	if seeking {
		var known bool
		if where, known = moves[strings.ToLower(operation)]; !known {
			if strings.EqualFold(operation, "PageIndex") || operation == "4" {
				return seek{}, refuse(http.StatusBadRequest, codeNotSupported)
			}
			return seek{}, invalid("The seek operation %q is not known.", operation)
		}
	}
	if _, sent, _ := c.params.one("offset"); sent {
		return seek{}, refuse(http.StatusBadRequest, codeNotSupported)
	}

	tokens := c.r.Header.Values("MS-ContinuationToken")
	if len(tokens) == 0 {
		if where == toNext || where == toPrevious {
			return seek{}, refuse(http.StatusBadRequest, codeInvalidInput)
		}
		first, err := c.readListing(list)
		if err != nil {
			return seek{}, err
		}
		return startAt(first, where), nil
	}
	if !seeking || len(tokens) > 1 {
		return seek{}, refuse(http.StatusBadRequest, codeInvalidInput)
	}
	at, err := c.e.tokens.parse(tokens[0], c.path, c.received)
	if err != nil {
		return seek{}, err
	}
	if err := c.sameListing(at); err != nil {
		return seek{}, err
	}
	return at.moved(where)
}

func startAt(first cursor, where move) seek {
	if where == toLast {
		return seek{cursor: first, last: true}
	}
	return seek{cursor: first, page: 1}
}

// readListing reads size, filter, dates and sort of a first page.
func (c *call) readListing(list *listing) (cursor, error) {
	size, _, err := c.params.number("size", maxPageSize)
	if err != nil {
		return cursor{}, err
	}
	if size == 0 {
		size = list.size // the service's own choice
	}
	first := cursor{size: size}

	text, sent, err := c.params.one("filter")
	if err != nil {
		return cursor{}, err
	}
	if sent {
		if first.filter, err = parseFilter(text, list.filters); err != nil {
			return cursor{}, err
		}
	}
	if list.dated {
		if first.span, err = c.readSpan(); err != nil {
			return cursor{}, err
		}
	}
	first.order, err = c.readOrder(list)
	return first, err
}

func (c *call) readOrder(list *listing) (order, error) {
	name, sorted, err := c.params.one("sortfield")
	if err != nil {
		return unsorted, err
	}
	direction, directed, err := c.params.one("sortdirection")
	switch {
	case err != nil:
		return unsorted, err
	case !sorted && !directed:
		return unsorted, nil
	case !list.sorts:
		return unsorted, invalid("Sort is not supported.")
	case !strings.EqualFold(name, "DisplayName"):
		return unsorted, invalid("The sort field %q is not supported.", name)
	case !directed, strings.EqualFold(direction, "Ascending"):
		return ascending, nil
	case strings.EqualFold(direction, "Descending"):
		return descending, nil
	}
	return unsorted, invalid("The sort direction %q is not known.", direction)
}

// sameListing refuses a page request that changes what is listed midway: the
// token carries size, filter and sort. The size in a link is the token's own.
func (c *call) sameListing(at cursor) error {
	size, sent, err := c.params.number("size", maxPageSize)
	if err != nil {
		return err
	}
	if sent && size != at.size {
		return refuse(http.StatusBadRequest, codeInvalidInput)
	}
	for _, name := range []string{"filter", "sortfield", "sortdirection", "startdate", "enddate"} {
		if _, sent, _ := c.params.one(name); sent {
			return refuse(http.StatusBadRequest, codeInvalidInput)
		}
	}
	return nil
}

// moved is the page one step from the token's, or an end of its list.
func (at cursor) moved(where move) (seek, error) {
	switch {
	case where == toNext && at.more:
		at.offset += at.size
	case where == toPrevious && at.offset >= at.size:
		at.offset -= at.size
	case where == toFirst, where == toLast:
		at.offset = 0
		return startAt(at, where), nil
	default:
		return seek{}, refuse(http.StatusBadRequest, codeInvalidInput)
	}
	return seek{cursor: at, page: at.offset/at.size + 1}, nil
}

// pageOf is the page that was asked for, of a list of so many items. It is
// empty when a page was promised and the list has got shorter since.
func (c *call) pageOf(total int) cursor {
	at := c.seek.cursor
	if c.seek.last {
		at.offset = max(total-1, 0) / at.size * at.size
		c.seek.page = at.offset/at.size + 1
	}
	at.more = at.offset+at.size < total
	return at
}

// within is the page's range of positions in a list of so many items.
func (at cursor) within(total int) (from, to int) {
	return min(at.offset, total), min(at.offset+at.size, total)
}

// paged makes a collection of one page, with the links to its neighbours. The
// token of a page leads to the next and to the previous one alike.
func paged[T any](c *call, at cursor, items []T) collection[T] {
	list := collect(items)
	list.Links = self(c.selfURI())
	token := c.e.tokens.make(at, c.path, c.received)
	if at.more {
		list.ContinuationToken = token
		list.Links.Next = c.pageLink(at, "Next", token)
	}
	if at.offset > 0 {
		list.Links.Previous = c.pageLink(at, "Previous", token)
	}
	return list
}

// selfURI repeats path and query as they were sent.
func (c *call) selfURI() string {
	if c.r.URL.RawQuery == "" {
		return c.path
	}
	return c.path + "?" + c.r.URL.RawQuery
}

func (c *call) pageLink(at cursor, operation, token string) *link {
	uri := c.path + "?size=" + strconv.Itoa(at.size) + "&seekOperation=" + operation
	if c.e.opts.VersionedLinks {
		uri = "/v1" + uri
	}
	l := linkTo(uri)
	l.Headers = append(l.Headers, keyValues{"MS-ContinuationToken", token})
	return l
}
