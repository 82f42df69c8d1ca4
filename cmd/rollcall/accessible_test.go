package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// axe is axe-core, which looks for what keeps people out of a page.
type axe struct{ source string }

// theAxe reads it from the test-only packages. Without them it finds nothing
// outside CI, and says so.
func theAxe(t *testing.T) *axe {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "..", ".ci", "node_modules", "axe-core", "axe.min.js"))
	switch {
	case err == nil:
		return &axe{string(source) + ";undefined"}
	case os.Getenv("CI") == "true":
		t.Fatal(err)
	}
	t.Log("pages are not checked by axe: npm ci --prefix .ci installs it")
	return &axe{}
}

// runAxe looks at the whole page, but for the rows that are like those above
// them. The dark theme changes nothing but colours.
const runAxe = `axe.run({exclude: [[".results tbody tr:nth-child(n+13)"]]}, {
	resultTypes: ["violations"],
	runOnly: matchMedia("(prefers-color-scheme: dark)").matches ? ["color-contrast", "link-in-text-block"] : ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}).then(r => JSON.stringify(r.violations.map(v => ({
	id: v.id, help: v.help,
	nodes: v.nodes.map(n => n.html.slice(0, 240) + " " + (n.any[0] || n.all[0] || n.none[0] || {}).message),
}))))`

// check fails the test for each thing that axe finds on the page as it is.
func (a *axe) check(b *tab, look screen) {
	b.t.Helper()
	if a.source == "" {
		return
	}
	if b.ask(`typeof axe`) == "undefined" {
		b.do(chromedp.Evaluate[chromedp.Void](a.source))
	}
	var found []struct {
		ID, Help string
		Nodes    []string
	}
	if err := json.Unmarshal([]byte(get(b, chromedp.Evaluate[string](runAxe, chromedp.EvalAwaitPromise))), &found); err != nil {
		b.t.Fatal(err)
	}
	for _, f := range found {
		b.t.Errorf("%v: %s (%s)\n\t%s", look, f.Help, f.ID, strings.Join(f.Nodes[:min(3, len(f.Nodes))], "\n\t"))
	}
}

// zoomed is a desktop's window at 400 %: 320 by 256 pixels, and a mouse.
var zoomed = screen{width: 320, height: 256}

// spaced is the text spacing that everybody may set. Source: WCAG 2.2, 1.4.12.
const spaced = `* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-block-end: 2em !important }`

// style puts a person's own style sheet on the page; an empty one takes it off.
func (b *tab) style(css string) {
	b.t.Helper()
	b.ask(`(() => {
		const own = new CSSStyleSheet();
		own.replaceSync(` + quote(css) + `);
		document.adoptedStyleSheets = [own];
	})()`)
}

// outside lists what can't be read without scrolling sideways: a page wider
// than the window, and words that are cut. What scrolls by itself is left out.
const outside = `(() => {
	const found = [], root = document.documentElement;
	if (root.scrollWidth > root.clientWidth) found.push("the page is " + root.scrollWidth + " wide, the window " + root.clientWidth);
	(function look(e) {
		if (e.matches("svg, select, tbody tr:nth-child(n+13)")) return;
		const style = getComputedStyle(e), box = e.getBoundingClientRect();
		if (!box.width || style.visibility === "hidden" || style.clipPath !== "none") return;
		const name = e.tagName.toLowerCase() + "." + e.className + " " + e.textContent.trim().slice(0, 60);
		if (box.right > root.clientWidth + 1 || box.left < -1) found.push("sticks out: " + name);
		else if (/hidden|clip/.test(style.overflowX) && e.scrollWidth > e.clientWidth + 1 && e.textContent.trim()) found.push("is cut: " + name);
		if (!/auto|scroll/.test(style.overflowX)) for (const inner of e.children) look(inner);
	})(document.body);
	return found;
})()`

// reflows fails the test where the page can't be read in a narrow window, also
// with the spacing of somebody's own.
func (b *tab) reflows() {
	b.t.Helper()
	b.wear(zoomed)
	for _, css := range []string{"", spaced} {
		b.style(css)
		for _, f := range get(b, chromedp.Evaluate[[]string](outside)) {
			b.t.Errorf("at 320 pixels%s: %s", map[bool]string{true: ", spaced"}[css != ""], f)
		}
	}
	b.style("")
}
