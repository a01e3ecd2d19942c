package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

const (
	voucherBatchColumns = `b.id, b.name, b.origin, b.terms, b.size, b.member_id, b.unchecked, b.created_at, COALESCE(b.withdrawn_at, 0),
		b.withdrawn_by, b.withdrawn_why, b.changes`
	issuedColumns = `v.id, v.code, COALESCE(v.written, ''), v.member_id, v.reward_id, v.batch_id, v.kind, v.article, v.amount, v.percent,
		v.uses_max, v.used, v.starts_at, COALESCE(v.expires_at, 0), v.state, b.terms, COALESCE(b.withdrawn_at, 0), COALESCE(b.changes, '')`
)

var (
	qPutVoucherBatch = New("voucher_batches.put", `
		INSERT INTO voucher_batches (shop_id, id, name, origin, terms, size, member_id, unchecked, created_at, withdrawn_at, withdrawn_by,
		  withdrawn_why, changes)
		SELECT $1, r.id, r.name, r.origin, r.terms, r.size, r.member, r.unchecked, r.created, NULLIF(r.withdrawn, 0), r.actor, r.why, r.changes
		FROM {{rows id:bytea, name:text, origin:text, terms:text, size:bigint, member:bytea, unchecked:bool, created:bigint,
		  withdrawn:bigint, actor:text, why:text, changes:text}}`)
	qIssueVouchers = New("vouchers.issue", `
		INSERT INTO vouchers (shop_id, id, code, written, member_id, kind, article, amount, percent, uses_max, used, starts_at, expires_at,
		  state, batch_id)
		SELECT $1, r.id, r.code, NULLIF(r.written, ''), b.member_id, $3, $4, $5, $6, $7, 0, $8, NULLIF(CAST($9 AS BIGINT), 0), 'active', b.id
		FROM {{rows id:bytea, code:text, written:text}} CROSS JOIN voucher_batches b WHERE b.shop_id = $1 AND b.id = $2
		ON CONFLICT (shop_id, code) DO NOTHING`)
	qCountIssued = New("vouchers.count", `SELECT COUNT(*) FROM vouchers v WHERE v.shop_id = $1 AND v.batch_id = $2`)
	qIssuedIDs   = New("vouchers.ids", `SELECT v.id FROM vouchers v WHERE v.shop_id = $1 AND v.batch_id = $2`)
	qSizeBatch   = New("voucher_batches.size", `UPDATE voucher_batches SET size = $3 WHERE shop_id = $1 AND id = $2`)

	qVoucherBatches = New("voucher_batches", `
		SELECT `+voucherBatchColumns+` FROM voucher_batches b WHERE b.shop_id = $1 AND b.id < $2 ORDER BY b.id DESC LIMIT $3`)
	qVoucherBatch = New("voucher_batches.one", `
		SELECT `+voucherBatchColumns+` FROM voucher_batches b WHERE b.shop_id = $1 AND b.id = $2`)
	qVoucherBatchNamed = New("voucher_batches.named", `
		SELECT `+voucherBatchColumns+` FROM voucher_batches b WHERE b.shop_id = $1 AND b.name = $2`)
	qAllVoucherBatches = New("voucher_batches.all", `
		SELECT `+voucherBatchColumns+` FROM voucher_batches b WHERE b.shop_id = $1 ORDER BY b.id`)
	qUncheckedBatch = New("voucher_batches.unchecked", `
		SELECT b.id FROM voucher_batches b WHERE b.shop_id = $1 AND b.unchecked LIMIT 1`)
	qVoucherFigures = New("voucher_batches.figures", `
		SELECT COUNT(*), COALESCE(SUM(CASE WHEN v.used > 0 THEN 1 ELSE 0 END), 0), CAST(COALESCE(SUM(v.used), 0) AS BIGINT),
		  COALESCE(SUM(CASE WHEN v.state = 'active' AND v.used < v.uses_max THEN 1 ELSE 0 END), 0)
		FROM vouchers v WHERE v.shop_id = $1 AND v.batch_id = $2`)
	qEndVoucherBatch = New("voucher_batches.withdraw", `
		UPDATE voucher_batches SET withdrawn_at = $3, withdrawn_by = $4, withdrawn_why = $5
		WHERE shop_id = $1 AND id = $2 AND withdrawn_at IS NULL`)
	qHoldVoucherBatch = New("voucher_batches.hold", `
		UPDATE voucher_batches SET size = size WHERE shop_id = $1 AND id = $2 RETURNING id`)
	qChangeVoucherBatch = New("voucher_batches.change", `UPDATE voucher_batches SET changes = $3 WHERE shop_id = $1 AND id = $2`)
	qIssued             = New("vouchers.issued", `
		SELECT `+issuedColumns+` FROM vouchers v JOIN voucher_batches b ON b.shop_id = $1 AND b.id = v.batch_id
		WHERE v.shop_id = $1 AND v.batch_id = $2 AND v.id > $3 ORDER BY v.id LIMIT $4`)
	qVoucherByCode = New("vouchers.by_code", `
		SELECT `+issuedColumns+` FROM vouchers v LEFT JOIN voucher_batches b ON b.shop_id = $1 AND b.id = v.batch_id
		WHERE v.shop_id = $1 AND v.code = $2`)
	qVoucherUses = New("vouchers.uses", `
		SELECT u.event_id, u.voucher_id, u.member_id, u.used_at, u.undone FROM voucher_uses u
		WHERE u.shop_id = $1 AND u.voucher_id = $2 ORDER BY u.event_id DESC LIMIT $3`)

	qCodesOfBatch = New("vouchers.copy", `
		SELECT v.id, v.code, COALESCE(v.written, '') FROM vouchers v WHERE v.shop_id = $1 AND v.batch_id = $2 ORDER BY v.id`)
)

