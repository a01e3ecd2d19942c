package api_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/office"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/web/api"
)

// mayDo says for every operation which keys may do it: those with the scope, `till` where
// a till may, `open` where nobody needs a key. A new operation needs a row here: somebody
// has to think about it once.
var mayDo = map[string]string{
	"GET /openapi.json": "open",

	"GET /v1/shop":              "read till",
	"PATCH /v1/shop":            "settings",
	"GET /v1/shops":             "shops",
	"DELETE /v1/shops/{slug}":   "shops",
	"POST /v1/shop/clock":       "settings",
	"PUT /v1/shop/outbox":       "settings",
	"GET /v1/outbox":            "read",
	"GET /v1/portal":            "settings",
	"PUT /v1/portal":            "settings",
	"GET /v1/portal/placements": "read",

	"GET /v1/pages":                   "read",
	"GET /v1/page-templates":          "read",
	"GET /v1/fields":                  "read",
	"GET /v1/pages/{slug}":            "read",
	"PUT /v1/pages/{slug}":            "settings",
	"DELETE /v1/pages/{slug}":         "settings",
	"POST /v1/pages/{slug}/publish":   "settings",
	"POST /v1/pages/{slug}/unpublish": "settings",
	"GET /v1/pages/{slug}/preview":    "settings",

	"GET /v1/keys":              "keys shops",
	"POST /v1/keys":             "keys shops",
	"DELETE /v1/keys/{id}":      "keys shops",
	"POST /v1/keys/{id}/rotate": "keys shops",
	"POST /v1/shops":            "shops",

	"GET /v1/sites":              "read till",
	"GET /v1/sites/{code}":       "read till",
	"PUT /v1/sites/{code}":       "settings",
	"DELETE /v1/sites/{code}":    "settings",
	"GET /v1/channels":           "read till",
	"GET /v1/channels/{code}":    "read till",
	"PUT /v1/channels/{code}":    "settings",
	"DELETE /v1/channels/{code}": "settings",
	"GET /v1/sources":            "read till",
	"GET /v1/sources/{code}":     "read till",
	"PUT /v1/sources/{code}":     "settings",
	"DELETE /v1/sources/{code}":  "settings",
	"GET /v1/groups":             "read till",
	"GET /v1/groups/{code}":      "read till",
	"PUT /v1/groups/{code}":      "settings",
	"DELETE /v1/groups/{code}":   "settings",

	"POST /v1/members":                  "facts till",
	"GET /v1/members":                   "read", // a till finds, it does not list: see below
	"GET /v1/members?number=A":          "read till",
	"GET /v1/members/{id}":              "read till",
	"GET /v1/members/{id}/wallet":       "read till",
	"GET /v1/members/{id}/receipts":     "read till",
	"GET /v1/members/{id}/transactions": "read",

	"GET /v1/members/{id}/code":         "read till",
	"POST /v1/members/{id}/till-code":   "facts till",
	"POST /v1/members/{id}/merge":       "facts",
	"POST /v1/members/{id}/block":       "facts",
	"POST /v1/members/{id}/unblock":     "facts",
	"GET /v1/member-fields":             "read till",
	"PUT /v1/members/{id}/fields":       "facts",
	"PUT /v1/members/{id}/group":        "facts",
	"POST /v1/members/{id}/tags":        "facts",
	"POST /v1/members/{id}/adjustments": "facts",
	"POST /v1/members/{id}/exchanges":   "facts till",
	"POST /v1/transfers":                "facts",

	"GET /v1/referrals":              "read",
	"GET /v1/sightings":              "read",
	"POST /v1/referrals":             "facts",
	"GET /v1/referrals/{id}":         "read",
	"POST /v1/referrals/{id}/review": "facts",
	"PUT /v1/members/{id}/referrer":  "facts",
	"GET /v1/members/{id}/referrals": "read till",
	"GET /v1/members/{id}/consents":  "read",
	"POST /v1/clicks":                "facts",
	"POST /v1/invitations":           "facts till",

	"GET /v1/claims":                         "read",
	"GET /v1/members/{id}/claims":            "read till",
	"POST /v1/claims/{reward_id}/choice":     "facts till",
	"POST /v1/claims/{reward_id}/fulfilment": "facts till",
	"POST /v1/vouchers/redemptions":          "facts till",

	"POST /v1/programs/backtest": "programs",

	"GET /v1/gifts":                                    "read till",
	"GET /v1/gifts/{code}":                             "read till",
	"PUT /v1/gifts/{code}":                             "programs",
	"POST /v1/gifts/{code}/stock":                      "programs",
	"GET /v1/members/{id}/gifts":                       "read till",
	"POST /v1/members/{id}/gift-claims":                "facts till",
	"GET /v1/claims/due":                               "read",
	"GET /v1/claims/{reward_id}":                       "facts",
	"POST /v1/claims/{reward_id}/cancellation":         "facts",
	"GET /v1/code-pools":                               "read",
	"POST /v1/code-pools/{name}/codes":                 "programs",
	"POST /v1/voucher-batches":                         "programs",
	"GET /v1/voucher-batches":                          "read",
	"GET /v1/voucher-batches/{id}":                     "read",
	"GET /v1/voucher-batches/{id}/codes":               "programs",
	"POST /v1/voucher-batches/{id}/withdraw":           "programs",
	"POST /v1/vouchers/validate":                       "read till",
	"GET /v1/vouchers/{code}":                          "read till",
	"POST /v1/vouchers/withdrawals":                    "facts",
	"POST /v1/vouchers/redemptions/{event_id}/release": "facts till",

	"POST /v1/carts/evaluate": "read till",
	"POST /v1/carts/hold":     "facts till",
	"POST /v1/carts/redeem":   "facts till",
	"POST /v1/carts/release":  "facts till",
	"GET /v1/carts":           "read till",

	"POST /v1/events":             "facts",
	"GET /v1/events/{id}":         "read",
	"POST /v1/orders":             "facts till",
	"GET /v1/orders":              "read till",
	"GET /v1/orders/{id}":         "read till",
	"POST /v1/refunds":            "facts till",
	"GET /v1/receipts/{event_id}": "read till",
	"POST /v1/programs":           "programs",
	"GET /v1/programs":            "read",
	"GET /v1/programs/{id}":       "read",

	"POST /v1/programs/{id}/versions": "programs",
	"POST /v1/programs/{id}/copy":     "programs",
	"POST /v1/programs/{id}/pause":    "programs",
	"POST /v1/programs/{id}/activate": "programs",
	"GET /v1/programs/{id}/summary":   "read",

	"POST /v1/programs/{id}/versions/{version}/withdraw": "programs",
	"GET /v1/programs/{id}/difference":                   "read",

	"GET /v1/program-drafts":                 "read",
	"POST /v1/program-drafts":                "programs",
	"GET /v1/program-drafts/{id}":            "read",
	"PUT /v1/program-drafts/{id}":            "programs",
	"DELETE /v1/program-drafts/{id}":         "programs",
	"GET /v1/program-drafts/{id}/difference": "read",
	"POST /v1/program-drafts/{id}/publish":   "programs",
}

