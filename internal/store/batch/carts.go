package batch

import (
	"slices"
	"strings"

	"cagnotte/internal/decide"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
	"cagnotte/internal/store"
)

// This file: carts that take value, what they keep from others, and what they used up.

const cartColumns = `t.id, t.series, t.ref, t.member_id, t.state, t.event_id, t.at, COALESCE(t.expires_at, 0), t.cart, t.taken`

var (
	qCarts = store.New("batch.carts", `
		SELECT `+cartColumns+` FROM carts t WHERE t.shop_id = $1 AND t.series {{in series:text}} AND t.ref {{in ref:text}}`)
	qCartsOf = store.New("batch.carts.of", `
		SELECT `+cartColumns+` FROM carts t WHERE t.shop_id = $1 AND t.member_id {{in id:bytea}}`)
	qHeld = store.New("batch.hold_items", `
		SELECT h.cart_id, h.n, h.ref, h.member_id, h.amount, h.ends_at FROM hold_items h
		WHERE h.shop_id = $1 AND h.ref {{in ref:text}} AND h.ends_at > $2`)
	qHeldOf = store.New("batch.hold_items.of", `
		SELECT h.cart_id, h.n, h.ref, h.member_id, h.amount, h.ends_at FROM hold_items h
		WHERE h.shop_id = $1 AND h.member_id {{in id:bytea}} AND h.ends_at > $2`)
	qPutCart = store.New("batch.put.carts", `
		INSERT INTO carts (shop_id, id, series, ref, member_id, state, event_id, at, expires_at, codes, cart, taken)
		SELECT $1, r.id, r.series, r.ref, r.member, r.state, r.event, r.at, NULLIF(r.expires, 0), r.codes, r.cart, r.taken
		FROM {{rows id:bytea, series:text, ref:text, member:bytea, state:text, event:bytea, at:bigint, expires:bigint, codes:text,
		  cart:text, taken:text}} WHERE TRUE
		ON CONFLICT (shop_id, id) DO UPDATE SET member_id = excluded.member_id, state = excluded.state, event_id = excluded.event_id,
		  at = excluded.at, expires_at = excluded.expires_at, codes = excluded.codes, cart = excluded.cart, taken = excluded.taken`)
	qDropHeld = store.New("batch.drop.hold_items", `DELETE FROM hold_items WHERE shop_id = $1 AND cart_id {{in cart:bytea}}`)
	qPutHeld  = store.New("batch.put.hold_items", `
		INSERT INTO hold_items (shop_id, cart_id, n, ref, member_id, amount, ends_at)
		SELECT $1, r.cart, r.n, r.ref, r.member, r.amount, r.ends
		FROM {{rows cart:bytea, n:bigint, ref:text, member:bytea, amount:bigint, ends:bigint}}`)
	qPutRedemption = store.New("batch.put.redemptions", `
		INSERT INTO redemptions (shop_id, id, cart_id, kind, voucher_id, program_id, version, rule, member_id, unit, units, amount,
		  back, redeemed_at)
		SELECT $1, r.id, r.cart, r.kind, r.voucher, r.program, r.version, r.rule, r.member, r.unit, r.units, r.amount, r.back, r.at
		FROM {{rows id:bytea, cart:bytea, kind:text, voucher:bytea, program:bytea, version:bigint, rule:text, member:bytea,
		  unit:text, units:bigint, amount:bigint, back:bigint, at:bigint}} WHERE TRUE
		ON CONFLICT (shop_id, id) DO UPDATE SET member_id = excluded.member_id, back = excluded.back`)
)

// cartsAsked gathers which carts and codes the facts of a batch are about.
type cartsAsked struct {
	series, refs, codes []string
	takes               bool // some fact is about a cart
	seen                map[string]bool
}

func (a *cartsAsked) add(b *Batch, f *loyalty.Fact) {
	if a.seen == nil {
		a.seen = map[string]bool{}
	}
	code := func(c string) {
		if !a.seen["v"+c] {
			a.seen["v"+c] = true
			a.codes = append(a.codes, c)
		}
	}
	s, r := cartOf(f)
	if r == "" {
		s, r = orderOf(f)
	}
	a.takes = a.takes || f.Takes()
	if h, ok := b.cart(f); ok {
		if name := loyalty.OrderName(s, r); !a.seen["t"+name] {
			a.seen["t"+name] = true
			a.series, a.refs = append(a.series, s), append(a.refs, r)
		}
		for _, c := range h.codes {
			code(c)
		}
	}
	if f.Takes() {
		for _, c := range f.Cart.Codes {
			code(c)
		}
	}
	if c := b.usedCode(f); c != "" {
		code(c)
	}
}

// uses lists the counters of a member's uses of the codes that a fact may use or give back.
func (l *loader) uses(f *loyalty.Fact) []decide.CounterName {
	var out []decide.CounterName
	add := func(code string) { out = append(out, decide.UsesName(code)) }
	if h, ok := l.cart(f); ok {
		for _, c := range h.codes {
			add(c)
		}
	}
	if f.Takes() {
		for _, c := range f.Cart.Codes {
			add(c)
		}
	}
	if c := l.usedCode(f); c != "" {
		add(c)
	}
	return out
}

