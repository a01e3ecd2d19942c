package portal

import (
	"net/http"

	"cagnotte/internal/people"
)

// askAppeal shows the form by which any member may ask for a second look, and what came of his
// earlier requests. It is the same for everybody: it tells nobody that something was refused.
func (v *visit) askAppeal() error { return v.showAppeal(http.StatusOK, v.blank()) }

func (v *visit) showAppeal(status int, f *form) error {
	had, err := v.People.AppealsOf(v.ctx, v.shop.ID, v.member.ID)
	if err != nil {
		return err
	}
	return v.show(status, appealView(v, f, had))
}

func (v *visit) appeal() error {
	f, err := v.read("text")
	if err != nil {
		return err
	}
	if _, err := v.People.Appeal(v.ctx, v.shop.ID, v.member.ID, f.values["text"]); f.blame(err) {
		return v.showAppeal(http.StatusUnprocessableEntity, f)
	} else if err != nil {
		return err
	}
	return v.redirect("/appeal")
}

// appealState is the key of the words for how far a request is.
func appealState(a *people.Appeal) string {
	if a.Outcome == "" {
		return "portal.appeal.waits"
	}
	return "portal.appeal." + a.Outcome
}
