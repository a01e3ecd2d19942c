package admin

import (
	"slices"
	"strconv"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/plan"
	"cagnotte/internal/programs"
	"cagnotte/internal/rules"
)

// Each step of the wizard writes its own fields and reads them back; what the others ask stays
// as it is.

func (w *wizard) put() {
	switch w.step {
	case 1:
		w.putTarget()
	case 2:
		w.putRewards()
	case 3:
		w.putEarning()
	case 4:
		w.putDetails()
	}
}

func (w *wizard) answer() {
	switch w.step {
	case 1:
		w.answerTarget()
	case 2:
		w.answerRewards()
	case 3:
		w.answerEarning()
	case 4:
		w.answerDetails()
	}
}

func (w *wizard) putTarget() {
	a, f := w.a, w.f
	f.values["kind"] = a.Kind
	f.values["objective"] = plan.ByOrder
	f.values["trigger"] = a.Trigger
	if a.Kind == plan.Referral {
		f.values["objective"] = a.Objective()
	}
	f.values["event"], f.values["event-name"] = a.Event, a.EventName
	w.list("things", a.Things)
	w.fig("minimum", a.Minimum, w.set.Decimals)
	w.fig("items", a.Items, 0)
}

func (w *wizard) answerTarget() {
	a, f := w.a, w.f
	if kind := w.one("kind", plan.Kinds); kind != a.Kind {
		w.turn(kind)
	}
	switch a.Kind {
	case plan.Referral:
		a.Aim(w.one("objective", plan.Objectives))
	case plan.Event:
		a.Event, a.EventName = w.one("event", plan.Events), f.get("event-name")
		if (a.Event == rules.OnSignUp || a.Event == rules.OnBirthday) && a.Often.N > 0 {
			a.Often = rules.Recurrence{} // it comes once, or each time
		}
	default:
		if a.Kind != plan.Basket {
			a.Things = w.lines("things")
		}
		a.Minimum, a.Items = w.amount("minimum"), w.whole("items")
	}
	if a.Kind != plan.Event {
		a.Trigger = w.one("trigger", plan.Triggers)
	}
}

// wizardBegins are the templates from which a program goes on whose kind was changed.
var wizardBegins = map[string]string{
	plan.Referral: "referral-order", plan.Article: "buy-x-get-y", plan.Category: "stamp-card", plan.Basket: "points", plan.Event: "birthday",
}

// turn makes it a program of another kind, with what is usual there. Name and dates stay.
func (w *wizard) turn(kind string) {
	t, err := programs.TemplateOf(wizardBegins[kind], "kind")
	if err != nil {
		return // it is one: a test knows
	}
	docs, err := rules.ParseFile(t.Text(w.set.Currency, w.a.Name), w.set)
	if err != nil {
		return
	}
	if a, ok := plan.Read(docs[0], w.set); ok {
		a.Name, a.Starts, a.Ends, a.Kind = w.a.Name, w.a.Starts, w.a.Ends, kind
		*w.a = *a
	}
}

// wizardSides of a referral, as fields are named after them.
var wizardSides = []string{"referrer", "friend"}

func (w *wizard) side(row int, side string) *plan.Reward {
	if side == "friend" {
		return &w.a.Rows[row].Friend
	}
	return &w.a.Rows[row].Referrer
}

// rows are the moments of a referral that its objective looks at.
func (w *wizard) rows() []int {
	switch w.a.Objective() {
	case plan.BySignUp:
		return []int{plan.Invited, plan.Joined}
	case plan.ByOrder:
		return []int{plan.Invited, plan.Ordered, plan.Again}
	}
	return []int{plan.Invited, plan.Joined, plan.Ordered, plan.Again}
}

// wizardFirsts and wizardAgains are what the two rows of orders may mean.
var (
	wizardFirsts = []string{rules.First, rules.Very, "together", "together-items"}
	wizardAgains = []string{"each", rules.Every, rules.Nth}
	wizardOftens = []string{"each", rules.First, rules.Very, rules.Every, rules.Nth, "together", "together-items"}
	wizardEvents = []string{"each", rules.Once, rules.Every, rules.Nth}
)

func (w *wizard) putOften(at string, r rules.Recurrence) {
	switch {
	case r.Together > 0 && r.Items:
		w.f.values[at] = "together-items"
		w.fig(at+"-sum", r.Together, 0)
	case r.Together > 0:
		w.f.values[at] = "together"
		w.fig(at+"-sum", r.Together, w.set.Decimals)
	case r.Kind == rules.Each:
		w.f.values[at] = "each"
	default:
		w.f.values[at] = r.Kind
		w.fig(at+"-n", r.N, 0)
	}
}

