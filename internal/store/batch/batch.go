// Package batch is the only writer of what decide reads. It takes the turns of a batch's
// subjects, loads their dossiers, and writes the decisions back, in one transaction for
// one shop. It decides nothing itself: intake calls decide between Open and Commit.
//
// The turns are one sorted upsert that locks, numbers and clocks every subject before any
// state is read, so any number of committers and processes decide as if one after the
// other. A fact whose state names a subject without a turn leaves the batch (Again).
package batch

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"

	"cagnotte/internal/decide"
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

// Item is one fact on its way through a batch.
type Item struct {
	Fact    *loyalty.Fact
	Digest  []byte
	Text    []byte      // its canonical form as it came; nil: made when it is written
	Replay  bool        // the fact's id and now are given: it was recorded before
	History bool        // an earlier try needs the member's whole history
	Others  []id.Member // whose turns an earlier try found missing: they have rewards from the member

	Decision decide.Decision
	Stored   *Stored // the same identity is recorded already
	Again    bool    // leave the batch and come back
	Err      error   // *loyalty.Problem: this fact alone is refused
}

// Stored is a fact that was recorded before.
type Stored struct {
	ID     id.Event
	Member id.Member
	Via    string
	Digest []byte
	Lines  []loyalty.ReceiptLine
}

// Batch is a transaction under way.
type Batch struct {
	Dossiers *decide.Dossiers
	Items    []*Item // in fold order
	Now      moment.Time

	tx     *store.Tx
	box    *seal.Box
	shop   *loyalty.Shop
	book   *rules.Book
	id     id.Batch
	keys   map[loyalty.Key]id.Member
	heads  map[string]head
	codes  map[string]id.Member // of vouchers that are redeemed or withdrawn: whose they are, zero for whoever has them
	uses   map[id.Event]useHead // that are given back
	carts  map[string]cartHead  // by the name of their order
	stock  stock
	states map[id.Member]string // of members whom one fact names beside another one
	merged map[id.Member]id.Member
	bonds  map[id.Member][]touch // friend → referrers
	known  map[string]*Stored    // by identity
	revs   map[string]int64      // the turns taken
	serial bool

	newKeys    []newKey
	newPersons []newPerson
}

type head struct {
	id     id.Order
	member id.Member
}

// cartHead is a cart that took value, as far as turns need it.
type cartHead struct {
	id     id.Cart
	member id.Member
	codes  []string
}

// touch is a referrer who counts for a friend, or may count once he joins or orders.
type touch struct {
	referrer id.Member
	bond     bool
}

type newKey struct {
	key    loyalty.Key
	member id.Member
}

type newPerson struct {
	member id.Member
	person *loyalty.Person
}

func identity(feed, external string) string { return feed + "\x1f" + external }

// Open takes the turns and loads the dossiers. The caller decides the items that are not
// marked, then calls Commit or, for a dry run, End alone. End must always follow.
func Open(ctx context.Context, st *store.Store, box *seal.Box, shop *loyalty.Shop, book *rules.Book, items []*Item) (*Batch, error) {
	tx, err := st.Begin(ctx)
	if err != nil {
		return nil, err
	}
	b := &Batch{tx: tx, box: box, shop: shop, book: book, Items: items, serial: st.Serial()}
	if err := b.open(ctx); err != nil {
		b.End()
		return nil, err
	}
	return b, nil
}

func (b *Batch) open(ctx context.Context) error {
	for _, it := range b.Items {
		if it.Fact.FoldAt == 0 {
			it.Fact.FoldAt = it.Fact.OccurredAt
		}
	}
	slices.SortStableFunc(b.Items, func(x, y *Item) int {
		return cmp.Or(x.Fact.Position().Compare(y.Fact.Position()))
	})
	if err := b.resolve(ctx); err != nil {
		return err
	}
	if err := b.takeTurns(ctx); err != nil {
		return err
	}
	if !b.serial { // somebody may have come between the look and the lock
		if err := b.resolve(ctx); err != nil {
			return err
		}
		for _, it := range b.Items {
			if slices.ContainsFunc(b.subjects(it), func(s string) bool { return b.revs[s] == 0 }) {
				it.Again = true
			}
		}
	}
	b.Dossiers = decide.NewDossiers(b.shop)
	b.name()
	return b.load(ctx)
}

// Look loads the dossiers without turns, beside whoever writes: what is found may be of
// several instants, and Commit must not follow. End must.
func Look(ctx context.Context, st *store.Store, box *seal.Box, shop *loyalty.Shop, book *rules.Book, items []*Item) (*Batch, error) {
	b := &Batch{tx: st.Look(), box: box, shop: shop, book: book, Items: items, serial: true}
	for _, it := range items {
		it.Fact.FoldAt = it.Fact.OccurredAt
	}
	if err := b.resolve(ctx); err != nil {
		return nil, err
	}
	if b.Now = b.tx.Now; shop.Twin() && shop.ClockAt != 0 {
		b.Now = shop.ClockAt
	}
	b.Dossiers = decide.NewDossiers(shop)
	b.name()
	return b, b.load(ctx)
}

