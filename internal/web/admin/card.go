package admin

import (
	"cmp"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/office"
	"cagnotte/internal/people"
	"cagnotte/internal/rules"
)

// The tabs of a card, in order.
var cardTabs = []string{"overview", "wallet", "referrals", "orders", "gifts", "messages", "data", "history"}

// tabOf is the tab on which a form of the card opens; what is not named opens on the overview.
var tabOf = map[string]string{"credit": "wallet", "referrer": "referrals", "gift": "gifts", "erase": "data", "consent": "data"}

// card is what stands on the card of a member, whatever the tab.
type card struct {
	*people.Member
	v         *visit
	Tab       string
	Do        string // the form that is open; empty: none
	Form      *form
	Code      string // personal; empty: none
	Erased    moment.Time
	Into      *people.Member // who he is by now; nil: himself
	Referrer  *people.Member // nil: nobody
	Bond      *loyalty.Referral
	Touches   []*loyalty.Referral // all of his, as a friend
	Wallet    *people.Wallet
	Due       map[id.Reward]moment.Time
	Validated int64
	Friends   int64
	Facts     []*people.Event // those by which he is what he is, the last first
	Staff     map[id.Staff]string
	Groups    []office.Entry
	Own       []loyalty.CustomField // the shop's own fields
	Proved    moment.Time           // when his e-mail was known to be his; zero: it is not known to be
}

// telling are the kinds of facts that the card reads whatever the tab.
var telling = []string{
	loyalty.MemberJoined, loyalty.MemberUpdated, loyalty.StaffBond, loyalty.StaffBlock, loyalty.StaffMerge, loyalty.PortalActivated,
}

// card shows a member.
func (v *visit) card() error {
	q := v.r.URL.Query()
	f := v.blank("pick", q.Get("pick"), "other", q.Get("other"))
	m, err := v.cardMember()
	if err != nil {
		return err
	}
	if err := v.Staff.Looked(v.ctx, v.shop, v.me.ID, m.ID); err != nil {
		return err
	}
	return v.showCard(http.StatusOK, f, q.Get("tab"), q.Get("do"))
}

// cardMember is who stands in the path.
func (v *visit) cardMember() (*people.Member, error) {
	which, err := id.Parse[id.MemberKind](v.r.PathValue("id"))
	if err != nil {
		return nil, loyalty.NotFound("member", "member_unknown")
	}
	return v.People.Member(v.ctx, v.shop.ID, which)
}

// showCard shows the card on a tab, with one of its forms open.
func (v *visit) showCard(status int, f *form, tab, do string) error {
	m, err := v.cardMember()
	if err != nil {
		return err
	}
	if tab == "" {
		tab = tabOf[do]
	}
	if !slices.Contains(cardTabs, tab) {
		tab = cardTabs[0]
	}
	c := &card{Member: m, v: v, Tab: tab, Do: do, Form: f, Staff: map[id.Staff]string{}}
	if err := c.load(); err != nil {
		return err
	}
	if !c.may(do) {
		c.Do = ""
	}
	body, err := c.body()
	if err != nil {
		return err
	}
	opened, err := c.opened()
	if err != nil {
		return err
	}
	return v.show(status, cardView(c, opened, body))
}

// load reads what the head of the card says.
func (c *card) load() (err error) {
	v, shop := c.v, c.v.shop.ID
	who, err := v.Staff.List(v.ctx, v.live.ID)
	if err != nil {
		return err
	}
	for _, a := range who {
		c.Staff[a.ID] = a.Name
	}
	if c.Erased, err = v.People.ErasedAt(v.ctx, shop, c.ID); err != nil {
		return err
	}
	if codes, err := v.People.Codes(v.ctx, shop, c.ID); err == nil {
		c.Code = codes[0]
	} else if !errors.Is(err, loyalty.ErrNotFound) {
		return err
	}
	if c.Wallet, err = v.People.Wallet(v.ctx, shop, c.ID, 0); err != nil {
		return err
	}
	if c.Due, err = v.People.DueDates(v.ctx, shop, c.ID); err != nil {
		return err
	}
	if c.Validated, c.Friends, err = v.Referrals.Steps(v.ctx, shop, c.ID); err != nil {
		return err
	}
	if c.Facts, err = v.People.EventsOfKinds(v.ctx, shop, c.ID, telling...); err != nil {
		return err
	}
	slices.SortFunc(c.Facts, func(a, b *people.Event) int {
		return cmp.Or(cmp.Compare(b.FoldAt, a.FoldAt), cmp.Compare(b.RecordedAt, a.RecordedAt))
	})
	if c.Groups, err = v.Office.Entries(v.ctx, shop, office.Groups, "", mostGroups); err != nil {
		return err
	}
	c.Groups = distinct(c.Groups)
	if err := c.proved(); err != nil {
		return err
	}
	if c.Own, err = v.People.CustomFields(v.ctx, shop); err != nil {
		return err
	}
	return c.loadBond()
}

