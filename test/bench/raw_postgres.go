package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// freshSchema makes an empty schema for the bench and gives the URL that uses it.
func freshSchema(ctx context.Context, dsn string) (string, error) {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return "", err
	}
	defer db.Close()
	for _, q := range []string{"DROP SCHEMA IF EXISTS bench CASCADE", "CREATE SCHEMA bench"} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return "", err
		}
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return "", err
	}
	q := u.Query()
	q.Set("search_path", "bench")
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// rawPostgres is pgbench with one statement that writes the rows of N events.
type rawPostgres struct {
	s   *side
	env []string
}

// fill adds members to the product's shop until it has n.
func (r *rawPostgres) fill(ctx context.Context, n int) error {
	db, err := sql.Open("pgx", r.s.url)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, q := range []string{
		`INSERT INTO members (shop_id, id, state, registered_at, created_at)
		 SELECT 1, decode(lpad(to_hex(n), 32, '0'), 'hex'), 'member', 1, 1 FROM generate_series($1::int, $2::int - 1) n`,
		`INSERT INTO member_keys (shop_id, kind, key, member_id)
		 SELECT 1, 'number', 'N' || lpad(n::text, 7, '0'), decode(lpad(to_hex(n), 32, '0'), 'hex') FROM generate_series($1::int, $2::int - 1) n`,
	} {
		if _, err := db.ExecContext(ctx, q, r.s.o.members, n); err != nil {
			return err
		}
	}
	_, err = db.ExecContext(ctx, "ANALYZE members, member_keys")
	return err
}

