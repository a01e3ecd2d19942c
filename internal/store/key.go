package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

const keyColumns = `k.shop_id, k.id, k.prefix, k.scopes, k.name, k.created_at, COALESCE(k.last_used_at, 0), COALESCE(k.ends_at, 0), COALESCE(k.revoked_at, 0)`

var (
	qPutKey = New("keys.put", `
		INSERT INTO keys (shop_id, id, hash, prefix, scopes, name, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`)
	qKey     = New("keys.hash", `SELECT `+keyColumns+` FROM keys k WHERE k.hash = $1 AND k.revoked_at IS NULL`)
	qKeyOne  = New("keys.one", `SELECT `+keyColumns+` FROM keys k WHERE k.shop_id = $1 AND k.id = $2`)
	qKeyPage = New("keys.page", `
		SELECT `+keyColumns+` FROM keys k WHERE k.shop_id = $1 AND k.id > $2 ORDER BY k.id LIMIT $3`)
	qLiveKeys = New("keys.live", `
		SELECT COUNT(*) FROM keys k WHERE k.shop_id = $1 AND k.revoked_at IS NULL AND (k.ends_at IS NULL OR k.ends_at > $2)`)
	qRevokeKey = New("keys.revoke", `UPDATE keys SET revoked_at = $3 WHERE shop_id = $1 AND id = $2 AND revoked_at IS NULL`)
	qEndKey    = New("keys.end", `
		UPDATE keys SET ends_at = $3 WHERE shop_id = $1 AND id = $2 AND revoked_at IS NULL AND ends_at IS NULL RETURNING id`)
	qKeysUsed = New("keys.used", `
		UPDATE keys SET last_used_at = r.used FROM {{rows shop:bigint, id:bytea, used:bigint}}
		WHERE keys.shop_id = r.shop AND keys.id = r.id AND (keys.last_used_at IS NULL OR keys.last_used_at <= r.used - 60000000)`)
)

// Key is an API key as the database knows it: a hash and what it may do. Shop zero is the
// operator's. Times are zero while they have not come.
type Key struct {
	ID         id.Key
	Shop       loyalty.ShopID
	Hash       []byte // written, never read
	Prefix     string
	Scopes     string
	Name       string
	CreatedAt  moment.Time
	LastUsedAt moment.Time
	EndsAt     moment.Time
	RevokedAt  moment.Time
}

func scanKey(r Scanner) (Key, error) {
	var k Key
	err := r.Scan(&k.Shop, &k.ID, &k.Prefix, &k.Scopes, &k.Name, &k.CreatedAt, &k.LastUsedAt, &k.EndsAt, &k.RevokedAt)
	return k, err
}

// InsertKey stores a key, made now.
func (t *Tx) InsertKey(ctx context.Context, k Key) error {
	return t.Exec(ctx, qPutKey, int64(k.Shop), k.ID.Bytes(), k.Hash, k.Prefix, k.Scopes, k.Name, int64(t.Now))
}

// KeyByHash finds a key that was not revoked; loyalty.ErrNotFound when there is none. The
// caller looks whether it has ended.
func (s *Store) KeyByHash(ctx context.Context, hash []byte) (Key, error) {
	return s.oneKey(ctx, qKey, hash)
}

// Key finds a key of a shop in any state; loyalty.ErrNotFound when there is none.
func (s *Store) Key(ctx context.Context, shop loyalty.ShopID, k id.Key) (Key, error) {
	return s.oneKey(ctx, qKeyOne, int64(shop), k.Bytes())
}

func (s *Store) oneKey(ctx context.Context, q *Q, args ...any) (k Key, err error) {
	found := false
	err = s.Read(ctx, q, func(r Scanner) (err error) {
		found = true
		k, err = scanKey(r)
		return err
	}, args...)
	if err == nil && !found {
		err = loyalty.NotFound("key", "key_unknown")
	}
	return k, err
}

// Keys is a page of a shop's keys in any state, oldest first, after a cursor (zero: from
// the start). Their hashes stay where they are.
func (s *Store) Keys(ctx context.Context, shop loyalty.ShopID, after id.Key, limit int) ([]Key, error) {
	var out []Key
	err := s.Read(ctx, qKeyPage, func(r Scanner) error {
		k, err := scanKey(r)
		out = append(out, k)
		return err
	}, int64(shop), after[:], int64(limit))
	return out, err
}

// LiveKeys counts the keys of a shop that still open something.
func (t *Tx) LiveKeys(ctx context.Context, shop loyalty.ShopID) (n int, err error) {
	t.Query(qLiveKeys, 1, func(r Scanner) error { return r.Scan(&n) }, int64(shop), int64(t.Now))
	return n, t.Flush(ctx)
}

// RevokeKey ends a key now; ending it again changes nothing.
func (t *Tx) RevokeKey(ctx context.Context, shop loyalty.ShopID, k id.Key) error {
	return t.Exec(ctx, qRevokeKey, int64(shop), k.Bytes(), int64(t.Now))
}

// EndKey lets a key end at a time; false when it was revoked, or ends already.
func (t *Tx) EndKey(ctx context.Context, shop loyalty.ShopID, k id.Key, at moment.Time) (ended bool, err error) {
	t.Query(qEndKey, 1, func(r Scanner) error {
		ended = true
		var same id.Key
		return r.Scan(&same)
	}, int64(shop), k.Bytes(), int64(at))
	return ended, t.Flush(ctx)
}

// KeyUse says that a key was used.
type KeyUse struct {
	Shop loyalty.ShopID
	Key  id.Key
	At   moment.Time
}

// KeysUsed notes uses; one within a minute of the last that was noted is left out, whatever
// process saw it.
func (s *Store) KeysUsed(ctx context.Context, uses []KeyUse) error {
	shops, keys, at := make([]int64, len(uses)), make([][]byte, len(uses)), make([]int64, len(uses))
	for i, u := range uses {
		shops[i], keys[i], at[i] = int64(u.Shop), u.Key.Bytes(), int64(u.At)
	}
	return s.Write(ctx, func(t *Tx) error {
		t.Rows(qKeysUsed, len(uses), shops, keys, at)
		return t.Flush(ctx)
	})
}
