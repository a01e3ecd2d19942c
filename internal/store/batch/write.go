package batch

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"cagnotte/internal/decide"
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

var (
	qPutBatch = store.New("batch.put.batch", `
		INSERT INTO batches (shop_id, id, recorded_at, digest) VALUES ($1, $2, $3, $4)`)
	qPutEvent = store.New("batch.put.events", `
		INSERT INTO events (shop_id, id, feed, external_id, via, origin, kind, member_id, order_id, occurred_at, recorded_at,
		  fold_at, digest, fact, batch_id)
		SELECT $1, r.id, r.feed, r.ext, r.via, r.origin, r.kind, r.member, r.ord, r.occurred, $2, r.fold, r.digest, r.fact, $3
		FROM {{rows id:bytea, feed:text, ext:text, via:text, origin:text, kind:text, member:bytea, ord:bytea, occurred:bigint,
		  fold:bigint, digest:bytea, fact:text}}`)
	qPutMember = store.New("batch.put.members", `
		INSERT INTO members (shop_id, id, state, registered_at, first_order_at, judged_to, judged_key, birthday, grp, merged_into,
		  settled, signals, created_at)
		SELECT $1, r.id, r.state, NULLIF(r.registered, 0), NULLIF(r.first, 0), r.judged, r.jkey, r.birthday, r.grp, r.merged,
		  r.settled, r.signals, $2
		FROM {{rows id:bytea, state:text, registered:bigint, first:bigint, judged:bigint, jkey:text, birthday:text, grp:text,
		  merged:bytea, settled:bool, signals:text}} WHERE TRUE
		ON CONFLICT (shop_id, id) DO UPDATE SET state = excluded.state, registered_at = excluded.registered_at,
		  first_order_at = excluded.first_order_at, judged_to = excluded.judged_to, judged_key = excluded.judged_key,
		  birthday = excluded.birthday, grp = excluded.grp, merged_into = excluded.merged_into, settled = excluded.settled,
		  signals = excluded.signals`)
	// A new member's turn begins with the fact that made him: nothing of his may be recorded
	// before it, whatever the clock of the process that comes next.
	qPutTurn = store.New("batch.put.turns", `
		INSERT INTO turns (shop_id, subject, rev, clock) SELECT $1, r.subject, 0, $2 FROM {{rows subject:text}} WHERE TRUE
		ON CONFLICT (shop_id, subject) DO NOTHING`)
	qPutKey = store.New("batch.put.member_keys", `
		INSERT INTO member_keys (shop_id, kind, key, member_id)
		SELECT $1, r.kind, r.key, r.member FROM {{rows kind:text, key:text, member:bytea}} WHERE TRUE
		ON CONFLICT (shop_id, kind, key) DO NOTHING`)
	qDropKey = store.New("batch.drop.member_keys", `
		DELETE FROM member_keys WHERE shop_id = $1 AND (kind, key, member_id) IN (SELECT r.kind, r.key, r.member FROM {{rows kind:text, key:text, member:bytea}})`)
	qPersonKeys = store.New("batch.person_keys", `
		SELECT k.member_id, k.wrapped FROM person_keys k WHERE k.shop_id = $1 AND k.member_id {{in id:bytea}}`)
	qErased = store.New("batch.erasures", `
		SELECT x.member_id FROM erasures x WHERE x.shop_id = $1 AND x.member_id {{in id:bytea}}`)
	qPutPersonKey = store.New("batch.put.person_keys", `
		INSERT INTO person_keys (shop_id, member_id, wrapped)
		SELECT $1, r.member, r.wrapped FROM {{rows member:bytea, wrapped:bytea}}`)
	qPutPerson = store.New("batch.put.persons", `
		INSERT INTO persons (shop_id, member_id, sealed)
		SELECT $1, r.member, r.sealed FROM {{rows member:bytea, sealed:bytea}} WHERE TRUE
		ON CONFLICT (shop_id, member_id) DO UPDATE SET sealed = excluded.sealed`)
	qPutOrder = store.New("batch.put.orders", `
		INSERT INTO orders (shop_id, id, series, ref, member_id, state, currency, paid_at, net, imported, lines, returns, details)
		SELECT $1, r.id, r.series, r.ref, r.member, r.state, r.currency, NULLIF(r.paid, 0), r.net, r.imported, r.lines, r.returns,
		  r.details
		FROM {{rows id:bytea, series:text, ref:text, member:bytea, state:text, currency:text, paid:bigint, net:bigint,
		  imported:bool, lines:text, returns:text, details:text}} WHERE TRUE
		ON CONFLICT (shop_id, id) DO UPDATE SET member_id = excluded.member_id, state = excluded.state,
		  currency = excluded.currency, paid_at = excluded.paid_at, net = excluded.net, imported = excluded.imported,
		  lines = excluded.lines, returns = excluded.returns, details = excluded.details`)
	qPutReward = store.New("batch.put.rewards", `
		INSERT INTO rewards (shop_id, id, program_id, version, rule, member_id, once, part, cause, from_member, event_id, unit,
		  amount, taken, absorbed, granted, basis, returned, state, given_at, due_at, spent,
		  choice, weights)
		SELECT $1, r.id, r.program, r.version, r.rule, r.member, r.once, r.part, r.cause, r.source, r.event, r.unit,
		  r.amount, r.taken, r.absorbed, r.granted, r.basis, r.returned, r.state, r.given, NULLIF(r.due, 0), r.spent,
		  r.choice, r.weights
		FROM {{rows id:bytea, program:bytea, version:bigint, rule:text, member:bytea, once:text, part:text, cause:text,
		  source:bytea, event:bytea, unit:text, amount:bigint, taken:bigint, absorbed:bigint, granted:bigint, basis:bigint,
		  returned:bigint, state:text, given:bigint, due:bigint, spent:text, choice:bigint, weights:text}} WHERE TRUE
		ON CONFLICT (shop_id, id) DO UPDATE SET member_id = excluded.member_id, once = excluded.once, version = excluded.version, part = excluded.part, cause = excluded.cause,
		  from_member = excluded.from_member, event_id = excluded.event_id, unit = excluded.unit, amount = excluded.amount,
		  taken = excluded.taken, absorbed = excluded.absorbed, granted = excluded.granted, basis = excluded.basis,
		  returned = excluded.returned, state = excluded.state, given_at = excluded.given_at, due_at = excluded.due_at,
		  spent = excluded.spent, choice = excluded.choice, weights = excluded.weights`)
	qPutAccount = store.New("batch.put.accounts", `
		INSERT INTO accounts (shop_id, member_id, unit, balance, held, debt, earned, available, available_until, lapse_at)
		SELECT $1, r.member, r.unit, r.balance, r.held, r.debt, r.earned, r.available, NULLIF(r.until, 0), NULLIF(r.lapse, 0)
		FROM {{rows member:bytea, unit:text, balance:bigint, held:bigint, debt:bigint, earned:bigint, available:bigint,
		  until:bigint, lapse:bigint}} WHERE TRUE
		ON CONFLICT (shop_id, member_id, unit) DO UPDATE SET balance = excluded.balance, held = excluded.held,
		  debt = excluded.debt, earned = excluded.earned, available = excluded.available,
		  available_until = excluded.available_until, lapse_at = excluded.lapse_at`)
	qPutLot = store.New("batch.put.lots", `
		INSERT INTO lots (shop_id, id, member_id, unit, reward_id, origin, amount, remaining, since, opens_at, expires_at)
		SELECT $1, r.id, r.member, r.unit, r.reward, r.origin, r.amount, r.remaining, r.since, NULLIF(r.opens, 0), NULLIF(r.expires, 0)
		FROM {{rows id:bytea, member:bytea, unit:text, reward:bytea, origin:text, amount:bigint, remaining:bigint,
		  since:bigint, opens:bigint, expires:bigint}} WHERE TRUE
		ON CONFLICT (shop_id, id) DO UPDATE SET remaining = excluded.remaining, opens_at = excluded.opens_at,
		  expires_at = excluded.expires_at`)
	qPutTransaction = store.New("batch.put.transactions", `
		INSERT INTO transactions (shop_id, id, kind, event_id, reward_id, reverses, actor, effective_at, recorded_at)
		SELECT $1, r.id, r.kind, r.event, r.reward, r.reverses, r.actor, r.effective, $2
		FROM {{rows id:bytea, kind:text, event:bytea, reward:bytea, reverses:bytea, actor:text, effective:bigint}}`)
	qPutPosting = store.New("batch.put.postings", `
		INSERT INTO postings (shop_id, txn_id, n, member_id, place, unit, lot_id, amount, effective_at)
		SELECT $1, r.txn, r.n, r.member, r.place, r.unit, r.lot, r.amount, r.effective
		FROM {{rows txn:bytea, n:bigint, member:bytea, place:text, unit:text, lot:bytea, amount:bigint, effective:bigint}}`)
	qPutCounter = store.New("batch.put.counters", `
		INSERT INTO counters (shop_id, owner, name, period, used)
		SELECT $1, r.owner, r.name, r.period, r.used FROM {{rows owner:text, name:text, period:text, used:bigint}} WHERE TRUE
		ON CONFLICT (shop_id, owner, name, period) DO UPDATE SET used = excluded.used`)
	qPutTerms = store.New("batch.put.terms", `
		INSERT INTO terms (shop_id, member_id, program_id, version, since, gone)
		SELECT $1, r.member, r.program, r.version, r.since, r.gone
		FROM {{rows member:bytea, program:bytea, version:bigint, since:bigint, gone:bool}} WHERE TRUE
		ON CONFLICT (shop_id, member_id, program_id) DO UPDATE SET version = excluded.version, since = excluded.since, gone = excluded.gone`)
	qPutTimer = store.New("batch.put.timers", `
		INSERT INTO timers (shop_id, id, due_at, kind, member_id, program_id, rule, cause, state)
		SELECT $1, r.id, r.due, r.kind, r.member, r.program, r.rule, r.cause, r.state
		FROM {{rows id:bytea, due:bigint, kind:text, member:bytea, program:bytea, rule:text, cause:text, state:text}} WHERE TRUE
		ON CONFLICT (shop_id, id) DO UPDATE SET due_at = excluded.due_at, state = excluded.state,
		  member_id = excluded.member_id, cause = excluded.cause`)
	qPutVoucher = store.New("batch.put.vouchers", `
		INSERT INTO vouchers (shop_id, id, code, member_id, reward_id, kind, article, amount, percent, uses_max, used, starts_at,
		  expires_at, state)
		SELECT $1, r.id, r.code, r.member, r.reward, r.kind, r.article, r.amount, r.percent, r.uses, r.used, r.starts, NULLIF(r.expires, 0), r.state
		FROM {{rows id:bytea, code:text, member:bytea, reward:bytea, kind:text, article:text, amount:bigint, percent:bigint,
		  uses:bigint, used:bigint, starts:bigint, expires:bigint, state:text}} WHERE TRUE
		ON CONFLICT (shop_id, id) DO UPDATE SET starts_at = excluded.starts_at, expires_at = excluded.expires_at,
		  state = excluded.state, used = excluded.used, uses_max = excluded.uses_max, member_id = excluded.member_id`)
	qCodesTaken = store.New("batch.vouchers.codes", `
		SELECT v.code FROM vouchers v WHERE v.shop_id = $1 AND v.code {{in code:text}}`)
	qPutReferral = store.New("batch.put.referrals", `
		INSERT INTO referrals (shop_id, id, referrer_id, friend_id, origin, state, reason, bond, touched_at, last_at, joined_at,
		  order_name, score)
		SELECT $1, r.id, r.referrer, r.friend, r.origin, r.state, r.reason, r.bond, r.touched, r.last, r.joined, r.ord, r.score
		FROM {{rows id:bytea, referrer:bytea, friend:bytea, origin:text, state:text, reason:text, bond:bool, touched:bigint,
		  last:bigint, joined:bigint, ord:text, score:bigint}} WHERE TRUE
		ON CONFLICT (shop_id, id) DO UPDATE SET referrer_id = excluded.referrer_id, friend_id = excluded.friend_id,
		  origin = excluded.origin, state = excluded.state, reason = excluded.reason, bond = excluded.bond,
		  touched_at = excluded.touched_at, last_at = excluded.last_at, joined_at = excluded.joined_at,
		  order_name = excluded.order_name, score = excluded.score`)
	qPutClaim = store.New("batch.put.claims", `
		INSERT INTO claims (shop_id, reward_id, member_id, gift, by_hand, quantity, state, since, done_at, chosen, code, delivery, site,
		  pool, detail)
		SELECT $1, r.reward, r.member, r.gift, r.hand, r.quantity, r.state, r.since, NULLIF(r.done, 0), r.chosen, r.code, r.delivery, r.site,
		  r.pool, r.detail
		FROM {{rows reward:bytea, member:bytea, gift:text, hand:bool, quantity:bigint, state:text, since:bigint, done:bigint,
		  chosen:bigint, code:text, delivery:text, site:text, pool:text, detail:text}} WHERE TRUE
		ON CONFLICT (shop_id, reward_id) DO UPDATE SET member_id = excluded.member_id, gift = excluded.gift,
		  by_hand = excluded.by_hand, quantity = excluded.quantity, state = excluded.state, done_at = excluded.done_at, chosen = excluded.chosen,
		  detail = excluded.detail`)
	qPutTag = store.New("batch.put.tags", `
		INSERT INTO tags (shop_id, member_id, tag) SELECT $1, r.member, r.tag FROM {{rows member:bytea, tag:text}} WHERE TRUE
		ON CONFLICT (shop_id, member_id, tag) DO NOTHING`)
	qDropTag = store.New("batch.drop.tags", `
		DELETE FROM tags WHERE shop_id = $1 AND member_id = $2 AND tag = $3`)
	qPutReceipt = store.New("batch.put.receipts", `
		INSERT INTO receipts (shop_id, event_id, member_id, body)
		SELECT $1, r.event, r.member, r.body FROM {{rows event:bytea, member:bytea, body:text}}`)
	// Of somebody who was erased nothing is kept, whatever is reported of him.
	qPutConsent = store.New("batch.put.consents", `
		INSERT INTO consents (shop_id, member_id, purpose, way, at, event_id, given)
		SELECT $1, r.member, r.purpose, r.way, r.at, r.event, r.given
		FROM {{rows member:bytea, purpose:text, way:text, at:bigint, event:bytea, given:bool}}
		WHERE NOT EXISTS (SELECT 1 FROM erasures x WHERE x.shop_id = $1 AND x.member_id = r.member)`)
	qPutOutbox = store.New("batch.put.outbox", `
		INSERT INTO outbox (shop_id, id, kind, member_id, rev, event_id, body)
		SELECT $1, r.id, r.kind, r.member, r.rev, r.event, r.body
		FROM {{rows id:bytea, kind:text, member:bytea, rev:bigint, event:bytea, body:text}}`)
)

