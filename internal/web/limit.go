package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/office"
)

// Limits says how much each caller may do, by the class of his key. Bulk requests count
// each fact. Failures are requests without a valid key, by the network that they come
// from.
type Limits struct {
	Shop, Till, Operator Rate
	Failures             Rate
	Entering             Rate // letters, codes and links of members, by network
	Letters              int  // that one network asks for to one address at once; one comes back every twelve minutes. 0: no limit
	Browsers             Rate // what the pages of shops send without any key, by network
	Links                Rate // personal codes in links that were nobody's, by network
	Guesses              Guesses
	Proxies              Proxies // whose word about the caller's address is believed
}

// Limiter holds callers to their limits; nil knows none. It is safe for many goroutines.
type Limiter struct {
	shop, till, operator *buckets[id.Key]
	failures             *buckets[netip.Prefix]
	entering, browsers   *buckets[netip.Prefix]
	links                *buckets[netip.Prefix]
	letters              *buckets[letter]
	guesses              guesses
	proxies              Proxies
	now                  func() time.Time
}

// letter is one that a network asks for, to an address of a shop.
type letter struct {
	network netip.Prefix
	shop    loyalty.ShopID
	address string
}

// nextLetter is after how long a network may ask for one letter more to the same address.
const nextLetter = 12 * time.Minute

// NewLimiter makes it with a clock.
func NewLimiter(l Limits, now func() time.Time) *Limiter {
	return &Limiter{
		letters: newAtOnce[letter](l.Letters, nextLetter),
		shop:    newBuckets[id.Key](l.Shop), till: newBuckets[id.Key](l.Till), operator: newBuckets[id.Key](l.Operator),
		failures: newBuckets[netip.Prefix](l.Failures), entering: newBuckets[netip.Prefix](l.Entering), browsers: newBuckets[netip.Prefix](l.Browsers),
		links: newBuckets[netip.Prefix](l.Links), guesses: newGuesses(l.Guesses), proxies: l.Proxies, now: now,
	}
}

func (l *Limiter) of(a office.Access) *buckets[id.Key] {
	switch {
	case a.Operator:
		return l.operator
	case a.Till():
		return l.till
	}
	return l.shop
}

// Take lets a request with a key pass; the problem `rate_limited` when there were too many.
func (l *Limiter) Take(a office.Access) error {
	if l == nil {
		return nil
	}
	return limited(l.of(a).take(a.Key, l.now()))
}

// Charge counts what a request that has passed asks for beyond one: the facts of a batch.
func (l *Limiter) Charge(a office.Access, more int) {
	if l != nil {
		l.of(a).charge(a.Key, more, l.now())
	}
}

// Failed counts a request without a valid key; the problem `rate_limited` when its network
// sent too many. Requests with a valid key are never asked: neighbours do them no harm.
func (l *Limiter) Failed(r *http.Request) error {
	if l == nil {
		return nil
	}
	return limited(l.failures.take(network(l.caller(r)), l.now()))
}

// Enter counts a letter that is asked for, or a code that is tried; the problem
// `rate_limited` when its network asked too often.
func (l *Limiter) Enter(r *http.Request) error {
	if l == nil {
		return nil
	}
	return limited(l.entering.take(network(l.caller(r)), l.now()))
}

// Letter counts a letter to an address, given by its key, that is asked for; the problem
// `rate_limited` when its network asked for too many to the same one. So a stranger uses up
// his own, and not those of who has that address.
func (l *Limiter) Letter(r *http.Request, shop loyalty.ShopID, address string) error {
	if l == nil {
		return nil
	}
	return limited(l.letters.take(letter{network(l.caller(r)), shop, address}, l.now()))
}

// Browser lets something pass that a shop's page sends without a key; the problem
// `rate_limited` when its network sent too much.
func (l *Limiter) Browser(r *http.Request) error {
	if l == nil {
		return nil
	}
	return limited(l.browsers.take(network(l.caller(r)), l.now()))
}

// Follow lets a personal code in a link be looked at; the problem `rate_limited` when its
// network came with too many that were nobody's.
func (l *Limiter) Follow(r *http.Request) error {
	if l == nil {
		return nil
	}
	return limited(l.links.empty(network(l.caller(r)), l.now()))
}

// Astray counts a personal code that was nobody's.
func (l *Limiter) Astray(r *http.Request) {
	if l != nil {
		l.links.charge(network(l.caller(r)), 1, l.now())
	}
}

// Network names what the caller is likely to have to himself.
func (l *Limiter) Network(r *http.Request) string {
	if l == nil {
		l = &Limiter{}
	}
	return network(l.caller(r)).String()
}

func limited(wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	seconds := int((wait + time.Second - 1) / time.Second)
	return &loyalty.Problem{Kind: ErrTooMany, Code: "rate_limited", Args: map[string]string{"seconds": strconv.Itoa(seconds)}}
}

// network is what one caller is likely to have to himself: an IPv4 address, or an IPv6 /64.
func network(a netip.Addr) netip.Prefix {
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // none for the zero address
	return p
}

// caller is the address that a request comes from. X-Forwarded-For is read from its end,
// as far as trusted proxies wrote it: whatever the caller put there himself stands before.
func (l *Limiter) caller(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	a := at.Addr().Unmap().WithZone("")
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !l.proxies.trust(a) {
			break
		}
		next, ok := address(strings.TrimSpace(hop))
		if !ok {
			break
		}
		a = next
	}
	return a
}

// address reads an address as proxies write it: alone, or with a port.
func address(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	if err != nil {
		at, err := netip.ParseAddrPort(s)
		if err != nil {
			return a, false
		}
		a = at.Addr()
	}
	return a.Unmap().WithZone(""), true
}

// Proxies are the networks of the proxies before the server.
type Proxies []netip.Prefix

// UnmarshalText reads addresses and networks, "10.0.0.0/8,::1".
func (p *Proxies) UnmarshalText(b []byte) error {
	*p = nil
	for part := range strings.SplitSeq(string(b), ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		net, err := netip.ParsePrefix(part)
		if err != nil {
			a, err := netip.ParseAddr(part)
			if err != nil {
				return fmt.Errorf("%q is no address and no network such as 10.0.0.0/8", part)
			}
			net = netip.PrefixFrom(a, a.BitLen())
		}
		*p = append(*p, net.Masked())
	}
	return nil
}

func (p Proxies) trust(a netip.Addr) bool {
	return slices.ContainsFunc(p, func(n netip.Prefix) bool { return n.Contains(a) })
}
