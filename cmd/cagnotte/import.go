package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"cagnotte/internal/imports"
	"cagnotte/internal/intake"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

type importCmd struct {
	Members   importMembersCmd   `cmd:"" help:"Import members from a CSV file."`
	Referrals importReferralsCmd `cmd:"" help:"Import who recommended whom from a CSV file."`
	Orders    importOrdersCmd    `cmd:"" help:"Import orders and returns from a CSV file, plain or gzip."`
	Balances  importBalancesCmd  `cmd:"" help:"Import what members had elsewhere from a CSV file."`
	Codes     importCodesCmd     `cmd:"" help:"Import codes of another system as a batch of vouchers."`
	Shop      importShopCmd      `cmd:"" help:"Import a whole shop from a folder that export shop wrote."`
	Mapping   importMappingCmd   `cmd:"" help:"Print a built-in mapping of columns, or check one of your own."`
}

// importing has the flags of every import of a file.
type importing struct {
	place
	File     string `arg:"" help:"The file." type:"existingfile"`
	Shop     string `help:"The shop's name." required:""`
	DryRun   bool   `help:"Count and check everything, and store nothing."`
	Rejected string `help:"Where rows go that could not be taken, with the reason; beside the file when nothing is said." type:"path" placeholder:"FILE"`
	Language string `help:"Language of the reasons: ${enum}." enum:"en,fr,pl" default:"en" env:"CAGNOTTE_LANGUAGE"`
}

type importOrdersCmd struct {
	importing
	Mapping string `help:"What the columns mean: ${mappings}, or a file." default:"online-retail" placeholder:"NAME|FILE"`
	Reward  bool   `help:"Let the programs judge the orders; without it they are history and give nothing."`
}

type importMembersCmd struct {
	importing
	Mapping string `help:"What the columns mean: cagnotte, or a file." default:"cagnotte" placeholder:"NAME|FILE"`
	Reward  bool   `help:"Let the programs reward the joining; without it the members are history and get nothing."`
}

type importReferralsCmd struct {
	importing
	Mapping string `help:"What the columns mean: cagnotte, or a file." default:"cagnotte" placeholder:"NAME|FILE"`
}

type importBalancesCmd struct {
	importing
	Mapping string `help:"What the columns mean: cagnotte, or a file." default:"cagnotte" placeholder:"NAME|FILE"`
}

// Run imports and prints the totals; rows that could not be read make it fail at its end.
func (c *importOrdersCmd) Run(e *env) error {
	return c.bring(e, imports.ReadsOrders, c.Mapping, c.Reward, (*imports.Desk).Orders)
}

// Run imports members.
func (c *importMembersCmd) Run(e *env) error {
	return c.bring(e, imports.ReadsMembers, c.Mapping, c.Reward, (*imports.Desk).Members)
}

// Run imports who recommended whom.
func (c *importReferralsCmd) Run(e *env) error {
	return c.bring(e, imports.ReadsReferrals, c.Mapping, false, (*imports.Desk).Referrals)
}

// Run imports opening balances.
func (c *importBalancesCmd) Run(e *env) error {
	return c.bring(e, imports.ReadsBalances, c.Mapping, false, (*imports.Desk).Balances)
}

// reading is the import of one kind of file.
type reading func(*imports.Desk, context.Context, *loyalty.Shop, io.Reader, imports.Mapping, imports.Options) (imports.Totals, error)

// bring imports a file and prints the totals; rows that were rejected are written into a
// file of their own, and make it fail at its end.
func (c *importing) bring(e *env, reads, mapping string, reward bool, read reading) error {
	m, err := mappingOf(reads, mapping)
	if err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer file.Close()
	return c.work(e, func(st *store.Store, box *seal.Box, in *intake.Intake) error {
		shop, err := shopOf(e, st, c.Shop)
		if err != nil {
			return err
		}
		desk := &imports.Desk{Store: st, Intake: in, Box: box, People: crowd{people.New(st, in, box)}}
		progress, end := bar(e, "import")
		totals, err := read(desk, e.ctx, shop, file, m, imports.Options{Reward: reward, DryRun: c.DryRun, Progress: progress})
		end()
		switch {
		case err != nil && totals.Facts == 0:
			return err // refused before anything was read: there is nothing to total
		case err != nil:
			return errors.Join(err, totals.Report(e.out))
		case totals.ErrorRows > 0:
			return errors.Join(totals.Report(e.out), c.reject(e, shop, &totals), errFailed)
		}
		return totals.Report(e.out)
	})
}

