package admin

import (
	"bytes"
	"encoding/hex"
	"net/http"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/outreach"
	"cagnotte/internal/people"
)

// kindGroups are what the journal can be narrowed to.
var kindGroups = []struct {
	name  string
	kinds []string
}{
	{"orders", []string{loyalty.OrderPlaced, loyalty.OrderPaid, loyalty.OrderFulfilled, loyalty.CartUpdated}},
	{"refunds", []string{loyalty.OrderCancelled, loyalty.Refunded}},
	{"joined", []string{loyalty.MemberJoined, loyalty.MemberUpdated, loyalty.PortalActivated, loyalty.NewsletterJoined, loyalty.ConsentGiven, loyalty.ConsentWithdrawn}},
	{"clicks", []string{loyalty.LinkClicked, loyalty.InvitationSent}},
	{"used", []string{
		loyalty.ExchangeAsked, loyalty.ChoiceMade, loyalty.ClaimUpdated, loyalty.GiftClaimed, loyalty.VoucherRedeemed, loyalty.VoucherReleased,
		loyalty.CartHeld, loyalty.CartRedeemed, loyalty.CartReleased, loyalty.Transferred,
	}},
	{"staff", []string{
		loyalty.StaffBond, loyalty.StaffGroup, loyalty.StaffTag, loyalty.StaffBlock, loyalty.StaffHousehold, loyalty.StaffAdjust, loyalty.StaffReview, loyalty.StaffMerge,
		loyalty.StaffGift, loyalty.StaffStock, loyalty.StaffVoucher, loyalty.PoolFilled,
	}},
	{"other", []string{loyalty.ScenarioStep, loyalty.CustomEvent, loyalty.ClockDue}},
}

// messagesOnly is the group of what was written to people, which is no fact.
const messagesOnly = "messages"

// journalRow is one line: a fact or a message.
type journalRow struct {
	people.Entry
	message *outreach.Kept
}

func (r journalRow) id() [16]byte {
	if r.message != nil {
		return r.message.ID
	}
	return r.ID
}

// journalPage is what the screen shows.
type journalPage struct {
	crowd
	rows    []journalRow
	next    string
	kind    string
	refused bool
	cause   string
	member  *people.Member
	causes  []people.Cause
	whole   bool
}

// journalSpan reads the stretch of days of the query.
func (v *visit) journalSpan() people.Span {
	s := people.Span{Limit: perPage}
	if from := v.day("since"); from != 0 {
		s.First = id.Mint[id.EventKind](int64(from), [8]byte{})
	}
	if until := v.day("until"); until != 0 {
		s.Before = id.Mint[id.EventKind](int64(until.NextDay(v.shop.Zone)), [8]byte{})
	}
	return s
}

func (v *visit) journal() error {
	p := &journalPage{refused: v.asked("refused") != "", cause: v.asked("cause"), kind: v.asked("kind")}
	f := people.JournalFilter{Span: v.journalSpan(), Refused: p.refused || p.cause != "", Cause: p.cause, Text: v.asked("q")}
	p.refused = f.Refused
	for _, g := range kindGroups {
		if g.name == p.kind {
			f.Kinds = g.kinds
		}
	}
	if m, err := id.Parse[id.MemberKind](v.asked("member")); err == nil {
		if p.member, err = v.People.Member(v.ctx, v.shop.ID, m); err != nil {
			return err
		}
		f.Member = m
	}
	span := f.Span
	if at, err := hex.DecodeString(v.asked("after")); err == nil && len(at) == 16 {
		f.Before = [16]byte(at)
	}
	if err := v.journalRows(p, f); err != nil {
		return err
	}
	if p.refused && p.cause == "" {
		var err error
		if p.causes, p.whole, err = v.People.Causes(v.ctx, v.shop.ID, span); err != nil {
			return err
		}
	}
	return v.show(http.StatusOK, journalView(v, p))
}

// journalRows reads facts and messages, each from its own place, and lays them together.
func (v *visit) journalRows(p *journalPage, f people.JournalFilter) error {
	var next [16]byte
	if p.kind != messagesOnly {
		list, more, err := v.People.Journal(v.ctx, v.shop.ID, f)
		if err != nil {
			return err
		}
		next = more
		for _, e := range list {
			p.rows = append(p.rows, journalRow{Entry: e})
		}
	}
	if p.kind == messagesOnly || p.kind == "" && !p.refused && f.Text == "" {
		span := f.Span
		span.Limit++
		list, err := v.Outreach.Sent(v.ctx, v.shop.ID, f.Member, span)
		if err != nil {
			return err
		}
		for _, m := range list {
			p.rows = append(p.rows, journalRow{message: m})
		}
		slices.SortStableFunc(p.rows, func(a, b journalRow) int {
			x, y := a.id(), b.id()
			return bytes.Compare(y[:], x[:])
		})
		if len(p.rows) > perPage {
			p.rows = p.rows[:perPage]
			next = p.rows[perPage-1].id()
		}
	}
	if next != [16]byte{} {
		p.next = hex.EncodeToString(next[:])
	}
	var who []id.Member
	for _, r := range p.rows {
		who = append(who, r.who())
	}
	var err error
	p.crowd, err = v.crowd(who)
	return err
}

// who is whom a row is about.
func (r journalRow) who() id.Member {
	if r.message != nil {
		return r.message.Member
	}
	return r.MemberID
}

// kindName is a kind of fact in words.
func (v *visit) kindName(kind string) string { return v.t("admin.journal.kind." + kind) }

// refOf is what a fact is known by outside: the order, else the id of its report.
func (v *visit) refOf(e *people.Event) string {
	switch {
	case e.Order != (id.Order{}) && e.Fact.Order != nil:
		return e.Fact.Order.Ref
	case e.Refund != nil && e.Refund.Ref != "":
		return e.Refund.Ref
	case e.Kind == loyalty.ClockDue:
		return ""
	}
	return shortened(e.ExternalID)
}

// shortened keeps a long name from filling the line.
func shortened(s string) string {
	const most = 24
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most-1]) + "…"
}

// result is one thing that a fact led to, for the list.
type result struct{ Tone, Text string }

// mostResults is how many results a line of the list has room for.
const mostResults = 3

// results are what a fact led to, shortly, each once.
func (v *visit) results(lines []loyalty.ReceiptLine) (out []result) {
	for _, l := range lines {
		if l.Outcome == loyalty.Noted {
			continue
		}
		text := v.say.Outcome(l.Outcome)
		switch {
		case l.Outcome == loyalty.Refused && l.Code != "":
			text = v.t("admin.journal.refused_for", "Why", v.say.Reason(l.Code))
		case l.Unit != "" && l.Amount != 0:
			text += " · " + v.say.Units(l.Unit, l.Amount)
		case l.Gift != "":
			text += " · " + l.Gift
		}
		r := result{outcomeTone(l.Outcome), text}
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	if len(out) > mostResults {
		out = append(out[:mostResults], result{"tag", v.t("admin.journal.more", "N", v.say.Number(int64(len(out)-mostResults)))})
	}
	return out
}

// happened is the time of a fact, with its time of day.
func (v *visit) happened(t moment.Time) string { return v.say.Moment(t) }

// messageTone is the colour of what became of a message.
func messageTone(state string) string {
	switch state {
	case "sent":
		return "tag good"
	case "failed":
		return "tag bad"
	case "ended":
		return "tag warn"
	}
	return "tag info"
}
