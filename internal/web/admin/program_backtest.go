package admin

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/insight"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
	"cagnotte/internal/phrase"
	"cagnotte/internal/programs"
	"cagnotte/internal/rules"
)

// backtestPage is what a program would have done over the shop's own past.
type backtestPage struct {
	Name, Back, Said string
	Version          string                  // that is tried; empty: a draft
	Versions         []option                // among which one is chosen
	Drafts           []id.Draft              // of the same program
	Report           *insight.BacktestReport // nil: nobody has asked yet
	Groups           map[string][]string     // the sentences of the report, by what they are about
	Owed             []string                // what would be owed at the end
}

// mostTried and longestTry bound what a page answers: more is for the command, which has no
// bound.
const (
	mostTried  = 200_000
	longestTry = 10 * time.Second
)

// triedDays are the periods that the page offers.
var triedDays = []string{"90", "365"}

func (v *visit) backtestProgram() error {
	p, err := v.programOf()
	if err != nil {
		return err
	}
	page := &backtestPage{Name: p.Name, Back: "/programs/" + p.ID.String()}
	tried := p.Present()
	for _, x := range slices.Backward(p.Versions) {
		page.Versions = append(page.Versions, option{strconv.Itoa(x.N), v.t("admin.programs.backtest.version", "N", strconv.Itoa(x.N), "State", v.t("admin.programs.state."+x.State))})
		if v.asked("version") == strconv.Itoa(x.N) {
			tried = x
		}
	}
	page.Version = strconv.Itoa(tried.N)
	drafts, err := v.Programs.Drafts(v.ctx, v.shop.ID, id.Draft{}, allDrafts)
	if err != nil {
		return err
	}
	for _, d := range drafts { // what is not published yet has its own page
		if d.Program == p.ID {
			page.Drafts = append(page.Drafts, d.ID)
		}
	}
	page.Said = v.inShort(tried.Document)
	return v.backtest(page, tried.Document)
}

func (v *visit) backtestDraft() error {
	d, err := v.draftRow()
	if err != nil {
		return err
	}
	page := &backtestPage{Name: cmp.Or(d.Name, v.t("admin.programs.nameless")), Back: "/programs/drafts/" + d.ID.String()}
	if d.Document == nil {
		f := v.blank()
		f.problem("", "draft_not_ready")
		return v.show(http.StatusUnprocessableEntity, backtestView(v, page, f))
	}
	page.Said = v.inShort(d.Document)
	return v.backtest(page, d.Document)
}

func (v *visit) backtest(page *backtestPage, d *rules.Document) error {
	q := v.r.URL.Query()
	f := v.blank("version", page.Version, "days", cmp.Or(q.Get("days"), triedDays[0]), "target", strings.TrimSpace(q.Get("target")))
	if q.Get("days") == "" {
		goals, err := v.Office.Goals(v.ctx, v.shop.ID)
		if err != nil {
			return err
		}
		if goals.PerNew > 0 {
			f.values["target"] = money.Text(goals.PerNew, v.shop.Decimals)
		}
		return v.show(http.StatusOK, backtestView(v, page, f))
	}
	ask := insight.Question{From: v.now() - lately*moment.Day, Live: true, Most: mostTried}
	switch f.get("days") {
	case "90":
		ask.From = v.now() - 90*moment.Day
	case "365":
		ask.From = v.now() - 365*moment.Day
	default:
		f.problem("days", "out_of_range", "min", "90", "max", "365")
	}
	if f.get("target") != "" {
		n, err := money.Parse(strings.NewReplacer(",", ".", " ", "", "\u00a0", "", "\u202f", "").Replace(f.get("target")), v.shop.Decimals)
		if err != nil || n < 0 {
			f.problem("target", "invalid_amount")
		}
		ask.Target = n
	}
	if !f.ok() {
		return v.show(http.StatusUnprocessableEntity, backtestView(v, page, f))
	}
	tried := *d
	if tried.Starts > ask.From { // it is asked about as if it had run for all of the period
		tried.Starts = 0
	}
	if tried.Ends != 0 && tried.Ends <= v.now() {
		tried.Ends = 0
	}
	var err error
	if ask.Programs, err = v.Programs.Read(v.ctx, v.shop.ID, programs.Said{Text: tried.Text(rules.SettingOf(v.shop))}); err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(v.ctx, longestTry)
	defer stop()
	page.Report, err = v.Insight.Backtest(ctx, v.shop.ID, ask)
	if errors.Is(err, context.DeadlineExceeded) {
		err = loyalty.Invalid("days", "backtest_too_long")
	}
	if f.blame(err, "from=days", "until=days") {
		page.Report = nil
		return v.show(http.StatusUnprocessableEntity, backtestView(v, page, f))
	}
	if err != nil {
		return err
	}
	page.Groups = v.grouped(page.Report)
	for _, u := range page.Report.Units {
		if open := u.Open + u.Waiting; open > 0 && u.Unit != rules.Referrals {
			page.Owed = append(page.Owed, v.say.Objects([]phrase.Phrase{{Key: "reward.units", With: phrase.Args{"Amount": phrase.Amount{N: open, Unit: u.Unit}}}}))
		}
	}
	return v.show(http.StatusOK, backtestView(v, page, f))
}

// grouped sorts the sentences of a report by what they are about.
func (v *visit) grouped(r *insight.BacktestReport) map[string][]string {
	out := map[string][]string{}
	for _, p := range r.Phrases() {
		group := "period"
		switch rest := strings.TrimPrefix(p.Key, "backtest."); {
		case strings.HasPrefix(rest, "rule"), rest == "no_friends":
			group = "rules"
		case strings.HasPrefix(rest, "sign"), strings.HasPrefix(rest, "case"):
			group = "signs"
		case strings.HasPrefix(rest, "uplift"):
			group = "uplift"
		case rest == "winner", rest == "cost", rest == "reached", rest == "per_new", rest == "above_target", rest == "within_target", rest == "no_new":
			group = rest
		}
		out[group] = append(out[group], v.say.Difference([]phrase.Phrase{p})...)
	}
	return out
}

// worthOf is what a winner would have been given.
func (v *visit) worthOf(m *insight.BacktestMember, r *insight.BacktestReport) string {
	if m.Value > 0 || len(r.Units) == 0 {
		return v.money(m.Value)
	}
	return v.say.Units(ledger.Unit(r.Units[0].Unit), m.Units)
}

// memberPath leads to a member's card, where there is one.
func (v *visit) memberPath(m id.Member) string { return "/members/" + m.String() }
