-- +goose Up
-- What is sent to people, and the work that is left to do for it.

-- One message to one person. key names it in its shop, so that it is written once. sealed
-- is the recipient with the values of the text: under his own key where he is a member,
-- else under one of the installation; it goes when the message has been sent for a while.
CREATE TABLE messages (
  shop_id    BIGINT NOT NULL,
  id         {{blob}} NOT NULL CHECK (length(id) = 16),
  key        {{ctext}} NOT NULL,
  moment     {{ctext}} NOT NULL,
  locale     {{ctext}} NOT NULL,
  member_id  {{blob}},
  state      {{ctext}} NOT NULL,
  reason     TEXT NOT NULL,
  via        {{ctext}} NOT NULL,
  attempts   BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  ends_at    BIGINT NOT NULL,
  done_at    BIGINT,
  sealed     {{blob}},
  PRIMARY KEY (shop_id, id)
);
CREATE UNIQUE INDEX messages_key ON messages (shop_id, key);
CREATE INDEX messages_open ON messages (shop_id, ends_at) WHERE done_at IS NULL;
CREATE INDEX messages_kept ON messages (shop_id, done_at) WHERE sealed IS NOT NULL;

-- One thing to do later. Who takes it moves due_at to the end of his lease; attempts rises
-- with each taking, so that who comes too late with an old one changes nothing.
CREATE TABLE jobs (
  shop_id  BIGINT NOT NULL,
  kind     {{ctext}} NOT NULL,
  subject  {{blob}} NOT NULL CHECK (length(subject) = 16),
  due_at   BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  PRIMARY KEY (shop_id, kind, subject)
);
CREATE INDEX jobs_due ON jobs (shop_id, due_at);
