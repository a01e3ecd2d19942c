package referral

import (
	"context"
	"errors"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// Look is somebody before a member's page.
type Look struct {
	Code    string // the member's, in its canonical form
	Visitor string // the browser's name; empty: it has none
	Invited string // the token of the link in an invitation; empty: he came another way
	Email   string // the key of the address that he gave himself; empty: none
	From    string // what tells browsers without a name apart for a day: network and kind
}

// Seen counts a look that its page's proof vouches for; false when it does not count: a wrong
// or old proof, or somebody who was counted today.
func (x *Invitations) Seen(ctx context.Context, shop loyalty.ShopID, of id.Member, l Look, proof string) (bool, error) {
	if !x.proven(shop, l.Code, proof) {
		return false, nil
	}
	return x.Opened(ctx, shop, of, l)
}

// Opened counts a look of somebody who did something there. Where he can be named, as a browser
// or by the address at which he was invited, it is recorded as a touch, once a day.
func (x *Invitations) Opened(ctx context.Context, shop loyalty.ShopID, of id.Member, l Look) (bool, error) {
	s, _, err := x.in.Book(ctx, shop)
	if err != nil {
		return false, err
	}
	now := x.in.Now(s)
	day := now.Date(s.Zone)
	name := l.Visitor
	if name == "" {
		name = l.From
	}
	// Both are on their way at once, each with what others bring at the same time.
	looked := x.gate.count(shop, store.Visit{Day: day, Of: of, Visitor: x.box.Match("visit", day+"\x00"+name)[:32]})
	if err := x.touch(ctx, shop, l, now, day); err != nil {
		return false, err
	}
	return looked.wait(ctx)
}

// touch records a look of somebody who can be named.
func (x *Invitations) touch(ctx context.Context, shop loyalty.ShopID, l Look, now moment.Time, day string) error {
	var keys []loyalty.Key
	if key, ok := x.value(shop, invited, l.Invited); ok {
		keys = append(keys, loyalty.Key{Kind: loyalty.ByEmail, Key: key})
	}
	if l.Email != "" {
		keys = append(keys, loyalty.Key{Kind: loyalty.ByEmail, Key: l.Email})
	}
	if l.Visitor != "" {
		keys = append(keys, loyalty.Key{Kind: loyalty.ByVisitor, Key: l.Visitor})
	}
	for n, k := range keys {
		if strings.Contains(k.Key, "\x00") || n > 0 && k == keys[n-1] {
			continue
		}
		answers, err := x.in.Record(ctx, shop, &loyalty.Fact{
			Kind: loyalty.LinkClicked, Feed: feed, Via: feed, Origin: loyalty.FromLive, ExternalID: "click/" + l.Code + "/" + k.Kind + "/" + k.Key + "/" + day, OccurredAt: now,
			Member: loyalty.Who{Keys: []loyalty.Key{k}}, Referrer: loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByCode, Key: l.Code}}}, Touch: loyalty.OriginLink,
		})
		if err != nil {
			return err
		}
		if err := answers[0].Err; err != nil && !again(err) {
			return err
		}
	}
	return nil
}

// Visits tells how many people looked at a member's page, each once a day.
func (x *Invitations) Visits(ctx context.Context, shop loyalty.ShopID, of id.Member) (int64, error) {
	return x.st.Visits(ctx, shop, of)
}

// again tells that a touch of that day is recorded already, with its own time.
func again(err error) bool {
	problem, ok := errors.AsType[*loyalty.Problem](err)
	return ok && problem.Code == "event_conflict"
}