// takes queues carts, the vouchers of their codes, and what others hold of what they may take.
func (l *loader) takes(seen map[string]bool) {
	a := &l.asked
	l.tx.Query(qCarts, len(a.refs), l.cartRow, l.tenant, a.series, a.refs)
	l.codes(a.codes)
	var refs []string
	for _, c := range a.codes {
		refs = append(refs, decide.CodeRef(c))
	}
	if l.book.Answers(rules.OnCheckout) {
		for k := range seen {
			if b, ok := strings.CutPrefix(k, "budget "); ok {
				refs = append(refs, b)
			}
		}
	}
	slices.Sort(refs)
	l.tx.Query(qHeld, len(refs), l.heldItem, l.tenant, int64(l.Now), refs)
}

func (l *loader) cartRow(r store.Scanner) error {
	t, err := store.ScanCart(r)
	if err == nil && l.Dossiers.Carts[t.Name()] == nil {
		l.Dossiers.Carts[t.Name()] = t
	}
	return err
}

func (l *loader) heldItem(r store.Scanner) error {
	var h loyalty.HoldItem
	if err := r.Scan(&h.Cart, &h.N, &h.Ref, &h.Member, &h.Amount, &h.EndsAt); err != nil {
		return err
	}
	if !slices.ContainsFunc(l.Dossiers.Held, func(x loyalty.HoldItem) bool { return x.Cart == h.Cart && x.N == h.N }) {
		l.Dossiers.Held = append(l.Dossiers.Held, h)
	}
	return nil
}

// putCarts queues the carts that a decision changed, what they keep, and what they used.
func (w *writer) putCarts() {
	var list []*loyalty.CartRow
	for _, t := range w.Dossiers.Carts {
		if t.New || t.Dirty {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(a, b *loyalty.CartRow) int { return slices.Compare(a.ID[:], b.ID[:]) })
	n := len(list)
	ids, members, events := blobs(n), blobs(n), blobs(n)
	series, refs, states, codes, carts, taken := texts(n), texts(n), texts(n), texts(n), texts(n), texts(n)
	at, expires := ints(n), ints(n)
	var items heldRows
	var changed [][]byte
	var used redeemedRows
	for i, t := range list {
		ids[i], members[i], events[i] = t.ID.Bytes(), t.Member.Bytes(), t.Event.Bytes()
		series[i], refs[i], states[i] = t.Series, t.Ref, t.State
		codes[i], carts[i], taken[i] = strings.Join(t.Codes(), " "), text(t.Cart), text(t.Taken)
		at[i], expires[i] = int64(t.At), int64(t.ExpiresAt)
		if t.ItemsDirty {
			changed = append(changed, t.ID.Bytes())
			items.add(t)
		}
		used.add(t)
	}
	w.tx.Rows(qPutCart, n, w.tenant, ids, series, refs, members, states, events, at, expires, codes, carts, taken)
	w.tx.Rows(qDropHeld, len(changed), w.tenant, changed)
	items.queue(w)
	used.queue(w)
}

type heldRows struct {
	carts, members   [][]byte
	refs             []string
	ns, amount, ends []int64
}

func (x *heldRows) add(t *loyalty.CartRow) {
	for _, h := range t.Items {
		x.carts, x.members = append(x.carts, t.ID.Bytes()), append(x.members, h.Member.Bytes())
		x.refs, x.ns = append(x.refs, h.Ref), append(x.ns, h.N)
		x.amount, x.ends = append(x.amount, h.Amount), append(x.ends, int64(h.EndsAt))
	}
}

func (x *heldRows) queue(w *writer) {
	w.tx.Rows(qPutHeld, len(x.carts), w.tenant, x.carts, x.ns, x.refs, x.members, x.amount, x.ends)
}

type redeemedRows struct {
	ids, carts, vouchers, programs, members [][]byte
	kinds, rules, units                     []string
	versions, spent, amounts, back, at      []int64
}

func (x *redeemedRows) add(t *loyalty.CartRow) {
	for _, y := range t.Taken {
		if y.ID.IsZero() {
			continue // only held
		}
		x.ids, x.carts = append(x.ids, y.ID.Bytes()), append(x.carts, t.ID.Bytes())
		x.vouchers, x.programs, x.members = append(x.vouchers, y.Voucher.Bytes()), append(x.programs, y.Program.Bytes()), append(x.members, t.Member.Bytes())
		x.kinds, x.rules, x.units = append(x.kinds, y.Kind), append(x.rules, y.Rule), append(x.units, string(y.Unit))
		x.versions, x.spent = append(x.versions, int64(y.Version)), append(x.spent, y.Units)
		x.amounts, x.back, x.at = append(x.amounts, y.Amount), append(x.back, y.Back), append(x.at, int64(y.UsedAt))
	}
}

func (x *redeemedRows) queue(w *writer) {
	w.tx.Rows(qPutRedemption, len(x.ids), w.tenant, x.ids, x.carts, x.kinds, x.vouchers, x.programs, x.versions, x.rules, x.members,
		x.units, x.spent, x.amounts, x.back, x.at)
}

// mergedCarts lets carts and what they keep follow a member who became somebody else.
var mergedCarts = []*store.Q{
	store.New("batch.merge.carts", `UPDATE carts SET member_id = $3 WHERE shop_id = $1 AND member_id = $2`),
	store.New("batch.merge.hold_items", `UPDATE hold_items SET member_id = $3 WHERE shop_id = $1 AND member_id = $2`),
	store.New("batch.merge.redemptions", `UPDATE redemptions SET member_id = $3 WHERE shop_id = $1 AND member_id = $2`),
}
