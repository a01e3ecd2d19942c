package store

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"cagnotte/internal/moment"
)

// Look opens a database as it is, to be read alone: nothing is made, migrated or changed,
// and its schema may be an older or newer one. It is for whoever wants to know what is
// wrong; Open would refuse, or mend some of it.
func Look(ctx context.Context, c Config) (*Store, error) {
	s := &Store{
		Clock:    func() moment.Time { return moment.Of(time.Now()) },
		prepared: map[*Q]*sql.Stmt{}, written: map[*Q]*sql.Stmt{},
	}
	var err error
	if c.URL != "" {
		s.engine = postgres
		s.reader, err = openPostgres(c.URL, 2, map[string]string{"default_transaction_read_only": "on"})
	} else {
		file := filepath.Join(c.Folder, DatabaseFile)
		if _, err := os.Stat(file); err != nil {
			return nil, err
		}
		s.reader, err = liteFile(file, "mode=ro&_pragma=busy_timeout(5000)&_pragma=query_only(1)")
	}
	if err != nil {
		return nil, err
	}
	s.writer = s.reader
	if err := s.reader.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("reach the database: %w", translate(err))
	}
	return s, nil
}

// Durability is a setting of the database server or file that what was acknowledged rests
// on.
type Durability struct {
	Name, Value string
	Safe        bool
}

// Durabilities reads them. What the program sets for each of its own connections is not
// among them.
func (s *Store) Durabilities(ctx context.Context) ([]Durability, error) {
	var out []Durability
	list, text := []string{"journal_mode"}, "PRAGMA "
	if s.engine == postgres {
		list, text = durable, "SHOW "
	}
	for _, name := range list {
		d := Durability{Name: name}
		if err := s.reader.QueryRowContext(ctx, text+name).Scan(&d.Value); err != nil {
			return nil, translate(err)
		}
		d.Safe = d.Value != "off" && d.Value != "memory"
		out = append(out, d)
	}
	return out, nil
}

// durable are the settings of a PostgreSQL that must not be off.
var durable = []string{"fsync", "full_page_writes", "synchronous_commit"}

// Version is that of the database's own program.
func (s *Store) Version(ctx context.Context) (version string, err error) {
	text := "SELECT sqlite_version()"
	if s.engine == postgres {
		text = "SHOW server_version"
	}
	err = s.reader.QueryRowContext(ctx, text).Scan(&version)
	return version, translate(err)
}

// ServerTime is the clock of the database's machine; where that is this one, Clock.
func (s *Store) ServerTime(ctx context.Context) (at moment.Time, err error) {
	if s.engine == lite {
		return s.Clock(), nil
	}
	err = s.reader.QueryRowContext(ctx, "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)").Scan((*int64)(&at))
	return at, translate(err)
}

// Planned tells whether the planner knows how large the tables are.
func (s *Store) Planned(ctx context.Context) (bool, error) {
	if s.engine == postgres {
		list, err := s.grownTables(ctx)
		return len(list) == 0, err
	}
	var n int
	err := s.reader.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'").Scan(&n)
	return n > 0, translate(err)
}
