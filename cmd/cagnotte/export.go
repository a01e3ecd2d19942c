package main

import (
	"fmt"
	"time"

	"cagnotte/internal/intake"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
	"cagnotte/internal/upkeep"
	"cagnotte/internal/version"
)

type exportCmd struct {
	Balances exportBalancesCmd `cmd:"" help:"Write every balance of a shop as CSV."`
	Shop     exportShopCmd     `cmd:"" help:"Write a whole shop and its test twin into a folder; docs/export.md has the format."`
}

type exportBalancesCmd struct {
	place
	Shop string `help:"The shop's name." required:""`
	At   string `help:"As of then: 2026-03-31 (its end, in the shop's zone), 2026-03-31T12:00 or RFC 3339. Default: now, with more columns." placeholder:"TIME"`
}

// Run writes the balances as of now, or of another instant.
func (c *exportBalancesCmd) Run(e *env) error {
	return c.work(e, func(st *store.Store, _ *seal.Box, in *intake.Intake) error {
		shop, err := shopOf(e, st, c.Shop)
		if err != nil {
			return err
		}
		now := in.Now(shop)
		if c.At == "" {
			return upkeep.ExportBalances(e.ctx, st, shop, now, e.out)
		}
		at, err := instant(c.At, shop.Zone)
		if err != nil {
			return fmt.Errorf("--at: %w", err)
		}
		return upkeep.ExportBalancesAt(e.ctx, st, shop, at, now, e.out)
	})
}

// instant reads a time; a day stands for its end, so that all that happened on it counts.
func instant(s string, zone *time.Location) (moment.Time, error) {
	at, day, err := moment.ParseLocal(s, zone)
	if day {
		at = at.NextDay(zone) - 1
	}
	return at, err
}

type exportShopCmd struct {
	place
	Shop  string `help:"The live shop's name; its test twin goes along." required:""`
	Into  string `help:"The new folder." required:"" type:"path" placeholder:"DIR"`
	Clear bool   `help:"Write names and addresses readable beside the sealed ones: the folder then needs as much care as they do."`
}

// Run writes the folder and says what is in it.
func (c *exportShopCmd) Run(e *env) error {
	return c.work(e, func(st *store.Store, box *seal.Box, _ *intake.Intake) error {
		shop, err := shopOf(e, st, c.Shop)
		if err != nil {
			return err
		}
		progress, end := bar(e, "rows")
		m, err := upkeep.ExportShop(e.ctx, st, box, shop, c.Into, upkeep.ShopExport{
			Clear: c.Clear, MadeBy: version.Version, Progress: func(rows int64) { progress(rows, -1) },
		})
		end()
		if err != nil {
			return err
		}
		tellMoved(e, m)
		fmt.Fprintf(e.out, "It can be imported where the master key is %s.\n", m.MasterKey)
		return nil
	})
}

// tellMoved says what an export holds.
func tellMoved(e *env, m *upkeep.Manifest) {
	rows := map[string]int64{}
	for _, s := range m.Shops {
		for _, f := range m.Files {
			if f.Table != "" && f.Name == s.Folder+"/"+f.Table+".jsonl" {
				rows[s.Slug] += f.Rows
			}
		}
		fmt.Fprintf(e.out, "%s  %d rows  balances %s\n", s.Slug, rows[s.Slug], s.Balances)
	}
}

type importShopCmd struct {
	place
	Folder string `arg:"" help:"What export shop wrote." type:"existingdir"`
}

// Run reads the folder. The master key must be there before: one that is made now would
// open nothing of the shop.
func (c *importShopCmd) Run(e *env) error {
	m, err := upkeep.ReadManifest(c.Folder)
	if err != nil {
		return err
	}
	box, _, err := c.knownBox(m.MasterKey)
	if err != nil {
		return err
	}
	if err := m.CheckKey(box); err != nil {
		return err
	}
	return c.begin(e, func(st *store.Store, box *seal.Box, in *intake.Intake) error {
		progress, end := bar(e, "rows")
		m, err := upkeep.ImportShop(e.ctx, st, box, c.Folder, progress)
		end()
		if err != nil {
			return err
		}
		if err := people.New(st, in, box).MakeSearchTerms(e.ctx); err != nil {
			return fmt.Errorf("the shop is imported; serve makes its members' search words: %w", err)
		}
		tellMoved(e, m)
		fmt.Fprintln(e.out, "The balances are those that were exported. cagnotte verify checks everything else.")
		return nil
	})
}
