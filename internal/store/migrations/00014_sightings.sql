-- +goose Up
-- What browsers tell of themselves. It is never a fact: what a server reports may take the
-- browser over from it.

-- One thing that a browser saw. amount is NULL where it said none; event_id is the report of
-- a server that took the browser over.
CREATE TABLE sightings (
  shop_id  BIGINT NOT NULL,
  id       {{blob}} NOT NULL CHECK (length(id) = 16),
  kind     {{ctext}} NOT NULL,
  source   {{ctext}} NOT NULL,
  ref      {{ctext}} NOT NULL,
  visitor  {{ctext}} NOT NULL,
  code     {{ctext}} NOT NULL,
  currency {{ctext}} NOT NULL,
  amount   BIGINT,
  seen_at  BIGINT NOT NULL,
  event_id {{blob}},
  PRIMARY KEY (shop_id, id)
);
CREATE UNIQUE INDEX sightings_ref ON sightings (shop_id, kind, ref, visitor, code);
CREATE INDEX sightings_seen ON sightings (shop_id, seen_at);
