package preferences

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-app/rollcall/internal/store"
)

// View is a list of users that somebody gave a name: what the address of the
// list asks for. It holds no users, and gives nobody access to any.
type View struct {
	ID         string
	Name       string
	CustomerID string // "": it is for all customers
	Shared     bool   // with all staff of the partner
	Query      string // as the address of the list has it
	Own        bool   // the person's own; those of others can only be opened
	Of         string // whose it is, by name
}

// For reports whether the view is for the customer.
func (v View) For(customerID string) bool { return v.CustomerID == "" || v.CustomerID == customerID }

// Owner is who keeps a view.
type Owner struct {
	Person string // key
	Tenant string // the partner's, whose staff see what is shared
	Name   string // for those who see it
}

// What a view may be at most.
const (
	MostViewNameBytes = 80
	mostViewQuery     = 2000
	mostViews         = 100 // of one person
)

// Errors of views.
var (
	ErrNoView    = errors.New("no such view")
	ErrViewName  = errors.New("a view needs a name of at most 80 bytes")
	ErrViewTwice = errors.New("the person has a view of this name")
	ErrManyViews = errors.New("the person has too many views")
)

// Views are the person's own and those that others of the partner share, by
// name: as they are, or where another replica changed them, as they were five
// seconds ago. The slice is the caller's own.
func (b *Book) Views(ctx context.Context, owner Owner) ([]View, error) {
	return b.readViews(ctx, owner, fresh)
}

func (b *Book) readViews(ctx context.Context, owner Owner, age time.Duration) ([]View, error) {
	var out []View
	err := b.with(ctx, owner.Person, func(p *page) error {
		changed := b.viewsChanged.Load()
		if p.viewsKnown != changed || b.now().Sub(p.viewsRead) > age {
			kept, err := b.rows.SavedViews(ctx, owner.Tenant, owner.Person)
			if err != nil {
				return err
			}
			p.views, p.viewsRead, p.viewsKnown = viewsOf(kept, owner.Person), b.now(), changed
		}
		out = slices.Clone(p.views)
		return nil
	})
	return out, err
}

func viewsOf(kept []store.SavedView, person string) []View {
	all := make([]View, len(kept))
	for i, v := range kept {
		all[i] = View{ID: v.ID, Name: v.Name, CustomerID: v.CustomerID, Shared: v.Shared, Query: v.Query, Own: v.Person == person, Of: v.PersonName}
	}
	slices.SortStableFunc(all, func(a, b View) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return all
}

// View is one that the person may open; ErrNoView where there is none. One that
// was shared a moment ago, by way of another replica, is there.
func (b *Book) View(ctx context.Context, owner Owner, id string) (View, error) {
	for _, age := range []time.Duration{fresh, -1} {
		all, err := b.readViews(ctx, owner, age)
		if err != nil {
			return View{}, err
		}
		if i := slices.IndexFunc(all, func(v View) bool { return v.ID == id }); i >= 0 {
			return all[i], nil
		}
	}
	return View{}, ErrNoView
}

// SaveView keeps a view under a name of its own, and gives it with its ID. A
// view of the same name, for the same customer, is an error: ErrViewTwice.
func (b *Book) SaveView(ctx context.Context, owner Owner, v View) (View, error) {
	all, err := b.Views(ctx, owner)
	if err != nil {
		return View{}, err
	}
	own := 0
	for _, other := range all {
		if other.Own {
			own++
		}
	}
	switch {
	case own >= mostViews:
		return View{}, ErrManyViews
	case len(v.Query) > mostViewQuery:
		return View{}, ErrSettings
	}
	if err := nameFree(all, v); err != nil {
		return View{}, err
	}
	now := b.now().UTC()
	v.ID, v.Own, v.Of = strings.ToLower(rand.Text()), true, owner.Name
	err = b.viewWritten(b.rows.CreateSavedView(ctx, store.SavedView{
		ID: v.ID, Tenant: owner.Tenant, Person: owner.Person, PersonName: owner.Name, Name: v.Name, CustomerID: v.CustomerID,
		Shared: v.Shared, Query: v.Query, Created: now, Updated: now,
	}))
	return v, err
}

// ChangeView gives one of the person's own views another name, and shares it
// or no longer.
func (b *Book) ChangeView(ctx context.Context, owner Owner, id, name string, shared bool) error {
	all, err := b.Views(ctx, owner)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(v View) bool { return v.ID == id && v.Own })
	if at < 0 {
		return ErrNoView
	}
	v := all[at]
	v.Name, v.Shared = name, shared
	if err := nameFree(all, v); err != nil {
		return err
	}
	return b.viewWritten(b.rows.ChangeSavedView(ctx, store.SavedView{
		ID: id, Person: owner.Person, Name: name, Shared: shared, Query: v.Query, Updated: b.now().UTC(),
	}))
}

// DeleteView forgets one of the person's own views. Whoever has it as their
// default has none from then on.
func (b *Book) DeleteView(ctx context.Context, owner Owner, id string) error {
	return b.viewWritten(b.rows.DeleteSavedView(ctx, owner.Person, id))
}

// nameFree reports what is wrong with a view's name.
func nameFree(all []View, v View) error {
	if v.Name == "" || len(v.Name) > MostViewNameBytes {
		return ErrViewName
	}
	for _, other := range all {
		if other.Own && other.ID != v.ID && other.CustomerID == v.CustomerID && strings.EqualFold(other.Name, v.Name) {
			return ErrViewTwice
		}
	}
	return nil
}

// viewWritten has everybody's views read again after a change.
func (b *Book) viewWritten(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return ErrNoView
	}
	if err == nil {
		b.viewsChanged.Add(1)
	}
	return err
}

// Defaults are the views that lists open with: by customer ID, and under ""
// for customers without one of their own. The map is the caller's own.
func (b *Book) Defaults(ctx context.Context, person string) (map[string]string, error) {
	var out map[string]string
	err := b.with(ctx, person, func(p *page) error { out = maps.Clone(p.defaults); return nil })
	return out, err
}

// SetDefault makes a view the one that the customer's list opens with, or with
// "" for the customer every list; no view takes the default off.
func (b *Book) SetDefault(ctx context.Context, person, customerID, viewID string) error {
	return b.with(ctx, person, func(p *page) error {
		var stored map[string]string
		err := b.rows.ChangePreference(ctx, person, keyDefaults, func(old []byte) ([]byte, error) {
			stored = nil
			if old != nil {
				if err := json.Unmarshal(old, &stored); err != nil {
					return nil, err
				}
			}
			if viewID == "" {
				delete(stored, customerID)
			} else {
				put(&stored, customerID, viewID)
			}
			for id := range stored { // any goes: so many customers nobody keeps a default for
				if len(stored) <= mostRecents {
					break
				}
				if id != customerID && id != "" {
					delete(stored, id)
				}
			}
			return json.Marshal(stored)
		})
		if err != nil {
			return err
		}
		p.defaults = stored
		return nil
	})
}
