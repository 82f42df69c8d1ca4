package store

import (
	"context"
	"time"
)

// SavedView is a list of users that somebody gave a name.
type SavedView struct {
	ID         string
	Tenant     string // the partner's
	Person     string // whose it is
	PersonName string
	Name       string
	CustomerID string // "": it is for all customers
	Shared     bool   // with all staff of the partner
	Query      string // what it shows, as the address has it
	Created    time.Time
	Updated    time.Time
}

const savedViewColumns = `id, tenant, person, person_name, name, customer_id, shared, query, created, updated`

// CreateSavedView keeps a new view.
func (t Tables) CreateSavedView(ctx context.Context, v SavedView) error {
	if err := t.room(); err != nil {
		return err
	}
	return t.must(ctx, ErrConflict, `INSERT INTO saved_views (`+savedViewColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		v.ID, v.Tenant, v.Person, v.PersonName, v.Name, v.CustomerID, flag(v.Shared), v.Query, micros(v.Created), micros(v.Updated))
}

// SavedViews are the person's own, and those that others of the partner share;
// the oldest first.
func (t Tables) SavedViews(ctx context.Context, tenant, person string) ([]SavedView, error) {
	var all []SavedView
	err := t.rows(ctx, `SELECT `+savedViewColumns+` FROM saved_views WHERE person = $2 OR (tenant = $1 AND shared = 1) ORDER BY created, id`,
		[]any{tenant, person}, func(scan func(...any) error) error {
			var v SavedView
			var shared, created, updated int64
			err := scan(&v.ID, &v.Tenant, &v.Person, &v.PersonName, &v.Name, &v.CustomerID, &shared, &v.Query, &created, &updated)
			v.Shared, v.Created, v.Updated = shared == 1, fromMicros(created), fromMicros(updated)
			all = append(all, v)
			return err
		})
	return all, err
}

// ChangeSavedView writes name, shared and query of a view that is the person's;
// ErrNotFound where they have none like that.
func (t Tables) ChangeSavedView(ctx context.Context, v SavedView) error {
	if err := t.room(); err != nil {
		return err
	}
	return t.must(ctx, ErrNotFound, `UPDATE saved_views SET name = $3, shared = $4, query = $5, updated = $6 WHERE id = $1 AND person = $2`,
		v.ID, v.Person, v.Name, flag(v.Shared), v.Query, micros(v.Updated))
}

// DeleteSavedView forgets a view that is the person's; ErrNotFound where they
// have none like that.
func (t Tables) DeleteSavedView(ctx context.Context, person, id string) error {
	return t.must(ctx, ErrNotFound, `DELETE FROM saved_views WHERE id = $1 AND person = $2`, id, person)
}

func flag(on bool) int64 {
	if on {
		return 1
	}
	return 0
}
