// Package pages keeps the pages that a shop writes for its portal: how it works, questions,
// terms. A page is Markdown with fields in it, in as many languages as the shop likes; every
// change is a version, and readers see the one that was published.
package pages

import (
	"cagnotte/internal/moment"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

// Pages is the operation.
type Pages struct {
	st  *store.Store
	box *seal.Box
}

// New makes the operation; the box signs the links of previews.
func New(st *store.Store, box *seal.Box) *Pages { return &Pages{st, box} }

// Now is the time by which editions hold.
func (p *Pages) Now() moment.Time { return p.st.Clock() }
