package imports

import (
	"slices"
	"strings"

	"cagnotte/internal/loyalty"
)

// Mapping says how the rows of a file become orders and returns. Its name is the feed and
// the series of what it reads, so one mapping stands for one system of record.
type Mapping struct {
	Name     string
	Currency string
	Columns  Columns

	Refund     string // invoices that begin so are returns
	Adjustment string // invoices that begin so correct accounts, not orders
}

// Columns are the names of a file's columns, in its header.
type Columns struct{ Invoice, Article, Quantity, At, Price, Member string }

// mappings are those that the program knows by itself.
var mappings = []Mapping{{
	Name: "online-retail", Currency: "GBP",
	Columns: Columns{
		Invoice: "InvoiceNo", Article: "StockCode", Quantity: "Quantity", At: "InvoiceDate", Price: "UnitPrice", Member: "CustomerID",
	},
	Refund: "C", Adjustment: "A",
}}

// MappingOf finds a mapping by its name; loyalty.ErrNotFound when there is none.
func MappingOf(name string) (Mapping, error) {
	i := slices.IndexFunc(mappings, func(m Mapping) bool { return m.Name == name })
	if i < 0 {
		return Mapping{}, loyalty.NotFound("mapping", "mapping_unknown")
	}
	return mappings[i], nil
}

// Mappings lists the names of all mappings.
func Mappings() []string {
	names := make([]string, len(mappings))
	for i, m := range mappings {
		names[i] = m.Name
	}
	return names
}

// MemberKey is how a customer of the file is named elsewhere: an external id with the
// mapping's name in front, "online-retail:17850".
func (m Mapping) MemberKey(customer string) loyalty.Key {
	return loyalty.Key{Kind: loyalty.ByExternal, Key: m.Name + ":" + canonical(customer)}
}

// canonical is the one form of article and customer numbers: shops write them in either
// case.
func canonical(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }
