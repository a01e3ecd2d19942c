package portal

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/referral"
)

// friendsPage is how many friends a page has.
const friendsPage = 20

// following is what the page of friends shows.
type following struct {
	Expected string // what a friend brings; empty: nothing
	Visits   int64
	Rows     []friendRow
	Next     string // of the next page; empty: there is none
}

// friendRow is one friend, worded.
type friendRow struct {
	referral.Friend
	Name, State, When, Reminded string
}

// friends shows whom the member invited and who came, each with how far he is.
func (v *visit) friends() error {
	var before id.Invitation
	if at := v.r.URL.Query().Get("before"); at != "" {
		var err error
		if before, err = id.Parse[id.InvitationKind](at); err != nil {
			return loyalty.NotFound("", "invitation_unknown")
		}
	}
	o, err := v.Referrals.Offer(v.ctx, v.shop)
	if err != nil {
		return err
	}
	list, more, err := v.Invitations.Follow(v.ctx, v.shop.ID, v.member.ID, before, friendsPage)
	if err != nil {
		return err
	}
	x := following{Expected: v.say.Objects(o.Referrer)}
	if x.Visits, err = v.Invitations.Visits(v.ctx, v.shop.ID, v.member.ID); err != nil {
		return err
	}
	for _, f := range list {
		row, err := v.friendRow(f)
		if err != nil {
			return err
		}
		x.Rows = append(x.Rows, row)
	}
	if more {
		x.Next = list[len(list)-1].ID.String()
	}
	return v.show(http.StatusOK, friendsView(v, x))
}

func (v *visit) friendRow(f referral.Friend) (friendRow, error) {
	row := friendRow{Friend: f, When: v.say.Date(f.At)}
	switch {
	case !f.Member.IsZero():
		m, err := v.People.Member(v.ctx, v.shop.ID, f.Member)
		if err != nil {
			return row, err
		}
		row.Name = short(m)
	case f.Address != "":
		row.Name = masked(f.Address)
	}
	if row.Name == "" && f.Mailed {
		row.Name = v.t("invite.friend.mailed")
	}
	if row.Name == "" {
		row.Name = v.t("invite.friend.link")
	}
	key := []string{"none", "invited", "joined", "ordered", "rewarded"}[f.Step]
	if f.Step == referral.StepInvited && f.Opened {
		key = "opened"
	}
	row.State = v.t("invite.step." + key)
	if f.Reminded > 0 {
		row.Reminded = v.say.Count("invite.friend.reminded", f.Reminded, "Date", v.say.Date(f.RemindedAt))
	}
	return row, nil
}

// short is a friend's first name and the first letter of the other: no more is the member's to
// know.
func short(m *people.Member) string {
	first, _ := utf8.DecodeRuneInString(m.LastName)
	if m.FirstName == "" || m.LastName == "" {
		return m.FirstName
	}
	return m.FirstName + " " + string(first) + "."
}

// masked is an address without the part behind the sign: enough for who typed it.
func masked(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 1 {
		return ""
	}
	return address[:at] + "@…"
}

// remind counts a reminder, and gives the member his own ways to send it.
func (v *visit) remind() error {
	which, err := id.Parse[id.InvitationKind](v.r.PathValue("id"))
	if err != nil {
		return loyalty.NotFound("id", "invitation_unknown")
	}
	_, link, err := v.own()
	if err != nil {
		return err
	}
	f, err := v.Invitations.Remind(v.ctx, v.shop.ID, v.member.ID, which)
	if err != nil {
		return err
	}
	text := v.t("invite.remind.message", "Shop", v.shop.Name)
	return v.show(http.StatusOK, remindPage(v, masked(f.Address), link, text, v.channels(link, text)))
}
