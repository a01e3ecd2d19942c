-- +goose Up
-- What the lists of the API are read by: states in the order of their cursors.

CREATE INDEX referrals_state ON referrals (shop_id, state, id);
DROP INDEX claims_state;
CREATE INDEX claims_state ON claims (shop_id, state, reward_id);
