package store

import (
	"context"
	"slices"

	"cagnotte/internal/loyalty"
)

// A page of a search is bounded work, however many members have its words. It begins with the
// longest word, and looks at a few thousand places of the index in the order of it: that fills
// the page unless the words hardly come together. Where it does not, the words are counted,
// up to a bound; the rarest leads, and the members of the next one are listed once instead of
// asked about one by one. Where even those are too many, the page ends where so many places
// were looked at, and says where it stopped.
//
// The word that leads is part of a place: the next page is in the same order even if others
// joined meanwhile and a word is not the rarest any more.

// searchBounds bound a page's work; tests make them small.
type searchBounds struct {
	few    int // places that are looked at before anything is counted
	most   int // places that are looked at one by one
	listed int // members of a word that are listed at once
}

// searchBound was set beforehand and held among a million members; others were not tried.
var searchBound = searchBounds{few: 2_000, most: 6_000, listed: 50_000}

// search is one search on its way.
type search struct {
	s       *Store
	ctx     context.Context
	shop    loyalty.ShopID
	words   []SearchWord // as they were given
	filters []any        // of a roster; nil: none
	down    bool
	limit   int
}

// ordered are the words with the one that leads in front, and the one that is listed behind it
// (below zero: none).
func (q *search) ordered(lead, list int) []SearchWord {
	out := []SearchWord{q.words[lead]}
	if list >= 0 {
		out = append(out, q.words[list])
	}
	for i, w := range q.words {
		if i != lead && i != list {
			out = append(out, w)
		}
	}
	return out
}

// far is the end of a search in its direction.
func (q *search) far() SearchPlace {
	if q.down {
		return SearchPlace{}
	}
	return SearchPlace{Term: last.Key, Member: last.Member}
}

// read reads the results behind a place up to another one, that one included.
func (q *search) read(lead, list int, at, end SearchPlace) (out []SearchPlace, err error) {
	how := searching{words: len(q.words), down: q.down, listed: list >= 0, sift: q.filters != nil}
	err = q.s.Read(q.ctx, qSearch[how], func(r Scanner) error {
		p := SearchPlace{Lead: lead + 1}
		var none int64
		to := []any{&p.Term, &p.Member}
		if how.sift {
			to = []any{&p.Term, &none, &p.Member}
		}
		err := r.Scan(to...)
		out = append(out, p)
		return err
	}, q.args(lead, list, at, end)...)
	return out, err
}

func (q *search) args(lead, list int, at, end SearchPlace) []any {
	words := q.ordered(lead, list)
	w := words[0]
	args := []any{int64(q.shop), int64(q.limit)}
	for _, p := range []SearchPlace{at.within(w.Name), at.within(w.Number), end.within(w.Name), end.within(w.Number)} {
		args = append(args, p.Term, p.Member[:])
	}
	for _, w := range words {
		args = append(args, w.Name, beyond(w.Name), w.Number, beyond(w.Number))
	}
	return append(args, q.filters...)
}

var (
	qSearchEnd = [2]*Q{
		New("member_terms.search.end", searchEnd("a.term < $7 AND (a.term, a.member_id) > ($3, $4)", "k.key < $8 AND (k.key, k.member_id) > ($5, $6)", "")),
		New("member_terms.search.end.down", searchEnd("a.term >= $7 AND (a.term, a.member_id) < ($3, $4)", "k.key >= $8 AND (k.key, k.member_id) < ($5, $6)", " DESC")),
	}
	qSearchCount = New("member_terms.count", `
		SELECT (SELECT COUNT(*) FROM (SELECT a.member_id FROM member_terms a WHERE a.shop_id = $1 AND a.term >= $3 AND a.term < $4 LIMIT $2) AS x)
		  + (SELECT COUNT(*) FROM (SELECT k.member_id FROM member_keys k WHERE k.shop_id = $1 AND k.kind = 'number' AND k.key >= $5 AND k.key < $6 LIMIT $2) AS y) AS n`)
)