// reject writes what could not be taken into a file that may be corrected and imported.
// It holds what the first file held, so nobody else may read it.
func (c *importing) reject(e *env, shop *loyalty.Shop, t *imports.Totals) (err error) {
	name := c.Rejected
	if name == "" {
		name = rejectedName(c.File)
	}
	words, err := locale.New()
	if err != nil {
		return err
	}
	printer := words.Printer(c.Language, shop.Zone).For(shop)
	from, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer from.Close()
	out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = errors.Join(t.WriteRejected(from, out, func(e imports.RowError) string { return printer.Problem(e.Problem()) }), out.Close())
	if err == nil {
		_, err = fmt.Fprintf(e.out, "rejected rows are in %s\n", name)
	}
	return err
}

// rejectedName is the file beside a file for what could not be taken of it.
func rejectedName(file string) string {
	base := strings.TrimSuffix(file, ".gz")
	ext := filepath.Ext(base)
	return strings.TrimSuffix(base, ext) + ".rejected" + ext
}

// crowd lets imports name people as the API does.
type crowd struct{ *people.People }

// Who turns what a row says of a person into keys and sealed data.
func (c crowd) Who(n imports.Named, field string) (loyalty.Who, *loyalty.Person, error) {
	return c.People.Who(people.Naming{
		Number: n.Number, ExternalID: n.ExternalID, Email: n.Email, Phone: n.Phone, FirstName: n.FirstName, LastName: n.LastName,
		Locale: n.Locale, Country: n.Country, Fields: n.Fields,
	}, field)
}

// sayRefused words why a row was refused, for whoever brought the file.
func sayRefused(words *locale.Catalog) imports.Say {
	return func(s *loyalty.Shop, language string, e imports.RowError) string {
		return words.Printer(language, s.Zone).For(s).Problem(e.Problem())
	}
}

// mappingOf finds a mapping by its name, or reads it from a file.
func mappingOf(reads, name string) (imports.Mapping, error) {
	m, err := imports.MappingOf(reads, name)
	if _, missing := os.Stat(name); err == nil || missing != nil {
		return m, err
	}
	text, err := readText(name)
	if err != nil {
		return m, err
	}
	if m, err = imports.ParseMapping(text); err == nil {
		err = m.For(reads)
	}
	return m, inFile(name, err)
}

// inFile says in which file a problem is.
func inFile(name string, err error) error {
	if p, ok := errors.AsType[*loyalty.Problem](err); ok {
		p.Field = filepath.Base(name)
	}
	return err
}

type importMappingCmd struct {
	Name  string `arg:"" optional:"" help:"A built-in mapping, or a file of your own; without it the built-in ones are listed."`
	Reads string `help:"What it reads, where a name has several: members, referrals, orders, balances."`
}

// Run prints a mapping as it is written.
func (c *importMappingCmd) Run(e *env) error {
	if c.Name == "" {
		for _, reads := range imports.Kinds {
			for _, name := range imports.Mappings(reads) {
				fmt.Fprintf(e.out, "%-10s %s\n", reads, name)
			}
		}
		return nil
	}
	if _, err := os.Stat(c.Name); err == nil {
		text, err := readText(c.Name)
		if err != nil {
			return err
		}
		if _, err := imports.ParseMapping(text); err != nil {
			return inFile(c.Name, err)
		}
		_, err = io.WriteString(e.out, text)
		return err
	}
	text, err := imports.MappingText(c.Reads, c.Name)
	if err != nil {
		return err
	}
	_, err = io.WriteString(e.out, text)
	return err
}
