package store_test

import (
	"slices"
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// stays are the columns and tables of a shop that do not travel with it. What is not named
// here travels, so that an export is whole.
var stays = map[string]string{
	"answers":          "readable with the caller's key alone, and for a day",
	"sign_ins":         "minutes long, and readable with the master key alone",
	"sessions":         "of browsers that know this address",
	"used_tokens":      "minutes long",
	"till_codes":       "minutes long, and checked with the master key alone",
	"sightings":        "what browsers saw in the last month; facts hold what was taken over",
	"visitors":         "who was counted on a day, kept for two",
	"feed_notes":       "calls and pages lately, told anew",
	"feed_trials":      "who tries the way of a friend, for an hour",
	"jobs":             "a copy must not do what is still to be done elsewhere",
	"staff":            "let in anew, with new passwords, where the shop goes",
	"staff_sessions":   "of browsers that know this address",
	"staff_links":      "days long, and of staff that stays",
	"staff_passkeys":   "of staff that stays, and bound to this address",
	"staff_tries":      "of browsers and networks that know this address",
	"saved_views":      "of staff that stays",
	"member_terms":     "words of names in clear, made again",
	"bulks":            "begun and undone here",
	"bulk_members":     "begun and undone here",
	"imports":          "begun and undone here",
	"import_facts":     "begun and undone here",
	"shops.live_shop":  "the number of a shop is the database's own",
	"shops.removed_at": "a removed shop does not travel",
	"shops.emptied_at": "a removed shop does not travel",
	"goose_db_version": "the migrations' own",
	"sqlite_stat1":     "the planner's",
	"sqlite_stat4":     "the planner's",
}

// Whatever table or column the schema has, travels; and in an order in which rows can be
// written: behind the rows that they point to.
func TestEveryTableTravelsWithItsShop(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		tables, err := st.TravelTables(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		travels, place := map[string]store.ColumnKind{}, map[string]int{}
		for i, x := range tables {
			place[x.Name] = i + 1
			for _, c := range x.Columns {
				travels[x.Name+"."+c.Name] = c.Kind
			}
		}
		kinds := map[string]store.ColumnKind{
			"TEXT": store.KindText, "BIGINT": store.KindNumber, "BLOB": store.KindBytes, "BOOLEAN": store.KindBool,
		}
		engine := "sqlite"
		if !st.Serial() {
			engine = "postgres"
		}
		columns := 0
		for _, x := range schema(t, engine) {
			if stays[x.name] != "" {
				if place[x.name] > 0 {
					t.Errorf("%s travels", x.name)
				}
				continue
			}
			for _, c := range x.columns {
				name := x.name + "." + c.name
				if stays[name] != "" || c.name == "shop_id" {
					continue
				}
				columns++
				if travels[name] != kinds[c.kind] {
					t.Errorf("%s is %s and travels as %q", name, c.kind, travels[name])
				}
			}
			for _, f := range x.foreign {
				if place[f.table] == 0 || place[f.table] > place[x.name] {
					t.Errorf("%s points to %s, which is written after it", x.name, f.table)
				}
			}
		}
		if columns < 200 || columns != len(travels) {
			t.Errorf("%d columns should travel, %d do", columns, len(travels))
		}
	})
}

// The statements are made from the schema, and keep the rules of those that are written.
func TestTravelIsHeldToOneShop(t *testing.T) {
	st := storetest.Open(t, storetest.Config(t, "sqlite"))
	known := tablesOfSchema(t)
	tables, err := st.TravelTables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range tables {
		for _, q := range x.Queries() {
			if got := read(q.Text, known).complaints; len(got) > 0 {
				t.Errorf("%s: %q\n%s", q.Name, got, q.Text)
			}
			if err := st.Prepare(t.Context(), q); err != nil {
				t.Error(err)
			}
		}
	}
	if !slices.ContainsFunc(tables, func(x *store.Table) bool { return x.Name == "postings" }) {
		t.Error("the ledger does not travel")
	}
}
