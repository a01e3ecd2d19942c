package admin

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/office"
	"cagnotte/internal/people"
)

// claimStates are those of gifts on their way that this list shows, the work to do first.
var claimStates = []string{loyalty.ClaimOpen, loyalty.ClaimNoCode, loyalty.ClaimShipped, loyalty.ClaimHanded, loyalty.ClaimDelivered, loyalty.ClaimCancelled}

// claimDeeds are what becomes of a claim that is open, or of one that was sent.
var claimDeeds = []string{loyalty.ClaimShipped, loyalty.ClaimHanded, loyalty.ClaimDelivered, loyalty.ClaimCancelled}

// claimDesk is a page of claims.
type claimDesk struct {
	state, delivery, site string
	rows                  []claimRow
	who                   crowd
	sites                 []office.Entry
	next                  string
	failed                []string // what could not be moved, one by one
}

// claimRow is a gift with where it goes.
type claimRow struct {
	people.Claim
	Address *loyalty.Address // nil: none, or not for the reader
}

// claimFilter reads the filters of the address.
func claimFilter(get func(string) string) (state, delivery, site string) {
	if state = get("state"); !slices.Contains(claimStates, state) {
		state = loyalty.ClaimOpen
	}
	return state, get("delivery"), get("site")
}

// claimsPage lists what is to be sent or handed over, or was.
func (v *visit) claimsPage() error { return v.showClaims(http.StatusOK, v.blank(), v.asked) }

// showClaims lists claims by the filters that get gives.
func (v *visit) showClaims(status int, f *form, get func(string) string, failed ...string) (err error) {
	d := &claimDesk{failed: failed}
	d.state, d.delivery, d.site = claimFilter(get)
	var after id.Reward
	if x, err := id.Parse[id.RewardKind](v.asked("after")); err == nil {
		after = x
	}
	list, err := v.People.Claims(v.ctx, v.shop.ID, d.state, d.delivery, d.site, after, perPage+1)
	if err != nil {
		return err
	}
	if len(list) > perPage {
		list = list[:perPage]
		d.next = list[perPage-1].Reward.String()
	}
	var members []id.Member
	for i := range list {
		members = append(members, list[i].Member)
		row := claimRow{Claim: list[i]}
		if row.Address, err = v.claimAddress(&row.Claim); err != nil {
			return err
		}
		d.rows = append(d.rows, row)
	}
	if d.who, err = v.crowd(members); err != nil {
		return err
	}
	if d.sites, err = v.Office.Entries(v.ctx, v.shop.ID, office.Sites, "", shownEntries); err != nil {
		return err
	}
	return v.show(status, claimsView(v, d, f))
}

// claimAddress is where an open parcel goes, for who sends it.
func (v *visit) claimAddress(k *people.Claim) (*loyalty.Address, error) {
	if !v.can("members") || k.Delivery != loyalty.GiftByParcel || k.State != loyalty.ClaimOpen {
		return nil, nil
	}
	d, err := v.Gifts.Delivery(v.ctx, v.shop.ID, &k.Claim)
	if err != nil {
		return nil, err
	}
	return d.Address, nil
}

// moveClaims notes of one claim, or of all that are ticked, that they were sent, handed over
// or refused.
func (v *visit) moveClaims() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	state, chosen := f.get("move"), f.lists["m"]
	if one, which, ok := strings.Cut(f.get("one"), ":"); ok {
		state, chosen = one, []string{which}
	}
	var failed []string
	again := func() error { return v.showClaims(http.StatusUnprocessableEntity, f, f.get, failed...) }
	switch {
	case !slices.Contains(claimDeeds, state):
		f.problem("move", "unknown_state")
	case state == loyalty.ClaimCancelled && !v.can("value"):
		return loyalty.NotFound("", "screen_unknown")
	case len(chosen) == 0 || len(chosen) > perPage:
		f.problem("m", "none_ticked")
	}
	if !f.ok() {
		return again()
	}
	done, same := 0, 0
	for _, x := range chosen {
		why, err := v.moveOne(f, x, state)
		switch {
		case err != nil:
			return err
		case why != "":
			failed = append(failed, why)
		default:
			done++
			if v.same {
				same++
			}
		}
	}
	v.same = done > 0 && same == done
	if done > 0 {
		v.note("", "state", state, "claims", strconv.Itoa(done))
	}
	if len(failed) > 0 {
		if done > 0 {
			failed = append([]string{v.t("admin.gifts.said.moved", "N", v.say.Number(int64(done)))}, failed...)
		}
		f.values["once"], f.lists["m"] = "", nil // what is done is done: the next form is another one
		return again()
	}
	v.tell("admin.gifts.said.moved", "", "N", v.say.Number(int64(done)))
	back := v.with("/gifts/claims", "state", f.get("state"), "delivery", f.get("delivery"), "site", f.get("site"))
	return v.redirectTo(back)
}

