package views

import (
	"github.com/a-h/templ"

	"github.com/rollcall-app/rollcall/static"
)

// What every page loads; a name that was not built is seen at start.
var (
	styleSheet = static.Path("app.css")
	script     = static.Path("app.js")
	favicon    = static.Path("favicon.svg")
	latinFont  = static.Path("sans-latin.woff2")
	sprite     = static.Path("icons.svg") + "#"
)

// iconHref is where the icon lies in the sprite.
func iconHref(name string) templ.SafeURL { return templ.SafeURL(sprite + name) }
