package directory

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rollcall-app/rollcall/partnercenter"
	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// While the licenses of 2,000 users are read in the background, no call of a
// person is refused, and none waits, at the number of calls a minute that
// Microsoft publishes. Where there are fewer, the background finds that out,
// once, and leaves half of them to people from then on.
func TestNobodyWaitsForLicenses(t *testing.T) {
	for name, tt := range map[string]struct {
		readsPerMinute int
		learns         bool          // has to find out
		within         time.Duration // all are read
	}{
		"as published": {500, false, 8 * time.Minute},
		"a quarter":    {125, true, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service := emulator.New(emulator.Options{BigUsers: 2000, ReadsPerMinute: tt.readsPerMinute})
				o := &office{Directory: New(Options{}), t: t, service: service, transport: inProcess{service}, baseURL: "https://partner-center.example"}
				o.shared = partnercenter.NewShared(partnercenter.SharedOptions{})
				t.Cleanup(o.Close)
				const latency = 150 * time.Millisecond
				service.SetFault(emulator.Fault{PathPrefix: "/customers/*/users/*", Latency: latency})
				reads, opens := o.viewer("admin-agent"), o.viewer("reader")
				started := time.Now()
				view := o.licensed(reads, Query{})
				waits := 0
				for i := 0; !view.Licenses.Complete(); i++ {
					if time.Since(started) > tt.within {
						t.Fatalf("after %v: %+v", tt.within, view.Licenses)
					}
					before := time.Now() // somebody opens the page of a user
					user, err := o.User(t.Context(), opens, bigCustomer, view.Rows[i%len(view.Rows)].ID)
					if err := errors.Join(err, user.LicensesErr, user.RolesErr, user.SKUsErr); err != nil {
						t.Fatalf("after %v a person is refused: %v", time.Since(started), err)
					}
					if time.Since(before) > latency {
						waits++
					}
					time.Sleep(10 * time.Second)
					view = o.licensed(reads, Query{})
				}
				refused := map[string]int{}
				for _, c := range service.Calls() {
					if c.Status == http.StatusTooManyRequests {
						refused[c.Person]++
					}
				}
				t.Logf("read within %v; refused %v; a person had to wait %d times", time.Since(started), refused, waits)
				if refused["reader"] > 0 {
					t.Errorf("%d calls of a person were refused", refused["reader"])
				}
				if learnt := refused["admin-agent"] > 0; learnt != tt.learns || refused["admin-agent"] > licenseCallsAtOnce || waits > 1 || waits > 0 && !tt.learns {
					t.Errorf("%d calls of the background were refused, and a person waited %d times", refused["admin-agent"], waits)
				}
			})
		})
	}
}

// People and the background have one purse: what people call, the background
// does not, and the rows on screen come before what can wait.
func TestPeopleGoFirst(t *testing.T) {
	for name, tt := range map[string]struct{ people, least, most int }{ // calls a minute
		"nobody calls":     {0, 290, 300},
		"some call":        {120, 170, 180},
		"many call":        {300, 0, 1},
		"more than allows": {480, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPace(0)
				p.spend(purseSize)
				behind := 0
				for range 10 * 60 * 20 { // twenty times a second
					p.spend(float64(tt.people) / (60 * 20))
					if p.take(true) == 0 {
						behind++
					}
					time.Sleep(50 * time.Millisecond)
				}
				if perMinute := behind / 10; perMinute < tt.least || perMinute > tt.most {
					t.Errorf("%d calls a minute in the background, want %d to %d", perMinute, tt.least, tt.most)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		p := newPace(0)
		wait, screen := 0, 0
		for p.take(true) == 0 {
			wait++
		}
		for p.take(false) == 0 {
			screen++
		}
		if wait != purseSize/2+1 || screen != purseSize/2-1 {
			t.Errorf("of a full purse %d could wait, and %d were left for the screen", wait, screen)
		}
		p.refused()
		if left := p.take(false); left != 1200*time.Millisecond { // 100 calls were made in this minute: now it is 50 a minute
			t.Errorf("after a refusal the next comes after %v", left)
		}
		time.Sleep(slowFor + time.Second)
		if p.take(false) != 0 || p.rate != callsPerMinute {
			t.Errorf("an hour later the pace is %v", p.rate)
		}
	})
}
