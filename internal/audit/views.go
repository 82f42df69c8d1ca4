package audit

import (
	"context"
	"errors"
	"maps"
	"strconv"
	"sync"
	"time"
)

// window is how long views of one list are counted into one row.
const window = 10 * time.Minute

// mostViews is how many counts are open at most; beyond it all are written.
const mostViews = 20_000

// viewKey is what views have in common that are counted together: all that a
// row tells of a view but the moment. A cookie that is used from elsewhere, or
// for another ticket, makes a row of its own.
type viewKey struct{ kind, person, address, customerID, targetID, ticket, text, reason string }

func keyOf(e Entry) viewKey {
	return viewKey{e.Kind, e.Person, e.Address, e.CustomerID, e.TargetID, e.Ticket, e.Detail["text"], e.Detail["reason"]}
}

// views counts the views of lists: who looks at a list does so again and
// again, and a row for each would bury the rest.
type views struct {
	mu   sync.Mutex
	open map[viewKey]*view
}

type view struct {
	mu    sync.Mutex
	first Entry
	begun time.Time // when the first was written; zero while it is not
	last  time.Time
	more  int  // after the first
	over  bool // taken off the map
}

// Viewed reports that a person looks at a list. The first view of its kind, by
// that person from that address, is a row at once; those that follow within
// ten minutes are counted into one more row at their end. What is lost when
// the process dies is the count, never that the person looked.
func (t *Trail) Viewed(ctx context.Context, e Entry) error {
	return t.look(e, func(v *view) error {
		if v.begun.IsZero() {
			return t.begin(ctx, v, e)
		}
		v.more++
		v.last = t.st.Now()
		return nil
	})
}

// Seen makes sure that the view is on the trail, and counts it no second time:
// for what a page asks again by itself of a list that it shows.
func (t *Trail) Seen(ctx context.Context, e Entry) error {
	return t.look(e, func(v *view) error {
		if !v.begun.IsZero() {
			return nil
		}
		return t.begin(ctx, v, e)
	})
}

// AppendSeen commits a row each time, as Append does, and lets Seen know of it.
func (t *Trail) AppendSeen(ctx context.Context, e Entry) error {
	return t.look(e, func(v *view) error { return t.begin(ctx, v, e) })
}

// look does something to the view that the entry is one of, alone.
func (t *Trail) look(e Entry, do func(*view) error) error {
	for {
		v := t.view(e)
		v.mu.Lock()
		if v.over {
			v.mu.Unlock()
			continue
		}
		err := do(v)
		v.mu.Unlock()
		return err
	}
}

func (t *Trail) view(e Entry) *view {
	key := keyOf(e)
	t.views.mu.Lock()
	defer t.views.mu.Unlock()
	v := t.views.open[key]
	if v == nil {
		v = &view{first: e}
		t.views.open[key] = v
	}
	return v
}

func (t *Trail) begin(ctx context.Context, v *view, e Entry) error {
	if _, err := t.Append(ctx, e); err != nil {
		return err
	}
	v.begun = t.st.Now()
	return nil
}

// flushViews writes the counts whose ten minutes are over, or all.
func (t *Trail) flushViews(ctx context.Context, all bool) error {
	t.views.mu.Lock()
	all = all || len(t.views.open) > mostViews
	open := make(map[viewKey]*view, len(t.views.open))
	for key, v := range t.views.open {
		open[key] = v
	}
	t.views.mu.Unlock()

	var errs []error
	now := t.st.Now()
	for key, v := range open {
		v.mu.Lock()
		if v.over { // another flush has written it
			v.mu.Unlock()
			continue
		}
		if all || now.Sub(v.begun) >= window {
			if err := t.flush(ctx, v); err != nil {
				errs = append(errs, err) // it stays and is tried again
			} else {
				v.over = true
				t.views.mu.Lock()
				delete(t.views.open, key)
				t.views.mu.Unlock()
			}
		}
		v.mu.Unlock()
	}
	return errors.Join(errs...)
}

func (t *Trail) flush(ctx context.Context, v *view) error {
	if v.more == 0 {
		return nil
	}
	e := v.first
	e.Detail = maps.Clone(e.Detail)
	if e.Detail == nil {
		e.Detail = map[string]string{}
	}
	e.Detail["more views"] = strconv.Itoa(v.more)
	e.Detail["since"] = v.begun.Format(time.RFC3339)
	e.Detail["last"] = v.last.Format(time.RFC3339)
	_, err := t.Append(ctx, e)
	return err
}
