package main

import (
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// history is what an import wrote: the rows of every table it touched, to be written again
// by the raw side into the same tables of an empty shop.
type history struct {
	orders int
	tables []table
}

type table struct {
	name    string
	columns []string
	rows    [][]any
}

// timed runs the raw writing and tells orders a second.
func (h *history) timed(write func() error) (float64, error) {
	from := time.Now()
	if err := write(); err != nil {
		return 0, err
	}
	return float64(h.orders) / time.Since(from).Seconds(), nil
}

// importTables are those that a history import writes.
var importTables = []string{"batches", "turns", "members", "member_keys", "events", "orders", "receipts"}

const importOrders = 20_000

var allImported = regexp.MustCompile(fmt.Sprintf(`orders +%d `, importOrders))

// importing measures an import of history by the product's command line against COPY
// (PostgreSQL) or bare multi-row inserts (SQLite) of the very same rows.
func (s *side) importing(ctx context.Context) error {
	file := filepath.Join(s.dir, "history.csv.gz")
	if err := writeHistory(file); err != nil {
		return err
	}
	for round := range s.o.rounds {
		name := fmt.Sprintf("history-%d", round)
		if _, err := s.tool(ctx, "shop", "create", name, "--currency", "GBP", "--time-zone", "Europe/London"); err != nil {
			return err
		}
		from := time.Now()
		out, err := s.tool(ctx, "import", "orders", file, "--shop", name, "--mapping", "online-retail")
		if err != nil {
			return err
		}
		took := time.Since(from).Seconds()
		if !allImported.MatchString(out) {
			return fmt.Errorf("the import did not take all %d orders:\n%s", importOrders, out)
		}
		s.got["product import"] = append(s.got["product import"], sample{rate: importOrders / took})
		h, err := s.readHistory(ctx, name, round)
		if err != nil {
			return err
		}
		rate, err := s.raw.load(ctx, h)
		if err != nil {
			return err
		}
		s.got["raw import"] = append(s.got["raw import"], sample{rate: rate})
		fmt.Fprintf(os.Stderr, "%s round %d  import %8.0f orders/s, raw %8.0f orders/s\n", s.engine, round+1, importOrders/took, rate)
	}
	return nil
}

// writeHistory makes a file in the form of the real one: two lines an order, eight
// customers for ten orders.
func writeHistory(name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	z := gzip.NewWriter(f)
	w := csv.NewWriter(z)
	dice := rand.New(rand.NewPCG(1, 2))
	rows := [][]string{{"line_no", "InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"}}
	at := time.Date(2010, 12, 1, 8, 0, 0, 0, time.UTC)
	for i := range importOrders {
		at = at.Add(time.Duration(dice.IntN(60)) * time.Second)
		customer := strconv.Itoa(10_000 + dice.IntN(importOrders*8/10))
		for k := range 2 {
			rows = append(rows, []string{
				strconv.Itoa(2*i + k + 1), strconv.Itoa(600_000 + i), fmt.Sprintf("%05dA", 20_000+dice.IntN(3000)), "SOMETHING NICE",
				strconv.Itoa(1 + dice.IntN(12)), at.Format("2006-01-02T15:04:05"), fmt.Sprintf("%d.%02d", dice.IntN(20), dice.IntN(100)),
				customer, "United Kingdom",
			})
		}
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return f.Close()
}

// readHistory reads what the import wrote, under the number of a shop that does not exist.
func (s *side) readHistory(ctx context.Context, name string, round int) (*history, error) {
	db, err := s.database()
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var shop int64
	if err := db.QueryRowContext(ctx, "SELECT shop_id FROM shops WHERE slug = '"+name+"'").Scan(&shop); err != nil {
		return nil, err
	}
	h := &history{orders: importOrders}
	for _, t := range importTables {
		rows, err := db.QueryContext(ctx, fmt.Sprintf("SELECT * FROM %s WHERE shop_id = %d", t, shop))
		if err != nil {
			return nil, err
		}
		list, err := readTable(rows, t, int64(9_000+round))
		if err != nil {
			return nil, err
		}
		h.tables = append(h.tables, list)
	}
	return h, nil
}

// database opens the product's database beside it.
func (s *side) database() (*sql.DB, error) {
	if s.url != "" {
		return sql.Open("pgx", s.url)
	}
	return sql.Open("sqlite", "file:"+filepath.Join(s.dir, "data", "cagnotte.db")+pragmas)
}

func readTable(rows *sql.Rows, name string, shop int64) (table, error) {
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return table{}, err
	}
	t := table{name: name, columns: columns}
	for rows.Next() {
		values := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return table{}, err
		}
		values[0] = shop
		t.rows = append(t.rows, values)
	}
	return t, rows.Err()
}
