package imports

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// Files are imports that somebody of the staff brings in by the back office: a file is
// looked at, tried and run, each by the Desk, as from the command line. The file lies sealed until
// the import has ended.
type Files struct{ *Desk }

// Brought is a file that somebody sends.
type Brought struct {
	Once  string // names the upload: the same one twice is one import
	Staff id.Staff
	Actor string
	Name  string // of the file
	Reads string // one of Kinds
	File  []byte // CSV, plain or packed by gzip, or a workbook (XLSX)
}

// Settings say how a file is read.
type Settings struct {
	As        string            `json:"as,omitempty"` // a built-in mapping; empty: the columns below
	Source    string            `json:"source"`       // the system of record, of columns
	Separator string            `json:"separator"`
	Encoding  string            `json:"encoding"`
	Decimal   string            `json:"decimal"`
	Dates     string            `json:"dates"`            // one of DateForms
	Phones    string            `json:"phones,omitempty"` // the country of phone numbers that stand without one
	Whole     bool              `json:"whole"`            // each row is a whole order
	Columns   map[string]string `json:"columns,omitempty"`
	Reward    bool              `json:"reward,omitempty"` // judged by the programs
	Language  string            `json:"language"`         // of the reasons of refused rows
}

// Mapping is what the settings say in the words of the engine. Problems name `columns`,
// `source`, or another setting.
func (s *Settings) Mapping(reads string) (Mapping, error) {
	if s.As != "" {
		m, err := MappingOf(reads, s.As)
		if err == nil {
			m.Separator, m.Encoding = cmp.Or(signs[s.Separator], ','), cmp.Or(s.Encoding, utf8Name)
		}
		return m, err
	}
	if s.Source == "" || !plainName(s.Source) {
		return Mapping{}, loyalty.Invalid("source", "import_source")
	}
	var b strings.Builder
	line := func(key, value string) { b.WriteString(key + ": " + value + "\n") }
	line("name", s.Source)
	line("reads", reads)
	line("separator", s.Separator)
	line("encoding", s.Encoding)
	line("decimal", s.Decimal)
	line("thousands", "space")
	for _, f := range dateForms[s.Dates] {
		line("dates", f)
	}
	if s.Dates != "iso" { // a workbook's days are written so
		line("dates", "iso")
	}
	if s.Phones != "" {
		line("phones", s.Phones)
	}
	if reads == ReadsOrders {
		line("weighed", "one item")
		if s.Whole {
			line("rows", "orders")
		}
		for _, role := range []string{"quantity", "amount"} {
			if s.Columns[role] != "" {
				line("refund", role+" below 0")
			}
		}
	}
	return s.parse(reads, b.String())
}

func (s *Settings) parse(reads, text string) (Mapping, error) {
	for _, role := range slices.Concat(Roles(reads), ownRoles(reads, s.Columns)) {
		if h := s.Columns[role]; h != "" {
			if !mappable(h) {
				return Mapping{}, loyalty.Invalid("columns", "import_column", "column", short(h))
			}
			text += "column " + role + ": " + h + "\n"
		}
	}
	for _, need := range Needed(reads, s.Whole) {
		if !slices.ContainsFunc(need, func(role string) bool { return s.Columns[role] != "" }) {
			return Mapping{}, loyalty.Invalid(need[0], "import_column_needed")
		}
	}
	m, err := ParseMapping(text)
	if err == nil && reads == ReadsOrders && s.Whole && s.Columns["article"] == "" {
		m.fixed["article"] = wholeOrder
	}
	return m, err
}

// Summary is what an import found or did.
type Summary struct {
	Dry        bool             `json:"dry"`
	Lines      int64            `json:"lines"`
	Recorded   int64            `json:"recorded"` // facts that were not there
	Duplicates int64            `json:"duplicates"`
	Joined     int64            `json:"joined"`
	Updated    int64            `json:"updated"`
	Labels     int64            `json:"labels"`
	Bonds      int64            `json:"bonds"`
	Orders     int64            `json:"orders"`
	Refunds    int64            `json:"refunds"`
	Guests     int64            `json:"guests"`
	Buyers     int64            `json:"buyers"` // customers who count as buyers by these orders
	Bought     int64            `json:"bought"` // minor units of the shop's currency
	Returned   int64            `json:"returned"`
	Units      map[string]Moved `json:"units,omitempty"`
	Skipped    map[string]int64 `json:"skipped,omitempty"`
	Refused    int64            `json:"refused"` // rows
	Errors     []RowError       `json:"errors,omitempty"`
	Undone     int64            `json:"undone,omitempty"` // facts that were taken back
	Kept       int64            `json:"kept,omitempty"`   // facts that were not: somebody has changed it since, or it cannot be
}

