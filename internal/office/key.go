package office

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// Prefixes of keys: they tell a reader of a configuration what he is looking at.
const (
	livePrefix     = "cag_live_"
	testPrefix     = "cag_test_"
	operatorPrefix = "cag_op_"
)

const (
	maxKeys = 100              // live keys of one shop
	overlap = 24 * moment.Hour // for which a replaced key goes on, so that nobody has to hurry
)

// Key is a key as people see it: how it begins, and what it may do. Times are zero while
// they have not come.
type Key struct {
	ID         id.Key
	Name       string
	Prefix     string
	Scopes     []string
	CreatedAt  moment.Time
	LastUsedAt moment.Time // to the minute
	EndsAt     moment.Time // it was replaced, and opens nothing from then on
	RevokedAt  moment.Time
}

func shown(k store.Key) Key {
	return Key{k.ID, k.Name, k.Prefix, strings.Fields(k.Scopes), k.CreatedAt, k.LastUsedAt, k.EndsAt, k.RevokedAt}
}

// newKey makes a key: its token, which is shown once, and what is stored of it.
func newKey(shop loyalty.ShopID, prefix, name string, scopes []string, now moment.Time) (store.Key, string) {
	token := prefix + rand.Text()
	hash := sha256.Sum256([]byte(token))
	return store.Key{
		ID: id.Mint[id.KeyKind](int64(now), random()), Shop: shop, Hash: hash[:], Name: name,
		Prefix: token[:len(prefix)+4], Scopes: strings.Join(scopes, " "), CreatedAt: now,
	}, token
}

// CreateKey makes a further key for a shop, or for the operator (shop zero), with
// everything that there is to do unless scopes say less. The token is readable now and
// never again.
func (o *Office) CreateKey(ctx context.Context, shop loyalty.ShopID, scopes ...string) (token string, err error) {
	if len(scopes) == 0 {
		scopes = ShopScopes
		if shop == 0 {
			scopes = operatorScopes
		}
	}
	_, token, err = o.create(ctx, shop, "", scopes)
	return token, err
}

// IssueKey makes a key that does no more than the caller's own: live or test, as the shop
// that he reaches. The token is readable now and never again.
func (o *Office) IssueKey(ctx context.Context, caller Access, name string, scopes []string) (Key, string, error) {
	name, err := nameOf(name)
	if err != nil {
		return Key{}, "", err
	}
	if len(scopes) == 0 {
		return Key{}, "", loyalty.Invalid("scopes", "required")
	}
	if scopes, err = checkScopes(caller.Shop, scopes); err != nil {
		return Key{}, "", err
	}
	if err := caller.mayGive(scopes); err != nil {
		return Key{}, "", err
	}
	return o.create(ctx, caller.Shop, name, scopes)
}

func (o *Office) create(ctx context.Context, shop loyalty.ShopID, name string, scopes []string) (k Key, token string, err error) {
	scopes, err = checkScopes(shop, scopes)
	if err != nil {
		return Key{}, "", err
	}
	prefix, err := o.prefix(ctx, shop)
	if err != nil {
		return Key{}, "", err
	}
	err = o.st.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.LiveKeys(ctx, shop)
		if err != nil {
			return err
		}
		if n >= maxKeys {
			return loyalty.Conflict("", "too_many_keys", "max", fmt.Sprint(maxKeys))
		}
		var row store.Key
		row, token = newKey(shop, prefix, name, scopes, tx.Now)
		k = shown(row)
		return tx.InsertKey(ctx, row)
	})
	return k, token, err
}

func (o *Office) prefix(ctx context.Context, shop loyalty.ShopID) (string, error) {
	if shop == 0 {
		return operatorPrefix, nil
	}
	s, err := o.st.Shop(ctx, shop)
	switch {
	case err != nil:
		return "", err
	case s.Twin():
		return testPrefix, nil
	}
	return livePrefix, nil
}

// Keys is a page of the keys of a shop, those that have ended included, oldest first,
// after a cursor; shop zero has the operator's.
func (o *Office) Keys(ctx context.Context, shop loyalty.ShopID, after id.Key, limit int) ([]Key, error) {
	rows, err := o.st.Keys(ctx, shop, after, limit)
	out := make([]Key, len(rows))
	for i, k := range rows {
		out[i] = shown(k)
	}
	return out, err
}

// RevokeKey ends a key at once in this process, and within half a minute in others. The
// problem `key_unknown` when the shop has no such key.
func (o *Office) RevokeKey(ctx context.Context, shop loyalty.ShopID, k id.Key) (Key, error) {
	if _, err := o.st.Key(ctx, shop, k); err != nil {
		return Key{}, err
	}
	err := o.st.Write(ctx, func(tx *store.Tx) error { return tx.RevokeKey(ctx, shop, k) })
	o.known.clear()
	if err != nil {
		return Key{}, err
	}
	row, err := o.st.Key(ctx, shop, k)
	return shown(row), err
}

// RotateKey makes a key that takes another one's place, with its name and scopes; the old
// one goes on for a day, so that nothing stops while the new one is spread. The problem
// `key_unknown` when the shop has no such key, `key_ended` when it was revoked or replaced
// before, `scope_missing` when it can do more than the caller.
func (o *Office) RotateKey(ctx context.Context, caller Access, k id.Key) (fresh, old Key, token string, err error) {
	was, err := o.st.Key(ctx, caller.Shop, k)
	if err != nil {
		return Key{}, Key{}, "", err
	}
	scopes := strings.Fields(was.Scopes)
	if err := caller.mayGive(scopes); err != nil {
		return Key{}, Key{}, "", err
	}
	prefix, err := o.prefix(ctx, caller.Shop)
	if err != nil {
		return Key{}, Key{}, "", err
	}
	err = o.st.Write(ctx, func(tx *store.Tx) error {
		was.EndsAt = tx.Now + overlap
		ended, err := tx.EndKey(ctx, caller.Shop, k, was.EndsAt)
		if err != nil {
			return err
		}
		if !ended {
			return loyalty.Conflict("id", "key_ended")
		}
		var row store.Key
		row, token = newKey(caller.Shop, prefix, was.Name, scopes, tx.Now)
		fresh = shown(row)
		return tx.InsertKey(ctx, row)
	})
	o.known.clear() // what is remembered does not know the end
	return fresh, shown(was), token, err
}

// Authenticate says what a bearer token opens; the problem `key_unknown` when nothing. It
// asks the database once in half a minute for each key.
func (o *Office) Authenticate(ctx context.Context, bearer string) (Access, error) {
	hash, now := sha256.Sum256([]byte(bearer)), o.st.Clock()
	if a, ok := o.known.get(hash, now); ok {
		return a, nil
	}
	unknown := &loyalty.Problem{Kind: loyalty.ErrForbidden, Code: "key_unknown"}
	rev := o.known.revision()
	k, err := o.st.KeyByHash(ctx, hash[:])
	if errors.Is(err, loyalty.ErrNotFound) {
		return Access{}, unknown
	}
	if err != nil {
		return Access{}, err
	}
	if k.EndsAt != 0 && k.EndsAt <= now {
		return Access{}, unknown
	}
	a := Access{Key: k.ID, Shop: k.Shop, Scopes: strings.Fields(k.Scopes), Operator: k.Shop == 0}
	o.known.put(hash, a, k.EndsAt, now, rev)
	return a, nil
}