// Commit writes the decisions of every item that has one and ends the transaction. With
// nothing to store it rolls back.
func (b *Batch) Commit(ctx context.Context) error {
	w := &writer{Batch: b, tenant: int64(b.shop.ID)}
	if err := w.facts(); err != nil {
		return err
	}
	if len(w.events.ids) == 0 {
		return nil
	}
	decide.Settle(b.Dossiers, b.Now)
	w.dossiers()
	if err := w.persons(ctx); err != nil {
		return err
	}
	if err := w.codes(ctx); err != nil {
		return err
	}
	w.queue()
	return b.tx.Commit(ctx)
}

// writer gathers the rows of a batch as columns.
type writer struct {
	*Batch
	tenant int64

	events struct {
		ids, members, orders, digests                [][]byte
		feeds, exts, vias, origins, kinds, factTexts []string
		occurred, fold                               []int64
	}
	receipts struct {
		events, members [][]byte
		bodies          []string
	}
	outbox struct {
		ids, members, events [][]byte
		kinds, bodies        []string
		revs                 []int64
	}
	txns struct {
		ids, events, rewards, reverses [][]byte
		kinds, actors                  []string
		effective                      []int64
	}
	posts struct {
		txns, members, lots   [][]byte
		places, units         []string
		ns, amounts, effected []int64
	}
	consents struct {
		members, events [][]byte
		purposes, ways  []string
		at              []int64
		given           []bool
	}
	vouchers []*loyalty.Voucher
}

