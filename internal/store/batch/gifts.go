package batch

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"cagnotte/internal/decide"
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// This file: the catalogue of gifts and pools of codes, as far as decisions read and write
// them.

// maxWaiting bounds how many claims get their codes by one fact; the next one goes on.
const maxWaiting = 500

var (
	qGiftHeads = store.New("batch.gifts.heads", `
		SELECT g.code, g.pool FROM gifts g WHERE g.shop_id = $1 AND g.code {{in code:text}}`)
	qClaimHeads = store.New("batch.claims.heads", `
		SELECT k.reward_id, k.code FROM claims k WHERE k.shop_id = $1 AND k.reward_id {{in id:bytea}}`)
	qClaimsWaiting = store.New("batch.claims.waiting", `
		SELECT k.pool, k.member_id, k.quantity FROM claims k
		WHERE k.shop_id = $1 AND k.pool = $2 AND k.state = '`+loyalty.ClaimNoCode+`' AND k.pool <> '' ORDER BY k.reward_id LIMIT $3`)
	qGifts = store.New("batch.gifts", `
		SELECT g.document, g.stock_in, g.stock_out, g.event_id, g.changed_at FROM gifts g
		WHERE g.shop_id = $1 AND g.code {{in code:text}}`)
	qFreeCodes = store.New("batch.codes.free", `
		SELECT c.pool, c.n FROM codes c
		WHERE c.shop_id = $1 AND c.pool = $2 AND c.claim_id IS NULL AND c.added_at <= $3 ORDER BY c.n LIMIT $4`)
	qPutGift = store.New("batch.put.gifts", `
		INSERT INTO gifts (shop_id, code, pool, archived, document, stock_in, stock_out, event_id, changed_at)
		SELECT $1, r.code, r.pool, r.archived, r.document, r.stock_in, r.stock_out, r.event, r.changed
		FROM {{rows code:text, pool:text, archived:bool, document:text, stock_in:text, stock_out:text, event:bytea, changed:bigint}} WHERE TRUE
		ON CONFLICT (shop_id, code) DO UPDATE SET pool = excluded.pool, archived = excluded.archived, document = excluded.document,
		  stock_in = excluded.stock_in, stock_out = excluded.stock_out, event_id = excluded.event_id, changed_at = excluded.changed_at`)
	qDrawCode = store.New("batch.draw.codes", `
		UPDATE codes SET claim_id = r.claim FROM {{rows pool:text, n:bigint, claim:bytea}}
		WHERE codes.shop_id = $1 AND codes.pool = r.pool AND codes.n = r.n`)
	qPutAddress = store.New("batch.put.claim_addresses", `
		INSERT INTO claim_addresses (shop_id, reward_id, member_id, sealed)
		SELECT $1, r.reward, r.member, r.sealed FROM {{rows reward:bytea, member:bytea, sealed:bytea}} WHERE TRUE
		ON CONFLICT (shop_id, reward_id) DO NOTHING`)
)

// stock is what a batch must know of the catalogue before it takes its turns.
type stock struct {
	pools   map[string]string    // of gifts, by their codes
	claims  map[id.Reward]string // the gifts of claims that are given up
	waiting map[string][]id.Member
	wanted  map[string]int64 // codes of a pool that this batch may draw
}

