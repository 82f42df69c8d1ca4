package views

import (
	"bytes"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/net/html"

	"github.com/a-h/templ"
)

// What must hold whatever the markup is asserted here, on parsed HTML of the
// gallery and of every fragment.

// element is a node with its attributes at hand.
type element struct {
	*html.Node
	attrs map[string]string
}

func (e element) has(name string) bool { _, ok := e.attrs[name]; return ok }

func (e element) String() string {
	var b strings.Builder
	shallow := &html.Node{Type: html.ElementNode, Data: e.Data, Attr: e.Attr}
	_ = html.Render(&b, shallow)
	return b.String()
}

// elements are all elements of a page, or of a fragment, in order.
func elements(t testing.TB, markup string) []element {
	t.Helper()
	root, err := html.Parse(strings.NewReader(markup))
	if err != nil {
		t.Fatal(err)
	}
	var all []element
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		e := element{n, map[string]string{}}
		for _, a := range n.Attr {
			if _, twice := e.attrs[a.Key]; twice {
				t.Errorf("attribute %s twice in %s", a.Key, e)
			}
			e.attrs[a.Key] = a.Val
		}
		all = append(all, e)
	}
	return all
}

// everything is the gallery and the parts: whole pages and fragments.
func everything() map[string]templ.Component {
	all := gallery()
	maps.Copy(all, parts())
	return all
}

func TestMarkupKeepsTheStrictPolicy(t *testing.T) {
	for name, c := range everything() {
		for _, e := range elements(t, render(t, c)) {
			for key, value := range e.attrs {
				lower := strings.ToLower(strings.TrimSpace(value))
				switch {
				case key == "style", strings.HasPrefix(key, "on"), strings.HasPrefix(key, "hx-on"):
					t.Errorf("%s: inline %s in %s", name, key, e)
				case strings.HasPrefix(key, "hx-") && (strings.HasPrefix(lower, "js:") || strings.HasPrefix(lower, "javascript:")):
					t.Errorf("%s: script in %s of %s", name, key, e)
				case key == "hx-trigger" && strings.Contains(value, "["):
					t.Errorf("%s: a filter, which is script, in hx-trigger of %s", name, e)
				case (key == "href" || key == "src" || key == "action") && strings.HasPrefix(lower, "javascript:"):
					t.Errorf("%s: script in %s of %s", name, key, e)
				}
			}
			if e.Data == "style" || e.Data == "script" && !e.has("src") || e.Data == "base" || e.Data == "iframe" {
				t.Errorf("%s: %s is refused by the policy", name, e)
			}
			if e.Data == "img" {
				t.Errorf("%s: an image that no page has: %s", name, e)
			}
		}
	}
}

