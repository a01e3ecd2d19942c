-- +goose Up
-- Which program gave something for a friend, to him or to whoever sent him: the referrals of one
-- program are found without the rewards' rows.
CREATE INDEX rewards_given_for ON rewards (shop_id, program_id, from_member, member_id, part) WHERE part <> 'member';
