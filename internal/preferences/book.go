package preferences

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rollcall-app/rollcall/internal/store"
)

// rows is what the book needs of the store: one JSON value a person and key,
// the users ticked in a list, and the views by name.
type rows interface {
	Preference(ctx context.Context, person, key string) (value []byte, found bool, err error)
	ChangePreference(ctx context.Context, person, key string, change func(old []byte) ([]byte, error)) error
	Selection(ctx context.Context, person, customerID, list string, known int64, since time.Time) (ids []byte, version int64, err error)
	ChangeSelection(ctx context.Context, person, customerID, list string, since time.Time, change func(old []byte) ([]byte, error)) (version int64, err error)
	SavedViews(ctx context.Context, tenant, person string) ([]store.SavedView, error)
	CreateSavedView(ctx context.Context, v store.SavedView) error
	ChangeSavedView(ctx context.Context, v store.SavedView) error
	DeleteSavedView(ctx context.Context, person, id string) error
}

const (
	keySettings  = "settings"
	keyCustomers = "customers"
	keyDefaults  = "default views"

	fresh       = 5 * time.Second
	openedEvery = 10 * time.Minute
	mostRecents = 200
)

// Settings are what a person chose for themselves; the zero value is what
// everybody starts with.
type Settings struct {
	Theme    string `json:"theme,omitempty"`     // "" as the system, "light", "dark"
	Density  string `json:"density,omitempty"`   // "" comfortable, "compact"
	Keys     string `json:"keys,omitempty"`      // "" only while focus is in the table, "everywhere", "off"
	TimeZone string `json:"time_zone,omitempty"` // IANA name; "" is the browser's
	Columns  string `json:"columns,omitempty"`   // of the list of users, as its address has them; "" the usual ones
	PageSize int    `json:"page_size,omitempty"` // rows a page of that list; 0 the usual number
}

// ErrSettings is the error of settings that don't pass Check.
var ErrSettings = errors.New("settings out of range")

// Problem is what is wrong with one setting, in words for a person.
type Problem struct {
	Field string // "theme", "density", "keys", "time_zone", "columns", "page_size"
	Text  string
}

// Check finds what is wrong with the settings; nil when nothing is.
func (s Settings) Check() []Problem {
	var bad []Problem
	if !slices.Contains([]string{"", "light", "dark"}, s.Theme) {
		bad = append(bad, Problem{"theme", "Theme: choose the system's, light or dark."})
	}
	if !slices.Contains([]string{"", "compact"}, s.Density) {
		bad = append(bad, Problem{"density", "Density: choose comfortable or compact."})
	}
	if !slices.Contains([]string{"", "everywhere", "off"}, s.Keys) {
		bad = append(bad, Problem{"keys", "Keys: choose in the table, everywhere or off."})
	}
	if len(s.Columns) > mostColumnsBytes || strings.ContainsFunc(s.Columns, notInColumns) {
		bad = append(bad, Problem{"columns", "Columns: choose some of those there are."})
	}
	if !slices.Contains([]int{0, 25, 50, 100, 250}, s.PageSize) {
		bad = append(bad, Problem{"page_size", "Rows on a page: choose 25, 50, 100 or 250."})
	}
	if s.TimeZone != "" {
		if _, err := time.LoadLocation(s.TimeZone); err != nil || s.TimeZone == "Local" {
			bad = append(bad, Problem{"time_zone", "Time zone: choose one of the list, such as Europe/Berlin."})
		}
	}
	return bad
}

// mostColumnsBytes is more than all columns there are.
const mostColumnsBytes = 200

func notInColumns(r rune) bool { return r != ',' && r != '-' && (r < 'a' || r > 'z') }

// Customers is where a person has been: by customer ID.
type Customers struct {
	Starred map[string]time.Time `json:"starred,omitempty"`
	Opened  map[string]time.Time `json:"opened,omitempty"`
	Refused map[string]time.Time `json:"refused,omitempty"` // no access when last opened
	Tickets map[string]string    `json:"tickets,omitempty"`
}

// Book reads and writes preferences.
type Book struct {
	rows rows
	now  func() time.Time

	mu     sync.Mutex
	people map[string]*page

	viewsChanged atomic.Int64 // how often a view was saved, changed or deleted here

	ticked ticked
}

// page is one person's cached preferences. Its lock serialises the person's
// own changes, so that a star set in one tab is not lost to another.
type page struct {
	mu        sync.Mutex
	read      time.Time
	settings  Settings
	customers Customers
	defaults  map[string]string // view by customer ID, "" for all others

	viewsRead  time.Time
	viewsKnown int64 // Book.viewsChanged when they were read
	views      []View
}

// New makes a book over the store.
func New(rows rows) *Book {
	return &Book{rows: rows, now: time.Now, people: map[string]*page{}}
}

// Settings are the person's, or the defaults where nothing was chosen.
func (b *Book) Settings(ctx context.Context, person string) (Settings, error) {
	var out Settings
	err := b.with(ctx, person, func(p *page) error { out = p.settings; return nil })
	return out, err
}

// SetSettings replaces the person's settings, which must pass Check.
func (b *Book) SetSettings(ctx context.Context, person string, s Settings) error {
	if len(s.Check()) > 0 {
		return ErrSettings
	}
	return b.with(ctx, person, func(p *page) error {
		err := b.rows.ChangePreference(ctx, person, keySettings, func([]byte) ([]byte, error) { return json.Marshal(s) })
		if err != nil {
			return err
		}
		p.settings = s
		return nil
	})
}

// Customers is where the person has been. The maps are the caller's own.
func (b *Book) Customers(ctx context.Context, person string) (Customers, error) {
	var out Customers
	err := b.with(ctx, person, func(p *page) error { out = p.customers.clone(); return nil })
	return out, err
}

