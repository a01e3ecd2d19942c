-- +goose Up
-- What the shop's people write down about a member, and who was erased.

-- A note is sealed under the key of its member, so that it goes with him; one about somebody
-- who has no key (nothing personal is known of him) is sealed alone.
CREATE TABLE member_notes (
  shop_id   BIGINT NOT NULL,
  id        {{blob}} NOT NULL CHECK (length(id) = 16),
  member_id {{blob}} NOT NULL,
  staff_id  {{blob}} NOT NULL,
  at        BIGINT NOT NULL,
  alone     BOOLEAN NOT NULL,
  sealed    {{blob}} NOT NULL,
  PRIMARY KEY (shop_id, id)
);
CREATE INDEX member_notes_member ON member_notes (shop_id, member_id, id);

-- Whoever was erased: nothing personal is ever kept of him again, whatever a later fact says.
CREATE TABLE erasures (
  shop_id   BIGINT NOT NULL,
  member_id {{blob}} NOT NULL,
  at        BIGINT NOT NULL,
  PRIMARY KEY (shop_id, member_id)
);

CREATE INDEX invitations_friend ON invitations (shop_id, friend);
CREATE INDEX members_merged ON members (shop_id, merged_into) WHERE merged_into IS NOT NULL;