func TestMarkupHasAPlainTwinForEveryHxElement(t *testing.T) {
	seen := 0
	for name, c := range everything() {
		all := elements(t, render(t, c))
		forms := map[string]element{}
		for _, e := range all {
			if e.Data == "form" && e.has("id") {
				forms[e.attrs["id"]] = e
			}
		}
		for _, e := range all {
			address, method := e.attrs["hx-get"], "get"
			if post, ok := e.attrs["hx-post"]; ok {
				address, method = post, "post"
			} else if !e.has("hx-get") {
				continue
			}
			seen++
			if !e.has("hx-target") || !e.has("hx-swap") {
				t.Errorf("%s: target and swap are not spelled out on %s", name, e)
			}
			if list, ok := strings.CutSuffix(e.attrs["hx-target"], "-results"); ok && list != "#jump" {
				if sync := e.attrs["hx-sync"]; sync != list+"-search:replace" && sync != "this:replace" && sync != "closest form:replace" {
					t.Errorf("%s: an old answer could overtake a new one, hx-sync=%q on %s", name, sync, e)
				}
			}
			if strings.Contains(address, "//") {
				t.Errorf("%s: the address is not relative on %s", name, e)
			}
			switch e.Data {
			case "a":
				if e.attrs["href"] != address || method != "get" {
					t.Errorf("%s: href and hx-%s differ on %s", name, method, e)
				}
			case "form":
				if e.attrs["action"] != address || cmpOr(e.attrs["method"], "get") != method {
					t.Errorf("%s: action and hx-%s differ on %s", name, method, e)
				}
			case "input", "select", "fieldset", "button":
				form, ok := formOf(e, forms)
				if !ok {
					// A fragment's field belongs to a form of the page around it.
					if e.attrs["form"] == "users-search" || e.attrs["form"] == "customers-search" {
						continue
					}
					t.Errorf("%s: %s is in no form", name, e)
				} else if form.attrs["action"] != address || cmpOr(form.attrs["method"], "get") != method {
					t.Errorf("%s: the form of %s goes to %s %s", name, e, form.attrs["method"], form.attrs["action"])
				}
			default:
				if !e.has("data-poll") || !slices.ContainsFunc(all, func(a element) bool {
					return a.Data == "a" && within(a.Node, e.Node) && pathOf(a.attrs["href"]) == pathOf(address)
				}) {
					t.Errorf("%s: %s asks by itself, and no link in it leads to the same", name, e)
				}
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d hx elements seen: the walk misses them", seen)
	}
}

// A field hides the property of its form that has its name: with a field named
// id a form has no id to be found by, so that a swap makes all of it anew.
func TestMarkupNamesNoFieldLikeItsForm(t *testing.T) {
	taken := []string{"id", "action", "method", "elements", "target", "attributes", "children", "childNodes", "parentNode", "firstChild", "nextSibling", "tagName"}
	for name, c := range everything() {
		for _, e := range elements(t, render(t, c)) {
			if e.Data != "form" && e.has("name") && slices.Contains(taken, e.attrs["name"]) {
				t.Errorf("%s: the name of %s hides its form's", name, e)
			}
		}
	}
}

func cmpOr(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

func pathOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Path
}

// formOf is the form that a field belongs to, by its attribute or around it.
func formOf(e element, forms map[string]element) (element, bool) {
	if id, ok := e.attrs["form"]; ok {
		form, ok := forms[id]
		return form, ok
	}
	for n := e.Parent; n != nil; n = n.Parent {
		if n.Type == html.ElementNode && n.Data == "form" {
			form := element{n, map[string]string{}}
			for _, a := range n.Attr {
				form.attrs[a.Key] = a.Val
			}
			return form, true
		}
	}
	return element{}, false
}

func within(n, ancestor *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n == ancestor {
			return true
		}
	}
	return false
}

func TestMarkupRefersToWhatIsThere(t *testing.T) {
	for name, c := range gallery() {
		ids := map[string]int{}
		all := elements(t, render(t, c))
		for _, e := range all {
			if id, ok := e.attrs["id"]; ok {
				if ids[id]++; ids[id] > 1 {
					t.Errorf("%s: two elements have the id %q", name, id)
				}
			}
		}
		for _, e := range all {
			for _, key := range []string{"for", "form", "aria-controls", "aria-labelledby", "aria-describedby", "popovertarget", "data-opens", "data-closes"} {
				if !e.has(key) {
					continue
				}
				for id := range strings.FieldsSeq(e.attrs[key]) {
					if ids[id] == 0 {
						t.Errorf("%s: %s=%q of %s names nothing", name, key, id, e)
					}
				}
			}
			for _, key := range []string{"hx-target", "data-enter", "href"} {
				if id, ok := strings.CutPrefix(e.attrs[key], "#"); ok && ids[id] == 0 {
					t.Errorf("%s: %s=%q of %s names nothing", name, key, "#"+id, e)
				}
			}
		}
	}
}

func TestMarkupIsolatesNames(t *testing.T) {
	// Text that turns the line round must do so inside its own <bdi>, or
	// where nothing stands beside it.
	alone := []string{"title", "bdi", "caption", "option", "h1", "h2", "h3", "p", "b", "code", "time", "small", "label", "button", "dt", "dd", "li", "a", "td", "div", "summary", "mark"}
	for name, c := range everything() {
		root, err := html.Parse(strings.NewReader(render(t, c)))
		if err != nil {
			t.Fatal(err)
		}
		for n := range root.Descendants() {
			if n.Type != html.TextNode || !strings.Contains(n.Data, "\u202e") {
				continue
			}
			ok := false
			for p := n.Parent; p != nil && !ok; p = p.Parent {
				ok = p.Data == "bdi" || p == n.Parent && slices.Contains(alone, p.Data)
			}
			if !ok {
				t.Errorf("%s: %q stands in <%s> without <bdi>", name, n.Data, n.Parent.Data)
			}
		}
	}
}

// The budgets of docs/performance for the page people spend their day on.
func TestUsersPageKeepsItsBudgets(t *testing.T) {
	page, fragment := render(t, Users(sampleUsers(50))), render(t, UsersFragment(sampleUsers(50)))
	count := len(elements(t, page))
	pageSize, fragmentSize := packed(t, page), packed(t, fragment)
	t.Logf("50 rows: %d elements, page %d bytes, %d compressed, fragment %d compressed", count, len(page), pageSize, fragmentSize)
	if count > 2000 {
		t.Errorf("the page has %d elements, budget 2,000", count)
	}
	if pageSize > 11_000 {
		t.Errorf("the page is %d bytes compressed, budget 11,000", pageSize)
	}
	if fragmentSize > 8_000 {
		t.Errorf("the fragment is %d bytes compressed, budget 8,000", fragmentSize)
	}
}

func packed(t *testing.T, text string) int {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

func TestSpriteHasTheIconsUsedAndNoOther(t *testing.T) {
	used := map[string]bool{}
	for _, c := range everything() {
		for _, e := range elements(t, render(t, c)) {
			if _, icon, ok := strings.Cut(e.attrs["href"], ".svg#"); ok && e.Data == "use" {
				used[icon] = true
			}
		}
	}
	drawn := map[string]bool{}
	for _, e := range elements(t, spriteSource(t)) {
		if e.Data == "symbol" {
			drawn[e.attrs["id"]] = true
		}
	}
	for icon := range used {
		if !drawn[icon] {
			t.Errorf("static/icons.svg lacks %q", icon)
		}
	}
	for icon := range drawn {
		if !used[icon] {
			t.Errorf("static/icons.svg has %q, which no page shows", icon)
		}
	}
}
