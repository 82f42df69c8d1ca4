package directory

import (
	"sync"
	"time"
)

// pace is how fast a partner's calls in the background may follow each other.
// Partner Center publishes one number, 500 calls a minute for a tenant, refuses
// what is beyond it, and counts what it refused as well. So the background
// leaves room: calls of people are taken from the same purse, and don't wait
// for it, so that the background waits for them.
//
// Source: API facts 12.
type pace struct {
	full float64 // calls a minute, while nothing was refused

	mu     sync.Mutex
	rate   float64 // calls a minute
	purse  float64 // calls that may be made at once; below 0 when people made more
	filled time.Time
}

// paces are those of all partners.
type paces struct {
	mu       sync.Mutex // held for a moment, whatever else is
	byTenant map[string]*pace
}

func (p *paces) of(tenant string, perMinute int) *pace {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byTenant == nil {
		p.byTenant = map[string]*pace{}
	}
	if p.byTenant[tenant] == nil {
		p.byTenant[tenant] = newPace(perMinute)
	}
	return p.byTenant[tenant]
}

const (
	callsPerMinute = 300 // of the background, if nothing else is set
	fewestCalls    = 20  // a minute, however often it was refused
	purseSize      = 100 // calls after a while without any
	purseForScreen = 50  // of them, kept for the rows that people look at
)

func newPace(perMinute int) *pace {
	if perMinute <= 0 {
		perMinute = callsPerMinute
	}
	return &pace{full: float64(perMinute), rate: float64(perMinute), purse: purseSize, filled: time.Now()}
}

// spend takes note of calls of people.
func (p *pace) spend(calls float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fill()
	p.purse -= calls
}

// take takes a call in the background from the purse, if there are more than
// so many in it; else it tells after how long there will be.
func (p *pace) take(keep float64) (wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fill()
	if missing := keep + 1 - p.purse; missing > 0 {
		return time.Duration(missing / p.rate * float64(time.Minute))
	}
	p.purse--
	return 0
}

// refused takes note of a call in the background that was refused: half of
// what was tried leaves room for people.
func (p *pace) refused() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fill()
	p.rate = max(p.rate/2, min(fewestCalls, p.full))
	p.purse = min(p.purse, 0)
}

// fill puts into the purse what time has brought. A pace that was slowed down
// gains a tenth a minute. It needs the mutex.
func (p *pace) fill() {
	now := time.Now()
	minutes := now.Sub(p.filled).Minutes()
	p.filled = now
	p.purse = min(p.purse+p.rate*minutes, purseSize*p.rate/p.full)
	p.rate = min(p.rate+p.full*minutes/10, p.full)
}