// shownErrors is how many refused rows a report has; the file has all of them.
const shownErrors = 20

func summaryOf(t *Totals) *Summary {
	s := &Summary{
		Dry: t.DryRun, Lines: t.Lines, Recorded: t.Recorded, Duplicates: t.Duplicates, Joined: t.Joined, Updated: t.Updated, Labels: t.Labels, Bonds: t.Bonds,
		Orders: t.Orders, Refunds: t.Refunds, Guests: t.Guests, Buyers: int64(len(t.Members)), Bought: t.Bought, Returned: t.Returned,
		Skipped: t.Skipped, Refused: t.ErrorRows, Errors: t.Errors[:min(len(t.Errors), shownErrors)], Units: map[string]Moved{},
	}
	for u, m := range t.Units {
		s.Units[string(u)] = m
	}
	return s
}

// Import is one import, with how its file is read and what came of it.
type Import struct {
	store.Import
	Settings *Settings // nil: nobody has said it
	Summary  *Summary  // nil: nothing has come of it yet
	Why      *loyalty.Problem
}

// importKept is for how long a file waits for somebody, and rows that were not taken.
const importKept = 7 * moment.Day

// Bring stores a file that somebody sent, sealed. Problems name `file` or `reads`.
func (d *Files) Bring(ctx context.Context, shop loyalty.ShopID, b Brought) (id.Import, error) {
	if !slices.Contains(Kinds, b.Reads) {
		return id.Import{}, loyalty.Invalid("reads", "required")
	}
	plain, err := plainFile(b.File)
	if err != nil {
		return id.Import{}, err
	}
	head := plain[:min(len(plain), 64<<10)]
	if i := bytes.LastIndexByte(head, '\n'); i > 0 {
		head = head[:i+1]
	}
	p := peek(plain, separatorOf(head), encodingOf(plain), 1)
	if len(p.Headers) > maxColumns {
		return id.Import{}, loyalty.Invalid("file", "import_unreadable")
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err = z.Write(plain)
	if err = errors.Join(err, z.Close()); err != nil {
		return id.Import{}, err
	}
	i := &store.Import{
		Once: b.Once, Staff: b.Staff, Actor: b.Actor, Name: fileName(b.Name), Reads: b.Reads, State: store.ImportNew,
		Header: d.Box.Match("import-header", strings.Join(p.Headers, between)),
	}
	var random [8]byte
	_, _ = rand.Read(random[:]) // it never fails
	fresh := false
	err = d.Store.Write(ctx, func(t *store.Tx) (err error) {
		i.ID, i.CreatedAt = id.Mint[id.ImportKind](int64(t.Now), random), t.Now
		fresh, err = t.PutImport(ctx, shop, i, d.Box.SealAlone(packed.Bytes()))
		return err
	})
	if err != nil || fresh {
		return i.ID, err
	}
	was, err := d.Store.ImportOnce(ctx, shop, b.Once)
	if err != nil || was == nil {
		return id.Import{}, err
	}
	return was.ID, nil
}

// fileName is what is shown of a file's name: no folder, nothing that cannot be printed.
func fileName(s string) string {
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		s = s[i+1:]
	}
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
	for len(s) > 120 {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return cmp.Or(strings.TrimSpace(s), "file.csv")
}

// Import finds one; the problem `import_unknown` when there is none.
func (d *Files) Import(ctx context.Context, shop loyalty.ShopID, which id.Import) (*Import, error) {
	row, err := d.Store.Import(ctx, shop, which)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, loyalty.NotFound("", "import_unknown")
	}
	return d.opened(row)
}

