package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

const draftColumns = `d.id, d.program_id, d.based_on, d.text, d.revision, d.created_at, d.changed_at,
	COALESCE(d.asked_at, 0), d.asked_by, d.asked_note`

var (
	qDrafts = New("program_drafts.page", `
		SELECT `+draftColumns+` FROM program_drafts d WHERE d.shop_id = $1 AND d.id > $2 ORDER BY d.id LIMIT $3`)
	qDraft    = New("program_drafts.one", `SELECT `+draftColumns+` FROM program_drafts d WHERE d.shop_id = $1 AND d.id = $2`)
	qPutDraft = New("program_drafts.put", `
		INSERT INTO program_drafts (shop_id, id, program_id, based_on, text, revision, created_at, changed_at)
		VALUES ($1, $2, $3, $4, $5, 1, $6, $6)`)
	qChangeDraft = New("program_drafts.change", `
		UPDATE program_drafts SET based_on = $4, text = $5, changed_at = $6, revision = revision + 1
		WHERE shop_id = $1 AND id = $2 AND revision = $3 RETURNING id`)
	qAskDraft = New("program_drafts.ask", `
		UPDATE program_drafts SET asked_at = NULLIF(CAST($4 AS BIGINT), 0), asked_by = $5, asked_note = $6
		WHERE shop_id = $1 AND id = $2 AND revision = $3 RETURNING id`)
	qDropDraft = New("program_drafts.drop", `
		DELETE FROM program_drafts WHERE shop_id = $1 AND id = $2 AND revision = $3 RETURNING id`)
)

// Draft is a program that somebody is still writing, as he typed it.
type Draft struct {
	ID        id.Draft
	Program   id.Program // whose next version it is to be; zero: a new program
	BasedOn   int        // the version that its writer started from; 0: none
	Text      string
	Revision  int64 // rises with every change
	CreatedAt moment.Time
	ChangedAt moment.Time
	AskedAt   moment.Time // when somebody asked for it to be published; zero: nobody does
	AskedBy   id.Staff
	AskedNote string
}

func scanDraft(r Scanner) (d Draft, err error) {
	err = r.Scan(&d.ID, &d.Program, &d.BasedOn, &d.Text, &d.Revision, &d.CreatedAt, &d.ChangedAt, &d.AskedAt, &d.AskedBy, &d.AskedNote)
	return d, err
}

// Drafts is a page of a shop's drafts in the order of their making, behind one (zero: from
// the first).
func (s *Store) Drafts(ctx context.Context, shop loyalty.ShopID, behind id.Draft, limit int) ([]Draft, error) {
	var out []Draft
	err := s.Read(ctx, qDrafts, func(r Scanner) error {
		d, err := scanDraft(r)
		out = append(out, d)
		return err
	}, int64(shop), behind[:], int64(limit))
	return out, err
}

// Draft finds one; false when there is none.
func (s *Store) Draft(ctx context.Context, shop loyalty.ShopID, which id.Draft) (d Draft, found bool, err error) {
	err = s.Read(ctx, qDraft, func(r Scanner) (err error) {
		found = true
		d, err = scanDraft(r)
		return err
	}, int64(shop), which.Bytes())
	return d, found, err
}

// InsertDraft stores a new draft, in its first revision.
func (t *Tx) InsertDraft(ctx context.Context, shop loyalty.ShopID, d Draft) error {
	return t.Exec(ctx, qPutDraft, int64(shop), d.ID.Bytes(), d.Program.Bytes(), int64(d.BasedOn), d.Text, int64(d.CreatedAt))
}

// ChangeDraft stores what a draft says now, in place of the revision that it names; false
// when it has another one by now, or is gone.
func (t *Tx) ChangeDraft(ctx context.Context, shop loyalty.ShopID, d Draft) (done bool, err error) {
	t.Query(qChangeDraft, 1, hit(&done), int64(shop), d.ID.Bytes(), d.Revision, int64(d.BasedOn), d.Text, int64(d.ChangedAt))
	return done, t.Flush(ctx)
}

// AskDraft notes that somebody asks for a draft to be published, in that revision (zero At:
// nobody does any more); false when it has another one by now, or is gone.
func (t *Tx) AskDraft(ctx context.Context, shop loyalty.ShopID, which id.Draft, revision int64, at moment.Time, by id.Staff, note string) (done bool, err error) {
	t.Query(qAskDraft, 1, hit(&done), int64(shop), which.Bytes(), revision, int64(at), by.Bytes(), note)
	return done, t.Flush(ctx)
}

// DropDraft takes a draft away in that revision; false when it has another one by now, or
// is gone.
func (t *Tx) DropDraft(ctx context.Context, shop loyalty.ShopID, which id.Draft, revision int64) (done bool, err error) {
	t.Query(qDropDraft, 1, hit(&done), int64(shop), which.Bytes(), revision)
	return done, t.Flush(ctx)
}

func hit(done *bool) func(Scanner) error {
	return func(r Scanner) error {
		*done = true
		return r.Scan(new(id.Draft))
	}
}
