-- +goose Up
-- Who works in a shop's back office, how they come in, and what they did. Nothing here can be
-- used by who reads it: passwords are slow hashes, of links and sessions there are digests,
-- names, addresses and the secrets of second factors are sealed.
CREATE TABLE staff (
  shop_id      BIGINT NOT NULL,
  id           {{blob}} NOT NULL CHECK (length(id) = 16),
  email_key    {{ctext}} NOT NULL,
  role         {{ctext}} NOT NULL,
  state        {{ctext}} NOT NULL,
  password     TEXT NOT NULL,
  factor       {{blob}} NOT NULL,
  factor_step  BIGINT NOT NULL,
  wrong        BIGINT NOT NULL,
  locked_until BIGINT NOT NULL,
  created_at   BIGINT NOT NULL,
  seen_at      BIGINT NOT NULL,
  locale       {{ctext}} NOT NULL,
  sealed       {{blob}} NOT NULL,
  PRIMARY KEY (shop_id, id)
);
CREATE UNIQUE INDEX staff_email ON staff (shop_id, email_key);

CREATE TABLE staff_sessions (
  shop_id    BIGINT NOT NULL,
  hash       {{blob}} NOT NULL,
  staff_id   {{blob}} NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at    BIGINT NOT NULL,
  ends_at    BIGINT NOT NULL,
  proved_at  BIGINT NOT NULL,
  PRIMARY KEY (shop_id, hash)
);
CREATE INDEX staff_sessions_staff ON staff_sessions (shop_id, staff_id);
CREATE INDEX staff_sessions_end ON staff_sessions (shop_id, ends_at);

-- Links that open once: the first of an installation (shop 0), invitations, ways back in.
CREATE TABLE staff_links (
  shop_id  BIGINT NOT NULL,
  hash     {{blob}} NOT NULL,
  staff_id {{blob}} NOT NULL,
  kind     {{ctext}} NOT NULL,
  ends_at  BIGINT NOT NULL,
  PRIMARY KEY (shop_id, hash)
);
CREATE INDEX staff_links_staff ON staff_links (shop_id, staff_id);
CREATE INDEX staff_links_end ON staff_links (shop_id, ends_at);

-- Each change that somebody made in the back office, once.
CREATE TABLE audit (
  shop_id  BIGINT NOT NULL,
  id       {{blob}} NOT NULL CHECK (length(id) = 16),
  at       BIGINT NOT NULL,
  staff_id {{blob}} NOT NULL,
  action   {{ctext}} NOT NULL,
  object   {{ctext}} NOT NULL,
  detail   TEXT NOT NULL,
  network  {{ctext}} NOT NULL,
  PRIMARY KEY (shop_id, id)
);
CREATE INDEX audit_object ON audit (shop_id, object, id);

-- Filters that somebody gave a name; those without an owner are everybody's.
CREATE TABLE saved_views (
  shop_id  BIGINT NOT NULL,
  id       {{blob}} NOT NULL CHECK (length(id) = 16),
  staff_id {{blob}} NOT NULL,
  list     {{ctext}} NOT NULL,
  name     TEXT NOT NULL,
  query    TEXT NOT NULL,
  PRIMARY KEY (shop_id, id)
);
CREATE INDEX saved_views_list ON saved_views (shop_id, list);
