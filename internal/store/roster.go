package store

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// The roster is the list of members as people look at it: filtered, in an order, page by
// page. Each order and the widest filters are read from an index of their own, from a place
// on; the other filters are asked of each row on the way.

// Orders of a roster. Every one of them can be read backwards.
const (
	ByMaking = ""       // as they became known
	ByJoined = "joined" // those who have joined
	ByName   = "name"   // those who have one
	ByNumber = "number" // those who have one
)

// Roster says which members a list has, and in which order. What is empty asks for nothing.
type Roster struct {
	Words    []SearchWord // in the order of what they find, whatever Order says
	IDs      [][]byte     // these members alone, in any order
	State    string       // empty: all but those who are somebody else by now
	Group    string
	Tag      string
	Referred int64       // 1: with a referrer, -1: without
	Since    moment.Time // joined from then on
	Until    moment.Time // joined before
	Holds    bool        // something in the wallet
	Review   bool        // a referral of his waits for staff
	Purpose  string      // of Agrees
	Way      string      // of Agrees
	Agrees   int64       // as of what was said last: 1: agrees to be reached so, -1: does not, or never said so
	Field    string      // a term of loyalty.FieldTerm: a value in one of the shop's own fields
	Order    string
	Down     bool // the last first
}

// RosterPlace is a place in a roster: the key that it is ordered by, and the member.
type RosterPlace struct {
	Key    string
	At     moment.Time // of ByJoined
	Member id.Member
	Lead   int // of words: see SearchPlace
}

// IsZero tells whether it is the start.
func (p RosterPlace) IsZero() bool { return p == RosterPlace{} }

// The arguments of every statement of a roster: $1 shop, $2 limit, $3 state, $4 group, $5 tag,
// $6 referred, $7 since, $8 until, $9 holds, $10 review, $11 purpose, $12 way, $13 agrees, $14 field, then
// those of its place.
const rosterArgs = 14

// sifted asks the filters of a member's row m; n is the number of the argument of the state.
func sifted(n int) string {
	return fmt.Sprintf(`
		  AND (CAST($%[1]d AS TEXT) = '' AND m.state <> 'merged' OR m.state = $%[1]d)
		  AND (CAST($%[2]d AS TEXT) = '' OR m.grp = $%[2]d)
		  AND (CAST($%[3]d AS TEXT) = '' OR EXISTS (SELECT 1 FROM tags t WHERE t.shop_id = $1 AND t.member_id = m.id AND t.tag = $%[3]d`+perRow+`))
		  AND (CAST($%[4]d AS BIGINT) = 0
		    OR $%[4]d = 1 AND EXISTS (SELECT 1 FROM referrals f WHERE f.shop_id = $1 AND f.friend_id = m.id AND f.bond`+perRow+`)
		    OR $%[4]d = -1 AND NOT EXISTS (SELECT 1 FROM referrals f WHERE f.shop_id = $1 AND f.friend_id = m.id AND f.bond`+perRow+`))
		  AND (CAST($%[5]d AS BIGINT) = 0 OR m.registered_at >= $%[5]d)
		  AND (CAST($%[6]d AS BIGINT) = 0 OR m.registered_at < $%[6]d)
		  AND (CAST($%[7]d AS BIGINT) = 0 OR EXISTS (SELECT 1 FROM accounts a WHERE a.shop_id = $1 AND a.member_id = m.id AND a.balance > 0`+perRow+`))
		  AND (CAST($%[8]d AS BIGINT) = 0 OR EXISTS (SELECT 1 FROM referrals f WHERE f.shop_id = $1 AND f.friend_id = m.id AND f.state = 'flagged'`+perRow+`))
		  AND (CAST($%[11]d AS BIGINT) = 0 OR ($%[11]d = 1) = COALESCE((SELECT g.given FROM consents g
		    WHERE g.shop_id = $1 AND g.member_id = m.id AND g.purpose = $%[9]d AND g.way = $%[10]d ORDER BY g.at DESC, g.event_id DESC LIMIT 1), FALSE))
		  AND (CAST($%[12]d AS TEXT) = '' OR EXISTS (SELECT 1 FROM member_terms q WHERE q.shop_id = $1 AND q.member_id = m.id AND q.term = $%[12]d`+perRow+`))`,
		n, n+1, n+2, n+3, n+4, n+5, n+6, n+7, n+8, n+9, n+10, n+11)
}

// source is an index from which a roster can be read; its texts hold {<} for the comparison
// with the place and {desc} for the direction.
type source struct {
	name string
	text string
	args func(r *Roster, p RosterPlace) []any
}

var (
	byMember = func(_ *Roster, p RosterPlace) []any { return []any{p.Member[:]} }
	byTerm   = func(_ *Roster, p RosterPlace) []any { return []any{p.Member[:], p.Key} }
)

// nameMark begins the one term of a member that is no word of his: his whole name, by which
// lists are ordered.
const nameMark = loyalty.NameMark