func (w *wizard) often(at string, known []string) rules.Recurrence {
	var r rules.Recurrence
	switch kind := w.one(at, known); kind {
	case "each":
	case "together", "together-items":
		r.Items = kind == "together-items"
		decimals := w.set.Decimals
		if r.Items {
			decimals = 0
		}
		if r.Together = w.figure(at+"-sum", decimals); r.Together == 0 && w.f.wrong[at+"-sum"] == "" {
			w.f.blame(loyalty.Invalid(at+"-sum", "required"))
		}
	case rules.Every, rules.Nth:
		r.Kind, r.N = kind, w.whole(at+"-n")
	default:
		r.Kind = kind
	}
	return r
}

func (w *wizard) putRewards() {
	a := w.a
	if a.Kind != plan.Referral {
		w.putReward("reward", a.Reward)
		w.putReward("bonus", a.Bonus)
		return
	}
	for i, moment := range plan.Moments {
		for _, side := range wizardSides {
			w.putReward(moment+"-"+side, *w.side(i, side))
		}
	}
	w.putOften("first", a.First)
	w.putOften("each", a.Each)
}

func (w *wizard) answerRewards() {
	a := w.a
	if a.Kind != plan.Referral {
		a.Reward = w.reward("reward")
		if a.Kind == plan.Event {
			a.Bonus = w.reward("bonus")
		}
		if a.Per == plan.PerSum && a.Reward.Kind != plan.Money && a.Reward.Kind != plan.Points || a.Per == plan.PerItem && a.Reward.Kind == plan.Percent {
			a.Per = plan.Fixed // only what can be divided is earned by amount
		}
		if a.Reward.Kind != plan.Points {
			a.Swap, a.Tiers = plan.Swap{}, nil
		}
		return
	}
	for _, i := range w.rows() {
		for _, side := range wizardSides {
			*w.side(i, side) = w.reward(plan.Moments[i] + "-" + side)
		}
	}
	if slices.Contains(w.rows(), plan.Ordered) {
		a.First, a.Each = w.often("first", wizardFirsts), w.often("each", wizardAgains)
	}
}

func (w *wizard) putEarning() {
	a := w.a
	w.fig("minimum", a.Minimum, w.set.Decimals)
	w.fig("items", a.Items, 0)
	w.fig("basket", a.Basket, w.set.Decimals)
	w.fig("basket-items", a.BasketItems, 0)
	w.list("except", a.Except.SKUs)
	w.list("except-categories", a.Except.Categories)
	w.list("except-attributes", a.Except.Attributes)
	w.list("codes", a.Codes)
	w.tick("before-tax", a.Basis.BeforeTax)
	w.tick("before-discounts", a.Basis.BeforeDiscounts)
	w.tick("with-delivery", a.Basis.Delivery)
	w.tick("with-rewards", a.Basis.Rewards)
	w.tick("without-gift-cards", a.Basis.NoGiftCards)
	w.fig("wait", int64(a.Wait), 0)
	w.fig("within", int64(a.Within), 0)
	w.fig("window", int64(a.Referrals.WindowDays), 0)
	w.fig("expire", int64(a.Referrals.ExpireDays), 0)
	w.tick("last-touch", a.Referrals.LastTouch)
	w.tick("buyer", a.Buyer)
	w.putLimit("cap", a.Cap, 0)
	w.fig("budget", a.Budget.Money, w.set.Decimals)
	w.fig("budget-uses", a.Budget.Uses, 0)
	w.f.values["budget-per"] = a.Budget.Period
	w.f.values["counts"] = a.Counts
	w.fig("swap-need", a.Swap.Need, w.unitDecimals())
	w.tick("swap-asked", a.Swap.Asked)
	w.putReward("swap", a.Swap.Reward)
	for i, t := range a.Tiers {
		at := "tier-" + strconv.Itoa(i+1)
		w.fig(at+"-need", t.Need, w.unitDecimals())
		w.putReward(at, t.Reward)
	}
	if a.Kind == plan.Referral {
		return
	}
	w.f.values["per"] = a.Per
	if a.Per == plan.PerItem {
		w.fig("per-items", a.PerN, 0)
	} else {
		w.fig("per-sum", a.PerN, w.set.Decimals)
	}
	w.fig("stamps", a.Stamps, 0)
	w.fig("stamp-per", a.StampPer, 0)
	w.fig("card", a.Card, 0)
	w.tick("asked", a.Asked)
	w.putLimit("stamp-cap", a.StampCap, 0)
	w.putOften("often", a.Often)
}

// unitDecimals are those of what Swap and Tiers are counted in.
func (w *wizard) unitDecimals() int {
	if w.a.Kind == plan.Referral {
		return 0
	}
	return w.set.PointDecimals
}

