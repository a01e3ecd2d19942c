package store

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// States of an invitation.
const (
	InvitationNew  = "new"  // taken; its job has yet to look at it
	InvitationSent = "sent" // handed to whoever writes
	InvitationHeld = "held" // recorded, and nobody was written to
)

// Invitation is a friend whom a member invited by e-mail. Member and the fields below come
// from what is known of that address by now: Bond and Referral of this referrer's own
// referral with it, empty while there is none.
type Invitation struct {
	ID         id.Invitation
	Referrer   id.Member
	Friend     string // the keyed hash of the address
	State      string
	SentAt     moment.Time
	Reminded   int64
	RemindedAt moment.Time // zero: never
	Sealed     []byte      // the address as it was typed, and what is to be written; nil when it is forgotten

	Member   id.Member
	Referral string
	Bond     bool
	JoinedAt moment.Time
}

const invitationColumns = `i.id, i.referrer_id, i.friend, i.state, i.sent_at, i.reminded, COALESCE(i.reminded_at, 0), i.sealed`

const invitationTables = `invitations i
		LEFT JOIN member_keys k ON k.shop_id = $1 AND k.kind = 'email' AND k.key = i.friend
		LEFT JOIN referrals f ON f.shop_id = $1 AND f.friend_id = k.member_id AND f.referrer_id = i.referrer_id`

const invitationView = invitationColumns + `, k.member_id, COALESCE(f.state, ''), COALESCE(f.bond, FALSE), COALESCE(f.joined_at, 0)`

var (
	qPutInvitation = New("invitations.put", `
		INSERT INTO invitations (shop_id, id, referrer_id, friend, state, sent_at, event_id, reminded, reminded_at, sealed)
		VALUES ($1, $2, $3, $4, $5, $6, NULL, 0, NULL, $7)
		ON CONFLICT (shop_id, referrer_id, friend) DO NOTHING RETURNING id`)
	qInvitationPair = New("invitations.pair", `SELECT i.id, i.state FROM invitations i WHERE i.shop_id = $1 AND i.referrer_id = $2 AND i.friend = $3`)
	qInvitedSince   = New("invitations.since", `
		SELECT COUNT(*) FROM invitations i WHERE i.shop_id = $1 AND i.referrer_id = $2 AND i.id >= $3`)
	qMarkInvitation = New("invitations.mark", `
		UPDATE invitations SET state = $3, event_id = $4, sealed = CASE WHEN sealed IS NULL THEN sealed ELSE $5 END WHERE shop_id = $1 AND id = $2`)
	qTakenInvitation = New("invitations.taken", `SELECT `+invitationColumns+` FROM invitations i WHERE i.shop_id = $1 AND i.id = $2`)
	qInvitations     = New("invitations.page", `SELECT `+invitationView+` FROM `+invitationTables+`
		WHERE i.shop_id = $1 AND i.referrer_id = $2 AND i.id < $3 ORDER BY i.id DESC LIMIT $4`)
	qInvitation = New("invitations.one", `SELECT `+invitationView+` FROM `+invitationTables+`
		WHERE i.shop_id = $1 AND i.referrer_id = $2 AND i.id = $3`)
	qRemind = New("invitations.remind", `
		UPDATE invitations SET reminded = reminded + 1, reminded_at = $4
		WHERE shop_id = $1 AND referrer_id = $2 AND id = $3 AND reminded < $5 AND COALESCE(reminded_at, sent_at) <= $6 RETURNING id`)
	qForgetInvited = New("invitations.forget", `UPDATE invitations SET sealed = NULL WHERE shop_id = $1 AND sealed IS NOT NULL AND sent_at < $2`)

	// The referrals of a member's friends whom he did not invite by e-mail: those are listed by
	// their invitations.
	qUninvited = New("referrals.uninvited", `
		SELECT `+referralColumns+` FROM referrals f
		WHERE f.shop_id = $1 AND f.referrer_id = $2 AND f.id < $3 AND NOT EXISTS (
		  SELECT 1 FROM member_keys k JOIN invitations i ON i.shop_id = $1 AND i.referrer_id = $2 AND i.friend = k.key
		  WHERE k.shop_id = $1 AND k.member_id = f.friend_id AND k.kind = 'email')
		ORDER BY f.id DESC LIMIT $4`)

	qStop    = New("stop_list.put", `INSERT INTO stop_list (shop_id, friend, stopped_at) VALUES ($1, $2, $3) ON CONFLICT (shop_id, friend) DO NOTHING`)
	qStopped = New("stop_list.one", `SELECT 1 FROM stop_list s WHERE s.shop_id = $1 AND s.friend = $2`)

	qPutVisitor = New("visitors.put", `
		INSERT INTO visitors (shop_id, day, member_id, visitor, first_at)
		SELECT $1, r.day, r.member, r.visitor, $2 FROM {{rows day:text, member:bytea, visitor:text}} WHERE TRUE
		ON CONFLICT (shop_id, day, member_id, visitor) DO NOTHING RETURNING day, member_id, visitor`)
	qPutVisit = New("visits.put", `
		INSERT INTO visits (shop_id, member_id, day, people)
		SELECT $1, r.member, r.day, r.people FROM {{rows member:bytea, day:text, people:bigint}} WHERE TRUE
		ON CONFLICT (shop_id, member_id, day) DO UPDATE SET people = visits.people + excluded.people`)
	qVisits        = New("visits.of", `SELECT COALESCE(SUM(v.people), 0) FROM visits v WHERE v.shop_id = $1 AND v.member_id = $2`)
	qSweepVisitors = New("visitors.sweep", `DELETE FROM visitors WHERE shop_id = $1 AND day < $2`)
)

