package emulator

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// call is one request on its way to an answer.
type call struct {
	e *Emulator
	w http.ResponseWriter
	r *http.Request

	received      time.Time
	correlationID string
	requestID     string

	path     string // after /v1, as the API's links write it
	vars     pathVars
	params   params
	body     []byte
	who      *identity  // nil: no token we know
	customer *customer  // nil: the path has none
	users    *overlay   // the customer's, as this call sees them
	seek     seek       // of a paged list
	shows    visibility // when what this call changes does
	mangle   mangling   // what a fault does to the answer on the wire
	lost     int        // status of the answer that got lost
}

func newCall(e *Emulator, w http.ResponseWriter, r *http.Request) *call {
	return &call{
		e: e, w: w, r: r,
		received:      e.now(),
		correlationID: traceID(r.Header.Get("MS-CorrelationId")),
		requestID:     traceID(r.Header.Get("MS-RequestId")),
		shows:         visibility{e.opts.ShowAfterReads, e.opts.ShowAfter},
	}
}

// traceID echoes a GUID and makes one where none was sent.
func traceID(sent string) string {
	if isGUID(sent) {
		return sent
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], rand.Uint64())
	binary.BigEndian.PutUint64(b[8:], rand.Uint64())
	return guid(b)
}

// decide finds out what to answer: what a fault wants, else what the service
// would say. It walks the service's gates in order (path and method, token,
// throttle, MFA, kind of token, role with the partner, customer and
// relationship, delegated privileges, parameters), and only who passes all
// gets the data.
func (c *call) decide() (any, error) {
	who, unknown := c.e.identify(c.r)
	c.who = who
	rt, notFound := c.route()
	var badQuery, badBody error
	if rt != nil {
		badQuery = c.readQuery(rt)
		badBody = c.readBody(rt)
	}

	if err := c.suffer(); err != nil {
		return nil, err
	}
	switch {
	case notFound != nil:
		return nil, notFound
	case unknown != nil:
		return nil, unknown
	}
	if err := c.count(rt); err != nil {
		return nil, err
	}
	if err := c.admit(rt); err != nil {
		return nil, err
	}
	if err := cmp.Or(badQuery, badBody); err != nil {
		return nil, err
	}
	switch {
	case rt.writes():
		answer, err := c.carryOut(rt)
		if err == nil {
			err = c.e.save()
		}
		return answer, err
	case rt.gdap != nil:
		return c.look(rt)
	}
	return rt.answer(c)
}

// look answers a read of a customer's directory.
func (c *call) look(rt *route) (any, error) {
	t := c.customer.tenant()
	t.mu.Lock()
	defer t.mu.Unlock()
	c.users = t.read(c.received)
	return rt.answer(c)
}

// carryOut answers a write of a customer's directory.
func (c *call) carryOut(rt *route) (any, error) {
	t := c.customer.tenant()
	t.mu.Lock()
	defer t.mu.Unlock()
	c.users = t.truth
	return c.once(func() (any, error) { return rt.answer(c) })
}

// put makes a change to a user.
func (c *call) put(n int, r *record) { c.customer.tenant().put(n, r, c.shows, c.received) }

func (c *call) route() (*route, error) {
	rest, ok := resource(c.r.URL.EscapedPath())
	if !ok {
		return nil, &refusal{status: http.StatusNotFound}
	}
	c.path = "/" + rest
	rt, vars, err := find(c.e.routes, c.r.Method, rest)
	if err != nil {
		return nil, err
	}
	c.vars = vars
	return rt, nil
}

// admit lets a call through that this person may make on this customer.
func (c *call) admit(rt *route) error {
	switch {
	case !acceptsJSON(c.r.Header.Values("Accept")):
		return &refusal{status: http.StatusNotAcceptable}
	case c.who.expired(c.received):
		return refuse(http.StatusUnauthorized, codeAccessDenied)
	case c.who.appOnly() && !rt.appOnly:
		return appOnlyRefused
	case c.who.appOnly():
		// An application has neither MFA nor a role with the partner.
	case !c.who.claims.MFA && c.e.opts.OldMFARefusal:
		return oldMFARefused
	case !c.who.claims.MFA:
		return refuse(http.StatusUnauthorized, codeMFAMissing)
	case c.who.person.PartnerRole == "":
		return roleRefused
	}
	if c.vars.customer == "" {
		return nil
	}
	if !isGUID(c.vars.customer) {
		return refuse(http.StatusBadRequest, codeInvalidCustomer)
	}
	c.customer = c.e.world.customer(c.vars.customer)
	if c.customer == nil || c.customer.departed {
		return refuse(http.StatusForbidden, codeNoRelationship)
	}
	if rt.gdap != nil && !c.who.person.has(c.customer.id, rt.gdap) {
		return refuse(http.StatusForbidden, codeNoPrivilege)
	}
	return nil
}

