package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"cagnotte/internal/intake"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
	"cagnotte/internal/upkeep"
)

type verifyCmd struct{ place }

// Run checks the invariants and prints each with its count.
func (c *verifyCmd) Run(e *env) error {
	return c.work(e, func(st *store.Store, box *seal.Box, _ *intake.Intake) error {
		progress, end := bar(e, "replay")
		list, err := upkeep.Verify(e.ctx, st, box, progress)
		end()
		if err != nil {
			return err
		}
		if err := upkeep.Report(e.out, list); err != nil {
			return err
		}
		if !upkeep.Holds(list) {
			return errFailed
		}
		return nil
	})
}

type replayCmd struct {
	place
	Into string `help:"The empty database to record into: a folder, or postgres://…" required:"" placeholder:"DIR|URL"`
}

// Run replays and prints both digests; it fails when they differ.
func (c *replayCmd) Run(e *env) (err error) {
	if err := c.existing(); err != nil {
		return err
	}
	from, box, err := c.open(e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	there := placeOf(c.Into)
	into, err := store.Open(e.ctx, there.config())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, into.Close()) }()
	if err := into.BindMasterKey(e.ctx, box.Fingerprint()); err != nil {
		return err
	}
	if err := c.copyKey(there); err != nil {
		return err
	}
	progress, end := bar(e, "replay")
	was, is, facts, err := upkeep.Replay(e.ctx, from, into, box, progress)
	end()
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "facts     %d\n%s  %s\n%s  %s\n", facts, was, from.Engine(), is, into.Engine())
	if was != is {
		fmt.Fprintln(e.out, "The balances differ: run verify on both.")
		return errFailed
	}
	fmt.Fprintln(e.out, "The balances are equal.")
	return nil
}

// copyKey gives a new data folder the master key that its data need.
func (c *replayCmd) copyKey(there place) error {
	if there.Database != "" {
		return nil
	}
	key, err := os.ReadFile(c.Data + "/master.key")
	if errors.Is(err, os.ErrNotExist) {
		return nil // it is in the environment
	}
	if err != nil {
		return err
	}
	out, err := os.OpenFile(there.Data+"/master.key", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = out.Write(key)
	return errors.Join(err, out.Close())
}

func readText(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 1<<20))
	return string(b), err
}