// askGifts reads which pools the gifts draw from, what given-up claims were of, and who
// waits for codes.
func (b *Batch) askGifts() {
	b.stock = stock{map[string]string{}, map[id.Reward]string{}, map[string][]id.Member{}, map[string]int64{}}
	var codes []string
	rewards, pools := set[id.RewardKind]{}, map[string]bool{}
	for _, it := range b.Items {
		f := it.Fact
		codes = append(codes, giftsOf(f)...)
		if f.Kind == loyalty.ClaimUpdated && f.Use != nil && f.Use.State == loyalty.ClaimCancelled {
			rewards.add(f.Use.Reward)
		}
		if f.Kind == loyalty.PoolFilled {
			pools[f.Pool] = true
		}
	}
	slices.Sort(codes)
	codes = slices.Compact(codes)
	shop := int64(b.shop.ID)
	b.tx.Query(qGiftHeads, len(codes), func(r store.Scanner) error {
		var code, pool string
		if err := r.Scan(&code, &pool); err != nil {
			return err
		}
		b.stock.pools[code] = pool
		return nil
	}, shop, codes)
	b.tx.Query(qClaimHeads, len(rewards), func(r store.Scanner) error {
		var x id.Reward
		var code string
		if err := r.Scan(&x, &code); err != nil {
			return err
		}
		b.stock.claims[x] = code
		return nil
	}, shop, rewards.column())
	for _, pool := range slices.Sorted(maps.Keys(pools)) {
		b.tx.Query(qClaimsWaiting, 1, func(r store.Scanner) error {
			var pool string
			var m id.Member
			var n int64
			if err := r.Scan(&pool, &m, &n); err != nil {
				return err
			}
			if !slices.Contains(b.stock.waiting[pool], m) {
				b.stock.waiting[pool] = append(b.stock.waiting[pool], m)
			}
			b.stock.wanted[pool] += n
			return nil
		}, shop, pool, int64(maxWaiting))
	}
}

// giftsOf lists the entries of the catalogue that a fact is about.
func giftsOf(f *loyalty.Fact) []string {
	switch {
	case f.Kind == loyalty.StaffGift && f.Gift != nil:
		return []string{f.Gift.Code}
	case f.Kind == loyalty.StaffStock && f.Stock != nil:
		return []string{f.Stock.Gift}
	case f.Kind == loyalty.GiftClaimed && f.Claim != nil:
		out := make([]string, len(f.Claim.Items))
		for i, x := range f.Claim.Items {
			out[i] = x.Gift
		}
		return out
	}
	return nil
}

// turnsOfGifts are the subjects of a fact about the catalogue: gifts whose stock runs out, and
// pools.
func (b *Batch) turnsOfGifts(f *loyalty.Fact) []string {
	var out []string
	gift := func(code string) {
		out = append(out, "g:"+code)
		if pool := b.stock.pools[code]; pool != "" {
			out = append(out, "p:"+pool)
		}
	}
	for _, code := range giftsOf(f) {
		gift(code)
	}
	if f.Kind == loyalty.ClaimUpdated && f.Use != nil {
		if code := b.stock.claims[f.Use.Reward]; code != "" {
			gift(code)
		}
	}
	if f.Kind == loyalty.PoolFilled {
		out = append(out, "p:"+f.Pool)
	}
	return out
}

// stocked queues the entries and the free codes that the facts may take.
func (l *loader) stocked() {
	var codes []string
	for _, it := range l.Items {
		f := it.Fact
		list := giftsOf(f)
		codes = append(codes, list...)
		if f.Kind == loyalty.GiftClaimed {
			for _, x := range f.Claim.Items {
				if pool := l.Batch.stock.pools[x.Gift]; pool != "" {
					l.Batch.stock.wanted[pool] += x.Quantity
				}
			}
		}
		if f.Kind == loyalty.ClaimUpdated && f.Use != nil && l.Batch.stock.claims[f.Use.Reward] != "" {
			codes = append(codes, l.Batch.stock.claims[f.Use.Reward])
		}
	}
	slices.Sort(codes)
	codes = slices.Compact(codes)
	l.tx.Query(qGifts, len(codes), l.gift, l.tenant, codes)
	for _, pool := range slices.Sorted(maps.Keys(l.Batch.stock.wanted)) {
		l.tx.Query(qFreeCodes, 1, func(r store.Scanner) error {
			x := &loyalty.PoolCode{}
			if err := r.Scan(&x.Pool, &x.N); err != nil {
				return err
			}
			l.Dossiers.Pools[x.Pool] = append(l.Dossiers.Pools[x.Pool], x)
			return nil
		}, l.tenant, pool, int64(l.Now), l.Batch.stock.wanted[pool])
	}
}

