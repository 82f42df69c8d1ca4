package emulator

import (
	"slices"
	"time"
)

// roll is one of the customer's two lists in some order.
type roll struct {
	count int
	at    func(position int) int // number of the user there
}

// roll lists the users, or the deleted ones who can still be restored.
func (o *overlay) roll(deleted bool, by order, now time.Time) roll {
	if deleted {
		return listed(o.deletedUsers(by, now), by)
	}
	if !o.rolls.changed {
		return roll{o.base.active, o.base.numbers(false, by)}
	}
	return listed(o.rolls.users(o, by), by)
}

func listed(numbers []uint32, by order) roll {
	if by == descending {
		return roll{len(numbers), func(i int) int { return int(numbers[len(numbers)-1-i]) }}
	}
	return roll{len(numbers), func(i int) int { return int(numbers[i]) }}
}

// deletedUsers collects the deleted users; they are few, and time removes them.
func (o *overlay) deletedUsers(by order, now time.Time) []uint32 {
	var found []int
	for n := o.base.active; n < o.base.total(); n++ {
		if o.records[n] == nil {
			found = append(found, n)
		}
	}
	found = append(found, slices.DeleteFunc(o.touched(), o.active)...)
	slices.Sort(found)
	keys := make([]nameKey, 0, len(found))
	for _, n := range found {
		if who := o.person(n); !who.purged(now) {
			keys = append(keys, keyOf(who.display, n))
		}
	}
	if by != unsorted {
		return byKey(keys)
	}
	numbers := make([]uint32, len(keys))
	for i, k := range keys {
		numbers[i] = k.n
	}
	return numbers
}

// rolls keeps the list of users in both orders between two writes that change
// it. It costs four bytes a user for each order that is asked for.
type rolls struct {
	changed  bool // since the customer was opened
	byNumber []uint32
	byName   []uint32
}

func (r *rolls) users(o *overlay, by order) []uint32 {
	if by == unsorted {
		if r.byNumber == nil {
			r.byNumber = r.numbered(o)
		}
		return r.byNumber
	}
	if r.byName == nil {
		r.byName = r.named(o)
	}
	return r.byName
}

func (r *rolls) numbered(o *overlay) []uint32 {
	first := o.base.active // numbers from here on are those restored or created
	numbers := make([]uint32, 0, first+len(o.records))
	for n := range first {
		if o.active(n) {
			numbers = append(numbers, uint32(n))
		}
	}
	for _, n := range o.touched() {
		if n >= first && o.active(n) {
			numbers = append(numbers, uint32(n))
		}
	}
	return numbers
}

// named merges those who moved into the order from before any write.
func (r *rolls) named(o *overlay) []uint32 {
	before := o.base.byName[0]()
	leave := map[uint32]bool{}
	var join []nameKey
	for _, n := range o.touched() {
		who := o.records[n]
		before := n < o.base.active
		stays := before && who.active() && who.display == o.base.display(n)
		if before && !stays {
			leave[uint32(n)] = true
		}
		if who.active() && !stays {
			join = append(join, keyOf(who.display, n))
		}
	}
	slices.SortFunc(join, nameKey.compare)

	merged := make([]uint32, 0, len(before)+len(join))
	from := 0
	keep := func(to int) {
		for _, n := range before[from:to] {
			if !leave[n] {
				merged = append(merged, n)
			}
		}
		from = to
	}
	for _, key := range join {
		to, _ := slices.BinarySearchFunc(before, key, func(n uint32, key nameKey) int {
			return keyOf(o.base.display(int(n)), int(n)).compare(key)
		})
		keep(to)
		merged = append(merged, key.n)
	}
	keep(len(before))
	return merged
}