// facts gathers what is only ever added.
func (w *writer) facts() error {
	for _, it := range w.Items {
		if !it.decided() {
			continue
		}
		f, e := it.Fact, &w.events
		var order []byte
		if s, r := orderOf(f); r != "" {
			if o := w.Dossiers.Orders[loyalty.OrderName(s, r)]; o != nil {
				order = o.ID.Bytes()
			}
		}
		e.ids, e.members, e.orders = append(e.ids, f.ID.Bytes()), append(e.members, f.MemberID.Bytes()), append(e.orders, order)
		e.digests, e.factTexts = append(e.digests, it.Digest), append(e.factTexts, it.text())
		e.feeds, e.exts, e.vias = append(e.feeds, f.Feed), append(e.exts, f.ExternalID), append(e.vias, f.Via)
		e.origins, e.kinds = append(e.origins, f.Origin), append(e.kinds, f.Kind)
		e.occurred, e.fold = append(e.occurred, int64(f.OccurredAt)), append(e.fold, int64(f.FoldAt))
		w.receipt(it)
		w.consent(f)
		if err := w.entries(it); err != nil {
			return err
		}
		for i, o := range it.Decision.Outbox {
			x := &w.outbox
			x.ids = append(x.ids, id.Nth[id.OutboxKind](f.ID, i+1).Bytes())
			x.members, x.events = append(x.members, o.Member.Bytes()), append(x.events, f.ID.Bytes())
			x.kinds, x.bodies, x.revs = append(x.kinds, o.Kind), append(x.bodies, text(o.Line)), append(x.revs, w.Rev(o.Member))
		}
	}
	return nil
}

