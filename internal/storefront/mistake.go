package storefront

import (
	"crypto/rand"
	"errors"
	"net/http"
	"time"
)

// Mistakes that shops make when they report orders, made on purpose: whoever tries the back
// office sees there how each is named.

// mistakes are the names of those that can be made, in the order of the page.
var mistakes = []string{"lines", "email", "twice", "changed", "late", "key"}

const lateness = 2*time.Hour + 5*time.Minute

type mistakesPage struct {
	Kinds []string
	Made  string // what was just sent; empty: nothing
	Ref   string
	Said  string // why it was refused; empty: it was not
}

func (v *visit) mistakes() error {
	return v.show(http.StatusOK, "mistakes", v.T("mistakes.title"), &mistakesPage{Kinds: mistakes})
}

// mistake reports an order wrongly.
func (v *visit) mistake() error {
	p := &mistakesPage{Kinds: mistakes, Made: v.r.FormValue("kind"), Ref: "CL-" + rand.Text()[:6] + "0"}
	line := map[string]any{"sku": "MUG", "category": "shop", "quantity": 1, "amount": 1290}
	order := map[string]any{
		"feed": feed, "ref": p.Ref, "currency": currency, "channel": "web", "lines": []any{line},
		"member": map[string]any{"email": "mistake@example.com", "first_name": "Test"},
	}
	api, times := *v.api, 1
	switch p.Made {
	case "lines":
		delete(line, "sku")
	case "email":
		delete(order, "member")
	case "twice", "changed":
		times = 2
	case "late":
		order["occurred_at"] = v.Now().Add(-lateness).UTC().Format(time.RFC3339)
	case "key":
		api.key = "cag_live_wrong"
	default:
		return v.missing()
	}
	for range times {
		err := api.call(v.r.Context(), v.lang, "POST", "/v1/orders", order, &struct{}{})
		if r, ok := errors.AsType[*refused](err); ok && r.Status < http.StatusInternalServerError {
			p.Said = r.Detail
		} else if err != nil {
			return err
		}
		if p.Made == "changed" {
			line["amount"] = 1190
		}
	}
	return v.show(http.StatusOK, "mistakes", v.T("mistakes.title"), p)
}
