package upkeep_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/upkeep"
)

// bent are columns of which one row at a time is changed by hand.
var bent = map[string]*store.Q{}

// lost are tables of which one row is taken away.
var lost = map[string]*store.Q{}

func init() {
	for table, columns := range map[string]string{
		"accounts member_id": "balance available held debt available_until", "lots id": "amount remaining opens_at expires_at",
		"rewards id": "amount taken version due_at", "postings txn_id": "amount", "vouchers id": "used uses_max",
		"events id": "occurred_at", "transactions id": "effective_at",
	} {
		name, key, _ := strings.Cut(table, " ")
		one := fmt.Sprintf("(SELECT %s FROM %s ORDER BY %[1]s LIMIT 1 OFFSET $1)", key, name)
		for column := range strings.FieldsSeq(columns) {
			bent[name+"."+column] = store.New("bend."+name+"."+column,
				fmt.Sprintf("UPDATE %s SET %s = %[2]s + $2 WHERE %s = %s", name, column, key, one))
		}
		if name != "vouchers" { // nothing says that a reward must still have its voucher
			lost[name] = store.New("lose."+name, fmt.Sprintf("DELETE FROM %s WHERE %s = %s", name, key, one))
		}
	}
	lost["program_versions"] = store.New("lose.program_versions", "DELETE FROM program_versions WHERE version < $1")
}

// swept runs every sweep, whatever a glance thinks of the book, and tells which invariants
// are broken. A glance in parts must have asked for each sweep that finds something.
func swept(t *testing.T, st *store.Store, what string) []string {
	t.Helper()
	v, err := st.View(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	shops, err := v.Shops(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v.Parts = 3
	_, asked, err := v.Glance(t.Context(), shops[0].ID, st.Clock(), func(id.Event, []byte, []byte) {})
	var out []string
	for _, w := range store.Sweeps() {
		found := false
		err = errors.Join(err, v.Sweep(t.Context(), w, shops[0].ID, st.Clock(), func(f store.Fault) {
			found = true
			if !slices.Contains(out, f.Invariant) {
				out = append(out, f.Invariant)
			}
		}))
		if found && !slices.ContainsFunc(asked, func(a store.Sweep) bool { return a.Name() == w.Name() }) {
			t.Errorf("%s: %s finds it, a glance in parts does not ask for it", what, w.Name())
		}
	}
	if err = errors.Join(err, v.Close()); err != nil {
		t.Fatal(err)
	}
	return out
}

// seen wants verify to find what the sweeps find, all of them run.
func seen(t *testing.T, st *store.Store, what string) (broken bool) {
	t.Helper()
	list, err := upkeep.Invariants(t.Context(), st)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	got := strings.Fields(red(list))
	for _, want := range swept(t, st, what) {
		if !slices.Contains(got, want) {
			t.Errorf("%s: the sweeps find %s broken, verify does not: %q", what, want, got)
		}
	}
	return len(got) > 0
}

// A glance spares the sweeps, so it must never miss what they would have found.
func TestAGlanceMissesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		lived(t, st)
		if err := st.LiftAppendOnly(t.Context()); err != nil {
			t.Fatal(err)
		}
		if seen(t, st, "nothing changed") {
			t.Error("an untouched book is broken")
		}
		rng := rand.New(rand.NewPCG(5, 5))
		tried, broken := 0, 0
		for _, name := range slices.Sorted(maps.Keys(bent)) {
			for range 4 {
				row, by := int64(rng.IntN(12)), int64(1+rng.IntN(3))
				change := func(by int64) error {
					return st.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(t.Context(), bent[name], row, by) })
				}
				if change(by) != nil {
					continue // the table itself refuses it
				}
				tried++
				if seen(t, st, fmt.Sprintf("%s of row %d changed by %d", name, row, by)) {
					broken++
				}
				if err := change(-by); err != nil {
					t.Fatal(err)
				}
			}
		}
		if tried < 40 || broken < 15 {
			t.Errorf("only %d changes were made and %d seen", tried, broken)
		}
	})
}

func TestAGlanceMissesNothingLost(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(lost)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := storetest.Open(t, storetest.Config(t, "sqlite"))
			lived(t, st)
			if err := st.LiftAppendOnly(t.Context()); err != nil {
				t.Fatal(err)
			}
			err := st.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(t.Context(), lost[name], int64(3)) })
			if err != nil {
				t.Fatal(err)
			}
			if !seen(t, st, "a row of "+name+" lost") {
				t.Errorf("a lost row of %s was not seen", name)
			}
		})
	}
}
