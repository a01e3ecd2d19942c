-- +goose Up
-- What comes from a shop and is no fact, for whoever connects it. Nothing here names a person.

-- One kind of thing that was told: calls that were refused or sent twice, pages by their host,
-- counted since first_at. about is the number of an order or a host. Shop 0 has the calls whose
-- key is none, since nobody knows whose they are.
CREATE TABLE feed_notes (
  shop_id   BIGINT NOT NULL,
  kind      {{ctext}} NOT NULL,
  code      {{ctext}} NOT NULL,
  field     {{ctext}} NOT NULL,
  operation {{ctext}} NOT NULL,
  about     {{ctext}} NOT NULL,
  times     BIGINT NOT NULL,
  first_at  BIGINT NOT NULL,
  last_at   BIGINT NOT NULL,
  PRIMARY KEY (shop_id, kind, code, field, operation, about)
);
CREATE INDEX feed_notes_last ON feed_notes (shop_id, kind, last_at);

-- Somebody of the shop who goes the way of a friend, by a code that is nobody's: nobody is
-- rewarded for him. What has not happened yet is 0.
CREATE TABLE feed_trials (
  shop_id    BIGINT NOT NULL,
  code       {{ctext}} NOT NULL,
  begun_at   BIGINT NOT NULL,
  ends_at    BIGINT NOT NULL,
  visitor    {{ctext}} NOT NULL,
  host       {{ctext}} NOT NULL,
  ref        {{ctext}} NOT NULL,
  landed_at  BIGINT NOT NULL,
  cart_at    BIGINT NOT NULL,
  ordered_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, code)
);
