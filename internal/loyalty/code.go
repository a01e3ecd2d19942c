package loyalty

import "strings"

// codeAlphabet has no signs that are read as one another.
const codeAlphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// BoundCode makes the code of a voucher that is bound to a member: 7 symbols from secret
// bytes, and a check character.
func BoundCode(secret [32]byte) string { return codeOf(secret, 7) }

// PersonalCode makes the code in the links that a member shares: 9 symbols, so that a shop
// of millions has no two alike, and a check character.
func PersonalCode(secret [32]byte) string { return codeOf(secret, 9) }

func codeOf(secret [32]byte, symbols int) string {
	n := uint64(0)
	for _, b := range secret[:8] {
		n = n<<8 | uint64(b)
	}
	var b strings.Builder
	for range symbols {
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

// CanonicalCode brings a typed code into its one form; ok is false when it cannot be one.
func CanonicalCode(s string) (code string, ok bool) {
	code = strings.NewReplacer(" ", "", "-", "").Replace(strings.ToUpper(s))
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
