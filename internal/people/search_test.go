package people_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

func join(t *testing.T, p *people.People, shop loyalty.ShopID, n people.Naming) id.Member {
	t.Helper()
	a, err := p.Enrol(t.Context(), shop, people.Enrolment{
		Fact: loyalty.Fact{Feed: "api", ExternalID: "join-" + n.Number, Via: "api", Origin: loyalty.FromLive}, Person: n,
	})
	if err != nil {
		t.Fatal(err)
	}
	return a.Member
}

// found gives the numbers of all who are found, page by page of two.
func found(t *testing.T, p *people.People, shop loyalty.ShopID, q string) string {
	t.Helper()
	var out []string
	var at people.Place
	for {
		rows, _, err := p.Search(t.Context(), shop, q, at, 2)
		if err != nil {
			t.Fatalf("%q: %v", q, err)
		}
		for _, m := range rows {
			out = append(out, m.Who.Numbers...)
			at = m.Place
		}
		if len(rows) < 2 {
			return strings.Join(out, " ")
		}
	}
}

func TestMembersAreFoundByBeginningsOfWords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, s := setup(t, st)
		zolc := join(t, p, s.ID, people.Naming{Number: "A-17", FirstName: "Łucja", LastName: "Żółć-Kowalska", Email: "lucja@example.com"})
		join(t, p, s.ID, people.Naming{Number: "A-18", FirstName: "Anna", LastName: "Kowalska"})
		join(t, p, s.ID, people.Naming{Number: "B-1", FirstName: "Anna Kowala", LastName: "Kowal"})
		join(t, p, s.ID, people.Naming{Number: "ANNA", FirstName: "Kowal"})
		join(t, p, s.ID, people.Naming{Number: "17"})
		check := func(tests map[string]string) {
			t.Helper()
			for q, want := range tests {
				if got := found(t, p, s.ID, q); got != want {
					t.Errorf("%q finds %q, want %q", q, got, want)
				}
			}
		}
		check(map[string]string{
			"Żółć": "A-17", "zolc": "A-17", "ZOL": "A-17", "lucja kow": "A-17", "kow łuc": "A-17", "zolc-kow": "A-17", "zolc, lucja": "A-17",
			"kowal": "B-1 ANNA A-17 A-18", "kowalska": "A-17 A-18", "anna": "ANNA A-18 B-1", "anna kowalsk": "A-18", "kowal anna": "B-1 ANNA A-18",
			"a-17": "A-17", "A-1": "A-17 A-18", "17": "17", "a-18 anna": "A-18", "kowalska a-1": "A-17 A-18",
			"olc": "", "kowalska b": "", "lucja@example.com": "", "x": "",
		})
		for q, want := range map[string]string{"": "search_without_letters", " - ": "search_without_letters", "a b c d e f g": "too_many", strings.Repeat("a", 201): "too_long", "a\x00": "control_character"} {
			if _, _, err := p.Search(t.Context(), s.ID, q, people.Place{}, 5); codeOf(err) != want {
				t.Errorf("%q: %v, want %s", q, err, want)
			}
		}

		f := &loyalty.Fact{Kind: loyalty.MemberUpdated, Feed: "api", ExternalID: "u", Via: "api", Origin: loyalty.FromLive, OccurredAt: st.Clock()}
		f.Member, f.Person = loyalty.Who{ID: zolc}, &loyalty.Person{LastName: "Nowak"}
		if answers, err := p.Record(t.Context(), s.ID, f); err != nil || answers[0].Err != nil {
			t.Fatal(err, answers)
		}
		check(map[string]string{"zolc": "", "nowak": "A-17", "lucja nowak": "A-17"})
	})
}

func TestWhoWasStoredBeforeIsFoundAfterTheNextStart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, s := setup(t, st)
		for i := range 7 {
			join(t, p, s.ID, people.Naming{Number: fmt.Sprint(i), FirstName: "Zoé", LastName: "Dupont"})
		}
		err := st.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(t.Context(), qForget, int64(s.ID)) })
		if err != nil {
			t.Fatal(err)
		}
		if got := found(t, p, s.ID, "zoe"); got != "" {
			t.Fatalf("found %s", got)
		}
		for range 2 { // the second time there is nothing to do
			if err := p.MakeSearchTerms(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := found(t, p, s.ID, "dup zoe"); len(strings.Fields(got)) != 7 {
				t.Errorf("found %s", got)
			}
		}
	})
}

var qForget = store.New("test.terms.forget", `DELETE FROM member_terms WHERE shop_id = $1`)

// crowd stores n members with names of a small country: a few are very common.
func crowd(t testing.TB, st *store.Store, shop loyalty.ShopID, n int) {
	t.Helper()
	dice := rand.New(rand.NewPCG(1, 2))
	name := func() string {
		r := dice.IntN(1_000_000)
		return fmt.Sprintf("%c%c%s%d", 'a'+r%5, 'a'+r%7, []string{"kow", "now", "ska", "ann"}[r%4], r%(1+r%5000))
	}
	err := st.Write(t.Context(), func(tx *store.Tx) error {
		var ids [][]byte
		var terms []string
		var owners [][]byte
		var numbers []string
		for i := range n {
			m := id.Mint[id.MemberKind](int64(tx.Now)+int64(i), [8]byte{byte(i), byte(i >> 8), byte(i >> 16)})
			ids, numbers = append(ids, m.Bytes()), append(numbers, fmt.Sprintf("N%06d", i))
			for range 2 {
				terms, owners = append(terms, name()), append(owners, m.Bytes())
			}
		}
		tx.Rows(qCrowd, n, int64(shop), ids)
		tx.Rows(qCrowdKeys, n, int64(shop), numbers, ids)
		tx.Rows(qCrowdTerms, len(terms), int64(shop), terms, owners)
		return tx.Flush(t.Context())
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Analyze(t.Context()); err != nil {
		t.Fatal(err)
	}
}

var (
	qCrowd = store.New("test.crowd", `
		INSERT INTO members (shop_id, id, state, created_at) SELECT $1, r.id, 'member', 1 FROM {{rows id:bytea}}`)
	qCrowdKeys = store.New("test.crowd.keys", `
		INSERT INTO member_keys (shop_id, kind, key, member_id) SELECT $1, 'number', r.key, r.id FROM {{rows key:text, id:bytea}}`)
	qCrowdTerms = store.New("test.crowd.terms", `
		INSERT INTO member_terms (shop_id, term, member_id) SELECT $1, r.term, r.id FROM {{rows term:text, id:bytea}} WHERE TRUE
		ON CONFLICT (shop_id, term, member_id) DO NOTHING`)
)

// BenchmarkSearch is a page of 20 in a shop of 100,000 members: one common word, two common
// words, two that nobody has together, a number.
func BenchmarkSearch(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		if engine == "postgres" && os.Getenv("CAGNOTTE_TEST_POSTGRES") == "" {
			continue
		}
		st := storetest.Open(b, storetest.Config(b, engine))
		s := storetest.Shop(b, st, terms)
		crowd(b, st, s.ID, 100_000)
		p := people.New(st, nil, storetest.Box(b))
		for _, q := range []string{"a", "aa", "ac bd", "aakow1 bbnow2", "a b", "b zz", "n0123", "N012345"} {
			b.Run(engine+"/"+strings.ReplaceAll(q, " ", "+"), func(b *testing.B) {
				n := 0
				for b.Loop() {
					rows, _, err := p.Search(b.Context(), s.ID, q, people.Place{}, 20)
					if err != nil {
						b.Fatal(err)
					}
					n = len(rows)
				}
				b.ReportMetric(float64(n), "found")
			})
		}
	}
}
