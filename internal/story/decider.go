package story

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"cagnotte/internal/decide"
	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// Decider is an Engine on decide alone: dossiers, whole histories and the book of postings
// in memory. It serves stories, tests and what-if; it is not safe for use by several
// goroutines.
type Decider struct {
	shop     *loyalty.Shop
	dossiers *decide.Dossiers
	book     *rules.Book
	programs []*rules.Program
	members  map[loyalty.Key]id.Member
	seen     map[string]answer          // by the identity of facts
	nobodys  map[string][]*loyalty.Fact // what was told of an order before anybody was named
	entries  []*ledger.Transaction
	now      moment.Time // of the last decision
	minted   uint64
}

type answer struct {
	digest []byte
	lines  []loyalty.ReceiptLine
}

// NewDecider makes an empty shop.
func NewDecider(shop *loyalty.Shop) *Decider {
	return &Decider{
		shop: shop, dossiers: decide.NewDossiers(shop), book: rules.NewBook(0, nil),
		members: map[loyalty.Key]id.Member{}, seen: map[string]answer{}, nobodys: map[string][]*loyalty.Fact{},
	}
}

// mint counts instead of drawing lots, so that a story names the same rows each time.
func mint[K id.Kind](d *Decider, now moment.Time) id.ID[K] {
	d.minted++
	var n [8]byte
	binary.BigEndian.PutUint32(n[2:6], uint32(d.minted))
	return id.Mint[K](int64(now), n)
}

// Publish makes a document the next version of the program of that name.
func (d *Decider) Publish(_ context.Context, doc *rules.Document, now moment.Time) (id.Program, error) {
	var p *rules.Program
	for _, x := range d.programs {
		if x.Name == doc.Name {
			p = x
		}
	}
	if p == nil {
		p = &rules.Program{ID: mint[id.ProgramKind](d, now), Name: doc.Name}
		d.programs = append(d.programs, p)
	}
	p.Versions = append(p.Versions, rules.Compile(p, len(p.Versions)+1, doc.Starts, doc.Ends, now, doc))
	d.book = rules.NewBook(d.book.Rev+1, d.programs)
	return p.ID, nil
}

// Pause stops a program, or lets it go on.
func (d *Decider) Pause(_ context.Context, program id.Program, from moment.Time, resumes bool, now moment.Time) error {
	p := d.book.Program(program)
	if last := len(p.Pauses) - 1; resumes && last >= 0 {
		p.Pauses[last].Until = from
	} else if !resumes {
		p.Pauses = append(p.Pauses, rules.Pause{From: from, Announced: now})
	}
	return nil
}

// Issue hands out a code.
func (d *Decider) Issue(_ context.Context, x *Issue, now moment.Time) error {
	var m id.Member
	if x.Member != "" {
		m = d.members[who(x.Member).Keys[0]]
	}
	d.dossiers.Codes[x.Code] = x.voucher(mint[id.VoucherKind](d, now), mint[id.VouchersKind](d, now), m, now)
	return nil
}

// Code gives a copy of a voucher.
func (d *Decider) Code(_ context.Context, code string) (*loyalty.Voucher, error) {
	v := d.dossiers.Codes[code]
	if v == nil {
		return nil, nil
	}
	same := *v
	return &same, nil
}

// Record decides one fact.
func (d *Decider) Record(_ context.Context, f *loyalty.Fact, now moment.Time) ([]loyalty.ReceiptLine, error) {
	if err := f.Check(d.shop, now); err != nil {
		return nil, err
	}
	identity, digest := f.Feed+"\x1f"+f.ExternalID, loyalty.Digest(f.Canonical())
	if was, ok := d.seen[identity]; ok {
		if !bytes.Equal(was.digest, digest) {
			return nil, loyalty.Conflict("id", "event_conflict")
		}
		return was.lines, nil
	}
	f.ID, f.RecordedAt = mint[id.EventKind](d, now), now
	d.resolve(f)
	out := decide.One(d.book, d.dossiers, f, now)
	if out.Problem != nil {
		return nil, out.Problem
	}
	if out.Again {
		return nil, fmt.Errorf("decide %s: the history was not there", f.Kind)
	}
	d.keep(f, out, now)
	d.seen[identity] = answer{digest, out.Lines}
	return out.Lines, nil
}

