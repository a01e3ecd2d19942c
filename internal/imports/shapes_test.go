package imports_test

import (
	"bytes"
	"fmt"
	"maps"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"cagnotte/internal/imports"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// tillMapping is what a till in Poland writes: semicolons, commas, days first, returns under the
// number of their order, and rows that are no articles.
const tillMapping = `# Our till
name: kasa
reads: orders
separator: semicolon
encoding: windows-1250
decimal: comma
thousands: space
dates: DD.MM.YYYY hh:mm
dates: DD.MM.YYYY
time zone: Europe/Warsaw
rows: lines
weighed: one item
channel: store

column order: Paragon
column date: Data
column article: Towar
column quantity: Ilość
column unit price: Cena
column category: Dział
column site: Sklep
column member number: Karta

refund: quantity below 0
delivery: article is DOSTAWA
discount: article begins with RABAT
guest: member number is 0
skip: column "Status" is anulowany, "szkic"
adjustment: order begins with KOR
`

const tillFile = "Paragon;Data;Towar;Ilość;Cena;Dział;Sklep;Karta;Status\r\n" +
	"1;02.01.2024 10:30;Żurek;2;\"1 000,50\";zupy;Łódź;77;\r\n" +
	"1;02.01.2024 10:30;Śliwki;0,350;20,00;owoce;;77;\r\n" +
	"1;02.01.2024 10:30;DOSTAWA;1;12,00;;;77;\r\n" +
	"1;02.01.2024 10:30;RABAT 10%;-1;200,80;;;77;\r\n" +
	"1;05.01.2024;Żurek;-1;1000,50;zupy;;77;\r\n" +
	"2;03.01.2024;Chleb;1;5,00;;;0;\r\n" +
	"3;03.01.2024;Chleb;1;5,00;;;77;Anulowany\r\n" +
	"KOR/1;03.01.2024;Chleb;1;5,00;;;77;\r\n"

func in1250(t *testing.T, s string) []byte {
	t.Helper()
	b, err := charmap.Windows1250.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return []byte(b)
}

func TestATillOfAnotherShape(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, m := at(t, st), mappingText(t, tillMapping)
		for _, dry := range []bool{true, false} {
			got, err := p.Orders(t.Context(), p.shop, bytes.NewReader(in1250(t, tillFile)), m, imports.Options{DryRun: dry, Reward: true})
			if err != nil || got.ErrorRows > 0 {
				t.Fatal(err, got.Errors)
			}
			counted(t, "orders", got.Orders, 2)
			counted(t, "guests", got.Guests, 1)
			counted(t, "refunds", got.Refunds, 1)
			counted(t, "bought", got.Bought, 2_001_00+7_00-200_80+5_00)
			counted(t, "returned", got.Returned, 1_000_50)
			if want := map[string]int64{imports.SkippedByMapping: 1, imports.SkippedAdjustment: 1}; !maps.Equal(got.Skipped, want) {
				t.Errorf("skipped %v, want %v", got.Skipped, want)
			}
			if dry && len(p.has()) > 0 {
				t.Errorf("a dry run gave %v", p.has())
			}
		}
		member := p.member("77").ID
		orders, err := st.OrderByName(t.Context(), p.shop.ID, "kasa", "1")
		if err != nil {
			t.Fatal(err)
		}
		o := orders
		if o.Member != member || o.Channel != "store" || o.Site != "Łódź" || o.Delivery != 1200 || len(o.Lines) != 2 ||
			o.Lines[0].SKU != "Żurek" || o.Lines[0].Category != "zupy" || o.Lines[0].Quantity != 2 || o.Lines[1].Quantity != 1 ||
			o.Lines[0].Amount+o.Lines[1].Amount != 1_807_20 || o.Lines[0].Discount+o.Lines[1].Discount != 200_80 ||
			o.PaidAt.String() != "2024-01-02T09:30:00Z" || o.Back[0].Quantity != 1 {
			t.Errorf("%+v", o)
		}
	})
}

