package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"cagnotte/internal/intake"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
	"cagnotte/internal/upkeep"
)

type backupCmd struct {
	place
	To string `help:"The new file; the keys of persons go into FILE.keys beside it." required:"" type:"path" placeholder:"FILE"`
}

// errPgDump says who backs up PostgreSQL.
var errPgDump = errors.New("nothing was backed up: a PostgreSQL is backed up with pg_dump, as docs/operations.md says under Backup")

// Run makes the backup. It opens nothing else: the database may have another schema than
// this program, and a server may be using it.
func (c *backupCmd) Run(e *env) error {
	if c.Database != "" {
		return errPgDump
	}
	if err := c.existing(); err != nil {
		return err
	}
	info, err := upkeep.Backup(e.ctx, c.Data, c.To, wallTime())
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "backup      %s\n", c.To)
	fmt.Fprintf(e.out, "keys        %s  (of %d persons; keep the newest one only, apart from the backups)\n", upkeep.KeysOf(c.To), info.Persons-info.Unkeyed)
	tellBackup(e, info)
	fmt.Fprintf(e.out, "master key  %s  (not in the backup)\n", info.MasterKey)
	return nil
}

func tellBackup(e *env, i store.BackupInfo) {
	fmt.Fprintf(e.out, "made        %s\nholds       %d shops, %d facts, schema %d\n", i.MadeAt, i.Shops, i.Facts, i.Schema)
}

type restoreCmd struct {
	place
	File    string `arg:"" optional:"" help:"The backup. With --database there is none: pg_restore has filled the database before." type:"existingfile"`
	Keys    string `help:"The newest file of persons' keys, where that is not FILE.keys." type:"existingfile" placeholder:"FILE"`
	NoKeys  bool   `help:"Go without keys: names and addresses stay unreadable."`
	Release bool   `help:"End the quarantine: notices leave again and the clock goes on."`
}

// Run restores, or releases what was restored.
func (c *restoreCmd) Run(e *env) error {
	switch {
	case c.Release && (c.File != "" || c.Keys != "" || c.NoKeys):
		return errors.New("--release stands alone: it ends the quarantine of what was restored before")
	case c.Release:
		return c.release(e)
	case c.Database != "" && c.File != "":
		return errors.New("a PostgreSQL is filled by pg_restore; restore --database without a file then puts it into quarantine: docs/operations.md")
	case c.Database != "":
		return c.adopt(e)
	case c.File == "":
		return errors.New("name the backup, or say --release")
	}
	return c.restore(e)
}

func (c *restoreCmd) restore(e *env) error {
	keys := c.Keys
	if keys == "" && !c.NoKeys {
		keys = upkeep.KeysOf(c.File)
		if _, err := os.Stat(keys); errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("%s is missing, without which no name of this backup can be read again: name the newest one with --keys, or say --no-keys", keys)
		}
	}
	info, err := store.LookAtBackup(e.ctx, c.File, keys)
	if err != nil {
		return err
	}
	box, _, err := c.knownBox(info.MasterKey)
	if err != nil {
		return err
	}
	if info, err = upkeep.Restore(e.ctx, c.File, keys, c.Data, box, wallTime()); err != nil {
		return err
	}
	fmt.Fprintf(e.out, "restored    %s\n", c.Data)
	tellBackup(e, info)
	if info.Unkeyed > 0 {
		fmt.Fprintf(e.out, "unreadable  %d of %d persons, whose keys are not in the file of keys\n", info.Unkeyed, info.Persons)
	}
	return c.work(e, func(st *store.Store, box *seal.Box, in *intake.Intake) error { return c.settle(e, st, box, in) })
}

// adopt takes over a PostgreSQL that pg_restore filled.
func (c *restoreCmd) adopt(e *env) error {
	st, err := store.Look(e.ctx, c.config())
	if err != nil {
		return err
	}
	was, err := st.MasterKey(e.ctx)
	if err = errors.Join(err, st.Close()); err != nil {
		return fmt.Errorf("fill the database with pg_restore first: %w", err)
	}
	if _, _, err := c.knownBox(was); err != nil {
		return err
	}
	return c.begin(e, func(st *store.Store, box *seal.Box, in *intake.Intake) error {
		if err := st.BeginQuarantine(e.ctx); err != nil {
			return err
		}
		if err := st.ForgetSearchTerms(e.ctx); err != nil {
			return err
		}
		fmt.Fprintln(e.out, "restored    as pg_restore left it")
		return c.settle(e, st, box, in)
	})
}

// settle makes what backups do not have, and says how it stands.
func (c *restoreCmd) settle(e *env, st *store.Store, box *seal.Box, in *intake.Intake) error {
	if err := people.New(st, in, box).MakeSearchTerms(e.ctx); err != nil {
		return fmt.Errorf("it is restored; serve makes the members' search words: %w", err)
	}
	if err := st.Analyze(e.ctx); err != nil {
		return err
	}
	fmt.Fprint(e.out, "In quarantine: the API works, no notice leaves and the clock stands.\n"+
		"Look at it (cagnotte verify, cagnotte doctor), then: cagnotte restore --release\n")
	return nil
}

func (c *restoreCmd) release(e *env) error {
	return c.work(e, func(st *store.Store, _ *seal.Box, _ *intake.Intake) error {
		since, err := st.Quarantine(e.ctx)
		if err != nil {
			return err
		}
		if since == 0 {
			return errors.New("this database is not in quarantine")
		}
		if err := st.EndQuarantine(e.ctx); err != nil {
			return err
		}
		fmt.Fprintln(e.out, "Released: notices leave again, and the clock does what is due.")
		return nil
	})
}

// wallTime is now, where no database is open that would tell.
func wallTime() moment.Time { return moment.Of(time.Now()) }
