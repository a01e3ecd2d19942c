package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

// The journal is what a shop's people look through: facts in the order in which they were
// recorded, newest first. Its statements read a page from an index; what is refused is found
// by an index of receipts that refuse something.

const (
	refuses    = `p.body LIKE '%"outcome":"refused"%'`
	inJournal  = `e.shop_id = $1 AND e.id < $2 AND e.id >= $3`
	endJournal = ` ORDER BY e.id DESC LIMIT $4`
)

var (
	qJournal = New("events.journal", `SELECT `+eventColumns+` FROM events e WHERE `+inJournal+endJournal)
	// The others read ids alone, which stand in an index: SQLite would go through the rows of
	// the whole shop otherwise, since they lie in the wanted order.
	qJournalOfKind = New("events.journal.kind", `SELECT e.id, e.kind FROM events e WHERE `+inJournal+` AND e.kind {{in kind:text}}`+endJournal)
	// All of a member's: one page of them would be read from the whole shop's, too.
	qJournalOfMember = New("events.journal.member", `
		SELECT e.id, e.kind FROM events e WHERE e.shop_id = $1 AND e.member_id = $2 ORDER BY e.fold_at DESC LIMIT $3`)
	qJournalNamed   = New("events.journal.named", `SELECT e.id, e.kind FROM events e WHERE e.shop_id = $1 AND e.external_id = $2`)
	qOrdersCalled   = New("orders.called", `SELECT o.id, o.member_id FROM orders o WHERE o.shop_id = $1 AND o.ref = $2`)
	qEventsOfOrder  = New("events.of.order", `SELECT e.id, e.kind FROM events e WHERE e.shop_id = $1 AND e.member_id = $2 AND e.order_id = $3`)
	qOrphansOfOrder = New("events.of.order.orphan", `
		SELECT e.id, e.kind FROM events e WHERE e.shop_id = $1 AND e.order_id = $2 AND e.member_id IS NULL`)
	qRefused = New("receipts.refused", `
		SELECT p.event_id, p.member_id, p.body FROM receipts p
		WHERE p.shop_id = $1 AND p.event_id < $2 AND p.event_id >= $3 AND `+refuses+`
		ORDER BY p.event_id DESC LIMIT $4`)
	qEventsByID = New("events.ids", `SELECT `+eventColumns+` FROM events e WHERE e.shop_id = $1 AND e.id {{in id:bytea}}`)
	qReceiptsOf = New("receipts.of.events", `
		SELECT p.event_id, p.member_id, p.body FROM receipts p WHERE p.shop_id = $1 AND p.event_id {{in id:bytea}}`)
	qMessagesTo = New("messages.of.member", `SELECT `+messageColumns+` FROM `+messageTables+`
		WHERE m.shop_id = $1 AND m.member_id = $2 AND m.id < $3 AND m.id >= $4 ORDER BY m.id DESC LIMIT $5`)
	qMessagesIn = New("messages.between", `SELECT `+messageColumns+` FROM `+messageTables+`
		WHERE m.shop_id = $1 AND m.id < $2 AND m.id >= $3 ORDER BY m.id DESC LIMIT $4`)
)

// Span is a stretch of what was recorded: ids from First on, before Before (zero: to the
// newest), Limit of them at most, the newest first.
type Span struct {
	Before, First [16]byte
	Limit         int
}

func (s Span) args(shop loyalty.ShopID) []any {
	return []any{int64(shop), newest(id.Event(s.Before)), s.First[:], int64(s.Limit)}
}

// Journal says which facts are meant; what is zero does not matter, and of several the first
// counts.
type Journal struct {
	Member id.Member
	Order  string   // the number of an order
	Named  string   // the external id
	Kinds  []string // any of these
}

// mostOfMember is how many facts of one member are looked through: his latest ones.
const mostOfMember = 10_000

// JournalPage is a page of a shop's facts, the newest first.
func (s *Store) JournalPage(ctx context.Context, shop loyalty.ShopID, of Journal, span Span) ([]*Event, error) {
	args := span.args(shop)
	if of.Member.IsZero() && of.Order == "" && of.Named == "" && len(of.Kinds) == 0 {
		var out []*Event
		err := s.Read(ctx, qJournal, func(r Scanner) error {
			e, err := scanEvent(r)
			out = append(out, e)
			return err
		}, args...)
		return out, err
	}
	var ids []id.Event
	into := func(r Scanner) error {
		var e id.Event
		var kind string
		err := r.Scan(&e, &kind)
		if len(of.Kinds) == 0 || slices.Contains(of.Kinds, kind) {
			ids = append(ids, e)
		}
		return err
	}
	var err error
	switch {
	case !of.Member.IsZero():
		err = s.Read(ctx, qJournalOfMember, into, int64(shop), of.Member.Bytes(), int64(mostOfMember))
	case of.Order != "":
		err = s.ofOrders(ctx, shop, of.Order, into)
	case of.Named != "":
		err = s.Read(ctx, qJournalNamed, into, int64(shop), of.Named)
	default:
		err = s.ReadRows(ctx, qJournalOfKind, len(of.Kinds), into, append(args, of.Kinds)...)
	}
	if err != nil {
		return nil, err
	}
	return s.within(ctx, shop, ids, span)
}

// ofOrders reads the ids of the facts about the orders of one number.
func (s *Store) ofOrders(ctx context.Context, shop loyalty.ShopID, ref string, into func(Scanner) error) error {
	type order struct {
		id     id.Order
		member id.Member
	}
	var orders []order
	err := s.Read(ctx, qOrdersCalled, func(r Scanner) error {
		var o order
		err := r.Scan(&o.id, &o.member)
		orders = append(orders, o)
		return err
	}, int64(shop), ref)
	for _, o := range orders {
		if err == nil && !o.member.IsZero() {
			err = s.Read(ctx, qEventsOfOrder, into, int64(shop), o.member.Bytes(), o.id.Bytes())
		}
		if err == nil {
			err = s.Read(ctx, qOrphansOfOrder, into, int64(shop), o.id.Bytes())
		}
	}
	return err
}

