-- The same file serves SQLite and PostgreSQL, so types are those that both
-- take: TEXT, BIGINT (microseconds since 1970 for times), BYTEA.

-- +goose Up
CREATE TABLE attempts (
	id      TEXT   NOT NULL PRIMARY KEY,
	payload BYTEA  NOT NULL,
	key_id  TEXT   NOT NULL,
	created BIGINT NOT NULL,
	expires BIGINT NOT NULL
);
CREATE INDEX attempts_expires ON attempts (expires);

CREATE TABLE grants (
	id               TEXT   NOT NULL PRIMARY KEY,
	person           TEXT   NOT NULL,
	issuer           TEXT   NOT NULL,
	subject          TEXT   NOT NULL,
	provider_session TEXT   NOT NULL,
	identity         BYTEA  NOT NULL,
	tokens           BYTEA  NOT NULL,
	key_id           TEXT   NOT NULL,
	version          BIGINT NOT NULL,
	lease_owner      TEXT   NOT NULL DEFAULT '',
	lease_until      BIGINT NOT NULL DEFAULT 0,
	created          BIGINT NOT NULL,
	expires          BIGINT NOT NULL
);
CREATE INDEX grants_person ON grants (person);
CREATE INDEX grants_subject ON grants (issuer, subject);
CREATE INDEX grants_expires ON grants (expires);

CREATE TABLE sessions (
	id         TEXT   NOT NULL PRIMARY KEY,
	person     TEXT   NOT NULL,
	grant_id   TEXT   NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
	payload    BYTEA  NOT NULL,
	key_id     TEXT   NOT NULL,
	created    BIGINT NOT NULL,
	last_seen  BIGINT NOT NULL,
	stepped_up BIGINT NOT NULL,
	expires    BIGINT NOT NULL,
	agent      TEXT   NOT NULL,
	address    TEXT   NOT NULL
);
CREATE INDEX sessions_person ON sessions (person);
CREATE INDEX sessions_grant ON sessions (grant_id);
CREATE INDEX sessions_expires ON sessions (expires);

-- Logout tokens of the provider that were used already.
CREATE TABLE logout_tokens (
	id      TEXT   NOT NULL PRIMARY KEY,
	expires BIGINT NOT NULL
);

CREATE TABLE trail (
	seq            BIGINT NOT NULL PRIMARY KEY,
	at             BIGINT NOT NULL,
	kind           TEXT   NOT NULL,
	person         TEXT   NOT NULL,
	person_name    TEXT   NOT NULL,
	address        TEXT   NOT NULL,
	customer_id    TEXT   NOT NULL,
	target_id      TEXT   NOT NULL,
	ticket         TEXT   NOT NULL,
	correlation_id TEXT   NOT NULL,
	detail         TEXT   NOT NULL,
	key_id         TEXT   NOT NULL,
	prev           BYTEA  NOT NULL,
	mac            BYTEA  NOT NULL
);
CREATE INDEX trail_person ON trail (person, seq);
CREATE INDEX trail_customer ON trail (customer_id, seq);
CREATE INDEX trail_target ON trail (target_id, seq);

CREATE TABLE anchors (
	at     BIGINT NOT NULL,
	seq    BIGINT NOT NULL,
	mac    BYTEA  NOT NULL,
	reason TEXT   NOT NULL
);
CREATE INDEX anchors_at ON anchors (at);

CREATE TABLE preferences (
	person  TEXT   NOT NULL,
	name    TEXT   NOT NULL,
	value   TEXT   NOT NULL,
	updated BIGINT NOT NULL,
	PRIMARY KEY (person, name)
);

-- +goose Down
DROP TABLE preferences;
DROP TABLE anchors;
DROP TABLE trail;
DROP TABLE logout_tokens;
DROP TABLE sessions;
DROP TABLE grants;
DROP TABLE attempts;
