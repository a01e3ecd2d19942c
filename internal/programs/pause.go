package programs

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
	"cagnotte/internal/store"
)

// Pause announces that a program gives nothing from a time on (zero: from as soon as can
// be) until another (zero: until further notice). Like a version it begins at least Ahead
// of now, so that nothing which was recorded before is judged otherwise.
func (p *Programs) Pause(ctx context.Context, shop loyalty.ShopID, which id.Program, from, until moment.Time, dry bool) (Program, error) {
	s, x, err := p.paused(ctx, shop, which)
	if err != nil {
		return Program{}, err
	}
	now := p.in.Now(s)
	if from == 0 {
		from = now + Ahead
	}
	switch {
	case from < now+Ahead:
		return Program{}, loyalty.Invalid("from", "too_soon", "earliest", (now + Ahead).String())
	case until != 0 && until <= from:
		return Program{}, loyalty.Invalid("until", "ends_before_it_begins")
	}
	for _, was := range x.Pauses {
		if (was.Until == 0 || from < was.Until) && (until == 0 || was.From < until) && was.From != was.Until {
			return Program{}, loyalty.Conflict("from", "already_paused", "from", was.From.String())
		}
	}
	pause := rules.Pause{From: from, Until: until, Announced: now}
	if dry {
		x.Pauses = append(x.Pauses, pause)
		return x, nil
	}
	return p.change(ctx, shop, which, func(tx *store.Tx) error { return tx.InsertPause(ctx, shop, which, pause) })
}

// Activate announces that a program gives again from a time on (zero: from as soon as can
// be): pauses that would last beyond it end with it, later ones are called off.
func (p *Programs) Activate(ctx context.Context, shop loyalty.ShopID, which id.Program, at moment.Time, dry bool) (Program, error) {
	s, x, err := p.paused(ctx, shop, which)
	if err != nil {
		return Program{}, err
	}
	now := p.in.Now(s)
	if at == 0 {
		at = now + Ahead
	}
	if at < now+Ahead {
		return Program{}, loyalty.Invalid("at", "too_soon", "earliest", (now + Ahead).String())
	}
	var ends []rules.Pause
	for i, was := range x.Pauses {
		if (was.Until == 0 || was.Until > at) && was.From != was.Until {
			x.Pauses[i].Until = max(at, was.From)
			ends = append(ends, x.Pauses[i])
		}
	}
	if len(ends) == 0 {
		return Program{}, loyalty.Conflict("id", "not_paused")
	}
	if dry {
		return x, nil
	}
	return p.change(ctx, shop, which, func(tx *store.Tx) error {
		for _, e := range ends {
			if err := tx.EndPause(ctx, shop, which, e.From, e.Until); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p *Programs) paused(ctx context.Context, shop loyalty.ShopID, which id.Program) (*loyalty.Shop, Program, error) {
	s, err := p.st.Shop(ctx, shop)
	if err != nil {
		return nil, Program{}, err
	}
	x, err := p.Program(ctx, shop, which)
	return s, x, err
}

// change writes what becomes of a program, and reads it again.
func (p *Programs) change(ctx context.Context, shop loyalty.ShopID, which id.Program, write func(*store.Tx) error) (Program, error) {
	err := p.st.Write(ctx, write)
	p.in.Forget(shop)
	if err != nil {
		return Program{}, err
	}
	return p.Program(ctx, shop, which)
}
