-- +goose Up
-- Programs of every kind, referrals with their touches, gifts, groups, merges.

ALTER TABLE shops ADD COLUMN point_decimals BIGINT NOT NULL DEFAULT 0;

ALTER TABLE members ADD COLUMN birthday {{ctext}} NOT NULL DEFAULT '';
ALTER TABLE members ADD COLUMN grp {{ctext}} NOT NULL DEFAULT '';
ALTER TABLE members ADD COLUMN merged_into {{blob}};
ALTER TABLE members ADD COLUMN settled BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE members ADD COLUMN signals TEXT NOT NULL DEFAULT '';
CREATE INDEX members_group ON members (shop_id, grp, id) WHERE grp <> '';

ALTER TABLE orders ADD COLUMN details TEXT NOT NULL DEFAULT '';

ALTER TABLE rewards ADD COLUMN choice BIGINT NOT NULL DEFAULT 0;
ALTER TABLE rewards ADD COLUMN weights TEXT NOT NULL DEFAULT '';

ALTER TABLE vouchers ADD COLUMN percent BIGINT NOT NULL DEFAULT 0;

ALTER TABLE referrals ADD COLUMN last_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE referrals ADD COLUMN score BIGINT NOT NULL DEFAULT 0;
DROP INDEX referrals_friend;
CREATE UNIQUE INDEX referrals_pair ON referrals (shop_id, friend_id, referrer_id);
CREATE UNIQUE INDEX referrals_bond ON referrals (shop_id, friend_id) WHERE bond;

ALTER TABLE programs DROP COLUMN running;

-- When a program gives nothing. Like a version, a pause is announced before it begins and
-- is never changed afterwards, except for its end, which is announced likewise.
CREATE TABLE program_pauses (
  shop_id      BIGINT NOT NULL,
  program_id   {{blob}} NOT NULL,
  from_at      BIGINT NOT NULL,
  until_at     BIGINT,
  announced_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, program_id, from_at),
  FOREIGN KEY (shop_id, program_id) REFERENCES programs (shop_id, id)
);

-- A gift on its way to a member, or a choice that he has: named by its reward.
CREATE TABLE claims (
  shop_id   BIGINT NOT NULL,
  reward_id {{blob}} NOT NULL CHECK (length(reward_id) = 16),
  member_id {{blob}} NOT NULL,
  gift      TEXT NOT NULL,
  by_hand   BOOLEAN NOT NULL,
  quantity  BIGINT NOT NULL CHECK (quantity > 0),
  state     {{ctext}} NOT NULL,
  since     BIGINT NOT NULL,
  done_at   BIGINT,
  chosen    BIGINT NOT NULL,
  PRIMARY KEY (shop_id, reward_id)
);
CREATE INDEX claims_member ON claims (shop_id, member_id);
CREATE INDEX claims_state ON claims (shop_id, state, since);

CREATE TABLE tags (
  shop_id   BIGINT NOT NULL,
  member_id {{blob}} NOT NULL,
  tag       {{ctext}} NOT NULL,
  PRIMARY KEY (shop_id, member_id, tag)
);
CREATE INDEX tags_tag ON tags (shop_id, tag, member_id);