// consent keeps what a fact says that its member agrees to, or does not any more.
func (w *writer) consent(f *loyalty.Fact) {
	c, given := f.Agreed()
	if c == nil || f.MemberID.IsZero() {
		return
	}
	m, x := f.MemberID, &w.consents
	for into, merged := w.Dossiers.Merged[m]; merged; into, merged = w.Dossiers.Merged[m] {
		m = into
	}
	x.members, x.events, x.at = append(x.members, m.Bytes()), append(x.events, f.ID.Bytes()), append(x.at, int64(f.OccurredAt))
	x.purposes, x.ways, x.given = append(x.purposes, c.Purpose), append(x.ways, c.Way), append(x.given, given)
}

// text is the fact as it is kept: as it came, with the referrer's id where he was found.
func (it *Item) text() string {
	if it.Text == nil || it.Fact.Referrer.Named() {
		return string(it.Fact.Canonical())
	}
	return string(it.Text)
}

func (it *Item) decided() bool {
	return it.Stored == nil && !it.Again && it.Err == nil && !it.Decision.Again && it.Decision.Problem == nil && !it.Fact.ID.IsZero()
}

// receipt keeps the lines apart by whom they concern.
func (w *writer) receipt(it *Item) {
	var order []id.Member
	lines := map[id.Member][]loyalty.ReceiptLine{}
	for _, l := range it.Decision.Lines {
		if !slices.Contains(order, l.Member) {
			order = append(order, l.Member)
		}
		lines[l.Member] = append(lines[l.Member], l)
	}
	for _, m := range order {
		who := m.Bytes()
		if who == nil {
			who = make([]byte, 16) // nobody: the receipt is the event's alone
		}
		w.receipts.events = append(w.receipts.events, it.Fact.ID.Bytes())
		w.receipts.members = append(w.receipts.members, who)
		w.receipts.bodies = append(w.receipts.bodies, text(lines[m]))
	}
}

