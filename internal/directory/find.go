package directory

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// FindView is the users of many customers that a text finds.
type FindView struct {
	Text      string
	Hits      []FindHit      // whose ID, UPN or name the text is come first, then by customer; a hundred at most, 25 of one customer
	Matching  int            // users that match, in all customers searched
	Customers []FindCustomer // all that are known, by name
	Searched  int            // customers searched, also in part
	Of        int            // customers
	List      Reading        // of the customers
	Sweep     SweepState     // the viewer's own
}

// FindHit is a user found.
type FindHit struct {
	Customer Customer
	Row      UserRow
	Exact    bool // the text is their ID, UPN or display name
}

// FindCustomer is what is to be said about one customer.
type FindCustomer struct {
	Customer Customer
	State    FindState
	Users    int       // that were searched
	Matching int       // of them
	ReadAt   time.Time // when they were read
	Err      error     // of [FindRefused] and [FindFailed]
}

// FindState is whether a customer was searched.
type FindState string

// The states.
const (
	FindSearched FindState = "searched" // all users
	FindPart     FindState = "part"     // those of its users that were read
	FindRefused  FindState = "refused"  // Partner Center lets the viewer not see its users
	FindFailed   FindState = "failed"   // the users could not be read
	FindUnread   FindState = "unread"   // they are not held, or the viewer has no proof for them now
)

// What a find shows at most.
const (
	mostHits      = 100
	mostHitsOfOne = 25
)

// refusalShown is how long after a refusal a customer is called refused.
const refusalShown = forGood

// Find searches the users of all customers that are held and for which the
// viewer has a live proof, as [Directory.Users] searches those of one. Nothing
// is asked of Partner Center for it; [Directory.StartSweep] reads the other
// customers, and each Find is a look at that. A text without words finds
// nobody, and tells which customers could be searched.
//
// The viewer needs a proof for the list of customers, as for
// [Directory.Customers].
func (d *Directory) Find(ctx context.Context, v Viewer, text string) (FindView, error) {
	sweep := d.sweepOf(v)
	if sweep != nil {
		sweep.watch() // before anything that may take its time
	}
	ed, reading, err := d.customersOf(v).look(ctx, v)
	if err != nil {
		return FindView{}, findError(err)
	}
	view := FindView{Text: cleanText(text), List: reading}
	var failed map[string]error
	if sweep != nil {
		view.Sweep, failed = sweep.told()
	}
	if ed == nil {
		return view, nil
	}
	var exact []FindHit
	var lately recent // of its own: these are not the searches that people narrow
	q := Query{Text: view.Text, Size: mostHitsOfOne}.normal()
	view.Of = len(ed.rows.customers)
	view.Customers = make([]FindCustomer, view.Of)
	for i, c := range ed.rows.customers {
		of := &view.Customers[i]
		of.Customer, of.State = c, FindUnread
		u := d.findable(v, c.ID, of)
		switch {
		case u != nil:
			view.Searched++
		case of.State == FindUnread && failed[c.ID] != nil:
			of.State, of.Err = FindFailed, failed[c.ID]
		}
		if u == nil || q.Text == "" {
			continue
		}
		found := u.answer(&q, &lately, besides{})
		of.Matching = found.Matching
		view.Matching += found.Matching
		for k, row := range found.Rows {
			hit := FindHit{Customer: c, Row: row, Exact: k == 0 && row.ID == found.Exact}
			switch {
			case hit.Exact:
				exact = append(exact, hit)
			case len(view.Hits) < mostHits:
				view.Hits = append(view.Hits, hit)
			}
		}
	}
	view.Hits = append(exact, view.Hits...)
	view.Hits = slices.Clip(view.Hits[:min(len(view.Hits), mostHits)])
	return view, nil
}

func findError(err error) error { return fmt.Errorf("find a user: %w", err) }

// findable is what a viewer may search of a customer now, or nil; of tells why.
func (d *Directory) findable(v Viewer, customerID string, of *FindCustomer) *snapshot {
	key := proofKey{person: v.Key, tenant: v.PartnerTenantID, customer: customerID, kind: KindUsers}
	if !d.proofs.live(key) {
		if err := d.proofs.refusedWithin(key, refusalShown); err != nil {
			of.State, of.Err = FindRefused, err
		}
		return nil
	}
	d.mu.Lock()
	l := d.users[usersKey{v.PartnerTenantID, customerID}]
	d.mu.Unlock()
	if l == nil {
		return nil
	}
	ed := l.shown.Load()
	if ed == nil || ed.tooOld() {
		return nil
	}
	of.State = FindSearched
	if !ed.complete {
		of.State = FindPart
	}
	of.Users, of.ReadAt = ed.rows.rows, ed.readAt
	return ed.rows
}
