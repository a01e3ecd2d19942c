package loyalty

import (
	"cagnotte/internal/id"
	"cagnotte/internal/moment"
)

// Sighting is what a browser told of itself on a page of the shop. Anybody may write into his
// own browser, so it is never a fact and nothing of value follows from it; but when a server
// reports the same order, the report may take the browser over.
type Sighting struct {
	ID       id.Sighting
	Kind     string // of those below
	Source   string // in which form the shop's page said it: own, ga4, segment, matomo
	Ref      string // of the order; empty: none
	Visitor  string // the browser; empty without consent
	Code     string // the personal code by which it came; empty: none
	Currency string
	Priced   bool  // whether it named an amount
	Amount   int64 // minor units
	SeenAt   moment.Time
	Event    id.Event // the server's report that took the browser over; zero: none yet
}

// Kinds of sightings.
const (
	SawLanding = "landing"
	SawCart    = "cart"
	SawOrder   = "order"
	SawRefund  = "refund"
)

// What a sighting may lack.
const (
	LacksVisitor = "visitor" // no consent, or nothing could be kept
	LacksCode    = "code"    // nobody's link led here
	LacksRef     = "ref"
	LacksAmount  = "amount"
	LacksServer  = "server" // no server has reported that order since
)

// Lacks says what would be needed for the sighting to lead to a referrer; empty when a
// server's report took it over, or when it is about no order.
func (s *Sighting) Lacks() []string {
	if !s.Event.IsZero() || s.Kind != SawOrder {
		return nil
	}
	var out []string
	for _, x := range []struct {
		lacks bool
		name  string
	}{
		{s.Visitor == "", LacksVisitor}, {s.Code == "", LacksCode}, {s.Ref == "", LacksRef}, {!s.Priced, LacksAmount}, {true, LacksServer},
	} {
		if x.lacks {
			out = append(out, x.name)
		}
	}
	return out
}
