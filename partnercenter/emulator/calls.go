package emulator

import (
	"sync"
	"time"
)

// Call is one line of the call log: what was asked by whom, and the answer's
// status. Tokens are never in it, nor the body of a call that sets a password
// or of one that can't be read.
type Call struct {
	Method        string    `json:"method"`
	Path          string    `json:"path"` // as sent, with /v1
	Query         string    `json:"query,omitempty"`
	Body          string    `json:"body,omitempty"`   // of a write, as sent
	Page          int       `json:"page,omitempty"`   // of a paged list, 1 is the first
	Person        string    `json:"person,omitempty"` // bearer word or object ID
	Status        int       `json:"status"`           // 0: never answered
	Lost          int       `json:"lost,omitempty"`   // of the answer that a fault kept back: the call was carried out
	CorrelationID string    `json:"correlationId"`
	RequestID     string    `json:"requestId"`
	Time          time.Time `json:"time"`
}

// maxCalls is how many calls the log keeps; then the oldest half goes.
const maxCalls = 100_000

type callLog struct {
	mu    sync.Mutex
	calls []Call
}

func (l *callLog) add(c Call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.calls) >= maxCalls {
		l.calls = append(l.calls[:0], l.calls[maxCalls/2:]...)
	}
	l.calls = append(l.calls, c)
}

// Calls is a copy of the call log, oldest first. A call is in it before its
// answer's last byte can be read. The log keeps the newest 100,000 or fewer.
func (e *Emulator) Calls() []Call {
	e.calls.mu.Lock()
	defer e.calls.mu.Unlock()
	return append([]Call{}, e.calls.calls...)
}

// ResetCalls empties the call log.
func (e *Emulator) ResetCalls() {
	e.calls.mu.Lock()
	defer e.calls.mu.Unlock()
	e.calls.calls = nil
}