var sources = map[string]*source{
	"id": {"id", `SELECT '' AS term, CAST(0 AS BIGINT) AS at, m.id FROM members m WHERE m.shop_id = $1 AND m.id {<} $15` + sifted(3) + `
		ORDER BY m.id {desc} LIMIT $2`, byMember},
	"state": {"state", `SELECT '' AS term, CAST(0 AS BIGINT) AS at, m.id FROM members m WHERE m.shop_id = $1 AND m.state = $3 AND m.id {<} $15` + sifted(3) + `
		ORDER BY m.id {desc} LIMIT $2`, byMember},
	"group": {"group", `SELECT '' AS term, CAST(0 AS BIGINT) AS at, m.id FROM members m WHERE m.shop_id = $1 AND m.grp = $4 AND m.grp <> '' AND m.id {<} $15` + sifted(3) + `
		ORDER BY m.id {desc} LIMIT $2`, byMember},
	"tag": {"tag", `SELECT '' AS term, CAST(0 AS BIGINT) AS at, m.id FROM tags k JOIN members m ON m.shop_id = $1 AND m.id = k.member_id
		WHERE k.shop_id = $1 AND k.tag = $5 AND k.member_id {<} $15` + sifted(3) + `
		ORDER BY k.member_id {desc} LIMIT $2`, byMember},
	"field": {"field", `SELECT '' AS term, CAST(0 AS BIGINT) AS at, m.id FROM member_terms k JOIN members m ON m.shop_id = $1 AND m.id = k.member_id
		WHERE k.shop_id = $1 AND k.term = $14 AND k.member_id {<} $15` + sifted(3) + `
		ORDER BY k.member_id {desc} LIMIT $2`, byMember},
	// A friend may have several referrals that wait, and few wait at all.
	"review": {"review", `SELECT '' AS term, CAST(0 AS BIGINT) AS at, m.id FROM members m WHERE m.shop_id = $1 AND m.id {<} $15
		  AND m.id IN (SELECT w.friend_id FROM referrals w WHERE w.shop_id = $1 AND w.state = 'flagged')` + sifted(3) + `
		ORDER BY m.id {desc} LIMIT $2`, byMember},
	// Of several times that somebody agreed the last one is his row, if he has not taken it back since.
	"consent": {"consent", `SELECT '' AS term, CAST(0 AS BIGINT) AS at, m.id FROM consents k JOIN members m ON m.shop_id = $1 AND m.id = k.member_id
		WHERE k.shop_id = $1 AND k.purpose = $11 AND k.way = $12 AND k.given AND k.member_id {<} $15
		  AND NOT EXISTS (SELECT 1 FROM consents l WHERE l.shop_id = $1 AND l.member_id = k.member_id AND l.purpose = $11 AND l.way = $12
		    AND (l.at, l.event_id) > (k.at, k.event_id)` + perRow + `)` + sifted(3) + `
		ORDER BY k.member_id {desc} LIMIT $2`, byMember},
	"joined": {"joined", `SELECT '' AS term, m.registered_at AS at, m.id FROM members m
		WHERE m.shop_id = $1 AND m.registered_at >= $17 AND m.registered_at <= $18 AND (m.registered_at, m.id) {<} ($16, $15)` + sifted(3) + `
		ORDER BY m.registered_at {desc}, m.id {desc} LIMIT $2`, func(r *Roster, p RosterPlace) []any {
		until := r.Until
		if until == 0 {
			until = math.MaxInt64
		}
		return []any{p.Member[:], int64(p.At), int64(max(r.Since, 1)), int64(until)}
	}},
	"name": {"name", `SELECT k.term, CAST(0 AS BIGINT) AS at, m.id FROM member_terms k JOIN members m ON m.shop_id = $1 AND m.id = k.member_id
		WHERE k.shop_id = $1 AND k.term >= '` + nameMark + `' AND k.term < '` + beyond(nameMark) + `' AND (k.term, k.member_id) {<} ($16, $15)` + sifted(3) + `
		ORDER BY k.term {desc}, k.member_id {desc} LIMIT $2`, byTerm},
	"number": {"number", `SELECT k.key AS term, CAST(0 AS BIGINT) AS at, m.id FROM member_keys k JOIN members m ON m.shop_id = $1 AND m.id = k.member_id
		WHERE k.shop_id = $1 AND k.kind = 'number' AND (k.key, k.member_id) {<} ($16, $15)` + sifted(3) + `
		ORDER BY k.key {desc}, k.member_id {desc} LIMIT $2`, byTerm},
	"ids": {"ids", `SELECT '' AS term, CAST(0 AS BIGINT) AS at, m.id FROM members m WHERE m.shop_id = $1 AND m.id {{in id:bytea}}` + sifted(3) + ` LIMIT $2`, nil},
}

// read and counted statements of the sources; [1] reads backwards.
var qRoster, qRosterCount = rosterQueries()

