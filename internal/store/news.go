package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

var (
	qNews = New("events.news", `
		SELECT e.id, e.kind, e.via, e.origin, e.member_id, e.occurred_at, e.recorded_at FROM events e
		WHERE e.shop_id = $1 AND e.id > $2 ORDER BY e.id LIMIT $3`)
	qNewReceipts = New("receipts.news", `
		SELECT p.event_id, p.body FROM receipts p WHERE p.shop_id = $1 AND p.event_id > $2 AND p.event_id <= $3 ORDER BY p.event_id`)
	qRewardsOfRule = New("rewards.rule", `
		SELECT w.id, w.part, w.event_id, w.unit, w.amount, w.taken, w.state, w.given_at, COALESCE(w.due_at, 0), e.via, e.origin
		FROM rewards w JOIN events e ON e.shop_id = $1 AND e.id = w.event_id
		WHERE w.shop_id = $1 AND w.member_id = $2 AND w.program_id = $3 AND w.rule = $4`)
	qLastEvent    = New("events.last", `SELECT e.id FROM events e WHERE e.shop_id = $1 ORDER BY e.id DESC LIMIT 1`)
	qRaiseSetting = New("settings.raise", `
		INSERT INTO settings (shop_id, name, value) VALUES ($1, $2, $3)
		ON CONFLICT (shop_id, name) DO UPDATE SET value = excluded.value WHERE settings.value < excluded.value`)
)

// News is a recorded fact as far as somebody may want to tell about it. Lines are those of
// its receipts that speak of a referrer or a friend.
type News struct {
	Event      id.Event
	Kind       string
	Via        string
	Origin     string
	Member     id.Member
	OccurredAt moment.Time
	RecordedAt moment.Time
	Lines      []loyalty.ReceiptLine
}

// News is a page of facts behind an event, in the order of their ids. Transactions that run
// at the same time commit in any order: a fact may appear behind one that was read already.
func (s *Store) News(ctx context.Context, shop loyalty.ShopID, behind id.Event, limit int) ([]News, error) {
	var out []News
	err := s.Read(ctx, qNews, func(r Scanner) error {
		var n News
		err := r.Scan(&n.Event, &n.Kind, &n.Via, &n.Origin, &n.Member, &n.OccurredAt, &n.RecordedAt)
		out = append(out, n)
		return err
	}, int64(shop), behind[:], int64(limit))
	if err != nil || len(out) == 0 {
		return nil, err
	}
	at := map[id.Event]*News{}
	for i := range out {
		at[out[i].Event] = &out[i]
	}
	last := out[len(out)-1].Event
	err = s.Read(ctx, qNewReceipts, func(r Scanner) error {
		var e id.Event
		var body string
		if err := r.Scan(&e, &body); err != nil {
			return err
		}
		// Most receipts are of members' own orders: they are not worth the reading.
		if at[e] == nil || !strings.Contains(body, `"part":"referrer"`) && !strings.Contains(body, `"part":"friend"`) {
			return nil
		}
		var lines []loyalty.ReceiptLine
		if err := json.Unmarshal([]byte(body), &lines); err != nil {
			return fmt.Errorf("receipt of %s: %w", e, err)
		}
		for _, l := range lines {
			if l.Part == loyalty.AsReferrer || l.Part == loyalty.AsFriend {
				at[e].Lines = append(at[e].Lines, l)
			}
		}
		return nil
	}, int64(shop), behind[:], last.Bytes())
	return out, err
}

// RuleReward is a reward that a rule gave a member, with where the fact behind it came from.
type RuleReward struct {
	loyalty.Reward
	Via, Origin string
}

// RewardsOfRule lists what a rule gave a member.
func (s *Store) RewardsOfRule(ctx context.Context, shop loyalty.ShopID, m id.Member, p id.Program, rule string) ([]RuleReward, error) {
	var out []RuleReward
	err := s.Read(ctx, qRewardsOfRule, func(r Scanner) error {
		var x RuleReward
		err := r.Scan(&x.ID, &x.Part, &x.Event, &x.Unit, &x.Amount, &x.Taken, &x.State, &x.GivenAt, &x.DueAt, &x.Via, &x.Origin)
		x.Key = loyalty.RewardKey{Program: p, Rule: rule, Member: m}
		out = append(out, x)
		return err
	}, int64(shop), m.Bytes(), p.Bytes(), rule)
	return out, err
}

// LastEvent is the greatest id of a shop's facts; zero when there is none.
func (s *Store) LastEvent(ctx context.Context, shop loyalty.ShopID) (e id.Event, err error) {
	err = s.Read(ctx, qLastEvent, func(r Scanner) error { return r.Scan(&e) }, int64(shop))
	return e, err
}

// Settings of a shop about messages: whether they are on, and behind which fact to read on.
const (
	messages     = "messages"
	messagesRead = "messages_read"
)

// Messaging tells whether a shop's messages were switched; empty: nobody did, "on" or "off".
func (s *Store) Messaging(ctx context.Context, shop loyalty.ShopID) (set string, err error) {
	err = s.Read(ctx, qSetting, func(r Scanner) error { return r.Scan(&set) }, int64(shop), messages)
	return set, err
}

// SetMessaging switches a shop's messages.
func (t *Tx) SetMessaging(ctx context.Context, shop loyalty.ShopID, set string) error {
	return t.Exec(ctx, qPutSetting, int64(shop), messages, set)
}

// MessagesRead tells behind which fact a shop's messages are made; false when none were yet.
func (s *Store) MessagesRead(ctx context.Context, shop loyalty.ShopID) (e id.Event, found bool, err error) {
	err = s.Read(ctx, qSetting, func(r Scanner) error {
		var text string
		if err := r.Scan(&text); err != nil {
			return err
		}
		b, err := hex.DecodeString(text)
		found = copy(e[:], b) == len(e)
		return err
	}, int64(shop), messagesRead)
	return e, found, err
}

// RaiseMessagesRead moves that forward, never back.
func (t *Tx) RaiseMessagesRead(ctx context.Context, shop loyalty.ShopID, e id.Event) error {
	return t.Exec(ctx, qRaiseSetting, int64(shop), messagesRead, hex.EncodeToString(e[:]))
}
