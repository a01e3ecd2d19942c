package portal

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"cagnotte/internal/gifts"
	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/office"
)

// gift is an entry of the catalogue as its page shows it.
type gift struct {
	Code, Name, Text, Price, Picture string
	Alt                              string // of a picture that says something; empty: it is an ornament
	Art                              string // the colour of one without a picture
	May                              bool
	Percent                          string // of the way to it
	Missing, Why                     string
	Until                            string
}

func (v *visit) gifts(offers []gifts.Offer) ([]gift, error) {
	pictures, err := v.Gifts.Pictures(v.ctx, v.shop.ID)
	if err != nil {
		return nil, err
	}
	out := make([]gift, len(offers))
	for i, o := range offers {
		out[i] = v.gift(o, i)
		out[i].pictured(v, pictures)
	}
	return out, nil
}

// pictured takes the picture that was sent in the back office, before one from elsewhere.
func (g *gift) pictured(v *visit, by map[string]gifts.Picture) {
	if x, has := by[g.Code]; has {
		g.Picture, g.Alt = string(v.to("/gifts/"+url.PathEscape(g.Code)+"/picture/"+x.Digest)), x.Alt
	}
}

// giftFile sends the picture of a gift. Its address has its digest, so it never changes.
func (v *visit) giftFile() error {
	b, kind, err := v.Gifts.PictureBytes(v.ctx, v.shop.ID, v.r.PathValue("code"), v.r.PathValue("digest"))
	if err != nil {
		return err
	}
	return v.sendPicture(b, kind, forMembers)
}

func (v *visit) gift(o gifts.Offer, n int) gift {
	x := &o.Gift
	g := gift{Code: x.Code, Name: v.named(x.Names, x.Name), Text: v.named(x.Description, ""), May: o.Why == "", Art: fmt.Sprintf("a%d", n%4+1)}
	var prices []string
	for _, p := range x.Prices {
		prices = append(prices, v.say.Units(ledger.Unit(p.Unit), p.Amount))
	}
	g.Price = strings.Join(prices, " "+v.t("portal.or")+" ")
	if len(x.Pictures) > 0 && strings.HasPrefix(x.Pictures[0], "https://") {
		g.Picture = x.Pictures[0]
	}
	if x.Until != 0 {
		g.Until = v.t("portal.gift.until", "Date", v.say.Date(x.Until-1))
	}
	switch {
	case g.May:
	case o.Missing > 0:
		need := x.Prices[0].Amount
		g.Percent = fmt.Sprint(max(0, need-o.Missing) * 100 / max(1, need))
		g.Missing = v.t("portal.gift.missing", "Units", v.say.Units(ledger.Unit(o.Unit), o.Missing))
	default:
		g.Why = v.say.Reason(o.Why)
	}
	return g
}

// named picks the words of the reader's language, of the shop's first, or what there is.
func (v *visit) named(by map[string]string, other string) string {
	for _, l := range append([]string{v.say.Tag()}, v.look.Languages...) {
		if s := by[l]; s != "" {
			return s
		}
	}
	return other
}

// catalogue shows all gifts, what the member may have first.
func (v *visit) catalogue() error {
	offers, err := v.Gifts.Offers(v.ctx, v.shop.ID, v.member.ID, nil)
	if err != nil {
		return err
	}
	claims, err := v.claims()
	if err != nil {
		return err
	}
	list, err := v.gifts(offers)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, giftsPage(v, list, claims))
}

// claimed is a gift that is on its way, or was handed over.
type claimed struct{ Name, State, When string }

const mostClaims = 20

func (v *visit) claims() ([]claimed, error) {
	list, err := v.People.ClaimsOf(v.ctx, v.shop.ID, v.member.ID, id.Reward{}, 1000)
	if err != nil {
		return nil, err
	}
	var out []claimed
	for _, k := range slices.Backward(list) {
		if len(out) == mostClaims {
			break
		}
		name := k.Gift
		if g, err := v.Gifts.Gift(v.ctx, v.shop.ID, k.Code); err == nil {
			name = v.named(g.Gift.Names, g.Gift.Name)
		}
		if name == "" {
			name = v.t("portal.gift.choice")
		}
		out = append(out, claimed{Name: name, State: v.t("portal.claim." + k.State)})
	}
	return out, nil
}

// mostSites is how many places to fetch a gift one may choose among.
const mostSites = 200

// offer finds one gift as the member sees it.
func (v *visit) offer() (*gifts.Offer, error) {
	offers, err := v.Gifts.Offers(v.ctx, v.shop.ID, v.member.ID, nil)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(offers, func(o gifts.Offer) bool { return o.Gift.Code == v.r.PathValue("code") })
	if i < 0 {
		return nil, loyalty.NotFound("code", "gift_unknown")
	}
	return &offers[i], nil
}

// asking is what the page of a claim needs to ask.
type asking struct {
	gift
	Variants []loyalty.GiftVariant
	Prices   []price
	Sites    []site
	Parcel   bool
	Proof    proof
	Key      string // names this claim: sent twice it is one
}

type price struct{ Unit, Words string }
type site struct {
	Code, Name, Address string
	Today               string   // when it is open today; empty: nothing is known
	Hours               []string // of the week, line by line; or as the shop says it
}

// siteOf is a place with when it is open, as far as that can be read.
func (v *visit) siteOf(e office.Entry) site {
	out := site{Code: e.Code, Name: e.Name, Address: e.Address}
	h, ok := loyalty.ParseHours(e.Hours)
	switch {
	case ok:
		now := v.now().Std().In(v.shop.Zone)
		out.Today, out.Hours = v.say.Today(&h, now), v.say.Hours(&h, now)
	case e.Hours != "":
		out.Hours = []string{e.Hours}
	}
	return out
}

