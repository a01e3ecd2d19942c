package api

import (
	"cmp"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/web"
)

// Receipt explains what one event led to.
type Receipt struct {
	Event id.Event   `json:"event"`
	Lang  string     `json:"lang" doc:"The language of the texts"`
	Lines []Sentence `json:"lines"`
}

// Sentence is one decision in words and figures. For a member both hold only what he may
// know.
type Sentence struct {
	Text       string            `json:"text"`
	Program    id.Program        `json:"program,omitzero"`
	Version    int               `json:"version,omitempty"`
	Rule       string            `json:"rule,omitempty"`
	Part       loyalty.Part      `json:"part,omitempty"`
	Member     id.Member         `json:"member,omitzero"`
	Outcome    string            `json:"outcome"`
	Unit       ledger.Unit       `json:"unit,omitempty"`
	Amount     int64             `json:"amount,omitempty"`
	Code       loyalty.Reason    `json:"code,omitempty"`
	Figures    map[string]string `json:"figures,omitempty"`
	Conditions []WordedCondition `json:"conditions,omitempty" doc:"Every condition of the rule, as it stood; never for a member"`
	Voucher    id.Voucher        `json:"voucher,omitzero"`
	Gift       string            `json:"gift,omitempty"`
	Exchange   bool              `json:"exchange,omitempty" doc:"Of an undone exchange: its price was given back"`
	At         moment.Time       `json:"at,omitzero" doc:"The date that the text speaks of"`
}

// WordedCondition is one condition of a rule in words and figures.
type WordedCondition struct {
	Text  string `json:"text"`
	Name  string `json:"name"`
	Holds bool   `json:"holds"`
	Need  string `json:"need,omitempty"`
	Got   string `json:"got,omitempty"`
}

type receiptQuery struct {
	Event  id.Event  `path:"event_id" unknown:"event_unknown"`
	Lang   string    `query:"lang" enum:"en,fr,pl" doc:"Accept-Language decides when missing"`
	Member id.Member `query:"member" doc:"Only what this member may read, in words for him"`
}

func (a *API) receipt(c *call, p *receiptQuery, _ *none) (*Receipt, error) {
	list, err := a.people.Receipts(c.ctx, c.shop(), p.Event)
	if err != nil {
		return nil, err
	}
	printer, err := a.printer(c, p.Lang)
	if err != nil {
		return nil, err
	}
	view := locale.View{Staff: p.Member.IsZero(), Member: p.Member}
	out := worded(printer, view, loyalty.Receipt{Event: p.Event})
	for _, r := range list {
		out.Lines = append(out.Lines, worded(printer, view, r).Lines...)
	}
	return &out, nil
}

// printer words things in the language asked for, with the dates and units of the shop.
func (a *API) printer(c *call, lang string) (*locale.Printer, error) {
	s, _, err := a.office.Shop(c.ctx, c.shop())
	if err != nil {
		return nil, err
	}
	return a.edge.Words().Printer(cmp.Or(lang, web.Language(c.r)), nil).For(s), nil
}

func worded(p *locale.Printer, view locale.View, r loyalty.Receipt) Receipt {
	out := Receipt{Event: r.Event, Lang: p.Tag(), Lines: []Sentence{}}
	for _, l := range r.Lines {
		if text := p.Receipt(l, view); text != "" {
			out.Lines = append(out.Lines, sentence(p, text, view.Line(l)))
		}
	}
	return out
}

func sentence(p *locale.Printer, text string, l loyalty.ReceiptLine) Sentence {
	s := Sentence{
		Text: text, Program: l.Program, Version: l.Version, Rule: l.Rule, Part: l.Part, Member: l.Member, Outcome: l.Outcome,
		Unit: l.Unit, Amount: l.Amount, Code: l.Code, Figures: l.Figures, Voucher: l.Voucher, Gift: l.Gift, Exchange: l.Exchange,
		At: l.At,
	}
	for i, words := range p.Conditions(l) {
		c := l.Checks[i]
		s.Conditions = append(s.Conditions, WordedCondition{words, c.Name, c.Holds, c.Need, c.Got})
	}
	return s
}

type receiptsQuery struct {
	ID            id.Member `path:"id" unknown:"member_unknown"`
	Lang          string    `query:"lang" enum:"en,fr,pl" doc:"Accept-Language decides when missing"`
	Limit         int       `query:"limit" default:"20" minimum:"1" maximum:"100"`
	StartingAfter string    `query:"starting_after" doc:"The next_cursor of the page before"`
}

func (a *API) memberReceipts(c *call, p *receiptsQuery, _ *none) (*Page[Receipt], error) {
	from, err := after[id.EventKind](p.StartingAfter)
	if err != nil {
		return nil, err
	}
	rows, err := a.people.ReceiptsOf(c.ctx, c.shop(), p.ID, from, p.Limit+1)
	if err != nil {
		return nil, err
	}
	printer, err := a.printer(c, p.Lang)
	if err != nil {
		return nil, err
	}
	return page(rows, p.Limit, func(r loyalty.Receipt) id.Event { return r.Event },
		func(r loyalty.Receipt) Receipt { return worded(printer, locale.View{Staff: true}, r) }), nil
}
