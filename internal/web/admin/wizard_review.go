package admin

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"cagnotte/internal/id"
	"cagnotte/internal/insight"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/plan"
	"cagnotte/internal/programs"
	"cagnotte/internal/rules"
	"cagnotte/internal/staff"
)

// wizardCheck is one thing that is looked at before a program runs.
type wizardCheck struct {
	State string // good; warn: think about it; bad: it cannot be published so
	Text  string
	Path  string // where it is changed; empty: nowhere here
}

// checks looks at everything that stands between the draft and its good end.
func (w *wizard) checks() ([]wizardCheck, error) {
	var out []wizardCheck
	add := func(good bool, otherwise, key, path string, pairs ...string) {
		c := wizardCheck{State: "good", Text: w.v.t("admin.wizard.check."+key, pairs...)}
		if !good {
			c = wizardCheck{otherwise, w.v.t("admin.wizard.check."+key+".not", pairs...), path}
		}
		out = append(out, c)
	}
	for _, p := range w.draft.Problems {
		out = append(out, wizardCheck{State: "bad", Text: w.v.say.Problem(p)})
	}
	if len(w.draft.Problems) == 0 {
		add(true, "", "compiles", "")
	}
	w.checkDates(add)
	portal, err := w.v.Office.Portal(w.v.ctx, w.v.shop.ID)
	if err != nil {
		return nil, err
	}
	add(portal.On, "warn", "portal", "/settings")
	writes, err := w.v.Outreach.On(w.v.ctx, w.v.shop.ID)
	if err != nil {
		return nil, err
	}
	add(writes, "warn", "messages", "/settings")
	if w.a.Orders() {
		if err := w.checkOrders(add); err != nil {
			return nil, err
		}
	}
	if w.a.Kind == plan.Referral {
		limited := w.a.Cap.N > 0 || slices.ContainsFunc(w.a.Gives(), func(r plan.Reward) bool { return r.Limit.N > 0 })
		add(limited, "warn", "cap", w.path(3))
	}
	add(!w.a.Budget.None(), "warn", "budget", w.path(3))
	return out, w.checkGifts(add)
}

type addCheck = func(good bool, otherwise, key, path string, pairs ...string)

func (w *wizard) checkDates(add addCheck) {
	a, now := w.a, w.v.now()
	switch {
	case a.Ends != 0 && a.Ends <= now:
		add(false, "bad", "over", w.path(4), "Date", w.v.say.Date(a.Ends-1))
	case a.Starts > now:
		add(true, "", "later", "", "Date", w.v.say.Date(a.Starts))
	default:
		add(true, "", "now", "")
	}
}

// checkOrders looks at what a program needs that answers to orders.
func (w *wizard) checkOrders(add addCheck) error {
	seen, err := w.v.Referrals.Sightings(w.v.ctx, w.v.shop.ID, id.Sighting{}, 1)
	if err != nil {
		return err
	}
	add(w.habits.Orders > 0 || len(seen) > 0, "warn", "orders", "/settings")
	add(w.a.Wait > 0, "warn", "wait", w.path(3))
	if w.a.Kind == plan.Referral {
		add(w.a.Minimum+w.a.Basket > 0, "warn", "minimum", w.path(3))
	}
	return nil
}

// checkGifts looks for gifts that the catalogue does not have.
func (w *wizard) checkGifts(add addCheck) error {
	for _, r := range w.a.Gives() {
		if r.Kind != plan.Gift {
			continue
		}
		_, err := w.v.Gifts.Gift(w.v.ctx, w.v.shop.ID, r.Name)
		if err != nil && !errors.Is(err, loyalty.ErrNotFound) {
			return err
		}
		add(err == nil, "warn", "gift", "", "Gift", r.Name)
	}
	return nil
}

// publishable tells whether nothing stands against the draft.
func (w *wizard) publishable() bool { return len(w.draft.Problems) == 0 && w.draft.Document != nil }

// changes says in words what the draft changes of the program that runs; nothing of a new one.
func (w *wizard) changes() []string {
	if w.draft.Program.IsZero() || w.draft.Document == nil {
		return nil
	}
	p, err := w.v.Programs.Program(w.v.ctx, w.v.shop.ID, w.draft.Program)
	if err != nil {
		return nil // the program is shown without it
	}
	return w.v.say.Difference(rules.Difference(p.Newest().Document, w.draft.Document, w.set))
}

// tried is the draft played over the shop's past.
type tried struct {
	*insight.BacktestReport
	Said []string
	None string // why there is nothing to show
}

const (
	reviewedDays = 90
	triedFacts   = 200_000
)

