// Package insight answers questions about a shop from what was recorded. It writes
// nothing.
//
// Backtest tries programs that are not published over the facts of the shop's past, with
// the same decide.One that judges live facts, on dossiers that exist only in memory. What
// it says happened is what an import of the same facts with --reward would have made
// happen, posting by posting; a test holds it to that. What people would have done with
// such a program, it does not know and does not guess.
//
// Dashboard counts what referrals brought in a period, and what they cost.
package insight

import (
	"cagnotte/internal/store"
)

// Insight is the running service; it is safe for many goroutines.
type Insight struct {
	st   *store.Store
	turn chan struct{} // one question at a time: each takes every core there is

	boards boards
}

// New makes it.
func New(st *store.Store) *Insight { return &Insight{st: st, turn: make(chan struct{}, 1)} }
