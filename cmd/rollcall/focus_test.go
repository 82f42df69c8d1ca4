package main

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestFocus looks where the focus is after each way that leads to a whole page:
// on what sent the form, on the link that was followed, else on the heading;
// never nowhere.
func TestFocus(t *testing.T) {
	t.Parallel()
	d := theDemo(t, func(o *demoOptions) { o.bigUsers = 2_000 })
	b := openTab(t, desktop)
	b.signIn(d.url, priya)
	list := d.users(users412, "")
	b.open(list)
	b.waitFor(rowsShown + " === 50")
	third := b.ask(row("3"))

	for _, s := range []struct {
		name  string
		from  string
		do    func(b *tab)
		focus string // true once it is there
	}{
		{"a user", list, func(b *tab) {
			b.inList()
			b.keys("jjj" + kb.Enter)
		}, `document.activeElement.matches("h1") && document.activeElement.textContent.trim() === ` + quote(third)},
		{"Back to the list", "", (*tab).back, `document.activeElement.matches(".results tbody tr:nth-child(3) a.name")`},
		{"Back to a page of the list", list, func(b *tab) {
			b.click(`.pager a[rel=next]`)
			b.waitFor(`location.search === "?page=2" && document.querySelector(".pager [aria-current]").textContent === "2"`)
			b.back()
			b.waitFor(`location.search === "" && document.querySelector(".pager [aria-current]").textContent === "1"`)
		}, `document.activeElement !== document.body`},
		{"Refresh", list, func(b *tab) { b.clickAndLoad(`[data-key="r"]`) }, `document.activeElement.matches("[data-key=r], h1")`},
		{"r in a row", list, func(b *tab) {
			b.inList()
			b.keys("jjj")
			b.load(func() { b.keys("r") })
		}, `document.activeElement.matches(".results tbody tr:nth-child(3) a.name")`},
		{"a ticket", list, func(b *tab) {
			b.click(`[popovertarget=ticket]`)
			b.waitFor(`document.activeElement.id === "ticket-number"`)
			b.load(func() { b.keys("INC-4711" + kb.Enter) })
		}, `document.activeElement.matches("[popovertarget=ticket]") && document.activeElement.textContent.includes("INC-4711")`},
		{"a ticket taken off", "", func(b *tab) {
			b.click(`[popovertarget=ticket]`)
			b.clickAndLoad(`#ticket [name=off]`)
		}, `document.activeElement.matches("[popovertarget=ticket]") && document.activeElement.textContent.includes("Add ticket")`},
		{"settings", d.url + "/settings", func(b *tab) {
			b.click(`[name=density][value=compact]`)
			b.clickAndLoad(`.form-actions .primary`)
			b.reads("Kept")
		}, `document.activeElement.matches(".form-actions .primary")`},
		{"settings, back as they were", "", func(b *tab) {
			b.click(`[name=density][value=""]`)
			b.clickAndLoad(`.form-actions .primary`)
		}, `document.activeElement.matches(".form-actions .primary")`},
		{"a mistake", d.url + "/settings", func(b *tab) {
			b.ask(`document.querySelector("#time-zone").append(new Option("Nowhere", "Nowhere", true, true))`)
			b.clickAndLoad(`.form-actions .primary`)
		}, `document.activeElement.id === "mistake"`},
		{"a session ended", d.url + "/settings", func(b *tab) {
			for range 2 {
				b.another(desktop).signIn(d.url, priya)
			}
			b.open(d.url + "/settings")
			b.clickAndLoad(`#sessions li:not(:has(.pill)) button`)
			b.waitFor(`document.querySelectorAll("#sessions li").length === 2`)
		}, `document.activeElement.matches("#sessions button[name=session]")`},
		{"sharing mode", list, func(b *tab) {
			b.click(`[popovertarget=me]`)
			b.clickAndLoad(`#me form[action="/sharing"] button`)
		}, `document.activeElement.matches("#sharing button")`}, // what takes it back
		{"sharing mode, over", "", func(b *tab) { b.clickAndLoad(`#sharing button`) }, `document.activeElement.matches("h1")`},
		{"the palette", list, func(b *tab) {
			b.click(".jump")
			b.waitFor(`document.activeElement.id === "jump-q"`)
			b.load(func() { b.keys("contoso suites" + kb.Enter) })
		}, `document.activeElement.matches("h1") && document.activeElement.textContent.trim() === "Contoso Suites"`},
		{"customers", "", func(b *tab) { b.clickAndLoad(`.topbar nav a`) }, `document.activeElement.id === "customers-query"`},
		{"a page that is not there", "", func(b *tab) {
			b.ask(`document.querySelector(".topbar nav a").href = "/no/such/page"`)
			b.clickAndLoad(`.topbar nav a`)
			b.waitFor(`document.querySelector(".topbar [popovertarget=me]")`) // and whoever is signed in still is
		}, `document.activeElement.matches("h1")`},
	} {
		t.Run(s.name, func(t *testing.T) {
			b := b.in(t)
			if s.from != "" {
				b.open(s.from)
			}
			s.do(b)
			b.waitFor(`document.readyState === "complete" && document.activeElement && ` + s.focus)
			b.rest("100")
			b.waitFor(s.focus)
		})
	}
}

