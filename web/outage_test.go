package web

import (
	"maps"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// TestOutage: whoever asks after Partner Center has left many calls unanswered
// is told so in the same words as those before, with next to nothing sent.
func TestOutage(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	b := r.signedIn(t, priya)
	var pages []string
	for _, found := range regexp.MustCompile(`href="(/customers/[0-9a-f-]{36}/users)"`).FindAllStringSubmatch(b.get("/customers").body, -1) {
		pages = append(pages, found[1])
	}
	if len(pages) < 20 {
		t.Fatalf("%d customers on the page", len(pages))
	}
	r.emulator.SetFault(emulator.Fault{PathPrefix: "/customers", Status: http.StatusServiceUnavailable})
	words := regexp.MustCompile(`^Partner Center didn't answer\. The users can't be shown\. Nothing was changed\. Try again in a minute\. Try again .*Correlation ID`)
	down := func(pages []string) {
		t.Helper()
		var all sync.WaitGroup
		for _, page := range pages {
			one := *b
			one.cookies = maps.Clone(b.cookies)
			all.Go(func() {
				if a := one.get(page); a.status != http.StatusBadGateway || !words.MatchString(a.text()) {
					t.Errorf("%s: %d %s", page, a.status, a.text())
				}
			})
		}
		all.Wait()
	}
	down(pages[:10]) // four tries each
	if !strings.Contains(r.log.String(), "calls are kept back until it does") {
		t.Fatal("the outage was not noticed")
	}
	calls := len(r.emulator.Calls())
	down(pages[10:18])
	if sent := len(r.emulator.Calls()) - calls; sent > 8 { // it would be 32 without the breaker, which lets one a second through
		t.Errorf("%d calls were sent for 8 pages", sent)
	}
}
