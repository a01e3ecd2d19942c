package store

import (
	"bytes"
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

const memberColumns = `m.id, m.state, COALESCE(m.registered_at, 0), COALESCE(m.first_order_at, 0), p.sealed, w.wrapped`

const memberTables = `members m
		LEFT JOIN persons p ON p.shop_id = $1 AND p.member_id = m.id
		LEFT JOIN person_keys w ON w.shop_id = $1 AND w.member_id = m.id`

var (
	qMember  = New("members.one", `SELECT `+memberColumns+` FROM `+memberTables+` WHERE m.shop_id = $1 AND m.id = $2`)
	qMembers = New("members.page", `SELECT `+memberColumns+` FROM `+memberTables+`
		WHERE m.shop_id = $1 AND m.id > $2 ORDER BY m.id LIMIT $3`)
	qMembersByID = New("members.ids", `SELECT `+memberColumns+` FROM `+memberTables+` WHERE m.shop_id = $1 AND m.id {{in id:bytea}}`)
	qMemberByKey = New("member_keys.one", `
		SELECT k.member_id FROM member_keys k WHERE k.shop_id = $1 AND k.kind = $2 AND k.key = $3`)
	qMemberKeys = New("member_keys.of", `
		SELECT k.member_id, k.kind, k.key FROM member_keys k
		WHERE k.shop_id = $1 AND k.member_id BETWEEN $2 AND $3 AND k.kind IN ('number', 'external')
		ORDER BY k.member_id, k.kind, k.key`)
	qMemberKeysByID = New("member_keys.ids", `
		SELECT k.member_id, k.kind, k.key FROM member_keys k
		WHERE k.shop_id = $1 AND k.member_id {{in id:bytea}} AND k.kind IN ('number', 'external')
		ORDER BY k.member_id, k.kind, k.key`)
)

// MemberRow is a member as stored: his person still sealed, his plain keys beside.
type MemberRow struct {
	ID              id.Member
	State           string
	RegisteredAt    moment.Time
	FirstOrderAt    moment.Time
	Sealed, Wrapped []byte
	Keys            []loyalty.Key // number and external ids
}

// Member finds a member; loyalty.ErrNotFound when there is none.
func (s *Store) Member(ctx context.Context, shop loyalty.ShopID, m id.Member) (*MemberRow, error) {
	list, err := s.members(ctx, qMember, int64(shop), m.Bytes())
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, loyalty.NotFound("member", "member_unknown")
	}
	return list[0], nil
}

// Members is a page of members in the order of their making, after a cursor (zero: from
// the start).
func (s *Store) Members(ctx context.Context, shop loyalty.ShopID, after id.Member, limit int) ([]*MemberRow, error) {
	return s.members(ctx, qMembers, int64(shop), after[:], int64(limit))
}

func (s *Store) members(ctx context.Context, q *Q, args ...any) ([]*MemberRow, error) {
	var out []*MemberRow
	err := s.Read(ctx, q, func(r Scanner) error {
		m, err := scanMember(r)
		out = append(out, m)
		return err
	}, args...)
	if err != nil || len(out) == 0 {
		return nil, err
	}
	i := 0
	return out, s.Read(ctx, qMemberKeys, func(r Scanner) error {
		var of id.Member
		var k loyalty.Key
		if err := r.Scan(&of, &k.Kind, &k.Key); err != nil {
			return err
		}
		for i < len(out) && out[i].ID != of {
			i++
		}
		if i < len(out) {
			out[i].Keys = append(out[i].Keys, k)
		}
		return nil
	}, args[0], out[0].ID.Bytes(), out[len(out)-1].ID.Bytes())
}

func scanMember(r Scanner) (*MemberRow, error) {
	m := &MemberRow{}
	err := r.Scan(&m.ID, &m.State, &m.RegisteredAt, &m.FirstOrderAt, &m.Sealed, &m.Wrapped)
	m.Sealed, m.Wrapped = bytes.Clone(m.Sealed), bytes.Clone(m.Wrapped)
	return m, err
}

// membersByID reads members by their ids; whoever is not there is missing.
func (s *Store) membersByID(ctx context.Context, shop loyalty.ShopID, ids [][]byte) (map[id.Member]*MemberRow, error) {
	out := map[id.Member]*MemberRow{}
	err := s.ReadRows(ctx, qMembersByID, len(ids), func(r Scanner) error {
		m, err := scanMember(r)
		out[m.ID] = m
		return err
	}, int64(shop), ids)
	if err != nil {
		return nil, err
	}
	return out, s.ReadRows(ctx, qMemberKeysByID, len(ids), func(r Scanner) error {
		var of id.Member
		var k loyalty.Key
		if err := r.Scan(&of, &k.Kind, &k.Key); err != nil {
			return err
		}
		if m := out[of]; m != nil {
			m.Keys = append(m.Keys, k)
		}
		return nil
	}, int64(shop), ids)
}

// MemberByKey finds whom a key names; the zero id when nobody.
func (s *Store) MemberByKey(ctx context.Context, shop loyalty.ShopID, k loyalty.Key) (id.Member, error) {
	var m id.Member
	err := s.Read(ctx, qMemberByKey, func(r Scanner) error { return r.Scan(&m) }, int64(shop), k.Kind, k.Key)
	return m, err
}
