package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

var (
	qGift = New("gifts.one", `
		SELECT g.document, g.stock_in, g.stock_out, g.event_id, g.changed_at FROM gifts g WHERE g.shop_id = $1 AND g.code = $2`)
	qGiftPage = New("gifts.page", `
		SELECT g.document, g.stock_in, g.stock_out, g.event_id, g.changed_at FROM gifts g
		WHERE g.shop_id = $1 AND g.code > $2 ORDER BY g.code LIMIT $3`)
	qAddress = New("claims.address", `
		SELECT a.sealed, k.wrapped FROM claim_addresses a JOIN person_keys k ON k.shop_id = $1 AND k.member_id = a.member_id
		WHERE a.shop_id = $1 AND a.reward_id = $2`)
	qDueForGift = New("accounts.without_gift", `
		SELECT a.member_id, a.earned FROM accounts a
		WHERE a.shop_id = $1 AND a.member_id > $2 AND a.unit = $3 AND a.earned >= $4 AND NOT EXISTS (
		  SELECT 1 FROM claims k WHERE k.shop_id = $1 AND k.member_id = a.member_id AND k.state NOT IN ('withdrawn', 'cancelled', 'to_choose'))
		ORDER BY a.member_id LIMIT $5`)
	qPool     = New("code_pools.one", `SELECT p.name, p.wrapped, p.created_at FROM code_pools p WHERE p.shop_id = $1 AND p.name = $2`)
	qPools    = New("code_pools.all", `SELECT p.name, p.wrapped, p.created_at FROM code_pools p WHERE p.shop_id = $1 ORDER BY p.name`)
	qPoolFree = New("codes.free", `
		SELECT COUNT(*) FROM codes c WHERE c.shop_id = $1 AND c.pool = $2 AND c.claim_id IS NULL`)
	qCodesOf = New("codes.of_claim", `
		SELECT c.n, c.sealed FROM codes c WHERE c.shop_id = $1 AND c.pool = $2 AND c.n = $3`)
	qPutPool = New("code_pools.put", `
		INSERT INTO code_pools (shop_id, name, wrapped, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (shop_id, name) DO NOTHING`)
	qLastCode  = New("codes.last", `SELECT COALESCE(MAX(c.n), 0) FROM codes c WHERE c.shop_id = $1 AND c.pool = $2`)
	qCodesHave = New("codes.have", `SELECT c.hash FROM codes c WHERE c.shop_id = $1 AND c.pool = $2 AND c.hash {{in hash:text}}`)
	qPutCodes  = New("codes.put", `
		INSERT INTO codes (shop_id, pool, n, hash, sealed, added_at)
		SELECT $1, $2, r.n, r.hash, r.sealed, $3 FROM {{rows n:bigint, hash:text, sealed:bytea}}`)
	qPoolTurn = New("codes.turn", `
		INSERT INTO turns (shop_id, subject, rev, clock) VALUES ($1, $2, 1, $3)
		ON CONFLICT (shop_id, subject) DO UPDATE SET rev = turns.rev + 1,
		  clock = CASE WHEN turns.clock >= excluded.clock THEN turns.clock + 1 ELSE excluded.clock END
		RETURNING clock`)
)

// ScanGift reads an entry of the catalogue.
func ScanGift(r Scanner) (*loyalty.GiftRow, error) {
	g := &loyalty.GiftRow{}
	var doc, in, out string
	if err := r.Scan(&doc, &in, &out, &g.Event, &g.ChangedAt); err != nil {
		return nil, err
	}
	for _, x := range []struct {
		text string
		into any
	}{{doc, &g.Gift}, {in, &g.In}, {out, &g.Out}} {
		if err := json.Unmarshal([]byte(x.text), x.into); err != nil {
			return nil, fmt.Errorf("gift %s: %w", g.Gift.Code, err)
		}
	}
	return g, nil
}

