package upkeep

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// Watch looks at the invariants while the server runs, so that a balance which somebody
// changed beside the program is known within a minute: the server then says that it is not
// ready, and the log names the rows. Decisions refuse by themselves to spend from a wallet
// whose lots and balance differ.
type Watch struct {
	st  *store.Store
	log *slog.Logger

	mu     sync.Mutex
	broken []Check
}

// NewWatch makes it; Run lets it look.
func NewWatch(st *store.Store, log *slog.Logger) *Watch { return &Watch{st: st, log: log} }

// Pace of looking: twice a minute where it is cheap; where a look takes long, nine tenths
// of the time nobody looks.
const (
	lookEvery = 30 * time.Second
	restTimes = 9
)

// Run looks until ctx ends.
func (w *Watch) Run(ctx context.Context) {
	wait := lookEvery
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		begun := time.Now()
		if err := w.Look(ctx); err != nil && ctx.Err() == nil {
			w.log.Warn("the invariants could not be looked at", "error", err)
		}
		wait = max(lookEvery, restTimes*time.Since(begun))
	}
}

// Look checks L1 to L12 once.
func (w *Watch) Look(ctx context.Context) error {
	list, err := Invariants(ctx, w.st)
	if err != nil {
		return err
	}
	var broken []Check
	for _, c := range list {
		if c.Broken > 0 {
			broken = append(broken, c)
			w.log.Error("an invariant is broken", "check", c.Name, "what", c.What, "rows", c.Broken, "examples", c.Examples)
		}
	}
	w.mu.Lock()
	w.broken = broken
	w.mu.Unlock()
	return nil
}

// Ready is nil as long as the last look found nothing broken; otherwise an error of kind
// loyalty.ErrUnavailable that names the checks.
func (w *Watch) Ready() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.broken) == 0 {
		return nil
	}
	names := ""
	for _, c := range w.broken {
		names += fmt.Sprintf(" %s:%d", c.Name, c.Broken)
	}
	return fmt.Errorf("%w: invariants are broken:%s", loyalty.ErrUnavailable, names)
}
