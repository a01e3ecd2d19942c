package upkeep

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// What an exported shop says of itself: docs/export.md describes every part.
const (
	exportFormat  = "cagnotte-shop"
	exportVersion = 1
	manifestName  = "manifest.json"
)

// Manifest is the first file to read of an exported shop: what it is, and what belongs to
// it.
type Manifest struct {
	Format    string       `json:"format"`
	Version   int          `json:"format_version"`
	MadeBy    string       `json:"made_by"` // the program's version
	MadeAt    moment.Time  `json:"made_at"`
	Engine    string       `json:"engine"` // for people: either engine reads it
	Schema    int64        `json:"schema"`
	MasterKey string       `json:"master_key"` // its fingerprint
	Shops     []MovedShop  `json:"shops"`      // the live one, then its test twin
	Files     []MovedTable `json:"files"`
}

// MovedShop is one of the shops in the folder.
type MovedShop struct {
	Folder   string      `json:"folder"`
	Slug     string      `json:"slug"`
	Recorded moment.Time `json:"last_recorded_at"`
	Balances string      `json:"balances_sha256"` // as of then
}

// MovedTable is a file of the folder. One without a table is for people; nothing reads it.
type MovedTable struct {
	Name    string   `json:"name"`
	Table   string   `json:"table,omitempty"`
	Columns []string `json:"columns,omitempty"` // name and kind
	Rows    int64    `json:"rows"`
	Bytes   int64    `json:"bytes"`
	SHA256  string   `json:"sha256"`
}

// ReadManifest reads what an exported shop says of itself, and refuses a form that this
// program does not know.
func ReadManifest(dir string) (*Manifest, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, loyalty.Invalid("folder", "export_missing_file", "file", manifestName)
	}
	defer root.Close()
	return readManifest(root)
}

func readManifest(root *os.Root) (*Manifest, error) {
	b, err := root.ReadFile(manifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, loyalty.Invalid("folder", "export_missing_file", "file", manifestName)
	}
	if err != nil {
		return nil, err
	}
	m := &Manifest{}
	if err := json.Unmarshal(b, m); err != nil || m.Format != exportFormat || m.Version != exportVersion {
		is := fmt.Sprintf("%s %d", m.Format, m.Version)
		return nil, loyalty.Invalid("folder", "export_format", "is", strings.TrimSpace(is), "want", fmt.Sprintf("%s %d", exportFormat, exportVersion))
	}
	// Unknown fields are refused after the version, so that a newer one is called by its name.
	strict := json.NewDecoder(bytes.NewReader(b))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&Manifest{}); err != nil || len(m.Shops) == 0 || len(m.Shops) > 2 {
		return nil, loyalty.Invalid("folder", "export_row", "file", manifestName, "line", "1")
	}
	return m, nil
}

// check compares each file with what the manifest says of it.
func (m *Manifest) check(ctx context.Context, root *os.Root) error {
	for _, f := range m.Files {
		if err := ctx.Err(); err != nil {
			return err
		}
		file, err := root.Open(f.Name)
		if errors.Is(err, fs.ErrNotExist) {
			return loyalty.Invalid("folder", "export_missing_file", "file", f.Name)
		}
		if err != nil {
			return err
		}
		sum := sha256.New()
		n, err := io.Copy(sum, file)
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
		if n != f.Bytes || hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
			return loyalty.Invalid("folder", "export_changed", "file", f.Name)
		}
	}
	return nil
}

// file finds a shop's file of a table.
func (m *Manifest) file(s MovedShop, table string) (MovedTable, error) {
	name := s.Folder + "/" + table + ".jsonl"
	i := slices.IndexFunc(m.Files, func(f MovedTable) bool { return f.Name == name && f.Table == table })
	if i < 0 {
		return MovedTable{}, loyalty.Invalid("folder", "export_missing_file", "file", name)
	}
	return m.Files[i], nil
}

// ledgerOf is where balances are read: a database, a view of it, or a transaction.
type ledgerOf interface {
	Balances(ctx context.Context, shop loyalty.ShopID, at moment.Time, each func(store.Balance) error) error
}

// digestOf is the digest of one shop's balances: the SHA-256 of what ExportBalances writes.
func digestOf(ctx context.Context, from ledgerOf, shop *loyalty.Shop, at moment.Time) (string, error) {
	sum := sha256.New()
	c := csv.NewWriter(sum)
	if err := errors.Join(c.Write(balanceHeader), balances(ctx, from, shop, at, c)); err != nil {
		return "", err
	}
	c.Flush()
	return hex.EncodeToString(sum.Sum(nil)), c.Error()
}
