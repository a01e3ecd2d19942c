package web

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/office"
)

// clock is a time that tests move.
type clock struct{ at time.Time }

func (c *clock) now() time.Time            { return c.at }
func (c *clock) passes(some time.Duration) { c.at = c.at.Add(some) }

func newClock() *clock { return &clock{time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)} }

func key(n byte) office.Access { return office.Access{Key: id.Key{n}, Scopes: office.ShopScopes} }

// waits is what a limited caller is told, in seconds; empty when he passes.
func waits(err error) string {
	if p, ok := errors.AsType[*loyalty.Problem](err); ok && p.Code == "rate_limited" && errors.Is(err, ErrTooMany) {
		return p.Args["seconds"]
	}
	return ""
}

func TestEachKeyHasItsOwnBucket(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := NewLimiter(Limits{Shop: Rate{10, 20}, Till: Rate{1, 2}}, c.now)
	passed := func(a office.Access) int {
		for n := 0; ; n++ {
			if l.Take(a) != nil {
				return n
			}
		}
	}
	for _, x := range []struct {
		after       time.Duration
		loud, quiet int
	}{{0, 20, 20}, {100 * time.Millisecond, 1, 1}, {50 * time.Millisecond, 0, 0}, {50 * time.Millisecond, 1, 1}, {time.Second, 10, 10}, {time.Hour, 20, 20}} {
		c.passes(x.after)
		loud, quiet := passed(key(1)), passed(key(2)) // the loud one goes on asking; the quiet one does not suffer
		if loud != x.loud || quiet != x.quiet {
			t.Errorf("after %s: %d and %d pass, want %d and %d", x.after, loud, quiet, x.loud, x.quiet)
		}
	}
	till := key(1)
	till.Scopes = []string{office.ScopeTill}
	if n := passed(till); n != 2 {
		t.Errorf("of a till's requests %d pass", n)
	}
	if got := waits(l.Take(till)); got != "1" {
		t.Errorf("a till waits %q s", got)
	}
	operator := office.Access{Key: id.Key{9}, Operator: true}
	for range 1_000 {
		if err := l.Take(operator); err != nil {
			t.Fatal("an operator without a limit is limited")
		}
	}
}

func TestABatchCountsEachFact(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := NewLimiter(Limits{Shop: Rate{100, 200}}, c.now)
	if err := l.Take(key(1)); err != nil {
		t.Fatal(err)
	}
	l.Charge(key(1), 999) // it has passed; what comes next waits for it
	if got := waits(l.Take(key(1))); got != "9" {
		t.Errorf("waits %q s, want the 8.01 s in which 801 come back, rounded up", got)
	}
	c.passes(8 * time.Second)
	if waits(l.Take(key(1))) != "1" {
		t.Error("too early")
	}
	c.passes(10 * time.Millisecond)
	if err := l.Take(key(1)); err != nil {
		t.Errorf("the wait was not enough: %v", err)
	}
	for range 1_000 {
		l.Charge(key(2), 1_000)
	}
	if got := waits(l.Take(key(2))); got != "61" {
		t.Errorf("waits %q s: a debt has no end", got)
	}
}

func TestFailuresAreCountedByNetwork(t *testing.T) {
	t.Parallel()
	c := newClock()
	var proxies Proxies
	if err := proxies.UnmarshalText([]byte("10.0.0.0/8, 2001:db8:ffff::1")); err != nil {
		t.Fatal(err)
	}
	l := NewLimiter(Limits{Failures: Rate{1, 3}, Proxies: proxies}, c.now)
	failed := func(remote string, forwarded ...string) bool {
		r := httptest.NewRequest("GET", "/v1/shop", nil)
		r.RemoteAddr = remote
		for _, f := range forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		return l.Failed(r) != nil
	}
	for i, x := range []struct {
		remote    string
		forwarded []string
		limited   bool
	}{
		{"192.0.2.1:1", nil, false},
		{"192.0.2.1:2", []string{"203.0.113.1"}, false}, // it is no proxy of ours: its word counts nothing
		{"192.0.2.1:3", []string{"203.0.113.2"}, false},
		{"192.0.2.1:4", []string{"203.0.113.3"}, true},
		{"[::ffff:192.0.2.1]:4", nil, true},
		{"192.0.2.2:1", nil, false},
		{"10.0.0.7:1", []string{"192.0.2.1"}, true},
		{"10.0.0.7:1", []string{"203.0.113.9, 192.0.2.1"}, true}, // what the caller wrote stands before
		{"10.0.0.7:1", []string{"203.0.113.9", "192.0.2.1, 10.1.1.1"}, true},
		{"10.0.0.7:1", []string{"192.0.2.1:5555"}, true},
		{"10.0.0.7:1", []string{"192.0.2.3"}, false},
		{"10.0.0.7:1", []string{"192.0.2.1, nonsense"}, false}, // the proxy itself
		{"[2001:db8:1:2::1]:1", nil, false},
		{"[2001:db8:1:2::2]:1", nil, false},
		{"[2001:db8:1:2:ffff::3]:1", nil, false},
		{"[2001:db8:1:2::4]:1", nil, true}, // one /64 is one caller
		{"[2001:db8:1:3::1]:1", nil, false},
		{"[2001:db8:ffff::1]:1", []string{"2001:db8:1:2::9"}, true},
	} {
		if got := failed(x.remote, x.forwarded...); got != x.limited {
			t.Errorf("%d: from %s %v: limited %v", i, x.remote, x.forwarded, got)
		}
	}
	c.passes(time.Second)
	if failed("192.0.2.1:1") || !failed("192.0.2.1:1") {
		t.Error("one failure comes back each second")
	}
}

func TestALimiterForgetsWhoIsQuietAndNeverWhoIsNot(t *testing.T) {
	t.Parallel()
	c := newClock()
	b := newBuckets[netip.Prefix](Rate{1, 2})
	from := func(i int) netip.Prefix {
		return network(netip.MustParseAddr(fmt.Sprintf("2001:db8:%x:%x::1", i>>16, i&0xffff)))
	}
	loud := from(0)
	b.take(loud, c.now())
	b.take(loud, c.now())
	for i := range 2 * maxCells {
		b.take(from(i+1), c.now())
	}
	if len(b.cells) != maxCells {
		t.Errorf("%d callers are remembered", len(b.cells))
	}
	if b.take(loud, c.now()) == 0 {
		t.Error("a crowd made the limiter forget a loud caller")
	}
	if b.take(from(3*maxCells), c.now()) == 0 {
		t.Error("those for whom there is no room are not limited")
	}
	c.passes(time.Minute)
	if b.take(from(3*maxCells), c.now()) != 0 || len(b.cells) != 1 {
		t.Errorf("after a minute of rest %d callers are remembered", len(b.cells))
	}
}

func TestRatesAreReadStrictly(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Rate{"off": {}, "100/200": {100, 200}, "1/1": {1, 1}} {
		var r Rate
		if err := r.UnmarshalText([]byte(text)); err != nil || r != want {
			t.Errorf("%s: %v %v", text, r, err)
		}
	}
	for _, text := range []string{"", "0/1", "1/0", "-1/5", "10", "a/b", "1/2/3", "1000001/1"} {
		var r Rate
		if err := r.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is read as %v", text, r)
		}
	}
}

func BenchmarkTake(b *testing.B) {
	l := NewLimiter(Limits{Shop: Rate{maxRate, maxRate}}, time.Now)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_ = l.Take(key(1))
		}
	})
}
