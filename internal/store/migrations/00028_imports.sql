-- +goose Up
-- Files that somebody brought in by the back office. file is the file, packed and sealed, until
-- the import has ended; rejected are its rows that were not taken, sealed too; report is what
-- came of it, sealed, since a reason may repeat a cell. header names the columns of the file, so that
-- what they mean is known when such a file comes again.
CREATE TABLE imports (
  shop_id    BIGINT NOT NULL,
  id         {{blob}} NOT NULL CHECK (length(id) = 16),
  once       {{ctext}} NOT NULL,
  staff_id   {{blob}} NOT NULL,
  actor      TEXT NOT NULL,
  name       TEXT NOT NULL,
  reads      {{ctext}} NOT NULL,
  header     {{ctext}} NOT NULL,
  settings   TEXT NOT NULL,
  state      {{ctext}} NOT NULL,
  file       {{blob}},
  rejected   {{blob}},
  report     {{blob}},
  done       BIGINT NOT NULL,
  total      BIGINT NOT NULL,
  problem    TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at   BIGINT,
  PRIMARY KEY (shop_id, id)
);
CREATE UNIQUE INDEX imports_once ON imports (shop_id, once);
CREATE INDEX imports_header ON imports (shop_id, header, id);

-- The facts of an import that were not there before it, written down before they are sent: what
-- it did is known after a crash, and so is what can be taken back.
CREATE TABLE import_facts (
  shop_id     BIGINT NOT NULL,
  import_id   {{blob}} NOT NULL CHECK (length(import_id) = 16),
  external_id {{ctext}} NOT NULL,
  kind        {{ctext}} NOT NULL,
  PRIMARY KEY (shop_id, import_id, external_id)
);
