package main

import (
	"errors"
	"fmt"
	"text/tabwriter"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/seal"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
)

type staffCmd struct {
	Invite staffInviteCmd `cmd:"" help:"Let somebody in: prints the link at which he chooses his password, once, within a week."`
	Link   staffLinkCmd   `cmd:"" help:"Print a link that signs somebody in, once, within an hour, without his password and second factor; who has not accepted his invitation chooses a password by it."`
	List   staffListCmd   `cmd:"" help:"List who works in a shop's back office."`
}

type staffInviteCmd struct {
	place
	Slug  string `arg:"" help:"The shop."`
	Email string `arg:"" help:"His address."`
	Name  string `required:"" help:"His name."`
	Role  string `help:"One of ${enum}." enum:"owner,marketing,support,cashier,read_only" default:"owner"`
}

// Run invites him.
func (c *staffInviteCmd) Run(e *env) error {
	return c.work(e, func(st *store.Store, box *seal.Box, _ *intake.Intake) error {
		shop, err := liveShop(e, st, c.Slug)
		if err != nil {
			return err
		}
		_, token, err := staff.New(st, box).Invite(e.ctx, shop.ID, staff.Newcomer{Name: c.Name, Email: c.Email, Role: staff.Role(c.Role)})
		if err == nil {
			fmt.Fprintf(e.out, "/admin/join/%s/%s\n", shop.Slug, token)
		}
		return err
	})
}

type staffLinkCmd struct {
	place
	Slug  string `arg:"" help:"The shop."`
	Email string `arg:"" help:"The address of whom it signs in."`
}

// Run makes the link.
func (c *staffLinkCmd) Run(e *env) error {
	return c.work(e, func(st *store.Store, box *seal.Box, _ *intake.Intake) error {
		shop, err := liveShop(e, st, c.Slug)
		if err != nil {
			return err
		}
		path, err := staff.New(st, box).WayIn(e.ctx, shop, c.Email)
		if err == nil {
			fmt.Fprintln(e.out, path)
		}
		return err
	})
}

type staffListCmd struct {
	place
	Slug string `arg:"" help:"The shop."`
}

// Run lists them.
func (c *staffListCmd) Run(e *env) error {
	return c.work(e, func(st *store.Store, box *seal.Box, _ *intake.Intake) error {
		shop, err := liveShop(e, st, c.Slug)
		if err != nil {
			return err
		}
		all, err := staff.New(st, box).List(e.ctx, shop.ID)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(e.out, 0, 4, 2, ' ', 0)
		for _, a := range all {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", a.Email, a.Name, a.Role, a.State)
		}
		return w.Flush()
	})
}

// liveShop finds a live shop: staff belongs to it, and its twin has none of its own.
func liveShop(e *env, st *store.Store, slug string) (*loyalty.Shop, error) {
	shop, err := st.ShopBySlug(e.ctx, slug)
	if err == nil && shop.Twin() {
		err = errors.New("name the live shop: its staff works in the test shop, too")
	}
	return shop, err
}
