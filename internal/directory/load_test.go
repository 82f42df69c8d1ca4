package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// scripted is a service that says what a test wants about one customer's
// users, where the emulator is too honest.
type scripted struct {
	people  []person
	perPage int
	latency time.Duration
	next    func(page int) (token string, more bool) // what the page is followed by
	rows    func(page int) []person                  // what is on it
}

func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	page, _ := strconv.Atoi(r.Header.Get("MS-ContinuationToken"))
	time.Sleep(s.latency)
	type link struct {
		URI     string              `json:"uri"`
		Method  string              `json:"method"`
		Headers []map[string]string `json:"headers"`
	}
	items := []map[string]any{}
	for _, p := range s.rows(page) {
		items = append(items, map[string]any{"id": p.id, "displayName": p.display, "userPrincipalName": p.upn})
	}
	links := map[string]link{}
	if token, more := s.next(page); more {
		links["next"] = link{"/customers/" + bigCustomer + "/users?size=500&seekOperation=Next", "GET", []map[string]string{{"key": "MS-ContinuationToken", "value": token}}}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"totalCount": len(items), "items": items, "links": links, "attributes": map[string]string{"objectType": "Collection"},
	})
}

// newScriptedOffice is in front of a scripted service with so many pages.
func newScriptedOffice(t *testing.T, pages, perPage int) (*office, *scripted) {
	s := &scripted{people: plainPeople(pages*perPage, 5), perPage: perPage}
	s.next = func(page int) (string, bool) { return strconv.Itoa(page + 1), page+1 < pages }
	s.rows = func(page int) []person { return s.people[page*perPage : (page+1)*perPage] }
	o := &office{Directory: New(Options{}), t: t, service: emulator.New(emulator.Options{}), transport: inProcess{s}, baseURL: "https://partner-center.example"}
	t.Cleanup(o.Close)
	return o, s
}

// Pages that lead nowhere end the reading, and what was read is shown.
func TestEndlessPages(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil func(s *scripted)
		read  int
	}{
		"a token that was there before": {func(s *scripted) {
			s.next = func(page int) (string, bool) { return strconv.Itoa((page + 1) % 3), true }
		}, 60},
		"pages of those who are there already": {func(s *scripted) {
			s.rows = func(page int) []person { return s.people[:20] }
		}, 20},
		"empty pages with more to come": {func(s *scripted) {
			s.rows = func(page int) []person { return nil }
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			o, s := newScriptedOffice(t, 50, 20)
			tt.spoil(s)
			v := o.viewer("admin-agent")
			view := o.until(v, "cut", func(view UsersView) bool { return view.State == StateCut })
			if view.Read != tt.read || !errors.Is(view.Err, partnercenter.ErrBadResponse) {
				t.Errorf("%+v", view.Reading)
			}
		})
	}
}

func TestMostPages(t *testing.T) {
	o, _ := newScriptedOffice(t, 4100, 1)
	v := o.viewer("admin-agent")
	o.view(v, Query{})
	o.loadEnds(v)
	view := o.view(v, Query{})
	if view.State != StateCut || view.Read < 3990 || view.Read > 4000 || !errors.Is(view.Err, partnercenter.ErrBadResponse) {
		t.Errorf("%+v", view.Reading)
	}
}

// Users who moved to a later page while the list was read are there once.
func TestNobodyTwice(t *testing.T) {
	o, s := newScriptedOffice(t, 5, 20)
	s.rows = func(page int) []person { // ten of each page come again on the next
		return s.people[max(0, page*20-10) : (page+1)*20]
	}
	v := o.viewer("admin-agent")
	if view := o.untilComplete(v); view.Read != 100 || len(o.everyone(v)) != 100 {
		t.Errorf("%+v", view.Reading)
	}
}