// mostGroups bounds how many groups a form offers.
const mostGroups = 200

func (c *card) loadBond() (err error) {
	v := c.v
	if c.Touches, err = v.Referrals.TouchesOf(v.ctx, v.shop.ID, c.ID); err != nil {
		return err
	}
	for _, f := range c.Touches {
		if f.Bond {
			c.Bond = f
		}
	}
	ids := []id.Member{c.ReferredBy, c.MergedInto}
	named, err := v.People.Named(v.ctx, v.shop.ID, slices.DeleteFunc(ids, id.Member.IsZero)...)
	c.Referrer, c.Into = named[c.ReferredBy], named[c.MergedInto]
	return err
}

// proved finds when the e-mail address was last known to be the member's: he joined in the
// portal by a letter to it, or came in so, and staff has not changed it since.
func (c *card) proved() error {
	if c.Email == "" {
		return nil
	}
	at, err := c.v.People.SignedInAt(c.v.ctx, c.v.shop.ID, c.ID)
	if err != nil {
		return err
	}
	changed := moment.Time(0)
	for _, e := range c.Facts {
		byMail := slices.ContainsFunc(e.Member.Keys, func(k loyalty.Key) bool { return k.Kind == loyalty.ByEmail })
		switch {
		case e.Kind == loyalty.MemberJoined && e.Via == "portal" && byMail:
			at = max(at, e.OccurredAt)
		case e.Kind == loyalty.MemberUpdated && slices.ContainsFunc(e.Forgets, func(k loyalty.Key) bool { return k.Kind == loyalty.ByEmail }):
			changed = max(changed, e.OccurredAt)
		}
	}
	if at > changed {
		c.Proved = at
	}
	return nil
}

// living tells whether something may still be done about the member.
func (c *card) living() bool { return c.State != loyalty.Merged && c.Erased == 0 }

// may tells whether a form of the card is there for this person and this member.
func (c *card) may(do string) bool {
	right, known := map[string]bool{
		"credit": c.v.can("value"), "gift": c.v.can("value"), "block": c.v.can("members") && c.State != loyalty.Blocked,
		"unblock": c.v.can("members") && c.State == loyalty.Blocked, "labels": c.v.can("members"), "person": c.v.can("members"), "merge": c.v.can("members"),
		"consent": c.v.can("members"), "erase": c.v.can("members"), "referrer": c.v.can("review"),
	}[do]
	return known && right && c.living()
}

// name is how the member is called.
func (c *card) name() string { return nameOf(c.Member) }

// path is a path of the card, without its prefix: of a tab, with parameters.
func (c *card) path(tab string, pairs ...string) string {
	out := "/members/" + c.ID.String()
	sep := "?"
	if tab != "" && tab != cardTabs[0] {
		out, sep = out+"?tab="+tab, "&"
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		out += sep + pairs[i] + "=" + pairs[i+1] // ids and our own words
		sep = "&"
	}
	return out
}

func (c *card) to(tab string, pairs ...string) templ.SafeURL { return c.v.to(c.path(tab, pairs...)) }

// open is the link to a form of the card.
func (c *card) open(do string) templ.SafeURL { return c.to(tabOf[do], "do", do) + "#form" }

// deed is where a form of the card is sent to.
func (c *card) deed(name string) templ.SafeURL {
	return c.v.to("/members/" + c.ID.String() + "/" + name)
}

// once is the text of its own of one of the forms on the page: that of the open one comes back
// when it is shown again.
func (c *card) once(do string) string {
	if do == c.Do && do != "" {
		return c.Form.once()
	}
	return rand.Text()
}

// opened is the form that is open; nothing when none is.
func (c *card) opened() (templ.Component, error) {
	switch c.Do {
	case "credit":
		return creditForm(c, c.units()), nil
	case "block", "unblock":
		return blockForm(c), nil
	case "labels":
		return labelsForm(c), nil
	case "person":
		return personForm(c), nil
	case "referrer":
		return c.referrerForm()
	case "gift":
		return c.giftForm()
	case "merge":
		return c.mergeForm()
	case "consent":
		return consentForm(c), nil
	case "erase":
		return eraseForm(c), nil
	}
	return templ.NopComponent, nil
}

// body is the tab that is shown.
func (c *card) body() (templ.Component, error) {
	switch c.Tab {
	case "wallet":
		return c.walletTab()
	case "referrals":
		return c.referralsTab()
	case "orders":
		return c.ordersTab()
	case "gifts":
		return c.giftsTab()
	case "messages":
		return c.messagesTab()
	case "data":
		return c.dataTab()
	case "history":
		return c.historyTab()
	}
	return c.overviewTab()
}

// headFigure is one of the numbers at the head of the card.
type headFigure struct{ Label, Value, More, Tab string }

