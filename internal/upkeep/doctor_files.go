package upkeep

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"cagnotte/internal/store"
)

// Sizes that are fine, in bytes.
const (
	walAllowed  = 1 << 30   // a server's own is 16 MB, and grows while somebody reads for long
	diskWanted  = 1 << 30   // free; and room for a copy of the database
	diskMinimum = 256 << 20 // below that a busy day may end the server
)

// lookAtFiles looks who can read the data and their key, and at the log of changes.
func lookAtFiles(_ context.Context, p *Patient) ([]Finding, error) {
	var list []Finding
	var names []string
	if p.KeyAt != "" {
		names = append(names, p.KeyAt)
	}
	if p.Place.URL == "" {
		names = append(names, filepath.Join(p.Place.Folder, store.DatabaseFile))
	}
	for _, name := range names {
		open, err := exposed(name)
		if err != nil {
			return nil, err
		}
		if open {
			list = append(list, Finding{Wrong, "permissions", "others on this machine can read " + name, "chmod 700 " + filepath.Dir(name)})
		}
	}
	if len(list) == 0 && len(names) > 0 {
		list = append(list, Finding{Fine, "permissions", "data and key are their owner's alone", ""})
	}
	if p.Place.URL == "" {
		if n := size(filepath.Join(p.Place.Folder, store.DatabaseFile+"-wal")); n > walAllowed {
			list = append(list, Finding{Look, "log of changes", bytesOf(n) + " are not in the database's own file yet",
				"somebody reads for very long, or several processes do without end; starting serve again brings it in"})
		}
	}
	return list, nil
}

// exposed tells whether others can get at a file: neither itself nor its folder keeps them
// out.
func exposed(name string) (bool, error) {
	if runtime.GOOS == "windows" {
		return false, nil // rights are something else there
	}
	for _, n := range []string{name, filepath.Dir(name)} {
		info, err := os.Stat(n)
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		if err != nil || info.Mode().Perm()&0o077 == 0 {
			return false, err
		}
	}
	return true, nil
}

// lookAtDisk looks whether there is room for what is to come, and for a backup.
func lookAtDisk(_ context.Context, p *Patient) ([]Finding, error) {
	if p.Place.URL != "" {
		return nil, nil // the database's machine is another one, or its own operator's
	}
	free, err := freeDisk(p.Place.Folder)
	if errors.Is(err, errNoDisk) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	used := size(filepath.Join(p.Place.Folder, store.DatabaseFile))
	said := fmt.Sprintf("%s free, the database has %s", bytesOf(free), bytesOf(used))
	switch {
	case free < diskMinimum:
		return []Finding{{Wrong, "disk", said, "make room: without any nothing can be recorded"}}, nil
	case free < max(diskWanted, used):
		return []Finding{{Look, "disk", said, "make room: a long report or a copy may not fit"}}, nil
	}
	return []Finding{{Fine, "disk", said, ""}}, nil
}

func size(name string) int64 {
	info, err := os.Stat(name)
	if err != nil {
		return 0
	}
	return info.Size()
}

func bytesOf(n int64) string {
	if n >= 10<<30 {
		return fmt.Sprintf("%d GB", n>>30)
	}
	return fmt.Sprintf("%d MB", n>>20)
}