// End gives the connection back; without Commit nothing has happened.
func (b *Batch) End() { b.tx.End() }

var (
	qKeys = store.New("batch.keys", `
		SELECT k.kind, k.key, k.member_id FROM member_keys k WHERE k.shop_id = $1 AND k.kind {{in kind:text}} AND k.key {{in key:text}}`)
	qHeads = store.New("batch.orders.heads", `
		SELECT o.series, o.ref, o.id, o.member_id FROM orders o WHERE o.shop_id = $1 AND o.series {{in series:text}} AND o.ref {{in ref:text}}`)
	qKnown = store.New("batch.events.known", `
		SELECT e.feed, e.external_id, e.id, e.member_id, e.via, e.digest FROM events e WHERE e.shop_id = $1 AND e.feed {{in feed:text}} AND e.external_id {{in ext:text}}`)
	qBonds = store.New("batch.referrals.bonds", `
		SELECT f.friend_id, f.referrer_id, f.bond FROM referrals f WHERE f.shop_id = $1 AND f.friend_id {{in id:bytea}}`)
	qCartHeads = store.New("batch.carts.heads", `
		SELECT t.series, t.ref, t.id, t.member_id, t.codes FROM carts t WHERE t.shop_id = $1 AND t.series {{in series:text}} AND t.ref {{in ref:text}}`)
	qVoucherOwners = store.New("batch.vouchers.owners", `
		SELECT v.code, v.member_id FROM vouchers v WHERE v.shop_id = $1 AND v.code {{in code:text}}`)
	qStates = store.New("batch.members.states", `
		SELECT m.id, m.state FROM members m WHERE m.shop_id = $1 AND m.id {{in id:bytea}}`)
	qMerged = store.New("batch.members.merged", `
		SELECT m.id, m.merged_into FROM members m WHERE m.shop_id = $1 AND m.id {{in id:bytea}} AND m.merged_into IS NOT NULL`)
	qTurns = store.New("batch.turns", `
		INSERT INTO turns (shop_id, subject, rev, clock)
		SELECT $1, r.subject, 1, $2 FROM {{rows subject:text}} WHERE TRUE
		ON CONFLICT (shop_id, subject) DO UPDATE SET rev = turns.rev + 1,
		  clock = CASE WHEN turns.clock >= excluded.clock THEN turns.clock + 1 ELSE excluded.clock END
		RETURNING subject, rev, clock`)
	qClock = store.New("batch.turns.clock", `
		UPDATE turns SET clock = $2 WHERE shop_id = $1 AND subject {{in subject:text}} AND clock < $2`)
)

