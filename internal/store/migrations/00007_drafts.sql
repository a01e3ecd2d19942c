-- +goose Up
-- Programs that somebody is still writing, and versions taken back before they began.

-- A draft is text as it was typed, whether it can be read or not. No decision reads it. The
-- revision rises with every change: who changes or publishes one names the revision that
-- he read.
CREATE TABLE program_drafts (
  shop_id    BIGINT NOT NULL,
  id         {{blob}} NOT NULL CHECK (length(id) = 16),
  program_id {{blob}}, -- whose next version it is to be; null: a new program
  based_on   BIGINT NOT NULL, -- the version that its writer started from; 0: none
  text       TEXT NOT NULL,
  revision   BIGINT NOT NULL CHECK (revision > 0),
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, id),
  FOREIGN KEY (shop_id, program_id) REFERENCES programs (shop_id, id)
);

-- A version that was withdrawn before its start has judged nothing, and never does.
ALTER TABLE program_versions ADD COLUMN withdrawn_at BIGINT;
