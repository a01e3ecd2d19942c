package outreach

import (
	"context"
	"crypto/rand"

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