func (w *writer) entries(it *Item) error {
	for _, t := range it.Decision.Entries {
		if !t.Balanced() {
			return fmt.Errorf("a %s of %s does not sum to zero: %+v", t.Kind, it.Fact.ID, t.Postings)
		}
		x := &w.txns
		x.ids, x.events = append(x.ids, t.ID.Bytes()), append(x.events, t.Event.Bytes())
		x.rewards, x.reverses = append(x.rewards, t.Reward.Bytes()), append(x.reverses, t.Reverses.Bytes())
		x.kinds, x.actors, x.effective = append(x.kinds, t.Kind), append(x.actors, t.Actor), append(x.effective, int64(t.EffectiveAt))
		for i, p := range t.Postings {
			y := &w.posts
			y.txns, y.members, y.lots = append(y.txns, t.ID.Bytes()), append(y.members, p.Member.Bytes()), append(y.lots, p.Lot.Bytes())
			y.places, y.units = append(y.places, p.Place), append(y.units, string(p.Unit))
			y.ns, y.amounts, y.effected = append(y.ns, int64(i)), append(y.amounts, p.Amount), append(y.effected, int64(t.EffectiveAt))
		}
	}
	return nil
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain values only
	}
	return string(b)
}

// persons seals the data of whoever was named, under a key of his own, and keeps the words
// by which he is found.
func (w *writer) persons(ctx context.Context) error {
	members := set[id.MemberKind]{}
	for _, it := range w.Items {
		if it.Fact.Address != nil && it.decided() {
			members.add(it.Fact.MemberID)
		}
	}
	if len(w.newPersons)+len(members) == 0 {
		return nil
	}
	addressed := slices.SortedFunc(maps.Keys(members), func(a, b id.Member) int { return slices.Compare(a[:], b[:]) })
	for _, p := range w.newPersons {
		members.add(p.member)
	}
	wrapped := map[id.Member][]byte{}
	w.tx.Query(qPersonKeys, len(members), func(r store.Scanner) error {
		var m id.Member
		var k []byte
		if err := r.Scan(&m, &k); err != nil {
			return err
		}
		wrapped[m] = k
		return nil
	}, w.tenant, members.column())
	erased := map[id.Member]bool{}
	w.tx.Query(qErased, len(members), func(r store.Scanner) error {
		var m id.Member
		err := r.Scan(&m)
		erased[m] = true
		return err
	}, w.tenant, members.column())
	if err := w.tx.Flush(ctx); err != nil {
		return err
	}
	var newMembers, newKeys [][]byte
	for _, m := range addressed {
		if wrapped[m] == nil && !erased[m] {
			wrapped[m] = w.box.NewPerson()
			newMembers, newKeys = append(newMembers, m.Bytes()), append(newKeys, wrapped[m])
		}
	}
	sealed, words := map[id.Member][]byte{}, map[id.Member][]string{}
	for _, p := range w.newPersons {
		if w.Dossiers.Files[p.member] == nil || erased[p.member] {
			continue
		}
		if wrapped[p.member] == nil {
			wrapped[p.member] = w.box.NewPerson()
			newMembers, newKeys = append(newMembers, p.member.Bytes()), append(newKeys, wrapped[p.member])
		}
		s, err := w.box.Seal(wrapped[p.member], []byte(text(p.person)))
		if err != nil {
			return err
		}
		sealed[p.member], words[p.member] = s, p.person.SearchTerms()
	}
	var ids, bodies [][]byte
	for _, m := range slices.SortedFunc(maps.Keys(sealed), func(a, b id.Member) int { return slices.Compare(a[:], b[:]) }) {
		ids, bodies = append(ids, m.Bytes()), append(bodies, sealed[m])
	}
	w.tx.Rows(qPutPersonKey, len(newKeys), w.tenant, newMembers, newKeys)
	w.tx.Rows(qPutPerson, len(ids), w.tenant, ids, bodies)
	w.tx.SetSearchTerms(w.shop.ID, words) // after the person's row: whoever rebuilds them holds it
	return w.addresses(wrapped)
}

