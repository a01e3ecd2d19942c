package admin

import (
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"cagnotte/internal/feed"
	"cagnotte/internal/id"
	"cagnotte/internal/insight"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
	"cagnotte/internal/people"
	"cagnotte/internal/staff"
)

// boardPage is the first screen: what referrals brought, what they cost, what is still to be done.
type boardPage struct {
	*insight.Dashboard // nil: nothing has ever been bought
	Setup              *insight.Setup
	Goals              loyalty.Goals
	Steps              []setupStep
	Top                []topRow
	Feed               []told
	Quiet              *feed.Quiet // nil: orders come
	form               *form
}

// setupStep is one step of setting a shop up. Path leads to where it is done, where there is a screen.
type setupStep struct {
	Name string
	Done bool
	Path string
}

// topRow is a referrer who brought much.
type topRow struct {
	insight.Referrer
	Name string
}

// told is one fact in plain words.
type told struct {
	Who          string
	Member       id.Member
	Event        id.Event
	Text         string
	Icon, Colour string
	At           moment.Time
}

const feedRows = 6

// home is the first screen. Who serves at the till alone has nothing else here than his account.
func (v *visit) home() error {
	if !v.can(staff.See) {
		return v.redirectTo("/admin/account")
	}
	return v.showBoard(http.StatusOK, nil)
}

func (v *visit) showBoard(status int, f *form) error {
	var p boardPage
	var err error
	if p.Setup, err = v.Insight.Setup(v.ctx, v.shop.ID); err != nil {
		return err
	}
	if p.Goals, err = v.Office.Goals(v.ctx, v.shop.ID); err != nil {
		return err
	}
	p.Steps = v.steps(p.Setup)
	if p.Feed, err = v.feed(); err != nil {
		return err
	}
	if p.Quiet, err = v.Feed.Quiet(v.ctx, v.shop.ID); err != nil {
		return err
	}
	if !p.Setup.Empty {
		if p.Dashboard, err = v.Insight.Dashboard(v.ctx, v.shop.ID, v.r.URL.Query().Get("period")); err != nil {
			return err
		}
		for _, r := range p.Dashboard.Top {
			name, err := v.called(r.Member)
			if err != nil {
				return err
			}
			p.Top = append(p.Top, topRow{r, name})
		}
	}
	if p.form = f; f == nil {
		p.form = v.blank()
		if p.Goals.PerNew > 0 {
			p.form.values["target"] = money.Text(p.Goals.PerNew, v.shop.Decimals)
		}
	}
	return v.show(status, boardView(v, &p))
}

// steps are what leads a shop to its first reward, in the order in which it is done.
func (v *visit) steps(s *insight.Setup) []setupStep {
	return []setupStep{
		{"program", s.Program, v.screen("/programs")},
		{"orders", s.Orders != 0, v.settingsPage("keys")},
		{"tracker", s.Tracker != 0, v.screen("/tracker")},
		{"history", s.History, v.screen("/imports")},
		{"portal", s.Portal, v.settingsPage("portal")},
	}
}

// screen is the path of a screen that there is and that this person may see; empty otherwise.
func (v *visit) screen(path string) string {
	for _, g := range menu {
		for _, p := range v.ours(g.places) {
			if p.path == path {
				return path
			}
		}
	}
	return ""
}

// settingsPage is the path of a page of the settings, for whoever may change them.
func (v *visit) settingsPage(name string) string {
	if v.screen("/settings") == "" {
		return ""
	}
	return "/settings/" + name
}

// missing are the steps that are still to be done.
func (p *boardPage) missing() (out []setupStep) {
	for _, s := range p.Steps {
		if !s.Done {
			out = append(out, s)
		}
	}
	return out
}

// called is how a member is called who may have gone since.
func (v *visit) called(m id.Member) (string, error) {
	x, err := v.People.Member(v.ctx, v.shop.ID, m)
	if errors.Is(err, loyalty.ErrNotFound) {
		return m.String(), nil
	}
	if err != nil {
		return "", err
	}
	return nameOf(x), nil
}