// TakeInvitation keeps a new invitation, and queues a job of a kind about it, while the member has invited fewer than perDay
// friends since today and perMonth since month, which are the least ids of those times; false
// when he has not. One that he already made is left as it is: it comes back in i with its id
// and state.
func (s *Store) TakeInvitation(ctx context.Context, shop loyalty.ShopID, i *Invitation, today, month id.Invitation, perDay, perMonth int64, job string) (fits bool, err error) {
	asked := *i
	err = s.Write(ctx, func(t *Tx) error {
		*i, fits = asked, true
		known := false
		t.Query(qInvitationPair, 1, func(r Scanner) error {
			known = true
			return r.Scan(&i.ID, &i.State)
		}, int64(shop), i.Referrer.Bytes(), i.Friend)
		var day, all int64
		t.Query(qInvitedSince, 1, func(r Scanner) error { return r.Scan(&day) }, int64(shop), i.Referrer.Bytes(), today.Bytes())
		t.Query(qInvitedSince, 1, func(r Scanner) error { return r.Scan(&all) }, int64(shop), i.Referrer.Bytes(), month.Bytes())
		if err := t.Flush(ctx); err != nil {
			return err
		}
		if fits = known || day < perDay && all < perMonth; !fits || i.State != InvitationNew {
			return nil
		}
		if !known {
			t.Rows(qPutInvitation, 1, int64(shop), i.ID.Bytes(), i.Referrer.Bytes(), i.Friend, i.State, int64(i.SentAt), i.Sealed)
		}
		if err := t.Flush(ctx); err != nil {
			return err
		}
		return t.PutJob(ctx, shop, job, i.ID, t.Now)
	})
	return fits, err
}

// MarkInvitation says what became of an invitation, which event recorded it, and what is kept
// sealed from now on, if it is not forgotten by now.
func (t *Tx) MarkInvitation(ctx context.Context, shop loyalty.ShopID, i id.Invitation, state string, e id.Event, sealed []byte) error {
	return t.Exec(ctx, qMarkInvitation, int64(shop), i.Bytes(), state, e.Bytes(), sealed)
}

// TakenInvitation finds an invitation by its id alone, without what is known of the address;
// nil when there is none.
func (s *Store) TakenInvitation(ctx context.Context, shop loyalty.ShopID, which id.Invitation) (out *Invitation, err error) {
	err = s.Read(ctx, qTakenInvitation, func(r Scanner) error {
		out = &Invitation{}
		return r.Scan(&out.ID, &out.Referrer, &out.Friend, &out.State, &out.SentAt, &out.Reminded, &out.RemindedAt, &out.Sealed)
	}, int64(shop), which.Bytes())
	return out, err
}

func scanInvitation(r Scanner) (*Invitation, error) {
	i := &Invitation{}
	var member []byte
	err := r.Scan(&i.ID, &i.Referrer, &i.Friend, &i.State, &i.SentAt, &i.Reminded, &i.RemindedAt, &i.Sealed, &member, &i.Referral, &i.Bond, &i.JoinedAt)
	copy(i.Member[:], member)
	return i, err
}

// Invitations is a page of whom a member invited by e-mail, the newest first, before a
// cursor.
func (s *Store) Invitations(ctx context.Context, shop loyalty.ShopID, by id.Member, before id.Invitation, limit int) ([]*Invitation, error) {
	var out []*Invitation
	err := s.Read(ctx, qInvitations, func(r Scanner) error {
		i, err := scanInvitation(r)
		out = append(out, i)
		return err
	}, int64(shop), by.Bytes(), before.Bytes(), int64(limit))
	return out, err
}

// Invitation finds one of a member's own; the problem `invitation_unknown` when there is
// none.
func (s *Store) Invitation(ctx context.Context, shop loyalty.ShopID, by id.Member, which id.Invitation) (*Invitation, error) {
	var out *Invitation
	err := s.Read(ctx, qInvitation, func(r Scanner) error {
		i, err := scanInvitation(r)
		out = i
		return err
	}, int64(shop), by.Bytes(), which.Bytes())
	if err == nil && out == nil {
		err = loyalty.NotFound("id", "invitation_unknown")
	}
	return out, err
}

