-- +goose Up
-- What the back office needs of programs beside their versions.

-- The one picture of a program, as it is shown: at most a megabyte, checked by decoding it.
-- The digest is in its address, so that whoever has it need never ask again.
CREATE TABLE program_pictures (
  shop_id    BIGINT NOT NULL,
  program_id {{blob}} NOT NULL,
  digest     {{ctext}} NOT NULL,
  media_type {{ctext}} NOT NULL,
  width      BIGINT NOT NULL,
  height     BIGINT NOT NULL,
  alt        TEXT NOT NULL, -- what is seen, for who does not see it
  bytes      {{blob}} NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, program_id),
  FOREIGN KEY (shop_id, program_id) REFERENCES programs (shop_id, id)
);

-- Somebody who may not publish a draft asks those who may.
ALTER TABLE program_drafts ADD COLUMN asked_at BIGINT;
ALTER TABLE program_drafts ADD COLUMN asked_by {{blob}};
ALTER TABLE program_drafts ADD COLUMN asked_note TEXT NOT NULL DEFAULT '';
