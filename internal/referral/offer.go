package referral

import (
	"context"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/phrase"
	"cagnotte/internal/rules"
)

// Offer is what recommending gives by the programs that run now, in no language yet.
type Offer struct {
	Running  bool               // some program ties two people
	Friend   []phrase.Phrase    // what the friend gets, as objects of a sentence
	Referrer []phrase.Phrase    // what the referrer gets
	Terms    []phrase.Paragraph // the programs, in full
	Ends     moment.Time        // exclusive: when the first of them ends; zero: none does
}

// Offer reads it from the programs in force.
func (r *Referrals) Offer(ctx context.Context, shop loyalty.ShopID) (*Offer, error) {
	s, book, err := r.in.Book(ctx, shop)
	if err != nil {
		return nil, err
	}
	now, set, out := r.in.Now(s), rules.SettingOf(s), &Offer{}
	for _, p := range book.Programs {
		v := p.InForce(now, now)
		if v == nil || p.PausedAt(now, now) || !rules.Refers(v.Doc) {
			continue
		}
		out.Running = true
		out.Friend = append(out.Friend, rules.Offer(v.Doc, set, loyalty.AsFriend)...)
		out.Referrer = append(out.Referrer, rules.Offer(v.Doc, set, loyalty.AsReferrer)...)
		out.Terms = append(out.Terms, rules.Summary(v.Doc, set)...)
		if v.EndsAt != 0 && (out.Ends == 0 || v.EndsAt < out.Ends) {
			out.Ends = v.EndsAt
		}
	}
	return out, nil
}
