package main

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/office"
	"cagnotte/internal/people"
	"cagnotte/internal/storefront"
)

type demoCmd struct {
	place
	serving
	ShopAddr string `help:"Where the storefront listens; the port behind the server's when missing." placeholder:"ADDRESS"`
}

// demoPrograms is what the demo shop runs.
const demoPrograms = `program "Points"
  starts 2020-01-01
  earn 1 point per 1.00 EUR, round down, except articles POST GIFTCARD, valid 12 months
  welcome: earn 50 points on sign-up
  pay with points, 100 points for 1.00 EUR
program "Coffee card"
  starts 2020-01-01
  stamp 1 per item, of articles ESPRESSO LATTE
  exchange 10 stamps for product voucher of 1 ESPRESSO, valid 60 days
program "Invite a friend"
  starts 2020-01-01
  referral held from score 80
  joined: refer friend 2.00 EUR, referrer 1.00 EUR, on sign-up
  ordered: refer friend 5.00 EUR, referrer 10.00 EUR, on first order, from 20.00 EUR, after 14 days, at most 10 rewards per month
`

// Run makes the demo shop at the first start, and serves it with a storefront beside it.
func (c *demoCmd) Run(e *env) error {
	var running sync.WaitGroup
	defer running.Wait()
	return c.up(e, c.place, func(p *parts) error {
		keys, err := c.shop(e, p)
		if err != nil {
			return err
		}
		said, err := c.open(e, p, keys, &running)
		if err != nil {
			return err
		}
		fmt.Fprint(e.out, keys, said)
		return nil
	})
}

// open starts the storefront, and says where everything is.
func (c *demoCmd) open(e *env, p *parts, keys string, running *sync.WaitGroup) (string, error) {
	shop, err := p.st.ShopBySlug(e.ctx, "demo")
	if err != nil {
		return "", err
	}
	at, err := c.shopAddr()
	if err != nil {
		return "", err
	}
	ln, err := (&net.ListenConfig{}).Listen(e.ctx, "tcp", at)
	if err != nil {
		return "", fmt.Errorf("storefront: %w", err)
	}
	at = ln.Addr().String()
	err = c.showDemo(e, p, shop, at)
	if err == nil {
		err = c.storefront(e, p, shop, ln, liveKey.FindString(keys), running)
	}
	if err != nil {
		return "", errors.Join(err, ln.Close())
	}
	return c.addresses(e, p, shop, "http://"+at)
}

var liveKey = regexp.MustCompile(`cag_live_\w+`)

// shop fills the demo shop once. Its keys are kept beside the data: this shop holds
// nothing but invented people.
func (c *demoCmd) shop(e *env, p *parts) (keys string, err error) {
	const name = "Demo"
	file := filepath.Join(c.Data, "demo-keys.txt")
	shop, err := p.st.ShopBySlug(e.ctx, "demo")
	switch {
	case err == nil:
		b, err := os.ReadFile(file)
		if err == nil {
			return string(b), nil
		}
		return c.newKeys(e, p, shop, file)
	case !errors.Is(err, loyalty.ErrNotFound):
		return "", err
	}
	made, err := p.office.CreateShop(e.ctx, name, "EUR", "Europe/Paris")
	if err != nil {
		return "", err
	}
	if _, err := p.programs.Apply(e.ctx, made.Live.ID, demoPrograms, false); err != nil {
		return "", err
	}
	if err := fillDemo(e, p, made.Live); err != nil {
		return "", err
	}
	if err := sortDemo(e, p, made.Live); err != nil {
		return "", err
	}
	if err := demoPages(e, p, made.Live); err != nil {
		return "", err
	}
	if err := stockDemo(e, p, made.Live); err != nil {
		return "", err
	}
	if err := reviewDemo(e, p, made.Live); err != nil {
		return "", err
	}
	operator, err := p.office.FirstOperatorKey(e.ctx)
	if err != nil {
		return "", err
	}
	keys = fmt.Sprintf("live key      %s\ntest key      %s\noperator key  %s\n", made.LiveKey, made.TestKey, operator)
	return keys, c.keep(file, keys)
}

// showDemo opens the shop's portal at the address of this server, and names the storefront
// as the shop that it belongs to. Both may be elsewhere at every start.
func (c *demoCmd) showDemo(e *env, p *parts, shop *loyalty.Shop, front string) error {
	look, err := p.office.Portal(e.ctx, shop.ID)
	if err != nil {
		return err
	}
	if !look.On { // the first start
		look.On, look.Country, look.Landing, look.Coupon, look.Legal = true, "FR", loyalty.LandingCoupon, demoCoupon, demoIdentity
	}
	look.Base, look.Shop, look.Hosts = "http://"+p.at, "http://"+front, []string{front}
	return p.office.SetPortal(e.ctx, shop.ID, look)
}

