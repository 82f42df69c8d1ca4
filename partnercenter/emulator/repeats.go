package emulator

import "sync"

// repeats remembers the answers to writes by their MS-RequestId, so that a
// write sent again is answered again and not done again (Options.Deduplicate).
type repeats struct {
	mu    sync.Mutex
	known map[repeat]reply
	order []repeat
}

// repeat is what makes two calls one.
type repeat struct{ person, method, path, requestID string }

type reply struct {
	answer any
	err    error
}

// maxRepeats is how many answers are remembered; then the oldest is forgotten.
const maxRepeats = 10_000

// once carries a write out, or repeats the answer it had. The customer's lock
// is held, so two of the same can't be under way at once.
func (c *call) once(carryOut func() (any, error)) (any, error) {
	sent := c.r.Header.Get("MS-RequestId")
	if !c.e.opts.Deduplicate || !isGUID(sent) {
		return carryOut()
	}
	known := &c.e.repeats
	key := repeat{c.who.key(), c.r.Method, c.path, sent}
	if before, ok := known.find(key); ok {
		return before.answer, before.err
	}
	answer, err := carryOut()
	known.add(key, reply{withoutPassword(answer), err})
	return answer, err
}

func (k *repeats) find(key repeat) (reply, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	before, ok := k.known[key]
	return before, ok
}

func (k *repeats) add(key repeat, r reply) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known == nil {
		k.known = map[repeat]reply{}
	}
	if len(k.order) >= maxRepeats {
		delete(k.known, k.order[0])
		k.order = k.order[1:]
	}
	k.known[key] = r
	k.order = append(k.order, key)
}

// withoutPassword is an answer that may be kept.
func withoutPassword(answer any) any {
	switch a := answer.(type) {
	case userBody:
		a.PasswordProfile = nil
		return a
	case created:
		return created{withoutPassword(a.body)}
	}
	return answer
}
