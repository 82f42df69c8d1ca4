package web

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// TestProbes: alive as long as it answers at all, ready as long as it can work
// and is not on its way out.
func TestProbes(t *testing.T) {
	r := newRig(t, rigOptions{})
	b := r.browser(t)
	b.from = "192.0.2.99:1"
	probe := func(path string, headers ...with) string {
		a := b.get(path, append(headers, with{"Host", "10.0.0.5:8080"})...) // as a balancer asks
		return strings.TrimSpace(a.body)
	}
	if got := probe("/livez") + ", " + probe("/readyz"); got != "alive, ready" {
		t.Errorf("at first: %s", got)
	}
	r.portal.server.healthy = func(context.Context) error { return errors.New("password=secret at db.example") }
	if got := probe("/livez") + ", " + probe("/readyz"); got != "alive, database not reachable" {
		t.Errorf("without a database: %s", got)
	}
	r.portal.server.healthy = r.healthy
	r.portal.server.warnings = func() []string { return []string{"the clock jumped at 14:02", "little space"} }
	if a := b.get("/readyz"); a.status != 200 || a.body != "ready\nwarning: the clock jumped at 14:02\nwarning: little space\n" {
		t.Errorf("with warnings: %d %q", a.status, a.body)
	}
	r.portal.Stopping()
	if a := b.get("/readyz"); a.status != 503 {
		t.Errorf("stopping: %d", a.status)
	}
	if got := probe("/livez") + ", " + probe("/readyz"); got != "alive, stopping" {
		t.Errorf("stopping: %s", got)
	}
	if a := b.get("/sign-in"); a.status != 200 {
		t.Errorf("what still comes while stopping is answered: %d", a.status)
	}
}