// VoucherBatch is vouchers that were issued together, for one purpose.
type VoucherBatch struct {
	ID          id.Vouchers
	Name        string
	Origin      string
	Terms       loyalty.VoucherTerms
	Size        int64
	Member      id.Member // whom its codes were bound to; zero: whoever has one may use it
	Unchecked   bool      // some codes look like those made here, with another check character
	CreatedAt   moment.Time
	WithdrawnAt moment.Time // zero: never
	WithdrawnBy string
	Why         string // it was withdrawn
	Changes     loyalty.BatchChanges
}

// End is when its codes end, by what is decided; exclusive, zero: never.
func (b *VoucherBatch) End() moment.Time { return b.Changes.End(b.Terms.ExpiresAt, decided) }

// Gone is from when on its codes are withdrawn, by what is decided; zero: they are not.
func (b *VoucherBatch) Gone() moment.Time { return b.Changes.Gone(b.WithdrawnAt, decided) }

// decided is behind every instant: people are told what was decided, some seconds before it holds.
const decided = moment.Time(math.MaxInt64)

// IssuedCode is a code about to be issued: in its form, and as it was written where that is
// something else.
type IssuedCode struct {
	ID      id.Voucher
	Code    string
	Written string
}

// IssuedVoucher is a voucher with how its code was written.
type IssuedVoucher struct {
	loyalty.Voucher
	Written string
}

// VoucherFigures count a batch: codes issued, codes used at least once, uses, and codes that
// can still be used.
type VoucherFigures struct{ Issued, Used, Uses, Left int64 }

func (t *Tx) putVoucherBatch(shop loyalty.ShopID, b *VoucherBatch) error {
	terms, err := json.Marshal(b.Terms)
	if err != nil {
		return err
	}
	changes, err := changesText(b.Changes)
	if err != nil {
		return err
	}
	t.Rows(qPutVoucherBatch, 1, int64(shop), [][]byte{b.ID.Bytes()}, []string{b.Name}, []string{b.Origin}, []string{string(terms)},
		[]int64{b.Size}, [][]byte{b.Member.Bytes()}, []bool{b.Unchecked}, []int64{int64(b.CreatedAt)}, []int64{int64(b.WithdrawnAt)},
		[]string{b.WithdrawnBy}, []string{b.Why}, []string{changes})
	return nil
}

