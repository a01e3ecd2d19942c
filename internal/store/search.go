package store

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

// MaxSearchWords is how many words a search may have.
const MaxSearchWords = 6

// SearchWord is one word to look for: a folded word that a name begins with, or the
// beginning of a member's number as numbers are stored.
type SearchWord struct{ Name, Number string }

// SearchPlace is a place in the results of a search, which are in the order of the name or
// number by which they were found. Zero is the start.
type SearchPlace struct {
	Term   string
	Member id.Member
	Lead   int // one more than the index of the word in whose order the results are; 0: not chosen yet
}

// from is the place, or the start of what begins with a text when that is later.
func (p SearchPlace) from(begin string) SearchPlace {
	if p.Term < begin {
		return SearchPlace{Term: begin}
	}
	return p
}

// upTo is the place, or the end of what begins with a text when that is earlier.
func (p SearchPlace) upTo(begin string) SearchPlace {
	if end := beyond(begin); p.Term > end {
		return SearchPlace{Term: end}
	}
	return p
}

// compare orders places as results are ordered.
func (p SearchPlace) compare(q SearchPlace) int {
	return cmp.Or(cmp.Compare(p.Term, q.Term), bytes.Compare(p.Member[:], q.Member[:]))
}

// Found is a member who was found, and his place.
type Found struct {
	SearchPlace
	*MemberRow
}

// searching is what a statement of a search looks like.
type searching struct {
	words  int  // how many
	down   bool // backwards
	listed bool // the second word's members are listed first, instead of asking about each
	sift   bool // with the filters of a roster
	count  bool // how many, instead of who
}

// The first word is read from an index in the order of the results, so that a page ends
// when it is full: once from the names and once from the numbers, and the two are merged.
// The further words, and whether the member stood earlier already, are looked up by his id.
// $1 shop, $2 limit, $3 and $4 the place among names behind which the page begins, $5 and
// $6 that among numbers, $7 and $8 the last place among names that is looked at, $9 and $10
// that among numbers, then for each word the bounds of names and of numbers, then a roster's
// filters. Each side has one bound: with two, PostgreSQL may begin at the other.
var qSearch = func() map[searching]*Q {
	all := map[searching]*Q{}
	for n := 1; n <= MaxSearchWords; n++ {
		for bits := range 16 {
			how := searching{n, bits&1 > 0, bits&2 > 0, bits&4 > 0, bits&8 > 0}
			if how.listed && n == 1 || how.count && (how.down || !how.sift) {
				continue
			}
			name := fmt.Sprintf("member_terms.search.%d", n)
			if how.sift {
				name = fmt.Sprintf("roster.search.%d", n)
			}
			if how.listed {
				name += ".listed"
			}
			if how.down {
				name += ".down"
			}
			text := how.text()
			if how.count {
				name, text = name+".count", `SELECT COUNT(*) FROM (`+text+`) AS c`
			}
			all[how] = New(name, text)
		}
	}
	return all
}()

// Arguments of a search.
const (
	searchWordArgs = 11 // the first of those of words
	argsOfWord     = 4
)

func (how searching) text() string {
	names, numbers, way := "(a.term, a.member_id) > ($3, $4) AND (a.term, a.member_id) <= ($7, $8)", "(k.key, k.member_id) > ($5, $6) AND (k.key, k.member_id) <= ($9, $10)", ""
	if how.down {
		names, numbers, way = "(a.term, a.member_id) < ($3, $4) AND (a.term, a.member_id) >= ($7, $8)", "(k.key, k.member_id) < ($5, $6) AND (k.key, k.member_id) >= ($9, $10)", " DESC"
	}
	at := ""
	filtered := func(string) string { return "" }
	if how.sift {
		at = " CAST(0 AS BIGINT) AS at,"
		filtered = func(member string) string {
			return "\n\t\t\t      AND EXISTS (SELECT 1 FROM members m WHERE m.shop_id = $1 AND m.id = " + member + sifted(searchWordArgs+argsOfWord*how.words) + perRow + ")"
		}
	}
	return `
			SELECT t.term,` + at + ` t.member_id FROM (
			  SELECT x.term AS term, x.member_id AS member_id FROM (
			    SELECT a.term, a.member_id FROM member_terms a
			    WHERE a.shop_id = $1 AND ` + names + how.checked("a.member_id", filtered("a.member_id"), "b.term < a.term", "b.key < a.term") + `
			    ORDER BY a.term` + way + `, a.member_id` + way + ` LIMIT $2) AS x
			  UNION ALL
			  SELECT y.key AS term, y.member_id AS member_id FROM (
			    SELECT k.key, k.member_id FROM member_keys k
			    WHERE k.shop_id = $1 AND k.kind = 'number' AND ` + numbers + how.checked("k.member_id", filtered("k.member_id"), "b.term <= k.key", "b.key < k.key") + `
			    ORDER BY k.key` + way + `, k.member_id` + way + ` LIMIT $2) AS y
			) AS t ORDER BY t.term` + way + `, t.member_id` + way + ` LIMIT $2`
}

