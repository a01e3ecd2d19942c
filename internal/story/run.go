package story

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// Report says how a story went.
type Report struct {
	Story       string
	Steps       int
	Differences []Difference
}

// Difference is one place where the story says something else than what happened.
type Difference struct {
	Line int
	Step string // the fact below which it stands
	Said string // empty: the story says nothing about it
	Was  string // empty: it did not happen
}

// Passed tells whether everything was as the story says.
func (r Report) Passed() bool { return len(r.Differences) == 0 }

// String is the report as people read it: what the story says, what happened.
func (r Report) String() string {
	if r.Passed() {
		return fmt.Sprintf("%s: %d steps, as told\n", r.Story, r.Steps)
	}
	var b strings.Builder
	step := ""
	for _, d := range r.Differences {
		if d.Step != step {
			step = d.Step
			fmt.Fprintf(&b, "%s:%d: %s\n", r.Story, d.Line, d.Step)
		}
		fmt.Fprintf(&b, "    the story says   %s\n", cmpText(d.Said, "nothing of the kind"))
		fmt.Fprintf(&b, "    what happened    %s\n", cmpText(d.Was, "nothing of the kind"))
	}
	return b.String()
}

func cmpText(s, none string) string {
	if s == "" {
		return none
	}
	return s
}

// Run tells the story on an engine. The error is the engine's; what differs from the text
// is in the report.
func Run(ctx context.Context, s *Story, e Engine) (Report, error) {
	r := &runner{
		story: s, engine: e, report: Report{Story: s.Name}, wallets: map[string]Wallet{}, programs: map[id.Program]string{},
		docs: map[id.Program]*rules.Document{}, names: map[id.Member]string{}, uses: map[string]id.Event{},
	}
	for _, step := range s.Steps {
		r.step = step
		if err := r.tell(ctx); err != nil {
			return r.report, fmt.Errorf("%s:%d: %w", s.Name, step.Line, err)
		}
		r.report.Steps++
	}
	return r.report, nil
}

// ahead is how long before it begins a pause is announced.
const ahead = 10 * moment.Second

type runner struct {
	story    *Story
	engine   Engine
	report   Report
	step     *Step
	wallets  map[string]Wallet // as of the last step
	programs map[id.Program]string
	docs     map[id.Program]*rules.Document
	names    map[id.Member]string
	stamps   int // how many programs give stamps
	waiting  []loyalty.ReceiptLine
	uses     map[string]id.Event         // the last one of each code
	codes    map[string]*loyalty.Voucher // of which the step speaks
}

func (r *runner) differs(said, was string) {
	r.report.Differences = append(r.report.Differences, Difference{r.step.Line, strings.TrimSpace(r.step.Text), said, was})
}

// tell lets one step happen and compares.
func (r *runner) tell(ctx context.Context) error {
	s := r.step
	lines, err := r.engine.Clock(ctx, s.Now)
	if err != nil {
		return err
	}
	r.waiting = append(r.waiting, lines...)
	if s.Program != nil {
		p, err := r.engine.Publish(ctx, s.Program, s.Now)
		if err != nil {
			return err
		}
		if _, known := r.programs[p]; !known && givesStamps(s.Program) {
			r.stamps++
		}
		r.programs[p], r.docs[p] = s.Program.Name, s.Program
		return nil
	}
	if s.Codes != nil {
		lines, err := r.engine.AddCodes(ctx, *s.Codes, s.Now)
		if err != nil {
			return err
		}
		r.waiting = append(r.waiting, lines...)
	}
	if s.Pause != nil {
		for p, name := range r.programs {
			if name == s.Pause.Program {
				return r.engine.Pause(ctx, p, s.Now+ahead, s.Pause.Resumes, s.Now)
			}
		}
		return fmt.Errorf("there is no program %q", s.Pause.Program)
	}
	if s.Issue != nil {
		if err := r.engine.Issue(ctx, s.Issue, s.Now); err != nil {
			return err
		}
	}
	var refused *loyalty.Problem
	if s.Fact != nil {
		f := *s.Fact
		if err := r.complete(&f, s.Named); err != nil {
			return err
		}
		lines, err := r.engine.Record(ctx, &f, s.Now)
		if err != nil && !errors.As(err, &refused) {
			return err
		}
		if err == nil && !s.Again {
			r.used(&f)
		}
		if !s.Again {
			r.waiting = append(r.waiting, lines...)
		}
	}
	lines, r.waiting = r.waiting, nil
	was := r.wallets
	r.wallets = map[string]Wallet{}
	if err := r.look(ctx); err != nil {
		return err
	}
	if err := r.lookCodes(func(code string) (*loyalty.Voucher, error) { return r.engine.Code(ctx, code) }); err != nil {
		return err
	}
	c := &comparison{runner: r, lines: lines, refused: refused}
	c.movements(was)
	c.vouchers(was)
	c.gifts(was)
	c.compare()
	return nil
}