// figures are what the member has: the shop's money and points, what is on its way, his friends.
func (c *card) figures() []headFigure {
	v := c.v
	money, points := c.unit(ledger.Unit(v.shop.Currency)), c.unit(rules.Points)
	out := []headFigure{{Label: v.t("admin.card.available"), Value: v.say.Units(money.Unit, money.Available), Tab: "wallet"}}
	if money.Debt > 0 {
		out[0].More = v.t("admin.card.owed", "Units", v.say.Units(money.Unit, money.Debt))
	}
	waiting := headFigure{Label: v.t("admin.card.pending"), Value: v.say.Units(money.Unit, money.Pending), Tab: "wallet"}
	if next := c.nextOpening(); next != 0 {
		waiting.More = v.t("admin.card.next", "Date", v.say.Date(next))
	}
	held := v.say.Units(points.Unit, points.Available)
	x := headFigure{Label: v.t("admin.card.points"), Value: held, Tab: "wallet"}
	if points.Pending > 0 {
		x.More = v.t("admin.card.more_pending", "Units", v.say.Units(points.Unit, points.Pending))
	}
	friends := headFigure{Label: v.t("admin.card.friends"), Value: v.say.Number(c.Validated) + " / " + v.say.Number(c.Friends), More: v.t("admin.card.friends.help"), Tab: "referrals"}
	return append(out, waiting, x, friends)
}

func (c *card) unit(u ledger.Unit) people.Balance {
	for _, b := range c.Wallet.Units {
		if b.Unit == u {
			return b
		}
	}
	return people.Balance{Unit: u}
}

// openingOf is when a lot that waits will open, as far as that is known.
func (c *card) openingOf(l *ledger.Lot) moment.Time {
	if l.OpensAt != 0 {
		return l.OpensAt
	}
	if due := c.Due[l.Reward]; due > c.Wallet.At {
		return due
	}
	return 0 // its day is past: it waits for somebody's decision
}

// nextOpening is when the next of what waits will open; zero: nothing has a date.
func (c *card) nextOpening() (next moment.Time) {
	for _, b := range c.Wallet.Units {
		for _, l := range c.waiting(b) {
			if at := c.openingOf(l); at != 0 && (next == 0 || at < next) {
				next = at
			}
		}
	}
	return next
}

// waiting are the lots of a unit that are not open yet, the next one first.
func (c *card) waiting(b people.Balance) (out []*ledger.Lot) {
	if !shownUnit(b.Unit) {
		return nil
	}
	for _, l := range b.Lots {
		if l.Remaining > 0 && (l.OpensAt == 0 || l.OpensAt > c.Wallet.At) {
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, func(a, b *ledger.Lot) int {
		never := moment.Time(1<<63 - 1)
		return cmp.Compare(cmp.Or(c.openingOf(a), never), cmp.Or(c.openingOf(b), never))
	})
	return out
}

// shownUnit is a unit that people think of as something they have.
func shownUnit(u ledger.Unit) bool {
	return !strings.HasPrefix(string(u), rules.Tally+":") && !strings.HasPrefix(string(u), rules.Referrals+":")
}

// stateTag is the class and the words of the member's state.
func (c *card) stateTag() (class, words string) {
	if c.Erased != 0 {
		return "", c.v.t("admin.card.member.erased")
	}
	class = map[string]string{loyalty.Enrolled: "good", loyalty.Guest: "info", loyalty.Prospect: "info", loyalty.Blocked: "bad"}[c.State]
	return class, c.v.t("admin.card.member." + c.State)
}

// doer names who of the staff did something: actors of facts are ids of accounts, or whatever
// another system called them.
func (c *card) doer(actor string) string {
	if who, err := id.Parse[id.StaffKind](actor); err == nil {
		if name := c.Staff[who]; name != "" {
			return name
		}
		return c.v.t("admin.card.former_staff")
	}
	return actor
}

// last is the last of the facts of a kind; nil: there is none.
func (c *card) last(kind string) *people.Event {
	for _, e := range c.Facts {
		if e.Kind == kind {
			return e
		}
	}
	return nil
}

// group is the name of the member's group.
func (c *card) group() string {
	for _, g := range c.Groups {
		if g.Code == c.Group {
			return g.Name
		}
	}
	return c.Group
}

// since is when he became a customer: he joined, or bought for the first time before that.
func (c *card) since() moment.Time {
	if c.FirstOrderAt != 0 && (c.RegisteredAt == 0 || c.FirstOrderAt < c.RegisteredAt) {
		return c.FirstOrderAt
	}
	return c.RegisteredAt
}

// receiptLines words what an event led to, line by line.
func (v *visit) receiptLines(r loyalty.Receipt) (out []string) {
	for _, l := range r.Lines {
		if text := v.say.Receipt(l, staffView); text != "" && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}
