package imports

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// ImportJob is the kind of job that works at imports of the back office.
const ImportJob = "import"

// importTime is how long a job works at a time. What it has recorded is known when it goes on, so
// each time it comes further.
const importTime = 90 * time.Second

// undoPortion is how many facts are taken back at once.
const undoPortion = 250

// Say words why a row was refused, in a language.
type Say func(s *loyalty.Shop, language string, e RowError) string

// Work gives the function that does jobs of the kind ImportJob.
func (d *Files) Work(say Say) func(context.Context, store.Job) (store.Outcome, error) {
	return func(ctx context.Context, j store.Job) (store.Outcome, error) {
		i, err := d.Store.Import(ctx, j.Shop, id.Import(j.Subject))
		if err != nil || i == nil {
			return store.Outcome{}, err
		}
		some, stop := context.WithTimeout(ctx, importTime)
		defer stop()
		switch i.State {
		case store.ImportChecks, store.ImportRuns, store.ImportStops:
			err = d.read(some, j.Shop, i, say)
		case store.ImportUndoes:
			err = d.undo(some, j.Shop, i)
		}
		if err != nil && some.Err() != nil && ctx.Err() == nil {
			return store.Outcome{Again: d.Store.Clock()}, nil
		}
		return store.Outcome{}, err
	}
}

// read tries or runs an import. In which of both it is decides its state.
func (d *Files) read(ctx context.Context, shop loyalty.ShopID, i *store.Import, say Say) error {
	s, _, err := d.Intake.Book(ctx, shop)
	if err != nil {
		return err
	}
	if i.State == store.ImportStops { // somebody wanted it to end before it went on
		return d.report(ctx, shop, i, store.ImportStops, store.ImportStopped, nil, nil, nil)
	}
	set := Settings{}
	if err := json.Unmarshal([]byte(i.Settings), &set); err != nil {
		return err
	}
	m, err := set.Mapping(i.Reads)
	if err != nil {
		return err
	}
	packed, err := d.file(ctx, shop, i.ID)
	if err != nil {
		return err
	}
	o := Options{Reward: set.Reward, DryRun: i.State == store.ImportChecks, watch: &watch{
		st: d.Store, shop: shop, which: i.ID, feed: m.Feed, try: i.State == store.ImportChecks,
	}}
	o.Progress = func(done, total int64) {
		_ = d.Store.Write(ctx, func(t *store.Tx) error { return t.ProgressImport(ctx, shop, i.ID, done, total) }) // only shown
	}
	totals, err := d.reading(i.Reads)(ctx, s, bytes.NewReader(packed), m, o)
	problem, told := problemOf(err)
	switch {
	case errors.Is(err, errStopped):
		return d.report(ctx, shop, i, store.ImportStops, store.ImportStopped, &totals, nil, nil)
	case told && problem.Kind != loyalty.ErrUnavailable && totals.Recorded == 0:
		return d.report(ctx, shop, i, i.State, store.ImportFailed, nil, nil, problem)
	case err != nil && ctx.Err() != nil && o.DryRun:
		return d.report(context.WithoutCancel(ctx), shop, i, i.State, store.ImportFailed, nil, nil, loyalty.Invalid("file", "import_too_slow").(*loyalty.Problem))
	case err != nil:
		return err
	}
	var rejected []byte
	if totals.ErrorRows > 0 {
		var b bytes.Buffer
		if err := totals.WriteRejected(bytes.NewReader(packed), &b, func(e RowError) string { return say(s, set.Language, e) }); err != nil {
			return err
		}
		rejected = b.Bytes()
	}
	to := store.ImportDone
	if o.DryRun {
		to = store.ImportChecked
	}
	return d.report(ctx, shop, i, i.State, to, &totals, rejected, nil)
}

type reading func(context.Context, *loyalty.Shop, *bytes.Reader, Mapping, Options) (Totals, error)

func (d *Files) reading(reads string) reading {
	return func(ctx context.Context, s *loyalty.Shop, src *bytes.Reader, m Mapping, o Options) (Totals, error) {
		switch reads {
		case ReadsMembers:
			return d.Members(ctx, s, src, m, o)
		case ReadsReferrals:
			return d.Referrals(ctx, s, src, m, o)
		case ReadsBalances:
			return d.Balances(ctx, s, src, m, o)
		}
		return d.Orders(ctx, s, src, m, o)
	}
}

// report says what came of a run; an import that has ended loses its file.
func (d *Files) report(ctx context.Context, shop loyalty.ShopID, i *store.Import, from, to string, t *Totals, rejected []byte, problem *loyalty.Problem) error {
	var report []byte
	if t != nil {
		text, err := json.Marshal(summaryOf(t))
		if err != nil {
			return err
		}
		report = d.Box.SealAlone(text)
	}
	if rejected != nil {
		rejected = d.Box.SealAlone(rejected)
	}
	why := ""
	if problem != nil {
		text, err := json.Marshal(loyalty.Problem{Code: problem.Code, Field: problem.Field, Args: problem.Args})
		if err != nil {
			return err
		}
		why = string(text)
	}
	return d.Store.Write(ctx, func(tx *store.Tx) error {
		did, err := tx.ReportImport(ctx, shop, i.ID, from, to, report, rejected, why)
		if err == nil && !did && from == store.ImportRuns { // somebody wanted it to end when it just had
			did, err = tx.ReportImport(ctx, shop, i.ID, store.ImportStops, to, report, rejected, why)
		}
		if err != nil || !did || to != store.ImportDone && to != store.ImportStopped {
			return err
		}
		return tx.EndImport(ctx, shop, i.ID)
	})
}

