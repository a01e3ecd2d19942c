package store

import (
	"bytes"
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

var (
	qPutNote = New("member_notes.put", `
		INSERT INTO member_notes (shop_id, id, member_id, staff_id, at, alone, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7)`)
	qNotes = New("member_notes.of", `
		SELECT n.id, n.staff_id, n.at, n.alone, n.sealed, w.wrapped
		FROM member_notes n LEFT JOIN person_keys w ON w.shop_id = $1 AND w.member_id = n.member_id
		WHERE n.shop_id = $1 AND n.member_id = $2 ORDER BY n.id DESC LIMIT $3`)
	qDropNote = New("member_notes.drop", `DELETE FROM member_notes WHERE shop_id = $1 AND id = $2 AND member_id = $3 RETURNING id`)
)

// Note is what somebody of the staff wrote down about a member, sealed: under the member's key
// (Wrapped), or alone when he had none.
type Note struct {
	ID              id.Note
	Staff           id.Staff
	At              moment.Time
	Alone           bool
	Sealed, Wrapped []byte
}

// PutNote stores a note about a member.
func (t *Tx) PutNote(ctx context.Context, shop loyalty.ShopID, m id.Member, n *Note) error {
	return t.Exec(ctx, qPutNote, int64(shop), n.ID.Bytes(), m.Bytes(), n.Staff[:], int64(n.At), n.Alone, n.Sealed)
}

// Notes lists what was written down about a member, newest first.
func (s *Store) Notes(ctx context.Context, shop loyalty.ShopID, m id.Member, limit int) (out []*Note, err error) {
	err = s.Read(ctx, qNotes, func(r Scanner) error {
		n := &Note{}
		err := r.Scan(&n.ID, &n.Staff, &n.At, &n.Alone, &n.Sealed, &n.Wrapped)
		n.Sealed, n.Wrapped = bytes.Clone(n.Sealed), bytes.Clone(n.Wrapped)
		out = append(out, n)
		return err
	}, int64(shop), m.Bytes(), int64(limit))
	return out, err
}

// DropNote forgets a note about a member; false when there is none.
func (t *Tx) DropNote(ctx context.Context, shop loyalty.ShopID, m id.Member, which id.Note) (had bool, err error) {
	err = t.read(ctx, qDropNote, func(r Scanner) error {
		had = true
		return r.Scan(new(id.Note))
	}, int64(shop), which.Bytes(), m.Bytes())
	return had, err
}
