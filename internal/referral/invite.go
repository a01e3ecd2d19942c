package referral

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// How much one member may invite.
const (
	MaxAtOnce   = 10  // addresses in one request
	MaxPerDay   = 10  // in a day of the shop
	MaxPerMonth = 50  // in the 30 days before
	MaxText     = 500 // letters of his own words
)

// keepVisitors is how many days a visitor is told apart.
const keepVisitors = 2

// Ask is what a member asks: who is to be invited, and how.
type Ask struct {
	Referrer  id.Member
	Name      string   // his first name, which stands before the shop's
	Addresses []string // as he typed them
	Text      string   // his own words; may be empty
	Reward    string   // what the friend gets, worded; empty: nothing is said of it
	Locale    string   // in which the friend is written to
	Agreed    bool     // he knows these people, and they agree to be written to
}

// Taken says how many of the addresses were taken, and for how many there is no room by now.
// Whether somebody was written to it does not say: else one could ask who is known here.
type Taken struct{ Taken, Left int }

// Invite takes what a member asks: each friend is written to once, whoever invites him, unless
// he wants none of it or is a member or customer already. To the member all are alike, in time
// as well: who an address belongs to is looked at by a job, after the answer.
//
// Problems: `invitations_off` where the shop's members may not do that, `member_blocked`,
// `required`, `too_many`, `invalid_email`, `message_too_long`, `no_links` and `not_agreed`, each with
// its field; `invitation_limit` when there is no room for any.
func (x *Invitations) Invite(ctx context.Context, shop loyalty.ShopID, a Ask) (Taken, error) {
	look, err := x.st.Portal(ctx, shop)
	if err != nil {
		return Taken{}, err
	}
	if !look.On || !look.Invites() {
		return Taken{}, loyalty.Conflict("", "invitations_off")
	}
	keys, err := x.check(&a)
	if err != nil {
		return Taken{}, err
	}
	code, err := x.code(ctx, shop, a.Referrer)
	if err != nil {
		return Taken{}, err
	}
	if code == "" {
		return Taken{}, loyalty.Conflict("", "member_blocked")
	}
	s, _, err := x.in.Book(ctx, shop)
	if err != nil {
		return Taken{}, err
	}
	now := x.in.Now(s)
	out := Taken{}
	for n, key := range keys {
		sealed, err := x.seal(contents{a.Addresses[n], &words{a.Name, a.Text, a.Reward, a.Locale}})
		if err != nil {
			return out, err
		}
		i := &store.Invitation{
			ID: id.Mint[id.InvitationKind](int64(now), random()), Referrer: a.Referrer, Friend: key, State: store.InvitationNew, SentAt: now, Sealed: sealed,
		}
		fits, err := x.st.TakeInvitation(ctx, shop, i, since(now.StartOfDay(s.Zone)), since(now.AddDays(-30, s.Zone)), MaxPerDay, MaxPerMonth, InvitationJob)
		if err != nil {
			return out, err
		}
		if fits {
			out.Taken++
		} else {
			out.Left++
		}
	}
	if out.Taken == 0 {
		return out, loyalty.Conflict("addresses", "invitation_limit", "day", fmt.Sprint(MaxPerDay), "month", fmt.Sprint(MaxPerMonth))
	}
	return out, nil
}

// code is that of a member who may invite; empty when he may not.
func (x *Invitations) code(ctx context.Context, shop loyalty.ShopID, m id.Member) (string, error) {
	row, err := x.st.Member(ctx, shop, m)
	if err != nil || row.State == loyalty.Blocked {
		return "", err
	}
	codes, err := x.st.Codes(ctx, shop, m)
	if err != nil || len(codes) == 0 {
		return "", err
	}
	return codes[0], nil
}

// link is what looks like an address of the web or of mail, whoever wrote it with whatever
// trick: a name with a dot and letters behind it.
var link = regexp.MustCompile(`(?i)[\p{L}\p{N}]\.[a-z]{2,}|://|www\.|@|[<>\[\]]`)

// check looks at what was asked, and gives the key of each address; those that mean the same
// person are one.
func (x *Invitations) check(a *Ask) ([]string, error) {
	if len(a.Addresses) == 0 {
		return nil, loyalty.Invalid("addresses", "required")
	}
	if len(a.Addresses) > MaxAtOnce {
		return nil, loyalty.Invalid("addresses", "too_many", "max", fmt.Sprint(MaxAtOnce))
	}
	var keys, kept []string
	seen := map[string]bool{}
	for _, address := range a.Addresses {
		address = strings.TrimSpace(address)
		key, ok := x.email(address)
		if !ok {
			return nil, loyalty.Invalid("addresses", "invalid_email")
		}
		if !seen[key] {
			seen[key] = true
			keys, kept = append(keys, key), append(kept, address)
		}
	}
	a.Addresses = kept
	a.Text = strings.TrimSpace(a.Text)
	switch {
	case utf8.RuneCountInString(a.Text) > MaxText:
		return nil, loyalty.Invalid("text", "message_too_long", "max", fmt.Sprint(MaxText))
	case link.MatchString(a.Text):
		return nil, loyalty.Invalid("text", "no_links")
	case !a.Agreed:
		return nil, loyalty.Invalid("agreed", "not_agreed")
	}
	return keys, nil
}

// since is the least id of what was made from a time on.
func since(t moment.Time) id.Invitation { return id.Mint[id.InvitationKind](int64(t), [8]byte{}) }

// Sweep forgets addresses that are as old as the shop keeps them, and who was counted before yesterday. It
// returns what the store returns.
func (x *Invitations) Sweep(ctx context.Context, shop loyalty.ShopID) error {
	s, _, err := x.in.Book(ctx, shop)
	if err != nil {
		return err
	}
	now := x.in.Now(s)
	kept, err := x.st.Retention(ctx, shop)
	if err != nil {
		return err
	}
	return x.st.SweepInvitations(ctx, shop, now-moment.Time(kept.Invitations)*moment.Day, now.AddDays(-keepVisitors, s.Zone).Date(s.Zone))
}