// codes gives new vouchers codes that nobody has.
func (w *writer) codes(ctx context.Context) error {
	for _, f := range w.Dossiers.Files {
		for _, v := range f.Vouchers {
			if v.New || v.Dirty {
				w.vouchers = append(w.vouchers, v)
			}
		}
	}
	for _, v := range w.Dossiers.Codes { // those of no reward, or of somebody whose file was not read
		if f := w.Dossiers.Files[v.Member]; v.Dirty && (v.Reward.IsZero() || f == nil || f.Vouchers[v.Reward] != v) {
			w.vouchers = append(w.vouchers, v)
		}
	}
	slices.SortFunc(w.vouchers, func(a, b *loyalty.Voucher) int { return slices.Compare(a.ID[:], b.ID[:]) })
	taken := map[string]bool{}
	for try := byte(0); ; try++ {
		var ask []string
		for _, v := range w.vouchers {
			if v.New && (v.Code == "" || taken[v.Code]) {
				v.Code = loyalty.BoundCode(w.box.Code(v.ID.Bytes(), try))
				ask = append(ask, v.Code)
			}
		}
		if len(ask) == 0 {
			return nil
		}
		clear(taken)
		w.tx.Query(qCodesTaken, len(ask), func(r store.Scanner) error {
			var code string
			if err := r.Scan(&code); err != nil {
				return err
			}
			taken[code] = true
			return nil
		}, w.tenant, ask)
		if err := w.tx.Flush(ctx); err != nil {
			return err
		}
	}
}

