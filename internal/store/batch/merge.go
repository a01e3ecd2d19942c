package batch

import (
	"bytes"
	"maps"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/store"
)

// What stands under a member who became somebody else in this batch, beyond what decide
// had before it: his keys, his facts, and rows of others that name him. Postings and
// receipts stay as they were written.
var mergeTexts = []*store.Q{
	store.New("batch.merge.keys", `UPDATE member_keys SET member_id = $3 WHERE shop_id = $1 AND member_id = $2`),
	store.New("batch.merge.events", `UPDATE events SET member_id = $3 WHERE shop_id = $1 AND member_id = $2`),
	store.New("batch.merge.orders", `UPDATE orders SET member_id = $3 WHERE shop_id = $1 AND member_id = $2`),
	store.New("batch.merge.rewards", `UPDATE rewards SET from_member = $3 WHERE shop_id = $1 AND from_member = $2 AND from_member <> member_id`),
	store.New("batch.merge.vouchers", `UPDATE vouchers SET member_id = $3 WHERE shop_id = $1 AND member_id = $2`),
	// A friend of both keeps one row: the bond, or else the one that names who stays.
	store.New("batch.merge.referrals.touched", `
		DELETE FROM referrals WHERE shop_id = $1 AND referrer_id = $3 AND NOT bond AND EXISTS (
		  SELECT 1 FROM referrals f WHERE f.shop_id = $1 AND f.friend_id = referrals.friend_id AND f.referrer_id = $2 AND f.bond)`),
	store.New("batch.merge.referrals.twice", `
		UPDATE referrals SET bond = FALSE, state = 'cancelled' WHERE shop_id = $1 AND id IN (
		  SELECT x.id FROM referrals x WHERE x.shop_id = $1 AND x.referrer_id = $2 AND EXISTS (
		    SELECT 1 FROM referrals f WHERE f.shop_id = $1 AND f.friend_id = x.friend_id AND f.referrer_id = $3))`),
	store.New("batch.merge.referrals", `
		UPDATE referrals SET referrer_id = $3 WHERE shop_id = $1 AND id IN (
		  SELECT x.id FROM referrals x WHERE x.shop_id = $1 AND x.referrer_id = $2 AND NOT EXISTS (
		    SELECT 1 FROM referrals f WHERE f.shop_id = $1 AND f.friend_id = x.friend_id AND f.referrer_id = $3))`),
	// Who stays keeps his own person, or else has the other one's; nobody is found as the
	// other one any more.
	store.New("batch.merge.terms", `
		UPDATE member_terms SET member_id = $3 WHERE shop_id = $1 AND member_id = $2 AND NOT EXISTS (
		  SELECT 1 FROM persons p WHERE p.shop_id = $1 AND p.member_id = $3)`),
	store.New("batch.merge.terms.left", `DELETE FROM member_terms WHERE shop_id = $1 AND member_id = $2 AND $3 <> $2`),
	store.New("batch.merge.claim_addresses", `
		UPDATE claim_addresses SET member_id = $3 WHERE shop_id = $1 AND member_id = $2 AND NOT EXISTS (
		  SELECT 1 FROM persons p WHERE p.shop_id = $1 AND p.member_id = $3)`),
	store.New("batch.merge.member_notes.alone", `UPDATE member_notes SET member_id = $3 WHERE shop_id = $1 AND member_id = $2 AND alone`),
	store.New("batch.merge.member_notes", `
		UPDATE member_notes SET member_id = $3 WHERE shop_id = $1 AND member_id = $2 AND NOT EXISTS (
		  SELECT 1 FROM persons p WHERE p.shop_id = $1 AND p.member_id = $3)`),
	store.New("batch.merge.appeals", `
		UPDATE appeals SET member_id = $3 WHERE shop_id = $1 AND member_id = $2 AND NOT EXISTS (
		  SELECT 1 FROM persons p WHERE p.shop_id = $1 AND p.member_id = $3)`),
	store.New("batch.merge.consents", `UPDATE consents SET member_id = $3 WHERE shop_id = $1 AND member_id = $2`),
	// Passkeys go with the key that opens them; with his own ones somebody gets no more, which he
	// could not see.
	store.New("batch.merge.passkeys", `
		UPDATE passkeys SET member_id = $3 WHERE shop_id = $1 AND member_id = $2 AND NOT EXISTS (
		  SELECT 1 FROM persons p WHERE p.shop_id = $1 AND p.member_id = $3)`),
	store.New("batch.merge.passkeys.left", `DELETE FROM passkeys WHERE shop_id = $1 AND member_id = $2 AND $3 <> $2`),
	store.New("batch.merge.person_keys", `
		UPDATE person_keys SET member_id = $3 WHERE shop_id = $1 AND member_id = $2 AND NOT EXISTS (
		  SELECT 1 FROM persons p WHERE p.shop_id = $1 AND p.member_id = $3)`),
	store.New("batch.merge.persons", `
		UPDATE persons SET member_id = $3 WHERE shop_id = $1 AND member_id = $2 AND NOT EXISTS (
		  SELECT 1 FROM persons p WHERE p.shop_id = $1 AND p.member_id = $3)`),
	store.New("batch.merge.tags", `DELETE FROM tags WHERE shop_id = $1 AND member_id = $2 AND $3 <> $2`),
}

// merges moves what stands under merged members. Rows that decide changed are written after
// it, as it left them.
func (w *writer) merges() {
	for _, from := range slices.SortedFunc(maps.Keys(w.Dossiers.Merged), func(a, b id.Member) int { return bytes.Compare(a[:], b[:]) }) {
		into := w.Dossiers.Merged[from]
		for _, q := range slices.Concat(mergeTexts, mergedCarts, []*store.Q{mergedUses}) {
			w.tx.Rows(q, 1, w.tenant, from.Bytes(), into.Bytes())
		}
		for i := range w.newKeys {
			if w.newKeys[i].member == from {
				w.newKeys[i].member = into
			}
		}
	}
}