// load does what leads to another page, and waits for it.
func (b *tab) load(do func()) {
	b.t.Helper()
	b.ask(`window.before = true`)
	do()
	b.waitFor(`!window.before && document.readyState === "complete"`)
}

// TestStar gives a star: the list stays where it is, and the focus on the star.
func TestStar(t *testing.T) {
	t.Parallel()
	d := theDemo(t, func(o *demoOptions) { o.bigUsers = 2_000 })
	b := openTab(t, desktop)
	b.signIn(d.url, priya)
	b.waitFor(`document.activeElement.id === "customers-query"`)
	b.ask(watch)
	star := `document.querySelector("#c-` + users412 + ` .star")`
	place := `JSON.stringify(` + star + `.getBoundingClientRect())`
	b.ask(star + `.scrollIntoView({block: "center"})`)
	before := b.ask(place)
	for _, pressed := range []string{"true", "false", "true"} {
		b.click("#c-" + users412 + " .star")
		b.waitFor(star + `.getAttribute("aria-pressed") === ` + quote(pressed))
		b.want("focus", `document.activeElement === `+star, "true")
		b.want("where it stands", place, before)
	}
	b.framed("a star")

	b.open(d.users(users412, ""))
	b.want("starred, on its own page", `document.querySelector("main .star").getAttribute("aria-pressed")`, "true")
	b.ask(watch)
	b.click("main .star")
	b.waitFor(`document.querySelector("main .star").getAttribute("aria-pressed") === "false"`)
	b.want("focus", `document.activeElement.matches("main .star")`, "true")
	b.framed("a star taken off")

	t.Run("without script", func(t *testing.T) {
		b := b.in(t)
		b.wear(screen{width: 1440, height: 900, scriptOff: true})
		b.open(d.users(users412, ""))
		b.clickAndLoad("main .star")
		b.want("starred", `document.querySelector("main .star").getAttribute("aria-pressed")`, "true")
	})
}

