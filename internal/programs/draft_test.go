package programs_test

import (
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/programs"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// studio is a shop with a program, where drafts are written.
func studio(t *testing.T, st *store.Store) (*programs.Programs, *loyalty.Shop) {
	t.Helper()
	shop := storetest.Shop(t, st, "program \"Points\"\n  earn 1 point per 1.00 EUR\n")
	in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
	t.Cleanup(in.Close)
	return programs.New(st, in), shop
}

// code is the code and field of a problem; empty when there is none.
func code(err error) string {
	if p, ok := errors.AsType[*loyalty.Problem](err); ok {
		return p.Field + " " + p.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func codes(d programs.Draft) string {
	var out []string
	for _, p := range d.Problems {
		out = append(out, strings.TrimSpace(p.Args["line"]+" "+p.Code))
	}
	return strings.Join(out, ", ")
}

func TestADraftKeepsWhatCannotBeReadYet(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, shop := studio(t, st)
		const half = "program \"Spring\"\n  earn much   # how much?\n  at most 5 points per week\n  stamp 1 per item\n  exchange 10"
		d, err := p.CreateDraft(t.Context(), shop.ID, [16]byte{}, programs.Said{Text: half})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range []func() (programs.Draft, error){
			func() (programs.Draft, error) { return d, nil },
			func() (programs.Draft, error) { return p.Draft(t.Context(), shop.ID, d.ID) },
		} {
			d, err := d()
			if err != nil || d.Text != half || d.Name != "Spring" || d.Document != nil || d.Revision != 1 || codes(d) != "2 program_text, 3 program_text, 5 program_text" {
				t.Errorf("%v %+v: %s", err, d, codes(d))
			}
		}
		if _, err := p.PublishDraft(t.Context(), shop.ID, d.ID, 1, 0, false); code(err) != "text program_text" {
			t.Errorf("published: %v", err)
		}
		for text, want := range map[string]string{
			"program \"Points\"\n  earn 2 points per order":          "program_exists",
			"program \"A\" earn 1 point\nprogram \"B\" earn 1 point": "draft_one_program",
			"# nothing yet": "1 program_text",
			"program \"A\"\n  exchange 5 points for 5 points":                             "exchange_cycle",
			"program \"A\"\n  ends 2020-01-01\n  earn 1 point":                            "ends_before_it_begins",
			"  earn 1 point\n  earn 2 points\nprogram \"A\"\n  earn 1 point per 1.00 USD": "1 program_text, 4 program_text",
		} {
			now, err := p.Draft(t.Context(), shop.ID, d.ID)
			if err != nil {
				t.Fatal(err)
			}
			now, err = p.ChangeDraft(t.Context(), shop.ID, d.ID, now.Revision, 0, programs.Said{Text: text})
			if err != nil || codes(now) != want || now.Text != text {
				t.Errorf("%v %q has the problems %q, want %q", err, text, codes(now), want)
			}
		}
		list, err := p.List(t.Context(), shop.ID)
		if err != nil || len(list) != 1 || len(list[0].Versions) != 1 {
			t.Errorf("drafts are no versions: %v %+v", err, list)
		}
	})
}

func TestADraftOfANextVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, shop := studio(t, st)
		list, err := p.List(t.Context(), shop.ID)
		if err != nil {
			t.Fatal(err)
		}
		which := list[0].ID
		d, err := p.CreateDraft(t.Context(), shop.ID, which, programs.Said{})
		if err != nil || d.BasedOn != 1 || d.Text != "program \"Points\"\n  earn: earn 1 point per 1.00 EUR\n" || len(d.Problems) != 0 {
			t.Fatalf("%v %+v", err, d)
		}
		change := func(revision int64, text string) error {
			_, err := p.ChangeDraft(t.Context(), shop.ID, d.ID, revision, 0, programs.Said{Text: text})
			return err
		}
		if err := change(1, strings.Replace(d.Text, "earn 1 point", "earn 2 points", 1)); err != nil {
			t.Error(err)
		}
		if err := change(1, "program \"Points\"\n  earn 9 points"); code(err) != "revision draft_changed" {
			t.Errorf("what the first wrote was overwritten by the second: %v", err)
		}
		if _, err := p.PublishDraft(t.Context(), shop.ID, d.ID, 1, 0, false); code(err) != "revision draft_changed" {
			t.Errorf("published what its publisher had not read: %v", err)
		}
		if _, err := p.DropDraft(t.Context(), shop.ID, d.ID, 1); code(err) != "revision draft_changed" {
			t.Errorf("thrown away: %v", err)
		}
		start := st.Clock() + 3*moment.Day
		if _, err := p.PublishDraft(t.Context(), shop.ID, d.ID, 2, st.Clock()+programs.Ahead/2, false); code(err) != "starts_at starts_too_soon" {
			t.Errorf("%v", err)
		}
		tried, err := p.PublishDraft(t.Context(), shop.ID, d.ID, 2, start, true)
		if err != nil || tried.Version != 2 || tried.StartsAt != start {
			t.Errorf("%v %+v", err, tried)
		}
		a, err := p.PublishDraft(t.Context(), shop.ID, d.ID, 2, start, false)
		if err != nil || a.Version != 2 || a.StartsAt != start || a.Outcome != programs.NewVersion {
			t.Errorf("%v %+v", err, a)
		}
		if _, err := p.Draft(t.Context(), shop.ID, d.ID); code(err) != "id draft_unknown" {
			t.Errorf("the draft is still there: %v", err)
		}
		x, err := p.Program(t.Context(), shop.ID, which)
		if err != nil || x.State != programs.InForce || x.Versions[0].State != programs.InForce || x.Versions[1].State != programs.Scheduled || !strings.Contains(x.Versions[1].Text, "2 points") {
			t.Errorf("%v %+v", err, x)
		}
	})
}

