package imports

import (
	"context"
	"errors"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// errStopped ends an import that somebody wants to end.
var errStopped = errors.New("the import was stopped")

// watch writes down which facts an import brings before they are sent. What it brought is
// then known after a crash: its own facts count as recorded when they come again.
type watch struct {
	st    *store.Store
	shop  loyalty.ShopID
	which id.Import
	feed  string
	try   bool // a dry run: nothing is written down
}

// around lets each portion of facts through unless somebody wants the import to end.
func (w *watch) around(in door) door {
	return func(ctx context.Context, shop loyalty.ShopID, facts ...*loyalty.Fact) ([]intake.Answer, error) {
		i, err := w.st.Import(ctx, w.shop, w.which)
		if err != nil {
			return nil, err
		}
		if i == nil || i.State == store.ImportStops {
			return nil, errStopped
		}
		if w.try {
			return in(ctx, shop, facts...)
		}
		brought, err := w.note(ctx, facts)
		if err != nil {
			return nil, err
		}
		answers, err := in(ctx, shop, facts...)
		for n := range answers {
			if answers[n].Status == intake.Duplicate && brought[facts[n].ExternalID] != "" {
				answers[n].Status = intake.Recorded
			}
		}
		return answers, err
	}
}

// note writes down those that are not there, and tells which the import has written down by now.
func (w *watch) note(ctx context.Context, facts []*loyalty.Fact) (map[string]string, error) {
	names := make([]string, len(facts))
	for n, f := range facts {
		names[n] = f.ExternalID
	}
	there, err := w.st.EventsNamed(ctx, w.shop, w.feed, names)
	if err != nil {
		return nil, err
	}
	var fresh []store.ImportFact
	for _, f := range facts {
		if !there[f.ExternalID] {
			fresh = append(fresh, store.ImportFact{ExternalID: f.ExternalID, Kind: f.Kind})
		}
	}
	if len(fresh) > 0 {
		err = w.st.Write(ctx, func(t *store.Tx) error { return t.PutImportFacts(ctx, w.shop, w.which, fresh) })
		if err != nil {
			return nil, err
		}
	}
	return w.st.ImportFactsNamed(ctx, w.shop, w.which, names)
}

// brought tells which of some recorded facts this import brought before it was interrupted, with
// their kinds.
func (w *watch) brought(ctx context.Context, names []string) (map[string]string, error) {
	if w == nil || w.try {
		return nil, nil
	}
	there, err := w.st.EventsNamed(ctx, w.shop, w.feed, names)
	if err != nil {
		return nil, err
	}
	noted, err := w.st.ImportFactsNamed(ctx, w.shop, w.which, names)
	for name := range noted {
		if !there[name] { // it was written down and not sent
			delete(noted, name)
		}
	}
	return noted, err
}