// changesText writes changes of a batch as they are stored: nothing where there are none.
func changesText(list loyalty.BatchChanges) (string, error) {
	if len(list) == 0 {
		return "", nil
	}
	b, err := json.Marshal(list)
	return string(b), err
}

// ReadBatchChanges reads changes of a batch as they are stored.
func ReadBatchChanges(text string) (list loyalty.BatchChanges, err error) {
	if text == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, fmt.Errorf("changes of a batch: %w", err)
	}
	return list, nil
}

// HoldVoucherBatch reads a batch that nobody else changes before the end of the transaction;
// loyalty.ErrNotFound when there is none.
func (t *Tx) HoldVoucherBatch(ctx context.Context, shop loyalty.ShopID, which id.Vouchers) (b *VoucherBatch, err error) {
	var held []byte
	t.Query(qHoldVoucherBatch, 1, func(r Scanner) error { return r.Scan(&held) }, int64(shop), which.Bytes())
	t.Query(qVoucherBatch, 1, func(r Scanner) (err error) { b, err = scanVoucherBatch(r); return err }, int64(shop), which.Bytes())
	if err := t.Flush(ctx); err != nil {
		return nil, err
	}
	if b == nil {
		return nil, loyalty.NotFound("id", "batch_unknown")
	}
	return b, nil
}

// ChangeVoucherBatch stores the changes of a batch.
func (t *Tx) ChangeVoucherBatch(ctx context.Context, shop loyalty.ShopID, b id.Vouchers, list loyalty.BatchChanges) error {
	text, err := changesText(list)
	if err != nil {
		return err
	}
	return t.Exec(ctx, qChangeVoucherBatch, int64(shop), b.Bytes(), text)
}

// InsertVoucherBatch writes a batch without its vouchers; loyalty.ErrConflict when another
// one of the shop has its name.
func (t *Tx) InsertVoucherBatch(ctx context.Context, shop loyalty.ShopID, b *VoucherBatch) error {
	known := false
	t.Query(qVoucherBatchNamed, 1, func(r Scanner) error {
		_, err := scanVoucherBatch(r)
		known = true
		return err
	}, int64(shop), b.Name)
	if err := t.Flush(ctx); err != nil {
		return err
	}
	if known {
		return loyalty.Conflict("name", "batch_exists")
	}
	if err := t.putVoucherBatch(shop, b); err != nil {
		return err
	}
	return t.Flush(ctx)
}

// IssueVouchers writes vouchers of a batch that is there. A code that the shop has already
// is left out without a word: CountIssued tells.
func (t *Tx) IssueVouchers(ctx context.Context, shop loyalty.ShopID, b *VoucherBatch, codes []IssuedCode) error {
	n := len(codes)
	ids, texts, written := make([][]byte, n), make([]string, n), make([]string, n)
	for i := range codes {
		ids[i], texts[i], written[i] = codes[i].ID[:], codes[i].Code, codes[i].Written
	}
	x := &b.Terms
	uses := x.Uses
	if uses == 0 {
		uses = loyalty.Unlimited
	}
	t.Rows(qIssueVouchers, n, int64(shop), b.ID.Bytes(), x.Kind, x.Article, x.Amount, x.Percent, uses, int64(x.StartsAt), int64(x.ExpiresAt),
		ids, texts, written)
	return t.Flush(ctx)
}

// CountIssued tells how many vouchers of a batch there are.
func (t *Tx) CountIssued(ctx context.Context, shop loyalty.ShopID, b id.Vouchers) (n int64, err error) {
	t.Query(qCountIssued, 1, func(r Scanner) error { return r.Scan(&n) }, int64(shop), b.Bytes())
	return n, t.Flush(ctx)
}