// Remind counts a reminder, unless there were `most` already or the last message is younger
// than the given time; false then.
func (s *Store) Remind(ctx context.Context, shop loyalty.ShopID, by id.Member, which id.Invitation, now moment.Time, most int64, last moment.Time) (counted bool, err error) {
	err = s.Write(ctx, func(t *Tx) error {
		counted = false
		t.Query(qRemind, 1, func(r Scanner) error {
			counted = true
			return r.Scan(new(id.Invitation))
		}, int64(shop), by.Bytes(), which.Bytes(), int64(now), most, int64(last))
		return t.Flush(ctx)
	})
	return counted, err
}

// Uninvited is a page of the referrals of a member's friends whom he did not invite by
// e-mail, the newest first, before a cursor.
func (s *Store) Uninvited(ctx context.Context, shop loyalty.ShopID, by id.Member, before id.Referral, limit int) ([]*loyalty.Referral, error) {
	return s.referrals(ctx, qUninvited, int64(shop), by.Bytes(), before.Bytes(), int64(limit))
}

// Stop puts the hash of an address on the list of those never written to again.
func (s *Store) Stop(ctx context.Context, shop loyalty.ShopID, friend string) error {
	return s.Write(ctx, func(t *Tx) error { return t.Exec(ctx, qStop, int64(shop), friend, int64(t.Now)) })
}

// Stopped tells whether the hash of an address is on that list.
func (s *Store) Stopped(ctx context.Context, shop loyalty.ShopID, friend string) (yes bool, err error) {
	err = s.Read(ctx, qStopped, func(r Scanner) error {
		yes = true
		return r.Scan(new(int64))
	}, int64(shop), friend)
	return yes, err
}

// Visit is somebody who looked at a member's page on a day ("2026-03-01").
type Visit struct {
	Day     string
	Of      id.Member
	Visitor string // what tells him apart on that day
}

func (v Visit) compare(w Visit) int {
	return cmp.Or(cmp.Compare(v.Day, w.Day), bytes.Compare(v.Of[:], w.Of[:]), cmp.Compare(v.Visitor, w.Visitor))
}

// Visited counts people who looked at members' pages, each once a day, in one transaction. It
// tells who was counted now: whoever is named twice counts once.
func (s *Store) Visited(ctx context.Context, shop loyalty.ShopID, list []Visit) (counted map[Visit]bool, err error) {
	list = slices.Clone(list)
	slices.SortFunc(list, Visit.compare) // two processes take the rows in one order
	list = slices.Compact(list)
	days, members, visitors := make([]string, len(list)), make([][]byte, len(list)), make([]string, len(list))
	for i, v := range list {
		days[i], members[i], visitors[i] = v.Day, v.Of.Bytes(), v.Visitor
	}
	err = s.Write(ctx, func(t *Tx) error {
		counted = map[Visit]bool{}
		t.Query(qPutVisitor, len(list), func(r Scanner) error {
			var v Visit
			err := r.Scan(&v.Day, &v.Of, &v.Visitor)
			counted[v] = true
			return err
		}, int64(shop), int64(t.Now), days, members, visitors)
		if err := t.Flush(ctx); err != nil {
			return err
		}
		return t.putVisits(ctx, shop, list, counted)
	})
	return counted, err
}

// putVisits adds those who were counted to the sums, one row for each member and day.
func (t *Tx) putVisits(ctx context.Context, shop loyalty.ShopID, sorted []Visit, counted map[Visit]bool) error {
	var (
		members [][]byte
		days    []string
		people  []int64
		last    Visit
	)
	for _, v := range sorted {
		if !counted[v] {
			continue
		}
		v.Visitor = ""
		if len(people) == 0 || v != last {
			members, days, people, last = append(members, v.Of.Bytes()), append(days, v.Day), append(people, 0), v
		}
		people[len(people)-1]++
	}
	t.Rows(qPutVisit, len(people), int64(shop), members, days, people)
	return t.Flush(ctx)
}

// Visits tells how many people looked at a member's page, each once a day.
func (s *Store) Visits(ctx context.Context, shop loyalty.ShopID, of id.Member) (n int64, err error) {
	err = s.Read(ctx, qVisits, func(r Scanner) error { return r.Scan(&n) }, int64(shop), of.Bytes())
	return n, err
}

// SweepInvitations forgets the addresses of invitations that are older than a time, and who
// was counted before a day.
func (s *Store) SweepInvitations(ctx context.Context, shop loyalty.ShopID, older moment.Time, day string) error {
	return s.Write(ctx, func(t *Tx) error {
		t.Rows(qForgetInvited, 1, int64(shop), int64(older))
		t.Rows(qSweepVisitors, 1, int64(shop), day)
		return t.Flush(ctx)
	})
}
