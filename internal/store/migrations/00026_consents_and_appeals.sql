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

-- Somebody asks for a second look at a recommendation, in words of his own, and is told what came
-- of it. What he and the staff wrote is sealed under his key, so that it goes with him.
CREATE TABLE appeals (
  shop_id     BIGINT NOT NULL,
  id          {{blob}} NOT NULL CHECK (length(id) = 16),
  member_id   {{blob}} NOT NULL,
  at          BIGINT NOT NULL,
  sealed      {{blob}} NOT NULL,
  outcome     {{ctext}} NOT NULL, -- empty: it waits; changed or stands
  answered_at BIGINT,
  staff_id    {{blob}},
  reply       {{blob}},
  PRIMARY KEY (shop_id, id)
);
CREATE INDEX appeals_waiting ON appeals (shop_id, id) WHERE outcome = '';
CREATE INDEX appeals_member ON appeals (shop_id, member_id, id);

-- The funnel of the list counts as the dashboard does: what both look at stands in the index, but
-- for the friend, with whom it would look like an index for looking friends up.
DROP INDEX referrals_touched;
CREATE INDEX referrals_touched ON referrals (shop_id, touched_at, id, state, origin, bond, joined_at, last_at);
