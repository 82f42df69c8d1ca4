package main

import (
	"bytes"
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// userOrder is how a list of users is sorted.
type userOrder struct {
	column     string
	descending bool
}

// The columns that users are sorted by, in the words of the page.
const (
	sortByName     = "name" // by Partner Center itself
	sortByUPN      = "upn"
	sortByLocation = "location"
	sortByDomain   = "domain"
	sortBySynced   = "synced"
	sortByLicenses = "licenses" // how many
	sortByRoles    = "roles"    // their names
	sortByDeleted  = "deleted"  // when; of the deleted alone
)

var sortColumns = []string{sortByName, sortByUPN, sortByLocation, sortByDomain, sortBySynced, sortByLicenses, sortByRoles, sortByDeleted}

// inWordsOr is a choice in a sentence: "name, upn or location".
func inWordsOr(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// sorts are what --sort takes.
func sorts() []string {
	all := slices.Clone(sortColumns)
	for _, column := range sortColumns {
		all = append(all, "-"+column)
	}
	return all
}

func parseSort(text string) (userOrder, error) {
	column, descending := strings.CutPrefix(text, "-")
	if text != "" && !slices.Contains(sortColumns, column) {
		return userOrder{}, misuse("--sort: %q is no order; write %s, with - in front for descending", text, inWordsOr(sortColumns))
	}
	return userOrder{column, descending}, nil
}

// needsAll reports whether the order is ours to make.
func (o userOrder) needsAll() bool { return o.column != "" && o.column != sortByName }

// text is what a user is sorted by; those without any come last.
func (o userOrder) text(u *userRow) string {
	switch o.column {
	case sortByUPN:
		return u.UserPrincipalName
	case sortByLocation:
		return u.UsageLocation
	case sortByDomain:
		return string(u.DomainType)
	case sortBySynced:
		return stamp(u.LastDirectorySync)
	case sortByLicenses:
		return fmt.Sprintf("%06d", len(u.licenses))
	case sortByRoles:
		var names []string
		for _, r := range u.roles {
			names = append(names, r.Name)
		}
		return strings.Join(names, ", ")
	case sortByDeleted:
		return stamp(u.SoftDeletion)
	}
	return ""
}

// sortedRow is a row with the keys of its texts.
type sortedRow struct {
	userRow
	key, name []byte // empty: there is nothing to sort by
}

// sorted reads all rows and yields them in order, or the first limit of them;
// then no more than twice as many are ever held. Those equal are in the order
// of their names, and then of their IDs.
func sorted(rows iter.Seq2[userRow, error], by userOrder, limit int) iter.Seq2[userRow, error] {
	return func(yield func(userRow, error) bool) {
		collator := collate.New(language.Und)
		var keys collate.Buffer
		key := func(text string) []byte {
			if text == "" {
				return nil
			}
			keys.Reset()
			return bytes.Clone(collator.KeyFromString(&keys, text))
		}

		var held []sortedRow
		for row, err := range rows {
			if err != nil {
				yield(row, err)
				return
			}
			held = append(held, sortedRow{row, key(by.text(&row)), key(row.DisplayName)})
			if limit > 0 && len(held) >= 2*limit {
				slices.SortFunc(held, by.compare)
				clear(held[limit:])
				held = held[:limit]
			}
		}
		slices.SortFunc(held, by.compare)
		for i := range held {
			if !yield(held[i].userRow, nil) {
				return
			}
		}
	}
}

// compare puts those with nothing to sort by last, in both directions; backward
// all others are in exactly the opposite order.
func (o userOrder) compare(a, b sortedRow) int {
	then := cmp.Or(emptyLast(a.name, b.name), strings.Compare(a.ID, b.ID))
	switch {
	case len(a.key) == 0 && len(b.key) == 0:
		return then
	case o.descending && len(a.key) > 0 && len(b.key) > 0:
		return -cmp.Or(bytes.Compare(a.key, b.key), then)
	}
	return cmp.Or(emptyLast(a.key, b.key), then)
}

func emptyLast(a, b []byte) int {
	if len(a) == 0 || len(b) == 0 {
		return cmp.Compare(len(b), len(a)) // one of them is 0, or both
	}
	return bytes.Compare(a, b)
}
