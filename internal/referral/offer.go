package referral

import (
	"context"
	"sync"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/phrase"
	"cagnotte/internal/rules"
)

// Offer is what recommending gives by the programs that run now, in no language yet.
type Offer struct {
	Rev      int64              // of the programs
	Running  bool               // some program ties two people
	Friend   []phrase.Phrase    // what the friend gets, as objects of a sentence
	Referrer []phrase.Phrase    // what the referrer gets
	Terms    []phrase.Paragraph // the programs, in full
	Ends     moment.Time        // exclusive: when the first of them ends; zero: none does
}

// Offer tells it from the programs in force. The shop's row may be a second old: its revision
// says which programs there are at least. What is given is shared, and nobody may change it; a
// program that begins, ends or pauses by the clock is seen within a second.
func (r *Referrals) Offer(ctx context.Context, s *loyalty.Shop) (*Offer, error) {
	book, err := r.in.BookAt(ctx, s.ID, s.BookRev)
	if err != nil {
		return nil, err
	}
	clock, now := r.st.Clock(), r.in.Now(s)
	if o := r.offers.get(s, book, clock); o != nil {
		return o, nil
	}
	set, out := rules.SettingOf(s), &Offer{Rev: book.Rev}
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
	r.offers.put(s, book, clock, out)
	return out, nil
}

// offerFor is how long an offer is told again without looking at the programs.
const offerFor = moment.Second

// offers keeps the last offer of each shop.
type offers struct {
	mu   sync.RWMutex
	kept map[loyalty.ShopID]*kept
}

// kept is an offer with what it was made from.
type kept struct {
	offer *Offer
	book  *rules.Book
	clock moment.Time // of a twin
	since moment.Time
}

func (o *offers) get(s *loyalty.Shop, book *rules.Book, now moment.Time) *Offer {
	o.mu.RLock()
	defer o.mu.RUnlock()
	k := o.kept[s.ID]
	if k == nil || k.book != book || k.clock != s.ClockAt || now < k.since || now >= k.since+offerFor {
		return nil
	}
	return k.offer
}

func (o *offers) put(s *loyalty.Shop, book *rules.Book, now moment.Time, offer *Offer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.kept[s.ID] = &kept{offer, book, s.ClockAt, now}
}
