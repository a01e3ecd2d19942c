package api

import (
	"net/http"

	"cagnotte/internal/office"
)

// officeRoutes are the operations on the shop itself: its keys, settings and lists, and
// what the operator does with shops.
func (a *API) officeRoutes() {
	// Shops
	mount(a, operation{
		method: "PATCH", path: "/v1/shop", id: "change-shop", summary: "Change the shop's settings", scope: office.ScopeSettings,
	}, a.changeShop)
	mount(a, operation{method: "GET", path: "/v1/shops", id: "shops", summary: "All shops", scope: office.ScopeShops}, a.listShops)
	mount(a, operation{
		method: "DELETE", path: "/v1/shops/{slug}", id: "remove-shop", summary: "Remove a shop and its test twin for good",
		scope: office.ScopeShops, status: http.StatusAccepted,
	}, a.removeShop)

	// Keys
	keys := office.ScopeKeys
	mount(a, operation{method: "GET", path: "/v1/keys", id: "keys", summary: "All keys of this shop", scope: keys}, a.listKeys)
	mount(a, operation{
		method: "POST", path: "/v1/keys", id: "create-key", summary: "Make a key", scope: keys, status: http.StatusCreated,
	}, a.createKey)
	mount(a, operation{method: "DELETE", path: "/v1/keys/{id}", id: "revoke-key", summary: "End a key now", scope: keys}, a.revokeKey)
	mount(a, operation{
		method: "POST", path: "/v1/keys/{id}/rotate", id: "rotate-key", summary: "Replace a key; the old one goes on for a day",
		scope: keys, status: http.StatusCreated,
	}, a.rotateKey)

	a.listRoutes()
}
