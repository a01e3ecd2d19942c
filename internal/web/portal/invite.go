package portal

import (
	"net/http"
	"strings"

	"cagnotte/internal/referral"
)

// mailing is what the page of inviting by e-mail shows.
type mailing struct {
	On       bool
	Reward   string // what a friend gets; empty: nothing
	Taken    *referral.Taken
	Channels []channel // where it is off: the member's own ways
}

func (v *visit) mailing() (*mailing, error) {
	o, err := v.Referrals.Offer(v.ctx, v.shop)
	if err != nil {
		return nil, err
	}
	x := &mailing{On: v.look.Invites(), Reward: v.say.Objects(o.Friend)}
	if x.On {
		return x, nil
	}
	_, link, err := v.own()
	if err != nil {
		return nil, err
	}
	x.Channels = v.channels(link, v.t("portal.share.text", "Shop", v.shop.Name))
	return x, nil
}

// askInvite asks whom to invite, or says that the shop may not write to friends.
func (v *visit) askInvite() error {
	x, err := v.mailing()
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, invitePage(v, x, v.blank()))
}

// invite takes up to ten addresses, and says how many. Whether anybody was written to nobody
// learns here.
func (v *visit) invite() error {
	f, err := v.read("addresses", "text", "agreed")
	if err != nil {
		return err
	}
	x, err := v.mailing()
	if err != nil {
		return err
	}
	taken, err := v.Invitations.Invite(v.ctx, v.shop.ID, referral.Ask{
		Referrer: v.member.ID, Name: v.member.FirstName, Locale: v.say.Tag(), Reward: x.Reward, Text: strings.ReplaceAll(f.values["text"], "\r\n", "\n"),
		Addresses: strings.FieldsFunc(f.values["addresses"], func(r rune) bool { return strings.ContainsRune(" \t\r\n,;", r) }), Agreed: f.values["agreed"] == "yes",
	})
	if err != nil {
		if !x.On || !f.blame(err) || f.wrong[""] != "" {
			return err
		}
		return v.show(http.StatusUnprocessableEntity, invitePage(v, x, f))
	}
	x.Taken = &taken
	return v.show(http.StatusOK, invitePage(v, x, v.blank()))
}
