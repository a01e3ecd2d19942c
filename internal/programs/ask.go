package programs

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// maxNote is how long the note of somebody who asks may be, in characters.
const maxNote = 500

// AskToPublish notes on a draft that somebody of the staff asks for it to be published, in
// the revision that he read, with a few words for those who may. Asking again replaces what
// was asked.
func (p *Programs) AskToPublish(ctx context.Context, shop loyalty.ShopID, which id.Draft, revision int64, by id.Staff, note string) error {
	note = strings.TrimSpace(note)
	switch {
	case utf8.RuneCountInString(note) > maxNote:
		return loyalty.Invalid("note", "too_long", "max", fmt.Sprint(maxNote))
	case strings.ContainsFunc(note, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' }):
		return loyalty.Invalid("note", "control_character")
	}
	s, err := p.st.Shop(ctx, shop)
	if err != nil {
		return err
	}
	return p.ask(ctx, shop, which, revision, p.in.Now(s), by, note)
}

// NoLongerAsk takes such a wish back: it was heard, or is not meant any more.
func (p *Programs) NoLongerAsk(ctx context.Context, shop loyalty.ShopID, which id.Draft, revision int64) error {
	return p.ask(ctx, shop, which, revision, 0, id.Staff{}, "")
}

func (p *Programs) ask(ctx context.Context, shop loyalty.ShopID, which id.Draft, revision int64, at moment.Time, by id.Staff, note string) error {
	was, err := p.Draft(ctx, shop, which)
	if err != nil {
		return err
	}
	return p.st.Write(ctx, func(tx *store.Tx) error {
		done, err := tx.AskDraft(ctx, shop, which, revision, at, by, note)
		return lost(done, err, was)
	})
}
