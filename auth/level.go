package auth

import (
	"fmt"
	"strings"
)

// Level is what Rollcall lets a person do. It narrows what Partner Center
// allows and never widens it. Levels are sets: somebody with the roles of both
// the helpdesk and licensing has both. The zero value allows nothing.
type Level uint8

// The levels. Each but the first includes what the reader may do; the
// administrator may do everything.
const (
	LevelReader    Level = 1
	LevelHelpdesk  Level = LevelReader | 1<<1
	LevelLicensing Level = LevelReader | 1<<2
	LevelAdmin     Level = LevelHelpdesk | LevelLicensing | 1<<3
)

// Allows reports whether somebody who has this level may do what needs need.
// A need of zero is a mistake of the caller and is denied.
func (have Level) Allows(need Level) bool { return need != 0 && have&need == need }

// levelNames are the words of settings and of the page, most powerful first.
var levelNames = []struct {
	level Level
	name  string
}{
	{LevelAdmin, "admin"},
	{LevelHelpdesk, "helpdesk"},
	{LevelLicensing, "licensing"},
	{LevelReader, "reader"},
}

// String names the level: "admin", "helpdesk", "helpdesk and licensing", "none".
func (have Level) String() string {
	var names []string
	var named Level
	for _, l := range levelNames {
		if have.Allows(l.level) && !named.Allows(l.level) {
			names, named = append(names, l.name), named|l.level
		}
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, " and ")
}

// ParseLevel reads a level as settings write it: reader, helpdesk, licensing
// or admin.
func ParseLevel(name string) (Level, error) {
	for _, l := range levelNames {
		if l.name == name {
			return l.level, nil
		}
	}
	return 0, fmt.Errorf("%q is not an access level; write reader, helpdesk, licensing or admin", name)
}
