-- +goose Up
-- Every table begins with shop_id and has it first in every key: the tenant wall, and what
-- spreads shops over machines. Times are microseconds UTC, amounts minor units, ids 16
-- bytes made by the program. Documents are text that only Go opens.

CREATE TABLE shops (
  shop_id   BIGINT NOT NULL PRIMARY KEY,
  slug      {{ctext}} NOT NULL,
  name      TEXT NOT NULL,
  currency  {{ctext}} NOT NULL,
  zone      {{ctext}} NOT NULL,
  live_shop BIGINT,
  clock_at  BIGINT,
  book_rev  BIGINT NOT NULL DEFAULT 1,
  listens   {{ctext}} NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX shops_slug ON shops (slug);

CREATE TABLE keys (
  shop_id  BIGINT NOT NULL,
  id       {{blob}} NOT NULL CHECK (length(id) = 16),
  hash     {{blob}} NOT NULL,
  prefix   {{ctext}} NOT NULL,
  scopes   {{ctext}} NOT NULL,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT,
  PRIMARY KEY (shop_id, id)
);
CREATE UNIQUE INDEX keys_hash ON keys (shop_id, hash);
CREATE INDEX keys_by_hash ON keys (hash); -- a key names its shop, not the other way

CREATE TABLE turns (
  shop_id BIGINT NOT NULL,
  subject {{ctext}} NOT NULL,
  rev     BIGINT NOT NULL,
  clock   BIGINT NOT NULL,
  PRIMARY KEY (shop_id, subject)
);

CREATE TABLE batches (
  shop_id     BIGINT NOT NULL,
  id          {{blob}} NOT NULL CHECK (length(id) = 16),
  recorded_at BIGINT NOT NULL,
  digest      {{blob}} NOT NULL,
  PRIMARY KEY (shop_id, id)
);

CREATE TABLE members (
  shop_id        BIGINT NOT NULL,
  id             {{blob}} NOT NULL CHECK (length(id) = 16),
  state          {{ctext}} NOT NULL,
  registered_at  BIGINT,
  first_order_at BIGINT,
  judged_to      BIGINT NOT NULL DEFAULT 0,
  judged_key     {{ctext}} NOT NULL DEFAULT '',
  created_at     BIGINT NOT NULL,
  PRIMARY KEY (shop_id, id)
);

CREATE TABLE member_keys (
  shop_id   BIGINT NOT NULL,
  kind      {{ctext}} NOT NULL,
  key       {{ctext}} NOT NULL,
  member_id {{blob}} NOT NULL,
  PRIMARY KEY (shop_id, kind, key),
  FOREIGN KEY (shop_id, member_id) REFERENCES members (shop_id, id)
);
CREATE INDEX member_keys_member ON member_keys (shop_id, member_id);

CREATE TABLE persons (
  shop_id   BIGINT NOT NULL,
  member_id {{blob}} NOT NULL,
  sealed    {{blob}} NOT NULL,
  PRIMARY KEY (shop_id, member_id)
);

CREATE TABLE person_keys (
  shop_id   BIGINT NOT NULL,
  member_id {{blob}} NOT NULL,
  wrapped   {{blob}} NOT NULL,
  PRIMARY KEY (shop_id, member_id)
);

CREATE TABLE events (
  shop_id     BIGINT NOT NULL,
  id          {{blob}} NOT NULL CHECK (length(id) = 16),
  feed        {{ctext}} NOT NULL,
  external_id {{ctext}} NOT NULL,
  via         {{ctext}} NOT NULL,
  origin      {{ctext}} NOT NULL,
  kind        {{ctext}} NOT NULL,
  member_id   {{blob}},
  order_id    {{blob}},
  occurred_at BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  fold_at     BIGINT NOT NULL,
  digest      {{blob}} NOT NULL,
  fact        TEXT NOT NULL,
  batch_id    {{blob}} NOT NULL,
  PRIMARY KEY (shop_id, id)
);
CREATE UNIQUE INDEX events_identity ON events (shop_id, external_id, feed);
CREATE INDEX events_member ON events (shop_id, member_id, fold_at);
CREATE INDEX events_orphan ON events (shop_id, order_id) WHERE member_id IS NULL;

CREATE TABLE orders (
  shop_id   BIGINT NOT NULL,
  id        {{blob}} NOT NULL CHECK (length(id) = 16),
  series    {{ctext}} NOT NULL,
  ref       {{ctext}} NOT NULL,
  member_id {{blob}},
  state     {{ctext}} NOT NULL,
  currency  {{ctext}} NOT NULL,
  paid_at   BIGINT,
  net       BIGINT NOT NULL,
  imported  BOOLEAN NOT NULL,
  lines     TEXT NOT NULL,
  returns   TEXT NOT NULL,
  PRIMARY KEY (shop_id, id)
);
CREATE UNIQUE INDEX orders_name ON orders (shop_id, ref, series);
CREATE INDEX orders_member ON orders (shop_id, member_id, paid_at);

CREATE TABLE programs (
  shop_id BIGINT NOT NULL,
  id      {{blob}} NOT NULL CHECK (length(id) = 16),
  name    TEXT NOT NULL,
  running BOOLEAN NOT NULL,
  PRIMARY KEY (shop_id, id)
);
CREATE UNIQUE INDEX programs_name ON programs (shop_id, name);

CREATE TABLE program_versions (
  shop_id      BIGINT NOT NULL,
  program_id   {{blob}} NOT NULL,
  version      BIGINT NOT NULL,
  starts_at    BIGINT NOT NULL,
  ends_at      BIGINT,
  published_at BIGINT NOT NULL,
  document     TEXT NOT NULL,
  PRIMARY KEY (shop_id, program_id, version),
  FOREIGN KEY (shop_id, program_id) REFERENCES programs (shop_id, id)
);

CREATE TABLE terms (
  shop_id    BIGINT NOT NULL,
  member_id  {{blob}} NOT NULL,
  program_id {{blob}} NOT NULL,
  version    BIGINT NOT NULL,
  since      BIGINT NOT NULL,
  gone       BOOLEAN NOT NULL,
  PRIMARY KEY (shop_id, member_id, program_id)
);

CREATE TABLE rewards (
  shop_id     BIGINT NOT NULL,
  id          {{blob}} NOT NULL CHECK (length(id) = 16),
  program_id  {{blob}} NOT NULL,
  version     BIGINT NOT NULL,
  rule        {{ctext}} NOT NULL,
  member_id   {{blob}} NOT NULL,
  once        {{ctext}} NOT NULL,
  part        {{ctext}} NOT NULL,
  cause       {{ctext}} NOT NULL,
  from_member {{blob}} NOT NULL,
  event_id    {{blob}} NOT NULL,
  unit        {{ctext}} NOT NULL,
  amount      BIGINT NOT NULL,
  taken       BIGINT NOT NULL,
  absorbed    BIGINT NOT NULL,
  granted     BIGINT NOT NULL,
  basis       BIGINT NOT NULL,
  returned    BIGINT NOT NULL,
  state       {{ctext}} NOT NULL,
  given_at    BIGINT NOT NULL,
  due_at      BIGINT,
  spent       TEXT NOT NULL,
  PRIMARY KEY (shop_id, id),
  CHECK (taken >= 0 AND absorbed >= 0 AND taken + absorbed <= amount)
);
CREATE UNIQUE INDEX rewards_once ON rewards (shop_id, once, member_id, program_id, rule);
CREATE INDEX rewards_member ON rewards (shop_id, member_id);
CREATE INDEX rewards_cause ON rewards (shop_id, cause);
CREATE INDEX rewards_from ON rewards (shop_id, from_member) WHERE from_member <> member_id;

CREATE TABLE counters (
  shop_id BIGINT NOT NULL,
  owner   {{ctext}} NOT NULL,
  name    {{ctext}} NOT NULL,
  period  {{ctext}} NOT NULL,
  used    BIGINT NOT NULL CHECK (used >= 0),
  PRIMARY KEY (shop_id, owner, name, period)
);

CREATE TABLE receipts (
  shop_id   BIGINT NOT NULL,
  event_id  {{blob}} NOT NULL,
  member_id {{blob}} NOT NULL,
  body      TEXT NOT NULL,
  PRIMARY KEY (shop_id, event_id, member_id)
);
CREATE INDEX receipts_member ON receipts (shop_id, member_id, event_id);

CREATE TABLE timers (
  shop_id    BIGINT NOT NULL,
  id         {{blob}} NOT NULL CHECK (length(id) = 16),
  due_at     BIGINT NOT NULL,
  kind       {{ctext}} NOT NULL,
  member_id  {{blob}} NOT NULL,
  program_id {{blob}},
  rule       {{ctext}} NOT NULL,
  cause      {{ctext}} NOT NULL,
  state      {{ctext}} NOT NULL,
  PRIMARY KEY (shop_id, id)
);
CREATE INDEX timers_member ON timers (shop_id, member_id, state, due_at);
CREATE INDEX timers_due ON timers (shop_id, due_at) WHERE state = 'waiting';

CREATE TABLE accounts (
  shop_id         BIGINT NOT NULL,
  member_id       {{blob}} NOT NULL,
  unit            {{ctext}} NOT NULL,
  balance         BIGINT NOT NULL,
  held            BIGINT NOT NULL CHECK (held >= 0),
  debt            BIGINT NOT NULL CHECK (debt >= 0),
  earned          BIGINT NOT NULL,
  available       BIGINT NOT NULL,
  available_until BIGINT,
  lapse_at        BIGINT,
  PRIMARY KEY (shop_id, member_id, unit),
  FOREIGN KEY (shop_id, member_id) REFERENCES members (shop_id, id)
);
CREATE INDEX accounts_lapse ON accounts (shop_id, lapse_at) WHERE lapse_at IS NOT NULL;

CREATE TABLE lots (
  shop_id    BIGINT NOT NULL,
  id         {{blob}} NOT NULL CHECK (length(id) = 16),
  member_id  {{blob}} NOT NULL,
  unit       {{ctext}} NOT NULL,
  reward_id  {{blob}},
  origin     {{ctext}} NOT NULL,
  amount     BIGINT NOT NULL,
  remaining  BIGINT NOT NULL,
  since      BIGINT NOT NULL,
  opens_at   BIGINT,
  expires_at BIGINT,
  PRIMARY KEY (shop_id, id),
  CHECK (remaining BETWEEN 0 AND amount)
);
CREATE INDEX lots_owner ON lots (shop_id, member_id, unit, remaining);

CREATE TABLE transactions (
  shop_id      BIGINT NOT NULL,
  id           {{blob}} NOT NULL CHECK (length(id) = 16),
  kind         {{ctext}} NOT NULL,
  event_id     {{blob}} NOT NULL,
  reward_id    {{blob}},
  reverses     {{blob}},
  actor        {{ctext}} NOT NULL,
  effective_at BIGINT NOT NULL,
  recorded_at  BIGINT NOT NULL,
  PRIMARY KEY (shop_id, id)
);

CREATE TABLE postings (
  shop_id      BIGINT NOT NULL,
  txn_id       {{blob}} NOT NULL,
  n            BIGINT NOT NULL,
  member_id    {{blob}},
  place        {{ctext}} NOT NULL,
  unit         {{ctext}} NOT NULL,
  lot_id       {{blob}},
  amount       BIGINT NOT NULL CHECK (amount <> 0),
  effective_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, txn_id, n)
);
CREATE INDEX postings_member ON postings (shop_id, member_id, unit, effective_at) WHERE member_id IS NOT NULL;

