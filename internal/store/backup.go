package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	"cagnotte/internal/moment"
)

// A backup is a copy of the embedded database in one file, and a second file with the keys
// of its persons. PostgreSQL has tools of its own for both, so everything here is SQLite's.
//
// Who destroys a person's key makes his name unreadable in every backup, if he keeps the
// newest file of keys only. So the words by which names are found, which are in clear, are
// in no backup either: they are made again from the persons.

// DatabaseFile is the name of the embedded database in its folder.
const DatabaseFile = "cagnotte.db"

// BackupInfo is what a backup says of itself.
type BackupInfo struct {
	MadeAt    moment.Time
	Schema    int64
	MasterKey string // fingerprint
	Shops     int64  // live ones, without their twins
	Facts     int64
	Persons   int64 // sealed names and addresses
	Unkeyed   int64 // those that no key opens
}

// Settings of the operator: backedUp says when the last backup was made; isBackup is in
// backups alone, and says when that one was.
const (
	backedUp = "backed_up"
	isBackup = "is_backup"
	isKeys   = "is_keys" // the same, in a file of keys
)

// LastBackup is when the embedded database was backed up last; zero when it never was, or
// when its backups are made by others.
func (s *Store) LastBackup(ctx context.Context) (moment.Time, error) { return s.instant(ctx, backedUp) }

// liteFile opens a file of SQLite that is nobody's database yet, or only looked at.
func liteFile(name, options string) (*sql.DB, error) {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: name}).EscapedPath(), RawQuery: options}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

const (
	living  = "mode=rw&_pragma=busy_timeout(30000)"
	drafted = "mode=rw&_pragma=journal_mode(delete)&_pragma=secure_delete(1)&_pragma=synchronous(full)"
	finding = "mode=ro"
)

// CopyLive copies the database of a folder into a new file, as it is at one instant, while
// others go on using it. It needs no schema that this program knows, so a backup can be
// made before an update. The keys of persons go into the second file, made alike.
func CopyLive(ctx context.Context, folder, to, keysTo string, now moment.Time) (err error) {
	db, err := liteFile(filepath.Join(folder, DatabaseFile), living)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		return fmt.Errorf("copy the database: %w", translate(err))
	}
	return partKeys(ctx, to, keysTo, now)
}

// NoteBackup writes into the database of a folder that it was backed up.
func NoteBackup(ctx context.Context, folder string, now moment.Time) (err error) {
	db, err := liteFile(filepath.Join(folder, DatabaseFile), living)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, qPutSetting.lite, qPutSetting.row([]any{int64(operator), backedUp, strconv.FormatInt(int64(now), 10)}, 0)...)
	return translate(err)
}

// partKeys takes the persons' keys, and the words of their names, out of a copy. What is
// deleted is overwritten in the file.
func partKeys(ctx context.Context, copied, keysTo string, now moment.Time) error {
	list := []string{
		"CREATE TABLE keys.person_keys (shop_id BIGINT NOT NULL, member_id BLOB NOT NULL, wrapped BLOB NOT NULL, PRIMARY KEY (shop_id, member_id))",
		"CREATE TABLE keys.settings (shop_id BIGINT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (shop_id, name))",
		put(isBackup, strconv.FormatInt(int64(now), 10)),
		"INSERT INTO keys.person_keys (shop_id, member_id, wrapped) SELECT w.shop_id, w.member_id, w.wrapped FROM main.person_keys w",
		"INSERT INTO keys.settings (shop_id, name, value) SELECT s.shop_id, REPLACE(s.name, '" + isBackup + "', '" + isKeys + "'), s.value " +
			"FROM main.settings s WHERE s.shop_id = 0 AND s.name IN ('" + isBackup + "', 'master_key')",
		"DELETE FROM main.person_keys",
		forgetTerms[0], forgetTerms[1],
	}
	// No key of a person closes what was written to somebody who is no member.
	for _, of := range []struct{ table, forget string }{
		{"messages", "UPDATE main.messages SET sealed = NULL WHERE member_id IS NULL"},
		{"invitations", "UPDATE main.invitations SET sealed = NULL"},
	} {
		there, err := hasTable(ctx, copied, of.table)
		if err != nil {
			return err
		}
		if there {
			list = append(list, of.forget)
		}
	}
	return mend(ctx, copied, keysTo, "mode=rwc", list)
}

// hasTable tells whether a copied database, which may be of an older schema, has a table.
func hasTable(ctx context.Context, file, table string) (has bool, err error) {
	db, err := liteFile(file, finding)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.QueryRowContext(ctx, "SELECT COUNT(*) > 0 FROM sqlite_master WHERE type = 'table' AND name = ?", table).Scan(&has)
	return has, translate(err)
}

// put writes a setting of the operator whose name and value are the program's own.
func put(name, value string) string {
	return fmt.Sprintf("INSERT INTO settings (shop_id, name, value) VALUES (%d, '%s', '%s') ON CONFLICT (shop_id, name) DO UPDATE SET value = excluded.value",
		operator, name, value)
}

// forgetTerms drops the words of names of every shop: people makes them again.
var forgetTerms = []string{"DELETE FROM member_terms", "DELETE FROM settings WHERE name = '" + termsMade + "'"}