// resolve finds who is meant: by key; a fact about an order that is known is its owner's.
func (d *Decider) resolve(f *loyalty.Fact) {
	f.MemberID = d.member(f.Member, true)
	if f.Takes() && !f.Member.Named() && len(f.Cart.Lines) == 0 {
		if t := d.dossiers.Carts[f.Cart.Name()]; t != nil {
			f.MemberID = t.Member
		}
	}
	if v := d.dossiers.Codes[codeOf(f)]; f.Kind == loyalty.VoucherRedeemed && v != nil && !f.Member.Named() {
		f.MemberID = v.Member
	}
	if u := d.use(f); u != nil {
		f.MemberID = u.Member
	}
	f.Referrer.ID, f.Other.ID = d.member(f.Referrer, false), d.member(f.Other, false)
	name := orderOf(f)
	if o := d.dossiers.Orders[name]; name != "" && o != nil && !o.Member.IsZero() {
		f.MemberID = o.Member
	}
	for _, k := range f.Member.Keys {
		x, known := d.members[k]
		switch {
		case !known:
			d.members[k] = f.MemberID
		case x != f.MemberID && d.dossiers.Files[x].Member.State == loyalty.Prospect:
			f.Absorb = append(f.Absorb, x)
			d.members[k] = f.MemberID
		}
	}
	for m, file := range d.dossiers.Files {
		if b := file.Bond(); b != nil {
			d.dossiers.Uplines[m] = d.upline(m)
		}
	}
	if name == "" || f.MemberID.IsZero() {
		return
	}
	for _, x := range d.nobodys[name] { // now they are somebody's
		x.MemberID = f.MemberID
		file := d.dossiers.Files[f.MemberID]
		file.Past = append(file.Past, x)
	}
	delete(d.nobodys, name)
}

func codeOf(f *loyalty.Fact) string {
	if f.Use == nil {
		return ""
	}
	return f.Use.Code
}

// use is the use that a fact gives back.
func (d *Decider) use(f *loyalty.Fact) *loyalty.VoucherUse {
	if f.Kind != loyalty.VoucherReleased {
		return nil
	}
	return d.dossiers.Uses[f.Use.Redemption]
}

// upline lists who stands above a member, nearest first.
func (d *Decider) upline(m id.Member) []id.Member {
	var out []id.Member
	for b := d.dossiers.Files[m].Bond(); b != nil && !slices.Contains(out, b.Referrer); b = d.dossiers.Files[b.Referrer].Bond() {
		out = append(out, b.Referrer)
	}
	return out
}

func orderOf(f *loyalty.Fact) string {
	switch {
	case f.Order != nil && f.Kind != loyalty.CartUpdated:
		return f.Order.Name()
	case f.Refund != nil && f.Refund.Ref != "":
		return loyalty.OrderName(f.Refund.Series, f.Refund.Ref)
	}
	return ""
}

// member finds somebody by key, or opens a dossier for somebody new.
func (d *Decider) member(w loyalty.Who, open bool) id.Member {
	for _, k := range w.Keys {
		if m, ok := d.members[k]; ok {
			return m
		}
	}
	if !open || len(w.Keys) == 0 {
		return w.ID
	}
	m := mint[id.MemberKind](d, 0)
	file := decide.NewFile(&loyalty.Member{ID: m, State: loyalty.Prospect, New: true})
	file.Full = true
	d.dossiers.Files[m] = file
	for _, k := range w.Keys {
		d.members[k] = m
	}
	return m
}

func (d *Decider) keep(f *loyalty.Fact, out decide.Decision, now moment.Time) {
	d.entries = append(d.entries, out.Entries...)
	if name := orderOf(f); f.MemberID.IsZero() && name != "" {
		d.nobodys[name] = append(d.nobodys[name], f)
	}
	decide.Settle(d.dossiers, now)
	for from, into := range d.dossiers.Merged {
		for k, m := range d.members {
			if m == from {
				d.members[k] = into
			}
		}
	}
	for _, file := range d.dossiers.Files {
		for _, v := range file.Vouchers {
			if v.Code == "" {
				v.Code = v.ID.String()
			}
			d.dossiers.Codes[v.Code] = v
		}
	}
	d.now = now
}

// Clock lets happen what is due, earliest first, each at its own time.
func (d *Decider) Clock(_ context.Context, until moment.Time) ([]loyalty.ReceiptLine, error) {
	var lines []loyalty.ReceiptLine
	for {
		var (
			next id.Member
			at   moment.Time
		)
		for _, m := range d.ids() {
			if t := decide.NextDue(d.dossiers.Files[m]); t != 0 && t <= until && (at == 0 || t < at) {
				next, at = m, t
			}
		}
		if at == 0 {
			return lines, nil
		}
		f := &loyalty.Fact{
			ID: mint[id.EventKind](d, at), Feed: "clock", ExternalID: fmt.Sprintf("%s@%d", next, at), Origin: loyalty.FromClock,
			Kind: loyalty.ClockDue, OccurredAt: at, MemberID: next, Member: loyalty.Who{ID: next},
		}
		now := max(at, d.now) // what a late fact makes due lies in the past
		out := decide.One(d.book, d.dossiers, f, now)
		if out.Problem != nil || out.Again {
			return lines, fmt.Errorf("clock of %s at %s: %w", next, at, out.Problem)
		}
		d.keep(f, out, now)
		lines = append(lines, out.Lines...)
	}
}

