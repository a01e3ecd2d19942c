-- +goose Up
-- The list of members in the back office, and what is done to many of them at once.

-- A list of a million members is read in the order of an index, or not in that order.
CREATE INDEX members_joined ON members (shop_id, registered_at, id);
CREATE INDEX members_state ON members (shop_id, state, id);

-- One thing that somebody does to many members. sealed is whom he looked for, since that may
-- be a name; once names what was asked for, place is how far it has come, undoes the one that this one takes back.
CREATE TABLE bulks (
  shop_id    BIGINT NOT NULL,
  id         {{blob}} NOT NULL CHECK (length(id) = 16),
  once       {{ctext}} NOT NULL,
  staff_id   {{blob}} NOT NULL,
  actor      TEXT NOT NULL,
  what       {{ctext}} NOT NULL,
  detail     TEXT NOT NULL,
  sealed     {{blob}},
  undoes     {{blob}},
  state      {{ctext}} NOT NULL,
  place      TEXT NOT NULL,
  total      BIGINT NOT NULL,
  changed    BIGINT NOT NULL,
  same       BIGINT NOT NULL,
  refused    BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at   BIGINT,
  PRIMARY KEY (shop_id, id)
);
CREATE UNIQUE INDEX bulks_once ON bulks (shop_id, once);
CREATE UNIQUE INDEX bulks_undoes ON bulks (shop_id, undoes) WHERE undoes IS NOT NULL;

-- Whom it is about, fixed before the first of them is changed; was is what he had before.
CREATE TABLE bulk_members (
  shop_id   BIGINT NOT NULL,
  bulk_id   {{blob}} NOT NULL CHECK (length(bulk_id) = 16),
  member_id {{blob}} NOT NULL CHECK (length(member_id) = 16),
  state     {{ctext}} NOT NULL,
  was       {{ctext}} NOT NULL,
  PRIMARY KEY (shop_id, bulk_id, member_id)
);
