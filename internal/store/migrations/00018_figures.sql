-- +goose Up
-- What a dashboard counts is found by time: orders when they were paid, referrals when a
-- friend was tied (and, migration 22, first touched), value when it moved, and what is not open yet.
-- What is counted by tens of thousands stands in the index itself.
CREATE INDEX orders_paid ON orders (shop_id, paid_at, member_id, net);
DROP INDEX orders_member;
CREATE INDEX orders_member ON orders (shop_id, member_id, paid_at, net);
CREATE INDEX referrals_joined ON referrals (shop_id, joined_at, friend_id, touched_at, state, referrer_id) WHERE bond;
CREATE INDEX rewards_friend ON rewards (shop_id, from_member, state, amount, taken, unit, program_id, version, rule, part) WHERE part <> 'member';
CREATE INDEX postings_moved ON postings (shop_id, effective_at, unit, amount) WHERE lot_id IS NOT NULL;
CREATE INDEX lots_opens ON lots (shop_id, opens_at);
