package admin

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"cagnotte/internal/ledger"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
	"cagnotte/internal/staff"
)

// perShelf is how many entries a page of the catalogue shows: cards stand in threes and twos.
const perShelf = 24

// States of an entry of the catalogue.
const (
	giftOn        = "on"
	giftScheduled = "scheduled"
	giftOut       = "out"
	giftEnded     = "ended"
	giftInside    = "inside" // it has no price: only programs and the team give it
	giftHidden    = "hidden"
)

// giftStates are those of an entry, in the order in which the catalogue shows them.
var giftStates = []string{giftOn, giftOut, giftScheduled, giftInside, giftEnded, giftHidden}

// giftState is what members find of an entry now.
func giftState(g *loyalty.GiftRow, now moment.Time) string {
	x := &g.Gift
	switch {
	case x.Archived:
		return giftHidden
	case x.Until != 0 && now >= x.Until:
		return giftEnded
	case now < x.From:
		return giftScheduled
	case len(x.Prices) == 0:
		return giftInside
	case x.Limited && pieces(g) == 0:
		return giftOut
	}
	return giftOn
}

func giftTone(state string) string {
	return "tag " + map[string]string{giftOn: "good", giftOut: "warn", giftScheduled: "info", giftInside: "info"}[state]
}

// stockOf is what is left of an entry, variant by variant; one without them has the variant "".
type stockOf struct {
	Variant, Name string
	In, Left      int64
}

func stocks(g *loyalty.GiftRow) (out []stockOf) {
	if len(g.Gift.Variants) == 0 {
		left, _ := g.Left("")
		return []stockOf{{In: g.In[""], Left: left}}
	}
	for _, x := range g.Gift.Variants {
		left, _ := g.Left(x.Code)
		name := x.Name
		if name == "" {
			name = x.Code
		}
		out = append(out, stockOf{x.Code, name, g.In[x.Code], left})
	}
	return out
}

// pieces is what is left of all variants.
func pieces(g *loyalty.GiftRow) (n int64) {
	for _, s := range stocks(g) {
		n += s.Left
	}
	return n
}

// shelf is a page of the catalogue.
type shelf struct {
	rows   []*loyalty.GiftRow
	state  string
	counts map[string]int64
	cost   int64 // of everything that is in stock
	open   int64 // entries without a limit, which no sum bounds
	next   string
	sorts  bool // the reader may move entries
	beside func(*loyalty.GiftRow) (before, behind string)
}

// catalogue reads all of it, in the order in which members see it.
func (v *visit) catalogue() ([]*loyalty.GiftRow, error) {
	list, _, err := v.Gifts.Catalogue(v.ctx, v.shop.ID)
	return list, err
}

// orderGifts moves one entry by a button, or takes over the order in which somebody put those
// of a page.
func (v *visit) orderGifts() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	way, which, one := strings.Cut(f.get("one"), ":")
	entry, beside, _ := strings.Cut(which, "/") // no code has a slash
	switch {
	case !one:
		err = v.Gifts.Arrange(v.ctx, v.shop.ID, f.lists["code"])
		v.note("", "gifts", plainNumber(int64(len(f.lists["code"]))))
	case way != "up" && way != "down":
		return loyalty.NotFound("", "screen_unknown")
	default:
		err = v.Gifts.Place(v.ctx, v.shop.ID, entry, beside, way == "down")
		v.note("", "gift", entry, "way", way, "beside", beside)
	}
	if err != nil {
		return err
	}
	if !one {
		return v.redirectTo(v.with("/gifts", "after", f.get("after")))
	}
	return v.redirectTo(v.with("/gifts", "after", f.get("after"), "moved", way+":"+entry) + "#gift-" + url.PathEscape(entry))
}