// moveOne moves one claim; why says what it is and what stands in the way, empty where it is
// done.
func (v *visit) moveOne(f *form, which, state string) (why string, err error) {
	reward, err := id.Parse[id.RewardKind](which)
	if err != nil {
		return "", loyalty.NotFound("m", "reward_unknown")
	}
	k, err := v.People.Claim(v.ctx, v.shop.ID, reward)
	if err != nil {
		return "", err
	}
	tracking := f.get("tracking-" + which)
	if state != loyalty.ClaimShipped {
		tracking = ""
	}
	if len(tracking) > loyalty.MaxRefBytes {
		err = loyalty.Invalid("tracking", "too_long", "max", strconv.Itoa(loyalty.MaxRefBytes))
	} else {
		err = v.moveClaim(k.Member, reward, state, k.Detail.Carrier, tracking, f.once()+"-"+which)
	}
	p, ok := errors.AsType[*loyalty.Problem](err)
	if !ok || !errors.Is(err, loyalty.ErrConflict) && !errors.Is(err, loyalty.ErrInvalid) {
		return "", err
	}
	return v.failedOne(k.Gift, k.Member, p)
}

// failedOne says what could not be done with a gift of a member, and why.
func (v *visit) failedOne(gift string, m id.Member, p *loyalty.Problem) (string, error) {
	v.because(p.Code)
	who, err := v.crowd([]id.Member{m})
	said := v.say.Problem(p)
	if p.Code == "claim_state" {
		said = v.t("admin.gifts.failed.state", "State", v.t("admin.card.claim_state."+p.Args["state"]))
	}
	return v.t("admin.gifts.failed", "Gift", gift, "Member", who.name(m), "Why", said), err
}

// exportClaims sends the claims of a filter as a file, with where they go.
func (v *visit) exportClaims() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	state, delivery, site := claimFilter(f.get)
	var heads []string
	for _, h := range []string{"gift", "variant", "pieces", "member", "number", "since", "state", "delivery", "site", "address", "tracking"} {
		heads = append(heads, v.t("admin.gifts.column."+h))
	}
	return v.export(sheet{Name: "gifts", Heads: heads, Rows: func(row func(...any) error) error {
		for at := (id.Reward{}); ; {
			page, err := v.People.Claims(v.ctx, v.shop.ID, state, delivery, site, at, exportedAtOnce)
			if err != nil {
				return err
			}
			if err := v.claimRows(page, row); err != nil {
				return err
			}
			if len(page) < exportedAtOnce {
				return nil
			}
			at = page[len(page)-1].Reward
		}
	}}, f.get("format"))
}

func (v *visit) claimRows(page []people.Claim, row func(...any) error) error {
	var ids []id.Member
	for i := range page {
		ids = append(ids, page[i].Member)
	}
	who, err := v.crowd(ids)
	if err != nil {
		return err
	}
	for i := range page {
		k := &page[i]
		to, number := "", ""
		a, err := v.claimAddress(k)
		if err != nil {
			return err
		}
		if a != nil {
			to = strings.Join(addressLines(a), ", ")
		}
		if m := who.by[k.Member]; m != nil {
			number = strings.Join(m.Numbers, " ")
		}
		err = row(k.Gift, k.Detail.Variant, k.Quantity, who.name(k.Member), number, k.Since, v.t("admin.card.claim_state."+k.State),
			v.deliveryName(k.Delivery), k.Site, to, k.Detail.Tracking)
		if err != nil {
			return err
		}
	}
	return nil
}

// deliveryName says how a gift comes; a gift of a program has no delivery of its own.
func (v *visit) deliveryName(d string) string {
	if d == "" {
		return ""
	}
	return v.t("admin.gifts.delivery." + d)
}

func (d *claimDesk) siteName(code string) string {
	for _, e := range d.sites {
		if e.Code == code {
			return e.Name
		}
	}
	return code
}

func (d *claimDesk) siteOptions(v *visit) []option {
	out := []option{{"", v.t("admin.gifts.any")}}
	for _, e := range d.sites {
		out = append(out, option{e.Code, e.Name})
	}
	return out
}

func (v *visit) anyDelivery() []option {
	return append([]option{{"", v.t("admin.gifts.any")}}, v.deliveryOptions()...)
}
