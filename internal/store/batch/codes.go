package batch

import (
	"encoding/json"
	"fmt"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

var qVouchersByCode = store.New("batch.vouchers.by_code", `
	SELECT v.id, v.code, v.member_id, v.reward_id, v.kind, v.article, v.amount, v.percent, v.uses_max, v.used, v.starts_at,
	  COALESCE(v.expires_at, 0), v.state, v.batch_id, b.terms, COALESCE(b.withdrawn_at, 0), COALESCE(b.changes, '')
	FROM vouchers v LEFT JOIN voucher_batches b ON b.shop_id = $1 AND b.id = v.batch_id
	WHERE v.shop_id = $1 AND v.code {{in code:text}}`)

// codes queues the vouchers of codes that facts name.
func (l *loader) codes(list []string) {
	l.tx.Query(qVouchersByCode, len(list), l.voucherByCode, l.tenant, list)
}

func (l *loader) voucherByCode(r store.Scanner) error {
	v := &loyalty.Voucher{}
	var terms *string
	var changes string
	err := r.Scan(&v.ID, &v.Code, &v.Member, &v.Reward, &v.Kind, &v.Article, &v.Amount, &v.Percent, &v.UsesMax, &v.Used, &v.StartsAt,
		&v.ExpiresAt, &v.State, &v.Batch, &terms, &v.GoneAt, &changes)
	if err != nil || l.Dossiers.Codes[v.Code] != nil {
		return err
	}
	if v.Changes, err = store.ReadBatchChanges(changes); err != nil {
		return err
	}
	if terms != nil {
		v.Terms = &loyalty.VoucherTerms{}
		if err := json.Unmarshal([]byte(*terms), v.Terms); err != nil {
			return fmt.Errorf("terms of voucher %s: %w", v.ID, err)
		}
	}
	l.Dossiers.Codes[v.Code] = v
	return nil
}
