package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"cagnotte/internal/intake"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/rewards"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

type importCodesCmd struct {
	place
	voucherTerms
	File     string `arg:"" help:"One code on each line, or a CSV with a column named code; plain or gzip." type:"existingfile"`
	Shop     string `help:"The shop's name." required:""`
	Batch    string `help:"What the batch is called." required:"" placeholder:"NAME"`
	Rejected string `help:"Where codes go that could not be taken, with the reason; beside the file when nothing is said." type:"path" placeholder:"FILE"`
	DryRun   bool   `help:"Check everything and store nothing."`
}

// Run imports the codes in one transaction and prints how many there are; codes that could
// not be taken make it fail at its end and stand in a file that may be corrected and imported
// as another batch.
func (c *importCodesCmd) Run(e *env) error {
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer file.Close()
	list, err := rewards.ReadList(file)
	if err != nil {
		return err
	}
	what := rewards.Issue{Name: c.Batch, Origin: loyalty.CodesImported, LeaveOut: true}
	for _, x := range list {
		what.Codes = append(what.Codes, x.Code)
	}
	return c.work(e, func(st *store.Store, _ *seal.Box, in *intake.Intake) error {
		shop, err := shopOf(e, st, c.Shop)
		if err != nil {
			return err
		}
		if what.Terms, err = c.read(shop); err != nil {
			return err
		}
		got, err := rewards.New(st, in).Issue(e.ctx, shop.ID, what, c.DryRun)
		if err != nil {
			return err
		}
		if err := printIssued(e, got, c.DryRun); err != nil {
			return err
		}
		if len(got.Refused) == 0 {
			return nil
		}
		fmt.Fprintf(e.out, "rejected %d\n", len(got.Refused))
		if c.DryRun {
			return errFailed
		}
		return errors.Join(c.reject(e, list, got.Refused), errFailed)
	})
}

// reject writes the codes that were not taken, each with its line and the reason.
func (c *importCodesCmd) reject(e *env, list []rewards.Listed, refused []rewards.Refused) error {
	words, err := locale.New()
	if err != nil {
		return err
	}
	name := c.Rejected
	if name == "" {
		name = rejectedName(c.File)
	}
	out, err := os.Create(name)
	if err != nil {
		return err
	}
	w := csv.NewWriter(out)
	rows := [][]string{{"line", "reason", "code"}}
	p := words.Printer("en", time.UTC)
	for _, r := range refused {
		code := r.Why
		why := p.Problem(&loyalty.Problem{Kind: loyalty.ErrInvalid, Code: code, Args: map[string]string{
			"min": strconv.Itoa(loyalty.MinCode), "max": strconv.Itoa(loyalty.MaxCode),
		}})
		rows = append(rows, []string{strconv.Itoa(list[r.Place].Line), why, r.Code})
	}
	if err := errors.Join(w.WriteAll(rows), out.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.out, "rejected codes are in %s\n", name)
	return err
}
