package people_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
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

// triedStops counts the pages that stopped early, there and back, and those of them whose way on is in the
// order of another word than the longest.
type triedStops struct{ there, thereLed, back, backLed int }

func (x *triedStops) note(at store.RosterPlace, back bool) {
	n, led := &x.there, &x.thereLed
	if back {
		n, led = &x.back, &x.backLed
	}
	if *n++; at.Lead > 1 {
		*led++
	}
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
		tried := triedStops{}
		for round := range 150 {
			few := 1 + dice.IntN(40)
			most := few + dice.IntN(80)
			listed := most + dice.IntN(400)
			longest := round%2 == 0
			if !longest { // the rarest may be any of them, and pages stop with it in the lead
				few, most, listed = 1+dice.IntN(6), 7+dice.IntN(12), 40+dice.IntN(160)
			}
			st.SetSearchBounds(few, most, listed)
			if round%10 == 0 {
				st.ResetSearchBounds()
			}
			var words []store.SearchWord
			for range 1 + round%2 + dice.IntN(3) {
				w := text("ab", 3)
				word := store.SearchWord{Name: w, Number: strings.ToUpper(w)}
				if !slices.Contains(words, word) {
					words = append(words, word)
				}
			}
			if longest {
				slices.SortStableFunc(words, func(a, b store.SearchWord) int { return len(b.Name) - len(a.Name) })
			}
			group, size := []string{"", "", "vip", "rare", "rare"}[dice.IntN(4)+round%2], 1+dice.IntN(9)
			said := fmt.Sprintf("%v group %q, pages of %d, bounds %d %d %d", words, group, size, few, most, listed)
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
					if at = stopped; len(page) == size {
						t.Fatalf("%s: a full page stopped", said)
					}
					tried.note(stopped, false)
				} else if len(page) < size {
					break
				}
			}
			lead := 0
			if len(there) > 0 {
				lead = there[0].Lead - 1
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
					tried.note(stopped, true)
				} else if len(page) < size {
					break
				}
			}
			slices.Reverse(back)
			if !slices.Equal(back, want) {
				t.Fatalf("%s, back:\n got %v\nwant %v", said, back, want)
			}
		}
		if tried.there < 200 || tried.back < 200 || tried.thereLed < 10 || tried.backLed < 10 {
			t.Errorf("hardly anything was tried: %+v pages stopped early", tried)
		}
	})
}

// TestPlantedBugsOfASearchTurnRed runs the test above with each of three bugs that its first form
// did not see: it read hardly a page back that had stopped, and none led by another word.
func TestPlantedBugsOfASearchTurnRed(t *testing.T) {
	if os.Getenv("CAGNOTTE_PLANTED") != "" {
		return // this is the run with the bug
	}
	t.Parallel()
	for _, bug := range []string{"lead", "back", "stop"} {
		cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-timeout", "5m", "-tags", "bug_search", "-run", "^TestASearchIsANaiveSearch$/^sqlite$", ".")
		cmd.Env = append(os.Environ(), "CAGNOTTE_PLANTED="+bug)
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "        want [") {
			t.Errorf("not red with the bug %s planted: %v\n%s", bug, err, out)
		}
	}
}
