package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"cagnotte/internal/intake"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

// place says where the data are; every command that needs them has these flags.
type place struct {
	Data     string `help:"Folder of the embedded database, and of the master key." default:"data" env:"CAGNOTTE_DATA" type:"path" placeholder:"DIR"`
	Database string `help:"Use this PostgreSQL instead: postgres://user@host/name." env:"CAGNOTTE_DATABASE" placeholder:"URL"`
}

func (p place) config() store.Config {
	if p.Database != "" {
		return store.Config{URL: p.Database}
	}
	return store.Config{Folder: p.Data}
}

// existing refuses a folder without a database: a mistyped name must not look like an
// empty shop.
func (p place) existing() error {
	if p.Database != "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(p.Data, "cagnotte.db")); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no database in %s: serve, demo and shop create make one", p.Data)
	}
	return nil
}

// open opens the database with its master key, and makes it at first use.
func (p place) open(e *env) (*store.Store, *seal.Box, error) {
	st, err := store.Open(e.ctx, p.config())
	if err != nil {
		return nil, nil, err
	}
	box, err := p.box(e, st)
	if err == nil {
		err = st.BindMasterKey(e.ctx, box.Fingerprint())
	}
	if err != nil {
		return nil, nil, errors.Join(err, st.Close())
	}
	return st, box, nil
}

// box finds the master key, and makes one in the data folder at the first use of a
// database.
func (p place) box(e *env, st *store.Store) (*seal.Box, error) {
	box, _, err := p.keyThere()
	if !errors.Is(err, errNoKey) {
		return box, err
	}
	was, err := st.MasterKey(e.ctx)
	if err != nil {
		return nil, err
	}
	if was != "" {
		return nil, fmt.Errorf("the master key of this database is missing: set CAGNOTTE_KEY or CAGNOTTE_KEY_FILE, or put master.key into %s", p.Data)
	}
	if p.Database != "" {
		fmt.Fprintf(e.err, "A new master key is in %s. Every process that uses this database needs it; keep a copy.\n", filepath.Join(p.Data, "master.key"))
	}
	return seal.File(p.Data)
}

var errNoKey = errors.New("there is no master key")

// keyThere finds the master key that there is: in the environment, else in a file, which it
// names. It makes none; without one it is errNoKey.
func (p place) keyThere() (box *seal.Box, file string, err error) {
	if key := os.Getenv("CAGNOTTE_KEY"); key != "" {
		box, err := seal.New(key)
		return box, "", err
	}
	named := os.Getenv("CAGNOTTE_KEY_FILE")
	file = named
	if file == "" {
		file = filepath.Join(p.Data, "master.key")
	}
	b, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) && named == "" {
		return nil, "", errNoKey
	}
	if err != nil {
		return nil, "", fmt.Errorf("master key: %w", err)
	}
	box, err = seal.New(string(b))
	return box, file, err
}

// knownBox is keyThere for data that come from elsewhere and were sealed there.
func (p place) knownBox(fingerprint string) (*seal.Box, string, error) {
	box, file, err := p.keyThere()
	if errors.Is(err, errNoKey) {
		err = fmt.Errorf("this needs the master key %s of the place where it comes from: copy its master.key into %s, or set CAGNOTTE_KEY or CAGNOTTE_KEY_FILE", fingerprint, p.Data)
	}
	return box, file, err
}

// work does something with a database that is there: it opens it and the door to it, runs
// fn, and closes both.
func (p place) work(e *env, fn func(st *store.Store, box *seal.Box, in *intake.Intake) error) error {
	if err := p.existing(); err != nil {
		return err
	}
	return p.begin(e, fn)
}

// begin is work that may make the database.
func (p place) begin(e *env, fn func(st *store.Store, box *seal.Box, in *intake.Intake) error) error {
	st, box, err := p.open(e)
	if err != nil {
		return err
	}
	in := intake.New(st, box, logger(e), intake.Options{})
	err = fn(st, box, in)
	in.Close()
	return errors.Join(err, st.Close())
}

func logger(e *env) *slog.Logger {
	return slog.New(slog.NewTextHandler(e.err, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

// shopOf finds a shop by the name that people typed: its slug, or what it was called.
func shopOf(e *env, st *store.Store, name string) (*loyalty.Shop, error) {
	shops, err := st.Shops(e.ctx)
	if err != nil {
		return nil, err
	}
	var known []string
	for _, s := range shops {
		if s.Slug == name || s.Name == name && !s.Twin() {
			return s, nil
		}
		known = append(known, s.Slug)
	}
	if len(known) == 0 {
		return nil, fmt.Errorf("there is no shop yet: cagnotte shop create %q", name)
	}
	return nil, fmt.Errorf("there is no shop %q; there are %s", name, strings.Join(known, ", "))
}

// bar is a progress bar on the error output; it also prints, rarely, where that is no
// terminal.
func bar(e *env, what string) (progress func(done, total int64), end func()) {
	var b *progressbar.ProgressBar
	progress = func(done, total int64) {
		if b == nil {
			b = progressbar.NewOptions64(total, progressbar.OptionSetWriter(e.err), progressbar.OptionSetDescription(what),
				progressbar.OptionShowCount(), progressbar.OptionThrottle(200*time.Millisecond), progressbar.OptionSetWidth(30),
				progressbar.OptionUseANSICodes(false))
		}
		if total > 0 {
			b.ChangeMax64(total)
		}
		_ = b.Set64(done) // a bar that cannot be drawn stops nothing
	}
	return progress, func() {
		if b != nil {
			_ = b.Finish()
			fmt.Fprintln(e.err)
		}
	}
}

// explain words an error for the operator.
func explain(err error) string {
	p, ok := errors.AsType[*loyalty.Problem](err)
	if !ok {
		return err.Error()
	}
	words, lerr := locale.New()
	if lerr != nil {
		return err.Error()
	}
	text := words.Printer("en", time.UTC).Problem(p)
	if p.Field != "" {
		text = p.Field + ": " + text
	}
	return text
}

// placeOf reads a folder or a URL from one word.
func placeOf(s string) place {
	if strings.HasPrefix(s, "postgres://") || strings.HasPrefix(s, "postgresql://") {
		return place{Database: s}
	}
	return place{Data: s}
}
