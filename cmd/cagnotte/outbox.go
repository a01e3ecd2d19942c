package main

import (
	"fmt"
	"maps"
	"slices"
	"text/tabwriter"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/message/local"
	"cagnotte/internal/outreach"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

type outboxCmd struct {
	place
	ID    string `arg:"" optional:"" help:"One message, whole."`
	Shop  string `help:"The shop's name." default:"demo"`
	Limit int    `help:"How many, newest first." default:"20"`
	HTML  bool   `help:"Print the HTML of the message instead of its text." name:"html"`
	From  string `help:"The sender's address, as serve has it." name:"mail-from" env:"CAGNOTTE_MAIL_FROM" placeholder:"ADDRESS"`
}

// Run lists messages, or prints one.
func (c *outboxCmd) Run(e *env) error {
	return outreachOf(e, c.place, c.Shop, c.From, func(o *outreach.Outreach, shop *loyalty.Shop) error {
		if c.ID != "" {
			which, err := id.Parse[id.MessageKind](c.ID)
			if err != nil {
				return err
			}
			k, err := o.Message(e.ctx, shop.ID, which)
			if err != nil {
				return err
			}
			return c.whole(e, k)
		}
		list, err := o.Outbox(e.ctx, shop.ID, c.Limit)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(e.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tWRITTEN\tMOMENT\tSTATE\tVIA\tTO\tSUBJECT")
		for _, k := range list {
			to, subject := "forgotten", ""
			if k.Message != nil {
				to, subject = k.To, k.Subject
			}
			state := k.State
			if k.Reason != "" {
				state += " (" + k.Reason + ")"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.CreatedAt.Std().Format("2006-01-02 15:04:05"), k.Moment, state, k.Via, to, subject)
		}
		return w.Flush()
	})
}

func (c *outboxCmd) whole(e *env, k *outreach.Kept) error {
	if k.Message == nil {
		return fmt.Errorf("%s is %s; its recipient and its text are forgotten", k.ID, k.State)
	}
	if c.HTML {
		_, err := fmt.Fprint(e.out, k.HTML)
		return err
	}
	fmt.Fprintf(e.out, "State: %s %s\nFrom: %s <%s>\nTo: %s\n", k.State, k.Reason, k.FromName, k.From, k.To)
	if k.ReplyTo != "" {
		fmt.Fprintf(e.out, "Reply-To: %s\n", k.ReplyTo)
	}
	for _, name := range slices.Sorted(maps.Keys(k.Headers)) {
		fmt.Fprintf(e.out, "%s: %s\n", name, k.Headers[name])
	}
	_, err := fmt.Fprintf(e.out, "Subject: %s\n\n%s", k.Subject, k.Text)
	return err
}

type messagesCmd struct {
	place
	Shop string `arg:"" help:"The shop's name."`
	Set  string `arg:"" optional:"" enum:",on,off" default:"" help:"on or off; without it the command says what it is."`
}

// Run switches messages, or says whether they are on.
func (c *messagesCmd) Run(e *env) error {
	return outreachOf(e, c.place, c.Shop, "", func(o *outreach.Outreach, shop *loyalty.Shop) error {
		if c.Set != "" {
			if err := o.Switch(e.ctx, shop.ID, c.Set == "on"); err != nil {
				return err
			}
		}
		on, err := o.On(e.ctx, shop.ID)
		if err != nil {
			return err
		}
		said := "off"
		if on {
			said = "on"
		}
		_, err = fmt.Fprintf(e.out, "messages of %s are %s\n", shop.Slug, said)
		return err
	})
}

// outreachOf opens what there is to read and switch of a shop's messages; nothing is sent.
func outreachOf(e *env, at place, name, from string, fn func(*outreach.Outreach, *loyalty.Shop) error) error {
	words, err := locale.New()
	if err != nil {
		return err
	}
	return at.work(e, func(st *store.Store, box *seal.Box, in *intake.Intake) error {
		shop, err := shopOf(e, st, name)
		if err != nil {
			return err
		}
		return fn(outreach.New(st, in, box, words, logger(e), outreach.Options{From: from, Kept: local.Outbox{}}), shop)
	})
}
