package portal

import (
	"cmp"
	"net/http"
	"strings"

	"cagnotte/internal/gifts"
	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
	"cagnotte/internal/programs"
	"cagnotte/internal/rules"
)

// purse is one unit of a wallet in words.
type purse struct {
	Name      string
	Available string
	Long      bool // too long for the largest letters
	Waiting   []string
	Lapses    string
	Owed      string
	Held      string
	Poster    *poster // of the program whose card it is; nil: it has none
	Card      *stamps // nil: it is no stamp card that fills
}

// shown is a unit that members see: not the shop's own counters.
func shown(u ledger.Unit) bool {
	s := string(u)
	return !strings.HasPrefix(s, rules.Tally+":") && !strings.HasPrefix(s, rules.Referrals+":")
}

// most is how many lots that wait are told one by one.
const mostWaiting = 4

// longAmount is how many signs of an amount the largest letters have room for on a phone.
const longAmount = 9

func (v *visit) purse(b people.Balance, due map[id.Reward]moment.Time) purse {
	out := purse{Name: v.unitName(b.Unit), Available: v.say.Units(b.Unit, b.Available)}
	out.Long = len([]rune(out.Available)) > longAmount
	for _, l := range b.Lots {
		if l.Remaining == 0 || l.OpensAt != 0 && l.OpensAt <= v.now() {
			continue
		}
		if len(out.Waiting) == mostWaiting {
			out.Waiting = append(out.Waiting, v.t("portal.waiting.more"))
			break
		}
		out.Waiting = append(out.Waiting, v.waiting(b.Unit, l, due))
	}
	if b.Lapses > 0 {
		out.Lapses = v.t("portal.lapses", "Units", v.say.Units(b.Unit, b.Lapses), "Date", v.say.Date(b.LapseAt-1))
	}
	if b.Debt > 0 {
		out.Owed = v.t("portal.owed", "Units", v.say.Units(b.Unit, b.Debt))
	}
	if b.Held > 0 {
		out.Held = v.t("portal.held", "Units", v.say.Units(b.Unit, b.Held))
	}
	return out
}

// waiting says of value that is not open yet when it will be, and on what condition: time
// alone, a second look at the order on a day, or a word of the shop.
func (v *visit) waiting(u ledger.Unit, l *ledger.Lot, due map[id.Reward]moment.Time) string {
	units := v.say.Units(u, l.Remaining)
	if l.OpensAt != 0 && !strings.HasPrefix(l.Origin, "o:") {
		return v.t("portal.waiting.date", "Units", units, "Date", v.say.Date(l.OpensAt))
	}
	if l.OpensAt != 0 {
		return v.t("portal.waiting.order", "Units", units, "Date", v.say.Date(l.OpensAt))
	}
	if at := due[l.Reward]; at > v.now() { // a day that is past waits for the shop's word
		return v.t("portal.waiting.order", "Units", units, "Date", v.say.Date(at))
	}
	return v.t("portal.waiting", "Units", units)
}

func (v *visit) unitName(u ledger.Unit) string {
	switch s := string(u); {
	case s == rules.Points:
		return cmp.Or(v.say.Points(), v.t("portal.unit.points"))
	case strings.HasPrefix(s, rules.Stamps+":"):
		return v.stampCard(strings.TrimPrefix(s, rules.Stamps+":"))
	}
	return v.t("portal.unit.money")
}

// stampCard is the name of the program whose stamps a unit counts.
func (v *visit) stampCard(program string) string {
	list, err := v.Programs.List(v.ctx, v.shop.ID)
	if err == nil {
		for _, p := range list {
			if p.ID.String() == program || p.Name == program {
				return p.Name
			}
		}
	}
	return v.t("portal.unit.stamps")
}

