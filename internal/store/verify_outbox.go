package store

import (
	"bytes"
	"context"
	"errors"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

var (
	qSeeOutbox = New("verify.see.outbox", `
		SELECT x.id, x.event_id, x.body FROM outbox x WHERE x.shop_id = $1 ORDER BY x.id`)
	qSeeReceipts = New("verify.see.receipts", `
		SELECT p.event_id, p.body FROM receipts p WHERE p.shop_id = $1 ORDER BY p.event_id`)
	qSeeEventIDs = New("verify.see.events.ids", `SELECT e.id FROM events e WHERE e.shop_id = $1 ORDER BY e.id`)
	qSeeBonds    = New("verify.see.bonds", `
		SELECT f.friend_id, f.referrer_id FROM referrals f WHERE f.shop_id = $1 AND f.bond AND f.referrer_id IS NOT NULL`)
)

type (
	seenNotice struct {
		id, event [16]byte
		body      []byte
	}
	seenReceipt struct {
		event [16]byte
		body  []byte
	}
)

// Notices checks the outbox (L11): each row is of an event that exists and repeats a line
// of its receipt, and where one line of an event has a row, all lines with that outcome
// have. Since when somebody listens is not stored, so an event without any row passes.
// It tells how many rows there are.
func (v *View) Notices(ctx context.Context, shop loyalty.ShopID, broken func(Fault)) (int, error) {
	notices := open(ctx, v, qSeeOutbox, seeNotice, int64(shop))
	if notices.next() == nil {
		return 0, notices.rest()
	}
	receipts := open(ctx, v, qSeeReceipts, seeReceipt, int64(shop))
	events := open(ctx, v, qSeeEventIDs, func(c cells, e *id.Event) { copy(e[:], c.bytes(0)) }, int64(shop))
	fault := func(how string, n *seenNotice) {
		broken(Fault{"L11", how, named[id.OutboxKind](n.id)})
	}
	rows := 0
	for n := notices.next(); n != nil; n = notices.next() {
		of := id.Nth[id.EventKind](id.Event(n.id), 0) // rows are named after their event
		for e := events.next(); e != nil && bytes.Compare(e[:], of[:]) < 0; e = events.next() {
			events.take()
		}
		exists := events.next() != nil && *events.next() == of
		var lines [][]byte
		for p := receipts.next(); p != nil && bytes.Compare(p.event[:], of[:]) <= 0; p = receipts.next() {
			if p.event == of {
				lines = append(lines, p.body)
			}
			receipts.take()
		}
		all, heard := bytes.Join(lines, nil), map[string]int{}
		for ; n != nil && id.Nth[id.EventKind](id.Event(n.id), 0) == of; n = notices.next() {
			switch {
			case n.event != of:
				fault("of_another_event", n)
			case !exists:
				fault("no_event", n)
			case !bytes.Contains(all, n.body):
				fault("not_on_the_receipt", n)
			default:
				heard[string(outcome(n.body))]++
			}
			rows++
			notices.take()
		}
		delete(heard, noted) // of these only the lines about bonds and gifts have rows
		for o, n := range heard {
			if bytes.Count(all, []byte(o)) > n {
				broken(Fault{"L11", "line_without_notice", of.String()})
			}
		}
	}
	return rows, errors.Join(notices.rest(), receipts.rest(), events.rest())
}

const noted = `"outcome":"noted"`

// outcome is what a line says happened, as it stands in its text.
func outcome(line []byte) []byte {
	_, rest, _ := bytes.Cut(line, []byte(`"outcome":`))
	value, _, _ := bytes.Cut(rest[min(1, len(rest)):], []byte(`"`))
	return append(append([]byte(`"outcome":"`), value...), '"')
}

func seeNotice(c cells, n *seenNotice) {
	copy(n.id[:], c.bytes(0))
	copy(n.event[:], c.bytes(1))
	n.body = c.kept(2)
}

func seeReceipt(c cells, p *seenReceipt) {
	copy(p.event[:], c.bytes(0))
	p.body = c.kept(1)
}

// Bonds reads who was recommended by whom.
func (v *View) Bonds(ctx context.Context, shop loyalty.ShopID, each func(friend, referrer id.Member)) error {
	return v.Read(ctx, qSeeBonds, func(r Scanner) error {
		var friend, referrer id.Member
		if err := r.Scan(&friend, &referrer); err != nil {
			return err
		}
		each(friend, referrer)
		return nil
	}, int64(shop))
}
