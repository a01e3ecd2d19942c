package storefront

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const maxPieces = 99

// basket is a cart as its page shows it.
type basket struct {
	Lines  []basketLine
	Codes  string
	Points int64
	Sum    int64
	Worth  *evaluation // what Cagnotte says of it; nil when the cart is empty
}

type basketLine struct {
	*article
	Quantity int64
	Sum      int64
}

// question makes the cart that Cagnotte is asked about, and what the page shows of it.
func (v *visit) question() (*basket, asked) {
	v.mu.Lock()
	defer v.mu.Unlock()
	b, k := &basket{}, asked{Feed: feed, Currency: currency}
	if v.s == nil {
		return b, k
	}
	for _, a := range shelf {
		n := v.s.cart[a.SKU]
		if n == 0 {
			continue
		}
		b.Lines = append(b.Lines, basketLine{a, n, n * a.Price})
		b.Sum += n * a.Price
		k.Lines = append(k.Lines, line{a.SKU, a.Category, n, n * a.Price, a.Rate})
	}
	if v.s.ref == "" {
		v.s.ref = number()
	}
	k.Ref, k.Codes = v.s.ref, slices.Clone(v.s.codes)
	b.Codes, b.Points = strings.Join(v.s.codes, " "), v.s.points
	if a := v.accounts[v.s.account]; a != nil {
		k.Member = &who{ExternalID: v.s.account, Email: a.Email}
	}
	if v.s.points > 0 {
		k.Pay = []payment{{"points", v.s.points}}
	}
	return b, k
}

const currency = "EUR"

func (v *visit) cart() error {
	b, k := v.question()
	if len(k.Lines) > 0 {
		var err error
		if b.Worth, err = v.api.evaluate(v.r.Context(), v.lang, k); err != nil {
			return err
		}
	}
	return v.show(http.StatusOK, "cart", v.T("cart.title"), b)
}

// changeCart puts so many pieces of an article into the cart: `add` more, or `quantity` in
// all.
func (v *visit) changeCart() error {
	a := find(v.r.FormValue("sku"))
	if a == nil {
		return v.missing()
	}
	v.mu.Lock()
	s := v.open()
	n := s.cart[a.SKU]
	if more, err := strconv.ParseInt(v.r.FormValue("add"), 10, 64); err == nil {
		n += min(max(more, 0), maxPieces)
	}
	if all, err := strconv.ParseInt(v.r.FormValue("quantity"), 10, 64); err == nil {
		n = all
	}
	s.cart[a.SKU] = min(max(n, 0), maxPieces)
	v.mu.Unlock()
	return v.redirect("/cart")
}

// changePayment keeps the codes and the points with which the reader wants to pay.
func (v *visit) changePayment() error {
	codes := strings.Fields(v.r.FormValue("codes"))
	points, err := strconv.ParseInt(strings.TrimSpace(v.r.FormValue("points")), 10, 64)
	if err != nil || points < 0 {
		points = 0
	}
	v.mu.Lock()
	s := v.open()
	s.codes, s.points = codes[:min(len(codes), 5)], points
	v.mu.Unlock()
	return v.redirect("/cart")
}
