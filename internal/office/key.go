package office

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// Scopes of keys.
const (
	ScopeRead     = "read"     // see members, wallets, orders, receipts, programs
	ScopeFacts    = "facts"    // report what happened
	ScopePrograms = "programs" // publish programs
	ScopeSettings = "settings" // the outbox, the twin's clock
	ScopeShops    = "shops"    // the operator's: make shops
)

// ShopScopes is everything that can be done in one shop.
var ShopScopes = []string{ScopeFacts, ScopePrograms, ScopeRead, ScopeSettings}

// Prefixes of keys: they tell a reader of a configuration what he is looking at.
const (
	livePrefix     = "cag_live_"
	testPrefix     = "cag_test_"
	operatorPrefix = "cag_op_"
)

// Access is what a key opens.
type Access struct {
	Shop     loyalty.ShopID // zero for the operator
	Scopes   []string
	Operator bool
}

// May tells whether the key has a scope.
func (a Access) May(scope string) bool { return slices.Contains(a.Scopes, scope) }

// newKey makes a key: its token, which is shown once, and what is stored of it.
func newKey(shop loyalty.ShopID, prefix string, scopes []string, now moment.Time) (store.Key, string) {
	token := prefix + rand.Text()
	hash := sha256.Sum256([]byte(token))
	return store.Key{
		ID: id.Mint[id.KeyKind](int64(now), random()), Shop: shop, Hash: hash[:],
		Prefix: token[:len(prefix)+4], Scopes: strings.Join(scopes, " "),
	}, token
}

// CreateKey makes a further key for a shop, or for the operator (shop zero), who has only
// the scope of making shops. The token is readable now and never again.
func (o *Office) CreateKey(ctx context.Context, shop loyalty.ShopID, scopes ...string) (token string, err error) {
	prefix, may := operatorPrefix, []string{ScopeShops}
	if shop != 0 {
		s, err := o.st.Shop(ctx, shop)
		if err != nil {
			return "", err
		}
		prefix, may = livePrefix, ShopScopes
		if s.Twin() {
			prefix = testPrefix
		}
	}
	if len(scopes) == 0 {
		scopes = may
	}
	for _, s := range scopes {
		if !slices.Contains(may, s) {
			return "", loyalty.Invalid("scopes", "unknown_value", "known", strings.Join(may, " "))
		}
	}
	err = o.st.Write(ctx, func(tx *store.Tx) error {
		var k store.Key
		k, token = newKey(shop, prefix, scopes, tx.Now)
		return tx.InsertKey(ctx, k)
	})
	return token, err
}

// Key is a live key as people see it: how it begins, and what it may do.
type Key struct {
	ID     id.Key
	Prefix string
	Scopes []string
}

// Keys lists the live keys of a shop; shop zero lists the operator's.
func (o *Office) Keys(ctx context.Context, shop loyalty.ShopID) ([]Key, error) {
	rows, err := o.st.Keys(ctx, shop)
	out := make([]Key, len(rows))
	for i, k := range rows {
		out[i] = Key{k.ID, k.Prefix, strings.Fields(k.Scopes)}
	}
	return out, err
}

// RevokeKey ends a key at once in this process, and within half a minute in others.
func (o *Office) RevokeKey(ctx context.Context, shop loyalty.ShopID, k id.Key) error {
	defer o.known.clear()
	return o.st.Write(ctx, func(tx *store.Tx) error { return tx.RevokeKey(ctx, shop, k) })
}

// Authenticate says what a bearer token opens; the problem `key_unknown` when nothing. It
// asks the database once in half a minute for each key.
func (o *Office) Authenticate(ctx context.Context, bearer string) (Access, error) {
	hash := sha256.Sum256([]byte(bearer))
	if a, ok := o.known.get(hash, time.Now()); ok {
		return a, nil
	}
	k, err := o.st.KeyByHash(ctx, hash[:])
	if errors.Is(err, loyalty.ErrNotFound) {
		return Access{}, &loyalty.Problem{Kind: loyalty.ErrForbidden, Code: "key_unknown"}
	}
	if err != nil {
		return Access{}, err
	}
	a := Access{Shop: k.Shop, Scopes: strings.Fields(k.Scopes), Operator: k.Shop == 0}
	o.known.put(hash, a, time.Now())
	return a, nil
}

const (
	knownFor  = 30 * time.Second
	knownMost = 4_096
)

// known remembers keys for a short time, so that a request needs no query to be let in.
// Only keys that exist are remembered: nobody can fill it with guesses.
type known struct {
	mu   sync.RWMutex
	list map[[32]byte]entry
}

type entry struct {
	access Access
	until  time.Time
}

func (k *known) get(hash [32]byte, now time.Time) (Access, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	e, ok := k.list[hash]
	return e.access, ok && now.Before(e.until)
}

func (k *known) put(hash [32]byte, a Access, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.list) >= knownMost {
		clear(k.list)
	}
	k.list[hash] = entry{a, now.Add(knownFor)}
}

func (k *known) clear() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.list)
}
