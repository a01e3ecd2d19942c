package people_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// somebody is a member as a naive search sees him.
type somebody struct {
	id     id.Member
	names  []string
	number string
	group  string
}

// first gives the name or number by which a word finds him: the smallest that begins with it.
func (m *somebody) first(w store.SearchWord) (least string, ok bool) {
	for _, n := range m.names {
		if strings.HasPrefix(n, w.Name) && (!ok || n < least) {
			least, ok = n, true
		}
	}
	if strings.HasPrefix(m.number, w.Number) && (!ok || m.number < least) {
		least, ok = m.number, true
	}
	return least, ok
}

// naive finds whoever has all words, in the order of one of them.
func naive(all []*somebody, words []store.SearchWord, lead int, group string) (out []store.SearchPlace) {
	for _, m := range all {
		has := group == "" || m.group == group
		for _, w := range words {
			_, ok := m.first(w)
			has = has && ok
		}
		if has {
			term, _ := m.first(words[lead])
			out = append(out, store.SearchPlace{Term: term, Member: m.id, Lead: lead + 1})
		}
	}
	slices.SortFunc(out, func(a, b store.SearchPlace) int {
		if a.Term != b.Term {
			return strings.Compare(a.Term, b.Term)
		}
		return bytes.Compare(a.Member[:], b.Member[:])
	})
	return out
}

var qDrawn = store.New("test.drawn", `
	INSERT INTO members (shop_id, id, state, grp, created_at) SELECT $1, r.id, 'member', r.grp, 1 FROM {{rows id:bytea, grp:text}}`)