// searchEnd finds the place $2 places of the index on, among names and among numbers.
func searchEnd(names, numbers, way string) string {
	return `
		SELECT x.term AS term, x.member_id AS member_id FROM (
		  SELECT a.term, a.member_id FROM member_terms a WHERE a.shop_id = $1 AND ` + names + `
		  ORDER BY a.term` + way + `, a.member_id` + way + ` LIMIT 1 OFFSET $2) AS x
		UNION ALL
		SELECT y.key AS term, y.member_id AS member_id FROM (
		  SELECT k.key, k.member_id FROM member_keys k WHERE k.shop_id = $1 AND k.kind = 'number' AND ` + numbers + `
		  ORDER BY k.key` + way + `, k.member_id` + way + ` LIMIT 1 OFFSET $2) AS y`
}

// window finds the last place that is looked at when so many are; all tells that there are
// not so many.
func (q *search) window(lead int, at SearchPlace, places int) (end SearchPlace, all bool, err error) {
	w := q.words[lead]
	names, numbers, way := beyond(w.Name), beyond(w.Number), 0
	if q.down {
		names, numbers, way = w.Name, w.Number, 1
	}
	a, k := at.within(w.Name), at.within(w.Number)
	end, all = q.far(), true
	err = q.s.Read(q.ctx, qSearchEnd[way], func(r Scanner) error {
		var p SearchPlace
		if err := r.Scan(&p.Term, &p.Member); err != nil {
			return err
		}
		if all = false; p.compare(end) < 0 != q.down {
			end = p
		}
		return nil
	}, int64(q.shop), int64(max(places-1, 0)), a.Term, a.Member[:], k.Term, k.Member[:], names, numbers)
	return end, all, err
}

// count counts the places of each word, up to a bound.
func (q *search) count(upTo int) ([]int, error) {
	out := make([]int, len(q.words))
	for i, w := range q.words {
		err := q.s.Read(q.ctx, qSearchCount, func(r Scanner) error { return r.Scan(&out[i]) },
			int64(q.shop), int64(upTo), w.Name, beyond(w.Name), w.Number, beyond(w.Number))
		if err != nil {
			return nil, err
		}
		out[i] = min(out[i], upTo)
	}
	return out, nil
}

// choose tells which word leads best and which other one is listed (below zero: none).
func (q *search) choose(lead int) (best, list int, err error) {
	b := q.s.bounds
	counts, err := q.count(b.most)
	if err != nil {
		return 0, -1, err
	}
	if best = lead; best < 0 {
		best = rarest(counts, -1)
	}
	if counts[best] < b.most || len(q.words) == 1 {
		return best, -1, nil // it is looked through
	}
	if counts, err = q.count(b.listed); err != nil {
		return 0, -1, err
	}
	if lead < 0 {
		best = rarest(counts, -1)
	}
	if list = rarest(counts, best); counts[best] >= b.listed || counts[list] >= b.listed {
		list = -1
	}
	return best, list, nil
}

// rarest is the index of the smallest count but one; the first of those that are the same.
func rarest(counts []int, but int) int {
	least := -1
	for i, n := range counts {
		if i != but && (least < 0 || n < counts[least]) {
			least = i
		}
	}
	return least
}

// page reads a page behind a place. stopped is the last place that was looked at where that is
// neither the end nor behind a full page.
func (q *search) page(at SearchPlace) (out []SearchPlace, stopped SearchPlace, err error) {
	lead, open := at.Lead-1, at.Term == "" && at.Member.IsZero()
	if lead < 0 || lead >= len(q.words) {
		lead = 0
	}
	if q.down && open {
		at, open = q.start(), false
	}
	end, all, err := q.window(lead, at, q.s.bounds.few)
	if err != nil {
		return nil, stopped, err
	}
	if out, err = q.read(lead, -1, at, end); err != nil || all || len(out) == q.limit {
		return out, stopped, err
	}
	fixed := lead
	if open || searchBug == "back" && q.down {
		fixed = -1
	}
	best, list, err := q.choose(fixed)
	if err != nil {
		return nil, stopped, err
	}
	if best == lead {
		at = end
	} else {
		lead, out = best, nil
	}
	whole := q.limit
	q.limit -= len(out)
	defer func() { q.limit = whole }()
	end, all = q.far(), true
	if list < 0 {
		if end, all, err = q.window(lead, at, q.s.bounds.most); err != nil {
			return nil, stopped, err
		}
	}
	more, err := q.read(lead, list, at, end)
	if out = append(out, more...); err == nil && !all && len(out) < whole {
		stopped = end
		stopped.Lead = lead + 1
		switch {
		case searchBug == "lead":
			stopped.Lead = 1
		case searchBug == "stop" && q.down:
			stopped = SearchPlace{}
		}
	}
	return out, stopped, err
}