// Somebody else published a version while a draft was written: it is not overwritten.
func TestADraftIsNotPublishedOverWhatItsWriterDidNotSee(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, shop := studio(t, st)
		list, err := p.List(t.Context(), shop.ID)
		if err != nil {
			t.Fatal(err)
		}
		d, err := p.CreateDraft(t.Context(), shop.ID, list[0].ID, programs.Said{Text: "program \"Points\"\n  earn 3 points per 1.00 EUR"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Apply(t.Context(), shop.ID, "program \"Points\"\n  earn 2 points per 1.00 EUR", false); err != nil {
			t.Fatal(err)
		}
		if _, err := p.PublishDraft(t.Context(), shop.ID, d.ID, 1, 0, false); code(err) != "based_on draft_outdated" {
			t.Errorf("%v", err)
		}
		if d, err = p.Draft(t.Context(), shop.ID, d.ID); err != nil || codes(d) != "draft_outdated" || d.Document == nil {
			t.Errorf("%v %s", err, codes(d))
		}
		if _, err := p.ChangeDraft(t.Context(), shop.ID, d.ID, 1, 7, programs.Said{Text: d.Text}); code(err) != "based_on version_unknown" {
			t.Errorf("%v", err)
		}
		if d, err = p.ChangeDraft(t.Context(), shop.ID, d.ID, 1, 2, programs.Said{Text: d.Text}); err != nil || codes(d) != "" {
			t.Errorf("%v %s", err, codes(d))
		}
		if a, err := p.PublishDraft(t.Context(), shop.ID, d.ID, 2, 0, false); err != nil || a.Version != 3 {
			t.Errorf("%v %+v", err, a)
		}
	})
}

// Many publish one draft at the same moment: one of them does.
func TestADraftIsPublishedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, shop := studio(t, st)
		d, err := p.CreateDraft(t.Context(), shop.ID, [16]byte{}, programs.Said{Text: "program \"Spring\"\n  earn 3 points per order"})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		got := make([]error, 8)
		for i := range got {
			wg.Go(func() { _, got[i] = p.PublishDraft(t.Context(), shop.ID, d.ID, 1, 0, false) })
		}
		wg.Wait()
		done := 0
		for _, err := range got {
			switch code(err) {
			case "":
				done++
			case "revision draft_changed", "id draft_unknown":
			default:
				t.Errorf("%v", err)
			}
		}
		list, err := p.List(t.Context(), shop.ID)
		if err != nil || done != 1 || len(list) != 2 || len(list[1].Versions) != 1 {
			t.Errorf("%d published it: %v %+v", done, err, list)
		}
	})
}
