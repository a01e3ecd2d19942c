package people

import (
	"context"
	"fmt"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
	"cagnotte/internal/store"
)

// retentionActor is who decides, in the facts by which members are let go.
const retentionActor = "retention"

// newHere is how long somebody is known here before anything of him is old, whatever a file said
// of his past: what was just imported can be looked at first.
const newHere = 90 * moment.Day

// Retention says for how long the shop keeps what speaks of people.
func (p *People) Retention(ctx context.Context, shop loyalty.ShopID) (*loyalty.Retention, error) {
	return p.st.Retention(ctx, shop)
}

// SetRetention changes it. Problems name the period that is out of its bounds.
func (p *People) SetRetention(ctx context.Context, shop loyalty.ShopID, r *loyalty.Retention) error {
	if err := r.Check(); err != nil {
		return err
	}
	return p.st.Write(ctx, func(t *store.Tx) error { return t.PutRetention(ctx, shop, r) })
}

// Ageing is what a retention would let go at its next round.
type Ageing struct {
	store.Old
	Members, Leads int64
	More           bool // there are more members than were counted
	Held           map[ledger.Unit]int64
}

// Any tells whether anything would go.
func (a *Ageing) Any() bool {
	return a.Members+a.Leads+a.Addresses+a.Messages+a.Invitations+a.Sightings > 0
}

const (
	agePage  = 1_000
	ageCount = 10_000             // members whom a look ahead counts
	ageTime  = 5 * moment.Second  // for which it looks
	ageRound = 60 * moment.Second // for which a round lets members go
)

// LookAhead counts what a retention would let go now, as its job would find it.
func (p *People) LookAhead(ctx context.Context, shop loyalty.ShopID, r *loyalty.Retention) (*Ageing, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	c, now, err := p.cuts(ctx, shop, r)
	if err != nil {
		return nil, err
	}
	out := &Ageing{Held: map[ledger.Unit]int64{}}
	if out.Old, err = p.st.CountOld(ctx, shop, c); err != nil {
		return nil, err
	}
	end := p.st.Clock() + ageTime
	return out, p.quiet(ctx, shop, c, func(list []store.Quiet) (bool, error) {
		var ids []id.Member
		for _, q := range list {
			if ids = append(ids, q.ID); q.State == loyalty.Prospect {
				out.Leads++
			} else {
				out.Members++
			}
		}
		accounts, err := p.st.WalletsAt(ctx, shop, ids, now)
		if err != nil {
			return false, err
		}
		for _, all := range accounts {
			for _, a := range all {
				if b := balance(a, now); b.Available > 0 && spendable(b.Unit) {
					out.Held[b.Unit] += b.Available
				}
			}
		}
		out.More = out.Members+out.Leads >= ageCount || p.st.Clock() > end
		return !out.More, nil
	})
}

// spendable is a unit that members hold; a tally is the shop's own counter.
func spendable(u ledger.Unit) bool { return !strings.HasPrefix(string(u), rules.Tally+":") }

func (p *People) cuts(ctx context.Context, shop loyalty.ShopID, r *loyalty.Retention) (store.Cuts, moment.Time, error) {
	s, _, err := p.in.Book(ctx, shop)
	if err != nil {
		return store.Cuts{}, 0, err
	}
	now := p.in.Now(s)
	ago := func(months int) moment.Time {
		if months == 0 {
			return 0
		}
		return max(1, moment.Of(now.Std().In(s.Zone).AddDate(0, -months, 0)))
	}
	days := func(n int) moment.Time { return now - moment.Time(n)*moment.Day }
	return store.Cuts{
		Members: ago(r.Members), Leads: ago(r.Leads), Addresses: ago(r.Addresses), Messages: days(r.Messages), Invitations: days(r.Invitations),
		Sightings: days(r.Sightings), New: now - newHere,
	}, now, nil
}

