package directory

import (
	"context"
	"fmt"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// SKUsView is the products a customer has subscribed to, with their seats.
type SKUsView struct {
	Reading    // of its states [StateLoading], [StateComplete] and [StateStale] occur
	CustomerID string

	// Products are those of both license groups, in the service's order. They
	// are shared: nobody may change them.
	Products []partnercenter.SubscribedSKU
}

// SKUs are the products that a customer has subscribed to. All who may see
// them share one copy, which is read anew by age; while it is read for the
// first time and takes longer than Options.Patience, there are none and the
// state is [StateLoading].
//
// The viewer needs a proof that they may read this customer's SKUs; their own
// call, where one is due anyway, is the proof. Errors are as those of
// [Directory.Users].
func (d *Directory) SKUs(ctx context.Context, v Viewer, customerID string) (SKUsView, error) {
	l, err := d.skusOf(v, customerID)
	if err != nil {
		return SKUsView{}, skusError(err)
	}
	ed, reading, err := l.look(ctx, v)
	if err != nil {
		return SKUsView{}, skusError(err)
	}
	view := SKUsView{Reading: reading, CustomerID: l.customer}
	if ed != nil {
		view.Products = ed.rows.products
	}
	return view, nil
}

// RefreshSKUs reads the SKUs anew; what is there stays until the new is here.
// Without a proof it fails as [Directory.SKUs] does.
func (d *Directory) RefreshSKUs(ctx context.Context, v Viewer, customerID string) error {
	l, err := d.skusOf(v, customerID)
	if err == nil {
		err = l.refresh(ctx, v)
	}
	if err != nil {
		return skusError(err)
	}
	return nil
}

func skusError(err error) error { return fmt.Errorf("read the SKUs of a customer: %w", err) }

// skuList is a customer's SKUs as they were read. It never changes.
type skuList struct {
	products []partnercenter.SubscribedSKU
	bytes    int64
}

func (s *skuList) count() int  { return len(s.products) }
func (s *skuList) size() int64 { return s.bytes }

// readSKUs asks for the SKUs of both groups.
func readSKUs(ctx context.Context, customer *partnercenter.CustomerRef) (*skuList, error) {
	products, err := customer.SubscribedSKUs(ctx, partnercenter.Group1, partnercenter.Group2)
	if err != nil {
		return nil, err
	}
	const product, plan = 176, 80 // bytes of the structs
	s := &skuList{products: products, bytes: int64(cap(products)) * product}
	for i := range products {
		p := &products[i]
		s.bytes += int64(len(p.SKUID) + len(p.Name) + len(p.PartNumber) + len(p.TargetType) + len(p.Group) + len(p.CapabilityStatus) + cap(p.ServicePlans)*plan)
		for _, sp := range p.ServicePlans {
			s.bytes += int64(len(sp.ID) + len(sp.DisplayName) + len(sp.ServiceName) + len(sp.CapabilityStatus) + len(sp.TargetType))
		}
	}
	return s, nil
}

// skusOf is the list of a customer's SKUs.
func (d *Directory) skusOf(v Viewer, customerID string) (*list[*skuList], error) {
	return listOf(d, d.skus, v, customerID, func(key usersKey) *list[*skuList] {
		l := newList(d, KindSKUs, key.tenant, key.customer, probeKind(key.customer, KindSKUs), func() reader[*skuList] {
			return &answerReader[*skuList]{ask: func(ctx context.Context, client *partnercenter.Client) (*skuList, error) {
				return readSKUs(ctx, client.Customer(key.customer))
			}}
		})
		l.short = true
		l.whenNew = func(ctx context.Context, s *skuList) { d.tellSKUs(ctx, key, s.products) }
		return l
	})
}

// tellSKUs tells who wants to know that the SKUs were read.
func (d *Directory) tellSKUs(ctx context.Context, of usersKey, products []partnercenter.SubscribedSKU) {
	if d.opts.OnSKUs != nil {
		d.opts.OnSKUs(ctx, of.tenant, of.customer, products)
	}
}
