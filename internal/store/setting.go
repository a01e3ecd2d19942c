package store

import (
	"context"
	"fmt"

	"cagnotte/internal/loyalty"
)

var (
	qSetting    = New("settings.one", `SELECT s.value FROM settings s WHERE s.shop_id = $1 AND s.name = $2`)
	qAddSetting = New("settings.add", `
		INSERT INTO settings (shop_id, name, value) VALUES ($1, $2, $3) ON CONFLICT (shop_id, name) DO NOTHING`)
	qPutSetting = New("settings.put", `
		INSERT INTO settings (shop_id, name, value) VALUES ($1, $2, $3)
		ON CONFLICT (shop_id, name) DO UPDATE SET value = excluded.value`)
	qDropSetting = New("settings.drop", `DELETE FROM settings WHERE shop_id = $1 AND name = $2`)
)

// operator is the shop number of what belongs to no shop.
const operator = loyalty.ShopID(0)

// MasterKey tells which master key the database was made with: its fingerprint, or ""
// when no process has used the database yet.
func (s *Store) MasterKey(ctx context.Context) (fingerprint string, err error) {
	err = s.Read(ctx, qSetting, func(r Scanner) error { return r.Scan(&fingerprint) }, int64(operator), "master_key")
	return fingerprint, err
}

// BindMasterKey ties the database to a master key at first use, and refuses any other one:
// with another key members would not be found again by e-mail or phone.
func (s *Store) BindMasterKey(ctx context.Context, fingerprint string) error {
	err := s.Write(ctx, func(t *Tx) error {
		return t.Exec(ctx, qAddSetting, int64(operator), "master_key", fingerprint)
	})
	if err != nil {
		return err
	}
	was, err := s.MasterKey(ctx)
	if err != nil {
		return err
	}
	if was != fingerprint {
		return fmt.Errorf("this database was made with another master key (%s, given is %s): set CAGNOTTE_KEY or CAGNOTTE_KEY_FILE to that one", was, fingerprint)
	}
	return nil
}
