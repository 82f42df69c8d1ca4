package views

import (
	"bytes"
	"context"
	"io"
	"sync"

	"github.com/a-h/templ"
)

// What every page has many of is not rendered anew each time: an expression in
// templ costs two allocations, a component more.

// ready is markup that is written as it is.
type ready string

func (r ready) Render(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, string(r))
	return err
}

// once renders what is always the same when it is needed first.
func once(c func() templ.Component) func() templ.Component {
	return sync.OnceValue(func() templ.Component {
		var b bytes.Buffer
		if err := c().Render(context.Background(), &b); err != nil {
			return c() // it fails where it is shown
		}
		return ready(b.String())
	})
}

// helpDialog is the dialog behind ?.
var helpDialog = once(helpMarkup)

// icons holds each icon's markup as a component, by its name.
var icons = struct {
	sync.RWMutex
	plain, flip map[string]templ.Component
}{plain: map[string]templ.Component{}, flip: map[string]templ.Component{}}

func icon(name string) templ.Component { return iconOf(icons.plain, name, "icon") }

// flip is an arrow that turns round where text runs from right to left.
func flip(name string) templ.Component { return iconOf(icons.flip, name, "icon flip") }

func iconOf(held map[string]templ.Component, name, class string) templ.Component {
	icons.RLock()
	c := held[name]
	icons.RUnlock()
	if c == nil {
		c = ready(string(appendIcon(nil, name, class)))
		icons.Lock()
		held[name] = c
		icons.Unlock()
	}
	return c
}

func appendIcon(b []byte, name, class string) []byte {
	b = append(b, `<svg class="`...)
	b = append(b, class...)
	b = append(b, `" aria-hidden="true"><use href="`...)
	b = append(b, sprite...)
	b = append(b, name...)
	return append(b, `"></use></svg>`...)
}

// appended is a component that appends its markup to a pooled buffer.
func appended(markup func(b []byte) []byte) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		b := rowBuffers.Get().(*[]byte)
		defer func() {
			if cap(*b) <= largestRowBuffer {
				rowBuffers.Put(b)
			}
		}()
		*b = markup((*b)[:0])
		_, err := w.Write(*b)
		return err
	})
}

// filterChoices are the choices of a filter, a check box each.
func filterChoices(f Filter) templ.Component {
	return appended(func(b []byte) []byte {
		for i := range f.Options {
			o := &f.Options[i]
			b = append(b, `<li><label`...)
			if o.Title != "" {
				b = appendAttribute(b, "title", o.Title)
			}
			b = append(b, `><input type="checkbox"`...)
			b = appendAttribute(b, "name", f.Name)
			b = appendAttribute(b, "value", o.Value)
			if o.On {
				b = append(b, ` checked`...)
			}
			b = append(b, `><bdi>`...)
			b = appendEscaped(b, o.Label)
			b = append(b, `</bdi><span class="count">`...)
			b = append(b, count(o.Count, o.Part)...)
			b = append(b, `</span></label></li>`...)
		}
		return b
	})
}

func appendAttribute(b []byte, name, value string) []byte {
	b = append(b, ' ')
	b = append(b, name...)
	b = append(b, `="`...)
	b = appendEscaped(b, value)
	return append(b, '"')
}

// sortLink sorts by a column, or is its label alone.
func sortLink(c Column, label, results string) templ.Component {
	return appended(func(b []byte) []byte {
		if c.Href == "" {
			b = append(b, `<span>`...)
			b = appendEscaped(b, label)
			return append(b, `</span>`...)
		}
		b = append(b, `<a`...)
		if c.Sort != "" {
			b = append(b, ` class="sorted"`...)
		}
		b = appendAttribute(b, "href", string(c.Href))
		b = appendAttribute(b, "hx-get", string(c.Href))
		b = appendAttribute(b, "hx-target", results)
		b = append(b, ` hx-swap="innerMorph"`...)
		b = appendAttribute(b, "hx-sync", syncOf(results))
		b = append(b, ` hx-push-url="true">`...)
		b = appendEscaped(b, label)
		b = appendIcon(b, sortIcons[c.Sort], "icon")
		return append(b, `</a>`...)
	})
}
