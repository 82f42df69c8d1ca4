package main

import (
	"iter"
	"slices"
	"strings"

	"github.com/rollcall-app/rollcall/internal/directory"
	"github.com/rollcall-app/rollcall/partnercenter"
)

// usersFilter is which users a list has: the query of the page, in flags.
type usersFilter struct {
	search    string
	synced    *bool // nil: either
	guest     *bool
	locations []string // any of which; noLocation: users without one
	domains   []string // any of which
	ids       []string // any of which

	words *directory.Matcher // the search of the portal's page
}

// noLocation stands for users without a usage location.
const noLocation = "none"

func (f *usersFilter) check() error {
	f.locations = apart(f.locations)
	for i, location := range f.locations {
		if !strings.EqualFold(location, noLocation) && (len(location) != 2 || strings.ContainsFunc(location, notALetter)) {
			return misuse("--location: %q is no country; write two letters like DE, or none", location)
		}
		f.locations[i] = strings.ToUpper(location)
	}
	f.domains = apart(f.domains)
	for i, domain := range f.domains {
		domain = strings.TrimPrefix(strings.ToLower(domain), "@")
		if domain == "" || strings.ContainsAny(domain, "@ \t") {
			return misuse("--domain: %q is no domain; write it like contoso.example", f.domains[i])
		}
		f.domains[i] = domain
	}
	f.ids = apart(f.ids)
	for i, id := range f.ids {
		if !partnercenter.ValidID(id) {
			return misuse("--id: %q is no ID of a user; write it like %s", id, exampleID)
		}
		f.ids[i] = strings.ToLower(id)
	}
	f.words = directory.NewMatcher(f.search)
	return nil
}

// exampleID is what an ID looks like.
const exampleID = "1c8f0f4e-6d1b-4f0a-9c53-7a2d3e4b5f60"

// apart are values that may also be given with commas between them, none of
// which has one.
func apart(values []string) []string {
	var all []string
	for _, value := range values {
		all = append(all, strings.Split(value, ",")...)
	}
	return all
}

func notALetter(r rune) bool { return r|0x20 < 'a' || r|0x20 > 'z' }

// fitting leaves out what the filter excludes; the service can't.
func (f *usersFilter) fitting(users iter.Seq2[userRow, error]) iter.Seq2[userRow, error] {
	if f.words == nil && f.synced == nil && f.guest == nil && len(f.locations) == 0 && len(f.domains) == 0 && len(f.ids) == 0 {
		return users
	}
	return func(yield func(userRow, error) bool) {
		for user, err := range users {
			if err == nil && !f.fits(&user.User) {
				continue
			}
			if !yield(user, err) {
				return
			}
		}
	}
}

func (f *usersFilter) fits(u *partnercenter.User) bool {
	switch {
	case len(f.ids) > 0 && !slices.Contains(f.ids, u.ID):
		return false
	case f.synced != nil && *f.synced == u.LastDirectorySync.IsZero():
		return false
	case f.guest != nil && *f.guest != guest(u):
		return false
	case len(f.locations) > 0 && !f.inLocation(u.UsageLocation):
		return false
	case len(f.domains) > 0 && !slices.Contains(f.domains, domainOf(u.UserPrincipalName)):
		return false
	}
	return f.words == nil || f.words.Match(u)
}

func (f *usersFilter) inLocation(location string) bool {
	if location == "" {
		location = noLocation
	}
	return slices.ContainsFunc(f.locations, func(wanted string) bool { return strings.EqualFold(wanted, location) })
}

// guest reports whether a user is another organisation's: Partner Center tells
// by the name alone.
func guest(u *partnercenter.User) bool {
	return strings.Contains(strings.ToUpper(u.UserPrincipalName), "#EXT#")
}

// domainOf is the right half of a user principal name, in lower case.
func domainOf(upn string) string {
	return strings.ToLower(upn[strings.LastIndexByte(upn, '@')+1:])
}
