package directory

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// office is a directory in front of an emulated Partner Center.
type office struct {
	*Directory
	t         *testing.T
	service   *emulator.Emulator
	transport http.RoundTripper
	baseURL   string
	shared    *partnercenter.Shared // of all clients; nil: each has its own
}

// bigCustomer is a customer with as many users as a test wants.
const bigCustomer = emulator.NorthwindID

// newOffice serves the emulator over HTTP on loopback.
func newOffice(t *testing.T, users int, opts Options) *office {
	service := emulator.New(emulator.Options{BigUsers: users})
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	transport := server.Client().Transport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	o := &office{Directory: New(opts), t: t, service: service, transport: transport, baseURL: server.URL}
	t.Cleanup(o.Close)
	return o
}

// newQuietOffice calls the emulator without a socket, so that a test can have
// a clock of its own.
func newQuietOffice(t *testing.T, users int, opts Options) *office {
	service := emulator.New(emulator.Options{BigUsers: users})
	o := &office{Directory: New(opts), t: t, service: service, transport: inProcess{service}, baseURL: "https://partner-center.example"}
	t.Cleanup(o.Close)
	return o
}

// viewer is someone with the rights that a bearer word stands for.
func (o *office) viewer(word string) Viewer { return o.viewerNamed(word, word) }

// viewerNamed is another person with the same rights.
func (o *office) viewerNamed(key, word string) Viewer {
	client, err := partnercenter.New(partnercenter.StaticToken(word), partnercenter.Options{
		BaseURL: o.baseURL, Transport: o.transport, Shared: o.shared, Retry: partnercenter.RetryOptions{Tries: 1, TryTimeout: time.Hour},
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return Viewer{Key: key, PartnerTenantID: emulator.PartnerTenantID, Client: client}
}

// view asks for the users of the big customer, and fails the test if it can't be had.
func (o *office) view(v Viewer, q Query) UsersView {
	o.t.Helper()
	view, err := o.Users(o.t.Context(), v, bigCustomer, q)
	if err != nil {
		o.t.Fatal(err)
	}
	return view
}

// until asks until the view is as wanted.
func (o *office) until(v Viewer, wanted string, is func(UsersView) bool) UsersView {
	o.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		view := o.view(v, Query{})
		if is(view) {
			return view
		}
		if time.Now().After(deadline) {
			view.Rows = nil
			o.t.Fatalf("the view is never %s: %+v", wanted, view)
		}
		time.Sleep(time.Millisecond)
	}
}

func (o *office) untilComplete(v Viewer) UsersView {
	o.t.Helper()
	return o.until(v, "complete", func(view UsersView) bool { return view.State == StateComplete && !view.Refreshing })
}

// loadEnds waits until the load at work has ended.
func (o *office) loadEnds(v Viewer) {
	o.t.Helper()
	l, err := o.usersOf(v, bigCustomer)
	if err != nil {
		o.t.Fatal(err)
	}
	ended(l)
}

// ended waits until the list's load at work, if there is one, has ended.
func ended[R rows](l *list[R]) {
	l.mu.Lock()
	ld := l.load
	l.mu.Unlock()
	if ld != nil {
		<-ld.done
	}
}

// pagesAsked are the numbers of the full pages of users asked for so far.
func (o *office) pagesAsked() (pages []int) {
	for _, c := range o.service.Calls() {
		if strings.HasSuffix(c.Path, "/users") && strings.Contains(c.Query, "size=500") {
			pages = append(pages, c.Page)
		}
	}
	return pages
}

// everyone is all IDs that a viewer can page through; each may come once.
func (o *office) everyone(v Viewer) (ids []string) {
	o.t.Helper()
	for page := 1; ; page++ {
		view := o.view(v, Query{Page: page, Size: 250})
		for _, r := range view.Rows {
			ids = append(ids, r.ID)
		}
		if page == view.Pages {
			break
		}
	}
	slices.Sort(ids)
	if n := len(ids); n != len(slices.Compact(slices.Clone(ids))) {
		o.t.Errorf("somebody is there twice among %d", n)
	}
	return ids
}

// inProcess is a RoundTripper that calls a handler.
type inProcess struct{ http.Handler }

func (h inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	answered := make(chan *http.Response, 1)
	go func() {
		defer close(answered)
		defer func() { _ = recover() }() // http.ErrAbortHandler: no answer
		in := r.Clone(r.Context())
		in.RequestURI = r.URL.RequestURI()
		in.Header = http.Header{}
		for key, values := range r.Header {
			in.Header[http.CanonicalHeaderKey(key)] = values
		}
		if in.Body == nil {
			in.Body = http.NoBody
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, in)
		answered <- w.Result()
	}()
	select {
	case resp, ok := <-answered:
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		if !ok {
			return nil, io.ErrUnexpectedEOF
		}
		return resp, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

func wantError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}
