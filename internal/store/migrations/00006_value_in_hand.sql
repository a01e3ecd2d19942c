-- +goose Up
-- What a reward is worth when it is used: vouchers beside those that rewards give, and carts
-- that hold value and use it up.

-- Vouchers issued together, for one purpose. Terms never change. Like the versions of a
-- program a batch is published, not decided: a replay copies it.
CREATE TABLE voucher_batches (
  shop_id    BIGINT NOT NULL,
  id         {{blob}} NOT NULL CHECK (length(id) = 16),
  name       {{ctext}} NOT NULL,
  origin     {{ctext}} NOT NULL,
  terms      TEXT NOT NULL,
  size       BIGINT NOT NULL CHECK (size >= 0),
  created_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, id)
);
CREATE UNIQUE INDEX voucher_batches_name ON voucher_batches (shop_id, name);

ALTER TABLE vouchers ADD COLUMN batch_id {{blob}};
CREATE INDEX vouchers_batch ON vouchers (shop_id, batch_id, id) WHERE batch_id IS NOT NULL;

-- A cart that has taken value under the name of its order: held, used up, or given back.
CREATE TABLE carts (
  shop_id    BIGINT NOT NULL,
  id         {{blob}} NOT NULL CHECK (length(id) = 16),
  series     {{ctext}} NOT NULL,
  ref        {{ctext}} NOT NULL,
  member_id  {{blob}},
  state      {{ctext}} NOT NULL,
  event_id   {{blob}} NOT NULL,
  at         BIGINT NOT NULL,
  expires_at BIGINT,
  codes      {{ctext}} NOT NULL,
  cart       TEXT NOT NULL,
  taken      TEXT NOT NULL,
  PRIMARY KEY (shop_id, id)
);
CREATE UNIQUE INDEX carts_name ON carts (shop_id, ref, series);
CREATE INDEX carts_member ON carts (shop_id, member_id, id) WHERE member_id IS NOT NULL;

-- What held carts keep from others until ends_at: nothing has to run for it to end.
CREATE TABLE hold_items (
  shop_id   BIGINT NOT NULL,
  cart_id   {{blob}} NOT NULL,
  n         BIGINT NOT NULL,
  ref       {{ctext}} NOT NULL,
  member_id {{blob}},
  amount    BIGINT NOT NULL CHECK (amount > 0),
  ends_at   BIGINT NOT NULL,
  PRIMARY KEY (shop_id, cart_id, n)
);
CREATE INDEX hold_items_ref ON hold_items (shop_id, ref, ends_at);
CREATE INDEX hold_items_member ON hold_items (shop_id, member_id, ends_at) WHERE member_id IS NOT NULL;

-- One use of a voucher, of a program in a cart, or of a unit that paid; back is how much of
-- the amount was given back since.
CREATE TABLE redemptions (
  shop_id     BIGINT NOT NULL,
  id          {{blob}} NOT NULL CHECK (length(id) = 16),
  cart_id     {{blob}} NOT NULL,
  kind        {{ctext}} NOT NULL,
  voucher_id  {{blob}},
  program_id  {{blob}},
  version     BIGINT NOT NULL,
  rule        {{ctext}} NOT NULL,
  member_id   {{blob}},
  unit        {{ctext}} NOT NULL,
  units       BIGINT NOT NULL,
  amount      BIGINT NOT NULL,
  back        BIGINT NOT NULL,
  redeemed_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, id),
  CHECK (back BETWEEN 0 AND amount)
);
CREATE INDEX redemptions_voucher ON redemptions (shop_id, voucher_id, id) WHERE voucher_id IS NOT NULL;
CREATE INDEX redemptions_cart ON redemptions (shop_id, cart_id);
CREATE INDEX redemptions_member ON redemptions (shop_id, member_id, id) WHERE member_id IS NOT NULL;
