package main

import (
	"fmt"
	"strings"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/programs"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

type programCmd struct {
	Apply    programApplyCmd    `cmd:"" help:"Publish the programs of a file: new ones, and new versions of those that changed."`
	List     programListCmd     `cmd:"" help:"Print the programs of a shop as text: every version with its state, then the drafts."`
	Diff     programDiffCmd     `cmd:"" help:"Say in sentences what the programs of a file would change of what is in force."`
	Draft    programDraftCmd    `cmd:"" help:"Keep a file as a draft, readable or not: of a new program, or of the next version of one that runs."`
	Publish  programPublishCmd  `cmd:"" help:"Publish a draft, now or at a time."`
	Discard  programDiscardCmd  `cmd:"" help:"Throw a draft away."`
	Withdraw programWithdrawCmd `cmd:"" help:"Take a version back before it begins."`
}

// ofShop is what every command about programs needs: the place, and the shop in it.
type ofShop struct {
	place
	Shop string `help:"The shop's name." required:""`
}

// with runs fn with the programs of the shop.
func (c *ofShop) with(e *env, fn func(p *programs.Programs, shop *loyalty.Shop) error) error {
	return c.work(e, func(st *store.Store, _ *seal.Box, in *intake.Intake) error {
		shop, err := shopOf(e, st, c.Shop)
		if err != nil {
			return err
		}
		return fn(programs.New(st, in), shop)
	})
}

type programApplyCmd struct {
	ofShop
	File   string `arg:"" help:"Program text; docs/programs.md has the grammar." type:"existingfile"`
	DryRun bool   `help:"Check the file and say what would be published."`
}

// Run publishes.
func (c *programApplyCmd) Run(e *env) error {
	text, err := readText(c.File)
	if err != nil {
		return err
	}
	return c.with(e, func(p *programs.Programs, shop *loyalty.Shop) error {
		list, err := p.Apply(e.ctx, shop.ID, text, c.DryRun)
		if err != nil {
			return fmt.Errorf("%s: %s", c.File, explain(err))
		}
		for _, a := range list {
			printApplied(e, a)
		}
		return nil
	})
}

func printApplied(e *env, a programs.Applied) {
	fmt.Fprintf(e.out, "%s  version %d  from %s  %s\n", a.Name, a.Version, a.StartsAt, a.Outcome)
}

type programListCmd struct{ ofShop }

// Run prints every program as text.
func (c *programListCmd) Run(e *env) error {
	return c.with(e, func(p *programs.Programs, shop *loyalty.Shop) error {
		list, err := p.List(e.ctx, shop.ID)
		if err != nil {
			return err
		}
		for _, x := range list {
			for _, v := range x.Versions {
				fmt.Fprintf(e.out, "# %s, version %d, %s\n%s\n", x.ID, v.N, stateText(x, v), v.Text)
			}
		}
		var behind id.Draft
		for {
			drafts, err := p.Drafts(e.ctx, shop.ID, behind, 100)
			if err != nil || len(drafts) == 0 {
				return err
			}
			for _, d := range drafts {
				fmt.Fprintf(e.out, "# %s, %s\n%s\n", d.ID, draftText(d), strings.TrimRight(d.Text, "\n")+"\n")
				behind = d.ID
			}
		}
	})
}

// stateText is the state of a version with the date that belongs to it.
func stateText(x programs.Program, v programs.Version) string {
	words := strings.ReplaceAll(v.State, "_", " ")
	switch {
	case v.State == programs.Scheduled:
		return words + " from " + v.StartsAt.String()
	case v.State == programs.InForce && x.State == programs.Paused:
		return words + " since " + v.StartsAt.String() + ", paused"
	case v.State == programs.InForce:
		return words + " since " + v.StartsAt.String()
	}
	return words
}

func draftText(d programs.Draft) string {
	words := fmt.Sprintf("draft of %q, revision %d", d.Name, d.Revision)
	if d.BasedOn != 0 {
		words += fmt.Sprintf(", from version %d", d.BasedOn)
	}
	switch len(d.Problems) {
	case 0:
		return words
	case 1:
		return words + ", 1 problem"
	}
	return words + fmt.Sprintf(", %d problems", len(d.Problems))
}

type programDiffCmd struct {
	ofShop
	File string `arg:"" help:"Program text; docs/programs.md has the grammar." type:"existingfile"`
	Lang string `help:"Of the sentences: en, fr or pl." enum:"en,fr,pl" default:"en"`
}

// Run compares.
func (c *programDiffCmd) Run(e *env) error {
	text, err := readText(c.File)
	if err != nil {
		return err
	}
	words, err := locale.New()
	if err != nil {
		return err
	}
	return c.with(e, func(p *programs.Programs, shop *loyalty.Shop) error {
		list, err := p.Compare(e.ctx, shop.ID, text)
		if err != nil {
			return fmt.Errorf("%s: %s", c.File, explain(err))
		}
		printer := words.Printer(c.Lang, nil).For(shop)
		for _, x := range list {
			from := "new"
			if x.From != 0 {
				from = fmt.Sprintf("version %d", x.From)
			}
			fmt.Fprintf(e.out, "%s  %s\n", x.Name, from)
			for _, change := range printer.Difference(x.Changes) {
				fmt.Fprintf(e.out, "  %s\n", change)
			}
		}
		return nil
	})
}

type programDraftCmd struct {
	ofShop
	File    string `arg:"" help:"Program text, as far as it is written." type:"existingfile"`
	Replace string `help:"Write over this draft instead." placeholder:"DRAFT"`
	draftRevision
}

// draftRevision says which revision of a draft somebody has read.
type draftRevision struct {
	Revision int64 `help:"The revision that you have read; another one by now is refused. Default: the present one."`
}

// of finds a draft by its id, with the revision that is meant.
func (r draftRevision) of(e *env, p *programs.Programs, shop *loyalty.Shop, which string) (programs.Draft, int64, error) {
	key, err := id.Parse[id.DraftKind](which)
	if err != nil {
		return programs.Draft{}, 0, fmt.Errorf("%q is not the id of a draft, such as program list prints", which)
	}
	d, err := p.Draft(e.ctx, shop.ID, key)
	if r.Revision == 0 {
		r.Revision = d.Revision
	}
	return d, r.Revision, err
}

// Run keeps the draft, and prints what stands against publishing it.
func (c *programDraftCmd) Run(e *env) error {
	text, err := readText(c.File)
	if err != nil {
		return err
	}
	return c.with(e, func(p *programs.Programs, shop *loyalty.Shop) error {
		d, err := c.keep(e, p, shop, programs.Said{Text: text})
		if err != nil {
			return err
		}
		fmt.Fprintf(e.out, "%s  %s\n", d.ID, draftText(d))
		for _, problem := range d.Problems {
			fmt.Fprintf(e.out, "  %s\n", explain(problem))
		}
		return nil
	})
}

func (c *programDraftCmd) keep(e *env, p *programs.Programs, shop *loyalty.Shop, said programs.Said) (programs.Draft, error) {
	if c.Replace != "" {
		d, revision, err := c.of(e, p, shop, c.Replace)
		if err != nil {
			return d, err
		}
		return p.ChangeDraft(e.ctx, shop.ID, d.ID, revision, 0, said)
	}
	of, err := p.Named(e.ctx, shop.ID, said.Text)
	if err != nil {
		return programs.Draft{}, err
	}
	return p.CreateDraft(e.ctx, shop.ID, of, said)
}

type programPublishCmd struct {
	ofShop
	Draft string `arg:"" help:"Its id, as program list prints it."`
	At    string `help:"From when it holds: 2026-03-01, or 2026-03-01T09:00 in the shop's zone. Default: as its text says, or now."`
	draftRevision
	DryRun bool `help:"Check everything, and say what would be published."`
}

// Run publishes the draft.
func (c *programPublishCmd) Run(e *env) error {
	return c.with(e, func(p *programs.Programs, shop *loyalty.Shop) error {
		at, err := localTime(c.At, shop.Zone)
		if err != nil {
			return err
		}
		d, revision, err := c.of(e, p, shop, c.Draft)
		if err != nil {
			return err
		}
		a, err := p.PublishDraft(e.ctx, shop.ID, d.ID, revision, at, c.DryRun)
		if err == nil {
			printApplied(e, a)
		}
		return err
	})
}

// localTime reads a day or a time of the shop's zone; none is zero.
func localTime(s string, zone *time.Location) (moment.Time, error) {
	if s == "" {
		return 0, nil
	}
	at, _, err := moment.ParseLocal(s, zone)
	return at, err
}

type programDiscardCmd struct {
	ofShop
	Draft string `arg:"" help:"Its id, as program list prints it."`
	draftRevision
}

// Run throws the draft away.
func (c *programDiscardCmd) Run(e *env) error {
	return c.with(e, func(p *programs.Programs, shop *loyalty.Shop) error {
		d, revision, err := c.of(e, p, shop, c.Draft)
		if err != nil {
			return err
		}
		if d, err = p.DropDraft(e.ctx, shop.ID, d.ID, revision); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "%s  thrown away\n", d.ID)
		return nil
	})
}

type programWithdrawCmd struct {
	ofShop
	Program string `arg:"" help:"The program's name."`
	Version int    `arg:"" help:"The version, as program list prints it."`
}

// Run withdraws the version.
func (c *programWithdrawCmd) Run(e *env) error {
	return c.with(e, func(p *programs.Programs, shop *loyalty.Shop) error {
		list, err := p.List(e.ctx, shop.ID)
		if err != nil {
			return err
		}
		for _, x := range list {
			if x.Name != c.Program {
				continue
			}
			if _, err := p.Withdraw(e.ctx, shop.ID, x.ID, c.Version, false); err != nil {
				return err
			}
			fmt.Fprintf(e.out, "%s  version %d  withdrawn\n", x.Name, c.Version)
			return nil
		}
		return fmt.Errorf("there is no program %q", c.Program)
	})
}
