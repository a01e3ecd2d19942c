package admin

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
	"cagnotte/internal/office"
)

// How an entry of the catalogue becomes a form, and a form an entry.

// giftFields say which field of the form an operation means.
var giftFields = []string{
	"gift.code=code", "gift.name=name", "gift.names=names.fr", "gift.description=description.fr", "gift.category=category", "gift.pictures=pictures",
	"gift.pictures[0]=pictures", "gift.cost=cost", "gift.until=until", "gift.prices[0].unit=price", "gift.prices[0].amount=price",
	"gift.prices[1].unit=price.money", "gift.variants=variants", "gift.limits[0].per_member=per_member", "gift.limits[0].period=period",
	"gift.pool=pool", "gift.voucher=voucher.kind", "gift.delivery=delivery",
}

// giftPath is the page of an entry.
func giftPath(code string) string { return "/gifts/entry/" + url.PathEscape(code) }

func plainNumber(n int64) string { return strconv.FormatInt(n, 10) }

// giftChoices is what the form offers.
type giftChoices struct {
	groups []office.Entry
	pools  []string
}

func (v *visit) giftLists() (out giftChoices, err error) {
	if !v.can("publish") {
		return out, nil
	}
	if out.groups, err = v.Office.Entries(v.ctx, v.shop.ID, office.Groups, "", shownEntries); err != nil {
		return out, err
	}
	out.groups = distinct(out.groups)
	pools, err := v.Gifts.Pools(v.ctx, v.shop.ID)
	for _, p := range pools {
		out.pools = append(out.pools, p.Name)
	}
	return out, err
}