// start is where a search begins in its direction.
func (q *search) start() SearchPlace {
	if q.down {
		return SearchPlace{Term: last.Key, Member: last.Member}
	}
	return SearchPlace{}
}

// within is the place, or the nearest one to it among what begins with a text.
func (p SearchPlace) within(begin string) SearchPlace { return p.from(begin).upTo(begin) }

// SearchMembers is a page of the members who have all words (one to MaxSearchWords), each
// as the beginning of a name or number, after a place. Where the words are so common, and come
// together so rarely, that the page is not full after a bounded look, stopped is the place
// after which it goes on; zero otherwise.
func (s *Store) SearchMembers(ctx context.Context, shop loyalty.ShopID, words []SearchWord, after SearchPlace, limit int) (out []Found, stopped SearchPlace, err error) {
	q := &search{s: s, ctx: ctx, shop: shop, words: words, limit: limit}
	places, stopped, err := q.page(after)
	if err != nil || len(places) == 0 {
		return nil, stopped, err
	}
	ids := make([][]byte, len(places))
	for i, p := range places {
		ids[i] = p.Member.Bytes()
	}
	rows, err := s.membersByID(ctx, shop, ids)
	if err != nil {
		return nil, stopped, err
	}
	for _, p := range places {
		if m := rows[p.Member]; m != nil {
			out = append(out, Found{p, m})
		}
	}
	return out, stopped, nil
}

// searchIn is the search of a roster's words.
func (s *Store) searchIn(ctx context.Context, shop loyalty.ShopID, r *Roster, back bool, limit int) *search {
	return &search{s: s, ctx: ctx, shop: shop, words: r.Words, filters: r.filters(), down: back, limit: limit}
}

func (p RosterPlace) searched() SearchPlace { return SearchPlace{p.Key, p.Member, p.Lead} }

func (p SearchPlace) listed() RosterPlace {
	return RosterPlace{Key: p.Term, Member: p.Member, Lead: p.Lead}
}

// everyone reads a page of a search as far as it must look.
func (q *search) everyone(at SearchPlace) ([]SearchPlace, error) {
	if q.down && at == (SearchPlace{}) {
		at = q.start()
	}
	lead := at.Lead - 1
	if lead < 0 || lead >= len(q.words) {
		lead = 0
	}
	return q.read(lead, -1, at, q.far())
}

// number counts the results, up to the limit.
func (q *search) number() (n int, err error) {
	lead, list, err := q.choose(-1)
	if err != nil {
		return 0, err
	}
	how := searching{words: len(q.words), listed: list >= 0, sift: true, count: true}
	err = q.s.Read(q.ctx, qSearch[how], func(r Scanner) error { return r.Scan(&n) }, q.args(lead, list, SearchPlace{}, q.far())...)
	return n, err
}

// RosterLook is RosterPage for a screen: of words it looks at a bounded number of members.
// Where the page is not full then, stopped is the place at which it goes on; zero otherwise.
func (s *Store) RosterLook(ctx context.Context, shop loyalty.ShopID, r Roster, p RosterPlace, back bool, limit int) (out []RosterPlace, stopped RosterPlace, err error) {
	if len(r.Words) == 0 || r.IDs != nil {
		out, err = s.RosterPage(ctx, shop, r, p, back, limit)
		return out, stopped, err
	}
	list, end, err := s.searchIn(ctx, shop, &r, back, limit).page(p.searched())
	for _, x := range list {
		out = append(out, x.listed())
	}
	if back {
		slices.Reverse(out)
	}
	return out, end.listed(), err
}

// SetSearchBounds makes the bounds of a page's work others; for tests.
func (s *Store) SetSearchBounds(few, most, listed int) {
	s.bounds = searchBounds{few, most, listed}
}

// ResetSearchBounds makes them what they are again.
func (s *Store) ResetSearchBounds() { s.bounds = searchBound }
