package locale

import (
	"strconv"
	"strings"

	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
)

// Names of what stands in the place of a rule where no program decided. What staff says of
// a member stands under the kind of its fact: staff_block, staff_group, staff_tag.
const (
	ruleBond     = "bond"
	ruleAdjust   = "adjust"
	ruleTransfer = "transfer"
	ruleMerge    = "merge"
	ruleCart     = "cart"
	ruleRedeem   = "redeem"
)

// Receipt words one line of a decision: what happened, the figures, the reason of a
// refusal. It is empty when the line is none of the reader's business.
func (p *Printer) Receipt(l loyalty.ReceiptLine, v View) string {
	switch {
	case v.Staff:
		return p.forStaff(l)
	case !v.mayRead(l):
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
	case l.Code == "" || l.Outcome == loyalty.Noted || l.Outcome == loyalty.Held || looksFirst(l):
		return s
	case l.Code == loyalty.NoteLate:
		return s + " " + p.say("you.late", nil)
	case l.Outcome == loyalty.Undone: // it may be a friend's return that undid it
		return s
	case !told(l):
		return s + " " + p.say("you.reason", nil)
	}
	return s + " " + p.reasonForMember(l)
}

// looksFirst tells whether a reward waits for the staff rather than for a date. What staff gave
// another referrer has its date.
func looksFirst(l loyalty.ReceiptLine) bool {
	return l.Outcome == loyalty.Waiting && l.Code != "" && l.Code != loyalty.NoteLate && l.Code != loyalty.BlockedByStaff
}

// happened is the sentence of the outcome.
func (p *Printer) happened(reader string, l loyalty.ReceiptLine) string {
	key, data := reader+"."+l.Outcome, map[string]string{"Who": p.who(l.Part), "Units": p.object(l)}
	if isTally(l.Unit) {
		return p.counted(l)
	}
	switch l.Outcome {
	case loyalty.Given, loyalty.Waiting, loyalty.Opened, loyalty.TakenBack:
		if l.At != 0 {
			data["Date"] = p.Date(l.At)
		}
		s := p.say(key+p.variant(key, l), data)
		if l.Outcome == loyalty.Given && !l.Voucher.IsZero() {
			s += p.until(l)
		}
		return s
	case loyalty.Refused:
		key += "." + refusal(l)
	case loyalty.Exchanged:
		return p.say(key+exchanged(l), data) + p.until(l)
	case loyalty.Undone:
		key += "." + undone(l)
	case loyalty.Expired:
		data["Date"] = p.lastDay(l.At)
	case loyalty.Held:
	case loyalty.Discounted:
		return p.discounted(reader, l)
	case loyalty.Paid, loyalty.PaidBack:
		data["Units"] = p.Units(l.Unit, l.Amount)
	case loyalty.Noted:
		return p.noted(reader, l, data)
	default:
		return p.Outcome(l.Outcome)
	}
	return p.say(key, data)
}

// isTally tells whether a unit only counts orders towards a rule. Members never see it.
func isTally(u ledger.Unit) bool { return strings.HasPrefix(string(u), "tally:") }

// counted says what became of an order that counts towards a rule with others.
func (p *Printer) counted(l loyalty.ReceiptLine) string {
	if l.Outcome == loyalty.Given {
		return p.say("staff.counted", nil)
	}
	return p.say("staff.uncounted", nil)
}

// variant finds the ending of a key for a line's particulars, where there are words for
// it.
func (p *Printer) variant(key string, l loyalty.ReceiptLine) string {
	var endings []string
	switch {
	case l.Program.IsZero() && (l.Rule == ruleAdjust || l.Rule == ruleTransfer || l.Rule == ruleMerge):
		endings = append(endings, "."+l.Rule)
	case l.Outcome == loyalty.TakenBack && l.Amount == 0:
		endings = append(endings, ".absorbed")
	case looksFirst(l):
		endings = append(endings, ".held")
	case l.Unit == "" && l.Gift != "":
		endings = append(endings, ".gift")
	case l.Unit == "" && l.Voucher.IsZero():
		endings = append(endings, ".choice")
	case strings.HasPrefix(string(l.Unit), "referrals:"):
		endings = append(endings, ".referrals")
	}
	if l.Part != "" {
		endings = append(endings, "."+string(l.Part))
	}
	for _, x := range endings {
		if p.has(key + x) {
			return x
		}
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

// exchanged is the ending for what came of an exchange. What became of units in another
// unit stands in a line of its own.
func exchanged(l loyalty.ReceiptLine) string {
	switch {
	case l.Unit == "": // only what came of it is known
		return ".voucher"
	case l.Gift != "":
		return ".gift"
	case l.Voucher.IsZero():
		return ".units"
	}
	return ""
}

func undone(l loyalty.ReceiptLine) string {
	thing := "voucher"
	switch {
	case l.Gift != "":
		thing = "gift"
	case l.Voucher.IsZero():
		thing = "units"
	}
	switch {
	case l.Exchange && thing == "voucher":
		return "exchange"
	case l.Exchange:
		return "exchange." + thing
	case l.Unit != "":
		return "units"
	case thing == "units":
		return "choice"
	}
	return thing
}

// until says how long a voucher is valid, where its line knows.
func (p *Printer) until(l loyalty.ReceiptLine) string {
	if l.At == 0 {
		return ""
	}
	return " " + p.say("voucher.until", map[string]string{"Date": p.lastDay(l.At)})
}

// noted words a fact that changed no value.
func (p *Printer) noted(reader string, l loyalty.ReceiptLine, data map[string]string) string {
	key := reader + ".noted"
	data["Gift"] = l.Gift
	switch {
	case l.Rule == ruleBond && l.Code != "":
		return p.notedBond(reader, l)
	case l.Code != "" && p.has(key+"."+string(l.Code)):
		return p.say(key+"."+string(l.Code), data)
	case l.Code != "" && (reader == "staff" || told(l)):
		return p.Reason(l.Code)
	case l.Code == "" && l.Rule != "" && p.has(key+"."+l.Rule):
		key += "." + l.Rule
	}
	return p.say(key, data)
}

// discounted says what a voucher or a program took off a cart.
func (p *Printer) discounted(reader string, l loyalty.ReceiptLine) string {
	key, data := reader+".discounted", map[string]string{"Amount": p.Money(l.Amount, p.currency), "Article": l.Figures["article"]}
	if !l.Voucher.IsZero() {
		key += ".voucher"
	}
	n := l.Figures["free"]
	if n == "" {
		return p.say(key, data)
	}
	data["N"] = n
	return p.plural(key+".free", n, data)
}

// notedBond words what was decided about a bond, and why: by the touches, or by staff.
func (p *Printer) notedBond(reader string, l loyalty.ReceiptLine) string {
	key := reader + ".noted.bond.staff"
	if l.Code == loyalty.NoteTyped {
		key = reader + ".noted.bond"
	}
	s := p.say(key, nil)
	if l.Code != loyalty.BlockedByStaff && (reader == "staff" || told(l)) {
		s += " " + p.Reason(l.Code)
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