func (d *Decider) ids() []id.Member {
	return slices.SortedFunc(maps.Keys(d.dossiers.Files), func(a, b id.Member) int { return bytes.Compare(a[:], b[:]) })
}

// Wallet gives copies of what a member has.
func (d *Decider) Wallet(_ context.Context, number string) (Wallet, error) {
	m, ok := d.members[loyalty.Key{Kind: loyalty.ByNumber, Key: number}]
	if !ok {
		m, ok = d.members[loyalty.Key{Kind: loyalty.ByVisitor, Key: number}]
	}
	if !ok {
		return Wallet{}, nil
	}
	file := d.dossiers.Files[m]
	w := Wallet{Member: m}
	for _, u := range slices.Sorted(maps.Keys(file.Accounts)) {
		a := *file.Accounts[u]
		a.Lots = nil
		for _, l := range file.Accounts[u].Lots {
			same := *l
			a.Lots = append(a.Lots, &same)
		}
		w.Accounts = append(w.Accounts, &a)
	}
	for _, v := range file.Vouchers {
		same := *v
		w.Vouchers = append(w.Vouchers, &same)
	}
	for _, v := range d.dossiers.Codes {
		if v.Member == m && !v.Batch.IsZero() {
			same := *v
			w.Vouchers = append(w.Vouchers, &same)
		}
	}
	slices.SortFunc(w.Vouchers, func(a, b *loyalty.Voucher) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	for _, x := range file.Rewards {
		if k := file.Claims[x.ID]; k != nil {
			w.Claims = append(w.Claims, Claim{*k, x.Key.Rule})
		}
	}
	slices.SortFunc(w.Claims, func(a, b Claim) int { return bytes.Compare(a.Reward[:], b.Reward[:]) })
	for _, b := range file.Bonds {
		same := *b
		w.Bonds = append(w.Bonds, &same)
	}
	return w, nil
}

// Verify reads the ledger's invariants back from the book: every transaction sums to zero,
// the postings of a lot to what remains of it, those of an account to its balance, and the
// lots less the debt are the balance.
func (d *Decider) Verify() error {
	lots, balances := map[id.Lot]int64{}, map[id.Member]map[ledger.Unit]int64{}
	for _, t := range d.entries {
		if !t.Balanced() {
			return fmt.Errorf("%s transaction %s does not sum to zero: %+v", t.Kind, t.ID, t.Postings)
		}
		for _, p := range t.Postings {
			if p.Member.IsZero() {
				continue
			}
			if balances[p.Member] == nil {
				balances[p.Member] = map[ledger.Unit]int64{}
			}
			balances[p.Member][p.Unit] += p.Amount
			if !p.Lot.IsZero() {
				lots[p.Lot] += p.Amount
			}
		}
	}
	for _, m := range d.ids() {
		for _, a := range d.dossiers.Files[m].Accounts {
			var sum int64
			for _, l := range a.Lots {
				sum += l.Remaining
				if l.Remaining < 0 || l.Remaining > l.Amount {
					return fmt.Errorf("lot %s of %s: %d of %d remain", l.ID, a.Unit, l.Remaining, l.Amount)
				}
				if lots[l.ID] != l.Remaining {
					return fmt.Errorf("lot %s of %s: %d remain, its postings sum to %d", l.ID, a.Unit, l.Remaining, lots[l.ID])
				}
			}
			if got := balances[m][a.Unit]; got != a.Balance || sum-a.Debt() != a.Balance {
				return fmt.Errorf("%s of %s: balance %d, postings %d, lots %d, debt %d", a.Unit, m, a.Balance, got, sum, a.Debt())
			}
		}
	}
	return d.verifyRewards()
}

// verifyRewards holds every counter of a cap and every account's earned sum against the
// rewards.
func (d *Decider) verifyRewards() error {
	ids := map[id.Reward]bool{}
	for _, m := range d.ids() {
		for _, x := range d.dossiers.Files[m].Rewards {
			if x.Taken < 0 || x.Taken > x.Amount {
				return fmt.Errorf("reward %s: %d of %d taken back", x.ID, x.Taken, x.Amount)
			}
			if ids[x.ID] {
				return fmt.Errorf("reward %s is there twice", x.ID)
			}
			ids[x.ID] = true
		}
	}
	return nil
}
