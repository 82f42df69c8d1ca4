package preferences

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	ann = Owner{Person: person, Tenant: "7d1f2a3b", Name: "Ann"}
	bob = Owner{Person: "7d1f2a3b/bob", Tenant: "7d1f2a3b", Name: "Bob"}
	eve = Owner{Person: "other/eve", Tenant: "other", Name: "Eve"}
)

func names(views []View) []string {
	var out []string
	for _, v := range views {
		out = append(out, v.Name)
	}
	return out
}

func TestViewsAreTheOwnAndThoseOthersShare(t *testing.T) {
	one, two, forward := open(t)
	ctx := t.Context()
	must(two.Views(ctx, bob))(t) // read before there is any
	mine := must(one.SaveView(ctx, ann, View{Name: "Guests", Query: "guest=yes"}))(t)
	shared := must(one.SaveView(ctx, ann, View{Name: "At Contoso", CustomerID: contoso, Shared: true, Query: "synced=yes"}))(t)
	if diff := cmp.Diff([]string{"At Contoso", "Guests"}, names(must(one.Views(ctx, ann))(t))); diff != "" {
		t.Errorf("Ann's (-want +got):\n%s", diff)
	}
	forward(fresh + time.Second)
	got := must(two.Views(ctx, bob))(t)
	want := []View{{ID: shared.ID, Name: "At Contoso", CustomerID: contoso, Shared: true, Query: "synced=yes", Of: "Ann"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Bob's (-want +got):\n%s", diff)
	}
	if !got[0].For(contoso) || got[0].For("another") || !mine.For("another") {
		t.Error("a view is for other customers than it was saved for")
	}
	if got := must(two.Views(ctx, eve))(t); len(got) != 0 {
		t.Errorf("another partner's staff see %v", got)
	}
	if _, err := two.View(ctx, bob, mine.ID); !errors.Is(err, ErrNoView) {
		t.Errorf("Bob opens what Ann didn't share: %v", err)
	}
}

// TestASharedViewIsThereAtOnce: whoever is sent a view finds it, and whoever
// had it finds it gone, however lately they looked.
func TestASharedViewIsThereAtOnce(t *testing.T) {
	one, two, forward := open(t)
	ctx := t.Context()
	must(one.Views(ctx, bob))(t)
	must(two.Views(ctx, bob))(t)
	v := must(one.SaveView(ctx, ann, View{Name: "Guests", Shared: true, Query: "guest=yes"}))(t)
	if got := names(must(one.Views(ctx, bob))(t)); len(got) != 1 {
		t.Errorf("Bob's, where it was saved: %v", got)
	}
	must(two.View(ctx, bob, v.ID))(t) // by its address
	if err := one.ChangeView(ctx, ann, v.ID, "Guests", false); err != nil {
		t.Fatal(err)
	}
	if _, err := one.View(ctx, bob, v.ID); !errors.Is(err, ErrNoView) {
		t.Errorf("Bob opens what is no longer shared: %v", err)
	}
	forward(fresh + time.Second)
	if _, err := two.View(ctx, bob, v.ID); !errors.Is(err, ErrNoView) {
		t.Errorf("Bob opens what is no longer shared, elsewhere: %v", err)
	}
}

func TestViewsAreChangedByTheirOwnerOnly(t *testing.T) {
	one, _, _ := open(t)
	ctx := t.Context()
	v := must(one.SaveView(ctx, ann, View{Name: "Guests", Shared: true, Query: "guest=yes"}))(t)
	for what, err := range map[string]error{
		"renamed by another": one.ChangeView(ctx, bob, v.ID, "Mine", true),
		"deleted by another": one.DeleteView(ctx, bob, v.ID),
		"unknown":            one.ChangeView(ctx, ann, "unknown", "Mine", true),
	} {
		if !errors.Is(err, ErrNoView) {
			t.Errorf("%s: %v, want ErrNoView", what, err)
		}
	}
	if err := one.ChangeView(ctx, ann, v.ID, "Visitors", false); err != nil {
		t.Fatal(err)
	}
	got := must(one.View(ctx, ann, v.ID))(t)
	if got.Name != "Visitors" || got.Shared || got.Query != "guest=yes" {
		t.Errorf("after the change: %+v", got)
	}
	if err := one.DeleteView(ctx, ann, v.ID); err != nil {
		t.Fatal(err)
	}
	if got := must(one.Views(ctx, ann))(t); len(got) != 0 {
		t.Errorf("after it was deleted: %v", got)
	}
}

func TestViewsNeedANameOfTheirOwn(t *testing.T) {
	one, _, _ := open(t)
	ctx := t.Context()
	v := must(one.SaveView(ctx, ann, View{Name: "Guests", Query: "guest=yes"}))(t)
	other := must(one.SaveView(ctx, ann, View{Name: "Synced", Query: "synced=yes"}))(t)
	for name, want := range map[string]error{"": ErrViewName, string(make([]byte, MostViewNameBytes+1)): ErrViewName, "gUESTS": ErrViewTwice} {
		if _, err := one.SaveView(ctx, ann, View{Name: name}); !errors.Is(err, want) {
			t.Errorf("saved as %q: %v, want %v", name, err, want)
		}
		if err := one.ChangeView(ctx, ann, other.ID, name, false); !errors.Is(err, want) {
			t.Errorf("renamed to %q: %v, want %v", name, err, want)
		}
	}
	if err := one.ChangeView(ctx, ann, v.ID, "GUESTS", true); err != nil {
		t.Errorf("its own name in capitals: %v", err)
	}
	must(one.SaveView(ctx, ann, View{Name: "Guests", CustomerID: contoso}))(t) // for one customer it is another
	for range mostViews - 3 {
		must(one.SaveView(ctx, ann, View{Name: time.Now().String()}))(t)
	}
	if _, err := one.SaveView(ctx, ann, View{Name: "One more"}); !errors.Is(err, ErrManyViews) {
		t.Errorf("the one too many: %v", err)
	}
}

func TestDefaultsAreOneForACustomerAndOneForTheOthers(t *testing.T) {
	one, two, forward := open(t)
	ctx := t.Context()
	for customer, view := range map[string]string{"": "all", contoso: "here"} {
		if err := one.SetDefault(ctx, person, customer, view); err != nil {
			t.Fatal(err)
		}
	}
	forward(fresh + time.Second)
	if diff := cmp.Diff(map[string]string{"": "all", contoso: "here"}, must(two.Defaults(ctx, person))(t)); diff != "" {
		t.Errorf("elsewhere (-want +got):\n%s", diff)
	}
	if err := one.SetDefault(ctx, person, contoso, ""); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"": "all"}, must(one.Defaults(ctx, person))(t)); diff != "" {
		t.Errorf("after one was taken off (-want +got):\n%s", diff)
	}
}
