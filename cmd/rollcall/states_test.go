package main

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// Customers of the demo, by how many users they have. Each is used by one
// state, so that none has been read before.
const (
	users1    = "5b1bcf73-b1bb-4af2-b2b8-060f2094b1ac" // The Phone Company
	users12   = "b75dad8f-5f87-475f-bfe9-822f15dd2012" // A. Datum Corporation
	users31   = "f4cba12d-ca4a-4fcd-9d13-751d1c0733ea" // Southridge Video
	users51   = "5f7f676b-4792-4338-bd17-2d0cf70b520a" // Alpine Ski House
	users99   = "7dfb1b1d-1a2f-4766-8c6a-1067f8b8c6e8" // Fourth Coffee
	users118  = "fa2535ed-e69b-470c-bb88-9fd222b2ad16" // Adatum Corporation
	users412  = "dd713fb1-dacd-43e4-99c3-43fa86dacf50" // Northwind Electric Cars
	users500  = "b2f5f4ee-ca5f-4891-beef-878bf5cfbadf" // Contoso Pharmaceuticals
	users620  = "72375248-6cb9-4514-a066-53995d876ea6" // Graphic Design Institute
	users800  = "a3b52cc0-f185-4b79-8ab2-6d3a712baf41" // Tailwind Traders
	users900  = "058550b6-f5d2-4de3-b379-e72bef6a9dd2" // Consolidated Messenger
	users1000 = "3b923fd8-534e-4087-8e03-21e12be29816" // Lamna Healthcare Company
	users1200 = "0ef2eda1-fc0e-424f-a651-f0c727a5deeb" // School of Fine Art
	users1500 = "fddc944c-7075-4218-8ab3-e15038d51595" // Blue Yonder Airlines
	users2400 = emulator.GlobalReaderCustomerID        // Bellows College
)

// state is something that can be the matter with a page.
type state struct {
	name  string
	see   func(b *tab) // brings it about
	words []string     // what the person then reads
	then  func(b *tab) // what they can do about it
	noisy bool         // the browser itself complains, and may
}

// reads waits until the person can read these words, in upper or lower case
// as they are.
func (b *tab) reads(words ...string) {
	b.t.Helper()
	for _, w := range words {
		b.waitFor(`document.body.innerText.replace(/\s+/g, " ").includes(` + quote(w) + `)`)
	}
}

// faults ticks these in the demo's menu, and nothing else.
func (b *tab) faults(names ...string) {
	b.t.Helper()
	b.click(`button[popovertarget="faults"]`)
	b.waitFor(`document.querySelector("#faults:popover-open")`)
	b.ask(`document.querySelectorAll("#faults [name=fault]").forEach(box => {
		if (box.checked !== ` + quote(strings.Join(names, " ")) + `.split(" ").includes(box.value)) box.click();
	})`)
	b.clickAndLoad(`#faults .primary`)
}

// noFaults takes all of them off with the menu's other button.
func (b *tab) noFaults() {
	b.t.Helper()
	b.click(`button[popovertarget="faults"]`)
	b.clickAndLoad(`#faults [name=clear]`)
}

// forget takes all cookies away.
func (b *tab) forget() {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, network.ClearBrowserCookies, cdp.Empty{})
		return err
	}))
}

// offline cuts the browser's tab off, or lets it in again.
func (b *tab) offline(off bool) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}},
		})
		return err
	}))
}

const rowsShown = `document.querySelectorAll(".users-table tbody a.name").length`

// opens gives what opens a page of the demo.
func (d *demo) opens(path string) func(*tab) {
	return func(b *tab) { b.t.Helper(); b.open(d.url + path) }
}

// with opens a customer's users while these faults are played.
func (d *demo) with(customer string, faults ...string) func(*tab) {
	return func(b *tab) {
		b.t.Helper()
		b.open(d.url + "/customers")
		b.faults(faults...)
		b.open(d.users(customer, ""))
	}
}

// inEach brings every state about, most through the demo's own menu, reads its
// words, does what it offers, and keeps a picture of it for each screen and
// theme. What is on screen is checked by axe.
func (b *tab) inEach(t *testing.T, states []state) {
	axe := theAxe(t)
	for _, s := range states {
		t.Run(s.name, func(t *testing.T) {
			b := b.in(t)
			s.see(b)
			b.reads(s.words...)
			for _, look := range screens {
				if look.width == 960 && !keepsPictures() {
					continue
				}
				b.wear(look)
				if keepsPictures() {
					b.shoot(look.String())
				}
				if look.width != 960 {
					axe.check(b, look)
				}
			}
			b.reflows()
			b.wear(desktop)
			if s.then != nil {
				s.then(b)
			}
			if s.noisy {
				b.said.take()
			}
		})
	}
}
