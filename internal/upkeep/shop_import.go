package upkeep

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

// importedAtOnce is how many rows are handed to the database together.
const importedAtOnce = 1000

// ImportShop reads an exported shop, and its test twin, into a database that has no shop
// of these names: the same rows under the same ids, on either engine. All of it is there
// afterwards, with the balances that were exported, or nothing is. The shops get the next
// free numbers. Words by which members are found are made by people.MakeSearchTerms.
//
// What cannot be accepted is a problem that names it: a file that is missing or was
// changed, another schema, another master key, a name that is taken.
func ImportShop(ctx context.Context, st *store.Store, box *seal.Box, dir string, progress func(done, total int64)) (*Manifest, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	m, err := readManifest(root)
	if err != nil {
		return nil, err
	}
	if err := m.CheckKey(box); err != nil {
		return nil, err
	}
	schema, err := st.Schema(ctx)
	if err != nil {
		return nil, err
	}
	if m.Schema != schema {
		return nil, loyalty.Conflict("folder", "other_schema", "is", strconv.FormatInt(m.Schema, 10), "want", strconv.FormatInt(schema, 10))
	}
	if err := m.check(ctx, root); err != nil {
		return nil, err
	}
	tables, err := st.TravelTables(ctx)
	if err != nil {
		return nil, err
	}
	err = st.Write(ctx, func(t *store.Tx) error {
		p := &importer{Manifest: m, root: root, t: t, tables: tables, progress: progress}
		for _, f := range m.Files {
			if f.Table != "" {
				p.total += f.Rows
			}
		}
		return p.all(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	// Without new figures the planner reads whole shops where an index fits.
	return m, st.Analyze(ctx)
}

// CheckKey refuses another master key than that of the export.
func (m *Manifest) CheckKey(box *seal.Box) error {
	if is := box.Fingerprint(); is != m.MasterKey {
		return loyalty.Conflict("master key", "other_master_key", "is", is, "want", m.MasterKey)
	}
	return nil
}

// importer is an import under way, in its one transaction.
type importer struct {
	*Manifest
	root        *os.Root
	t           *store.Tx
	tables      []*store.Table
	done, total int64
	progress    func(done, total int64)
}

func (p *importer) all(ctx context.Context) error {
	var live loyalty.ShopID
	for i, s := range p.Shops {
		taken, err := p.t.SlugTaken(ctx, s.Slug)
		if err != nil {
			return err
		}
		if taken {
			return loyalty.Conflict("shop", "shop_exists")
		}
		n, err := p.t.NextShop(ctx)
		if err != nil {
			return err
		}
		if err := p.shop(ctx, s, n); err != nil {
			return err
		}
		if i == 0 {
			live = n
		} else if err := p.t.SetLive(ctx, n, live); err != nil {
			return err
		}
	}
	return nil
}

func (p *importer) shop(ctx context.Context, s MovedShop, n loyalty.ShopID) error {
	for _, table := range p.tables {
		f, err := p.file(s, table.Name)
		if err != nil {
			return err
		}
		if !slices.Equal(f.Columns, columnsOf(table)) {
			return loyalty.Conflict("folder", "export_columns", "file", f.Name)
		}
		if err := p.table(ctx, f, table, n); err != nil {
			return err
		}
	}
	if err := p.t.ForgetSearchTerms(ctx, n); err != nil {
		return err
	}
	is, err := digestOf(ctx, p.t, &loyalty.Shop{ID: n, Slug: s.Slug}, s.Recorded)
	if err == nil && is != s.Balances {
		err = loyalty.Conflict("folder", "balances_differ", "is", is, "want", s.Balances)
	}
	return err
}

// table reads a file line by line and writes its rows in portions.
func (p *importer) table(ctx context.Context, f MovedTable, table *store.Table, n loyalty.ShopID) error {
	file, err := p.root.Open(f.Name)
	if err != nil {
		return err
	}
	defer file.Close()
	var (
		in    = bufio.NewReaderSize(file, 1<<20)
		kinds = make([]string, len(table.Columns))
		rows  [][]any
		count int64
	)
	for i, c := range table.Columns {
		kinds[i] = kindOf(table, c)
	}
	write := func() error {
		p.t.PutRows(table, n, rows)
		if err := p.t.Flush(ctx); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		if p.done += int64(len(rows)); p.progress != nil {
			p.progress(p.done, p.total)
		}
		rows = rows[:0]
		return nil
	}
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			break
		}
		count++
		if err != nil {
			return loyalty.Invalid("folder", "export_row", "file", f.Name, "line", strconv.FormatInt(count, 10))
		}
		row, err := readRow(table, kinds, line)
		if err != nil {
			return loyalty.Invalid("folder", "export_row", "file", f.Name, "line", strconv.FormatInt(count, 10))
		}
		if rows = append(rows, row); len(rows) == importedAtOnce {
			if err := write(); err != nil {
				return err
			}
		}
	}
	if count != f.Rows || table.Name == "shops" && count != 1 {
		return loyalty.Invalid("folder", "export_changed", "file", f.Name)
	}
	return write()
}
