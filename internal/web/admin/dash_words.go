package admin

import (
	"strconv"

	"github.com/a-h/templ"

	"cagnotte/internal/insight"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// figure is one of the great figures of the dashboard.
type figure struct {
	Name, Value, Delta, Text string
	Good, Bad, Up            bool
	Parts                    []int64
	To                       templ.SafeURL
}

func unitOf(name string) ledger.Unit { return ledger.Unit(name) }

// sold is what an order came to when it was reported.
func sold(o *loyalty.Order) (sum int64) {
	if o != nil {
		for _, l := range o.Lines {
			sum += l.Amount
		}
	}
	return sum
}

// tenths writes a share with one decimal at most.
func (v *visit) tenths(share int64) string {
	n := share + 5
	if share < 0 {
		n = share - 5
	}
	return v.say.Percent(n / 10 * 10)
}

// since is the first day of the period, for the filters of lists.
func (p *boardPage) since() string { return p.Since.Date(p.Shop.Zone) }

// days is the period in days, as the list of referrals offers them.
func (p *boardPage) days() string {
	switch p.Period {
	case insight.Week:
		return "7"
	case insight.Year:
		return "365"
	}
	return "28"
}

// figures are the four great ones.
func (p *boardPage) figures(v *visit) []figure {
	d, since := p.Dashboard, p.since()
	list := []figure{
		{
			Name: "revenue", Value: p.money(v, d.Revenue.Now), Parts: d.Revenue.Parts, To: v.linked("/journal", "kind", "orders", "since", since),
			Text: v.t("admin.dash.revenue.share", "Share", v.tenths(shareOf(d.Revenue.Now, d.Sales.Now))),
		},
		{
			Name: "friends", Value: v.say.Number(d.Friends.Now), Parts: d.Friends.Parts, To: v.linked("/members", "referred", "yes", "since", since),
			Text: v.say.Count("admin.dash.friends.bought", d.Buyers.Now),
		},
		{
			Name: "rate", Value: v.tenths(d.Rate.Now), Parts: d.Rate.Parts, To: v.linked("/referrals", "days", p.days()),
			Text: v.t("admin.dash.rate.of"),
		},
		{
			Name: "owed", Value: p.money(v, d.Owed.Now), Parts: d.Owed.Parts, To: v.linked("/members", "balance", "yes"),
			Text: v.t("admin.dash.owed.pending", "Amount", p.money(v, d.Pending)),
		},
	}
	for i, c := range []insight.Change{d.Revenue, d.Friends, d.Rate, d.Owed} {
		f := &list[i]
		diff := c.Now - c.Before
		f.Up = diff >= 0
		switch f.Name {
		case "rate":
			if c.Before > 0 {
				f.Delta = v.t("admin.dash.points", "N", signed(v.say.Hundredths(roundTenths(diff)), diff))
			}
			f.Good, f.Bad = diff > 0, diff < 0
		default:
			if share, ok := c.Delta(); ok {
				f.Delta = signed(v.tenths(share), share)
			}
			f.Good, f.Bad = diff > 0 && f.Name != "owed", diff < 0 && f.Name != "owed" // more to pay is neither
		}
	}
	return list
}

func roundTenths(n int64) int64 {
	if n < 0 {
		return (n - 5) / 10 * 10
	}
	return (n + 5) / 10 * 10
}

// signed puts a plus before what rose.
func signed(text string, n int64) string {
	if n > 0 {
		return "+" + text
	}
	return text
}

// shareOf is part ÷ whole in hundredths of a per cent.
func shareOf(part, whole int64) int64 {
	if whole <= 0 {
		return 0
	}
	return int64(float64(part)/float64(whole)*100_00 + .5)
}

func (p *boardPage) money(v *visit, n int64) string { return v.say.Money(n, p.Shop.Currency) }

// mark is a day or a month of the period.
func (p *boardPage) mark(v *visit, t moment.Time) string {
	if p.Monthly {
		return v.say.Month(t)
	}
	return v.say.ShortDay(t)
}

// trend is the chart of friends' orders.
func (p *boardPage) trend(v *visit) trend {
	t := trend{
		Label: v.t("admin.dash.chart.label", "Now", v.say.Number(p.Orders.Now), "Before", v.say.Number(p.Orders.Before)),
		Now:   p.Orders.Parts, Earlier: p.Orders.Earlier, Number: v.say.Number,
	}
	for i, at := range p.Starts {
		t.Marks = append(t.Marks, p.mark(v, at))
		t.Tips = append(t.Tips, v.t("admin.dash.chart.tip", "Day", p.mark(v, at), "Now", v.say.Number(p.Orders.Parts[i]),
			"Earlier", p.mark(v, p.Earlier[i]), "Before", v.say.Number(p.Orders.Earlier[i])))
	}
	return t
}

// reached is one step of the funnel.
type reached struct {
	Name string
	N    int64
	Next int64 // of the step behind it; less than 0: it is the last
	Rate string
}

func (p *boardPage) funnel(v *visit) []reached {
	f := p.Funnel
	list := []reached{{Name: "touched", N: f.Touched}, {Name: "opened", N: f.Opened}, {Name: "joined", N: f.Joined}, {Name: "ordered", N: f.Ordered}, {Name: "rewarded", N: f.Rewarded}}
	for i := range list {
		list[i].Next = -1
		if i+1 < len(list) {
			list[i].Next = list[i+1].N
			if n := list[i].N; n > 0 && list[i+1].N <= n {
				list[i].Rate = v.tenths(shareOf(list[i+1].N, n))
			}
		}
	}
	return list
}

// shares are the cells of a cohort's row.
func shares(c insight.Cohort) []int64 {
	out := make([]int64, len(c.Bought))
	for i, n := range c.Bought {
		out[i] = shareOf(n, c.Size)
	}
	return out
}

func plus(i int) string { return "+" + strconv.Itoa(i) }

// verdict compares what a new customer costs with what he may cost.
func (p *boardPage) verdict() string {
	switch {
	case p.Goals.PerNew == 0 || p.Buyers.Now == 0:
		return ""
	case p.CostEach.Now <= p.Goals.PerNew:
		return "within"
	}
	return "above"
}

func itoa(n int) string { return strconv.Itoa(n) }

// periodLink is the dashboard of another period.
func (v *visit) periodLink(period string) templ.SafeURL {
	return v.to("/") + templ.SafeURL("?period="+period)
}
