package main

import (
	"fmt"
	"text/tabwriter"

	"cagnotte/internal/intake"
	"cagnotte/internal/office"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

type shopCmd struct {
	Create shopCreateCmd `cmd:"" help:"Make a shop with its test twin, and print a key of each."`
	List   shopListCmd   `cmd:"" help:"List the shops."`
	Key    shopKeyCmd    `cmd:"" help:"Make a further key of a shop, and print it."`
	Remove shopRemoveCmd `cmd:"" help:"Remove a shop and its test twin with everything that is theirs, for good."`
}

type shopCreateCmd struct {
	place
	Name     string `arg:"" help:"What the shop is called."`
	Currency string `help:"ISO 4217 code." default:"EUR"`
	TimeZone string `help:"Such as Europe/Paris." default:"Europe/Paris"`
}

// Run makes the shop.
func (c *shopCreateCmd) Run(e *env) error {
	return c.begin(e, func(st *store.Store, _ *seal.Box, in *intake.Intake) error {
		made, err := office.New(st, in).CreateShop(e.ctx, c.Name, c.Currency, c.TimeZone)
		if err != nil {
			return err
		}
		printShop(e, made)
		return nil
	})
}

func printShop(e *env, made *office.Opened) {
	fmt.Fprintf(e.out, "shop      %s  (%s, %s)\n", made.Live.Slug, made.Live.Currency, made.Live.Zone)
	fmt.Fprintf(e.out, "live key  %s\n", made.LiveKey)
	fmt.Fprintf(e.out, "test key  %s  (reaches the twin %s)\n", made.TestKey, made.Test.Slug)
}

type shopListCmd struct{ place }

// Run lists the shops.
func (c *shopListCmd) Run(e *env) error {
	return c.work(e, func(st *store.Store, _ *seal.Box, _ *intake.Intake) error {
		shops, err := st.Shops(e.ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(e.out, 0, 4, 2, ' ', 0)
		for _, s := range shops {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", s.Slug, s.Name, s.Currency, s.Zone)
		}
		return w.Flush()
	})
}

type shopKeyCmd struct {
	place
	Slug   string   `arg:"" help:"The shop, or its test twin."`
	Name   string   `help:"What the key is for." default:"command line"`
	Scopes []string `help:"What it may do: till, or any of ${scopes}. Default: all of these."`
}

// Run makes the key.
func (c *shopKeyCmd) Run(e *env) error {
	return c.work(e, func(st *store.Store, _ *seal.Box, in *intake.Intake) error {
		shop, err := shopOf(e, st, c.Slug)
		if err != nil {
			return err
		}
		if len(c.Scopes) == 0 {
			c.Scopes = office.ShopScopes
		}
		all := office.Access{Shop: shop.ID, Scopes: office.ShopScopes}
		_, token, err := office.New(st, in).IssueKey(e.ctx, all, c.Name, c.Scopes)
		if err != nil {
			return err
		}
		fmt.Fprintf(e.out, "key  %s\n", token)
		return nil
	})
}

type shopRemoveCmd struct {
	place
	Slug string `arg:"" help:"The live shop, as shop list names it."`
	Yes  bool   `help:"Really: nothing of the shop comes back."`
}

// Run removes the shop.
func (c *shopRemoveCmd) Run(e *env) error {
	return c.work(e, func(st *store.Store, _ *seal.Box, in *intake.Intake) error {
		if !c.Yes {
			return fmt.Errorf("this removes %s and everything of it, for good: say --yes", c.Slug)
		}
		o := office.New(st, in)
		live, test, err := o.RemoveShop(e.ctx, c.Slug, c.Slug)
		if err != nil {
			return err
		}
		progress, end := bar(e, "rows")
		err = o.EmptyRemoved(e.ctx, func(rows int64) { progress(rows, -1) })
		end()
		if err != nil {
			return err
		}
		names := live.Slug
		if test != nil {
			names += " and " + test.Slug
		}
		fmt.Fprintf(e.out, "removed  %s\n", names)
		return nil
	})
}
