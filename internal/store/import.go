package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

var (
	qPutImport = New("imports.put", `
		INSERT INTO imports (shop_id, id, once, staff_id, actor, name, reads, header, settings, state, file, done, total, problem, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, '', $12) ON CONFLICT (shop_id, once) DO NOTHING RETURNING id`)
	qImport     = New("imports.one", `SELECT `+importColumns+` FROM imports i WHERE i.shop_id = $1 AND i.id = $2`)
	qImports    = New("imports.page", `SELECT `+importColumns+` FROM imports i WHERE i.shop_id = $1 AND i.id < $2 ORDER BY i.id DESC LIMIT $3`)
	qImportOnce = New("imports.once", `SELECT `+importColumns+` FROM imports i WHERE i.shop_id = $1 AND i.once = $2`)
	qImportLike = New("imports.like", `
		SELECT `+importColumns+` FROM imports i WHERE i.shop_id = $1 AND i.header = $2 AND i.reads = $3 AND i.id < $4 AND i.settings <> ''
		ORDER BY i.id DESC LIMIT 1`)
	qImportFile     = New("imports.file", `SELECT i.file FROM imports i WHERE i.shop_id = $1 AND i.id = $2 AND i.file IS NOT NULL`)
	qImportRejected = New("imports.rejected", `SELECT i.rejected FROM imports i WHERE i.shop_id = $1 AND i.id = $2 AND i.rejected IS NOT NULL`)

	qImportTurn = New("imports.turn", `
		UPDATE imports SET state = $4, done = 0, total = 0 WHERE shop_id = $1 AND id = $2 AND state = $3 RETURNING id`)
	qImportSettings = New("imports.settings", `UPDATE imports SET settings = $3, report = NULL, rejected = NULL, problem = '' WHERE shop_id = $1 AND id = $2`)
	qImportProgress = New("imports.progress", `UPDATE imports SET done = $3, total = $4 WHERE shop_id = $1 AND id = $2`)
	qImportReport   = New("imports.report", `
		UPDATE imports SET state = $4, report = $5, rejected = $6, problem = $7 WHERE shop_id = $1 AND id = $2 AND state = $3 RETURNING id`)
	qImportEnd = New("imports.end", `UPDATE imports SET file = NULL, ended_at = $3 WHERE shop_id = $1 AND id = $2`)

	qPutImportFacts = New("import_facts.put", `
		INSERT INTO import_facts (shop_id, import_id, external_id, kind)
		SELECT $1, $2, r.ext, r.kind FROM {{rows ext:text, kind:text}} WHERE TRUE ON CONFLICT (shop_id, import_id, external_id) DO NOTHING`)
	qImportFacts = New("import_facts.page", `
		SELECT f.external_id, f.kind FROM import_facts f WHERE f.shop_id = $1 AND f.import_id = $2 AND f.external_id > $3 ORDER BY f.external_id LIMIT $4`)
	qImportFactsNamed = New("import_facts.named", `
		SELECT f.external_id, f.kind FROM import_facts f WHERE f.shop_id = $1 AND f.import_id = $2 AND f.external_id {{in ext:text}}`)

	qImportsOld = New("imports.old", `
		SELECT i.id FROM imports i WHERE i.shop_id = $1 AND i.id < $2 AND (i.file IS NOT NULL OR i.rejected IS NOT NULL) ORDER BY i.id LIMIT 50`)
	qImportForget = New("imports.forget", `
		UPDATE imports SET file = NULL, rejected = NULL, state = CASE WHEN ended_at IS NULL THEN 'dropped' ELSE state END, ended_at = COALESCE(ended_at, $3)
		WHERE shop_id = $1 AND id = $2`)
)

const importColumns = `i.id, i.once, i.staff_id, i.actor, i.name, i.reads, i.header, i.settings, i.state, i.report, i.rejected IS NOT NULL, i.done, i.total,
		  i.problem, i.created_at, COALESCE(i.ended_at, 0)`

