package directory

import "testing"

// What is held of a customer is known to those alone who have earned a proof of
// that kind themselves, and telling it asks nothing.
func TestKnown(t *testing.T) {
	o := newOffice(t, 700, Options{})
	v, other := o.viewer("admin-agent"), o.viewer("reader")
	if known := o.Known(t.Context(), v); len(known) != 0 {
		t.Errorf("before anything is read: %+v", known)
	}
	users := o.untilComplete(v)
	skus, err := o.SKUs(t.Context(), v, bigCustomer)
	if err != nil {
		t.Fatal(err)
	}
	calls := len(o.service.Calls())
	known := o.Known(t.Context(), v)
	if after := len(o.service.Calls()); after != calls {
		t.Errorf("%d calls to tell what is held", after-calls)
	}
	got := known[bigCustomer]
	want := Known{Users: users.Read, UsersRead: users.ReadAt, SeatsKnown: true}
	for _, p := range skus.Products {
		if p.TargetType == "User" {
			want.Owned += p.Total
			want.Assigned += p.Consumed
		}
	}
	if len(known) != 1 || got != want || want.Owned == 0 {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if known := o.Known(t.Context(), other); len(known) != 0 {
		t.Errorf("to somebody without a proof: %+v", known)
	}
	if _, err := o.SKUs(t.Context(), other, bigCustomer); err != nil {
		t.Fatal(err)
	}
	if got := o.Known(t.Context(), other)[bigCustomer]; got.Users != 0 || !got.UsersRead.IsZero() || got.Owned != want.Owned {
		t.Errorf("to somebody with a proof for SKUs alone: %+v", got)
	}
}
