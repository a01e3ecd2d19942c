// Package upkeep is what an operator does with a database as a whole: verify that it keeps
// its invariants, replay its facts into a fresh one, export its balances. It changes
// nothing in the database that it looks at, and decides nothing about value.
package upkeep

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

// MaxExamples is how many broken rows a check names.
const MaxExamples = 5

// Check is one invariant and what verify found: how many rows it looked at, so that an
// empty check shows, how many break it, and some of them.
type Check struct {
	Name     string // L1 to L15, as in docs/operations.md
	What     string
	Count    int
	Broken   int
	Examples []string
}

// checks are the invariants with the rows that each looks at.
var checks = []struct {
	name, what string
	count      func(store.Counted) int
}{
	{"L1", "each transaction has postings that sum to zero", func(c store.Counted) int { return c.Transactions }},
	{"L2", "each account's balance and what is available follow from postings and lots", func(c store.Counted) int { return c.Accounts }},
	{"L3", "no account is below its floor, and a debt is what is missing", func(c store.Counted) int { return c.Accounts }},
	{"L4", "each posting has its lot's member and unit", func(c store.Counted) int { return c.Lots }},
	{"L5", "each transaction has an event and an actor, each reward a version and its postings", func(c store.Counted) int { return c.Transactions + c.Rewards }},
	{"L6", "each fact was recorded once and is as it was first sent", func(c store.Counted) int { return c.Events }},
	{"L7", "nothing was taken back that was not given", func(c store.Counted) int { return c.Rewards }},
	{"L8", "each lot's postings are what is left of it, and the lots are the balance", func(c store.Counted) int { return c.Lots }},
	{"L9", "no voucher is used too often or worth what its reward is not", func(c store.Counted) int { return c.Vouchers }},
	{"L10", "no friend has two referrers or leads back to himself, and no reward was open before its day", func(c store.Counted) int { return c.Referrals }},
	{"L11", "each notice repeats its event's receipt, and none of the event's is missing", func(c store.Counted) int { return c.Notices }},
	{"L12", "each unit sums to zero over all accounts, the shop's side included", func(c store.Counted) int { return c.Postings }},
	{"L15", "what carts hold and used, and the codes of gifts, have what took them", func(c store.Counted) int { return c.Taken }},
}

// report gathers faults from passes that run side by side.
type report struct {
	mu   sync.Mutex
	list []Check
}

func (r *report) fault(f store.Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.list, func(c Check) bool { return c.Name == f.Invariant })
	c := &r.list[i]
	c.Broken++
	if len(c.Examples) < MaxExamples {
		c.Examples = append(c.Examples, f.Row+" "+f.How)
	}
}

// connections are how many tables are read side by side: the three that are walked
// together, and one.
const connections = 4

// Invariants checks what the rows can tell, L1 to L12 and L15, over all shops: all of them as they
// were at one instant, whatever is recorded meanwhile.
func Invariants(ctx context.Context, st *store.Store) (_ []Check, err error) {
	r := &report{}
	for _, c := range checks {
		r.list = append(r.list, Check{Name: c.name, What: c.what})
	}
	v, err := st.View(ctx, connections)
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	shops, err := v.Shops(ctx)
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	for _, s := range shops {
		if err := r.shop(ctx, st, v, s); err != nil {
			return nil, fmt.Errorf("verify shop %s: %w", s.Slug, err)
		}
	}
	for i := range r.list {
		slices.Sort(r.list[i].Examples)
	}
	return r.list, nil
}

