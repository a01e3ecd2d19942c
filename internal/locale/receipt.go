package locale

import (
	"strconv"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
)

// View says who reads a decision. Staff reads everything. A member reads what happened to
// himself, as referrer, as friend, or on his own; lines about somebody else are empty for
// him. The zero View reads nothing.
type View struct {
	Staff  bool
	Member id.Member
}

// Receipt words one line of a decision: what happened, the figures, the reason of a
// refusal. It is empty when the line is none of the reader's business.
func (p *Printer) Receipt(l loyalty.ReceiptLine, v View) string {
	switch {
	case v.Staff:
		return p.forStaff(l)
	case v.Member.IsZero() || l.Member != v.Member:
		return ""
	}
	return p.forMember(l)
}

// Outcome is a label for lists: "Given", "Refused".
func (p *Printer) Outcome(outcome string) string {
	if key := "outcome." + outcome; p.has(key) {
		return p.say(key, nil)
	}
	return outcome
}

// Reason is the sentence of a reason or a note, without figures.
func (p *Printer) Reason(code loyalty.Reason) string {
	if key := "reason." + string(code); p.has(key) {
		return p.say(key, nil)
	}
	return string(code)
}

func (p *Printer) forStaff(l loyalty.ReceiptLine) string {
	s := p.happened("staff", l)
	switch {
	case l.Code == "" || l.Outcome == loyalty.Noted:
	case l.Code == loyalty.NoteLate:
		s += " " + p.say("staff.late", nil)
	default:
		s += " " + p.reason(l)
	}
	if !l.Program.IsZero() && l.Rule != "" {
		s += " " + p.say("staff.rule", map[string]string{"Rule": l.Rule, "Version": strconv.Itoa(l.Version)})
	}
	return s
}

func (p *Printer) forMember(l loyalty.ReceiptLine) string {
	s := p.happened("you", l)
	switch {
	case l.Code == "" || l.Outcome == loyalty.Noted:
		return s
	case l.Code == loyalty.NoteLate:
		return s + " " + p.say("you.late", nil)
	case l.Outcome == loyalty.Undone: // it may be a friend's return that undid it
		return s
	case !told(l):
		return s + " " + p.say("you.reason", nil)
	}
	return s + " " + p.reason(l)
}

// told lists the reasons that a member may read about himself. What is not listed, such
// as every sign of fraud and every reason to come, stays with the staff. A referrer only
// reads the reasons that lie with him or the shop, never those that lie with his friend.
func told(l loyalty.ReceiptLine) bool {
	switch l.Code {
	case loyalty.CapReached, loyalty.MemberIsBlocked, loyalty.ProgramNotRunning, loyalty.BlockedByStaff:
		return true
	case loyalty.SelfReferral, loyalty.AlreadyMember, loyalty.AlreadyBuyer, loyalty.AlreadyReferred,
		loyalty.BelowMinimum, loyalty.NotFirstOrder, loyalty.WrongCurrency, loyalty.ExcludedItems,
		loyalty.OrderReturnedAll, loyalty.OrderWasCancelled, loyalty.InsufficientUnits, loyalty.ConditionNotMet,
		loyalty.NothingLeftToTake, loyalty.OutOfWindow, loyalty.CodeUnknown, loyalty.BetterOfferApplies,
		loyalty.NoteUnknown:
		return l.Part != loyalty.AsReferrer
	}
	return false
}

// happened is the sentence of the outcome.
func (p *Printer) happened(reader string, l loyalty.ReceiptLine) string {
	key, data := reader+"."+l.Outcome, map[string]string{"Who": p.who(l.Part)}
	if l.Unit != "" {
		data["Units"] = p.units("object", l.Unit, l.Amount)
	}
	switch l.Outcome {
	case loyalty.Given, loyalty.Waiting, loyalty.Opened, loyalty.TakenBack:
		if l.At != 0 {
			data["Date"] = p.Date(l.At)
		}
		key += p.variant(key, l)
	case loyalty.Refused:
		key += "." + refusal(l)
	case loyalty.Exchanged:
		return p.exchanged(key, l, data)
	case loyalty.Undone:
		key += "." + undone(l)
	case loyalty.Expired:
		data["Date"] = p.lastDay(l.At)
	case loyalty.Noted:
		switch {
		case l.Code != "":
			return p.Reason(l.Code)
		case l.Rule == ruleBond:
			key += ".bond"
		}
	default:
		return p.Outcome(l.Outcome)
	}
	return p.say(key, data)
}

// Names of what stands in the place of a rule where no program decided.
const (
	ruleBond   = "bond"
	ruleAdjust = "adjust"
)

// variant finds the ending of a key for a line's particulars, where there are words for
// it.
func (p *Printer) variant(key string, l loyalty.ReceiptLine) string {
	ending := ""
	switch {
	case l.Program.IsZero() && l.Rule == ruleAdjust:
		ending = ".adjust"
	case l.Outcome == loyalty.TakenBack && l.Amount == 0:
		ending = ".absorbed"
	case l.Part != "":
		ending = "." + string(l.Part)
	}
	if ending != "" && p.has(key+ending) {
		return ending
	}
	return ""
}

func refusal(l loyalty.ReceiptLine) string {
	switch {
	case l.Program.IsZero() && l.Rule == ruleBond:
		return "bond"
	case l.Program.IsZero() && l.Code == loyalty.NothingLeftToTake:
		return "return"
	}
	return string(part(l.Part))
}

func undone(l loyalty.ReceiptLine) string {
	switch {
	case !l.Exchange && l.Unit != "":
		return "units"
	case l.Unit == "":
		return "voucher"
	}
	return "exchange"
}

func (p *Printer) exchanged(key string, l loyalty.ReceiptLine, data map[string]string) string {
	if l.Unit == "" {
		key += ".voucher"
	}
	s := p.say(key, data)
	if l.At != 0 {
		s += " " + p.say("voucher.until", map[string]string{"Date": p.lastDay(l.At)})
	}
	return s
}

// part is the member himself where a line names no part.
func part(of loyalty.Part) loyalty.Part {
	if of == "" {
		return loyalty.AsMember
	}
	return of
}

func (p *Printer) who(of loyalty.Part) string { return p.say("who."+string(part(of)), nil) }

// reason is the sentence of a line's reason with its figures.
func (p *Printer) reason(l loyalty.ReceiptLine) string {
	if s := p.figures(l.Code, l.Figures, l.Unit); s != "" {
		return s
	}
	return p.Reason(l.Code)
}

// figures words a reason with the numbers that led to it; empty when there are none.
func (p *Printer) figures(code loyalty.Reason, f map[string]string, u ledger.Unit) string {
	key, data := "reason."+string(code), map[string]string{}
	switch {
	case f["need"] != "" && f["got"] != "":
		key += ".figures"
		data["Need"], data["Got"] = p.figure(f, "need"), p.figure(f, "got")
	case f["cap"] != "" && f["used"] != "":
		key += "." + f["period"]
		data["Used"], data["Cap"] = p.figure(f, "used"), p.figure(f, "cap")
		if n, err := strconv.ParseInt(f["cap"], 10, 64); err == nil && f["what"] == string(u) && u != "" {
			data["Cap"] = p.Units(u, n)
		}
	default:
		return ""
	}
	if !p.has(key) {
		return ""
	}
	return p.say(key, data)
}
