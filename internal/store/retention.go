package store

import (
	"context"
	"encoding/json"
	"fmt"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

const retentionSetting = "retention"

// Retention says for how long a shop keeps what speaks of people.
func (s *Store) Retention(ctx context.Context, shop loyalty.ShopID) (*loyalty.Retention, error) {
	out := loyalty.NewRetention()
	err := s.Read(ctx, qSetting, func(r Scanner) error {
		var text string
		if err := r.Scan(&text); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), out); err != nil {
			return fmt.Errorf("retention: %w", err)
		}
		return nil
	}, int64(shop), retentionSetting)
	return out, err
}

// PutRetention stores it.
func (t *Tx) PutRetention(ctx context.Context, shop loyalty.ShopID, r *loyalty.Retention) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return t.Exec(ctx, qPutSetting, int64(shop), retentionSetting, string(b))
}

// RetentionFeed is the feed of the facts by which members are let go: they are nothing that the
// member did.
const RetentionFeed = "retention"

var (
	// A page of members by id, each with whether nothing was heard of him since the time that holds
	// for his state. $4 members, $5 leads (0: kept), $6 whoever came later is new here.
	qQuiet = New("members.quiet", `
		SELECT m.id, m.state, CASE WHEN m.state <> 'merged' AND m.cut > 0 AND m.created_at < $6
		  AND EXISTS (SELECT 1 FROM persons p WHERE p.shop_id = $1 AND p.member_id = m.id)
		  AND NOT EXISTS (SELECT 1 FROM events e WHERE e.shop_id = $1 AND e.member_id = m.id AND e.fold_at >= m.cut AND e.origin <> 'clock' AND e.feed <> '`+RetentionFeed+`')
		  AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.shop_id = $1 AND s.member_id = m.id AND s.ends_at >= m.cut)
		  THEN 1 ELSE 0 END AS quiet
		FROM (
		  SELECT x.id, x.state, x.created_at, CASE WHEN x.state = 'prospect' THEN CAST($5 AS BIGINT) ELSE CAST($4 AS BIGINT) END AS cut
		  FROM members x WHERE x.shop_id = $1 AND x.id > $2 ORDER BY x.id LIMIT $3
		) AS m ORDER BY m.id`)
	qAllKeys = New("member_keys.all", `SELECT k.kind, k.key FROM member_keys k WHERE k.shop_id = $1 AND k.member_id = $2 AND k.kind <> 'code'`)

	qSweepAddresses = New("claim_addresses.sweep", `
		DELETE FROM claim_addresses WHERE shop_id = $1 AND reward_id IN (
		  SELECT c.reward_id FROM claims c WHERE c.shop_id = $1 AND c.state = $3 AND c.since < $2 AND COALESCE(c.done_at, c.since) < $2)`)
	qCountAddresses = New("claim_addresses.old", `
		SELECT COUNT(*) FROM claims c JOIN claim_addresses a ON a.shop_id = $1 AND a.reward_id = c.reward_id
		WHERE c.shop_id = $1 AND c.state = $3 AND c.since < $2 AND COALESCE(c.done_at, c.since) < $2`)
	qCountSent    = New("messages.old", `SELECT COUNT(*) FROM messages m WHERE m.shop_id = $1 AND m.sealed IS NOT NULL AND m.done_at < $2`)
	qCountInvited = New("invitations.old", `SELECT COUNT(*) FROM invitations i WHERE i.shop_id = $1 AND i.sealed IS NOT NULL AND i.sent_at < $2`)
	qCountSeen    = New("sightings.old", `SELECT COUNT(*) FROM sightings s WHERE s.shop_id = $1 AND s.seen_at < $2`)
)

// Quiet is a member with whether nothing was heard of him for long.
type Quiet struct {
	ID    id.Member
	State string
	Quiet bool
}

// Cuts are the times before which something is old; zero: it is kept.
type Cuts struct{ Members, Leads, Addresses, Messages, Invitations, Sightings, New moment.Time }

// QuietMembers reads a page of members behind one, in the order of their ids.
func (s *Store) QuietMembers(ctx context.Context, shop loyalty.ShopID, c Cuts, behind id.Member, limit int) (out []Quiet, err error) {
	err = s.Read(ctx, qQuiet, func(r Scanner) error {
		var q Quiet
		var is int64
		err := r.Scan(&q.ID, &q.State, &is)
		q.Quiet = is == 1
		out = append(out, q)
		return err
	}, int64(shop), behind[:], int64(limit), int64(c.Members), int64(c.Leads), int64(c.New))
	return out, err
}

// KeysOf lists what finds a member, except his personal code, which names nobody.
func (s *Store) KeysOf(ctx context.Context, shop loyalty.ShopID, m id.Member) (out []loyalty.Key, err error) {
	err = s.Read(ctx, qAllKeys, func(r Scanner) error {
		var k loyalty.Key
		err := r.Scan(&k.Kind, &k.Key)
		out = append(out, k)
		return err
	}, int64(shop), m.Bytes())
	return out, err
}

// doneStates are those of claims that need no address any more.
var doneStates = []string{loyalty.ClaimShipped, loyalty.ClaimHanded, loyalty.ClaimDelivered, loyalty.ClaimWithdrawn, loyalty.ClaimCancelled}

// SweepAddresses forgets where parcels went that were done before a time.
func (s *Store) SweepAddresses(ctx context.Context, shop loyalty.ShopID, before moment.Time) error {
	return s.Write(ctx, func(t *Tx) error {
		for _, state := range doneStates {
			t.Rows(qSweepAddresses, 1, int64(shop), int64(before), state)
		}
		return t.Flush(ctx)
	})
}

// Old is how much is older than the times of some cuts.
type Old struct{ Addresses, Messages, Invitations, Sightings int64 }

// CountOld counts it.
func (s *Store) CountOld(ctx context.Context, shop loyalty.ShopID, c Cuts) (out Old, err error) {
	count := func(q *Q, into *int64, before moment.Time, more ...any) {
		if err == nil && before > 0 {
			err = s.Read(ctx, q, func(r Scanner) error {
				var n int64
				err := r.Scan(&n)
				*into += n
				return err
			}, append([]any{int64(shop), int64(before)}, more...)...)
		}
	}
	for _, state := range doneStates {
		count(qCountAddresses, &out.Addresses, c.Addresses, state)
	}
	count(qCountSent, &out.Messages, c.Messages)
	count(qCountInvited, &out.Invitations, c.Invitations)
	count(qCountSeen, &out.Sightings, c.Sightings)
	return out, err
}
