// Package checkout is what a till, a web shop and a back office ask of a cart: what programs
// and vouchers take off it, what may pay in it, and what became of what it took. It decides
// nothing: the evaluation is decide's, and whatever takes value is a fact through intake.
package checkout

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"cagnotte/internal/decide"
	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
	"cagnotte/internal/store"
)

// Checkout is the running service; it is safe for many goroutines.
type Checkout struct {
	st *store.Store
	in *intake.Intake
}

// New makes it.
func New(st *store.Store, in *intake.Intake) *Checkout { return &Checkout{st, in} }

// Choice narrows which programs look at a cart. The zero value is all that are in force.
type Choice struct {
	Programs []string // by name or id: only these
	Draft    string   // a text of programs that are judged as if they were in force, in the place of those of their names
}

// Evaluation is what a cart comes to, with the names of the programs that look at it.
type Evaluation struct {
	*decide.Evaluation
	Shop     *loyalty.Shop
	Programs map[id.Program]string
}

// Evaluate evaluates the cart of a fact of kind CartHeld. Nothing is stored, and nobody waits
// for it. A problem names what the cart or the choice cannot mean.
func (c *Checkout) Evaluate(ctx context.Context, shop loyalty.ShopID, f *loyalty.Fact, ask Choice) (*Evaluation, error) {
	out := &Evaluation{Programs: map[id.Program]string{}}
	choose := func(s *loyalty.Shop, b *rules.Book) (*rules.Book, error) {
		chosen, err := ask.book(s, b)
		if err == nil {
			out.Shop = s
			for _, p := range chosen.Programs {
				out.Programs[p.ID] = p.Name
			}
		}
		return chosen, err
	}
	e, err := c.in.Evaluate(ctx, shop, f, choose)
	if err != nil {
		return nil, err
	}
	out.Evaluation = e
	return out, nil
}

// Cart is what a cart took under the name of its order; loyalty.ErrNotFound when it took
// nothing.
func (c *Checkout) Cart(ctx context.Context, shop loyalty.ShopID, series, ref string) (*loyalty.CartRow, error) {
	return c.st.Cart(ctx, shop, series, ref)
}

// book is the programs that the choice leaves, and its draft.
func (ask Choice) book(s *loyalty.Shop, b *rules.Book) (*rules.Book, error) {
	if len(ask.Programs) == 0 && ask.Draft == "" {
		return b, nil
	}
	list := slices.Clone(b.Programs)
	if ask.Draft != "" {
		docs, err := rules.ParseFile(ask.Draft, rules.Setting{
			Currency: s.Currency, Decimals: s.Decimals, PointDecimals: s.PointDecimals, Zone: s.Zone,
		})
		if e, ok := errors.AsType[*rules.ParseError](err); ok {
			return nil, loyalty.Invalid("draft", "program_text", "line", fmt.Sprint(e.Line), "why", e.Why)
		}
		if err != nil {
			return nil, err
		}
		for i, d := range docs {
			list = drafted(list, d, i)
		}
	}
	if len(ask.Programs) > 0 {
		for i, name := range ask.Programs {
			if !slices.ContainsFunc(list, func(p *rules.Program) bool { return is(p, name) }) {
				return nil, &loyalty.Problem{Kind: loyalty.ErrNotFound, Field: fmt.Sprintf("programs[%d]", i), Code: "program_unknown"}
			}
		}
		list = slices.DeleteFunc(list, func(p *rules.Program) bool {
			return !slices.ContainsFunc(ask.Programs, func(name string) bool { return is(p, name) })
		})
	}
	return rules.NewBook(b.Rev, list), nil
}

func is(p *rules.Program, name string) bool { return p.Name == name || p.ID.String() == name }

// drafted puts a draft in the place of the program of its name, in force since ever.
func drafted(list []*rules.Program, d *rules.Document, n int) []*rules.Program {
	p := &rules.Program{Name: d.Name}
	p.ID[0], p.ID[15] = 0xff, byte(n) // no program of the shop has it
	i := slices.IndexFunc(list, func(x *rules.Program) bool { return x.Name == d.Name })
	version := 1
	if i >= 0 {
		p.ID, version = list[i].ID, len(list[i].Versions)+1
	}
	p.Versions = []*rules.Version{rules.Compile(p, version, 0, d.Ends, 0, d)}
	if i >= 0 {
		list[i] = p
		return list
	}
	return append(list, p)
}
