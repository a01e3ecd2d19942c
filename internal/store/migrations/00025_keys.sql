-- +goose Up
-- Passkeys of who works in the back office, where wrong tries come from, and what was refused.

-- One passkey of somebody. credential is the digest of its id, by which a browser names it;
-- handle is what devices know its owner by, random. sealed is what he calls it and the record
-- that answers are checked by.
CREATE TABLE staff_passkeys (
  shop_id    BIGINT NOT NULL,
  id         {{blob}} NOT NULL CHECK (length(id) = 16),
  staff_id   {{blob}} NOT NULL,
  credential {{blob}} NOT NULL,
  handle     {{blob}} NOT NULL,
  sealed     {{blob}} NOT NULL,
  created_at BIGINT NOT NULL,
  used_at    BIGINT NOT NULL, -- 0: never
  PRIMARY KEY (shop_id, id)
);
CREATE UNIQUE INDEX staff_passkeys_credential ON staff_passkeys (shop_id, credential);
CREATE INDEX staff_passkeys_by_credential ON staff_passkeys (credential);
CREATE INDEX staff_passkeys_staff ON staff_passkeys (shop_id, staff_id, id);

-- From where somebody's account was tried: a browser in which he has come in before (known, hash
-- is the digest of its cookie), or a network (hash is keyed, and names none). Each has wrong
-- tries of its own, so that those of strangers are not his.
CREATE TABLE staff_tries (
  shop_id      BIGINT NOT NULL,
  hash         {{blob}} NOT NULL,
  staff_id     {{blob}} NOT NULL,
  known        BOOLEAN NOT NULL,
  wrong        BIGINT NOT NULL,
  locked_until BIGINT NOT NULL,
  ends_at      BIGINT NOT NULL,
  PRIMARY KEY (shop_id, hash)
);
CREATE INDEX staff_tries_staff ON staff_tries (shop_id, staff_id);
CREATE INDEX staff_tries_end ON staff_tries (shop_id, ends_at);

-- What all networks together may try of an account: brake is when that is whole again.
ALTER TABLE staff DROP COLUMN wrong;
ALTER TABLE staff DROP COLUMN locked_until;
ALTER TABLE staff ADD COLUMN brake BIGINT NOT NULL DEFAULT 0;

-- The code of why a deed was refused; empty: it was done.
ALTER TABLE audit ADD COLUMN refused {{ctext}} NOT NULL DEFAULT '';
CREATE INDEX audit_refused ON audit (shop_id, id) WHERE refused <> '';
CREATE INDEX audit_refused_staff ON audit (shop_id, staff_id, id) WHERE refused <> '';
