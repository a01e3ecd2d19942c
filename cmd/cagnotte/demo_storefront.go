package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/storefront"
	"cagnotte/internal/web"
)

// storefront serves the small web shop beside the server, on an origin of its own, until
// the command ends. It is given what any shop is given: an address and a key.
func (c *demoCmd) storefront(e *env, p *parts, shop *loyalty.Shop, ln net.Listener, key string, running *sync.WaitGroup) error {
	front, err := storefront.New(storefront.Options{
		Cagnotte: "http://" + p.at, Key: key, Accounts: demoAccounts(), Letters: demoLetters(p, shop), Log: p.log,
	})
	if err != nil {
		return err
	}
	running.Go(func() {
		if err := web.Run(e.ctx, ln, front.Handler()); err != nil {
			p.log.Error("the storefront stopped", "error", err)
		}
	})
	return nil
}

// shopAddr is where the storefront listens: as told, or on the port behind the server's.
func (c *demoCmd) shopAddr() (string, error) {
	if c.ShopAddr != "" {
		return c.ShopAddr, nil
	}
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return "", err
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return "", fmt.Errorf("--addr %s: the port is no number", c.Addr)
	}
	if n > 0 {
		n++
	}
	return net.JoinHostPort(host, strconv.Itoa(n)), nil
}

// demoAccounts are the customers of the storefront: members of the demo shop.
func demoAccounts() (out []storefront.Account) {
	for i, first := range demoFirst {
		out = append(out, storefront.Account{Email: demoEmail(i), Name: first})
	}
	return out
}

func demoEmail(i int) string { return fmt.Sprintf("member%d@example.com", i+1) }

// shownLetters is how many messages the outbox page shows.
const shownLetters = 50

func demoLetters(p *parts, shop *loyalty.Shop) storefront.Letters {
	return func(ctx context.Context) (out []storefront.Letter, err error) {
		kept, err := p.outreach.Outbox(ctx, shop.ID, shownLetters)
		for _, k := range kept {
			if k.Message == nil {
				continue // its contents are forgotten
			}
			out = append(out, storefront.Letter{
				ID: k.ID.String(), To: k.To, Subject: k.Subject, Text: k.Text, HTML: k.HTML, Left: k.Via == "mail", At: k.CreatedAt.Std(),
			})
		}
		return out, err
	}
}

// addresses says where to look, each state of a friend's page with its own.
func (c *demoCmd) addresses(e *env, p *parts, shop *loyalty.Shop, front string) (string, error) {
	code := func(i int) (string, error) {
		m, err := p.people.Find(e.ctx, shop.ID, demoWho(demoNumber(i)))
		if err != nil {
			return "", err
		}
		codes, err := p.people.Codes(e.ctx, shop.ID, m.ID)
		if err != nil {
			return "", err
		}
		return codes[0], nil
	}
	anna, err := code(0)
	if err != nil {
		return "", err
	}
	blocked, err := code(demoBlocked)
	if err != nil {
		return "", err
	}
	ended, err := c.ended(e, p, strings.TrimPrefix(front, "http://"))
	if err != nil {
		return "", err
	}
	office, err := c.staff(e, p, shop)
	if err != nil {
		return "", err
	}
	portal := "http://" + p.at
	var b strings.Builder
	for _, x := range [][2]string{
		{"back office", office},
		{"pages", portal + "/"},
		{"storefront", front + "/"},
		{"mail", front + "/outbox"},
		{"mistakes", front + "/mistakes"},
		{"member", "sign in at the storefront as " + demoEmail(0)},
		{"friend", front + "/?cgr=" + url.QueryEscape(anna)},
		{"invitation", portal + "/i/" + anna},
		{"own link", "the same, signed in as " + demoEmail(0)},
		{"customer", "the same, signed in as " + demoEmail(1)},
		{"expired", ended},
		{"blocked", portal + "/i/" + blocked},
		{"unknown", portal + "/i/XXXXXXX"},
	} {
		fmt.Fprintf(&b, "%-13s %s\n", x[0], x[1])
	}
	return b.String(), nil
}
