package preferences

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func userID(n int) string { return fmt.Sprintf("%08x-0000-4000-8000-%012x", uint32(n)*2654435761, n) }

func TestSelectionIsKeptPerPersonCustomerAndList(t *testing.T) {
	one, two, forward := open(t)
	ctx := t.Context()
	must(two.Selection(ctx, person, contoso, ListUsers))(t) // read while it is empty
	got := must(one.Select(ctx, person, contoso, ListUsers, []string{userID(1), userID(2), "nobody", userID(2)}, nil))(t)
	if got.Len() != 2 || !got.Has(userID(1)) || got.Has(userID(3)) || got.Has("nobody") {
		t.Fatalf("selected %v", got.IDs())
	}
	got = must(one.Select(ctx, person, contoso, ListUsers, []string{userID(3)}, []string{userID(1)}))(t)
	want := []string{userID(2), userID(3)}
	slices.Sort(want)
	if diff := cmp.Diff(want, got.IDs()); diff != "" {
		t.Errorf("after one was added and one taken out (-want +got):\n%s", diff)
	}
	forward(fresh + time.Second)
	if diff := cmp.Diff(want, must(two.Selection(ctx, person, contoso, ListUsers))(t).IDs()); diff != "" {
		t.Errorf("on another replica (-want +got):\n%s", diff)
	}
	for what, s := range map[string]Selection{
		"another person's":   must(one.Selection(ctx, "somebody/else", contoso, ListUsers))(t),
		"another customer's": must(one.Selection(ctx, person, "another", ListUsers))(t),
		"the deleted users'": must(one.Selection(ctx, person, contoso, ListDeleted))(t),
	} {
		if s.Len() != 0 {
			t.Errorf("%s selection has %v", what, s.IDs())
		}
	}
	if got := must(one.SelectOnly(ctx, person, contoso, ListUsers, nil))(t); got.Len() != 0 {
		t.Errorf("cleared, yet %v", got.IDs())
	}
	forward(fresh + time.Second)
	if got := must(two.Selection(ctx, person, contoso, ListUsers))(t); got.Len() != 0 {
		t.Errorf("cleared elsewhere, yet %v", got.IDs())
	}
}

func TestSelectionOfTwoReplicasKeepsBoth(t *testing.T) {
	one, two, _ := open(t)
	must(one.Select(t.Context(), person, contoso, ListUsers, []string{userID(1)}, nil))(t)
	if got := must(two.Select(t.Context(), person, contoso, ListUsers, []string{userID(2)}, nil))(t); got.Len() != 2 {
		t.Errorf("selected %v, want both", got.IDs())
	}
}

func TestSelectionIsForgottenAfterHours(t *testing.T) {
	one, two, forward := open(t)
	must(one.Select(t.Context(), person, contoso, ListUsers, []string{userID(1)}, nil))(t)
	forward(13 * time.Hour)
	for what, b := range map[string]*Book{"here": one, "elsewhere": two} {
		if got := must(b.Selection(t.Context(), person, contoso, ListUsers))(t); got.Len() != 0 {
			t.Errorf("%s: %v after 13 hours", what, got.IDs())
		}
	}
	if got := must(one.Select(t.Context(), person, contoso, ListUsers, []string{userID(2)}, nil))(t); got.Len() != 1 {
		t.Errorf("what was forgotten came back: %v", got.IDs())
	}
}

func TestSelectionHasAnEnd(t *testing.T) {
	one, _, _ := open(t)
	many := make([]string, MostSelected+1)
	for i := range many {
		many[i] = userID(i)
	}
	if _, err := one.SelectOnly(t.Context(), person, contoso, ListUsers, many); !errors.Is(err, ErrTooMany) {
		t.Errorf("%d selected: %v, want ErrTooMany", len(many), err)
	}
	all := must(one.SelectOnly(t.Context(), person, contoso, ListUsers, many[:MostSelected]))(t)
	if all.Len() != MostSelected || !all.Has(many[0]) || !all.Has(many[MostSelected-1]) || all.Has(many[MostSelected]) {
		t.Errorf("%d selected", all.Len())
	}
}

func TestSelectionLooksUpWithoutAllocating(t *testing.T) {
	s := must(Selection{}.with([]string{userID(1), userID(2), userID(3)}, nil))(t)
	id := userID(2)
	if n := testing.AllocsPerRun(100, func() {
		if !s.Has(id) {
			t.Fatal("not found")
		}
	}); n != 0 {
		t.Errorf("%v allocations a look", n)
	}
}
