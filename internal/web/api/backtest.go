package api

import (
	"strconv"

	"cagnotte/internal/insight"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
	"cagnotte/internal/rules"
)

// BacktestQuestion is programs that are to be tried over the shop's past. Nothing is stored.
type BacktestQuestion struct {
	Text     string           `json:"text,omitempty" doc:"Programs as text"`
	Programs []rules.Document `json:"programs,omitempty" maxItems:"100" doc:"Instead of the text: documents that say the same"`
	From     moment.Time      `json:"from,omitzero" format:"date-time" doc:"They give nothing before it; from the first fact on when missing"`
	Until    moment.Time      `json:"until,omitzero" format:"date-time" doc:"Facts from then on are not looked at"`
	Live     bool             `json:"live,omitempty" doc:"Also what the shop recorded itself, not only what it imported"`
	Target   int64            `json:"target,omitempty" doc:"Minor units that a new customer may cost"`
}

// BacktestAnswer is the figures, and what they say.
type BacktestAnswer struct {
	insight.BacktestReport
	Lang string   `json:"lang" doc:"The language of the sentences"`
	Said []string `json:"said" doc:"The same in sentences"`
}

// mostFacts bounds what one call tries; the command has no bound.
const mostFacts = 200_000

type backtestQuery struct {
	Lang string `query:"lang" enum:"en,fr,pl" doc:"Accept-Language decides when missing"`
}

func (a *API) backtest(c *call, p *backtestQuery, b *BacktestQuestion) (*BacktestAnswer, error) {
	if b.Target < 0 || b.Target > money.Max {
		return nil, loyalty.Invalid("target", "out_of_range", "min", "0", "max", strconv.FormatInt(money.Max, 10))
	}
	docs := make([]*rules.Document, len(b.Programs))
	for i := range b.Programs {
		docs[i] = &b.Programs[i]
	}
	what, err := said(b.Text, "programs", docs)
	if err != nil {
		return nil, err
	}
	q := insight.Question{From: b.From, Until: b.Until, Live: b.Live, Target: b.Target, Most: mostFacts}
	if q.Programs, err = a.programs.Read(c.ctx, c.shop(), what); err != nil {
		return nil, err
	}
	r, err := a.insight.Backtest(c.ctx, c.shop(), q)
	if err != nil {
		return nil, err
	}
	words, err := a.printer(c, p.Lang)
	if err != nil {
		return nil, err
	}
	return &BacktestAnswer{*r, words.Tag(), words.Difference(r.Phrases())}, nil
}
