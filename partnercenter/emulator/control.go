package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// controlHandler serves what tests and demos steer the emulator with:
//
//	GET, POST, DELETE /_emulator/faults   list, add one, remove all (or ?name=)
//	GET, DELETE       /_emulator/calls    list, forget
//
// It is on only where Options.Control says so. Pages of other sites can't use
// it: cross-origin writes are refused, and a body must say that it is JSON.
func controlHandler(e *Emulator) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_emulator/faults", func(w http.ResponseWriter, r *http.Request) {
		writeControl(w, http.StatusOK, e.faultStates())
	})
	mux.HandleFunc("POST /_emulator/faults", e.postFault)
	mux.HandleFunc("DELETE /_emulator/faults", func(w http.ResponseWriter, r *http.Request) {
		if name := r.URL.Query().Get("name"); name != "" {
			e.ClearFault(name)
		} else {
			e.ClearFaults()
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /_emulator/calls", func(w http.ResponseWriter, r *http.Request) {
		writeControl(w, http.StatusOK, e.Calls())
	})
	mux.HandleFunc("DELETE /_emulator/calls", func(w http.ResponseWriter, r *http.Request) {
		e.ResetCalls()
		w.WriteHeader(http.StatusNoContent)
	})
	return http.NewCrossOriginProtection().Handler(mux)
}

// controlFault is a Fault as JSON; durations are text like "200ms".
type controlFault struct {
	Name       string   `json:"name,omitempty"`
	Method     string   `json:"method,omitempty"`
	PathPrefix string   `json:"pathPrefix,omitempty"`
	CustomerID string   `json:"customerId,omitempty"`
	Person     string   `json:"person,omitempty"`
	Page       int      `json:"page,omitempty"`
	After      int      `json:"after,omitempty"`
	Times      int      `json:"times,omitempty"`
	Latency    duration `json:"latency,omitempty"`
	Status     int      `json:"status,omitempty"`
	Code       int      `json:"code,omitempty"`
	RetryAfter duration `json:"retryAfter,omitempty"`
	Hang       bool     `json:"hang,omitempty"`
	CutBody    bool     `json:"cutBody,omitempty"`
	BrokenJSON bool     `json:"brokenJson,omitempty"`

	LoseRequest    bool     `json:"loseRequest,omitempty"`
	LoseAnswer     bool     `json:"loseAnswer,omitempty"`
	ShowAfterReads int      `json:"showAfterReads,omitempty"`
	ShowAfter      duration `json:"showAfter,omitempty"`
}

// MarshalJSON writes the form that the control endpoint takes; durations are
// text like "200ms".
func (f Fault) MarshalJSON() ([]byte, error) { return json.Marshal(f.control()) }

// UnmarshalJSON reads that form and refuses fields it does not know.
func (f *Fault) UnmarshalJSON(b []byte) error {
	var sent controlFault
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&sent); err != nil {
		return err
	}
	if sent.Status != 0 && (sent.Status < 400 || sent.Status > 599) {
		return errors.New("status must be from 400 to 599")
	}
	*f = sent.fault()
	return nil
}

// faultState is a fault and what it has done so far.
type faultState struct {
	controlFault
	Seen   int `json:"seen"`   // calls that fitted
	Struck int `json:"struck"` // calls it hit
}

type duration time.Duration

func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *duration) UnmarshalText(b []byte) error {
	parsed, err := time.ParseDuration(string(b))
	if err == nil && parsed < 0 {
		err = fmt.Errorf("%s is negative", b)
	}
	*d = duration(parsed)
	return err
}

func (e *Emulator) faultStates() []faultState {
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	states := make([]faultState, len(e.faults.faults))
	for i, f := range e.faults.faults {
		states[i] = faultState{f.control(), f.seen, f.struck}
	}
	return states
}

func (e *Emulator) postFault(w http.ResponseWriter, r *http.Request) {
	if kind := r.Header.Get("Content-Type"); kind != "application/json" {
		http.Error(w, "send application/json", http.StatusUnsupportedMediaType)
		return
	}
	var sent Fault
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&sent); err != nil {
		http.Error(w, "not a fault: "+err.Error(), http.StatusBadRequest)
		return
	}
	e.SetFault(sent)
	writeControl(w, http.StatusCreated, sent)
}

func writeControl(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // who hung up needs no answer
}

func (f Fault) control() controlFault {
	return controlFault{
		Name: f.Name, Method: f.Method, PathPrefix: f.PathPrefix, CustomerID: f.CustomerID, Person: f.Person,
		Page: f.Page, After: f.After, Times: f.Times,
		Latency: duration(f.Latency), Status: f.Status, Code: f.Code, RetryAfter: duration(f.RetryAfter),
		Hang: f.Hang, CutBody: f.CutBody, BrokenJSON: f.BrokenJSON,
		LoseRequest: f.LoseRequest, LoseAnswer: f.LoseAnswer, ShowAfterReads: f.ShowAfterReads, ShowAfter: duration(f.ShowAfter),
	}
}

func (f controlFault) fault() Fault {
	return Fault{
		Name: f.Name, Method: f.Method, PathPrefix: f.PathPrefix, CustomerID: f.CustomerID, Person: f.Person,
		Page: f.Page, After: f.After, Times: f.Times,
		Latency: time.Duration(f.Latency), Status: f.Status, Code: f.Code, RetryAfter: time.Duration(f.RetryAfter),
		Hang: f.Hang, CutBody: f.CutBody, BrokenJSON: f.BrokenJSON,
		LoseRequest: f.LoseRequest, LoseAnswer: f.LoseAnswer, ShowAfterReads: f.ShowAfterReads, ShowAfter: time.Duration(f.ShowAfter),
	}
}
