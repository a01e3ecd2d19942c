package imports_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"cagnotte/internal/imports"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// Every example of docs/imports.md is imported as it stands there: a block "csv KIND NAME" by
// the mapping of that name, built in or written in a block before.
func TestTheExamplesOfTheDocumentAreImported(t *testing.T) {
	text, err := os.ReadFile(root + "/docs/imports.md")
	if err != nil {
		t.Fatal(err)
	}
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, own, files := at(t, st), map[string]imports.Mapping{}, 0
		for i, block := range strings.Split(string(text), "```") {
			info, body, _ := strings.Cut(block, "\n")
			words := strings.Fields(info)
			switch {
			case i%2 == 0 || len(words) == 0:
			case words[0] == "mapping":
				m := mappingText(t, body)
				own[m.Name] = m
			case words[0] == "csv":
				files++
				m, ok := own[words[2]]
				if !ok {
					m = mappingNamed(t, words[1], words[2])
				}
				if m.Encoding == "windows-1250" {
					if body, err = charmap.Windows1250.NewEncoder().String(body); err != nil {
						t.Fatal(err)
					}
				}
				for _, dry := range []bool{true, false} {
					got, err := p.importBy(m, body, dry)
					if err != nil || got.ErrorRows > 0 || got.Recorded == 0 {
						t.Errorf("%s: %d recorded, %v %v", info, got.Recorded, got.Errors, err)
					}
				}
			}
		}
		if files < 6 {
			t.Errorf("only %d files were found", files)
		}
		want := "map[1001 EUR:1250 of which 1250 available, 0 owed 1001 points:1200 of which 1200 available, 0 owed " +
			"1002 points:-30 of which 0 available, 30 owed 1003 stamps:9 of which 9 available, 0 owed]"
		if got := fmt.Sprint(p.has()); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	})
}

func (p *place) importBy(m imports.Mapping, file string, dry bool) (imports.Totals, error) {
	src, o := bytes.NewReader([]byte(file)), imports.Options{DryRun: dry}
	switch m.Reads {
	case imports.ReadsMembers:
		return p.Members(p.Context(), p.shop, src, m, o)
	case imports.ReadsReferrals:
		return p.Referrals(p.Context(), p.shop, src, m, o)
	case imports.ReadsBalances:
		return p.Balances(p.Context(), p.shop, src, m, o)
	}
	return p.Orders(p.Context(), p.shop, src, m, o)
}
