package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/rollcall-app/rollcall/partnercenter/emulator"
)

// tablet is a wide window without a mouse.
var tablet = screen{width: 1024, height: 768, touch: true}

// small lists what is hard to hit: controls less wide or high than so many
// pixels, and controls that something else covers. The area counts that a click
// reaches, whatever is drawn there. Links in a sentence are left out: they are
// as high as its lines. Source: WCAG 2.2, 2.5.8 and 2.5.5.
const small = `(least => {
	const found = [];
	for (const e of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary, textarea")) {
		if (e.closest("[popover]:not(:popover-open, .refine), dialog:not([open]), tbody tr:nth-child(n+6), .sr, caption") || !e.checkVisibility({visibilityProperty: true})) continue;
		const target = /^(radio|checkbox)$/.test(e.type) && e.labels[0] || e, style = getComputedStyle(target);
		let hidden = false; // unseen until focused
		for (let up = target; up; up = up.parentElement) hidden ||= getComputedStyle(up).clipPath !== "none";
		if (hidden) continue;
		if (style.display === "inline" && target.parentElement.textContent.trim() !== target.textContent.trim()) continue;
		target.scrollIntoView({block: "center", inline: "center"});
		const box = target.getClientRects()[0];
		if (!box?.width) continue;
		const x = box.left + Math.min(box.width / 2, innerWidth / 2), y = box.top + Math.min(box.height / 2, innerHeight / 2);
		const name = target.tagName.toLowerCase() + "." + target.className + " " + (target.getAttribute("aria-label") ?? target.textContent.trim()).slice(0, 40);
		const mine = (dx, dy) => { const hit = document.elementFromPoint(x + dx, y + dy); return target.contains(hit); };
		if (!mine(0, 0)) { found.push("covered: " + name + " by " + document.elementFromPoint(x, y)?.className); continue; }
		const reach = (dx, dy) => { let n = 0; while (n < least && mine(dx * (n + 1), dy * (n + 1))) n++; return n; };
		const width = reach(-1, 0) + reach(1, 0) + 1, height = reach(0, -1) + reach(0, 1) + 1;
		if (width < least || height < least) found.push(name + " is " + width + " by " + height);
	}
	scrollTo(0, 0);
	return found;
})(%d)`

// bare lists what can't be told in a person's own few colours: controls without
// an edge or underline, and what is chosen without a mark of its own.
const bare = `(() => {
	const found = [], seen = e => e.checkVisibility() && !e.closest(".sr");
	const name = e => e.tagName.toLowerCase() + "." + e.className + " " + e.textContent.trim().slice(0, 40);
	for (const e of document.querySelectorAll(".button:not(.ghost), .input, .chip, .card, .banner, .pill, .avatar, .count, kbd, .popover:popover-open, dialog[open]")) {
		if (seen(e) && parseFloat(getComputedStyle(e).borderTopWidth) === 0 && !e.closest("a.card, .tabs")) found.push("no edge: " + name(e));
	}
	for (const e of document.querySelectorAll("[aria-current], [aria-pressed=true], [data-state=on], [aria-selected=true], .banner:not(.quiet), .status, .seatbar")) {
		if (!seen(e)) continue;
		const style = getComputedStyle(e);
		const marked = style.outlineStyle !== "none" || parseFloat(style.borderBlockEndWidth) > 1 || style.fontWeight >= 600 || e.querySelector(".icon, svg") || e.matches("svg") || getComputedStyle(e, "::before").content !== "none";
		if (!marked) found.push("not marked: " + name(e));
	}
	return found;
})()`

// onPaper lists what is wrong with the page as it would be printed.
const onPaper = `(() => {
	const found = [], seen = s => [...document.querySelectorAll(s)].filter(e => e.checkVisibility() && getComputedStyle(e).clipPath === "none");
	for (const e of seen(".topbar, button, select, input, .button, .filterbar, .keys, .skip, .tabs")) found.push("to press, on paper: " + e.tagName.toLowerCase() + "." + e.className + " " + e.textContent.trim().slice(0, 40));
	if (!seen("h1").length) found.push("no heading");
	const table = document.querySelector(".table");
	if (!table) return found;
	if (getComputedStyle(table).display !== "table") found.push("the table is " + getComputedStyle(table).display);
	if (getComputedStyle(table.tHead).display !== "table-header-group" || !table.tHead.getBoundingClientRect().height) found.push("the head is not repeated on each sheet");
	if (getComputedStyle(table.tHead.rows[0].cells[0]).position !== "static") found.push("the head sticks");
	for (let e = table; e !== document.documentElement; e = e.parentElement) {
		const {overflow, display} = getComputedStyle(e);
		if (overflow !== "visible" || /flex|grid/.test(display)) found.push("cut at the sheet's end: " + e.tagName + "." + e.className + " " + overflow + " " + display);
	}
	return found;
})()`

// finds fails the test for each thing that the script lists.
func (b *tab) finds(how, script string) {
	b.t.Helper()
	for _, f := range get(b, chromedp.Evaluate[[]string](script)) {
		b.t.Errorf("%s: %s", how, f)
	}
}

// medium shows the page as on paper, or on screen again.
func (b *tab) medium(name string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: name}); err != nil {
		b.t.Fatal(err)
	}
}