// askClaim shows one gift, with what is needed to have it.
func (v *visit) askClaim() error {
	o, err := v.offer()
	if err != nil {
		return err
	}
	a, err := v.asking(o)
	if err != nil {
		return err
	}
	f := v.blank()
	f.values["name"] = strings.TrimSpace(v.member.FirstName + " " + v.member.LastName)
	return v.show(http.StatusOK, claimPage(v, f, a))
}

func (v *visit) asking(o *gifts.Offer) (*asking, error) {
	x := &o.Gift
	a := &asking{gift: v.gift(*o, 0), Parcel: x.Delivery == loyalty.GiftByParcel, Key: rand.Text()}
	for variant := range o.In {
		if n, limited := o.Left(variant); limited && n <= 0 {
			continue
		}
		if i := slices.IndexFunc(x.Variants, func(y loyalty.GiftVariant) bool { return y.Code == variant }); i >= 0 {
			a.Variants = append(a.Variants, x.Variants[i])
		}
	}
	if len(a.Variants) == 0 {
		a.Variants = x.Variants
	}
	for _, p := range x.Prices {
		a.Prices = append(a.Prices, price{p.Unit, v.say.Units(ledger.Unit(p.Unit), p.Amount)})
	}
	if x.Delivery == loyalty.GiftByHand {
		sites, err := v.Office.Entries(v.ctx, v.shop.ID, office.Sites, "", mostSites)
		if err != nil {
			return nil, err
		}
		for _, s := range sites {
			if !s.Archived {
				a.Sites = append(a.Sites, v.siteOf(s))
			}
		}
	}
	var err error
	a.Proof, err = v.proof()
	return a, err
}

// claim asks for a gift in the member's name. What it costs is taken at once, so a second
// proof is wanted first.
func (v *visit) claim() error {
	o, err := v.offer()
	if err != nil {
		return err
	}
	f, err := v.read("variant", "unit", "site", "name", "street", "more", "postal_code", "city", "country", "pin", "passkey", "till", "key")
	if err != nil {
		return err
	}
	a, err := v.asking(o)
	if err != nil {
		return err
	}
	again := func(err error) error {
		if !f.blame(err) {
			return err
		}
		return v.show(http.StatusUnprocessableEntity, claimPage(v, f, a))
	}
	if a.Proof.None && f.values["till"] == "" {
		return v.redirect("/profile/pin")
	}
	if a.Proof.Wanted {
		if err := v.prove(f); err != nil {
			return again(err)
		}
		a.Proof = proof{}
	}
	fact := &loyalty.Fact{
		Kind: loyalty.GiftClaimed, Feed: "portal", ExternalID: "claim-" + v.member.ID.String() + "-" + f.values["key"], Via: "portal", Origin: loyalty.FromLive,
		Member: loyalty.Who{ID: v.member.ID},
		Claim: &loyalty.GiftClaim{
			Items: []loyalty.GiftItem{{Gift: o.Gift.Code, Variant: f.values["variant"], Quantity: 1, Unit: f.values["unit"]}},
			Site:  f.values["site"],
		},
	}
	if a.Parcel {
		fact.Address = &loyalty.Address{
			Name: f.values["name"], Street: f.values["street"], More: f.values["more"], Postal: f.values["postal_code"],
			City: f.values["city"], Country: strings.ToUpper(f.values["country"]),
		}
		for _, needed := range []string{"name", "street", "postal_code", "city"} {
			if f.values[needed] == "" {
				f.problem(needed, "required")
			}
		}
		if !f.ok() {
			return v.show(http.StatusUnprocessableEntity, claimPage(v, f, a))
		}
		fact.Claim.Addressed = true
	}
	answers, err := v.People.Record(v.ctx, v.shop.ID, fact)
	if err == nil {
		err = answers[0].Err
	}
	if err != nil {
		return again(err)
	}
	return v.given(answers[0])
}

// given shows what a claim brought: a code at once, or what happens next.
func (v *visit) given(a intake.Answer) error {
	var lines []line
	for _, l := range a.Lines {
		if x, ok := v.line(l, v.now()); ok {
			lines = append(lines, x)
		}
	}
	codes, err := v.codesOf(a.Event)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, givenPage(v, lines, codes))
}

// codesOf are the codes that a claim brought at once: partners' ones, and vouchers.
func (v *visit) codesOf(e id.Event) ([]string, error) {
	list, err := v.People.ClaimsOf(v.ctx, v.shop.ID, v.member.ID, id.Reward{}, 1000)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, k := range list {
		if !madeBy(e, k.Reward) {
			continue
		}
		d, err := v.Gifts.Delivery(v.ctx, v.shop.ID, &k.Claim)
		if err != nil {
			return nil, err
		}
		out = append(out, d.Codes...)
	}
	w, err := v.People.Wallet(v.ctx, v.shop.ID, v.member.ID, 0)
	if err != nil {
		return nil, err
	}
	for _, x := range w.Vouchers {
		if madeBy(e, x.ID) {
			out = append(out, x.Code)
		}
	}
	return out, nil
}

// madeBy tells whether an event made a row: they share their name but for its last two bytes
// (package id).
func madeBy[K id.Kind](e id.Event, row id.ID[K]) bool { return bytes.Equal(e[:14], row[:14]) }

func missing(err error) bool { return errors.Is(err, loyalty.ErrNotFound) }
