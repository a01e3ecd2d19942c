-- +goose Up
-- What members prove themselves by beside their letters and secret numbers.

-- One passkey of a member. credential is the digest of its id, by which a browser names it;
-- handle is what devices know its owner by, random. sealed, under the key of his person, is
-- what he calls it and the record that answers are checked by.
CREATE TABLE passkeys (
  shop_id    BIGINT NOT NULL,
  id         {{blob}} NOT NULL CHECK (length(id) = 16),
  member_id  {{blob}} NOT NULL,
  credential {{blob}} NOT NULL,
  handle     {{blob}} NOT NULL,
  sealed     {{blob}} NOT NULL,
  created_at BIGINT NOT NULL,
  used_at    BIGINT NOT NULL, -- 0: never
  PRIMARY KEY (shop_id, id)
);
CREATE UNIQUE INDEX passkeys_credential ON passkeys (shop_id, credential);
CREATE INDEX passkeys_member ON passkeys (shop_id, member_id, id);

-- The code that a till gave a member who stood before it: the last one alone. hash is keyed by
-- the master key, since six digits alone are soon tried; key_id is the till's key.
CREATE TABLE till_codes (
  shop_id    BIGINT NOT NULL,
  member_id  {{blob}} NOT NULL,
  hash       TEXT NOT NULL,
  key_id     {{blob}} NOT NULL,
  tries      BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  ends_at    BIGINT NOT NULL,
  used_at    BIGINT NOT NULL, -- 0: not used
  PRIMARY KEY (shop_id, member_id)
);
CREATE INDEX till_codes_end ON till_codes (shop_id, ends_at);
