-- +goose Up
-- The one picture of an entry of the catalogue that was sent here: at most a megabyte, checked by
-- decoding it. The digest is in its address, so that whoever has it need never ask again. It decides
-- nothing, so it is no part of the entry's fact.
CREATE TABLE gift_pictures (
  shop_id    BIGINT NOT NULL,
  code       {{ctext}} NOT NULL,
  digest     {{ctext}} NOT NULL,
  media_type {{ctext}} NOT NULL,
  width      BIGINT NOT NULL,
  height     BIGINT NOT NULL,
  alt        TEXT NOT NULL, -- what is seen, for who does not see it
  bytes      {{blob}} NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, code)
);

-- What was changed of a batch of vouchers since it was issued, as JSON: when its codes end, and
-- that they are withdrawn or not. Each change is dated ahead; none is ever taken out.
ALTER TABLE voucher_batches ADD COLUMN changes TEXT NOT NULL DEFAULT '';

-- The latest uses of a voucher that were refused, of which no fact is left: when, why, and by which
-- system of record. Of each voucher no more than twenty are kept. Nobody is named.
CREATE TABLE voucher_attempts (
  shop_id    BIGINT NOT NULL,
  voucher_id {{blob}} NOT NULL,
  id         {{blob}} NOT NULL CHECK (length(id) = 16),
  at         BIGINT NOT NULL,
  reason     {{ctext}} NOT NULL,
  feed       {{ctext}} NOT NULL,
  PRIMARY KEY (shop_id, voucher_id, id)
);

-- What the shop calls its points, by language and form, as JSON; empty: points.
ALTER TABLE shops ADD COLUMN point_names TEXT NOT NULL DEFAULT '';
