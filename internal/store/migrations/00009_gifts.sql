-- +goose Up
-- The catalogue of gifts, what is asked for of it, and codes of partners.

-- An entry as the last fact about it says, with what was put in stock and what has left it.
CREATE TABLE gifts (
  shop_id    BIGINT NOT NULL,
  code       {{ctext}} NOT NULL,
  pool       {{ctext}} NOT NULL,
  archived   BOOLEAN NOT NULL,
  document   TEXT NOT NULL,
  stock_in   TEXT NOT NULL,
  stock_out  TEXT NOT NULL,
  event_id   {{blob}} NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, code)
);

ALTER TABLE claims ADD COLUMN code {{ctext}} NOT NULL DEFAULT '';     -- of the entry of the catalogue
ALTER TABLE claims ADD COLUMN delivery {{ctext}} NOT NULL DEFAULT '';
ALTER TABLE claims ADD COLUMN site {{ctext}} NOT NULL DEFAULT '';
ALTER TABLE claims ADD COLUMN pool {{ctext}} NOT NULL DEFAULT '';
ALTER TABLE claims ADD COLUMN detail TEXT NOT NULL DEFAULT '';        -- variant, price, cost, codes, parcel
CREATE INDEX claims_pool ON claims (shop_id, pool, state, reward_id) WHERE pool <> '';

-- Where a parcel goes: sealed under the key of the person who asked for it.
CREATE TABLE claim_addresses (
  shop_id   BIGINT NOT NULL,
  reward_id {{blob}} NOT NULL CHECK (length(reward_id) = 16),
  member_id {{blob}} NOT NULL,
  sealed    {{blob}} NOT NULL,
  PRIMARY KEY (shop_id, reward_id)
);
CREATE INDEX claim_addresses_member ON claim_addresses (shop_id, member_id);

-- Codes of partners, drawn in the order of n. They are money: sealed under the pool's own
-- key; the hash finds one that is there already. Like vouchers of a batch they are
-- published, not decided: a replay copies them, and sees each from when it was added.
CREATE TABLE code_pools (
  shop_id    BIGINT NOT NULL,
  name       {{ctext}} NOT NULL,
  wrapped    {{blob}} NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, name)
);
CREATE TABLE codes (
  shop_id  BIGINT NOT NULL,
  pool     {{ctext}} NOT NULL,
  n        BIGINT NOT NULL,
  hash     {{ctext}} NOT NULL,
  sealed   {{blob}} NOT NULL,
  added_at BIGINT NOT NULL,
  claim_id {{blob}},
  PRIMARY KEY (shop_id, pool, n)
);
CREATE UNIQUE INDEX codes_hash ON codes (shop_id, pool, hash);
CREATE INDEX codes_free ON codes (shop_id, pool, n) WHERE claim_id IS NULL;
