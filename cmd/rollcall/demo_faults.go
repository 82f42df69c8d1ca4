package main

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
	"github.com/rollcall-app/rollcall/web"
)

// demoFaults is the demo's menu of what can go wrong at Partner Center. Lists
// that are read already stay readable, as they would.
type demoFaults struct {
	emulator *emulator.Emulator

	mu sync.Mutex
	on []string
}

type menuFault struct {
	name, label string
	faults      []emulator.Fault
}

// faultMenu is the faults with what they do to the emulator.
var faultMenu = []menuFault{
	{"slow", "Slow: two seconds an answer", []emulator.Fault{{Latency: 2 * time.Second}}},
	{"throttled", "Throttled: asked to wait", []emulator.Fault{{PathPrefix: "/customers", Status: http.StatusTooManyRequests, RetryAfter: 40 * time.Second}}},
	{"down", "Down: every answer is an error", []emulator.Fault{{PathPrefix: "/customers", Status: http.StatusServiceUnavailable}}},
	{"cut", "Cut: page 3 of users breaks off", []emulator.Fault{{PathPrefix: "/customers/*/users", Page: 3, CutBody: true}}},
	{"stuck", "Stuck: page 2 of users never comes", []emulator.Fault{{PathPrefix: "/customers/*/users", Page: 2, Hang: true}}},
	{"no-mfa", "No second factor at sign-in", []emulator.Fault{{Status: http.StatusUnauthorized, Code: 900421}}},
	{"no-role", "No GDAP role at any customer", []emulator.Fault{{PathPrefix: "/customers/*", Status: http.StatusForbidden, Code: 2032}}},
	{"no-agent", "No role in Partner Center", []emulator.Fault{{PathPrefix: "/customers", Status: http.StatusForbidden, Code: 2032}}},
	{"no-relationship", "No relationship with any customer", []emulator.Fault{{PathPrefix: "/customers/*", Status: http.StatusForbidden, Code: 20002}}},
	{"expired", "Expired: token and renewal refused, once", []emulator.Fault{{PathPrefix: "/customers/*", Status: http.StatusUnauthorized, Times: 3}}}, // a third time for a reading behind the page
}

// Faults are all there are, with those that are on.
func (d *demoFaults) Faults() []web.DemoFault {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := make([]web.DemoFault, len(faultMenu))
	for i, f := range faultMenu {
		list[i] = web.DemoFault{Name: f.name, Label: f.label, On: slices.Contains(d.on, f.name)}
	}
	return list
}

// SetFaults turns these on and all others off.
func (d *demoFaults) SetFaults(names []string) bool {
	var faults []emulator.Fault
	for _, name := range names {
		at := slices.IndexFunc(faultMenu, func(f menuFault) bool { return f.name == name })
		if at < 0 {
			return false
		}
		faults = append(faults, faultMenu[at].faults...)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.on = names
	d.emulator.ClearFaults()
	for _, f := range faults {
		d.emulator.SetFault(f)
	}
	return true
}
