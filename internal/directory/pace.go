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
	slow   time.Time // until then, the pace is what it is

	minute     time.Time // when it began
	made, last float64   // calls of people and of the background in it, and in the one before
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

	slowFor = time.Hour // after a refusal; then the full pace is tried again
)

func newPace(perMinute int) *pace {
	if perMinute <= 0 {
		perMinute = callsPerMinute
	}
	now := time.Now()
	return &pace{full: float64(perMinute), rate: float64(perMinute), purse: purseSize, filled: now, minute: now}
}

// spend takes note of calls of people.
func (p *pace) spend(calls float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fill()
	p.purse -= calls
	p.made += calls
}

// take takes a call in the background from the purse. One that can wait leaves
// half of it for the rows that people look at. If there is not enough in it,
// it tells after how long there will be.
func (p *pace) take(canWait bool) (wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fill()
	need := 1.0
	if canWait {
		need = max(1, p.most()/2)
	}
	if missing := need - p.purse; missing > 0 {
		return max(time.Millisecond, time.Duration(missing/p.rate*float64(time.Minute)))
	}
	p.purse--
	p.made++
	return 0
}

// refused takes note of a call in the background that was refused: from now on
// half of what was made in a minute leaves room for people.
func (p *pace) refused() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fill()
	made := p.made + p.last*max(0, 1-time.Since(p.minute).Minutes())
	p.rate = max(min(p.rate, made)/2, min(fewestCalls, p.full))
	p.purse = min(p.purse, 0)
	p.slow = time.Now().Add(slowFor)
}

// most is what the purse holds at most. It needs the mutex.
func (p *pace) most() float64 { return max(1, purseSize*p.rate/p.full) }

// fill puts into the purse what time has brought. It needs the mutex.
func (p *pace) fill() {
	now := time.Now()
	minutes := now.Sub(p.filled).Minutes()
	p.filled = now
	p.purse = min(p.purse+p.rate*minutes, p.most())
	if now.After(p.slow) {
		p.rate = p.full
	}
	if since := now.Sub(p.minute); since >= 2*time.Minute {
		p.minute, p.last, p.made = now, 0, 0
	} else if since >= time.Minute {
		p.minute, p.last, p.made = p.minute.Add(time.Minute), p.made, 0
	}
}
