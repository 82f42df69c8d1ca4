package web

import (
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// countryNames remembers what was looked up: a list asks for the same few
// countries a thousand times.
var countryNames sync.Map

// countryName is the English name of a usage location, or its code where the
// code is of no country that we know.
func countryName(code string) string {
	if code == "" {
		return ""
	}
	if name, ok := countryNames.Load(code); ok {
		return name.(string)
	}
	name := code
	if region, err := language.ParseRegion(code); err == nil && len(code) == 2 {
		if n := display.English.Regions().Name(region); n != "" {
			name = n
		}
		countryNames.Store(code, name) // only real regions: data can't fill the map
	}
	return name
}
