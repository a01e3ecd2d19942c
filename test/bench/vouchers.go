package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// manyCodes is how many codes one call issues.
const manyCodes = 100_000

// vouchers measures one call that issues 100,000 codes, from the request until its answer,
// when all of them can be read and used, against COPY (PostgreSQL) or bare multi-row inserts
// (SQLite) of the very same rows.
func (s *side) vouchers(ctx context.Context) error {
	p, err := s.start(ctx, 512)
	if err != nil {
		return err
	}
	defer p.stop()
	var ratios []float64
	for round := range s.o.rounds {
		from := time.Now()
		if err := p.issue(ctx, fmt.Sprintf("batch %d", round)); err != nil {
			return err
		}
		took := time.Since(from).Seconds()
		h, err := s.readVouchers(ctx, round)
		if err != nil {
			return err
		}
		raw, err := s.raw.load(ctx, h)
		if err != nil {
			return err
		}
		ratios = append(ratios, manyCodes/took/raw)
		fmt.Fprintf(os.Stderr, "%s round %d  %d vouchers in %.2f s, %8.0f/s, raw %8.0f/s\n", s.engine, round+1, manyCodes, took, manyCodes/took, raw)
	}
	name := "voucher_rate"
	if s.engine == "sqlite" {
		name += "_sqlite"
	}
	line(name, ratios, ">=0.3")
	return nil
}

// issue asks for a batch.
func (p *running) issue(ctx context.Context, name string) error {
	body, err := json.Marshal(map[string]any{
		"name": name, "origin": "generated", "count": manyCodes, "terms": map[string]any{"kind": "cash", "amount": 500},
	})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, "POST", p.base+"/v1/voucher-batches", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+p.key)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusCreated {
		err = fmt.Errorf("%s: %s", res.Status, answer)
	}
	return err
}

// readVouchers reads the rows of the newest batch, under the number of a shop that does not
// exist.
func (s *side) readVouchers(ctx context.Context, round int) (*history, error) {
	db, err := s.database()
	if err != nil {
		return nil, err
	}
	defer db.Close()
	h := &history{orders: manyCodes}
	for table, q := range map[string]string{
		"voucher_batches": "SELECT * FROM voucher_batches WHERE name = 'batch %d' AND shop_id < 9000",
		"vouchers":        "SELECT * FROM vouchers WHERE batch_id = (SELECT id FROM voucher_batches WHERE name = 'batch %d' AND shop_id < 9000)",
	} {
		rows, err := db.QueryContext(ctx, fmt.Sprintf(q, round))
		if err != nil {
			return nil, err
		}
		list, err := readTable(rows, table, int64(9_500+round))
		if err != nil {
			return nil, err
		}
		h.tables = append(h.tables, list)
	}
	return h, nil
}

// bulkClients send requests of a hundred events each: enough to keep every lane busy.
const bulkClients = 8

// bulk measures events that come a hundred in a request, against the raw database that
// writes the rows of a hundred in a transaction.
func (s *side) bulk(ctx context.Context) error {
	var ratios []float64
	for round := range s.o.rounds {
		p, err := s.start(ctx, 512)
		if err != nil {
			return err
		}
		x, err := s.strike(ctx, p, bulkClients, 100, []int{p.cmd.Process.Pid}, true)
		p.stop()
		if err != nil {
			return err
		}
		raw, err := s.raw.batch(ctx)
		if err != nil {
			return err
		}
		ratios = append(ratios, x.rate/raw.rate)
		fmt.Fprintf(os.Stderr, "%s round %d  100 events a request %8.0f ev/s, raw batches of 100 %8.0f ev/s\n", s.engine, round+1, x.rate, raw.rate)
	}
	if s.engine == "sqlite" {
		line("bulk_rate_sqlite", ratios, ">=0.5")
		return nil
	}
	line("bulk_rate", ratios, ">=0.7")
	return nil
}