func (l *loader) gift(r store.Scanner) error {
	g, err := store.ScanGift(r)
	if err == nil {
		l.Dossiers.Gifts[g.Gift.Code] = g
	}
	return err
}

// giftLimits queues how many pieces members have had of the gifts that they ask for; which
// periods count is known once the entries are read.
func (l *loader) giftLimits() {
	var owners, names, periods []string
	seen := map[string]bool{}
	for _, it := range l.Items {
		f := it.Fact
		if f.Kind != loyalty.GiftClaimed || it.Stored != nil || f.MemberID.IsZero() {
			continue
		}
		for _, x := range f.Claim.Items {
			g := l.Dossiers.Gifts[x.Gift]
			if g == nil {
				continue
			}
			for _, n := range decide.GiftCounters(&g.Gift, f.OccurredAt, l.shop) {
				if k := f.MemberID.String() + n.Name + "\x1f" + n.Period; !seen[k] {
					seen[k] = true
					owners, names, periods = append(owners, f.MemberID.String()), append(names, n.Name), append(periods, n.Period)
				}
			}
		}
	}
	l.tx.Query(qCounters, len(owners), l.counter, l.tenant, owners, names, periods)
}

// putGifts queues the entries that a decision changed, and the codes that it drew.
func (w *writer) putGifts() {
	var (
		codes, pools, docs, in, out []string
		archived                    []bool
		events                      [][]byte
		changed                     []int64
	)
	for _, code := range slices.Sorted(maps.Keys(w.Dossiers.Gifts)) {
		g := w.Dossiers.Gifts[code]
		if !g.New && !g.Dirty {
			continue
		}
		codes, pools, docs = append(codes, code), append(pools, g.Gift.Pool), append(docs, text(g.Gift))
		in, out, archived = append(in, text(g.In)), append(out, text(g.Out)), append(archived, g.Gift.Archived)
		events, changed = append(events, g.Event.Bytes()), append(changed, int64(g.ChangedAt))
	}
	w.tx.Rows(qPutGift, len(codes), w.tenant, codes, pools, archived, docs, in, out, events, changed)
	var (
		from   []string
		ns     []int64
		claims [][]byte
	)
	for _, pool := range slices.Sorted(maps.Keys(w.Dossiers.Pools)) {
		for _, x := range w.Dossiers.Pools[pool] {
			if x.Dirty {
				from, ns, claims = append(from, x.Pool), append(ns, x.N), append(claims, x.Claim.Bytes())
			}
		}
	}
	w.tx.Rows(qDrawCode, len(ns), w.tenant, from, ns, claims)
}

// addresses seals where the parcels of new claims go, under the key of whoever asked.
func (w *writer) addresses(wrapped map[id.Member][]byte) error {
	var rewards, members, sealed [][]byte
	for _, it := range w.Items {
		f := it.Fact
		if f.Kind != loyalty.GiftClaimed || f.Address == nil || !it.decided() || wrapped[f.MemberID] == nil {
			continue // who was erased has no key: nothing is kept of him
		}
		file := w.Dossiers.Files[f.MemberID]
		body, err := w.box.Seal(wrapped[f.MemberID], []byte(text(f.Address)))
		if err != nil {
			return fmt.Errorf("address of a claim: %w", err)
		}
		for _, x := range file.Rewards {
			if k := file.Claims[x.ID]; x.Event == f.ID && k != nil && k.Delivery == loyalty.GiftByParcel {
				rewards, members, sealed = append(rewards, x.ID.Bytes()), append(members, f.MemberID.Bytes()), append(sealed, body)
			}
		}
	}
	w.tx.Rows(qPutAddress, len(rewards), w.tenant, rewards, members, sealed)
	return nil
}

// detailOf reads what a claim keeps beside its gift.
func detailOf(body string, k *loyalty.Claim) error {
	if body == "" {
		return nil
	}
	return json.Unmarshal([]byte(body), &k.Detail)
}
