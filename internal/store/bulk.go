package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

var (
	qPutBulk = New("bulks.put", `
		INSERT INTO bulks (shop_id, id, once, staff_id, actor, what, detail, sealed, undoes, state, place, total, changed, same, refused, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', 0, 0, 0, 0, $11) ON CONFLICT (shop_id, once) DO NOTHING RETURNING id`)
	qBulk     = New("bulks.one", `SELECT `+bulkColumns+` FROM bulks b WHERE b.shop_id = $1 AND b.id = $2`)
	qBulks    = New("bulks.page", `SELECT `+bulkColumns+` FROM bulks b WHERE b.shop_id = $1 AND b.id < $2 ORDER BY b.id DESC LIMIT $3`)
	qBulkOnce = New("bulks.once", `SELECT `+bulkColumns+` FROM bulks b WHERE b.shop_id = $1 AND b.once = $2`)
	qUndid    = New("bulks.undoing", `SELECT `+bulkColumns+` FROM bulks b WHERE b.shop_id = $1 AND b.undoes = $2 AND b.undoes IS NOT NULL`)

	qBulkState  = New("bulks.state", `UPDATE bulks SET state = $4 WHERE shop_id = $1 AND id = $2 AND state = $3 RETURNING id`)
	qBulkEnd    = New("bulks.end", `UPDATE bulks SET state = $3, ended_at = $4, sealed = NULL WHERE shop_id = $1 AND id = $2`)
	qBulkGather = New("bulks.gather", `UPDATE bulks SET place = $3, total = total + $4 WHERE shop_id = $1 AND id = $2`)
	qBulkGone   = New("bulks.gone", `
		UPDATE bulks SET place = $3, changed = changed + $4, same = same + $5, refused = refused + $6 WHERE shop_id = $1 AND id = $2`)

	qPutBulkMembers = New("bulk_members.put", `
		INSERT INTO bulk_members (shop_id, bulk_id, member_id, state, was)
		SELECT $1, $2, r.member, 'chosen', '' FROM {{rows member:bytea}} WHERE TRUE ON CONFLICT (shop_id, bulk_id, member_id) DO NOTHING`)
	qCopyBulkMembers = New("bulk_members.copy", `
		INSERT INTO bulk_members (shop_id, bulk_id, member_id, state, was)
		SELECT $1, $3, x.member_id, 'chosen', x.was FROM (
		  SELECT b.member_id, b.was FROM bulk_members b
		  WHERE b.shop_id = $1 AND b.bulk_id = $2 AND b.member_id > $4 AND b.member_id <= $5 AND b.state = 'changed') AS x
		WHERE TRUE ON CONFLICT (shop_id, bulk_id, member_id) DO NOTHING`)
	qBulkMembers = New("bulk_members.page", `
		SELECT b.member_id, b.state, b.was FROM bulk_members b WHERE b.shop_id = $1 AND b.bulk_id = $2 AND b.member_id > $3 ORDER BY b.member_id LIMIT $4`)
	qSetBulkMembers = New("bulk_members.set", `
		UPDATE bulk_members SET state = r.state, was = r.was FROM {{rows member:bytea, state:text, was:text}}
		WHERE bulk_members.shop_id = $1 AND bulk_members.bulk_id = $2 AND bulk_members.member_id = r.member`)
	qBulksOld = New("bulks.old", `
		SELECT b.id FROM bulks b WHERE b.shop_id = $1 AND b.id < $2 AND b.ended_at IS NOT NULL AND EXISTS (
		  SELECT 1 FROM bulk_members m WHERE m.shop_id = $1 AND m.bulk_id = b.id) ORDER BY b.id LIMIT 10`)
	qSweepBulk = New("bulk_members.sweep", `
		DELETE FROM bulk_members WHERE shop_id = $1 AND bulk_id = $2 AND member_id IN (
		  SELECT x.member_id FROM bulk_members x WHERE x.shop_id = $1 AND x.bulk_id = $2 LIMIT 1000) RETURNING member_id`)
)

