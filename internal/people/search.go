package people

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// Place is a place in the results of a search.
type Place = store.SearchPlace

// Match is a member who was found, and his place.
type Match struct {
	Place
	Who *Member
}

// Search is a page of the members whose names or number begin with each word of q, in any
// order of words, after a place (zero: from the start). Capitals and accents make no
// difference in names, capitals none in numbers. A page is bounded work: where the words are so
// common, and come together so rarely, that it is not full after that, stopped is the place
// after which it goes on; otherwise zero. E-mails and phones are not searched: they
// are stored as keyed hashes, and found whole by Find. A q without any letter or digit is
// the problem `search_without_letters`, one of more than six words `too_many`.
func (p *People) Search(ctx context.Context, shop loyalty.ShopID, q string, after Place, limit int) (found []Match, stopped Place, err error) {
	if err := words("q", q); err != nil {
		return nil, stopped, err
	}
	list := searchWords(q)
	switch {
	case len(list) == 0:
		return nil, stopped, loyalty.Invalid("q", "search_without_letters")
	case len(list) > store.MaxSearchWords:
		return nil, stopped, loyalty.Invalid("q", "too_many", "max", fmt.Sprint(store.MaxSearchWords))
	}
	rows, stopped, err := p.st.SearchMembers(ctx, shop, list, after, limit)
	out := make([]Match, len(rows))
	for i, row := range rows {
		m, err := p.open(row.MemberRow)
		if err != nil {
			return nil, stopped, err
		}
		out[i] = Match{row.SearchPlace, m}
	}
	return out, stopped, err
}

// searchWords splits what was typed: a word may be meant as part of a name or as the
// beginning of a number, which may hold signs ("A-17"). The longest name comes first:
// it is likely to be the rarest, and that one is read from the index and the others only checked.
func searchWords(q string) []store.SearchWord {
	var out []store.SearchWord
	for raw := range strings.FieldsSeq(q) {
		for _, term := range loyalty.SearchTerms(raw) {
			w := store.SearchWord{Name: term, Number: NumberForm(raw)}
			if !slices.Contains(out, w) {
				out = append(out, w)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b store.SearchWord) int { return cmp.Compare(len(b.Name), len(a.Name)) })
	return out
}

// remadeAtOnce is how many persons' search terms are made anew in one transaction.
const remadeAtOnce = 500

// MakeSearchTerms makes the words by which members are found for whoever was stored before
// there were any, shop by shop; it takes one read for a shop where that is done.
func (p *People) MakeSearchTerms(ctx context.Context) error {
	shops, err := p.st.Shops(ctx)
	if err != nil {
		return err
	}
	for _, s := range shops {
		if err := p.makeSearchTerms(ctx, s.ID); err != nil {
			return fmt.Errorf("search terms of shop %s: %w", s.Slug, err)
		}
	}
	return nil
}

func (p *People) makeSearchTerms(ctx context.Context, shop loyalty.ShopID) error {
	if made, err := p.st.SearchTermsMade(ctx, shop); err != nil || made {
		return err
	}
	terms := func(wrapped, sealed []byte) ([]string, error) {
		person, err := p.person(&store.MemberRow{Wrapped: wrapped, Sealed: sealed})
		return person.SearchTerms(), err
	}
	for last := (id.Member{}); ; {
		var err error
		if last, err = p.st.RemakeSearchTerms(ctx, shop, last, remadeAtOnce, terms); err != nil {
			return err
		}
		if last.IsZero() {
			return p.st.NoteSearchTermsMade(ctx, shop)
		}
	}
}