// acceptsJSON reads the Accept headers of a call; none accept everything.
func acceptsJSON(accept []string) bool {
	if len(accept) == 0 {
		return true
	}
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		kind, _, _ := strings.Cut(part, ";")
		switch strings.ToLower(strings.TrimSpace(kind)) {
		case "application/json", "application/*", "*/*", "text/json":
			return true
		}
	}
	return false
}

// write sends the answer, after the call log has it: whoever reads the last
// byte finds the call in the log.
func (c *call) write(answer any, err error) {
	status, body, contentType := c.render(answer, err)
	body = c.mangle.body(body)
	refused, _ := err.(*refusal)

	// Keys are assigned as the service prints them; Set would change their case.
	h := c.w.Header()
	if refused == nil || !refused.throttle() {
		h["MS-CorrelationId"] = []string{c.correlationID}
		h["MS-RequestId"] = []string{c.requestID}
		h["MS-CV"] = []string{correlationVector()}
		h["MS-ServerId"] = []string{serverIDs[rand.IntN(len(serverIDs))]}
		if c.who != nil && !c.who.appOnly() && strings.EqualFold(c.r.Header.Get("ValidateMfa"), "true") {
			h["isMfaCompliant"] = []string{strconv.FormatBool(c.who.claims.MFA)}
		}
	}
	if refused != nil {
		refused.header(h)
	}
	if contentType != "" {
		h["Content-Type"] = []string{contentType}
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	h["Date"] = []string{c.e.now().UTC().Format(http.TimeFormat)}

	c.record(status)
	c.w.WriteHeader(status)
	if c.mangle.cut {
		c.cut(body)
	}
	_, _ = c.w.Write(body) // who hung up needs no answer
}

// cut sends half of the promised body and drops the connection.
func (c *call) cut(body []byte) {
	_, _ = c.w.Write(body[:len(body)/2]) // the connection ends either way
	_ = http.NewResponseController(c.w).Flush()
	panic(http.ErrAbortHandler)
}

// render makes the body: a success in front of which the service puts a byte
// order mark, or a refusal, which has none.
func (c *call) render(answer any, err error) (status int, body []byte, contentType string) {
	if err != nil {
		refused, ok := err.(*refusal)
		if !ok {
			c.e.log.Error("the emulator could not answer", slog.Any("error", err))
			refused = refuse(http.StatusInternalServerError, codeUnexpected)
		}
		return refused.status, refused.body(), refused.contentType()
	}
	status = http.StatusOK
	switch special := answer.(type) {
	case nil:
		return http.StatusOK, nil, ""
	case noContent:
		return http.StatusNoContent, nil, ""
	case created:
		status, answer = http.StatusCreated, special.body
	}
	body, err = encode(answer)
	if err != nil {
		return c.render(nil, err)
	}
	if c.e.opts.NoBOM {
		body = body[len(byteOrderMark):]
	}
	return status, body, jsonContentType
}

// Answers that are no 200: 201 with a body, and 204.
type (
	created   struct{ body any }
	noContent struct{}
)

func (c *call) record(status int) {
	entry := Call{
		Method:        c.r.Method,
		Path:          c.r.URL.EscapedPath(),
		Query:         c.r.URL.RawQuery,
		Body:          loggable(c.body),
		Page:          c.seek.page,
		Person:        c.who.key(),
		Status:        status,
		Lost:          c.lost,
		CorrelationID: c.correlationID,
		RequestID:     c.requestID,
		Time:          c.received,
	}
	c.e.calls.add(entry)
	c.e.log.LogAttrs(context.Background(), slog.LevelDebug, "call answered",
		slog.String("method", entry.Method), slog.String("path", entry.Path),
		slog.Int("status", status), slog.String("person", entry.Person),
		slog.String("correlation_id", entry.CorrelationID), slog.String("request_id", entry.RequestID))
}

// serverIDs are opaque texts of the kind seen in documented exchanges.
var serverIDs = []string{"101112616", "020021921", "101112202", "030020525", "102030524", "201022015"}

// correlationVector makes the value of MS-CV: 16 base64 characters and ".0".
func correlationVector() string {
	var b [12]byte
	binary.BigEndian.PutUint64(b[:8], rand.Uint64())
	binary.BigEndian.PutUint32(b[8:], rand.Uint32())
	return base64.StdEncoding.EncodeToString(b[:]) + ".0"
}