const bulkColumns = `b.id, b.once, b.staff_id, b.actor, b.what, b.detail, b.sealed, b.undoes, b.state, b.place, b.total, b.changed, b.same, b.refused,
		  b.created_at, COALESCE(b.ended_at, 0)`

// States of a bulk deed.
const (
	BulkGathers = "gathers" // whom it is about is being written down
	BulkRuns    = "runs"
	BulkStops   = "stops"   // somebody wants it to end: it does so behind the portion under way
	BulkStopped = "stopped" // before its end
	BulkDone    = "done"
)

// Bulk is one thing that somebody of the staff does to many members.
type Bulk struct {
	ID        id.Bulk
	Once      string // names what was asked for: the same twice is one
	Staff     id.Staff
	Actor     string
	What      string
	Detail    string  // JSON of how
	Sealed    []byte  // whom he looked for; nil: members who were named, or those of the one that it undoes
	Undoes    id.Bulk // zero: none
	State     string
	Place     string // how far it has come
	Total     int64  // members that it is about, as far as they are gathered
	Changed   int64
	Same      int64 // were so before
	Refused   int64 // could not be changed
	CreatedAt moment.Time
	EndedAt   moment.Time // zero: it goes on
}

// Ended tells whether it does nothing any more.
func (b *Bulk) Ended() bool { return b.EndedAt != 0 }

// PutBulk stores one that is to begin; false when it is there.
func (t *Tx) PutBulk(ctx context.Context, shop loyalty.ShopID, b *Bulk) (fresh bool, err error) {
	err = t.read(ctx, qPutBulk, func(r Scanner) error {
		fresh = true
		return r.Scan(new([]byte))
	}, int64(shop), b.ID.Bytes(), b.Once, b.Staff[:], b.Actor, b.What, b.Detail, b.Sealed, b.Undoes.Bytes(), b.State, int64(b.CreatedAt))
	return fresh, err
}

func (s *Store) bulks(ctx context.Context, q *Q, args ...any) (out []*Bulk, err error) {
	err = s.Read(ctx, q, func(r Scanner) error {
		b := &Bulk{}
		out = append(out, b)
		return r.Scan(&b.ID, &b.Once, &b.Staff, &b.Actor, &b.What, &b.Detail, &b.Sealed, &b.Undoes, &b.State, &b.Place, &b.Total, &b.Changed, &b.Same, &b.Refused,
			&b.CreatedAt, &b.EndedAt)
	}, args...)
	return out, err
}

