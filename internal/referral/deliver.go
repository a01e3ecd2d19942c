package referral

import (
	"context"
	"encoding/json"
	"fmt"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/message"
	"cagnotte/internal/store"
)

// InvitationJob is the kind of the jobs that write to invited friends; their subject is the
// invitation. The member's request only queues them, so that nobody can tell by how long it
// takes whose addresses the shop knows.
const InvitationJob = "invitation"

// contents is what is sealed of an invitation: the address, as it was typed, and what the letter is
// to say until it is written.
type contents struct {
	Address string
	Words   *words `json:",omitempty"`
}

type words struct {
	Name, Text, Reward, Locale string // as in Ask
}

func (x *Invitations) seal(k contents) ([]byte, error) {
	text, err := json.Marshal(k)
	if err != nil {
		return nil, err
	}
	return x.box.SealAlone(text), nil
}

// open reads what is sealed of an invitation; nothing where it is forgotten.
func (x *Invitations) open(i *store.Invitation) (k contents, err error) {
	if i.Sealed == nil {
		return k, nil
	}
	text, err := x.box.OpenAlone(i.Sealed)
	if err == nil {
		err = json.Unmarshal(text, &k)
	}
	if err != nil {
		err = fmt.Errorf("invitation %s: %w", i.ID, err)
	}
	return k, err
}

// Work records one invitation and writes the letter, unless its address is of somebody who is
// known or wants none. Done again after a crash it does what was left to do: fact and letter
// are named by the two people.
func (x *Invitations) Work(ctx context.Context, j store.Job) (out store.Outcome, err error) {
	i, err := x.st.TakenInvitation(ctx, j.Shop, id.Invitation(j.Subject))
	if err != nil || i == nil || i.State != store.InvitationNew {
		return out, err
	}
	k, err := x.open(i)
	if err != nil {
		return out, err
	}
	state, event, err := x.deliver(ctx, j.Shop, i, k)
	if err != nil {
		return out, err
	}
	sealed, err := x.seal(contents{Address: k.Address}) // the words have gone where they were meant for
	if err != nil {
		return out, err
	}
	out.Effect = func(ctx context.Context, tx *store.Tx) error {
		return tx.MarkInvitation(ctx, j.Shop, i.ID, state, event, sealed)
	}
	return out, nil
}

// deliver gives the state in which an invitation ends, and the event that recorded it: none
// where nobody is written to, since it would change nothing, and who stopped wants no part in it.
func (x *Invitations) deliver(ctx context.Context, shop loyalty.ShopID, i *store.Invitation, k contents) (state string, event id.Event, err error) {
	code, err := x.code(ctx, shop, i.Referrer)
	if err != nil {
		return "", event, err
	}
	look, err := x.st.Portal(ctx, shop)
	if err != nil {
		return "", event, err
	}
	stopped, err := x.st.Stopped(ctx, shop, i.Friend)
	if err != nil {
		return "", event, err
	}
	known, err := x.known(ctx, shop, i.Friend)
	if err != nil {
		return "", event, err
	}
	if code == "" || !look.On || !look.Invites() || stopped || known || k.Words == nil {
		return store.InvitationHeld, event, nil
	}
	answers, err := x.in.Record(ctx, shop, &loyalty.Fact{
		Kind: loyalty.InvitationSent, Feed: feed, Via: feed, Origin: loyalty.FromLive, ExternalID: "invitation/" + i.ID.String(), OccurredAt: i.SentAt,
		Member: loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByEmail, Key: i.Friend}}}, Referrer: loyalty.Who{ID: i.Referrer},
	})
	if err == nil {
		err = answers[0].Err
	}
	if err != nil {
		return "", event, err
	}
	event = answers[0].Event
	if refused(answers[0].Lines) {
		return store.InvitationHeld, event, nil
	}
	return store.InvitationSent, event, x.post.Post(ctx, shop, x.letter(shop, look, i, k, code))
}

// known tells whether somebody has joined or bought with an address.
func (x *Invitations) known(ctx context.Context, shop loyalty.ShopID, key string) (bool, error) {
	m, err := x.st.MemberByKey(ctx, shop, loyalty.Key{Kind: loyalty.ByEmail, Key: key})
	if err != nil || m.IsZero() {
		return false, err
	}
	row, err := x.st.Member(ctx, shop, m)
	if err != nil {
		return false, err
	}
	return row.State != loyalty.Prospect || row.FirstOrderAt != 0, nil
}

// refused tells whether a friend cannot be this member's: somebody else invited him before.
func refused(lines []loyalty.ReceiptLine) bool {
	for _, l := range lines {
		if l.Outcome == loyalty.Refused && l.Rule == "bond" {
			return true
		}
	}
	return false
}

func (x *Invitations) letter(shop loyalty.ShopID, look *loyalty.Portal, i *store.Invitation, k contents, code string) message.Letter {
	name := k.Words.Name
	if name == "" {
		name = code
	}
	return message.Letter{
		Key: "invitation/" + i.Friend, Moment: message.Invitation, To: k.Address, Locale: k.Words.Locale, FromName: name, ReplyTo: look.ReplyTo,
		Fields: map[string]string{
			"referrer": name, "reward": k.Words.Reward, "message": k.Words.Text,
			"link":      look.Invite(code) + "?e=" + x.token(shop, invited, i.Friend),
			"stop_link": look.Link("/stop/" + x.token(shop, stops, i.Friend)),
		},
	}
}
