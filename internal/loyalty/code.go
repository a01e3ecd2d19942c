package loyalty

import (
	"encoding/binary"
	"strings"
)

// codeAlphabet has no signs that are read as one another.
const codeAlphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// BoundCode makes the code of a voucher that is bound to a member: 7 symbols from secret
// bytes, and a check character.
func BoundCode(secret [32]byte) string { return codeOf(secret, boundSymbols) }

// BearerCode makes the code of a voucher that is money for whoever has it: 17 symbols, more
// than anybody can guess, and a check character.
func BearerCode(secret [32]byte) string { return codeOf(secret, bearerSymbols) }

const (
	boundSymbols  = 7
	bearerSymbols = 17
)

// Mistyped tells whether a code in its form looks like one of a voucher that was made here
// and cannot be one: its check character is wrong.
func Mistyped(code string) bool {
	if len(code) != boundSymbols+1 && len(code) != bearerSymbols+1 {
		return false
	}
	for i := range len(code) {
		if strings.IndexByte(codeAlphabet, code[i]) < 0 {
			return false
		}
	}
	return checkCharacter(code[:len(code)-1]) != code[len(code)-1]
}

// PersonalCode makes the code in the links that a member shares: 9 symbols, so that a shop
// of millions has no two alike, and a check character.
func PersonalCode(secret [32]byte) string { return codeOf(secret, 9) }

// drawn is how many symbols are drawn from 8 secret bytes: 44 of their 64 bits, so that each
// symbol is as likely as any other.
const drawn = 9

func codeOf(secret [32]byte, symbols int) string {
	var b strings.Builder
	n := uint64(0)
	for i := range symbols {
		if i%drawn == 0 {
			n = binary.BigEndian.Uint64(secret[8*(i/drawn):])
		}
		b.WriteByte(codeAlphabet[n%30])
		n /= 30
	}
	return b.String() + string(checkCharacter(b.String()))
}

// checkCharacter is Luhn's, modulo the 30 symbols: it finds every single wrong symbol.
func checkCharacter(s string) byte {
	sum, double := 0, true
	for i := len(s) - 1; i >= 0; i-- {
		v := strings.IndexByte(codeAlphabet, s[i])
		if double {
			v *= 2
		}
		sum += v/30 + v%30
		double = !double
	}
	return codeAlphabet[(30-sum%30)%30]
}

// gaps is made once: it is much larger than a code.
var gaps = strings.NewReplacer(" ", "", "-", "")

// CanonicalCode brings a typed code into its one form; ok is false when it cannot be one.
func CanonicalCode(s string) (code string, ok bool) {
	code = gaps.Replace(strings.ToUpper(s))
	if len(code) < 2 {
		return "", false
	}
	for i := range len(code) {
		if strings.IndexByte(codeAlphabet, code[i]) < 0 {
			return "", false
		}
	}
	return code, checkCharacter(code[:len(code)-1]) == code[len(code)-1]
}
