package admin

import (
	"net/http"

	"cagnotte/internal/id"
	"cagnotte/internal/people"
)

const perPage = 25

// memberRow is one line of the list.
type memberRow struct {
	*people.Member
	Balances []string
}

// members lists them, or those who are looked for.
func (v *visit) members() error {
	q := v.r.URL.Query().Get("q")
	var list []*people.Member
	var err error
	if q != "" {
		var found []people.Match
		found, err = v.People.Search(v.ctx, v.shop.ID, q, people.Place{}, perPage)
		for _, m := range found {
			list = append(list, m.Who)
		}
	} else {
		list, err = v.People.Members(v.ctx, v.shop.ID, people.Crowd{}, id.Member{}, perPage)
	}
	if err != nil {
		return err
	}
	rows := make([]memberRow, len(list))
	for i, m := range list {
		rows[i].Member = m
		w, err := v.People.Wallet(v.ctx, v.shop.ID, m.ID, v.now())
		if err != nil {
			return err
		}
		for _, b := range w.Units {
			rows[i].Balances = append(rows[i].Balances, v.say.Units(b.Unit, b.Available))
		}
	}
	return v.show(http.StatusOK, membersView(v, q, rows))
}
