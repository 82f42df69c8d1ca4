package emulator

import (
	"net/http"
	"net/http/httptest"
	"time"
)

// ServeOnly replaces the emulator's customers by some that a test writes down.
func (e *Emulator) ServeOnly(customers ...struct{ ID, Name, Domain string }) {
	var rows []customerRow
	for _, c := range customers {
		rows = append(rows, customerRow{id: c.ID, name: c.Name, domains: c.Domain, country: "US", mix: "us", kit: "none"})
	}
	e.world = newWorld(0, rows, e.now())
	e.world.customers = nil
	for _, c := range customers { // in the order written
		e.world.customers = append(e.world.customers, e.world.byID[c.ID])
	}
}

// ForgedToken is a continuation token in the emulator's own form, but made
// with another key.
func ForgedToken(path string, size, offset int, now time.Time) string {
	return newTokenMaker(4711).make(cursor{size: size, offset: offset}, path, now)
}

// status is what a GET by an admin agent is answered with.
func status(e *Emulator, path, query string) int {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.URL.RawQuery = query
	r.Header.Set("Authorization", "Bearer admin-agent")
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w.Code
}
