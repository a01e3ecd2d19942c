package imports_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/imports"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

var qKeysOfAll = store.New("test.keys", `SELECT k.member_id, k.key FROM member_keys k WHERE k.shop_id = $1`)

// purses lists what every customer has, by his number in the file.
func purses(t *testing.T, st *store.Store, s *loyalty.Shop) []string {
	t.Helper()
	names := map[id.Member]string{}
	err := st.Read(t.Context(), qKeysOfAll, func(r store.Scanner) error {
		var m id.Member
		var key string
		err := r.Scan(&m, &key)
		names[m] = key
		return err
	}, int64(s.ID))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	err = st.Balances(t.Context(), s.ID, st.Clock(), func(b store.Balance) error {
		unit, _, _ := strings.Cut(string(b.Unit), ":")
		if b.Balance != 0 || b.Debt != 0 {
			out = append(out, fmt.Sprint(names[b.Member], " ", unit, " ", b.Balance, " ", b.Available, " ", b.Pending, " ", b.Debt, " ", b.Earned))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// parts deals the invoices of a file out to n files, at random.
func parts(t *testing.T, file []byte, n int, rng *rand.Rand) [][]byte {
	t.Helper()
	if packed, err := gzip.NewReader(bytes.NewReader(file)); err == nil {
		if file, err = io.ReadAll(packed); err != nil {
			t.Fatal(err)
		}
	}
	rows := strings.SplitAfter(string(file), "\n")
	out := make([][]byte, n)
	for i := range out {
		out[i] = []byte(rows[0])
	}
	to := map[string]int{}
	for _, row := range rows[1:] {
		if row == "" {
			continue
		}
		number := strings.Split(row, ",")[1]
		i, ok := to[number]
		if !ok {
			i = rng.IntN(n)
			to[number] = i
		}
		out[i] = append(out[i], row...)
	}
	return out
}

// apart lists up to ten lines of each that the other has not.
func apart(got, want []string) []string {
	var out []string
	list := func(name string, of, not []string) {
		n := 0
		for _, x := range of {
			if !slices.Contains(not, x) && n < 10 {
				n++
				out = append(out, name+" "+x)
			}
		}
	}
	list("got ", got, want)
	list("want", want, got)
	return out
}

// The same orders and returns in another order of arrival end in the same balances.
func TestArrivalOrderOfTheRealFile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, in := retailer(t, st), door(t, st)
		load(t, in, s, real(t), imports.Options{Reward: true})
		want := purses(t, st, s)
		for seed := range uint64(3) {
			other := storetest.Open(t, storetest.Config(t, "sqlite"))
			s, in := retailer(t, other), door(t, other)
			rng := rand.New(rand.NewPCG(seed, 7))
			for _, part := range parts(t, real(t), 3+int(seed)*2, rng) {
				got := load(t, in, s, part, imports.Options{Reward: true})
				if got.ErrorRows > 0 {
					t.Fatal(got.Errors)
				}
			}
			got := purses(t, other, s)
			if !slices.Equal(got, want) {
				t.Errorf("seed %d: these differ, of %d\n%s", seed, len(want), strings.Join(apart(got, want), "\n"))
			}
		}
	})
}
