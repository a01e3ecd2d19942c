package main

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
	"cagnotte/internal/rewards"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

type voucherCmd struct {
	Issue voucherIssueCmd `cmd:"" help:"Issue vouchers: random codes, or one that the shop chose."`
	List  voucherListCmd  `cmd:"" help:"List the batches of a shop with how far they are used."`
	Codes voucherCodesCmd `cmd:"" help:"Print the codes of a batch as CSV."`
}

// voucherTerms are the flags that say what vouchers are for.
type voucherTerms struct {
	Terms     string `help:"A JSON file with the terms, as the API takes them, instead of the flags below." type:"existingfile" placeholder:"FILE"`
	Kind      string `help:"product, category, cash or special." placeholder:"KIND"`
	Article   string `help:"The article or category of the first two."`
	Amount    string `help:"Of money, such as 5.00, or of units of the article." placeholder:"N"`
	Percent   string `help:"Per cent, such as 10: off the basket or off the article." placeholder:"N"`
	Uses      int64  `help:"Of each code; 0 is any number." default:"1"`
	PerMember int64  `help:"Of each code by one member, who must then be named; 0 is any number." default:"0"`
	Minimum   string `help:"Of the lines that it may discount, such as 20.00." placeholder:"N"`
	Priority  int    `help:"Which discount comes first in a cart." default:"0"`
	Exclusive string `help:"A group of which one discount applies." placeholder:"NAME"`
	Starts    string `help:"The first day, or a time." placeholder:"DATE"`
	Ends      string `help:"The last day, or the time from which on it does not hold." placeholder:"DATE"`
}

// read makes the terms of the flags.
func (c *voucherTerms) read(s *loyalty.Shop) (t loyalty.VoucherTerms, err error) {
	if c.Terms != "" {
		text, err := readText(c.Terms)
		if err != nil {
			return t, err
		}
		d := json.NewDecoder(strings.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&t); err != nil {
			return t, fmt.Errorf("the terms in %s: %w", c.Terms, err)
		}
		return t, nil
	}
	t = loyalty.VoucherTerms{
		Kind: c.Kind, Article: c.Article, Uses: c.Uses, PerMember: c.PerMember, Priority: c.Priority, Exclusive: c.Exclusive,
	}
	decimals := s.Decimals
	if c.Kind == loyalty.VoucherProduct || c.Kind == loyalty.VoucherCategory {
		decimals = 0
	}
	for _, x := range []struct {
		flag, text string
		decimals   int
		into       *int64
	}{{"--amount", c.Amount, decimals, &t.Amount}, {"--percent", c.Percent, 2, &t.Percent}, {"--minimum", c.Minimum, s.Decimals, &t.Minimum}} {
		if x.text == "" {
			continue
		}
		if *x.into, err = money.Parse(x.text, x.decimals); err != nil {
			return t, fmt.Errorf("%s: %q is not a number with at most %d decimals", x.flag, x.text, x.decimals)
		}
	}
	if t.StartsAt, _, err = c.date("--starts", c.Starts, s); err != nil {
		return t, err
	}
	end, day, err := c.date("--ends", c.Ends, s)
	if t.ExpiresAt = end; day {
		t.ExpiresAt = end.NextDay(s.Zone)
	}
	return t, err
}

func (c *voucherTerms) date(flag, text string, s *loyalty.Shop) (at moment.Time, day bool, err error) {
	if text == "" {
		return 0, false, nil
	}
	if at, day, err = moment.ParseLocal(text, s.Zone); err != nil {
		err = fmt.Errorf("%s: %w", flag, err)
	}
	return at, day, err
}

type voucherIssueCmd struct {
	place
	voucherTerms
	Name   string `arg:"" help:"What the batch is called."`
	Shop   string `help:"The shop's name." required:""`
	Count  int    `help:"How many random codes, up to 100000." xor:"codes" required:"" placeholder:"N"`
	Code   string `help:"One code that the shop chose, such as SPRING." xor:"codes" required:""`
	Member string `help:"The number of the member whom the codes are bound to; without it whoever has one may use it." placeholder:"NUMBER"`
	DryRun bool   `help:"Check everything and store nothing."`
}

