package people

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// Note is what somebody of the staff wrote down about a member. The member does not read it in
// his pages; it belongs to what he is told when he asks what is kept of him.
type Note struct {
	ID    id.Note
	Staff id.Staff
	At    moment.Time
	Text  string
}

const (
	maxNote  = 2_000
	maxNotes = 200
)

// Notes lists what was written down about a member, newest first.
func (p *People) Notes(ctx context.Context, shop loyalty.ShopID, m id.Member) ([]Note, error) {
	rows, err := p.st.Notes(ctx, shop, m, maxNotes)
	if err != nil {
		return nil, err
	}
	var out []Note
	for _, n := range rows {
		var text []byte
		switch {
		case n.Alone:
			text, err = p.box.OpenAlone(n.Sealed)
		case n.Wrapped == nil:
			continue // his key is gone, and the note with it
		default:
			text, err = p.box.Open(n.Wrapped, n.Sealed)
		}
		if err != nil {
			return nil, fmt.Errorf("note %s: %w", n.ID, err)
		}
		out = append(out, Note{n.ID, n.Staff, n.At, string(text)})
	}
	return out, nil
}

// Note writes something down about a member; problems name the field `note`.
func (p *People) Note(ctx context.Context, shop loyalty.ShopID, m id.Member, by id.Staff, text string) (Note, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return Note{}, loyalty.Invalid("note", "required")
	case len(text) > maxNote:
		return Note{}, loyalty.Invalid("note", "too_long", "max", strconv.Itoa(maxNote))
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }):
		return Note{}, loyalty.Invalid("note", "control_character")
	}
	row, err := p.st.Member(ctx, shop, m)
	if err != nil {
		return Note{}, err
	}
	if err := p.notErased(ctx, shop, m); err != nil {
		return Note{}, err
	}
	had, err := p.st.Notes(ctx, shop, m, maxNotes)
	if err != nil {
		return Note{}, err
	}
	if len(had) >= maxNotes {
		return Note{}, loyalty.Invalid("note", "too_many", "max", strconv.Itoa(maxNotes))
	}
	n := &store.Note{Staff: by, Alone: row.Wrapped == nil}
	if n.Alone {
		n.Sealed = p.box.SealAlone([]byte(text))
	} else if n.Sealed, err = p.box.Seal(row.Wrapped, []byte(text)); err != nil {
		return Note{}, err
	}
	err = p.st.Write(ctx, func(tx *store.Tx) error {
		n.ID, n.At = id.Mint[id.NoteKind](int64(tx.Now), random()), tx.Now
		return tx.PutNote(ctx, shop, m, n)
	})
	return Note{n.ID, by, n.At, text}, err
}

// DropNote forgets a note about a member; the problem `note_unknown` when there is none.
func (p *People) DropNote(ctx context.Context, shop loyalty.ShopID, m id.Member, which id.Note) error {
	had := false
	err := p.st.Write(ctx, func(tx *store.Tx) (err error) {
		had, err = tx.DropNote(ctx, shop, m, which)
		return err
	})
	if err == nil && !had {
		err = loyalty.NotFound("note", "note_unknown")
	}
	return err
}

func random() (b [8]byte) {
	_, _ = rand.Read(b[:]) // never fails
	return b
}