// quiet gives those of whom nothing was heard for long, page by page, until do wants no more.
func (p *People) quiet(ctx context.Context, shop loyalty.ShopID, c store.Cuts, do func([]store.Quiet) (bool, error)) error {
	if c.Members == 0 && c.Leads == 0 {
		return nil
	}
	for behind := (id.Member{}); ; {
		page, err := p.st.QuietMembers(ctx, shop, c, behind, agePage)
		if err != nil {
			return err
		}
		var found []store.Quiet
		for _, q := range page {
			if behind = q.ID; q.Quiet {
				found = append(found, q)
			}
		}
		if len(found) > 0 {
			if more, err := do(found); err != nil || !more {
				return err
			}
		} else if more, err := do(nil); err != nil || !more {
			return err
		}
		if len(page) < agePage {
			return nil
		}
	}
}

// Retain is one round of the job: whoever is due goes, and the addresses of parcels that are. What
// is not done within a minute is left for the next round. In quarantine nothing goes. It tells how
// many members it let go.
func (p *People) Retain(ctx context.Context, shop loyalty.ShopID) (gone int, err error) {
	if since, err := p.st.Quarantine(ctx); err != nil || since != 0 {
		return 0, err
	}
	r, err := p.st.Retention(ctx, shop)
	if err != nil {
		return 0, err
	}
	c, _, err := p.cuts(ctx, shop, r)
	if err != nil {
		return 0, err
	}
	if c.Addresses > 0 {
		if err := p.st.SweepAddresses(ctx, shop, c.Addresses); err != nil {
			return 0, err
		}
	}
	end := p.st.Clock() + ageRound
	return gone, p.quiet(ctx, shop, c, func(list []store.Quiet) (bool, error) {
		for _, q := range list {
			if p.st.Clock() > end {
				return false, nil
			}
			if err := p.letGo(ctx, shop, q); err != nil {
				return false, fmt.Errorf("let %s go: %w", q.ID, err)
			}
			gone++
		}
		return p.st.Clock() <= end, nil
	})
}

// letGo forgets the person of a member of whom nothing was heard for long. What he could spend is
// taken back and what finds him is forgotten, as facts, so that the ledger and a replay say it;
// then everything that speaks of him is destroyed as by Erase. Unlike there he is not blocked and
// his address may be written to: whoever comes back later is somebody new; only who is blocked is
// still known by his keyed hashes. It can be done again
// after it stopped half-way.
func (p *People) letGo(ctx context.Context, shop loyalty.ShopID, q store.Quiet) error {
	m := q.ID
	w, err := p.Wallet(ctx, shop, m, 0)
	if err != nil {
		return err
	}
	fact := func(kind, name string) *loyalty.Fact {
		return &loyalty.Fact{
			Kind: kind, Feed: store.RetentionFeed, ExternalID: m.String() + "-" + name, Via: store.RetentionFeed, Origin: loyalty.FromStaff, Member: loyalty.Who{ID: m},
		}
	}
	var facts []*loyalty.Fact
	for _, b := range w.Units {
		if b.Available <= 0 || !spendable(b.Unit) {
			continue
		}
		f := fact(loyalty.StaffAdjust, fmt.Sprintf("%s-%d", b.Unit, b.Available))
		f.Adjust = &loyalty.Adjust{Unit: string(b.Unit), Amount: -b.Available, Reason: erased, Actor: retentionActor}
		facts = append(facts, f)
	}
	keys, err := p.st.KeysOf(ctx, shop, m)
	if err != nil {
		return err
	}
	if len(keys) > 0 && q.State != loyalty.Blocked {
		f := fact(loyalty.MemberUpdated, "keys")
		f.Forgets = keys
		facts = append(facts, f)
	}
	if len(facts) > 0 {
		answers, err := p.Record(ctx, shop, facts...)
		if err != nil {
			return err
		}
		for _, a := range answers {
			if a.Err != nil {
				return a.Err
			}
		}
	}
	return p.st.Write(ctx, func(tx *store.Tx) error { return tx.Erase(ctx, shop, m) })
}