// Restored makes a database in quarantine of a copied backup: it gets the keys of its
// persons from a file, unless the name is empty.
func Restored(ctx context.Context, copied, keysFrom string, now moment.Time) error {
	list := []string{
		put(quarantine, strconv.FormatInt(int64(now), 10)), put(restored, strconv.FormatInt(int64(now), 10)), forgetTerms[0], forgetTerms[1],
		fmt.Sprintf("DELETE FROM settings WHERE shop_id = %d AND name = '%s'", operator, isBackup),
	}
	if keysFrom == "" {
		return mend(ctx, copied, "", "", list)
	}
	return mend(ctx, copied, keysFrom, finding, append(list,
		"INSERT INTO main.person_keys (shop_id, member_id, wrapped) SELECT w.shop_id, w.member_id, w.wrapped FROM keys.person_keys w "+
			"WHERE EXISTS (SELECT 1 FROM main.persons p WHERE p.shop_id = w.shop_id AND p.member_id = w.member_id) "+
			"ON CONFLICT (shop_id, member_id) DO UPDATE SET wrapped = excluded.wrapped"))
}

// mend runs statements on a file in one transaction, with a file of keys beside it.
func mend(ctx context.Context, file, keys, mode string, list []string) (err error) {
	db, err := liteFile(file, drafted)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if keys != "" {
		u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: keys}).EscapedPath(), RawQuery: mode}
		if _, err := db.ExecContext(ctx, "ATTACH DATABASE ? AS keys", u.String()); err != nil {
			return fmt.Errorf("open %s: %w", keys, translate(err))
		}
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return translate(err)
	}
	for _, text := range list {
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return errors.Join(translate(err), tx.Rollback())
		}
	}
	return translate(tx.Commit())
}

// ErrNoBackup is returned for a file that is no backup, or not a sound one.
var ErrNoBackup = errors.New("not a sound backup")

// LookAtBackup reads a backup from end to end, checks that it is whole, and tells what it
// is; keys is the file of its persons' keys, or empty. Neither is changed.
func LookAtBackup(ctx context.Context, file, keys string) (i BackupInfo, err error) {
	if err := sound(ctx, file); err != nil {
		return i, err
	}
	db, err := liteFile(file, finding)
	if err != nil {
		return i, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, x := range []struct {
		to   *int64
		text string
	}{
		{&i.Schema, "SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version"},
		{&i.Shops, "SELECT COUNT(*) FROM shops s WHERE s.live_shop IS NULL AND s.slug NOT LIKE '~%'"},
		{&i.Facts, "SELECT COUNT(*) FROM events"},
		{&i.Persons, "SELECT COUNT(*) FROM persons"},
		{(*int64)(&i.MadeAt), "SELECT CAST(s.value AS INTEGER) FROM settings s WHERE s.shop_id = 0 AND s.name = '" + isBackup + "'"},
	} {
		switch err := db.QueryRowContext(ctx, x.text).Scan(x.to); {
		case errors.Is(err, sql.ErrNoRows):
			return i, fmt.Errorf("%w: %s was not made by backup", ErrNoBackup, file)
		case err != nil:
			return i, fmt.Errorf("%w: %s: %w", ErrNoBackup, file, err)
		}
	}
	const key = "SELECT s.value FROM settings s WHERE s.shop_id = 0 AND s.name = 'master_key'"
	if err := db.QueryRowContext(ctx, key).Scan(&i.MasterKey); err != nil {
		return i, fmt.Errorf("%w: %s: %w", ErrNoBackup, file, err)
	}
	i.Unkeyed = i.Persons
	if keys == "" {
		return i, nil
	}
	if err := sound(ctx, keys); err != nil {
		return i, err
	}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: keys}).EscapedPath(), RawQuery: finding}
	if _, err := db.ExecContext(ctx, "ATTACH DATABASE ? AS keys", u.String()); err != nil {
		return i, fmt.Errorf("open %s: %w", keys, translate(err))
	}
	var theirs string
	err = db.QueryRowContext(ctx, `SELECT k.value FROM keys.settings k JOIN keys.settings m ON m.shop_id = k.shop_id AND m.name = '`+isKeys+`'
		WHERE k.shop_id = 0 AND k.name = 'master_key'`).Scan(&theirs)
	if errors.Is(err, sql.ErrNoRows) {
		return i, fmt.Errorf("%w: %s holds no keys of persons", ErrNoBackup, keys)
	}
	if err == nil && theirs != i.MasterKey {
		err = fmt.Errorf("it belongs to the master key %s, and the backup to %s", theirs, i.MasterKey)
	}
	if err == nil {
		err = db.QueryRowContext(ctx, `SELECT COUNT(*) FROM persons p LEFT JOIN keys.person_keys w ON w.shop_id = p.shop_id AND w.member_id = p.member_id
			WHERE w.wrapped IS NULL`).Scan(&i.Unkeyed)
	}
	if err != nil {
		return i, fmt.Errorf("%w: %s: %w", ErrNoBackup, keys, err)
	}
	return i, nil
}

// sound reads every page of a file and every index of it.
func sound(ctx context.Context, file string) (err error) {
	if _, err := os.Stat(file); err != nil {
		return err
	}
	db, err := liteFile(file, finding)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var said string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&said); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrNoBackup, file, err)
	}
	if said != "ok" {
		return fmt.Errorf("%w: %s: %s", ErrNoBackup, file, said)
	}
	return nil
}

// ForgetSearchTerms drops the words of names of every shop, so that they are made again:
// backups that PostgreSQL's own tools made come without them.
func (s *Store) ForgetSearchTerms(ctx context.Context) error {
	t, err := s.Begin(ctx)
	if err != nil {
		return err
	}
	defer t.End()
	for _, text := range forgetTerms {
		if _, err := t.conn.ExecContext(ctx, text); err != nil {
			return translate(err)
		}
	}
	return t.Commit(ctx)
}
