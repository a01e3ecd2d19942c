package main

import (
	"encoding/json"
	"fmt"
	"runtime/debug"

	"cagnotte/internal/insight"
	"cagnotte/internal/intake"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
	"cagnotte/internal/programs"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

type backtestCmd struct {
	place
	File   string `arg:"" help:"Program text; docs/programs.md has the grammar." type:"existingfile"`
	Shop   string `help:"The shop's name." required:""`
	Target string `help:"What a new customer may cost, such as 12.00." placeholder:"AMOUNT"`
	From   string `help:"The programs give nothing before this day." placeholder:"DATE"`
	Until  string `help:"Facts after this day are not looked at." placeholder:"DATE"`
	Live   bool   `help:"Also what the shop recorded itself, not only what it imported."`
	Lang   string `help:"fr, pl or en." enum:"fr,pl,en" default:"en"`
	JSON   bool   `help:"The figures as JSON." name:"json"`
}

// backtestGarbage is the heap's growth between two collections, in per cent.
const backtestGarbage = 400

// Run tries programs over the shop's past. Nothing is written.
func (c *backtestCmd) Run(e *env) error {
	text, err := readText(c.File)
	if err != nil {
		return err
	}
	return c.work(e, func(st *store.Store, _ *seal.Box, in *intake.Intake) error {
		shop, err := shopOf(e, st, c.Shop)
		if err != nil {
			return err
		}
		q, err := c.question(shop)
		if err != nil {
			return err
		}
		q.Programs, err = programs.New(st, in).Read(e.ctx, shop.ID, programs.Said{Text: text})
		if err != nil {
			return fmt.Errorf("%s: %s", c.File, explain(err))
		}
		// A whole past goes through memory once and is soon garbage: collecting it less
		// often halves the wait. Only here, where nothing else runs in the process.
		defer debug.SetGCPercent(debug.SetGCPercent(backtestGarbage))
		progress, end := bar(e, "backtest")
		q.Progress = progress
		report, err := insight.New(st).Backtest(e.ctx, shop.ID, q)
		end()
		if err != nil {
			return fmt.Errorf("backtest: %s", explain(err))
		}
		if c.JSON {
			out := json.NewEncoder(e.out)
			out.SetIndent("", "  ")
			return out.Encode(report)
		}
		return c.print(e, shop, report)
	})
}

func (c *backtestCmd) question(shop *loyalty.Shop) (q insight.Question, err error) {
	q.Live = c.Live
	if c.Target != "" {
		if q.Target, err = money.Parse(c.Target, shop.Decimals); err != nil || q.Target <= 0 {
			return q, fmt.Errorf("--target: %q is not an amount of %s", c.Target, shop.Currency)
		}
	}
	for _, x := range []struct {
		flag, text string
		into       *moment.Time
		end        bool
	}{{"--from", c.From, &q.From, false}, {"--until", c.Until, &q.Until, true}} {
		if x.text == "" {
			continue
		}
		t, day, err := moment.ParseLocal(x.text, shop.Zone)
		if err != nil {
			return q, fmt.Errorf("%s: %w", x.flag, err)
		}
		if *x.into = t; day && x.end {
			*x.into = t.NextDay(shop.Zone)
		}
	}
	return q, nil
}

func (c *backtestCmd) print(e *env, shop *loyalty.Shop, r *insight.BacktestReport) error {
	words, err := locale.New()
	if err != nil {
		return err
	}
	p := words.Printer(c.Lang, nil).For(shop)
	for _, s := range p.Difference(r.Phrases()) {
		fmt.Fprintln(e.out, s)
	}
	for _, x := range r.Refused {
		fmt.Fprintf(e.out, "%8d  %s\n", x.N, p.Reason(loyalty.Reason(x.What)))
	}
	return nil
}
