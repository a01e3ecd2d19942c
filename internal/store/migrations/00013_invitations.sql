-- +goose Up
-- Being invited: what members sent to friends, who wants no more of it, who looked.

-- One friend whom one member invited by e-mail. friend is the keyed hash of his address, the
-- same as in member_keys; sealed is the address as the member typed it, and goes after 30
-- days. At most one row of a friend was written to, whoever invited him.
CREATE TABLE invitations (
  shop_id     BIGINT NOT NULL,
  id          {{blob}} NOT NULL CHECK (length(id) = 16),
  referrer_id {{blob}} NOT NULL,
  friend      {{ctext}} NOT NULL,
  state       {{ctext}} NOT NULL,
  sent_at     BIGINT NOT NULL,
  event_id    {{blob}},
  reminded    BIGINT NOT NULL,
  reminded_at BIGINT,
  sealed      {{blob}},
  PRIMARY KEY (shop_id, id)
);
CREATE UNIQUE INDEX invitations_pair ON invitations (shop_id, referrer_id, friend);
CREATE INDEX invitations_by ON invitations (shop_id, referrer_id, id);
CREATE INDEX invitations_kept ON invitations (shop_id, sent_at) WHERE sealed IS NOT NULL;

-- Whoever asked not to be written to again in members' names: the keyed hash of his address
-- and nothing else. It outlives everything that is known of him.
CREATE TABLE stop_list (
  shop_id    BIGINT NOT NULL,
  friend     {{ctext}} NOT NULL,
  stopped_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, friend)
);

-- How many people looked at a member's page on a day of the shop.
CREATE TABLE visits (
  shop_id   BIGINT NOT NULL,
  member_id {{blob}} NOT NULL,
  day       {{ctext}} NOT NULL,
  people    BIGINT NOT NULL,
  PRIMARY KEY (shop_id, member_id, day)
);

-- Who was counted on a day, as a keyed hash of that day: swept after two.
CREATE TABLE visitors (
  shop_id   BIGINT NOT NULL,
  day       {{ctext}} NOT NULL,
  member_id {{blob}} NOT NULL,
  visitor   {{ctext}} NOT NULL,
  first_at  BIGINT NOT NULL,
  PRIMARY KEY (shop_id, day, member_id, visitor)
);