// TestASearchIsANaiveSearch draws members and words, and reads every search page by page, there
// and back, with bounds so small that every way of a search is taken.
func TestASearchIsANaiveSearch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		dice := rand.New(rand.NewPCG(7, 11))
		_, s := setup(t, st)
		text := func(letters string, n int) string {
			out := ""
			for range 1 + dice.IntN(n) {
				out += string(letters[dice.IntN(len(letters))])
			}
			return out
		}
		var all []*somebody
		err := st.Write(t.Context(), func(tx *store.Tx) error {
			var ids, owners, keyed [][]byte
			var groups, terms, numbers []string
			for i := range 400 {
				m := &somebody{id: id.Mint[id.MemberKind](int64(tx.Now)+dice.Int64N(1_000_000), [8]byte{byte(i), byte(i >> 8), 1}), group: []string{"", "vip", "rare"}[min(dice.IntN(20)/9, 2)]}
				for range dice.IntN(4) {
					if name := text("aab", 3); !slices.Contains(m.names, name) {
						m.names, terms, owners = append(m.names, name), append(terms, name), append(owners, m.id.Bytes())
					}
				}
				if len(m.names) > 0 {
					terms, owners = append(terms, "="+strings.Join(m.names, " ")), append(owners, m.id.Bytes())
				}
				m.number = fmt.Sprintf("%s%03d", text("AB", 2), i)
				if dice.IntN(3) == 0 {
					m.number = fmt.Sprint("-", i) // no word begins so
				}
				numbers, keyed = append(numbers, m.number), append(keyed, m.id.Bytes())
				ids, groups, all = append(ids, m.id.Bytes()), append(groups, m.group), append(all, m)
			}
			tx.Rows(qDrawn, len(ids), int64(s.ID), ids, groups)
			tx.Rows(qCrowdKeys, len(ids), int64(s.ID), numbers, keyed)
			tx.Rows(qCrowdTerms, len(terms), int64(s.ID), terms, owners)
			return tx.Flush(t.Context())
		})
		if err != nil {
			t.Fatal(err)
		}
		stops, listed := 0, 0
		for round := range 150 {
			few := 1 + dice.IntN(40)
			most := few + dice.IntN(80)
			st.SetSearchBounds(few, most, most+dice.IntN(400))
			if round%10 == 0 {
				st.ResetSearchBounds()
			}
			var words []store.SearchWord
			for range 1 + dice.IntN(4) {
				w := text("ab", 3)
				word := store.SearchWord{Name: w, Number: strings.ToUpper(w)}
				if !slices.Contains(words, word) {
					words = append(words, word)
				}
			}
			slices.SortStableFunc(words, func(a, b store.SearchWord) int { return len(b.Name) - len(a.Name) })
			group, size := []string{"", "", "vip", "rare"}[dice.IntN(4)], 1+dice.IntN(9)
			said := fmt.Sprintf("%v group %q, pages of %d, bounds %d %d", words, group, size, few, most)
			roster := store.Roster{Words: words, Group: group}

			var there []store.SearchPlace
			at := store.RosterPlace{}
			for pages := 0; ; pages++ {
				page, stopped, err := st.RosterLook(t.Context(), s.ID, roster, at, false, size)
				if err != nil || pages > 2000 {
					t.Fatalf("%s: %v after %d pages", said, err, pages)
				}
				for _, x := range page {
					there = append(there, store.SearchPlace{Term: x.Key, Member: x.Member, Lead: x.Lead})
					at = x
				}
				if !stopped.IsZero() {
					if at, stops = stopped, stops+1; len(page) == size {
						t.Fatalf("%s: a full page stopped", said)
					}
				} else if len(page) < size {
					break
				}
			}
			lead := 0
			if len(there) > 0 {
				lead = there[0].Lead - 1
			}
			if lead > 0 {
				listed++
			}
			want := naive(all, words, lead, group)
			if !slices.Equal(there, want) {
				t.Fatalf("%s:\n got %v\nwant %v", said, there, want)
			}
			if n, err := st.RosterCount(t.Context(), s.ID, roster, 10_000); err != nil || n != len(want) {
				t.Fatalf("%s: counted %d, want %d, %v", said, n, len(want), err)
			}
			whole, err := st.RosterPage(t.Context(), s.ID, roster, store.RosterPlace{}, false, 10_000)
			if err != nil || len(whole) != len(want) {
				t.Fatalf("%s: all at once are %d, want %d, %v", said, len(whole), len(want), err)
			}
			if group == "" {
				var plain []store.SearchPlace
				for from := (store.SearchPlace{}); ; {
					list, stopped, err := st.SearchMembers(t.Context(), s.ID, words, from, size)
					if err != nil {
						t.Fatal(err)
					}
					for _, x := range list {
						plain, from = append(plain, x.SearchPlace), x.SearchPlace
					}
					if stopped != (store.SearchPlace{}) {
						from = stopped
					} else if len(list) < size {
						break
					}
				}
				if !slices.Equal(plain, want) {
					t.Fatalf("%s, without filters:\n got %v\nwant %v", said, plain, want)
				}
			}

			// And back from the last one.
			if len(want) == 0 {
				continue
			}
			end := want[len(want)-1]
			back := []store.SearchPlace{end}
			at = store.RosterPlace{Key: end.Term, Member: end.Member, Lead: end.Lead}
			for pages := 0; ; pages++ {
				page, stopped, err := st.RosterLook(t.Context(), s.ID, roster, at, true, size)
				if err != nil || pages > 2000 {
					t.Fatalf("%s, back: %v after %d pages", said, err, pages)
				}
				for i := len(page) - 1; i >= 0; i-- {
					back = append(back, store.SearchPlace{Term: page[i].Key, Member: page[i].Member, Lead: page[i].Lead})
					at = page[i]
				}
				if !stopped.IsZero() {
					at = stopped
				} else if len(page) < size {
					break
				}
			}
			slices.Reverse(back)
			if !slices.Equal(back, want) {
				t.Fatalf("%s, back:\n got %v\nwant %v", said, back, want)
			}
		}
		if stops == 0 || listed == 0 {
			t.Errorf("%d pages stopped early, %d searches were led by another word than the longest: nothing was tried", stops, listed)
		}
	})
}
