-- +goose Up
-- Batches of vouchers that are bound to a member, and that end; uses of codes outside of carts.

-- A withdrawal is dated ahead, like the pause of a program: what is recorded before it is
-- judged without it, on every machine. member_id is whom the codes were bound to when they
-- were issued: vouchers follow a member who becomes somebody else, this column does not.
ALTER TABLE voucher_batches ADD COLUMN member_id {{blob}};
ALTER TABLE voucher_batches ADD COLUMN withdrawn_at BIGINT;
ALTER TABLE voucher_batches ADD COLUMN withdrawn_by TEXT NOT NULL DEFAULT '';
ALTER TABLE voucher_batches ADD COLUMN withdrawn_why TEXT NOT NULL DEFAULT '';

-- Some of its codes look like those that are made here and have another check character, so
-- that no code of the shop may be refused by its check character alone.
ALTER TABLE voucher_batches ADD COLUMN unchecked BOOLEAN NOT NULL DEFAULT FALSE;

-- How a chosen or imported code was written, where that is not its form of comparison.
ALTER TABLE vouchers ADD COLUMN written TEXT;

-- One use of a voucher without a cart, by the fact that reported it.
CREATE TABLE voucher_uses (
  shop_id    BIGINT NOT NULL,
  event_id   {{blob}} NOT NULL CHECK (length(event_id) = 16),
  voucher_id {{blob}} NOT NULL,
  member_id  {{blob}},
  cause      {{ctext}} NOT NULL,
  used_at    BIGINT NOT NULL,
  undone     BOOLEAN NOT NULL,
  PRIMARY KEY (shop_id, event_id)
);
CREATE INDEX voucher_uses_voucher ON voucher_uses (shop_id, voucher_id, event_id);
CREATE INDEX voucher_uses_member ON voucher_uses (shop_id, member_id) WHERE member_id IS NOT NULL;
