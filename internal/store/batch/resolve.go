package batch

import (
	"context"
	"slices"
	"strings"

	"cagnotte/internal/decide"
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// maxUpline bounds how far up a chain of referrers is followed. A longer chain of friends
// who recommend friends is not known to exist; beyond it a circle would go unseen.
const maxUpline = 64

// resolve finds who and what the facts name, and who recommended them.
func (b *Batch) resolve(ctx context.Context) error {
	b.keys, b.heads, b.codes = map[loyalty.Key]id.Member{}, map[string]head{}, map[string]id.Member{}
	b.uses = map[id.Event]useHead{}
	b.carts = map[string]cartHead{}
	b.known, b.bonds = map[string]*Stored{}, map[id.Member][]touch{}
	b.states, b.merged = map[id.Member]string{}, map[id.Member]id.Member{}
	b.askNames()
	if err := b.tx.Flush(ctx); err != nil {
		return err
	}
	if err := b.askStates(ctx); err != nil {
		return err
	}
	members := set[id.MemberKind]{}
	for _, it := range b.Items {
		members.add(b.memberOf(it.Fact))
		for _, k := range it.Fact.Member.Keys { // a prospect among them becomes the member, with who sent him
			members.add(b.keys[k])
		}
		members.add(b.who(it.Fact.Referrer))
		members.add(b.who(it.Fact.Other))
	}
	if err := b.askBonds(ctx, members); err != nil {
		return err
	}
	return b.climb(ctx)
}

// askNames queues what finds keys, orders, vouchers and events.
func (b *Batch) askNames() {
	var kinds, keys, series, refs, feeds, exts, codes []string
	named := set[id.MemberKind]{}
	seen := map[string]bool{}
	once := func(s string) bool {
		if seen[s] {
			return false
		}
		seen[s] = true
		return true
	}
	for _, it := range b.Items {
		f := it.Fact
		for _, w := range []*loyalty.Who{&f.Member, &f.Referrer, &f.Other} {
			for _, k := range w.Keys {
				if once("k" + k.Kind + "\x1f" + k.Key) {
					kinds, keys = append(kinds, k.Kind), append(keys, k.Key)
				}
			}
			if !f.Clock() {
				named.add(w.ID)
			}
		}
		if s, r := orderOf(f); r != "" && once("o"+loyalty.OrderName(s, r)) {
			series, refs = append(series, s), append(refs, r)
		}
		if c := codeOf(f); c != "" && once("v"+c) {
			codes = append(codes, c)
		}
		if once("e" + identity(f.Feed, f.ExternalID)) {
			feeds, exts = append(feeds, f.Feed), append(exts, f.ExternalID)
		}
	}
	shop := int64(b.shop.ID)
	b.tx.Query(qKeys, len(keys), func(r store.Scanner) error {
		var k loyalty.Key
		var m id.Member
		if err := r.Scan(&k.Kind, &k.Key, &m); err != nil {
			return err
		}
		b.keys[k] = m
		return nil
	}, shop, kinds, keys)
	b.tx.Query(qHeads, len(refs), func(r store.Scanner) error {
		var s, ref string
		var h head
		if err := r.Scan(&s, &ref, &h.id, &h.member); err != nil {
			return err
		}
		b.heads[loyalty.OrderName(s, ref)] = h
		return nil
	}, shop, series, refs)
	b.tx.Query(qVoucherOwners, len(codes), func(r store.Scanner) error {
		var code string
		var m id.Member
		if err := r.Scan(&code, &m); err != nil {
			return err
		}
		b.codes[code] = m
		return nil
	}, shop, codes)
	b.askUses()
	b.tx.Query(qKnown, len(feeds), func(r store.Scanner) error {
		var feed, ext string
		s := &Stored{}
		if err := r.Scan(&feed, &ext, &s.ID, &s.Member, &s.Via, &s.Digest); err != nil {
			return err
		}
		b.known[identity(feed, ext)] = s
		return nil
	}, shop, feeds, exts)
	b.tx.Query(qMerged, len(named), func(r store.Scanner) error {
		var m, into id.Member
		if err := r.Scan(&m, &into); err != nil {
			return err
		}
		b.merged[m] = into
		return nil
	}, shop, named.column())
}

// askStates reads the states of members who are named by one fact beside another member,
// and which carts took value for the orders that the facts name.
func (b *Batch) askStates(ctx context.Context) error {
	ask := set[id.MemberKind]{}
	b.askCarts()
	b.askGifts()
	if err := b.tx.Flush(ctx); err != nil {
		return err
	}
	for _, it := range b.Items {
		owner := b.memberOf(it.Fact)
		for _, k := range it.Fact.Member.Keys {
			if m, ok := b.keys[k]; ok && m != owner {
				ask.add(m)
			}
		}
	}
	b.tx.Query(qStates, len(ask), func(r store.Scanner) error {
		var m id.Member
		var state string
		if err := r.Scan(&m, &state); err != nil {
			return err
		}
		b.states[m] = state
		return nil
	}, int64(b.shop.ID), ask.column())
	return b.tx.Flush(ctx)
}

// askCarts queues the carts of the facts that are about one, and of the orders that are
// known already: what comes back of an order gives back what its cart took. Nothing has
// come back of an order that is new.
func (b *Batch) askCarts() {
	var series, refs []string
	seen := map[string]bool{}
	for _, it := range b.Items {
		s, r := cartOf(it.Fact)
		if r == "" {
			s, r = orderOf(it.Fact)
			if _, known := b.heads[loyalty.OrderName(s, r)]; !known && it.Fact.Kind != loyalty.Refunded && it.Fact.Kind != loyalty.OrderCancelled {
				continue
			}
		}
		if name := loyalty.OrderName(s, r); r != "" && !seen[name] {
			seen[name] = true
			series, refs = append(series, s), append(refs, r)
		}
	}
	b.tx.Query(qCartHeads, len(refs), func(r store.Scanner) error {
		var s, ref, codes string
		var h cartHead
		if err := r.Scan(&s, &ref, &h.id, &h.member, &codes); err != nil {
			return err
		}
		h.codes = strings.Fields(codes)
		b.carts[loyalty.OrderName(s, ref)] = h
		return nil
	}, int64(b.shop.ID), series, refs)
}

// cartOf is the order whose cart a fact is about.
func cartOf(f *loyalty.Fact) (series, ref string) {
	if f.Takes() && f.Cart != nil {
		return f.Cart.Series, f.Cart.Ref
	}
	return "", ""
}

// cart is what is known of the cart that a fact is about, or that its order had.
func (b *Batch) cart(f *loyalty.Fact) (cartHead, bool) {
	s, r := cartOf(f)
	if r == "" {
		s, r = orderOf(f)
	}
	h, ok := b.carts[loyalty.OrderName(s, r)]
	return h, ok && r != ""
}

// askBonds reads who recommended whom, those included whom staff replaced and whose referral was
// refused: a history that is judged again passes through them, and may let them stand. Members are asked about once.
func (b *Batch) askBonds(ctx context.Context, members set[id.MemberKind]) error {
	for m := range members {
		if _, asked := b.bonds[m]; asked {
			delete(members, m)
			continue
		}
		b.bonds[m] = nil
	}
	b.tx.Query(qBonds, len(members), func(r store.Scanner) error {
		var friend id.Member
		var t touch
		err := r.Scan(&friend, &t.referrer, &t.bond)
		b.bonds[friend] = append(b.bonds[friend], t)
		return err
	}, int64(b.shop.ID), members.column())
	return b.tx.Flush(ctx)
}

// climb follows the chains of referrers upwards from whoever may get a friend by this
// batch, so that no circle can close.
func (b *Batch) climb(ctx context.Context) error {
	next := set[id.MemberKind]{}
	for _, it := range b.Items {
		for _, x := range b.suitors(it.Fact) {
			next.add(x)
		}
	}
	for range maxUpline {
		above := set[id.MemberKind]{}
		if len(next) == 0 {
			return nil
		}
		asked := make([]id.Member, 0, len(next))
		for m := range next {
			asked = append(asked, m)
		}
		if err := b.askBonds(ctx, next); err != nil {
			return err
		}
		for _, m := range asked {
			if x := b.referrerOf(m); !x.IsZero() {
				if _, known := b.bonds[x]; !known {
					above.add(x)
				}
			}
		}
		next = above
	}
	return nil
}

// suitors are the referrers whom a fact may bind to its member, those of prospects who become
// him included: nobody when he has one.
func (b *Batch) suitors(f *loyalty.Fact) []id.Member {
	m := b.memberOf(f)
	var out []id.Member
	if f.Kind == loyalty.StaffMerge { // each one's referrer becomes the other one's
		for _, x := range []id.Member{b.referrerOf(m), b.referrerOf(b.who(f.Other))} {
			if !x.IsZero() {
				out = append(out, x)
			}
		}
		return out
	}
	if !b.referrerOf(m).IsZero() && f.Kind != loyalty.StaffBond {
		return nil
	}
	if x := b.who(f.Referrer); !x.IsZero() {
		out = append(out, x)
	}
	for _, t := range b.bonds[m] {
		out = append(out, t.referrer)
	}
	for _, k := range f.Member.Keys {
		if x := b.keys[k]; x != m {
			for _, t := range b.bonds[x] {
				out = append(out, t.referrer)
			}
		}
	}
	return out
}

// referrerOf is the referrer who counts.
func (b *Batch) referrerOf(m id.Member) id.Member {
	for _, t := range b.bonds[m] {
		if t.bond {
			return t.referrer
		}
	}
	return id.Member{}
}

// upline lists who stands above a referrer, nearest first.
func (b *Batch) upline(m id.Member) []id.Member {
	var out []id.Member
	for x := b.referrerOf(m); !x.IsZero() && x != m && !slices.Contains(out, x) && len(out) < maxUpline; x = b.referrerOf(x) {
		out = append(out, x)
	}
	return out
}

// orderOf is the order that a fact names. A cart is none yet.
func orderOf(f *loyalty.Fact) (series, ref string) {
	switch {
	case f.Order != nil && f.Kind != loyalty.CartUpdated:
		return f.Order.Series, f.Order.Ref
	case f.Refund != nil:
		return f.Refund.Series, f.Refund.Ref
	}
	return "", ""
}

// who finds the member that keys name: the first known key decides. Who was merged is the
// one he was merged into.
func (b *Batch) who(w loyalty.Who) id.Member {
	if !w.ID.IsZero() {
		if into, ok := b.merged[w.ID]; ok {
			return into
		}
		return w.ID
	}
	for _, k := range w.Keys {
		if m, ok := b.keys[k]; ok {
			return m
		}
	}
	return id.Member{}
}

// memberOf is the member whose fact it is: the order's, once it has one; the owner of the
// voucher where nobody is named.
func (b *Batch) memberOf(f *loyalty.Fact) id.Member {
	if s, r := orderOf(f); r != "" {
		if h, ok := b.heads[loyalty.OrderName(s, r)]; ok && !h.member.IsZero() {
			return h.member
		}
	}
	if f.Kind == loyalty.VoucherRedeemed && !f.Member.Named() {
		return b.codes[f.Use.Code]
	}
	if f.Kind == loyalty.VoucherReleased { // his whose use it was
		return b.uses[f.Use.Redemption].member
	}
	if f.Takes() && !f.Member.Named() && len(f.Cart.Lines) == 0 { // only the name of a cart: whose it was
		h, _ := b.cart(f)
		return h.member
	}
	return b.who(f.Member)
}

// subjects lists whose turn a fact needs: everybody who may gain or lose, the order, the
// keys that are not known yet, and the budgets that all compete for.
func (b *Batch) subjects(it *Item) []string {
	f := it.Fact
	var out []string
	member := func(m id.Member) {
		if !m.IsZero() {
			out = append(out, "m:"+m.String())
		}
	}
	m := b.memberOf(f)
	for _, x := range []id.Member{m, b.who(f.Referrer), b.who(f.Other)} {
		if mergedSkipped && f.Kind == loyalty.StaffMerge && x != m {
			continue
		}
		member(x)
		for _, t := range b.bonds[x] {
			if !referrersSkipped {
				member(t.referrer)
			}
		}
	}
	for _, x := range b.suitors(f) {
		for _, above := range b.upline(x) {
			member(above)
		}
	}
	for _, x := range it.Others {
		member(x)
	}
	for _, k := range f.Member.Keys {
		x, known := b.keys[k]
		switch {
		case !known:
			out = append(out, "k:"+k.Kind+":"+k.Key)
		case x != m && b.states[x] == loyalty.Prospect:
			member(x)
		}
	}
	if s, r := orderOf(f); r != "" {
		out = append(out, "o:"+loyalty.OrderName(s, r))
	}
	if s, r := cartOf(f); r != "" {
		out = append(out, "o:"+loyalty.OrderName(s, r))
		for _, code := range f.Cart.Codes {
			out = append(out, decide.CodeRef(code))
		}
	}
	if h, ok := b.cart(f); ok { // what it took may be given back
		member(h.member)
		for _, code := range h.codes {
			out = append(out, decide.CodeRef(code))
		}
	}
	if c := b.usedCode(f); c != "" && !codesSkipped {
		out = append(out, decide.CodeRef(c))
	}
	out = append(out, b.turnsOfGifts(f)...)
	for _, x := range b.stock.waiting[f.Pool] {
		member(x)
	}
	for _, p := range b.book.Limited() {
		out = append(out, "b:"+p.ID.String())
	}
	if len(out) == 0 {
		out = append(out, "e:"+identity(f.Feed, f.ExternalID))
	}
	return out
}
