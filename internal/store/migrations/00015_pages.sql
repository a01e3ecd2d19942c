-- +goose Up
-- Pages of the portal that the shop writes.

-- One page in one language. What it says is in its versions, which are never changed:
-- newest is the last one written, active the one that readers are shown (0: none).
CREATE TABLE pages (
  shop_id      BIGINT NOT NULL,
  slug         {{ctext}} NOT NULL,
  locale       {{ctext}} NOT NULL,
  newest       BIGINT NOT NULL CHECK (newest > 0),
  active       BIGINT NOT NULL CHECK (active >= 0),
  changed_at   BIGINT NOT NULL,
  published_at BIGINT, -- since when the active version is shown
  published_by TEXT NOT NULL,
  PRIMARY KEY (shop_id, slug, locale)
);

CREATE TABLE page_versions (
  shop_id      BIGINT NOT NULL,
  slug         {{ctext}} NOT NULL,
  locale       {{ctext}} NOT NULL,
  version      BIGINT NOT NULL CHECK (version > 0),
  title        TEXT NOT NULL,
  body         TEXT NOT NULL,
  visitor_body TEXT NOT NULL, -- for who is not signed in; empty: the body
  in_menu      BOOLEAN NOT NULL,
  position     BIGINT NOT NULL,
  written_at   BIGINT NOT NULL,
  written_by   TEXT NOT NULL,
  PRIMARY KEY (shop_id, slug, locale, version),
  FOREIGN KEY (shop_id, slug, locale) REFERENCES pages (shop_id, slug, locale)
);