// Gift is an entry of the catalogue; loyalty.ErrNotFound when there is none.
func (s *Store) Gift(ctx context.Context, shop loyalty.ShopID, code string) (*loyalty.GiftRow, error) {
	var out *loyalty.GiftRow
	err := s.Read(ctx, qGift, func(r Scanner) (err error) { out, err = ScanGift(r); return err }, int64(shop), code)
	if err == nil && out == nil {
		err = loyalty.NotFound("code", "gift_unknown")
	}
	return out, err
}

// Gifts is a page of the catalogue in the order of codes, behind one of them.
func (s *Store) Gifts(ctx context.Context, shop loyalty.ShopID, after string, limit int) ([]*loyalty.GiftRow, error) {
	var out []*loyalty.GiftRow
	err := s.Read(ctx, qGiftPage, func(r Scanner) error {
		g, err := ScanGift(r)
		out = append(out, g)
		return err
	}, int64(shop), after, int64(limit))
	return out, err
}

// ClaimAddress is the sealed address of a claim's parcel with the key of its person; nil
// where there is none, or the person is gone.
func (s *Store) ClaimAddress(ctx context.Context, shop loyalty.ShopID, x id.Reward) (sealed, wrapped []byte, err error) {
	err = s.Read(ctx, qAddress, func(r Scanner) error { return r.Scan(&sealed, &wrapped) }, int64(shop), x.Bytes())
	return sealed, wrapped, err
}

// Reached is a member who has earned so much of a unit.
type Reached struct {
	Member id.Member
	Earned int64
}

// DueForGift is a page of members who have earned so much of a unit in all and have no gift
// yet, in the order of their ids.
func (s *Store) DueForGift(ctx context.Context, shop loyalty.ShopID, unit string, earned int64, after id.Member, limit int) ([]Reached, error) {
	var out []Reached
	err := s.Read(ctx, qDueForGift, func(r Scanner) error {
		var x Reached
		err := r.Scan(&x.Member, &x.Earned)
		out = append(out, x)
		return err
	}, int64(shop), after[:], unit, earned, int64(limit))
	return out, err
}

// Pool is a pool of partners' codes.
type Pool struct {
	Name      string
	Wrapped   []byte // its own key, wrapped
	CreatedAt moment.Time
	Size      int64 // codes that were ever put in
	Free      int64
}

// Low tells whether a tenth or less of its codes is left.
func (p *Pool) Low() bool { return p.Free*10 <= p.Size }

// Pools lists the pools of a shop by name, with how many codes are left.
func (s *Store) Pools(ctx context.Context, shop loyalty.ShopID) ([]*Pool, error) {
	var out []*Pool
	err := s.Read(ctx, qPools, func(r Scanner) error {
		p := &Pool{}
		err := r.Scan(&p.Name, &p.Wrapped, &p.CreatedAt)
		out = append(out, p)
		return err
	}, int64(shop))
	if err != nil {
		return nil, err
	}
	for _, p := range out { // codes are numbered from 1 and never taken out
		err = cmp.Or(err, s.Read(ctx, qLastCode, func(r Scanner) error { return r.Scan(&p.Size) }, int64(shop), p.Name))
		err = cmp.Or(err, s.Read(ctx, qPoolFree, func(r Scanner) error { return r.Scan(&p.Free) }, int64(shop), p.Name))
	}
	return out, err
}

// PoolCode reads a sealed code of a pool by its number.
func (s *Store) PoolCode(ctx context.Context, shop loyalty.ShopID, pool string, n int64) (sealed []byte, err error) {
	err = s.Read(ctx, qCodesOf, func(r Scanner) error { return r.Scan(&n, &sealed) }, int64(shop), pool, n)
	return sealed, err
}

// NewCode is a code that is put into a pool.
type NewCode struct {
	Hash   string
	Sealed []byte
}

