package story

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
	"cagnotte/internal/store"
)

// Stored is an Engine on a real database: a twin shop whose clock the story moves, facts
// through intake, reads through store.
type Stored struct {
	st   *store.Store
	in   *intake.Intake
	shop *loyalty.Shop
	book map[string]*rules.Program
}

// NewStored makes a fresh twin of the story's shop in a database.
func NewStored(ctx context.Context, st *store.Store, in *intake.Intake, shop *loyalty.Shop) (*Stored, error) {
	twin := *shop
	twin.ID, twin.LiveShop, twin.BookRev = 0, 1, 0
	twin.Slug = "story-" + rand.Text()
	err := st.Write(ctx, func(tx *store.Tx) error { return tx.InsertShop(ctx, &twin) })
	if err != nil {
		return nil, err
	}
	return &Stored{st, in, &twin, map[string]*rules.Program{}}, nil
}

// Publish stores a version of a program.
func (s *Stored) Publish(ctx context.Context, d *rules.Document, now moment.Time) (id.Program, error) {
	if err := s.clock(ctx, now); err != nil {
		return id.Program{}, err
	}
	p := s.book[d.Name]
	err := s.st.Write(ctx, func(tx *store.Tx) error {
		if p == nil {
			var n [8]byte
			_, _ = rand.Read(n[:]) // never fails (crypto/rand)
			p = &rules.Program{ID: id.Mint[id.ProgramKind](int64(now)+int64(len(s.book))*1000, n), Name: d.Name}
			if err := tx.InsertProgram(ctx, s.shop.ID, p.ID, p.Name); err != nil {
				return err
			}
		}
		v := &rules.Version{Program: p, N: len(p.Versions) + 1, StartsAt: d.Starts, EndsAt: d.Ends, PublishedAt: now, Doc: d}
		p.Versions = append(p.Versions, v)
		return tx.InsertVersion(ctx, s.shop.ID, v)
	})
	s.book[d.Name] = p
	s.in.Forget(s.shop.ID)
	return p.ID, err
}

// Pause stores a pause, or its end.
func (s *Stored) Pause(ctx context.Context, program id.Program, from moment.Time, resumes bool, now moment.Time) error {
	if err := s.clock(ctx, now); err != nil {
		return err
	}
	_, book, err := s.in.Book(ctx, s.shop.ID)
	if err != nil {
		return err
	}
	err = s.st.Write(ctx, func(tx *store.Tx) error {
		if list := book.Program(program).Pauses; resumes && len(list) > 0 {
			return tx.EndPause(ctx, s.shop.ID, program, list[len(list)-1].From, from)
		}
		return tx.InsertPause(ctx, s.shop.ID, program, rules.Pause{From: from, Announced: now})
	})
	s.in.Forget(s.shop.ID)
	return err
}

// Issue stores a batch of one code.
func (s *Stored) Issue(ctx context.Context, x *Issue, now moment.Time) error {
	if err := s.clock(ctx, now); err != nil {
		return err
	}
	var n [8]byte
	_, _ = rand.Read(n[:]) // never fails (crypto/rand)
	b := &store.VoucherBatch{
		ID: id.Mint[id.VouchersKind](int64(now), n), Name: x.Code, Origin: loyalty.CodesChosen, Terms: x.Terms, Size: 1, CreatedAt: now,
	}
	if b.Terms.StartsAt == 0 {
		b.Terms.StartsAt = now
	}
	if x.Member != "" {
		var err error
		if b.Member, err = s.st.MemberByKey(ctx, s.shop.ID, who(x.Member).Keys[0]); err != nil {
			return err
		}
	}
	return s.st.Write(ctx, func(tx *store.Tx) error {
		if err := tx.InsertVoucherBatch(ctx, s.shop.ID, b); err != nil {
			return err
		}
		return tx.IssueVouchers(ctx, s.shop.ID, b, []store.IssuedCode{{ID: id.Nth[id.VoucherKind](b.ID, 1), Code: x.Code}})
	})
}

// Code reads a voucher.
func (s *Stored) Code(ctx context.Context, code string) (*loyalty.Voucher, error) {
	v, err := s.st.VoucherByCode(ctx, s.shop.ID, code)
	if errors.Is(err, loyalty.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &v.Voucher, nil
}

// clock sets the twin's clock; nothing happens by it.
func (s *Stored) clock(ctx context.Context, now moment.Time) error {
	err := s.st.Write(ctx, func(tx *store.Tx) error { return tx.SetClock(ctx, s.shop.ID, now, false) })
	s.in.Forget(s.shop.ID)
	return err
}

// Record stores a fact.
func (s *Stored) Record(ctx context.Context, f *loyalty.Fact, now moment.Time) ([]loyalty.ReceiptLine, error) {
	if err := s.clock(ctx, now); err != nil {
		return nil, err
	}
	f.Via = "story"
	got, err := s.in.Record(ctx, s.shop.ID, f)
	if err != nil {
		return nil, err
	}
	return got[0].Lines, got[0].Err
}

// Clock lets what is due happen.
func (s *Stored) Clock(ctx context.Context, until moment.Time) ([]loyalty.ReceiptLine, error) {
	var lines []loyalty.ReceiptLine
	err := s.in.ClockTo(ctx, s.shop.ID, until, func(a intake.Answer) { lines = append(lines, a.Lines...) })
	return lines, err
}

// Wallet reads what a member has.
func (s *Stored) Wallet(ctx context.Context, number string) (Wallet, error) {
	m, err := s.st.MemberByKey(ctx, s.shop.ID, loyalty.Key{Kind: loyalty.ByNumber, Key: number})
	if err == nil && m.IsZero() {
		m, err = s.st.MemberByKey(ctx, s.shop.ID, loyalty.Key{Kind: loyalty.ByVisitor, Key: number})
	}
	if err != nil || m.IsZero() {
		return Wallet{}, err
	}
	w := Wallet{Member: m}
	if w.Accounts, err = s.st.Wallet(ctx, s.shop.ID, m); err != nil {
		return Wallet{}, err
	}
	if w.Vouchers, err = s.st.VouchersEver(ctx, s.shop.ID, m); err != nil {
		return Wallet{}, err
	}
	claims, err := s.st.ClaimsOf(ctx, s.shop.ID, m)
	if err != nil {
		return Wallet{}, err
	}
	slices.SortFunc(claims, func(a, b store.ClaimRow) int { return bytes.Compare(a.Reward[:], b.Reward[:]) })
	for _, k := range claims {
		w.Claims = append(w.Claims, Claim{k.Claim, k.Rule})
	}
	w.Bonds, err = s.st.ReferralsFrom(ctx, s.shop.ID, m)
	return w, err
}
