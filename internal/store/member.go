package store

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

const memberColumns = `m.id, m.state, COALESCE(m.registered_at, 0), COALESCE(m.first_order_at, 0), m.birthday, m.grp, m.merged_into,
		  p.sealed, w.wrapped`

const memberTables = `members m
		LEFT JOIN persons p ON p.shop_id = $1 AND p.member_id = m.id
		LEFT JOIN person_keys w ON w.shop_id = $1 AND w.member_id = m.id`

var (
	qMember  = New("members.one", `SELECT `+memberColumns+` FROM `+memberTables+` WHERE m.shop_id = $1 AND m.id = $2`)
	qMembers = New("members.page", `SELECT `+memberColumns+` FROM `+memberTables+`
		WHERE m.shop_id = $1 AND m.id > $2 ORDER BY m.id LIMIT $3`)
	qMembersOfGroup = New("members.group", `SELECT `+memberColumns+` FROM `+memberTables+`
		WHERE m.shop_id = $1 AND m.grp = $2 AND m.grp <> '' AND m.state <> 'merged' AND m.id > $3 ORDER BY m.id LIMIT $4`)
	qMembersWithTag = New("members.tag", `SELECT `+memberColumns+` FROM `+memberTables+`
		JOIN tags t ON t.shop_id = $1 AND t.member_id = m.id
		WHERE m.shop_id = $1 AND t.tag = $2 AND t.member_id > $3
		  AND (CAST($5 AS TEXT) = '' OR m.grp = $5) ORDER BY t.member_id LIMIT $4`)
	qMembersWithField = New("members.field", `SELECT `+memberColumns+` FROM `+memberTables+`
		JOIN member_terms t ON t.shop_id = $1 AND t.member_id = m.id
		WHERE m.shop_id = $1 AND t.term = $2 AND t.member_id > $3 AND m.state <> 'merged'
		  AND (CAST($5 AS TEXT) = '' OR m.grp = $5)
		  AND (CAST($6 AS TEXT) = '' OR EXISTS (SELECT 1 FROM tags g WHERE g.shop_id = $1 AND g.member_id = m.id AND g.tag = $6))
		ORDER BY t.member_id LIMIT $4`)
	qMembersByID = New("members.ids", `SELECT `+memberColumns+` FROM `+memberTables+` WHERE m.shop_id = $1 AND m.id {{in id:bytea}}`)
	qMemberByKey = New("member_keys.one", `
		SELECT k.member_id FROM member_keys k WHERE k.shop_id = $1 AND k.kind = $2 AND k.key = $3`)
	qMembersByKey = New("member_keys.owners", `
		SELECT k.kind, k.key, k.member_id FROM member_keys k WHERE k.shop_id = $1 AND k.kind {{in kind:text}} AND k.key {{in key:text}}`)
	qMemberKeys = New("member_keys.ids", `
		SELECT k.member_id, k.kind, k.key FROM member_keys k
		WHERE k.shop_id = $1 AND k.member_id {{in id:bytea}} AND k.kind IN ('number', 'external')
		ORDER BY k.member_id, k.kind, k.key`)
	qMemberCodes = New("member_keys.codes", `
		SELECT k.key FROM member_keys k WHERE k.shop_id = $1 AND k.member_id = $2 AND k.kind = 'code' ORDER BY k.key`)
	qMemberTags = New("tags.ids", `
		SELECT t.member_id, t.tag FROM tags t WHERE t.shop_id = $1 AND t.member_id {{in id:bytea}} ORDER BY t.member_id, t.tag`)
	qReferredBy = New("referrals.bonds", `
		SELECT f.friend_id, f.referrer_id FROM referrals f WHERE f.shop_id = $1 AND f.friend_id {{in id:bytea}} AND f.bond`)
)

// MemberRow is a member as stored: his person still sealed, his plain keys beside.
type MemberRow struct {
	ID              id.Member
	State           string
	RegisteredAt    moment.Time
	FirstOrderAt    moment.Time
	Birthday        string // MM-DD; empty: unknown
	Group           string
	MergedInto      id.Member
	ReferredBy      id.Member
	Tags            []string
	Sealed, Wrapped []byte
	Keys            []loyalty.Key // number and external ids
}

// Member finds a member; loyalty.ErrNotFound when there is none.
func (s *Store) Member(ctx context.Context, shop loyalty.ShopID, m id.Member) (*MemberRow, error) {
	list, err := s.members(ctx, qMember, shop, m.Bytes())
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, loyalty.NotFound("member", "member_unknown")
	}
	return list[0], nil
}

// Crowd says which members a list has: those of a group, those with a tag, those with a value
// in one of the shop's own fields (a term of loyalty.FieldTerm), or (empty) all.
type Crowd struct{ Group, Tag, Field string }

// Members is a page of members in the order of their making, after a cursor (zero: from
// the start).
func (s *Store) Members(ctx context.Context, shop loyalty.ShopID, of Crowd, after id.Member, limit int) ([]*MemberRow, error) {
	switch {
	case of.Field != "":
		return s.members(ctx, qMembersWithField, shop, of.Field, after[:], int64(limit), of.Group, of.Tag)
	case of.Tag != "":
		return s.members(ctx, qMembersWithTag, shop, of.Tag, after[:], int64(limit), of.Group)
	case of.Group != "":
		return s.members(ctx, qMembersOfGroup, shop, of.Group, after[:], int64(limit))
	}
	return s.members(ctx, qMembers, shop, after[:], int64(limit))
}