func (w *wizard) answerEarning() {
	a := w.a
	if w.looksAtOrders() {
		if a.Kind == plan.Referral || a.Kind == plan.Event {
			a.Minimum, a.Items = w.amount("minimum"), w.whole("items")
		}
		a.Basket, a.BasketItems = w.amount("basket"), w.whole("basket-items")
		a.Except = rules.Articles{SKUs: w.lines("except"), Categories: w.lines("except-categories"), Attributes: w.lines("except-attributes")}
		a.Codes = w.lines("codes")
		a.Basis = rules.Basis{
			BeforeTax: w.yes("before-tax"), BeforeDiscounts: w.yes("before-discounts"), Delivery: w.yes("with-delivery"),
			Rewards: w.yes("with-rewards"), NoGiftCards: w.yes("without-gift-cards"),
		}
		a.Wait, a.Within = w.days("wait"), w.days("within")
	}
	a.Cap = w.limit("cap", 0, "")
	a.Budget = rules.Budget{Money: w.amount("budget"), Uses: w.whole("budget-uses"), Period: w.one("budget-per", []string{"ever", "month", "day", "year"})}
	if a.Kind == plan.Referral {
		a.Referrals.WindowDays, a.Referrals.ExpireDays, a.Referrals.LastTouch = w.days("window"), w.days("expire"), w.yes("last-touch")
		a.Buyer = w.yes("buyer")
		a.Counts = w.one("counts", []string{"", plan.Moments[plan.Joined], plan.Moments[plan.Ordered]})
	} else {
		w.answerPer()
	}
	if !w.collects() {
		return
	}
	a.Swap = plan.Swap{Need: w.figure("swap-need", w.unitDecimals()), Reward: w.reward("swap"), Asked: w.yes("swap-asked")}
	a.Tiers = nil
	for i := range plan.MaxTiers {
		at := "tier-" + strconv.Itoa(i+1)
		if t := (plan.Tier{Need: w.figure(at+"-need", w.unitDecimals()), Reward: w.reward(at)}); t.Need > 0 || !t.Reward.None() {
			a.Tiers = append(a.Tiers, t)
		}
	}
}

func (w *wizard) answerPer() {
	a := w.a
	a.Per = w.one("per", w.pers())
	a.PerN = w.amount("per-sum")
	if a.Per == plan.PerItem {
		a.PerN = max(1, w.whole("per-items"))
	}
	a.Stamps, a.StampPer, a.Card, a.Asked = max(1, w.whole("stamps")), w.whole("stamp-per"), w.whole("card"), w.yes("asked")
	a.StampCap = w.limit("stamp-cap", 0, rules.Stamps)
	a.Often = w.often("often", w.howOften())
}

// looksAtOrders tells whether the step asks about orders.
func (w *wizard) looksAtOrders() bool {
	return w.a.Orders() || w.a.Kind == plan.Referral && w.a.Objective() != plan.BySignUp
}

// collects tells whether there is something to be exchanged or reached: friends, or points.
func (w *wizard) collects() bool {
	return w.a.Kind == plan.Referral || w.a.Reward.Kind == plan.Points && w.a.Per != plan.Stamped
}

// pers are the ways in which this program's reward may be earned.
func (w *wizard) pers() []string {
	switch {
	case w.a.Kind == plan.Event:
		return []string{plan.Fixed, plan.Stamped}
	case w.a.Reward.Kind == plan.Percent:
		return []string{plan.Fixed}
	case w.a.Reward.Kind == plan.Money || w.a.Reward.Kind == plan.Points:
		return []string{plan.Fixed, plan.PerSum, plan.PerItem, plan.Stamped}
	}
	return []string{plan.Fixed, plan.PerItem, plan.Stamped}
}

// howOften are the ways in which it may come again.
func (w *wizard) howOften() []string {
	switch {
	case w.a.Kind != plan.Event:
		return wizardOftens
	case w.a.Event == rules.OnSignUp || w.a.Event == rules.OnBirthday:
		return wizardEvents[:2]
	}
	return wizardEvents
}

func (w *wizard) putDetails() {
	a := w.a
	w.f.values["name"] = a.Name
	w.date("starts", a.Starts, false)
	w.date("ends", a.Ends, true)
	w.fig("hold", a.Referrals.HoldScore, 0)
	w.tick("exclude-buyer", !a.Referrals.Buyers)
	w.tick("exclude-account", !a.Referrals.Members)
	w.list("channels", a.Channels)
	w.list("groups", a.Groups)
	w.list("segments", a.Segments)
}

func (w *wizard) answerDetails() {
	a := w.a
	a.Name = w.f.get("name")
	a.Starts, a.Ends = w.day("starts", false), w.day("ends", true)
	a.Channels = w.lines("channels")
	if a.Kind == plan.Referral {
		a.Referrals.HoldScore = w.whole("hold")
		a.Referrals.Buyers, a.Referrals.Members = !w.yes("exclude-buyer"), !w.yes("exclude-account")
	} else {
		a.Groups, a.Segments = w.lines("groups"), w.lines("segments")
	}
}
