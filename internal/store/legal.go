package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

var (
	qEditions = New("legal_editions.all", `
		SELECT e.kind, e.edition, e.applies_at, e.published_at, e.published_by, COALESCE(e.withdrawn_at, 0), e.programs
		FROM legal_editions e WHERE e.shop_id = $1 ORDER BY e.kind, e.edition DESC`)
	qPutEdition = New("legal_editions.put", `
		INSERT INTO legal_editions (shop_id, kind, edition, applies_at, published_at, published_by, programs) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (shop_id, kind, edition) DO NOTHING RETURNING edition`)
	qWithdrawEdition = New("legal_editions.withdraw", `
		UPDATE legal_editions SET withdrawn_at = $4
		WHERE shop_id = $1 AND kind = $2 AND edition = $3 AND applies_at > $4 AND withdrawn_at IS NULL RETURNING edition`)
	qLegalTexts   = New("legal_texts.of", `SELECT t.locale, t.title, t.body FROM legal_texts t WHERE t.shop_id = $1 AND t.kind = $2 AND t.edition = $3 ORDER BY t.locale`)
	qPutLegalText = New("legal_texts.put", `INSERT INTO legal_texts (shop_id, kind, edition, locale, title, body) VALUES ($1, $2, $3, $4, $5, $6)`)
	qAccept       = New("legal_acceptances.put", `
		INSERT INTO legal_acceptances (shop_id, member_id, kind, edition, locale, at, way) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (shop_id, member_id, kind, edition) DO NOTHING`)
	qAcceptances = New("legal_acceptances.of", `
		SELECT a.kind, a.edition, a.locale, a.at, a.way FROM legal_acceptances a
		WHERE a.shop_id = $1 AND a.member_id = $2 ORDER BY a.at DESC, a.kind, a.edition DESC`)
	qAcceptedBy = New("legal_acceptances.count", `
		SELECT a.edition, COUNT(*) FROM legal_acceptances a WHERE a.shop_id = $1 AND a.kind = $2 GROUP BY a.edition`)
)

// Edition is what was published of a legal text at one time, in all its languages.
type Edition struct {
	Kind        string
	Edition     int64 // 1, 2, 3 of its kind
	AppliesAt   moment.Time
	PublishedAt moment.Time
	PublishedBy string
	WithdrawnAt moment.Time // zero: it was not
	Programs    string      // a digest of what the programs said; empty: the text says nothing of them
}

// LegalText is an edition in one language.
type LegalText struct{ Locale, Title, Body string }

// Acceptance is what a member accepted, or said that he had read.
type Acceptance struct {
	Kind    string
	Edition int64
	Locale  string // in which he read it
	At      moment.Time
	Way     string // "join" or "portal"
}

// Editions lists a shop's legal texts by kind, the newest edition of each first, without what
// they say.
func (s *Store) Editions(ctx context.Context, shop loyalty.ShopID) (out []Edition, err error) {
	err = s.Read(ctx, qEditions, func(r Scanner) error {
		var e Edition
		err := r.Scan(&e.Kind, &e.Edition, &e.AppliesAt, &e.PublishedAt, &e.PublishedBy, &e.WithdrawnAt, &e.Programs)
		out = append(out, e)
		return err
	}, int64(shop))
	return out, err
}

// LegalTexts gives an edition in each of its languages; nothing when there is none.
func (s *Store) LegalTexts(ctx context.Context, shop loyalty.ShopID, kind string, edition int64) (out []LegalText, err error) {
	err = s.Read(ctx, qLegalTexts, func(r Scanner) error {
		var t LegalText
		err := r.Scan(&t.Locale, &t.Title, &t.Body)
		out = append(out, t)
		return err
	}, int64(shop), kind, edition)
	return out, err
}

// PutEdition stores an edition with its texts, published now; false when there is one of that
// number already.
func (t *Tx) PutEdition(ctx context.Context, shop loyalty.ShopID, e *Edition, texts []LegalText) (done bool, err error) {
	t.Query(qPutEdition, 1, there(&done), int64(shop), e.Kind, e.Edition, int64(e.AppliesAt), int64(t.Now), e.PublishedBy, e.Programs)
	if err := t.Flush(ctx); err != nil || !done {
		return false, err
	}
	for _, x := range texts {
		t.Rows(qPutLegalText, 1, int64(shop), e.Kind, e.Edition, x.Locale, x.Title, x.Body)
	}
	return true, t.Flush(ctx)
}

// WithdrawEdition takes an edition back before it applies; false when it applies already, is
// withdrawn, or there is none.
func (t *Tx) WithdrawEdition(ctx context.Context, shop loyalty.ShopID, kind string, edition int64) (done bool, err error) {
	t.Query(qWithdrawEdition, 1, there(&done), int64(shop), kind, edition, int64(t.Now))
	return done, t.Flush(ctx)
}

// Accept keeps what a member accepted; what he had accepted before stays as it was.
func (t *Tx) Accept(ctx context.Context, shop loyalty.ShopID, m id.Member, a Acceptance) error {
	return t.Exec(ctx, qAccept, int64(shop), m.Bytes(), a.Kind, a.Edition, a.Locale, int64(a.At), a.Way)
}

// Acceptances lists what a member accepted, the latest first.
func (s *Store) Acceptances(ctx context.Context, shop loyalty.ShopID, m id.Member) (out []Acceptance, err error) {
	err = s.Read(ctx, qAcceptances, func(r Scanner) error {
		var a Acceptance
		err := r.Scan(&a.Kind, &a.Edition, &a.Locale, &a.At, &a.Way)
		out = append(out, a)
		return err
	}, int64(shop), m.Bytes())
	return out, err
}

// AcceptedBy counts the members who accepted each edition of a text.
func (s *Store) AcceptedBy(ctx context.Context, shop loyalty.ShopID, kind string) (map[int64]int64, error) {
	out := map[int64]int64{}
	err := s.Read(ctx, qAcceptedBy, func(r Scanner) error {
		var edition, n int64
		err := r.Scan(&edition, &n)
		out[edition] = n
		return err
	}, int64(shop), kind)
	return out, err
}
