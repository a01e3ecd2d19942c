package outreach

import (
	"context"
	"crypto/rand"
	"strconv"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/message"
	"cagnotte/internal/moment"
)

// Colleague is somebody who is let into the back office, as the letter speaks to him.
type Colleague struct {
	Name, Email string
	Role        string // in words
	By          string // who invites him
	Locale      string
	Link        string // where he chooses his password; it never begins with what a request says
	EndsAt      moment.Time
}

// InviteStaff writes to him. Each link is a letter of its own. Problems are those of Post.
func (o *Outreach) InviteStaff(ctx context.Context, s *loyalty.Shop, c Colleague) error {
	return o.Post(ctx, s.ID, message.Letter{
		Key: "staff/" + rand.Text(), Moment: message.StaffInvitation, To: c.Email, Locale: c.Locale, FromName: c.By, EndsAt: c.EndsAt,
		Fields: map[string]string{
			"first_name": c.Name, "role": c.Role, "by": c.By, "link": c.Link, "ends": o.words.Printer(c.Locale, s.Zone).For(s).Date(c.EndsAt),
		},
	})
}

// Silence is that no order of a shop comes any more, as the letter tells one of its owners.
type Silence struct {
	Owner       string // what he is known by: of one silence he is told once
	Name, Email string
	Locale      string
	Since       moment.Time // the last order
	Link        string      // to where it is looked at; empty: no address of the back office is known
}

// TellSilence writes to an owner, once about the same silence.
func (o *Outreach) TellSilence(ctx context.Context, s *loyalty.Shop, x Silence) error {
	return o.Post(ctx, s.ID, message.Letter{
		Key: "silence/" + strconv.FormatInt(int64(x.Since), 10) + "/" + x.Owner, Moment: message.OrdersSilent, To: x.Email, Locale: x.Locale,
		Fields: map[string]string{"first_name": x.Name, "date": o.words.Printer(x.Locale, s.Zone).For(s).Moment(x.Since), "link": x.Link},
	})
}
