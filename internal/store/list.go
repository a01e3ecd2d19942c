package store

import (
	"context"

	"cagnotte/internal/loyalty"
)

const entryColumns = `e.code, e.name, e.archived, e.channel, e.address, e.hours`

var (
	qEntries = New("list_entries.page", `
		SELECT `+entryColumns+` FROM list_entries e WHERE e.shop_id = $1 AND e.list = $2 AND e.code > $3 ORDER BY e.code LIMIT $4`)
	qEntry    = New("list_entries.one", `SELECT `+entryColumns+` FROM list_entries e WHERE e.shop_id = $1 AND e.list = $2 AND e.code = $3`)
	qPutEntry = New("list_entries.put", `
		INSERT INTO list_entries (shop_id, list, code, name, archived, channel, address, hours)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (shop_id, list, code) DO UPDATE SET name = excluded.name, archived = excluded.archived,
		  channel = excluded.channel, address = excluded.address, hours = excluded.hours`)
	qHoldEntry = New("list_entries.hold", `
		UPDATE list_entries SET archived = archived WHERE shop_id = $1 AND list = $2 AND code = $3 RETURNING code`)
	qDropEntry    = New("list_entries.drop", `DELETE FROM list_entries WHERE shop_id = $1 AND list = $2 AND code = $3`)
	qCountEntries = New("list_entries.count", `SELECT COUNT(*) FROM list_entries e WHERE e.shop_id = $1 AND e.list = $2`)
	qChannelUse   = New("list_entries.channel", `
		SELECT COUNT(*) FROM list_entries e WHERE e.shop_id = $1 AND e.list = $2 AND e.channel = $3`)
)

// Entry is a row of one of a shop's reference lists. Channel belongs to a source, Address
// and Hours to a site; the others leave them empty.
type Entry struct {
	Code     string
	Name     string
	Archived bool
	Channel  string
	Address  string
	Hours    string
}

func scanEntry(r Scanner) (Entry, error) {
	var e Entry
	err := r.Scan(&e.Code, &e.Name, &e.Archived, &e.Channel, &e.Address, &e.Hours)
	return e, err
}

// Entries is a page of a list in the order of codes, after a code ("": from the start).
func (s *Store) Entries(ctx context.Context, shop loyalty.ShopID, list, after string, limit int) ([]Entry, error) {
	var out []Entry
	err := s.Read(ctx, qEntries, func(r Scanner) error {
		e, err := scanEntry(r)
		out = append(out, e)
		return err
	}, int64(shop), list, after, int64(limit))
	return out, err
}

// Entry finds one; false when there is none.
func (s *Store) Entry(ctx context.Context, shop loyalty.ShopID, list, code string) (e Entry, found bool, err error) {
	err = s.Read(ctx, qEntry, func(r Scanner) (err error) {
		found = true
		e, err = scanEntry(r)
		return err
	}, int64(shop), list, code)
	return e, found, err
}

// PutEntry stores an entry, new or in place of the one with its code.
func (t *Tx) PutEntry(ctx context.Context, shop loyalty.ShopID, list string, e Entry) error {
	return t.Exec(ctx, qPutEntry, int64(shop), list, e.Code, e.Name, e.Archived, e.Channel, e.Address, e.Hours)
}

// HoldEntry keeps an entry as it is until the transaction ends; false when there is none.
func (t *Tx) HoldEntry(ctx context.Context, shop loyalty.ShopID, list, code string) (found bool, err error) {
	t.Query(qHoldEntry, 1, func(r Scanner) error {
		found = true
		var same string
		return r.Scan(&same)
	}, int64(shop), list, code)
	return found, t.Flush(ctx)
}

// DropEntry removes an entry.
func (t *Tx) DropEntry(ctx context.Context, shop loyalty.ShopID, list, code string) error {
	return t.Exec(ctx, qDropEntry, int64(shop), list, code)
}

// CountEntries tells how many entries a list has.
func (t *Tx) CountEntries(ctx context.Context, shop loyalty.ShopID, list string) (n int, err error) {
	t.Query(qCountEntries, 1, func(r Scanner) error { return r.Scan(&n) }, int64(shop), list)
	return n, t.Flush(ctx)
}

// ChannelUse tells how many entries of a list belong to a channel.
func (t *Tx) ChannelUse(ctx context.Context, shop loyalty.ShopID, list, channel string) (n int, err error) {
	t.Query(qChannelUse, 1, func(r Scanner) error { return r.Scan(&n) }, int64(shop), list, channel)
	return n, t.Flush(ctx)
}
