package referral

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// trackerFeed is the system of record of what browsers tell.
const trackerFeed = "tracker"

// See keeps what a browser told. Where it has consent and came by somebody's link, its click
// is a fact, too: a touch, from which nothing of value follows by itself. A code that is
// nobody's is not kept.
func (r *Referrals) See(ctx context.Context, shop loyalty.ShopID, s loyalty.Sighting) error {
	row, _, err := r.in.Book(ctx, shop)
	if err != nil {
		return err
	}
	if s.Code, err = r.known(ctx, shop, s.Code); err != nil {
		return err
	}
	if s.Kind == loyalty.SawLanding && s.Code == "" {
		return nil
	}
	s.SeenAt = r.in.Now(row)
	s.ID = id.Mint[id.SightingKind](int64(s.SeenAt), random())
	if s.Code != "" && s.Visitor != "" {
		if err := r.follow(ctx, shop, row, &s); err != nil {
			return err
		}
	}
	return r.st.Write(ctx, func(tx *store.Tx) error { return tx.PutSighting(ctx, shop, &s) })
}

// known gives the form of a personal code that is somebody's; empty for any other one.
func (r *Referrals) known(ctx context.Context, shop loyalty.ShopID, code string) (string, error) {
	form, ok := loyalty.CanonicalCode(code)
	if !ok {
		return "", nil
	}
	m, err := r.st.MemberByKey(ctx, shop, loyalty.Key{Kind: loyalty.ByCode, Key: form})
	if err != nil || m.IsZero() {
		return "", err
	}
	return form, nil
}

// follow records that a browser followed a member's link: once for each browser, code and
// day. A browser that could send nothing when it landed is made up for when it tells more.
func (r *Referrals) follow(ctx context.Context, shop loyalty.ShopID, row *loyalty.Shop, s *loyalty.Sighting) error {
	sum := sha256.Sum256([]byte(s.Code + " " + s.Visitor + " " + s.SeenAt.Date(row.Zone)))
	f := &loyalty.Fact{
		Kind: loyalty.LinkClicked, Feed: trackerFeed, ExternalID: "click:" + hex.EncodeToString(sum[:16]), Via: "tracker", Origin: loyalty.FromLive,
		OccurredAt: s.SeenAt, Touch: loyalty.OriginLink,
		Member:   loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByVisitor, Key: s.Visitor}}},
		Referrer: loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByCode, Key: s.Code}}},
	}
	_, err := r.st.EventByName(ctx, shop, f.Feed, f.ExternalID)
	if !errors.Is(err, loyalty.ErrNotFound) {
		return err
	}
	var answers []intake.Answer
	if answers, err = r.in.Record(ctx, shop, f); err == nil {
		err = answers[0].Err
	}
	if p, ok := errors.AsType[*loyalty.Problem](err); ok && p.Code == "event_conflict" {
		return nil // two tabs at once
	}
	return err
}

// Sightings is a page of what browsers told, the newest first, from before one on (zero:
// from the newest).
func (r *Referrals) Sightings(ctx context.Context, shop loyalty.ShopID, before id.Sighting, limit int) ([]*loyalty.Sighting, error) {
	return r.st.Sightings(ctx, shop, before, limit)
}

// SweepSightings forgets what browsers told longer ago than the shop keeps it.
func (r *Referrals) SweepSightings(ctx context.Context, shop loyalty.ShopID) error {
	row, _, err := r.in.Book(ctx, shop)
	if err != nil {
		return err
	}
	kept, err := r.st.Retention(ctx, shop)
	if err != nil {
		return err
	}
	return r.st.SweepSightings(ctx, shop, r.in.Now(row)-moment.Time(kept.Sightings)*moment.Day)
}

func random() (b [8]byte) {
	_, _ = rand.Read(b[:]) // never fails
	return b
}
