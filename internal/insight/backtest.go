package insight

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"

	"cagnotte/internal/decide"
	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
	"cagnotte/internal/store"
)

// Question is what a backtest is asked.
type Question struct {
	Programs []*rules.Document // checked, as programs.Read gives them
	From     moment.Time       // the programs give nothing before it; zero: from the first fact on
	Until    moment.Time       // exclusive, facts from then on are not looked at; zero: all are
	Live     bool              // also what the shop recorded itself, not only what it imported
	Target   int64             // minor units that a new customer may cost; zero: nobody said
	Most     int64             // more facts than this are refused; zero: never

	Progress func(done, total int64) // called after some hundred facts; may be nil

	watch func(*decide.Dossiers, []*ledger.Transaction) // tests compare every posting
}

// forever is an Until that never comes.
const forever = moment.Time(1<<63 - 1)

// Backtest tries programs over a shop's past. The problems are `no_history`, where there
// is nothing to try them over, and `too_many_facts`, above Most.
func (in *Insight) Backtest(ctx context.Context, shop loyalty.ShopID, q Question) (*BacktestReport, error) {
	select {
	case in.turn <- struct{}{}:
		defer func() { <-in.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s, err := in.st.Shop(ctx, shop)
	if err != nil {
		return nil, err
	}
	v, err := in.st.View(ctx, 1)
	if err != nil {
		return nil, fmt.Errorf("backtest: %w", err)
	}
	report, err := backtest(ctx, v, s, q)
	if err = errors.Join(err, v.Close()); err != nil {
		return nil, err
	}
	return report, in.names(ctx, shop, report)
}

func backtest(ctx context.Context, v *store.View, s *loyalty.Shop, q Question) (*BacktestReport, error) {
	if q.Until == 0 {
		q.Until = forever
	}
	h := store.History{Shop: s.ID, Live: q.Live, Until: q.Until}
	n, first, last, err := v.Extent(ctx, h)
	switch {
	case err != nil:
		return nil, fmt.Errorf("backtest: %w", err)
	case n == 0 || last < q.From:
		return nil, loyalty.Invalid("from", "no_history")
	case q.Most > 0 && n > q.Most:
		return nil, loyalty.Invalid("until", "too_many_facts", "got", strconv.FormatInt(n, 10), "max", strconv.FormatInt(q.Most, 10))
	}
	t := newTrial(s, q, max(first, q.From), last)
	t.total = n
	sum, err := t.run(ctx, v, h)
	if err != nil {
		return nil, err
	}
	left, err := v.LeftOut(ctx, h)
	if err != nil {
		return nil, fmt.Errorf("backtest: %w", err)
	}
	return t.report(sum, left), nil
}

// trial is a backtest under way: what all its workers read.
type trial struct {
	question Question
	shop     *loyalty.Shop // listens to nothing: no outbox is written
	book     *rules.Book
	start    moment.Time // of the period
	now      moment.Time // the last fact: every decision is made as of then
	tried    []BacktestProgram
	ranked   ledger.Unit // what winners are ranked by where nothing has a price
	total    int64
}

func newTrial(s *loyalty.Shop, q Question, start, last moment.Time) *trial {
	quiet := *s
	quiet.Listens = nil
	t := &trial{question: q, shop: &quiet, start: start, now: last}
	var list []*rules.Program
	for i, d := range q.Programs {
		p := &rules.Program{ID: draftID(i), Name: d.Name}
		tried := BacktestProgram{Name: d.Name, StartsAt: max(d.Starts, start), EndsAt: d.Ends}
		if d.Starts == 0 || d.Starts > last { // it was never meant for the past: tried as if it had been
			tried.StartsAt, tried.Assumed = start, true
		}
		p.Versions = []*rules.Version{rules.Compile(p, 1, tried.StartsAt, d.Ends, 0, d)}
		list, t.tried = append(list, p), append(t.tried, tried)
	}
	t.book = rules.NewBook(0, list)
	t.ranked = t.unitToRank()
	return t
}

// draftID names the i-th program of a draft, which has no id yet.
func draftID(i int) id.Program {
	return id.Mint[id.ProgramKind](0, [8]byte{4: byte(i >> 8), 5: byte(i)})
}

// unitToRank is what the first rule gives where nothing in the draft has a price; empty
// where something has.
func (t *trial) unitToRank() (first ledger.Unit) {
	for _, p := range t.book.Programs {
		for _, r := range p.Versions[0].Rules {
			for i := range r.Gives {
				if r.Priced(i, t.shop.Currency) {
					return ""
				}
				if first == "" {
					first = r.Unit(i)
				}
			}
		}
	}
	return first
}

// run tries every fact. Members are independent of one another but for budgets, which all
// compete for: without one, they are judged one after the other on every core; with one,
// all of them are kept and their facts judged in the order of time.
func (t *trial) run(ctx context.Context, v *store.View, h store.History) (*tally, error) {
	owners := map[id.Event]id.Member{}
	if h.Live {
		var err error
		if owners, err = v.Owners(ctx, h.Shop); err != nil {
			return nil, fmt.Errorf("backtest: %w", err)
		}
	}
	if len(t.book.Limited()) > 0 {
		return t.together(ctx, v, h, owners)
	}
	return t.apart(ctx, v, h, owners, runtime.GOMAXPROCS(0))
}