// feed words the newest facts.
func (v *visit) feed() ([]told, error) {
	list, err := v.Insight.Latest(v.ctx, v.shop.ID, feedRows)
	var out []told
	for _, e := range list {
		m, err := v.People.Member(v.ctx, v.shop.ID, e.MemberID)
		if errors.Is(err, loyalty.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		t := told{Who: nameOf(m), Member: m.ID, Event: e.ID, At: e.OccurredAt}
		if t.Text, err = v.tellFact(e, m); err != nil {
			return nil, err
		}
		t.Icon, t.Colour = feedIcon(e.Kind)
		out = append(out, t)
	}
	return out, err
}

// tellFact says what somebody did, after his name.
func (v *visit) tellFact(e *insight.Event, m *people.Member) (string, error) {
	key := "admin.dash.feed." + e.Kind
	switch e.Kind {
	case loyalty.OrderPaid, loyalty.MemberJoined:
		by := ""
		if !m.ReferredBy.IsZero() {
			var err error
			if by, err = v.called(m.ReferredBy); err != nil {
				return "", err
			}
			key += ".by"
		}
		return v.t(key, "Amount", v.say.Money(sold(e.Fact.Order), v.shop.Currency), "By", by), nil
	case loyalty.StaffAdjust:
		if e.Adjust != nil {
			key += ".more"
			if e.Adjust.Amount < 0 {
				key = strings.TrimSuffix(key, "more") + "less"
			}
			return v.t(key, "Units", v.say.Units(unitOf(e.Adjust.Unit), max(e.Adjust.Amount, -e.Adjust.Amount))), nil
		}
	case loyalty.StaffBlock:
		if e.Staff != nil && e.Staff.No {
			key += ".no"
		}
	}
	return v.t(key), nil
}

// icons and colours of what is told.
func feedIcon(kind string) (icon, colour string) {
	switch kind {
	case loyalty.OrderPaid, loyalty.CartRedeemed:
		return "cart", "good"
	case loyalty.OrderCancelled, loyalty.Refunded:
		return "undo", "warn"
	case loyalty.GiftClaimed, loyalty.VoucherRedeemed, loyalty.ExchangeAsked:
		return "gift", "warn"
	case loyalty.InvitationSent:
		return "mail", "info"
	case loyalty.StaffBlock, loyalty.StaffReview:
		return "warn", "bad"
	}
	return "person", "info"
}

// ago says how long something is past, as people do.
func (v *visit) ago(t moment.Time) string {
	switch d := v.now() - t; {
	case d < moment.Minute:
		return v.t("admin.dash.ago.now")
	case d < moment.Hour:
		return v.say.Count("admin.dash.ago.minutes", int64(d/moment.Minute))
	case d < 2*moment.Day:
		return v.say.Count("admin.dash.ago.hours", int64(d/moment.Hour))
	default:
		return v.say.Count("admin.dash.ago.days", int64(d/moment.Day))
	}
}

// setTarget says what a new customer may cost.
func (v *visit) setTarget() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	minor := int64(0)
	if typed := strings.NewReplacer(" ", "", " ", "", " ", "", ",", ".").Replace(f.get("target")); typed != "" {
		if minor, err = money.Parse(typed, v.shop.Decimals); err != nil {
			f.problem("target", "not_money")
			return v.showBoard(http.StatusUnprocessableEntity, f)
		}
	}
	was, err := v.Office.Goals(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	if err := v.Office.SetPerNew(v.ctx, v.shop.ID, minor); f.blame(err) {
		return v.showBoard(http.StatusUnprocessableEntity, f)
	} else if err != nil {
		return err
	}
	v.note("", "per_new_customer", money.Text(minor, v.shop.Decimals))
	v.change("admin.audit.field.per_new", money.Text(was.PerNew, v.shop.Decimals), money.Text(minor, v.shop.Decimals))
	v.tell("admin.dash.said.target", "")
	return v.redirect("/")
}

// setReady hides what is still to be set up; the same again shows it.
func (v *visit) setReady() error {
	g, err := v.Office.Goals(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	if err := v.Office.SetReady(v.ctx, v.shop.ID, !g.Ready); err != nil {
		return err
	}
	key := "admin.dash.said.hidden"
	if g.Ready {
		key = "admin.dash.said.shown"
	}
	v.note("")
	v.tell(key, "/setup")
	return v.redirect("/")
}

// linked gives the path of a list with its filter, where there is that list; empty otherwise.
func (v *visit) linked(path string, pairs ...string) templ.SafeURL {
	if v.screen(path) == "" {
		return ""
	}
	at := path + "?"
	for i := 0; i+1 < len(pairs); i += 2 {
		if i > 0 {
			at += "&"
		}
		at += pairs[i] + "=" + pairs[i+1]
	}
	return v.to(strings.TrimSuffix(at, "?"))
}
