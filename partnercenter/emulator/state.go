package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// savedState is the state file: what writes have done, and nothing that is
// made from numbers. It has no password; the emulator keeps none.
type savedState struct {
	Version   int                      `json:"version"`
	Seed      uint64                   `json:"seed"`
	BigUsers  int                      `json:"bigUsers"`
	Customers map[string]savedCustomer `json:"customers"`
	Audit     []auditRecord            `json:"auditRecords"`
}

type savedCustomer struct {
	Created int         `json:"created"` // users so far
	Users   []savedUser `json:"users"`   // those touched, in the order of their numbers
}

type savedUser struct {
	ID          string         `json:"id"`
	Created     int            `json:"created,omitempty"` // the how-manieth
	UPN         string         `json:"userPrincipalName"`
	First       string         `json:"firstName,omitempty"`
	Last        string         `json:"lastName,omitempty"`
	Display     string         `json:"displayName,omitempty"`
	Location    string         `json:"usageLocation,omitempty"`
	Phone       string         `json:"phoneNumber,omitempty"`
	ImmutableID string         `json:"immutableId,omitempty"`
	DomainType  string         `json:"userDomainType"`
	Deleted     time.Time      `json:"softDeletionTime,omitzero"`
	Licenses    []savedLicense `json:"licenses,omitempty"`
	Roles       []string       `json:"roles,omitempty"`
}

type savedLicense struct {
	SKU     string   `json:"skuId"`
	Without []string `json:"excludedPlans,omitempty"`
	Waiting []string `json:"waitingPlans,omitempty"`
}

const stateVersion = 1

// stateFile writes the state after each write, one at a time: whoever waited
// while another was writing finds that it was saved too.
type stateFile struct {
	path    string // empty: nothing is kept
	changes atomic.Int64
	mu      sync.Mutex
	saved   int64
}

// save writes the state file, whole or not at all, unless nothing has changed
// since it was written. The customer's lock must not be held.
func (e *Emulator) save() error {
	f := &e.state
	if f.path == "" {
		return nil
	}
	mine := f.changes.Add(1)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.saved >= mine {
		return nil
	}
	upTo := f.changes.Load()
	b, err := json.Marshal(e.savedState())
	if err != nil {
		return err
	}
	if err := replaceFile(f.path, b); err != nil {
		return err
	}
	f.saved = upTo
	return nil
}

// replaceFile puts a file in the place of another in one step.
func replaceFile(path string, b []byte) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name()) // the error at hand says more
		}
	}()
	_, err = tmp.Write(b)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

func (e *Emulator) savedState() savedState {
	state := savedState{Version: stateVersion, Seed: e.opts.Seed, BigUsers: e.opts.BigUsers, Customers: map[string]savedCustomer{}, Audit: e.audit.all()}
	for _, c := range e.world.customers {
		if t := c.visited.Load(); t != nil {
			if saved := t.saved(); len(saved.Users) > 0 {
				state.Customers[c.id] = saved
			}
		}
	}
	return state
}

func (t *tenant) saved() savedCustomer {
	t.mu.Lock()
	defer t.mu.Unlock()
	saved := savedCustomer{Created: t.created}
	for _, n := range t.truth.touched() {
		saved.Users = append(saved.Users, t.truth.customer.savedUser(t.truth.records[n]))
	}
	return saved
}

func (c *customer) savedUser(r *record) savedUser {
	saved := savedUser{
		ID: r.id, Created: r.created, UPN: r.upn, First: r.first, Last: r.last, Display: r.display, Location: r.location,
		Phone: r.phone, ImmutableID: r.immutableID, DomainType: r.domainType, Deleted: r.deleted, Roles: r.roles,
	}
	for _, h := range r.held {
		saved.Licenses = append(saved.Licenses, savedLicense{c.offers()[h.offer].id, h.without, h.waiting})
	}
	return saved
}

// load reads the state file into a fresh emulator. No file is an empty one.
func (e *Emulator) load() error {
	b, err := os.ReadFile(e.state.path)
	if errors.Is(err, fs.ErrNotExist) {
		return e.save() // so that a place that can't be written is found out now
	}
	if err != nil {
		return err
	}
	var state savedState
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&state); err != nil {
		return fmt.Errorf("state file %s: %w", e.state.path, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("state file %s: there is more behind the state", e.state.path)
	}
	switch {
	case state.Version != stateVersion:
		return fmt.Errorf("state file %s is of version %d, this is version %d", e.state.path, state.Version, stateVersion)
	case state.Seed != e.opts.Seed || state.BigUsers != e.opts.BigUsers:
		return fmt.Errorf("state file %s was kept with seed %d and %d users of the big customer, not with seed %d and %d",
			e.state.path, state.Seed, state.BigUsers, e.opts.Seed, e.opts.BigUsers)
	}
	for id, saved := range state.Customers {
		if err := e.restore(id, saved); err != nil {
			return fmt.Errorf("state file %s: %w", e.state.path, err)
		}
	}
	e.audit.records = state.Audit
	return nil
}

// restore puts a customer's users back as they were kept.
func (e *Emulator) restore(customerID string, saved savedCustomer) error {
	c := e.world.customer(customerID)
	if c == nil {
		return fmt.Errorf("there is no customer %s", customerID)
	}
	t := c.tenant()
	t.created = saved.Created
	for _, user := range saved.Users {
		n, r, err := t.restored(user)
		if err != nil {
			return fmt.Errorf("user %s of customer %s: %w", user.ID, customerID, err)
		}
		t.put(n, r, visibility{}, time.Time{})
	}
	return nil
}

func (t *tenant) restored(saved savedUser) (n int, r *record, err error) {
	c, base := t.truth.customer, t.truth.base
	r = &record{created: saved.Created, roles: saved.Roles}
	if r.created > 0 {
		n = base.total() + r.created - 1
	} else {
		var ok bool
		if n, ok = base.find(saved.ID); !ok {
			return 0, nil, errors.New("there is no such user")
		}
		r.person = base.person(n) // when it was synced goes by the clock
	}
	if r.created > t.created || !isGUID(saved.ID) || t.truth.records[n] != nil {
		return 0, nil, errors.New("it is not as it was kept")
	}
	r.id, r.upn, r.first, r.last, r.display = saved.ID, saved.UPN, saved.First, saved.Last, saved.Display
	r.location, r.phone, r.immutableID = saved.Location, saved.Phone, saved.ImmutableID
	r.domainType, r.deleted = saved.DomainType, saved.Deleted
	for _, license := range saved.Licenses {
		i := c.offerOf(license.SKU)
		if i < 0 || r.license(i) >= 0 {
			return 0, nil, fmt.Errorf("it can't have SKU %s", license.SKU)
		}
		r.held = append(r.held, held{i, license.Without, license.Waiting})
	}
	slices.SortFunc(r.held, func(a, b held) int { return a.offer - b.offer })
	if !slices.ContainsFunc(r.roles, isNoRole) {
		return n, r, nil
	}
	return 0, nil, errors.New("it has a role that is none")
}

func isNoRole(id string) bool { return !isRole(id) }
