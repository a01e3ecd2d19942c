package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// rawSQLite is a bare loop over the driver that the product uses: prepared statements, one
// writer, the same rows.
type rawSQLite struct {
	s       *side
	members [][2][]byte // friend, referrer
}

const pragmas = "?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)" +
	"&_pragma=temp_store(2)&_pragma=cache_size(-131072)&_pragma=wal_autocheckpoint(4000)&_txlock=immediate"

func (r *rawSQLite) open() (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(r.s.dir, "data", "cagnotte.db")+pragmas)
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// twinMembers copies the members of the product's shop to its twin.
const twinMembers = `
	INSERT INTO members (shop_id, id, state, registered_at, first_order_at, judged_to, judged_key, created_at)
	SELECT 2, m.id, m.state, m.registered_at, m.first_order_at, m.judged_to, m.judged_key, m.created_at
	FROM members m WHERE m.shop_id = 1`

// fill adds members to the product's shop until it has n.
func (r *rawSQLite) fill(ctx context.Context, n int) error {
	db, err := r.open()
	if err != nil {
		return err
	}
	defer db.Close()
	const numbers = `WITH RECURSIVE c(n) AS (SELECT ? UNION ALL SELECT n + 1 FROM c WHERE n < ?) `
	for _, q := range []string{
		`INSERT INTO members (shop_id, id, state, registered_at, created_at) ` + numbers + `
		 SELECT 1, unhex(printf('%032x', n)), 'member', 1, 1 FROM c`,
		`INSERT INTO member_keys (shop_id, kind, key, member_id) ` + numbers + `
		 SELECT 1, 'number', printf('N%07d', n), unhex(printf('%032x', n)) FROM c`,
	} {
		if _, err := db.ExecContext(ctx, q, r.s.o.members, n-1); err != nil {
			return err
		}
	}
	return nil
}

func newRawSQLite(ctx context.Context, s *side) (*rawSQLite, error) {
	r := &rawSQLite{s: s}
	db, err := r.open()
	if err != nil {
		return nil, err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, twinMembers) // the raw side writes beside the product, in the shop's twin
	if err != nil {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, "SELECT friend_id, referrer_id FROM referrals WHERE shop_id = 1 AND bond")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var m [2][]byte
		if err := rows.Scan(&m[0], &m[1]); err != nil {
			return nil, err
		}
		r.members = append(r.members, m)
	}
	return r, rows.Err()
}

