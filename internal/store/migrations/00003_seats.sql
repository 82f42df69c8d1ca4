-- How many seats of each product a customer owned and had assigned, once a day.

-- +goose Up
CREATE TABLE seat_counts (
	tenant      TEXT   NOT NULL,
	customer_id TEXT   NOT NULL,
	sku_id      TEXT   NOT NULL,
	day         BIGINT NOT NULL, -- since 1970, in UTC
	owned       BIGINT NOT NULL,
	assigned    BIGINT NOT NULL,
	PRIMARY KEY (tenant, customer_id, sku_id, day)
);
CREATE INDEX seat_counts_day ON seat_counts (day);

-- +goose Down
DROP TABLE seat_counts;
