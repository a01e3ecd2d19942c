package store

import (
	"context"
	"encoding/json"
	"fmt"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

var (
	qPrograms = New("programs", `SELECT p.id, p.name, p.running FROM programs p WHERE p.shop_id = $1 ORDER BY p.id`)
	qVersions = New("program_versions", `
		SELECT v.program_id, v.version, v.starts_at, COALESCE(v.ends_at, 0), v.published_at, v.document
		FROM program_versions v WHERE v.shop_id = $1 ORDER BY v.program_id, v.version`)
	qPutProgram = New("programs.put", `
		INSERT INTO programs (shop_id, id, name, running) VALUES ($1, $2, $3, TRUE)`)
	qPutVersion = New("program_versions.put", `
		INSERT INTO program_versions (shop_id, program_id, version, starts_at, ends_at, published_at, document)
		VALUES ($1, $2, $3, $4, NULLIF(CAST($5 AS BIGINT), 0), $6, $7)`)
)

// Book loads and compiles every program of a shop.
func (s *Store) Book(ctx context.Context, shop *loyalty.Shop) (*rules.Book, error) {
	fresh, err := s.Shop(ctx, shop.ID)
	if err != nil {
		return nil, err
	}
	var list []*rules.Program
	byID := map[id.Program]*rules.Program{}
	err = s.Read(ctx, qPrograms, func(r Scanner) error {
		p := &rules.Program{}
		if err := r.Scan(&p.ID, &p.Name, &p.Running); err != nil {
			return err
		}
		list, byID[p.ID] = append(list, p), p
		return nil
	}, int64(shop.ID))
	if err != nil {
		return nil, err
	}
	err = s.Read(ctx, qVersions, func(r Scanner) error {
		var (
			p                       id.Program
			n                       int
			starts, ends, published moment.Time
			document                string
		)
		if err := r.Scan(&p, &n, &starts, &ends, &published, &document); err != nil {
			return err
		}
		d := &rules.Document{}
		if err := json.Unmarshal([]byte(document), d); err != nil {
			return fmt.Errorf("version %d of %s: %w", n, p, err)
		}
		if x := byID[p]; x != nil {
			x.Versions = append(x.Versions, rules.Compile(x, n, starts, ends, published, d))
		}
		return nil
	}, int64(shop.ID))
	if err != nil {
		return nil, err
	}
	return rules.NewBook(fresh.BookRev, list), nil
}

// InsertProgram stores a new program.
func (t *Tx) InsertProgram(ctx context.Context, shop loyalty.ShopID, p id.Program, name string) error {
	return t.Exec(ctx, qPutProgram, int64(shop), p.Bytes(), name)
}

// InsertVersion publishes a version; the book's revision rises with it.
func (t *Tx) InsertVersion(ctx context.Context, shop loyalty.ShopID, v *rules.Version) error {
	document, err := json.Marshal(v.Doc)
	if err != nil {
		return err
	}
	t.Rows(qPutVersion, 1, int64(shop), v.Program.ID.Bytes(), int64(v.N), int64(v.StartsAt), int64(v.EndsAt), int64(v.PublishedAt), string(document))
	t.Rows(qBumpBook, 1, int64(shop))
	return t.Flush(ctx)
}