func newRawPostgres(ctx context.Context, s *side) (*rawPostgres, error) {
	u, err := url.Parse(s.url)
	if err != nil {
		return nil, err
	}
	host := u.Query().Get("host")
	if host == "" {
		host = u.Hostname()
	}
	r := &rawPostgres{s: s, env: append(os.Environ(), "PGHOST="+host, "PGUSER="+u.User.Username(),
		"PGDATABASE="+strings.TrimPrefix(u.Path, "/"), "PGOPTIONS=-c search_path=bench")}
	if p := u.Port(); p != "" {
		r.env = append(r.env, "PGPORT="+p)
	}
	db, err := sql.Open("pgx", s.url)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	for _, q := range []string{
		`CREATE TABLE bench_members AS
		   SELECT row_number() OVER (ORDER BY f.friend_id)::int AS n, f.friend_id AS id, f.referrer_id AS ref
		   FROM referrals f WHERE f.shop_id = 1 AND f.bond`,
		`CREATE UNIQUE INDEX ON bench_members (n)`,
		twinMembers, // the raw side writes beside the product, in the shop's twin
		`CREATE TABLE bench_text (fact text, lines text, mine text, his text, stamp text, issuer text, ord text)`,
		`INSERT INTO bench_text VALUES ('` + strings.Join([]string{liteFact, liteLines, liteMine, liteHis, liteStamp, liteIssuer, "o:web/"}, "','") + `')`,
		`ANALYZE`,
	} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return nil, fmt.Errorf("%s: %w", q, err)
		}
	}
	var members int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM bench_members").Scan(&members); err != nil {
		return nil, err
	}
	for name, n := range map[string]int{"single": 1, "batch": 100} {
		text := strings.NewReplacer("{{n}}", strconv.Itoa(n), "{{members}}", strconv.Itoa(members), "\n", " ").Replace(rawEvents)
		if err := os.WriteFile(filepath.Join(s.dir, name+".sql"), []byte(text+";\n"), 0o600); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// rawEvents writes the 26 rows of each of {{n}} referred orders: one statement, so that
// the raw side has no round trips either. Its texts stand in a table of one row, and casts
// are CASTs, since pgbench takes every :name for a variable.
const rawEvents = `
WITH src AS MATERIALIZED (
  SELECT m.id AS m, m.ref AS x, uuid_send(gen_random_uuid()) AS ev, uuid_send(gen_random_uuid()) AS od,
    uuid_send(gen_random_uuid()) AS w1, uuid_send(gen_random_uuid()) AS w2, uuid_send(gen_random_uuid()) AS w3,
    uuid_send(gen_random_uuid()) AS l1, uuid_send(gen_random_uuid()) AS l2, uuid_send(gen_random_uuid()) AS l3,
    uuid_send(gen_random_uuid()) AS t1, uuid_send(gen_random_uuid()) AS t2, uuid_send(gen_random_uuid()) AS t3,
    uuid_send(gen_random_uuid()) AS pr, CAST(gen_random_uuid() AS text) AS ref,
    CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint) AS now
  FROM (SELECT CAST(1 + floor(random() * {{members}}) AS int) AS n FROM generate_series(1, {{n}})) g JOIN bench_members m USING (n)),
 turn AS (INSERT INTO turns (shop_id, subject, rev, clock)
   SELECT 2, s, 1, max(now) FROM (
     SELECT 'm:' || encode(m, 'hex') AS s, now FROM src UNION ALL SELECT 'm:' || encode(x, 'hex'), now FROM src
     UNION ALL SELECT (SELECT ord FROM bench_text) || ref, now FROM src) q GROUP BY s ORDER BY s
   ON CONFLICT (shop_id, subject) DO UPDATE SET rev = turns.rev + 1, clock = excluded.clock),
 bat AS (INSERT INTO batches (shop_id, id, recorded_at, digest)
   SELECT 2, uuid_send(gen_random_uuid()), max(now), sha256('raw') FROM src),
 evt AS (INSERT INTO events (shop_id, id, feed, external_id, via, origin, kind, member_id, order_id, occurred_at, recorded_at, fold_at, digest, fact, batch_id)
   SELECT 2, ev, 'web', ref, 'api', 'live', 'order_paid', m, od, now, now, now, sha256(ev),
     replace((SELECT fact FROM bench_text), '123456', ref), ev FROM src),
 mem AS (UPDATE members SET judged_to = src.now, judged_key = '3web' || src.ref FROM src WHERE members.shop_id = 2 AND members.id = src.m),
 ord AS (INSERT INTO orders (shop_id, id, series, ref, member_id, state, currency, paid_at, net, imported, lines, returns)
   SELECT 2, od, 'web', ref, m, 'paid', 'EUR', now, 2735, FALSE,
     (SELECT lines FROM bench_text), '{}' FROM src),
 give AS MATERIALIZED (
   SELECT m AS who, w1 AS w, l1 AS l, t1 AS t, 'points' AS unit, 27 AS n, 'earn' AS rule, 'member' AS part, (SELECT ord FROM bench_text) || ref AS once, m, ev, pr, ref, now FROM src
   UNION ALL SELECT m, w2, l2, t2, (SELECT stamp FROM bench_text), 1, 'stamp', 'member', (SELECT ord FROM bench_text) || ref, m, ev, pr, ref, now FROM src
   UNION ALL SELECT x, w3, l3, t3, 'points', 10, 'refer', 'referrer', (SELECT ord FROM bench_text) || ref || '@mem_06h00zctrstzs7rzwa5bnyr000', m, ev, pr, ref, now FROM src),
 rew AS (INSERT INTO rewards (shop_id, id, program_id, version, rule, member_id, once, part, cause, from_member, event_id, unit, amount, taken, absorbed, granted, basis, returned, state, given_at, spent)
   SELECT 2, w, pr, 1, rule, who, once, part, (SELECT ord FROM bench_text) || ref, m, ev, unit, n, 0, 0, n, 2735, 0, 'given', now, '' FROM give),
 lot AS (INSERT INTO lots (shop_id, id, member_id, unit, reward_id, origin, amount, remaining, since, opens_at, expires_at)
   SELECT 2, l, who, unit, w, once, n, n, now, now, now + 31536000000000 FROM give),
 acc AS (INSERT INTO accounts (shop_id, member_id, unit, balance, held, debt, earned, available)
   SELECT 2, who, unit, sum(n), 0, 0, sum(n), sum(n) FROM give GROUP BY who, unit ORDER BY who, unit
   ON CONFLICT (shop_id, member_id, unit) DO UPDATE SET balance = accounts.balance + excluded.balance,
     earned = accounts.earned + excluded.earned, available = accounts.available + excluded.available),
 txn AS (INSERT INTO transactions (shop_id, id, kind, event_id, reward_id, actor, effective_at, recorded_at)
   SELECT 2, t, 'earn', ev, w, 'web', now, now FROM give),
 pst AS (INSERT INTO postings (shop_id, txn_id, n, member_id, place, unit, lot_id, amount, effective_at)
   SELECT 2, t, 0, who, 'open', unit, l, n, now FROM give
   UNION ALL SELECT 2, t, 1, NULL, (SELECT issuer FROM bench_text), unit, NULL, -n, now FROM give)
INSERT INTO receipts (shop_id, event_id, member_id, body)
  SELECT 2, ev, m, (SELECT mine FROM bench_text) FROM src
  UNION ALL SELECT 2, ev, x, (SELECT his FROM bench_text) FROM src`

func (r *rawPostgres) single(ctx context.Context) (sample, error) {
	return r.pgbench(ctx, "single.sql", 32, 1)
}

func (r *rawPostgres) batch(ctx context.Context) (sample, error) {
	return r.pgbench(ctx, "batch.sql", 4, 100)
}

var processed = regexp.MustCompile(`number of transactions actually processed: (\d+)`)

func (r *rawPostgres) pgbench(ctx context.Context, script string, clients, events int) (sample, error) {
	m, err := r.s.meter(nil, true)
	if err != nil {
		return sample{}, err
	}
	seconds := max(1, int(r.s.o.length.Seconds()))
	cmd := exec.CommandContext(ctx, "pgbench", "-n", "-M", "prepared", "-c", strconv.Itoa(clients), "-j", "2", "-T", strconv.Itoa(seconds),
		"--max-tries=10", "-f", filepath.Join(r.s.dir, strings.ReplaceAll(script, `:`, ``)))
	cmd.Env = r.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		return sample{}, fmt.Errorf("pgbench: %w\n%s", err, out)
	}
	found := processed.FindSubmatch(out)
	if found == nil {
		return sample{}, fmt.Errorf("pgbench said\n%s", out)
	}
	n, err := strconv.ParseInt(string(found[1]), 10, 64)
	if err != nil {
		return sample{}, err
	}
	return m.read(n * int64(events))
}

// load copies the rows of an import with COPY.
func (r *rawPostgres) load(ctx context.Context, h *history) (float64, error) {
	conn, err := pgx.Connect(ctx, r.s.url)
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	return h.timed(func() error {
		tx, err := conn.Begin(ctx)
		if err != nil {
			return err
		}
		for _, t := range h.tables {
			if _, err := tx.CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, pgx.CopyFromRows(t.rows)); err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
		}
		return tx.Commit(ctx)
	})
}
