package programs_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/programs"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const text = `program "Points"
  starts 2020-01-01
  earn 1 point per 1.00 EUR
program "Coffee"
  stamp 1 per item, of article COFFEE
  exchange 3 stamps for product voucher of COFFEE
`

func TestPublish(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		shop := storetest.Shop(t, st, "program \"Old\"\n  earn 1 point per order\n")
		in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
		t.Cleanup(in.Close)
		p := programs.New(st, in)
		apply := func(text, want string) []programs.Applied {
			t.Helper()
			got, err := p.Apply(t.Context(), shop.ID, text, false)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, a := range got {
				out = append(out, a.Outcome)
			}
			if g := strings.Join(out, " "); g != want {
				t.Errorf("%s, want %s", g, want)
			}
			return got
		}
		refuse := func(text, code string) {
			t.Helper()
			_, err := p.Apply(t.Context(), shop.ID, text, false)
			if problem, ok := errors.AsType[*loyalty.Problem](err); !ok || problem.Code != code || problem.Field != "text" {
				t.Errorf("%v, want %s", err, code)
			}
		}

		apply(text, "created created")
		apply(text, "unchanged unchanged")
		list, err := p.List(t.Context(), shop.ID)
		if err != nil || len(list) != 3 || list[1].Name != "Points" || list[2].Name != "Coffee" {
			t.Fatalf("%v %v", err, list)
		}
		apply(list[1].Versions[0].Text+list[2].Versions[0].Text, "unchanged unchanged") // what is read can be published

		next := strings.Replace(text, "1 point per 1.00", "2 points per 1.00", 1)
		refuse(next, "starts_too_soon")
		now := st.Clock()
		a := apply(strings.Replace(next, "  starts 2020-01-01\n", "", 1), "new_version unchanged")
		if a[0].Version != 2 || a[0].StartsAt < now+programs.Ahead || a[0].StartsAt > st.Clock()+programs.Ahead {
			t.Errorf("%+v", a[0])
		}
		refuse("program \"Points\"\n  earn 1 pint per order", "program_text")
		refuse(text+text, "program_twice")
		one, err := p.Program(t.Context(), shop.ID, a[0].ID)
		if err != nil || len(one.Versions) != 2 || !strings.Contains(one.Versions[1].Text, "2 points per 1.00 EUR") {
			t.Errorf("%v %+v", err, one)
		}
		_, book, err := in.Book(t.Context(), shop.ID)
		if err != nil || len(book.Programs) != 3 || len(book.Programs[1].Versions) != 2 {
			t.Errorf("intake still judges by the programs of before: %v", err)
		}
	})
}
