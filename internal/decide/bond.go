package decide

import (
	"cmp"
	"slices"
	"strconv"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// ruleBond stands in the place of a rule in lines about the bond.
const ruleBond = "bond"

// typedLate is how soon before an order a typed code counts as typed with it: it does not
// displace an earlier link.
const typedLate = 30 * moment.Second

// bonded tells whether the member is a friend whose bond may be rewarded.
func (c *call) bonded(m *File) bool {
	b := m.Bond()
	return b != nil && b.State != loyalty.ReferralClawed && b.State != loyalty.ReferralRefused
}

// policy is how friends find their referrers, as the programs in force say: the first
// that says something decides.
func (c *call) policy(at moment.Time) (p rules.Referral) {
	for _, x := range c.book.Programs {
		v := x.InForce(at, c.f.RecordedAt)
		if v == nil {
			continue
		}
		r := v.Doc.Referral
		p.WindowDays = cmp.Or(p.WindowDays, r.WindowDays)
		p.ExpireDays = cmp.Or(p.ExpireDays, r.ExpireDays)
		p.HoldScore = cmp.Or(p.HoldScore, r.HoldScore)
		p.LastTouch = p.LastTouch || r.LastTouch
		p.Buyers, p.Members = p.Buyers || r.Buyers, p.Members || r.Members
	}
	return p
}

// clicked keeps a touch: a friend followed a link, or was invited at his address.
func (c *call) clicked(m *File, f *loyalty.Fact, trigger string) {
	line := loyalty.ReceiptLine{Part: loyalty.AsFriend, Member: m.Member.ID, Rule: ruleBond, Outcome: loyalty.Refused}
	invited := func(b *loyalty.Referral) bool { return b.Origin == loyalty.OriginEmail }
	if trigger == rules.OnInvitation && slices.ContainsFunc(m.Bonds, invited) {
		line.Code = loyalty.AlreadyInvited
		c.line(line)
		return
	}
	b := c.touched(m, f)
	if b == nil {
		return
	}
	if line.Code = c.knownBefore(m, b); m.Bond() != nil && m.Bond() != b {
		line.Code = loyalty.AlreadyReferred
	}
	if line.Code != "" {
		b.State, b.Reason = loyalty.ReferralRefused, string(line.Code)
		c.line(line)
		return
	}
	line.Outcome = loyalty.Noted
	c.line(line)
	if f.History() || !c.book.Answers(trigger) {
		return
	}
	// The bond that is judged here is only looked at: who is bonded is decided when the
	// friend joins or orders.
	was := b.Bond
	if m.Bond() == nil {
		b.Bond = true
	}
	c.judge(m, occasion{trigger: trigger, cause: eventKey(f), each: eventKey(f)})
	b.Bond = was
}

// touched notes who sent the member, when a fact says so; nil when it does not, or when
// nobody can have been meant.
func (c *call) touched(m *File, f *loyalty.Fact) *loyalty.Referral {
	if !f.Referrer.Named() {
		return nil
	}
	x := f.Referrer.ID
	line := loyalty.ReceiptLine{Part: loyalty.AsFriend, Member: m.Member.ID, Rule: ruleBond, Outcome: loyalty.Refused}
	switch {
	case x.IsZero() && f.Touch == loyalty.Typed:
		return nil // any code of the shop's own
	case x.IsZero():
		line.Code = loyalty.CodeUnknown
	case x == m.Member.ID:
		line.Code = loyalty.SelfReferral
	}
	if line.Code != "" {
		c.line(line)
		return nil
	}
	b := m.Touch(x)
	if b == nil {
		b = &loyalty.Referral{
			ID: mint[id.ReferralKind](c), Friend: m.Member.ID, Referrer: x, Origin: origin(f), TouchedAt: c.at, LastAt: c.at,
			State: loyalty.ReferralClicked, New: true,
		}
		if f.Kind == loyalty.InvitationSent {
			b.State = loyalty.ReferralInvited
		}
		m.Bonds = append(m.Bonds, b)
		return b
	}
	if loyalty.OriginRank(origin(f)) < loyalty.OriginRank(b.Origin) && !b.Bond {
		b.Origin = origin(f)
	}
	if b.State == loyalty.ReferralInvited && f.Kind != loyalty.InvitationSent {
		b.State = loyalty.ReferralClicked
	}
	b.LastAt, b.Dirty = max(b.LastAt, c.at), true
	return b
}

func origin(f *loyalty.Fact) string {
	switch {
	case f.Kind == loyalty.InvitationSent:
		return loyalty.OriginEmail
	case f.Touch == loyalty.Typed:
		return loyalty.OriginCode
	case f.Touch == "":
		return loyalty.OriginLink
	}
	return f.Touch
}

// attach decides who sent the member, once he joins or orders: by rank, then by the first
// valid touch inside the window, or the last where the program says so.
func (c *call) attach(m *File) {
	policy := c.policy(c.at)
	opens := func(b *loyalty.Referral) moment.Time {
		if policy.WindowDays == 0 {
			return 0
		}
		return c.at.AddDays(-policy.WindowDays, c.d.Shop.Zone)
	}
	when := func(b *loyalty.Referral) moment.Time {
		if policy.LastTouch {
			return -b.LastAt
		}
		if b.TouchedAt >= opens(b) {
			return b.TouchedAt
		}
		return b.LastAt
	}
	var list []*loyalty.Referral
	for _, b := range m.Bonds {
		open := b.State == loyalty.ReferralInvited || b.State == loyalty.ReferralClicked
		switch {
		case !open || b.Bond:
		case b.LastAt < opens(b):
			c.refuseBond(m, b, loyalty.OutOfWindow)
		case m.Bond() != nil:
			c.refuseBond(m, b, loyalty.AlreadyReferred)
		default:
			list = append(list, b)
		}
	}
	slices.SortFunc(list, func(a, b *loyalty.Referral) int {
		return cmp.Or(
			cmp.Compare(rankOf(a, list, c.at), rankOf(b, list, c.at)), cmp.Compare(when(a), when(b)),
			slices.Compare(a.Referrer[:], b.Referrer[:]),
		)
	})
	for _, b := range list {
		if m.Bond() != nil {
			c.refuseBond(m, b, loyalty.AlreadyReferred)
			continue
		}
		if reason := c.barred(m, b); reason != "" {
			c.refuseBond(m, b, reason)
			continue
		}
		c.tie(m, b, policy)
	}
}

// rankOf is the rank of a touch among others. A code typed with the order itself gives
// way to a link that was followed before.
func rankOf(b *loyalty.Referral, list []*loyalty.Referral, at moment.Time) int {
	rank := loyalty.OriginRank(b.Origin)
	if b.Origin == loyalty.OriginCode && b.TouchedAt > at-typedLate {
		for _, x := range list {
			if x.Origin == loyalty.OriginLink && x.TouchedAt < b.TouchedAt {
				return loyalty.OriginRank(loyalty.OriginLink) + 1
			}
		}
	}
	return rank
}

// barred is the first check of a bond, against what was dated before its first touch.
func (c *call) barred(m *File, b *loyalty.Referral) loyalty.Reason {
	switch {
	case b.Referrer == m.Member.ID:
		return loyalty.SelfReferral
	case c.knownBefore(m, b) != "":
		return c.knownBefore(m, b)
	case c.circle(m.Member.ID, b.Referrer):
		return loyalty.MutualReferral
	}
	return ""
}

// knownBefore tells how a friend was known to the shop before his first touch, where the programs in
// force then exclude such friends.
func (c *call) knownBefore(m *File, b *loyalty.Referral) loyalty.Reason {
	policy := c.policy(b.TouchedAt)
	switch {
	case !policy.Members && m.Member.RegisteredAt != 0 && m.Member.RegisteredAt < b.TouchedAt:
		return loyalty.AlreadyMember
	case !policy.Buyers && m.Member.FirstOrderAt != 0 && m.Member.FirstOrderAt < b.TouchedAt:
		return loyalty.AlreadyBuyer
	}
	return ""
}

// circle tells whether a friend stands above his referrer already.
func (c *call) circle(friend, referrer id.Member) bool {
	d := c.d
	if c.live != nil {
		d = c.live
	}
	if f := c.file(referrer); f != nil && f.Bond() != nil && f.Bond().Referrer == friend {
		return true
	}
	return slices.Contains(d.Uplines[referrer], friend)
}

func (c *call) refuseBond(m *File, b *loyalty.Referral, reason loyalty.Reason) {
	b.State, b.Reason, b.Dirty = loyalty.ReferralRefused, string(reason), true
	c.line(loyalty.ReceiptLine{
		Part: loyalty.AsFriend, Member: m.Member.ID, Rule: ruleBond, Outcome: loyalty.Refused, Code: reason,
	})
}

// tie makes a touch the bond, and looks for signs of fraud.
func (c *call) tie(m *File, b *loyalty.Referral, policy rules.Referral) {
	b.State, b.Bond, b.Reason, b.Dirty = loyalty.ReferralJoined, true, "", true
	if b.JoinedAt == 0 {
		b.JoinedAt = c.at
	}
	line := loyalty.ReceiptLine{Part: loyalty.AsFriend, Member: m.Member.ID, Rule: ruleBond, Outcome: loyalty.Noted}
	if b.Origin == loyalty.OriginCode || b.Origin == loyalty.OriginLink {
		for _, x := range m.Bonds {
			if x != b && x.Origin == loyalty.OriginCode && b.Origin == loyalty.OriginLink && x.TouchedAt > c.at-typedLate {
				line.Code = loyalty.NoteTyped
			}
		}
	}
	score, top := c.suspicion(m, b)
	b.Score = score
	if policy.HoldScore > 0 && score >= policy.HoldScore {
		b.State, b.Reason = loyalty.ReferralFlagged, string(top)
		line.Outcome, line.Code = loyalty.Held, top
		line.Figures = map[string]string{"need": strconv.FormatInt(policy.HoldScore, 10), "got": strconv.FormatInt(score, 10)}
	}
	if policy.ExpireDays > 0 {
		c.timer(m, loyalty.TimerExpire, b.TouchedAt.AddDays(policy.ExpireDays, c.d.Shop.Zone), nil, "e:"+b.Referrer.String())
	}
	c.line(line)
}

// signScores is what a sign weighs when friend and referrer share it, or when the friend
// has it alone. An address on the network alone never weighs enough: families and shops
// share one.
var signScores = []struct {
	kind   string
	score  int64
	reason loyalty.Reason
	alone  bool
}{
	{loyalty.SignDevice, 100, loyalty.SameDevice, false},
	{loyalty.SignPayment, 80, loyalty.SamePayment, false},
	{loyalty.SignDisposable, 50, loyalty.DisposableEmail, true},
	{loyalty.SignAddress, 40, loyalty.SameAddress, false},
	{loyalty.SignSimilar, 30, loyalty.SimilarEmail, false},
	{loyalty.SignIP, 10, loyalty.SameIP, false},
}

// A referrer whose friends come faster than this within a day is looked at.
const (
	velocityFree  = 10
	velocityScore = 50
)

// suspicion sums the signs that friend and referrer are the same person or work together;
// the weightiest gives the reason.
func (c *call) suspicion(m *File, b *loyalty.Referral) (score int64, top loyalty.Reason) {
	referrer := c.file(b.Referrer)
	if referrer == nil {
		return 0, ""
	}
	best := int64(0)
	add := func(n int64, why loyalty.Reason) {
		if score += n; n > best {
			best, top = n, why
		}
	}
	for _, s := range Signs(m.Member.Signals, referrer.Member.Signals) {
		if s.Weighs {
			add(s.Score, s.Reason)
		}
	}
	name := FriendsName(c.at, c.d.Shop)
	if c.live == nil { // how many came today goes by arrival
		c.count(referrer, name, 1)
	}
	if c.friendsToday(referrer, name) > velocityFree {
		add(velocityScore, loyalty.Velocity)
	}
	return score, top
}

// Sign is one sign of fraud between a friend and his referrer.
type Sign struct {
	Kind     string
	Score    int64 // what it weighs where it is there
	Reason   loyalty.Reason
	Alone    bool // what the friend has alone is the sign
	Friend   bool // whether it is known of the friend
	Referrer bool // and of the referrer
	Trusted  bool // both have it, and staff has confirmed why
	Weighs   bool
}

// Signs compares what is known of a friend with what is known of his referrer, the weightiest
// sign first. What two of one household share says nothing, and neither does the address or the
// network of a referrer of whom staff has confirmed that he shares them with others.
func Signs(friend, referrer loyalty.Signals) []Sign {
	out := make([]Sign, len(signScores))
	home := referrer[loyalty.Household]
	together := home != "" && friend[loyalty.Household] == home
	for i, s := range signScores {
		f, r := friend[s.kind], referrer[s.kind]
		out[i] = Sign{
			Kind: s.kind, Score: s.score, Reason: s.reason, Alone: s.alone, Friend: f != "", Referrer: r != "",
			Weighs: f != "" && (s.alone || r == f),
		}
		if out[i].Weighs && !s.alone && (together || home != "" && (s.kind == loyalty.SignAddress || s.kind == loyalty.SignIP)) {
			out[i].Trusted, out[i].Weighs = true, false
		}
	}
	return out
}

// Velocity is from how many friends of one day on a referrer is looked at, and what that
// weighs.
func Velocity() (friends, score int64) { return velocityFree, velocityScore }

func (c *call) friendsToday(referrer *File, name CounterName) int64 {
	d := referrer
	if referrer.foreign {
		d = c.live.Files[referrer.Member.ID]
	}
	if n := d.Counters[name]; n != nil {
		return n.Used
	}
	return 0
}

// FriendsName is the counter of the friends who were tied to a referrer on the day of t.
func FriendsName(t moment.Time, s *loyalty.Shop) CounterName {
	return CounterName{Name: friendsCounter, Period: t.Date(s.Zone)}
}

const friendsCounter = "friends"

// excluded is the second check of a bond, against what was dated before the first touch.
func (c *call) excluded(friend *File) loyalty.Reason {
	b := friend.Bond()
	switch {
	case b == nil:
		return ""
	case b.State == loyalty.ReferralExpired:
		return loyalty.OutOfWindow
	case b.Origin == loyalty.OriginStaff:
		return "" // staff knew
	case c.knownBefore(friend, b) == loyalty.AlreadyBuyer:
		return loyalty.AlreadyBuyer
	}
	return ""
}

// expire ends a referral that gave nothing in its time.
func (c *call) expire(m *File) {
	b := m.Bond()
	if b == nil || b.State != loyalty.ReferralJoined && b.State != loyalty.ReferralFlagged {
		return
	}
	b.State, b.Reason, b.Dirty = loyalty.ReferralExpired, string(loyalty.OutOfWindow), true
	c.line(loyalty.ReceiptLine{
		Part: loyalty.AsFriend, Member: m.Member.ID, Rule: ruleBond, Outcome: loyalty.Refused, Code: loyalty.OutOfWindow,
	})
}

func isReferrals(x *loyalty.Reward) bool {
	return len(x.Unit) > len(rules.Referrals) && string(x.Unit[:len(rules.Referrals)]) == rules.Referrals
}

// friendRewards lists what a referrer has for one friend, oldest first.
func (c *call) friendRewards(friend *File, referrer id.Member) []*loyalty.Reward {
	to := c.file(referrer)
	if to == nil {
		return nil
	}
	var out []*loyalty.Reward
	for _, x := range sorted(to.Rewards) {
		if x.From == friend.Member.ID && x.State != loyalty.RewardVoid {
			out = append(out, x)
		}
	}
	return out
}

// reviewed is staff's word on a flagged referral.
func (c *call) reviewed(m *File, f *loyalty.Fact) {
	b := m.Bond()
	if b == nil || b.State != loyalty.ReferralFlagged {
		c.note(m, loyalty.NoteKnown)
		return
	}
	line := loyalty.ReceiptLine{
		Part: loyalty.AsFriend, Member: m.Member.ID, Rule: ruleBond, Outcome: loyalty.Noted, Code: loyalty.BlockedByStaff,
	}
	b.Dirty = true
	if f.Staff.No {
		b.State, b.Reason = loyalty.ReferralRefused, string(loyalty.BlockedByStaff)
		line.Outcome = loyalty.Refused
	} else {
		b.State, b.Reason = loyalty.ReferralJoined, ""
	}
	c.line(line)
	if c.spoken(m, b, f.Staff.No) {
		c.passed(m, b)
	}
}

// spoken does to what friend and referrer have, and what waits for staff's word, as staff has
// said: it is taken, or goes on to its date, or opens. It tells whether something opened.
func (c *call) spoken(m *File, b *loyalty.Referral, no bool) (opened bool) {
	for _, x := range c.heldRewards(m, b.Referrer) {
		r := c.rule(x)
		switch {
		case r == nil:
		case no:
			c.take(x, r, x.Net()-x.Absorbed, loyalty.BlockedByStaff)
			x.State = loyalty.RewardRefused
		case x.DueAt > c.at:
			c.timer(m, loyalty.TimerConfirm, x.DueAt, r, x.Cause)
			b.State = loyalty.ReferralQualified
		default:
			x.DueAt = c.at
			c.open(x)
			opened = true
		}
	}
	return opened
}

// passed ends well a referral whose rewards staff has let go.
func (c *call) passed(m *File, b *loyalty.Referral) {
	cause := joinKey(m.Member.ID)
	if b.Order != "" {
		cause = orderKey(b.Order)
	}
	c.validated(m, cause)
}

// heldRewards lists what friend and referrer have that waits for staff's word.
func (c *call) heldRewards(m *File, referrer id.Member) []*loyalty.Reward {
	var out []*loyalty.Reward
	for _, x := range append(sorted(m.Rewards), c.friendRewards(m, referrer)...) {
		r := c.rule(x)
		if x.State == loyalty.RewardWaiting && r != nil && r.Refer && x.From == m.Member.ID {
			out = append(out, x)
		}
	}
	return out
}