// Reading takes as long as the pages take to come, one after the other, and
// nothing on top: no call before the first, no wait between.
func TestLoadTakesPagesTimesLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, s := newScriptedOffice(t, 20, 500)
		s.latency = 200 * time.Millisecond
		v := o.viewer("admin-agent")
		started := time.Now()
		if view := o.view(v, Query{}); view.State != StateGrowing || view.Read != 500 || time.Since(started) != s.latency {
			t.Errorf("first rows after %v: %+v", time.Since(started), view.Reading)
		}
		time.Sleep(19 * s.latency)
		synctest.Wait()
		if view := o.view(v, Query{}); view.State != StateComplete || view.Read != 10_000 || view.Age != 0 {
			t.Errorf("after %v: %+v", time.Since(started), view.Reading)
		}
	})
}

// A grant that is refused on the very first page is that person's error alone,
// and the load is begun by the next who comes.
func TestFirstPageRefused(t *testing.T) {
	o := newOffice(t, 700, Options{})
	_, err := o.Users(t.Context(), o.viewer("expired"), bigCustomer, Query{})
	wantError(t, err, partnercenter.ErrUnauthorized)
	_, err = o.Users(t.Context(), o.viewer("no-mfa"), bigCustomer, Query{})
	wantError(t, err, partnercenter.ErrMFARequired)
	if view := o.untilComplete(o.viewer("reader")); view.Read != 700 {
		t.Errorf("%+v", view.Reading)
	}
	_, err = o.Users(t.Context(), o.viewer("expired"), bigCustomer, Query{})
	wantError(t, err, partnercenter.ErrUnauthorized)
}

// An empty customer is complete with nobody.
func TestEmptyCustomer(t *testing.T) {
	o := newOffice(t, 10, Options{})
	view, err := o.Users(t.Context(), o.viewer("admin-agent"), emulator.EmptyCustomerID, Query{Text: "anna", Page: 7})
	if err != nil || view.State != StateComplete || view.Read != 0 || view.Page != 1 || view.Pages != 1 || view.CustomerID != emulator.EmptyCustomerID {
		t.Errorf("%+v, %v", view, err)
	}
}

// Every user of every demo customer, hostile ones too, comes out as the SDK
// reads them one by one.
func TestDemoCustomersComeOutWhole(t *testing.T) {
	o := newOffice(t, 700, Options{})
	v := o.viewer("admin-agent")
	for _, id := range []string{emulator.ContosoID, emulator.HostileCustomerID, emulator.DocumentedCustomerID, emulator.GlobalReaderCustomerID} {
		want := map[string]partnercenter.User{}
		for u, err := range v.Client.Customer(id).Users().All(t.Context(), partnercenter.UsersOptions{}) {
			if err != nil {
				t.Fatal(err)
			}
			want[u.ID] = u
		}
		for page := 1; ; page++ {
			view, err := o.Users(t.Context(), v, id, Query{Page: page, Size: 250})
			if err != nil {
				t.Fatal(err)
			}
			if view.State == StateGrowing {
				page--
				continue
			}
			for _, r := range view.Rows {
				u := want[r.ID]
				got := fmt.Sprint(r.DisplayName, r.UPN, r.FirstName, r.LastName, r.Phone, r.Location, r.DomainType, r.Synced)
				if one := fmt.Sprint(u.DisplayName, u.UserPrincipalName, u.FirstName, u.LastName, u.PhoneNumber, u.UsageLocation, u.DomainType, u.LastDirectorySync.Truncate(time.Second)); got != one {
					t.Errorf("%s: got %q, want %q", r.ID, got, one)
				}
				delete(want, r.ID)
			}
			if page == view.Pages {
				break
			}
		}
		if len(want) > 0 {
			t.Errorf("%d users of %s are missing", len(want), id)
		}
	}
}

