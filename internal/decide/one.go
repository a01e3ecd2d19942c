package decide

import (
	"encoding/binary"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// Decision is what follows from one fact. The changed rows are in the dossiers; the rows
// that are only ever added are here.
type Decision struct {
	Lines    []loyalty.ReceiptLine
	Entries  []*ledger.Transaction
	Outbox   []Out
	Accepted bool  // stored; its consequences follow from the slow queue
	Again    bool  // nothing changed: the fact is late, and the history was not loaded
	Problem  error // *loyalty.Problem: nothing changed, nothing may be stored
}

// Out is a row for whoever listens.
type Out struct {
	Kind   string
	Member id.Member
	Line   loyalty.ReceiptLine
}

// One decides a fact: what was due before it, the fact itself in its place, the exchanges
// that follow. The dossiers must hold whoever the fact concerns; where they do not hold
// enough (Late members: their whole history), it changes nothing and says Again. Facts of one batch are given in fold order; Settle closes the batch.
func One(b *rules.Book, d *Dossiers, f *loyalty.Fact, now moment.Time) Decision {
	c := &call{book: b, d: d, f: f, now: now, out: &Decision{}}
	f.RecordedAt = now
	if f.FoldAt == 0 {
		f.FoldAt = f.OccurredAt
	}
	m := d.Files[f.MemberID]
	if f.Arrives() || f.Kind == loyalty.Transferred && m != nil && Late(d, m, f) {
		// It takes what is there when it is recorded. What another one got by it stands beside
		// the history, so it is never judged again.
		f.FoldAt = now
		if m != nil {
			f.FoldAt = max(now, m.Member.JudgedTo.At+1)
		}
	}
	if m == nil {
		if c.out.Problem = c.refuseNobody(); c.out.Problem != nil {
			return *c.out
		}
		c.withoutMember()
		return *c.out
	}
	for _, p := range f.Absorb {
		if x := d.Files[p]; !m.Full || x != nil && !x.Full {
			c.out.Again = true
			return *c.out
		}
	}
	if err := c.refuse(m); err != nil {
		c.out.Problem = err
		return *c.out
	}
	c.place(m)
	absorbed := c.absorb(m)
	switch {
	case absorbed && m.Member.JudgedTo.At != 0 && !m.Member.Settled:
		c.uses(m)
		c.refold(m, f)
	case !m.Full && waits(m, now):
		c.out.Again = true
	case f.Clock():
		c.due(m, now)
	case judgedOnArrival || f.Kind == loyalty.Transferred || !Late(d, m, f):
		c.due(m, f.FoldAt)
		c.uses(m)
		c.fold(m, f)
		if !c.still {
			c.judged(m, f.Position())
		}
	case !m.Full:
		c.out.Again = true
	case len(m.Past) > FoldAtOnce:
		c.uses(m)
		c.later(m)
	default:
		c.uses(m)
		c.refold(m, f)
	}
	if m.Full && !f.Clock() {
		m.Past = append(m.Past, f)
	}
	return *c.out
}

// absorb makes prospects whose keys the fact names too part of the member: a browser that
// has named itself, an address that was invited.
func (c *call) absorb(m *File) bool {
	done := false
	for _, p := range c.f.Absorb {
		if x := c.d.Files[p]; x != nil && x != m && x.Member.State == loyalty.Prospect {
			c.at = c.f.FoldAt
			c.merge(m, x, false)
			done = true
		}
	}
	return done
}

// waits tells whether the slow queue's turn has come for a member's history, which must be
// loaded for it.
func waits(m *File, now moment.Time) bool {
	return slices.ContainsFunc(m.Timers, func(t *loyalty.Timer) bool {
		return t.Kind == loyalty.TimerRefold && t.State == loyalty.TimerWaiting && t.DueAt <= now
	})
}

// Late tells whether a fact stands before something that was judged without it.
func Late(d *Dossiers, m *File, f *loyalty.Fact) bool {
	if f.Clock() || m.Member.Settled {
		return false
	}
	if f.Position().Compare(m.Member.JudgedTo) <= 0 {
		return true
	}
	if f.Kind == loyalty.Refunded || f.Kind == loyalty.OrderCancelled || f.Spends() {
		// what it takes cannot come from what somebody else's facts gave later
		for _, a := range m.Accounts {
			if slices.ContainsFunc(a.Lots, func(l *ledger.Lot) bool { return l.Since > f.FoldAt }) {
				return true
			}
		}
	}
	if f.Order == nil {
		return false
	}
	o := d.Orders[f.Order.Name()]
	return o != nil && o.Member.IsZero() && o.State != ""
}

// Settle closes a batch: it brings the sums that a till reads up to now.
func Settle(d *Dossiers, now moment.Time) {
	for _, f := range d.Files {
		for _, a := range f.Accounts {
			a.Settle(now)
		}
	}
}

// call is one decision under way.
type call struct {
	book   *rules.Book
	d      *Dossiers
	f      *loyalty.Fact
	now    moment.Time
	at     moment.Time // where in the member's history the fold stands
	n      int         // rows named so far
	issued int         // exchanges made so far by the fact
	out    *Decision
	taken  []loyalty.Taken // what the fact's cart takes, if it may
	still  bool            // the fact moves nothing: whatever happened before it may be reported after it
	live   *Dossiers       // in a refold: the dossiers as they are, for what others compete for
}

// mint names a new row after the fact that made it. The rows of a refold's blank sheets
// are named apart from every row of the book: those that stay get their name when they
// are adopted.
func mint[K id.Kind](c *call) id.ID[K] {
	c.n++
	if c.n > maxOrdinals && (c.live == nil || c.n > maxScratch) {
		panic("decide: one fact made more rows than it can name")
	}
	if c.live != nil {
		var scratch id.ID[K]
		scratch[0] = 0xff
		binary.BigEndian.PutUint64(scratch[8:], uint64(c.n))
		return scratch
	}
	return id.Nth[K](c.f.ID, c.n)
}

// place moves a fact that is too old to judge the rest again to the end of the history.
func (c *call) place(m *File) {
	j := m.Member.JudgedTo
	if c.f.Clock() || j.At == 0 || c.f.Position().Compare(j) > 0 {
		return
	}
	if c.f.FoldAt < lateFrom(j.At) || len(m.Past) > FoldAtMost || m.Member.Settled {
		c.f.FoldAt = j.At + 1
		c.note(m, loyalty.NoteLate)
	}
}

// later leaves a long history to the slow queue.
func (c *call) later(m *File) {
	c.out.Accepted = true
	c.note(m, loyalty.NoteAccepted)
	c.timer(m, loyalty.TimerRefold, c.now, nil, "late")
}

// judged moves the end of what was judged.
func (c *call) judged(m *File, p loyalty.Position) {
	if p.Compare(m.Member.JudgedTo) > 0 {
		m.Member.JudgedTo = p
		m.Member.Dirty = true
	}
}

// line adds to the receipt. In a refold only the late fact itself explains itself.
func (c *call) line(l loyalty.ReceiptLine) {
	if c.out == nil {
		return
	}
	c.out.Lines = append(c.out.Lines, l)
	kind := ""
	switch l.Outcome {
	case loyalty.Given, loyalty.Opened:
		kind = loyalty.OutRewardGiven
	case loyalty.TakenBack, loyalty.Undone:
		kind = loyalty.OutRewardTaken
	case loyalty.Exchanged:
		kind = loyalty.OutVoucherIssued
	case loyalty.Held:
		kind = loyalty.OutReferral
	case loyalty.Noted:
		if l.Rule == ruleBond {
			kind = loyalty.OutReferral
		} else if l.Gift != "" {
			kind = loyalty.OutClaim
		}
	}
	if kind != "" && slices.Contains(c.d.Shop.Listens, kind) {
		c.out.Outbox = append(c.out.Outbox, Out{kind, l.Member, l})
	}
}

func (c *call) note(m *File, code loyalty.Reason) {
	l := loyalty.ReceiptLine{Outcome: loyalty.Noted, Code: code}
	if m != nil {
		l.Member = m.Member.ID
	}
	c.line(l)
}

// post books parts of an account against its issuer. In a refold nothing is booked: the
// difference is, at its end.
func (c *call) post(kind string, a *ledger.Account, parts []ledger.Part, issuer string, r *loyalty.Reward) {
	if c.live != nil || len(parts) == 0 {
		return
	}
	t := &ledger.Transaction{
		ID: mint[id.TransactionKind](c), Kind: kind, Event: c.f.ID, Actor: c.f.Feed, EffectiveAt: c.at,
		Postings: a.Postings(parts, ledger.Issuer(issuer)),
	}
	if r != nil {
		t.Reward = r.ID
	}
	c.out.Entries = append(c.out.Entries, t)
}

// withoutMember keeps what a guest did: the order, so that a return or a later report
// finds it. Nobody is rewarded.
func (c *call) withoutMember() {
	c.at = c.f.FoldAt
	switch c.f.Kind {
	case loyalty.OrderPlaced, loyalty.OrderPaid, loyalty.OrderFulfilled, loyalty.OrderCancelled:
		o, _ := c.keepOrder(nil, c.f)
		c.note(nil, loyalty.NoteNobody)
		c.giveBack(o)
	case loyalty.Refunded:
		if c.f.Refund.Ref == "" {
			c.note(nil, loyalty.NoteNobody)
			return
		}
		o := c.order(c.f.Refund.Series, c.f.Refund.Ref)
		if len(o.Lines) == 0 {
			o.Ahead = append(o.Ahead, c.f.Refund)
			o.Dirty = true
			c.note(nil, loyalty.NoteUnknown)
			return
		}
		o.Return(c.f.Refund)
		c.note(nil, loyalty.NoteNobody)
		c.giveBack(o)
	case loyalty.CartHeld, loyalty.CartRedeemed, loyalty.CartReleased:
		c.carted(nil)
	case loyalty.StaffGift, loyalty.StaffStock:
		c.catalogue()
	case loyalty.PoolFilled:
		c.filled()
	case loyalty.VoucherRedeemed:
		c.uses(nil)
	case loyalty.VoucherReleased:
		c.released(nil)
	case loyalty.StaffVoucher:
		c.withdrawCode()
	default:
		c.note(nil, loyalty.NoteNobody)
	}
}