func directed(text string, down bool) string {
	turn := [2]string{">", "ASC"}
	if down {
		turn = [2]string{"<", "DESC"}
	}
	return replaceAll(text, "{<}", turn[0], "{desc}", turn[1])
}

func rosterQueries() (read map[string][2]*Q, count map[string]*Q) {
	read, count = map[string][2]*Q{}, map[string]*Q{}
	for name, s := range sources {
		up := New("roster."+name, directed(s.text, false))
		if name == "ids" {
			read[name] = [2]*Q{up, up}
			continue
		}
		read[name] = [2]*Q{up, New("roster."+name+".down", directed(s.text, true))}
		count[name] = New("roster."+name+".count", `SELECT COUNT(*) FROM (`+directed(s.text, false)+`) AS c`)
	}
	return read, count
}

// from names the index that a roster is read from.
func (r *Roster) from() string {
	switch {
	case r.Order != ByMaking:
		return r.Order
	case r.Review:
		return "review"
	case r.Field != "":
		return "field"
	case r.Tag != "":
		return "tag"
	case r.Group != "":
		return "group"
	case r.Agrees == 1:
		return "consent"
	case r.Since != 0 || r.Until != 0:
		return "joined"
	case r.State != "":
		return "state"
	}
	return "id"
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func (r *Roster) filters() []any {
	return []any{r.State, r.Group, r.Tag, r.Referred, int64(r.Since), int64(r.Until), flag(r.Holds), flag(r.Review), r.Purpose, r.Way, r.Agrees, r.Field}
}

// last is the place behind every other one.
var last = RosterPlace{Key: beyond("\U0010FFFF"), At: math.MaxInt64, Member: id.Member(bytes.Repeat([]byte{0xff}, 16))}

// query gives the statement of a page behind a place, with its arguments, where no words
// are looked for. back reads towards the start instead.
func (r *Roster) query(shop loyalty.ShopID, p RosterPlace, back bool, limit int) (*Q, []any) {
	down := r.Down != back
	if p.IsZero() && down {
		p = last
	}
	way := flag(down)
	s := sources[r.from()]
	args := append([]any{int64(shop), int64(limit)}, r.filters()...)
	return qRoster[s.name][way], append(args, s.args(r, p)...)
}

// RosterPage is a page of a roster behind a place (zero: from its start), in its order; back
// gives the page before the place instead. Of ids alone it gives all at once.
func (s *Store) RosterPage(ctx context.Context, shop loyalty.ShopID, r Roster, p RosterPlace, back bool, limit int) (out []RosterPlace, err error) {
	scan := func(row Scanner) error {
		var x RosterPlace
		err := row.Scan(&x.Key, &x.At, &x.Member)
		out = append(out, x)
		return err
	}
	if r.IDs != nil {
		args := append([]any{int64(shop), int64(len(r.IDs))}, r.filters()...)
		err = s.ReadRows(ctx, qRoster["ids"][0], len(r.IDs), scan, append(args, r.IDs)...)
		return out, err
	}
	if len(r.Words) > 0 {
		found, err := s.searchIn(ctx, shop, &r, back, limit).everyone(p.searched())
		for _, x := range found {
			out = append(out, x.listed())
		}
		if back {
			slices.Reverse(out)
		}
		return out, err
	}
	q, args := r.query(shop, p, back, limit)
	err = s.Read(ctx, q, scan, args...)
	if back {
		slices.Reverse(out)
	}
	return out, err
}

// RosterCount counts the members of a roster, up to a limit.
func (s *Store) RosterCount(ctx context.Context, shop loyalty.ShopID, r Roster, limit int) (n int, err error) {
	if r.IDs != nil {
		list, err := s.RosterPage(ctx, shop, r, RosterPlace{}, false, limit)
		return len(list), err
	}
	if len(r.Words) > 0 {
		return s.searchIn(ctx, shop, &r, false, limit).number()
	}
	r.Down = false
	_, args := r.query(shop, RosterPlace{}, false, limit)
	err = s.Read(ctx, qRosterCount[r.from()], func(row Scanner) error { return row.Scan(&n) }, args...)
	return n, err
}

// MembersByIDs reads members in the order of their ids as given; whoever is not there is
// missing.
func (s *Store) MembersByIDs(ctx context.Context, shop loyalty.ShopID, ids []id.Member) ([]*MemberRow, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := s.membersByID(ctx, shop, bytesOfIDs(ids))
	if err != nil {
		return nil, err
	}
	out := make([]*MemberRow, 0, len(ids))
	for _, m := range ids {
		if row := rows[m]; row != nil {
			out = append(out, row)
		}
	}
	return out, nil
}

func bytesOfIDs(ids []id.Member) [][]byte {
	out := make([][]byte, len(ids))
	for i, m := range ids {
		out[i] = m.Bytes()
	}
	return out
}
