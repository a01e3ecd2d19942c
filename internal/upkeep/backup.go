package upkeep

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

// KeysOf is the name of the file of persons' keys that belongs to a backup.
func KeysOf(backup string) string { return backup + ".keys" }

// Backup copies the embedded database of a folder into a new file, and the keys of its
// persons into KeysOf it, while others go on using it. Both are checked before they get
// their names, the backup last, so that whatever has the name of a backup is one; nothing
// is overwritten.
func Backup(ctx context.Context, folder, to string, now moment.Time) (info store.BackupInfo, err error) {
	for _, name := range []string{to, KeysOf(to)} {
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return info, errors.Join(err, loyalty.Conflict("to", "file_exists", "file", name))
		}
	}
	draft, keys := unfinished(to), unfinished(KeysOf(to))
	defer func() { err = errors.Join(err, gone(draft), gone(keys)) }()
	// Made first, so that nobody else can read them at any time.
	for _, name := range []string{draft, keys} {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err := errors.Join(err, f.Close()); err != nil {
			return info, err
		}
	}
	if err := store.CopyLive(ctx, folder, draft, keys, now); err != nil {
		return info, err
	}
	if info, err = store.LookAtBackup(ctx, draft, keys); err != nil {
		return info, err
	}
	if err := errors.Join(settle(keys, KeysOf(to)), settle(draft, to)); err != nil {
		return info, err
	}
	if err := store.NoteBackup(ctx, folder, now); err != nil {
		return info, fmt.Errorf("the backup is made, but could not be noted: %w", err)
	}
	return info, nil
}

// settle gives a file that is whole its name, once it is on the disk. It refuses a name
// that was taken meanwhile.
func settle(draft, name string) error {
	if err := synced(draft); err != nil {
		return err
	}
	if err := os.Link(draft, name); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return loyalty.Conflict("to", "file_exists", "file", name)
		}
		// A file system without hard links: nobody else is expected to take the name now.
		if err := os.Rename(draft, name); err != nil {
			return err
		}
	}
	return synced(filepath.Dir(name))
}

// synced waits until a file, or what a folder lists, is on the disk.
func synced(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// gone removes a file that may have gone already.
func gone(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Restore makes a database of a backup in a folder that has none, with the keys of its
// persons from a file (none: names and addresses stay unreadable). The database appears
// whole and in quarantine, or not at all. A backup of a newer program, or of another master
// key, is refused; an older one is brought up to date by whoever opens it.
func Restore(ctx context.Context, backup, keys, folder string, box *seal.Box, now moment.Time) (info store.BackupInfo, err error) {
	to := filepath.Join(folder, store.DatabaseFile)
	for _, name := range []string{to, to + "-wal", to + "-shm", to + "-journal"} {
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return info, errors.Join(err, loyalty.Conflict("data", "file_exists", "file", name))
		}
	}
	if info, err = store.LookAtBackup(ctx, backup, keys); err != nil {
		return info, err
	}
	known, err := store.KnownSchema()
	if err != nil {
		return info, err
	}
	if info.Schema > known {
		return info, loyalty.Conflict("backup", "newer_schema", "is", strconv.FormatInt(info.Schema, 10), "want", strconv.FormatInt(known, 10))
	}
	if is := box.Fingerprint(); is != info.MasterKey {
		return info, loyalty.Conflict("master key", "other_master_key", "is", is, "want", info.MasterKey)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return info, err
	}
	draft := unfinished(to)
	defer func() { err = errors.Join(err, gone(draft)) }()
	if err := copied(backup, draft); err != nil {
		return info, err
	}
	if err := store.Restored(ctx, draft, keys, now); err != nil {
		return info, err
	}
	return info, settle(draft, to)
}

func copied(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
