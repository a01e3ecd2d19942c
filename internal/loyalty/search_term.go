package loyalty

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxSearchTerms is how many different words of one text are looked at; a name has fewer.
const maxSearchTerms = 24

// letters are those that no decomposition brings to ASCII.
var letters = strings.NewReplacer("ł", "l", "œ", "oe", "æ", "ae", "ß", "ss", "ø", "o", "đ", "d", "ð", "d", "þ", "th", "ı", "i")

// Fold removes what people leave out when they type a name in a hurry: capitals, accents,
// the stroke of ł. "Żółć" is "zolc".
func Fold(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(norm.NFKD.String(strings.ToValidUTF8(s, " "))) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return letters.Replace(b.String())
}

// SearchTerms are the folded words of texts, each once, in their order: runs of letters and
// digits. "Zoé Dupont-O'Neill" has zoe, dupont, o and neill.
func SearchTerms(texts ...string) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range texts {
		for w := range strings.FieldsFuncSeq(Fold(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if !seen[w] && len(out) < maxSearchTerms {
				seen[w] = true
				out = append(out, w)
			}
		}
	}
	return out
}

// NameMark begins the term of a member by which lists are ordered: no word begins with it.
const NameMark = "="

// maxNameTerm is how many bytes of a name order a list; what comes behind makes no difference.
const maxNameTerm = 120

// SearchTerms are the words by which a member is found, his name as lists have it: the last
// one first, behind NameMark; and what is known of him in the shop's own fields, each behind
// FieldMark.
func (p *Person) SearchTerms() []string {
	out := SearchTerms(p.FirstName, p.LastName)
	if len(out) > 0 {
		name := NameMark + strings.Join(SearchTerms(p.LastName, p.FirstName), " ")
		out = append(out, strings.ToValidUTF8(name[:min(len(name), maxNameTerm)], ""))
	}
	values := p.Fields.All()
	for _, code := range slices.Sorted(maps.Keys(values)) {
		out = append(out, FieldTerm(code, values[code]))
	}
	return out
}