func (s *Store) members(ctx context.Context, q *Q, shop loyalty.ShopID, args ...any) ([]*MemberRow, error) {
	var out []*MemberRow
	err := s.Read(ctx, q, func(r Scanner) error {
		m, err := scanMember(r)
		out = append(out, m)
		return err
	}, append([]any{int64(shop)}, args...)...)
	if err != nil {
		return nil, err
	}
	return out, s.fill(ctx, shop, out)
}

func scanMember(r Scanner) (*MemberRow, error) {
	m := &MemberRow{}
	err := r.Scan(&m.ID, &m.State, &m.RegisteredAt, &m.FirstOrderAt, &m.Birthday, &m.Group, &m.MergedInto, &m.Sealed, &m.Wrapped)
	m.Sealed, m.Wrapped = bytes.Clone(m.Sealed), bytes.Clone(m.Wrapped)
	return m, err
}

// fill reads what stands beside the rows of members: keys, tags, who sent them.
func (s *Store) fill(ctx context.Context, shop loyalty.ShopID, list []*MemberRow) error {
	if len(list) == 0 {
		return nil
	}
	rows, ids := make(map[id.Member]*MemberRow, len(list)), make([][]byte, len(list))
	for i, m := range list {
		rows[m.ID], ids[i] = m, m.ID.Bytes()
	}
	var of id.Member
	err := s.ReadRows(ctx, qMemberKeys, len(ids), func(r Scanner) error {
		var k loyalty.Key
		if err := r.Scan(&of, &k.Kind, &k.Key); err != nil {
			return err
		}
		rows[of].Keys = append(rows[of].Keys, k)
		return nil
	}, int64(shop), ids)
	if err != nil {
		return err
	}
	err = s.ReadRows(ctx, qMemberTags, len(ids), func(r Scanner) error {
		var tag string
		if err := r.Scan(&of, &tag); err != nil {
			return err
		}
		rows[of].Tags = append(rows[of].Tags, tag)
		return nil
	}, int64(shop), ids)
	if err != nil {
		return err
	}
	return s.ReadRows(ctx, qReferredBy, len(ids), func(r Scanner) error {
		var by id.Member
		if err := r.Scan(&of, &by); err != nil {
			return err
		}
		rows[of].ReferredBy = by
		return nil
	}, int64(shop), ids)
}

// membersByID reads members by their ids; whoever is not there is missing.
func (s *Store) membersByID(ctx context.Context, shop loyalty.ShopID, ids [][]byte) (map[id.Member]*MemberRow, error) {
	var list []*MemberRow
	out := map[id.Member]*MemberRow{}
	err := s.ReadRows(ctx, qMembersByID, len(ids), func(r Scanner) error {
		m, err := scanMember(r)
		if out[m.ID] == nil {
			list = append(list, m)
		}
		out[m.ID] = m
		return err
	}, int64(shop), ids)
	if err != nil {
		return nil, err
	}
	return out, s.fill(ctx, shop, list)
}

// Codes lists the personal codes that lead to a member: his own, and those of whoever was
// merged into him.
func (s *Store) Codes(ctx context.Context, shop loyalty.ShopID, m id.Member) ([]string, error) {
	var out []string
	err := s.Read(ctx, qMemberCodes, func(r Scanner) error {
		var code string
		err := r.Scan(&code)
		out = append(out, code)
		return err
	}, int64(shop), m.Bytes())
	return out, err
}

// MemberByKey finds whom a key names; the zero id when nobody.
func (s *Store) MemberByKey(ctx context.Context, shop loyalty.ShopID, k loyalty.Key) (id.Member, error) {
	var m id.Member
	err := s.Read(ctx, qMemberByKey, func(r Scanner) error { return r.Scan(&m) }, int64(shop), k.Kind, k.Key)
	return m, err
}

// MembersByKeys finds whom keys name; keys that nobody has are missing.
func (s *Store) MembersByKeys(ctx context.Context, shop loyalty.ShopID, keys []loyalty.Key) (map[loyalty.Key]*MemberRow, error) {
	kinds, texts := make([]string, len(keys)), make([]string, len(keys))
	for i, k := range keys {
		kinds[i], texts[i] = k.Kind, k.Key
	}
	owners := map[loyalty.Key]id.Member{}
	ids := map[id.Member][]byte{}
	err := s.ReadRows(ctx, qMembersByKey, len(keys), func(r Scanner) error {
		var k loyalty.Key
		var m id.Member
		err := r.Scan(&k.Kind, &k.Key, &m)
		owners[k], ids[m] = m, m.Bytes()
		return err
	}, int64(shop), kinds, texts)
	if err != nil {
		return nil, err
	}
	rows, err := s.membersByID(ctx, shop, slices.Collect(maps.Values(ids)))
	if err != nil {
		return nil, err
	}
	out := make(map[loyalty.Key]*MemberRow, len(owners))
	for k, m := range owners {
		out[k] = rows[m]
	}
	return out, nil
}

var qMemberSignals = New("members.signals", `SELECT m.signals FROM members m WHERE m.shop_id = $1 AND m.id = $2`)

// MemberSignals gives the signs that a member's facts gave, as keyed hashes.
func (s *Store) MemberSignals(ctx context.Context, shop loyalty.ShopID, m id.Member) (out loyalty.Signals, err error) {
	err = s.Read(ctx, qMemberSignals, func(r Scanner) error {
		var text string
		if err := r.Scan(&text); err != nil {
			return err
		}
		out, err = signals(text)
		return err
	}, int64(shop), m.Bytes())
	return out, err
}

func signals(text string) (out loyalty.Signals, err error) {
	if text != "" {
		err = json.Unmarshal([]byte(text), &out)
	}
	return out, err
}
