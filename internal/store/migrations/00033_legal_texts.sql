-- +goose Up
-- What a shop tells its members by law: the terms of the program, its privacy notice, the legal
-- notice, what consents mean, how accessible the pages are. Drafts are pages; an edition is what
-- was published of one text in all its languages at once, word by word, and is never changed.
CREATE TABLE legal_editions (
  shop_id      BIGINT NOT NULL,
  kind         {{ctext}} NOT NULL, -- terms, privacy, notice, consents or accessibility
  edition      BIGINT NOT NULL CHECK (edition > 0),
  applies_at   BIGINT NOT NULL,
  published_at BIGINT NOT NULL,
  published_by TEXT NOT NULL,
  withdrawn_at BIGINT, -- before it applied
  programs     {{ctext}} NOT NULL, -- a digest of what the programs said; empty: the text says nothing of them
  PRIMARY KEY (shop_id, kind, edition)
);

CREATE TABLE legal_texts (
  shop_id BIGINT NOT NULL,
  kind    {{ctext}} NOT NULL,
  edition BIGINT NOT NULL,
  locale  {{ctext}} NOT NULL,
  title   TEXT NOT NULL,
  body    TEXT NOT NULL, -- Markdown
  PRIMARY KEY (shop_id, kind, edition, locale),
  FOREIGN KEY (shop_id, kind, edition) REFERENCES legal_editions (shop_id, kind, edition)
);

-- Which edition a member accepted (terms) or said that he had read, in which language and when.
CREATE TABLE legal_acceptances (
  shop_id   BIGINT NOT NULL,
  member_id {{blob}} NOT NULL,
  kind      {{ctext}} NOT NULL,
  edition   BIGINT NOT NULL,
  locale    {{ctext}} NOT NULL,
  at        BIGINT NOT NULL,
  way       {{ctext}} NOT NULL, -- join: while he joined; portal: in his pages
  PRIMARY KEY (shop_id, member_id, kind, edition)
);
CREATE INDEX legal_acceptances_kind ON legal_acceptances (shop_id, kind, edition);