func TestAFileInAnotherEncodingIsRefusedWithItsPlace(t *testing.T) {
	till := func(encoding string) string { return strings.Replace(tillMapping, "windows-1250", encoding, 1) }
	head, row := "Paragon;Data;Towar;Ilość;Cena;Dział;Sklep;Karta;Status\n", "1;02.01.2024;Chleb;1;5,00;;;77;\n"
	tests := []struct{ name, encoding, file, code, line, byte string }{
		{"windows-1250 stated as utf-8", "utf-8", string(in1250(t, head+row)), "not_in_this_encoding", "1", "23"},
		{"far down", "utf-8", head + strings.Repeat(row, 5_000) + "2;02.01.2024;\xafurek;1;5,00;;;77;\n", "not_in_this_encoding", "5002", "14"},
		{"cut within a letter", "utf-8", head + row + "2;02.01.2024;\xc5", "not_in_this_encoding", "3", "15"},
		{"utf-8 with its mark, stated as windows-1250", "windows-1250", "\ufeff" + head, "not_in_this_encoding", "1", "1"},
		{"windows-1250 stated as iso-8859-2", "iso-8859-2", string(in1250(t, head+"1;02.01.2024;Śliwki;1;5,00;;;77;\n")), "not_in_this_encoding", "1", "23"},
		{"utf-16", "utf-8", "P\x00a\x00", "not_in_this_encoding", "1", "2"},
		{"an endless line", "utf-8", head + strings.Repeat("x", 3<<20), "line_too_long", "2", ""},
		{"nothing", "utf-8", "", "file_empty", "", ""},
		{"only a mark", "utf-8", "\ufeff", "file_empty", "", ""},
		{"a column twice", "utf-8", "Paragon;Paragon;Data;Towar;Ilość;Cena;Dział;Sklep;Karta;Status\n", "column_twice", "", ""},
		{"commas", "utf-8", strings.ReplaceAll(head, ";", ","), "column_missing", "", ""},
		{"without the column of a test", "utf-8", strings.Replace(head, ";Status", "", 1), "column_missing", "", ""},
	}
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p := at(t, st)
		for _, tt := range tests {
			got, err := p.Orders(t.Context(), p.shop, strings.NewReader(tt.file), mappingText(t, till(tt.encoding)), imports.Options{})
			problem := problemOf(err)
			if problem == nil || problem.Code != tt.code || problem.Args["line"] != tt.line || problem.Args["byte"] != tt.byte || got.Recorded != 0 {
				t.Errorf("%s: %v, want %s in line %s byte %s", tt.name, err, tt.code, tt.line, tt.byte)
				continue
			}
			worded(t, imports.Totals{Errors: []imports.RowError{{Code: problem.Code, Args: problem.Args}}})
		}
		typo := "number,frist_name\n1,Anna\n"
		if _, err := p.read(t.Context(), imports.ReadsMembers, typo, imports.Options{}); codeOf(err) != "column_unknown" {
			t.Errorf("a column that nobody knows: %v", err)
		}
		if _, err := p.Members(t.Context(), p.shop, strings.NewReader(typo), mapping(t), imports.Options{}); codeOf(err) != "mapping_of_another_kind" {
			t.Errorf("a mapping of orders for members: %v", err)
		}
	})
}

// One row is one order; returns name theirs.
func TestOrdersOfOneRow(t *testing.T) {
	const text = "name: web\nfeed: woo:main\nreads: orders\nrows: orders\nletters: upper\ncolumn order: id\ncolumn date: at\ncolumn amount: total\ncolumn tax: tax\n" +
		"column delivery: shipping\ncolumn currency: cur\ncolumn member email: mail\ncolumn refund of: of\nrefund: column \"kind\" is refund\n"
	const file = "id,at,total,tax,shipping,cur,mail,of,kind\n" +
		"a1,2024-01-01,100.00,19.00,4.90,EUR,zoe@example.com,,order\n" +
		"A1,2024-01-01,100.00,19.00,4.90,EUR,zoe@example.com,,order\n" + // line 3: the same once more
		"r1,2024-01-03,-25.00,,,eur,zoe@example.com,a1,refund\n" +
		"a2,2024-01-02,10.00,,,EUR,,,order\n" +
		"a2,2024-01-02,11.00,,,EUR,,,order\n" + // line 6: says otherwise
		"a3,2024-01-02,10.00,,,USD,,,order\n" +
		"a4,2024-01-02,10.00,,,EUR,zoe at home,,order\n" +
		"a5,2024-01-02,-10.00,,,EUR,,,order\n" +
		"a6,2024-01-02,10.00,11.00,,EUR,,,order\n" +
		"a7,2024-01-02,10.00,,free,EUR,,,order\n" +
		"r2,2024-01-03,5.00,,,EUR,,,refund\n" // line 12: nobody's, of no order
	const want = `line 6: order: repeated_order
line 7: currency: WRONG_CURRENCY
line 9: amount: order_below_zero
line 10: tax: out_of_range
line 11: delivery: not_an_amount
line 8: member.email: invalid_email`
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, m := at(t, st), mappingText(t, text)
		got, err := p.Orders(t.Context(), p.shop, strings.NewReader(file), m, imports.Options{Reward: true})
		if err != nil {
			t.Fatal(err)
		}
		if e := errorsOf(got); e != want {
			t.Errorf("%s\nwant\n%s", e, want)
		}
		worded(t, got)
		counted(t, "orders", got.Orders, 1)
		counted(t, "refunds", got.Refunds, 1)
		if points := got.Units["points"]; points != (imports.Moved{Given: 100, Taken: 25}) {
			t.Errorf("points %+v", points)
		}
		o, err := st.OrderByName(t.Context(), p.shop.ID, "woo:main", "A1")
		if err != nil || o.Lines[0].SKU != "order" || o.Lines[0].Tax != 1900 || o.Delivery != 490 || o.Back[0].Amount != 2500 {
			t.Errorf("%+v %v", o, err)
		}

		var out bytes.Buffer
		if err := got.WriteRejected(strings.NewReader(file), &out, func(e imports.RowError) string { return "«" + e.Code + "»" }); err != nil {
			t.Fatal(err)
		}
		rejected := `rejected_line,rejected_field,rejected_reason,id,at,total,tax,shipping,cur,mail,of,kind
5,id,«incomplete_invoice»,a2,2024-01-02,10.00,,,EUR,,,order
6,id,«repeated_order»,a2,2024-01-02,11.00,,,EUR,,,order
7,cur,«WRONG_CURRENCY»,a3,2024-01-02,10.00,,,USD,,,order
8,mail,«invalid_email»,a4,2024-01-02,10.00,,,EUR,zoe at home,,order
9,total,«order_below_zero»,a5,2024-01-02,-10.00,,,EUR,,,order
10,tax,«out_of_range»,a6,2024-01-02,10.00,11.00,,EUR,,,order
11,shipping,«not_an_amount»,a7,2024-01-02,10.00,,free,EUR,,,order
`
		if out.String() != rejected {
			t.Errorf("rejected\n%s\nwant\n%s", out.String(), rejected)
		}
		// Corrected, it is imported as it is.
		corrected := strings.NewReplacer("USD", "EUR", "zoe at home", "zoe@example.com", "-10.00", "10.00", "11.00", "1.00", "free", "0").Replace(out.String())
		again, err := p.Orders(t.Context(), p.shop, strings.NewReader(corrected), m, imports.Options{Reward: true})
		if err != nil || again.Orders != 5 || fmt.Sprint(again.Errors) != "[line 3: order: repeated_order]" {
			t.Errorf("%d orders, %v %v", again.Orders, again.Errors, err)
		}
	})
}

