-- +goose Up
-- What a deed changed, field by field, as it was before and after. Of members the values are
-- sealed under the key of the member (member_id), so that they go with him; the fields' names stay.
ALTER TABLE audit ADD COLUMN changes TEXT NOT NULL DEFAULT '[]';
ALTER TABLE audit ADD COLUMN sealed {{blob}};
ALTER TABLE audit ADD COLUMN member_id {{blob}};

-- Who of the staff opened whose card, once for each day.
CREATE TABLE staff_looks (
  shop_id   BIGINT NOT NULL,
  member_id {{blob}} NOT NULL CHECK (length(member_id) = 16),
  staff_id  {{blob}} NOT NULL,
  day       {{ctext}} NOT NULL,
  times     BIGINT NOT NULL,
  first_at  BIGINT NOT NULL,
  last_at   BIGINT NOT NULL,
  PRIMARY KEY (shop_id, member_id, staff_id, day)
);
CREATE INDEX staff_looks_last ON staff_looks (shop_id, last_at);
