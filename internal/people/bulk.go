package people

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
	"cagnotte/internal/store"
)

// A bulk deed does the same to many members. First whom it is about is written down, so that
// what it changes cannot change whom it is about. Then it works through them portion by
// portion: a fact for each, whose identity follows from the deed and the member, so that a
// portion that is done again after a crash is done once. What a member had before is stored
// before his fact is sent; so the deed that takes this one back does so for those who were
// changed, and for nobody else.

// BulkJob is the kind of job that works at a bulk deed.
const BulkJob = "bulk"

// What is done to many members.
const (
	BulkCredit  = "credit"
	BulkTag     = "tag"
	BulkUntag   = "untag"
	BulkGroup   = "group"
	BulkBlock   = "block"
	BulkUnblock = "unblock"
)

// BulkDeeds lists all of them.
var BulkDeeds = []string{BulkCredit, BulkTag, BulkUntag, BulkGroup, BulkBlock, BulkUnblock}

// BulkHow is how a deed is done.
type BulkHow struct {
	Unit   string `json:"unit,omitempty"`   // of a credit
	Amount int64  `json:"amount,omitempty"` // of a credit, above zero
	Tag    string `json:"tag,omitempty"`
	Group  string `json:"group,omitempty"` // empty: none
	Reason string `json:"reason"`
}

// BulkOrder is a deed that somebody of the staff wants done.
type BulkOrder struct {
	Once  string // names the order: the same one twice is one deed
	Staff id.Staff
	Actor string // who, as facts have it
	What  string
	How   BulkHow
	IDs   []id.Member // whom it is about; nil: all of Roster
	Of    Roster
}

// Bulk is a deed, with how far it has come.
type Bulk struct {
	store.Bulk
	How      BulkHow
	UndoneBy id.Bulk // zero: nobody has taken it back
}

const (
	bulkPortion = 250             // facts at once
	bulkGather  = 2_000           // members that are written down at once
	maxTicked   = 200             // members that can be named one by one
	bulkKept    = 30 * moment.Day // for so long a deed can be undone
	bulkFeed    = "office"
)

// BeginBulk begins a deed; a job does it. Problems name the field of BulkHow, `unit`,
// `amount`, `tag` or `reason`.
func (p *People) BeginBulk(ctx context.Context, shop loyalty.ShopID, o BulkOrder) (id.Bulk, error) {
	s, _, err := p.in.Book(ctx, shop)
	if err != nil {
		return id.Bulk{}, err
	}
	if err := o.check(s); err != nil {
		return id.Bulk{}, err
	}
	if err := p.tryBulk(ctx, shop, &o); err != nil {
		return id.Bulk{}, err
	}
	how, err := json.Marshal(o.How)
	if err != nil {
		return id.Bulk{}, err
	}
	b := &store.Bulk{Once: o.Once, Staff: o.Staff, Actor: o.Actor, What: o.What, Detail: string(how), State: store.BulkRuns}
	if o.IDs == nil {
		of, err := json.Marshal(o.Of)
		if err != nil {
			return id.Bulk{}, err
		}
		b.Sealed, b.State = p.box.SealAlone(of), store.BulkGathers
	}
	return p.putBulk(ctx, shop, b, o.IDs)
}