// IssuedIDs lists the vouchers of a batch.
func (t *Tx) IssuedIDs(ctx context.Context, shop loyalty.ShopID, b id.Vouchers) (map[id.Voucher]bool, error) {
	out := map[id.Voucher]bool{}
	t.Query(qIssuedIDs, 1, func(r Scanner) error {
		var v id.Voucher
		err := r.Scan(&v)
		out[v] = true
		return err
	}, int64(shop), b.Bytes())
	return out, t.Flush(ctx)
}

// SizeVoucherBatch says how many vouchers a batch has.
func (t *Tx) SizeVoucherBatch(ctx context.Context, shop loyalty.ShopID, b id.Vouchers, n int64) error {
	return t.Exec(ctx, qSizeBatch, int64(shop), b.Bytes(), n)
}

// EndVoucherBatch withdraws a batch from an instant on; one that is withdrawn stays as it is.
func (t *Tx) EndVoucherBatch(ctx context.Context, shop loyalty.ShopID, b id.Vouchers, from moment.Time, actor, why string) error {
	return t.Exec(ctx, qEndVoucherBatch, int64(shop), b.Bytes(), int64(from), actor, why)
}

func scanVoucherBatch(r Scanner) (*VoucherBatch, error) {
	b := &VoucherBatch{}
	var terms, changes string
	err := r.Scan(&b.ID, &b.Name, &b.Origin, &terms, &b.Size, &b.Member, &b.Unchecked, &b.CreatedAt, &b.WithdrawnAt, &b.WithdrawnBy, &b.Why, &changes)
	if err != nil {
		return nil, err
	}
	if b.Changes, err = ReadBatchChanges(changes); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(terms), &b.Terms); err != nil {
		return nil, fmt.Errorf("terms of batch %s: %w", b.ID, err)
	}
	return b, nil
}

func (s *Store) voucherBatches(ctx context.Context, q *Q, args ...any) (out []*VoucherBatch, err error) {
	err = s.Read(ctx, q, func(r Scanner) error {
		b, err := scanVoucherBatch(r)
		out = append(out, b)
		return err
	}, args...)
	return out, err
}

// VoucherBatches is a page of a shop's batches, newest first, before a cursor (zero: from
// the newest).
func (s *Store) VoucherBatches(ctx context.Context, shop loyalty.ShopID, before id.Vouchers, limit int) ([]*VoucherBatch, error) {
	return s.voucherBatches(ctx, qVoucherBatches, int64(shop), newest(before), int64(limit))
}

// VoucherBatch reads one batch; loyalty.ErrNotFound when there is none.
func (s *Store) VoucherBatch(ctx context.Context, shop loyalty.ShopID, b id.Vouchers) (*VoucherBatch, error) {
	return oneVoucherBatch(s.voucherBatches(ctx, qVoucherBatch, int64(shop), b[:]))
}

// VoucherBatchNamed reads the batch of a name; loyalty.ErrNotFound when there is none.
func (s *Store) VoucherBatchNamed(ctx context.Context, shop loyalty.ShopID, name string) (*VoucherBatch, error) {
	return oneVoucherBatch(s.voucherBatches(ctx, qVoucherBatchNamed, int64(shop), name))
}

func oneVoucherBatch(list []*VoucherBatch, err error) (*VoucherBatch, error) {
	switch {
	case err != nil:
		return nil, err
	case len(list) == 0:
		return nil, loyalty.NotFound("id", "batch_unknown")
	}
	return list[0], nil
}

// UncheckedCodes tells whether the shop has codes that look like those made here and have
// another check character.
func (s *Store) UncheckedCodes(ctx context.Context, shop loyalty.ShopID) (found bool, err error) {
	err = s.Read(ctx, qUncheckedBatch, func(r Scanner) error {
		found = true
		var b id.Vouchers
		return r.Scan(&b)
	}, int64(shop))
	return found, err
}

// VoucherFigures counts a batch.
func (s *Store) VoucherFigures(ctx context.Context, shop loyalty.ShopID, b id.Vouchers) (f VoucherFigures, err error) {
	err = s.Read(ctx, qVoucherFigures, func(r Scanner) error { return r.Scan(&f.Issued, &f.Used, &f.Uses, &f.Left) }, int64(shop), b[:])
	return f, err
}