// queue sends every gathered row.
func (w *writer) queue() {
	e, now := &w.events, int64(w.Now)
	h := sha256.New()
	for _, d := range e.digests {
		h.Write(d)
	}
	w.tx.Rows(qPutBatch, 1, w.tenant, w.id.Bytes(), now, h.Sum(nil))
	w.tx.Rows(qPutEvent, len(e.ids), w.tenant, now, w.id.Bytes(), e.ids, e.feeds, e.exts, e.vias, e.origins, e.kinds, e.members,
		e.orders, e.occurred, e.fold, e.digests, e.factTexts)
	x, y := &w.txns, &w.posts
	w.tx.Rows(qPutTransaction, len(x.ids), w.tenant, now, x.ids, x.kinds, x.events, x.rewards, x.reverses, x.actors, x.effective)
	w.tx.Rows(qPutPosting, len(y.txns), w.tenant, y.txns, y.ns, y.members, y.places, y.units, y.lots, y.amounts, y.effected)
	w.putVouchers()
	r := &w.receipts
	w.tx.Rows(qPutReceipt, len(r.events), w.tenant, r.events, r.members, r.bodies)
	c := &w.consents
	w.tx.Rows(qPutConsent, len(c.events), w.tenant, c.members, c.purposes, c.ways, c.at, c.events, c.given)
	o := &w.outbox
	w.tx.Rows(qPutOutbox, len(o.ids), w.tenant, o.ids, o.kinds, o.members, o.revs, o.events, o.bodies)
}