// routes is a mux that only lists.
type routes []string

func (r *routes) HandleFunc(pattern string, _ func(http.ResponseWriter, *http.Request)) {
	*r = append(*r, pattern)
}

var pathPart = regexp.MustCompile(`\{\w+\}`)

// Every operation is asked with a key of every class.
func TestEveryOperationForEveryKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		classes := map[string]string{"shops": s.operator} // the operator's key has the scope keys, too
		for _, scope := range append([]string{office.ScopeTill}, office.ShopScopes...) {
			token, err := s.office.CreateKey(t.Context(), s.opened.Test.ID, scope)
			if err != nil {
				t.Fatal(err)
			}
			classes[scope] = token
		}
		var mounted routes
		api.Mount(api.Services{})(&mounted)
		asked := slices.Clone(mounted)
		for pattern := range mayDo {
			if path, _, query := strings.Cut(pattern, "?"); query {
				asked = append(asked, pattern)
			} else if !slices.Contains(mounted, path) {
				t.Errorf("%s has a row, but no route", pattern)
			}
		}
		for _, pattern := range asked {
			row, ok := mayDo[pattern]
			if !ok {
				t.Errorf("%s has no row: which keys may do it?", pattern)
				continue
			}
			method, path, _ := strings.Cut(pattern, " ")
			body := ""
			if method != "GET" && method != "DELETE" {
				body = "{}"
			}
			for class, token := range classes {
				s.key = token
				a := s.send(method, pathPart.ReplaceAllString(path, "x"), body)
				refused := a.status == http.StatusForbidden && text(t, a.json(t), "code") == "scope_missing"
				if may := row == "open" || slices.Contains(strings.Fields(row), class); may == refused || a.status == 401 || a.status >= 500 {
					t.Errorf("%s with a key for %s: %d %.120s", pattern, class, a.status, a.body)
				}
			}
		}
	})
}