func (c *demoCmd) newKeys(e *env, p *parts, shop *loyalty.Shop, file string) (string, error) {
	live, err := p.office.CreateKey(e.ctx, shop.ID, office.ShopScopes...)
	if err != nil {
		return "", err
	}
	keys := "live key      " + live + "\n"
	return keys, c.keep(file, keys)
}

func (c *demoCmd) keep(file, keys string) error {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(keys), 0o600)
}

var (
	demoFirst = strings.Fields("Anna Béla Camille Dorota Élodie Franek Gaëlle Hanna Igor Julie Kasia Louis Małgorzata Nicolas Ola Pauline Rafał Sophie Tomasz Zoé")
	demoLast  = strings.Fields("Dupont Nowak Martin Kowalska Bernard Wiśniewski Petit Wójcik Durand Zielińska")
	demoMenu  = []struct {
		sku, category string
		cents         int64
	}{{"ESPRESSO", "drinks", 250}, {"LATTE", "drinks", 390}, {"CAKE", "food", 480}, {"BEANS-1KG", "shop", 2490}, {"MUG", "shop", 1290}, {"POST", "service", 490}}
)

// fillDemo lets twenty people join, some of them by a friend, and buy for three months.
// The dice are fixed, so that every demo shop looks alike.
func fillDemo(e *env, p *parts, shop *loyalty.Shop) error {
	dice := rand.New(rand.NewPCG(7, 11))
	start := p.st.Clock() - 90*moment.Day
	for i, first := range demoFirst {
		last := demoLast[dice.IntN(len(demoLast))]
		n := people.Enrolment{
			Fact: loyalty.Fact{
				Feed: "web", ExternalID: "demo-join-" + demoNumber(i), Via: "demo", Origin: loyalty.FromLive,
				OccurredAt: start + moment.Time(i)*moment.Day, Touch: "link",
			},
			Person: people.Naming{
				Number: demoNumber(i), FirstName: first, LastName: last, Locale: []string{"fr", "pl"}[i%2],
				Email: demoEmail(i), ExternalID: storefront.AccountID(demoEmail(i)),
			},
		}
		if i >= 5 && i%3 == 0 {
			n.Referrer = people.Naming{Number: demoNumber(i / 3)}
		}
		if _, err := p.people.Enrol(e.ctx, shop.ID, n); err != nil {
			return err
		}
	}
	var facts []*loyalty.Fact
	for i := range 300 {
		who := dice.IntN(len(demoFirst))
		at := start + moment.Time(who)*moment.Day + moment.Time(dice.Int64N(int64(moment.Time(89-who)*moment.Day)))
		order := &loyalty.Order{Series: "web", Ref: fmt.Sprintf("D%05d", i+1), Currency: shop.Currency}
		for range 1 + dice.IntN(3) {
			item := demoMenu[dice.IntN(len(demoMenu))]
			n := int64(1 + dice.IntN(2))
			order.Lines = append(order.Lines, loyalty.Line{SKU: item.sku, Category: item.category, Quantity: n, Amount: n * item.cents})
		}
		facts = append(facts, demoFact(demoNumber(who), "demo-order-"+order.Ref, loyalty.OrderPaid, at, order, nil))
		if i%17 == 0 {
			back := &loyalty.Refund{Series: "web", Ref: order.Ref, Lines: []loyalty.RefundLine{{Line: 1, Quantity: 1}}}
			facts = append(facts, demoFact(demoNumber(who), "demo-return-"+order.Ref, loyalty.Refunded, min(at+3*moment.Day, p.st.Clock()), nil, back))
		}
	}
	slices.SortStableFunc(facts, func(a, b *loyalty.Fact) int { return cmp.Compare(a.OccurredAt, b.OccurredAt) }) // as shops report them
	if err := recordDemo(e, p.in, shop, facts); err != nil {
		return err
	}
	if err := fillFriends(e, p, shop); err != nil {
		return err
	}
	_, err := p.in.Due(e.ctx, shop.ID, p.st.Clock())
	return err
}

func demoFact(number, ext, kind string, at moment.Time, o *loyalty.Order, r *loyalty.Refund) *loyalty.Fact {
	return &loyalty.Fact{
		Kind: kind, Feed: "web", ExternalID: ext, Via: "demo", Origin: loyalty.FromLive, OccurredAt: at, Order: o, Refund: r,
		Member: demoWho(number),
	}
}

// demoBlocked is the place of the member who is blocked: his link leads nowhere any more.
const demoBlocked = 19

func demoNumber(i int) string { return fmt.Sprintf("%04d", 1001+i) }

func demoWho(number string) loyalty.Who {
	return loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: number}}}
}
