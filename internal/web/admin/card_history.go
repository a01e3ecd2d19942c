package admin

import (
	"github.com/a-h/templ"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/staff"
)

const (
	factsPerPage = 25
	deedsShown   = 50
)

// historyTab shows what the staff did about the member, and everything that was recorded of him.
func (c *card) historyTab() (templ.Component, error) {
	v, shop := c.v, c.v.shop.ID
	var before *people.Event
	if which, err := id.Parse[id.EventKind](v.r.URL.Query().Get("before")); err == nil {
		if before, err = v.People.Event(v.ctx, shop, which); err != nil {
			return nil, err
		}
		if before.MemberID != c.ID {
			return nil, loyalty.NotFound("event", "event_unknown")
		}
	}
	list, err := v.People.EventsOf(v.ctx, shop, c.ID, before, factsPerPage+1)
	if err != nil {
		return nil, err
	}
	next := ""
	if len(list) > factsPerPage {
		list = list[:factsPerPage]
		next = list[factsPerPage-1].ID.String()
	}
	facts, err := c.worded(list)
	if err != nil {
		return nil, err
	}
	var deeds []staff.Done
	if before == nil {
		if deeds, err = v.Staff.Deeds(v.ctx, v.live.ID, shop, staff.About{Object: c.ID.String(), Outcome: staff.Granted}, id.Audit{}, deedsShown); err != nil {
			return nil, err
		}
	}
	return historyTab(c, deeds, facts, next, before != nil), nil
}
