// Package people knows the members: how they are named and found again, how they enrol,
// and what is known of them: their person, wallet, orders, events and receipts. It turns
// what a caller says about a person into keys and sealed data, so that no name or address
// ever stands in a fact.
//
// It decides nothing about value: facts go through intake, and reads are reads.
package people

import (
	"cagnotte/internal/intake"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

// People is the running service; it is safe for many goroutines.
type People struct {
	st  *store.Store
	in  *intake.Intake
	box *seal.Box
}

// New makes it.
func New(st *store.Store, in *intake.Intake, box *seal.Box) *People { return &People{st, in, box} }
