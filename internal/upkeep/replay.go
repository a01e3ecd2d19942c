package upkeep

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

// Replay records every fact of one database again in another, those of the clock included,
// as they were recorded: batch by batch, each with its now. Shops, programs and versions
// are copied with their ids; persons are not, a decision never reads them. It returns the
// digest of all balances of both, which are equal when the book follows from its facts,
// and how many facts it took.
//
// The destination must hold no shop yet. Both need the same master key: the codes of
// vouchers come from it.
func Replay(ctx context.Context, from, into *store.Store, box *seal.Box, progress func(done, total int64)) (fromDigest, intoDigest string, facts int, err error) {
	p := &player{from: from, into: into, progress: progress, behind: map[loyalty.ShopID]id.Event{}}
	if err := p.begin(ctx); err != nil {
		return "", "", 0, fmt.Errorf("replay: %w", err)
	}
	p.in = intake.New(into, box, slog.New(slog.DiscardHandler), intake.Options{Lanes: 1})
	defer p.in.Close()
	for range maxRounds {
		fromDigest, intoDigest, err = p.round(ctx)
		if !errors.Is(err, errMoved) {
			break
		}
	}
	if err != nil {
		return "", "", int(p.done), fmt.Errorf("replay: %w", err)
	}
	return fromDigest, intoDigest, int(p.done), nil
}

// maxRounds is how often a replay follows a source that goes on recording.
const maxRounds = 20

var errMoved = errors.New("the source goes on recording: replay it when it is quiet")

// player is a replay under way.
type player struct {
	from, into  *store.Store
	in          *intake.Intake
	shops       []*loyalty.Shop
	behind      map[loyalty.ShopID]id.Event // the last event that was played
	done, total int64
	progress    func(done, total int64)
}

func (p *player) begin(ctx context.Context) error {
	there, err := p.into.Shops(ctx)
	if err != nil {
		return err
	}
	for _, s := range there {
		some, err := p.into.HasEvents(ctx, s.ID)
		if err != nil {
			return err
		}
		if some {
			return loyalty.Conflict("into", "destination_has_events", "shop", s.Slug)
		}
		return loyalty.Conflict("into", "destination_has_shops", "shop", s.Slug)
	}
	p.shops, err = p.into.CopyShops(ctx, p.from)
	return err
}

// round plays what the source has recorded since the last one, and compares if nothing
// came meanwhile.
func (p *player) round(ctx context.Context) (fromDigest, intoDigest string, err error) {
	if p.total, err = p.recorded(ctx); err != nil {
		return "", "", err
	}
	for _, s := range p.shops {
		if err := p.shop(ctx, s); err != nil {
			return "", "", fmt.Errorf("shop %s: %w", s.Slug, err)
		}
	}
	at, err := lastRecorded(ctx, p.from, p.shops)
	if err != nil {
		return "", "", err
	}
	if fromDigest, err = Digest(ctx, p.from, p.shops, at); err != nil {
		return "", "", err
	}
	n, err := p.recorded(ctx)
	if err != nil {
		return "", "", err
	}
	if n != p.done {
		return "", "", errMoved
	}
	intoDigest, err = Digest(ctx, p.into, p.shops, at)
	return fromDigest, intoDigest, err
}

func (p *player) recorded(ctx context.Context) (int64, error) {
	total := int64(0)
	for _, s := range p.shops {
		n, err := p.from.CountFacts(ctx, s.ID)
		if err != nil {
			return 0, err
		}
		total += int64(n)
	}
	return total, nil
}

// shop plays one shop's facts. They come by time; those of one instant are sorted into
// their batches, which shared nothing if they shared the instant, so that any order of
// these is right.
func (p *player) shop(ctx context.Context, s *loyalty.Shop) error {
	var (
		instant moment.Time
		batches = map[id.Batch][]store.Recorded{}
	)
	play := func() error {
		for _, b := range slices.SortedFunc(maps.Keys(batches), func(a, b id.Batch) int { return slices.Compare(a[:], b[:]) }) {
			if err := p.batch(ctx, s, batches[b]); err != nil {
				return err
			}
		}
		clear(batches)
		return nil
	}
	err := p.from.Facts(ctx, s.ID, p.behind[s.ID], func(r store.Recorded) error {
		if at := r.Fact.RecordedAt; at != instant {
			if at < instant {
				return fmt.Errorf("event %s is recorded at %s, after one of %s", r.Fact.ID, at, instant)
			}
			if err := play(); err != nil {
				return err
			}
			instant = at
		}
		batches[r.Batch] = append(batches[r.Batch], r)
		return nil
	})
	if err != nil {
		return err
	}
	return play()
}

func (p *player) batch(ctx context.Context, s *loyalty.Shop, list []store.Recorded) error {
	facts, digests := make([]*loyalty.Fact, len(list)), make([][]byte, len(list))
	for i, r := range list {
		facts[i], digests[i] = r.Fact, r.Digest
		if e := r.Fact.ID; slices.Compare(e[:], p.last(s)) > 0 {
			p.behind[s.ID] = e
		}
	}
	if err := p.in.Replay(ctx, s.ID, facts, digests); err != nil {
		return err
	}
	if p.done += int64(len(list)); p.progress != nil {
		p.progress(p.done, p.total)
	}
	return nil
}

func (p *player) last(s *loyalty.Shop) []byte {
	e := p.behind[s.ID]
	return e[:]
}
