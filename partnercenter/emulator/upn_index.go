package emulator

import (
	"slices"
	"strings"
)

// indexUPNs makes the way from a user principal name to the number of who has
// it, deleted users included: 32 bits of a hash over 32 bits of number, sorted.
// It costs eight bytes a user, once somebody asks.
func (p *people) indexUPNs() []uint64 {
	index := make([]uint64, p.total())
	for n := range index {
		index[n] = hashUPN(p.person(n).upn)<<32 | uint64(n)
	}
	slices.Sort(index)
	return index
}

// withUPN are the numbers of the users made with that name, in any case of letters.
func (p *people) withUPN(upn string) []int {
	var found []int
	index := p.byUPN()
	hash := hashUPN(upn)
	from, _ := slices.BinarySearch(index, hash<<32)
	for _, entry := range index[from:] {
		if entry>>32 != hash {
			break
		}
		if n := int(uint32(entry)); foldUPN(p.person(n).upn) == foldUPN(upn) {
			found = append(found, n)
		}
	}
	return found
}

// foldUPN is the form in which two user principal names are compared.
func foldUPN(upn string) string { return strings.ToLower(upn) }

// hashUPN is FNV-1a of the folded name.
func hashUPN(upn string) uint64 {
	h := uint32(2166136261)
	for _, b := range []byte(foldUPN(upn)) {
		h = (h ^ uint32(b)) * 16777619
	}
	return uint64(h)
}