// replaceAll replaces pairs of texts.
func replaceAll(s string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(s) }

// checked asks what a member must have beside the first word, and that he did not stand earlier
// under it. The CASE asks in this order, what takes most members out first: PostgreSQL would
// begin with what it thinks the cheapest.
func (how searching) checked(member, filtered, earlierName, earlierNumber string) string {
	earlier := `NOT ` + hasName(member, 0, earlierName) + `
			        AND NOT ` + hasNumber(member, 0, earlierNumber) + filtered
	if how.words == 1 {
		return "\n\t\t\t      AND " + earlier
	}
	return `
			      AND CASE WHEN ` + how.further(member) + `
			        THEN ` + earlier + ` ELSE FALSE END`
}

// further asks for the words behind the first. PostgreSQL does not join what stands in a CASE:
// it makes a table of a list once, as SQLite does.
func (how searching) further(member string) string {
	var all []string
	for w := 1; w < how.words; w++ {
		if w == 1 && how.listed {
			lo := searchWordArgs + argsOfWord
			all = append(all, fmt.Sprintf(`%s IN (
			        SELECT b.member_id FROM member_terms b WHERE b.shop_id = $1 AND b.term >= $%d AND b.term < $%d
			        UNION ALL SELECT b.member_id FROM member_keys b WHERE b.shop_id = $1 AND b.kind = 'number' AND b.key >= $%d AND b.key < $%d)`,
				member, lo, lo+1, lo+2, lo+3))
			continue
		}
		all = append(all, "("+hasName(member, w)+"\n\t\t\t        OR "+hasNumber(member, w)+")")
	}
	return strings.Join(all, "\n\t\t\t        AND ")
}

// perRow keeps PostgreSQL from turning a question about each row into a join: it would read
// everybody who has the word before it gives the first page.
const perRow = ` LIMIT 1 OFFSET 0`

// hasName asks whether a member has a name within the bounds of a word.
func hasName(member string, word int, and ...string) string {
	return fmt.Sprintf(`EXISTS (SELECT 1 FROM member_terms b WHERE b.shop_id = $1 AND b.member_id = %s AND b.term >= $%d AND b.term < $%d%s`+perRow+`)`,
		member, searchWordArgs+argsOfWord*word, searchWordArgs+argsOfWord*word+1, also(and))
}

// hasNumber asks whether a member has a number within the bounds of a word: first, once for the
// statement, whether anybody has.
func hasNumber(member string, word int, and ...string) string {
	lo := searchWordArgs + argsOfWord*word + 2
	return fmt.Sprintf(`(EXISTS (SELECT 1 FROM member_keys had WHERE had.shop_id = $1 AND had.kind = 'number' AND had.key >= $%d AND had.key < $%d`+perRow+`)
			        AND EXISTS (SELECT 1 FROM member_keys b WHERE b.shop_id = $1 AND b.member_id = %s AND b.kind = 'number' AND b.key >= $%d AND b.key < $%d%s`+perRow+`))`,
		lo, lo+1, member, lo, lo+1, also(and))
}

func also(conditions []string) string {
	out := ""
	for _, c := range conditions {
		out += " AND " + c
	}
	return out
}

// beyond is greater than every text that begins with s.
func beyond(s string) string { return s + "\U0010FFFF" }

