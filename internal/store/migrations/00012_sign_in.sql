-- +goose Up
-- How members come into the portal. Nothing here can be used by who reads it: of a session
-- there is a digest, links and codes are derived from the master key, addresses are sealed.

-- One wish to come in or to join. sealed is the address with what a joiner said of himself.
CREATE TABLE sign_ins (
  shop_id    BIGINT NOT NULL,
  id         {{blob}} NOT NULL CHECK (length(id) = 16),
  email_key  {{ctext}} NOT NULL,
  browser    {{blob}} NOT NULL,
  state      {{ctext}} NOT NULL,
  tries      BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  ends_at    BIGINT NOT NULL,
  sealed     {{blob}} NOT NULL,
  PRIMARY KEY (shop_id, id)
);
CREATE INDEX sign_ins_address ON sign_ins (shop_id, email_key, created_at);
CREATE INDEX sign_ins_end ON sign_ins (shop_id, ends_at);

CREATE TABLE sessions (
  shop_id    BIGINT NOT NULL,
  hash       {{blob}} NOT NULL,
  member_id  {{blob}} NOT NULL,
  created_at BIGINT NOT NULL,
  ends_at    BIGINT NOT NULL,
  proved_at  BIGINT NOT NULL,
  PRIMARY KEY (shop_id, hash)
);
CREATE INDEX sessions_member ON sessions (shop_id, member_id);
CREATE INDEX sessions_end ON sessions (shop_id, ends_at);

-- The second proof of a member who spends.
CREATE TABLE pins (
  shop_id      BIGINT NOT NULL,
  member_id    {{blob}} NOT NULL,
  hash         TEXT NOT NULL,
  wrong        BIGINT NOT NULL,
  locked_until BIGINT NOT NULL,
  set_at       BIGINT NOT NULL,
  PRIMARY KEY (shop_id, member_id)
);

-- Tokens of a shop's own sign-on that were used: each opens once.
CREATE TABLE used_tokens (
  shop_id BIGINT NOT NULL,
  hash    {{blob}} NOT NULL,
  ends_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, hash)
);
CREATE INDEX used_tokens_end ON used_tokens (shop_id, ends_at);