func givesStamps(d *rules.Document) bool {
	return slices.ContainsFunc(d.Rules, func(r rules.Rule) bool {
		return slices.ContainsFunc(r.Gives, func(g rules.Give) bool { return g.Unit == rules.Stamps })
	})
}

// complete puts ids where a story names things by words: the program of stamps or of an
// exchange, a reward, a voucher.
func (r *runner) complete(f *loyalty.Fact, n Named) error {
	if f.Adjust != nil {
		same := *f.Adjust
		f.Adjust = &same
		if err := r.programUnit(&f.Adjust.Unit); err != nil {
			return err
		}
	}
	if f.Transfer != nil {
		same := *f.Transfer
		f.Transfer = &same
		if err := r.programUnit(&f.Transfer.Unit); err != nil {
			return err
		}
	}
	if len(n.Vouchers) > 0 {
		same := *f.Cart
		f.Cart, same.Codes = &same, slices.Clone(f.Cart.Codes)
		w := r.wallets[cmpText(n.Owner, number(f.Member))]
		for _, v := range n.Vouchers {
			same.Codes = append(same.Codes, w.voucherOf(v))
		}
	}
	if f.Gift != nil {
		if err := r.giftUnits(f); err != nil {
			return err
		}
	}
	if f.Use == nil {
		return nil
	}
	same := *f.Use
	f.Use = &same
	w := r.wallets[number(f.Member)]
	switch {
	case n.Gift != "":
		f.Use.Reward = w.gift(n.Gift)
	case f.Kind == loyalty.ExchangeAsked:
		for p, d := range r.docs {
			if n.Program == d.Name || n.Program == "" && hasRule(d, n.Rule) {
				f.Use.Program = p
			}
		}
	case n.Voucher != nil:
		if n.Owner != "" {
			w = r.wallets[n.Owner]
		}
		f.Use.Code = w.voucherOf(n.Voucher)
	case n.Use != "":
		f.Use.Redemption = r.uses[n.Use]
	case n.Rule != "":
		for _, k := range w.Claims {
			if k.Rule == n.Rule && (f.Use.Reward.IsZero() || k.State == loyalty.ClaimOpen || k.State == loyalty.ClaimChoose) {
				f.Use.Reward = k.Reward
			}
		}
	}
	return nil
}

func number(w loyalty.Who) string {
	if len(w.Keys) == 0 {
		return ""
	}
	return w.Keys[0].Key
}

func hasRule(d *rules.Document, name string) bool {
	return slices.ContainsFunc(d.Rules, func(r rules.Rule) bool { return r.Name == name })
}

// programUnit completes the unit of stamps or referrals, which belong to one program.
func (r *runner) programUnit(u *string) error {
	unit, name, _ := strings.Cut(*u, ":")
	if unit != rules.Stamps && unit != rules.Referrals {
		return nil
	}
	for p, n := range r.programs {
		if n == name || name == "" && len(r.programs) == 1 {
			*u = unit + ":" + p.String()
			return nil
		}
	}
	return fmt.Errorf("%s of which program? write: %s of %q", unit, unit, "its name")
}

// unit splits a unit of the ledger into what stories call it and its program's name.
func (r *runner) unit(u ledger.Unit) (name, program string) {
	name, rest, ok := strings.Cut(string(u), ":")
	if !ok {
		return name, ""
	}
	rest, _, _ = strings.Cut(rest, ":")
	p, err := id.Parse[id.ProgramKind](rest)
	if err != nil {
		return name, rest
	}
	return name, r.programs[p]
}

// look reads what everybody has. Two names may turn out to be one person: a browser that
// named itself, a card that was merged. He is called by the first of them then, a browser
// last.
func (r *runner) look(ctx context.Context) error {
	seen := map[id.Member]bool{}
	for _, browsers := range []bool{false, true} {
		for _, m := range r.story.Members {
			if slices.Contains(r.story.Browsers, m) != browsers {
				continue
			}
			w, err := r.engine.Wallet(ctx, m)
			if err != nil {
				return err
			}
			if seen[w.Member] {
				w = Wallet{}
			} else if !w.Member.IsZero() {
				seen[w.Member], r.names[w.Member] = true, m
			}
			r.wallets[m] = w
		}
	}
	return nil
}

// name is what the story calls a member.
func (r *runner) name(m id.Member) string {
	if n, ok := r.names[m]; ok {
		return n
	}
	return m.String()
}
