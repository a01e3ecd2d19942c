package admin

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
)

// mostGifts bounds what the card tells of gifts, and offers of the catalogue.
const mostGifts = 200

// cardGiftClaim is a gift with where it goes.
type cardGiftClaim struct {
	people.Claim
	Address *loyalty.Address
	Codes   []string
}

// gifts lists what was ever given to the member, the last first.
func (c *card) gifts() ([]people.Claim, error) {
	list, err := c.v.People.ClaimsOf(c.v.ctx, c.v.shop.ID, c.ID, id.Reward{}, mostGifts)
	slices.SortStableFunc(list, func(a, b people.Claim) int { return bytes.Compare(b.Reward[:], a.Reward[:]) })
	return list, err
}

func (c *card) giftsTab() (templ.Component, error) {
	v := c.v
	list, err := c.gifts()
	if err != nil {
		return nil, err
	}
	var claims []cardGiftClaim
	for _, k := range list {
		x := cardGiftClaim{Claim: k}
		if v.can("members") && c.Erased == 0 && (k.State == loyalty.ClaimOpen || k.State == loyalty.ClaimDelivered) {
			d, err := v.Gifts.Delivery(v.ctx, v.shop.ID, &x.Claim.Claim)
			if err != nil {
				return nil, err
			}
			x.Address = d.Address
			if v.can("value") {
				x.Codes = d.Codes
			}
		}
		claims = append(claims, x)
	}
	vouchers, err := v.People.VouchersEver(v.ctx, v.shop.ID, c.ID)
	slices.Reverse(vouchers)
	return giftsTab(c, claims, vouchers), err
}

// voucherState tells what can be done with a voucher now.
func (c *card) voucherState(x *loyalty.Voucher) (class, words string) {
	state := voucherState(x, c.Wallet.At)
	return strings.TrimPrefix(voucherTone(state), "tag "), c.v.t("admin.card.voucher_state." + state)
}

// voucherState is active, waiting, later, used, ended or withdrawn.
func voucherState(x *loyalty.Voucher, now moment.Time) string {
	switch {
	case x.Gone(now):
		return "withdrawn"
	case x.Used >= x.UsesMax:
		return "used"
	case x.ExpiresAt != 0 && x.ExpiresAt <= now:
		return "ended"
	case x.State == loyalty.VoucherWaiting:
		return "waiting"
	case x.StartsAt > now:
		return "later"
	}
	return "active"
}

// code shows a voucher's code to who may give value; others see its end, to compare it with one
// that is shown to them.
func (c *card) code(x *loyalty.Voucher) string {
	if c.v.can("value") || len(x.Code) < 4 {
		return x.Code
	}
	return strings.Repeat("•", len(x.Code)-4) + x.Code[len(x.Code)-4:]
}

// claimTag is the class of the words for a gift's state.
func claimTag(state string) string {
	return map[string]string{
		loyalty.ClaimOpen: "warn", loyalty.ClaimShipped: "good", loyalty.ClaimHanded: "good", loyalty.ClaimDelivered: "good", loyalty.ClaimChosen: "good",
		loyalty.ClaimChoose: "info", loyalty.ClaimWaiting: "info", loyalty.ClaimNoCode: "warn",
	}[state]
}

// giftForm offers the catalogue.
func (c *card) giftForm() (templ.Component, error) {
	list, err := c.v.Gifts.List(c.v.ctx, c.v.shop.ID, "", mostGifts)
	if err != nil {
		return nil, err
	}
	var out []option
	for _, g := range list {
		if g.Gift.Archived {
			continue
		}
		name := g.Gift.Name
		if n := g.Gift.Names[c.v.say.Tag()]; n != "" {
			name = n
		}
		if len(g.Gift.Variants) == 0 {
			out = append(out, option{g.Gift.Code, name})
		}
		for _, x := range g.Gift.Variants {
			out = append(out, option{g.Gift.Code + "/" + x.Code, name + " – " + x.Code})
		}
	}
	return giftForm(c, out), nil
}

// cardGift gives a gift of the catalogue by hand, for which the member does not pay; where it
// was handed over at once, that is recorded, too.
func (v *visit) cardGift() error {
	f, m, err := v.cardForm()
	if err != nil {
		return err
	}
	again := func() error { return v.showCard(http.StatusUnprocessableEntity, f, "gifts", "gift") }
	entry, variant, _ := strings.Cut(f.get("gift"), "/")
	fact := v.officeFact(loyalty.GiftClaimed, m.ID, f.once())
	fact.Staff = v.staffWord(f.get("reason"))
	fact.Claim = &loyalty.GiftClaim{Items: []loyalty.GiftItem{{Gift: entry, Variant: variant, Quantity: 1}}}
	if entry == "" {
		f.problem("gift", "required")
		return again()
	}
	_, _, err = v.recordOne(fact)
	if f.blame(err, "staff.reason=reason", "claim.items[0].gift=gift", "claim.items[0].quantity=gift", "claim.items[0].variant=gift") {
		return again()
	}
	if err != nil {
		return err
	}
	v.note(m.ID.String(), "gift", entry, "reason", f.get("reason"))
	if f.get("handed") != "" {
		if err := v.handOver(m.ID, entry, f.once()); err != nil {
			return err
		}
	}
	v.tell("admin.card.said.gift", "")
	return v.redirect("/members/" + m.ID.String() + "?tab=gifts")
}

// handOver notes that the last open gift of an entry is in the member's hands.
func (v *visit) handOver(m id.Member, entry, once string) error {
	list, err := v.People.ClaimsOf(v.ctx, v.shop.ID, m, id.Reward{}, mostGifts)
	if err != nil {
		return err
	}
	for _, k := range slices.Backward(list) {
		if k.Code == entry && k.State == loyalty.ClaimOpen {
			return v.moveClaim(m, k.Reward, loyalty.ClaimHanded, "", "", once+"-handed")
		}
	}
	return nil // a voucher or a code: it is there at once
}

func (v *visit) moveClaim(m id.Member, reward id.Reward, state, carrier, tracking, once string) error {
	fact := v.officeFact(loyalty.ClaimUpdated, m, once)
	fact.Staff = v.staffWord("")
	fact.Use = &loyalty.Use{Reward: reward, State: state, Carrier: carrier, Tracking: tracking}
	_, _, err := v.recordOne(fact)
	return err
}

// cardClaim notes that a gift was sent or handed over.
func (v *visit) cardClaim() error {
	f, m, err := v.cardForm()
	if err != nil {
		return err
	}
	reward, err := id.Parse[id.RewardKind](f.get("reward"))
	if err != nil {
		return loyalty.NotFound("reward", "reward_unknown")
	}
	for _, x := range []string{"carrier", "tracking"} {
		if len(f.get(x)) > loyalty.MaxRefBytes {
			f.problem(x, "too_long", "max", "120")
		}
	}
	if f.ok() {
		err = v.moveClaim(m.ID, reward, f.get("state"), f.get("carrier"), f.get("tracking"), f.once())
	}
	if !f.ok() || f.blame(err, "use.state=", "use.reward=") {
		return v.showCard(http.StatusUnprocessableEntity, f, "gifts", "")
	}
	if err != nil {
		return err
	}
	v.note(m.ID.String(), "reward", reward.String(), "state", f.get("state"))
	v.tell("admin.card.said."+f.get("state"), "")
	return v.redirect("/members/" + m.ID.String() + "?tab=gifts")
}
