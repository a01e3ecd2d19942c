package admin

import (
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
)

const ordersPerPage = 20

// cardOrder is an order with its sums and what it led to.
type cardOrder struct {
	*loyalty.OrderRow
	Total, Back, Net int64
	Events           []cardFact
}

func (c *card) ordersTab() (templ.Component, error) {
	v, shop := c.v, c.v.shop.ID
	behind, err := strconv.Atoi(v.r.URL.Query().Get("behind"))
	if err != nil || behind < 0 {
		behind = 0
	}
	list, err := v.People.OrdersOf(v.ctx, shop, c.ID, behind, ordersPerPage+1)
	if err != nil {
		return nil, err
	}
	next := ""
	if len(list) > ordersPerPage {
		list, next = list[:ordersPerPage], strconv.Itoa(behind+ordersPerPage)
	}
	ids := make([]id.Order, len(list))
	for i, o := range list {
		ids[i] = o.ID
	}
	facts, err := v.People.EventsOfOrders(v.ctx, shop, c.ID, ids)
	if err != nil {
		return nil, err
	}
	worded, err := c.worded(facts)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(worded, func(a, b cardFact) int { return a.Position().Compare(b.Position()) })
	of := map[id.Order][]cardFact{}
	for _, x := range worded {
		of[x.Order] = append(of[x.Order], x)
	}
	var out []cardOrder
	for _, o := range list {
		x := cardOrder{OrderRow: o, Net: o.Net(), Events: of[o.ID]}
		for _, l := range o.Lines {
			x.Total += l.Amount
		}
		x.Back = x.Total - x.Net
		out = append(out, x)
	}
	return ordersTab(c, out, next, behind > 0), nil
}

// cardFact is a fact of the member with what it led to for him.
type cardFact struct {
	*people.Event
	Kind    string
	Who     string
	Receipt []string
}

// worded gives facts their words.
func (c *card) worded(list []*people.Event) ([]cardFact, error) {
	ids := make([]id.Event, len(list))
	for i, e := range list {
		ids[i] = e.ID
	}
	receipts, err := c.v.People.ReceiptsFor(c.v.ctx, c.v.shop.ID, c.ID, ids)
	out := make([]cardFact, len(list))
	for i, e := range list {
		out[i] = cardFact{Event: e, Kind: c.v.t("admin.card.fact." + e.Kind), Receipt: c.v.receiptLines(receipts[e.ID])}
		line := ledgerLine{Event: e}
		c.author(&line)
		out[i].Who = line.Who
	}
	return out, err
}