// wizardTry plays the draft over the last 90 days.
func (v *visit) wizardTry() error {
	w, err := v.wizardOf(len(wizardSteps))
	if err != nil {
		return err
	}
	f, err := v.read()
	if err != nil {
		return err
	}
	if w.f = f; w.a == nil {
		return w.show(http.StatusOK)
	}
	f.values["revision"] = wizardRevision(w)
	q := insight.Question{From: v.now().AddDays(-reviewedDays, w.set.Zone), Live: true, Most: triedFacts, Target: w.amount("target")}
	var t *tried
	if f.ok() {
		if t, err = w.try(q); err != nil {
			return err
		}
	}
	checks, err := w.checks()
	if err != nil {
		return err
	}
	status := http.StatusOK
	if !f.ok() {
		status = http.StatusUnprocessableEntity
	}
	return v.show(status, wizardReviewView(w, checks, t))
}

func (w *wizard) try(q insight.Question) (*tried, error) {
	var err error
	if q.Programs, err = w.v.Programs.Read(w.v.ctx, w.v.shop.ID, programs.Said{Text: w.draft.Text}); err == nil {
		var r *insight.BacktestReport
		if r, err = w.v.Insight.Backtest(w.v.ctx, w.v.shop.ID, q); err == nil {
			return &tried{BacktestReport: r, Said: w.v.say.Difference(r.Phrases())}, nil
		}
	}
	if p, ok := errors.AsType[*loyalty.Problem](err); ok {
		return &tried{None: w.v.say.Problem(p)}, nil
	}
	return nil, err
}

// owed is what would still be owed at the end: what waits and what is open, where it is money.
func (t *tried) owed() (sum int64) {
	for _, u := range t.Units {
		if u.Unit == t.Currency {
			sum += u.Open + u.Waiting
		}
	}
	return sum
}

// worst are the cases that look most like abuse, at most three.
func (t *tried) worst() (out []wizardCase) {
	for _, s := range t.Signs {
		for _, c := range s.Cases {
			if len(out) < 3 {
				out = append(out, wizardCase{s.Sign, c})
			}
		}
	}
	return out
}

type wizardCase struct {
	Sign string
	insight.BacktestMember
}

// wizardRevision is the draft's revision, as a field says it.
func wizardRevision(w *wizard) string { return strconv.FormatInt(w.draft.Revision, 10) }

// wizardPublish lets the program run: at once, or from a day on.
func (v *visit) wizardPublish() error {
	w, err := v.wizardOf(len(wizardSteps))
	if err != nil {
		return err
	}
	if w.f, err = v.read(); err != nil {
		return err
	}
	at := moment.Time(0)
	if w.f.get("when") == "later" {
		if at = w.day("at", false); at == 0 && w.f.ok() {
			w.f.blame(loyalty.Invalid("at", "required"))
		} else if at != 0 && at <= v.now() {
			w.f.blame(loyalty.Invalid("at", "in_the_past", "now", v.now().String()))
		}
	}
	if !w.f.ok() {
		return w.show(http.StatusUnprocessableEntity)
	}
	done, err := v.Programs.PublishDraft(v.ctx, v.shop.ID, w.draft.ID, w.whole("revision"), at, false)
	if err != nil {
		if !w.f.blame(err, "starts_at=at", "text=", "revision=", "based_on=") {
			return err
		}
		w.f.values["revision"] = wizardRevision(w)
		return w.show(http.StatusUnprocessableEntity)
	}
	v.note(done.ID.String(), "version", v.say.Number(int64(done.Version)))
	v.changedVersion(done.Version)
	key := "admin.wizard.published"
	if done.StartsAt > v.now()+programs.Ahead {
		key = "admin.wizard.scheduled"
	}
	v.tell(key, "", "Name", done.Name, "Date", v.say.Date(done.StartsAt))
	return v.redirect(v.placeOr("/programs/"+done.ID.String(), "GET /programs/{id}"))
}

// wizardTest lets the program run in the test shop, as it is; the draft stays.
func (v *visit) wizardTest() error {
	w, err := v.wizardOf(len(wizardSteps))
	if err != nil {
		return err
	}
	if w.f, err = v.read(); err != nil {
		return err
	}
	_, twin, err := v.Office.Pair(v.ctx, v.live.ID)
	if err != nil {
		return err
	}
	list, err := v.Programs.Publish(v.ctx, twin.ID, programs.Said{Text: w.draft.Text}, false)
	if err != nil {
		if !w.f.blame(err, "text=") {
			return err
		}
		w.f.values["revision"] = wizardRevision(w)
		return w.show(http.StatusUnprocessableEntity)
	}
	v.note(w.draft.ID.String(), "program", list[0].ID.String())
	v.tell("admin.wizard.tested", "", "Name", list[0].Name)
	return v.redirect(w.path(len(wizardSteps)))
}

// placeOr is a path where there is such a screen, else the first one.
func (v *visit) placeOr(path, pattern string) string {
	if v.places[pattern] {
		return path
	}
	return "/"
}

// publishes tells whether the reader may publish; who may not asks somebody who may.
func (w *wizard) publishes() bool { return w.v.can(staff.Publish) }
