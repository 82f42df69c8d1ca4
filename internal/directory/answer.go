package directory

import (
	"context"

	"github.com/rollcall-app/rollcall/partnercenter"
)

// answerReader reads what comes at once and not page by page: a list of it is
// here or it is not.
type answerReader[R rows] struct {
	ask  func(ctx context.Context, client *partnercenter.Client) (R, error)
	all  R
	here bool
}

// answerPage is the only page there is.
type answerPage[R rows] struct {
	all R
	to  *answerReader[R]
}

func (p answerPage[R]) next() partnercenter.Continuation { return "" }
func (p answerPage[R]) release()                         {}

func (p answerPage[R]) add() (added int, err error) {
	p.to.all, p.to.here = p.all, true
	return p.all.count(), nil
}

func (r *answerReader[R]) fetch(ctx context.Context, client *partnercenter.Client, _ partnercenter.Continuation) (page, error) {
	all, err := r.ask(ctx, client)
	if err != nil {
		return nil, err
	}
	return answerPage[R]{all, r}, nil
}

func (r *answerReader[R]) count() int {
	if !r.here {
		return 0
	}
	return r.all.count()
}

func (r *answerReader[R]) need() int64 {
	if !r.here {
		return 0
	}
	return r.all.size()
}

func (r *answerReader[R]) soFar() R { return r.all }
func (r *answerReader[R]) done() R  { return r.all }
