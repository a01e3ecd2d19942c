package outreach

import (
	"context"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/message"
)

// TellAppeal writes to a member what came of his request for a second look: that something was put
// right (changed) or that it stands, and what the staff says to it. He reads it in the portal as well;
// whoever has no address is told there alone, and so is everybody where the shop does not write.
func (o *Outreach) TellAppeal(ctx context.Context, s *loyalty.Shop, m id.Member, which id.Appeal, outcome, reply string) error {
	on, err := o.On(ctx, s.ID)
	if err != nil || !on {
		return err
	}
	t := teller{o: o, s: s}
	base, err := o.base(ctx, s.ID)
	if err != nil {
		return err
	}
	if base != "" {
		t.link = strings.TrimSuffix(base, "/") + "/appeal"
	}
	row, person, err := t.reader(ctx, m)
	if err != nil || row == nil {
		return err
	}
	fields := map[string]string{"outcome": outcome}
	if reply != "" {
		fields["message"] = reply
	}
	return t.post(ctx, row, person, message.Letter{Key: "appeal/" + which.String(), Moment: message.AppealAnswered, Fields: fields})
}