CREATE TABLE vouchers (
  shop_id    BIGINT NOT NULL,
  id         {{blob}} NOT NULL CHECK (length(id) = 16),
  code       {{ctext}} NOT NULL,
  member_id  {{blob}},
  reward_id  {{blob}},
  kind       {{ctext}} NOT NULL,
  article    {{ctext}} NOT NULL,
  amount     BIGINT NOT NULL,
  uses_max   BIGINT NOT NULL,
  used       BIGINT NOT NULL,
  starts_at  BIGINT NOT NULL,
  expires_at BIGINT,
  state      {{ctext}} NOT NULL,
  PRIMARY KEY (shop_id, id),
  CHECK (used BETWEEN 0 AND uses_max)
);
CREATE UNIQUE INDEX vouchers_code ON vouchers (shop_id, code);
CREATE INDEX vouchers_member ON vouchers (shop_id, member_id);
CREATE INDEX vouchers_reward ON vouchers (shop_id, reward_id);

CREATE TABLE referrals (
  shop_id     BIGINT NOT NULL,
  id          {{blob}} NOT NULL CHECK (length(id) = 16),
  referrer_id {{blob}},
  friend_id   {{blob}} NOT NULL,
  origin      {{ctext}} NOT NULL,
  state       {{ctext}} NOT NULL,
  reason      {{ctext}} NOT NULL,
  bond        BOOLEAN NOT NULL,
  touched_at  BIGINT NOT NULL,
  joined_at   BIGINT NOT NULL,
  order_name  {{ctext}} NOT NULL,
  PRIMARY KEY (shop_id, id)
);
CREATE UNIQUE INDEX referrals_friend ON referrals (shop_id, friend_id);
CREATE INDEX referrals_referrer ON referrals (shop_id, referrer_id, state);

CREATE TABLE outbox (
  shop_id   BIGINT NOT NULL,
  id        {{blob}} NOT NULL CHECK (length(id) = 16),
  kind      {{ctext}} NOT NULL,
  member_id {{blob}},
  rev       BIGINT NOT NULL,
  event_id  {{blob}} NOT NULL,
  body      TEXT NOT NULL,
  PRIMARY KEY (shop_id, id)
);

CREATE TABLE answers (
  shop_id    BIGINT NOT NULL,
  key        {{ctext}} NOT NULL,
  digest     {{blob}} NOT NULL,
  status     BIGINT NOT NULL,
  body       {{blob}},
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, key)
);

-- What the operator's processes must agree on; shop 0 is the operator's own.
CREATE TABLE settings (
  shop_id BIGINT NOT NULL,
  name    {{ctext}} NOT NULL,
  value   TEXT NOT NULL,
  PRIMARY KEY (shop_id, name)
);
