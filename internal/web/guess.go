package web

import (
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/office"
)

// Guesses says how many codes may be wrong: of one key, and of each client that a key asks
// for. A right code costs nothing.
type Guesses struct {
	Key    Rate
	Client int // at once; one comes back each minute. 0: no limit
}

// guesses counts wrong codes. Two budgets stand before the database: a client's, which is
// small, and that of the whole key. When many clients guess at once and the key's is used
// up, only those are still answered who were never wrong of late: that is who comes with the
// code of his voucher, and a guesser once.
type guesses struct {
	keys    *buckets[id.Key]
	clients *buckets[client]
}

type client struct {
	key  id.Key
	name string
}

// comesBack is after how long a client may be wrong once more.
const comesBack = time.Minute

func newGuesses(g Guesses) guesses {
	return guesses{keys: newBuckets[id.Key](g.Key), clients: newAtOnce[client](g.Client, comesBack)}
}

// wait tells how long a client has to wait until his next code is looked at. The empty name
// is a key that asks for nobody in particular.
func (g *guesses) wait(k id.Key, name string, now time.Time) time.Duration {
	if name == "" {
		return g.keys.empty(k, now)
	}
	c := client{k, name}
	if wait := g.clients.empty(c, now); wait > 0 {
		return wait
	}
	if wait := g.keys.empty(k, now); wait > 0 && !g.clients.untouched(c, now) {
		return wait
	}
	return 0
}

// wrong counts a code that was none.
func (g *guesses) wrong(k id.Key, name string, now time.Time) {
	g.keys.charge(k, 1, now)
	if name != "" {
		g.clients.charge(client{k, name}, 1, now)
	}
}

// Guess lets a code be looked at; the problem `rate_limited` after too many wrong ones.
func (l *Limiter) Guess(a office.Access, client string) error {
	if l == nil {
		return nil
	}
	return limited(l.guesses.wait(a.Key, client, l.now()))
}

// Guessed counts a code that was none.
func (l *Limiter) Guessed(a office.Access, client string) {
	if l != nil {
		l.guesses.wrong(a.Key, client, l.now())
	}
}
