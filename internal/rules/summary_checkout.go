package rules

import "cagnotte/internal/phrase"

// phrase says what is taken off a cart.
func (d *Discount) phrase(r *Rule, s Setting) phrase.Phrase {
	with := phrase.Args{"Rate": phrase.Rate(d.Percent), "Amount": phrase.Amount{N: d.Amount, Unit: s.Currency}}
	key := "discount." + d.Kind
	switch {
	case d.Kind == OffFree || d.Kind == OffOnTop:
		return phrase.Phrase{Key: key, N: d.Amount, With: phrase.Args{"Article": phrase.Name(d.Article)}}
	case d.Kind == OffCheapest && d.Each > 0:
		return phrase.Phrase{Key: key + ".each", N: d.Each, With: with}
	case d.Kind == OffDelivery && d.Percent > 0:
		key += ".rate"
	case (d.Kind == OffPercent || d.Kind == OffAmount) && r.Of.Empty() && r.Except.Empty():
		key += ".all"
	}
	return phrase.Phrase{Key: key, With: with}
}

// phrase says which unit may pay, and what it is worth.
func (x *Pay) phrase(s Setting) phrase.Phrase {
	if x.Unit == s.Currency {
		return phrase.Phrase{Key: "pay.money"}
	}
	return phrase.Phrase{Key: "pay.points", With: phrase.Args{
		"Price": phrase.Amount{N: x.Amount, Unit: x.Unit}, "Amount": phrase.Amount{N: x.Worth, Unit: s.Currency},
	}}
}

// terms says how a unit pays.
func (x *Pay) terms(out *notes) {
	if x == nil {
		return
	}
	out.say(x.AsPayment, "pay_as.payment", nil)
	out.say(!x.AsPayment, "pay_as.reduction", nil)
	out.say(x.Share > 0, "pay_share", phrase.Args{"Rate": phrase.Rate(x.Share)})
}