// giftsPage lists the catalogue by what members find of it.
func (v *visit) giftsPage() error {
	list, err := v.catalogue()
	if err != nil {
		return err
	}
	if v.pictured, err = v.Gifts.Pictures(v.ctx, v.shop.ID); err != nil {
		return err
	}
	now := v.now()
	s := shelf{state: v.asked("state"), counts: map[string]int64{}}
	for _, g := range list {
		state := giftState(g, now)
		s.counts[state]++
		if state == giftOn && g.Gift.Limited {
			s.cost += pieces(g) * g.Gift.Cost
		} else if state == giftOn {
			s.open++
		}
		if s.state == "" || s.state == state {
			s.rows = append(s.rows, g)
		}
	}
	whole := s.rows
	s.beside = func(g *loyalty.GiftRow) (before, behind string) {
		at := slices.Index(whole, g)
		if at > 0 {
			before = whole[at-1].Gift.Code
		}
		if at+1 < len(whole) {
			behind = whole[at+1].Gift.Code
		}
		return before, behind
	}
	s.sorts = s.state == "" && len(list) > 1 && v.can(staff.Publish)
	if at := slices.IndexFunc(s.rows, func(g *loyalty.GiftRow) bool { return g.Gift.Code == v.asked("after") }); at >= 0 {
		s.rows = s.rows[at+1:]
	}
	if len(s.rows) > perShelf {
		s.rows = s.rows[:perShelf]
		s.next = s.rows[perShelf-1].Gift.Code
	}
	return v.show(http.StatusOK, giftsView(v, &s))
}

// giftTitle is what an entry is called in a language; its name in receipts where nothing is
// said in that one.
func giftTitle(g *loyalty.Gift, tag string) string {
	if n := g.Names[tag]; n != "" {
		return n
	}
	return g.Name
}

// giftPrice is what a piece costs, in words of a language.
func giftPrice(say *locale.Printer, or string, g *loyalty.Gift) string {
	var out []string
	for _, p := range g.Prices {
		out = append(out, say.Units(ledger.Unit(p.Unit), p.Amount))
	}
	return strings.Join(out, " "+or+" ")
}

// priceOf is what a piece costs, for the reader.
func (v *visit) priceOf(g *loyalty.Gift) string {
	if len(g.Prices) == 0 {
		return v.t("admin.gifts.no_price")
	}
	return giftPrice(v.say, v.t("admin.gifts.or"), g)
}

// stockSaid tells how many pieces there are.
func (v *visit) stockSaid(g *loyalty.GiftRow) string {
	if !g.Gift.Limited {
		return v.t("admin.gifts.unlimited")
	}
	return v.say.Count("admin.gifts.left", pieces(g))
}

// seasonSaid tells from when until when an entry can be had; empty: always.
func (v *visit) seasonSaid(g *loyalty.Gift) string {
	switch {
	case g.From != 0 && g.Until != 0:
		return v.t("admin.gifts.season", "From", v.say.Date(g.From), "Until", v.say.Date(g.Until-1))
	case g.From != 0:
		return v.t("admin.gifts.season.from", "From", v.say.Date(g.From))
	case g.Until != 0:
		return v.t("admin.gifts.season.until", "Until", v.say.Date(g.Until-1))
	}
	return ""
}

// limitSaid tells how many pieces a member may have.
func (v *visit) limitSaid(l loyalty.GiftLimit) string {
	said := v.say.Count("admin.gifts.limit."+l.Period, l.PerMember)
	if l.Group != "" {
		said += " (" + l.Group + ")"
	}
	return said
}

// giftSeen is an entry as members read it in a language.
type giftSeen struct{ Tag, Language, Name, Text, Price string }

// giftSeenBy is how an entry reads in each language of the members' pages.
func (v *visit) giftSeenBy(g *loyalty.Gift) (out []giftSeen, err error) {
	p, err := v.Office.Portal(v.ctx, v.shop.ID)
	if err != nil {
		return nil, err
	}
	for _, l := range languages {
		if !slices.Contains(p.Languages, l.tag) {
			continue
		}
		say := v.Edge.Words().Printer(l.tag, nil).For(v.shop)
		out = append(out, giftSeen{l.tag, l.name, giftTitle(g, l.tag), g.Description[l.tag], giftPrice(say, say.Say("admin.gifts.or"), g)})
	}
	return out, nil
}

// giftPage shows an entry, and to who may the form that changes it.
func (v *visit) giftPage() error {
	g, err := v.Gifts.Gift(v.ctx, v.shop.ID, v.r.PathValue("code"))
	if err != nil {
		return err
	}
	return v.showGift(http.StatusOK, g, v.giftForm(&g.Gift), v.blank(), v.blank())
}

func (v *visit) showGift(status int, g *loyalty.GiftRow, f, stock, picture *form) (err error) {
	if v.pictured, err = v.Gifts.Pictures(v.ctx, v.shop.ID); err != nil {
		return err
	}
	seen, err := v.giftSeenBy(&g.Gift)
	if err != nil {
		return err
	}
	lists, err := v.giftLists()
	if err != nil {
		return err
	}
	return v.show(status, giftView(v, g, f, stock, picture, seen, lists))
}