// Imports lists them, newest first.
func (d *Files) Imports(ctx context.Context, shop loyalty.ShopID, limit int) ([]*Import, error) {
	rows, err := d.Store.Imports(ctx, shop, id.Import{}, limit)
	if err != nil {
		return nil, err
	}
	out := make([]*Import, len(rows))
	for n, row := range rows {
		if out[n], err = d.opened(row); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (d *Files) opened(row *store.Import) (*Import, error) {
	i := &Import{Import: *row}
	if row.Settings != "" {
		if err := json.Unmarshal([]byte(row.Settings), &i.Settings); err != nil {
			return nil, err
		}
	}
	if row.Problem != "" {
		i.Why = &loyalty.Problem{Kind: loyalty.ErrInvalid}
		if err := json.Unmarshal([]byte(row.Problem), &i.Why); err != nil {
			return nil, err
		}
		i.Why.Kind = loyalty.ErrInvalid
	}
	if len(row.Report) > 0 {
		text, err := d.Box.OpenAlone(row.Report)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(text, &i.Summary); err != nil {
			return nil, err
		}
	}
	return i, nil
}

// file opens the file of an import; the problem `import_file_gone` when it has ended.
func (d *Files) file(ctx context.Context, shop loyalty.ShopID, which id.Import) ([]byte, error) {
	sealed, err := d.Store.ImportFile(ctx, shop, which)
	if err != nil {
		return nil, err
	}
	if sealed == nil {
		return nil, loyalty.Conflict("", "import_file_gone")
	}
	return d.Box.OpenAlone(sealed)
}

// Look reads the first rows of an import's file, and proposes what was not said: by what was
// said of the last file with the same columns, by a built-in mapping that fits, or by
// the names of the columns.
func (d *Files) Look(ctx context.Context, shop loyalty.ShopID, i *Import, separator, encoding string) (Peek, *Settings, error) {
	packed, err := d.file(ctx, shop, i.ID)
	if err != nil {
		return Peek{}, nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return Peek{}, nil, err
	}
	head, err := io.ReadAll(io.LimitReader(z, 1<<20))
	if err != nil {
		return Peek{}, nil, err
	}
	s := &Settings{Source: "office", Columns: map[string]string{}}
	like, err := d.Store.ImportLike(ctx, shop, i.Header, i.Reads, i.ID)
	if err != nil {
		return Peek{}, nil, err
	}
	switch {
	case i.Settings != nil:
		*s = *i.Settings
	case like != nil:
		if err := json.Unmarshal([]byte(like.Settings), s); err != nil {
			return Peek{}, nil, err
		}
		s.Reward = false
	default:
		s.Separator, s.Encoding = separatorOf(head), encodingOf(head)
	}
	if slices.Contains(Separators(), separator) {
		s.Separator = separator
	}
	if slices.Contains(Encodings(), encoding) {
		s.Encoding = encoding
	}
	p := peek(head, s.Separator, s.Encoding, peekRows)
	if i.Settings != nil || like != nil {
		return p, s, nil
	}
	s.Decimal, s.Dates = formsOf(p.Rows)
	s.Columns = columnsOf(i.Reads, p.Headers)
	if i.Reads == ReadsMembers {
		own, err := d.Store.CustomFields(ctx, shop)
		if err != nil {
			return p, s, err
		}
		proposeOwn(s.Columns, p.Headers, own)
	}
	s.Whole = s.Columns["article"] == ""
	for _, name := range Mappings(i.Reads) {
		m, err := MappingOf(i.Reads, name)
		if err != nil {
			return p, s, err
		}
		m.Separator, m.Encoding = signs[s.Separator], s.Encoding
		if _, err := open(bytes.NewReader(packed), &m); err == nil && len(ownRoles(i.Reads, s.Columns)) == 0 {
			s.As = name
			break
		}
	}
	return p, s, nil
}

// Check begins a dry run. Problems name a setting, or a role of columns.
func (d *Files) Check(ctx context.Context, shop loyalty.ShopID, which id.Import, s Settings) error {
	i, err := d.Import(ctx, shop, which)
	if err != nil {
		return err
	}
	m, err := s.Mapping(i.Reads)
	if err != nil {
		return err
	}
	packed, err := d.file(ctx, shop, which)
	if err != nil {
		return err
	}
	if _, err := open(bytes.NewReader(packed), &m); err != nil {
		return err
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return d.turn(ctx, shop, which, store.ImportChecks, func(t *store.Tx) error { return t.SetImport(ctx, shop, which, string(text)) },
		store.ImportNew, store.ImportChecked, store.ImportFailed)
}

// Run begins an import that was checked.
func (d *Files) Run(ctx context.Context, shop loyalty.ShopID, which id.Import) error {
	return d.turn(ctx, shop, which, store.ImportRuns, nil, store.ImportChecked)
}

// Undo begins to take back what an import did, as far as that can be.
func (d *Files) Undo(ctx context.Context, shop loyalty.ShopID, which id.Import) error {
	i, err := d.Import(ctx, shop, which)
	if err != nil {
		return err
	}
	if !Undoable(i.Reads) {
		return loyalty.Conflict("", "import_not_undone")
	}
	return d.turn(ctx, shop, which, store.ImportUndoes, nil, store.ImportDone, store.ImportStopped)
}

// Undoable tells whether what files of a kind say can be taken back: balances by a reverse
// entry, referrals by ending them. Members and orders stay: others may have built on them.
func Undoable(reads string) bool { return reads == ReadsBalances || reads == ReadsReferrals }

// turn takes an import from one of some states to another and puts a job; asked for twice it is
// done once. The problem `import_elsewhere` when it is in none of them.
func (d *Files) turn(ctx context.Context, shop loyalty.ShopID, which id.Import, to string, also func(*store.Tx) error, from ...string) error {
	i, err := d.Import(ctx, shop, which)
	if err != nil || i.State == to {
		return err
	}
	return d.Store.Write(ctx, func(t *store.Tx) error {
		for _, x := range from {
			did, err := t.TurnImport(ctx, shop, which, x, to)
			if err != nil {
				return err
			}
			if did {
				if also != nil {
					if err := also(t); err != nil {
						return err
					}
				}
				return t.PutJob(ctx, shop, ImportJob, which, t.Now)
			}
		}
		return loyalty.Conflict("", "import_elsewhere")
	})
}

// Stop ends an import: a dry run, or one that runs, behind the portion under way. One that nobody
// has run is dropped with its file.
func (d *Files) Stop(ctx context.Context, shop loyalty.ShopID, which id.Import) error {
	if _, err := d.Import(ctx, shop, which); err != nil {
		return err
	}
	return d.Store.Write(ctx, func(t *store.Tx) error {
		for _, from := range []string{store.ImportNew, store.ImportChecked, store.ImportFailed, store.ImportChecks} {
			did, err := t.TurnImport(ctx, shop, which, from, store.ImportDropped)
			if err != nil {
				return err
			}
			if did {
				return t.EndImport(ctx, shop, which)
			}
		}
		for _, from := range []string{store.ImportRuns, store.ImportStops, store.ImportStopped, store.ImportDropped} {
			to := store.ImportStops
			if from != store.ImportRuns {
				to = from
			}
			did, err := t.TurnImport(ctx, shop, which, from, to)
			if err != nil || did {
				return err
			}
		}
		return loyalty.Conflict("", "import_elsewhere")
	})
}

// RejectedRows is the file of the rows that were not taken; the problem `import_file_gone` when
// there is none.
func (d *Files) RejectedRows(ctx context.Context, shop loyalty.ShopID, which id.Import) ([]byte, error) {
	sealed, err := d.Store.ImportRejected(ctx, shop, which)
	if err != nil {
		return nil, err
	}
	if sealed == nil {
		return nil, loyalty.NotFound("", "import_file_gone")
	}
	return d.Box.OpenAlone(sealed)
}

// Ended tells whether an import does nothing any more.
func (i *Import) Ended() bool { return i.EndedAt != 0 && i.State != store.ImportUndoes }

// Works tells whether a job works at it.
func (i *Import) Works() bool {
	return slices.Contains([]string{store.ImportChecks, store.ImportRuns, store.ImportStops, store.ImportUndoes}, i.State)
}

// Sweep deletes files that nobody has run for a week, and rows that were not taken as long ago.
func (d *Files) Sweep(ctx context.Context, shop loyalty.ShopID) error {
	return d.Store.SweepImports(ctx, shop, id.Mint[id.ImportKind](int64(d.Store.Clock()-importKept), [8]byte{}))
}
