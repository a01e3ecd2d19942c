package pages

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// Edition is what was published of a legal text at one time, in all its languages.
type Edition = store.Edition

// Acceptance is an edition that a member accepted, or said that he had read.
type Acceptance = store.Acceptance

// Ways in which a member accepts.
const (
	WhileJoining = "join"
	InPortal     = "portal"
)

// NoticeDays is how long before it applies a change of the terms or the privacy notice is
// announced at least.
const NoticeDays = 15

// Editions are a shop's legal texts.
type Editions []Edition

// Editions lists a shop's legal texts, the newest edition of each kind first, without what
// they say.
func (p *Pages) Editions(ctx context.Context, shop loyalty.ShopID) (Editions, error) {
	return p.st.Editions(ctx, shop)
}

// Of lists the editions of one kind.
func (l Editions) Of(kind string) (out Editions) {
	for _, e := range l {
		if e.Kind == kind {
			out = append(out, e)
		}
	}
	return out
}

// InForce is the edition of a kind that holds at a time; nil when none does.
func (l Editions) InForce(kind string, now moment.Time) *Edition {
	var out *Edition
	for i, e := range l {
		if e.Kind == kind && e.WithdrawnAt == 0 && e.AppliesAt <= now && (out == nil || e.Edition > out.Edition) {
			out = &l[i]
		}
	}
	return out
}

// Coming is the edition of a kind that is announced and does not hold yet; nil when none is.
func (l Editions) Coming(kind string, now moment.Time) *Edition {
	for i, e := range l {
		if e.Kind == kind && e.WithdrawnAt == 0 && e.AppliesAt > now {
			return &l[i]
		}
	}
	return nil
}

// Asked is what a member is to be asked about now: an edition that comes, or holds, and that he
// has not accepted.
func (l Editions) Asked(accepted []Acceptance, now moment.Time) (out []Edition) {
	for _, kind := range LegalKinds {
		if !Accepted(kind) {
			continue
		}
		e := l.Coming(kind, now)
		if e == nil {
			e = l.InForce(kind, now)
		}
		if e != nil && !slices.ContainsFunc(accepted, func(a Acceptance) bool { return a.Kind == kind && a.Edition == e.Edition }) {
			out = append(out, *e)
		}
	}
	return out
}

// Issue is a legal text that is to be published.
type Issue struct {
	Kind      string
	Languages []string                           // of the portal: each has a draft
	Values    func(tag string) map[string]string // of the fields that are the same for everybody
	Applies   string                             // the first day, "2027-01-01"; empty: as soon as may be
	Said      []Said                             // what the programs say, in any one language
	Checked   bool                               // whoever publishes says that a lawyer has read it, or that he answers for it
	By        string
}

// PublishEdition makes an edition of the drafts of a kind, word by word as they are. The first
// edition may apply at once; a later one of the terms or the privacy notice applies NoticeDays
// later at the earliest. Problems name `texts`, `applies` or `checked`; `legal_coming` where an
// edition is announced already.
func (p *Pages) PublishEdition(ctx context.Context, shop *loyalty.Shop, in Issue) (Edition, error) {
	if !slices.Contains(LegalKinds, in.Kind) {
		return Edition{}, loyalty.NotFound("kind", "legal_unknown")
	}
	list, err := p.Editions(ctx, shop.ID)
	if err != nil {
		return Edition{}, err
	}
	now := p.st.Clock()
	e := Edition{Kind: in.Kind, PublishedBy: in.By, Edition: 1}
	if of := list.Of(in.Kind); len(of) > 0 {
		e.Edition = of[0].Edition + 1
	}
	if in.Kind == Terms {
		e.Programs = ProgramsDigest(in.Said)
	}
	if list.Coming(in.Kind, now) != nil {
		return Edition{}, loyalty.Conflict("applies", "legal_coming")
	}
	if e.AppliesAt, err = applies(shop, in, now, list.InForce(in.Kind, now) != nil); err != nil {
		return Edition{}, err
	}
	if !in.Checked {
		return Edition{}, loyalty.Invalid("checked", "legal_unread")
	}
	if err := line("actor", in.By, loyalty.MaxRefBytes); err != nil {
		return Edition{}, err
	}
	var texts []store.LegalText
	for _, tag := range in.Languages {
		x, found, err := p.st.Page(ctx, shop.ID, DraftSlug(in.Kind), tag, 0)
		if err != nil {
			return Edition{}, err
		}
		if !found {
			return Edition{}, loyalty.Invalid("texts", "legal_language_missing", "language", named[tag])
		}
		body, err := finished(tag, x.Body, in.Values(tag))
		if err != nil {
			return Edition{}, err
		}
		texts = append(texts, store.LegalText{Locale: tag, Title: x.Title, Body: body})
	}
	err = p.st.Write(ctx, func(tx *store.Tx) error {
		e.PublishedAt = tx.Now
		e.AppliesAt = max(e.AppliesAt, tx.Now)
		done, err := tx.PutEdition(ctx, shop.ID, &e, texts)
		if err == nil && !done {
			err = loyalty.Conflict("applies", "legal_coming")
		}
		return err
	})
	return e, err
}

// applies reads from when an edition is to hold.
func applies(shop *loyalty.Shop, in Issue, now moment.Time, follows bool) (moment.Time, error) {
	zone := zoneOf(shop)
	at := earliest(zone, in.Kind, now, follows)
	if in.Applies != "" {
		day, err := time.ParseInLocation("2006-01-02", in.Applies, zone)
		if err != nil {
			return 0, loyalty.Invalid("applies", "invalid_date")
		}
		at = moment.Of(day)
	}
	if first := earliest(zone, in.Kind, now, follows); at < first {
		return 0, loyalty.Invalid("applies", "legal_too_soon", "date", first.Date(zone))
	}
	return max(at, now), nil // today is at once
}

