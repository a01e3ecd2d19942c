package programs

import (
	"embed"
	"strconv"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
)

// Template is a program that a shop can begin with. Its amounts are usual ones, in whatever
// currency the shop has; what it is for and is called is said where it is shown.
type Template struct {
	Code  string // such as `referral-order`; also the name of its file
	Kind  string // what it is about: referral, points, stamps, milestone, attention, next
	Stock bool   // it names an article or a category, which the shop has to put in place of ours
}

//go:embed templates/*.txt
var templates embed.FS

// templated lists the templates in the order in which they are offered.
var templated = []Template{
	{Code: "referral-order", Kind: "referral"},
	{Code: "referral-sign-up", Kind: "referral"},
	{Code: "referral-both", Kind: "referral"},
	{Code: "points", Kind: "points"},
	{Code: "cashback", Kind: "points"},
	{Code: "stamp-card", Kind: "stamps", Stock: true},
	{Code: "milestone", Kind: "milestone"},
	{Code: "birthday", Kind: "attention"},
	{Code: "welcome", Kind: "attention"},
	{Code: "next-order-voucher", Kind: "next"},
	{Code: "buy-x-get-y", Kind: "next", Stock: true},
}

// Templates gives the programs that a shop can begin with, in the order in which they are
// offered.
func Templates() []Template { return append([]Template(nil), templated...) }

// TemplateOf finds a template by its code; the problem `template_unknown` of that field when
// there is none.
func TemplateOf(code, field string) (Template, error) {
	for _, t := range templated {
		if t.Code == code {
			return t, nil
		}
	}
	return Template{}, loyalty.NotFound(field, "template_unknown")
}

// Text is the program in the language of programs, with amounts that are usual in the
// currency. The name is what members read; quotes and ends of lines in it are left out.
func (t Template) Text(currency, name string) string {
	text, err := templates.ReadFile("templates/" + t.Code + ".txt")
	if err != nil {
		panic(err) // it is part of the program
	}
	name = strings.Join(strings.Fields(strings.ReplaceAll(name, `"`, " ")), " ")
	if name == "" {
		name = t.Code
	}
	pairs := []string{"{name}", name, "{currency}", currency}
	for _, euros := range []int64{1, 5, 10, 15, 20, 30, 50, 60} {
		pairs = append(pairs, "{"+strconv.FormatInt(euros, 10)+"}", usual(euros, currency))
	}
	return strings.NewReplacer(pairs...).Replace(string(text))
}

// worth is about how many units of a currency are bought for what a euro buys, as a round
// number: good enough for an amount that the shop looks at before it publishes it.
var worth = map[string]int64{
	"BGN": 2, "CNY": 8, "CZK": 25, "DKK": 8, "HUF": 400, "INR": 100, "ISK": 150, "JPY": 150, "KRW": 1500, "MXN": 20,
	"NOK": 10, "PLN": 4, "RON": 5, "SEK": 10, "TRY": 40, "TWD": 35, "UAH": 50, "XAF": 650, "XOF": 650, "XPF": 120, "ZAR": 20,
}

// usual is an amount of euros as it would be in another currency: "20.00 PLN" for 5 euros.
func usual(euros int64, currency string) string {
	n := euros
	if w := worth[currency]; w != 0 {
		n *= w
	}
	decimals, _ := money.Decimals(currency)
	for range decimals {
		n *= 10
	}
	return money.Text(n, decimals) + " " + currency
}