// within reads the facts of ids that lie in a span, the newest first.
func (s *Store) within(ctx context.Context, shop loyalty.ShopID, ids []id.Event, span Span) ([]*Event, error) {
	before := newest(id.Event(span.Before))
	ids = slices.DeleteFunc(ids, func(e id.Event) bool {
		return bytes.Compare(e[:], before) >= 0 || bytes.Compare(e[:], span.First[:]) < 0
	})
	slices.SortFunc(ids, func(a, b id.Event) int { return bytes.Compare(b[:], a[:]) })
	ids = ids[:min(len(ids), span.Limit)]
	rows, err := s.EventsByID(ctx, shop, ids)
	var out []*Event
	for _, e := range ids {
		if x := rows[e]; x != nil {
			out = append(out, x)
		}
	}
	return out, err
}

// RefusedReceipts is a page of the receipts that refuse something, the newest first. An event
// that concerns several people may have several.
func (s *Store) RefusedReceipts(ctx context.Context, shop loyalty.ShopID, span Span) ([]loyalty.Receipt, error) {
	return s.receipts(ctx, qRefused, span.args(shop)...)
}

// EventsByID reads facts by their ids; what is not there is missing.
func (s *Store) EventsByID(ctx context.Context, shop loyalty.ShopID, ids []id.Event) (map[id.Event]*Event, error) {
	out := map[id.Event]*Event{}
	err := s.ReadRows(ctx, qEventsByID, len(ids), func(r Scanner) error {
		e, err := scanEvent(r)
		if err == nil {
			out[e.ID] = e
		}
		return err
	}, int64(shop), allBytes(ids))
	return out, err
}

// ReceiptsOfEvents gives what several events led to.
func (s *Store) ReceiptsOfEvents(ctx context.Context, shop loyalty.ShopID, ids []id.Event) (map[id.Event][]loyalty.Receipt, error) {
	out := map[id.Event][]loyalty.Receipt{}
	err := s.ReadRows(ctx, qReceiptsOf, len(ids), func(r Scanner) error {
		var p loyalty.Receipt
		var body string
		if err := r.Scan(&p.Event, &p.Member, &body); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(body), &p.Lines); err != nil {
			return fmt.Errorf("receipt of %s: %w", p.Event, err)
		}
		out[p.Event] = append(out[p.Event], p)
		return nil
	}, int64(shop), allBytes(ids))
	return out, err
}

// MessagesIn is a page of a shop's messages, the newest first; of one member when he is named.
func (s *Store) MessagesIn(ctx context.Context, shop loyalty.ShopID, of id.Member, span Span) (out []*Message, err error) {
	into := func(r Scanner) error {
		m, err := scanMessage(r)
		out = append(out, m)
		return err
	}
	args := span.args(shop)
	if !of.IsZero() {
		err = s.Read(ctx, qMessagesTo, into, slices.Insert(args, 1, any(of.Bytes()))...)
		return out, err
	}
	err = s.Read(ctx, qMessagesIn, into, args...)
	return out, err
}

// MembersByID reads members by their ids; whoever is not there is missing.
func (s *Store) MembersByID(ctx context.Context, shop loyalty.ShopID, ids []id.Member) (map[id.Member]*MemberRow, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return s.membersByID(ctx, shop, allBytes(ids))
}

func allBytes[K id.Kind](ids []id.ID[K]) [][]byte {
	out := make([][]byte, len(ids))
	for i, x := range ids {
		out[i] = x.Bytes()
	}
	return out
}

func scanEvent(r Scanner) (*Event, error) {
	f := &loyalty.Fact{}
	e := &Event{Fact: f}
	var body string
	err := r.Scan(&f.ID, &f.Feed, &f.ExternalID, &f.Via, &f.Origin, &f.RecordedAt, &f.FoldAt, &f.MemberID, &e.Order, &body)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(body), f); err != nil {
		return nil, fmt.Errorf("fact of %s: %w", f.ID, err)
	}
	return e, nil
}

var (
	qRewardsOf     = New("rewards.of.event", `SELECT w.id FROM rewards w WHERE w.shop_id = $1 AND w.id > $2 AND w.id <= $3`)
	qMessagesNamed = New("messages.keys", `SELECT `+messageColumns+` FROM `+messageTables+`
		WHERE m.shop_id = $1 AND m.key {{in key:text}}`)
)

// RewardsMadeBy lists the rewards that a fact made: their ids stem from its own.
func (s *Store) RewardsMadeBy(ctx context.Context, shop loyalty.ShopID, e id.Event) (out []id.Reward, err error) {
	err = s.Read(ctx, qRewardsOf, func(r Scanner) error {
		var x id.Reward
		err := r.Scan(&x)
		out = append(out, x)
		return err
	}, int64(shop), e.Bytes(), id.Nth[id.RewardKind](e, 1<<16-1).Bytes())
	return out, err
}

// MessagesNamed finds messages by their keys, in no particular order.
func (s *Store) MessagesNamed(ctx context.Context, shop loyalty.ShopID, keys []string) (out []*Message, err error) {
	err = s.ReadRows(ctx, qMessagesNamed, len(keys), func(r Scanner) error {
		m, err := scanMessage(r)
		out = append(out, m)
		return err
	}, int64(shop), keys)
	return out, err
}