// earliest is the day from which the next edition of a kind may hold.
func earliest(zone *time.Location, kind string, now moment.Time, follows bool) moment.Time {
	day := now.StartOfDay(zone)
	if follows && Accepted(kind) {
		return day.AddDays(NoticeDays, zone)
	}
	return day
}

// Earliest is the first day, "2027-01-01", from which the next edition of a kind may hold; follows
// says that one holds already.
func (p *Pages) Earliest(shop *loyalty.Shop, kind string, follows bool) string {
	zone := zoneOf(shop)
	return earliest(zone, kind, p.st.Clock(), follows).Date(zone)
}

func zoneOf(shop *loyalty.Shop) *time.Location {
	if shop.Zone == nil {
		return time.UTC
	}
	return shop.Zone
}

// ProgramsDigest stands for what programs say, so that a change of them can be seen.
func ProgramsDigest(said []Said) string {
	var all strings.Builder
	for _, x := range said {
		all.WriteString(x.Program + "\x00" + strings.Join(x.Sentences, "\x01") + "\x02")
	}
	sum := sha256.Sum256([]byte(all.String()))
	return hex.EncodeToString(sum[:12])
}

// WithdrawEdition takes an announced edition back; the problem `legal_applies` when it holds
// already.
func (p *Pages) WithdrawEdition(ctx context.Context, shop loyalty.ShopID, kind string, edition int64) error {
	return p.st.Write(ctx, func(tx *store.Tx) error {
		done, err := tx.WithdrawEdition(ctx, shop, kind, edition)
		if err == nil && !done {
			err = loyalty.Conflict("edition", "legal_applies")
		}
		return err
	})
}

// LegalText is an edition in one language.
type LegalText = store.LegalText

// ReadEdition gives an edition (0: the one that holds) in the first of the reader's languages
// that it has, else in any; the problem `page_unknown` when there is none.
func (p *Pages) ReadEdition(ctx context.Context, shop loyalty.ShopID, kind string, edition int64, languages ...string) (Edition, LegalText, error) {
	unknown := loyalty.NotFound("slug", "page_unknown")
	list, err := p.Editions(ctx, shop)
	if err != nil {
		return Edition{}, LegalText{}, err
	}
	var e *Edition
	if edition == 0 {
		e = list.InForce(kind, p.st.Clock())
	} else if i := slices.IndexFunc(list, func(x Edition) bool { return x.Kind == kind && x.Edition == edition }); i >= 0 {
		e = &list[i]
	}
	if e == nil {
		return Edition{}, LegalText{}, unknown
	}
	texts, err := p.st.LegalTexts(ctx, shop, kind, e.Edition)
	if err != nil || len(texts) == 0 {
		return Edition{}, LegalText{}, err
	}
	for _, l := range languages {
		for _, t := range texts {
			if t.Locale == l {
				return *e, t, nil
			}
		}
	}
	return *e, texts[0], nil
}

// Accept keeps that a member accepted an edition, with its time; what he accepted before stays.
// The problem `page_unknown` when there is no such edition to be accepted.
func (p *Pages) Accept(ctx context.Context, shop loyalty.ShopID, m id.Member, list ...Acceptance) error {
	if len(list) == 0 {
		return nil
	}
	all, err := p.Editions(ctx, shop)
	if err != nil {
		return err
	}
	for _, a := range list {
		if !Accepted(a.Kind) || !slices.ContainsFunc(all, func(e Edition) bool { return e.Kind == a.Kind && e.Edition == a.Edition && e.WithdrawnAt == 0 }) {
			return loyalty.NotFound("slug", "page_unknown")
		}
	}
	return p.st.Write(ctx, func(tx *store.Tx) error {
		for _, a := range list {
			if a.At == 0 {
				a.At = tx.Now
			}
			if err := tx.Accept(ctx, shop, m, a); err != nil {
				return err
			}
		}
		return nil
	})
}

// Acceptances lists what a member accepted, the latest first.
func (p *Pages) Acceptances(ctx context.Context, shop loyalty.ShopID, m id.Member) ([]Acceptance, error) {
	return p.st.Acceptances(ctx, shop, m)
}

// AcceptedBy counts the members who accepted each edition of a text.
func (p *Pages) AcceptedBy(ctx context.Context, shop loyalty.ShopID, kind string) (map[int64]int64, error) {
	return p.st.AcceptedBy(ctx, shop, kind)
}

// Begin writes a draft of a legal text in each language: the template, with what the programs
// say now. Where a draft is there already it becomes its next version when again is set, and
// stays as it is otherwise. said gives what the programs say in a language.
func (p *Pages) Begin(ctx context.Context, shop loyalty.ShopID, kind string, languages []string, again bool, by string, said func(tag string) []Said) error {
	if !slices.Contains(LegalKinds, kind) {
		return loyalty.NotFound("kind", "legal_unknown")
	}
	for _, tag := range languages {
		was, found, err := p.st.Page(ctx, shop, DraftSlug(kind), tag, 0)
		if err != nil {
			return err
		}
		if found && !again {
			continue
		}
		title, body, err := Template(kind, tag, said(tag))
		if err == nil {
			_, err = p.Put(ctx, shop, Writing{Slug: DraftSlug(kind), Locale: tag, Read: was.Newest, Title: title, Body: body, By: by})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
