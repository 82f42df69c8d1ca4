package directory

import (
	"context"
	"errors"
	"sync"
)

// errClosed answers those who come after [Directory.Close].
var errClosed = errors.New("the directory is closed")

// background is work that goes on when the request that began it is gone. It
// ends when the directory is closed.
type background struct {
	ctx   context.Context
	close context.CancelCauseFunc

	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup
}

func newBackground() *background {
	b := &background{}
	b.ctx, b.close = context.WithCancelCause(context.Background())
	return b
}

// run runs f on a goroutine of its own, unless the directory is closed.
func (b *background) run(f func()) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	b.wg.Go(f)
	return true
}

// detach is ctx with its values, among them the correlation ID, but without
// its end: it ends with the directory, or by the function returned.
func (b *background) detach(ctx context.Context) (context.Context, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(b.ctx, func() { cancel(errClosed) })
	return ctx, func(cause error) {
		stop()
		cancel(cause)
	}
}

// stop ends all work and waits for it.
func (b *background) stop() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.close(errClosed)
	b.wg.Wait()
}
