package batch

import (
	"bytes"
	"maps"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// This file: uses of codes outside of carts, and giving them back.

var (
	qUses = store.New("batch.voucher_uses", `
		SELECT u.event_id, u.voucher_id, v.code, u.member_id, u.cause, u.used_at, u.undone
		FROM voucher_uses u JOIN vouchers v ON v.shop_id = $1 AND v.id = u.voucher_id
		WHERE u.shop_id = $1 AND u.event_id {{in event:bytea}}`)
	qPutUse = store.New("batch.put.voucher_uses", `
		INSERT INTO voucher_uses (shop_id, event_id, voucher_id, member_id, cause, used_at, undone)
		SELECT $1, r.event, r.voucher, r.member, r.cause, r.used, r.undone
		FROM {{rows event:bytea, voucher:bytea, member:bytea, cause:text, used:bigint, undone:bool}} WHERE TRUE
		ON CONFLICT (shop_id, event_id) DO UPDATE SET member_id = excluded.member_id, undone = excluded.undone`)
)

// mergedUses lets uses follow a member who became somebody else.
var mergedUses = store.New("batch.merge.voucher_uses", `UPDATE voucher_uses SET member_id = $3 WHERE shop_id = $1 AND member_id = $2`)

// useHead is a use as far as turns need it.
type useHead struct {
	event  id.Event
	member id.Member
	code   string
	cause  string
}

// codeOf is the code that a fact names outside of a cart.
func codeOf(f *loyalty.Fact) string {
	if f.Kind == loyalty.VoucherRedeemed || f.Kind == loyalty.StaffVoucher {
		return f.Use.Code
	}
	return ""
}

// usedCode is the code whose uses a fact moves, or that it withdraws.
func (b *Batch) usedCode(f *loyalty.Fact) string {
	if u, ok := b.use(f); ok {
		return u.code
	}
	return codeOf(f)
}

// use is the use that a fact gives back.
func (b *Batch) use(f *loyalty.Fact) (useHead, bool) {
	if f.Kind != loyalty.VoucherReleased {
		return useHead{}, false
	}
	u, ok := b.uses[f.Use.Redemption]
	return u, ok
}

// askUses queues what finds the uses that facts give back.
func (b *Batch) askUses() {
	asked := set[id.EventKind]{}
	for _, it := range b.Items {
		if it.Fact.Kind == loyalty.VoucherReleased {
			asked.add(it.Fact.Use.Redemption)
		}
	}
	b.tx.Query(qUses, len(asked), func(r store.Scanner) error {
		u, err := scanUse(r)
		if err == nil {
			b.uses[u.Event] = useHead{u.Event, u.Member, u.Code, u.Cause}
		}
		return err
	}, int64(b.shop.ID), asked.column())
}

// unknownUse refuses a fact about a code or a use that is not there.
func (b *Batch) unknownUse(f *loyalty.Fact) error {
	if c := codeOf(f); c != "" {
		if _, known := b.codes[c]; !known {
			return loyalty.Conflict("use.code", string(loyalty.CodeUnknown))
		}
	}
	if _, known := b.use(f); f.Kind == loyalty.VoucherReleased && !known {
		return loyalty.NotFound("use.redemption", "redemption_unknown")
	}
	return nil
}

func scanUse(r store.Scanner) (*loyalty.VoucherUse, error) {
	u := &loyalty.VoucherUse{}
	return u, r.Scan(&u.Event, &u.Voucher, &u.Code, &u.Member, &u.Cause, &u.UsedAt, &u.Undone)
}

func (l *loader) voucherUse(r store.Scanner) error {
	u, err := scanUse(r)
	if err == nil && l.Dossiers.Uses[u.Event] == nil {
		l.Dossiers.Uses[u.Event] = u
	}
	return err
}

// putUses queues the uses that a decision added or gave back.
func (w *writer) putUses() {
	var (
		events, vouchers, members [][]byte
		causes                    []string
		used                      []int64
		undone                    []bool
	)
	for _, e := range slices.SortedFunc(maps.Keys(w.Dossiers.Uses), func(a, b id.Event) int { return bytes.Compare(a[:], b[:]) }) {
		u := w.Dossiers.Uses[e]
		if !u.New && !u.Dirty {
			continue
		}
		events, vouchers, members = append(events, u.Event.Bytes()), append(vouchers, u.Voucher.Bytes()), append(members, u.Member.Bytes())
		causes, used, undone = append(causes, u.Cause), append(used, int64(u.UsedAt)), append(undone, u.Undone)
	}
	w.tx.Rows(qPutUse, len(events), w.tenant, events, vouchers, members, causes, used, undone)
}
