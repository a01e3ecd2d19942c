package feed

import (
	"context"
	"crypto/rand"
	"net/url"
	"slices"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// A trial is somebody of the shop who goes the way of a friend: link, cart, order. Its code is
// nobody's, so no referral comes of it and nobody is rewarded for him; his order is one like any
// other, and he sends it back.

const (
	trialLasts  = moment.Hour
	trialPrefix = "TRY-"
	trialParam  = "cgr" // of links to members' friends, which t.js reads
)

// Trial is how far he has come; what has not happened is zero.
type Trial struct {
	Code         string
	Link         string // to the shop, with the code; empty where the shop has no address
	Begun, Ends  moment.Time
	Host         string // of the page where he landed
	Ref          string
	Landed, Cart moment.Time
	Ordered      moment.Time // as the browser says
	Told         moment.Time // as the server says
}

type seenTrial struct {
	at    moment.Time
	trial *store.FeedTrial
}

// Begin makes a trial, which takes the place of the one before.
func (f *Feed) Begin(ctx context.Context, shop loyalty.ShopID) error {
	now, err := f.now(ctx, shop)
	if err != nil {
		return err
	}
	x := &store.FeedTrial{Code: trialPrefix + rand.Text()[:10], BegunAt: now, EndsAt: now + trialLasts}
	err = f.st.Write(ctx, func(tx *store.Tx) error { return tx.BeginFeedTrial(ctx, shop, x) })
	f.mu.Lock()
	delete(f.trials, shop)
	f.mu.Unlock()
	return err
}

// running gives the trial that goes on in a shop; nil when none does. It asks the database every
// two seconds at most: every event of every browser asks.
func (f *Feed) running(ctx context.Context, shop loyalty.ShopID) (*store.FeedTrial, error) {
	wall := f.st.Clock()
	f.mu.Lock()
	was, there := f.trials[shop]
	f.mu.Unlock()
	if !there || wall < was.at || wall >= was.at+trialCached {
		x, err := f.st.FeedTrial(ctx, shop)
		if err != nil {
			return nil, err
		}
		was = seenTrial{wall, x}
		f.mu.Lock()
		f.trials[shop] = was
		f.mu.Unlock()
	}
	if was.trial == nil {
		return nil, nil
	}
	now, err := f.now(ctx, shop)
	if err != nil || now >= was.trial.EndsAt {
		return nil, err
	}
	return was.trial, nil
}

// Follow notes what the browser of a trial tells. It says whether the code is a trial's: then it
// is nobody's, and nothing else is to be made of it.
func (f *Feed) Follow(ctx context.Context, shop loyalty.ShopID, host string, s loyalty.Sighting) (bool, error) {
	if f == nil {
		return false, nil
	}
	x, err := f.running(ctx, shop)
	if err != nil || x == nil {
		return false, err
	}
	mine := s.Code == x.Code
	if !mine && (s.Visitor == "" || s.Visitor != x.Visitor) {
		return false, nil
	}
	now, err := f.now(ctx, shop)
	if err != nil {
		return mine, err
	}
	y := *x
	if s.Visitor != "" && mine {
		y.Visitor = s.Visitor
	}
	switch s.Kind {
	case loyalty.SawLanding:
		y.LandedAt, y.Host = now, host
	case loyalty.SawCart:
		y.CartAt = now
	case loyalty.SawOrder:
		y.OrderedAt, y.Ref = now, plain(s.Ref, refs)
	}
	return mine, f.went(ctx, shop, &y)
}

// Clicked notes that the shop's own server told of the click of a trial.
func (f *Feed) Clicked(ctx context.Context, shop loyalty.ShopID, code, visitor string) error {
	if f == nil {
		return nil
	}
	x, err := f.running(ctx, shop)
	if err != nil || x == nil || code != x.Code {
		return err
	}
	y := *x
	if y.Visitor = visitor; y.LandedAt == 0 {
		if y.LandedAt, err = f.now(ctx, shop); err != nil {
			return err
		}
	}
	return f.went(ctx, shop, &y)
}

func (f *Feed) went(ctx context.Context, shop loyalty.ShopID, x *store.FeedTrial) error {
	err := f.st.Write(ctx, func(tx *store.Tx) error { return tx.GoFeedTrial(ctx, shop, x) })
	f.mu.Lock()
	delete(f.trials, shop)
	f.mu.Unlock()
	return err
}

// trial is what the page shows of the trial of a shop; nil when there is none of late.
func (f *Feed) trial(ctx context.Context, shop loyalty.ShopID, now moment.Time, facts []*store.Event) (*Trial, error) {
	x, err := f.st.FeedTrial(ctx, shop)
	if err != nil || x == nil || now > x.BegunAt+moment.Day {
		return nil, err
	}
	t := &Trial{Code: x.Code, Begun: x.BegunAt, Ends: x.EndsAt, Host: x.Host, Ref: x.Ref, Landed: x.LandedAt, Cart: x.CartAt, Ordered: x.OrderedAt}
	look, err := f.st.Portal(ctx, shop)
	if err != nil {
		return nil, err
	}
	if u, err := url.Parse(look.Shop); err == nil && u.Host != "" {
		q := u.Query()
		q.Set(trialParam, x.Code)
		u.RawQuery = q.Encode()
		t.Link = u.String()
	}
	for _, e := range facts {
		if e.Fact.Order == nil || e.RecordedAt < x.BegunAt || !theirs(x, e.Fact) {
			continue
		}
		t.Told, t.Ref = e.RecordedAt, e.Fact.Order.Ref
		break // the latest
	}
	return t, nil
}

// theirs tells whether an order is a trial's: by its number, its code or its browser.
func theirs(x *store.FeedTrial, f *loyalty.Fact) bool {
	if x.Ref != "" && f.Order.Ref == x.Ref || slices.Contains(f.Order.Codes, x.Code) {
		return true
	}
	return x.Visitor != "" && slices.Contains(f.Member.Keys, loyalty.Key{Kind: loyalty.ByVisitor, Key: x.Visitor}) ||
		slices.Contains(f.Referrer.Keys, loyalty.Key{Kind: loyalty.ByCode, Key: x.Code})
}
