package admin

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/insight"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/referral"
	"cagnotte/internal/staff"
)

// referralStates are the steps of a referral, in the order in which they come.
var referralStates = []string{
	loyalty.ReferralInvited, loyalty.ReferralClicked, loyalty.ReferralJoined, loyalty.ReferralQualified, loyalty.ReferralRewarded,
	loyalty.ReferralFlagged, loyalty.ReferralRefused, loyalty.ReferralExpired, loyalty.ReferralCancelled, loyalty.ReferralClawed,
}

// origins are how a referral can begin.
var origins = []string{loyalty.OriginLink, loyalty.OriginEmail, loyalty.OriginCode, loyalty.OriginStaff}

// periods are the stretches of days that the desk offers; 0 is everything.
var periods = []int{7, 28, 90, 365, 0}

const usualPeriod = 90

// desk is what the screen of referrals shows.
type desk struct {
	crowd
	filter  referral.ListFilter
	days    int
	funnel  referral.Funnel
	rows    []*loyalty.Referral
	rewards map[id.Member][]referral.FriendReward
	next    string
	options deskOptions
}

type deskOptions struct{ origins, programs, periods []option }

// toReview is how many referrals wait for this person's word.
func (v *visit) toReview() int64 {
	if !v.can(staff.Review) || v.shop == nil {
		return 0
	}
	n, err := v.Referrals.Waiting(v.ctx, v.shop.ID)
	if err != nil {
		v.Log.Warn("who waits for a review is not known", "error", err)
	}
	return n
}

// referralFilter reads the filters of a query.
func (v *visit) referralFilter(q url.Values) (f referral.ListFilter, days int) {
	days, err := strconv.Atoi(q.Get("days"))
	if err != nil || !slices.Contains(periods, days) {
		days = usualPeriod
	}
	f.Until = v.now() + 2*moment.Day // what is dated a little ahead is there, too
	if days > 0 {                    // as the dashboard's periods begin, so that it counts the same
		f.From = insight.Begins(v.shop, days, v.now())
	}
	if slices.Contains(origins, q.Get("origin")) {
		f.Origin = q.Get("origin")
	}
	if slices.Contains(referralStates, q.Get("state")) {
		f.State = q.Get("state")
	}
	if p, err := id.Parse[id.ProgramKind](q.Get("program")); err == nil {
		f.Program = p
	}
	return f, days
}

// spot reads where a page begins.
func spot(text string) (s referral.Spot) {
	at, which, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(at, 10, 64)
	x, err2 := id.Parse[id.ReferralKind](which)
	if err == nil && err2 == nil {
		s = referral.Spot{At: moment.Time(n), ID: x}
	}
	return s
}

func spotOf(r *loyalty.Referral) string {
	return strconv.FormatInt(int64(r.TouchedAt), 10) + "." + r.ID.String()
}

