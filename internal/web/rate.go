package web

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Rate is how much one caller may do: so many requests per second in the long run, and so
// many at once after a pause. The zero rate is no limit.
type Rate struct{ PerSecond, Burst int }

// UnmarshalText reads "100/200" (per second, at once) or "off".
func (r *Rate) UnmarshalText(b []byte) error {
	if *r = (Rate{}); string(b) == "off" {
		return nil
	}
	per, burst, _ := strings.Cut(string(b), "/")
	n, err := strconv.Atoi(per)
	m, err2 := strconv.Atoi(burst)
	if err != nil || err2 != nil || n < 1 || m < 1 || n > maxRate || m > maxRate {
		return fmt.Errorf("want a rate such as 100/200 (requests per second, and at once), or off")
	}
	*r = Rate{n, m}
	return nil
}

const (
	maxRate   = 1_000_000
	maxCells  = 65_536      // callers that one limiter tells apart
	maxDebt   = time.Minute // nobody waits longer for what he has done
	purgeEach = time.Second
)

// buckets limits callers of one class. Of each it keeps one time: when his bucket will be
// full again. What is full needs no entry, so that the memory is bounded: where there are
// too many callers at once, those who come last share one bucket.
type buckets[K comparable] struct {
	interval time.Duration // in which one request comes back
	full     time.Duration // in which an empty bucket fills

	mu     sync.Mutex
	cells  map[K]time.Time
	rest   time.Time // of those for whom there was no room
	purged time.Time
}

func newBuckets[K comparable](r Rate) *buckets[K] {
	if r == (Rate{}) {
		return nil
	}
	interval := time.Second / time.Duration(r.PerSecond)
	return &buckets[K]{interval: interval, full: interval * time.Duration(r.Burst), cells: map[K]time.Time{}}
}

// newAtOnce is for classes that may do little: n at once, and one more after each interval.
func newAtOnce[K comparable](n int, interval time.Duration) *buckets[K] {
	if n <= 0 {
		return nil
	}
	return &buckets[K]{interval: interval, full: interval * time.Duration(n), cells: map[K]time.Time{}}
}

// take lets one request pass, or tells how long its caller has to wait.
func (b *buckets[K]) take(k K, now time.Time) (wait time.Duration) {
	if b == nil {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	at := b.at(k, now)
	if wait = at.Add(b.interval).Sub(now) - b.full; wait > 0 {
		return wait
	}
	b.set(k, at.Add(b.interval))
	return 0
}

// empty tells how long it takes until one more request would pass, and takes nothing.
func (b *buckets[K]) empty(k K, now time.Time) time.Duration {
	if b == nil {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(0, b.at(k, now).Add(b.interval).Sub(now)-b.full)
}

// untouched tells whether the bucket of k is full.
func (b *buckets[K]) untouched(k K, now time.Time) bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.at(k, now).After(now)
}

// charge counts n requests more, that have passed already: the next one waits for them.
func (b *buckets[K]) charge(k K, n int, now time.Time) {
	if b == nil || n <= 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	at := b.at(k, now).Add(time.Duration(n) * b.interval)
	if most := now.Add(b.full + maxDebt); at.After(most) {
		at = most
	}
	b.set(k, at)
}

// at is when the bucket of k will be full; now when it is.
func (b *buckets[K]) at(k K, now time.Time) time.Time {
	at, known := b.cells[k]
	if !known && len(b.cells) >= maxCells {
		b.purge(now)
	}
	if !known && len(b.cells) >= maxCells {
		at = b.rest
	}
	if at.Before(now) {
		return now
	}
	return at
}

func (b *buckets[K]) set(k K, at time.Time) {
	if _, known := b.cells[k]; !known && len(b.cells) >= maxCells {
		b.rest = at
		return
	}
	b.cells[k] = at
}

// purge forgets full buckets, once a second at most.
func (b *buckets[K]) purge(now time.Time) {
	if now.Sub(b.purged) < purgeEach {
		return
	}
	b.purged = now
	for k, at := range b.cells {
		if !at.After(now) {
			delete(b.cells, k)
		}
	}
}
