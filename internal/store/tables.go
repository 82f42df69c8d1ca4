package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// Tables are the row methods, the same outside and inside of a transaction.
type Tables struct {
	st *Store
	tx *sql.Tx // nil outside
}

// Tx is a transaction that has begun. It holds the write lock of SQLite: keep
// it short, and use no method of the store itself before it ends.
type Tx struct{ Tables }

// SQL gives the transaction to a library that writes rows of its own in it.
func (tx *Tx) SQL() *sql.Tx { return tx.tx }

// InTx calls f in a transaction and commits it, or takes it back when f fails
// or panics.
func (s *Store) InTx(ctx context.Context, f func(*Tx) error) (err error) {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	done := false
	defer func() {
		if !done {
			if undo := tx.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) {
				err = errors.Join(err, fmt.Errorf("roll back: %w", undo))
			}
		}
		s.writes.prepareWanted(context.WithoutCancel(ctx))
	}()
	if err := f(&Tx{Tables{st: s, tx: tx}}); err != nil {
		return err
	}
	done = true
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// change runs a statement that writes and says how many rows it touched.
func (t Tables) change(ctx context.Context, statement string, args ...any) (int64, error) {
	var result sql.Result
	var err error
	switch prepared, perr := t.prepared(ctx, &t.st.writes, statement); {
	case perr != nil:
		return 0, perr
	case prepared != nil:
		result, err = prepared.ExecContext(ctx, args...)
	default:
		result, err = t.tx.ExecContext(ctx, statement, args...)
	}
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// must runs a statement that writes exactly one row; missing is the error when it did not.
func (t Tables) must(ctx context.Context, missing error, statement string, args ...any) error {
	n, err := t.change(ctx, statement, args...)
	if err == nil && n != 1 {
		err = missing
	}
	return err
}

// row reads one row of a statement that writes nothing.
func (t Tables) row(ctx context.Context, statement string, args []any, into ...any) error {
	from := &t.st.reads
	if t.tx != nil {
		from = &t.st.writes
	}
	return t.scan(ctx, from, statement, args, into)
}

// changedRow reads the row that a statement with RETURNING wrote.
func (t Tables) changedRow(ctx context.Context, statement string, args []any, into ...any) error {
	return t.scan(ctx, &t.st.writes, statement, args, into)
}

func (t Tables) scan(ctx context.Context, from *statements, statement string, args, into []any) error {
	var row *sql.Row
	switch prepared, err := t.prepared(ctx, from, statement); {
	case err != nil:
		return err
	case prepared != nil:
		row = prepared.QueryRowContext(ctx, args...)
	default:
		row = t.tx.QueryRowContext(ctx, statement, args...)
	}
	err := row.Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// rows reads all rows of a statement that writes nothing, one call of each a row.
func (t Tables) rows(ctx context.Context, statement string, args []any, each func(scan func(into ...any) error) error) (err error) {
	from := &t.st.reads
	if t.tx != nil {
		from = &t.st.writes
	}
	var rows *sql.Rows
	switch prepared, perr := t.prepared(ctx, from, statement); {
	case perr != nil:
		return perr
	case prepared != nil:
		rows, err = prepared.QueryContext(ctx, args...)
	default:
		rows, err = t.tx.QueryContext(ctx, statement, args...)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// prepared gives the prepared statement, or nil in a transaction that meets it
// for the first time.
func (t Tables) prepared(ctx context.Context, from *statements, statement string) (*sql.Stmt, error) {
	if t.tx == nil {
		return from.get(ctx, statement)
	}
	if prepared := from.have(statement); prepared != nil {
		return t.tx.StmtContext(ctx, prepared), nil
	}
	return nil, nil
}

// statements are those prepared so far. A transaction can't wait for another
// connection to prepare one (SQLite has a single writer), so it notes what it
// missed, and that is prepared when it has ended.
type statements struct {
	db *sql.DB

	mu     sync.RWMutex
	ready  map[string]*sql.Stmt
	wanted []string
}

func (s *statements) have(statement string) *sql.Stmt {
	s.mu.RLock()
	prepared := s.ready[statement]
	s.mu.RUnlock()
	if prepared == nil {
		s.mu.Lock()
		s.wanted = append(s.wanted, statement)
		s.mu.Unlock()
	}
	return prepared
}

func (s *statements) get(ctx context.Context, statement string) (*sql.Stmt, error) {
	s.mu.RLock()
	prepared := s.ready[statement]
	s.mu.RUnlock()
	if prepared != nil {
		return prepared, nil
	}
	prepared, err := s.db.PrepareContext(ctx, statement)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if other := s.ready[statement]; other != nil {
		return other, prepared.Close()
	}
	if s.ready == nil {
		s.ready = map[string]*sql.Stmt{}
	}
	s.ready[statement] = prepared
	return prepared, nil
}

func (s *statements) prepareWanted(ctx context.Context) {
	s.mu.Lock()
	wanted := s.wanted
	s.wanted = nil
	s.mu.Unlock()
	for _, statement := range wanted {
		if _, err := s.get(ctx, statement); err != nil {
			return // the next transaction notes it again
		}
	}
}

func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, prepared := range s.ready {
		errs = append(errs, prepared.Close())
	}
	s.ready = nil
	return errors.Join(errs...)
}
