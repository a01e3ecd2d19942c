package office

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

const (
	knownFor  = 30 * moment.Second
	knownMost = 4_096
)

// known remembers keys for a short time, so that a request needs no query to be let in,
// and which of them were used, so that it needs no write either. Only keys that exist are
// remembered: nobody can fill it with guesses.
type known struct {
	mu   sync.RWMutex
	list map[[32]byte]*entry
	rev  int // rises when something was ended: what was read before may be wrong

	useMu sync.Mutex
	used  map[id.Key]store.KeyUse // not yet noted in the database
}

type entry struct {
	access      Access
	since, ends moment.Time  // ends is zero for a key without an end
	minute      atomic.Int64 // in which its use was last put by
}

func newKnown() known {
	return known{list: map[[32]byte]*entry{}, used: map[id.Key]store.KeyUse{}}
}

func (k *known) get(hash [32]byte, now moment.Time) (Access, bool) {
	k.mu.RLock()
	e := k.list[hash]
	k.mu.RUnlock()
	if e == nil || now < e.since || now >= e.since+knownFor || e.ends != 0 && now >= e.ends {
		return Access{}, false
	}
	k.use(e, now)
	return e.access, true
}

// revision is asked before a key is read, and given to put.
func (k *known) revision() int {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.rev
}

// put remembers a key, unless one was ended since it was read.
func (k *known) put(hash [32]byte, a Access, ends, now moment.Time, rev int) {
	e := &entry{access: a, since: now, ends: ends}
	k.mu.Lock()
	if len(k.list) >= knownMost {
		clear(k.list)
	}
	if rev == k.rev {
		k.list[hash] = e
	}
	k.mu.Unlock()
	k.use(e, now)
}

// use puts a use by, once a minute for each key: all other requests read one number.
func (k *known) use(e *entry, now moment.Time) {
	if minute := int64(now / moment.Minute); e.minute.Swap(minute) != minute {
		k.useMu.Lock()
		k.used[e.access.Key] = store.KeyUse{Shop: e.access.Shop, Key: e.access.Key, At: now}
		k.useMu.Unlock()
	}
}

// clear forgets all keys, since one of them was ended.
func (k *known) clear() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.rev++
	clear(k.list)
}

// takeUsed gives what was put by, and forgets it.
func (k *known) takeUsed() []store.KeyUse {
	k.useMu.Lock()
	defer k.useMu.Unlock()
	out := make([]store.KeyUse, 0, len(k.used))
	for _, u := range k.used {
		out = append(out, u)
	}
	clear(k.used)
	return out
}

// NoteUses stores when keys were last used, as far as that is not stored yet.
func (o *Office) NoteUses(ctx context.Context) error {
	uses := o.known.takeUsed()
	if len(uses) == 0 {
		return nil
	}
	return o.st.KeysUsed(ctx, uses)
}

// RunUses stores every minute which keys were used, until ctx ends, and then what is left.
// No request waits for it.
func (o *Office) RunUses(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
		if err := o.NoteUses(context.WithoutCancel(ctx)); err != nil {
			log.Warn("note the use of keys", "error", err)
		}
	}
}
