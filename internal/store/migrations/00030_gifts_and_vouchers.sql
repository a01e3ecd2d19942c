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
