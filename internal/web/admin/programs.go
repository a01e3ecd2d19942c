package admin

import (
	"cmp"
	"net/http"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/insight"
	"cagnotte/internal/ledger"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/phrase"
	"cagnotte/internal/programs"
	"cagnotte/internal/rules"
)

// States of a program that only a list of them knows.
const (
	inDraft   = "draft"    // it is written, and was never published
	inTest    = "test"     // such a draft that runs in the test shop
	allDrafts = 200        // a shop that has more drafts throws some away first
	lately    = 28         // days of which the cards tell
	pausing   = "pausing"  // a pause was announced, and begins in a moment
	resuming  = "resuming" // it gives again in a moment
)

// programCard is one program, or one draft of a new one, in the list.
type programCard struct {
	Name     string
	State    string
	Said     string            // what it is, in a sentence or two
	Program  *programs.Program // nil: it is only a draft
	Draft    *programs.Draft   // of a new program, or of the next version of this one; nil: none
	Given    *insight.Given
	Picture  programs.Picture
	AskedBy  string // who asks for the draft to be published; empty: nobody
	Problems int    // lines of the draft that cannot be read, and the like
}

// Path is where the card leads to.
func (c *programCard) Path() string {
	if c.Program == nil {
		return "/programs/drafts/" + c.Draft.ID.String()
	}
	return "/programs/" + c.Program.ID.String()
}

// order puts what somebody has to look at first.
func (c *programCard) order() int {
	if c.AskedBy != "" {
		return -1
	}
	return slices.Index([]string{programs.InForce, pausing, resuming, inTest, inDraft, programs.Scheduled, programs.Paused, programs.Ended, programs.Withdrawn}, c.State)
}