// tryBulk tries a deed with the first whom it is about: what nobody could be given is told
// before it begins. What is wrong with him alone is his.
func (p *People) tryBulk(ctx context.Context, shop loyalty.ShopID, o *BulkOrder) error {
	of, err := p.roster(ctx, shop, o.Of)
	if err != nil || o.What != BulkCredit {
		return err
	}
	ids := o.IDs
	if ids == nil {
		first, err := p.st.RosterPage(ctx, shop, of, RosterPlace{}, false, 1)
		if err != nil {
			return err
		}
		for _, x := range first {
			ids = append(ids, x.Member)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	answers, err := p.Try(ctx, shop, bulkFact(&store.Bulk{What: o.What, Actor: o.Actor}, &o.How, store.BulkMember{Member: ids[0]}))
	if err != nil {
		return err
	}
	if problem, ok := errors.AsType[*loyalty.Problem](answers[0].Err); ok && problem.Code == "unknown_unit" {
		return loyalty.Invalid("unit", "unknown_unit", "unit", o.How.Unit)
	}
	return nil
}

func (o *BulkOrder) check(s *loyalty.Shop) error {
	h := &o.How
	h.Reason, h.Tag, h.Group = strings.TrimSpace(h.Reason), strings.TrimSpace(h.Tag), strings.TrimSpace(h.Group)
	slices.SortFunc(o.IDs, func(a, b id.Member) int { return slices.Compare(a[:], b[:]) })
	o.IDs = slices.Compact(o.IDs)
	short := func(field, v string) error {
		switch {
		case v == "":
			return loyalty.Invalid(field, "required")
		case len(v) > loyalty.MaxRefBytes:
			return loyalty.Invalid(field, "too_long", "max", fmt.Sprint(loyalty.MaxRefBytes))
		case !printable(v):
			return loyalty.Invalid(field, "control_character")
		}
		return nil
	}
	if !slices.Contains(BulkDeeds, o.What) {
		return loyalty.Invalid("what", "unknown_deed")
	}
	if o.IDs != nil && (len(o.IDs) == 0 || len(o.IDs) > maxTicked) {
		return loyalty.Invalid("who", "nobody_chosen")
	}
	if err := short("reason", h.Reason); err != nil {
		return err
	}
	switch o.What {
	case BulkCredit:
		if h.Unit != s.Currency && h.Unit != "points" {
			return loyalty.Invalid("unit", "unknown_unit", "unit", h.Unit)
		}
		if h.Amount <= 0 || h.Amount > money.Max {
			return loyalty.Invalid("amount", "amount_unreadable")
		}
	case BulkTag, BulkUntag:
		return short("tag", h.Tag)
	case BulkGroup:
		if h.Group != "" {
			return short("group", h.Group)
		}
	}
	return nil
}

// putBulk stores a deed and its job, unless it was asked for before; it gives the deed's id.
func (p *People) putBulk(ctx context.Context, shop loyalty.ShopID, b *store.Bulk, members []id.Member) (id.Bulk, error) {
	var random [8]byte
	_, _ = rand.Read(random[:]) // it never fails
	fresh := false
	err := p.st.Write(ctx, func(t *store.Tx) error {
		b.ID, b.CreatedAt = id.Mint[id.BulkKind](int64(t.Now), random), t.Now
		if b.Once == "" {
			b.Once = b.ID.String()
		}
		var err error
		if fresh, err = t.PutBulk(ctx, shop, b); err != nil || !fresh {
			return err
		}
		if len(members) > 0 {
			ids := make([][]byte, len(members))
			for i, m := range members {
				ids[i] = m.Bytes()
			}
			if err := t.GatherBulk(ctx, shop, b.ID, ids, ""); err != nil {
				return err
			}
		}
		return t.PutJob(ctx, shop, BulkJob, b.ID, t.Now)
	})
	if err != nil || fresh {
		return b.ID, err
	}
	was, err := p.st.BulkOnce(ctx, shop, b.Once)
	if err != nil || was == nil {
		return id.Bulk{}, err
	}
	return was.ID, nil
}

// Bulk finds a deed; the problem `bulk_unknown` when there is none.
func (p *People) Bulk(ctx context.Context, shop loyalty.ShopID, which id.Bulk) (*Bulk, error) {
	row, err := p.st.Bulk(ctx, shop, which)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, loyalty.NotFound("", "bulk_unknown")
	}
	out := &Bulk{Bulk: *row}
	if err := json.Unmarshal([]byte(row.Detail), &out.How); err != nil {
		return nil, err
	}
	undo, err := p.st.BulkUndoing(ctx, shop, which)
	if err == nil && undo != nil {
		out.UndoneBy = undo.ID
	}
	return out, err
}

// Bulks lists deeds, newest first.
func (p *People) Bulks(ctx context.Context, shop loyalty.ShopID, limit int) ([]*Bulk, error) {
	rows, err := p.st.Bulks(ctx, shop, id.Bulk{}, limit)
	if err != nil {
		return nil, err
	}
	out, undone := make([]*Bulk, len(rows)), map[id.Bulk]id.Bulk{}
	for i, row := range rows {
		out[i] = &Bulk{Bulk: *row}
		if err := json.Unmarshal([]byte(row.Detail), &out[i].How); err != nil {
			return nil, err
		}
		if !row.Undoes.IsZero() {
			undone[row.Undoes] = row.ID
		}
	}
	for _, b := range out {
		b.UndoneBy = undone[b.ID]
	}
	return out, nil
}

// StopBulk ends a deed before its end: what was changed stays so, and can be undone. One that
// has ended is the problem `bulk_ended`.
func (p *People) StopBulk(ctx context.Context, shop loyalty.ShopID, which id.Bulk) error {
	if _, err := p.Bulk(ctx, shop, which); err != nil {
		return err
	}
	return p.st.Write(ctx, func(t *store.Tx) error {
		for _, from := range []string{store.BulkGathers, store.BulkRuns, store.BulkStops} {
			did, err := t.TurnBulk(ctx, shop, which, from, store.BulkStops)
			if err != nil || did {
				return err
			}
		}
		return loyalty.Conflict("", "bulk_ended")
	})
}

// Undoable tells whether a deed can be taken back at a time.
func (b *Bulk) Undoable(now moment.Time) bool {
	return b.Ended() && b.Undoes.IsZero() && b.UndoneBy.IsZero() && b.Changed > 0 && b.EndedAt > now-bulkKept
}

// UndoBulk takes a deed back, for exactly those whom it changed: a deed of its own, done by a
// job. Asked for twice it is one. The problem `bulk_not_undone` when it is an undoing itself,
// has not ended, or is too old.
func (p *People) UndoBulk(ctx context.Context, shop loyalty.ShopID, which id.Bulk, by id.Staff, actor string) (id.Bulk, error) {
	b, err := p.Bulk(ctx, shop, which)
	if err != nil {
		return id.Bulk{}, err
	}
	if !b.UndoneBy.IsZero() {
		return b.UndoneBy, nil
	}
	if !b.Undoable(p.st.Clock()) {
		return id.Bulk{}, loyalty.Conflict("", "bulk_not_undone")
	}
	return p.putBulk(ctx, shop, &store.Bulk{
		Once: "undo " + which.String(), Staff: by, Actor: actor, What: b.What, Detail: b.Detail, Undoes: which, State: store.BulkGathers,
	}, nil)
}

// SweepBulks forgets whom deeds changed that cannot be undone any more.
func (p *People) SweepBulks(ctx context.Context, shop loyalty.ShopID) error {
	return p.st.SweepBulks(ctx, shop, id.Mint[id.BulkKind](int64(p.st.Clock()-bulkKept-moment.Day), [8]byte{}))
}

// bulkTime is how long a job works at a time; it goes on at once afterwards, behind others.
const bulkTime = 20 * moment.Second

// BulkWork does a job of the kind BulkJob.
func (p *People) BulkWork(ctx context.Context, j store.Job) (store.Outcome, error) {
	which := id.Bulk(j.Subject)
	for end := p.st.Clock() + bulkTime; p.st.Clock() < end; {
		b, err := p.st.Bulk(ctx, j.Shop, which)
		if err != nil || b == nil || b.Ended() {
			return store.Outcome{}, err // gone with its shop, or done
		}
		step := p.bulkStep
		switch b.State {
		case store.BulkGathers:
			step = p.bulkGather
			if !b.Undoes.IsZero() {
				step = p.bulkGatherUndo
			}
		case store.BulkStops:
			step = func(ctx context.Context, shop loyalty.ShopID, b *store.Bulk) error {
				return p.endBulk(ctx, shop, b, store.BulkStopped)
			}
		}
		if err := step(ctx, j.Shop, b); err != nil {
			return store.Outcome{}, err
		}
	}
	return store.Outcome{Again: p.st.Clock()}, nil
}

func (p *People) endBulk(ctx context.Context, shop loyalty.ShopID, b *store.Bulk, state string) error {
	return p.st.Write(ctx, func(t *store.Tx) error { return t.EndBulk(ctx, shop, b.ID, state) })
}

// gathered begins the work itself, unless somebody wants it to end.
func (p *People) gathered(ctx context.Context, shop loyalty.ShopID, b *store.Bulk) error {
	return p.st.Write(ctx, func(t *store.Tx) error {
		if err := t.CountBulk(ctx, shop, b.ID, "", 0, 0, 0); err != nil {
			return err
		}
		_, err := t.TurnBulk(ctx, shop, b.ID, store.BulkGathers, store.BulkRuns)
		return err
	})
}

// bulkGather writes down a page of whom a deed is about.
func (p *People) bulkGather(ctx context.Context, shop loyalty.ShopID, b *store.Bulk) error {
	text, err := p.box.OpenAlone(b.Sealed)
	if err != nil {
		return err
	}
	var r Roster
	if err := json.Unmarshal(text, &r); err != nil {
		return err
	}
	// Everybody once: by id, or, of words, in the order of what they find.
	r.Order, r.Down = ByMaking, false
	of, err := p.roster(ctx, shop, r)
	if err != nil {
		return err
	}
	var at RosterPlace
	if b.Place != "" {
		if err := json.Unmarshal([]byte(b.Place), &at); err != nil {
			return err
		}
	}
	page, err := p.st.RosterPage(ctx, shop, of, at, false, bulkGather)
	if err != nil {
		return err
	}
	if of.IDs != nil && b.Place != "" {
		page = nil // all of them were there at once
	}
	if len(page) == 0 {
		return p.gathered(ctx, shop, b)
	}
	place, err := json.Marshal(page[len(page)-1])
	if err != nil {
		return err
	}
	ids := make([][]byte, len(page))
	for i, x := range page {
		ids[i] = x.Member.Bytes()
	}
	return p.st.Write(ctx, func(t *store.Tx) error { return t.GatherBulk(ctx, shop, b.ID, ids, string(place)) })
}

// bulkGatherUndo writes down a page of whom the deed changed that this one takes back.
func (p *People) bulkGatherUndo(ctx context.Context, shop loyalty.ShopID, b *store.Bulk) error {
	behind, err := memberPlace(b.Place)
	if err != nil {
		return err
	}
	page, err := p.st.BulkMembers(ctx, shop, b.Undoes, behind, bulkGather)
	if err != nil {
		return err
	}
	if len(page) == 0 {
		return p.gathered(ctx, shop, b)
	}
	n, upTo := 0, page[len(page)-1].Member
	for _, m := range page {
		if m.State == store.BulkChanged {
			n++
		}
	}
	return p.st.Write(ctx, func(t *store.Tx) error {
		return t.CopyBulk(ctx, shop, b.Undoes, b.ID, behind, upTo, n, upTo.String())
	})
}

func memberPlace(s string) (id.Member, error) {
	if s == "" {
		return id.Member{}, nil
	}
	return id.Parse[id.MemberKind](s)
}

// bulkStep does the deed for one portion.
func (p *People) bulkStep(ctx context.Context, shop loyalty.ShopID, b *store.Bulk) error {
	behind, err := memberPlace(b.Place)
	if err != nil {
		return err
	}
	page, err := p.st.BulkMembers(ctx, shop, b.ID, behind, bulkPortion)
	if err != nil {
		return err
	}
	if len(page) == 0 {
		return p.endBulk(ctx, shop, b, store.BulkDone)
	}
	how := BulkHow{}
	if err := json.Unmarshal([]byte(b.Detail), &how); err != nil {
		return err
	}
	if err := p.bulkSend(ctx, shop, b, &how, page); err != nil {
		return err
	}
	if err := p.bulkRecord(ctx, shop, b, &how, page); err != nil {
		return err
	}
	var changed, same, refused int64
	for _, m := range page {
		switch m.State {
		case store.BulkChanged:
			changed++
		case store.BulkSame:
			same++
		default:
			refused++
		}
	}
	return p.st.Write(ctx, func(t *store.Tx) error {
		if err := t.SetBulkMembers(ctx, shop, b.ID, page); err != nil {
			return err
		}
		return t.CountBulk(ctx, shop, b.ID, page[len(page)-1].Member.String(), changed, same, refused)
	})
}

// bulkSend notes what the members of a portion have now, before anything is sent. Who was
// noted before a crash keeps that: what he has now may be the deed's own.
func (p *People) bulkSend(ctx context.Context, shop loyalty.ShopID, b *store.Bulk, how *BulkHow, page []store.BulkMember) error {
	var ids []id.Member
	for _, m := range page {
		if m.State == store.BulkChosen {
			ids = append(ids, m.Member)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := p.st.MembersByIDs(ctx, shop, ids)
	if err != nil {
		return err
	}
	known := map[id.Member]*store.MemberRow{}
	for _, row := range rows {
		known[row.ID] = row
	}
	var noted []store.BulkMember
	for i := range page {
		m := &page[i]
		if m.State != store.BulkChosen {
			continue
		}
		row := known[m.Member]
		switch {
		case row == nil || row.State == loyalty.Merged:
			m.State = store.BulkRefused
		case nothingToDo(b, how, row):
			m.State = store.BulkSame
		default:
			m.State = store.BulkSent
			if b.Undoes.IsZero() {
				m.Was = row.Group
			}
			noted = append(noted, *m)
		}
	}
	return p.st.Write(ctx, func(t *store.Tx) error { return t.SetBulkMembers(ctx, shop, b.ID, noted) })
}

// bulkRecord sends the facts of a portion.
func (p *People) bulkRecord(ctx context.Context, shop loyalty.ShopID, b *store.Bulk, how *BulkHow, page []store.BulkMember) error {
	var facts []*loyalty.Fact
	var places []int
	for i, m := range page {
		if m.State == store.BulkSent {
			facts, places = append(facts, bulkFact(b, how, m)), append(places, i)
		}
	}
	if len(facts) == 0 {
		return nil
	}
	answers, err := p.Record(ctx, shop, facts...)
	if err != nil {
		return err
	}
	for n, i := range places {
		page[i].State = store.BulkChanged
		if err := answers[n].Err; err != nil {
			if problem, ok := errors.AsType[*loyalty.Problem](err); !ok || problem.Kind == loyalty.ErrUnavailable {
				return err
			}
			page[i].State = store.BulkRefused
		}
	}
	return nil
}

// bulkName names the fact of a deed about a member.
func bulkName(b id.Bulk, m id.Member) string { return "bulk-" + b.String() + "-" + m.String() }

// bulkFact is what a deed says of a member.
func bulkFact(b *store.Bulk, how *BulkHow, m store.BulkMember) *loyalty.Fact {
	undo := !b.Undoes.IsZero()
	f := &loyalty.Fact{
		Feed: bulkFeed, ExternalID: bulkName(b.ID, m.Member), Via: "office", Origin: loyalty.FromStaff, Member: loyalty.Who{ID: m.Member},
		Staff: &loyalty.Staff{Actor: b.Actor, Reason: how.Reason},
	}
	switch b.What {
	case BulkCredit:
		f.Kind, f.Staff = loyalty.StaffAdjust, nil
		f.Adjust = &loyalty.Adjust{Unit: how.Unit, Amount: how.Amount, Reason: how.Reason, Actor: b.Actor}
		if undo {
			f.Adjust.Amount, f.Adjust.Undoes = -how.Amount, bulkFeed+"/"+bulkName(b.Undoes, m.Member)
		}
	case BulkTag, BulkUntag:
		f.Kind = loyalty.StaffTag
		if (b.What == BulkTag) != undo {
			f.Staff.Add = []string{how.Tag}
		} else {
			f.Staff.Remove = []string{how.Tag}
		}
	case BulkGroup:
		f.Kind, f.Staff.Group = loyalty.StaffGroup, how.Group
		if undo {
			f.Staff.Group = m.Was
		}
	case BulkBlock, BulkUnblock:
		f.Kind = loyalty.StaffBlock
		f.Staff.No = (b.What == BulkUnblock) != undo
	}
	return f
}

// nothingToDo tells whether a member is as the deed would make him; or whether, when a deed is
// taken back, somebody has changed him since, which stands.
func nothingToDo(b *store.Bulk, how *BulkHow, row *store.MemberRow) bool {
	undo := !b.Undoes.IsZero()
	tagged, blocked := slices.Contains(row.Tags, how.Tag), row.State == loyalty.Blocked
	switch b.What {
	case BulkTag:
		return tagged != undo
	case BulkUntag:
		return tagged == undo
	case BulkGroup:
		if undo {
			return row.Group != how.Group
		}
		return row.Group == how.Group
	case BulkBlock:
		return blocked != undo
	case BulkUnblock:
		return blocked == undo
	}
	return false // a credit
}
