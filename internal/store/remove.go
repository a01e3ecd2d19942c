package store

import (
	"context"
	"fmt"

	"cagnotte/internal/loyalty"
)

// A shop is removed in two steps. First it is hidden, in one transaction: its keys are
// gone, its name is free, nobody finds it, and the raised revision of its book stops every
// process that still knows it before its next batch. Then its rows are deleted, a bounded
// number in each transaction, so that other shops go on. Its own row stays without a name.

// shopTables are the tables that hold rows of a shop, those that point to others first,
// each with the column of its key by which rows are taken in portions. A test compares the
// list with the schema.
var shopTables = []struct{ table, column string }{
	{"keys", "id"},
	{"answers", "key"},
	{"sign_ins", "id"},
	{"sessions", "hash"},
	{"pins", "member_id"},
	{"passkeys", "id"},
	{"till_codes", "member_id"},
	{"used_tokens", "hash"},
	{"staff", "id"},
	{"staff_sessions", "hash"},
	{"staff_links", "hash"},
	{"staff_passkeys", "id"},
	{"staff_tries", "hash"},
	{"audit", "id"},
	{"staff_looks", "member_id"},
	{"member_notes", "id"},
	{"consents", "member_id"},
	{"appeals", "id"},
	{"legal_acceptances", "member_id"},
	{"erasures", "member_id"},
	{"saved_views", "id"},
	{"bulk_members", "bulk_id"},
	{"bulks", "id"},
	{"import_facts", "import_id"},
	{"imports", "id"},
	{"feed_notes", "about"},
	{"feed_trials", "code"},
	{"outbox", "id"},
	{"jobs", "subject"},
	{"messages", "id"},
	{"sightings", "id"},
	{"invitations", "id"},
	{"stop_list", "friend"},
	{"visits", "member_id"},
	{"visitors", "visitor"},
	{"receipts", "event_id"},
	{"postings", "txn_id"},
	{"transactions", "id"},
	{"voucher_attempts", "voucher_id"},
	{"voucher_uses", "event_id"},
	{"vouchers", "id"},
	{"voucher_batches", "id"},
	{"redemptions", "id"},
	{"hold_items", "cart_id"},
	{"carts", "id"},
	{"timers", "id"},
	{"lots", "id"},
	{"claim_addresses", "reward_id"},
	{"claims", "reward_id"},
	{"gift_pictures", "code"},
	{"gifts", "code"},
	{"codes", "pool"},
	{"code_pools", "name"},
	{"tags", "member_id"},
	{"accounts", "member_id"},
	{"rewards", "id"},
	{"counters", "owner"},
	{"terms", "member_id"},
	{"referrals", "id"},
	{"orders", "id"},
	{"events", "id"},
	{"batches", "id"},
	{"member_terms", "member_id"},
	{"persons", "member_id"},
	{"person_keys", "member_id"},
	{"member_keys", "member_id"},
	{"members", "id"},
	{"program_drafts", "id"},
	{"program_pictures", "program_id"},
	{"program_versions", "program_id"},
	{"program_pauses", "program_id"},
	{"programs", "id"},
	{"turns", "subject"},
	{"list_entries", "code"},
	{"portal_pictures", "kind"},
	{"legal_texts", "kind"},
	{"legal_editions", "kind"},
	{"page_versions", "slug"},
	{"pages", "slug"},
	{"settings", "name"},
}

// portion is how many keys' rows go in one transaction.
const portion = 500

var (
	qHideShop = New("shops.hide", `
		UPDATE shops SET removed_at = $2, slug = $3, name = '', listens = '', book_rev = book_rev + 1
		WHERE shop_id = $1 AND removed_at IS NULL`)
	qHidden    = New("shops.hidden", `SELECT s.shop_id FROM shops s WHERE s.removed_at IS NOT NULL AND s.emptied_at IS NULL ORDER BY s.shop_id`)
	qEmptied   = New("shops.emptied", `UPDATE shops SET emptied_at = $2 WHERE shop_id = $1`)
	qDropKeys  = New("keys.drop", `DELETE FROM keys WHERE shop_id = $1`)
	qEmptyShop = emptying()
)

func emptying() []*Q {
	var out []*Q
	for _, t := range shopTables {
		out = append(out, New("remove."+t.table, fmt.Sprintf(`
			DELETE FROM %[1]s WHERE shop_id = $1 AND %[2]s IN (SELECT x.%[2]s FROM %[1]s x WHERE x.shop_id = $1 LIMIT $2)
			RETURNING shop_id`, t.table, t.column)))
	}
	return out
}

// HideShop takes a shop out of sight; hiding it again changes nothing.
func (t *Tx) HideShop(ctx context.Context, shop loyalty.ShopID) error {
	// No slug of a shop has a tilde: the name is free at once.
	t.Rows(qHideShop, 1, int64(shop), int64(t.Now), fmt.Sprintf("~%d", shop))
	t.Rows(qDropKeys, 1, int64(shop))
	return t.Flush(ctx)
}

// Hidden lists the shops that were hidden and still have rows.
func (s *Store) Hidden(ctx context.Context) ([]loyalty.ShopID, error) {
	var out []loyalty.ShopID
	err := s.Read(ctx, qHidden, func(r Scanner) error {
		var shop loyalty.ShopID
		err := r.Scan(&shop)
		out = append(out, shop)
		return err
	})
	return out, err
}

// EmptyShop deletes every row of a hidden shop, portion by portion, and tells progress how
// many are gone so far (nil: nobody listens). It may be stopped and begun again.
func (s *Store) EmptyShop(ctx context.Context, shop loyalty.ShopID, progress func(rows int64)) error {
	gone := int64(0)
	for before := int64(-1); gone != before; { // a batch that was under way may have come behind us
		before = gone
		for _, q := range qEmptyShop {
			for n := int64(-1); n != 0; {
				if err := ctx.Err(); err != nil {
					return err
				}
				err := s.Write(ctx, func(t *Tx) error {
					n = 0
					t.Query(q, 1, func(Scanner) error { n++; return nil }, int64(shop), int64(portion))
					return t.Flush(ctx)
				})
				if err != nil {
					return fmt.Errorf("empty shop %d: %w", shop, err)
				}
				if gone += n; progress != nil && n > 0 {
					progress(gone)
				}
			}
		}
	}
	return s.Write(ctx, func(t *Tx) error { return t.Exec(ctx, qEmptied, int64(shop), int64(t.Now)) })
}
