-- +goose Up
-- The shop's own logo and the picture of a browser's tab, as the portal shows them.
CREATE TABLE portal_pictures (
  shop_id    BIGINT NOT NULL,
  kind       {{ctext}} NOT NULL, -- logo or icon
  digest     {{ctext}} NOT NULL,
  media_type {{ctext}} NOT NULL,
  bytes      {{blob}} NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, kind)
);
