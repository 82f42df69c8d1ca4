package directory

import (
	"errors"
	"fmt"
	"testing"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// All kinds of lists, commands, finds and sweeps at once, with too little
// memory for all: who may not see a customer never does, and in the end all
// that is held is accounted for. It is the race detector's.
func TestAllKindsAtOnce(t *testing.T) {
	o := newOffice(t, 1200, Options{MaxBytes: 4 << 20})
	words := []string{"admin-agent", "reader", "helpdesk-agent", "no-gdap"}
	customers := []string{bigCustomer, emulator.ContosoID, school, manyDeleted}
	done := make(chan error, 16)
	for i := range cap(done) {
		go func() {
			v := o.viewerNamed(fmt.Sprint("person ", i%8), words[i%len(words)])
			ctx := t.Context()
			var failed error
			for k := range 30 {
				customer := customers[(i/4+k)%len(customers)]
				var err error
				var seen int
				switch (i + k) % 13 {
				case 0:
					var view UsersView
					view, err = o.Deleted(ctx, v, customer, Query{Text: "a"})
					seen = view.Read
				case 1:
					err = o.RefreshDeleted(ctx, v, customer)
				case 2:
					err = o.StopDeleted(ctx, v, customer)
				case 3:
					var view SKUsView
					view, err = o.SKUs(ctx, v, customer)
					seen = len(view.Products)
				case 4:
					err = o.RefreshSKUs(ctx, v, customer)
				case 5:
					var view RolesView
					view, err = o.Roles(ctx, v, customer)
					seen = len(view.Roles)
				case 6:
					err = o.RefreshRoles(ctx, v, customer)
				case 7:
					view, rows, failed := o.All(ctx, v, customer, Query{Text: "a"}, KindRoles)
					if err, seen = failed, view.Read; err == nil {
						n := 0
						for range rows {
							n++
						}
						if n != view.Matching {
							err = fmt.Errorf("%d rows of %d", n, view.Matching)
						}
					}
				case 8:
					var matches []Match
					matches, err = o.Match(ctx, v, customer, []string{"Sabine Müller"})
					if err == nil {
						seen = len(matches[0].Rows)
					}
				case 9:
					var view FindView
					view, err = o.Find(ctx, v, "müller")
					seen = view.Searched
				case 10:
					err = o.StartSweep(ctx, v)
				case 11:
					err = o.StopSweep(ctx, v)
				case 12:
					seen = len(o.Known(ctx, v))
				}
				if i%len(words) == 3 {
					if seen > 0 {
						err = fmt.Errorf("who may see nothing saw %d, by %d", seen, (i+k)%13)
					} else if errors.Is(err, partnercenter.ErrForbidden) {
						err = nil
					}
				}
				if err != nil {
					failed = err
					break
				}
			}
			done <- failed
		}()
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	for i := range 8 {
		if err := o.StopSweep(t.Context(), o.viewerNamed(fmt.Sprint("person ", i), "reader")); err != nil {
			t.Error(err)
		}
	}
	o.Close() // waits for what is left
	held := o.customers[emulator.PartnerTenantID].shownBytes() + heldBy(o.users) + heldBy(o.deleted) + heldBy(o.Directory.skus) + heldBy(o.roles)
	if o.memory.used != held || held > o.memory.most {
		t.Errorf("%d bytes are accounted for, %d are held, of %d", o.memory.used, held, o.memory.most)
	}
	for name, l := range map[string]*lobby{"lobby": &o.lobby, "errands": &o.errands} {
		if l.all != (seats{}) || len(l.queue) != 0 {
			t.Errorf("the %s is left with %+v and %d waiting", name, l.all, len(l.queue))
		}
	}
}

func heldBy[R rows](lists map[usersKey]*list[R]) (bytes int64) {
	for _, l := range lists {
		bytes += l.shownBytes()
	}
	return bytes
}
