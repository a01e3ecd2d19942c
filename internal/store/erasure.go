package store

import (
	"context"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// A member is erased by losing everything that speaks of a person: his name, his key, the words
// by which he is found, where his parcels went, what was written to him and about him, the
// addresses that he invited, his ways in. His facts, figures and the keyed hashes of his
// addresses stay: they name nobody, and whoever reports him again finds somebody of whom
// nothing is kept.

var (
	// A batch that decides about the member has his turn: either it is done, or it finds him erased.
	qErasureTurn = New("erasures.turn", `
		INSERT INTO turns (shop_id, subject, rev, clock) VALUES ($1, $2, 1, $3)
		ON CONFLICT (shop_id, subject) DO UPDATE SET rev = turns.rev + 1,
		  clock = CASE WHEN turns.clock >= excluded.clock THEN turns.clock + 1 ELSE excluded.clock END`)
	qErase = New("erasures.put", `
		INSERT INTO erasures (shop_id, member_id, at) VALUES ($1, $2, $3) ON CONFLICT (shop_id, member_id) DO NOTHING`)
	qErasedAt     = New("erasures.one", `SELECT x.at FROM erasures x WHERE x.shop_id = $1 AND x.member_id = $2`)
	qMergedInto   = New("members.merged_into", `SELECT m.id FROM members m WHERE m.shop_id = $1 AND m.merged_into = $2`)
	qErasedEmails = New("erasures.emails", `SELECT k.key FROM member_keys k WHERE k.shop_id = $1 AND k.member_id = $2 AND k.kind = 'email'`)
	// What others sent to his addresses, and ways in that wait, are found by their hashes.
	qEmptyInvited = New("erasures.invited", `UPDATE invitations SET sealed = NULL WHERE shop_id = $1 AND friend = $2`)
	qEmptySignIns = New("erasures.sign_ins", `DELETE FROM sign_ins WHERE shop_id = $1 AND email_key = $2`)
	qEmptyErased  = []*Q{
		New("erasures.persons", `DELETE FROM persons WHERE shop_id = $1 AND member_id = $2`),
		New("erasures.person_keys", `DELETE FROM person_keys WHERE shop_id = $1 AND member_id = $2`),
		New("erasures.member_terms", `DELETE FROM member_terms WHERE shop_id = $1 AND member_id = $2`),
		New("erasures.claim_addresses", `DELETE FROM claim_addresses WHERE shop_id = $1 AND member_id = $2`),
		New("erasures.member_notes", `DELETE FROM member_notes WHERE shop_id = $1 AND member_id = $2`),
		New("erasures.consents", `DELETE FROM consents WHERE shop_id = $1 AND member_id = $2`),
		New("erasures.legal_acceptances", `DELETE FROM legal_acceptances WHERE shop_id = $1 AND member_id = $2`),
		New("erasures.appeals", `DELETE FROM appeals WHERE shop_id = $1 AND member_id = $2`),
		New("erasures.messages", `UPDATE messages SET sealed = NULL WHERE shop_id = $1 AND member_id = $2`),
		New("erasures.invitations", `UPDATE invitations SET sealed = NULL WHERE shop_id = $1 AND referrer_id = $2`),
		New("erasures.sessions", `DELETE FROM sessions WHERE shop_id = $1 AND member_id = $2`),
		New("erasures.passkeys", `DELETE FROM passkeys WHERE shop_id = $1 AND member_id = $2`),
		New("erasures.till_codes", `DELETE FROM till_codes WHERE shop_id = $1 AND member_id = $2`),
		New("erasures.pins", `DELETE FROM pins WHERE shop_id = $1 AND member_id = $2`),
	}
)

// Erase forgets everything that speaks of a person, once and for all: what stands under the
// member, and under everybody who was merged into him.
func (t *Tx) Erase(ctx context.Context, shop loyalty.ShopID, m id.Member) error {
	all := []id.Member{m}
	for i := 0; i < len(all); i++ {
		t.Query(qMergedInto, 1, func(r Scanner) error {
			var x id.Member
			err := r.Scan(&x)
			if !slices.Contains(all, x) {
				all = append(all, x)
			}
			return err
		}, int64(shop), all[i].Bytes())
		if err := t.Flush(ctx); err != nil {
			return err
		}
	}
	for _, x := range all {
		if err := t.erase(ctx, shop, x); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) erase(ctx context.Context, shop loyalty.ShopID, m id.Member) error {
	var emails []string
	t.Rows(qErasureTurn, 1, int64(shop), "m:"+m.String(), int64(t.Now))
	t.Rows(qErase, 1, int64(shop), m.Bytes(), int64(t.Now))
	t.Query(qErasedEmails, 1, func(r Scanner) error {
		var key string
		err := r.Scan(&key)
		emails = append(emails, key)
		return err
	}, int64(shop), m.Bytes())
	if err := t.Flush(ctx); err != nil {
		return err
	}
	for _, key := range emails { // nobody writes to them again, whoever asks for it
		t.Rows(qStop, 1, int64(shop), key, int64(t.Now))
		t.Rows(qEmptyInvited, 1, int64(shop), key)
		t.Rows(qEmptySignIns, 1, int64(shop), key)
	}
	for _, q := range qEmptyErased {
		t.Rows(q, 1, int64(shop), m.Bytes())
	}
	return t.Flush(ctx)
}

// ErasedAt tells when a member was erased; zero: he was not.
func (s *Store) ErasedAt(ctx context.Context, shop loyalty.ShopID, m id.Member) (at moment.Time, err error) {
	err = s.Read(ctx, qErasedAt, func(r Scanner) error { return r.Scan(&at) }, int64(shop), m.Bytes())
	return at, err
}
