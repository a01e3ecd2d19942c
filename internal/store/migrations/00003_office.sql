-- +goose Up
-- What the office keeps: keys that people can tell apart, shops on their way out, the words
-- by which members are found, and the reference lists of a shop.

ALTER TABLE keys ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE keys ADD COLUMN last_used_at BIGINT; -- to the minute
ALTER TABLE keys ADD COLUMN ends_at BIGINT;      -- set when another key took its place

-- Whoever could do everything before still can: making keys is a scope of its own now.
UPDATE keys SET scopes = 'facts keys programs read settings' WHERE scopes = 'facts programs read settings';
UPDATE keys SET scopes = 'keys shops' WHERE scopes = 'shops';

-- A shop that was removed: its row stays without a name, so that its number is never given
-- again and no process that still knows it can write.
ALTER TABLE shops ADD COLUMN removed_at BIGINT;
ALTER TABLE shops ADD COLUMN emptied_at BIGINT;

-- Words of names, folded: without capitals and accents. The order of the key finds a prefix
-- and pages by it, the index checks the further words and lets them go with the person.
CREATE TABLE member_terms (
  shop_id   BIGINT NOT NULL,
  term      {{ctext}} NOT NULL,
  member_id {{blob}} NOT NULL CHECK (length(member_id) = 16),
  PRIMARY KEY (shop_id, term, member_id)
);
CREATE INDEX member_terms_member ON member_terms (shop_id, member_id, term);

-- Sites, channels, sources and groups: orders and members carry the codes alone.
CREATE TABLE list_entries (
  shop_id  BIGINT NOT NULL,
  list     {{ctext}} NOT NULL,
  code     {{ctext}} NOT NULL,
  name     TEXT NOT NULL,
  archived BOOLEAN NOT NULL,
  channel  {{ctext}} NOT NULL DEFAULT '', -- of a source
  address  TEXT NOT NULL DEFAULT '',      -- of a site
  hours    TEXT NOT NULL DEFAULT '',      -- of a site
  PRIMARY KEY (shop_id, list, code)
);
CREATE INDEX list_entries_channel ON list_entries (shop_id, list, channel, code);
