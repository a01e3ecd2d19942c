package storefront

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// order is what somebody bought. Guarded by Shop.mu.
type order struct {
	Ref     string
	At      time.Time
	Lines   []orderLine
	Gross   int64 // what its lines came to, cents
	Paid    int64 // of it, by points
	account string
	events  []string // of Cagnotte, the order and what came back of it: what they led to is read there
	member  string
}

type orderLine struct {
	SKU, Category string
	Quantity      int64
	Amount        int64 // after discounts, cents
	Back          bool
}

func (o *order) copy() *order {
	c := *o
	c.Lines, c.events = slices.Clone(o.Lines), slices.Clone(o.events)
	return &c
}

// belongs tells whether a session may see the order: it was placed in it, or by its account.
func (o *order) belongs(s *session) bool {
	return s != nil && (slices.Contains(s.orders, o.Ref) || o.account != "" && o.account == s.account)
}

type orderPage struct {
	*order
	Said []string // what it led to, in words
	Told string   // for the tracker
}

// mine finds the order that the address names, if it is the reader's.
func (v *visit) mine() *order {
	v.mu.Lock()
	defer v.mu.Unlock()
	o := v.orders[v.r.PathValue("ref")]
	if o == nil || !o.belongs(v.s) {
		return nil
	}
	return o.copy()
}

func (v *visit) order() error {
	o := v.mine()
	if o == nil {
		return v.missing()
	}
	p := &orderPage{order: o}
	var err error
	for _, e := range o.events {
		if o.member == "" {
			break // nobody is told anything
		}
		said, err := v.api.receipts(v.r.Context(), v.lang, e, o.member)
		if err != nil {
			return err
		}
		p.Said = append(p.Said, said...)
	}
	if p.Told, err = o.told(); err != nil {
		return err
	}
	return v.show(http.StatusOK, "order", v.T("order.title", "ref", o.Ref), p)
}

// told is the order as a page tells it to the tracker, in the form of GA4. It names nobody.
func (o *order) told() (string, error) {
	type item struct {
		ID       string  `json:"item_id"`
		Category string  `json:"item_category"`
		Price    float64 `json:"price"`
		Quantity int64   `json:"quantity"`
	}
	said := struct {
		ID       string  `json:"transaction_id"`
		Value    float64 `json:"value"`
		Currency string  `json:"currency"`
		Items    []item  `json:"items"`
	}{ID: o.Ref, Value: euros(o.Gross), Currency: currency}
	for _, l := range o.Lines {
		said.Items = append(said.Items, item{l.SKU, l.Category, euros(l.Amount) / float64(l.Quantity), l.Quantity})
	}
	b, err := json.Marshal(said)
	return string(b), err
}

func euros(cents int64) float64 { return float64(cents) / 100 }

// returnLine sends one line of an order back, whole.
func (v *visit) returnLine() error {
	o := v.mine()
	if o == nil {
		return v.missing()
	}
	n, err := strconv.Atoi(v.r.FormValue("line"))
	if err != nil || n < 1 || n > len(o.Lines) {
		return v.missing()
	}
	answer, err := v.api.refund(v.r.Context(), v.lang, returned{
		ID: fmt.Sprintf("return:%s:%d", o.Ref, n), Feed: feed, Ref: o.Ref, Lines: []returnedLine{{n, o.Lines[n-1].Quantity}},
	})
	if err != nil {
		return err
	}
	v.mu.Lock()
	kept := v.orders[o.Ref]
	kept.Lines[n-1].Back = true
	if !slices.Contains(kept.events, answer.ID) { // sent twice it is one return
		kept.events = append(kept.events, answer.ID)
	}
	v.mu.Unlock()
	return v.redirect("/orders/" + o.Ref)
}

// Place is the number of a line, from 1.
func (v *visit) Place(i int) int { return i + 1 }