var (
	qDropTerms = New("member_terms.drop", `DELETE FROM member_terms WHERE shop_id = $1 AND member_id {{in member:bytea}}`)
	qPutTerm   = New("member_terms.put", `
		INSERT INTO member_terms (shop_id, term, member_id)
		SELECT $1, r.term, r.member FROM {{rows term:text, member:bytea}} WHERE TRUE
		ON CONFLICT (shop_id, term, member_id) DO NOTHING`)
	qPersons = New("persons.page", `
		SELECT p.member_id FROM persons p WHERE p.shop_id = $1 AND p.member_id > $2 ORDER BY p.member_id LIMIT $3`)
	qHoldPersons = New("persons.hold", `
		UPDATE persons SET sealed = sealed WHERE shop_id = $1 AND member_id {{in member:bytea}} RETURNING member_id, sealed`)
	qPersonKeys = New("person_keys.ids", `
		SELECT w.member_id, w.wrapped FROM person_keys w WHERE w.shop_id = $1 AND w.member_id {{in member:bytea}}`)
)

// SetSearchTerms queues the words by which members are found, in place of those that they
// had; none lets a member's go.
func (t *Tx) SetSearchTerms(shop loyalty.ShopID, words map[id.Member][]string) {
	var members, owners [][]byte
	var terms []string
	for _, m := range slices.SortedFunc(maps.Keys(words), func(a, b id.Member) int { return slices.Compare(a[:], b[:]) }) {
		members = append(members, m.Bytes())
		for _, w := range words[m] {
			terms, owners = append(terms, w), append(owners, m.Bytes())
		}
	}
	t.Rows(qDropTerms, len(members), int64(shop), members)
	t.Rows(qPutTerm, len(terms), int64(shop), terms, owners)
}

// termsMade is the setting of a shop that says in which form its search terms are. Raise
// searchForm when loyalty.SearchTerms gives others than before.
const (
	termsMade  = "search_terms"
	searchForm = "2" // with the whole name
)

// SearchTermsMade tells whether all members of a shop can be found by the words of today.
func (s *Store) SearchTermsMade(ctx context.Context, shop loyalty.ShopID) (bool, error) {
	form := ""
	err := s.Read(ctx, qSetting, func(r Scanner) error { return r.Scan(&form) }, int64(shop), termsMade)
	return form == searchForm, err
}

// NoteSearchTermsMade says that they can.
func (s *Store) NoteSearchTermsMade(ctx context.Context, shop loyalty.ShopID) error {
	return s.Write(ctx, func(t *Tx) error { return t.Exec(ctx, qPutSetting, int64(shop), termsMade, searchForm) })
}

// RemakeSearchTerms makes the terms of up to limit persons behind a member anew, from what
// words reads in them, and gives the last of these; the zero id when there were none. It
// holds their rows meanwhile: nobody's new name is overtaken by his old one.
func (s *Store) RemakeSearchTerms(ctx context.Context, shop loyalty.ShopID, behind id.Member, limit int, words func(wrapped, sealed []byte) ([]string, error)) (last id.Member, err error) {
	var ids [][]byte
	err = s.Read(ctx, qPersons, func(r Scanner) error {
		err := r.Scan(&last)
		ids = append(ids, last.Bytes())
		return err
	}, int64(shop), behind[:], int64(limit))
	if err != nil || len(ids) == 0 {
		return id.Member{}, err
	}
	return last, s.Write(ctx, func(t *Tx) error {
		sealed, wrapped := map[id.Member][]byte{}, map[id.Member][]byte{}
		into := func(m map[id.Member][]byte) func(Scanner) error {
			return func(r Scanner) error {
				var who id.Member
				var b []byte
				err := r.Scan(&who, &b)
				m[who] = slices.Clone(b)
				return err
			}
		}
		t.Query(qHoldPersons, len(ids), into(sealed), int64(shop), ids)
		t.Query(qPersonKeys, len(ids), into(wrapped), int64(shop), ids)
		if err := t.Flush(ctx); err != nil {
			return err
		}
		all := map[id.Member][]string{}
		for m, s := range sealed {
			var err error
			if all[m], err = words(wrapped[m], s); err != nil {
				return fmt.Errorf("search terms of %s: %w", m, err)
			}
		}
		t.SetSearchTerms(shop, all)
		return t.Flush(ctx)
	})
}