// AddCodes puts codes into a pool, in their order, under the pool's turn; seal makes them
// with the pool's key, which is made when the pool is new. It gives those that were there
// already, and the time from which decisions see the new ones.
func (t *Tx) AddCodes(ctx context.Context, shop loyalty.ShopID, pool string, fresh []byte, hashes []string, seal func(wrapped []byte, i int) ([]byte, error)) (twice map[string]bool, at moment.Time, err error) {
	at = t.Now
	t.Query(qPoolTurn, 1, func(r Scanner) error {
		var clock int64
		err := r.Scan(&clock)
		at = max(at, moment.Time(clock))
		return err
	}, int64(shop), "p:"+pool, int64(t.Now))
	t.Rows(qPutPool, 1, int64(shop), pool, fresh, int64(t.Now))
	if err := t.Flush(ctx); err != nil {
		return nil, 0, err
	}
	var wrapped []byte
	var last int64
	twice = map[string]bool{}
	t.Query(qPool, 1, func(r Scanner) error {
		var p Pool
		err := r.Scan(&p.Name, &p.Wrapped, &p.CreatedAt)
		wrapped = p.Wrapped
		return err
	}, int64(shop), pool)
	t.Query(qLastCode, 1, func(r Scanner) error { return r.Scan(&last) }, int64(shop), pool)
	t.Query(qCodesHave, len(hashes), func(r Scanner) error {
		var h string
		err := r.Scan(&h)
		twice[h] = true
		return err
	}, int64(shop), pool, hashes)
	if err := t.Flush(ctx); err != nil {
		return nil, 0, err
	}
	var ns []int64
	var added []string
	var sealed [][]byte
	for i, h := range hashes {
		if twice[h] {
			continue
		}
		body, err := seal(wrapped, i)
		if err != nil {
			return nil, 0, err
		}
		last++
		ns, added, sealed = append(ns, last), append(added, h), append(sealed, body)
	}
	t.Rows(qPutCodes, len(ns), int64(shop), pool, int64(at), ns, added, sealed)
	return twice, at, t.Flush(ctx)
}

var (
	qCopyCodes = New("codes.copy", `
		SELECT c.pool, c.n, c.hash, c.sealed, c.added_at FROM codes c WHERE c.shop_id = $1 ORDER BY c.pool, c.n`)
	qPutCopied = New("codes.put_copied", `
		INSERT INTO codes (shop_id, pool, n, hash, sealed, added_at)
		SELECT $1, r.pool, r.n, r.hash, r.sealed, r.added FROM {{rows pool:text, n:bigint, hash:text, sealed:bytea, added:bigint}}`)
)

// copiedAtOnce is how many codes are copied by one statement.
const copiedAtOnce = 5_000

// copyPools copies a shop's pools with all their codes, none of them given away.
func (t *Tx) copyPools(ctx context.Context, from *Store, shop loyalty.ShopID) error {
	err := from.Read(ctx, qPools, func(r Scanner) error {
		var p Pool
		if err := r.Scan(&p.Name, &p.Wrapped, &p.CreatedAt); err != nil {
			return err
		}
		t.Rows(qPutPool, 1, int64(shop), p.Name, p.Wrapped, int64(p.CreatedAt))
		return nil
	}, int64(shop))
	if err != nil {
		return err
	}
	var pools, hashes []string
	var ns, added []int64
	var sealed [][]byte
	flush := func() error {
		t.Rows(qPutCopied, len(ns), int64(shop), pools, ns, hashes, sealed, added)
		pools, hashes, ns, added, sealed = nil, nil, nil, nil, nil
		return t.Flush(ctx)
	}
	err = from.Read(ctx, qCopyCodes, func(r Scanner) error {
		var pool, hash string
		var n, at int64
		var body []byte
		if err := r.Scan(&pool, &n, &hash, &body, &at); err != nil {
			return err
		}
		pools, hashes, ns, added, sealed = append(pools, pool), append(hashes, hash), append(ns, n), append(added, at), append(sealed, body)
		if len(ns) == copiedAtOnce {
			return flush()
		}
		return nil
	}, int64(shop))
	if err != nil {
		return err
	}
	return flush()
}
