package insight

import (
	"context"
	"sync"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// An answer is kept for a minute, or for fifty times as long as it took: so that the
// dashboards of the largest shop take a fiftieth of the machine at most. There are three for
// each shop; boardsMost bounds how many are kept in all.
const (
	boardFor   = moment.Minute
	boardTimes = 50
	boardsMost = 300
)

type boardKey struct {
	shop   loyalty.ShopID
	period string
}

// boards are the answers that are kept.
type boards struct {
	mu   sync.Mutex
	list map[boardKey]*kept
}

// kept is one answer. Whoever asks for what is being counted waits for it.
type kept struct {
	turn  chan struct{} // of who counts
	until moment.Time
	board *Dashboard
}

// of finds the place of an answer, and makes one where there is none: another one gives way.
func (x *boards) of(k boardKey) *kept {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.list == nil {
		x.list = map[boardKey]*kept{}
	}
	if one := x.list[k]; one != nil {
		return one
	}
	if len(x.list) >= boardsMost {
		for other := range x.list { // any of them: it is counted again
			delete(x.list, other)
			break
		}
	}
	one := &kept{turn: make(chan struct{}, 1)}
	x.list[k] = one
	return one
}

// get gives an answer that is young enough, or counts.
func (x *boards) get(ctx context.Context, k boardKey, clock func() moment.Time, count func(context.Context) (*Dashboard, error)) (*Dashboard, error) {
	one := x.of(k)
	select {
	case one.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-one.turn }()
	begun := clock()
	if one.board != nil && begun < one.until && begun >= one.board.Now {
		return one.board, nil
	}
	d, err := count(ctx)
	if err != nil {
		return nil, err
	}
	done := clock()
	one.board, one.until = d, done+max(boardFor, boardTimes*(done-begun))
	return d, nil
}
