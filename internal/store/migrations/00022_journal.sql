-- +goose Up
-- What the shop's people look through: what happened, by kind; what was refused; what was
-- written to somebody; referrals in the order of time. Nothing here is a fact of its own.
CREATE INDEX events_kind ON events (shop_id, kind, id);

-- Receipts that refuse something. A text in JSON cannot hold these quotes otherwise.
CREATE INDEX receipts_refused ON receipts (shop_id, event_id) WHERE body LIKE '%"outcome":"refused"%';

CREATE INDEX messages_member ON messages (shop_id, member_id, id) WHERE member_id IS NOT NULL;

-- What the funnel counts stands in the index, so that it is counted without the rows.
CREATE INDEX referrals_touched ON referrals (shop_id, touched_at, id, state, origin, bond, joined_at, order_name);
CREATE INDEX referrals_score ON referrals (shop_id, score, state) WHERE score > 0;