// figureText writes an amount as people type it; nothing for zero.
func (v *visit) figureText(n int64, decimals int) string {
	if n == 0 {
		return ""
	}
	text := money.Text(n, decimals)
	if whole, rest, ok := strings.Cut(text, "."); ok && strings.Trim(rest, "0") == "" {
		text = whole
	}
	if v.say.Tag() != "en" {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text
}

// figure reads an amount with so many decimals; zero where nothing was typed.
func (v *visit) figure(f *form, name string, decimals int) int64 {
	text := strings.Replace(wizardSpaces.Replace(f.get(name)), ",", ".", 1)
	if text == "" {
		return 0
	}
	n, err := money.Parse(text, decimals)
	switch {
	case err != nil && decimals == 0:
		f.problem(name, "whole_number_wanted")
	case err != nil:
		f.problem(name, "amount_wanted", "decimals", strconv.Itoa(decimals))
	case n < 0 || n > money.Max:
		f.problem(name, "out_of_range", "min", "0", "max", money.Text(money.Max, decimals))
	default:
		return n
	}
	return 0
}

func (v *visit) counted(f *form, name string) int64 { return v.figure(f, name, 0) }

// giftForm fills the form with an entry.
func (v *visit) giftForm(g *loyalty.Gift) *form {
	f := v.blank("code", g.Code, "name", g.Name, "category", g.Category, "pictures", strings.Join(g.Pictures, "\n"), "delivery", g.Delivery, "pool", g.Pool,
		"segments", strings.Join(g.Segments, ", "), "period", "ever", "cost", v.figureText(g.Cost, v.shop.Decimals))
	for _, l := range languages {
		f.values["names."+l.tag], f.values["description."+l.tag] = g.Names[l.tag], g.Description[l.tag]
	}
	if p, ok := g.Price(inPoints); ok {
		f.values["price"] = v.figureText(p.Amount, v.shop.PointDecimals)
	}
	if p, ok := g.Price(v.shop.Currency); ok {
		f.values["price.money"] = v.figureText(p.Amount, v.shop.Decimals)
	}
	if g.Limited {
		f.values["limited"] = "yes"
	}
	if g.Archived {
		f.values["archived"] = "yes"
	}
	var lines []string
	for _, x := range g.Variants {
		line := x.Code
		if x.Name != "" {
			line += " = " + x.Name
		}
		lines = append(lines, line)
	}
	f.values["variants"] = strings.Join(lines, "\n")
	if l, ok := g.Limit(""); ok {
		f.values["per_member"], f.values["period"] = plainNumber(l.PerMember), l.Period
	}
	f.lists["groups"] = g.Groups
	if g.From != 0 {
		f.values["from"] = g.From.Date(v.shop.Zone)
	}
	if g.Until != 0 {
		f.values["until"] = (g.Until - 1).Date(v.shop.Zone)
	}
	if x := g.Voucher; x != nil {
		decimals := v.shop.Decimals
		if pieceVoucher(x.Kind) {
			decimals = 0
		}
		f.values["voucher.kind"], f.values["voucher.article"] = x.Kind, x.Article
		f.values["voucher.amount"], f.values["voucher.percent"] = v.figureText(x.Amount, decimals), v.figureText(x.Percent, 2)
		f.values["voucher.days"] = v.figureText(int64(x.ValidDays), 0)
	}
	return f
}

// pieceVoucher tells whether a voucher is for pieces, not for money.
func pieceVoucher(kind string) bool {
	return kind == loyalty.VoucherProduct || kind == loyalty.VoucherCategory
}

// takeGift reads the form into an entry. Prices in other units than points and money, and
// limits of groups, are not asked for: they stay.
func (v *visit) takeGift(f *form, g *loyalty.Gift) {
	if g.Name = f.get("name"); g.Name == "" {
		f.problem("name", "required")
	}
	g.Names, g.Description = map[string]string{}, map[string]string{}
	for _, l := range languages {
		if s := f.get("names." + l.tag); s != "" {
			g.Names[l.tag] = s
		}
		if s := f.get("description." + l.tag); s != "" {
			g.Description[l.tag] = s
		}
	}
	g.Category, g.Pictures = f.get("category"), strings.Fields(f.get("pictures"))
	v.takeGiftPrices(f, g)
	g.Cost, g.Limited, g.Archived = v.figure(f, "cost", v.shop.Decimals), f.get("limited") == "yes", f.get("archived") == "yes"
	g.Variants = takeVariants(f.get("variants"))
	g.Limits = slices.DeleteFunc(slices.Clone(g.Limits), func(l loyalty.GiftLimit) bool { return l.Group == "" })
	if n := v.counted(f, "per_member"); n > 0 {
		g.Limits = slices.Insert(g.Limits, 0, loyalty.GiftLimit{PerMember: n, Period: f.get("period")})
	}
	g.Groups, g.Segments = f.lists["groups"], nil
	for s := range strings.SplitSeq(f.get("segments"), ",") {
		if s = strings.TrimSpace(s); s != "" {
			g.Segments = append(g.Segments, s)
		}
	}
	g.From, g.Until = 0, v.typedLastDay(f, "until")
	if end := v.typedLastDay(f, "from"); end != 0 {
		g.From = (end - 1).StartOfDay(v.shop.Zone)
	}
	v.takeDelivery(f, g)
}

func (v *visit) takeGiftPrices(f *form, g *loyalty.Gift) {
	var prices []loyalty.GiftPrice
	if n := v.figure(f, "price", v.shop.PointDecimals); n > 0 {
		prices = append(prices, loyalty.GiftPrice{Unit: inPoints, Amount: n})
	}
	if n := v.figure(f, "price.money", v.shop.Decimals); n > 0 {
		prices = append(prices, loyalty.GiftPrice{Unit: v.shop.Currency, Amount: n})
	}
	for _, p := range g.Prices {
		if p.Unit != inPoints && p.Unit != v.shop.Currency {
			prices = append(prices, p)
		}
	}
	g.Prices = prices
}

// takeVariants reads one variant on each line: its code, and its name behind an equals sign.
func takeVariants(text string) (out []loyalty.GiftVariant) {
	for line := range strings.SplitSeq(text, "\n") {
		size, name, _ := strings.Cut(line, "=")
		if size = strings.TrimSpace(size); size != "" {
			out = append(out, loyalty.GiftVariant{Code: size, Name: strings.TrimSpace(name)})
		}
	}
	return out
}

func (v *visit) takeDelivery(f *form, g *loyalty.Gift) {
	g.Delivery, g.Pool, g.Voucher = f.get("delivery"), "", nil
	switch g.Delivery {
	case loyalty.GiftByCode:
		if g.Pool = f.get("pool"); g.Pool == "" {
			f.problem("pool", "required")
		}
	case loyalty.GiftByVoucher:
		x := &loyalty.GiftVoucher{Kind: f.get("voucher.kind")}
		decimals := v.shop.Decimals
		if pieceVoucher(x.Kind) {
			decimals, x.Article = 0, f.get("voucher.article")
			if x.Article == "" {
				f.problem("voucher.article", "required")
			}
		}
		x.Amount, x.Percent = v.figure(f, "voucher.amount", decimals), v.figure(f, "voucher.percent", 2)
		days := v.counted(f, "voucher.days")
		switch {
		case x.Amount == 0 && x.Percent == 0:
			f.problem("voucher.amount", "required")
		case x.Percent > 10_000:
			f.problem("voucher.percent", "out_of_range", "min", "0", "max", "100")
		case days > 36_500:
			f.problem("voucher.days", "out_of_range", "min", "0", "max", "36500")
		}
		x.ValidDays, g.Voucher = int(min(days, 36_500)), x
	}
}

// deliveryOptions are the ways in which a gift comes.
func (v *visit) deliveryOptions() (out []option) {
	for _, x := range []string{loyalty.GiftByHand, loyalty.GiftByParcel, loyalty.GiftByVoucher, loyalty.GiftByCode} {
		out = append(out, option{x, v.t("admin.gifts.delivery." + x)})
	}
	return out
}

func (v *visit) voucherKinds() (out []option) {
	for _, x := range []string{loyalty.VoucherCash, loyalty.VoucherProduct, loyalty.VoucherCategory, loyalty.VoucherSpecial} {
		out = append(out, option{x, v.t("admin.gifts.voucher." + x)})
	}
	return out
}

func (v *visit) periodOptions() (out []option) {
	for _, x := range []string{"ever", "year", "month", "day"} {
		out = append(out, option{x, v.t("admin.gifts.period." + x)})
	}
	return out
}

func variantOptions(g *loyalty.GiftRow) (out []option) {
	for _, x := range stocks(g) {
		out = append(out, option{x.Variant, x.Name})
	}
	return out
}
