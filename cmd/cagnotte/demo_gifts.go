package main

import (
	"fmt"

	"cagnotte/internal/gifts"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rewards"
)

// demoPool has the codes of a partner.
const demoPool = "cinema"

// demoCatalogue is what members may ask for: for points and for money of the wallet, by every
// delivery, one that is out of stock and one whose season is over.
func demoCatalogue(now moment.Time) []*loyalty.Gift {
	priced := func(unit string, n int64) []loyalty.GiftPrice { return []loyalty.GiftPrice{{Unit: unit, Amount: n}} }
	return []*loyalty.Gift{
		{Code: "COFFEE", Name: "Espresso", Names: map[string]string{"fr": "Un espresso", "pl": "Espresso", "en": "An espresso"},
			Prices: priced("points", 60), Cost: 40, Delivery: loyalty.GiftByVoucher,
			Voucher: &loyalty.GiftVoucher{Kind: loyalty.VoucherProduct, Article: "ESPRESSO", Amount: 1, ValidDays: 60}},
		{Code: "FIVE-OFF", Name: "5 EUR", Names: map[string]string{"fr": "Bon de 5 €", "pl": "Bon na 5 €", "en": "A voucher of €5"},
			Prices: priced("EUR", 500), Cost: 500, Delivery: loyalty.GiftByVoucher,
			Voucher: &loyalty.GiftVoucher{Kind: loyalty.VoucherCash, Amount: 500, ValidDays: 90}},
		{Code: "MUG", Name: "Mug", Names: map[string]string{"fr": "Tasse en grès", "pl": "Kubek kamionkowy", "en": "Stoneware mug"},
			Prices: priced("points", 200), Cost: 350, Delivery: loyalty.GiftByHand, Limited: true},
		{Code: "BASKET", Name: "Basket", Names: map[string]string{"fr": "Panier de Provence", "pl": "Kosz z Prowansji", "en": "A basket from Provence"},
			Prices: priced("points", 400), Cost: 1200, Delivery: loyalty.GiftByParcel},
		{Code: "CINEMA", Name: "Cinema", Names: map[string]string{"fr": "Place de cinéma", "pl": "Bilet do kina", "en": "A cinema ticket"},
			Prices: priced("points", 150), Cost: 700, Delivery: loyalty.GiftByCode, Pool: demoPool},
		{Code: "SUMMER", Name: "Iced coffee", Names: map[string]string{"fr": "Café glacé d’été", "pl": "Letnia kawa mrożona", "en": "Summer iced coffee"},
			Prices: priced("points", 50), Delivery: loyalty.GiftByHand, Until: now - moment.Day},
		{Code: "POSTER", Name: "Poster", Names: map[string]string{"fr": "Affiche", "pl": "Plakat", "en": "Poster"},
			Prices: priced("points", 100), Delivery: loyalty.GiftByHand, Limited: true},
	}
}

const (
	demoMugs   = 20
	demoCoupon = "BIENVENUE"
)

// stockDemo fills the catalogue, and issues the code that friends are given.
func stockDemo(e *env, p *parts, shop *loyalty.Shop) error {
	now := p.st.Clock()
	staff := func(kind, ext string) *loyalty.Fact {
		return &loyalty.Fact{
			Kind: kind, Feed: "staff", ExternalID: "demo-" + ext, Via: "demo", Origin: loyalty.FromStaff, OccurredAt: now,
			Staff: &loyalty.Staff{Actor: "demo", Reason: "demo"},
		}
	}
	var facts []*loyalty.Fact
	for _, g := range demoCatalogue(now) {
		f := staff(loyalty.StaffGift, "gift-"+g.Code)
		f.Gift = g
		facts = append(facts, f)
	}
	mugs := staff(loyalty.StaffStock, "stock-mug")
	mugs.Stock = &loyalty.GiftStock{Gift: "MUG", Add: demoMugs}
	block := staff(loyalty.StaffBlock, "block")
	block.Member = demoWho(demoNumber(demoBlocked))
	if err := recordDemo(e, p.in, shop, append(facts, mugs, block)); err != nil {
		return err
	}
	if _, err := gifts.New(p.st, p.in, p.box).AddCodes(e.ctx, shop.ID, demoPool, []string{"CINE-7K2M-4QXT", "CINE-9D4R-8WPN", "CINE-2HJB-6FZC"}); err != nil {
		return err
	}
	_, err := rewards.New(p.st, p.in).Issue(e.ctx, shop.ID, rewards.Issue{
		Name: "Friends", Origin: loyalty.CodesChosen, Codes: []string{demoCoupon},
		Terms: loyalty.VoucherTerms{Kind: loyalty.VoucherCash, Percent: 1000, PerMember: 1},
	}, false)
	return err
}

// recordDemo records facts that must all be taken.
func recordDemo(e *env, in *intake.Intake, shop *loyalty.Shop, facts []*loyalty.Fact) error {
	answers, err := in.Record(e.ctx, shop.ID, facts...)
	if err != nil {
		return err
	}
	for _, a := range answers {
		if a.Err != nil {
			return fmt.Errorf("demo: %w", a.Err)
		}
	}
	return nil
}
