package office

import (
	"slices"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

// Scopes of keys: a closed list.
const (
	ScopeRead     = "read"     // see members, wallets, orders, receipts, programs, the outbox
	ScopeFacts    = "facts"    // report what happened
	ScopePrograms = "programs" // publish programs
	ScopeSettings = "settings" // the shop's name, its lists, the outbox, the twin's clock
	ScopeKeys     = "keys"     // make, replace and end keys
	ScopeTill     = "till"     // what a till needs, for one customer at a time; stands alone
	ScopeShops    = "shops"    // the operator's: make, list and remove shops
)

// ShopScopes is everything that can be done in one shop; a key with all of them needs no
// till scope.
var ShopScopes = []string{ScopeFacts, ScopeKeys, ScopePrograms, ScopeRead, ScopeSettings}

// operatorScopes is everything that an operator's key may do.
var operatorScopes = []string{ScopeKeys, ScopeShops}

// Access is what a key opens.
type Access struct {
	Key      id.Key
	Shop     loyalty.ShopID // zero for the operator
	Scopes   []string
	Operator bool
}

// May tells whether the key has a scope.
func (a Access) May(scope string) bool { return slices.Contains(a.Scopes, scope) }

// Till tells whether this is the key of a till: it finds and serves one customer, and
// neither lists, imports nor changes anything.
func (a Access) Till() bool { return a.May(ScopeTill) }

// mayGive refuses scopes that the caller has not got himself: a key must not make or
// replace one that can do more. A till does part of what reading and reporting do.
func (a Access) mayGive(scopes []string) error {
	for _, s := range scopes {
		need := []string{s}
		if s == ScopeTill {
			need = []string{ScopeRead, ScopeFacts}
		}
		for _, n := range need {
			if !a.May(n) {
				return &loyalty.Problem{Kind: loyalty.ErrForbidden, Code: "scope_missing", Args: map[string]string{"need": n}}
			}
		}
	}
	return nil
}

// checkScopes refuses what a key of a shop, or of the operator (shop zero), cannot have.
// The list that it gives is sorted, each scope once.
func checkScopes(shop loyalty.ShopID, scopes []string) ([]string, error) {
	known := append([]string{ScopeTill}, ShopScopes...)
	if shop == 0 {
		known = operatorScopes
	}
	for _, s := range scopes {
		if !slices.Contains(known, s) {
			slices.Sort(known)
			return nil, loyalty.Invalid("scopes", "unknown_value", "known", strings.Join(known, " "))
		}
	}
	scopes = slices.Compact(slices.Sorted(slices.Values(scopes)))
	if len(scopes) > 1 && slices.Contains(scopes, ScopeTill) {
		return nil, loyalty.Invalid("scopes", "till_scope_alone")
	}
	return scopes, nil
}
