package directory

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// A licenseTable holds the sets of licenses that users have. Hundreds of users
// share one, so that a user is a number. It only grows: whoever has a copy of
// it has what was there then.
type licenseTable struct {
	skus  []named
	plans []named
	sets  []licenseSet
}

// named is a SKU or a service plan.
type named struct {
	id string // GUID in lower case, or what the service has in its place
	Name
}

// licenseSet is what a user can have: SKUs, and the plans of them that are on.
type licenseSet struct {
	skus  []uint32 // into skus, ascending
	plans []uint32 // into plans, ascending
	ids   []string // of the SKUs, by product name
}

// The first sets are none.
const (
	setUnread = iota // nothing is known of the user
	setGone          // Partner Center does not know the user any more
	setFirst
)

// licenseSets is a table with what it takes to add to it.
type licenseSets struct {
	licenseTable
	skuAt, planAt map[string]uint32
	setAt         map[string]uint32
	by            collation
	key           []byte
	bytes         int64
}

func newLicenseSets(by collation) *licenseSets {
	return &licenseSets{
		licenseTable: licenseTable{sets: make([]licenseSet, setFirst)},
		skuAt:        map[string]uint32{}, planAt: map[string]uint32{}, setAt: map[string]uint32{},
		by: by,
	}
}

// isOn reports whether a service plan of a user's license is on. The service
// marks those that are or, like Entra, leaves them out or says "Disabled".
//
// Source: API facts 9.2.
func isOn(p partnercenter.ServicePlan) bool {
	return !strings.EqualFold(p.CapabilityStatus, "Disabled")
}

// add is the number of the set that these licenses are.
func (t *licenseSets) add(licenses []partnercenter.License) uint32 {
	var set licenseSet
	for _, l := range licenses {
		set.skus = append(set.skus, t.intern(t.skuAt, &t.skus, strings.ToLower(l.SKUID), l.Name, l.PartNumber))
		for _, p := range l.ServicePlans {
			if isOn(p) {
				set.plans = append(set.plans, t.intern(t.planAt, &t.plans, strings.ToLower(p.ID), p.DisplayName, p.ServiceName))
			}
		}
	}
	set.skus, set.plans = distinct(set.skus), distinct(set.plans)
	t.key = t.key[:0]
	for _, n := range set.skus {
		t.key = binary.AppendUvarint(t.key, uint64(n)+1)
	}
	t.key = append(t.key, 0)
	for _, n := range set.plans {
		t.key = binary.AppendUvarint(t.key, uint64(n)+1)
	}
	if n, ok := t.setAt[string(t.key)]; ok {
		return n
	}
	set.skus, set.plans = slices.Clip(set.skus), slices.Clip(set.plans)
	set.ids = t.byProductName(set.skus)
	n := uint32(len(t.sets))
	t.sets = append(t.sets, set)
	t.setAt[string(t.key)] = n
	const fixed = 3*24 + 64 // the struct and a place in the map
	t.bytes += fixed + int64(len(t.key)+4*cap(set.skus)+4*cap(set.plans)+16*cap(set.ids))
	return n
}

func (t *licenseSets) intern(at map[string]uint32, table *[]named, id, name, part string) uint32 {
	if i, ok := at[id]; ok {
		return i
	}
	i := uint32(len(*table))
	*table = append(*table, named{id, Name{name, part}})
	at[id] = i
	const fixed = 3*16 + 64
	t.bytes += fixed + int64(2*len(id)+len(name)+len(part))
	return i
}

// byProductName are the IDs of SKUs in the order of their names.
func (t *licenseSets) byProductName(skus []uint32) []string {
	names := make([]string, len(skus))
	for i, n := range skus {
		names[i] = cmp.Or(t.skus[n].Name.Name, t.skus[n].PartNumber, t.skus[n].id)
	}
	ranks := t.by.ranks(names)
	order := make([]int, len(skus))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(ranks[a], ranks[b]), strings.Compare(t.skus[skus[a]].id, t.skus[skus[b]].id))
	})
	ids := make([]string, len(skus))
	for k, i := range order {
		ids[k] = t.skus[skus[i]].id
	}
	return ids
}

// copyOf is the table without the sets that nobody has any more, and where
// each set went.
func (t *licenseSets) copyOf(used []bool) (*licenseSets, []uint32) {
	fresh := newLicenseSets(t.by)
	moved := make([]uint32, len(t.sets))
	moved[setGone] = setGone
	for n := setFirst; n < len(t.sets); n++ {
		if !used[n] {
			continue
		}
		old := &t.sets[n]
		licenses := make([]partnercenter.License, len(old.skus))
		for i, s := range old.skus {
			licenses[i] = partnercenter.License{SKUID: t.skus[s].id, Name: t.skus[s].Name.Name, PartNumber: t.skus[s].PartNumber}
		}
		if len(licenses) > 0 { // which of them a plan is of doesn't matter
			for _, p := range old.plans {
				licenses[0].ServicePlans = append(licenses[0].ServicePlans,
					partnercenter.ServicePlan{ID: t.plans[p].id, DisplayName: t.plans[p].Name.Name, ServiceName: t.plans[p].PartNumber})
			}
		}
		moved[n] = fresh.add(licenses)
	}
	return fresh, moved
}

// distinct sorts numbers and takes out those that are there twice, in place.
func distinct(numbers []uint32) []uint32 {
	slices.Sort(numbers)
	return slices.Compact(numbers)
}