// A file of rejected rows is in the encoding of the first file, whatever the reader's language.
func TestRejectedRowsKeepTheEncoding(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, m := at(t, st), mappingText(t, strings.Replace(tillMapping, "windows-1250", "windows-1252", 1))
		file := "Paragon;Data;Towar;Ilo\xf6\xe9;Cena;Dzia\xb3;Sklep;Karta;Status\n"
		if _, err := p.Orders(t.Context(), p.shop, strings.NewReader(file), m, imports.Options{}); codeOf(err) != "column_missing" {
			t.Fatal(err)
		}
		french := mappingText(t, "name: f\nreads: members\nencoding: windows-1252\nseparator: semicolon\ncolumn number: numéro\ncolumn email: mél\ncolumn last name: nom\n")
		file = "num\xe9ro;nom;m\xe9l\n1;H\xe9l\xe8ne;rien\n2;Zo\xe9;z@example.com\n"
		got, err := p.Members(t.Context(), p.shop, strings.NewReader(file), french, imports.Options{})
		if err != nil || got.Joined != 1 || errorsOf(got) != "line 2: member.email: invalid_email" || p.member("2").LastName != "Zoé" {
			t.Fatal(err, got)
		}
		var out bytes.Buffer
		if err := got.WriteRejected(strings.NewReader(file), &out, func(imports.RowError) string { return "za krótkie, źle: €→" }); err != nil {
			t.Fatal(err)
		}
		if want := "rejected_line;rejected_field;rejected_reason;num\xe9ro;nom;m\xe9l\n2;m\xe9l;za kr\xf3tkie, zle: \x80?;1;H\xe9l\xe8ne;rien\n"; out.String() != want {
			t.Errorf("%q\nwant %q", out.String(), want)
		}
	})
}

// The transactions of the Complete Journey set: line totals, quantity 0, sums that were
// computed in binary fractions.
func TestAFileOfLineTotals(t *testing.T) {
	const file = "household_id,store_id,basket_id,product_id,quantity,sales_value,retail_disc,coupon_disc,coupon_match_disc,week,transaction_timestamp\n" +
		"7,309,31,940996,1,3.86,0.43,0,0,5,2017-01-28T14:06:53\n" +
		"7,309,31,6534178,5120,12.5,0,0,0,5,2017-01-28T14:06:53\n" +
		"7,309,31,13945244,0,0.0000000000000004440892,0,0,0,5,2017-01-28T14:06:53\n" +
		"8,368,32,873902,1,0,1,0,0,8,2017-02-18T13:13:10\n"
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, m := at(t, st), mappingNamed(t, imports.ReadsOrders, "complete-journey")
		m.Currency = p.shop.Currency
		got, err := p.Orders(t.Context(), p.shop, strings.NewReader(file), m, imports.Options{})
		if err != nil || got.ErrorRows > 0 {
			t.Fatal(err, got.Errors)
		}
		counted(t, "orders", got.Orders, 2)
		counted(t, "bought", got.Bought, 16_36)
		counted(t, "without a quantity", got.Skipped[imports.SkippedEmpty], 1)
		if !got.Members["complete-journey:7"] || len(got.Members) != 2 {
			t.Errorf("members %v", got.Members)
		}
		o, err := st.OrderByName(t.Context(), p.shop.ID, "complete-journey", "31")
		if err != nil || o.Site != "309" || o.Channel != "store" || len(o.Lines) != 2 || o.Lines[0].Discount != 43 || o.Lines[1].Amount != 12_50 {
			t.Errorf("%+v %v", o, err)
		}
	})
}
