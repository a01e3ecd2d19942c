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
	qPrograms = New("programs", `SELECT p.id, p.name FROM programs p WHERE p.shop_id = $1 ORDER BY p.id`)
	qVersions = New("program_versions", `
		SELECT v.program_id, v.version, v.starts_at, COALESCE(v.ends_at, 0), v.published_at, v.document,
		  COALESCE(v.withdrawn_at, 0)
		FROM program_versions v WHERE v.shop_id = $1 ORDER BY v.program_id, v.version`)
	qPauses = New("program_pauses", `
		SELECT x.program_id, x.from_at, COALESCE(x.until_at, 0), x.announced_at FROM program_pauses x
		WHERE x.shop_id = $1 ORDER BY x.program_id, x.from_at`)
	qPutPause = New("program_pauses.put", `
		INSERT INTO program_pauses (shop_id, program_id, from_at, until_at, announced_at)
		VALUES ($1, $2, $3, NULLIF(CAST($4 AS BIGINT), 0), $5)`)
	qEndPause = New("program_pauses.end", `
		UPDATE program_pauses SET until_at = $4 WHERE shop_id = $1 AND program_id = $2 AND from_at = $3`)
	qPutProgram = New("programs.put", `
		INSERT INTO programs (shop_id, id, name) VALUES ($1, $2, $3)`)
	qPutVersion = New("program_versions.put", `
		INSERT INTO program_versions (shop_id, program_id, version, starts_at, ends_at, published_at, document, withdrawn_at)
		VALUES ($1, $2, $3, $4, NULLIF(CAST($5 AS BIGINT), 0), $6, $7, NULLIF(CAST($8 AS BIGINT), 0))`)
	qWithdraw = New("program_versions.withdraw", `
		UPDATE program_versions SET withdrawn_at = $4
		WHERE shop_id = $1 AND program_id = $2 AND version = $3 AND withdrawn_at IS NULL AND starts_at >= $5 RETURNING version`)
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
		if err := r.Scan(&p.ID, &p.Name); err != nil {
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
			p                                  id.Program
			n                                  int
			starts, ends, published, withdrawn moment.Time
			document                           string
		)
		if err := r.Scan(&p, &n, &starts, &ends, &published, &document, &withdrawn); err != nil {
			return err
		}
		d := &rules.Document{}
		if err := json.Unmarshal([]byte(document), d); err != nil {
			return fmt.Errorf("version %d of %s: %w", n, p, err)
		}
		if x := byID[p]; x != nil {
			v := rules.Compile(x, n, starts, ends, published, d)
			v.WithdrawnAt = withdrawn
			x.Versions = append(x.Versions, v)
		}
		return nil
	}, int64(shop.ID))
	if err != nil {
		return nil, err
	}
	err = s.Read(ctx, qPauses, func(r Scanner) error {
		var p id.Program
		var x rules.Pause
		if err := r.Scan(&p, &x.From, &x.Until, &x.Announced); err != nil {
			return err
		}
		if program := byID[p]; program != nil {
			program.Pauses = append(program.Pauses, x)
		}
		return nil
	}, int64(shop.ID))
	if err != nil {
		return nil, err
	}
	return rules.NewBook(fresh.BookRev, list), nil
}

// InsertPause announces that a program gives nothing from a time on.
func (t *Tx) InsertPause(ctx context.Context, shop loyalty.ShopID, p id.Program, x rules.Pause) error {
	t.Rows(qPutPause, 1, int64(shop), p.Bytes(), int64(x.From), int64(x.Until), int64(x.Announced))
	t.Rows(qBumpBook, 1, int64(shop))
	return t.Flush(ctx)
}

// EndPause announces when a pause ends. The end lies ahead, so that nothing which was
// recorded before it is judged otherwise.
func (t *Tx) EndPause(ctx context.Context, shop loyalty.ShopID, p id.Program, from, until moment.Time) error {
	t.Rows(qEndPause, 1, int64(shop), p.Bytes(), int64(from), int64(until))
	t.Rows(qBumpBook, 1, int64(shop))
	return t.Flush(ctx)
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
	t.Rows(qPutVersion, 1, int64(shop), v.Program.ID.Bytes(), int64(v.N), int64(v.StartsAt), int64(v.EndsAt), int64(v.PublishedAt), string(document), int64(0))
	t.Rows(qBumpBook, 1, int64(shop))
	return t.Flush(ctx)
}

// WithdrawVersion takes a version back that starts at earliest or later; false when there
// is none such, or no more. Nothing was judged by it, so that nothing is judged otherwise.
func (t *Tx) WithdrawVersion(ctx context.Context, shop loyalty.ShopID, p id.Program, n int, now, earliest moment.Time) (done bool, err error) {
	t.Query(qWithdraw, 1, func(r Scanner) error {
		done = true
		return r.Scan(new(int64))
	}, int64(shop), p.Bytes(), int64(n), int64(now), int64(earliest))
	t.Rows(qBumpBook, 1, int64(shop))
	return done, t.Flush(ctx)
}
