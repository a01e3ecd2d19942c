package portal

import (
	"strings"

	"cagnotte/internal/ledger"
	"cagnotte/internal/people"
	"cagnotte/internal/programs"
	"cagnotte/internal/rules"
)

// stamps is how full a member's card is.
type stamps struct {
	Full  []bool // a place of the card, and whether it is stamped; nil: too many to be drawn
	Words string // how many are lacking; empty: it is full
}

// mostPlaces is how many places of a card are drawn.
const mostPlaces = 20

// stampsOf is the card of a unit, when its program gives something for a number of them; nil when
// it is no such unit.
func (v *visit) stampsOf(b people.Balance) (*stamps, error) {
	program, is := strings.CutPrefix(string(b.Unit), rules.Stamps+":")
	if !is {
		return nil, nil
	}
	list, err := v.Programs.List(v.ctx, v.shop.ID)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if p := &list[i]; p.ID.String() == program && p.State == programs.InForce {
			if need := cardNeed(p); need > 0 {
				return v.stamps(b.Unit, b.Available, need), nil
			}
		}
	}
	return nil, nil
}

func (v *visit) stamps(u ledger.Unit, has, need int64) *stamps {
	x := &stamps{}
	if need <= mostPlaces {
		for i := range need {
			x.Full = append(x.Full, i < has)
		}
	}
	if has < need {
		x.Words = v.t("portal.gift.missing", "Units", v.say.Units(u, need-has))
	}
	return x
}

// cardNeed is the least number of stamps for which a program gives something; 0: for none.
func cardNeed(p *programs.Program) (need int64) {
	for _, r := range p.Present().Document.Rules {
		if r.Trigger == rules.OnThreshold && r.Unit == rules.Stamps && (need == 0 || r.Need < need) {
			need = r.Need
		}
	}
	return need
}