// TestSessionEnds has the session end in every way there is: what is on screen
// is hidden, in every tab, and what was typed is there again afterwards.
func TestSessionEnds(t *testing.T) {
	t.Parallel()
	d := theDemo(t, func(o *demoOptions) { o.bigUsers = 2_000 })
	b := openTab(t, desktop)
	b.signIn(d.url, priya)
	signOut := func(b *tab) {
		b.t.Helper()
		b.front()
		b.click(`button[popovertarget="me"]`)
		b.clickAndLoad(`form[action="/sign-out"] button`)
		b.reads("Your session in Rollcall is over on this device.")
	}
	covered := func(b *tab, words string) {
		b.t.Helper()
		b.waitFor(`document.body.matches("[data-covered]")`)
		b.reads(words, "What you typed is kept, except passwords.", "Sign in and go on")
		b.want("what is left to be seen of the page", `[...document.querySelectorAll("main, .topbar, dialog")].some(e => e.checkVisibility())`, "false")
		b.want("whether the customer is named", `(document.body.innerText + document.title).includes("Northwind")`, "false")
		b.want("focus", `document.activeElement.matches("[data-return]")`, "true")
		b.waitFor(`document.getElementById("alarm").textContent.startsWith(` + quote(words) + `)`)
	}
	typed := func(b *tab) {
		b.t.Helper()
		b.open(d.users(users412, ""))
		b.front()
		b.click(`[popovertarget=ticket]`)
		b.waitFor(`document.activeElement.id === "ticket-number"`)
		b.keys("INC-0815" + kb.Escape)
		b.click("#users-query")
		b.keys("ann")
		b.waitFor(searched + ` === "ann"`)
	}
	kept := func(b *tab) {
		b.t.Helper()
		b.waitFor(`location.href === ` + quote(d.users(users412, "q=ann")) + ` && ` + searched + ` === "ann"`)
		b.want("the ticket", `document.getElementById("ticket-number").value`, "INC-0815")
		b.want("the search", `document.getElementById("users-query").value`, "ann")
		b.want("the title", "document.title", "Northwind Electric Cars · Users · Rollcall")
	}

	other := b.beside(desktop)
	t.Run("signed out in another tab", func(t *testing.T) {
		b, other := b.in(t), other.in(t)
		typed(other)
		signOut(b)
		covered(other, "You were signed out.")
		other.front()
		other.clickAndLoad("[data-return]")
		other.clickAndLoad("main a.button")
		other.clickAndLoad(`button[value="` + priya + `"]`)
		kept(other)
	})
	t.Run("and signed in again there", func(t *testing.T) {
		b, other := b.in(t), other.in(t)
		b.open(d.url + "/help")
		typed(other)
		signOut(b)
		covered(other, "You were signed out.")
		b.signIn(d.url, priya)
		other.waitFor(`!document.body.matches("[data-covered]") && document.querySelector("main").checkVisibility()`)
		kept(other)
	})
	t.Run("somebody else signed in there", func(t *testing.T) {
		b, other := b.in(t), other.in(t)
		typed(other)
		signOut(b)
		covered(other, "You were signed out.")
		b.signIn(d.url, tomas)
		b.rest("300")
		covered(other, "You were signed out.")
		other.front()
		other.clickAndLoad("[data-return]")
		other.waitFor(`document.querySelector("#me h2").textContent.includes("Tom")`)
		other.want("the other's ticket", `document.getElementById("ticket-number").value`, "")
		signOut(b)
		b.signIn(d.url, priya)
	})
	t.Run("ended elsewhere, seen when somebody looks", func(t *testing.T) {
		b, other := b.in(t), other.in(t)
		other.open("about:blank")
		typed(b)
		b.hide(true)
		there := b.another(desktop)
		there.signIn(d.url+"/settings", priya)
		there.clickAndLoad(`button[name="all"]`)
		there.reads("You signed out everywhere")
		b.rest("1100")
		b.hide(false)
		covered(b, "You were signed out.")
		b.clickAndLoad("[data-return]")
		b.clickAndLoad("main a.button")
		b.clickAndLoad(`button[value="` + priya + `"]`)
		kept(b)
	})
	t.Run("who types stays signed in", func(t *testing.T) {
		b := b.in(t)
		b.open(d.users(users412, ""))
		b.ask(watch)
		b.ask(asked)
		b.press("Shift") // a key that asks for nothing
		b.want("asked by the key", "window.asked.length", "0")
		b.ask(`(() => { const now = Date.now; Date.now = () => now() + 58.5 * 60_000; document.dispatchEvent(new Event("visibilitychange")); })()`)
		b.waitFor(`window.asked.length > 0`)
		b.rest("100")
		b.want("the warning", `document.getElementById("session").hidden`, "true")
		b.want("what was said", `said.join()`, "")
	})
	t.Run("nobody did anything", func(t *testing.T) {
		b := b.in(t)
		b.open(d.users(users412, ""))
		b.ask(watch)
		later := func(minutes string) {
			b.ask(`(() => { const now = Date.now; Date.now = () => now() + ` + minutes + ` * 60_000; document.dispatchEvent(new Event("visibilitychange")); })()`)
		}
		b.want("a warning long before", `document.getElementById("session").hidden`, "true")
		later("58.5")
		b.reads("You will be signed out in two minutes.", "Stay signed in")
		b.waitFor(`said.includes("You will be signed out in two minutes.")`)
		b.want("the rows stay meanwhile", rowsShown, "50")
		later("2")
		covered(b, "You were signed out after 60 minutes without activity.")
	})
}
