package storetest

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// Retailer makes the shop of the real file, in pounds and London, with the programs of
// examples/. Root is the way from the test to the repository's root.
func Retailer(t testing.TB, st *store.Store, root string) *loyalty.Shop {
	t.Helper()
	var programs []byte
	for _, name := range []string{"points.txt", "stamps.txt"} {
		programs = append(programs, readFile(t, root+"/examples/"+name)...)
	}
	s := &loyalty.Shop{Slug: "retail", Name: "Online Retail", Currency: "GBP", Decimals: 2, Zone: Zone(t, "Europe/London")}
	return Publish(t, st, s, string(programs))
}

// Retail gives the real file of testdata/. Under the race detector, which makes SQLite
// twenty times slower, it is its first two days, unless CAGNOTTE_PROVE asks for the whole.
func Retail(t testing.TB, root string) (file []byte, whole bool) {
	t.Helper()
	file = readFile(t, root+"/testdata/online_retail_2010-12-01_to_15.csv.gz")
	if !raced || os.Getenv("CAGNOTTE_PROVE") != "" {
		return file, true
	}
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if file, err = io.ReadAll(z); err != nil {
		t.Fatal(err)
	}
	before, _, _ := bytes.Cut(file, []byte("2010-12-03T"))
	return file[:bytes.LastIndexByte(before, '\n')+1], false
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