// takeTurns locks, numbers and clocks all subjects in one sorted statement. The greatest
// clock is the batch's now: (recorded_at, id) is an order of replay for any number of
// processes and skewed clocks.
func (b *Batch) takeTurns(ctx context.Context) error {
	var all []string
	wall := b.tx.Now
	if b.shop.Twin() && b.shop.ClockAt != 0 {
		wall = b.shop.ClockAt
	}
	for _, it := range b.Items {
		all = append(all, b.subjects(it)...)
		if it.Replay {
			wall = it.Fact.RecordedAt
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	b.revs, b.Now = make(map[string]int64, len(all)), wall
	if turnsSkipped {
		for _, s := range all {
			b.revs[s] = 1
		}
		return nil
	}
	behind := false
	b.tx.Query(qTurns, len(all), func(r store.Scanner) error {
		var s string
		var rev, clock int64
		if err := r.Scan(&s, &rev, &clock); err != nil {
			return err
		}
		b.revs[s] = rev
		behind = behind || moment.Time(clock) != wall
		b.Now = max(b.Now, moment.Time(clock))
		return nil
	}, int64(b.shop.ID), int64(wall), all)
	if err := b.tx.Flush(ctx); err != nil {
		return err
	}
	for _, it := range b.Items {
		if it.Replay && b.Now != it.Fact.RecordedAt {
			return fmt.Errorf("replay of %s: its turn came at %s, recorded was %s", it.Fact.ID, b.Now, it.Fact.RecordedAt)
		}
	}
	if behind {
		b.tx.Rows(qClock, len(all), int64(b.shop.ID), int64(b.Now), all)
	}
	return nil
}

// Rev is the sequence number of a member's turn in this batch.
func (b *Batch) Rev(m id.Member) int64 { return b.revs["m:"+m.String()] }

// name gives facts their ids and members, makes the members that nobody knew, and finds
// what was recorded before.
func (b *Batch) name() {
	b.id = id.Mint[id.BatchKind](int64(b.Now), random())
	drawn := draw(len(b.Items))
	for i, it := range b.Items {
		f := it.Fact
		if it.Again {
			continue
		}
		if s := b.known[identity(f.Feed, f.ExternalID)]; s != nil && !copiesUnseen {
			it.Stored = s
			continue
		}
		if !it.Replay {
			f.ID = id.Mint[id.EventKind](int64(b.Now), drawn[i])
		}
		f.MemberID = b.memberOf(f)
		if f.MemberID.IsZero() && len(f.Member.Keys) > 0 {
			b.enter(it)
		}
		if it.Err == nil && !f.MemberID.IsZero() {
			f.Absorb = b.prospects(f)
			b.addKeys(f)
		}
		if it.Err == nil {
			it.Err = b.unknownUse(f)
		}
	}
	for _, it := range b.Items { // a referrer may be somebody whom this batch makes
		it.Fact.Referrer.ID, it.Fact.Other.ID = b.who(it.Fact.Referrer), b.who(it.Fact.Other)
	}
}

// makers are the kinds of facts that may be the first one of somebody. A bond that is
// imported is between two who are known.
var makers = map[string]bool{
	loyalty.LinkClicked: true, loyalty.InvitationSent: true, loyalty.MemberJoined: true, loyalty.NewsletterJoined: true, loyalty.ConsentGiven: true,
	loyalty.StaffBond: true, loyalty.CartUpdated: true, loyalty.CartHeld: true, loyalty.CartRedeemed: true, loyalty.OrderPlaced: true, loyalty.OrderPaid: true,
	loyalty.OrderFulfilled: true, loyalty.OrderCancelled: true, loyalty.Refunded: true, loyalty.CustomEvent: true,
}

// enter makes a member of keys that nobody had; the event that made him gives him his id.
func (b *Batch) enter(it *Item) {
	f := it.Fact
	if !makers[f.Kind] || f.Kind == loyalty.StaffBond && f.History() {
		it.Err = loyalty.NotFound("member", "member_unknown")
		return
	}
	f.MemberID = id.Nth[id.MemberKind](f.ID, 0)
	m := &loyalty.Member{ID: f.MemberID, State: loyalty.Prospect, New: true}
	file := decide.NewFile(m)
	file.Full = true
	b.Dossiers.Files[m.ID] = file
}

// prospects lists those whose keys a fact names beside the member's own: a browser that
// has named itself, an address that was invited. They are the same person. Anybody else's
// key stays his.
func (b *Batch) prospects(f *loyalty.Fact) []id.Member {
	var out []id.Member
	for _, k := range f.Member.Keys {
		x, known := b.keys[k]
		if known && x != f.MemberID && b.states[x] == loyalty.Prospect && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// personal sets the codes of members apart from those of vouchers.
const personal = 0xff

// addKeys ties further keys to a known member; a key that is somebody else's stays his.
// Who joins gets a code of his own, for the links that he shares.
func (b *Batch) addKeys(f *loyalty.Fact) {
	keys := f.Member.Keys
	if f.Kind == loyalty.MemberJoined {
		keys = append(slices.Clone(keys), loyalty.Key{Kind: loyalty.ByCode, Key: loyalty.PersonalCode(b.box.Code(f.MemberID.Bytes(), personal))})
	}
	for _, k := range keys {
		if _, taken := b.keys[k]; !taken {
			b.keys[k] = f.MemberID
			b.newKeys = append(b.newKeys, newKey{k, f.MemberID})
		}
	}
	if f.Person != nil {
		b.newPersons = append(b.newPersons, newPerson{f.MemberID, f.Person})
	}
}

func random() (r [8]byte) {
	_, _ = rand.Read(r[:]) // never fails (crypto/rand)
	return r
}

// draw gives the random bytes of n ids that are minted in one microsecond, ascending as ids
// compare them: histories are read in the order of ids, and what comes first stays first.
func draw(n int) [][8]byte {
	out := make([][8]byte, n)
	for i := range out {
		out[i] = random()
		out[i][0] &= 0x3f // an id has no more of it
	}
	slices.SortFunc(out, func(a, b [8]byte) int { return bytes.Compare(a[:], b[:]) })
	return out
}

// set is a set of ids that becomes a sorted column.
type set[K id.Kind] map[id.ID[K]]bool

func (s set[K]) add(i id.ID[K]) {
	if !i.IsZero() {
		s[i] = true
	}
}

func (s set[K]) column() [][]byte {
	out := make([][]byte, 0, len(s))
	for i := range s {
		out = append(out, i.Bytes())
	}
	slices.SortFunc(out, slices.Compare)
	return out
}
