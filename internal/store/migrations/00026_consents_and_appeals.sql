-- +goose Up
-- What a member agreed to and took back, for each purpose and way: the one place that says
-- whether he may be written to. Where it was said and which wording stood there is in the fact.
CREATE TABLE consents (
  shop_id   BIGINT NOT NULL,
  member_id {{blob}} NOT NULL,
  purpose   {{ctext}} NOT NULL,
  way       {{ctext}} NOT NULL,
  at        BIGINT NOT NULL,
  event_id  {{blob}} NOT NULL CHECK (length(event_id) = 16),
  given     BOOLEAN NOT NULL,
  PRIMARY KEY (shop_id, member_id, purpose, way, at, event_id)
);

-- Who joined the newsletter before there was such a place agreed to it by mail.
INSERT INTO consents (shop_id, member_id, purpose, way, at, event_id, given)
SELECT e.shop_id, e.member_id, 'newsletter', 'mail', e.occurred_at, e.id, TRUE
FROM events e WHERE e.kind = 'newsletter_joined' AND e.member_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM erasures x WHERE x.shop_id = e.shop_id AND x.member_id = e.member_id);

-- The funnel of the list counts as the dashboard does: what both look at stands in the index.
DROP INDEX referrals_touched;
CREATE INDEX referrals_touched ON referrals (shop_id, touched_at, id, state, origin, bond, joined_at, last_at, friend_id);