// shop reads every table once, then asks the statements that this leaves.
func (r *report) shop(ctx context.Context, st *store.Store, v *store.View, s *loyalty.Shop) error {
	now := st.Clock()
	if s.Twin() && s.ClockAt != 0 {
		now = s.ClockAt
	}
	last, err := v.LastRecorded(ctx, s.ID)
	if err != nil {
		return err
	}
	now = max(now, last) // by a process whose clock is ahead
	counted, sweeps, err := v.Glance(ctx, s.ID, now, r.digest)
	if err != nil {
		return err
	}
	passes := []func() error{
		func() (err error) { counted.Notices, err = v.Notices(ctx, s.ID, r.fault); return err },
		func() error { return r.rings(ctx, v, s.ID) },
	}
	for _, w := range sweeps {
		passes = append(passes, func() error { return v.Sweep(ctx, w, s.ID, now, r.fault) })
	}
	err = sideBySide(passes)
	for i, c := range checks {
		r.list[i].Count += c.count(counted)
	}
	return err
}

// sideBySide runs passes two at a time: the longest takes three connections, the other one.
func sideBySide(passes []func() error) error {
	errs := make([]error, len(passes))
	next := make(chan int)
	var wait sync.WaitGroup
	for range min(len(passes), runtime.NumCPU(), 2) {
		wait.Go(func() {
			for i := range next {
				errs[i] = passes[i]()
			}
		})
	}
	for i := range passes {
		next <- i
	}
	close(next)
	wait.Wait()
	return errors.Join(errs...)
}

// digest compares a stored fact with the digest of what was first sent.
func (r *report) digest(e id.Event, digest, text []byte) {
	if sum := sha256.Sum256(text); !bytes.Equal(sum[:], digest) && !asSent(text, digest) {
		r.fault(store.Fault{Invariant: "L6", How: "digest", Row: e.String()})
	}
}

// asSent tells whether a fact has that digest without what intake found out about it: the
// referrer's id, where he was named by a key.
func asSent(text, digest []byte) bool {
	var f loyalty.Fact
	if json.Unmarshal(text, &f) != nil || len(f.Referrer.Keys) == 0 {
		return false
	}
	f.Referrer.ID = id.Member{}
	return bytes.Equal(loyalty.Digest(f.Canonical()), digest)
}

// Verify checks the invariants, and at last (L14) that a replay of all facts into a fresh
// database ends in the same balances.
func Verify(ctx context.Context, st *store.Store, box *seal.Box, progress func(done, total int64)) ([]Check, error) {
	list, err := Invariants(ctx, st)
	if err != nil {
		return nil, err
	}
	c, err := replayed(ctx, st, box, progress)
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	return append(list, c), nil
}

// replayed is L14. What a replay refuses breaks it as much as another digest.
func replayed(ctx context.Context, st *store.Store, box *seal.Box, progress func(done, total int64)) (c Check, err error) {
	c = Check{Name: "L14", What: "all facts, recorded again in a fresh database, end in the same balances"}
	folder, err := os.MkdirTemp("", "cagnotte-verify-")
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	fresh, err := store.Open(ctx, store.Config{Folder: folder})
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, fresh.Close()) }()
	before, after, n, err := Replay(ctx, st, fresh, box, progress)
	c.Count = n
	switch {
	case ctx.Err() != nil:
		return c, ctx.Err()
	case errors.Is(err, errMoved):
		return c, err
	case err != nil:
		c.Broken, c.Examples = 1, []string{err.Error()}
	case before != after:
		c.Broken, c.Examples = 1, []string{"balances " + before + ", replayed " + after}
	}
	return c, nil
}

// Holds tells whether no check is broken.
func Holds(list []Check) bool {
	return !slices.ContainsFunc(list, func(c Check) bool { return c.Broken > 0 })
}

// Report writes the checks for people, one line each, the broken ones with examples.
func Report(w io.Writer, list []Check) error {
	var b strings.Builder
	for _, c := range list {
		state := "holds "
		if c.Broken > 0 {
			state = "BROKEN"
		}
		fmt.Fprintf(&b, "%-4s %s %10d  %s\n", c.Name, state, c.Count, c.What)
		if c.Broken > 0 {
			fmt.Fprintf(&b, "     %d broken:\n", c.Broken)
			for _, x := range c.Examples {
				fmt.Fprintf(&b, "       %s\n", x)
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
