package directory

import "fmt"

// KindError is that a query filters or sorts by a kind of data that the viewer
// may not see, or that can't be had.
type KindError struct {
	Kind Kind
	Err  error // of the call that would have been the proof
}

func (e *KindError) Error() string { return fmt.Sprintf("ask by %s: %v", e.Kind, e.Err) }

func (e *KindError) Unwrap() error { return e.Err }
