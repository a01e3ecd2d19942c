package store

import (
	"context"
	"strconv"

	"cagnotte/internal/moment"
)

// A database that was restored from a backup is in quarantine until an operator says that
// it is the one that counts: what happened after the backup may have happened already for
// those outside, so nothing leaves and the clock stands. Whoever sends something out, or
// lets time do something, asks Quarantine first.

// quarantine is the operator's setting that says so; its value is since when. restored stays
// when the quarantine has ended.
const (
	quarantine = "quarantine"
	restored   = "restored"
)

// Quarantine tells since when the database is in quarantine; zero when it is not.
func (s *Store) Quarantine(ctx context.Context) (since moment.Time, err error) {
	return s.instant(ctx, quarantine)
}

// BeginQuarantine puts the database into quarantine.
func (s *Store) BeginQuarantine(ctx context.Context) error {
	return s.Write(ctx, func(t *Tx) error {
		now := strconv.FormatInt(int64(t.Now), 10)
		t.Rows(qPutSetting, 1, int64(operator), quarantine, now)
		return t.Exec(ctx, qPutSetting, int64(operator), restored, now)
	})
}

// Restored tells when the database was last put into quarantine, whether or not it still is:
// what was waiting to leave it at that instant may have left the database that it is a copy
// of. Zero when it never was.
func (s *Store) Restored(ctx context.Context) (at moment.Time, err error) {
	return s.instant(ctx, restored)
}

// EndQuarantine lets everything go on.
func (s *Store) EndQuarantine(ctx context.Context) error {
	return s.Write(ctx, func(t *Tx) error { return t.Exec(ctx, qDropSetting, int64(operator), quarantine) })
}

// instant reads a setting of the operator that is a time; zero when there is none.
func (s *Store) instant(ctx context.Context, name string) (at moment.Time, err error) {
	err = s.Read(ctx, qSetting, func(r Scanner) error {
		var text string
		if err := r.Scan(&text); err != nil {
			return err
		}
		n, err := strconv.ParseInt(text, 10, 64)
		at = moment.Time(n)
		return err
	}, int64(operator), name)
	return at, err
}