// undo takes back what an import brought, portion by portion. Each reverse fact is named after the
// one that it takes back, so nothing is taken back twice.
func (d *Files) undo(ctx context.Context, shop loyalty.ShopID, i *store.Import) error {
	x, err := (&Files{d.Desk}).opened(i)
	if err != nil {
		return err
	}
	set := x.Settings
	m, err := set.Mapping(i.Reads)
	if err != nil {
		return err
	}
	s := x.Summary
	if s == nil {
		s = &Summary{}
	}
	s.Undone, s.Kept = 0, 0
	total := max(s.Recorded, 1)
	for behind := ""; ; {
		page, err := d.Store.ImportFacts(ctx, shop, i.ID, behind, undoPortion)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		behind = page[len(page)-1].ExternalID
		if err := d.undoSome(ctx, shop, i, &m, page, s); err != nil {
			return err
		}
		err = d.Store.Write(ctx, func(t *store.Tx) error { return t.ProgressImport(ctx, shop, i.ID, s.Undone+s.Kept, total) })
		if err != nil {
			return err
		}
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return d.Store.Write(ctx, func(t *store.Tx) error {
		_, err := t.ReportImport(ctx, shop, i.ID, store.ImportUndoes, store.ImportUndone, d.Box.SealAlone(text), nil, "")
		return err
	})
}

func (d *Files) undoSome(ctx context.Context, shop loyalty.ShopID, i *store.Import, m *Mapping, page []store.ImportFact, s *Summary) error {
	var facts []*loyalty.Fact
	for _, x := range page {
		e, err := d.Store.EventByName(ctx, shop, m.Feed, x.ExternalID)
		if errors.Is(err, loyalty.ErrNotFound) {
			continue // it was written down, and then refused
		}
		if err != nil {
			return err
		}
		f, err := d.reverse(ctx, shop, i, e)
		if err != nil {
			return err
		}
		if f == nil {
			s.Kept++
			continue
		}
		facts = append(facts, f)
	}
	if len(facts) == 0 {
		return nil
	}
	answers, err := d.People.Record(ctx, shop, facts...)
	if err != nil {
		return err
	}
	for _, a := range answers {
		switch {
		case errors.Is(a.Err, loyalty.ErrUnavailable):
			return a.Err
		case a.Err != nil:
			s.Kept++
		default:
			s.Undone++
		}
	}
	return nil
}

// reverse is the fact that takes another one back; nil where nothing does.
func (d *Files) reverse(ctx context.Context, shop loyalty.ShopID, i *store.Import, e *store.Event) (*loyalty.Fact, error) {
	f := &loyalty.Fact{
		Kind: e.Kind, Feed: "office", ExternalID: "import-undo:" + e.ID.String(), Via: "office", Origin: loyalty.FromStaff,
		Member: loyalty.Who{ID: e.MemberID},
	}
	switch e.Kind {
	case loyalty.StaffAdjust:
		if e.Adjust == nil {
			return nil, nil
		}
		f.Adjust = &loyalty.Adjust{Unit: e.Adjust.Unit, Amount: -e.Adjust.Amount, Reason: "import " + i.ID.String(), Actor: i.Actor}
		if f.Adjust.Amount < 0 {
			f.Adjust.Undoes = e.Feed + "/" + e.ExternalID
		}
		return f, nil
	case loyalty.StaffBond:
		if ok, err := d.stands(ctx, shop, e); err != nil || !ok {
			return nil, err
		}
		f.Staff = &loyalty.Staff{Actor: i.Actor, Reason: "import " + i.ID.String(), No: true}
		return f, nil
	}
	return nil, nil
}

// stands tells whether a friend still has the referrer whom an import named. Who was given
// another one since keeps him.
func (d *Files) stands(ctx context.Context, shop loyalty.ShopID, e *store.Event) (bool, error) {
	done, err := d.Store.EventByName(ctx, shop, "office", "import-undo:"+e.ID.String())
	if done != nil || err != nil && !errors.Is(err, loyalty.ErrNotFound) {
		return done != nil, err // taken back before an interruption: it is told again and changes nothing
	}
	named, err := d.Store.MembersByKeys(ctx, shop, e.Referrer.Keys)
	if err != nil {
		return false, err
	}
	list, err := d.Store.ReferralsFrom(ctx, shop, e.MemberID)
	if err != nil {
		return false, err
	}
	for _, r := range list {
		for _, m := range named {
			if r.Bond && r.Referrer == m.ID {
				return true, nil
			}
		}
	}
	return false, nil
}
