package main

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func numbers(n int, end error) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range n {
			if !yield(i, nil) {
				return
			}
		}
		if end != nil {
			yield(0, end)
		}
	}
}

func TestParallelKeepsOrderAndBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int32
		work := func(_ context.Context, n int) (int, error) {
			now := running.Add(1)
			for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
			}
			time.Sleep(time.Duration(100-n%10) * time.Millisecond) // later ones are quicker
			running.Add(-1)
			return n * n, nil
		}
		var got []int
		for n, err := range parallel(t.Context(), 8, numbers(100, nil), work) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, n)
		}
		var want []int
		for n := range 100 {
			want = append(want, n*n)
		}
		if !slices.Equal(got, want) || most.Load() != 8 {
			t.Errorf("at most %d at once, %v", most.Load(), got)
		}
	})
}

func TestParallelStopsAtTheFirstError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		cancelled := atomic.Int32{}
		work := func(ctx context.Context, n int) (int, error) {
			if n == 5 {
				return 0, broken
			}
			if n > 5 {
				<-ctx.Done() // what is under way is told to stop
				cancelled.Add(1)
			}
			return n, ctx.Err()
		}
		var got []int
		var end error
		for n, err := range parallel(t.Context(), 4, numbers(100, nil), work) {
			if end != nil {
				t.Errorf("%d, %v after the end", n, err)
			}
			if end = err; err == nil {
				got = append(got, n)
			}
		}
		if !slices.Equal(got, []int{0, 1, 2, 3, 4}) || !errors.Is(end, broken) || cancelled.Load() > 4 {
			t.Errorf("%v, %v, %d cancelled", got, end, cancelled.Load())
		}
	})
}

func TestParallelGivesWhatCameBeforeAnEnd(t *testing.T) {
	cut := errors.New("cut")
	var got []int
	var end error
	for n, err := range parallel(t.Context(), 4, numbers(10, cut), func(_ context.Context, n int) (int, error) { return n, nil }) {
		if err != nil {
			end = err
			continue
		}
		got = append(got, n)
	}
	if len(got) != 10 || !errors.Is(end, cut) {
		t.Errorf("%v, %v", got, end)
	}
}

func TestParallelEndsWithTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which fails when a goroutine stays
		for n := range parallel(t.Context(), 4, numbers(100, nil), func(ctx context.Context, n int) (int, error) {
			if n > 0 {
				<-ctx.Done()
			}
			return n, nil
		}) {
			if n == 0 {
				break
			}
		}
	})
}
