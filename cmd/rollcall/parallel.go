package main

import (
	"context"
	"iter"
	"sync"
)

// parallel works on items, at most so many at once, and yields the results in
// the order of the items. It holds no more results than that, and stops at the
// first error, or when the loop is left.
func parallel[In, Out any](ctx context.Context, most int, items iter.Seq2[In, error], work func(context.Context, In) (Out, error)) iter.Seq2[Out, error] {
	type result struct {
		out Out
		err error
	}
	return func(yield func(Out, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var running sync.WaitGroup
		defer running.Wait()
		defer cancel()

		var queue []chan result // oldest first
		next := func() bool {
			done := <-queue[0]
			queue = queue[1:]
			return yield(done.out, done.err) && done.err == nil
		}
		for item, err := range items {
			if len(queue) == most && !next() {
				return
			}
			done := make(chan result, 1)
			queue = append(queue, done)
			if err != nil { // its turn comes after what was begun before it
				done <- result{err: err}
				break
			}
			running.Go(func() {
				out, err := work(ctx, item)
				done <- result{out, err}
			})
		}
		for len(queue) > 0 && next() {
		}
	}
}