// The statements of one event, in the order of the product's.
var liteStatements = []string{
	`INSERT INTO turns (shop_id, subject, rev, clock) VALUES (2, ?, 1, ?) ON CONFLICT (shop_id, subject) DO UPDATE SET rev = turns.rev + 1, clock = excluded.clock`,
	`INSERT INTO events (shop_id, id, feed, external_id, via, origin, kind, member_id, order_id, occurred_at, recorded_at, fold_at, digest, fact, batch_id) VALUES (2, ?, 'web', ?, 'api', 'live', 'order_paid', ?, ?, ?, ?, ?, ?, ?, ?)`,
	`UPDATE members SET judged_to = ?, judged_key = ? WHERE shop_id = 2 AND id = ?`,
	`INSERT INTO orders (shop_id, id, series, ref, member_id, state, currency, paid_at, net, imported, lines, returns) VALUES (2, ?, 'web', ?, ?, 'paid', 'EUR', ?, 2735, 0, ?, '{}')`,
	`INSERT INTO rewards (shop_id, id, program_id, version, rule, member_id, once, part, cause, from_member, event_id, unit, amount, taken, absorbed, granted, basis, returned, state, given_at, spent) VALUES (2, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, 2735, 0, 'given', ?, '')`,
	`INSERT INTO lots (shop_id, id, member_id, unit, reward_id, origin, amount, remaining, since, opens_at, expires_at) VALUES (2, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
	`INSERT INTO accounts (shop_id, member_id, unit, balance, held, debt, earned, available) VALUES (2, ?, ?, ?, 0, 0, ?, ?) ON CONFLICT (shop_id, member_id, unit) DO UPDATE SET balance = accounts.balance + excluded.balance, earned = accounts.earned + excluded.earned, available = accounts.available + excluded.available`,
	`INSERT INTO transactions (shop_id, id, kind, event_id, reward_id, actor, effective_at, recorded_at) VALUES (2, ?, 'earn', ?, ?, 'web', ?, ?)`,
	`INSERT INTO postings (shop_id, txn_id, n, member_id, place, unit, lot_id, amount, effective_at) VALUES (2, ?, ?, ?, ?, ?, ?, ?, ?)`,
	`INSERT INTO receipts (shop_id, event_id, member_id, body) VALUES (2, ?, ?, ?)`,
	`INSERT INTO batches (shop_id, id, recorded_at, digest) VALUES (2, ?, ?, ?)`,
}

const (
	liteFact   = `{"kind":"order_paid","occurred_at":"2026-11-21T22:00:00.123456Z","member":{"keys":[{"kind":"number","key":"N0012345"}]},"order":{"series":"web","ref":"123456","currency":"EUR","lines":[{"sku":"COFFEE","category":"drinks","quantity":1,"amount":390},{"sku":"MUG","category":"shop","quantity":1,"amount":2345}]}}`
	liteLines  = `[{"sku":"COFFEE","category":"drinks","quantity":1,"amount":390},{"sku":"MUG","category":"shop","quantity":1,"amount":2345}]`
	liteMine   = `[{"program":"prg_06h00zctrstzs7rzwa5bnyr000","version":1,"rule":"earn","part":"member","member":"mem_06h00zctrstzs7rzwa5bnyr000","outcome":"given","unit":"points","amount":27},{"program":"prg_06h00zctrstzs7rzwa5bnyr000","version":1,"rule":"stamp","part":"member","member":"mem_06h00zctrstzs7rzwa5bnyr000","outcome":"given","unit":"stamps:prg_06h00zctrstzs7rzwa5bnyr000","amount":1}]`
	liteHis    = `[{"program":"prg_06h00zctrstzs7rzwa5bnyr000","version":1,"rule":"refer","part":"referrer","member":"mem_06h00zctrstzs7rzwa5bnyr000","outcome":"given","unit":"points","amount":10}]`
	liteStamp  = "stamps:prg_06h00zctrstzs7rzwa5bnyr000"
	liteIssuer = "issuer:prg_06h00zctrstzs7rzwa5bnyr000"
)

func (r *rawSQLite) single(ctx context.Context) (sample, error) { return r.write(ctx, 1) }
func (r *rawSQLite) batch(ctx context.Context) (sample, error)  { return r.write(ctx, 100) }

func (r *rawSQLite) write(ctx context.Context, each int) (sample, error) {
	db, err := r.open()
	if err != nil {
		return sample{}, err
	}
	defer db.Close()
	var prepared []*sql.Stmt
	for _, q := range liteStatements {
		st, err := db.PrepareContext(ctx, q)
		if err != nil {
			return sample{}, err
		}
		defer st.Close()
		prepared = append(prepared, st)
	}
	m, err := r.s.meter([]int{os.Getpid()}, false)
	if err != nil {
		return sample{}, err
	}
	n := int64(0)
	for end := time.Now().Add(r.s.o.length); time.Now().Before(end) && ctx.Err() == nil; {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return sample{}, err
		}
		w := &liteWriter{ctx: ctx, tx: tx, st: prepared}
		for range each {
			w.event(r.members[mrand.IntN(len(r.members))])
		}
		w.do(10, newID(), time.Now().UnixMicro(), newID())
		if w.err != nil {
			return sample{}, w.err
		}
		if err := tx.Commit(); err != nil {
			return sample{}, err
		}
		n += int64(each)
	}
	return m.read(n)
}

type liteWriter struct {
	ctx context.Context
	tx  *sql.Tx
	st  []*sql.Stmt
	err error
}

func (w *liteWriter) do(i int, args ...any) {
	if w.err == nil {
		_, w.err = w.tx.StmtContext(w.ctx, w.st[i]).ExecContext(w.ctx, args...)
	}
}

func newID() []byte {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	ms := time.Now().UnixMilli()
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i)) // ordered by time, as the product's ids are
	}
	return b
}

// event writes 26 rows, the batch's own shared by all.
func (w *liteWriter) event(who [2][]byte) {
	ev, now := newID(), time.Now().UnixMicro()
	child := func(n byte) []byte { c := append([]byte(nil), ev...); c[15] = n; return c }
	ref := rand.Text()
	digest := sha256.Sum256(ev)
	m, x := who[0], who[1]
	for _, s := range []string{fmt.Sprintf("m:%x", m), fmt.Sprintf("m:%x", x), "o:web/" + ref} {
		w.do(0, s, now)
	}
	w.do(1, ev, ref, m, child(1), now, now, now, digest[:], strings.Replace(liteFact, "123456", ref, 1), ev)
	w.do(2, now, "3web"+ref, m)
	w.do(3, child(1), ref, m, now, liteLines)
	for i, g := range []struct {
		who        []byte
		unit, rule string
		part       string
		n          int
	}{{m, "points", "earn", "member", 27}, {m, liteStamp, "stamp", "member", 1}, {x, "points", "refer", "referrer", 10}} {
		reward, lot, txn := child(byte(10+i)), child(byte(20+i)), child(byte(30+i))
		once := "o:web/" + ref
		w.do(4, reward, ev, g.rule, g.who, once, g.part, once, m, ev, g.unit, g.n, g.n, now)
		w.do(5, lot, g.who, g.unit, reward, once, g.n, g.n, now, now, now+31536000000000)
		w.do(6, g.who, g.unit, g.n, g.n, g.n)
		w.do(7, txn, ev, reward, now, now)
		w.do(8, txn, 0, g.who, "open", g.unit, lot, g.n, now)
		w.do(8, txn, 1, nil, liteIssuer, g.unit, nil, -g.n, now)
	}
	w.do(9, ev, m, liteMine)
	w.do(9, ev, x, liteHis)
}

// load writes the rows of an import with bare multi-row statements.
func (r *rawSQLite) load(ctx context.Context, h *history) (float64, error) {
	db, err := r.open()
	if err != nil {
		return 0, err
	}
	defer db.Close()
	const rowsEach = 100
	return h.timed(func() error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		for _, t := range h.tables {
			one := "(" + strings.TrimSuffix(strings.Repeat("?,", len(t.columns)), ",") + ")"
			for from := 0; from < len(t.rows); from += rowsEach {
				part := t.rows[from:min(from+rowsEach, len(t.rows))]
				q := "INSERT INTO " + t.name + " (" + strings.Join(t.columns, ",") + ") VALUES " +
					strings.TrimSuffix(strings.Repeat(one+",", len(part)), ",")
				var args []any
				for _, row := range part {
					args = append(args, row...)
				}
				if _, err := tx.ExecContext(ctx, q, args...); err != nil {
					return fmt.Errorf("%s: %w", t.name, err)
				}
			}
		}
		return tx.Commit()
	})
}
