package people

import (
	"context"
	"crypto/rand"
	"errors"
	"math/big"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

// numberTries is how often a number that somebody has is drawn anew.
const numberTries = 8

// GiveNumber gives a member who has none a number of a shop's form. It is drawn, so that one
// number tells nothing about another, and nobody else has it.
func (p *People) GiveNumber(ctx context.Context, shop loyalty.ShopID, m id.Member, form loyalty.NumberForm) error {
	for range numberTries {
		number, err := draw(form)
		if err != nil {
			return err
		}
		owner, err := p.st.MemberByKey(ctx, shop, loyalty.Key{Kind: loyalty.ByNumber, Key: number})
		if err != nil {
			return err
		}
		if !owner.IsZero() {
			continue
		}
		f := &loyalty.Fact{
			Kind: loyalty.MemberUpdated, Feed: "portal", ExternalID: "number-" + m.String() + "-" + number, Via: "portal", Origin: loyalty.FromLive,
			Member: loyalty.Who{ID: m, Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: number}}},
		}
		answers, err := p.Record(ctx, shop, f)
		if err == nil {
			err = answers[0].Err
		}
		if !errors.Is(err, loyalty.ErrConflict) && !errors.Is(err, loyalty.ErrInvalid) {
			return err // given, or what another number does not mend
		}
	}
	return loyalty.Conflict("number", "numbers_used_up")
}

// DrawNumber draws a number of a shop's form that nobody has; the problem `numbers_used_up` when
// the form has hardly any left.
func (p *People) DrawNumber(ctx context.Context, shop loyalty.ShopID, form loyalty.NumberForm) (string, error) {
	for range numberTries {
		number, err := draw(form)
		if err != nil {
			return "", err
		}
		owner, err := p.st.MemberByKey(ctx, shop, loyalty.Key{Kind: loyalty.ByNumber, Key: number})
		if err != nil || owner.IsZero() {
			return number, err
		}
	}
	return "", loyalty.Conflict("number", "numbers_used_up")
}

// draw makes a number: the prefix, and random digits of which the last one checks the
// others where the shop wants that (the Luhn algorithm, ISO/IEC 7812-1).
func draw(form loyalty.NumberForm) (string, error) {
	n := form.Length
	if form.Check || form.EAN {
		n--
	}
	var b strings.Builder
	for range n {
		d, err := rand.Int(rand.Reader, big.NewInt(10))
		if err != nil {
			return "", err
		}
		b.WriteByte(byte('0' + d.Int64()))
	}
	digits := b.String()
	switch {
	case form.EAN:
		digits += string(ean(form.Prefix + digits))
	case form.Check:
		digits += string(luhn(digits))
	}
	return NumberForm(form.Prefix + digits), nil
}

// ean is the check digit of EAN-13 (GS1) behind twelve digits.
func ean(digits string) byte {
	sum := 0
	for i := range len(digits) {
		sum += int(digits[i]-'0') * (1 + 2*(i%2))
	}
	return byte('0' + (10-sum%10)%10)
}

// luhn is the check digit behind some digits.
func luhn(digits string) byte {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 { // from the right, beginning beside the check digit
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return byte('0' + (10-sum%10)%10)
}
