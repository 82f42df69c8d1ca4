-- What people keep about lists of users: who is ticked, and views by name.

-- +goose Up
CREATE TABLE selections (
	person      TEXT   NOT NULL,
	customer_id TEXT   NOT NULL,
	list        TEXT   NOT NULL,
	ids         BYTEA  NOT NULL,
	version     BIGINT NOT NULL,
	updated     BIGINT NOT NULL,
	PRIMARY KEY (person, customer_id, list)
);
CREATE INDEX selections_updated ON selections (updated);

CREATE TABLE saved_views (
	id          TEXT   NOT NULL PRIMARY KEY,
	tenant      TEXT   NOT NULL,
	person      TEXT   NOT NULL,
	person_name TEXT   NOT NULL,
	name        TEXT   NOT NULL,
	customer_id TEXT   NOT NULL,
	shared      BIGINT NOT NULL,
	query       TEXT   NOT NULL,
	created     BIGINT NOT NULL,
	updated     BIGINT NOT NULL
);
CREATE INDEX saved_views_person ON saved_views (person);
CREATE INDEX saved_views_tenant ON saved_views (tenant, shared);

-- +goose Down
DROP TABLE saved_views;
DROP TABLE selections;