// Issued is a page of a batch's vouchers in the order in which they were issued, behind a
// cursor.
func (s *Store) Issued(ctx context.Context, shop loyalty.ShopID, b id.Vouchers, behind id.Voucher, limit int) ([]*IssuedVoucher, error) {
	return s.issued(ctx, qIssued, int64(shop), b[:], behind[:], int64(limit))
}

// VoucherByCode finds a voucher by the form of its code; loyalty.ErrNotFound when the shop
// has none.
func (s *Store) VoucherByCode(ctx context.Context, shop loyalty.ShopID, code string) (*IssuedVoucher, error) {
	list, err := s.issued(ctx, qVoucherByCode, int64(shop), code)
	if err == nil && len(list) == 0 {
		err = loyalty.NotFound("code", "voucher_unknown")
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func (s *Store) issued(ctx context.Context, q *Q, args ...any) (out []*IssuedVoucher, err error) {
	err = s.Read(ctx, q, func(r Scanner) error {
		v := &IssuedVoucher{}
		var terms *string
		var changes string
		err := r.Scan(&v.ID, &v.Code, &v.Written, &v.Member, &v.Reward, &v.Batch, &v.Kind, &v.Article, &v.Amount, &v.Percent, &v.UsesMax,
			&v.Used, &v.StartsAt, &v.ExpiresAt, &v.State, &terms, &v.GoneAt, &changes)
		if err == nil {
			err = settle(&v.Voucher, changes)
		}
		if err == nil && terms != nil {
			v.Terms = &loyalty.VoucherTerms{}
			err = json.Unmarshal([]byte(*terms), v.Terms)
		}
		out = append(out, v)
		return err
	}, args...)
	return out, err
}

// settle tells people what was decided of a voucher's batch.
func settle(v *loyalty.Voucher, changes string) (err error) {
	if v.Changes, err = ReadBatchChanges(changes); err == nil {
		v.ExpiresAt = v.Changes.End(v.ExpiresAt, decided)
	}
	return err
}

// VoucherUses lists the latest uses of a voucher outside of carts, newest first.
func (s *Store) VoucherUses(ctx context.Context, shop loyalty.ShopID, v id.Voucher, limit int) (out []loyalty.VoucherUse, err error) {
	err = s.Read(ctx, qVoucherUses, func(r Scanner) error {
		var u loyalty.VoucherUse
		err := r.Scan(&u.Event, &u.Voucher, &u.Member, &u.UsedAt, &u.Undone)
		out = append(out, u)
		return err
	}, int64(shop), v[:], int64(limit))
	return out, err
}

// copied is how many vouchers are copied in one statement.
const copied = 5_000

// copyVouchers writes the batches of another database with their vouchers as they were
// issued: unused, and bound to whom they were bound then. Their uses follow from the facts.
func (t *Tx) copyVouchers(ctx context.Context, from *Store, shop loyalty.ShopID) error {
	list, err := from.voucherBatches(ctx, qAllVoucherBatches, int64(shop))
	if err != nil {
		return err
	}
	for _, b := range list {
		if err := t.putVoucherBatch(shop, b); err != nil {
			return err
		}
		if err := t.Flush(ctx); err != nil {
			return err
		}
		var codes []IssuedCode
		err := from.Read(ctx, qCodesOfBatch, func(r Scanner) error {
			var c IssuedCode
			if err := r.Scan(&c.ID, &c.Code, &c.Written); err != nil {
				return err
			}
			if codes = append(codes, c); len(codes) < copied {
				return nil
			}
			err := t.IssueVouchers(ctx, shop, b, codes)
			codes = codes[:0]
			return err
		}, int64(shop), b.ID[:])
		if err == nil && len(codes) > 0 {
			err = t.IssueVouchers(ctx, shop, b, codes)
		}
		if err != nil {
			return fmt.Errorf("vouchers of %s: %w", b.Name, err)
		}
	}
	return nil
}
