package story

import (
	"fmt"
	"slices"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
)

// movedClaim is a gift or a choice that came, or was withdrawn.
type movedClaim struct {
	member, gift string
	withdrawn    bool
}

func (k movedClaim) text() string {
	what := "choice"
	if k.gift != "" {
		what = fmt.Sprintf("gift %q", k.gift)
	}
	if k.withdrawn {
		what = strings.Replace(what, " ", " withdrawn ", 1)
		if k.gift == "" {
			what += " withdrawn"
		}
	}
	return k.member + " " + what
}

// gifts finds those that came and those that were withdrawn.
func (c *comparison) gifts(was map[string]Wallet) {
	before := map[id.Reward]string{}
	for _, w := range was {
		for _, k := range w.Claims {
			before[k.Reward] = k.State
		}
	}
	for _, name := range c.story.Members {
		for _, k := range c.wallets[name].Claims {
			state, known := before[k.Reward]
			out := func(state string) bool { return state == loyalty.ClaimWithdrawn || state == loyalty.ClaimCancelled }
			switch gone := out(k.State); {
			case !gone && (!known || out(state)):
				c.claims = append(c.claims, movedClaim{member: name, gift: k.Gift})
			case gone && known && state != k.State:
				c.claims = append(c.claims, movedClaim{name, k.Gift, true})
			}
		}
	}
}

func (c *comparison) expectGift(e Expectation) {
	i := slices.Index(c.claims, movedClaim{e.member, e.text, e.kind == expectGiftGone})
	if i < 0 {
		c.differs(e.Text, "")
		return
	}
	c.claims = slices.Delete(c.claims, i, i+1)
}

// expectBond compares who counts as a member's referrer, or an attempt that was refused.
func (c *comparison) expectBond(e Expectation) {
	var near []string
	for _, b := range c.wallets[e.member].Bonds {
		name := c.name(b.Referrer)
		if e.other == "" {
			if b.Bond {
				near = append(near, fmt.Sprintf("%s bond %s %s", e.member, name, b.State))
			}
			continue
		}
		if name == e.other && b.State == e.text && (e.code == "" || b.Reason == string(e.code)) {
			return
		}
		near = append(near, strings.TrimSpace(fmt.Sprintf("%s bond %s %s %s", e.member, name, b.State, b.Reason)))
	}
	if e.other == "" && len(near) == 0 {
		return
	}
	c.differs(e.Text, strings.Join(near, "; "))
}

// expectFriends counts the friends who are tied to a member now.
func (c *comparison) expectFriends(e Expectation) {
	n := int64(0)
	seen := map[id.Member]bool{}
	for _, w := range c.wallets {
		for _, b := range w.Bonds {
			if b.Bond && c.name(b.Referrer) == e.member && !seen[b.Friend] {
				seen[b.Friend] = true
				n++
			}
		}
	}
	if n != e.amount {
		c.differs(e.Text, fmt.Sprintf("%s friends %d", e.member, n))
	}
}

// expectSaid looks for a text in the receipt as staff reads it.
func (c *comparison) expectSaid(e Expectation) {
	catalog, err := locale.New()
	if err != nil {
		c.differs(e.Text, err.Error())
		return
	}
	p := catalog.Printer(e.language, c.story.Shop.Zone).For(c.story.Shop)
	var said []string
	for _, l := range c.lines {
		said = append(said, p.Receipt(l, locale.View{Staff: true}))
	}
	if c.refused != nil {
		said = append(said, p.Problem(c.refused))
	}
	for _, s := range said {
		if strings.Contains(strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s), e.text) {
			return
		}
	}
	c.differs(e.Text, strings.Join(said, " | "))
}