// Two directories' worth of people, loads and commands at once: nothing is
// lost, nobody is there twice. It is the race detector's.
func TestManyAtOnce(t *testing.T) {
	o := newOffice(t, 1200, Options{MaxBytes: 8 << 20})
	done := make(chan error, 24)
	for i := range cap(done) {
		go func() {
			v := o.viewerNamed(fmt.Sprint("person ", i%4), []string{"admin-agent", "reader", "helpdesk-agent", "no-gdap"}[i%4])
			customer := []string{bigCustomer, emulator.ContosoID, emulator.GlobalReaderCustomerID}[i%3]
			var failed error
			for k := range 20 {
				switch (i + k) % 7 {
				case 0:
					failed = o.Refresh(t.Context(), v, customer)
				case 1:
					failed = o.GoOn(t.Context(), v, customer)
				case 2:
					failed = o.Stop(t.Context(), v, customer)
				case 3:
					_, failed = o.Customers(t.Context(), v, CustomersQuery{Text: "co"})
				default:
					_, failed = o.Users(t.Context(), v, customer, Query{Text: "a", Sort: Sort{By: ByUPN}})
				}
				if errors.Is(failed, partnercenter.ErrForbidden) && i%4 == 3 {
					failed = nil
				}
				if failed != nil {
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
	v := o.viewer("admin-agent")
	if err := o.StartAgain(t.Context(), v, bigCustomer); err != nil {
		t.Fatal(err)
	}
	o.until(v, "complete", func(view UsersView) bool { return view.State == StateComplete && !view.Refreshing })
	if n := len(o.everyone(v)); n != 1200 {
		t.Errorf("%d users in the end", n)
	}
	for _, customer := range []string{emulator.ContosoID, emulator.GlobalReaderCustomerID} {
		if err := o.Stop(t.Context(), v, customer); err != nil {
			t.Fatal(err)
		}
	}
	o.Close() // waits for what is left
	var held int64
	for _, l := range o.users {
		held += l.shownBytes()
	}
	held += o.customers[v.PartnerTenantID].shownBytes()
	if o.memory.used != held {
		t.Errorf("%d bytes are accounted for, %d are held", o.memory.used, held)
	}
	if o.lobby.all != (seats{}) || len(o.lobby.queue) != 0 {
		t.Errorf("the lobby is left with %+v and %d waiting", o.lobby.all, len(o.lobby.queue))
	}
}

// aheadReader has pages whose decoding waits until the next one was asked for.
type aheadReader struct {
	customersReader
	asked [4]chan struct{} // closed when that page is asked for
}

type aheadPage struct {
	*aheadReader
	number int
}

func (r *aheadReader) fetch(_ context.Context, _ *partnercenter.Client, after partnercenter.Continuation) (page, error) {
	number, _ := strconv.Atoi(string(after))
	close(r.asked[number])
	return aheadPage{r, number}, nil
}

func (p aheadPage) next() partnercenter.Continuation {
	if p.number == 3 {
		return ""
	}
	return partnercenter.Continuation(strconv.Itoa(p.number + 1))
}

func (p aheadPage) add() (int, error) {
	if p.number < 3 {
		select {
		case <-p.asked[p.number+1]:
		case <-time.After(10 * time.Second):
			return 0, fmt.Errorf("page %d was not asked for before page %d was decoded", p.number+1, p.number)
		}
	}
	p.customers = append(p.customers, Customer{ID: strconv.Itoa(p.number)})
	p.folded = append(p.folded, "")
	return 1, nil
}

func (aheadPage) release() {}

func TestNextPageIsAskedForBeforeThisIsDecoded(t *testing.T) {
	d := New(Options{})
	defer d.Close()
	r := &aheadReader{}
	for i := range r.asked {
		r.asked[i] = make(chan struct{})
	}
	l := newList(d, KindCustomers, "", "", nil, func() reader[*roster] { return r })
	l.mu.Lock()
	l.start(t.Context(), Viewer{Key: "a"}, false, nil)
	ld := l.load
	l.mu.Unlock()
	<-ld.done
	if ld.err != nil || len(l.shown.Load().rows.customers) != 4 {
		t.Errorf("%v", ld.err)
	}
}