// Bulk finds one; nil when there is none.
func (s *Store) Bulk(ctx context.Context, shop loyalty.ShopID, which id.Bulk) (*Bulk, error) {
	list, err := s.bulks(ctx, qBulk, int64(shop), which.Bytes())
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// BulkOnce finds the one that was asked for under a name; nil when there is none.
func (s *Store) BulkOnce(ctx context.Context, shop loyalty.ShopID, once string) (*Bulk, error) {
	list, err := s.bulks(ctx, qBulkOnce, int64(shop), once)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// BulkUndoing finds the one that undoes another; nil when there is none.
func (s *Store) BulkUndoing(ctx context.Context, shop loyalty.ShopID, which id.Bulk) (*Bulk, error) {
	list, err := s.bulks(ctx, qUndid, int64(shop), which.Bytes())
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// Bulks lists them, newest first, before one.
func (s *Store) Bulks(ctx context.Context, shop loyalty.ShopID, before id.Bulk, limit int) ([]*Bulk, error) {
	return s.bulks(ctx, qBulks, int64(shop), newest(before), int64(limit))
}

// TurnBulk takes one from a state to another; false when it is not in the first.
func (t *Tx) TurnBulk(ctx context.Context, shop loyalty.ShopID, which id.Bulk, from, to string) (did bool, err error) {
	err = t.read(ctx, qBulkState, func(r Scanner) error {
		did = true
		return r.Scan(new([]byte))
	}, int64(shop), which.Bytes(), from, to)
	return did, err
}

// EndBulk says that one does nothing any more, and forgets whom was looked for.
func (t *Tx) EndBulk(ctx context.Context, shop loyalty.ShopID, which id.Bulk, state string) error {
	return t.Exec(ctx, qBulkEnd, int64(shop), which.Bytes(), state, int64(t.Now))
}

// GatherBulk adds members to whom one is about, up to a place of its list. Who is in already
// is not added, but counted: a list names nobody twice.
func (t *Tx) GatherBulk(ctx context.Context, shop loyalty.ShopID, which id.Bulk, members [][]byte, place string) error {
	t.Rows(qPutBulkMembers, len(members), int64(shop), which.Bytes(), members)
	return t.Exec(ctx, qBulkGather, int64(shop), which.Bytes(), place, int64(len(members)))
}

// CopyBulk adds whom another one changed, of its members behind one and up to another.
func (t *Tx) CopyBulk(ctx context.Context, shop loyalty.ShopID, from, to id.Bulk, behind, upTo id.Member, n int, place string) error {
	t.Rows(qCopyBulkMembers, 1, int64(shop), from.Bytes(), to.Bytes(), behind[:], upTo[:])
	return t.Exec(ctx, qBulkGather, int64(shop), to.Bytes(), place, int64(n))
}

// BulkMember is one whom a bulk deed is about.
type BulkMember struct {
	Member id.Member
	State  string
	Was    string // what he had before
}

// States of one whom a bulk deed is about.
const (
	BulkChosen  = "chosen"
	BulkSent    = "sent" // the fact is on its way, or recorded and not yet counted
	BulkChanged = "changed"
	BulkSame    = "same"
	BulkRefused = "refused"
)

// BulkMembers is a page of whom one is about, in the order of their ids, behind one.
func (s *Store) BulkMembers(ctx context.Context, shop loyalty.ShopID, which id.Bulk, behind id.Member, limit int) (out []BulkMember, err error) {
	err = s.Read(ctx, qBulkMembers, func(r Scanner) error {
		var m BulkMember
		err := r.Scan(&m.Member, &m.State, &m.Was)
		out = append(out, m)
		return err
	}, int64(shop), which.Bytes(), behind[:], int64(limit))
	return out, err
}

// SetBulkMembers stores what became of members.
func (t *Tx) SetBulkMembers(ctx context.Context, shop loyalty.ShopID, which id.Bulk, list []BulkMember) error {
	members, states, was := make([][]byte, len(list)), make([]string, len(list)), make([]string, len(list))
	for i, m := range list {
		members[i], states[i], was[i] = m.Member.Bytes(), m.State, m.Was
	}
	t.Rows(qSetBulkMembers, len(list), int64(shop), which.Bytes(), members, states, was)
	return t.Flush(ctx)
}

// CountBulk counts a portion that is done, up to a place.
func (t *Tx) CountBulk(ctx context.Context, shop loyalty.ShopID, which id.Bulk, place string, changed, same, refused int64) error {
	return t.Exec(ctx, qBulkGone, int64(shop), which.Bytes(), place, changed, same, refused)
}

// SweepBulks forgets whom bulk deeds changed that began before one: they cannot be undone
// any more.
func (s *Store) SweepBulks(ctx context.Context, shop loyalty.ShopID, before id.Bulk) error {
	for {
		var old []id.Bulk
		err := s.Read(ctx, qBulksOld, func(r Scanner) error {
			var b id.Bulk
			err := r.Scan(&b)
			old = append(old, b)
			return err
		}, int64(shop), before.Bytes())
		if err != nil || len(old) == 0 {
			return err
		}
		for _, b := range old {
			for n := -1; n != 0; {
				err := s.Write(ctx, func(t *Tx) error {
					n = 0
					return t.read(ctx, qSweepBulk, func(r Scanner) error {
						n++
						return r.Scan(new([]byte))
					}, int64(shop), b.Bytes())
				})
				if err != nil {
					return err
				}
			}
		}
	}
}
