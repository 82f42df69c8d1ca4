package views

import (
	"fmt"

	"github.com/a-h/templ"
)

// hues are the six tile colours, as person.css has them.
var hues = [...]int{225, 285, 340, 45, 100, 165}

// TileIcon is a customer's tile as an SVG picture, for the browser's tab: who
// has eight customers open tells them apart by it. An answer with it is
// image/svg+xml.
func TileIcon(name, id string) []byte {
	hue := hues[tint(id)-'1']
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="oklch(92.5%% .038 %d)"/>`+
		`<text x="16" y="21.5" text-anchor="middle" font-family="system-ui, sans-serif" font-size="15" font-weight="700" fill="oklch(37%% .085 %d)">%s</text></svg>`,
		hue, hue, templ.EscapeString(Initials(name)))
}