// Run issues the batch and prints what was issued; the codes follow by voucher codes.
func (c *voucherIssueCmd) Run(e *env) error {
	return c.work(e, func(st *store.Store, _ *seal.Box, in *intake.Intake) error {
		shop, err := shopOf(e, st, c.Shop)
		if err != nil {
			return err
		}
		what := rewards.Issue{Name: c.Name, Origin: loyalty.CodesGenerated, Count: c.Count}
		if what.Terms, err = c.read(shop); err != nil {
			return err
		}
		if c.Code != "" {
			what.Origin, what.Codes = loyalty.CodesChosen, []string{c.Code}
		}
		if c.Member != "" {
			what.Member.Keys = []loyalty.Key{{Kind: loyalty.ByNumber, Key: c.Member}}
		}
		got, err := rewards.New(st, in).Issue(e.ctx, shop.ID, what, c.DryRun)
		if err != nil {
			return err
		}
		return printIssued(e, got, c.DryRun)
	})
}

func printIssued(e *env, got *rewards.Issued, dry bool) error {
	if dry {
		_, err := fmt.Fprintf(e.out, "%d codes would be issued; nothing was stored.\n", got.Batch.Size)
		return err
	}
	_, err := fmt.Fprintf(e.out, "batch   %s  %s\ncodes   %d\n", got.Batch.ID, got.Batch.Name, got.Batch.Size)
	return err
}

type voucherListCmd struct {
	place
	Shop string `help:"The shop's name." required:""`
}

// Run lists the batches, newest first.
func (c *voucherListCmd) Run(e *env) error {
	return c.work(e, func(st *store.Store, _ *seal.Box, in *intake.Intake) error {
		shop, err := shopOf(e, st, c.Shop)
		if err != nil {
			return err
		}
		r := rewards.New(st, in)
		w := tabwriter.NewWriter(e.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "NAME\tORIGIN\tKIND\tCODES\tUSED\tUSES\tLEFT\tWITHDRAWN")
		var before id.Vouchers
		for {
			list, err := r.Batches(e.ctx, shop.ID, before, 100)
			if err != nil {
				return err
			}
			if len(list) == 0 {
				return w.Flush()
			}
			for _, b := range list {
				before = b.ID
				x, err := r.Batch(e.ctx, shop.ID, b.ID)
				if err != nil {
					return err
				}
				gone := ""
				if x.WithdrawnAt != 0 {
					gone = x.WithdrawnAt.String()
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%d\t%d\t%s\n", b.Name, b.Origin, b.Terms.Kind, x.Issued, x.Used, x.Uses, x.Left, gone)
			}
		}
	})
}

type voucherCodesCmd struct {
	place
	Name string `arg:"" help:"The batch."`
	Shop string `help:"The shop's name." required:""`
}

// Run prints the codes in the order in which they were issued.
func (c *voucherCodesCmd) Run(e *env) error {
	return c.work(e, func(st *store.Store, _ *seal.Box, in *intake.Intake) error {
		shop, err := shopOf(e, st, c.Shop)
		if err != nil {
			return err
		}
		r := rewards.New(st, in)
		b, err := r.Named(e.ctx, shop.ID, c.Name)
		if err != nil {
			return err
		}
		w := csv.NewWriter(e.out)
		if err := w.Write([]string{"code", "used", "uses_max", "state"}); err != nil {
			return err
		}
		for behind := (id.Voucher{}); ; {
			list, err := r.Codes(e.ctx, shop.ID, b.ID, behind, 5_000)
			if err != nil || len(list) == 0 {
				w.Flush()
				return cmp.Or(err, w.Error())
			}
			for _, v := range list {
				behind = v.ID
				code, most := v.Code, ""
				if v.Written != "" {
					code = v.Written
				}
				if v.UsesMax != loyalty.Unlimited {
					most = strconv.FormatInt(v.UsesMax, 10)
				}
				if err := w.Write([]string{code, strconv.FormatInt(v.Used, 10), most, v.State}); err != nil {
					return err
				}
			}
		}
	})
}