// States of an import of the back office.
const (
	ImportNew     = "new"     // the file is there, and nobody has said what its columns mean
	ImportChecks  = "checks"  // a dry run is under way
	ImportChecked = "checked" // the dry run has ended: it may run
	ImportRuns    = "runs"
	ImportStops   = "stops"   // somebody wants it to end: it does so behind the portion under way
	ImportStopped = "stopped" // before its end; what was recorded stays
	ImportDone    = "done"
	ImportFailed  = "failed" // the file could not be read: nothing was recorded
	ImportUndoes  = "undoes" // what can be taken back is being taken back
	ImportUndone  = "undone"
	ImportDropped = "dropped" // nobody has run it, and its file is gone
)

// Import is one file that somebody of the staff brought in, without the file.
type Import struct {
	ID        id.Import
	Once      string // names the upload: the same twice is one
	Staff     id.Staff
	Actor     string
	Name      string // of the file
	Reads     string
	Header    string // names its columns, as a keyed hash
	Settings  string // how it is read; empty: nobody has said it
	State     string
	Report    []byte // sealed
	Rejected  bool   // there is a file of rows that were not taken
	Done      int64
	Total     int64
	Problem   string // JSON of why it failed
	CreatedAt moment.Time
	EndedAt   moment.Time // zero: it goes on, or waits for somebody
}

// PutImport stores one with its sealed file; false when that upload is there.
func (t *Tx) PutImport(ctx context.Context, shop loyalty.ShopID, i *Import, file []byte) (fresh bool, err error) {
	err = t.read(ctx, qPutImport, func(r Scanner) error {
		fresh = true
		return r.Scan(new([]byte))
	}, int64(shop), i.ID.Bytes(), i.Once, i.Staff[:], i.Actor, i.Name, i.Reads, i.Header, i.Settings, i.State, file, int64(i.CreatedAt))
	return fresh, err
}

func (s *Store) imports(ctx context.Context, q *Q, args ...any) (out []*Import, err error) {
	err = s.Read(ctx, q, func(r Scanner) error {
		i := &Import{}
		out = append(out, i)
		return r.Scan(&i.ID, &i.Once, &i.Staff, &i.Actor, &i.Name, &i.Reads, &i.Header, &i.Settings, &i.State, &i.Report, &i.Rejected, &i.Done, &i.Total,
			&i.Problem, &i.CreatedAt, &i.EndedAt)
	}, args...)
	return out, err
}