// programsPage lists the programs of the shop, with its drafts among them, and what it can
// begin with.
func (v *visit) programsPage() error {
	list, err := v.Programs.List(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	drafts, err := v.Programs.Drafts(v.ctx, v.shop.ID, id.Draft{}, allDrafts)
	if err != nil {
		return err
	}
	given, err := v.Insight.Given(v.ctx, v.shop.ID, v.now()-lately*moment.Day, v.now())
	if err != nil {
		return err
	}
	pictures, err := v.Programs.Pictures(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	tested, err := v.tested()
	if err != nil {
		return err
	}
	names, err := v.colleagues(drafts)
	if err != nil {
		return err
	}
	cards := make([]programCard, len(list))
	for i := range list {
		p := &list[i]
		cards[i] = programCard{
			Name: p.Name, State: stateNow(p, v.now()), Program: p, Given: given[p.ID], Picture: pictures[p.ID], Said: v.inShort(p.Present().Document),
		}
	}
	for i := range drafts {
		d := &drafts[i]
		at := slices.IndexFunc(cards, func(c programCard) bool { return c.Program != nil && c.Program.ID == d.Program })
		if at < 0 {
			at = len(cards)
			cards = append(cards, programCard{Name: cmp.Or(d.Name, v.t("admin.programs.nameless")), State: inDraft})
			if _, runs := tested[d.Name]; runs && d.Name != "" {
				cards[at].State = inTest
			}
			if d.Document != nil {
				cards[at].Said = v.inShort(d.Document)
			}
		}
		c := &cards[at]
		if c.Draft == nil || c.AskedBy == "" { // of several for one program, the one that is asked for
			c.Draft, c.Problems, c.AskedBy = d, len(d.Problems), ""
			if d.AskedAt != 0 {
				c.AskedBy = names(d.AskedBy)
			}
		}
	}
	slices.SortStableFunc(cards, func(a, b programCard) int { return cmp.Compare(a.order(), b.order()) })
	return v.show(http.StatusOK, programsView(v, cards))
}

// colleagues names those who ask for something; somebody who has left is said to be so.
func (v *visit) colleagues(drafts []programs.Draft) (func(id.Staff) string, error) {
	known := map[id.Staff]string{}
	if slices.ContainsFunc(drafts, func(d programs.Draft) bool { return d.AskedAt != 0 }) {
		list, err := v.Staff.List(v.ctx, v.live.ID)
		if err != nil {
			return nil, err
		}
		for _, a := range list {
			known[a.ID] = a.Name
		}
	}
	return func(who id.Staff) string { return cmp.Or(known[who], v.t("admin.programs.left")) }, nil
}

// tested gives the programs of the test shop by their names; empty in the test shop itself.
func (v *visit) tested() (map[string]id.Program, error) {
	out := map[string]id.Program{}
	if v.test() {
		return out, nil
	}
	_, twin, err := v.Office.Pair(v.ctx, v.shop.ID)
	if err != nil {
		return nil, err
	}
	list, err := v.Programs.List(v.ctx, twin.ID)
	for _, p := range list {
		out[p.Name] = p.ID
	}
	return out, err
}

// stateNow is the state of a program as its readers understand it: what was announced for
// the next seconds has been said already.
func stateNow(p *programs.Program, now moment.Time) string {
	if p.State != programs.InForce && p.State != programs.Paused {
		return p.State
	}
	soon := now + programs.Ahead + moment.Second
	paused := func(t moment.Time) bool {
		return slices.ContainsFunc(p.Pauses, func(x rules.Pause) bool { return x.From <= t && (x.Until == 0 || t < x.Until) })
	}
	switch {
	case p.State == programs.InForce && paused(soon):
		return pausing
	case p.State == programs.Paused && !paused(soon):
		return resuming
	}
	return p.State
}

// stateTag is how a state looks.
func stateTag(state string) string {
	switch state {
	case programs.InForce, resuming:
		return "tag good"
	case programs.Scheduled, inTest:
		return "tag info"
	case programs.Paused, pausing:
		return "tag warn"
	}
	return "tag"
}

// inShort says of a program what it gives for what, and nothing else.
func (v *visit) inShort(d *rules.Document) string {
	var first []phrase.Phrase
	for _, x := range rules.Summary(d, rules.SettingOf(v.shop))[1:] {
		first = append(first, x.Sentences[0])
	}
	said := v.say.Summary([]phrase.Paragraph{{Sentences: first}})
	return said[0]
}

// inFull says all of a program, in whatever language.
func (v *visit) inFull(d *rules.Document, in *locale.Printer) []string {
	return in.Summary(rules.Summary(d, rules.SettingOf(v.shop)))
}

// money is an amount in the shop's currency.
func (v *visit) money(n int64) string { return v.say.Money(n, v.shop.Currency) }

// costSaid is what a program cost; where nothing that it gave has a price, no figure is one.
func (v *visit) costSaid(g *insight.Given) string {
	if g.Cost == 0 && g.Unpriced {
		return v.t("admin.programs.no_price")
	}
	return v.money(g.Cost)
}

// begins is a day, with the time of day where it is not its beginning.
func (v *visit) begins(t moment.Time) string {
	if t == t.StartOfDay(v.shop.Zone) {
		return v.say.Date(t)
	}
	return v.say.Moment(t)
}

// gave lists what a program gave, in words.
func (v *visit) gave(g *insight.Given) (out []string) {
	for _, u := range g.Units {
		switch u.Unit {
		case rules.Referrals:
			out = append(out, v.say.Count("admin.programs.gave.referrals", u.N))
		case rules.Stamps:
			out = append(out, v.say.Count("admin.programs.gave.stamps", u.N))
		default:
			out = append(out, v.say.Units(ledger.Unit(u.Unit), u.N))
		}
	}
	for _, x := range []struct {
		key string
		n   int64
	}{{"vouchers", g.Vouchers}, {"gifts", g.Gifts}, {"choices", g.Choices}} {
		if x.n > 0 {
			out = append(out, v.say.Count("admin.programs.gave."+x.key, x.n))
		}
	}
	return out
}

// budgetSaid says how a budget stands.
func (v *visit) budgetSaid(b insight.Budget) string {
	pairs := []string{"Used", v.say.Number(b.Used), "Size", v.say.Number(b.Size), "Per", v.t("admin.programs.per." + cmp.Or(b.Period, "ever")), "Rule", b.Rule}
	key := "admin.programs.budget.uses"
	if !b.Uses {
		key, pairs[1], pairs[3] = "admin.programs.budget.money", v.money(b.Used), v.money(b.Size)
	}
	if b.Rule != "" {
		key += ".rule"
	}
	return v.t(key, pairs...)
}

// sample is a template as the gallery shows it.
type sample struct {
	programs.Template
	Name, Said string
	Icon       string
}

var sampleIcons = map[string]string{
	"referral-order": "share", "referral-sign-up": "people", "referral-both": "share", "points": "star", "cashback": "euro", "stamp-card": "cup",
	"milestone": "chart", "birthday": "calendar", "welcome": "person", "next-order-voucher": "ticket", "buy-x-get-y": "gift",
}

// samples are the templates, with what each would be in this shop.
func (v *visit) samples() (out []sample) {
	for _, t := range programs.Templates() {
		name := v.t("admin.programs.template." + t.Code + ".name")
		x := sample{Template: t, Name: name, Icon: sampleIcons[t.Code]}
		if docs, err := rules.ParseFile(t.Text(v.shop.Currency, name), rules.SettingOf(v.shop)); err == nil { // a test reads each
			x.Said = v.inShort(docs[0])
		}
		out = append(out, x)
	}
	return out
}

// has tells whether there is a screen: other parts of the back office may not be there.
func (v *visit) has(path string) bool { return v.places["GET "+path] }

// programOf finds the program that the address names.
func (v *visit) programOf() (*programs.Program, error) {
	which, err := id.Parse[id.ProgramKind](v.r.PathValue("id"))
	if err != nil {
		return nil, loyalty.NotFound("id", "program_unknown")
	}
	p, err := v.Programs.Program(v.ctx, v.shop.ID, which)
	return &p, err
}
