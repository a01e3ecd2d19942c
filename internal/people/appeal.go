package people

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// Outcomes of a second look.
const (
	AppealChanged = "changed" // something was put right
	AppealStands  = "stands"  // it stays as it was decided
)

// Appeal is somebody's request for a second look at a recommendation, and what came of it.
type Appeal struct {
	ID             id.Appeal
	Member         id.Member
	At, AnsweredAt moment.Time
	Text           string // his own words; empty once his key is gone
	Outcome        string // empty: it waits
	Reply          string // what the staff wrote to him
	Staff          id.Staff
}

// Limits of requests. A member has one that waits, and a few in a month: people read them.
const (
	maxAppeal     = 1_000 // characters
	maxReply      = 600
	appealsMonth  = 3
	appealsShown  = 20
	appealsOpen   = 200
	householdsMax = 1_000
)

// Appeal asks for a second look. It may be asked by any member, so that the form says nothing of
// who was refused or looked at. Problems name the field `text`, or are the conflicts `appeal_waits` and
// `appeal_too_many`.
func (p *People) Appeal(ctx context.Context, shop loyalty.ShopID, m id.Member, text string) (*Appeal, error) {
	text, err := appealText("text", text, maxAppeal, true)
	if err != nil {
		return nil, err
	}
	row, err := p.st.Member(ctx, shop, m)
	if err != nil {
		return nil, err
	}
	if row.Wrapped == nil {
		return nil, loyalty.Conflict("member", "person_erased")
	}
	s, err := p.st.Shop(ctx, shop)
	if err != nil {
		return nil, err
	}
	a := &store.Appeal{Member: m}
	if a.Sealed, err = p.box.Seal(row.Wrapped, []byte(text)); err != nil {
		return nil, err
	}
	had, err := p.st.AppealsOf(ctx, shop, m, appealsMonth)
	if err != nil {
		return nil, err
	}
	now := p.in.Now(s)
	for i, x := range had {
		switch {
		case x.Outcome == "":
			return nil, loyalty.Conflict("text", "appeal_waits")
		case i == appealsMonth-1 && x.At > now.AddDays(-30, s.Zone):
			return nil, loyalty.Conflict("text", "appeal_too_many", "max", strconv.Itoa(appealsMonth))
		}
	}
	err = p.st.Write(ctx, func(tx *store.Tx) error {
		a.ID, a.At = id.Mint[id.AppealKind](int64(tx.Now), random()), now
		return tx.PutAppeal(ctx, shop, a)
	})
	return &Appeal{ID: a.ID, Member: m, At: a.At, Text: text}, err
}

func appealText(field, text string, most int, needed bool) (string, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	switch {
	case text == "" && needed:
		return "", loyalty.Invalid(field, "required")
	case utf8.RuneCountInString(text) > most:
		return "", loyalty.Invalid(field, "too_long", "max", strconv.Itoa(most))
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }):
		return "", loyalty.Invalid(field, "control_character")
	}
	return text, nil
}

// Appeals lists the requests that wait for an answer, the oldest first.
func (p *People) Appeals(ctx context.Context, shop loyalty.ShopID) ([]*Appeal, error) {
	rows, err := p.st.AppealsWaiting(ctx, shop, appealsOpen)
	if err != nil {
		return nil, err
	}
	return p.openAppeals(rows)
}

// AppealsOf lists a member's own requests, the latest first.
func (p *People) AppealsOf(ctx context.Context, shop loyalty.ShopID, m id.Member) ([]*Appeal, error) {
	rows, err := p.st.AppealsOf(ctx, shop, m, appealsShown)
	if err != nil {
		return nil, err
	}
	return p.openAppeals(rows)
}

// AnswerAppeal writes what came of a request, with words for the member where there are any; the
// conflict `appeal_answered` when somebody else was quicker.
func (p *People) AnswerAppeal(ctx context.Context, shop loyalty.ShopID, which id.Appeal, by id.Staff, outcome, reply string) (*Appeal, error) {
	if outcome != AppealChanged && outcome != AppealStands {
		return nil, loyalty.Invalid("outcome", "unknown_value", "known", AppealChanged+" "+AppealStands)
	}
	reply, err := appealText("reply", reply, maxReply, false)
	if err != nil {
		return nil, err
	}
	row, err := p.st.Appeal(ctx, shop, which)
	if err != nil {
		return nil, err
	}
	s, err := p.st.Shop(ctx, shop)
	if err != nil {
		return nil, err
	}
	row.Outcome, row.Staff, row.AnsweredAt = outcome, by, p.in.Now(s)
	if row.Reply = nil; reply != "" && row.Wrapped != nil {
		if row.Reply, err = p.box.Seal(row.Wrapped, []byte(reply)); err != nil {
			return nil, err
		}
	}
	done := false
	err = p.st.Write(ctx, func(tx *store.Tx) (err error) {
		done, err = tx.AnswerAppeal(ctx, shop, row)
		return err
	})
	if err == nil && !done {
		err = loyalty.Conflict("id", "appeal_answered")
	}
	if err != nil {
		return nil, err
	}
	list, err := p.openAppeals([]*store.Appeal{row})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func (p *People) openAppeals(rows []*store.Appeal) ([]*Appeal, error) {
	var out []*Appeal
	for _, x := range rows {
		a := &Appeal{ID: x.ID, Member: x.Member, At: x.At, AnsweredAt: x.AnsweredAt, Outcome: x.Outcome, Staff: x.Staff}
		for _, part := range []struct {
			sealed []byte
			into   *string
		}{{x.Sealed, &a.Text}, {x.Reply, &a.Reply}} {
			if len(part.sealed) == 0 || x.Wrapped == nil {
				continue
			}
			text, err := p.box.Open(x.Wrapped, part.sealed)
			if err != nil {
				return nil, fmt.Errorf("appeal %s: %w", x.ID, err)
			}
			*part.into = string(text)
		}
		out = append(out, a)
	}
	return out, nil
}

// Households lists by its name who belongs to each household that staff has confirmed.
func (p *People) Households(ctx context.Context, shop loyalty.ShopID) (map[string][]id.Member, error) {
	of, err := p.st.Households(ctx, shop, householdsMax)
	if err != nil {
		return nil, err
	}
	out := map[string][]id.Member{}
	for m, home := range of {
		out[home] = append(out[home], m)
	}
	return out, nil
}