func (v *visit) referrals() error {
	d := &desk{}
	d.filter, d.days = v.referralFilter(v.r.URL.Query())
	var err error
	if d.funnel, err = v.Referrals.Funnel(v.ctx, v.shop.ID, d.filter); err != nil {
		return err
	}
	d.rows, err = v.Referrals.Latest(v.ctx, v.shop.ID, d.filter, spot(v.asked("after")), perPage+1)
	if err != nil {
		return err
	}
	if len(d.rows) > perPage {
		d.rows = d.rows[:perPage]
		d.next = spotOf(d.rows[perPage-1])
	}
	if err := v.fillDesk(d); err != nil {
		return err
	}
	d.options.programs = []option{{"", v.t("admin.referrals.any_program")}}
	programs, err := v.Programs.List(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	for _, p := range programs {
		d.options.programs = append(d.options.programs, option{p.ID.String(), p.Name})
	}
	d.options.origins = []option{{"", v.t("admin.referrals.any_origin")}}
	for _, o := range origins {
		d.options.origins = append(d.options.origins, option{o, v.t("admin.referrals.origin." + o)})
	}
	for _, n := range periods {
		d.options.periods = append(d.options.periods, option{strconv.Itoa(n), v.t("admin.referrals.days." + strconv.Itoa(n))})
	}
	return v.show(http.StatusOK, referralsView(v, d))
}

// fillDesk reads who the rows are about, and what was given for them.
func (v *visit) fillDesk(d *desk) error {
	var all, friends []id.Member
	for _, r := range d.rows {
		all, friends = append(all, r.Friend, r.Referrer), append(friends, r.Friend)
	}
	var err error
	if d.crowd, err = v.crowd(all); err != nil {
		return err
	}
	d.rewards, err = v.Referrals.RewardsFor(v.ctx, v.shop.ID, friends)
	return err
}

// stage is one bar of the funnel.
type stage struct {
	Name  string
	N     int64
	Rate  string // of the step before; empty for the first
	Width string // one of eleven
	State string
}

func (d *desk) steps() []stage {
	f := d.funnel
	out := []stage{
		{Name: "invited", N: f.Touched}, {Name: "opened", N: f.Opened}, {Name: "joined", N: f.Joined}, {Name: "ordered", N: f.Ordered}, {Name: "rewarded", N: f.Rewarded, State: loyalty.ReferralRewarded},
	}
	for i := range out {
		if i > 0 && out[i-1].N > 0 {
			out[i].Rate = d.v.say.Percent((100*out[i].N + out[i-1].N/2) / out[i-1].N * 100)
		}
		if f.Touched > 0 {
			out[i].Width = "w" + strconv.FormatInt((10*out[i].N+f.Touched-1)/f.Touched, 10)
		}
	}
	return out
}

// reward says what was given for a referral: to the referrer, to the friend; amounts of one
// kind together.
func (d *desk) reward(r *loyalty.Referral) (out []string) {
	var sums []referral.FriendReward
	for _, x := range d.rewards[r.Friend] {
		if x.Part == loyalty.AsReferrer && x.Member != r.Referrer || !r.Bond || x.Amount <= 0 && x.Unit != "" || x.State == loyalty.RewardVoid || strings.HasPrefix(string(x.Unit), "tally:") {
			continue
		}
		x.State = rewardStep(x.State)
		i := slices.IndexFunc(sums, func(y referral.FriendReward) bool {
			return y.Unit != "" && y.Unit == x.Unit && y.Part == x.Part && y.State == x.State
		})
		if i < 0 {
			sums = append(sums, x)
		} else {
			sums[i].Amount += x.Amount
		}
	}
	for _, x := range sums {
		what := d.v.t("admin.referrals.thing")
		if x.Unit != "" {
			what = d.v.say.Units(x.Unit, x.Amount)
		}
		out = append(out, d.v.t("admin.referrals.reward."+x.State, "Who", d.v.t("admin.referrals.part."+string(x.Part)), "What", what))
	}
	return out
}

// rewardStep is how far a reward has come: given, waiting or gone.
func rewardStep(state string) string {
	switch state {
	case loyalty.RewardWaiting:
		return "waiting"
	case loyalty.RewardGiven:
		return "given"
	}
	return "gone"
}

// why says in words why a referral is flagged or does not count.
func (v *visit) why(r *loyalty.Referral) string {
	if r.Reason == "" {
		return ""
	}
	return v.say.Reason(loyalty.Reason(r.Reason))
}

// referralTone is the colour of a step.
func referralTone(state string) string {
	switch state {
	case loyalty.ReferralRewarded:
		return "tag good"
	case loyalty.ReferralJoined, loyalty.ReferralQualified:
		return "tag info"
	case loyalty.ReferralFlagged:
		return "tag warn"
	case loyalty.ReferralRefused, loyalty.ReferralClawed:
		return "tag bad"
	}
	return "tag"
}

// riskTone is the colour of a score, whose figure stands beside.
func riskTone(score int64) string {
	switch {
	case score >= 100:
		return "tag bad"
	case score >= 40:
		return "tag warn"
	}
	return "tag"
}

// exportReferrals writes the referrals of a filter as CSV, a page at a time.
func (v *visit) exportReferrals() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	q, err := url.ParseQuery(f.get("filter"))
	if err != nil {
		q = url.Values{}
	}
	filter, _ := v.referralFilter(q)
	v.note("", "list", "referrals", "filter", q.Encode())
	v.status = http.StatusOK
	v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	v.w.Header().Set("Content-Disposition", `attachment; filename="referrals.csv"`)
	out := csv.NewWriter(v.w)
	if _, err := fmt.Fprint(v.w, "\ufeff"); err != nil { // spreadsheets take it for Latin otherwise
		return nil //nolint:nilerr // whoever asked is gone
	}
	var head []string
	for _, c := range []string{"touched", "step", "reason", "friend", "friend_is", "referrer", "referrer_is", "channel", "order", "reward", "risk"} {
		head = append(head, v.t("admin.referrals.column."+c))
	}
	_ = out.Write(head) // Error says it
	for at := (referral.Spot{}); ; {
		d := &desk{}
		if d.rows, err = v.Referrals.Latest(v.ctx, v.shop.ID, filter, at, exportAtOnce); err == nil {
			err = v.fillDesk(d)
		}
		if err != nil {
			v.Log.Error("a list was not sent whole", "error", err)
			panic(http.ErrAbortHandler) // a list that lacks its end must not look whole
		}
		for _, r := range d.rows {
			_ = out.Write(inert(
				v.say.Moment(r.TouchedAt), v.t("admin.referrals.state."+r.State), v.why(r), d.name(r.Friend), d.under(r.Friend), d.name(r.Referrer), d.under(r.Referrer),
				v.t("admin.referrals.origin."+r.Origin), r.Order, strings.Join(d.reward(r), "; "), strconv.FormatInt(r.Score, 10),
			))
		}
		out.Flush()
		if out.Error() != nil || len(d.rows) < exportAtOnce {
			return nil
		}
		last := d.rows[len(d.rows)-1]
		at = referral.Spot{At: last.TouchedAt, ID: last.ID}
	}
}

const exportAtOnce = 500

// inert keeps a spreadsheet from taking a text for a formula.
func inert(cells ...string) []string {
	for i, c := range cells {
		if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
			cells[i] = "'" + c
		}
	}
	return cells
}
