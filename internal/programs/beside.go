package programs

import (
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// Beside makes programs to try facts with: those of the shop, and a document as the newest
// version of the program of its name, in force from a time on. Whoever is under way in that
// program keeps his terms, as he would. Alone leaves the shop's other programs out. The
// name under which its lines are found is written to at, once the facts were tried.
func Beside(d *rules.Document, from moment.Time, alone bool, at *id.Program) intake.Choice {
	return func(_ *loyalty.Shop, b *rules.Book) (*rules.Book, error) {
		x := &rules.Program{ID: untold, Name: d.Name}
		n := 1
		if known := find(b, d.Name); known != nil {
			x.ID, x.Versions = known.ID, slices.Clone(known.Versions)
			n = known.Versions[len(known.Versions)-1].N + 1
		}
		*at = x.ID
		ends := d.Ends
		if ends <= from { // it is tried as if it still ran
			ends = 0
		}
		x.Versions = append(x.Versions, rules.Compile(x, n, from, ends, 0, d))
		list := []*rules.Program{x}
		for _, p := range b.Programs {
			if !alone && p.ID != x.ID {
				list = append(list, p)
			}
		}
		return rules.NewBook(b.Rev, list), nil
	}
}

// untold is the id of a program that has none yet; no program of a shop has it.
var untold = id.Program{0: 0xff}