// TestAdapts opens each page as people have it who need it otherwise: by finger,
// in their own colours and spacing, at 400 %, from right to left, on paper.
func TestAdapts(t *testing.T) {
	t.Parallel()
	d := theDemo(t, func(o *demoOptions) { o.bigUsers = 2_000 })
	b := openTab(t, desktop)
	b.open(d.url)
	signIn := b.location()
	b.signIn(d.url, priya)
	b.open(d.users(users412, ""))
	b.waitFor(rowsShown + " === 50")
	user := d.url + b.ask(`document.querySelector(".users-table tbody a.name").pathname`)
	at := strings.TrimSuffix(d.users(users412, ""), "/users")
	b.ask(`document.querySelector("main .star").click()`)

	for _, page := range []struct {
		name, address string
		paper         bool // people print it
	}{
		{"customers", d.url + "/customers", true},
		{"customers, searched", d.url + "/customers?q=contoso", true},
		{"users", d.users(users412, ""), true},
		{"deleted users", d.page(emulator.ContosoID, "users/deleted"), true},
		{"users, filtered", d.users(users412, "synced=yes&location=DE"), true},
		{"users with hostile names", d.users(emulator.HostileCustomerID, ""), true},
		{"no match", d.users(users412, "q=zzz"), true},
		{"user", user, true},
		{"licenses", at + "/licenses", true},
		{"roles", at + "/roles", true},
		{"find", d.url + "/find?q=an", true},
		{"people", d.url + "/settings/people", false},
		{"settings", d.url + "/settings", false},
		{"help", d.url + "/help", true},
		{"jump", d.url + "/jump?q=con", false},
		{"no such page", d.url + "/no/such/page", false},
		{"unknown customer", d.users("11111111-2222-4333-8444-555555555555", ""), false},
		{"sign-in", signIn, false},
	} {
		t.Run(page.name, func(t *testing.T) {
			b := b.in(t)
			if page.name == "sign-in" {
				b = b.another(desktop)
			}
			b.wear(desktop)
			b.open(page.address)
			b.waitFor(`document.readyState === "complete" && document.fonts.status === "loaded" && !document.querySelector(".skeleton")`)

			for _, look := range []screen{desktop, phone, tablet} {
				b.wear(look)
				least := 24
				if look.touch {
					least = 44
				}
				b.finds(look.String(), fmt.Sprintf(small, least))
			}

			b.wear(screen{width: 1440, height: 900, media: map[string]string{"forced-colors": "active"}})
			b.finds("forced colours", bare)

			b.ask(`document.documentElement.dir = "rtl"`)
			for _, look := range []screen{desktop, {width: 960, height: 600}, {width: 768, height: 1024}, {width: 751, height: 1024}, phone, zoomed} {
				b.wear(look)
				b.finds("right to left, "+look.String(), outside)
			}
			b.ask(`document.documentElement.removeAttribute("dir")`)

			b.style(spaced)
			for _, look := range []screen{desktop, {width: 960, height: 600}, phone} {
				b.wear(look)
				b.finds("spaced, "+look.String(), outside)
			}
			b.style("")
			b.reflows()
			b.wear(zoomed)
			b.want("rows of pixels left for the page at 400 %", `[...document.querySelectorAll("body *")].filter(e => /sticky|fixed/.test(getComputedStyle(e).position) && e.checkVisibility() && !e.closest("table")).reduce((sum, e) => sum - e.getBoundingClientRect().height, 256) > 128`, "true")

			b.wear(screen{width: 718, height: 1000}) // a sheet of A4 between its margins
			b.medium("print")
			if page.paper {
				b.finds("on paper", onPaper)
			}
			b.finds("on paper", outside)
			if keepsPictures() {
				b.shoot("print")
			}
			b.medium("")
		})
	}
}

// TestWithoutScriptNothingNeedsIt looks for what only a script could answer.
func TestWithoutScriptNothingNeedsIt(t *testing.T) {
	t.Parallel()
	d := theDemo(t, func(o *demoOptions) { o.bigUsers = 2_000 })
	b := openTab(t, desktop)
	b.signIn(d.url, priya)
	b.open(d.users(users412, ""))
	b.waitFor(rowsShown + " === 50")
	user := d.url + b.ask(`document.querySelector(".users-table tbody a.name").pathname`)
	for _, look := range []screen{desktop, phone} {
		look.scriptOff = true
		b.wear(look)
		for _, address := range []string{d.url + "/customers", d.users(users412, ""), d.users(users412, "q=zzz"), user, d.url + "/settings", d.url + "/jump?q=con", d.users("11111111-2222-4333-8444-555555555555", "")} {
			b.open(address)
			b.finds(look.String()+" "+strings.TrimPrefix(address, d.url), `(() => {
				const seen = [...document.querySelectorAll("kbd, button, a, select, [data-countdown]")].filter(e => e.checkVisibility() || e.closest("[popover]"));
				return seen.filter(e => e.matches("kbd, [data-copy], [data-copy-address], [data-closes], [data-stay]") && !e.closest("dialog, .needs-script") ||
					e.matches("button[type=button]:not([popovertarget])") && !e.closest("dialog, .needs-script") ||
					e.matches("a:not([href])") ||
					e.matches("select") && !e.form?.querySelector("button:not([type=button])"))
					.map(e => e.tagName.toLowerCase() + "." + e.className + " " + e.textContent.trim().slice(0, 40));
			})()`)
		}
	}
}
