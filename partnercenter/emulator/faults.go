package emulator

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault is something that goes wrong on demand. Its first fields choose the
// calls, all that are set must fit; the rest says what happens to them.
//
// Several faults can hit one call: their latencies add up, and the first that
// has a Status or hangs ends it. Ready to use:
//
//	Fault{Status: 429, RetryAfter: 57 * time.Second, Times: 1}       // throttled once
//	Fault{Status: 401}                                               // the token has run out
//	Fault{Status: 401, Code: 900421}                                 // the token lacks MFA
//	Fault{Status: 403, Code: 20002, CustomerID: id}                  // the customer left
//	Fault{Status: 403, Code: 2032, CustomerID: id, Person: "reader"} // a role is missing
//	Fault{Status: 403}                                               // no role with the partner
//	Fault{PathPrefix: "/customers/*/users", Page: 3, CutBody: true}  // the third page breaks off
//	Fault{Method: "POST", LoseAnswer: true, Times: 1}                // done, and nobody knows
//	Fault{Method: "DELETE", LoseRequest: true}                       // never arrived
//	Fault{Method: "PATCH", ShowAfterReads: 3}                        // done, and not seen at once
type Fault struct {
	Name string // for ClearFault and the control endpoint; may be empty

	Method     string // "GET"
	PathPrefix string // after /v1, whole segments; "*" stands for any one: "/customers/*/users"
	CustomerID string // calls below this customer
	Person     string // bearer word or object ID
	Page       int    // this page of a paged list, 1 is the first
	After      int    // let so many fitting calls through first
	Times      int    // then strike so many; 0 strikes always

	Latency    time.Duration // wait before the answer
	Status     int           // refuse with this status
	Code       int           // and this code of the service; 0 is the usual one for the status
	RetryAfter time.Duration // with status 429 or 503
	Hang       bool          // never answer; the call ends when the client gives up
	CutBody    bool          // drop the connection in the middle of the body
	BrokenJSON bool          // send half of the body as if it were whole

	// LoseRequest drops the connection before anything is done. LoseAnswer
	// carries the call out first, then drops the connection without a word; with
	// Status that refusal is answered instead, with Hang nothing ever is.
	LoseRequest bool
	LoseAnswer  bool

	// ShowAfterReads and ShowAfter are those of Options, for what this call changes.
	ShowAfterReads int
	ShowAfter      time.Duration
}

// fault is a Fault at work.
type fault struct {
	Fault
	seen   int // calls that fitted
	struck int
}

type faultList struct {
	mu     sync.Mutex
	faults []*fault
}

// SetFault adds a fault. One with the same name, unless that is empty, is
// replaced and counts from zero again.
func (e *Emulator) SetFault(f Fault) {
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	e.faults.faults = append(e.faults.without(f.Name), &fault{Fault: f})
}

// ClearFault removes the fault of that name, if there is one.
func (e *Emulator) ClearFault(name string) {
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	e.faults.faults = e.faults.without(name)
}

// ClearFaults removes all faults.
func (e *Emulator) ClearFaults() {
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	e.faults.faults = nil
}

func (l *faultList) without(name string) []*fault {
	return slices.DeleteFunc(l.faults, func(f *fault) bool { return name != "" && f.Name == name })
}

// strike returns the faults that hit a call, in the order they were set.
func (l *faultList) strike(c *call) []Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	var hits []Fault
	for _, f := range l.faults {
		if !f.fits(c) {
			continue
		}
		f.seen++
		if f.seen <= f.After || f.Times > 0 && f.struck >= f.Times {
			continue
		}
		f.struck++
		hits = append(hits, f.Fault)
	}
	return hits
}

func (f Fault) fits(c *call) bool {
	switch {
	case f.Method != "" && !strings.EqualFold(f.Method, c.r.Method),
		f.CustomerID != "" && !strings.EqualFold(f.CustomerID, c.vars.customer),
		f.Person != "" && f.Person != c.who.key(),
		f.Page != 0 && f.Page != c.seek.page:
		return false
	}
	return under(f.PathPrefix, c.path)
}

// under tells whether path lies at or below prefix, segment by segment.
func under(prefix, path string) bool {
	rest := strings.Split(strings.Trim(path, "/"), "/")
	for want := range strings.SplitSeq(strings.Trim(prefix, "/"), "/") {
		if want == "" {
			continue
		}
		if len(rest) == 0 || want != "*" && want != rest[0] {
			return false
		}
		rest = rest[1:]
	}
	return true
}

// mangling is what happens to an answer on its way.
type mangling struct {
	cut, half bool
	lose      *Fault // nobody gets it, although the call was carried out
}

func (m mangling) body(b []byte) []byte {
	if m.half {
		return b[:len(b)/2]
	}
	return b
}

// suffer lets the faults that fit this call strike. Its error is the answer
// they want; nil lets the call go on.
func (c *call) suffer() error {
	var latency time.Duration
	var end *Fault
	for _, f := range c.e.faults.strike(c) {
		latency += f.Latency
		c.mangle.cut = c.mangle.cut || f.CutBody
		c.mangle.half = c.mangle.half || f.BrokenJSON
		if f.ShowAfterReads > 0 || f.ShowAfter > 0 {
			c.shows = visibility{f.ShowAfterReads, f.ShowAfter}
		}
		if f.LoseAnswer {
			c.mangle.lose = &f
			break
		}
		if f.Hang || f.LoseRequest || f.Status != 0 {
			end = &f
			break
		}
	}
	c.wait(latency)
	switch {
	case end == nil:
		return nil
	case end.Hang:
		c.record(0)
		c.hang()
	case end.LoseRequest:
		c.record(0)
		panic(http.ErrAbortHandler)
	}
	return end.refusal()
}

// hang holds a call until the client gives up.
func (c *call) hang() {
	<-c.r.Context().Done()
	panic(http.ErrAbortHandler)
}

// lose ends a call that was carried out but whose answer nobody is to get; it
// returns only what is to be answered instead.
func (c *call) lose(answer any, err error) error {
	c.lost, _, _ = c.render(answer, err)
	instead := c.mangle.lose
	if instead.Status != 0 && !instead.Hang {
		return instead.refusal()
	}
	c.record(0)
	if instead.Hang {
		c.hang()
	}
	panic(http.ErrAbortHandler)
}

// wait holds a call up; a client that gives up meanwhile gets no answer.
func (c *call) wait(latency time.Duration) {
	if latency <= 0 {
		return
	}
	timer := time.NewTimer(latency)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.r.Context().Done():
		c.record(0)
		panic(http.ErrAbortHandler)
	}
}

// usualCodes are the codes that a status comes with when a fault names none.
var usualCodes = map[int]int{
	http.StatusBadRequest:          codeInvalidInput,
	http.StatusUnauthorized:        codeAccessDenied,
	http.StatusNotFound:            codeNotFound,
	http.StatusConflict:            codeInvalidProperty,
	http.StatusInternalServerError: codeUnexpected,
}

func (f *Fault) refusal() error {
	code := f.Code
	if code == 0 {
		code = usualCodes[f.Status]
	}
	switch {
	case f.Status == http.StatusTooManyRequests:
		return throttledFor(f.RetryAfter)
	case f.Status == http.StatusForbidden && code == 0:
		return roleRefused
	case code == 0: // the gateway's own answers have no body
		return &refusal{status: f.Status, retryAfter: f.RetryAfter}
	}
	return refuse(f.Status, code)
}
