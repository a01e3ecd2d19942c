package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

const fieldsSetting = "custom_fields"

// CustomFields are what a shop wants to know of its members beside what everybody is asked for,
// in the shop's order.
func (s *Store) CustomFields(ctx context.Context, shop loyalty.ShopID) (out []loyalty.CustomField, err error) {
	err = s.Read(ctx, qSetting, func(r Scanner) error {
		var text string
		if err := r.Scan(&text); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			return fmt.Errorf("custom fields: %w", err)
		}
		return nil
	}, int64(shop), fieldsSetting)
	return out, err
}

// PutCustomFields stores them, in place of those that there were.
func (t *Tx) PutCustomFields(ctx context.Context, shop loyalty.ShopID, list []loyalty.CustomField) error {
	b, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return t.Exec(ctx, qPutSetting, int64(shop), fieldsSetting, string(b))
}

// HoldCustomFields reads them for whoever is going to change them: nobody else does meanwhile.
func (t *Tx) HoldCustomFields(ctx context.Context, shop loyalty.ShopID) (out []loyalty.CustomField, err error) {
	if err := t.Exec(ctx, qAddSetting, int64(shop), fieldsSetting, "[]"); err != nil {
		return nil, err
	}
	err = t.read(ctx, qHoldSetting, func(r Scanner) error {
		var text string
		if err := r.Scan(&text); err != nil {
			return err
		}
		return json.Unmarshal([]byte(text), &out)
	}, int64(shop), fieldsSetting)
	return out, err
}

var (
	qTermOwners = New("member_terms.owners", `
		SELECT DISTINCT a.member_id FROM member_terms a WHERE a.shop_id = $1 AND a.term >= $2 AND a.term < $3 LIMIT $4`)
	qPutPerson   = New("persons.rewrite", `UPDATE persons SET sealed = $3 WHERE shop_id = $1 AND member_id = $2`)
	qDropTermsOf = New("member_terms.begin", `DELETE FROM member_terms WHERE shop_id = $1 AND term >= $2 AND term < $3 AND member_id = $4`)
)

// RewritePersons seals anew up to limit persons who have a term that begins with a text, as
// rewrite says, with the terms that it gives, and tells how many those were. It holds their rows
// meanwhile. A term without a person behind it goes.
func (s *Store) RewritePersons(ctx context.Context, shop loyalty.ShopID, begin string, limit int, rewrite func(wrapped, sealed []byte) ([]byte, []string, error)) (n int, err error) {
	var ids [][]byte
	err = s.Read(ctx, qTermOwners, func(r Scanner) error {
		var m id.Member
		err := r.Scan(&m)
		ids = append(ids, m.Bytes())
		return err
	}, int64(shop), begin, beyond(begin), int64(limit))
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return len(ids), s.Write(ctx, func(t *Tx) error {
		sealed, wrapped := map[id.Member][]byte{}, map[id.Member][]byte{}
		into := func(m map[id.Member][]byte) func(Scanner) error {
			return func(r Scanner) error {
				var who id.Member
				var b []byte
				err := r.Scan(&who, &b)
				m[who] = slices.Clone(b)
				return err
			}
		}
		t.Query(qHoldPersons, len(ids), into(sealed), int64(shop), ids)
		t.Query(qPersonKeys, len(ids), into(wrapped), int64(shop), ids)
		if err := t.Flush(ctx); err != nil {
			return err
		}
		words := map[id.Member][]string{}
		for _, b := range ids { // merged members' terms stand under who they are by now
			t.Rows(qDropTermsOf, 1, int64(shop), begin, beyond(begin), b)
		}
		for m, body := range sealed {
			if wrapped[m] == nil {
				continue
			}
			again, terms, err := rewrite(wrapped[m], body)
			if err != nil {
				return fmt.Errorf("person of %s: %w", m, err)
			}
			words[m] = terms
			t.Rows(qPutPerson, 1, int64(shop), m.Bytes(), again)
		}
		t.SetSearchTerms(shop, words)
		return t.Flush(ctx)
	})
}
