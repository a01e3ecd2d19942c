-- +goose Up
-- Who agreed to be reached for a purpose in a way, as lists of members look for him.
CREATE INDEX consents_reach ON consents (shop_id, purpose, way, member_id, given);
