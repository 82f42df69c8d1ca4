package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/rollcall-app/rollcall/internal/seats"
	"github.com/rollcall-app/rollcall/partnercenter"
)

// seatKeeper writes down how many seats customers have, each time that is
// read. Nobody waits for it, and a failure is the log's.
type seatKeeper struct {
	book    *seats.Book
	log     *slog.Logger
	before  seatsBefore // nil: nothing
	writing sync.WaitGroup
}

// seatsTimeout ends a write that the database doesn't answer.
const seatsTimeout = 15 * time.Second

// keep is for directory.Options.OnSKUs.
func (k *seatKeeper) keep(ctx context.Context, tenant, customerID string, products []partnercenter.SubscribedSKU) {
	counts := make([]seats.Count, len(products))
	for i, p := range products {
		counts[i] = seats.Count{SKUID: p.SKUID, Owned: p.Total, Assigned: p.Consumed}
	}
	ctx = context.WithoutCancel(ctx)
	if k.before != nil {
		k.tell(ctx, customerID, k.before(ctx, tenant, customerID, counts))
	}
	k.writing.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, seatsTimeout)
		defer cancel()
		k.tell(ctx, customerID, k.book.Keep(ctx, tenant, customerID, counts))
	})
}

func (k *seatKeeper) tell(ctx context.Context, customerID string, err error) {
	if err != nil {
		k.log.LogAttrs(ctx, slog.LevelWarn, "seat counts not kept", slog.String("customer", customerID),
			slog.String("correlation_id", partnercenter.CorrelationID(ctx)), slog.Any("error", err))
	}
}

// close waits for what is being written.
func (k *seatKeeper) close(context.Context) error {
	k.writing.Wait()
	return nil
}