// Ticket is the ticket that the person works on at the customer, or "".
func (b *Book) Ticket(ctx context.Context, person, customerID string) (string, error) {
	var out string
	err := b.with(ctx, person, func(p *page) error { out = p.customers.Tickets[customerID]; return nil })
	return out, err
}

// Star marks the customer, or takes the mark off.
func (b *Book) Star(ctx context.Context, person, customerID string, on bool) error {
	return b.changeCustomers(ctx, person, func(c *Customers) bool {
		_, is := c.Starred[customerID]
		if is == on {
			return false
		}
		if on {
			put(&c.Starred, customerID, b.now().UTC())
		} else {
			delete(c.Starred, customerID)
		}
		return true
	})
}

// Opened remembers that the person opened the customer, and whether they were let in.
func (b *Book) Opened(ctx context.Context, person, customerID string, refused bool) error {
	return b.changeCustomers(ctx, person, func(c *Customers) bool {
		now := b.now().UTC()
		if refused {
			if now.Sub(c.Refused[customerID]) < openedEvery {
				return false
			}
			put(&c.Refused, customerID, now)
			return true
		}
		_, was := c.Refused[customerID]
		if !was && now.Sub(c.Opened[customerID]) < openedEvery {
			return false
		}
		delete(c.Refused, customerID)
		put(&c.Opened, customerID, now)
		forgetOldest(c.Opened)
		return true
	})
}

// MostTicketBytes is how long a ticket's name may be.
const MostTicketBytes = 64

// SetTicket keeps the ticket for the customer, or takes it off with "". A
// longer name than MostTicketBytes is refused with ErrSettings.
func (b *Book) SetTicket(ctx context.Context, person, customerID, ticket string) error {
	if len(ticket) > MostTicketBytes {
		return ErrSettings
	}
	return b.changeCustomers(ctx, person, func(c *Customers) bool {
		if c.Tickets[customerID] == ticket {
			return false
		}
		if ticket == "" {
			delete(c.Tickets, customerID)
		} else {
			put(&c.Tickets, customerID, ticket)
			c.forgetTickets(customerID)
		}
		return true
	})
}

// changeCustomers writes only when change says that there is something to
// write, and applies it to the row as it is then: another replica's star stays.
func (b *Book) changeCustomers(ctx context.Context, person string, change func(*Customers) bool) error {
	return b.with(ctx, person, func(p *page) error {
		if known := p.customers.clone(); !change(&known) {
			return nil
		}
		var stored Customers
		err := b.rows.ChangePreference(ctx, person, keyCustomers, func(old []byte) ([]byte, error) {
			stored = Customers{}
			if old != nil {
				if err := json.Unmarshal(old, &stored); err != nil {
					return nil, err
				}
			}
			change(&stored)
			return json.Marshal(stored)
		})
		if err != nil {
			return err
		}
		p.customers = stored
		return nil
	})
}

// with runs do on the person's page, read again if it is older than five
// seconds, as another replica may have written meanwhile.
func (b *Book) with(ctx context.Context, person string, do func(*page) error) error {
	b.mu.Lock()
	p := b.people[person]
	if p == nil {
		b.forgetIdle()
		p = &page{}
		b.people[person] = p
	}
	b.mu.Unlock()

	p.mu.Lock()
	defer p.mu.Unlock()
	if now := b.now(); now.Sub(p.read) > fresh {
		var next page
		if err := b.readInto(ctx, person, keySettings, &next.settings); err != nil {
			return err
		}
		if err := b.readInto(ctx, person, keyCustomers, &next.customers); err != nil {
			return err
		}
		if err := b.readInto(ctx, person, keyDefaults, &next.defaults); err != nil {
			return err
		}
		p.settings, p.customers, p.defaults, p.read = next.settings, next.customers, next.defaults, now
	}
	return do(p)
}

// forgetIdle keeps the cache to the people of the last minutes. Called with
// the lock held; a page in use is kept, since its lock is taken.
func (b *Book) forgetIdle() {
	const enough = 1000
	if len(b.people) < enough {
		return
	}
	for person, p := range b.people {
		if !p.mu.TryLock() {
			continue
		}
		if b.now().Sub(p.read) > fresh {
			delete(b.people, person)
		}
		p.mu.Unlock()
	}
}

func (b *Book) readInto(ctx context.Context, person, key string, into any) error {
	value, found, err := b.rows.Preference(ctx, person, key)
	if err != nil || !found {
		return err
	}
	if err := json.Unmarshal(value, into); err != nil {
		return fmt.Errorf("preference %s: %w", key, err)
	}
	return nil
}

func (c Customers) clone() Customers {
	return Customers{Starred: maps.Clone(c.Starred), Opened: maps.Clone(c.Opened), Refused: maps.Clone(c.Refused), Tickets: maps.Clone(c.Tickets)}
}

func put[V any](m *map[string]V, key string, value V) {
	if *m == nil {
		*m = map[string]V{}
	}
	(*m)[key] = value
}

// forgetTickets keeps the list of tickets short: those at customers not opened
// for longest go first, and never the one just set.
func (c Customers) forgetTickets(keep string) {
	for len(c.Tickets) > mostRecents {
		oldest := ""
		for id := range c.Tickets {
			if id != keep && (oldest == "" || c.Opened[id].Before(c.Opened[oldest])) {
				oldest = id
			}
		}
		delete(c.Tickets, oldest)
	}
}

// forgetOldest keeps the list of recent customers short.
func forgetOldest(m map[string]time.Time) {
	for len(m) > mostRecents {
		oldest := ""
		for k, t := range m {
			if oldest == "" || t.Before(m[oldest]) {
				oldest = k
			}
		}
		delete(m, oldest)
	}
}
