package store

import (
	"regexp"
	"slices"
	"testing"
)

// A table that is made later must be emptied, too, when its shop goes.
func TestEveryTableIsEmptiedWithItsShop(t *testing.T) {
	t.Parallel()
	created := regexp.MustCompile(`CREATE TABLE (\w+) \(\s*(shop_id)?`)
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range files {
		text, err := migrations.ReadFile("migrations/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range created.FindAllSubmatch(text, -1) {
			name := string(m[1])
			found = append(found, name)
			if len(m[2]) == 0 {
				t.Errorf("%s does not begin with shop_id", name)
			}
			listed := slices.ContainsFunc(shopTables, func(x struct{ table, column string }) bool { return x.table == name })
			if !listed && name != "shops" {
				t.Errorf("%s has no row in shopTables: a removed shop would leave its rows there", name)
			}
		}
	}
	for _, x := range shopTables {
		if !slices.Contains(found, x.table) {
			t.Errorf("there is no table %s", x.table)
		}
	}
}
