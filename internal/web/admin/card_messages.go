package admin

import (
	"github.com/a-h/templ"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/outreach"
)

const messagesPerPage = 25

// messagesTab lists what was written to the member; the words of one are shown when they are
// asked for.
func (c *card) messagesTab() (templ.Component, error) {
	v, q := c.v, c.v.r.URL.Query()
	before, err := id.Parse[id.MessageKind](q.Get("before"))
	if err != nil {
		before = id.Message{}
	}
	list, err := v.Outreach.Of(v.ctx, v.shop.ID, c.ID, before, messagesPerPage+1)
	if err != nil {
		return nil, err
	}
	next := ""
	if len(list) > messagesPerPage {
		list = list[:messagesPerPage]
		next = list[messagesPerPage-1].ID.String()
	}
	var open *outreach.Kept
	if which, err := id.Parse[id.MessageKind](q.Get("message")); err == nil {
		if open, err = v.Outreach.Message(v.ctx, v.shop.ID, which); err != nil {
			return nil, err
		}
		if open.Member != c.ID || !readableMessage(open) {
			return nil, loyalty.NotFound("message", "message_unknown")
		}
	}
	return messagesTab(c, list, open, next, !before.IsZero()), nil
}

// readableMessage tells whether staff may read a message: never one that lets somebody in as the
// member.
func readableMessage(m *outreach.Kept) bool { return !m.LetsIn() }

// messageTag is the class of the words for a message's state.
func messageTag(state string) string {
	return map[string]string{"sent": "good", "queued": "info", "sending": "info", "failed": "bad", "ended": "warn"}[state]
}
