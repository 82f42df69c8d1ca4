//go:build alone

// A time can be held to a limit only where nothing else is at work meanwhile:
// the gate runs what has this tag by itself.

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// slowDown has the page run as on a processor so many times as slow.
func (b *tab) slowDown(times float64) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: times}); err != nil {
		b.t.Fatal(err)
	}
}

// mostWait is how long a search answer may take to be on screen after the
// pause in typing: the one time that is a gate (docs/decisions/0019).
const (
	mostWait    = 100  // ms, where the processor is the tests' own
	typingPause = 150  // ms, after which the page asks
	rounds      = 6    // of which one has to be within: the machine may be busy with something else
	usualWork   = 45.0 // ms that the yardstick takes where the limit holds
	mostSlower  = 2    // times: on a machine slower than that the limit is held no wider
)

// stopwatch has the page measure, for each key that changes the search field,
// how long after the pause its answer is painted.
const stopwatch = `(() => {
	window.waits = []; window.events = [];
	let typed = 0;
	document.addEventListener("input", e => typed = e.timeStamp, true);
	document.addEventListener("htmx:after:swap", e => {
		if (e.detail.ctx.target?.id !== "users-results" || !typed) return;
		const since = typed;
		typed = 0;
		requestAnimationFrame(() => {
			const painted = new MessageChannel();
			painted.port1.onmessage = () => waits.push(performance.now() - since - ` + "%d" + `);
			painted.port2.postMessage(0);
		});
	});
	new PerformanceObserver(list => events.push(...list.getEntries().filter(e => e.interactionId).map(e => e.duration))).observe({type: "event", durationThreshold: 16});
	window.tasks = [];
	new PerformanceObserver(list => tasks.push(...list.getEntries().map(e => e.duration))).observe({type: "longtask"});
})()`

// yardstick takes the time of a table that is always the same, on an empty page
// of its own: how fast the machine is just then, whatever Rollcall's pages cost.
const yardstick = `(() => {
	const host = document.createElement("div"), since = performance.now();
	host.innerHTML = "<table>" + "<tr><td><span>Rollcall</span> <b>rows</b></td><td>of</td><td>plain</td><td>text</td></tr>".repeat(400) + "</table>";
	document.body.append(host);
	host.firstChild.getBoundingClientRect();
	host.remove();
	return performance.now() - since;
})()`

// TestSearchIsPainted types, with real keys, into the search of a customer
// with 100,000 users, and takes the time until each answer is on screen.
func TestSearchIsPainted(t *testing.T) {
	d := quietDemo(t, 0, func(o *demoOptions) { o.pace = 300 }) // licenses are read behind it as fast as serve does
	b := openTab(t, screen{width: 1440, height: 900, motion: true})
	b.signIn(d.url, priya)
	b.open(d.users(emulator.NorthwindID, ""))
	b.waitFor(`document.querySelector(".tally")?.textContent === "100,000 users"`)

	empty := b.beside(desktop)
	best := 0.0
	for round := range rounds {
		b.open(d.users(emulator.NorthwindID, ""))
		b.waitFor(rowsShown + " === 50")
		b.ask(fmt.Sprintf(stopwatch, typingPause))
		b.click("#users-query")
		var works []float64
		for _, word := range []string{"müller", "anders", "wójcik"} {
			typed := ""
			for _, letter := range word {
				typed += string(letter)
				b.keys(string(letter))
				b.waitFor(searched + ` === ` + quote(typed) + ` && !document.querySelector(".htmx-request")`)
				works = append(works, get(empty, chromedp.Evaluate[float64](yardstick)))
			}
			b.ask(`document.getElementById("users-query").select()`)
		}
		b.waitFor(`waits.length >= 18`)
		var waits []float64
		if err := json.Unmarshal([]byte(b.ask("JSON.stringify(waits)")), &waits); err != nil {
			t.Fatal(err)
		}
		slices.Sort(waits)
		slices.Sort(works)
		work, median := works[len(works)/2], waits[len(waits)/2]
		slower := min(mostSlower, max(1, work/usualWork)) // the machine just then, never taken for faster than it is
		t.Logf("round %d: painted %.0f ms after the pause (median of %d; %.0f to %.0f); the yardstick takes %.1f ms, usually %v", round+1, median, len(waits), waits[0], waits[len(waits)-1], work, usualWork)
		if round == 0 || median/slower < best {
			best = median / slower
		}
		if best <= mostWait {
			break
		}
	}
	if best > mostWait {
		t.Errorf("a search answer is painted %.0f ms after the pause, at most %d", best, mostWait)
	}
	b.interactions("as it is")

	// With a processor a quarter as fast: reported by the full run, not a gate.
	if os.Getenv("ROLLCALL_TEST_FULL") == "" {
		return
	}
	b.slowDown(4)
	b.open(d.users(emulator.NorthwindID, ""))
	b.ask(fmt.Sprintf(stopwatch, typingPause))
	b.click("#users-query")
	for _, letter := range "mulle" {
		b.keys(string(letter))
		b.waitFor(`!document.querySelector(".htmx-request")`)
	}
	b.waitFor(searched + ` === "mulle" && !document.querySelector(".htmx-request")`)
	b.click(byLocation)
	b.waitFor(sortedByLocation + ` === "ascending"`)
	b.press("k", chromedp.ModifierCtrl)
	b.waitFor(`document.querySelector("#palette:modal")`)
	b.press(kb.Escape)
	b.rest("300")
	b.interactions("with a quarter of the processor")
}

// interactions reports how long keys and clicks took until they were painted,
// and what kept the page busy for longer than 50 ms.
func (b *tab) interactions(how string) {
	b.t.Helper()
	var all struct{ Events, Tasks []float64 }
	if err := json.Unmarshal([]byte(b.ask("JSON.stringify({events, tasks})")), &all); err != nil {
		b.t.Fatal(err)
	}
	slices.Sort(all.Events)
	slices.Sort(all.Tasks)
	b.t.Logf("interactions %s: over 16 ms %s; long tasks %s", how, spread(all.Events), spread(all.Tasks))
}

func spread(sorted []float64) string {
	if len(sorted) == 0 {
		return "none"
	}
	return fmt.Sprintf("%d, median %s, longest %s", len(sorted), ms(sorted[len(sorted)/2]), ms(sorted[len(sorted)-1]))
}

func ms(v float64) string { return strconv.FormatFloat(v, 'f', 0, 64) + " ms" }