// cardPoster is the picture of the program whose stamps a unit counts; nil: there is none.
func (v *visit) cardPoster(u ledger.Unit) (*poster, error) {
	program, stamps := strings.CutPrefix(string(u), rules.Stamps+":")
	if !stamps {
		return nil, nil
	}
	list, err := v.posters(func(p *programs.Program) bool { return p.ID.String() == program || p.Name == program })
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

func (v *visit) now() moment.Time {
	if v.at == 0 {
		if _, now, err := v.Office.Shop(v.ctx, v.shop.ID); err == nil {
			v.at = now
		}
	}
	return v.at
}

// home is the first page: a member's wallet, or what others are told.
func (v *visit) home() error {
	if v.member == nil {
		return v.show(http.StatusOK, welcome(v))
	}
	w, err := v.People.Wallet(v.ctx, v.shop.ID, v.member.ID, 0)
	if err != nil {
		return err
	}
	due, err := v.People.DueDates(v.ctx, v.shop.ID, v.member.ID)
	if err != nil {
		return err
	}
	var purses []purse
	for _, b := range w.Units {
		if shown(b.Unit) {
			x := v.purse(b, due)
			if x.Poster, err = v.cardPoster(b.Unit); err != nil {
				return err
			}
			if x.Card, err = v.stampsOf(b); err != nil {
				return err
			}
			purses = append(purses, x)
		}
	}
	var offers []gift
	if v.look.Has(loyalty.ModuleGifts) {
		list, err := v.Gifts.Offers(v.ctx, v.shop.ID, v.member.ID, nil)
		if err != nil {
			return err
		}
		gifts.WithinReach(list)
		if offers, err = v.gifts(list[:min(4, len(list))]); err != nil {
			return err
		}
	}
	var vouchers []ticket
	for _, x := range w.Vouchers {
		vouchers = append(vouchers, v.ticket(x))
	}
	link := ""
	if v.look.Has(loyalty.ModuleReferral) {
		if link, err = v.link(); err != nil {
			return err
		}
	}
	return v.show(http.StatusOK, homePage(v, purses, vouchers, link, offers))
}

// ticket is a voucher in words.
type ticket struct{ What, Code, Until string }

func (v *visit) ticket(x *loyalty.Voucher) ticket {
	out := ticket{What: v.worth(x), Code: x.Code}
	if x.ExpiresAt != 0 {
		out.Until = v.t("portal.voucher.until", "Date", v.say.Date(x.ExpiresAt-1))
	}
	return out
}

// worth says what a voucher is for.
func (v *visit) worth(x *loyalty.Voucher) string {
	switch {
	case x.Kind == loyalty.VoucherProduct:
		return v.say.Count("portal.voucher.product", x.Amount, "Article", x.Article)
	case x.Kind == loyalty.VoucherCategory:
		return v.t("portal.voucher.category", "Category", x.Article)
	case x.Percent != 0:
		return v.t("portal.voucher.percent", "Percent", v.say.Percent(x.Percent))
	}
	return v.t("portal.voucher.cash", "Amount", v.say.Money(x.Amount, v.shop.Currency))
}

// line is one line of the history.
type line struct {
	When, Text, Amount string
	Minus, Refused     bool
}

const historyPage = 20

// history tells what happened, given or refused, in the member's own words.
func (v *visit) history() error {
	before, err := id.Parse[id.EventKind](v.r.URL.Query().Get("before"))
	if err != nil {
		before = id.Event{}
	}
	list, err := v.People.ReceiptsOf(v.ctx, v.shop.ID, v.member.ID, before, historyPage+1)
	if err != nil {
		return err
	}
	next := ""
	if len(list) > historyPage {
		list = list[:historyPage]
		next = "?before=" + list[historyPage-1].Event.String()
	}
	var lines []line
	for _, r := range list {
		e, err := v.People.Event(v.ctx, v.shop.ID, r.Event)
		if err != nil {
			return err
		}
		for _, l := range r.Lines {
			if x, ok := v.line(l, e.OccurredAt); ok {
				lines = append(lines, x)
			}
		}
	}
	return v.show(http.StatusOK, historyPageOf(v, lines, next))
}

func (v *visit) line(l loyalty.ReceiptLine, at moment.Time) (line, bool) {
	text := v.say.Receipt(l, locale.View{Member: v.member.ID})
	if text == "" {
		return line{}, false
	}
	x := line{When: v.say.Date(at), Text: text, Refused: l.Outcome == loyalty.Refused}
	if l.Unit == "" || l.Amount == 0 || !shown(l.Unit) {
		return x, true
	}
	switch l.Outcome {
	case loyalty.Given, loyalty.Opened, loyalty.PaidBack:
		x.Amount = "+ " + v.say.Units(l.Unit, l.Amount)
	case loyalty.TakenBack, loyalty.Expired, loyalty.Paid, loyalty.Exchanged:
		x.Amount, x.Minus = "− "+v.say.Units(l.Unit, l.Amount), true
	}
	return x, true
}

// link is the address that leads to the member; empty while he has no code.
func (v *visit) link() (string, error) {
	codes, err := v.People.Codes(v.ctx, v.shop.ID, v.member.ID)
	if err != nil || len(codes) == 0 {
		if missing(err) {
			err = nil
		}
		return "", err
	}
	return v.look.Invite(codes[0]), nil
}