func (s *Store) anImport(ctx context.Context, q *Q, args ...any) (*Import, error) {
	list, err := s.imports(ctx, q, args...)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// Import finds one; nil when there is none.
func (s *Store) Import(ctx context.Context, shop loyalty.ShopID, which id.Import) (*Import, error) {
	return s.anImport(ctx, qImport, int64(shop), which.Bytes())
}

// ImportOnce finds the one of an upload; nil when there is none.
func (s *Store) ImportOnce(ctx context.Context, shop loyalty.ShopID, once string) (*Import, error) {
	return s.anImport(ctx, qImportOnce, int64(shop), once)
}

// ImportLike finds the last one before one whose file had the same columns and meant the
// same kind; nil when there is none.
func (s *Store) ImportLike(ctx context.Context, shop loyalty.ShopID, header, reads string, before id.Import) (*Import, error) {
	return s.anImport(ctx, qImportLike, int64(shop), header, reads, before.Bytes())
}

// Imports lists them, newest first, before one.
func (s *Store) Imports(ctx context.Context, shop loyalty.ShopID, before id.Import, limit int) ([]*Import, error) {
	return s.imports(ctx, qImports, int64(shop), newest(before), int64(limit))
}

// ImportFile is the sealed file of one; nil when it is gone.
func (s *Store) ImportFile(ctx context.Context, shop loyalty.ShopID, which id.Import) ([]byte, error) {
	return s.sealedOf(ctx, qImportFile, shop, which)
}

// ImportRejected is the sealed file of the rows that were not taken; nil when there is none.
func (s *Store) ImportRejected(ctx context.Context, shop loyalty.ShopID, which id.Import) ([]byte, error) {
	return s.sealedOf(ctx, qImportRejected, shop, which)
}

func (s *Store) sealedOf(ctx context.Context, q *Q, shop loyalty.ShopID, which id.Import) (b []byte, err error) {
	err = s.Read(ctx, q, func(r Scanner) error { return r.Scan(&b) }, int64(shop), which.Bytes())
	return b, err
}

// TurnImport takes one from a state to another; false when it is not in the first.
func (t *Tx) TurnImport(ctx context.Context, shop loyalty.ShopID, which id.Import, from, to string) (did bool, err error) {
	err = t.read(ctx, qImportTurn, func(r Scanner) error {
		did = true
		return r.Scan(new([]byte))
	}, int64(shop), which.Bytes(), from, to)
	return did, err
}

// SetImport says how the file of one is read, and forgets what was found before.
func (t *Tx) SetImport(ctx context.Context, shop loyalty.ShopID, which id.Import, settings string) error {
	return t.Exec(ctx, qImportSettings, int64(shop), which.Bytes(), settings)
}

// ProgressImport says how far one has come.
func (t *Tx) ProgressImport(ctx context.Context, shop loyalty.ShopID, which id.Import, done, total int64) error {
	return t.Exec(ctx, qImportProgress, int64(shop), which.Bytes(), done, total)
}

// ReportImport says what came of one, and takes it to another state; false when it was not in
// the state from.
func (t *Tx) ReportImport(ctx context.Context, shop loyalty.ShopID, which id.Import, from, to string, report, rejected []byte, problem string) (did bool, err error) {
	err = t.read(ctx, qImportReport, func(r Scanner) error {
		did = true
		return r.Scan(new([]byte))
	}, int64(shop), which.Bytes(), from, to, report, rejected, problem)
	return did, err
}

// EndImport says that one has ended, and deletes its file.
func (t *Tx) EndImport(ctx context.Context, shop loyalty.ShopID, which id.Import) error {
	return t.Exec(ctx, qImportEnd, int64(shop), which.Bytes(), int64(t.Now))
}

// ImportFact is a fact that an import brought.
type ImportFact struct{ ExternalID, Kind string }

// PutImportFacts writes down facts that one is about to bring.
func (t *Tx) PutImportFacts(ctx context.Context, shop loyalty.ShopID, which id.Import, list []ImportFact) error {
	names, kinds := make([]string, len(list)), make([]string, len(list))
	for i, f := range list {
		names[i], kinds[i] = f.ExternalID, f.Kind
	}
	t.Rows(qPutImportFacts, len(list), int64(shop), which.Bytes(), names, kinds)
	return t.Flush(ctx)
}

// ImportFacts is a page of what one brought, by name, behind one.
func (s *Store) ImportFacts(ctx context.Context, shop loyalty.ShopID, which id.Import, behind string, limit int) (out []ImportFact, err error) {
	err = s.Read(ctx, qImportFacts, func(r Scanner) error {
		var f ImportFact
		err := r.Scan(&f.ExternalID, &f.Kind)
		out = append(out, f)
		return err
	}, int64(shop), which.Bytes(), behind, int64(limit))
	return out, err
}

// ImportFactsNamed tells the kinds of those of some facts that an import brought.
func (s *Store) ImportFactsNamed(ctx context.Context, shop loyalty.ShopID, which id.Import, names []string) (map[string]string, error) {
	out := map[string]string{}
	err := s.ReadRows(ctx, qImportFactsNamed, len(names), func(r Scanner) error {
		var name, kind string
		err := r.Scan(&name, &kind)
		out[name] = kind
		return err
	}, int64(shop), which.Bytes(), names)
	return out, err
}

// SweepImports deletes the files of imports that were brought before one: those that nobody ran,
// and rows that were not taken.
func (s *Store) SweepImports(ctx context.Context, shop loyalty.ShopID, before id.Import) error {
	for {
		var old []id.Import
		err := s.Read(ctx, qImportsOld, func(r Scanner) error {
			var i id.Import
			err := r.Scan(&i)
			old = append(old, i)
			return err
		}, int64(shop), before.Bytes())
		if err != nil || len(old) == 0 {
			return err
		}
		err = s.Write(ctx, func(t *Tx) error {
			for _, i := range old {
				if err := t.Exec(ctx, qImportForget, int64(shop), i.Bytes(), int64(t.Now)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}