// askGift shows an empty form.
func (v *visit) askGift() error {
	return v.showNewGift(http.StatusOK, v.blank("delivery", loyalty.GiftByHand, "period", "ever"))
}

func (v *visit) showNewGift(status int, f *form) error {
	lists, err := v.giftLists()
	if err != nil {
		return err
	}
	return v.show(status, newGiftView(v, f, lists))
}

// newGift adds an entry. One that is there already is not written over.
func (v *visit) newGift() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	g := loyalty.Gift{Code: f.get("code")}
	if g.Code == "" {
		f.problem("code", "required")
	} else if known, err := v.Gifts.Gift(v.ctx, v.shop.ID, g.Code); err == nil && !v.wroteGift(known, f) {
		f.problem("code", "gift_exists")
	} else if err != nil && !notFound(err) {
		return err
	}
	again := func() error { return v.showNewGift(http.StatusUnprocessableEntity, f) }
	return v.putGift(f, &g, "admin.gifts.said.new", again)
}

// wroteGift tells whether it was this very form that made an entry: sent twice it is one deed.
func (v *visit) wroteGift(g *loyalty.GiftRow, f *form) bool {
	e, err := v.People.Event(v.ctx, v.shop.ID, g.Event)
	return err == nil && e.Feed == officeFeed && e.ExternalID == f.once()
}

// saveGift changes an entry: what the form does not ask for stays.
func (v *visit) saveGift() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	row, err := v.Gifts.Gift(v.ctx, v.shop.ID, v.r.PathValue("code"))
	if err != nil {
		return err
	}
	g := row.Gift
	again := func() error { return v.showGift(http.StatusUnprocessableEntity, row, f, v.blank(), v.blank()) }
	return v.putGift(f, &g, "admin.gifts.said.saved", again)
}

func (v *visit) putGift(f *form, g *loyalty.Gift, said string, again func() error) error {
	was := v.giftForm(g)
	v.takeGift(f, g)
	if !f.ok() {
		return again()
	}
	fact := v.deskFact(loyalty.StaffGift, f.once())
	fact.Staff, fact.Gift = v.staffWord(""), g
	_, err := v.deskRecord(fact)
	if f.blame(err, giftFields...) {
		return again()
	}
	if err != nil {
		return err
	}
	v.note("", "gift", g.Code, "name", g.Name)
	v.changes("admin.gifts.", was, v.giftForm(g))
	v.tell(said, "", "Name", giftTitle(g, v.say.Tag()))
	return v.redirect(giftPath(g.Code))
}

// stockGift puts pieces in stock, or takes them out.
func (v *visit) stockGift() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	g, err := v.Gifts.Gift(v.ctx, v.shop.ID, v.r.PathValue("code"))
	if err != nil {
		return err
	}
	add := v.counted(f, "add")
	switch {
	case f.get("add") == "":
		f.problem("add", "required")
	case add <= 0 && f.ok():
		f.problem("add", "above_zero")
	}
	if f.get("reason") == "" {
		f.problem("reason", "required")
	}
	if f.get("way") == "out" {
		add = -add
	}
	again := func() error {
		return v.showGift(http.StatusUnprocessableEntity, g, v.giftForm(&g.Gift), f, v.blank())
	}
	if !f.ok() {
		return again()
	}
	fact := v.deskFact(loyalty.StaffStock, f.once())
	fact.Staff, fact.Stock = v.staffWord(f.get("reason")), &loyalty.GiftStock{Gift: g.Gift.Code, Variant: f.get("variant"), Add: add}
	_, err = v.deskRecord(fact)
	if f.blame(err, "stock.add=add", "stock.gift=add", "stock.variant=variant", "staff.reason=reason") {
		return again()
	}
	if err != nil {
		return err
	}
	v.note("", "gift", g.Gift.Code, "variant", f.get("variant"), "pieces", plainNumber(add), "reason", f.get("reason"))
	v.tell("admin.gifts.said.stock", "", "Name", giftTitle(&g.Gift, v.say.Tag()))
	return v.redirect(giftPath(g.Gift.Code))
}

// inPoints is the unit in which most prices are.
const inPoints = string(rules.Points)
