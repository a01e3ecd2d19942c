package store

import (
	"context"
	"encoding/json"
	"fmt"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

var (
	qConsents = New("consents.of", `
		SELECT c.purpose, c.way, c.given, c.at, c.event_id, e.feed, e.external_id, e.via, e.fact
		FROM consents c JOIN events e ON e.shop_id = $1 AND e.id = c.event_id
		WHERE c.shop_id = $1 AND c.member_id = $2 ORDER BY c.at DESC, c.event_id DESC`)
	// What was said last holds; of two things said at one instant, what was recorded last.
	qConsented = New("consents.one", `
		SELECT c.given FROM consents c
		WHERE c.shop_id = $1 AND c.member_id = $2 AND c.purpose = $3 AND c.way = $4 ORDER BY c.at DESC, c.event_id DESC LIMIT 1`)
)

// Consent is one time that a member agreed to something, or took it back.
type Consent struct {
	loyalty.Consent
	Given           bool
	At              moment.Time
	Event           id.Event
	Feed, Name, Via string         // of the fact that proves it
	Staff           *loyalty.Staff // who of the staff wrote it down, and why; nil: nobody did
}

// Consents lists what a member agreed to and took back, latest first.
func (s *Store) Consents(ctx context.Context, shop loyalty.ShopID, m id.Member) (out []*Consent, err error) {
	err = s.Read(ctx, qConsents, func(r Scanner) error {
		c, text := &Consent{}, ""
		if err := r.Scan(&c.Purpose, &c.Way, &c.Given, &c.At, &c.Event, &c.Feed, &c.Name, &c.Via, &text); err != nil {
			return err
		}
		var f loyalty.Fact
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			return fmt.Errorf("fact of %s: %w", c.Event, err)
		}
		if said, _ := f.Agreed(); said != nil {
			c.Source, c.Wording = said.Source, said.Wording
		}
		c.Staff = f.Staff
		out = append(out, c)
		return nil
	}, int64(shop), m.Bytes())
	return out, err
}

// Consented tells whether a member agrees, as of what was said last, to be reached in a way
// for a purpose.
func (s *Store) Consented(ctx context.Context, shop loyalty.ShopID, m id.Member, purpose, way string) (given bool, err error) {
	err = s.Read(ctx, qConsented, func(r Scanner) error { return r.Scan(&given) }, int64(shop), m.Bytes(), purpose, way)
	return given, err
}
